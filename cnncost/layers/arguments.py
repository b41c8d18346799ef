"""Arguments in their normal form: checked once, when a layer is made.

An annotation says what an argument is, and so how it is checked: `kernel_size: Counts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field
from functools import partial
from typing import Any

from cnncost import dims
from cnncost.dims import Size
from cnncost.errors import ArgumentError
from cnncost.layers.window import SAME_TF

Count = Any
"""A whole number from 1. (`Size` is one from 0.)"""
Counts = Any
"""A whole number from 1 for each spatial axis; a single one holds for all."""
Sizes = Any
"""The same from 0."""
Padding = Any
"""The same, or 'same_tf' for TensorFlow's SAME padding."""
Axis = int
"""The number of an axis, as torch counts them."""
Share = float
"""A number from 0 to 1."""
Epsilon = float
"""A number below 1."""


def settle(layer: object, **values: Any) -> None:
    """Set fields of a frozen layer while it is being made."""
    for name, value in values.items():
        object.__setattr__(layer, name, value)


def whole(name: str, value: Any, least: int = 0) -> Size:
    """`value` as a size of at least `least`.

    Raises:
        ArgumentError: it is no whole number, or too small.
    """
    if not dims.is_size(value):
        raise ArgumentError(f"`{name}` must be a whole number, got {value!r}")
    dims.require(value >= least, "`{}` must be at least {}, got {}", name, least, value, error=ArgumentError)
    return value


TUPLES = {1: "a number", 2: "a number or a pair", 3: "a number or a triple"}


def pair_or_triple(value: Any) -> int:
    """How many spatial axes there are, where an argument can say it: three for a triple, else two."""
    return 3 if isinstance(value, (tuple, list)) and len(value) > 2 else 2


def per_axis(name: str, value: Any, axes: int, least: int = 0) -> tuple[Size, ...]:
    """A number, or one for each spatial axis, as one for each spatial axis."""
    if isinstance(value, (tuple, list)):
        if len(value) != axes:
            raise ArgumentError(f"`{name}` must be {TUPLES[axes]}, got {len(value)} values")
        return tuple(whole(name, v, least) for v in value)
    return (whole(name, value, least),) * axes


INFERRED = "; the input size is inferred, not written"


def flag(name: str, value: Any) -> bool:
    """`value` as True or False."""
    if value not in (True, False):
        hint = INFERRED if isinstance(value, int) else ""
        raise ArgumentError(f"`{name}` must be True or False, got {value!r}{hint}")
    return bool(value)


def number(name: str, value: Any) -> float:
    """`value` as a number that no formula uses: an epsilon, a slope, perhaps of a symbol: 1/√d."""
    if dims.is_symbolic(value):
        return value  # type: ignore[no-any-return]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ArgumentError(f"`{name}` must be a number, got {value!r}")
    return value


def epsilon(name: str, value: Any) -> float:
    """`value` as a small number; a whole one is a size that a torch user wrote from habit."""
    small = number(name, value)
    if small >= 1:
        raise ArgumentError(f"`{name}` must be below 1, got {value}{INFERRED}")
    return small


def one_of(name: str, value: Any, allowed: tuple[str, ...]) -> str:
    """`value` if it is one of the words that the argument knows."""
    if value not in allowed:
        raise ArgumentError(f"`{name}` must be one of {', '.join(map(repr, allowed))}, got {value!r}")
    return str(value)


def axis_number(name: str, value: Any) -> int:
    """`value` as the number of an axis, as torch counts them: 0 is the batch, -1 the last."""
    if isinstance(value, bool) or not isinstance(value, int) or value == 0:
        raise ArgumentError(f"`{name}` must be an axis other than the batch's 0, got {value!r}")
    return value


def share(name: str, value: Any) -> Any:
    """`value` as a part of one: a probability."""
    if not dims.is_symbolic(value) and not 0 <= number(name, value) <= 1:
        raise ArgumentError(f"`{name}` must be between 0 and 1, got {value}")
    return value


CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "bool": flag,
    "float": number,
    "Size": whole,
    "Count": partial(whole, least=1),
    "Axis": axis_number,
    "Share": share,
    "Epsilon": epsilon,
}
"""How each kind of argument is checked, by the name of its annotation."""


def normal(name: str, value: Any, kind: str, axes: int) -> Any:
    """`value` in the normal form of its kind, which is the name of its annotation; as it is for other kinds.

    Raises:
        ArgumentError: it is not of this kind.
    """
    if kind in CHECKS:
        return CHECKS[kind](name, value)
    if kind == "Padding" and isinstance(value, str):
        if value != SAME_TF:
            raise ArgumentError(f"`{name}` must be a size or '{SAME_TF}', got {value!r}")
        return value
    if kind in ("Counts", "Sizes", "Padding"):
        return per_axis(name, value, axes, 1 if kind == "Counts" else 0)
    return value


def normal_default(layer: object, f: Field[Any]) -> Any:
    """The field's default as construction normalises it: stride 1 of a Conv2d is (1, 1)."""
    value = getattr(layer, f.name)
    if f.default is None and isinstance(value, tuple):  # a pool's stride follows its kernel
        return getattr(layer, "kernel_size", None)
    if isinstance(value, tuple) and isinstance(f.default, int):
        return (f.default,) * len(value)
    return f.default


def spelled(value: Any, equal_axes_once: bool = True) -> str:
    """A value as a spec writes it: equal sizes of all axes as one number, if the layer allows that."""
    if equal_axes_once and isinstance(value, tuple) and value and all(v == value[0] for v in value):
        return spelled(value[0])
    if isinstance(value, tuple):
        return f"({', '.join(map(spelled, value))}{',' * (len(value) == 1)})"
    return f"'{value}'" if isinstance(value, str) else str(value)
