"""Networks made in Python: shapes are inferred, and what does not fit is refused with the layer's name."""

from __future__ import annotations

import pytest

import cnncost
from cnncost import CnncostError, Graph, GraphBuilder, Node
from cnncost.layers.conv import Conv2d
from cnncost.layers.pool import MaxPool2d

SPEC = """
name: net
input: [3, 32, 32]
layers:
  - conv1: Conv2d(16, 3, padding=1)
  - body:
      add:
        main: Conv2d(16, 3, padding=1) >> ReLU
        shortcut: Identity
  - aux: {side: Flatten >> Linear(2)}
  - fc: Flatten >> Linear(10)
"""


@pytest.fixture
def builder() -> GraphBuilder:
    """A builder with one convolution."""
    made = GraphBuilder("net", input=(3, 32, 32))
    made.add("conv1", "Conv2d(16, 3, padding=1)")
    return made


def test_a_network_from_python_is_that_of_a_spec(builder: GraphBuilder) -> None:
    """The same layers and names give the same nodes, and so the same costs."""
    conv = builder.add("body.main.Conv2d", Conv2d(16, 3, padding=1), "conv1")
    relu = builder.add("body.main.ReLU", "ReLU")
    same = builder.add("body.shortcut", "Identity", "conv1")
    both = builder.add("body", "Add", relu, same)
    builder.add("side.Linear", "Linear(2)", builder.add("side.Flatten", "Flatten", both, aux=True), aux=True)
    builder.add("fc.Linear", "Linear(10)", builder.add("fc.Flatten", "Flatten", both))
    graph, other = builder.graph(), cnncost.load_text(SPEC)
    assert conv == "body.main.Conv2d"
    assert graph.nodes == other.nodes
    assert (graph.name, graph.input_shape, graph.output) == (other.name, other.input_shape, other.output)
    assert cnncost.profile(graph).totals == cnncost.profile(other).totals
    assert builder.graph(output="body").output == "body"
    assert GraphBuilder("empty", (3,)).graph().output == "input"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("conv2", "Conv2d(8, 3)", "conv3"), "conv2: no layer `conv3` to take as input; did you mean conv1?"),
        (("conv2", "Conv2d(8, 3)", "x"), "conv2: no layer `x` to take as input; there are input, conv1"),
        (("conv1", "ReLU"), "net has a layer `conv1` already: layer names must be unique"),
        (("input", "ReLU"), "net has a layer `input` already: layer names must be unique"),
        (
            ("a b", "ReLU"),
            "'a b' is not a name for a layer: write letters, digits, `_` and `-`, with dots between the parts",
        ),
        (
            ("a" * 251, "ReLU"),
            f"'{'a' * 58}… is not a name for a layer: write letters, digits, `_` and `-`, with dots between the parts",
        ),
        (
            ("fc", "Linear(10)", "conv1", "input"),
            "fc: Linear(10) on 16×32×32 and 3×32×32: it takes one input, not 2",
        ),
        (
            ("conv2", "Conv2D(8)"),
            "conv2:1:1: Conv2D: no such layer; did you mean Conv2d?\n  1 | Conv2D(8)\n    | ^",
        ),
        (("conv2", "ReLU >> ReLU"), "conv2: `ReLU >> ReLU` is not one layer; add each by itself"),
        (("conv2", "3"), "conv2: `3` is not one layer; add each by itself"),
        (
            ("conv2", Conv2d),
            "conv2: a layer or its call in quotes belongs here, not <class 'cnncost.layers.conv.Conv2d'>; write Conv2d(…)",
        ),
        (
            ("pool", MaxPool2d(40)),
            "pool: MaxPool2d(40) on 16×32×32: the output shrinks to nothing: a size of 32 becomes 0",
        ),
    ],
)
def test_what_does_not_fit_is_refused(
    builder: GraphBuilder, arguments: tuple[str, ...], message: str
) -> None:
    """With the name of the layer, and what to do where there is something."""
    with pytest.raises(CnncostError) as caught:
        builder.add(*arguments)
    assert str(caught.value) == message
    assert [node.name for node in builder.graph().nodes] == ["conv1"]


def test_an_unknown_output_and_an_impossible_input_are_refused(builder: GraphBuilder) -> None:
    """The nearest layer is named; an input is positive whole numbers."""
    with pytest.raises(CnncostError, match=r"^net has no layer `conv`; did you mean conv1\?$"):
        builder.graph(output="conv")
    with pytest.raises(CnncostError, match=r"^an input is a shape of positive whole numbers"):
        GraphBuilder("net", input=(3, 0))


SHAPE, OUT = (3, 8, 8), (4, 6, 6)
CONV = Node("conv", Conv2d(4, 3), ("input",), (SHAPE,), OUT)


@pytest.mark.parametrize(
    ("nodes", "output", "message"),
    [
        (
            (CONV._replace(inputs=("inptu",)),),
            "conv",
            "conv: no earlier layer `inptu` to take as input; did you mean input?",
        ),
        ((CONV, CONV), "conv", "net has two layers of the name `conv`"),
        (
            (CONV._replace(out_shape=(4, 8, 8)),),
            "conv",
            "conv: Conv2d(4, 3) takes 3×8×8 to 4×6×6, the node says 3×8×8 to 4×8×8",
        ),
        (
            (CONV._replace(in_shapes=((3, 9, 9),)),),
            "conv",
            "conv: Conv2d(4, 3) takes 3×8×8 to 4×6×6, the node says 3×9×9 to 4×6×6",
        ),
        (
            (CONV._replace(layer=Conv2d(4, 9)),),
            "conv",
            "conv: Conv2d(4, 9) on 3×8×8: the output shrinks to nothing: a size of 8 becomes 0",
        ),
        ((CONV,), "conf", "net: no layer `conf` to be the output; did you mean conv?"),
    ],
)
def test_a_graph_of_one_s_own_nodes_is_checked(nodes: tuple[Node, ...], output: str, message: str) -> None:
    """Before anything is counted: names, inputs and shapes."""
    with pytest.raises(CnncostError) as caught:
        cnncost.profile(Graph("net", SHAPE, nodes, output=output))
    assert str(caught.value) == message


def test_a_graph_of_right_nodes_is_taken() -> None:
    """It is the same network as that of a builder."""
    graph = Graph("net", SHAPE, (CONV,), output="conv")
    assert cnncost.load(graph) is graph
    assert cnncost.profile(graph).totals.params == 4 * 3 * 9 + 4
    with pytest.raises(CnncostError, match=r"^conv: no earlier layer `x` to take as input$"):
        cnncost.load(graph.replace(nodes=(CONV._replace(inputs=("x",)),)))
