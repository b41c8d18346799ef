"""The contract that every layer keeps, over registry × examples, with torch as the reference."""

from __future__ import annotations

import inspect
import itertools
import pickle
import re
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields, replace
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple
from unittest import mock

import numpy
import pytest
import sympy
import torch
from torch import nn

from cnncost.count.profile import profile_graph
from cnncost.deviation.altering import with_rule
from cnncost.dims import Shape, Size, assumptions
from cnncost.errors import CnncostError, NameUnknown
from cnncost.formulas.reference import SECTIONS, documentation, errors, layer_type, reference
from cnncost.layers import MERGES, Layer, Work, catalogue
from cnncost.layers.base import Example, Twin
from cnncost.layers.left_out import LEFT_OUT
from cnncost.layers.shapes import map_axes
from cnncost.measure import build, build_layer
from cnncost.network.catalogue import layer_graph
from cnncost.network.graph_builder import layer_of
from tests.torch_counts import run_counted, same_weights

pytestmark = pytest.mark.filterwarnings(
    # torch tells what 'same' padding with an even kernel costs it; the sizes are right
    "ignore:Using padding='same' with even kernel lengths:UserWarning"
)

LAYERS = catalogue()
EXAMPLES = [(cls, example) for cls in LAYERS.values() for example in cls.examples]
GOOD = [(cls, example) for cls, example in EXAMPLES if not example.fails]
BAD = [(cls, example) for cls, example in EXAMPLES if example.fails]


def title(value: Any) -> str:
    """A test's name from its example."""
    if isinstance(value, Example):
        return f"{value.call} on {' and '.join('x'.join(map(str, shape)) for shape in value.in_shapes)}"
    return getattr(value, "__name__", str(value))


good = pytest.mark.parametrize(("cls", "example"), GOOD, ids=title)
each = pytest.mark.parametrize("cls", LAYERS.values(), ids=title)


def make(cls: type[Layer], example: Example) -> tuple[Layer, Shape]:
    """The layer of an example and its output shape, by way of a spec where a spec can say it."""
    if len(example.in_shapes) > 1 or cls.__name__ in MERGES.values():
        layer, _ = layer_of(cls.__name__, example.call, example.in_shapes[0])
        return layer, layer.out_shape(*example.in_shapes)
    (node,) = layer_graph(example.call, *(example.in_shapes or ((1,),))).nodes
    return node.layer, node.out_shape


class Walk(NamedTuple):
    """What the methods of a layer say of an input."""

    out: Shape
    weights: dict[str, Shape]
    work: Work


def walk(layer: Layer, *in_shapes: Shape) -> Walk:
    """Call each method once."""
    out = layer.out_shape(*in_shapes)
    return Walk(out, layer.weights(*in_shapes), layer.work(in_shapes, out))


# The examples, compared with torch


@good
def test_torch_gives_the_same_shape_weights_and_macs(cls: type[Layer], example: Example) -> None:
    """Output shape, parameters and buffers by name, and multiply-adds are those of the twin."""
    layer, out = make(cls, example)
    weights = layer.weights(*example.in_shapes)
    with torch.device("meta"):
        module = build_layer(layer, *example.in_shapes)
    output, flops = run_counted(module, *example.in_shapes, below=layer.whole_below)
    assert tuple(output.shape[1:]) == out
    same_weights(layer, weights, module)
    assert 2 * layer.work(example.in_shapes, out).macs == flops


@pytest.mark.parametrize(("cls", "example"), BAD, ids=title)
def test_a_bad_example_is_refused_in_its_words(cls: type[Layer], example: Example) -> None:
    """An example that must fail raises its message."""
    with pytest.raises(CnncostError, match=re.escape(example.fails)):
        make(cls, example)


# Three walks of one formula


@good
def test_the_symbolic_walk_agrees(cls: type[Layer], example: Example) -> None:
    """With symbols for sizes and arguments, then numbers for the symbols, the counts are the same."""
    layer, _ = make(cls, example)
    names = Symbols()
    with assumptions() as assumed:
        symbolic = symbolic_arguments(layer, names)
        general = walk(symbolic, *names.shapes(example.in_shapes))
    assert numbers(general, names.values) == walk(layer, *example.in_shapes)
    for condition, rule in assumed:
        assert condition.subs(names.values) == True, rule  # noqa: E712  (sympy's own true)


