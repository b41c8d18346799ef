"""Styled lines on a terminal: its width, its colours; plain text in a pipe."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

Part = tuple[str, str]
"""A piece of a line and its rich style."""


def plain_text(parts_of_lines: Iterable[list[Part]]) -> str:
    """Lines without styles."""
    return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in parts_of_lines)


def terminal_width(stream: TextIO) -> int:
    """COLUMNS if set, the terminal's width, or 80 in a pipe."""
    import shutil

    return shutil.get_terminal_size((80, 24)).columns if stream.isatty() else pipe_width()


def pipe_width() -> int:
    """COLUMNS if it is a number, else 80."""
    import os

    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdigit() and int(columns) > 0 else 80


def show(parts_of_lines: Iterable[list[Part]], stream: TextIO | None = None) -> None:
    """Write lines to a terminal, with colour where it wants it."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True, file=stream)
    for line in parts_of_lines:
        console.print(Text.assemble(*line, no_wrap=True, end=""))


def show_code(text: str, language: str) -> None:
    """Write a text to a terminal as it is, in the colours of its language."""
    from rich.console import Console
    from rich.syntax import Syntax

    code = Syntax(text, language, theme="ansi_dark", background_color="default").highlight(text)
    code.rstrip()
    Console(highlight=False, soft_wrap=True).print(code)
