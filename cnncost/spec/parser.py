"""YAML nodes to a Spec: sections, signatures, and the structure of `layers` and block bodies.

Scalars stay what was typed (`no`, `010`, `12:30` are texts, not booleans, octals or times) and are
parsed as expressions of the call notation.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import yaml

from cnncost.errors import Place, SpecError, did_you_mean
from cnncost.layers import MERGES
from cnncost.spec import limits
from cnncost.spec.expression import Expression, parse, parts, shorten
from cnncost.spec.facts import read_facts
from cnncost.spec.items import INDEX
from cnncost.spec.nodes import COMMA_HINT, NodeReader, is_cut
from cnncost.spec.structure import Adaptation, Aux, Block, Branches, Named, Sequence, Spec, Structure, Value

RESERVED = (*MERGES, "ref", "in_channels", "in_shape", INDEX)  # what these words mean cannot be changed
TOP_KEYS = (
    "name", "title", "paper", "input", "params", "variants", "aliases", "facts", "blocks", "layers",
)  # fmt: skip
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
ALIAS = re.compile(r"[A-Za-z0-9][\w.+-]*(/[A-Za-z0-9][\w.+-]*)+\Z", re.ASCII)
ALIAS_KEYS = ("network", "params", "input")
NETWORK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*\Z")
ITEM_NAME = re.compile(r"[A-Za-z0-9_-]*(\{\})?[A-Za-z0-9_-]*\Z")


class Parser(NodeReader):
    """Turns YAML nodes into a Spec, collecting errors as it goes."""

    def __init__(self, text: str, source: str) -> None:
        super().__init__(text, source)
        self.parts = 0

    def spec(self) -> Spec:
        top = self.mapping(self.document.compose(), "a spec")
        keys = {self.scalar(key): (key, node) for key, node in top}
        for name, (key, _) in keys.items():
            if name not in TOP_KEYS:
                self.wrong(key, f"`{shorten(name)}` is no part of a spec{did_you_mean(name, TOP_KEYS)}")
        nodes = {name: node for name, (_, node) in keys.items()}
        if "layers" not in nodes:
            self.errors.append(SpecError("a spec needs `layers`", self.line_one()))
            raise self.collected()
        name = self.network_name(nodes["name"]) if "name" in nodes else Path(self.source).stem
        variants = self.variants(nodes) if "variants" in nodes else {}
        aliases, adaptations = self.aliases(nodes, variants or [name])
        spec = Spec(
            name=name,
            source=self.source,
            text=self.document.text,
            title=self.prose(nodes["title"]) if "title" in nodes else "",
            paper=self.paper(nodes["paper"]) if "paper" in nodes else {},
            input=self.input(nodes["input"]) if "input" in nodes else (),
            params=self.values(nodes["params"], "params") if "params" in nodes else {},
            variants=variants,
            aliases=aliases,
            adaptations=adaptations,
            facts=read_facts(self, nodes["facts"], variants or [name]) if "facts" in nodes else (),
            blocks=self.blocks(nodes["blocks"]) if "blocks" in nodes else {},
            layers=self.structure(nodes["layers"]),
        )
        self.check_blocks(spec)
        if self.errors:
            raise self.collected()
        return spec

    def expression(self, node: yaml.Node) -> Expression | None:
        text, place = self.scalar(node), self.place(node)
        assert isinstance(node, yaml.ScalarNode)
        start, rows = self.typed(node, place)
        try:
            parsed = parse(text, start, rows)
        except SpecError as error:
            in_flow = any(c in "[{" for c in place.text[: place.column - 1])
            if in_flow and is_cut(node):  # what follows is the rest of this call
                raise SpecError(error.message + COMMA_HINT, error.place) from None
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
            start = self.document.at(place.line, 0)
        if start.text.startswith(node.value, start.column - 1):
            return start, ()
        rows = tuple(self.document.lines[start.line - 1 : node.end_mark.line + 1])
        typed = "".join([rows[0][start.column - 1 :], *rows[1:]]) if rows else ""
        if "".join(typed.split()).startswith("".join(node.value.split())):
            return start, rows
        return place, NOT_AS_TYPED

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
                found[self.scalar(key)] = ", ".join(map(self.prose, value.value))
            else:
                found[self.scalar(key)] = self.prose(value)
        return found

    def input(self, node: yaml.Node) -> tuple[Expression, ...]:
        if isinstance(node, yaml.SequenceNode) and 1 <= len(node.value) <= 4:
            return tuple(e for e in map(self.expression, node.value) if e is not None)
        raise self.fail(node, "`input` is a shape: [channels, height, width]")

    def values(self, node: yaml.Node, what: str) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for key, value in self.definitions(node, f"`{what}`"):
            name = self.scalar(key)
            if not IDENTIFIER.match(name) or "__" in name:
                self.wrong(key, f"`{shorten(name)}` is no name for a param: letters, digits and `_`")
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

    def variants(self, nodes: Mapping[str, yaml.Node]) -> dict[str, dict[str, Value]]:
        """Each variant changes params that the spec has."""
        found = {}
        for key, changes in self.mapping(nodes["variants"], "`variants`"):
            name = self.network_name(key)
            found[name] = self.changes(changes, name, f"variant `{name}`", nodes)
        return found

    def changes(
        self, node: yaml.Node, what: str, owner: str, nodes: Mapping[str, yaml.Node]
    ) -> dict[str, Value]:
        """New values for params that the spec has."""
        found = self.values(node, what)
        pairs = self.mapping(nodes["params"], "`params`") if "params" in nodes else []
        params = [self.scalar(key) for key, _ in pairs]
        for param, _ in node.value:
            if param.value not in params:
                message = f"{owner} sets `{shorten(param.value)}`, which is no param"
                self.wrong(param, message + did_you_mean(param.value, params))
        return found

    def aliases(
        self, nodes: Mapping[str, yaml.Node], networks: Collection[str]
    ) -> tuple[dict[str, str], dict[str, Adaptation]]:
        """The network of each alias, and how the other library's differs from it."""
        aliases: dict[str, str] = {}
        adaptations = {}
        for key, value in self.definitions(nodes["aliases"], "`aliases`") if "aliases" in nodes else ():
            alias = self.scalar(key)
            if not ALIAS.match(alias):
                message = f"`{shorten(alias)}` is no alias: write `source/name`, as in torchvision/vgg16"
                self.wrong(key, message)
            said = {"network": value}
            if isinstance(value, yaml.MappingNode):
                said = {self.scalar(k): v for k, v in self.mapping(value, f"`{shorten(alias)}`")}
                adaptations[alias] = self.adaptation(key, said, nodes)
            if "network" in said:
                aliases[alias] = network = self.scalar(said["network"])
                if network not in networks:
                    stands = f"`{shorten(alias)}` stands for `{shorten(network)}`"
                    message = f"{stands}, which is no network of this spec"
                    self.wrong(said["network"], message + did_you_mean(network, networks))
        return aliases, adaptations

    def adaptation(
        self, key: yaml.Node, said: Mapping[str, yaml.Node], nodes: Mapping[str, yaml.Node]
    ) -> Adaptation:
        """`{network: vgg16, params: {…}, input: fixed}`: a network that differs from ours."""
        for name, node in said.items():
            if name not in ALIAS_KEYS:
                listed = f"; there are {', '.join(ALIAS_KEYS)}"
                hint = did_you_mean(name, ALIAS_KEYS) or listed
                self.wrong(node, f"`{shorten(name)}` is no part of an alias{hint}")
        if "network" not in said:
            self.wrong(key, f"`{self.scalar(key)}` needs `network`: the network that it stands for")
        if "input" in said and self.scalar(said["input"]) != "fixed":
            self.wrong(said["input"], "`input` of an alias is `fixed`, or left out")
        owner = f"`{self.scalar(key)}`"
        params = self.changes(said["params"], "params", owner, nodes) if "params" in said else {}
        return Adaptation(params, "input" in said)

    def check_blocks(self, spec: Spec) -> None:
        """A block's name is its own."""
        for name, block in spec.blocks.items():
            if name in spec.params:
                self.add(SpecError(f"`{name}` is a param too: a block needs a name of its own", block.place))
            if name in RESERVED:
                self.add(
                    SpecError(f"`{name}` has a meaning already: the block needs another name", block.place)
                )

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
        signature = self.expression(key)
        wrong = f"`{shorten(self.scalar(key))}` is no block: write `name(size, stride=1):`"
        if signature is None:
            raise self.collected()
        tree = signature.tree
        if any("__" in str(getattr(node, "id", getattr(node, "arg", ""))) for node in ast.walk(tree)):
            raise self.fail(
                key, f"`{shorten(self.scalar(key))}`: names with `__` are not part of the notation"
            )
        if isinstance(tree, ast.Name):
            return Block(tree.id, (), {}, self.structure(body), place)
        if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name):
            raise self.fail(key, wrong)
        names = [a.id for a in tree.args if isinstance(a, ast.Name)]
        keywords = [k.arg for k in tree.keywords if k.arg]
        if len(names) != len(tree.args) or len(keywords) != len(tree.keywords):
            raise self.fail(key, wrong)
        parameters = (*names, *keywords)
        for parameter in parameters:
            if parameter in RESERVED:
                self.wrong(key, f"`{parameter}` has a meaning already: the parameter needs another name")
        if len(set(parameters)) != len(parameters):
            raise self.fail(key, f"block `{tree.func.id}` has two parameters of one name")
        defaults = {str(k.arg): replace(signature, tree=k.value, size=parts(k.value)) for k in tree.keywords}
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
            if any(is_cut(value) for _, value in node.value):
                message = f"a call is cut in two{COMMA_HINT}"
            raise self.fail(node.value[1][0] if node.value else node, message)
        (key, value), *_ = node.value
        word = self.scalar(key)
        if word in MERGES:
            return self.branches(word, value, self.place(key))
        if word == "aux":
            return Aux(self.structure(value), self.place(key))
        if isinstance(value, yaml.MappingNode) and len(value.value) > 1:
            hint = did_you_mean(word, MERGES) or f"; branches meet in {', '.join(MERGES)}"
            raise self.fail(key, f"`{shorten(word)}` has branches, but is no merge{hint}")
        if not word or not ITEM_NAME.match(word) or "__" in word:
            self.wrong(key, f"`{shorten(word)}` is no name: letters, digits, `_` and `-`{colon_hint(word)}")
        return Named(word, self.structure(value), place)

    def branches(self, kind: str, node: yaml.Node, place: Place) -> Branches:
        pairs = self.mapping(node, f"the branches of `{kind}`")
        if len(pairs) < 2:
            raise self.fail(node, f"`{kind}` merges two branches or more, each with a name")
        found = {}
        for key, value in pairs:
            name = self.scalar(key)
            if not name or not ITEM_NAME.match(name) or "{" in name or "__" in name:
                self.wrong(key, f"`{shorten(name)}` is no name for a branch: letters, digits, `_` and `-`")
            found[name] = self.structure(value)
        return Branches(kind, found, place)


NOT_AS_TYPED = ("",)  # the lines of a text with escapes: errors stand at its start


def colon_hint(word: str) -> str:
    """What a call in the place of a name may mean."""
    return "; a call takes no colon here" if "(" in word else ""
