"""Variants of a network, one per student: the same layers, with a few numbers of the spec changed.

The text of the spec is edited and the network built again. A variant is rejected if it does not build, or if
no lecturer would set it: windows that skip pixels, even kernels in place of odd ones, or a network several
times as large.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cnncost.count.profile import sample_totals
from cnncost.errors import CnncostError
from cnncost.layers import Layer
from cnncost.network.builder import build
from cnncost.network.derive import derive
from cnncost.network.graph import Graph, Node
from cnncost.spec.expression import Expression
from cnncost.spec.functions import FUNCTIONS
from cnncost.spec.lint import expressions, inside
from cnncost.spec.reader import parse_spec
from cnncost.spec.structure import Spec

Drawn = TypeVar("Drawn")

CHANGED = frozenset({"kernel_size", "stride", "padding", "out_channels", "out_features"})
"""The arguments that a variant may change."""

CHANGES = (3, 5)
"""The least and the most numbers that a variant changes."""

SMALLEST_WIDTH = 10
WIDE_KERNEL, WIDEST_KERNEL = 7, 13

FACTORS = ((1, 2), (3, 4), (5, 4), (3, 2))
"""What a number of filters or features is multiplied by."""

STEPS = (-64, -48, -32, -16, 16, 32, 48, 64)
"""What is added to an input size."""

TRIES = 40
LARGEST_CHANGE = 3
"""The largest factor between the parameters or multiply-adds of a variant and the original."""


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


@dataclass(frozen=True, eq=False)
class Variant:
    """A changed network: the text of its spec, and the network."""

    text: str
    graph: Graph


def original(spec: Spec, variant: str | None) -> Variant:
    """The network from which variants are made, as a spec of its own.

    Raises:
        CnncostError: the spec cannot be edited.
    """
    text = derive(spec, variant, f"{variant or spec.name}-variant")
    return Variant(text, build(parse_spec(text, "variant")))


def vary(start: Variant, rng: random.Random) -> Variant:
    """A valid variant with three to five changes, or fewer where no more are found."""

    def draw(choices: Sequence[Drawn]) -> Drawn:
        return choices[int(rng.random() * len(choices))]

    wanted = draw(range(CHANGES[0], CHANGES[1] + 1))
    found, used = start, set[int]()
    for _ in range(TRIES):
        known = sites(found.text)
        free = [i for i, site in enumerate(known) if i not in used and site.choices]
        if not wanted or not free:
            break
        at = draw(free)
        changed = valid_variant(edited(found.text, known[at].literals, draw(known[at].choices)), start.graph)
        if changed is not None and changed.graph.nodes != found.graph.nodes:
            found, wanted = changed, wanted - 1
            used.add(at)
    return found


def edited(text: str, literals: Sequence[Literal], values: Sequence[int]) -> str:
    """The text with other values in place of some numbers."""
    lines = text.split("\n")
    pairs = zip(literals, values, strict=True)
    for literal, value in sorted(pairs, key=lambda pair: (-pair[0].line, -pair[0].column)):
        line = lines[literal.line]
        end = literal.column + len(str(literal.value))
        lines[literal.line] = f"{line[: literal.column]}{value}{line[end:]}"
    return "\n".join(lines)


# What may change


def sites(text: str) -> list[Site]:
    """The numbers in the text of a spec that can be changed. A change does not alter which ones these are."""
    spec = parse_spec(text, "variant")
    lines = text.split("\n")
    sizes = [literal for size in spec.input[1:] for literal in whole(size, size.tree, lines)]
    found = [Site(tuple(sizes), input_choices(sizes))] if sizes else []
    pixels = {size.tree.id for size in spec.input[1:] if isinstance(size.tree, ast.Name)}
    for name, value in spec.params.items():
        for expression in inside(value):
            for n in whole(expression, expression.tree, lines):
                found.append(Site((n,), input_choices([n]) if name in pixels else number_choices(n.value)))
    for expression, _ in expressions(spec):
        found += call_sites(expression, lines)
    return found


def input_choices(literals: Sequence[Literal]) -> tuple[tuple[int, ...], ...]:
    """Other sizes of an input, with the same step along all its axes."""
    return tuple(
        tuple(literal.value + step for literal in literals)
        for step in STEPS
        if all(literal.value + step > literal.value // 2 for literal in literals)
    )


def number_choices(value: int) -> tuple[tuple[int, ...], ...]:
    """Other values of a number of unknown meaning: small ones change by a step, larger ones by a factor."""
    if value < SMALLEST_WIDTH:
        return tuple((n,) for n in (value - 2, value - 1, value + 1, value + 2) if n > 0)
    return tuple((n,) for n in scaled(value))


def scaled(value: int) -> list[int]:
    """A number of filters or features, times each factor that gives a whole number."""
    return [value * a // b for a, b in FACTORS if value * a % b == 0]


def other_kernels(kernel: int) -> list[int]:
    """The kernels next to a kernel, odd if it is odd; none for 1×1."""
    steps = (-1, 1) if kernel % 2 == 0 else (-4, -2, 2, 4) if kernel >= WIDE_KERNEL else (-2, 2)
    return [n for n in (kernel + step for step in steps) if kernel > 1 and 2 <= n <= WIDEST_KERNEL]


def call_sites(expression: Expression, lines: list[str]) -> Iterator[Site]:
    """The numbers among the arguments of an expression's calls."""
    for node in ast.walk(expression.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        layer = Layer.registry.get(node.func.id)
        if layer is not None:
            yield from layer_sites(expression, arguments_of(layer, node), lines)
        elif node.func.id not in FUNCTIONS and node.func.id != "ref":
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                yield from (Site((n,), number_choices(n.value)) for n in whole(expression, argument, lines))


def arguments_of(layer: type[Layer], call: ast.Call) -> dict[str, ast.expr]:
    """The arguments of a layer's call, by name."""
    names = [f.name for f in layer.parameters()]
    given = dict(zip(names, call.args, strict=False))
    return {**given, **{keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}}


def layer_sites(
    expression: Expression, arguments: Mapping[str, ast.expr], lines: list[str]
) -> Iterator[Site]:
    """The numbers of a layer's kernel, stride and filters; a padding of half the kernel changes with it."""

    def literals(name: str) -> list[Literal]:
        return list(whole(expression, arguments[name], lines)) if name in arguments else []

    for kernel in literals("kernel_size"):
        padding = [p for p in literals("padding") if p.value == kernel.value // 2 and p.value]
        choices = tuple((n, *[n // 2] * len(padding)) for n in other_kernels(kernel.value))
        yield Site((kernel, *padding), choices)
    for stride in literals("stride"):
        yield Site((stride,), tuple((n,) for n in (stride.value - 1, stride.value + 1) if n > 0))
    for name in ("out_channels", "out_features"):
        yield from (Site((n,), tuple((m,) for m in scaled(n.value))) for n in literals(name))


def whole(expression: Expression, node: ast.AST, lines: list[str]) -> Iterator[Literal]:
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


# Which variants are valid


def valid_variant(text: str, start: Graph) -> Variant | None:
    """The network of a changed text; None if it does not build, or no lecturer would set it."""
    try:
        graph = build(parse_spec(text, "variant"))
    except CnncostError:
        return None
    (channels, *sizes), (were, *others) = graph.input_shape, start.input_shape
    same_input = channels == were and len(sizes) == len(others)
    same_layers = len(graph.nodes) == len(start.nodes) and all(map(only_resized, graph.nodes, start.nodes))
    valid = same_input and same_layers and similar_size(graph, start)
    return Variant(text, graph) if valid else None


def only_resized(new: Node, old: Node) -> bool:
    """Whether a layer differs at most in its sizes, and its window is still usual."""
    if (new.name, new.type, new.inputs) != (old.name, old.type, old.inputs):
        return False
    was, now = old.layer.arguments(), new.layer.arguments()
    differing = {name for name in was if was[name] != now[name]}
    depthwise = {"groups"} if now.get("groups") == new.in_shapes[0][0] else set()
    return differing <= CHANGED | depthwise and (not differing or usual_window(new.layer, old.layer))


def usual_window(new: Layer, old: Layer) -> bool:
    """Whether a window has an ordinary width, is odd or 1×1 if it was, and skips no pixels."""
    if new.window is None or old.window is None:
        return True
    for now, was in zip(new.window, old.window, strict=True):
        kernel, stride = int(now.kernel), int(now.stride)
        if (kernel == 1) != (was.kernel == 1) or kernel > max(WIDEST_KERNEL, was.kernel):
            return False
        if (was.kernel % 2 and not kernel % 2) or stride > max(kernel, was.stride):
            return False
    return True


def similar_size(graph: Graph, start: Graph) -> bool:
    """Whether parameters and multiply-adds are at most a few times more or fewer than the original's."""
    now, was = sample_totals(graph), sample_totals(start)
    counts = ((now.params, was.params), (now.macs, was.macs))
    return all(b <= LARGEST_CHANGE * a and a <= LARGEST_CHANGE * b for a, b in counts)


def differences(graph: Graph, start: Graph, most: int = 8) -> str:
    """The changes of a variant, up to `most` layers: `input 3×259×259; conv1 Conv2d(64, 9, stride=4)`."""
    changes = [
        f"{new.name} {new.layer}"
        for new, old in zip(graph.nodes, start.nodes, strict=True)
        if new.layer != old.layer
    ]
    if len(changes) > most:
        changes[most:] = [f"{len(changes) - most} more layers"]
    if graph.input_shape != start.input_shape:
        changes.insert(0, f"input {'×'.join(map(str, graph.input_shape))}")
    return "; ".join(changes)
