"""`types`: the layers of a spec's own, read from YAML to layer classes."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from dataclasses import replace
from keyword import iskeyword
from typing import Any

import yaml

from cnncost.errors import SpecError, did_you_mean
from cnncost.layers import Layer, Work
from cnncost.spec.evaluator import Evaluator
from cnncost.spec.expression import Expression, parts, shorten
from cnncost.spec.functions import FORBIDDEN, FUNCTIONS
from cnncost.spec.item_reader import IDENTIFIER, ItemReader
from cnncost.spec.own_layer import LEAST, MOST_AXES, Definition, Sizes, own_layer, sizes_of

WORK = Work._fields
KEYS = ("title", "inputs", "out", "weights", "buffers", *WORK, "window", "in_place")
MEANT = {"params": "weights", "parameters": "weights", "flops": "macs", "shape": "out", "out_shape": "out"}
"""What people write for a key."""


class TypeReader(ItemReader):
    """Reads `types`, collecting errors as it goes."""

    def types(self, node: yaml.Node) -> dict[str, type[Layer]]:
        """The layer class of each entry by its name."""
        found: dict[str, type[Layer]] = {}
        lines: dict[str, int] = {}
        for key, body in self.definitions(node, "`types`"):
            definition = self.type_definition(key, body)
            name = definition.name
            if name in found:
                raise self.fail(key, f"type `{name}` is given twice (first in line {lines[name]})")
            found[name], lines[name] = own_layer(definition), definition.place.line
        return found

    def type_definition(self, key: yaml.Node, body: yaml.Node) -> Definition:
        """One entry: `CoordConv(out, kernel): {out: …, weights: …, macs: …}`."""
        name, parameters, defaults = self.signature(key, "type", "CoordConv(filters, kernel=3):")
        what = f"type `{shorten(name)}`"
        for parameter in parameters:
            if hasattr(Layer, parameter) or parameter in ("out_shape", *FUNCTIONS):
                self.wrong(key, f"`{parameter}` has a meaning already: the argument needs another name")
        given: dict[str, yaml.Node] = {}
        for part, value in self.mapping(body, what):
            if self.scalar(part) not in KEYS:
                self.unknown_type_key(part)
            given[self.scalar(part)] = value
        self.check_given(key, what, given)
        inputs = self.input_names(given["inputs"], parameters) if "inputs" in given else ()
        about_input = (*parameters, *(size for name in ("in", *inputs) for size in sizes_of(name, (0,))))
        everything = (*about_input, "out_shape")
        weights, buffers = (self.shapes(given, kind, everything) for kind in ("weights", "buffers"))
        for both in weights.keys() & buffers.keys():
            self.wrong(given["buffers"], f"`{both}` is one of `weights` too: a buffer needs another name")
        formulas = {kind: self.formula(given[kind], everything) for kind in WORK if kind in given}
        sees_all = "window" in given and given["window"].value == "whole"
        return Definition(
            name,
            parameters,
            {each: self.default(e) for each, e in defaults.items()},
            self.place(key),
            self.prose(given["title"]) if "title" in given else "",
            self.sizes(given["out"], "out", about_input) if "out" in given else (None,),
            weights,
            buffers,
            {kind: formula for kind, formula in formulas.items() if formula},
            {} if sees_all or "window" not in given else self.window(given["window"], parameters),
            sees_all,
            in_place="in_place" in given and self.scalar(given["in_place"]) == "true",
            inputs=inputs,
        )

    def input_names(self, node: yaml.Node, parameters: Collection[str]) -> tuple[str, ...]:
        """`[style, mask]`: the inputs besides the first, which a call gives by name."""
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.fail(node, "`inputs` lists the names of the inputs besides the first: [style, mask]")
        names = [self.scalar(part) for part in node.value]
        for name, part in zip(names, node.value, strict=True):
            if not IDENTIFIER.match(name):
                self.wrong(
                    part, f"`{shorten(name)}` cannot be the name of an input: use letters, digits and `_`"
                )
            elif iskeyword(name) or name == "out":
                self.wrong(part, f"`{name}` has a meaning already: the input needs another name")
            elif name in parameters or names.count(name) > 1:
                self.wrong(part, f"`{name}` is given twice: an input needs a name of its own")
        return tuple(names)

    def unknown_type_key(self, key: yaml.Node) -> None:
        """Note a key that a type does not have."""
        name = self.scalar(key)
        if name in MEANT:
            self.wrong(key, f"`{name}` is not a key of a type; did you mean {MEANT[name]}?")
        else:
            self.unknown_key(key, "a type", KEYS)

    def check_given(self, key: yaml.Node, what: str, given: Mapping[str, yaml.Node]) -> None:
        """A type says what it computes, and `in_place` is true or false."""
        if set(KEYS).issuperset(given) and not set(WORK) & given.keys():
            self.wrong(key, f"{what} says no work: give `macs`, or `macs: 0` where it computes nothing")
        if "in_place" in given and self.scalar(given["in_place"]) not in ("true", "false"):
            self.wrong(given["in_place"], "`in_place` is true or false")

    def default(self, expression: Expression) -> Any:
        """The value of an argument that is not given: a number, a text or a list."""
        try:
            return Evaluator(expression, {}, list).value() if self.check_names(expression, ()) else None
        except SpecError as error:
            self.add(error)
            return None

    def shapes(self, given: Mapping[str, yaml.Node], kind: str, names: Collection[str]) -> dict[str, Sizes]:
        """Shapes by name: `{weight: [out, in_channels], bias: [out]}`."""
        found = {}
        for key, value in self.mapping(given[kind], f"`{kind}` of a type") if kind in given else ():
            name = self.scalar(key)
            if not IDENTIFIER.match(name):
                self.wrong(
                    key, f"`{shorten(name)}` cannot be the name of a weight: use letters, digits and `_`"
                )
            found[name] = self.sizes(value, name, names, whole=True)
        return found

    def sizes(self, node: yaml.Node, what: str, names: Collection[str], whole: bool = False) -> Sizes:
        """A shape: `[filters, ...]` or `(filters, in_shape[1])`; in `out`, `...` are the other axes."""
        if isinstance(node, yaml.MappingNode) or not node.value:
            raise self.fail(node, f"`{what}` is a shape, written as a list of sizes: [64, in_channels, 3, 3]")
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        found = [part for each in nodes for part in listed(self.formula(each, names))]
        if found.count(None) > (0 if whole else 1):
            self.wrong(node, "`...` stands once in `out`, and not in a weight")
        if len(found) > MOST_AXES + 1 and not whole:
            self.wrong(node, f"`out` has {len(found)} axes: a shape has at most {MOST_AXES + 1}")
        return tuple(found)

    def window(self, node: yaml.Node, parameters: Collection[str]) -> dict[str, tuple[Expression, ...]]:
        """`{kernel: kernel, stride: 2}`: one number for all axes, or a list with one for each."""
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, "`window` is {kernel: 3, stride: 1, padding: 0, dilation: 1}, or whole")
        found = {}
        for key, value in self.mapping(node, "`window`"):
            name = self.scalar(key)
            if name not in LEAST:
                self.unknown_key(key, "`window`", LEAST)
            nodes = value.value if isinstance(value, yaml.SequenceNode) else [value]
            found[name] = tuple(e for each in nodes if (e := self.formula(each, parameters)))
        if "kernel" not in found and LEAST.keys() >= found.keys():
            self.wrong(node, "`window` needs `kernel`")
        return found

    def formula(self, node: yaml.Node, names: Collection[str]) -> Expression | None:
        """One formula, whose names are known."""
        expression = self.expression(node)
        if expression is not None:
            self.check_names(expression, names)
        return expression

    def check_names(self, expression: Expression, names: Collection[str]) -> bool:
        """Note names that a formula cannot know, and what is no formula; True if all is right."""
        called, before = set(), len(self.errors)
        for node in ast.walk(expression.tree):
            word = FORBIDDEN.get(type(node).__name__)
            if word and not (isinstance(node, ast.Slice) and node.step is None):
                self.add(SpecError(f"{word} is not part of the notation", expression.at(node)))
                break
            if isinstance(node, ast.Call):
                called.add(node.func)
                if isinstance(node.func, ast.Name) and node.func.id not in FUNCTIONS:
                    rule = "a type is made of numbers, not of layers, blocks or other types"
                    message = f"`{shorten(node.func.id)}` is not a function; {rule}"
                    self.add(SpecError(message, expression.at(node)))
            elif isinstance(node, ast.Name) and node not in called and node.id not in names:
                known = f"knows {', '.join(names)}" if names else "is made of numbers only"
                hint = did_you_mean(node.id, names) or f"; a formula here {known}"
                self.add(SpecError(f"`{shorten(node.id)}` is not known in a type{hint}", expression.at(node)))
        return len(self.errors) == before


def listed(expression: Expression | None) -> list[Expression | None]:
    """The parts of `(a, b)`, each as an expression; None for `...`."""
    if expression is None:
        return []
    tree = expression.tree
    if not isinstance(tree, (ast.Tuple, ast.List)):
        return [None if is_left_out(tree) else expression]
    each = ((one, replace(expression, tree=one, size=parts(one))) for one in tree.elts)
    return [None if is_left_out(one) else part for one, part in each]


def is_left_out(tree: ast.expr) -> bool:
    """Whether it is `...`."""
    return isinstance(tree, ast.Constant) and tree.value is Ellipsis
