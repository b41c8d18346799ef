from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import onnx
import pytest

import cnncost
from cnncost.convert import import_module
from cnncost.convert.conversion import Conversion
from cnncost.errors import CnncostError
from cnncost.network.builder import build
from tests.command_line import cnncost as run
from tests.convert.small_files import (
    as_tensorflow,
    branching,
    conv,
    entry,
    listed,
    model,
    node,
    quantised,
    saved,
    values,
    weights,
    with_shapes,
    written_out,
)

LIGHT = Path(onnx.__file__).parent / "backend/test/data/light"


def layers(found: Conversion) -> list[str]:
    """The items of the spec."""
    return [line.strip(" -") for line in found.spec.text.partition("layers:\n")[2].splitlines()]


def imported(made: Any, **more: Any) -> Conversion:
    """A model's import, which agrees with the model and reads back as the same graph."""
    found = import_module(made, **more)
    assert (found.checked.different, found.unknown) == ((), ())
    assert build(found.spec).nodes == found.graph.nodes
    return found


def test_a_file_as_tensorflow_writes_it() -> None:
    """SAME padding that is not the same at both ends, and a product with a bias."""
    assert layers(imported(as_tensorflow())) == [
        *("Permute((0, 3, 1, 2))", "ZeroPad2d((0, 1, 0, 1))", "Conv2d(8, 3, stride=2)", "ReLU"),
        *("AdaptiveAvgPool2d(1)", "Flatten", "Linear(10)"),
    ]


def test_shapes_are_folded_and_names_are_the_modules() -> None:
    """What computes a shape is no layer; the batch is taken as 1, which is said."""
    found = imported(with_shapes())
    assert layers(found) == ["features.0: Conv2d(8, 3, bias=False)", "Flatten", "fc: Linear(10)"]
    assert found.remarks == ("The batch of `x` is not fixed (N); one sample is counted",)
    assert found.checked.compared == {"parameters": 3, "shapes": 3, "noted": 0, "macs": 58_016}


def test_a_quantised_file_keeps_its_types_and_costs() -> None:
    """Whole numbers multiply as others do; rounding costs, and weights say what they are stored as."""
    found = imported(quantised())
    assert layers(found) == [
        *("QuantizeLinear", "DequantizeLinear", "Conv2d(8, 3)", "QuantizeLinear"),
        *("Conv2d(4, 1, bias=False)", "QuantizeLinear", "DequantizeLinear"),
    ]
    assert cnncost.profile(found.graph, convention="macs").totals.params == 216 + 8 + 32
    assert found.remarks == ("The weights are quantised to int8 and int32; for their memory: --dtype int8",)


def test_what_older_exporters_write_out_is_put_together() -> None:
    """LayerNorm, attention and GELU of their parts; the same as one layer each."""
    found = imported(written_out())
    assert [node.type for node in found.graph.nodes] == [
        *("LayerNorm", "Linear", "Linear", "Linear", "Permute"),
        *("Matmul", "Scale", "Softmax", "Matmul", "GELU"),
    ]


