"""Calls: arguments bound to parameters, and layers made from them."""

from __future__ import annotations

import ast
import re
from dataclasses import MISSING, replace
from functools import lru_cache
from types import NoneType
from typing import Any

from cnncost.errors import CnncostError, SpecError
from cnncost.layers import Layer
from cnncost.layers.arguments import INFERRED
from cnncost.spec.expression import shorten
from cnncost.spec.foreign_lookup import argument_hint, is_input_size
from cnncost.spec.items import Call, Item

PLAIN = frozenset({int, float, bool, str, NoneType})


def bind(name: str, parameters: tuple[str, ...], call: Call, inputs: tuple[str, ...] = ()) -> dict[str, Any]:
    """Positional and named arguments by parameter name; `inputs` are names that a call may give as well."""
    if len(call.args) > len(parameters):
        most = f"{len(parameters) or 'no'} argument{'s' if len(parameters) > 1 else ''}"
        message = f"`{name}` takes {most}, got {len(call.args)}"
        raise SpecError(message, call.place_of(len(parameters)))
    bound = dict(zip(parameters, call.args, strict=False))
    for key, value in call.kwargs.items():
        if key not in parameters:
            known = (*parameters, *inputs)
            hint = inferred_hint(call, key) if is_input_size(key, known) else argument_hint(key, known)
            message = f"`{name}` has no argument `{key}`{hint}"
            raise SpecError(message, call.place_of(key))
        if key in bound:
            raise SpecError(f"`{name}` gets `{key}` twice", call.place_of(key))
        bound[key] = value
    return bound


def inferred_hint(call: Call, key: str) -> str:
    """What to write instead of a call that names a size of its input."""
    if not isinstance(call.node, ast.Call):
        return INFERRED
    keywords = [keyword for keyword in call.node.keywords if keyword.arg != key]
    return f"{INFERRED}: drop `{key}` and write `{shorten(call_text(call.node, call.node.args, keywords))}`"


def call_text(node: ast.Call, args: list[ast.expr], keywords: list[ast.keyword]) -> str:
    """The text of a call with other arguments; of none, only its name."""
    return ast.unparse(ast.Call(node.func, args, keywords) if args or keywords else node.func)


def other_inputs(layer: type[Layer], call: Call) -> tuple[dict[str, Item], Call]:
    """The layers that make the further inputs of a layer, in its own order, and the call without them."""
    names = layer.other_inputs
    if not names or call.kwargs.keys().isdisjoint(names):
        return {}, call
    found: dict[str, Item] = {}
    for place, name in enumerate(names):
        value = call.kwargs.get(name)
        if value is None:
            continue
        if not isinstance(value, Item):
            message = f"`{name}` is an input of `{layer.__name__}`: give it layers, as in `{name}=ref(x)`"
            raise SpecError(message, call.place_of(name))
        if len(found) < place:
            raise SpecError(
                f"`{layer.__name__}` takes `{name}` behind `{names[place - 1]}`: give both", call.place
            )
        found[name] = value
    return found, replace(call, kwargs={k: v for k, v in call.kwargs.items() if k not in names})


def make_layer(layer: type[Layer], call: Call) -> Layer:
    """A layer made from its call's arguments; equal calls share one."""
    kwargs = tuple(call.kwargs.items())
    try:
        types = types_in((call.args, kwargs))
        return shared_layer(layer, call.args, kwargs, types)  # type: ignore[arg-type]  # a class has a hash
    except (CnncostError, TypeError):  # wrong arguments, or arguments that cannot be shared
        return new_layer(layer, call)


@lru_cache(maxsize=8192)
def shared_layer(layer: type[Layer], args: tuple[Any, ...], kwargs: tuple[Any, ...], _: Any) -> Layer:
    """The one layer of equal calls: the catalogue has 15 nodes for each, and making one takes longest.

    The types in the arguments tell 1, 1.0 and True apart, which are equal in Python.
    """
    return layer(*args, **dict(kwargs))


def types_in(value: Any) -> Any:
    """The types of numbers and texts, in tuples as they are.

    Raises:
        TypeError: something else, such as a symbol, whose conditions are recorded each time.
    """
    kind = type(value)
    if kind is tuple:
        return tuple(map(types_in, value))
    if kind in PLAIN:
        return kind
    raise TypeError(f"{value} is neither number nor text")


def new_layer(layer: type[Layer], call: Call) -> Layer:
    """A layer of its own; an error names the place of what is wrong."""
    parameters = layer.parameters()
    names = tuple(f.name for f in parameters)
    bound = bind(layer.__name__, names, call, layer.other_inputs)
    for name, value in bound.items():
        if isinstance(value, Item):
            message = f"`{layer.__name__}` takes numbers and texts, not layers"
            raise at_culprit(message, call, names, name)
    for f in parameters:
        if f.default is MISSING and f.name not in bound:
            raise SpecError(f"`{layer.__name__}` needs `{f.name}`", call.place)
    try:
        return layer(**bound)
    except SpecError as error:  # in a formula of a spec's own type, at its place
        raise SpecError(f"{layer.__name__}: {error.message}", error.place) from None
    except CnncostError as error:
        blamed = re.match(r"`(\w+)`", str(error))
        message = f"{layer.__name__}: {shorten(str(error), 200)}"
        raise at_culprit(message, call, names, blamed[1] if blamed else "") from None


def at_culprit(message: str, call: Call, names: tuple[str, ...], name: str) -> SpecError:
    """An error at the argument of this name; at the call itself where it has no such argument."""
    positional = name not in call.kwargs and name in names[: len(call.args)]
    argument = names.index(name) if positional else name
    return SpecError(message, call.place_of(argument), call.names_in(argument))
