"""The networks of the catalogue that have an accuracy: what they cost, and what they are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from cnncost.comparison.accuracy import PublishedError, imagenet_error, imagenet_graph
from cnncost.count.profile import Known, sample_totals
from cnncost.dims import Shape
from cnncost.errors import CnncostError
from cnncost.layers.conv import Conv2d
from cnncost.network.catalogue import chosen_specs, networks_of, read
from cnncost.network.graph import Graph
from cnncost.published import read_tables
from cnncost.spec.structure import Spec

GUESSES = {"top1": "top-1", "top5": "top-5"}
GROUPS = {
    "plain": "plain chain of layers",
    "concat": "branches, concatenated",
    "residual": "residual: branches, added",
    "depthwise": "depthwise convolutions",
    "attention": "attention",
}
"""The kinds of layers that a network is made of; the last of these that applies."""


@dataclass(frozen=True)
class Bubble:
    """A network: multiply-adds of one image, parameters, error in percent, and where that is printed.

    `group` is a key of GROUPS; `known` is the number of sources and lecture tables with figures of it;
    `macts` are the output elements of its layers.
    """

    name: str
    family: str
    macs: int
    params: int
    error: Fraction
    source: str
    group: str
    known: int = 1
    macts: int = 0

    @property
    def accuracy(self) -> Fraction:
        """100 percent less the error."""
        return 100 - self.error


def bubbles_of(names: Iterable[str] = (), guesses: str = "top1") -> tuple[list[Bubble], list[str]]:
    """The networks that have an error on ImageNet, and messages: why others are left out, and what to know.

    Args:
        names: as for `cnncost.load`; the whole catalogue if there are none.
        guesses: top1 or top5.

    Raises:
        CnncostError: nothing has one of the names.
    """
    asked = [(spec, variant or spec.name) for spec, variant in map(read, dict.fromkeys(names))]
    pairs = asked or [(spec, network) for spec in chosen_specs() for network in networks_of(spec)]
    known: Known = {}
    tables = tables_of_networks()
    found: list[Bubble] = []
    left_out: list[str] = []
    notes: list[str] = []
    for spec, network in pairs:
        published = imagenet_error(spec, network, guesses)
        reason = f"{network} has no {GUESSES[guesses]} accuracy on ImageNet"
        if published is None and asked:
            published = nearest_error(spec, network, guesses)
            if published:
                notes.append(f"{reason}: its variant {published.name} is shown")
        if published is None:
            left_out += [f"left out: {reason}"] if asked else []
            continue
        network = published.name
        try:
            graph = imagenet_graph(published)
        except CnncostError as error:
            left_out.append(f"left out: {error}")
            continue
        totals = sample_totals(graph, known)
        sources = {fact.source for fact in spec.facts if fact.network == network}
        if note := published.fact.terms.get("note"):
            notes.append(f"{network}: {note}")
        found.append(
            Bubble(
                *(network, spec.name, totals.macs, totals.params, published.error, published.source),
                group=group_of(graph),
                known=len(sources) + tables[network],
                macts=totals.macts,
            )
        )
    if not asked:
        without = len(pairs) - len(found) - len(left_out)
        left_out.append(
            f"left out: {without} networks of the catalogue without a {GUESSES[guesses]} accuracy on ImageNet"
        )
    return found, left_out + notes


def nearest_error(spec: Spec, network: str, guesses: str) -> PublishedError | None:
    """The error of another variant of a network, such as `alexnet-2012` of `alexnet`, if one is printed."""
    stem = network.partition("-")[0]
    others = [name for name in networks_of(spec) if name.partition("-")[0] == stem]
    return next((found for name in others if (found := imagenet_error(spec, name, guesses))), None)


@cache
def tables_of_networks() -> Counter[str]:
    """In how many of the lectures' printed tables each network is."""
    pairs = {(cell.id.partition("/")[0], cell.claim.network) for cell in read_tables() if cell.claim.network}
    return Counter(network for _, network in pairs)


def group_of(graph: Graph) -> str:
    """The group of a network by its layers: a key of GROUPS."""
    types = {node.type for node in graph.nodes}
    if any("Attention" in type_ for type_ in types):
        return "attention"
    if any(
        isinstance(node.layer, Conv2d) and is_depthwise(node.layer, node.in_shape) for node in graph.nodes
    ):
        return "depthwise"
    return "residual" if "Add" in types else "concat" if "Concat" in types else "plain"


def is_depthwise(layer: Conv2d, in_shape: Shape) -> bool:
    """Whether each channel of the input is convolved by itself."""
    return bool(1 < layer.groups == in_shape[0])


def pareto(bubbles: Iterable[Bubble], cost: str = "macs") -> list[Bubble]:
    """The networks that no other beats in both a cost and accuracy, the cheapest first."""
    front: list[Bubble] = []
    for one in sorted(bubbles, key=lambda b: (getattr(b, cost), b.error, b.name)):
        if not front or one.error < front[-1].error:
            front.append(one)
    return front
