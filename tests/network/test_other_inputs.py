"""Layers of several inputs: the first is what enters the layer, the others are given by name."""

from __future__ import annotations

import re

import pytest
import torch
from torch import nn

import cnncost
from cnncost.errors import CnncostError
from cnncost.layers import catalogue
from cnncost.measure import build, verify
from cnncost.network.catalogue import load_text
from cnncost.network.graph import Graph

TRANSFORMER = """\
name: transformer
input: {source: [9, 16], target: [7, 16]}
params: {depth: 2}
blocks:
  decode(heads, hidden):
    - self: TransformerDecoderLayer(heads, hidden, memory=ref(memory))
layers:
  - ref(source)
  - encoder: depth * TransformerEncoderLayer(2, 24)
  - memory: LayerNorm
  - ref(target)
  - decoder: depth * decode(2, 24)
  - LayerNorm
"""


@pytest.fixture(scope="module")
def transformer() -> Graph:
    """torch.nn.Transformer, written in the notation; the second copy of a block is made from the first."""
    return load_text(TRANSFORMER)


def test_further_inputs_are_edges(transformer: Graph) -> None:
    """In the layer's own order, behind the output that enters it, and in copies of a block too."""
    edges = {node.name: node.inputs for node in transformer.nodes}
    assert edges["decoder.0.self"] == ("target", "memory")
    assert edges["decoder.1.self"] == ("decoder.0.self", "memory")


def test_it_is_torchs_transformer(transformer: Graph) -> None:
    """Parameters, and the output from the same weights."""
    theirs = nn.Transformer(16, 2, 2, 2, 24, batch_first=True).eval()
    ours = build(transformer).eval()
    weights = theirs.state_dict()
    assert cnncost.profile(transformer).totals.params == sum(p.numel() for p in theirs.parameters())
    renamed = {
        name: weights[
            re.sub(r"^(en|de)coder\.(\d)\.(self\.)?", r"\1coder.layers.\2.", name)
            .replace("memory.", "encoder.norm.")
            .replace("LayerNorm.", "decoder.norm.")
        ]
        for name in ours.state_dict()
    }
    ours.load_state_dict(renamed)
    source, target = torch.randn(2, 9, 16), torch.randn(2, 7, 16)
    torch.testing.assert_close(ours(source, target), theirs(source, target))


def test_verification_knows_further_inputs() -> None:
    """Offsets and mask, a memory, a pooled map and a second vector: torch says the same of each layer."""
    for items, shape in (
        (
            "DeformConv2d(6, 3, padding=1, offset=Conv2d(18, 3, padding=1), mask=Conv2d(9, 1) >> Sigmoid)",
            "[4, 8, 9]",
        ),
        ("MultiheadAttention(2, key=Linear(6), value=Linear(4))", "[5, 8]"),
        (
            "conv: Conv2d(6, 3)\n  - MaxPool2d(2)\n  - MaxUnpool2d(2, pooled=ref(conv))\n  - Conv2d(3, 3)",
            "[3, 14, 14]",
        ),
        ("Bilinear(10, input2=Linear(5))", "[7]"),
        ("CosineSimilarity(-1, x2=Linear(8))", "[5, 8]"),
        ("Embedding(20, 6)\n  - LSTM(5, proj_size=2)\n  - Select(-1)", "[12]"),
    ):
        checked = verify(load_text(f"input: {shape}\nlayers:\n  - {items}\n"))
        assert checked.mismatches == 0, items
        assert sum(each.same for each in checked.checks) > 5, items


def test_nodes_are_named_below_the_layer() -> None:
    """A branch of one layer takes the input's name; of several, it stands before theirs."""
    call = "DeformConv2d(6, 1, offset=Conv2d(2, 1), mask=Conv2d(1, 1) >> Sigmoid)"
    graph = cnncost.layer_graph(f"Conv2d(4, 1) >> {call}", (3, 8, 8))
    last = graph.nodes[-1]
    assert last.inputs == ("Conv2d", "DeformConv2d.offset", "DeformConv2d.mask.Sigmoid")
    assert (last.in_shapes[0], last.out_shape) == ((4, 8, 8), (6, 8, 8))


