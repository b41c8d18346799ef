"""Evaluates the call notation: an expression becomes a plain value, or an item.

An *item* is a call, a chain, a repeat, a merge or a ref, not yet expanded into layers.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from cnncost.errors import SpecError
from cnncost.layers import MERGES, catalogue
from cnncost.layers.reduction import PER_VALUE
from cnncost.spec import limits
from cnncost.spec.expression import counts_copies, links_of, parts
from cnncost.spec.functions import FORBIDDEN, FUNCTIONS, describe
from cnncost.spec.items import REFERENCES, Again, Call, Chain, Indexed, Item, Merge, Ref, Repeat
from cnncost.spec.names import LayerTemplate
from cnncost.spec.values import ValueEvaluator


class Evaluator(ValueEvaluator):
    """Evaluates one expression of layers or values in a scope of named values."""

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        if isinstance(node.op, ast.RShift):
            return self.chain(node)
        left = self.visit(node.left)
        right = self.indexed(node, left) or self.visit(node.right)
        nothing = right is None and isinstance(node.op, ast.Mult)
        if isinstance(right, Item) or isinstance(left, Item) or nothing:
            return self.repeat(node, left, right)
        return self.arithmetic(node, left, right)

    def chain(self, node: ast.BinOp) -> Chain:
        links = links_of(node)
        items = tuple([self.visit(link) for link in links])
        for item, link in zip(items, links, strict=True):
            if item is not None and not isinstance(item, Item):
                raise self.fail_at(link, " is a value, not a layer: `>>` joins layers")
            if link is not links[0] and (word := starts_chain(item)):
                raise self.fail(link, f"`{word}` starts a chain: it must come first")
        return Chain(items)

    def indexed(self, node: ast.BinOp, times: Any) -> Indexed | None:
        """The right side of `n * item`, if it is an item that depends on the number of the copy.

        Whether it is one shows when it is evaluated for the first copy: `4 * f(index)` repeats a
        block, `4 * index` is a number, and its `index` that of a repeat around it.
        """
        if self.probing or not isinstance(node.op, ast.Mult) or isinstance(times, Item):
            return None
        if not counts_copies(node.right):
            return None
        around = self.index
        self.index, self.probing = 0, True
        try:
            first = self.visit(node.right)
        except SpecError:
            if times != 0:
                raise
            first = None  # of no copies, there is no first: its list may be empty
        finally:
            self.index, self.probing = around, False
        if first is not None and not isinstance(first, Item):
            return None
        if around is not None:
            hint = "move the inner repeat into a block, and pass `index` as an argument"
            raise self.fail(node, f"`index` is inside two repeats; {hint}")
        expression = replace(self.expression, tree=node.right, size=parts(node.right))
        return Indexed(expression, self.names)

    def repeat(self, node: ast.BinOp, times: Any, item: Any) -> Repeat | None:
        if not isinstance(node.op, ast.Mult) or isinstance(times, Item):
            raise self.fail(node, "layers join with `>>` and repeat with `n * layer`")
        if not isinstance(times, int) or isinstance(times, bool):
            raise self.fail(node.left, f"a repeat needs a whole number, got {times!r}")
        if not 0 <= times <= limits.REPEATS:
            raise self.fail(node.left, f"a repeat of {times}: it must be between 0 and {limits.REPEATS}")
        return Repeat(times, item, expression=self.expression, node=node) if item is not None else None

    def visit_Call(self, node: ast.Call) -> Any:
        if not isinstance(node.func, ast.Name):
            if isinstance(node.func, ast.Attribute):
                raise self.fail(node.func, f"{FORBIDDEN['Attribute']} is not part of the notation")
            raise self.fail_at(node, ": only a named layer, block or function can be called")
        name = node.func.id
        if name in REFERENCES:
            return self.reference(node, name)
        args = tuple([self.visit(argument) for argument in node.args])
        kwargs = {k.arg or "": self.visit(k.value) for k in node.keywords}
        if len(kwargs) < len(node.keywords) or "" in kwargs:
            raise self.wrong_keyword(node, name)
        if name in MERGES:
            return self.merge(node, name, args, kwargs)
        if name in FUNCTIONS and name not in self.names:
            return self.function(node, name, args, kwargs)
        return self.call(node, self.named(node.func), args, kwargs)

    def wrong_keyword(self, node: ast.Call, name: str) -> SpecError:
        """The error for `**`, or for an argument that is given twice; Python's parser lets both pass."""
        given: set[str] = set()
        for keyword in node.keywords:
            if keyword.arg is None:
                return self.fail(node, f"{FORBIDDEN['Starred']} is not part of the notation")
            if keyword.arg in given:
                return self.fail(keyword, f"`{name}` gets `{keyword.arg}` twice")
            given.add(keyword.arg)
        raise AssertionError("no keyword is wrong")

    def call(self, node: ast.Call, called: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        assert isinstance(node.func, ast.Name)
        if not isinstance(called, Call):
            raise self.fail(node, f"`{node.func.id}` is {describe(called)}, not a layer or a block")
        if not called.bare:
            raise self.fail(node, f"`{node.func.id}` has its arguments already")
        return Call(called.template, args, kwargs, expression=self.expression, node=node)

    def reference(self, node: ast.Call, word: str) -> Ref | Again:
        """`ref(enc1)`, `again(head.conv)`, `ref('unit{}.skip')`, `ref('unit{}.out{}', 2, index + 1)`."""
        kind = REFERENCES[word]
        numbered = len(node.args) > 1 and isinstance(node.args[0], ast.Constant)
        if (len(node.args) != 1 and not numbered) or node.keywords:
            raise self.fail(node, f"`{word}` takes one name: `{word}(enc1)`")
        name, *numbers = node.args
        if (path := dotted(name)) and not numbers:
            return kind(path, expression=self.expression, node=name)
        value = self.visit(name) if isinstance(name, ast.Constant) else None
        if not isinstance(value, str):
            rule = f"`{word}` takes a name, `{word}(enc1)`, or a path in quotes, `{word}('stage1.0')`"
            raise self.fail(name, rule)
        return kind(self.numbered(node, word, value, numbers), expression=self.expression, node=name)

    def numbered(self, node: ast.Call, word: str, name: str, given: list[ast.expr]) -> str:
        """A name with a number for each `{}`: those that are given in order, then that of this copy."""
        first, *others = name.split("{}")
        if len(given) > len(others):
            rule = f"the number belongs to a `{{}}` in the name: `{word}('unit{{}}', 3)`"
            raise self.fail(given[len(others)], rule)
        numbers = [self.number(each) for each in given]
        if missing := len(others) - len(given):
            numbers += missing * [self.copy_number(node, word, name)]
        return first + "".join(f"{n}{text}" for n, text in zip(numbers, others, strict=True))

    def number(self, given: ast.expr) -> int:
        """The number that a `{}` is given."""
        value = self.visit(given)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.fail(given, f"`{{}}` is a whole number, not {describe(value)}")
        return value

    def copy_number(self, node: ast.Call, word: str, name: str) -> int:
        """The number of this copy."""
        if self.index is None:
            hint = f"behind `n *`; give it here: `{word}({name!r}, 3)`"
            raise self.fail(node, f"`{{}}` is the number of a copy, and only known {hint}")
        return self.index + 1

    def merge(self, node: ast.Call, kind: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Merge:
        known = catalogue()[MERGES[kind]].names()
        layers = {name: value for name, value in kwargs.items() if value is None or isinstance(value, Item)}
        options = {name: value for name, value in kwargs.items() if name in known and name not in layers}
        if args or len(kwargs) - len(options) < 2:
            own = f"; for one input write `Reduce('{kind}', dim=1)`" if kind in PER_VALUE else ""
            raise self.fail(node, f"`{kind}` takes two or more named branches: `{kind}(a=…, b=…)`{own}")
        for keyword in node.keywords:
            if keyword.arg not in layers and keyword.arg not in options:
                branch = describe(kwargs[str(keyword.arg)])
                raise self.fail(keyword, f"branch `{keyword.arg}` is {branch}, not a layer")
        return Merge(kind, layers, options, expression=self.expression, node=node)

    def function(self, node: ast.Call, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if any(isinstance(v, Item) for v in (*args, *kwargs.values())):
            raise self.fail_at(node, ": a layer is not a value")
        return self.computed(node, lambda: FUNCTIONS[name](*args, **kwargs))


def dotted(node: ast.expr) -> str:
    """The path that is written without quotes, `head` or `head.conv`; empty where it is something else."""
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return before and f"{before}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def starts_chain(item: Any) -> str:
    """The word for an item that takes no input, such as `ref`; empty for others."""
    if isinstance(item, Call) and isinstance(item.template, LayerTemplate):
        return "" if item.template.layer.takes_input else item.template.name
    return "ref" if isinstance(item, Ref) else ""
