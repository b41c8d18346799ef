"""Finds and reads a YAML spec, keeping the place of everything for errors.

The YAML gives structure only. Its scalars stay what was typed (`no`, `010`, `12:30` are texts, not
booleans, octals or times) and are parsed as expressions of the call notation.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import yaml

from cnncost.errors import Place, SpecError, SpecErrors, did_you_mean
from cnncost.layers import MERGES
from cnncost.spec import limits
from cnncost.spec.expression import Expression, parse, shorten

Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the C parser where PyYAML has it

# Structure: what the YAML of `layers` and block bodies reads as


@dataclass(frozen=True)
class Sequence:
    """A list of items, one after the other."""

    items: tuple[Structure, ...]
    place: Place


@dataclass(frozen=True)
class Named:
    """`name: item`."""

    name: str
    item: Structure
    place: Place


@dataclass(frozen=True)
class Branches:
    """`add:`, `concat:` or `multiply:` over named branches."""

    kind: str
    branches: Mapping[str, Structure]
    place: Place


@dataclass(frozen=True)
class Aux:
    """`aux:` a side head, used in training only."""

    item: Structure
    place: Place


Structure = Expression | Sequence | Named | Branches | Aux


@dataclass(frozen=True)
class Block:
    """A named body with parameters: `conv_bn(out, kernel, stride=1):`."""

    name: str
    parameters: tuple[str, ...]
    defaults: Mapping[str, Expression]
    body: Structure
    place: Place


Value = Expression | list[Any]
"""A param's value as written: an expression, or a list of values."""


@dataclass(frozen=True)
class Spec:
    """A spec as written: read and parsed, nothing expanded yet."""

    name: str
    source: str
    text: str
    layers: Structure
    title: str = ""
    paper: Mapping[str, str] = field(default_factory=dict)
    input: tuple[Expression, ...] = ()
    params: Mapping[str, Value] = field(default_factory=dict)
    variants: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    blocks: Mapping[str, Block] = field(default_factory=dict)

    @property
    def year(self) -> int | None:
        """The year of the paper, where the spec gives one."""
        year = self.paper.get("year", "")
        return int(year) if re.fullmatch(r"\d{4}", year) else None


# Reading bytes


