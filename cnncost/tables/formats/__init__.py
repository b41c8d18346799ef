"""The formats of a table, one file each: adding a file gives every command that shows a table its format.

A file has `ENDING`, the ending of its files, and `render(document)`, which returns text or bytes.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from cnncost.tables.table import Content, document

NAMES = tuple(
    sorted(
        (path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_")),
        key=lambda name: (name != "terminal", name),
    )
)
"""The formats, the one for people first."""


def renderer(name: str) -> Any:
    """The module that writes a format."""
    return import_module(f"{__name__}.{name}")


@cache
def endings() -> dict[str, str]:
    """The format of each file ending."""
    return {renderer(name).ENDING: name for name in NAMES}


def render(content: Content, name: str) -> str | bytes:
    """Tables and paragraphs in a format: text, or the bytes of a file."""
    rendered: str | bytes = renderer(name).render(document(content))
    return rendered
