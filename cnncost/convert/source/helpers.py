"""Classes for the layers that torch.nn does not have: their source in `measure`, copied."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path


class Helpers:
    """Collects the classes of cnncost's that a source needs, and what these need."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def __call__(self, name: str) -> str:
        """The name in the source of a class, by its dotted name."""
        room, _, cls = name.rpartition(".")
        self.collect(room, cls)
        return shortened(cls)

    def collect(self, room: str, name: str) -> None:
        """Copy a definition, behind those that it needs."""
        text, tree = source_of(room)
        definitions = {defined: node for node in tree.body for defined in names_defined(node)}
        if name in definitions:
            node = definitions[name]
            if shortened(name) in self.found:
                return
            used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - {name}
            for other in definitions:
                if other in used:
                    self.collect(room, other)
            for module, imported in imports_of(tree):
                if imported in used and module.startswith("cnncost."):
                    self.collect(module, imported)
            self.found[shortened(name)] = rewritten(ast.get_source_segment(text, node) or "")

    @property
    def text(self) -> str:
        """The classes and functions, as a file has them."""
        return "\n\n\n".join(self.found.values())


@cache
def source_of(room: str) -> tuple[str, ast.Module]:
    """The text of a module, which is not imported: it needs torch."""
    spec = find_spec(room)
    text = Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
    return text, ast.parse(text)


def names_defined(node: ast.stmt) -> Iterator[str]:
    """The names that a statement of a file defines."""
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def imports_of(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The names that a file imports, with their modules."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def shortened(name: str) -> str:
    """`StochasticDepth` for `StochasticDepthModule`."""
    return name.removesuffix("Module")


def rewritten(text: str) -> str:
    """The source with the names that it has in an export."""
    text = re.sub(r"\b([A-Z]\w+)Module\b", r"\1", text)
    return re.sub(r"  # (noqa|type:)[^\n]*", "", text)
