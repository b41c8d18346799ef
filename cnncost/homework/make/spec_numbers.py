"""The numbers in the text of a spec that a variant can change, and the values that they can take."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cnncost.layers import Layer
from cnncost.spec.expression import Expression
from cnncost.spec.functions import FUNCTIONS
from cnncost.spec.items import REFERENCES
from cnncost.spec.lint import expressions, inside
from cnncost.spec.reader import parse_spec

SMALLEST_WIDTH = 10
WIDE_KERNEL, WIDEST_KERNEL = 7, 13

FACTORS = ((1, 2), (3, 4), (5, 4), (3, 2))
"""What a number of filters or features is multiplied by."""

STEPS = (-64, -48, -32, -16, 16, 32, 48, 64)
"""What is added to an input size."""


@dataclass(frozen=True)
class Literal:
    """A whole number in the text of a spec, with its line and column, both from 0."""

    value: int
    line: int
    column: int


@dataclass(frozen=True)
class Site:
    """Numbers of a spec that change together, and the values that they can take."""

    literals: tuple[Literal, ...]
    choices: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, literal: Literal, values: Iterable[int]) -> Site:
        """A number that changes alone."""
        return cls((literal,), tuple((value,) for value in values))


def sites(text: str) -> list[Site]:
    """The numbers in the text of a spec that can be changed. A change does not alter which ones these are."""
    spec = parse_spec(text, "variant")
    lines = text.split("\n")
    sizes_of_maps = [size for shape in spec.inputs.values() for size in shape[1:]]
    sizes = [literal for size in sizes_of_maps for literal in literals(size, size.tree, lines)]
    found = [resized_input(sizes)] if sizes else []
    pixels = {size.tree.id for size in sizes_of_maps if isinstance(size.tree, ast.Name)}
    for name, value in spec.params.items():
        for expression in inside(value):
            for n in literals(expression, expression.tree, lines):
                found.append(resized_input([n]) if name in pixels else Site.of(n, other_numbers(n.value)))
    for expression, _ in expressions(spec):
        for node in ast.walk(expression.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found += call_sites(expression, node, node.func.id, lines)
    return found


def resized_input(sizes: Sequence[Literal]) -> Site:
    """The sizes of an input, which change by the same step."""
    steps = [step for step in STEPS if all(size.value + step > size.value // 2 for size in sizes)]
    return Site(tuple(sizes), tuple(tuple(size.value + step for size in sizes) for step in steps))


def call_sites(expression: Expression, call: ast.Call, name: str, lines: list[str]) -> Iterator[Site]:
    """The numbers among the arguments of a call: of a layer its kernel, stride and filters, of a block all.

    A padding of half the kernel changes with it.
    """
    layer = Layer.registry.get(name)
    names = [f.name for f in layer.parameters()] if layer else map(str, range(len(call.args)))
    nodes = dict(zip(names, call.args, strict=False)) | {k.arg or "": k.value for k in call.keywords}
    numbers = {key: list(literals(expression, node, lines)) for key, node in nodes.items()}
    if layer is None:
        if name not in FUNCTIONS and name not in REFERENCES:
            yield from (Site.of(n, other_numbers(n.value)) for found in numbers.values() for n in found)
        return
    for kernel in numbers.get("kernel_size", ()):
        padding = [p for p in numbers.get("padding", ()) if p.value == kernel.value // 2 and p.value]
        choices = tuple((n, *[n // 2] * len(padding)) for n in other_kernels(kernel.value))
        yield Site((kernel, *padding), choices)
    for stride in numbers.get("stride", ()):
        yield Site.of(stride, (n for n in (stride.value - 1, stride.value + 1) if n > 0))
    for key in ("out_channels", "out_features"):
        yield from (Site.of(n, scaled(n.value)) for n in numbers.get(key, ()))


def other_numbers(value: int) -> list[int]:
    """Other values of a number of unknown meaning: small ones change by a step, larger ones by a factor."""
    steps = (value - 2, value - 1, value + 1, value + 2)
    return [n for n in steps if n > 0] if value < SMALLEST_WIDTH else scaled(value)


def scaled(value: int) -> list[int]:
    """A number of filters or features, times each factor that gives a whole number."""
    return [value * a // b for a, b in FACTORS if value * a % b == 0]


def other_kernels(kernel: int) -> list[int]:
    """The kernels next to a kernel, odd if it is odd; none for 1×1."""
    steps = (-1, 1) if kernel % 2 == 0 else (-4, -2, 2, 4) if kernel >= WIDE_KERNEL else (-2, 2)
    return [n for n in (kernel + step for step in steps) if kernel > 1 and 2 <= n <= WIDEST_KERNEL]


def literals(expression: Expression, node: ast.AST, lines: list[str]) -> Iterator[Literal]:
    """The literal of a part of an expression, if it is a whole number and the text has it at that place."""
    if not isinstance(node, ast.Constant) or type(node.value) is not int or node.value < 1:
        return
    place = expression.at(node)
    line, column = place.line - 1, place.column - 1
    digits = str(node.value)
    if line < len(lines):
        before, found, after = lines[line][:column], lines[line][column:], lines[line][column + len(digits) :]
        if found.startswith(digits) and not (before[-1:].isalnum() or after[:1].isalnum()):
            yield Literal(node.value, line, column)
