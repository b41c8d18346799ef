"""The YAML of a spec, as a tree of nodes that know their place.

Built from the parser's events rather than by its own composer: so depth and size are checked while
reading, and aliases, tags and second documents are refused, with their place.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import yaml

from cnncost.errors import Place, SpecError
from cnncost.spec import limits

Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the C parser where PyYAML has it

LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # as YAML 1.1 counts lines


@cache
def not_text() -> re.Pattern[str]:
    """The characters that YAML does not allow; compiled only for a line that is not plainly printable."""
    return re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


BRACKET_HINT = "; inside `[ ]` and `{ }`, a value with brackets of its own needs quotes"


class SourceText:
    """The text of a spec and its lines; `needs` is what an empty file lacks."""

    needs = "a spec needs `layers`"

    def __init__(self, text: str, source: str) -> None:
        self.text = text.removeprefix("\ufeff")
        self.source = source
        self.lines = LINE_BREAK.split(self.text)
        self.nodes = 0

    def at(self, line: int, column: int) -> Place:
        """A place by its line and column, both from 0."""
        text = self.lines[line] if line < len(self.lines) else ""
        return Place(self.source, line + 1, column + 1, text)

    def place(self, part: Any) -> Place:
        """Where a node or an event starts."""
        return self.at(part.start_mark.line, part.start_mark.column)

    def compose(self) -> yaml.Node:
        """The root of the tree."""
        self.check_lines()
        self.events = Loader(self.text)
        try:
            return self.root()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = self.at(mark.line, mark.column) if mark else self.at(0, 0)
            raise SpecError(f"not valid YAML: {self.problem(error, place)}", place) from None
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            raise SpecError(f"not valid YAML: {str(error).partition(chr(10))[0]}", self.at(0, 0)) from None
        finally:
            self.events.dispose()

    def problem(self, error: yaml.MarkedYAMLError, place: Place) -> str:
        """The parser's message, in plainer words if a tab or a name with `{}` is the cause."""
        if place.text[place.column - 1 : place.column] == "\t":
            return "a tab: YAML indents with spaces"
        if place.text[place.column - 1 :].startswith("{}"):
            return "within `{ }` a name with `{}` needs quotes, as in `{'x{}': 3 * ReLU}`"
        problem = str(error.problem or error.context or "cannot be parsed")
        cut = place.text[place.column - 1 : place.column] == "[" and "',' or " in problem
        return problem + BRACKET_HINT if cut else problem

    def check_lines(self) -> None:
        """Refuse characters that are not text, and lines too long to have been typed."""
        for i, line in enumerate(self.lines):
            if len(line) > limits.LINE_CHARACTERS:
                raise SpecError(f"a line of more than {limits.LINE_CHARACTERS} characters", self.at(i, 0))
            if not line.isprintable() and (found := not_text().search(line)):
                message = f"not a text file: the character U+{ord(found[0]):04X} is not text"
                raise SpecError(message, self.at(i, found.start()))

    def root(self) -> yaml.Node:
        """The only document's node."""
        self.events.get_event()  # the stream starts
        if self.events.check_event(yaml.StreamEndEvent):
            raise SpecError(f"the file is empty: {self.needs}", self.at(0, 0))
        self.events.get_event()  # the document starts
        node = self.node(1)
        self.events.get_event()  # the document ends
        if not self.events.check_event(yaml.StreamEndEvent):
            raise SpecError("a second document: a file holds one spec", self.place(self.events.get_event()))
        return node

    def node(self, depth: int) -> yaml.Node:
        """The next node with all that it holds."""
        event: Any = self.events.get_event()
        self.check(event, depth)
        start, end, inside = event.start_mark, event.end_mark, depth + 1
        if isinstance(event, yaml.ScalarEvent):
            return yaml.ScalarNode("", event.value, start, end, event.style)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not self.events.check_event(yaml.SequenceEndEvent):
                items.append(self.node(inside))
            return yaml.SequenceNode("", items, start, self.events.get_event().end_mark)
        pairs = []
        while not self.events.check_event(yaml.MappingEndEvent):
            pairs.append((self.node(inside), self.node(inside)))
        return yaml.MappingNode("", pairs, start, self.events.get_event().end_mark)

    def check(self, event: Any, depth: int) -> None:
        """Refuse aliases, tags, and nesting or numbers of nodes that no spec needs."""
        self.nodes += 1
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            message = "YAML aliases (`&`, `*`) are not part of the notation; write a block"
        elif event.tag is not None:
            message = "YAML tags (`!`) are not part of the notation"
        elif depth > limits.YAML_DEPTH:
            message = f"lists and mappings nested more than {limits.YAML_DEPTH} deep"
        elif self.nodes > limits.YAML_NODES:
            message = f"a spec of more than {limits.YAML_NODES} parts"
        else:
            return
        raise SpecError(message, self.place(event))
