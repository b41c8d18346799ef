"""Several inputs and several outputs."""

import json

import pytest
import torch

import cnncost
from cnncost.count.receptive_field import receptive_fields
from cnncost.count.remarks import unused
from cnncost.errors import CnncostError
from cnncost.measure import build, verify
from cnncost.network.catalogue import index, load, load_text
from tests.command_line import cnncost as run

SIAMESE = """
name: siamese
input: {left: [1, 105, 105], right: [1, 105, 105]}
layers:
  - encoder:
      - Conv2d(64, 10) >> ReLU >> MaxPool2d(2)
      - Conv2d(128, 7) >> ReLU >> MaxPool2d(2)
      - Conv2d(128, 4) >> ReLU >> MaxPool2d(2)
      - Conv2d(256, 4) >> ReLU
      - Flatten >> Linear(4096) >> Sigmoid
  - other: ref(right) >> again(encoder)
  - distance: subtract(a=ref(encoder), b=ref(other))
  - score: Linear(1) >> Sigmoid
"""

PYRAMID = """
name: pyramid
input: {image: [3, 16, 16], guide: [2, 8, 8]}
layers:
  - p2: Conv2d(4, 3, padding=1)
  - p3: MaxPool2d(2)
  - guided: concat(a=Identity, b=ref(guide))
  - seen: ref(guide) >> Conv2d(4, 3)
outputs: [p2, guided, seen]
"""


def test_a_siamese_network() -> None:
    """Koch's network of 2015 has one encoder for two images: 38 951 745 parameters."""
    profile = cnncost.profile(load_text(SIAMESE))
    assert profile.totals.params == 38_951_745
    assert profile.remarks == ()
    assert profile.graph.inputs == {"left": (1, 105, 105), "right": (1, 105, 105)}
    assert verify(profile.graph, ["shapes", "params", "macs"]).mismatches == 0


def test_a_graph_knows_its_inputs_and_outputs() -> None:
    """One input is called input; the last output is the output."""
    one, several = load("lenet5"), load_text(PYRAMID)
    assert (one.inputs, one.input, one.input_text) == ({"input": (1, 32, 32)}, (1, 32, 32), "1×32×32")
    assert one.outputs == (one.output,)
    assert several.input == {"image": (3, 16, 16), "guide": (2, 8, 8)}
    assert (several.input_shape, several.input_text) == ((3, 16, 16), "image 3×16×16, guide 2×8×8")
    assert (several.outputs, several.output) == (("p2", "guided", "seen.Conv2d"), "seen.Conv2d")
    assert several.replace(output="p2").outputs == ("p2",)
    assert one.replace(input_shape=(1, 28, 28)).inputs == {"input": (1, 28, 28)}


def test_receptive_fields_are_in_the_inputs_that_a_layer_sees() -> None:
    """Inputs of one size lie on top of each other; where they differ, there is no field."""
    graph = load_text(PYRAMID)
    fields = receptive_fields(graph)
    assert {name: field and field[0].size for name, field in fields.items()} == {
        **{"image": 1, "guide": 1, "p2": 3, "p3": 4, "seen.Conv2d": 3},
        **{"guided.a": 4, "guided": None},
    }
    assert [check.mismatches for check in verify(graph, fields=None).checks] == [[]] * 6
    same = graph.replace(inputs={"image": (3, 16, 16), "guide": (2, 16, 16)})
    assert same.size_seen("guided") == (16, 16)


def test_torch_takes_the_inputs_and_returns_the_outputs_in_order() -> None:
    """The module is called with a tensor for each input."""
    outputs = build(load_text(PYRAMID)).eval()(torch.zeros(1, 3, 16, 16), torch.zeros(1, 2, 8, 8))
    assert [tuple(output.shape) for output in outputs] == [(1, 4, 16, 16), (1, 6, 8, 8), (1, 4, 6, 6)]


def test_other_sizes() -> None:
    """Of several inputs, those that are named take another size."""
    graph = load_text(PYRAMID, input={"image": (3, 32, 32), "guide": [2, 16, 16]})
    assert graph.inputs == {"image": (3, 32, 32), "guide": (2, 16, 16)}
    assert load_text(PYRAMID, input=graph.input).inputs == graph.inputs
    bare = load_text(PYRAMID.replace("input:", "# input:"), input=graph.input)
    assert bare.inputs == graph.inputs