def test_none_gives_nothing() -> None:
    """`value=None` is left out, as in Python."""
    graph = cnncost.layer_graph("MultiheadAttention(2, key=Linear(4), value=None)", (5, 8))
    assert graph.nodes[-1].inputs == ("input", "MultiheadAttention.key")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            "MultiheadAttention(2, key=4)",
            "`key` is an input of `MultiheadAttention`: give it layers, as in `key=ref(x)`",
        ),
        (
            "MultiheadAttention(2, value=Linear(4))",
            "`MultiheadAttention` takes `value` behind `key`: give both",
        ),
        (
            "MultiheadAttention(2, keys=Linear(4))",
            "`MultiheadAttention` has no argument `keys`; did you mean key?",
        ),
        (
            "MultiheadAttention(2, kdim=4)",
            "`MultiheadAttention` has no argument `kdim`; the input size is inferred",
        ),
        ("MultiheadAttention(2, key=ref(x))", "`ref(x)`: no earlier layer has this name"),
        ("Linear(2, key=Linear(4))", "`Linear` has no argument `key`"),
        ("Bilinear(3)", "it takes two inputs, not 1: give the other with `input2=ref(name)`"),
        ("MaxUnpool1d(2)", "it takes the map that was pooled as well: `pooled=ref(name)`"),
        ("TransformerDecoderLayer(2)", "it takes a sequence and a `memory`, not 1 input"),
    ],
)
def test_wrong_further_inputs_are_refused(call: str, message: str) -> None:
    """In words that say what to write."""
    with pytest.raises(CnncostError, match=re.escape(message)):
        cnncost.layer_graph(call, (5, 8))


def test_receptive_fields_end_where_a_layer_looks_elsewhere() -> None:
    """Nothing is claimed of a layer whose further inputs say where it looks; before it, all is known."""
    profile = cnncost.profile(
        cnncost.layer_graph("DeformConv2d(4, 3, offset=Conv2d(18, 3)) >> ReLU", (3, 9, 9))
    )
    assert [cost.receptive_field is None for cost in profile.costs] == [False, True, True]


def test_recurrent_layers_see_the_past() -> None:
    """Forwards an output sees itself and all before it; in both directions it sees everything."""
    for call, field in (("LSTM(4)", [(-9, 0), (0, 9)]), ("GRU(4, bidirectional=True)", [(0, 9), (0, 9)])):
        (cost,) = cnncost.profile(cnncost.layer_graph(call, (10, 5))).costs
        assert cost.receptive_field is not None
        assert [cost.receptive_field[0].interval(o) for o in (0, 9)] == field


def test_a_layer_documents_its_further_inputs() -> None:
    """The reference shows them in the call."""
    from cnncost.formulas.reference import call

    shown = call(catalogue()["DeformConv2d"])
    assert shown.endswith("bias=True, offset=…, mask=…)")


def test_the_formula_of_a_type_with_several_inputs_has_them_all() -> None:
    """Each by its name; a merge's are numbered, and a Parameter needs none."""
    from cnncost.formulas.closed_form import closed_form

    for name, inputs, params in (
        ("Bilinear", {"input": "(F_in,)", "input2": "(F_in_2,)"}, "F_out*(F_in*F_in_2 + 1)"),
        (
            "TransformerDecoderLayer",
            {"input": "(T, F)", "memory": "(T_2, F)"},
            "8*F**2 + 2*F*F_ff + 15*F + F_ff",
        ),
        ("Matmul", {"input": "(C_1, L_1)", "input2": "(C_2, L_2)"}, "0"),
        ("Parameter", {"input": "(1,)"}, "25600"),
    ):
        form = closed_form(name)
        assert {key: str(shape) for key, shape in form.inputs.items()} == inputs
        assert str(form.params.factor() if name == "Bilinear" else form.params) == params
    with pytest.raises(CnncostError, match="Bilinear takes 2 inputs: leave out --input"):
        closed_form("Bilinear", input="4")
