"""Variants of a network, one per student: the same layers, with a few numbers of the spec changed.

The text of the spec is edited and the network built again. A variant is rejected if it does not build, or if
no lecturer would set it: windows that skip pixels, even kernels instead of odd ones, or a network several
times as large.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from cnncost.count.profile import sample_totals
from cnncost.dims import Shape, Size
from cnncost.errors import CnncostError
from cnncost.homework.make.spec_numbers import WIDEST_KERNEL, Literal, sites
from cnncost.layers import Layer
from cnncost.network.builder import build
from cnncost.network.derive import derive
from cnncost.network.graph import Graph, Node
from cnncost.spec.reader import parse_spec
from cnncost.spec.structure import Spec

Drawn = TypeVar("Drawn")

CHANGED = frozenset({"kernel_size", "stride", "padding", "out_channels", "out_features"})
"""The arguments that a variant may change."""

CHANGES = (3, 5)
"""The least and the most numbers that a variant changes."""

TRIES = 40
LARGEST_CHANGE = 3
"""The largest factor between the parameters or multiply-adds of a variant and the original."""


@dataclass(frozen=True, eq=False)
class Variant:
    """A changed network: the text of its spec, and the network."""

    text: str
    graph: Graph


def original(spec: Spec, variant: str | None) -> Variant:
    """The network from which variants are made, as a separate spec."""
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
    """The text with other values instead of some numbers."""
    lines = text.split("\n")
    pairs = zip(literals, values, strict=True)
    for literal, value in sorted(pairs, key=lambda pair: (-pair[0].line, -pair[0].column)):
        line = lines[literal.line]
        end = literal.column + len(str(literal.value))
        lines[literal.line] = f"{line[: literal.column]}{value}{line[end:]}"
    return "\n".join(lines)


def valid_variant(text: str, start: Graph) -> Variant | None:
    """The network of a changed text; None if it does not build, or no lecturer would set it."""
    try:
        graph = build(parse_spec(text, "variant"))
    except CnncostError:
        return None
    same_input = [*map(axes_and_channels, graph.inputs.values())] == [
        *map(axes_and_channels, start.inputs.values())
    ]
    same_layers = len(graph.nodes) == len(start.nodes) and all(map(only_resized, graph.nodes, start.nodes))
    new, old = sample_totals(graph), sample_totals(start)
    counts = ((new.params, old.params), (new.macs, old.macs))
    valid = (
        same_input
        and same_layers
        and all(was <= LARGEST_CHANGE * now and now <= LARGEST_CHANGE * was for now, was in counts)
    )
    return Variant(text, graph) if valid else None


def axes_and_channels(shape: Shape) -> tuple[int, Size]:
    """How many axes an input has, and how many channels."""
    return len(shape), shape[0]


def only_resized(new: Node, old: Node) -> bool:
    """Whether a layer differs at most in its sizes, and its window is still usual."""
    if (new.name, new.type, new.inputs) != (old.name, old.type, old.inputs):
        return False
    was, now = old.layer.arguments(), new.layer.arguments()
    differing = {name for name in was if was[name] != now[name]}
    depthwise = {"groups"} if now.get("groups") == new.in_shape[0] else set()
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


def changes_text(graph: Graph, start: Graph, most: int = 8) -> str:
    """The changes of a variant, up to `most` layers: `input 3×259×259; conv1 Conv2d(64, 9, stride=4)`."""
    changes = [
        f"{new.name} {new.layer}"
        for new, old in zip(graph.nodes, start.nodes, strict=True)
        if new.layer != old.layer
    ]
    if len(changes) > most:
        changes[most:] = [f"{len(changes) - most} more layers"]
    if graph.inputs != start.inputs:
        changes.insert(0, f"input {graph.input_text}")
    return "; ".join(changes)
