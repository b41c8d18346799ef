"""SOURCEs: names of PyTorch modules and of ONNX files. Nothing here needs torch."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cnncost.dims import Inputs, Shape
from cnncost.spec.expression import Expression

CODE = re.compile(r"(?P<where>(?s:.+)\.py|[A-Za-z_][\w.]*):(?P<what>[A-Za-z_][\w.]*)\Z")


Given = tuple[tuple[str, Shape], ...] | None
"""The inputs of a module by name, "" for the only one; None for a likely input."""


def frozen_inputs(input: Inputs | None) -> Given:
    """Inputs in a form that can be a key."""
    if input is None:
        return None
    named = input if isinstance(input, Mapping) else {"": input}
    return tuple((name, tuple(shape)) for name, shape in named.items())


@dataclass(frozen=True)
class Source:
    """A SOURCE with the arguments for its code, and the input that it is traced on, None for a likely one."""

    name: str
    arguments: tuple[tuple[str, Any], ...] = ()
    input: Given = None

    @property
    def where(self) -> str:
        """The package's module, or the file."""
        found = CODE.match(self.name)
        return found["where"] if found else self.name

    @property
    def what(self) -> str:
        """The class or function in it."""
        found = CODE.match(self.name)
        return found["what"] if found else ""

    @property
    def network(self) -> str:
        """The name of the network: that of the class, of the function or of the file."""
        return self.what.rpartition(".")[2] or os.path.splitext(os.path.basename(self.name))[0]


def is_source(name: object) -> bool:
    """Whether a name is a SOURCE; for such a name alone, Python code runs."""
    if not isinstance(name, str) or name.startswith("-"):
        return False
    return bool(CODE.match(name)) or name.endswith((".pt2", ".py")) or is_onnx(name)


def is_onnx(name: str) -> bool:
    """Whether a SOURCE is an ONNX file, of which no code runs."""
    return name.lower().endswith(".onnx")


def literal(value: Any) -> Any:
    """The value of an argument as it is typed: a number, a list, a word."""
    if not isinstance(value, Expression):
        return value
    try:
        return ast.literal_eval(value.text)
    except (ValueError, SyntaxError):
        return value.text


def arguments_of(params: Mapping[str, Any] | None) -> tuple[tuple[str, Any], ...]:
    """Arguments for a SOURCE's code from the values of `--set`."""
    return tuple((name, literal(value)) for name, value in (params or {}).items())
