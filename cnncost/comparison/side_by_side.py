"""Networks side by side: their totals, what is published of their errors, and their stages aligned.

Stages are aligned by name where the networks name them alike, else by the size of the maps that
leave them, as a part of the input's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from typing import Any

from cnncost.comparison.accuracy import first_error, imagenet_error, is_of
from cnncost.count.depth import depth
from cnncost.count.profile import NetworkCost, Totals, profile_graph
from cnncost.count.receptive_field import Field
from cnncost.count.rows import Row, fold, last_map, part_of_input
from cnncost.dims import Shape
from cnncost.errors import CnncostError
from cnncost.network.builder import build
from cnncost.network.catalogue import read
from cnncost.spec.structure import Spec

COSTS = ("params", "macs", "flops", "memory_bytes")
"""What ratios are taken of: fields of Totals."""


@dataclass(frozen=True)
class Errors:
    """Error rates in percent, measured on a data set and printed by a source; None where it has none.

    `terms` say how the network was tested, where that is not as it stands: on a larger input.
    """

    top1: Fraction | None
    top5: Fraction | None
    data_set: str
    source: str
    terms: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One network of a comparison: its name there, its costs, and what is published of its errors."""

    name: str
    profile: NetworkCost
    errors: Errors | None = None

    @cached_property
    def depth(self) -> int:
        """The layers with weights along the longest path."""
        return depth(self.profile.counted)

    @cached_property
    def receptive_field(self) -> Field | None:
        """What a position of the last map sees; None where there is no map, or no field is told."""
        last = last_map(self.profile)
        return last.receptive_field if last else None


@dataclass(frozen=True)
class Section:
    """What one network has in a line of aligned stages."""

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
    """A line of aligned stages: a section a network, None where a network has nothing there."""

    name: str
    sections: tuple[Section | None, ...]


@dataclass(frozen=True)
class Comparison:
    """Networks side by side, the first of which the others are held against."""

    entries: tuple[Entry, ...]

    def ratio(self, entry: Entry, cost: str) -> Fraction | None:
        """A cost of a network in terms of the first network's; None where that has none."""
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
        merged: list[tuple[str, dict[int, Section]]] = []
        for i, sections in enumerate(keyed):
            merged = merge(merged, sections, i)
        places = range(len(self.entries))
        return tuple(Stage(name, tuple(found.get(i) for i in places)) for name, found in merged)


def compare(
    names: Sequence[str],
    *,
    input: Shape | None = None,
    params: Mapping[str, Any] | None = None,
    convention: str = "lecture",
    batch: int = 1,
    dtype: str = "float32",
    train: bool = False,
) -> Comparison:
    """Networks side by side; the arguments as in `cnncost.profile`, for each of them.

    Raises:
        CnncostError: fewer than two networks, or one that cannot be built so.
    """
    if len(names) < 2:
        raise CnncostError(f"compare takes two networks or more, got {len(names)}")
    entries = []
    for name in names:
        spec, variant = read(name)
        graph = build(spec, variant, input_shape=input, params=params)
        as_printed = not params and (input is None or input == build(spec, variant).input_shape)
        errors = published_errors(spec, graph.name) if as_printed else None
        entries.append(Entry(graph.name, profile_graph(graph, convention, batch, dtype, train), errors))
    return Comparison(tuple(distinct(entries, names)))


def distinct(entries: Sequence[Entry], names: Sequence[str]) -> list[Entry]:
    """The entries, those that share a name under the names that they were asked for by."""
    often = Counter(entry.name for entry in entries)
    return [
        Entry(name, entry.profile, entry.errors) if often[entry.name] > 1 else entry
        for entry, name in zip(entries, names, strict=True)
    ]


def published_errors(spec: Spec, network: str) -> Errors | None:
    """The top-1 error that is best to compare by, and the top-5 error of the same source.

    That on ImageNet where there is one, else the first on other data; without any, a top-5 error.
    """
    measured = imagenet_error(spec, network, "top1")
    best = measured.fact if measured else first_error(spec, network)
    if best is None and (second := imagenet_error(spec, network, "top5")):
        best = second.fact
    if best is None:
        return None
    beside = [f for f in spec.facts if (f.network, f.source, f.terms) == (network, best.source, best.terms)]
    top5 = next((fact.error for fact in beside if is_of(fact, "top5")), None)
    top1 = None if is_of(best, "top5") else best.error
    return Errors(top1, top5, best.data_set or "", best.source, best.terms)


Keyed = list[tuple[str, Section]]


def keyed_sections(profile: NetworkCost, by_name: bool) -> Keyed:
    """The stages of a network, each under its name, or neighbours of one size under that."""
    rows = fold(profile, 1)
    if by_name:
        return [(row.label, Section((row,))) for row in rows]
    grouped = groupby(rows, key=lambda row: part_of_input(profile.graph, row.out_shape))
    return [(size, Section(tuple(members))) for size, members in grouped]


Merged = list[tuple[str, dict[int, Section]]]


def merge(merged: Merged, sections: Keyed, place: int) -> Merged:
    """The lines so far with the sections of one more network, each beside its like; the order stays."""
    before, after = [key for key, _ in merged], [key for key, _ in sections]
    lines: Merged = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pairs = zip(merged[a:b], sections[c:d], strict=True)
            lines += [(key, {**found, place: section}) for (key, found), (_, section) in pairs]
        else:
            lines += merged[a:b]
            lines += [(key, {place: section}) for key, section in sections[c:d]]
    return lines
