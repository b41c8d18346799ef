"""YAML nodes to a Spec, section by section."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path

import yaml

from cnncost.errors import Place, SpecError, did_you_mean
from cnncost.layers import catalogue
from cnncost.spec.expression import Expression, shorten
from cnncost.spec.facts import read_facts
from cnncost.spec.functions import FUNCTIONS
from cnncost.spec.item_reader import IDENTIFIER, RESERVED
from cnncost.spec.items import INPUT
from cnncost.spec.own_layer import OwnLayer
from cnncost.spec.structure import Adaptation, Spec, Value
from cnncost.spec.type_reader import TypeReader

TOP_KEYS = (
    "name", "title", "paper", "input", "use", "params", "variants", "aliases", "facts", "types", "blocks",
    "layers",
    "outputs",
)  # fmt: skip
ALIAS = re.compile(r"[A-Za-z0-9][\w.+-]*(/[A-Za-z0-9][\w.+-]*)+\Z", re.ASCII)
ALIAS_KEYS = ("network", "params", "input", "functional")
NETWORK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*\Z")


class Parser(TypeReader):
    """Turns YAML nodes into a Spec, collecting errors as it goes."""

    def spec(self) -> Spec:
        top = self.mapping(self.compose(), "a spec")
        keys = {self.scalar(key): (key, node) for key, node in top}
        for name, (key, _) in keys.items():
            if name not in TOP_KEYS:
                self.unknown_key(key, "a spec", TOP_KEYS)
        nodes = {name: node for name, (_, node) in keys.items()}
        if "layers" not in nodes:
            self.errors.append(SpecError("a spec needs `layers`", Place(self.source, 1, 1)))
            raise self.collected()
        name = self.network_name(nodes["name"]) if "name" in nodes else Path(self.source).stem
        variants = self.variants(nodes) if "variants" in nodes else {}
        aliases, adaptations = self.aliases(nodes, variants or [name])
        spec = Spec(
            name=name,
            source=self.source,
            text=self.text,
            title=self.prose(nodes["title"]) if "title" in nodes else "",
            paper=self.paper(nodes["paper"]) if "paper" in nodes else {},
            inputs=self.inputs(nodes["input"]) if "input" in nodes else {},
            outputs=self.outputs(nodes["outputs"]) if "outputs" in nodes else {},
            params=self.values(nodes["params"], "params") if "params" in nodes else {},
            variants=variants,
            aliases=aliases,
            adaptations=adaptations,
            facts=read_facts(self, nodes["facts"], variants or [name]) if "facts" in nodes else (),
            types=self.types(nodes["types"]) if "types" in nodes else {},
            blocks=self.blocks(nodes["blocks"]) if "blocks" in nodes else {},
            use=self.used(nodes["use"]) if "use" in nodes else {},
            layers=self.structure(nodes["layers"]),
        )
        self.check_blocks(spec)
        self.check_types(spec)
        if self.errors:
            raise self.collected()
        return spec

    def network_name(self, node: yaml.Node) -> str:
        name = self.scalar(node)
        if not NETWORK_NAME.match(name):
            self.wrong(node, f"`{shorten(name)}` cannot be a name: use letters, digits and `_ . + -`")
        return name

    def paper(self, node: yaml.Node) -> dict[str, str]:
        found = {}
        for key, value in self.mapping(node, "`paper`"):
            if isinstance(value, yaml.SequenceNode):
                found[self.scalar(key)] = ", ".join(map(self.prose, value.value))
            else:
                found[self.scalar(key)] = self.prose(value)
        return found

    def inputs(self, node: yaml.Node) -> dict[str, tuple[Expression, ...]]:
        """`[3, 224, 224]`, or `{left: [3, 64, 64], right: [3, 64, 64]}`."""
        if not isinstance(node, yaml.MappingNode):
            return {INPUT: self.input(node)}
        found = {}
        for key, value in self.definitions(node, "`input`"):
            name = self.scalar(key)
            if not IDENTIFIER.match(name) or "__" in name:
                self.wrong(
                    key, f"`{shorten(name)}` cannot be the name of an input: use letters, digits and `_`"
                )
            found[name] = self.input(value)
        if not found:
            raise self.fail(node, "`input` is a shape: [channels, height, width]")
        return found

    def outputs(self, node: yaml.Node) -> dict[str, Place]:
        """`[p3, p4, p5]`: names of items, by their places."""
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.fail(node, "`outputs` is a list of names: [p3, p4, p5]")
        found: dict[str, Place] = {}
        for part in node.value:
            name = self.scalar(part)
            if name in found:
                self.wrong(part, f"`outputs` has `{shorten(name)}` twice")
            found[name] = self.place(part)
        return found

    def input(self, node: yaml.Node) -> tuple[Expression, ...]:
        if isinstance(node, yaml.SequenceNode) and 1 <= len(node.value) <= 4:
            return tuple(e for e in map(self.expression, node.value) if e is not None)
        sizes = re.findall(r"\d+", node.value) if isinstance(node, yaml.ScalarNode) else []
        hint = f"; write [{', '.join(sizes)}]" if 2 <= len(sizes) <= 4 else ""
        raise self.fail(node, f"`input` is a shape: [channels, height, width]{hint}")

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
                message = f"{owner} sets `{shorten(param.value)}`, which is not a param"
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
                message = f"`{shorten(alias)}` is not an alias: write `source/name`, as in torchvision/vgg16"
                self.wrong(key, message)
            meant: yaml.Node | None = value
            if isinstance(value, yaml.MappingNode):
                meant, adaptations[alias] = self.adaptation(key, value, nodes)
            if meant:
                aliases[alias] = network = self.scalar(meant)
                if network not in networks:
                    meaning = f"`{shorten(alias)}` stands for `{shorten(network)}`"
                    message = f"{meaning}, which is not a network of this spec"
                    self.wrong(meant, message + did_you_mean(network, networks))
        return aliases, adaptations

    def adaptation(
        self, alias: yaml.Node, node: yaml.Node, nodes: Mapping[str, yaml.Node]
    ) -> tuple[yaml.Node | None, Adaptation]:
        """`{network: vgg16, params: {…}, input: fixed, functional: [ReLU]}`: how the other differs."""
        owner = f"`{shorten(self.scalar(alias))}`"
        found: dict[str, yaml.Node | None] = dict.fromkeys(ALIAS_KEYS)
        for key, value in self.mapping(node, owner):
            if self.scalar(key) not in ALIAS_KEYS:
                self.unknown_key(key, "an alias", ALIAS_KEYS)
            found[self.scalar(key)] = value
        network, changed, size, functional = (found[key] for key in ALIAS_KEYS)
        if network is None:
            self.wrong(alias, f"{owner} needs `network`: one of this spec's networks")
        if size and self.scalar(size) != "fixed":
            self.wrong(size, "`input` of an alias is `fixed`, or left out")
        params = self.changes(changed, "params", owner, nodes) if changed else {}
        if functional and not isinstance(functional, yaml.SequenceNode):
            self.wrong(functional, "`functional` is a list of layer types or names: [ReLU, avgpool]")
            functional = None
        called = tuple(map(self.scalar, functional.value)) if functional else ()
        return network, Adaptation(params, fixed_input=size is not None, functional=called)

    def used(self, node: yaml.Node) -> dict[str, tuple[str, Place]]:
        """`use: {backbone: resnet50}`: networks of the catalogue, or of files beside this one."""
        found = {}
        for key, value in self.definitions(node, "`use`"):
            name, network = self.scalar(key), self.scalar(value)
            if not IDENTIFIER.match(name) or "__" in name:
                rule = "use letters, digits and `_`"
                self.wrong(key, f"`{shorten(name)}` cannot be the name of a network here: {rule}")
            if network.partition("::")[0].endswith((".yaml", ".yml")) and re.search(r"[/\\]", network):
                rule = "give the name of a file beside this one, or a name of the catalogue"
                self.wrong(value, f"`{shorten(network)}` is a path: {rule}")
            found[name] = network, self.place(value)
        return found

    def check_blocks(self, spec: Spec) -> None:
        """A block's name is its own, and so is that of a network in use."""
        for name, (_, place) in spec.use.items():
            if name in spec.blocks:
                self.add(SpecError(f"`{name}` is a block too: the network needs another name", place))
        named = [("block", name, block.place) for name, block in spec.blocks.items()]
        named += [("network", name, place) for name, (_, place) in spec.use.items()]
        for what, name, place in named:
            article = "a" if what == "block" else "the"
            if name in spec.params:
                self.add(SpecError(f"`{name}` is a param too: {article} {what} needs another name", place))
            if name in RESERVED:
                self.add(SpecError(f"`{name}` has a meaning already: the {what} needs another name", place))

    def check_types(self, spec: Spec) -> None:
        """A type's name is its own."""
        others = {
            "a layer": catalogue(),
            "a block": spec.blocks,
            "a param": spec.params,
            "a network that is used": spec.use,
            "a word of the notation": (*RESERVED, *FUNCTIONS),
        }
        for name, layer in spec.types.items():
            taken = next((what for what, known in others.items() if name in known), None)
            if taken and issubclass(layer, OwnLayer):
                message = f"`{name}` is {taken} already: the type needs another name"
                self.add(SpecError(message, layer.definition.place))
