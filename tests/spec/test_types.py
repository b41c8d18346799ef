"""Layers of one's own: an entry of `types:` is a layer like any other, in its spec alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cnncost import load_text, measure, profile
from cnncost.comparison import difference
from cnncost.dims import symbol
from cnncost.errors import CnncostError
from cnncost.formulas.closed_form import closed_form
from cnncost.formulas.explanation import explain
from cnncost.layers import catalogue
from cnncost.network.graph import Graph
from cnncost.spec.reader import parse_spec
from tests.command_line import cnncost

SPEC = """\
name: own
input: [3, 16, 16]
types:
  CoordConv(filters, kernel=3, stride=1, padding=0):
    title: A convolution that also sees where each position is.
    out: [filters, ...]
    window: {kernel: kernel, stride: stride, padding: padding}
    weights: {weight: [filters, in_channels + 2, kernel, kernel], bias: [filters]}
    macs: prod(out_shape) * (in_channels + 2) * kernel ** 2
    adds: prod(out_shape)
  FReLU:
    window: {kernel: 3, padding: 1}
    weights: {weight: [in_channels, 1, 3, 3], gamma: [in_channels], beta: [in_channels]}
    buffers: {running_mean: [in_channels], running_var: [in_channels], num_batches_tracked: [1]}
    macs: 9 * prod(out_shape)
    compares: prod(out_shape)
  GeM:
    out: [in_channels, 1, 1]
    weights: {p: [1]}
    macs: 0
    exps: prod(in_shape) + in_channels
  Tuned(mode='channel'):
    in_place: true
    weights: {weight: "[in_channels if mode == 'channel' else 1]"}
    muls: prod(in_shape)
layers:
  - conv1: Conv2d(8, 3) >> ReLU
  - conv2: CoordConv(12, 5, stride=2, padding=1) >> Tuned >> FReLU
  - conv3: Conv2d(16, 3)
  - pool: GeM >> Flatten
  - fc: Linear(10)