CASES = {
    "a linear layer of three axes": (
        [node("MatMul", ["x", "k"], ["p"]), node("Add", ["p", "b"], ["y"])],
        [weights("k", 32, 64), weights("b", 64)],
        entry("x", 1, 20, 32),
        ["Linear(64)"],
    ),
    "a factor of a product": (
        [node("Gemm", ["x", "k"], ["y"], alpha=2.0)],
        [weights("k", 32, 64)],
        entry("x", "batch", 32),
        ["Linear(64, bias=False)", "Scale(2.0)"],
    ),
    "a batch of one in a reshape": (
        [node("Reshape", ["x", "a"], ["f"]), node("Reshape", ["f", "b"], ["y"])],
        [listed("a", 1, 768), listed("b", 1, 3, 256)],
        entry("x", 1, 3, 16, 16),
        ["Flatten(start_dim=2)"],
    ),
    "weights among the inputs, as in old files": (
        [node("Conv", ["x", "w"], ["c"]), node("BatchNormalization", ["c", *"sbmv"], ["y"])],
        [conv(), *(weights(name, 8) for name in "sbmv")],
        entry("x", -1, 3, 16, 16),
        ["Conv2d(8, 3, bias=False)", "BatchNorm2d"],
    ),
    "an activation that onnxruntime joins": (
        [
            node(
                "FusedConv", ["x", "w"], ["y"], domain="com.microsoft", activation="Relu", kernel_shape=[3, 3]
            )
        ],
        [conv()],
        entry("x", 1, 3, 16, 16),
        ["Conv2d(8, 3, bias=False)", "ReLU"],
    ),
    "embeddings and a norm": (
        [node("Gather", ["t", "x"], ["e"]), node("LayerNormalization", ["e", "g", "b"], ["y"])],
        [weights("t", 100, 32), weights("g", 32), weights("b", 32)],
        entry("x", "batch", 12, kind=onnx.TensorProto.INT64),
        ["Embedding(100, 32)", "LayerNorm"],
    ),
    "positions in two rows": (
        [node("Gather", ["x", "i"], ["y"], axis=2)],
        [weights("i", 2, 4, dtype="int64")],
        entry("x", 1, 3, 16, 16),
        ["Gather((3, 2, 4, 16), of=768)"],
    ),
    "an LSTM": (
        [node("LSTM", ["t", "W", "R", "B"], ["s"], hidden_size=6), node("Squeeze", ["s", "a"], ["y"])],
        [weights("W", 1, 24, 5), weights("R", 1, 24, 6), weights("B", 1, 48), listed("a", 1)],
        entry("x", 1, 7, 5),
        ["W: LSTM(6)"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_node_is_its_layer(case: str) -> None:
    """Each by itself."""
    nodes, held, given, expected = CASES[case]
    if case == "an LSTM":
        nodes = [node("Transpose", ["x"], ["t"], perm=[1, 0, 2]), *nodes]
    assert layers(imported(model(nodes, held, given))) == expected


@pytest.mark.parametrize("opset", [9, 10, 11, 13, 18, 23])
def test_every_opset_resizes(opset: int) -> None:
    """By factors, which have been in three places."""
    if opset < 10:
        nodes = [node("Upsample", ["x", "by"], ["y"], mode="nearest")]
    else:
        before = ["x"] if opset < 11 else ["x", ""]
        nodes = [node("Resize", [*before, "by"], ["y"], mode="nearest")]
    held = [values("by", 1, 1, 2, 2, dtype="float32")]
    assert layers(imported(model(nodes, held, opset=opset))) == ["Upsample(scale_factor=2)"]


def test_two_inputs_and_outputs_and_shared_weights() -> None:
    """Each input by its name, as a spec can have it; weights of one name are counted once."""
    nodes = [
        node("Conv", ["left", "w"], ["a"]),
        node("Conv", ["right.1", "w"], ["b"]),
        node("Add", ["a", "b"], ["y"]),
        node("Relu", ["a"], ["z"]),
    ]
    sides = [entry(name, 1, 3, "h", "w") for name in ("left", "right.1")]
    found = imported(model(nodes, [conv()], *sides, outputs=("y", "z")), input=(3, 8, 8))
    assert found.graph.inputs == {"left": (3, 8, 8), "right_1": (3, 8, 8)}
    assert found.graph.outputs == ("add", "ReLU")
    assert cnncost.profile(found.graph, convention="macs").totals.params == 216


def test_a_condition_that_is_known_is_followed() -> None:
    """The nodes of its branch are the network's."""
    assert layers(imported(branching(known=True))) == ["ReLU"]


def test_an_unknown_operator_keeps_its_shape(tmp_path: Path) -> None:
    """Where ONNX, or the file, says the shape; `--strict` refuses it."""
    made = model([node("CumSum", ["x", "axis"], ["y"])], [values("axis", 3)])
    found = import_module(made)
    assert (layers(found), found.unknown) == (["Unknown('CumSum', (3, 16, 16), of=768)"], ("CumSum",))
    path = saved(made, tmp_path)
    assert json.loads(run("import", path, "-f", "json").out)["unknown"] == ["onnx.CumSum"]
    assert run("import", path, "--strict").err == f"cnncost: {path} has operators of unknown cost: CumSum\n"


WRONG = {
    "a cycle": (
        model([node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Relu", ["b"], ["y"])], []),
        "a cycle: a Add needs its own output",
    ),
    "nothing makes it": (
        model([node("Add", ["x", "nope"], ["y"], name="sum")], []),
        "Add `sum` takes `nope`, which nothing makes",
    ),
    "made twice": (
        model([node("Relu", ["x"], ["y"]), node("Exp", ["x"], ["y"])], []),
        "two nodes make `y`",
    ),
    "another domain": (
        model([node("Foo", ["x"], ["y"], domain="my.company")], []),
        "a Foo is of the domain my.company, which ONNX does not know, and the file does not say what shape its output `y` has",
    ),
    "no operator": (model([node("Foo", ["x"], ["y"])], []), "a Foo is no operator of opset 17"),
    "depends on values": (
        model([node("NonZero", ["x"], ["y"])], []),
        "the shape of what a NonZero makes depends on values, which an import does not have",
    ),
    "a condition on values": (
        branching(known=False),
        "what a If does depends on values, which an import does not have",
    ),
    "no fixed size": (
        model([node("Relu", ["x"], ["y"])], [], entry("x", "N", 3, "height", "width")),
        "the sizes of the input `x` are not all fixed: 3×height×width; give them, as in --input 3x224x224",
    ),
    "too old": (
        model([node("Relu", ["x"], ["y"])], [], opset=5),
        "operators of opset 5; the oldest that is known is 6",
    ),
    "too new": (
        model([node("Relu", ["x"], ["y"])], [], opset=999),
        f"operators of opset 999; onnx {onnx.__version__} knows them to {onnx.defs.onnx_opset_version()}",
    ),
    "too many axes": (
        model([node("Relu", ["x"], ["y"])], [], entry("x", 1, 2, 3, 4, 5, 6)),
        "the input `x` has 5 axes besides the batch, not 1 to 4",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_imported_is_one_line(case: str) -> None:
    """Where, what rule, what value."""
    made, expected = WRONG[case]
    with pytest.raises(CnncostError) as caught:
        import_module(made)
    assert str(caught.value) == f"small: {expected}"


def test_a_file_that_is_none_is_one_line(tmp_path: Path) -> None:
    """Damaged, empty, of another kind, too large, a folder, none at all."""
    whole = as_tensorflow().SerializeToString()
    bad = {
        "cut": whole[: len(whole) // 2],
        "empty": b"",
        "text": b"no model at all\n" * 9,
        "zip": b"PK\3\4" + b"\0" * 99,
    }
    for name, content in bad.items():
        (tmp_path / f"{name}.onnx").write_bytes(content)
    with (tmp_path / "large.onnx").open("wb") as file:
        file.truncate(3 * 1024**3)
    (tmp_path / "folder.onnx").mkdir()
    rules = {
        **dict.fromkeys(("cut", "text", "zip"), "not an ONNX file, or a damaged one"),
        "empty": "not an ONNX file, or a damaged one: it holds no graph",
        "large": "3.0 GiB; an ONNX file has less than 2 GiB: save it with its weights as external data, which cnncost does not need",
        "folder": "a folder, not an ONNX file",
        "none": "no such file",
    }
    for name, rule in rules.items():
        path = str(tmp_path / f"{name}.onnx")
        with pytest.raises(CnncostError) as caught:
            cnncost.load(path)
        assert str(caught.value) == f"{path}: {rule}"


def test_weights_in_another_file_are_not_needed(tmp_path: Path) -> None:
    """The file beside it may be missing."""
    path = str(tmp_path / "net.onnx")
    made = with_shapes()
    onnx.save(made, path, save_as_external_data=True, location="weights.data", size_threshold=1024)
    os.remove(tmp_path / "weights.data")
    assert cnncost.profile(path, convention="macs").totals.params == 216 + 15_690


def test_a_file_is_a_name_for_every_command(tmp_path: Path) -> None:
    """The import says what it compared; the other commands take the path."""
    path = saved(with_shapes(), tmp_path)
    found = run("import", path, "-o", str(tmp_path / "net.yaml"))
    assert found.code == 0
    assert found.err.splitlines() == [
        "The batch of `x` is not fixed (N); one sample is counted.",
        "net: 3 layers in 6 lines.",
        "The same as in the file: 3 parameters, 3 output shapes.",
    ]
    table = run("table", path, "--format", "csv").out.splitlines()
    assert table[1:] == run("table", str(tmp_path / "net.yaml"), "--format", "csv").out.splitlines()[1:]
    assert run("import", path, "--set", "depth=3").err == (
        f"cnncost: {path}: an ONNX file takes no --set: it is made already\n"
    )
    assert run("table", path, "-i", "3x8").err.endswith("`x` of one sample is 3×16×16, not 3×8\n")


@pytest.mark.parametrize(
    ("name", "macs"),
    [("bvlc_alexnet", 654_560_384), ("resnet50", 4_089_184_256), ("squeezenet", 349_151_936)],
)
def test_files_of_others(name: str, macs: int) -> None:
    """Exports of Caffe2 from 2017, whose weights are computed."""
    found = cnncost.load(str(LIGHT / f"light_{name}.onnx"))
    assert sum(cost.macs for cost in cnncost.profile(found, convention="macs").costs) == macs
