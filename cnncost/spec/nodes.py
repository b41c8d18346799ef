"""Shared by all sections of a spec: reading YAML node by node, and collecting errors with their places."""

from __future__ import annotations

from collections.abc import Collection

import yaml

from cnncost.errors import SpecError, SpecErrors, did_you_mean
from cnncost.spec import limits
from cnncost.spec.document import SourceText
from cnncost.spec.expression import shorten, visible

Pairs = list[tuple[yaml.Node, yaml.Node]]


class NodeReader(SourceText):
    """Reads YAML nodes, collecting errors as it goes."""

    def __init__(self, text: str, source: str) -> None:
        super().__init__(text, source)
        self.errors: list[SpecError] = []

    # errors

    def wrong(self, node: yaml.Node, message: str) -> None:
        self.add(SpecError(message, self.place(node)))

    def add(self, error: SpecError) -> None:
        """Note an error and go on, if there are not too many already."""
        self.errors.append(error)
        if len(self.errors) >= limits.MOST_ERRORS:
            raise self.collected()

    def fail(self, node: yaml.Node, message: str) -> SpecError:
        """An error after which nothing can be made of this node."""
        self.wrong(node, message)
        return self.collected()

    def unknown_key(self, key: yaml.Node, of: str, known: Collection[str]) -> None:
        """Note that a key is not one of `of`, with the nearest of those that are, or all."""
        name = str(key.value)
        hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
        self.wrong(key, f"`{shorten(name)}` is not a key of {of}{hint}")

    def collected(self) -> SpecError:
        unique = {str(error): error for error in self.errors}
        errors = sorted(unique.values(), key=lambda e: (e.place.line, e.place.column) if e.place else (0, 0))
        return errors[0] if len(errors) == 1 else SpecErrors(errors)

    # YAML

    def mapping(self, node: yaml.Node, what: str) -> Pairs:
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, f"{what} must be a mapping of `key: value`")
        first: dict[str, int] = {}
        for _, value in node.value:
            if is_cut(value) and any(is_nothing(other) for _, other in node.value):
                raise SpecError(f"a call is cut in two{COMMA_HINT}", self.place(value))
        for key, _ in node.value:
            name = self.scalar(key)
            if name in first:
                raise self.fail(key, f"`{shorten(name)}` is given twice (first in line {first[name]})")
            first[name] = key.start_mark.line + 1
        return list(node.value)

    def definitions(self, node: yaml.Node, what: str) -> Pairs:
        pairs = self.mapping(node, what)
        if len(pairs) > limits.DEFINITIONS:
            raise self.fail(pairs[limits.DEFINITIONS][0], f"more than {limits.DEFINITIONS} in {what}")
        return pairs

    def scalar(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self.fail(node, "a text or a number belongs here")
        return str(node.value)

    def prose(self, node: yaml.Node) -> str:
        """A text for people: on one line, and nothing in it that a terminal would obey."""
        return visible(self.scalar(node))


COMMA_HINT = "; inside `{ }` and `[ ]` a comma ends the value: quote it, or put it on a line of its own"


def is_cut(node: yaml.Node) -> bool:
    """Whether a comma may have ended the text within a call."""
    unquoted = isinstance(node, yaml.ScalarNode) and not node.style
    return unquoted and node.value.count("(") > node.value.count(")")


def is_nothing(node: yaml.Node) -> bool:
    """Whether the value is empty, as after the rest of a call that a comma has cut."""
    return isinstance(node, yaml.ScalarNode) and not node.value and not node.style
