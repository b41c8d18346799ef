"""A network of their own for each student: the same layers, with a few of a spec's numbers changed.

The text of the spec is edited and the network built again; what does not build is not taken, and
neither is what a lecturer would not set: another order of layers, windows that skip pixels, even
kernels in the place of odd ones, or a network several times as large.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cnncost.count.profile import params_and_macs
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

CHANGED = frozenset({"kernel_size", "stride", "padding", "out_channels", "out_features"})
"""The arguments that a variant may change."""

CHANGES = (3, 5)
"""How many numbers a variant changes, at least and at most."""

FACTORS = ((1, 2), (3, 4), (5, 4), (3, 2))
"""How a number of filters or features is changed."""

STEPS = (-64, -48, -32, -16, 16, 32, 48, 64)
"""How an input size is changed."""

LARGEST_CHANGE = 3
"""How many times the parameters and multiply-adds of a variant may be more or fewer."""


@dataclass(frozen=True)
class Literal:
    """A whole number in the text of a spec: its value, line and column, both from 0."""

    value: int
    line: int
    column: int


@dataclass(frozen=True)
class Site:
    """Numbers of a spec that change together, and what each can become."""

    literals: tuple[Literal, ...]
    choices: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, eq=False)
class Variant:
    """A changed network: the text of its spec, and the network."""

    text: str
    graph: Graph


def original(spec: Spec, variant: str | None) -> Variant:
    """The network that variants are made of, as a spec of its own.

    Raises:
        CnncostError: the spec cannot be taken apart.
    """
    text = derive(spec, variant, f"{variant or spec.name}-variant")
    return Variant(text, build(parse_spec(text, "variant")))


def vary(start: Variant, rng: random.Random) -> Variant:
    """A valid variant: three to five changes, one after the other; fewer where no more are found."""

    def draw(choices: Sequence[T]) -> T:
        return choices[int(rng.random() * len(choices))]

    wanted = draw(range(CHANGES[0], CHANGES[1] + 1))
    found, used = start, set[int]()
    for _ in range(TRIES):
        there = sites(found.text)
        free = [i for i, site in enumerate(there) if i not in used and site.choices]
        if not wanted or not free:
            break
        at = draw(free)
        changed = valid(edited(found.text, there[at].literals, draw(there[at].choices)), start.graph)
        if changed is not None and changed.graph.nodes != found.graph.nodes:
            found, wanted = changed, wanted - 1
            used.add(at)
    return found


T = TypeVar("T")
TRIES = 40


def edited(text: str, literals: Sequence[Literal], values: Sequence[int]) -> str:
    """The text with other values in the place of some numbers."""
    lines = text.split("\n")
    pairs = zip(literals, values, strict=True)
    for literal, value in sorted(pairs, key=lambda pair: (-pair[0].line, -pair[0].column)):
        line = lines[literal.line]
        end = literal.column + len(str(literal.value))
        lines[literal.line] = f"{line[: literal.column]}{value}{line[end:]}"
    return "\n".join(lines)


# what may change


def sites(text: str) -> list[Site]:
    """The numbers of a spec's text that can be changed; after a change they are the same ones."""
    spec = parse_spec(text, "variant")
    lines = text.split("\n")
    sizes = [literal for size in spec.input[1:] for literal in whole(size, size.tree, lines)]
    found = [Site(tuple(sizes), along(sizes))] if sizes else []
    pixels = {size.tree.id for size in spec.input[1:] if isinstance(size.tree, ast.Name)}
    for name, value in spec.params.items():
        for expression in inside(value):
            for n in whole(expression, expression.tree, lines):
                found.append(Site((n,), along([n]) if name in pixels else alone(n.value)))
    for expression, _ in expressions(spec):
        found += call_sites(expression, lines)
    return found


