"""Layers for a calibration: every operation at many sizes, drawn at random and the same each time."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cnncost.dims import Shape, product
from cnncost.errors import CnncostError
from cnncost.layers import MERGES, Layer, catalogue
from cnncost.network.catalogue import layer_graph

SIDES = (7, 8, 10, 13, 14, 20, 27, 28, 40, 56, 80, 112)
TOKENS = (49, 50, 64, 100, 196, 197, 256, 400, 784, 1024, 3136)
BATCHES = (1, 1, 1, 2, 4, 8, 16, 32)
MOST_MACS = 1_500_000_000
MOST_VALUES = 60_000_000


@dataclass(frozen=True, eq=False)
class Sample:
    """A layer with its inputs, for a batch."""

    layer: Layer
    in_shapes: tuple[Shape, ...]
    out: Shape
    batch: int

    @property
    def values(self) -> int:
        """How many values enter and leave."""
        return self.batch * int(sum(map(product, (*self.in_shapes, self.out))))


Drawn = tuple[str, Shape]
"""A call, and the shape of its input; a merge takes two of these."""


def samples(seed: int = 0) -> Iterator[Sample]:
    """Those of all operations, by their size: as in a network, neighbours are of like size."""
    draw = Draw(seed)
    found = [draw.sample(kind) for kind, count in KINDS.items() for _ in range(count)]
    return iter(sorted(found, key=lambda sample: sample.values))


class Draw:
    """Draws layers and sizes."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def channels(self, least: int = 16, most: int = 1024) -> int:
        """Evenly over the orders of magnitude, a multiple of 8."""
        return max(8, round(2 ** self.random.uniform(math.log2(least), math.log2(most)) / 8) * 8)

    def map(self, channels: int, least: int = 7) -> Shape:
        """A square map."""
        side = self.random.choice([side for side in SIDES if side >= least])
        return channels, side, side

    def tokens(self, features: int) -> Shape:
        """A sequence."""
        return self.random.choice(TOKENS), features

    def sample(self, kind: str) -> Sample:
        """One that is neither too large to measure often nor wrong."""
        while True:
            call, shape = DRAWN[kind](self) if kind in DRAWN else (kind, self.any())
            try:
                found = sample_of(call, shape, self.random.choice(BATCHES))
            except CnncostError:
                continue
            macs = found.batch * found.layer.work(found.in_shapes, found.out).macs
            if found.values <= MOST_VALUES and macs <= MOST_MACS:
                return found

    def any(self) -> Shape:
        """A map of any size."""
        return self.map(self.channels())


def sample_of(call: str, shape: Shape, batch: int) -> Sample:
    """The layer of a call; a merge joins two equal inputs."""
    if call in MERGES:
        layer, shapes = catalogue()[MERGES[call]](), (shape, shape)
        return Sample(layer, shapes, layer.out_shape(*shapes), batch)
    node = layer_graph(call, shape).nodes[0]
    return Sample(node.layer, (shape,), node.out_shape, batch)


def convolution(draw: Draw) -> Drawn:
    """A kernel of 3 and more; a tenth are a network's first layer."""
    kernel = draw.random.choice((3, 3, 3, 3, 5, 7, 11))
    first = draw.random.random() < 0.1
    shape = (3, *[draw.random.choice((64, 112, 224))] * 2) if first else draw.map(draw.channels(16, 512), 7)
    stride = draw.random.choice((1, 1, 1, 2, 4 if first else 1))
    return (
        f"Conv2d({draw.channels(16, 512)}, {kernel}, stride={stride}, padding={kernel // 2}, bias=False)",
        shape,
    )


def pointwise(draw: Draw) -> Drawn:
    """A 1×1 convolution."""
    stride = draw.random.choice((1, 1, 1, 1, 2))
    return f"Conv2d({draw.channels()}, 1, stride={stride}, bias=False)", draw.any()


def depthwise(draw: Draw) -> Drawn:
    """A filter a channel."""
    shape, kernel = draw.any(), draw.random.choice((3, 3, 5, 7))
    window = f"{kernel}, stride={draw.random.choice((1, 1, 2))}, padding={kernel // 2}"
    return f"Conv2d({shape[0]}, {window}, groups={shape[0]}, bias=False)", shape


