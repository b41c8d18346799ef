"""Why tools print different totals for one network: each total as multiply-adds plus what the tool adds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from cnncost.count.convention import Convention
from cnncost.count.conventions import CONVENTIONS
from cnncost.count.profile import LayerCost, NetworkCost, profile_graph
from cnncost.count.tools import TOOLS
from cnncost.count.ways import Ways, ways_of
from cnncost.dims import Size
from cnncost.errors import CnncostError, NameUnknown, did_you_mean
from cnncost.network.graph import Graph
from cnncost.numbers import Printed, read_number

COUNTERS: Mapping[str, Convention] = {
    **{name: CONVENTIONS[name] for name in ("macs", "torch", "fvcore")},
    **TOOLS,
}
"""What is compared: plain multiply-adds, and every tool."""

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

    convention: Convention
    value: Size
    terms: Mapping[str, Size]
    unknown: tuple[str, ...] = ()

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

    @cached_property
    def printed(self) -> Printed | None:
        """The number that was asked for."""
        return read_number(self.number) if self.number else None

    @property
    def found(self) -> list[tuple[ToolCount, str]]:
        """The tools that print the number that was asked for, and how."""
        if self.printed is None:
            return []
        return [(count, how) for count in self.counts if (how := count.prints(self.printed))]


def reconcile(graph: Graph, tools: Collection[str] = (), number: str = "") -> Reconciliation:
    """What tools count for a network, each total as a sum.

    Args:
        graph: the network.
        tools: the names of the tools; all if there are none.
        number: a printed total to look for, such as ``4.12G``.

    Raises:
        CnncostError: an unknown tool, or a text that is no number.
    """
    for name in tools:
        if name not in COUNTERS:
            hint = did_you_mean(name, COUNTERS) or f"; there are {', '.join(COUNTERS)}"
            raise NameUnknown(f"no tool `{name}`{hint}")
    if number:
        read_number(number)
    chosen = [COUNTERS[name] for name in tools] or list(COUNTERS.values())
    profile = profile_graph(graph, "macs", fields=False)
    if any(not isinstance(cost.macs, int) for cost in profile.costs):
        raise CnncostError(f"{graph.name} has sizes that are no numbers")
    counts = [tool_count(profile, convention) for convention in chosen]
    return Reconciliation(graph, tuple(sorted(counts, key=lambda count: count.value)), number)


def tool_count(profile: NetworkCost, convention: Convention) -> ToolCount:
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
