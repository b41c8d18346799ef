"""A page of the gallery: text, and pieces that commands make."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace

MARK = "<!-- made by cnncost gallery -->"
"""The first line of every page, which marks a page of the gallery."""


@dataclass(frozen=True)
class Piece:
    """Something that a command makes: a chart's file if it has a path, else text in its page.

    `path` is relative to the gallery's folder; `arguments` are those of `cnncost`, without ``-o PATH``.
    `dark` is the path of the same chart for readers with a dark background, if there is one.
    """

    title: str
    arguments: tuple[str, ...]
    path: str = ""
    dark: str = ""

    @property
    def drawn(self) -> tuple[Piece, ...]:
        """What has to be run for it: itself, and its dark chart."""
        if not self.dark:
            return (self,)
        return self, Piece(self.title, (*self.arguments, "--theme", "dark"), self.dark)

    @property
    def both(self) -> Piece:
        """The same chart on a light and on a dark background."""
        return replace(self, dark=self.path.replace(".svg", "-dark.svg"))

    @property
    def command(self) -> str:
        """The command as a reader types it in the gallery's folder."""
        return shlex.join(("cnncost", *self.arguments, *(("-o", self.path) if self.path else ())))


def chart(title: str, kind: str, *arguments: str, name: str) -> Piece:
    """A chart in a file of this name."""
    return Piece(title, ("chart", kind, *arguments), f"charts/{name}.svg")


def picture(piece: Piece, up: str) -> str:
    """A chart in Markdown; with a dark one too, each reader sees the one for their background."""
    if not piece.dark:
        return f"![{piece.title}]({up}{piece.path})"
    return "\n".join(
        [
            "<picture>",
            f'  <source media="(prefers-color-scheme: dark)" srcset="{up}{piece.dark}">',
            f'  <img alt="{piece.title}" src="{up}{piece.path}">',
            "</picture>",
        ]
    )


@dataclass(frozen=True)
class Page:
    """A heading, a text below it, and pieces."""

    path: str
    title: str
    text: str
    pieces: tuple[Piece, ...] = ()

    @property
    def name(self) -> str:
        """The name by which a user asks for it: ``resnet``, ``charts``, ``index``."""
        return "index" if self.path == "README.md" else self.path.rpartition("/")[2].removesuffix(".md")

    @property
    def files(self) -> tuple[str, ...]:
        """Its own file, and those of its charts."""
        return (self.path, *(one.path for piece in self.pieces for one in piece.drawn if one.path))

    def markdown(self, outputs: Mapping[Piece, str]) -> str:
        """The page with the output of each command; of a chart's command, its messages."""
        parts = [MARK, f"# {self.title}", self.text]
        for piece in self.pieces:
            parts.append(f"## {piece.title}" if len(self.pieces) > 1 else "")
            parts.append(f"`{piece.command}`")
            if piece.path:
                parts.append(picture(piece, "../" * self.path.count("/")))
            parts.append(outputs[piece].strip("\n"))
        return "\n\n".join(part for part in parts if part) + "\n"