SIZES = {
    "out_channels",
    "kernel_size",
    "stride",
    "padding",
    "output_padding",
    "dilation",
    "groups",
    "num_groups",
    "num_parameters",
    "num_heads",
    "window_size",
    "unflattened_size",
    "experts",
    "hidden",
    "hidden_size",
    "proj_size",
    "nhead",
    "dim_feedforward",
    "num_embeddings",
    "embedding_dim",
    "top_k",
    "before",
    "after",
    "start",
    "stop",
    "out_features",
    "normalized_shape",
    "output_size",
    "upscale_factor",
    "downscale_factor",
    "scale_factor",
    "size",
}


class Symbols:
    """A symbol for each size, and its value. 0 and 1 stay numbers: they may have a case of their own."""

    def __init__(self) -> None:
        self.values: dict[sympy.Symbol, int] = {}

    def of(self, value: Any) -> Any:
        """The value with symbols instead of its numbers."""
        if isinstance(value, tuple):
            return tuple(map(self.of, value))
        if isinstance(value, bool) or not isinstance(value, int) or value < 2:
            return value
        symbol = sympy.Symbol(f"n{len(self.values)}", integer=True, positive=True)
        self.values[symbol] = value
        return symbol

    def shapes(self, in_shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
        """Shapes with symbols instead of their sizes."""
        return tuple(map(self.of, in_shapes))


def symbolic_arguments(layer: Layer, names: Symbols) -> Layer:
    """The layer with symbols for its size arguments."""
    changes = {name: names.of(value) for name, value in layer.arguments().items() if name in SIZES}
    return replace(layer, **changes) if changes else layer  # type: ignore[type-var]


def numbers(value: Any, values: dict[sympy.Symbol, int]) -> Any:
    """The value with numbers instead of its symbols."""
    if isinstance(value, dict):
        return {name: numbers(v, values) for name, v in value.items()}
    if isinstance(value, (Walk, Work)):
        return type(value)(*(numbers(v, values) for v in value))
    if isinstance(value, tuple):
        return tuple(numbers(v, values) for v in value)
    result = sympy.sympify(value).subs(values)
    assert result.is_Integer, f"{value} leaves {result}"
    return int(result)


@good
def test_the_array_walk_agrees(cls: type[Layer], example: Example) -> None:
    """With arrays for sizes, each entry of a count is that of the int walk."""
    layer, _ = make(cls, example)
    inputs = [example.in_shapes, *larger(layer, example.in_shapes)]
    arrays = tuple(tuple(map(column, *shapes)) for shapes in zip(*inputs, strict=True))
    general = walk(layer, *arrays)
    for i, in_shapes in enumerate(inputs):
        assert entry(general, i) == walk(layer, *in_shapes)


def larger(layer: Layer, in_shapes: tuple[Shape, ...]) -> Iterator[tuple[Shape, ...]]:
    """Other inputs that the layer takes too: larger in all axes, or in the last or first alone."""
    grown = [tuple(n if n == 1 else 2 * n for n in shape) for shape in in_shapes]
    wider = [(*shape[:-1], shape[-1] if shape[-1] == 1 else 3 * shape[-1]) for shape in in_shapes]
    deeper = [(3 * shape[0], *shape[1:]) for shape in in_shapes]
    for candidate in (grown, wider, deeper):
        try:
            walk(layer, *candidate)
        except CnncostError:
            continue
        yield tuple(candidate)


def column(*sizes: int) -> Size:
    """An axis of several inputs: 1 where it is broadcast, else an array of Python's own ints."""
    return 1 if set(sizes) == {1} else numpy.array(sizes, dtype=object)


def entry(value: Any, i: int) -> Any:
    """The value for the i-th input of an array walk."""
    if isinstance(value, dict):
        return {name: entry(v, i) for name, v in value.items()}
    if isinstance(value, (Walk, Work)):
        return type(value)(*(entry(v, i) for v in value))
    if isinstance(value, tuple):
        return tuple(entry(v, i) for v in value)
    return value[i] if isinstance(value, numpy.ndarray) else value


@good
def test_every_axis_of_an_output_is_told(cls: type[Layer], example: Example) -> None:
    """A layer says what each axis of its output is, whatever those of its input are."""
    layer, out = make(cls, example)
    count = len(example.in_shapes[0] if example.in_shapes else ())
    for axes in (layer.in_axes(count), layer.first_axes(count), map_axes(count)) if count else ((),):
        if axes is not None:
            assert len(axes) == count
            assert len(layer.out_axes(axes)) == len(out)


# Twins that torch.nn does not have


def test_attention_gives_torchs_values() -> None:
    """The twin computes what nn.MultiheadAttention computes, under its names."""
    ours = build_layer(LAYERS["MultiheadAttention"](4), (10, 32)).eval()
    theirs = nn.MultiheadAttention(32, 4, batch_first=True).eval()
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(2, 10, 32)
    torch.testing.assert_close(ours(x), theirs(x, x, x)[0])


@pytest.mark.parametrize(
    "options", [{}, {"add_bias_kv": True}, {"add_zero_attn": True, "bias": False}], ids=str
)
@pytest.mark.parametrize("features", [(32,), (32, 32), (32, 12), (32, 12, 6)], ids=str)
def test_attention_to_others_gives_torchs_values(features: tuple[int, ...], options: dict[str, bool]) -> None:
    """To itself, to another sequence, and to one with values of its own, under torch's names."""
    shapes = [(10 if place == 0 else 7, f) for place, f in enumerate(features)]
    ours = build_layer(LAYERS["MultiheadAttention"](4, **options), *shapes).eval()
    _, k, v = (*features, *features[-1:] * (3 - len(features)))
    theirs = nn.MultiheadAttention(32, 4, kdim=k, vdim=v, batch_first=True, **options).eval()
    theirs.load_state_dict(ours.state_dict())
    inputs = [torch.randn(2, *shape) for shape in shapes]
    expected = theirs(*inputs, *inputs[-1:] * (3 - len(inputs)))[0]
    torch.testing.assert_close(ours(*inputs), expected)


@pytest.mark.parametrize(
    "options", [{}, {"norm_first": True, "activation": "gelu"}, {"bias": False}], ids=str
)
@pytest.mark.parametrize("name", ["TransformerEncoderLayer", "TransformerDecoderLayer"])
def test_transformer_layers_give_torchs_values(name: str, options: dict[str, Any]) -> None:
    """In separate steps as in one, under torch's names."""
    shapes = [(10, 16), (7, 16)][: 1 + name.count("Decoder")]
    ours = build_layer(LAYERS[name](2, 24, **options), *shapes).eval()
    theirs = getattr(nn, name)(16, 2, 24, batch_first=True, **options).eval()
    theirs.load_state_dict(ours.state_dict())
    inputs = [torch.randn(2, *shape) for shape in shapes]
    torch.testing.assert_close(ours(*inputs), theirs(*inputs))


@pytest.mark.parametrize(("groups", "offset_groups", "masked"), [(1, 1, False), (2, 1, True), (2, 4, True)])
def test_deformable_convolution_is_that_of_its_paper(groups: int, offset_groups: int, masked: bool) -> None:
    """Each tap is the sum over all positions q of G(q, p)·x(q), Dai et al., equations 2 to 4."""
    c, h, w, taps = 4, 5, 6, 6
    layer = LAYERS["DeformConv2d"](6, (3, 2), (2, 1), (1, 0), (1, 2), groups)
    _, *out = layer.out_shape((c, h, w), (2 * taps, 3, 4))
    x, offset = torch.randn(1, c, h, w), 2 * torch.randn(1, 2 * taps * offset_groups, *out)
    mask = torch.rand(1, taps * offset_groups, *out) if masked else None
    inputs = [each for each in (x, offset, mask) if each is not None]
    module = build_layer(layer, *(tuple(each.shape[1:]) for each in inputs))
    expected = torch.zeros(1, 6, *out)
    for o, (row, column), i, (u, v) in itertools.product(
        range(6),
        itertools.product(*map(range, out)),
        range(c // groups),
        itertools.product(range(3), range(2)),
    ):
        channel = i + o // (6 // groups) * (c // groups)
        at = (channel // (c // offset_groups)) * taps + 2 * u + v
        y = 2 * row - 1 + u + offset[0, 2 * at, row, column]
        z = column + 2 * v + offset[0, 2 * at + 1, row, column]
        near = (1 - (torch.arange(h) - y).abs()).clamp(min=0)[:, None] * (
            1 - (torch.arange(w) - z).abs()
        ).clamp(min=0)
        weight = module.weight[o, i, u, v] * (1 if mask is None else mask[0, at, row, column])
        expected[0, o, row, column] += weight * (near * x[0, channel]).sum()
    expected += module.bias.view(-1, 1, 1)
    torch.testing.assert_close(module(*inputs), expected)


def test_deformable_convolution_has_torchvisions_weights(torchvision: ModuleType) -> None:
    """Their names and shapes."""
    theirs = torchvision.ops.DeformConv2d(4, 6, (3, 2), groups=2)
    same_weights(
        LAYERS["DeformConv2d"](6, (3, 2), groups=2),
        LAYERS["DeformConv2d"](6, (3, 2), groups=2).weights((4, 9, 9)),
        theirs,
    )


def test_a_bilinear_layer_gives_torchs_values() -> None:
    """As two products."""
    ours, theirs = build_layer(LAYERS["Bilinear"](3), (2, 5), (2, 7)), nn.Bilinear(5, 7, 3)
    theirs.load_state_dict(ours.state_dict())
    x, y = torch.randn(4, 2, 5), torch.randn(4, 2, 7)
    torch.testing.assert_close(ours(x, y), theirs(x, y))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_unpooling_puts_values_where_the_pool_found_them(axes: int) -> None:
    """With the map that was pooled, it is torch's unpooling with the pool's indices."""
    pool = getattr(nn, f"MaxPool{axes}d")(3, 2, padding=1, return_indices=True)
    x = torch.randn(2, 4, *(8, 9, 7)[:axes])
    pooled, places = pool(x)
    expected = getattr(nn, f"MaxUnpool{axes}d")(3, 2, padding=1)(pooled, places, x.shape)
    ours = build_layer(LAYERS[f"MaxUnpool{axes}d"](3, 2, 1), tuple(pooled.shape[1:]), tuple(x.shape[1:]))
    assert torch.equal(ours(pooled, x), expected)


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_the_last_states_are_positions_of_the_output(kind: str) -> None:
    """As the documentation says: the last step forwards, the first step backwards."""
    call = f"{kind}(5, bidirectional=True)"
    layer = LAYERS[kind](5, bidirectional=True)
    module, x = build_layer(layer, (7, 3)), torch.randn(2, 7, 3)
    _, states = type(module).__mro__[1].forward(module, x)
    forwards, backwards = states[0] if kind == "LSTM" else states
    for part, state in (
        ("Slice(0, 5, dim=2) >> Select(-1)", forwards),
        ("Slice(5, dim=2) >> Select(0)", backwards),
    ):
        graph = layer_graph(f"{call} >> {part}", (7, 3))
        network = build(graph)
        network.load_state_dict({f"{kind}.{name}": weight for name, weight in module.state_dict().items()})
        torch.testing.assert_close(network(x), state)


def test_attention_pooling_gives_torchs_values() -> None:
    """It is nn.MultiheadAttention with one query, which is learned."""
    ours = build_layer(LAYERS["AttentionPool"](4), (10, 32)).eval()
    theirs = nn.MultiheadAttention(32, 4, batch_first=True).eval()
    weights = ours.state_dict()
    query = weights.pop("query").expand(2, -1, -1)
    theirs.load_state_dict(weights)
    x = torch.randn(2, 10, 32)
    torch.testing.assert_close(ours(x), theirs(query, x, x)[0][:, 0])


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("ShiftedWindowAttention", "ScaledDotProductAttention"),
        ("ShiftedWindowAttentionV2", "CosineAttention"),
    ],
)
@pytest.mark.parametrize("shift", [(0, 0), (2, 1)])
@pytest.mark.parametrize("size", [(8, 6), (7, 5), (4, 9)])
def test_windows_give_torchvisions_values(
    name: str, layer: str, size: tuple[int, int], shift: tuple[int, int], torchvision: ModuleType
) -> None:
    """Cut, projected, attended, projected and put together: Swin's attention, also where it pads."""
    theirs = getattr(torchvision.models.swin_transformer, name)(8, [4, 3], list(shift), 2).eval()
    n = -(-size[0] // 4) * -(-size[1] // 3)
    cut = build_layer(LAYERS["WindowPartition"]((4, 3), shift), (*size, 8))
    attend = build_layer(LAYERS[layer](2, (4, 3), shift, size), (n, 12, 24))
    join = build_layer(LAYERS["WindowReverse"]((4, 3), size, shift), (n, 12, 8))
    for weight in theirs.state_dict():
        if weight == "relative_position_index":
            assert torch.equal(theirs.relative_position_index.view(12, 12), attend.relative_position_index)
        elif "." not in weight or weight.startswith("cpb"):
            attend.state_dict()[weight].copy_(theirs.state_dict()[weight])
    if layer == "CosineAttention":
        torch.testing.assert_close(attend.relative_coords_table, theirs.relative_coords_table)
        with torch.no_grad():
            theirs.qkv.bias[8:16] = 0  # it leaves the keys without biases
    x = torch.randn(2, *size, 8)
    ours = join(theirs.proj(attend(theirs.qkv(cut(x)))))
    torch.testing.assert_close(ours, theirs(x))


@pytest.mark.parametrize("shift", [0, 2])
@pytest.mark.parametrize("grid", [False, True])
@pytest.mark.parametrize("size", [(8, 6), (7, 5)])
def test_windows_come_together_again(size: tuple[int, int], grid: bool, shift: int) -> None:
    """A map that is cut and put together is the map."""
    x = torch.randn(2, *size, 3)
    cut = build_layer(LAYERS["WindowPartition"]((4, 3), shift, grid), (*size, 3))
    join = build_layer(LAYERS["WindowReverse"]((4, 3), size, shift, grid), (4, 12, 3))
    assert torch.equal(join(cut(x)), x)


def test_a_grid_spreads_its_tokens(torchvision: ModuleType) -> None:
    """MaxViT's grid of 2×3 on 4×6 positions takes every second row and column, torchvision's in its order."""
    x = torch.arange(24).float().view(1, 4, 6, 1)
    cut = build_layer(LAYERS["WindowPartition"]((2, 3), grid=True), (4, 6, 1))
    assert cut(x)[0, 0, :, 0].tolist() == [0, 2, 4, 12, 14, 16]
    square = torch.randn(1, 6, 6, 2)
    theirs = torchvision.models.maxvit.WindowPartition()(square.permute(0, 3, 1, 2), 2).swapaxes(-2, -3)
    ours = build_layer(LAYERS["WindowPartition"](3, grid=True), (6, 6, 2))(square)
    assert torch.equal(ours, theirs)


def test_experts_are_those_that_the_router_chooses() -> None:
    """Token by token: the two largest shares, each times what its expert makes of the token."""
    module = build_layer(LAYERS["MixtureOfExperts"](4, 5, 2), (3, 6))
    for bias in (module.up.bias, module.down.bias):
        nn.init.normal_(bias)
    x = torch.randn(1, 3, 6)
    expected = torch.zeros_like(x)
    for t, token in enumerate(x[0]):
        shares = module.router(token).softmax(0)
        for e in shares.argsort(descending=True)[:2]:
            hidden = nn.functional.gelu(token @ module.up.weight[e] + module.up.bias[e, 0])
            expected[0, t] += shares[e] * (hidden @ module.down.weight[e] + module.down.bias[e, 0])
    torch.testing.assert_close(module(x), expected)


@pytest.mark.parametrize(("mode", "outcomes"), [("row", 2), ("batch", 1)])
def test_stochastic_depth_drops_rows_or_the_batch(mode: str, outcomes: int) -> None:
    """In training a sample is gone or scaled to keep its mean; in inference nothing changes."""
    module = build_layer(LAYERS["StochasticDepth"](0.5, mode), (3, 2))
    x = torch.ones(200, 3, 2)
    values = module.train()(x).flatten(1).unique(dim=0)
    assert len(values) == outcomes
    assert set(values.flatten().tolist()) <= {0.0, 2.0}
    assert module.eval()(x) is x


@pytest.mark.parametrize(("size", "start"), [(8, 0), (7, 0), (6, 1), (5, 2), (4, 2), (3, 2), (1, 4)])
def test_a_crop_begins_where_torchvisions_does(size: int, start: int) -> None:
    """Of 8 positions; a half is rounded to the even number."""
    n = 8
    crop = LAYERS["CenterCrop"](size)
    rows = build_layer(crop, (1, n, n))(torch.arange(n).float().expand(1, 1, n, n))[0, 0, 0]
    assert rows[0] == start
    field = profile_graph(layer_graph(f"CenterCrop({size})", (1, n, n))).costs[0].receptive_field
    assert field is not None
    assert field[1].first == (start,)


# torch.nn, class by class


def test_every_class_of_torch_is_here_or_left_out_with_a_reason() -> None:
    """torch.nn and its quantised rooms; nothing is both, and nothing is left out that torch does not have."""
    rooms = (nn, *(getattr(nn, name) for name in ("quantized", "quantizable", "qat", "intrinsic")))
    theirs = {name for room in rooms for name in modules_of(room) if name not in LAYERS}
    assert theirs == LEFT_OUT.keys()
    assert LEFT_OUT.keys().isdisjoint(LAYERS)
    assert all(reason and reason[-1] != "." for reason in LEFT_OUT.values())


def modules_of(room: Any) -> list[str]:
    """The names of the public modules in one of torch's rooms."""
    classes = ((name, getattr(room, name)) for name in dir(room) if not name.startswith("_"))
    return [name for name, cls in classes if inspect.isclass(cls) and issubclass(cls, nn.Module)]


def test_a_layer_that_is_left_out_says_why() -> None:
    """Where `cnncost layers` is asked for it, and in a spec."""
    for name, reason in LEFT_OUT.items():
        with pytest.raises(
            NameUnknown, match=re.escape(f"cnncost leaves out `{name}` of torch.nn: {reason}")
        ):
            layer_type(f"nn.{name}")
    with pytest.raises(CnncostError, match=re.escape("`MSELoss` of torch.nn: a loss compares")):
        layer_graph("Conv2d(3, 3) >> MSELoss", (3, 8, 8))


# What each class says of itself


@each
def test_zero_is_said_not_inherited(cls: type[Layer]) -> None:
    """Every layer, or its family, states its own shape, weights and work."""
    for method in ("out_shape", "weights", "work"):
        assert getattr(cls, method) is not getattr(Layer, method), method


@each
def test_the_documentation_has_its_sections(cls: type[Layer]) -> None:
    """Written or derived, every layer has all of them; what its docstring writes is in their order."""
    about = reference(cls)
    missing_sections(about.summary, about.sections)
    written = re.findall(r"^    ([A-Z][a-z]+):", cls.__doc__ or "", re.MULTILINE)
    assert written == [name for name in SECTIONS if name in written]


def missing_sections(summary: str, found: dict[str, str]) -> None:
    """Hold a documentation to a one-sentence first line and its sections, in order."""
    assert re.match(r"\S.*\.$", summary), "the first line is no sentence"
    assert [name for name, text in found.items() if text] == list(SECTIONS)
    assert found["Example"].startswith(">>> ")


@each
def test_the_example_runs(cls: type[Layer]) -> None:
    """Typed in Python, it gives what the documentation shows."""
    call, shown = reference(cls).sections["Example"].splitlines()
    assert str(eval(call.removeprefix(">>> "), dict(LAYERS))) == shown


def test_what_a_docstring_leaves_out_is_derived() -> None:
    """From the class it is derived from, the examples, the work, and the name in torch."""
    page = "https://docs.pytorch.org/docs/stable/generated/torch.nn"
    expected = {
        "ReLU6": ("any, unchanged.", "each value takes two comparisons.", f"{page}.ReLU6.html"),
        "Conv3d": (
            "(C, T, H, W) to (`out_channels`, T', H', W').",
            "a multiply-add for each weight at each output; the bias, one addition per output.",
            f"{page}.Conv3d.html",
        ),
        "InstanceNorm3d": (
            "(C, T, H, W), unchanged.",
            "mean and variance of each channel, then a subtraction and a multiplication per value.",
            f"Ulyanov et al., 2016; {page}.InstanceNorm3d.html",
        ),
        "Dropout": (
            "any, unchanged.",
            "nothing: dropout is switched off in inference.",
            f"Srivastava et al., 2014; {page}.Dropout.html",
        ),
    }
    for name, sections in expected.items():
        found = documentation(LAYERS[name])
        assert (found["Shape"], found["Counts"], found["Reference"]) == sections
    assert documentation(LAYERS["Sigmoid"])["Errors"] == "none."
    assert documentation(LAYERS["ReLU"])["Errors"] == "an argument of the wrong kind."
    refused = "`AvgPool3d(5, 1, padding=2)` on 2×5×4×8: its 4 are fewer than `kernel_size` 5."
    assert errors(LAYERS["AvgPool3d"]) == refused


@each
def test_there_are_examples(cls: type[Layer]) -> None:
    """Every layer lists an example that works."""
    assert any(not example.fails for example in cls.examples)


@each
def test_arguments_are_torchs_in_order(cls: type[Layer]) -> None:
    """A layer's arguments have the names, order and defaults of torch's, less the input size."""
    layer, example = next((make(c, e)[0], e) for c, e in GOOD if c is cls)
    inferred = layer.inferred(*example.in_shapes)
    twin = layer.twin(*example.in_shapes)
    if not twin.name:  # an expression, which is compared with torch below
        return
    signature = torch_signature(twin)
    expected = [n for n in signature if n not in inferred]
    given = [f.name for f in cls.parameters() if f.name not in inferred]
    assert given == expected[: len(given)]
    if cls.twin_name or issubclass(cls, LAYERS["LogSoftmax"].__mro__[1]):  # torch guesses a softmax's axis
        return
    for name in cls.defaults().keys() & set(expected):
        assert signature[name].default in (cls.defaults()[name], inspect.Parameter.empty), name


def torch_signature(twin: Twin) -> dict[str, inspect.Parameter]:
    """The arguments of the torch class behind a twin."""
    room, _, name = twin.name.rpartition(".")
    return dict(inspect.signature(getattr(import_module(room), name)).parameters)


@good
def test_str_is_a_call_that_makes_the_same_layer(cls: type[Layer], example: Example) -> None:
    """A layer prints as the call that makes it."""
    layer, _ = make(cls, example)
    assert make(cls, example._replace(call=str(layer)))[0] == layer


def test_a_layer_is_a_frozen_dataclass() -> None:
    """Its fields, `replace` and `inspect.signature` are those of one; it cannot be changed."""
    conv = LAYERS["Conv2d"](8, 3, bias=False)
    assert [f.name for f in fields(conv)][:3] == ["out_channels", "kernel_size", "stride"]  # type: ignore[arg-type]
    assert replace(conv, stride=2) == LAYERS["Conv2d"](8, 3, 2, bias=False)  # type: ignore[type-var]
    assert pickle.loads(pickle.dumps(conv)) == conv
    about = inspect.signature(LAYERS["Conv2d"]).parameters
    assert list(about) == list(conv.arguments())
    assert (about["kernel_size"].default, about["bias"].default) == (inspect.Parameter.empty, True)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'stride'"):
        conv.stride = 2
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'bias'"):
        del conv.bias  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("args", "kwargs", "wrong"),
    [
        ((8, 3, 1, 0, 1, 1, True, "zeros", 9), {}, "too many positional arguments"),
        ((8,), {}, "missing a required argument: 'kernel_size'"),
        ((8, 3), {"out_channels": 8}, "multiple values for argument 'out_channels'"),
        ((8, 3), {"strides": 2}, "got an unexpected keyword argument 'strides'"),
        ((8,), {"strides": 2}, "missing a required argument: 'kernel_size'"),
    ],
)
def test_a_call_that_does_not_fit_is_a_type_error(
    args: tuple[Any, ...], kwargs: dict[str, Any], wrong: str
) -> None:
    """As of any Python call, with the layer's name."""
    with pytest.raises(TypeError, match=f"^Conv2d: {wrong}$"):
        LAYERS["Conv2d"](*args, **kwargs)


# The helpers can fail


def test_walks_that_differ_are_seen() -> None:
    """A formula that branches on a symbol gives another count, and the comparison says so."""

    class Careless(LAYERS["ReLU"], abstract=True):  # type: ignore[misc, valid-type]
        """A comparison more where the height is even, asked of a symbol."""

        def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:  # noqa: ARG002
            return Work(compares=1 if in_shapes[0][1] % 2 == 0 else 2)

    names = Symbols()
    general = walk(Careless(), *names.shapes(((3, 4, 4),)))
    assert numbers(general, names.values) != walk(Careless(), (3, 4, 4))


def test_a_symbol_left_over_is_seen() -> None:
    """Substituting numbers fails where a symbol has none."""
    with pytest.raises(AssertionError, match="leaves"):
        numbers(sympy.Symbol("n"), {})


@pytest.mark.parametrize(
    "other", [nn.Linear(84, 11), nn.Linear(84, 10, bias=False), nn.BatchNorm1d(10)], ids=str
)
def test_weights_that_differ_are_seen(other: nn.Module) -> None:
    """Another shape, a missing bias and an extra buffer each fail."""
    layer = LAYERS["Linear"](10)
    same_weights(layer, layer.weights((84,)), nn.Linear(84, 10))
    with pytest.raises(AssertionError):
        same_weights(layer, layer.weights((84,)), other)


def test_flops_that_differ_are_seen() -> None:
    """The reference counts what runs: half the outputs, half the FLOPs."""
    (_, whole), (_, half) = (run_counted(nn.Linear(84, n), (84,), device="cpu") for n in (10, 5))
    assert whole == 2 * half > 0


@pytest.mark.parametrize(
    ("summary", "changes"),
    [
        ("", {}),
        ("No sentence", {}),
        ("A sentence.", {"Counts": ""}),
        ("A sentence.", {"Example": "Conv2d(3)"}),
    ],
)
def test_missing_sections_are_seen(summary: str, changes: dict[str, str]) -> None:
    """A documentation without a sentence, or without one of its sections, fails."""
    complete = reference(LAYERS["Conv2d"]).sections
    missing_sections("A sentence.", complete)
    with pytest.raises(AssertionError):
        missing_sections(summary, {**complete, **changes})


# Building without torch


def test_without_torch_there_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The measuring room says what to install."""
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    for name in [name for name in sys.modules if name.startswith("cnncost.measure")]:
        monkeypatch.delitem(sys.modules, name)
    room = import_module("cnncost.measure")
    for name in room.__all__:
        with pytest.raises(
            CnncostError, match=re.escape("torch is not installed: pip install 'cnncost[torch]'")
        ):
            getattr(room, name)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        room.nothing  # noqa: B018


def test_a_layer_is_built_where_it_is_asked() -> None:
    """build_layer follows torch's device context, so that a module needs no memory."""
    with torch.device("meta"):
        module = build_layer(LAYERS["Linear"](10), (84,))
    assert all(p.is_meta for p in module.parameters())


# Layers of others

SQUARE = """\
import math
from cnncost.layers import Layer, Work, layer, no_weights

@layer
class {name}(Layer):
    in_place = True
    weights = no_weights("a fixed function")

    def out_shape(self, *in_shapes):
        return in_shapes[0]

    def work(self, in_shapes, out):
        return Work(muls={times} * math.prod(out))
"""


def define(name: str, module: str, times: int = 1) -> None:
    """Define a layer in a module of somebody else."""
    exec(SQUARE.format(name=name, times=times), {"__name__": module})


@pytest.fixture
def own_layers() -> Iterator[None]:
    """What a test defines is forgotten afterwards."""
    with mock.patch.dict(Layer.registry):
        yield


@pytest.mark.usefixtures("own_layers")
def test_a_layer_of_others_is_in_the_catalogue() -> None:
    """Behind cnncost's own; the same class again, as from a notebook's cell, takes its place."""
    define("Square", "mine")
    assert list(catalogue())[-1] == "Square"
    define("Square", "mine", times=3)
    assert catalogue()["Square"]().work(((2, 3),), (2, 3)) == Work(muls=18)


@pytest.mark.parametrize(("name", "first"), [("Square", "mine"), ("Conv2d", "cnncost.layers.conv")])
@pytest.mark.usefixtures("own_layers")
def test_two_layers_of_one_name_are_refused(name: str, first: str) -> None:
    """With both places."""
    define("Square", "mine")
    with pytest.raises(CnncostError, match=f"two layers are named {name}: {first} and others"):
        define(name, "others")


def test_equal_layers_are_one_key() -> None:
    """Made apart they are equal, and pickled, which leaves the kept hash behind; with another rule they differ."""
    first, second = LAYERS["Conv2d"](4, 3), LAYERS["Conv2d"](4, (3, 3))
    assert {first: 1}[second] == 1
    assert "_hash" in vars(first)
    assert pickle.loads(pickle.dumps(first)) == first
    assert "_hash" not in vars(pickle.loads(pickle.dumps(first)))
    other = with_rule(first, in_place=True)
    assert other != first
    assert LAYERS["MaxPool2d"](3) != LAYERS["AvgPool2d"](3)


@pytest.mark.parametrize("dim", [True, "x", 0])
def test_an_axis_is_a_number_other_than_the_batch_s(dim: Any) -> None:
    """Neither True nor a text, though Python takes True for 1."""
    with pytest.raises(CnncostError, match=f"`dim` must be an axis other than the batch's 0, got {dim!r}"):
        LAYERS["Softmax"](dim)


def test_a_scale_for_each_of_three_axes() -> None:
    """Upsample takes one factor per axis of a volume, and no fourth."""
    volume = LAYERS["Upsample"](scale_factor=(2, 3, 4))
    assert volume.out_shape((5, 2, 2, 2)) == (5, 4, 6, 8)
    with pytest.raises(CnncostError, match="`scale_factor` must be a number or one for each axis"):
        LAYERS["Upsample"](scale_factor=(1, 2, 3, 4))
    with pytest.raises(CnncostError, match="`scale_factor` must be a number or a pair, got 3 values"):
        volume.out_shape((5, 2, 2))
