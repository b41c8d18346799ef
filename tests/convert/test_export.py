"""Networks as PyTorch source, Graphviz text, ONNX and JSON."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from torch import nn

import cnncost
from cnncost import CnncostError, Graph, GraphBuilder
from cnncost.convert.source.units import MODULE_NAMES
from cnncost.layers import catalogue
from cnncost.layers.base import Example, Layer
from cnncost.measure.inputs import inputs_of
from tests.command_line import cnncost as command_line
from tests.round_trips import in_again, module_of, of_each_family, out_of, weights

GOOD = [(cls, e) for cls in catalogue().values() for e in cls.examples if not e.fails and cls.cost_known]

TINY = """
name: tiny
input: [3, 32, 32]
params: {widths: [32, 64, 128], classes: 10}
blocks:
  conv(out): Conv2d(out, 3, padding=1, bias=False) >> BatchNorm2d >> ReLU
  stage(out): 2 * conv(out) >> MaxPool2d(2)
layers:
  - stage1: stage(widths[0])
  - stage2: stage(widths[1])
  - stage3: stage(widths[2])
  - head: AdaptiveAvgPool2d(1) >> Flatten >> Linear(classes)
"""


def source_of(text: str) -> str:
    """The PyTorch source of a spec."""
    return str(cnncost.export(cnncost.load_text(text)))


def graph_of(cls: type[Layer], example: Example) -> Graph:
    """A network of one layer, in a stage."""
    shapes = example.in_shapes or ((3,),)
    inputs = {f"in{number}": shape for number, shape in enumerate(shapes)}
    builder = GraphBuilder("net", input=inputs if len(inputs) > 1 else shapes[0])
    given = inputs if len(inputs) > 1 else ("input",)
    builder.add("stage.inner", example.call, *(given if cls.takes_input else ()))
    return builder.graph()


def test_every_layer_is_written() -> None:
    """The source of each example of each layer has its weights and makes its shape."""
    for cls, example in GOOD:
        graph = graph_of(cls, example)
        module = module_of(graph, str(cnncost.export(graph)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of padding='same' with even kernels
            made = module.eval()(*inputs_of(graph, device="meta"))
        assert tuple(made.shape[1:]) == graph.nodes[-1].out_shape, example.call
        found = {name: tuple(value.shape) for name, value in module.state_dict().items()}
        assert weights(graph).items() <= found.items(), example.call


@pytest.fixture(scope="module")
def smallest() -> list[Graph]:
    """The first network of each family; those of few layers come first."""
    graphs = [cnncost.load(name) for name in of_each_family()]
    return sorted(graphs, key=lambda graph: len(graph.nodes))


def test_one_network_of_each_family_is_written(smallest: list[Graph], tmp_path: Path) -> None:
    """Sources have the weights of their networks; ruff leaves them as they are and finds nothing wrong."""
    for graph in smallest:
        source = str(cnncost.export(graph))
        (tmp_path / f"{graph.name}.py").write_text(source)
        if len(graph.nodes) < 150:
            found = {n: tuple(value.shape) for n, value in module_of(graph, source).state_dict().items()}
            assert weights(graph).items() <= found.items(), graph.name
    for task in (["format", "--check"], ["check"]):
        command = [sys.executable, "-m", "ruff", *task, "--isolated", "--no-cache", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_small_networks_come_back(smallest: list[Graph]) -> None:
    """The import of a source has the same totals, shapes and receptive fields; reports/ has the whole catalogue."""
    for graph in smallest[:9]:
        module = module_of(graph, str(cnncost.export(graph)))
        assert [*out_of(graph, module), *in_again(graph, module)] == [], graph.name


def test_the_source_of_ten_lines() -> None:
    """A block is a class with its parameters, a chain with numbered parts an nn.Sequential."""
    expected = """class Conv(nn.Module):
    def __init__(self, in_channels, out):
        super().__init__()
        self.Conv2d = nn.Conv2d(in_channels, out, 3, padding=1, bias=False)
        self.BatchNorm2d = nn.BatchNorm2d(out)
        self.ReLU = nn.ReLU()

    def forward(self, x):
        x = self.Conv2d(x)
        x = self.BatchNorm2d(x)
        return self.ReLU(x)


class Stage(nn.Sequential):
    def __init__(self, in_channels, out):
        super().__init__(
            OrderedDict(
                {
                    "0": Conv(in_channels, out),
                    "1": Conv(out, out),
                    "MaxPool2d": nn.MaxPool2d(2),
                }
            )
        )


class Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.stage1 = Stage(3, 32)
        self.stage2 = Stage(32, 64)
        self.stage3 = Stage(64, 128)
        self.head = nn.Sequential(
            OrderedDict(
                AdaptiveAvgPool2d=nn.AdaptiveAvgPool2d(1),
                Flatten=nn.Flatten(),
                Linear=nn.Linear(128, 10),
            )
        )

    def forward(self, x):
        x = self.stage1(x)
        x = self.stage2(x)
        x = self.stage3(x)
        return self.head(x)
"""
    assert source_of(TINY).endswith(expected)


def test_residuals_and_their_flags() -> None:
    """A residual is a plain sum; blocks that differ in their shortcut are one class with a flag."""
    source = str(cnncost.export("resnet50"))
    assert "        x = self.body(x) + self.shortcut(x)\n        return self.ReLU(x)\n" in source
    assert "            Bottleneck(256, 128, stride=2, project=True),\n" in source
    assert "            *[Bottleneck(512, 128) for _ in range(3)],\n" in source
    assert "        if self.residual:\n            y = y + x\n" in str(cnncost.export("mobilenet_v2"))


def test_shared_weights_and_several_inputs() -> None:
    """A branch that is used again is called again; a network of two inputs takes two and returns two outputs."""
    text = """
name: siamese
input: {left: [1, 28, 28], right: [1, 28, 28]}
outputs: [a, score]
layers:
  - a: Conv2d(16, 3) >> ReLU >> Flatten >> Linear(64)
  - ref(right)
  - b: again(a)
  - subtract: {one: ref(a), two: ref(b)}
  - score: Linear(1)
"""
    graph, source = cnncost.load_text(text), source_of(text)
    forward = source[source.index("    def forward(self, left") :]
    lines = ["a = self.a(left)", "x = a - self.a(right)", "score = self.score(x)", "return a, score"]
    assert forward.split("\n")[1:5] == [f"        {line}" for line in lines]
    assert list(out_of(graph, module_of(graph, source))) == []


def test_parts_that_take_another_input_are_run_in_a_loop() -> None:
    """Numbered parts that no nn.Sequential can run are a list; a learned tensor is a module of its own."""
    text = """
name: decoder
input: [4, 8]
blocks:
  cross(heads):
    - add:
        body: MultiheadAttention(heads, key=ref(memory))
        skip: Identity
layers:
  - memory: Linear(8)
  - queries: Parameter((5, 8))
  - decoder: 3 * cross(2)
"""
    source = source_of(text)
    assert "        self.body = nn.MultiheadAttention(8, 2, batch_first=True)\n" in source
    assert "        for module in self.decoder:\n            y = module(y, x)\n        return y\n" in source
    graph = cnncost.load_text(text)
    assert list(out_of(graph, module_of(graph, source))) == []


def test_names_that_are_no_attributes() -> None:
    """Parts whose names cannot follow a dot in Python keep them in the state_dict."""
    text = "name: n\ninput: [3, 8, 8]\nlayers:\n  - 1x1: Conv2d(4, 1)\n  - class: Conv2d(4, 1)\n  - type: Conv2d(4, 1)\n"
    source, graph = source_of(text), cnncost.load_text(text)
    assert 'self.add_module("1x1", nn.Conv2d(3, 4, 1))' in source
    assert 'x = getattr(self, "class")(x)' in source
    assert 'return self._modules["type"](x)' in source
    assert list(out_of(graph, module_of(graph, source))) == []


def test_names_of_every_module_are_known() -> None:
    """The names that an nn.Module has already are those of torch."""
    public = {name for name in dir(nn.Module()) if not name.startswith("_")}
    assert public <= MODULE_NAMES


def test_what_cannot_be_exported() -> None:
    """What PyTorch has no counterpart for is refused by name."""
    own = "types:\n  Own(k):\n    out: [k, ...]\n    macs: 3\nname: n\ninput: [3, 8, 8]\nlayers:\n  - a: Own(4)\n"
    with pytest.raises(
        CnncostError, match=r"^a: Own is a type of the spec's own or of a plugin: PyTorch has no"
    ):
        source_of(own)
    unknown = "name: n\ninput: [3, 8, 8]\nlayers:\n  - a: Unknown('roi_align', (3, 4))\n"
    with pytest.raises(
        CnncostError, match=r"^a: what `roi_align` computes is not known: it cannot be exported"
    ):
        source_of(unknown)
    training = "name: n\ninput: [3, 8, 8]\nlayers:\n  - training: ReLU\n"
    with pytest.raises(
        CnncostError, match=r"^training: torch has a setting `training` in every module: rename"
    ):
        source_of(training)
    with pytest.raises(CnncostError, match=r"^no format `tensorflow`; there are torch, onnx, dot, json"):
        cnncost.export("alexnet", "tensorflow")


def test_the_source_runs_with_torch_alone(tmp_path: Path) -> None:
    """In a fresh process the module makes its output, and nothing of cnncost is imported."""
    path = tmp_path / "net.py"
    assert command_line("export", "lenet5", "-o", str(path)).code == 0
    code = f"""import runpy, sys, torch
