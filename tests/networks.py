"""Random networks: specs drawn as text, each compared with torch in every quantity.

`python -m tests.networks 20000` draws that many, says what differs and ends with the counts; a second
number is the seed. pytest draws some hundreds.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from functools import partial

import torch
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from cnncost.dims import Shape, product
from cnncost.errors import CnncostError
from cnncost.measure import verify
from cnncost.measure.verification.results import Verification
from cnncost.network.catalogue import layer_graph, load_text

ACTIVATIONS = (
    "RReLU",
    "Softshrink(0.1)",
    "ReLU",
    "ReLU6",
    "LeakyReLU(0.2)",
    "PReLU",
    "Hardswish",
    "SiLU",
    "Sigmoid",
    "GELU",
    "Softplus",
)
LARGEST = 6000
"""Values of a map."""


class Draft:
    """A spec as it is being drawn: its lines, what it holds by name, and the shape so far.

    What a piece makes of a shape is asked of cnncost itself: should that be wrong, torch will say so.
    """

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.axes = draw(st.sampled_from((2, 2, 2, 2, 2, 1, 3)))
        self.shape: Shape = (
            self.number(1, 6),
            *(self.number(5, {1: 60, 2: 21, 3: 9}[self.axes]) for _ in range(self.axes)),
        )
        self.layers: list[str] = []
        self.inputs = {"input": self.shape}
        if self.chance(5):  # a second one, at times of another size
            channels = self.number(1, 6)
            other = (
                (channels, *self.shape[1:]) if self.chance(2) else (channels, *self.smaller(self.shape[1:]))
            )
            self.inputs = {"left": self.shape, "right": other}
        self.named: dict[str, Shape] = {name: shape for name, shape in self.inputs.items() if name == "right"}
        self.chains: dict[str, tuple[str, Shape]] = {}
        self.outputs: list[str] = []
        self.params: dict[str, object] = {}
        self.blocks: dict[str, str] = {}

    # What is drawn

    def number(self, low: int, high: int) -> int:
        """A number between two, both included."""
        return self.draw(st.integers(low, high))

    def chance(self, one_in: int = 2) -> bool:
        """True once in `one_in` times, on average."""
        return self.number(1, one_in) == one_in

    def one_of(self, *values: object) -> str:
        """One of these, as text."""
        return str(self.draw(st.sampled_from(values)))

    def sizes(self, low: int, high: int) -> tuple[int, ...]:
        """One number for every axis, or one for each."""
        if self.chance(3):
            return tuple(self.number(low, high) for _ in range(self.axes))
        return (self.number(low, high),) * self.axes

    def smaller(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """Sizes that are a little smaller, but not too small for a window."""
        return tuple(max(n - self.number(0, 3), 5) for n in sizes)

    # Layers of a shape

    def piece(self, shape: Shape) -> str:
        """One layer, whatever it makes of the shape; it may not fit."""
        of_channels = [self.conv, self.conv, self.conv, self.norm, self.transposed, self.passing]
        kinds = [partial(kind, shape) for kind in of_channels]
        kinds += [self.pool, self.activation, self.adaptive, self.upsample, self.padding]
        kinds += [self.two_dimensional] if self.axes == 2 else []
        return self.draw(st.sampled_from(kinds))()

    def conv(self, shape: Shape) -> str:
        """A convolution of any kernel, stride, padding, dilation and number of groups."""
        kernel, out, groups = self.sizes(1, 4), self.number(1, 8), 1
        if self.chance(3):
            groups = int(self.one_of(*(g for g in range(1, shape[0] + 1) if shape[0] % g == 0)))
            out = groups * self.number(1, 2)
        words = [str(out), spelled(kernel)]
        if self.chance(4):
            words += [f"padding='{self.one_of('same', 'valid')}'"]
        elif self.chance(6):
            words += [f"stride={spelled(self.sizes(1, 3))}", "padding='same_tf'"]
        else:
            words += [f"stride={spelled(self.sizes(1, 3))}"] if self.chance(3) else []
            words += (
                [f"padding={spelled(tuple(self.number(0, k) for k in kernel))}"] if self.chance(2) else []
            )
        words += [f"dilation={spelled(self.sizes(1, 3))}"] if self.chance(4) else []
        words += [f"groups={groups}"] if groups > 1 else []
        words += ["bias=False"] if self.chance(3) else []
        words += (
            [f"padding_mode='{self.one_of('reflect', 'replicate', 'circular')}'"] if self.chance(12) else []
        )
        return f"Conv{self.axes}d({', '.join(words)})"

    def transposed(self, shape: Shape) -> str:
        """A transposed convolution."""
        kernel, stride, dilation = self.sizes(1, 4), self.sizes(1, 3), self.sizes(1, 2)
        groups = shape[0] if self.chance(4) else 1
        words = [
            str(groups * self.number(1, 3)),
            spelled(kernel),
            f"stride={spelled(stride)}",
            f"groups={groups}",
        ]
        words += (
            [f"padding={spelled(tuple(self.number(0, k - 1) for k in kernel))}"] if self.chance(2) else []
        )
        more = tuple(self.number(0, max(s, d) - 1) for s, d in zip(stride, dilation, strict=True))
        words += (
            [f"dilation={spelled(dilation)}", f"output_padding={spelled(more)}"] if self.chance(3) else []
        )
        return f"ConvTranspose{self.axes}d({', '.join(words)})"

    def pool(self) -> str:
        """A pool, with ceil mode, padding and dilation."""
        kind, kernel = self.one_of("Max", "Avg"), self.sizes(1, 4)
        words = [spelled(kernel)]
        words += [f"stride={spelled(self.sizes(1, 3))}"] if self.chance(2) else []
        if self.chance(6):
            words += ["padding='same_tf'"]
        elif self.chance(2):
            words += [f"padding={spelled(tuple(self.number(0, k // 2) for k in kernel))}"]
        words += ["ceil_mode=True"] if self.chance(2) else []
        if self.chance(3):
            words += [f"dilation={spelled(self.sizes(1, 2))}" if kind == "Max" else "count_include_pad=False"]
        if self.chance(6):
            words, kind = ["2", *(word for word in words[:2] if "=" not in word or "stride" in word)], "LP"
        return f"{kind}Pool{self.axes}d({', '.join(words)})"

    def padding(self) -> str:
        """Values around a map: zeros, a constant, or its own."""
        kind = self.one_of("Zero", "Constant", "Reflection", "Replication", "Circular")
        sides = tuple(self.number(0, 3) for _ in range(2 * self.axes))
        words = [spelled(sides), *(["0.5"] if kind == "Constant" else [])]
        return f"{kind}Pad{self.axes}d({', '.join(words)})"

    def adaptive(self) -> str:
        """An adaptive pool, to fewer or more outputs."""
        sizes: tuple[int, ...] = self.sizes(1, 7)
        return f"Adaptive{self.one_of('Avg', 'Max')}Pool{self.axes}d({spelled(sizes)})"

    def norm(self, shape: Shape) -> str:
        """A norm, learned or not."""
        n = self.axes
        groups = self.one_of(*(g for g in range(1, shape[0] + 1) if shape[0] % g == 0))
        last = ["LayerNorm", "LayerNorm(bias=False)"] if n > 1 else []  # of two axes they would make tokens
        return self.one_of(
            *last,
            f"BatchNorm{n}d",
            f"BatchNorm{n}d(affine=False)",
            f"BatchNorm{n}d(track_running_stats=False)",
            f"InstanceNorm{n}d(affine=True)",
            f"GroupNorm({groups})",
            "LocalResponseNorm(3)",
        )

    def activation(self) -> str:
        """An activation."""
        return self.one_of(*ACTIVATIONS)

    def passing(self, shape: Shape) -> str:
        """What has no weights, or few."""
        factors = [g for g in range(1, shape[0] + 1) if shape[0] % g == 0]
        return self.one_of(
            "Dropout(0.1)",
            "Identity",
            "Scale(0.5, 1)",
            "LayerScale(0.1)",
            f"Affine(bias={self.one_of(True, False)})",
            "StochasticDepth(0.2)",
            self.reduction(),
            f"ChannelShuffle({self.one_of(*factors)})",
            "Softmax(1)",
            *([f"Linear({self.number(1, 8)})"] if self.axes > 1 else []),
        )

    def reduction(self) -> str:
        """One value for all positions of some axes, which stay."""
        axes = sorted(self.draw(st.sets(st.integers(1, 1 + self.axes), min_size=1)))
        operation = self.one_of("mean", "sum", "max", "min", "var", "std", "norm")
        return f"Reduce('{operation}', dim={axes}, keepdim=True)"

    def upsample(self) -> str:
        """Nearest or linear, by a factor or to a size."""
        mode = self.one_of("nearest", {1: "linear", 2: "bilinear", 3: "trilinear"}[self.axes])
        words = [
            spelled(self.sizes(2, 12)) if self.chance(2) else f"scale_factor={spelled(self.sizes(1, 3))}"
        ]
        words += [f"mode='{mode}'"] if mode != "nearest" else []
        words += ["align_corners=True"] if mode != "nearest" and self.chance(2) else []
        return f"Upsample({', '.join(words)})"

    def two_dimensional(self) -> str:
        """What there is for images only."""
        return self.one_of(
            "PixelShuffle(2)",
            "PixelUnshuffle(2)",
            f"ZeroPad2d(({self.number(0, 2)}, {self.number(0, 3)}, {self.number(0, 1)}, {self.number(0, 2)}))",
            "LayerNorm2d",
            "Softmax2d",
            "DeformConv2d(4, 3, padding=1, offset=Conv2d(18, 3, padding=1), mask=Conv2d(9, 1) >> Sigmoid)",
            "UpsamplingBilinear2d(scale_factor=2)",
            f"CenterCrop({self.number(2, 6)})",
            "Dropout2d(0.1)",
        )

    # Chains that end in a given shape

    def chain(self, shape: Shape, most: int = 3) -> tuple[str, Shape]:
        """One to some layers, those that fit."""
        items = []
        for _ in range(self.number(1, most)):
            item = self.piece(shape)
            after = shape_behind(item, shape)
            if after is not None:
                items.append(item)
                shape = after
        return " >> ".join(items) or "Identity", shape

    def same_size(self, shape: Shape, channels: int | None = None) -> str:
        """A chain that leaves the sizes of the axes alone, and gives this many channels, if asked for."""
        n, k = self.axes, 2 * self.number(0, 2) + 1
        out = channels if channels is not None else self.number(1, 6)
        pool = "Avg" if min(shape[1:]) >= 5 else "Max"  # AvgPool3d refuses a smaller map, though padded
        conv = self.one_of(
            f"Conv{n}d({out}, {k}, padding={k // 2})",
            f"Conv{n}d({out}, 3, padding=2, dilation=2, bias=False) >> BatchNorm{n}d >> ReLU",
            f"Conv{n}d({out}, {self.number(1, 4)}, padding='same')",
            f"MaxPool{n}d(3, 1, padding=1) >> Conv{n}d({out}, 1)",
            f"Conv{n}d({shape[0]}, 3, padding=1, groups={shape[0]}) >> ReLU6 >> Conv{n}d({out}, 1)",
            f"{pool}Pool{n}d(5, 1, padding=2) >> GELU >> Conv{n}d({out}, 1)",
        )
        return f"{conv} >> {self.same_size((out, *shape[1:]), out)}" if self.chance(4) else conv

    def resized(self, old: Shape, new: Shape) -> str:
        """A map of another size, brought to this one."""
        if old[1:] == new[1:]:
            return "Identity"
        size = spelled(new[1:])
        return self.one_of(
            f"AdaptiveAvgPool{self.axes}d({size})",
            f"Upsample({size})",
            f"AdaptiveMaxPool{self.axes}d({size})",
        )

    # Items of the spec

    def add(self, text: str, shape: Shape, name: str = "") -> None:
        """Put an item behind the others; a named one can be referred to."""
        self.layers.append(text)
        self.shape = shape
        if name:
            self.named[name] = shape

    def plain(self, name: str) -> None:
        """A chain, named or not."""
        entering = self.shape
        chain, shape = self.chain(self.shape)
        if self.chance(2):
            self.add(f"- {name}: {chain}", shape, name)
            self.chains[name] = chain, entering
        else:
            self.add(f"- {chain}", shape)

    def residual(self, name: str) -> None:
        """A sum or a mean of branches, in one line or as a section, nested at times."""
        c = self.shape[0] if self.chance(2) else self.number(1, 6)
        shortcut = "Identity" if c == self.shape[0] else f"Conv{self.axes}d({c}, 1)"
        body, kind = (
            self.same_size(self.shape, c),
            self.one_of("add", "add", "add", "mean", "subtract", "maximum"),
        )
        if self.chance(3):
            body = f"{self.same_size(self.shape, c)} >> add(inner={body}, beside=Identity)".replace(
                "inner=", f"inner=Conv{self.axes}d({c}, 1) >> "
            )
            body = body if shape_behind(body, self.shape) else self.same_size(self.shape, c)
        shape = (c, *self.shape[1:])
        if self.chance(2):
            self.add(f"- {name}: {kind}(body={body}, shortcut={shortcut}) >> ReLU", shape)
        else:
            self.add(
                f"- {name}:\n      {kind}:\n        body: {body}\n        shortcut: {shortcut}", shape, name
            )

    def concat(self, name: str) -> None:
        """Two to four branches side by side."""
        branches = {f"b{i}": self.same_size(self.shape) for i in range(self.number(2, 4))}
        if self.chance(3):
            branches["b0"] = "Identity"
        outs = [shape_behind(branch, self.shape) for branch in branches.values()]
        channels = sum(out[0] for out in outs if out)
        if all(outs):
            lines = "".join(f"\n        {key}: {branch}" for key, branch in branches.items())
            self.add(f"- {name}:\n      concat:{lines}", (channels, *self.shape[1:]), name)

    def stack(self, name: str) -> None:
        """Branches side by side along another axis than the channels."""
        axis = self.number(2, 1 + self.axes)
        branch = self.same_size(self.shape, self.shape[0])
        shape = tuple(n * (2 if place == axis else 1) for place, n in enumerate(self.shape, 1))
        if product(shape) <= LARGEST:
            self.add(f"- {name}: concat(dim={axis}, a=Identity, b={branch})", shape, name)

    def constant(self, name: str) -> None:
        """A learned array, at times behind a layer of its own, that joins the map."""
        shape = tuple(1 if self.chance(3) else n for n in self.shape)
        table = f"Parameter({shape})" + (" >> Tanh" if self.chance(2) else "")
        kind = self.one_of("add", "multiply", "minimum", "concat")
        if kind == "concat":
            table = (
                f"Parameter({(self.number(1, 3), *self.shape[1:])}) >> Conv{self.axes}d({self.shape[0]}, 1)"
            )
            self.add(
                f"- {name}: concat(map=Identity, table={table})", (2 * self.shape[0], *self.shape[1:]), name
            )
        else:
            text = f"- {name}:\n      {kind}:\n        table: {table}\n        map: Identity"
            self.add(text, self.shape, name)

    def attention(self, name: str) -> None:
        """Channels that look at each other, by two matrix products."""
        weights = "matmul(a=Flatten(2), b=Flatten(2) >> Permute((0, 2, 1))) >> Softmax(-1)"
        back = f" >> Unflatten(2, {self.shape[1:]})" if self.axes > 1 else ""
        text = f"- {name}:\n      add:\n        x: Identity\n        y: matmul(weights={weights}, x=Flatten(2)){back}"
        self.add(text, self.shape, name)

    def gate(self, name: str) -> None:
        """A product with a squeezed map: of one value per channel, or of one along an axis."""
        n, c = self.axes, self.shape[0]
        size = tuple(1 if self.chance(2) else old for old in self.shape[1:]) if self.chance(3) else (1,) * n
        squeeze = f"AdaptiveAvgPool{n}d({spelled(size)}) >> Conv{n}d({self.number(1, 4)}, 1) >> ReLU >> Conv{n}d({c}, 1)"
        text = f"- {name}:\n      multiply:\n        map: Identity\n        gate: {squeeze} >> {self.one_of('Sigmoid', 'Hardsigmoid')}"
        self.add(text, self.shape, name)

    def repeat(self, name: str) -> None:
        """Copies of a layer, of a block, or with a width for each by `index`."""
        n, times = self.axes, self.number(2, 3)
        if self.chance(3):
            widths = [self.number(1, 6) for _ in range(times)]
            self.params[f"{name}_widths"] = widths
            text = f"- {name}_{{}}: {times} * Conv{n}d({name}_widths[index], 3, padding=1)"
            self.add(text, (widths[-1], *self.shape[1:]))
            if self.chance(2):
                links = f"{times} * (ref('{name}_{{}}') >> {self.activation()})"
                self.add(f"- concat:\n        x{{}}: {links}", (sum(widths), *self.shape[1:]))
        elif self.chance(2):
            c = self.number(1, 6)
            self.params[f"{name}_width"] = c
            self.blocks["conv_bn(out, kernel=3)"] = (
                f"Conv{n}d(out, kernel, padding=kernel // 2, bias=False) >> BatchNorm{n}d >> ReLU"
            )
            call = self.one_of(
                f"conv_bn({name}_width)", f"conv_bn({name}_width, kernel=1)", f"conv_bn({name}_width, 5)"
            )
            self.add(f"- {name}: {times} * {call}", (c, *self.shape[1:]))
        else:
            self.blocks["residual(shrink=1)"] = (
                f"\n      - add:\n          body: Conv{n}d(max(in_channels // shrink, 1), 3, padding=1) >> Conv{n}d(in_channels, 1)"
                "\n          shortcut: Identity\n      - ReLU"
            )
            self.add(f"- {name}: {times} * residual({self.one_of('', 'shrink=2')})", self.shape)

    def join(self, name: str) -> None:
        """An earlier output, brought to the size of the map and put next to it or added to it."""
        if not self.named:
            self.plain(name)
            return
        old = self.one_of(*sorted(self.named))
        chain = [f"ref({old})"] + [c for c in [self.resized(self.named[old], self.shape)] if c != "Identity"]
        channels = self.shape[0] + self.named[old][0]
        if self.chance(2):
            channels = self.shape[0]
            chain.append(f"Conv{self.axes}d({channels}, 1)")
            kind = "add"
        else:
            kind = "concat"
        text = f"- {name}:\n      {kind}:\n        now: Identity\n        then: {' >> '.join(chain)}"
        self.add(text, (channels, *self.shape[1:]), name)

    def again(self, name: str) -> None:
        """A chain once more, on this map or on an earlier one, if its weights fit there."""
        sources = {"": self.shape, **self.named}
        fitting = [
            (source, of, after)
            for of, (chain, entering) in self.chains.items()
            for source, shape in sources.items()
            if (after := shape_behind(chain, shape))
            and weights_of(chain, shape) == weights_of(chain, entering)
        ]
        if not fitting:
            self.plain(name)
            return
        source, of, after = self.draw(st.sampled_from(fitting))
        self.add(f"- {name}: {f'ref({source}) >> ' if source else ''}again({of})", after, name)

    def head(self, name: str) -> None:
        """A side head, for training only."""
        pooled = f"AdaptiveAvgPool{self.axes}d({self.number(1, 2)}) >> "
        self.add(f"- aux:\n      {name}: {pooled}Flatten >> Linear({self.number(1, 5)})", self.shape)

    def end(self) -> None:
        """Class scores, at times behind hidden layers."""
        if self.chance(3):
            self.add(f"- AdaptiveAvgPool{self.axes}d(1) >> Flatten", (self.shape[0],))
        else:
            self.add("- Flatten", (product(self.shape),))
        if self.chance(2):
            self.add(f"- Linear({self.number(1, 9)}) >> ReLU >> BatchNorm1d >> Dropout", self.shape)
        self.add(f"- fc: Linear({self.number(1, 10)}, bias={self.one_of(True, False)}) >> Softmax(1)", (10,))

    @property
    def text(self) -> str:
        """The spec."""
        shapes = {name: list(shape) for name, shape in self.inputs.items()}
        written = ", ".join(f"{name}: {shape}" for name, shape in shapes.items())
        parts = [f"name: drawn\ninput: {shapes['input'] if len(shapes) == 1 else f'{{{written}}}'}\n"]
        if self.params:
            parts.append("params:\n" + "".join(f"  {key}: {value}\n" for key, value in self.params.items()))
        if self.blocks:
            parts.append("blocks:\n" + "".join(f"  {key}: {body}\n" for key, body in self.blocks.items()))
        parts += ["layers:\n", *(f"  {line}\n" for line in self.layers)]
        return "".join([*parts, f"outputs: [{', '.join(self.outputs)}]\n" if self.outputs else ""])


def spelled(sizes: tuple[int, ...]) -> str:
    """Sizes as a spec has them: equal ones as one number."""
    return str(sizes[0]) if len(set(sizes)) == 1 else f"({', '.join(map(str, sizes))})"


def shape_behind(call: str, shape: Shape) -> Shape | None:
    """What a chain makes of a shape; None if it does not fit, or makes it too large."""
    try:
        graph = layer_graph(call, shape)
    except CnncostError:
        return None
    if any(product(node.out_shape) > LARGEST for node in graph.nodes) or not graph.nodes:
        return None
    return graph.by_name[graph.output].out_shape


def weights_of(call: str, shape: Shape) -> list[dict[str, Shape]]:
    """The weights of a chain's layers on a shape that it fits."""
    return [dict(node.layer.weights(*node.in_shapes)) for node in layer_graph(call, shape).nodes]


