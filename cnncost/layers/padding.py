"""Padding: values added around a map, zeros, a constant, or the map's own values."""

from __future__ import annotations

from typing import Any, ClassVar

from cnncost import dims
from cnncost.dims import Shape
from cnncost.errors import ArgumentError
from cnncost.layers.arguments import settle
from cnncost.layers.base import Layer, example, layer, no_weights, no_work
from cnncost.layers.saved import keeps, keeps_nothing
from cnncost.layers.shapes import not_empty
from cnncost.layers.window import Window

MANY = {2: "two", 4: "four", 6: "six"}


class _Pad(Layer, abstract=True):
    """Adds values at both ends of each spatial axis.

    `padding` begins with the last axis, as in torch: (left, right, top, bottom, front, back). One
    number holds for all sides.

    Errors: a padding that is neither a number nor one for each side; an output that shrinks to nothing.
    """

    padding: Any
    padding_mode: ClassVar[str] = "zeros"

    weights = no_weights("it only adds values")
    work = no_work("it only adds values that are known or there already")
    saved = keeps_nothing("it only adds values")

    def __post_init__(self) -> None:
        super().__post_init__()
        count = 2 * (self.axes or 0)
        value = self.padding
        sides = tuple(value) if isinstance(value, (tuple, list)) else (value,) * count
        if len(sides) != count:
            raise ArgumentError(f"`padding` must be a number or {MANY[count]}, got {len(sides)} values")
        for side in sides:
            if not dims.is_size(side):
                raise ArgumentError(f"`padding` must be whole numbers, got {side!r}")
        pairs = zip(sides[-2::-2], sides[::-2], strict=True)  # the first axis comes last
        settle(self, padding=sides, window=tuple(Window(1, 1, pair, 1) for pair in pairs))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        c, sizes = self.channels_and_sizes(in_shapes)
        assert self.window is not None
        if self.padding_mode in LARGEST:
            spare, rule = LARGEST[self.padding_mode]
            for n, window in zip(sizes, self.window, strict=True):
                for side in window.padding:
                    dims.require(side <= n - spare, rule, side, n)
        return (c, *not_empty(sizes, tuple(map(Window.places, self.window, sizes))))


LARGEST = {
    "reflect": (1, "a reflection of {} values needs more than the {} that there are"),
    "circular": (0, "a padding of {} values is more than the {} that there are"),
}
"""By how much the padding must be smaller than the map, whose values it repeats."""


@layer
class _ZeroPad(_Pad, abstract=True):
    """Zeros around a map."""

    padding: Any


class ZeroPad1d(_ZeroPad):
    """Adds zeros at the ends of a sequence: (left, right), or one number for both."""

    axes = 1
    examples = (example("ZeroPad1d(2)", (3, 7)), example("ZeroPad1d((3, 0))", (3, 7)))


class ZeroPad2d(_ZeroPad):
    """Adds rows and columns of zeros: (left, right, top, bottom), or one number for all four.

    Shape: (C, H, W) to (C, H + top + bottom, W + left + right); a negative number takes away.
    """

    axes = 2
    examples = (
        example("ZeroPad2d(2)", (3, 5, 7)),
        example("ZeroPad2d((0, 1, 2, 3))", (3, 5, 7)),
        example("ZeroPad2d((-1, 1, -1, 1))", (3, 5, 7)),
        example("ZeroPad2d(-2)", (3, 4, 7), fails="the output shrinks to nothing: a size of 4 becomes 0"),
        example("ZeroPad2d((0, 1))", (3, 5, 7), fails="`padding` must be a number or four, got 2 values"),
    )


class ZeroPad3d(_ZeroPad):
    """Adds zeros around a volume: (left, right, top, bottom, front, back), or one number for all."""

    axes = 3
    examples = (example("ZeroPad3d((0, 1, 2, 3, 4, 5))", (3, 4, 5, 7)),)


@layer
class _ConstantPad(_Pad, abstract=True):
    """A constant around a map; a negative padding takes away."""

    padding: Any
    value: float


