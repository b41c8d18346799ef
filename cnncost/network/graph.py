"""Node and Graph: a network with every name, shape and edge settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from cnncost import numbers
from cnncost.dims import Inputs, Shape, is_size, require, same
from cnncost.errors import CnncostError, Misfit, NameUnknown, SpecError, did_you_mean
from cnncost.layers.base import Layer
from cnncost.layers.shapes import CHANNELS, Letters, map_axes
from cnncost.spec.items import INPUT as INPUT


class BlockCall(NamedTuple):
    """A block of the spec where it is used: its name, and its parameters with their values."""

    block: str
    values: Mapping[str, Any]


class Node(NamedTuple):
    """One layer in its network.

    `inputs` are node names, or those of the network's own inputs. `aux` marks a side head that is
    used in training only. `shares` is the earlier node whose weights it uses, "" for its own: they are
    counted there. Shapes are without the batch axis.
    """

    name: str
    layer: Layer
    inputs: tuple[str, ...]
    in_shapes: tuple[Shape, ...]
    out_shape: Shape
    aux: bool = False
    shares: str = ""

    @property
    def type(self) -> str:
        """The layer's type: ``Conv2d``."""
        return type(self.layer).__name__

    @property
    def in_shape(self) -> Shape:
        """The shape of the first input; () where there is none."""
        return self.in_shapes[0] if self.in_shapes else ()

    @property
    def source(self) -> str:
        """The name of the first input; "" where there is none."""
        return self.inputs[0] if self.inputs else ""

    @property
    def stage(self) -> str:
        """The first part of the name: ``conv3_x`` of ``conv3_x.0.body.Conv2d``."""
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Graph:
    """A network: nodes in the order of computation, every input before its use.

    `inputs` are the shapes that enter it by name: one is called ``"input"``, and `input_shape` is that of
    the first. `outputs` are the nodes whose outputs leave it, and `output` is the last of them. Give one
    of each pair: the other follows from it.
    `unfit` says why side heads are left out: those that do not fit an input other than the spec's own.
    `settings` are the params given instead of the spec's own, as `classes=10`; captions show them.
    `remarks` are sentences about what looks like a mistake, such as an input of 224×224×3; tables show them.
    `blocks` says which parts of it are blocks of the spec, by the path of each.
    `functional` names the nodes that the original model calls as functions (`F.relu`), not as modules.
    """

    name: str
    input_shape: Shape
    nodes: tuple[Node, ...]
    title: str = ""
    family: str = ""
    year: int | None = None
    source: str = ""
    output: str = INPUT
    unfit: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    settings: str = ""
    functional: tuple[str, ...] = ()
    inputs: Mapping[str, Shape] = field(default_factory=dict, hash=False)
    outputs: tuple[str, ...] = ()
    blocks: Mapping[str, BlockCall] = field(default_factory=dict, hash=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        inputs, outputs = self.inputs or {INPUT: self.input_shape}, self.outputs or (self.output,)
        first, last = next(iter(inputs.values())), outputs[-1]
        self.__dict__.update(inputs=inputs, outputs=outputs, input_shape=first, output=last)

    @property
    def first_input(self) -> str:
        """The name of the input that the layers start from."""
        return next(iter(self.inputs))

    @property
    def input(self) -> Inputs:
        """The shape of its only input, or the shapes by name: what `load` takes as its `input`."""
        return self.inputs if [*self.inputs] != [INPUT] else self.input_shape

    @property
    def input_sizes(self) -> Any:
        """The same as JSON has it, in lists."""
        lists = {name: list(shape) for name, shape in self.inputs.items()}
        return lists if [*lists] != [INPUT] else lists[INPUT]

    @property
    def input_text(self) -> str:
        """The same as captions have it: `3×64×64`, or `left 3×64×64, right 3×64×64`."""
        return numbers.inputs(self.input)

    @cached_property
    def by_name(self) -> dict[str, Node]:
        """The nodes by name."""
        return {node.name: node for node in self.nodes}

    @cached_property
    def axes(self) -> dict[str, Letters]:
        """What each axis of the inputs and of every node's output is, as C, H, W or T, F.

        A shape does not say it: the channels may come last. So it is followed from the input through
        the layers that move axes.
        """
        letters = {name: axes_of_input(self.nodes, name, len(shape)) for name, shape in self.inputs.items()}
        for node in self.nodes:
            entering = axes_into(node, letters)
            # a learned constant does not know what its axes are: the branches beside it do
            seen = [
                axes if self.seen_inputs[name] else ()
                for name, axes in zip(node.inputs, entering, strict=True)
            ]
            letters[node.name] = node.layer.axes_behind(*(seen if any(seen) else entering))
        return letters

    @cached_property
    def seen_inputs(self) -> dict[str, frozenset[str]]:
        """Which of the inputs each output depends on."""
        seen = {name: frozenset([name]) for name in self.inputs}
        for node in self.nodes:
            several = {seen[name] for name in node.inputs}
            seen[node.name] = frozenset().union(*several) if len(several) != 1 else several.pop()
        return seen

    def size_seen(self, name: str) -> Shape | None:
        """The sizes of the inputs that an output depends on, without channels; None where they differ."""
        sizes = {
            tuple(n for i, n in enumerate(self.inputs[source]) if i != channel_axis(self.axes[source]))
            for source in self.seen_inputs[name]
        }
        return sizes.pop() if len(sizes) == 1 else None

    def find(self, name: str) -> tuple[Node, ...]:
        """The node of this name and all nodes below it: ``conv1.Conv2d`` for ``conv1``."""
        found = tuple(n for n in self.nodes if n.name == name or n.name.startswith(f"{name}."))
        if found:
            return found
        known = {".".join(n.name.split(".")[:i]) for n in self.nodes for i in range(1, n.name.count(".") + 2)}
        raise NameUnknown(f"{self.name} has no layer `{name}`{did_you_mean(name, known)}")

    def check(self) -> Graph:
        """The graph itself, when every layer fits its inputs and makes the shape that its node says.

        Raises:
            CnncostError: an input is unknown, a name is taken, a layer does not fit, or a shape is another.
        """
        if "checked" in self.__dict__:
            return self
        shapes = dict(self.inputs)
        for node in self.nodes:
            for name in node.inputs:
                if name not in shapes:
                    hint = did_you_mean(name, shapes)
                    raise CnncostError(f"{node.name}: no earlier layer `{name}` to take as input{hint}")
            if node.name in shapes:
                raise CnncostError(f"{self.name} has two layers of the name `{node.name}`")
            in_shapes = tuple(shapes[name] for name in node.inputs)
            out = checked_output(node.name, node.layer, in_shapes)
            if (in_shapes, out) != (node.in_shapes, node.out_shape):
                given = f"{numbers.shapes(node.in_shapes)} to {numbers.shape(node.out_shape)}"
                found = f"{numbers.shapes(in_shapes)} to {numbers.shape(out)}"
                raise CnncostError(f"{node.name}: {node.layer} takes {found}, the node says {given}")
            if node.shares:
                self.check_sharing(node, shapes)
            shapes[node.name] = out
        for name in self.outputs:
            if name not in shapes:
                hint = did_you_mean(name, shapes)
                raise CnncostError(f"{self.name}: no layer `{name}` to be the output{hint}")
        return self.marked_as_checked()

    def check_sharing(self, node: Node, earlier: Mapping[str, Shape]) -> None:
        """Refuse a node that uses the weights of no earlier layer, or of another one."""
        first = self.by_name.get(node.shares)
        if first is None or first.name not in earlier or first.shares:
            raise CnncostError(f"{node.name}: no earlier layer `{node.shares}` has weights to share")
        if first.layer != node.layer or not owner_of_weights(node.name, node.layer, node.in_shapes, first):
            message = f"{node.name}: {node.layer} cannot use the weights of {first.name}"
            raise CnncostError(f"{message}, {first.layer}")

    def marked_as_checked(self) -> Graph:
        """The graph itself, noted as checked: also by whoever made it and has inferred every shape."""
        self.__dict__["checked"] = True
        return self

    def replace(self, **changes: Any) -> Graph:
        """A copy with other fields; `input_shape` and `output` are then its only ones."""
        for one, several in (("input_shape", "inputs"), ("output", "outputs")):
            if one in changes:
                changes.setdefault(several, ())
        return replace(self, **changes)


def checked_output(name: str, layer: Layer, in_shapes: tuple[Shape, ...]) -> Shape:
    """The shape that a layer makes of its inputs.

    Raises:
        Misfit: the layer does not fit its inputs, or its class returns no shape.
    """
    try:
        out = layer.out_shape(*in_shapes)
        if type(out) is not tuple or not all(type(n) is int or is_size(n) for n in out):
            raise CnncostError(f"`out_shape` must return a tuple of sizes, not {out!r}")
        return out
    except CnncostError as error:
        where, fact = (error.place, error.message) if isinstance(error, SpecError) else (None, error)
        raise Misfit(f"{name}: {layer} on {numbers.shapes(in_shapes)}: {fact}", where) from None


def owner_of_weights(name: str, layer: Layer, in_shapes: tuple[Shape, ...], first: Node) -> str:
    """The node whose weights a layer uses that is used again after `first`; "" for a layer without any.

    Raises:
        Misfit: its weights would have other shapes there.
    """
    now, before = layer.weights(*in_shapes), first.layer.weights(*first.in_shapes)
    for weight in (*now, *before):
        sizes, others = now.get(weight, ()), before.get(weight, ())
        equal = [len(sizes) == len(others), *map(same, sizes, others)]
        for condition in (each for each in equal if each is not True):
            shapes = f"`{weight}` would be {numbers.shape(sizes)}, and is {numbers.shape(others)} there"
            message = f"{name}: {layer} on {numbers.shapes(in_shapes)} cannot use the weights of {first.name}"
            require(condition, f"{message}: {shapes}", error=Misfit)
    return (first.shares or first.name) if now else ""


def axes_of_input(nodes: Iterable[Node], name: str, count: int) -> Letters:
    """The kinds of an input's axes: those that the first layer with a preference needs; else C, H, W."""
    reached = {name}
    for node in nodes:
        if reached.isdisjoint(node.inputs):
            continue
        reached.add(node.name)
        if len(node.in_shape) != count:
            break
        letters = node.layer.first_axes(count)
        if letters is not None:
            return letters
        if node.layer.order is not None:
            break
    return map_axes(count)


def axes_into(node: Node, letters: Mapping[str, Letters]) -> tuple[Letters, ...]:
    """The kinds of the axes of a node's inputs: as the layer needs them, else those of its inputs."""
    inputs = zip(node.inputs, node.in_shapes, strict=True)
    return tuple(node.layer.in_axes(len(shape)) or letters[name] for name, shape in inputs)


def entering_axes(node: Node, letters: Mapping[str, Letters]) -> Letters:
    """The kinds of the axes of a node's first input; () where it has none."""
    return next(iter(axes_into(node, letters)), ())


def channel_axis(letters: Letters) -> int:
    """Which of the axes holds the channels or features."""
    return next((axis for axis, letter in enumerate(letters) if letter in CHANNELS), 0)
