"""Errors within blocks: the place of the call that passed the wrong value, and the chain of calls."""

from __future__ import annotations

from typing import Any

from cnncost.errors import SpecError
from cnncost.spec.items import Call


def called_from(
    error: SpecError, called: str, parameters: tuple[str, ...], path: str, call: Call
) -> SpecError:
    """The error of the body of a block or a network, as its caller sees it.

    If the wrong part mentions an argument that this call passes, the mistake is there: its place becomes
    that of the argument. Otherwise it stays in the body, and the call is added to the chain.
    """
    if is_in(error, call):  # a layer that was passed as an argument: its own names are the caller's
        return error
    argument = blamed(error, parameters, call)
    if argument is not None and error.place and (place := call.place_of(argument)):
        calls = (f"in `{called}`, line {error.place.line}", *error.calls)
        return type(error)(error.rule, place, call.names_in(argument), calls)
    line = f", line {call.place.line}" if call.place else ""
    return type(error)(error.rule, error.place, calls=(*error.calls, f"from `{path}`{line}"))


def is_in(error: SpecError, call: Call) -> bool:
    """Whether the place of an error is within a call's own text."""
    if not error.place or not call.place or not call.expression:
        return False
    start = call.place
    same_line = (error.place.source, error.place.line) == (start.source, start.line)
    return same_line and 0 <= error.place.column - start.column < call.expression.width(call.node)


def blamed(error: SpecError, parameters: tuple[str, ...], call: Call) -> Any:
    """The argument of a call that the wrong part mentions, by number or name; None if it is none."""
    positional = parameters[: len(call.args)]
    for name in (*positional, *call.kwargs):
        if name in error.names:
            return positional.index(name) if name in positional else name
    return None