def along(literals: Sequence[Literal]) -> tuple[tuple[int, ...], ...]:
    """Other sizes of an input, all its axes by the same step."""
    return tuple(
        tuple(literal.value + step for literal in literals)
        for step in STEPS
        if all(literal.value + step > literal.value // 2 for literal in literals)
    )


def alone(value: int) -> tuple[tuple[int, ...], ...]:
    """What a number of which only its size is known can become: a small one by a step, others by a factor."""
    if value < SMALLEST_WIDTH:
        return tuple((n,) for n in (value - 2, value - 1, value + 1, value + 2) if n > 0)
    return tuple((n,) for n in scaled(value))


SMALLEST_WIDTH = 10


def scaled(value: int) -> list[int]:
    """A number of filters or features times each factor that gives a whole number."""
    return [value * a // b for a, b in FACTORS if value * a % b == 0]


def other_kernels(kernel: int) -> list[int]:
    """The kernels next to one, odd where it is; a 1 by 1 stays."""
    steps = (-1, 1) if kernel % 2 == 0 else (-4, -2, 2, 4) if kernel >= WIDE_KERNEL else (-2, 2)
    return [n for n in (kernel + step for step in steps) if kernel > 1 and 2 <= n <= WIDEST_KERNEL]


WIDE_KERNEL, WIDEST_KERNEL = 7, 13


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
                yield from (Site((n,), alone(n.value)) for n in whole(expression, argument, lines))


def arguments_of(layer: type[Layer], call: ast.Call) -> dict[str, ast.expr]:
    """A layer's arguments by name."""
    names = [f.name for f in layer.parameters()]
    given = dict(zip(names, call.args, strict=False))
    return {**given, **{keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}}


def layer_sites(
    expression: Expression, arguments: Mapping[str, ast.expr], lines: list[str]
) -> Iterator[Site]:
    """Kernel, stride, filters; a padding of half the kernel goes with it."""

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
    """A part of an expression as a literal, if it is a whole number that stands where it seems to."""
    if not isinstance(node, ast.Constant) or type(node.value) is not int or node.value < 1:
        return
    place = expression.at(node)
    line, column = place.line - 1, place.column - 1
    digits = str(node.value)
    if line < len(lines):
        before, found, after = lines[line][:column], lines[line][column:], lines[line][column + len(digits) :]
        if found.startswith(digits) and not (before[-1:].isalnum() or after[:1].isalnum()):
            yield Literal(node.value, line, column)


# what is taken


def valid(text: str, start: Graph) -> Variant | None:
    """The network of a changed text, if it builds and is one that a lecturer would set."""
    try:
        graph = build(parse_spec(text, "variant"))
    except CnncostError:
        return None
    (channels, *sizes), (were, *others) = graph.input_shape, start.input_shape
    same_input = channels == were and len(sizes) == len(others)
    same_layers = len(graph.nodes) == len(start.nodes) and all(map(same_place, graph.nodes, start.nodes))
    alike = same_input and same_layers and of_like_size(graph, start)
    return Variant(text, graph) if alike else None


def same_place(new: Node, old: Node) -> bool:
    """Whether a layer has changed at most in its sizes, and to a window that is as usual as it was."""
    if (new.name, new.type, new.inputs) != (old.name, old.type, old.inputs):
        return False
    was, now = old.layer.arguments(), new.layer.arguments()
    differing = {name for name in was if was[name] != now[name]}
    depthwise = {"groups"} if now.get("groups") == new.in_shapes[0][0] else set()
    return differing <= CHANGED | depthwise and (not differing or usual_window(new.layer, old.layer))


def usual_window(new: Layer, old: Layer) -> bool:
    """Whether a window is of ordinary width, odd if it was, and skips no pixels; 1 by 1 stays."""
    if new.window is None or old.window is None:
        return True
    for now, was in zip(new.window, old.window, strict=True):
        kernel, stride = int(now.kernel), int(now.stride)
        if (kernel == 1) != (was.kernel == 1) or kernel > max(WIDEST_KERNEL, was.kernel):
            return False
        if (was.kernel % 2 and not kernel % 2) or stride > max(kernel, was.stride):
            return False
    return True


def of_like_size(graph: Graph, start: Graph) -> bool:
    """Whether parameters and multiply-adds stay within a few times those of the original."""
    counts = zip(params_and_macs(graph), params_and_macs(start), strict=True)
    return all(was <= LARGEST_CHANGE * now and now <= LARGEST_CHANGE * was for now, was in counts)


def differences(graph: Graph, start: Graph, most: int = 8) -> str:
    """What a variant changes: `input 3×259×259; conv1 Conv2d(64, 9, stride=4)`, at most so many layers."""
    said = [
        f"{new.name} {new.layer}"
        for new, old in zip(graph.nodes, start.nodes, strict=True)
        if new.layer != old.layer
    ]
    if len(said) > most:
        said[most:] = [f"{len(said) - most} more layers"]
    if graph.input_shape != start.input_shape:
        said.insert(0, f"input {'×'.join(map(str, graph.input_shape))}")
    return "; ".join(said)
