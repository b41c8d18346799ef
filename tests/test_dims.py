"""The arithmetic of sizes, and the window formulas that are written in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
import pytest
import sympy
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from cnncost import dims
from cnncost.errors import ArgumentError, CnncostError, ShapeError
from cnncost.layers import Layer, catalogue
from cnncost.layers.adaptive_pool import covered
from cnncost.layers.window import Window
from cnncost.measure import build_layer

LAYERS = catalogue()
wholes = st.integers(-(10**6), 10**6)
positive = st.integers(1, 10**6)
N, M = sympy.symbols("n m", integer=True, positive=True)


def agree(function: Callable[[Any, Any], Any], expected: int, a: int, b: int) -> None:
    """Hold a helper to `expected` on ints, on arrays and on symbols, the sizes positive."""
    assert function(a, b) == expected
    arrays = (numpy.array([a, a], dtype=object), numpy.array([b, b], dtype=object))
    assert list(function(*arrays)) == [expected] * 2
    assert list(function(arrays[0].astype("int64"), b)) == [expected] * 2
    assert function(N, M).subs({N: a, M: b}) == expected


@given(a=positive, b=positive)
def test_ceil_div_is_division_rounded_up(a: int, b: int) -> None:
    """The smallest whole number whose product with b reaches a."""
    agree(dims.ceil_div, next(q for q in (a // b, a // b + 1) if q * b >= a), a, b)


@given(a=wholes, b=positive)
def test_ceil_div_rounds_up_below_zero_too(a: int, b: int) -> None:
    """Ceil mode meets negative numbers where a kernel is larger than its input."""
    assert (dims.ceil_div(a, b) - 1) * b < a <= dims.ceil_div(a, b) * b
    assert dims.ceil_div(sympy.Integer(a), b) == dims.ceil_div(a, b)


@given(a=positive, b=positive)
def test_minimum_and_maximum(a: int, b: int) -> None:
    """They are Python's own, for every kind of size."""
    agree(dims.minimum, min(a, b), a, b)
    agree(dims.maximum, max(a, b), a, b)


@given(a=positive, b=positive, c=st.integers(1, 50))
def test_gcd(a: int, b: int, c: int) -> None:
    """The greatest common divisor divides both, and grows with a common factor."""
    import math

    agree(dims.gcd, math.gcd(a * c, b * c), a * c, b * c)


def test_gcd_stays_open_for_symbols() -> None:
    """Of symbols it is the function itself, but 1 next to a 1."""
    assert str(dims.gcd(N, M)) in ("gcd(n, m)", "gcd(m, n)")
    assert dims.gcd(N, 1) == dims.gcd(1, N) == 1


def test_an_array_of_arrays_keeps_python_ints() -> None:
    """Object arrays do not wrap where int64 would."""
    huge = numpy.array([2**62, 3], dtype=object)
    assert list(dims.product((huge, 4, 4))) == [2**66, 48]


@pytest.mark.parametrize(
    "value", [3, -1, N, N + 1, numpy.array([1, 2]), numpy.array([1, 2], dtype=object)], ids=str
)
def test_these_are_sizes(value: object) -> None:
    """Whole numbers, symbols and integer arrays stand for sizes."""
    assert dims.is_size(value)


@pytest.mark.parametrize("value", [True, 1.0, "3", None, (3,), numpy.array([1.5])], ids=str)
def test_these_are_not(value: object) -> None:
    """Truth values, fractions and texts do not."""
    assert not dims.is_size(value)


# require


def test_a_rule_that_holds_passes() -> None:
    """Known conditions are checked now, of whatever kind."""
    for condition in (True, sympy.true, numpy.bool_(True), numpy.array([True, True])):
        dims.require(condition, "never said")


@pytest.mark.parametrize(
    "condition", [False, sympy.false, numpy.bool_(False), numpy.array([True, False])], ids=repr
)
def test_a_broken_rule_is_refused(condition: Any) -> None:
    """The message is filled in with its values; the error is the caller's choice."""
    with pytest.raises(ShapeError, match=r"^its 6 channels are not 4$"):
        dims.require(condition, "its {} channels are not {}", 6, 4)
    with pytest.raises(ArgumentError, match=r"^no$"):
        dims.require(condition, "no", error=ArgumentError)


def test_an_open_condition_is_recorded() -> None:
    """What a symbol leaves open is kept with its rule, once, and outside of a collection nowhere."""
    dims.require(N > 3, "lost")
    with dims.assumptions() as assumed:
        dims.require(N > 3, "{} is too small", N)
        dims.require(dims.divisible(N, 4), "{} is odd", N)
        dims.require(dims.same(N, N), "the same thing twice")
        dims.require(N > 0, "it is positive")
    assert assumed == [(N > 3, "n is too small"), (sympy.Eq(sympy.Mod(N, 4), 0), "n is odd")]


def test_a_common_factor_says_nothing_of_divisors() -> None:
    """3h divides 3n where h divides n; 2 divides 4n always."""
    h = sympy.Symbol("h", integer=True, positive=True)
    assert dims.divisible(3 * N, 3 * h) == sympy.Eq(sympy.Mod(N, h), 0)
    assert dims.divisible(4 * N, 2) == True  # noqa: E712  (sympy's own true)


def test_collections_nest() -> None:
    """An inner collection keeps its own; the outer one goes on afterwards."""
    with dims.assumptions() as outer:
        with dims.assumptions() as inner:
            dims.require(N > 3, "inner")
        dims.require(N > 4, "outer")
    assert [rule for _, rule in inner] == ["inner"]
    assert [rule for _, rule in outer] == ["outer"]