def words(draft: Draft) -> str:
    """A network for words: numbers from 0 into an embedding, then recurrent layers and linear ones."""
    layers = [f"Embedding({draft.number(2, 9)}, {draft.number(1, 6)})"]
    for _ in range(draft.number(1, 3)):
        kind, size = draft.one_of("LSTM", "GRU", "RNN", "Linear"), draft.number(1, 5)
        options = f", num_layers={draft.number(1, 2)}, bidirectional={draft.one_of(True, False)}"
        layers.append(f"{kind}({size}{'' if kind == 'Linear' else options})")
        if draft.chance(3):
            layers.append(draft.one_of("LayerNorm", "Tanh", "Dropout"))
    if draft.chance(2):
        layers.append("Reduce('mean', dim=1)" if draft.chance(2) else "Flatten")
        layers.append(f"Linear({draft.number(1, 5)})")
    items = "".join(f"  - n{i}: {layer}\n" for i, layer in enumerate(layers))
    return f"name: words\ninput: [{draft.number(1, 7)}]\nlayers:\n{items}"


@st.composite
def specs(draw: st.DrawFn) -> str:
    """A spec as text."""
    draft = Draft(draw)
    if draft.chance(12):
        return words(draft)
    kinds = (
        draft.plain,
        draft.plain,
        draft.plain,
        draft.residual,
        draft.concat,
        draft.gate,
        draft.stack,
        draft.constant,
        draft.attention,
        draft.repeat,
        draft.join,
        draft.again,
    )
    for i in range(draft.number(1, 6)):
        draw(st.sampled_from(kinds))(f"n{i}")
    if draft.chance(5):
        draft.head("side")
    if draft.chance(3):
        draft.end()
    if draft.chance(4) and draft.named:
        draft.outputs = draw(st.lists(st.sampled_from(sorted(draft.named)), min_size=1, unique=True))
    return draft.text