WRONG = {
    ("3x8x8",): "pyramid has several inputs, image and guide: say which one, as in image=3x8x8",
    ("imag=3x8x8",): "pyramid has no input `imag`; did you mean image?",
    ("x=3x8x8",): "pyramid has no input `x`; it has image, guide",
    ("image=3x8x8", "3x8x8"): "--input image=3x8x8 3x8x8: give each input once, by its name: left=3x64x64",
    ("image=3x8x8", "image=3x8x8"): "give each input once, by its name",
    ("image=3x8x",): "--input image=3x8x: a shape is written as 3x224x224",
    ("image=3x16x15",): "its branches do not fit: 4×8×7 and 2×8×8",
}


@pytest.mark.parametrize("given, message", WRONG.items(), ids=str)
def test_wrong_sizes(tmp_path, given: tuple[str, ...], message: str) -> None:
    """Each mistake on the command line is one error."""
    file = tmp_path / "pyramid.yaml"
    file.write_text(PYRAMID)
    result = run("table", str(file), *(word for shape in given for word in ("--input", shape)))
    assert (result.code, result.out) == (2, "")
    assert message in result.err


def test_tables_and_json(tmp_path) -> None:
    """The caption names the inputs; JSON has them by name, and the outputs."""
    file = tmp_path / "pyramid.yaml"
    file.write_text(PYRAMID)
    assert "pyramid, input image 3×16×16, guide 2×8×8," in run("table", str(file)).out
    sizes = ("--input", "image=3x32x32", "--input", "guide=2x16x16")
    data = json.loads(run("table", str(file), *sizes, "--format", "json").out)
    assert data["input"] == {"image": [3, 32, 32], "guide": [2, 16, 16]}
    assert (data["outputs"], data["output"]) == (["p2", "guided", "seen.Conv2d"], "seen.Conv2d")
    assert "1×105×105, …" in run("list", "--family", "siamese").out
    one = json.loads(run("table", "lenet5", "--format", "json").out)
    assert (one["input"], one["outputs"], one["layers"][0]["shares"]) == ([1, 32, 32], [one["output"]], None)


def test_forgotten_layers_are_remarked_on() -> None:
    """A layer or an input that nothing uses is legal, but probably a mistake."""
    text = "input: {a: [8, 8, 8], b: [8, 8, 8]}\nlayers: [c: 'Conv2d(64, 3)', d: ref(a) >> ReLU]\n"
    graph = load_text(text)
    assert cnncost.profile(graph).remarks == (
        "Nothing uses the input b",
        "Nothing uses the output of c: name all that the network returns in `outputs:`",
    )
    assert cnncost.profile(load_text(text + "outputs: [c, d, b]\n")).remarks == ()
    many = "layers:\n" + "".join(f"  - c{i}: ref(input) >> ReLU\n" for i in range(6))
    told = cnncost.profile(load_text("input: [8, 8, 8]\n" + many)).remarks[0]
    assert told.startswith("Nothing uses the outputs of c0.ReLU, c1.ReLU, c2.ReLU and 2 more:")


def test_no_network_of_the_catalogue_forgets_a_layer() -> None:
    """All that a network of the catalogue computes is used, or is an output."""
    assert {name: found for name, _ in index() if (found := list(unused(load(name))))} == {}


ERRORS = {
    "input: {a: [3, 8, 8]}\nlayers: [a: ReLU]": "`a` is the network's own input: a layer needs another name",
    "input: {a: [3, 8], b: [3, 8]}\nlayers: [ref(input)]": "`ref(input)`: the inputs are a and b",
    "input: [3, 8]\nlayers: [ReLU]\noutputs: [x]": "`outputs`: no layer has the name `x`",
    "input: [3, 8]\nlayers: [aux: {s: ReLU}, t: ReLU]\noutputs: [s]": "`s` is in a side head, which only training has",
}


@pytest.mark.parametrize("text, message", ERRORS.items(), ids=str)
def test_errors(text: str, message: str) -> None:
    """Names that are taken, or lead nowhere."""
    with pytest.raises(CnncostError) as error:
        load_text(text)
    assert message in str(error.value)


def test_an_output_that_a_variant_leaves_out_is_none() -> None:
    """`outputs` may name an item that is nothing for some params; a name that no item has is an error."""
    spec = PYRAMID.replace("  - p2: ", "  - p1: ReLU if 2 > 3 else None\n  - p2: ")
    assert load_text(spec.replace("outputs: [", "outputs: [p1, ")).outputs == load_text(PYRAMID).outputs
    with pytest.raises(CnncostError, match="`outputs`: no layer has the name `p0`"):
        load_text(spec.replace("outputs: [", "outputs: [p0, "))
