"""The layers and blocks of a spec: YAML nodes to items, branches and expressions, nothing expanded yet.

Scalars stay what was typed (`no`, `010`, `12:30` are texts, not booleans, octals or times) and are
parsed as expressions of the call notation.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace

import yaml

from cnncost.errors import Place, SpecError
from cnncost.layers import MERGES, catalogue
from cnncost.spec import limits
from cnncost.spec.expression import Expression, parse, parts, shorten
from cnncost.spec.foreign_lookup import merge_hint
from cnncost.spec.items import INDEX, REFERENCES
from cnncost.spec.nodes import COMMA_HINT, NodeReader, is_cut
from cnncost.spec.structure import Aux, Block, Branches, Named, Sequence, Structure, Value

INPUTS = ("in_channels", "in_shape")  # what enters a block
RESERVED = (*MERGES, *REFERENCES, *INPUTS, INDEX)  # what these words mean cannot be changed
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
ITEM_NAME = re.compile(r"[A-Za-z0-9_-]*(\{\})?[A-Za-z0-9_-]*\Z")
PATH = re.compile(
    r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+\Z"
)  # the name of an item may be a path: `layer1.0.conv1`


class ItemReader(NodeReader):
    """Reads expressions and what is made of them, collecting errors as it goes."""

    def __init__(self, text: str, source: str) -> None:
        super().__init__(text, source)
        self.parts = 0

    def expression(self, node: yaml.Node) -> Expression | None:
        text, place = self.scalar(node), self.place(node)
        assert isinstance(node, yaml.ScalarNode)
        start, rows = self.typed(node, place)
        try:
            parsed = parse(text, start, rows)
        except SpecError as error:
            in_flow = any(c in "[{" for c in place.text[: place.column - 1])
            if in_flow and is_cut(node):  # the next part of the YAML is the rest of this call
                raise SpecError(error.message + COMMA_HINT + listed(place), error.place) from None
            self.add(error)
            return None
        self.parts += 5 + parsed.size
        if self.parts > limits.EXPRESSION_PARTS:
            raise self.fail(node, f"expressions of more than {limits.EXPRESSION_PARTS} parts together")
        return parsed

    def typed(self, node: yaml.ScalarNode, place: Place) -> tuple[Place, tuple[str, ...]]:
        """Where the text of a scalar starts, and the lines that it is typed on, where not on one."""
        start = place.right(1) if node.style in ("'", '"') else place
        if node.style in ("|", ">"):
            start = self.at(place.line, 0)
        if start.text.startswith(node.value, start.column - 1):
            return start, ()
        rows = tuple(self.lines[start.line - 1 : node.end_mark.line + 1])
        typed = "".join([rows[0][start.column - 1 :], *rows[1:]]) if rows else ""
        if "".join(typed.split()).startswith("".join(node.value.split())):
            return start, rows
        return place, NOT_AS_TYPED

    def values(self, node: yaml.Node, what: str) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for key, value in self.definitions(node, f"`{what}`"):
            name = self.scalar(key)
            if not IDENTIFIER.match(name) or "__" in name:
                self.wrong(
                    key, f"`{shorten(name)}` cannot be the name of a param: use letters, digits and `_`"
                )
            elif name in RESERVED:
                self.wrong(key, f"`{name}` has a meaning already: the param needs another name")
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

    def blocks(self, node: yaml.Node) -> dict[str, Block]:
        found: dict[str, Block] = {}
        for key, body in self.definitions(node, "`blocks`"):
            block = self.block(key, body)
            if block.name in found:
                raise self.fail(
                    key, f"block `{block.name}` is given twice (first in line {found[block.name].place.line})"
                )
            found[block.name] = block
        return found

    def block(self, key: yaml.Node, body: yaml.Node) -> Block:
        place = self.place(key)
        name, parameters, defaults = self.signature(key, "block", "name(size, stride=1):")
        return Block(name, parameters, defaults, self.structure(body), place)

    def signature(
        self, key: yaml.Node, kind: str, example: str
    ) -> tuple[str, tuple[str, ...], dict[str, Expression]]:
        """`conv_bn(out, stride=1)`: the name of a block or a type, its parameters, and their defaults."""
        signature = self.expression(key)
        wrong = f"`{shorten(self.scalar(key))}` is not a {kind}: write `{example}`"
        if signature is None:
            raise self.collected()
        tree = signature.tree
        if any("__" in str(getattr(node, "id", getattr(node, "arg", ""))) for node in ast.walk(tree)):
            raise self.fail(
                key, f"`{shorten(self.scalar(key))}`: names with `__` are not part of the notation"
            )
        if isinstance(tree, ast.Name):
            return tree.id, (), {}
        if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name):
            raise self.fail(key, wrong)
        names = [a.id for a in tree.args if isinstance(a, ast.Name)]
        keywords = [k.arg for k in tree.keywords if k.arg]
        if len(names) != len(tree.args) or len(keywords) != len(tree.keywords):
            raise self.fail(key, wrong)
        parameters = (*names, *keywords)
        for parameter in parameters:
            if parameter in RESERVED:
                inferred = "; it is what enters the block, so leave it out" if parameter in INPUTS else ""
                message = f"`{parameter}` has a meaning already: the parameter needs another name{inferred}"
                self.wrong(key, message)
        if len(set(parameters)) != len(parameters):
            raise self.fail(key, f"{kind} `{tree.func.id}` has two parameters of one name")
        defaults = {str(k.arg): replace(signature, tree=k.value, size=parts(k.value)) for k in tree.keywords}
        return tree.func.id, parameters, defaults

    def structure(self, node: yaml.Node) -> Structure:
        """An item: an expression, a list of items, `name: item`, a merge, or `aux: item`."""
        place = self.place(node)
        if isinstance(node, yaml.ScalarNode):
            return self.expression(node) or Sequence((), place)
        if isinstance(node, yaml.SequenceNode):
            return Sequence(tuple(map(self.structure, node.value)), place)
        if len(node.value) != 1:
            message = "an item has one name: start each layer with its own `-`"
            if any(is_cut(value) for _, value in node.value):
                message = f"a call is cut in two{COMMA_HINT}"
            elif any(self.scalar(key) in ("type", "class", "module", "op") for key, _ in node.value):
                message = "a layer is a call with its arguments, as in `conv1: Conv2d(64, 3)`"
            raise self.fail(node.value[1][0] if node.value else node, message)
        (key, value), *_ = node.value
        word = self.scalar(key)
        kind, bracket, _ = word.partition("(")
        if kind in MERGES:
            return self.branches(kind, value, self.place(key), self.expression(key) if bracket else None)
        if word == "aux":
            return Aux(self.structure(value), self.place(key))
        if isinstance(value, yaml.MappingNode) and len(value.value) > 1:
            hint = merge_hint(word) or f"; branches meet in {', '.join(MERGES)}"
            raise self.fail(key, f"`{shorten(word)}` has branches, but is not a merge{hint}")
        if word in catalogue() and isinstance(value, yaml.SequenceNode) and any(map(is_number, value.value)):
            arguments = ", ".join(str(part.value) for part in value.value)
            raise self.fail(key, f"a layer is a call with its arguments: write `{word}({arguments})`")
        if not word or not (ITEM_NAME.match(word) or PATH.match(word)) or "__" in word:
            self.wrong(
                key, f"`{shorten(word)}` cannot be a name: use letters, digits, `_` and `-`{colon_hint(word)}"
            )
        return Named(word, self.structure(value), place)

    def branches(self, kind: str, node: yaml.Node, place: Place, call: Expression | None) -> Branches:
        options = self.options(kind, call) if call else {}
        if isinstance(node, yaml.SequenceNode):
            raise self.fail(
                node, f"each branch of `{kind}` needs a name: write `a: …` and `b: …`, without `-`"
            )
        pairs = self.mapping(node, f"the branches of `{kind}`")
        if len(pairs) < 2 and not any("{}" in self.scalar(key) for key, _ in pairs):
            raise self.fail(node, f"`{kind}` merges two branches or more, each with a name")
        found = {}
        for key, value in pairs:
            name = self.scalar(key)
            if not name or not ITEM_NAME.match(name) or "__" in name:
                self.wrong(
                    key, f"`{shorten(name)}` cannot be the name of a branch: use letters, digits, `_` and `-`"
                )
            if is_number(value) and name in catalogue()[MERGES[kind]].names():
                right = f"{kind}({name}={value.value}):"
                self.wrong(key, f"`{name}` is an option of `{kind}`, not a branch: write `{right}`")
            found[name] = self.structure(value)
        return Branches(kind, found, place, call, options)

    def options(self, kind: str, call: Expression) -> dict[str, Expression]:
        """What a merge is given in brackets: `dim=2`."""
        tree = call.tree
        if not isinstance(tree, ast.Call) or tree.args or not all(k.arg for k in tree.keywords):
            raise SpecError(f"`{kind}` takes its options by name, as in `concat(dim=2):`", call.place)
        return {str(k.arg): replace(call, tree=k.value, size=parts(k.value)) for k in tree.keywords}


NOT_AS_TYPED = ("",)  # the lines of a text with escapes: errors are placed at its start


def listed(place: Place) -> str:
    """What to write for a list of layers in brackets, `[Conv2d(8, 3), ReLU]`, that YAML has cut in two."""
    from cnncost.spec.habits import list_hint

    start = place.text.rfind("[", 0, place.column)
    try:
        return list_hint(ast.parse(place.text[start:].strip(), mode="eval").body) if start >= 0 else ""
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return ""


def is_number(node: yaml.Node) -> bool:
    """Whether a part is a plain number, which is never a layer."""
    return isinstance(node, yaml.ScalarNode) and re.fullmatch(r"-?[\d.]+", node.value) is not None


def colon_hint(word: str) -> str:
    """What a call or a loop in the place of a name may mean."""
    if re.match(r"for\s+\w+\s+in\b", word):
        return "; a repeat is written `3 * block(64)`"
    return "; a call takes no colon here" if "(" in word else ""