class ConstantPad1d(_ConstantPad):
    """Adds a constant at the ends of a sequence: (left, right), or one number for both."""

    axes = 1
    examples = (example("ConstantPad1d((3, 0), 1.5)", (3, 7)),)


class ConstantPad2d(_ConstantPad):
    """Adds rows and columns of a constant: (left, right, top, bottom), or one number for all four."""

    axes = 2
    examples = (
        example("ConstantPad2d(2, 0)", (3, 5, 7)),
        example("ConstantPad2d((0, 1, 2, 3), -1)", (3, 5, 7)),
    )


class ConstantPad3d(_ConstantPad):
    """Adds a constant around a volume: (left, right, top, bottom, front, back), or one number for all."""

    axes = 3
    examples = (example("ConstantPad3d((0, 1, 2, 3, 4, 5), 1)", (3, 4, 5, 7)),)


class _ReflectionPad(_ZeroPad, abstract=True):
    """The map mirrored at its ends, which are not repeated.

    Errors: a padding that is neither a number nor one for each side, or not smaller than the map.
    """

    padding_mode = "reflect"
    saved = keeps(0)


class ReflectionPad1d(_ReflectionPad):
    """Mirrors a sequence at its ends: (left, right), or one number for both."""

    axes = 1
    examples = (example("ReflectionPad1d((3, 0))", (3, 7)),)


class ReflectionPad2d(_ReflectionPad):
    """Mirrors a map at its edges: (left, right, top, bottom), or one number for all four."""

    axes = 2
    examples = (
        example("ReflectionPad2d(3)", (3, 5, 7)),
        example("ReflectionPad2d((0, 1, 2, 3))", (3, 5, 7)),
        example("ReflectionPad2d(5)", (3, 5, 7), fails="a reflection of 5 values needs more than the 5 that"),
    )


class ReflectionPad3d(_ReflectionPad):
    """Mirrors a volume at its faces: (left, right, top, bottom, front, back), or one number for all."""

    axes = 3
    examples = (example("ReflectionPad3d((0, 1, 2, 3, 1, 2))", (3, 4, 5, 7)),)


class _ReplicationPad(_ZeroPad, abstract=True):
    """The values at the ends of a map, repeated."""

    padding_mode = "replicate"
    saved = keeps(0)


class ReplicationPad1d(_ReplicationPad):
    """Repeats the ends of a sequence: (left, right), or one number for both."""

    axes = 1
    examples = (example("ReplicationPad1d((3, 0))", (3, 7)),)


class ReplicationPad2d(_ReplicationPad):
    """Repeats the edges of a map: (left, right, top, bottom), or one number for all four."""

    axes = 2
    examples = (example("ReplicationPad2d((0, 1, 2, 9))", (3, 5, 7)),)


class ReplicationPad3d(_ReplicationPad):
    """Repeats the faces of a volume: (left, right, top, bottom, front, back), or one number for all."""

    axes = 3
    examples = (example("ReplicationPad3d((0, 1, 2, 3, 4, 5))", (3, 4, 5, 7)),)


class _CircularPad(_ZeroPad, abstract=True):
    """The other end of a map: it continues in a circle.

    Errors: a padding that is neither a number nor one for each side, or larger than the map.
    """

    padding_mode = "circular"


class CircularPad1d(_CircularPad):
    """Continues a sequence in a circle: (left, right), or one number for both."""

    axes = 1
    examples = (example("CircularPad1d((7, 0))", (3, 7)),)


class CircularPad2d(_CircularPad):
    """Continues a map in a circle: (left, right, top, bottom), or one number for all four."""

    axes = 2
    examples = (
        example("CircularPad2d((0, 1, 2, 5))", (3, 5, 7)),
        example(
            "CircularPad2d(6)", (3, 5, 7), fails="a padding of 6 values is more than the 5 that there are"
        ),
    )


class CircularPad3d(_CircularPad):
    """Continues a volume in a circle: (left, right, top, bottom, front, back), or one number for all."""

    axes = 3
    examples = (example("CircularPad3d((0, 1, 2, 3, 4, 1))", (3, 4, 5, 7)),)
