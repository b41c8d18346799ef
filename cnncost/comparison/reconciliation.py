"""Why tools print different totals for one network: each total as multiply-adds plus what the tool adds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from cnncost.count.convention import Convention
from cnncost.count.conventions import CONVENTIONS
from cnncost.count.profile import LayerCost, NetworkCost, profile_graph
from cnncost.count.sizings import SIZINGS, Sizing
from cnncost.count.tools import TOOLS
from cnncost.count.ways import Ways, ways_of
from cnncost.dims import Size
from cnncost.errors import CnncostError, NameUnknown, did_you_mean
from cnncost.network.graph import Graph
from cnncost.numbers import Printed, byte_unit, read_number

COUNTERS: Mapping[str, Convention] = {
    **{name: CONVENTIONS[name] for name in ("macs", "torch", "fvcore")},
    **TOOLS,
}
"""The counts of operations that are compared: plain multiply-adds, and every tool."""

Counters = Mapping[str, Convention] | Mapping[str, Sizing]

QUANTITIES: Mapping[str, Counters] = {
    "operations": COUNTERS,
    **{quantity: {sizing.name: sizing for sizing in sizings} for quantity, sizings in SIZINGS.items()},
}
"""The tools by what they print."""

MACS = "multiply-adds"
TWICE = "for counting each as two operations"
BIASES = "biases"
FIRST = "the first addition of each sum"
PRODUCTS = "products of attention, not counted"


@dataclass(frozen=True)
class ToolCount:
    """What one tool counts for a network; `terms` add up to `value`.

    `unknown` are types of the network's layers that are left out, because the tool's rule is not known.
    """

    convention: Convention | Sizing
    value: Size
    terms: Mapping[str, Size]
    unknown: tuple[str, ...] = ()

    @property
    def kilo(self) -> int:
        """How many bytes a KB has for the tool."""
        return self.convention.kilo

    @property
    def label(self) -> str:
        """What the tool calls the quantity."""
        return self.convention.label if isinstance(self.convention, Sizing) else self.convention.flops_label

    @property
    def tool(self) -> str:
        """The tool's name."""
        return self.convention.name

    def prints(self, number: Printed) -> str:
        """How the tool's count is this number: `exactly`, `rounded`, `cut off`, or not at all: nothing."""
        value = Fraction(self.value)
        if self.unknown:
            return ""
        if value == number.value:
            return "exactly"
        readings = {"rounded": "rounded", "truncated": "cut off"}
        return next((word for reading, word in readings.items() if number.fits(value, reading)), "")


@dataclass(frozen=True)
class Reconciliation:
    """The counts of several tools for one network and one sample, the smallest first."""

    graph: Graph
    counts: tuple[ToolCount, ...]
    number: str = ""
    quantity: str = "operations"

    @cached_property
    def found(self) -> list[tuple[ToolCount, str]]:
        """The tools that print the number that was asked for, and how."""
        if not self.number:
            return []
        return [(count, how) for count in self.counts if (how := count.prints(self.printed(count)))]

    def printed(self, count: ToolCount) -> Printed:
        """The number that was asked for, in a tool's units: for some a MB has 1024² bytes."""
        return read_number(*byte_unit(self.number, count.kilo))


def reconcile(
    graph: Graph, tools: Collection[str] = (), number: str = "", quantity: str = "operations"
) -> Reconciliation:
    """What tools count for a network, each total as a sum.

    Args:
        graph: the network.
        tools: the names of the tools; all if there are none.
        number: a printed total to look for, such as ``4.12G``.
        quantity: one of QUANTITIES.

    Raises:
        CnncostError: an unknown tool or quantity, or a text that is no number.
    """
    if quantity not in QUANTITIES:
        hint = did_you_mean(quantity, QUANTITIES) or f"; there are {', '.join(QUANTITIES)}"
        raise NameUnknown(f"no quantity `{quantity}`{hint}")
    known = QUANTITIES[quantity]
    for name in tools:
        if name not in known:
            hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
            raise NameUnknown(f"no tool `{name}`{hint}")
    if number:
        read_number(byte_unit(number, 1000)[0])
    profile = profile_graph(graph, "macs", fields=False)
    if any(not isinstance(cost.macs, int) for cost in profile.costs):
        raise CnncostError(f"{graph.name} has sizes that are no numbers")
    counts = [tool_count(profile, known[name]) for name in tools or known]
    return Reconciliation(graph, tuple(sorted(counts, key=lambda count: count.value)), number, quantity)


def tool_count(profile: NetworkCost, tool: Convention | Sizing) -> ToolCount:
    """What one tool counts."""
    return size_count(profile, tool) if isinstance(tool, Sizing) else operation_count(profile, tool)


def size_count(profile: NetworkCost, sizing: Sizing) -> ToolCount:
    """What one tool prints for a quantity that is no count of operations."""
    terms = {what: term(profile) for what, term in sizing.terms.items()}
    kinds = {cost.type for cost in profile.counted}
    unknown = tuple(kind for kind in sizing.without if kind in kinds)
    first = next(iter(terms))
    kept = {what: value for what, value in terms.items() if value or what == first}
    return ToolCount(sizing, sum(kept.values()), kept, unknown)


def operation_count(profile: NetworkCost, convention: Convention) -> ToolCount:
    """What one tool counts, added up by what it counts."""
    terms: dict[str, Size] = {MACS: 0}
    ways = ways_of(profile.graph, convention.ways)
    for cost in profile.counted:
        for what, value in terms_of(cost, convention, ways):
            terms[what] = terms.get(what, 0) + value
    kept = {what: value for what, value in terms.items() if value or what == MACS}
    families = {cost.node.layer.cost_type.partition("-")[0] for cost in profile.counted}
    unknown = tuple(kind for kind in convention.unknown if kind in families)
    return ToolCount(convention, sum(kept.values()), kept, unknown)


def terms_of(cost: LayerCost, convention: Convention, ways: Ways) -> Iterator[tuple[str, Size]]:
    """What a layer adds to a total: its multiply-adds, and by how much the tool's count differs from them."""
    node, work = cost.node, cost.work
    parts = convention.parts(node.layer, work, node.in_shapes, node.out_shape, ways.get(node.name, ()))
    family = node.layer.cost_type.partition("-")[0]
    yield MACS, work.macs
    counted = parts.pop("macs", 0)
    if work.macs and counted == 2 * work.macs:
        yield TWICE, work.macs
    elif work.macs and not counted and sum(parts.values()) == work.macs + work.adds:
        yield BIASES, work.adds  # counted by its parameters, which are as many where there is one position
        return
    else:
        yield f"{family}: multiply-adds not counted", counted - work.macs
    for part, value in parts.items():
        if part == "products":
            yield PRODUCTS, value
        elif part == "adds" and work.macs:
            yield BIASES, value
        elif part == "outputs" and work.macs:
            yield FIRST, value
        elif work.macs:
            yield f"{family}: {PARTS.get(part, 'its other operations')}", value
        else:
            yield family, value


PARTS = {
    "params": "its parameters once",
    "placed_params": "its parameters at each position",
    "reached_outputs": "counted as a convolution",
}
"""What a tool counts of a layer with multiply-adds, in words."""
