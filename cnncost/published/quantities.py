"""What a printed cell can ask of a part of a network: sums and arguments, read off its NetworkCost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import groupby
from operator import or_
from typing import Any

from cnncost.count.depth import is_weighted, longest_path
from cnncost.count.profile import LayerCost, NetworkCost, add_up
from cnncost.dims import Shape, Size, product
from cnncost.errors import CnncostError, did_you_mean
from cnncost.layers import catalogue
from cnncost.network.graph import INPUT


@dataclass(frozen=True)
class Part:
    """Some layers of a profile, in order, of all types or some; without any layer, the network's input."""

    profile: NetworkCost
    layers: tuple[LayerCost, ...]
    types: tuple[str, ...] = ()

    @cached_property
    def costs(self) -> tuple[LayerCost, ...]:
        """The layers of the types that are asked for."""
        return tuple(cost for cost in self.layers if self.includes(cost))

    def includes(self, cost: LayerCost) -> bool:
        """Whether a layer is of a type that is asked for."""
        return not self.types or cost.type in self.types

    @property
    def in_shape(self) -> Shape:
        """The shape that enters the part."""
        return self.costs[0].node.in_shape if self.costs else self.profile.graph.input_shape

    @property
    def out_shape(self) -> Shape:
        """The shape that leaves it."""
        return self.costs[-1].out_shape if self.costs else self.profile.graph.input_shape

    @property
    def main(self) -> LayerCost:
        """The last layer that is no mere follower: the one whose kernel a table prints."""
        rest = [cost for cost in self.costs if not cost.in_place] or list(self.costs)
        if not rest:
            raise CnncostError("the input has no layer")
        return rest[-1]

    def window(self, field: str) -> Size:
        """The main layer's kernel, stride or padding, the same on all axes."""
        node = self.main.node
        windows = node.layer.windows_on(node.in_shape[1:]) if node.layer.window else ()
        if not windows:
            raise CnncostError(f"{self.main.name} has no {field}")
        return only({getattr(window, field) for window in windows}, field)


def part_of(profile: NetworkCost, at: str | None = None, types: tuple[str, ...] = ()) -> Part:
    """The layers of a profile at a name, or from one name through another.

    Args:
        at: a node or stage, `conv1..pool2`, `..pool2` from the start, `input`; None for all.
        types: only layers of these types.

    Raises:
        CnncostError: there is no such layer, type or range.
    """
    for name in types:
        if name not in catalogue():
            raise CnncostError(f"no layer type `{name}`{did_you_mean(name, catalogue())}")
    layers = profile.counted if at is None else () if at == INPUT else between(profile, at)
    return Part(profile, layers, types)


def between(profile: NetworkCost, at: str) -> tuple[LayerCost, ...]:
    """The layers of a name, or of a range of names, in the order of computation."""
    first, dots, last = at.partition("..")
    if not dots:
        return profile.below(at)
    place = {cost.name: i for i, cost in enumerate(profile.costs)}
    start = place[profile.below(first)[0].name] if first else 0
    end = place[profile.below(last)[-1].name] if last else len(place) - 1
    found = profile.costs[start : end + 1]
    if not found:
        raise CnncostError(f"`{at}` is no range: {last} comes before {first}")
    return tuple(cost for cost in found if profile.train or not cost.node.aux)


def only(values: set[Any], what: str) -> Any:
    """The single value of a set."""
    if len(values) != 1:
        raise CnncostError(f"no single {what}: {sorted(map(str, values))}")
    return values.pop()


def size(shape: Shape) -> Size:
    """The height of a square map."""
    if len(shape) < 2:
        raise CnncostError("a vector has no height")
    return only(set(shape[1:]), "size")


def axis(shape: Shape, number: int) -> Size:
    """An axis of a shape; a vector counts as 1×1, as tables print it."""
    return shape[number] if number < len(shape) else 1


def depth(part: Part) -> int:
    """The layers with weights to multiply by, along the longest path, of the types that are asked for."""
    return sum(is_weighted(cost) for cost in longest_path(part.layers) if part.includes(cost))


def stages(part: Part) -> list[Part]:
    """The stages of a part, in order."""
    return [
        Part(part.profile, tuple(costs), part.types)
        for _, costs in groupby(part.layers, key=lambda cost: cost.node.stage)
    ]


