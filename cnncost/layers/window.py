"""How the outputs of a layer look back at its input, along one spatial axis.

A reach answers two questions, all that receptive fields need:

- ``period``: ``(outputs, inputs)``; moving on by that many outputs moves the view by that many
  inputs, exactly;
- ``taps(o)``: the input positions that output ``o`` sees, evenly spaced, in rising order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import gcd
from typing import Any, Protocol

from cnncost.dims import Shape, Size, ceil_div, maximum, minimum

SAME_TF = "same_tf"
"""How a spec writes TensorFlow's SAME padding."""

Taps = range | tuple[int, ...]


class Reach(Protocol):
    """What the receptive field needs to know of a layer, along one axis."""

    @property
    def period(self) -> tuple[int, int]: ...

    def taps(self, o: int) -> Taps: ...


@dataclass(frozen=True, repr=False)
class Window:
    """A sliding window: convolution and pooling.

    `padding` is (before, after). Kernel k, stride s, padding p, dilation d may be symbols.
    """

    kernel: Size
    stride: Size
    padding: tuple[Size, Size]
    dilation: Size

    @property
    def extent(self) -> Size:
        """The span of the dilated kernel, d(k - 1) + 1."""
        return self.dilation * (self.kernel - 1) + 1

    def on(self, n: Size) -> Window:
        """The window as it slides over n inputs, on which its padding may depend."""
        return self

    def places(self, n: Size) -> Size:
        """How many places it has along n inputs: ⌊(n + 2p - d(k - 1) - 1) / s⌋ + 1."""
        return (n + self.padding[0] + self.padding[1] - self.extent) // self.stride + 1

    def places_ceil(self, n: Size) -> Size:
        """The same in ceil mode: a last, partial place counts if it starts before the right padding."""
        # Place i starts at i·s - p. Rounding up admits i ≤ ⌈(n + 2p - extent) / s⌉; starting inside
        # the left padding or the input means i·s < n + p, so i ≤ ⌈(n + p) / s⌉ - 1. Both must hold.
        before, after = self.padding
        fitting = ceil_div(n + before + after - self.extent, self.stride) + 1
        return minimum(fitting, ceil_div(n + before, self.stride))

    @property
    def period(self) -> tuple[Any, Any]:
        return 1, self.stride

    def taps(self, o: int) -> Taps:
        start = o * self.stride - self.padding[0]
        return range(start, start + self.extent, self.dilation)


@dataclass(frozen=True, repr=False)
class SameWindow(Window):
    """A window with TensorFlow's SAME padding: as much as ⌈n / s⌉ places need, the odd one behind.

    How much that is only shows `on` n inputs; without them, `padding` is (0, 0).
    """

    def on(self, n: Size) -> Window:
        total = maximum((self.places(n) - 1) * self.stride + self.extent - n, 0)
        return Window(self.kernel, self.stride, (total // 2, total - total // 2), self.dilation)

    def places(self, n: Size) -> Size:
        return ceil_div(n, self.stride)

    places_ceil = places


def windows(
    kernel: Shape,
    stride: Shape,
    padding: Iterable[tuple[Size, Size]] | str,
    dilation: Shape,
) -> tuple[Window, ...]:
    """A window for each axis: the same one where all axes agree, so that it is looked through once."""
    if padding == SAME_TF:
        made: tuple[Window, ...] = tuple(map(SameWindow, kernel, stride, [(0, 0)] * len(kernel), dilation))
    else:
        assert not isinstance(padding, str)
        made = tuple(map(Window, kernel, stride, padding, dilation))
    known = all(type(n) is int for w in made for n in (w.kernel, w.stride, *w.padding, w.dilation))
    return made[:1] * len(made) if known and len(set(made)) == 1 else made


@dataclass(frozen=True, eq=False, repr=False)
class TransposedWindow:
    """The window of a transposed convolution: input j reaches outputs j·s - p + d·i."""

    kernel: Size
    stride: Size
    padding: Size
    dilation: Size

    @property
    def period(self) -> tuple[int, int]:
        return self.stride, 1

    def taps(self, o: int) -> Taps:
        # i is a tap where s divides o + p - d·i: one i in every s / gcd(d, s), or none
        at, common = o + self.padding, gcd(self.dilation, self.stride)
        if at % common:
            return ()
        step, every = self.dilation // common, self.stride // common
        i = at // common * pow(step, -1, every) % every
        count = len(range(i, self.kernel, every))
        last = (at - self.dilation * i) // self.stride
        return range(last - step * (count - 1), last + 1, step)


@dataclass(frozen=True, eq=False, repr=False)
class Bins:
    """The uneven windows of adaptive pooling: output i sees ⌊i·n/o⌋ to ⌈(i+1)·n/o⌉ - 1."""

    inputs: int
    outputs: int

    @property
    def period(self) -> tuple[int, int]:
        common = gcd(self.inputs, self.outputs)
        return self.outputs // common, self.inputs // common

    def taps(self, o: int) -> Taps:
        return range(o * self.inputs // self.outputs, -(-(o + 1) * self.inputs // self.outputs))


@dataclass(frozen=True, eq=False, repr=False)
class Whole:
    """Every output sees the whole axis: a normalisation over positions, a Linear along the axis."""

    inputs: int

    @property
    def period(self) -> tuple[int, int]:
        return 1, 0

    def taps(self, o: int) -> Taps:
        return range(self.inputs)


@dataclass(frozen=True, eq=False, repr=False)
class Grouped:
    """Groups of `outputs` that all look at the same `inputs`: grouped channels."""

    inputs: int
    outputs: int

    @property
    def period(self) -> tuple[int, int]:
        return self.outputs, self.inputs

    def taps(self, o: int) -> Taps:
        start = o // self.outputs * self.inputs
        return range(start, start + self.inputs)


def in_groups(inputs: Size, outputs: Size, groups: Size) -> Reach:
    """The reach of grouped channels: each group sees only its own inputs."""
    one = isinstance(groups, int) and groups == 1
    return Whole(inputs) if one else Grouped(inputs // groups, outputs // groups)


@dataclass(frozen=True, eq=False, repr=False)
class UnknownReach:
    """An axis for which no receptive field is known.

    So of an axis that counts windows or their tokens, and of one along which positions are shuffled.
    """

    @property
    def period(self) -> tuple[int, int]:
        return 1, 0

    def taps(self, o: int) -> Taps:
        return ()


@dataclass(frozen=True, eq=False, repr=False)
class Interpolation:
    """Enlarging n inputs to o outputs: the nearest input, or the two around it (`linear`).

    One of the two may be past the end, where the layer repeats the last input.
    """

    inputs: int
    outputs: int
    linear: bool = False
    aligned: bool = False

    @property
    def period(self) -> tuple[int, int]:
        if self.aligned:  # outputs 0 and o - 1 fall on inputs 0 and n - 1
            spans, steps = max(self.outputs - 1, 1), self.inputs - 1
        else:
            spans, steps = self.outputs, self.inputs
        common = gcd(spans, steps)
        return spans // common, steps // common

    def taps(self, o: int) -> Taps:
        if not self.linear or self.inputs == 1:
            return (o * self.inputs // self.outputs,)
        if self.aligned:  # at o(n - 1) / (outputs - 1)
            at, over = o * (self.inputs - 1), max(self.outputs - 1, 1)
        else:  # at (o + 1/2)·n/outputs - 1/2, in halves
            at, over = (2 * o + 1) * self.inputs - self.outputs, 2 * self.outputs
        low = at // over
        return (low,) if at % over == 0 else (low, low + 1)