"""
OTHER = """\
name: other
input: [3, 8, 8]
types:
{types}
layers:
{layers}
"""


def spec(types: str, layers: str = "A") -> str:
    """A spec with these types, one a line, and one item."""
    return OTHER.format(types="\n".join(f"  {line}" for line in types.split("\n")), layers=f"  - {layers}")


class CoordConvModule(nn.Module):
    """CoordConv as its authors published it: two more channels, then a convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(10, 12, 5, stride=2, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows, columns = (torch.linspace(-1, 1, n, device=x.device) for n in x.shape[2:])
        grid = torch.stack(torch.meshgrid(rows, columns, indexing="ij")).expand(len(x), -1, -1, -1)
        return self.conv(torch.cat([x, grid], 1))


@pytest.fixture(scope="module")
def own() -> Graph:
    """The network with types of its own."""
    return load_text(SPEC)


def test_a_type_counts_as_its_code_in_pytorch(own: Graph) -> None:
    """Output, parameters and multiply-adds are those of the published module."""
    cost = profile(own).by_name["conv2.CoordConv"]
    with torch.device("meta"):
        module = CoordConvModule()
        counter = FlopCounterMode(display=False)
        with counter:
            out = module(torch.empty(1, 8, 14, 14))
    assert cost.out_shape == tuple(out.shape[1:]) == (12, 6, 6)
    assert cost.params == sum(p.numel() for p in module.parameters())
    assert cost.macs == counter.get_total_flops() // 2
    assert cost.macts == out.numel()


def test_a_type_is_a_layer_everywhere(own: Graph) -> None:
    """Buffers, work, in-place layers and receptive fields are those of any layer."""
    result = profile(own)
    frelu, gem, scale = (result.by_name[name] for name in ("conv2.FReLU", "pool.GeM", "conv2.Tuned"))
    assert (frelu.params, frelu.buffers, frelu.work.compares) == (12 * 11, 25, 12 * 6 * 6)
    assert (scale.memory_bytes, scale.params) == (0, 12)
    assert gem.out_shape == (16, 1, 1)
    assert gem.receptive_field is not None
    sizes = {
        n: result.by_name[n].receptive_field[0].size
        for n in ("conv1.Conv2d", "conv2.CoordConv", "conv2.FReLU")
    }
    assert sizes == {"conv1.Conv2d": 3, "conv2.CoordConv": 7, "conv2.FReLU": 11}
    assert gem.receptive_field[0].size == 21


def test_a_type_takes_letters_and_arrays(own: Graph) -> None:
    """The same formulas run on ints, on symbols and on arrays."""
    layer = own.by_name["conv2.CoordConv"].layer
    h = symbol("H")
    out = layer.out_shape((8, h, h))
    assert out[1].subs({h: 14}) == 6
    sizes = np.array([14, 20], dtype=object)
    shape = (8, sizes, sizes)
    assert layer.out_shape(shape)[1].tolist() == [6, 9]
    assert layer.work((shape,), layer.out_shape(shape)).macs.tolist() == [108000, 243000]


def test_a_type_is_of_its_spec_alone(own: Graph) -> None:
    """No other spec knows it; an equal entry of another spec is the same type."""
    assert "CoordConv" not in catalogue()
    with pytest.raises(CnncostError, match="CoordConv: no such layer"):
        load_text("input: [3, 8, 8]\nlayers: CoordConv(3)")
    again = load_text(f"# a comment moves every line\n{SPEC}", source="again.yaml")
    assert again.nodes == own.nodes
    assert not difference(profile(own), profile(again)).changes
    other = load_text(SPEC.replace("9 * prod", "8 * prod"))
    assert other.by_name["conv2.FReLU"].layer != own.by_name["conv2.FReLU"].layer
    assert [change.names for change in difference(profile(own), profile(other)).changes] == [("conv2.FReLU",)]


def test_explain_and_formula_show_letters(own: Graph) -> None:
    """The worked solution has letters for the arguments; a condition on them is decided by their values."""
    worked = explain(profile(own), "conv2.CoordConv")[0]
    formulas = {q.title: str(q.formula) for q in worked.quantities}
    assert formulas["parameters"] == "K**2*filters*(C + 2) + filters"
    assert {str(q.result) for q in worked.quantities} >= {"3012", "108000", "7"}
    assert explain(profile(own), "conv2.Tuned")[0].cost.params == 12


def test_the_command_line_knows_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`table`, `formula`, `layers` and JSON have them."""
    monkeypatch.chdir(tmp_path)
    with open("own.yaml", "w", encoding="utf-8") as stream:
        stream.write(SPEC)
    conv2 = json.loads(cnncost("table", "own.yaml", "--format", "json").out)["layers"][2]
    assert (conv2["type"], conv2["args"]) == (
        "CoordConv",
        {"filters": 12, "kernel": 5, "stride": 2, "padding": 1},
    )
    form = closed_form("own.yaml", "CoordConv")
    assert str(form.params) == "K**2*filters*(C + 2) + filters"
    row = next(line for line in cnncost("table", "own.yaml", "--all").out.splitlines() if "CoordConv" in line)
    assert row.split()[:8] == ["conv2.CoordConv", "8", "14", "5", "2", "1", "12", "6"]
    assert "has no torch twin" in cnncost("time", "own.yaml").err


def test_verify_skips_what_has_no_twin(own: Graph) -> None:
    """Exactly the nodes without a twin are not checked, with the reason; fields also not behind them."""
    found = measure.verify(own, ("shapes", "params", "macs", "field"))
    assert not found.mismatches
    skipped = {"CoordConv has no torch twin": 1, "FReLU has no torch twin": 1, "GeM has no torch twin": 1}
    assert found["shapes"].not_checked == {**skipped, "Tuned has no torch twin": 1}
    assert found["shapes"].same == 5
    assert found["params"].same == 6
    assert found["field"].not_checked["no torch twin, or behind a layer without one"] == 7
    with pytest.raises(CnncostError, match="CoordConv has no torch twin"):
        measure.build(own, "meta")


@pytest.mark.parametrize(
    ("types", "line", "message"),
    [
        ("A: {macs: A(3)}", 4, "`A` is not a function; a type is made of numbers, not of layers"),
        ("A: {macs: B}\nB: {macs: A}", 4, "`B` is not known in a type; a formula here knows in_channels"),
        ("A: {macs: 9 ** 9 ** 9}", 4, "`9 ** 9 ** 9` is larger than"),
        ("A: {macs: 10 ** 31}", 4, "a number beyond"),
        ("A: {macs: in_channels - 10}", 4, "A: A on 3×8×8: `macs` of `A` is -7: it must be at least 0"),
        ("A: {macs: 1.5}", 4, "`macs` of `A` must be a whole number, got 1.5"),
        ("A: {macs: in_channels / 3}", 4, "`macs` of `A` is 1.0, which is not whole: divide with `//`"),
        ("A: {macs: \"'many'\"}", 4, "`macs` of `A` must be a whole number, got the text 'many'"),
        ("A: {macs: in_shape.x}", 4, "attribute access is not part of the notation"),
        ("A: {macs: 8 // (in_channels - 3)}", 4, "divides by zero"),
        ("A: {macs: 'in_shape[5]'}", 4, "`in_shape[5]`: the list has 3 items"),
        ("A: {weights: 7, macs: 0}", 4, "`weights` of a type must be a mapping"),
        ("A: {weights: {w: [0, 3]}, macs: 0}", 4, "`w` of `A` is 0: it must be at least 1"),
        ("A: {weights: {w: [...]}, macs: 0}", 4, "`...` stands once in `out`, and not in a weight"),
        ("A: {out: [in_channels - 3, ...], macs: 0}", 4, "`out` of `A` is 0: it must be at least 1"),
        ("A: {out: [], macs: 0}", 4, "`out` is a shape, written as a list of sizes"),
        ("A: {out: [1, 2, 3, 4, 5], macs: 0}", 4, "`out` has 5 axes: a shape has at most 4"),
        ("A: {out: [in_shape[0], 1], macs: 0}", 4, "a value with brackets of its own needs quotes"),
        ("A: {out: [10**13], macs: 0}", 6, "beyond 1000000000000"),
        ("Conv2d(x): {macs: 0}", 4, "`Conv2d` is a layer already: the type needs another name"),
        ("add: {macs: 0}", 4, "`add` is a word of the notation already: the type needs another name"),
        ("A: {macs: 0}\nblocks:\n  A: ReLU".replace("\nblocks", "\n@blocks"), 4, "`A` is a block already"),
        ("A: {macs: 0}\nA(x): {macs: 0}", 5, "type `A` is given twice (first in line 4)"),
        ("A(weights): {macs: 0}", 4, "`weights` has a meaning already: the argument needs another name"),
        ("A(x=width): {macs: x}", 4, "`width` is not known in a type; a formula here is made of numbers only"),
        ("A: {mac: 0}", 4, "`mac` is not a key of a type; did you mean macs?"),
        ("A: {flops: 0}", 4, "`flops` is not a key of a type; did you mean macs?"),
        ("A: {out: [3]}", 4, "type `A` says no work: give `macs`, or `macs: 0` where it computes nothing"),
        ("A: 3", 4, "type `A` must be a mapping of `key: value`"),
        ("A: {window: 3, macs: 0}", 4, "`window` is {kernel: 3, stride: 1, padding: 0, dilation: 1}, or whole"),
        ("A: {window: {kernal: 3}, macs: 0}", 4, "`kernal` is not a key of `window`; did you mean kernel?"),
        ("A: {window: {kernel: 0}, macs: 0}", 4, "`kernel` of `A` is 0: it must be at least 1"),
        ("A: {window: {kernel: 30}, macs: 0}", 6, "the output of `A` shrinks to nothing: a size of 8 becomes"),
        ("A: {window: {kernel: [3, 3, 3]}, macs: 0}", 4, "`window` of `A` has 3 axes, and the input has 2"),
        ("A: {window: {kernel: [3, 3], stride: [1, 1, 1]}, macs: 0}", 4, "has lists of other lengths than 3"),
        ("A: {macs: 0, in_place: maybe}", 4, "`in_place` is true or false"),
        ("A: {macs: 0, weights: {w: [1]}, buffers: {w: [1]}}", 4, "`w` is one of `weights` too"),
        ("A(kernel): {macs: kernel}", 6, "`A` needs `kernel`"),
        ("A: {inputs: style, macs: 0}", 4, "`inputs` lists the names of the inputs besides the first"),
        ("A: {inputs: [in], macs: 0}", 4, "`in` has a meaning already: the input needs another name"),
        ("A: {inputs: [8], macs: 0}", 4, "`8` cannot be the name of an input"),
        ("A(x=1): {inputs: [x], macs: x}", 4, "`x` is given twice: an input needs a name of its own"),
        ("A: {inputs: [style], macs: style}", 4, "`style` is not known in a type; did you mean style_shape?"),
        ("A: {inputs: [b, c], macs: 0}", 6, "it takes 3 inputs, not 1: give the others with `b=ref(name), c="),
    ],
)  # fmt: skip
def test_refusals(types: str, line: int, message: str) -> None:
    """What is wrong in a type is one error, at its line."""
    text = spec(types).replace("  @blocks", "blocks")
    with pytest.raises(CnncostError) as caught:
        profile(load_text(text, source="net.yaml"))
    assert message in str(caught.value)
    assert f"net.yaml:{line}:" in str(caught.value)


PAIR = """\
name: pair
input: {content: [8, 16, 16], style: [4, 9, 9]}
types:
  Matched(hidden):
    inputs: [style]
    out: [hidden, ...]
    weights: {weight: [hidden, in_channels, style_channels]}
    macs: prod(out_shape) * in_channels * style_channels
    adds: prod(style_shape)
layers:
  - seen: Conv2d(8, 3)
  - Matched(5, style=ref(style) >> ReLU)
"""


def test_a_type_takes_several_inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Formulas know the shape of each, and no receptive field is known behind it."""
    cost = profile(load_text(PAIR)).by_name["Matched"]
    assert cost.node.in_shapes == ((8, 14, 14), (4, 9, 9))
    assert (cost.out_shape, cost.params) == ((5, 14, 14), 5 * 8 * 4)
    assert (cost.macs, cost.work.adds, cost.receptive_field) == (5 * 14 * 14 * 8 * 4, 4 * 9 * 9, None)
    monkeypatch.chdir(tmp_path)
    Path("pair.yaml").write_text(PAIR, encoding="utf-8")
    form = closed_form("pair.yaml", "Matched")
    assert (str(form.params), str(form.macs)) == ("C*C_2*hidden", "C*C_2*H*W*hidden")
    page = cnncost("layers", "pair.yaml", "Matched").out
    assert "Matched(hidden, style=…)" in page


def test_an_unused_type_is_read() -> None:
    """A type that no layer uses is read and checked like the others."""
    assert list(parse_spec(spec("A(x=3): {macs: x}", "ReLU"), "net.yaml").types) == ["A"]


def test_layers_shows_the_types_of_a_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`layers NAME` lists them, and `layers NAME TYPE` has the formulas of the network's own layers."""
    monkeypatch.chdir(tmp_path)
    Path("own.yaml").write_text(SPEC, encoding="utf-8")
    listed = cnncost("layers", "own.yaml").out
    assert all(name in listed for name in ("CoordConv", "FReLU", "GeM", "Tuned"))
    page = cnncost("layers", "own.yaml", "CoordConv").out
    assert "CoordConv(filters, kernel=3, stride=1, padding=0)" in page
    assert "params           (C + 2) · K² · filters + filters" in page
    assert "no layer `Conv2`" in cnncost("layers", "own.yaml", "Conv2").err
    assert "resnet defines no types of its own" in cnncost("layers", "resnet50").err
    assert cnncost("worksheet", "own.yaml").code == 0