def blocks(part: Part) -> list[list[LayerCost]]:
    """The layers with weights of each residual block of a part: additions divide the longest path."""
    found: list[list[LayerCost]] = [[]]
    for cost in longest_path(part.layers):
        if cost.type == "Add":
            found.append([])
        elif is_weighted(cost) and part.includes(cost):
            found[-1].append(cost)
    return [block for block in found if block]


def residual(part: Part) -> str:
    """Residual blocks as tables print them: `[3x3, 64; 3x3, 64] x2`."""
    printed = {"; ".join(f"{kernel(cost)}, {cost.out_shape[0]}" for cost in block) for block in blocks(part)}
    return f"[{only(printed, 'kind of block')}] x{len(blocks(part))}"


def kernel(cost: LayerCost) -> str:
    """A kernel as tables print it: `3x3`."""
    return "x".join(str(window.kernel) for window in cost.node.layer.window or ())


def connections(part: Part) -> int:
    """How many outputs the weighted layers read, summed: through merges each branch counts."""
    read: dict[str, int] = {}  # by name, the outputs that a layer reads and those that it gives: one bit each
    given = dict.fromkeys(part.profile.graph.inputs, 1)
    for i, node in enumerate(part.profile.graph.nodes, 1):
        read[node.name] = reduce(or_, (given[name] for name in node.inputs))
        given[node.name] = read[node.name] if node.type in ("Identity", "Concat") else 1 << i
    return sum(read[cost.name].bit_count() for cost in part.costs if is_weighted(cost))


def receptive_field(part: Part) -> Size:
    """The receptive field of the part's end, the same on both axes."""
    if not part.costs:
        raise CnncostError("no layer, no receptive field")
    field = part.costs[-1].receptive_field
    if field is None:
        raise CnncostError("no receptive field after a Flatten")
    return only({each.size for each in field}, "receptive field")


QUANTITIES: dict[str, Callable[[Part], Any]] = {
    "name": lambda part: part.main.name,
    "type": lambda part: part.main.type,
    "layers": lambda part: len(part.costs),
    "convs": lambda part: sum(cost.type == "Conv2d" for cost in part.costs),
    "linears": lambda part: sum(cost.type == "Linear" for cost in part.costs),
    "depth": depth,
    "residual": residual,
    "stage_depths": lambda part: tuple(map(depth, stages(part))),
    "stage_blocks": lambda part: tuple(len(blocks(stage)) for stage in stages(part)),
    "connections": connections,
    "params": lambda part: add_up(part.costs).params,
    "buffers": lambda part: add_up(part.costs).buffers,
    "statistics": lambda part: 2 * sum(c.out_shape[0] for c in part.costs if c.type == "BatchNorm2d"),
    "macs": lambda part: add_up(part.costs).macs,
    "flops": lambda part: add_up(part.costs).flops,
    "memory": lambda part: add_up(part.costs).memory_bytes,
    "elements": lambda part: (
        sum(part.profile.convention.memory(c.node.layer, c.out_shape, element_bytes=1) for c in part.costs)
        if part.costs
        else product(part.out_shape)
    ),
    "in_channels": lambda part: part.in_shape[0],
    "in_size": lambda part: size(part.in_shape),
    "out_channels": lambda part: part.out_shape[0],
    "out_size": lambda part: size(part.out_shape),
    "height": lambda part: axis(part.out_shape, 1),
    "width": lambda part: axis(part.out_shape, 2),
    "H_out": lambda part: axis(part.out_shape, 1),
    "W_out": lambda part: axis(part.out_shape, 2),
    "shape": lambda part: "x".join(map(str, part.out_shape)),
    "kernel": lambda part: part.window("kernel"),
    "stride": lambda part: part.window("stride"),
    "pad": lambda part: only(set(part.window("padding")), "padding"),
    "rf": receptive_field,
}


OF_TYPE: dict[str, Callable[[Shape], Size]] = {"outputs": product, "channels": lambda shape: shape[0]}
"""What `Add_outputs` or `BatchNorm2d_channels` adds up, of the outputs of all layers of the type."""


def quantity_named(name: str) -> Callable[[Part], Any] | None:
    """How to read a quantity off a part: one of QUANTITIES, or `Add_outputs` of a type; else None."""
    type_, _, what = name.rpartition("_")
    if name in QUANTITIES or type_ not in catalogue() or what not in OF_TYPE:
        return QUANTITIES.get(name)
    return lambda part: sum(OF_TYPE[what](cost.out_shape) for cost in part.costs if cost.type == type_)
