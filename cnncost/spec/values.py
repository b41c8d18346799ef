"""Evaluates the values in an expression (numbers, texts, lists, symbols) by walking its tree.

Nothing is ever `eval`ed. What is not on the whitelist is an error with its place, and so is a value
beyond the limits.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from cnncost import dims
from cnncost.errors import SpecError
from cnncost.spec import limits
from cnncost.spec.expression import Expression, names_in
from cnncost.spec.functions import ARITHMETIC, COMPARISONS, FORBIDDEN, describe, is_number, list_fault
from cnncost.spec.items import INDEX, Call, Item
from cnncost.spec.names import unknown_name

UNDECIDED = " depends on a letter, so it is neither true nor false; use numbers there"


class ValueEvaluator:
    """Evaluates one expression in a scope of named values.

    `names` looks a name up and raises KeyError for an unknown one; `known` lists the names for
    suggestions; `index` is the number of the copy that the expression makes.
    """

    methods: ClassVar[dict[type[ast.AST], Callable[..., Any]]] = {}
    """How each kind of node is evaluated, by the name of the method: `visit_Call`."""
    plain: ClassVar[bool] = True
    """Whether names and whole numbers stand for themselves, so that no method has to look at them."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        names = [name for name in dir(cls) if name.startswith("visit_")]
        cls.methods = {getattr(ast, name.removeprefix("visit_")): getattr(cls, name) for name in names}

    def __init__(
        self,
        expression: Expression,
        names: Mapping[str, Any],
        known: Callable[[], list[str]],
        index: int | None = None,
    ) -> None:
        self.expression = expression
        self.names = names
        self.known = known
        self.index = index
        self.probing = False

    @property
    def largest(self) -> int:
        """The largest number that it may give."""
        return limits.INTEGER

    def value(self, layers: bool = False) -> Any:
        """The expression's value: plain, or an item; `layers` says that it should be an item."""
        try:
            return self.visit(self.expression.tree)
        except SpecError as error:
            raise self.clearer(error, layers) from None

    def clearer(self, error: SpecError, layers: bool) -> SpecError:
        """The error, or what to write instead if the expression is written as in PyTorch or Keras."""
        from cnncost.spec.habits import habits

        found = habits(self.expression.tree, self.names, layers)
        return self.fail(*found[0]) if found else error

    def fail(self, node: ast.AST, message: str) -> SpecError:
        return SpecError(message, self.expression.at(node), names_in(node))

    def fail_at(self, node: ast.AST, message: str) -> SpecError:
        """An error that begins with what is typed: `1 / 0` divides by zero."""
        return self.fail(node, f"`{self.expression.typed(node)}`{message}")

    def visit(self, node: ast.AST) -> Any:
        kind = type(node)
        if self.plain and kind is ast.Name:  # most parts are names and numbers, which need no more
            value = self.names.get(node.id, self)  # type: ignore[attr-defined]
            if type(value) is int:
                return value
        elif self.plain and kind is ast.Constant:
            constant = node.value  # type: ignore[attr-defined]
            if type(constant) is int and constant <= limits.INTEGER:
                return constant
        method = self.methods.get(kind)
        if method is None:
            raise self.fail(node, f"{FORBIDDEN.get(type(node).__name__, 'this')} is not part of the notation")
        return method(self, node)

    def visit_Constant(self, node: ast.Constant) -> Any:
        value = node.value
        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, int) and value <= self.largest:  # a constant has no sign
            return value
        if isinstance(value, (int, float)):
            return self.limited(node, value)
        raise self.fail_at(node, " is not part of the notation")

    def visit_Name(self, node: ast.Name) -> Any:
        value = self.named(node)
        if isinstance(value, Call) and value.expression is None:
            return Call(value.template, expression=self.expression, node=node)
        return value

    def named(self, node: ast.Name) -> Any:
        """The value of a name."""
        if "__" in node.id:
            raise self.fail(node, f"`{node.id}`: names with `__` are not part of the notation")
        if node.id == INDEX and self.index is not None:
            return self.index
        try:
            return self.names[node.id]
        except KeyError:
            raise self.fail(node, unknown_name(node.id, self.known())) from None

    def visit_Tuple(self, node: ast.Tuple | ast.List) -> Any:
        return self.limited(node, tuple(self.visit(element) for element in node.elts))

    visit_List = visit_Tuple

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        return self.visit(node.body if self.truth(node.test) else node.orelse)

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        wanted = isinstance(node.op, ast.Or)
        return any(self.truth(v) for v in node.values) if wanted else all(self.truth(v) for v in node.values)

    def truth(self, node: ast.expr) -> bool:
        value = self.visit(node)
        if isinstance(value, Item):
            raise self.fail(node, "a layer is neither true nor false")
        return self.decided(node, value)

    def decided(self, node: ast.expr, value: Any) -> bool:
        """Whether a value is true; of a condition on symbols, what is taken for it."""
        try:
            return bool(value)
        except TypeError:
            taken = dims.decided(value)
        if taken is None:
            raise self.fail_at(node, UNDECIDED)
        return taken

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        if isinstance(node.op, ast.Not):
            return not self.truth(node.operand)
        value = self.visit(node.operand)
        if isinstance(node.op, ast.Invert) or not is_number(value):
            raise self.fail_at(node, " is not part of the notation")
        return -value if isinstance(node.op, ast.USub) else value

    def visit_Compare(self, node: ast.Compare) -> bool:
        values = [self.visit(value) for value in (node.left, *node.comparators)]
        if any(isinstance(value, Item) for value in values):
            return self.compare_items(node, values)
        try:
            return all(
                self.decided(node, COMPARISONS[type(op)](a, b))
                for op, a, b in zip(node.ops, values, values[1:], strict=False)
            )
        except (TypeError, ValueError):  # numpy's, of an array
            symbolic = any(map(dims.is_symbolic, values))
            message = UNDECIDED if symbolic else " compares values that have no order"
            raise self.fail_at(node, message) from None

    def compare_items(self, node: ast.Compare, values: list[Any]) -> bool:
        """A param may hold a block or a layer: it compares by its name, `block == bottleneck`."""
        keys = [v.template.name if isinstance(v, Call) and v.bare else v for v in values]
        if len(keys) != 2 or not isinstance(node.ops[0], (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)):
            raise self.fail(node, "layers and blocks compare with == and != only, and join with `>>`")
        return (keys[0] == keys[1]) is isinstance(node.ops[0], (ast.Eq, ast.Is))

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        value = self.visit(node.value)
        if isinstance(node.slice, ast.Slice) and node.slice.step is None:
            ends = [end and self.visit(end) for end in (node.slice.lower, node.slice.upper)]
            index: Any = slice(*ends)
        else:
            index = self.visit(node.slice)
            ends = [index]
        if not isinstance(value, tuple) or not all(end is None or isinstance(end, int) for end in ends):
            raise self.fail_at(node, ": only a list can be indexed, by a whole number")
        try:
            return value[index]
        except IndexError:
            raise self.fail_at(node, f": the list has {len(value)} items") from None

    def arithmetic(self, node: ast.BinOp, left: Any, right: Any) -> Any:
        lists = isinstance(left, tuple) and isinstance(right, tuple) and isinstance(node.op, ast.Add)
        if type(node.op) not in ARITHMETIC or not (lists or (is_number(left) and is_number(right))):
            raise self.fail_at(node, f": {describe(left)} and {describe(right)} cannot be combined like this")
        if isinstance(node.op, ast.Pow):
            self.check_power(node, left, right)
        return self.computed(node, lambda: ARITHMETIC[type(node.op)](left, right))

    def computed(self, node: ast.AST, compute: Callable[[], Any]) -> Any:
        """A result within the limits; what goes wrong becomes an error with its place."""
        try:
            return self.limited(node, compute())
        except ZeroDivisionError:
            error = self.fail_at(node, " divides by zero")
            names = names_in(node.right) if isinstance(node, ast.BinOp) else error.names
            raise SpecError(error.message, error.place, names) from None
        except OverflowError:
            raise self.fail_at(node, f" is larger than {self.largest}") from None
        except (ArithmeticError, ValueError, TypeError) as error:
            raise self.fail_at(node, f": {error}") from None

    def check_power(self, node: ast.BinOp, base: Any, exponent: Any) -> None:
        """Refuse a power before it is computed: 9**9**9 has 370 million digits."""
        bits = base.bit_length() if isinstance(base, int) else 1
        known = isinstance(exponent, int) and not isinstance(base, float)
        if known and bits * max(exponent, 0) > 2 * self.largest.bit_length():
            raise self.fail_at(node, f" is larger than {self.largest}")

    def limited(self, node: ast.AST, value: Any) -> Any:
        if isinstance(value, (int, float)):
            if abs(value) <= self.largest:
                return value
            raise self.fail(node, f"a number beyond {self.largest}")
        if isinstance(value, tuple) and (fault := list_fault(value)):
            raise self.fail(node, fault)
        if isinstance(value, complex):
            raise self.fail(node, "a complex number")
        if dims.is_symbolic(value) and value.is_number:  # F - F is zero, not a symbol
            if not value.is_Integer:
                raise self.fail_at(node, " is not a whole number")
            return self.limited(node, int(value))
        return value
