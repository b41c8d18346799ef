"""Finds and reads a spec: bytes to text to Spec."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

from cnncost.errors import Place, SpecError
from cnncost.spec import limits
from cnncost.spec.parser import Parser
from cnncost.spec.structure import Spec


def read_file(path: str | os.PathLike[str]) -> Spec:
    """Read a spec from a file.

    Raises:
        SpecError: no such file, not a file, not readable, too large, not UTF-8, or a wrong spec.
    """
    return parse_spec(read_text(path, "a spec"), str(path))


def read_text(path: str | os.PathLike[str], what: str) -> str:
    """The text of a file; `what` names what it should hold."""
    shown = str(path)
    try:
        if Path(path).is_dir():
            raise SpecError(f"{shown} is a folder, not {what}")
        with open(path, "rb") as stream:
            return decode(stream, shown)
    except FileNotFoundError:
        raise SpecError(f"{shown}: no such file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SpecError(f"{shown}: cannot be read: {reason}") from None


def read_stdin() -> Spec:
    """Read a spec from standard input."""
    if sys.stdin is None:
        raise SpecError("<stdin>: standard input is closed")
    return parse_spec(decode(sys.stdin.buffer, "<stdin>"), "<stdin>")


def decode(stream: BinaryIO, source: str) -> str:
    """The text of a stream, if it is one and not too much."""
    data = stream.read(limits.FILE_BYTES + 1)
    if len(data) > limits.FILE_BYTES:
        raise SpecError(f"{source}: larger than {limits.FILE_BYTES:,} bytes: no spec needs that")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode(errors="replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"not a text file: byte {error.start} is not UTF-8"
        raise SpecError(message, Place(source, line, column)) from None


def parse_spec(text: str, source: str) -> Spec:
    """Parse the text of a spec.

    Raises:
        SpecError: what is wrong, with file, line and column; all independent errors at once.
    """
    return Parser(text, source).spec()