def compared(text: str, fields: int = 3) -> Verification:
    """A spec, compared with torch in every quantity, with this many receptive fields.

    Raises:
        AssertionError: something differs; the message is the difference and the spec.
    """
    result = verify(load_text(text), fields=fields)
    for comparison in result.checks:
        assert not comparison.mismatches, f"{comparison.quantity}: {comparison.mismatches[0]}\n{text}"
    return result


def main(number: int, start: int = 0) -> int:
    """Draw this many networks and return how many differ."""
    torch.set_num_threads(1)
    outcomes: Counter[str] = Counter()
    layers: Counter[str] = Counter()
    began = time.monotonic()

    @seed(start)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(specs())
    def draw(text: str) -> None:
        try:
            result = compared(text, fields=8)
        except Exception as error:
            outcomes["differ"] += 1
            said = f"{error}" if isinstance(error, AssertionError) else f"{error!r}\n{text}"
            print(f"--- {said}", flush=True)
            return
        outcomes["same"] += 1
        layers["layers"] += result.layers
        for comparison in result.checks:
            layers.update({f"{comparison.quantity} {key}": n for key, n in comparison.counts.items()})
        if outcomes.total() % 1000 == 0:
            print(f"{dict(outcomes)}, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)

    draw()
    print(f"{outcomes.total()} networks in {time.monotonic() - began:.0f} s: {dict(outcomes)}")
    for key, n in layers.items():
        print(f"  {key:20} {n}")
    return outcomes["differ"]


if __name__ == "__main__":
    sys.exit(min(main(*map(int, sys.argv[1:] or ["500"])), 1))