names = runpy.run_path({str(path)!r})
print(tuple(names["LeNet5"]()(torch.zeros(2, 1, 32, 32)).shape), "cnncost" in sys.modules)"""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("(2, 10) False\n", "")


def test_dot() -> None:
    """Stages are clusters, shapes are on the arrows; `-d` draws one box per stage."""
    text = "name: n\ninput: [3, 8, 8]\nlayers:\n  - a: Conv2d(4, 3) >> ReLU\n  - b: Function('abs')\n"
    lines = str(cnncost.export(cnncost.load_text(text), "dot")).splitlines()
    assert lines[0] == 'digraph "n" {'
    assert lines[4:] == [
        '  "input" [label="input\\n3×8×8"];',
        '  subgraph "cluster_a.Conv2d" {',
        '    label="a";',
        '    "a.Conv2d" [label="Conv2d\\nConv2d(4, 3)"];',
        '    "a.ReLU" [label="ReLU\\nReLU"];',
        "  }",
        '  "b" [label="b\\nFunction(\'abs\')"];',
        '  "input" -> "a.Conv2d" [label="3×8×8"];',
        '  "a.Conv2d" -> "a.ReLU" [label="4×6×6"];',
        '  "a.ReLU" -> "b" [label="4×6×6"];',
        "}",
    ]
    folded = str(cnncost.export(cnncost.load_text(text), "dot", depth=1)).splitlines()
    assert '  "a" [label="a\\n2 layers"];' in folded
    assert '  "a" -> "b" [label="4×6×6"];' in folded


def test_json_is_that_of_the_table() -> None:
    """`--to json` writes what `table --format json` writes."""
    exported = command_line("export", "lenet5", "--to", "json")
    assert exported == command_line("table", "lenet5", "--format", "json")
    assert json.loads(exported.out)["layers"][0]["inputs"] == ["input"]


def test_the_format_follows_the_ending(tmp_path: Path) -> None:
    """Without `--to`, the ending of -o decides; an unknown one is refused."""
    path = tmp_path / "net.gv"
    assert command_line("export", "lenet5", "-o", str(path)).code == 0
    assert path.read_text(encoding="utf-8").startswith("digraph")
    refused = command_line("export", "lenet5", "-o", str(tmp_path / "net.txt"))
    assert refused.code == 2
    assert refused.err.endswith("use .py, .onnx, .dot, .gv, .json or --to\n")
    wrong = command_line("export", "lenet5", "--to", "torhc")
    assert (
        wrong.err == "cnncost: no format `torhc`; did you mean torch? There are torch, onnx, dot, json\n"
        or wrong.code == 2
    )


def test_onnx(tmp_path: Path) -> None:
    """The ONNX file of a network comes back with the same totals."""
    path = tmp_path / "tiny.onnx"
    path.write_bytes(bytes(cnncost.export(cnncost.load_text(TINY), "onnx")))  # type: ignore[arg-type]
    one, other = (
        cnncost.profile(cnncost.load_text(TINY), convention="macs"),
        cnncost.profile(str(path), convention="macs"),
    )
    assert (one.totals.params, one.totals.macs) == (other.totals.params, other.totals.macs)


def test_onnx_needs_an_exporter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without onnxscript, one line says what to install."""
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    result = command_line("export", "lenet5", "--to", "onnx")
    assert (result.code, result.err) == (
        2,
        "cnncost: onnxscript is not installed: pip install 'cnncost[torch,onnx]'\n",
    )