def read_file(path: str | os.PathLike[str]) -> Spec:
    """Read a spec from a file.

    Raises:
        SpecError: no such file, not a file, not readable, too large, not UTF-8, or a wrong spec.
    """
    shown = str(path)
    try:
        if Path(path).is_dir():
            raise SpecError(f"{shown} is a folder, not a spec")
        with open(path, "rb") as stream:
            return parse_spec(decode(stream, shown), shown)
    except FileNotFoundError:
        raise SpecError(f"{shown}: no such file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SpecError(f"{shown}: cannot be read: {reason}") from None


def read_stdin() -> Spec:
    """Read a spec from standard input."""
    return parse_spec(decode(sys.stdin.buffer, "<stdin>"), "<stdin>")


def decode(stream: BinaryIO, source: str) -> str:
    """The text of a stream, if it is one and not too much."""
    data = stream.read(limits.FILE_BYTES + 1)
    if len(data) > limits.FILE_BYTES:
        raise SpecError(f"{source}: larger than {limits.FILE_BYTES:,} bytes: no spec needs that")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(f"{source}: not a text file: byte {error.start} is not UTF-8") from None


# Parsing

TOP_KEYS = ("name", "title", "paper", "input", "params", "variants", "blocks", "layers")
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
NETWORK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*\Z")
ITEM_NAME = re.compile(r"[A-Za-z0-9_-]*(\{\})?[A-Za-z0-9_-]*\Z")


def parse_spec(text: str, source: str) -> Spec:
    """Parse the text of a spec.

    Raises:
        SpecError: what is wrong, with file, line and column; all independent errors at once.
    """
    return _Parser(text, source).spec()


class _Parser:
    """Turns YAML nodes into a Spec, collecting errors as it goes."""

    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self.source = source
        self.lines = text.splitlines()
        self.errors: list[SpecError] = []

    def spec(self) -> Spec:
        top = self.mapping(self.compose(), "a spec")
        keys = {self.scalar(key): (key, node) for key, node in top}
        for name, (key, _) in keys.items():
            if name not in TOP_KEYS:
                self.wrong(key, f"`{shorten(name)}` is no part of a spec{did_you_mean(name, TOP_KEYS)}")
        nodes = {name: node for name, (_, node) in keys.items()}
        if "layers" not in nodes:
            self.errors.append(SpecError("a spec needs `layers`", self.line_one()))
            raise self.collected()
        spec = Spec(
            name=self.network_name(nodes["name"]) if "name" in nodes else Path(self.source).stem,
            source=self.source,
            text=self.text,
            title=self.scalar(nodes["title"]) if "title" in nodes else "",
            paper=self.paper(nodes["paper"]) if "paper" in nodes else {},
            input=self.input(nodes["input"]) if "input" in nodes else (),
            params=self.values(nodes["params"], "params") if "params" in nodes else {},
            variants=self.variants(nodes["variants"]) if "variants" in nodes else {},
            blocks=self.blocks(nodes["blocks"]) if "blocks" in nodes else {},
            layers=self.structure(nodes["layers"]),
        )
        self.check_variants(spec)
        if self.errors:
            raise self.collected()
        return spec

    # errors

    def place(self, node: yaml.Node) -> Place:
        mark = node.start_mark
        return self.at(mark.line, mark.column)

    def at(self, line: int, column: int) -> Place:
        text = self.lines[line] if line < len(self.lines) else ""
        return Place(self.source, line + 1, column + 1, text)

    def line_one(self) -> Place:
        return Place(self.source, 1, 1)

    def wrong(self, node: yaml.Node, message: str) -> None:
        self.errors.append(SpecError(message, self.place(node)))

    def fail(self, node: yaml.Node, message: str) -> SpecError:
        """An error after which nothing can be made of this node."""
        self.wrong(node, message)
        return self.collected()

    def collected(self) -> SpecError:
        unique = {str(error): error for error in self.errors}
        errors = sorted(unique.values(), key=lambda e: (e.place.line, e.place.column) if e.place else (0, 0))
        return errors[0] if len(errors) == 1 else SpecErrors(errors[:10])

    # YAML

    def compose(self) -> yaml.Node:
        self.check_text()
        try:
            node = yaml.compose(self.text, Loader=Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = self.at(mark.line, mark.column) if mark else self.line_one()
            problem = (error.problem or error.context or "cannot be parsed").replace("'\\t'", "a tab")
            raise SpecError(f"not valid YAML: {problem}", place) from None
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            raise SpecError(f"{self.source}: not valid YAML: {str(error).splitlines()[0]}") from None
        if node is None:
            raise SpecError(f"{self.source}: the file is empty")
        self.check_tree(node)
        return node

    def check_text(self) -> None:
        """Refuse what would overwhelm the YAML parser itself."""
        depth = 0
        for i, line in enumerate(self.lines):
            if len(line) > limits.LINE_CHARACTERS:
                raise SpecError(f"a line of more than {limits.LINE_CHARACTERS} characters", self.at(i, 0))
            for match in BRACKETS.finditer(line):
                depth = max(depth + (1 if match[0] in "[{" else -1), 0)
                if depth > limits.YAML_DEPTH:
                    message = f"brackets nested more than {limits.YAML_DEPTH} deep"
                    raise SpecError(message, self.at(i, match.start()))

    def check_tree(self, root: yaml.Node) -> None:
        """Refuse aliases (a node met twice) and nesting that no spec needs."""
        seen: set[int] = set()
        level = [root]
        for _ in range(limits.YAML_DEPTH):
            below: list[yaml.Node] = []
            for node in level:
                if id(node) in seen:
                    raise self.fail(node, "YAML aliases (`&`, `*`) are no part of the notation; write a block")
                seen.add(id(node))
                if isinstance(node, yaml.SequenceNode):
                    below.extend(node.value)
                elif isinstance(node, yaml.MappingNode):
                    below.extend(part for pair in node.value for part in pair)
            level = below
            if not level:
                return
        raise self.fail(level[0], f"lists and mappings nested more than {limits.YAML_DEPTH} deep")

    def mapping(self, node: yaml.Node, what: str) -> list[tuple[yaml.Node, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, f"{what} must be a mapping of `key: value`")
        first: dict[str, int] = {}
        for key, _ in node.value:
            name = self.scalar(key)
            if name in first:
                raise self.fail(key, f"`{shorten(name)}` is given twice (first in line {first[name]})")
            first[name] = key.start_mark.line + 1
        return list(node.value)

    def scalar(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self.fail(node, "a text or a number belongs here")
        return str(node.value)

    def expression(self, node: yaml.Node) -> Expression | None:
        text, place = self.scalar(node), self.place(node)
        quoted = node.style in ("'", '"')
        inline = node.style is None or quoted
        inline = inline and node.start_mark.line == node.end_mark.line
        if quoted:
            place = Place(place.source, place.line, place.column + 1, place.text)
        try:
            return parse(text, place, inline)
        except SpecError as error:
            if text.count("(") > text.count(")") and not quoted:
                hint = "; inside `{ }` and `[ ]` a comma ends the value: quote it, or put it on a line of its own"
                error = SpecError(error.message + hint, error.place)
            self.errors.append(error)
            return None

    # sections

    def network_name(self, node: yaml.Node) -> str:
        name = self.scalar(node)
        if not NETWORK_NAME.match(name):
            self.wrong(node, f"`{shorten(name)}` is no name: letters, digits and `_ . + -`")
        return name

    def paper(self, node: yaml.Node) -> dict[str, str]:
        found = {}
        for key, value in self.mapping(node, "`paper`"):
            if isinstance(value, yaml.SequenceNode):
                found[self.scalar(key)] = ", ".join(self.scalar(v) for v in value.value)
            else:
                found[self.scalar(key)] = self.scalar(value)
        return found

    def input(self, node: yaml.Node) -> tuple[Expression, ...]:
        if isinstance(node, yaml.SequenceNode) and 1 <= len(node.value) <= 4:
            return tuple(e for e in map(self.expression, node.value) if e is not None)
        raise self.fail(node, "`input` is a shape: [channels, height, width]")

    def values(self, node: yaml.Node, what: str) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for key, value in self.mapping(node, f"`{what}`"):
            name = self.scalar(key)
            if not IDENTIFIER.match(name) or "__" in name:
                self.wrong(key, f"`{shorten(name)}` is no name for a param: letters, digits and `_`")
            parsed = self.value(value)
            if parsed is not None:
                found[name] = parsed
        return found

    def value(self, node: yaml.Node) -> Value | None:
        if isinstance(node, yaml.SequenceNode):
            return [v for v in map(self.value, node.value) if v is not None]
        if isinstance(node, yaml.MappingNode):
            raise self.fail(node, "a param is a number, a text, a layer or a list of these, not a mapping")
        return self.expression(node)

    def variants(self, node: yaml.Node) -> dict[str, dict[str, Value]]:
        return {
            self.network_name(key): self.values(value, self.scalar(key))
            for key, value in self.mapping(node, "`variants`")
        }

    def check_variants(self, spec: Spec) -> None:
        """A variant changes params that the spec has."""
        for name, changes in spec.variants.items():
            for param, value in changes.items():
                if param not in spec.params:
                    place = value.place if isinstance(value, Expression) else None
                    message = f"variant `{name}` sets `{param}`, which is no param{did_you_mean(param, spec.params)}"
                    self.errors.append(SpecError(message, place or self.line_one()))

    def blocks(self, node: yaml.Node) -> dict[str, Block]:
        found: dict[str, Block] = {}
        for key, body in self.mapping(node, "`blocks`"):
            block = self.block(key, body)
            if block.name in found:
                raise self.fail(key, f"block `{block.name}` is given twice (first in line {found[block.name].place.line})")
            found[block.name] = block
        return found

    def block(self, key: yaml.Node, body: yaml.Node) -> Block:
        place = self.place(key)
        signature = self.expression(key)
        wrong = f"`{shorten(self.scalar(key))}` is no block: write `name(size, stride=1):`"
        if signature is None:
            raise self.collected()
        tree = signature.tree
        if isinstance(tree, ast.Name):
            return Block(tree.id, (), {}, self.structure(body), place)
        if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name):
            raise self.fail(key, wrong)
        names = [a.id for a in tree.args if isinstance(a, ast.Name)]
        keywords = [k.arg for k in tree.keywords if k.arg]
        if len(names) != len(tree.args) or len(keywords) != len(tree.keywords):
            raise self.fail(key, wrong)
        parameters = (*names, *keywords)
        if len(set(parameters)) != len(parameters):
            raise self.fail(key, f"block `{tree.func.id}` has two parameters of one name")
        defaults = {
            str(k.arg): Expression(signature.text, k.value, signature.place, signature.inline)
            for k in tree.keywords
        }
        return Block(tree.func.id, parameters, defaults, self.structure(body), place)

    def structure(self, node: yaml.Node) -> Structure:
        """An item: an expression, a list of items, `name: item`, a merge, or `aux: item`."""
        place = self.place(node)
        if isinstance(node, yaml.ScalarNode):
            return self.expression(node) or Sequence((), place)
        if isinstance(node, yaml.SequenceNode):
            return Sequence(tuple(map(self.structure, node.value)), place)
        if len(node.value) != 1:
            message = "an item has one name: start each layer with its own `-`"
            raise self.fail(node.value[1][0] if node.value else node, message)
        (key, value), *_ = node.value
        word = self.scalar(key)
        if word in MERGES:
            return self.branches(word, value)
        if word == "aux":
            return Aux(self.structure(value), place)
        if not word or not ITEM_NAME.match(word) or "__" in word:
            self.wrong(key, f"`{shorten(word)}` is no name: letters, digits, `_` and `-`{colon_hint(word)}")
        return Named(word, self.structure(value), place)

    def branches(self, kind: str, node: yaml.Node) -> Branches:
        pairs = self.mapping(node, f"the branches of `{kind}`")
        if len(pairs) < 2:
            raise self.fail(node, f"`{kind}` merges two branches or more, each with a name")
        found = {}
        for key, value in pairs:
            name = self.scalar(key)
            if not name or not ITEM_NAME.match(name) or "{" in name or "__" in name:
                self.wrong(key, f"`{shorten(name)}` is no name for a branch: letters, digits, `_` and `-`")
            found[name] = self.structure(value)
        return Branches(kind, found, self.place(node))


BRACKETS = re.compile(r"[\[\]{}]")


def colon_hint(word: str) -> str:
    """What a call in the place of a name may mean."""
    return "; a call takes no colon here" if "(" in word else ""