# windows, compared with torch over many n, k, s, p, d


def torch_size(module: nn.Module, channels: int, *sizes: int, device: str = "meta") -> tuple[int, ...] | None:
    """The spatial sizes that torch gives; None where it refuses."""
    try:
        output = module(torch.empty(1, channels, *sizes, device=device))
    except (RuntimeError, ValueError):
        return None
    return tuple(output.shape[2:])


def our_size(make: Callable[[], Layer], channels: int, *sizes: int) -> tuple[int, ...] | None:
    """The spatial sizes that cnncost gives; None where it refuses."""
    try:
        return tuple(make().out_shape((channels, *sizes))[1:])
    except CnncostError:
        return None


sizes = st.one_of(st.integers(1, 30), st.integers(1, 3000))
small = st.integers(1, 9)
pads = st.integers(0, 9)


@settings(max_examples=500, deadline=None)
@given(n=sizes, m=sizes, k=small, s=small, p=pads, d=st.integers(1, 4), ceil=st.booleans())
def test_max_pool_sizes(n: int, m: int, k: int, s: int, p: int, d: int, ceil: bool) -> None:
    """Floor and ceil mode give torch's sizes, and refuse what torch refuses."""
    torch_pool = nn.MaxPool2d(k, s, p, d, ceil_mode=ceil)
    ours = our_size(lambda: LAYERS["MaxPool2d"](k, s, p, d, ceil_mode=ceil), 1, n, m)
    assert ours == torch_size(torch_pool, 1, n, m)


@settings(max_examples=500, deadline=None)
@given(n=sizes, k=small, s=small, p=pads, ceil=st.booleans())
def test_average_pool_sizes(n: int, k: int, s: int, p: int, ceil: bool) -> None:
    """The same for average pools, over a sequence."""
    torch_pool = nn.AvgPool1d(k, s, p, ceil_mode=ceil)
    ours = our_size(lambda: LAYERS["AvgPool1d"](k, s, p, ceil_mode=ceil), 1, n)
    assert ours == torch_size(torch_pool, 1, n)


@settings(max_examples=300, deadline=None)
@given(
    n=sizes,
    m=sizes,
    k=small,
    s=small,
    p=pads,
    d=st.integers(1, 4),
    groups=st.integers(1, 4),
    c=small,
    f=small,
)
def test_convolution_sizes(
    n: int, m: int, k: int, s: int, p: int, d: int, groups: int, c: int, f: int
) -> None:
    """Convolutions give torch's sizes, and refuse what torch refuses: channels, too."""

    def theirs() -> tuple[int, ...] | None:
        try:
            with torch.device("meta"):
                return torch_size(nn.Conv2d(c, f, k, s, p, d, groups), c, n, m)
        except ValueError:
            return None

    ours = our_size(lambda: LAYERS["Conv2d"](f, k, s, p, d, groups), c, n, m)
    assert ours == theirs()


@settings(max_examples=300, deadline=None)
@given(n=sizes, k=small, s=small, p=pads, extra=st.integers(0, 9), d=st.integers(1, 4))
def test_transposed_convolution_sizes(n: int, k: int, s: int, p: int, extra: int, d: int) -> None:
    """Transposed convolutions as well, with their output padding."""

    def make() -> Layer:
        return LAYERS["ConvTranspose1d"](1, k, s, p, extra, dilation=d)

    # not on the meta device, which lets a too large output padding pass
    theirs = torch_size(nn.ConvTranspose1d(1, 1, k, s, p, extra, dilation=d), 1, n, device="cpu")
    assert our_size(make, 1, n) == theirs


@given(n=st.integers(1, 200), o=st.integers(1, 40))
def test_adaptive_windows_cover_what_they_say(n: int, o: int) -> None:
    """The closed form of the windows' lengths is their sum, window by window."""
    assert covered(n, o) == sum(-(-(i + 1) * n // o) - i * n // o for i in range(o))


@settings(max_examples=300, deadline=None)
@given(n=sizes, k=small, s=small, p=pads, d=st.integers(1, 4))
def test_ceil_places_need_no_branch(n: int, k: int, s: int, p: int, d: int) -> None:
    """The branch-free form is torch's rule: round up, then drop a window that starts in the right padding."""
    window = Window(k, s, (p, p), d)
    assume(2 * p <= window.extent <= n + 2 * p)
    places = -(-(n + 2 * p - window.extent) // s) + 1
    if (places - 1) * s >= n + p:
        places -= 1
    assert window.places_ceil(n) == places
    kernel, stride = sympy.symbols("k s", integer=True, positive=True)
    symbolic = Window(kernel, stride, (p, p), d).places_ceil(N)
    assert symbolic.subs({N: n, kernel: k, stride: s}) == places


# The helpers can fail


def test_a_wrong_helper_is_seen() -> None:
    """Floor division is not ceil_div, and a helper that forgets arrays is found out."""
    with pytest.raises(AssertionError):
        agree(lambda a, b: a // b, 4, 7, 2)
    with pytest.raises(TypeError):
        agree(lambda *_: 4, 4, 7, 2)


def test_a_refusal_is_seen() -> None:
    """Both sides say None where the layer cannot be made or run, and a size where it can."""
    assert our_size(lambda: LAYERS["MaxPool1d"](3), 1, 2) is None
    assert torch_size(nn.MaxPool1d(3), 1, 2) is None
    assert our_size(lambda: LAYERS["MaxPool1d"](3), 1, 3) == (1,)
    assert torch_size(build_layer(LAYERS["MaxPool1d"](3), (1, 3)), 1, 3) == (1,)