def grouped(draw: Draw) -> Drawn:
    """As in ResNeXt and RegNet."""
    width, groups = draw.random.choice((4, 8, 16, 24, 32, 64)), draw.random.choice((2, 4, 8, 16, 32))
    stride = draw.random.choice((1, 1, 2))
    channels = width * groups
    return f"Conv2d({channels}, 3, stride={stride}, padding=1, groups={groups}, bias=False)", draw.map(
        channels
    )


def linear(draw: Draw) -> Drawn:
    """On one vector, or on each of many tokens."""
    if draw.random.random() < 0.5:
        return f"Linear({draw.channels(64, 4096)})", (draw.channels(64, 9216),)
    return f"Linear({draw.channels(64, 3072)})", draw.tokens(draw.channels(64, 1024))


def attention(draw: Draw) -> Drawn:
    """Heads of 32 or 64 features."""
    heads = draw.random.choice((2, 3, 4, 6, 8, 12))
    return f"MultiheadAttention({heads})", draw.tokens(heads * draw.random.choice((32, 64)))


def windowed(draw: Draw) -> Drawn:
    """As in Swin: windows of 7×7, heads of 32 features."""
    heads = draw.random.choice((3, 4, 6, 8, 12, 16, 24))
    return f"ScaledDotProductAttention({heads}, 7)", (draw.random.choice((1, 4, 16, 64)), 49, 96 * heads)


def windows(draw: Draw) -> Drawn:
    """A map with its channels last."""
    return "WindowPartition(7)", (side := 7 * draw.random.choice((1, 2, 4, 8)), side, draw.channels(64, 1024))


def no_windows(draw: Draw) -> Drawn:
    """The way back."""
    side = draw.random.choice((1, 2, 4, 8))
    return f"WindowReverse(7, ({7 * side}, {7 * side}))", (side * side, 49, draw.channels(64, 1024))


def normed(draw: Draw) -> Drawn:
    """Layer normalization of tokens."""
    return "LayerNorm", draw.tokens(draw.channels(64, 1024))


def gelu(draw: Draw) -> Drawn:
    """On tokens."""
    return "GELU", draw.tokens(draw.channels(64, 3072))


def pool(kind: str) -> Callable[[Draw], Drawn]:
    """Windows of 2 or 3."""

    def drawn(draw: Draw) -> Drawn:
        kernel, stride = draw.random.choice(((2, 2), (3, 2), (3, 1)))
        return f"{kind}({kernel}, stride={stride})", draw.any()

    return drawn


DRAWN: dict[str, Callable[[Draw], Drawn]] = {
    "convolution": convolution,
    "pointwise convolution": pointwise,
    "depthwise convolution": depthwise,
    "grouped convolution": grouped,
    "Linear": linear,
    "MultiheadAttention": attention,
    "ScaledDotProductAttention": windowed,
    "WindowPartition": windows,
    "WindowReverse": no_windows,
    "LayerNorm": normed,
    "GELU": gelu,
    "MaxPool2d": pool("MaxPool2d"),
    "AvgPool2d": pool("AvgPool2d"),
    "AdaptiveAvgPool2d": lambda draw: ("AdaptiveAvgPool2d(1)", draw.any()),
    "ChannelShuffle": lambda draw: ("ChannelShuffle(2)", draw.any()),
    "Upsample": lambda draw: ("Upsample(scale_factor=2)", draw.map(draw.channels(16, 256))),
    "Flatten": lambda draw: ("Flatten", draw.any()),
}
"""How the layers of an operation are drawn; any other kind is a layer without arguments on a map."""

OFTEN = (
    "convolution",
    "pointwise convolution",
    "depthwise convolution",
    "grouped convolution",
    "Linear",
)
"""Drawn more often: their time depends on more."""

SELDOM = (
    "MultiheadAttention", "ScaledDotProductAttention", "WindowPartition", "WindowReverse",
    "LayerNorm", "LayerNorm2d", "BatchNorm2d", "Softmax", "MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d",
    "ReLU", "ReLU6", "Hardswish", "Hardsigmoid", "SiLU", "GELU", "Sigmoid", "Tanh",
    "ChannelShuffle", "Upsample", "Flatten", "add", "multiply", "concat",
)  # fmt: skip

KINDS = {**dict.fromkeys(OFTEN, 48), **dict.fromkeys(SELDOM, 16)}
"""How many layers of each kind."""
