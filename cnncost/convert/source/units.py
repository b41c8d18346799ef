"""A graph as modules within modules: which parts of it are called as one, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cnncost.layers.base import Twin
from cnncost.network.graph import Graph, Node

Path = tuple[str, ...]
"""The names of the modules on the way from a module to one inside it."""


@dataclass(eq=False)
class Step:
    """Something that the forward pass of a unit does: it calls a layer or a unit, or computes an expression.

    `path` is where the module is, seen from the unit, and `called` the module that is called: that of an
    earlier step where weights are shared. `sources` and `makes` are outputs by their names in the graph; what
    has no sources takes the number of samples from any output.
    """

    path: Path
    sources: tuple[str, ...]
    makes: tuple[str, ...]
    place: int
    aux: bool
    called: Path
    node: Node | None = None
    twin: Twin | None = None
    unit: Unit | None = None

    @property
    def owns(self) -> bool:
        """Whether the unit makes a module for it."""
        return self.called == self.path and (self.unit is not None or bool(self.twin and self.twin.name))

    @property
    def call(self) -> str:
        """The code of the call."""
        inputs = ", ".join(f"{{{i}}}" for i in range(len(self.sources))) or "{samples}"
        return (self.twin.call if self.twin else "") or f"{{module}}({inputs})"


@dataclass(eq=False)
class Unit:
    """A part of a network that is one module: its steps, what enters it and what leaves it.

    `block` is the block of the spec that it is, with the `values` of its parameters.
    """

    path: str
    block: str
    values: Mapping[str, Any]
    steps: list[Step] = field(default_factory=list)
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The names of its parts."""
        return [step.path[0] if step.path else "" for step in self.steps]

    @property
    def numbered(self) -> bool:
        """Whether its parts are called 0, 1, 2 …"""
        return self.names == [str(number) for number in range(len(self.steps))]

    @property
    def is_chain(self) -> bool:
        """Whether an nn.Sequential runs it: modules one after the other."""
        before = self.inputs
        for step in self.steps:
            plain = step.owns and len(step.path) == 1 and step.call == "{module}({0})"
            if not plain or step.sources != before or step.path[0] in MODULE_NAMES:
                return False
            before = step.makes
        return len(self.inputs) == 1 and self.outputs == before

    @property
    def modules(self) -> int:
        """How many layers it makes, at any depth."""
        return sum(step.unit.modules if step.unit else 1 for step in self.steps if step.owns)

    @property
    def is_sequential(self) -> bool:
        """Whether its class is an nn.Sequential: parts with numbers for names cannot be called one by one."""
        return self.is_chain and any(name.isdigit() for name in self.names)

    @property
    def is_class(self) -> bool:
        """Whether it needs a class of its own: for its forward pass, or as a block of the spec."""
        if not self.is_chain:
            return True
        return bool(self.block) and not self.numbered and (len(self.steps) > 1 or self.modules > 2)


