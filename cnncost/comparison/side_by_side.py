"""Networks side by side: their totals, their published errors, and their stages aligned.

Stages are aligned by name where the networks share names, else by the size of their output maps
relative to the input.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from typing import Any

from cnncost.comparison.accuracy import PublishedError, shown_error
from cnncost.count.depth import depth
from cnncost.count.profile import NetworkCost, Totals, profile_graph
from cnncost.count.receptive_field import Field
from cnncost.count.rows import Row, fold, last_map, part_of_input
from cnncost.dims import Inputs, Shape
from cnncost.errors import CnncostError
from cnncost.network.builder import build
from cnncost.network.catalogue import load, read, reader_of
from cnncost.network.graph import Graph
from cnncost.spec.structure import Spec

COSTS = ("params", "macs", "flops", "memory_bytes", "macts")
"""The fields of Totals with ratios."""


@dataclass(frozen=True)
class Entry:
    """One network of a comparison: its name there, its costs, and its published error."""

    name: str
    profile: NetworkCost
    error: PublishedError | None = None

    @cached_property
    def depth(self) -> int:
        """The layers with weights along the longest path."""
        return depth(self.profile.counted)

    @cached_property
    def receptive_field(self) -> Field | None:
        """The receptive field of the last map; None if there is no map or its field is unknown."""
        last = last_map(self.profile)
        return last.receptive_field if last else None

    @cached_property
    def peak_memory_bytes(self) -> int:
        """What inference needs at its peak, weights included."""
        return self.memory_bytes(train=False)

    @cached_property
    def training_memory_bytes(self) -> int | None:
        """What a training step with SGD needs; None where the network cannot be trained so."""
        try:
            return self.memory_bytes(train=True)
        except CnncostError:
            return None

    def memory_bytes(self, train: bool) -> int:
        """What one of them needs."""
        from cnncost.count.memory import memory_use  # a comparison starts faster without

        profile = self.profile
        return memory_use(profile.graph, profile.batch, profile.dtype, train).total_bytes


@dataclass(frozen=True)
class Section:
    """The stages of one network in one line of a comparison."""

    rows: tuple[Row, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of its stages."""
        return tuple(row.label for row in self.rows)

    @property
    def out_shape(self) -> Shape:
        """The shape that leaves it, channels first."""
        return self.rows[-1].out_shape

    @cached_property
    def totals(self) -> Totals:
        """What it costs."""
        return sum((row.totals for row in self.rows), Totals())


@dataclass(frozen=True)
class Stage:
    """A line of aligned stages: one section per network, None where a network has none."""

    name: str
    sections: tuple[Section | None, ...]


@dataclass(frozen=True)
class Comparison:
    """Networks side by side; ratios are to the first one."""

    entries: tuple[Entry, ...]

    def ratio(self, entry: Entry, cost: str) -> Fraction | None:
        """A cost of a network divided by that of the first network; None where that is 0."""
        first = getattr(self.entries[0].profile.totals, cost)
        return Fraction(getattr(entry.profile.totals, cost), first) if first else None

    @cached_property
    def by_name(self) -> bool:
        """Whether the stages are aligned by their names: one family, or half of the names are shared."""
        families = {entry.profile.graph.family for entry in self.entries}
        if len(families) == 1 and families != {""}:
            return True
        names = [Counter(row.label for row in fold(entry.profile, 1)) for entry in self.entries]
        return all(2 * (names[0] & one).total() >= max(names[0].total(), one.total()) for one in names)

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of the networks, aligned; every layer that is counted is in one."""
        keyed = [keyed_sections(entry.profile, self.by_name) for entry in self.entries]
        merged: Merged = []
        for i, sections in enumerate(keyed):
            merged = merge(merged, sections, i)
        indices = range(len(self.entries))
        return tuple(Stage(name, tuple(found.get(i) for i in indices)) for name, found in merged)


def compare(
    networks: Sequence[str | os.PathLike[str] | Spec | Graph],
    *,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
    **counting: Any,
) -> Comparison:
    """Networks side by side; the arguments are those of `cnncost.profile`, for each of them.

    Raises:
        CnncostError: fewer than two networks, or one that cannot be built so.
    """
    if len(networks) < 2:
        raise CnncostError(f"compare takes two networks or more, got {len(networks)}")
    entries = [entry_of(network, input, params, counting) for network in networks]
    return Comparison(tuple(distinct(entries, networks)))


def entry_of(
    network: str | os.PathLike[str] | Spec | Graph,
    input: Inputs | None,
    params: Mapping[str, Any] | None,
    counting: Mapping[str, Any],
) -> Entry:
    """One network, counted; errors belong only to the network as its spec has it."""
    if isinstance(network, Graph) or params or reader_of(network):
        graph = load(network, input=input, params=params)
        return Entry(graph.name, profile_graph(graph, **counting))
    spec, variant = (network, None) if isinstance(network, Spec) else read(os.fspath(network))
    graph = build(spec, variant, input_shape=input)
    as_printed = input is None or input == build(spec, variant).input
    error = shown_error(spec, graph.name) if as_printed else None
    return Entry(graph.name, profile_graph(graph, **counting), error)


def distinct(entries: Sequence[Entry], networks: Sequence[Any]) -> list[Entry]:
    """The entries; those that share a name get the names that the user typed."""
    often = Counter(entry.name for entry in entries)
    return [
        Entry(str(typed), entry.profile, entry.error)
        if often[entry.name] > 1 and isinstance(typed, (str, os.PathLike))
        else entry
        for entry, typed in zip(entries, networks, strict=True)
    ]


Keyed = list[tuple[str, Section]]


def keyed_sections(profile: NetworkCost, by_name: bool) -> Keyed:
    """The stages of a network, each under its name, or neighbours of one size under their size."""
    rows = fold(profile, 1)
    if by_name:
        return [(row.label, Section((row,))) for row in rows]
    grouped = groupby(rows, key=lambda row: part_of_input(profile.graph, row.out_shape))
    return [(size, Section(tuple(members))) for size, members in grouped]


Merged = list[tuple[str, dict[int, Section]]]
"""The lines: a key, and sections by the index of their network."""


def merge(merged: Merged, sections: Keyed, index: int) -> Merged:
    """The lines so far with the sections of one more network, each in the line of its key, in order."""
    before, after = [key for key, _ in merged], [key for key, _ in sections]
    lines: Merged = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pairs = zip(merged[a:b], sections[c:d], strict=True)
            lines += [(key, {**found, index: section}) for (key, found), (_, section) in pairs]
        else:
            lines += merged[a:b]
            lines += [(key, {index: section}) for key, section in sections[c:d]]
    return lines
