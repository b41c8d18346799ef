"""Calls: arguments bound to parameters, and layers made from them."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import MISSING
from types import NoneType
from typing import Any

from cnncost.errors import CnncostError, Place, SpecError, did_you_mean
from cnncost.layers import Layer
from cnncost.layers.arguments import INFERRED
from cnncost.spec.expression import shorten
from cnncost.spec.items import Call, Item

SIZES_OF_INPUT = ("in_channels", "in_features", "num_features", "num_channels")


def bind(name: str, parameters: tuple[str, ...], call: Call) -> dict[str, Any]:
    """Positional and named arguments by parameter name.

    Raises:
        SpecError: too many, an unknown name, or one given twice.
    """
    if len(call.args) > len(parameters):
        message = f"`{name}` takes {count(len(parameters), 'argument')}, got {len(call.args)}"
        raise SpecError(message, call.place_of(len(parameters)))
    bound = dict(zip(parameters, call.args, strict=False))
    for key, value in call.kwargs.items():
        if key not in parameters:
            hint = INFERRED if key in SIZES_OF_INPUT else did_you_mean(key, parameters)
            message = f"`{name}` has no argument `{key}`{hint}"
            raise SpecError(message, call.place_of(key))
        if key in bound:
            raise SpecError(f"`{name}` gets `{key}` twice", call.place_of(key))
        bound[key] = value
    return bound


def count(n: int, noun: str) -> str:
    """`no argument`, `1 argument`, `2 arguments`."""
    return f"{n or 'no'} {noun}{'s' if n > 1 else ''}"


def make_layer(layer: type[Layer], call: Call) -> Layer:
    """A layer from the arguments of its call; the same one for the same call.

    Raises:
        SpecError: missing, unknown or wrong arguments.
    """
    key = (layer, tuple(map(typed, call.args)), tuple((k, typed(v)) for k, v in call.kwargs.items()))
    try:
        made = _made.get(key)
    except TypeError:  # an array, which has no hash
        return new_layer(layer, call)
    if made is None:
        made = new_layer(layer, call)
        if all(map(is_plain, (*call.args, *call.kwargs.values()))):
            if len(_made) >= MOST_KEPT:
                _made.clear()
            _made[key] = made
    return made


_made: dict[Hashable, Layer] = {}
MOST_KEPT = 8192
PLAIN = (int, float, str, NoneType)


def is_plain(value: Any) -> bool:
    """Whether a layer with this argument is the same every time: with a symbol, conditions are noted."""
    return all(map(is_plain, value)) if isinstance(value, tuple) else isinstance(value, PLAIN)


def typed(value: Any) -> Any:
    """A value that is told apart from others that Python calls equal: 1, 1.0 and True."""
    return tuple(map(typed, value)) if isinstance(value, tuple) else (type(value), value)


def new_layer(layer: type[Layer], call: Call) -> Layer:
    """A layer made from its call's arguments."""
    parameters = layer.parameters()
    names = tuple(f.name for f in parameters)
    bound = bind(layer.__name__, names, call)
    for name, value in bound.items():
        if isinstance(value, Item):
            message = f"`{layer.__name__}` takes numbers and texts, not layers"
            raise SpecError(message, culprit(call, names, name))
    missing = [f.name for f in parameters if f.name not in bound and is_required(f)]
    if missing:
        raise SpecError(f"`{layer.__name__}` needs `{missing[0]}`", call.place)
    try:
        return layer(**bound)
    except CnncostError as error:
        blamed = re.match(r"`(\w+)`", str(error))
        place = culprit(call, names, blamed[1] if blamed else "")
        raise SpecError(f"{layer.__name__}: {shorten(str(error), 200)}", place) from None


def culprit(call: Call, names: tuple[str, ...], name: str) -> Place | None:
    """Where the argument of this name stands; the call itself where it has none."""
    if name not in call.kwargs and name in names[: len(call.args)]:
        return call.place_of(names.index(name))
    return call.place_of(name)


def is_required(f: Any) -> bool:
    """Whether a dataclass field has no default."""
    return f.default is MISSING