MODULE_NAMES = frozenset(
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches
    eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu
    load_state_dict modules mtia named_buffers named_children named_modules named_parameters parameters
    register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
    register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to
    to_empty train training type xpu zero_grad
    """.split()  # noqa: SIM905
)
"""What every nn.Module has already: a part of this name is no attribute."""


class Reader:
    """Reads a graph into units."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.nodes = graph, graph.nodes
        self.places = {node.name: place for place, node in enumerate(self.nodes)}
        self.users: dict[str, list[int]] = {}
        for place, node in enumerate(self.nodes):
            for name in node.inputs:
                self.users.setdefault(name, []).append(place)
        self.units: dict[str, Unit] = {}
        self.under: dict[str, list[int]] = {}
        for place, node in enumerate(self.nodes):
            parts = node.name.split(".")
            for end in range(1, len(parts) + 1):
                self.under.setdefault(".".join(parts[:end]), []).append(place)

    def root(self) -> Unit:
        """The whole network."""
        unit = Unit("", self.graph.name, {}, inputs=tuple(self.graph.inputs), outputs=self.graph.outputs)
        unit.steps = self.ordered("", range(len(self.nodes)))
        return unit

    def unit(self, path: str) -> Unit:
        """The part of the network below a path."""
        call, group = self.graph.blocks.get(path), self.under[path]
        unit = Unit(path, call.block if call else "", call.values if call else {})
        unit.inputs, unit.outputs = self.entering(group), self.leaving(group)
        unit.steps = self.ordered(path, group)
        return unit

    def ordered(self, path: str, places: Sequence[int]) -> list[Step]:
        """The steps of the nodes at these places, in the order of the graph."""
        return sorted(self.steps(path, (), places), key=lambda step: step.place)

    def steps(self, base: str, inner: Path, places: Sequence[int]) -> Iterator[Step]:
        """The steps of a unit at the path `base`, for the nodes below `inner` in it."""
        for name in self.parts(joined(base, *inner), places):
            path = joined(base, *inner, *((name,) if name else ()))
            here = (*inner, name) if name else inner
            group = self.under[path] if name else [self.places[path]]
            first = self.nodes[group[0]]
            if not name or (len(group) == 1 and first.name == path):
                yield self.leaf(base, here, self.nodes[group[0]])
            elif original := self.original(path, group):
                yield self.use(here, group, relative(original.path, base), original)
            elif self.is_whole(path, group) and not self.is_open(unit := self.unit(path)):
                self.units[path] = unit
                yield self.use(here, group, here, unit)
            else:
                yield from self.steps(base, here, group)

    def parts(self, path: str, places: Sequence[int]) -> list[str]:
        """The names of what is directly below a path; "" for the node of the path itself."""
        start = len(path) + 1 if path else 0
        return [*dict.fromkeys(self.nodes[place].name[start:].partition(".")[0] for place in places)]

    def leaf(self, base: str, path: Path, node: Node) -> Step:
        """The step of one layer."""
        twin, place = node.layer.written(*node.in_shapes), self.places[node.name]
        called = relative(node.shares, base) if node.shares else path
        aux = node.aux and not base  # within a side head all is alike
        return Step(path, node.inputs, (node.name,), place, aux, called, node, twin)

    def use(self, path: Path, group: Sequence[int], called: Path, unit: Unit) -> Step:
        """The step that calls a unit."""
        aux = self.nodes[group[0]].aux and self.nodes[group[0]].name.startswith(f"{joined(*path)}.")
        return Step(path, self.entering(group), self.leaving(group), group[0], aux, called, unit=unit)

    def entering(self, group: Sequence[int]) -> tuple[str, ...]:
        """What enters some nodes from outside."""
        own = {self.nodes[place].name for place in group}
        names = dict.fromkeys(name for place in group for name in self.nodes[place].inputs)
        return tuple(name for name in names if name not in own)

    def leaving(self, group: Sequence[int]) -> tuple[str, ...]:
        """What leaves some nodes: outputs that others use or the network has, and the ends of side heads."""
        own = set(group)
        names = [self.nodes[place] for place in group]
        found = [
            node.name
            for node in names
            if node.name in self.graph.outputs
            or any(user not in own for user in self.users.get(node.name, ()))
            or (node.aux and node.name not in self.users)
        ]
        return tuple(found) or (names[-1].name,)

    def is_whole(self, path: str, group: Sequence[int]) -> bool:
        """Whether the nodes below a path can be run in one go, by one module."""
        nodes = [self.nodes[place] for place in group]
        own = self.places.get(path)
        return (
            group[-1] - group[0] + 1 == len(group)
            and len({node.aux for node in nodes}) == 1
            and (own is None or not self.nodes[own].layer.written(*self.nodes[own].in_shapes).name)
            and all(not node.shares or node.shares.startswith(f"{path}.") for node in nodes)
        )

    def is_open(self, unit: Unit) -> bool:
        """Whether the unit around it runs its steps: those of an nn.ModuleList, or of no modules at all."""
        numbered = not unit.block and unit.numbered and not unit.is_chain
        return numbered or not any(step.owns for step in unit.steps)

    def original(self, path: str, group: Sequence[int]) -> Unit | None:
        """The earlier unit whose layers, all of them, are used once more by the nodes below a path."""
        sharing = next((node for place in group if (node := self.nodes[place]).shares), None)
        if sharing is None or sharing.shares.startswith(f"{path}."):
            return None
        first = self.units.get(sharing.shares[: len(sharing.shares) - len(sharing.name) + len(path)])
        if first is None or len(self.under[first.path]) != len(group):
            return None
        pairs = zip(self.under[first.path], group, strict=True)
        names = dict(zip(first.inputs, self.entering(group), strict=False))
        for old, new in pairs:
            before, now = self.nodes[old], self.nodes[new]
            names[before.name] = now.name
            inputs = tuple(names.get(name, name) for name in before.inputs)
            if (before.layer, inputs) != (now.layer, now.inputs):
                return None
            if now.shares != (before.shares or before.name if now.shares else ""):
                return None
        return first


def relative_names(unit: Unit) -> dict[str, str]:
    """The outputs in a unit, each with a name that is the same in all units of its form."""
    names = {name: f"<{number}" for number, name in enumerate(unit.inputs)}
    for step in unit.steps:
        for number, name in enumerate(step.makes):
            names[name] = f"{joined(*step.path)}:{number}"
    return names


def joined(*parts: str) -> str:
    """The path of some parts."""
    return ".".join(part for part in parts if part)


def relative(path: str, base: str) -> Path:
    """A path as it is seen from the module at `base`."""
    return tuple((path[len(base) + 1 :] if base else path).split("."))
