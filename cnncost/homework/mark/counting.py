"""How a column counts: as it was asked, or in another way that people know.

All FLOPs doubled is one remark and not forty errors; so is a KB of 1000 bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from cnncost.count.convention import CONVENTIONS
from cnncost.count.profile import NetworkCost, profile_graph
from cnncost.count.rows import Row
from cnncost.homework.read.quantities import BYTES, COUNT, QUANTITIES, Value


@dataclass(frozen=True)
class Counting:
    """A way of counting a column: the right values are those of `profile`, `factor` times.

    `unit` is that of numbers without one, `kilo` the bytes of a KB; `remark` what is said of it.
    """

    profile: NetworkCost
    factor: int = 1
    unit: str = ""
    kilo: int = 1024
    remark: str = ""

    def times(self, value: Value) -> Value:
        """A value of the profile as this way counts it."""
        return value * self.factor if isinstance(value, int) else value


def countings(key: str, profile: NetworkCost, convention: str | None, unit: str) -> list[Counting]:
    """The ways in which a column may count: first as it is asked, and only so where a convention is.

    Without a unit in the header, all numbers may be in thousands, or in KB.
    """
    kind, kilo = QUANTITIES[key].kind, profile.convention.kilo
    plain = [Counting(profile, kilo=kilo)]
    if convention is None:
        plain += others(key, profile)
    if unit or kind not in (COUNT, BYTES):
        return plain
    units = ("k", "M") if kind == COUNT else ("KB", "MB")
    scaled = [in_unit(counting, key, each) for counting in plain for each in units]
    return [*plain, *scaled]


def in_unit(counting: Counting, key: str, unit: str) -> Counting:
    """The same way, for numbers that name no unit."""
    words = QUANTITIES[key].words
    said = f"{words}: numbers without a unit are read in {unit}"
    remark = f"{counting.remark}; {said}" if counting.remark else said
    return Counting(counting.profile, counting.factor, unit, counting.kilo, remark)


def others(key: str, profile: NetworkCost) -> list[Counting]:
    """Other ways to count a column that sources use."""
    kilo = profile.convention.kilo
    if key == "flops":
        twice = "FLOPs: multiply and add are counted as two throughout, and the task counts them as one"
        return [
            Counting(profile, 2, kilo=kilo, remark=twice),
            *by_convention(profile),
            *multiply_adds_twice(profile),
        ]
    if key == "macs":
        twice = "multiply-adds: each is counted as two throughout"
        return [Counting(profile, 2, kilo=kilo, remark=twice)]
    if key == "memory":
        return memory_ways(profile)
    return []


def by_convention(profile: NetworkCost) -> list[Counting]:
    """FLOPs as the other conventions count them."""
    return [
        Counting(
            profile_graph(profile.graph, convention, profile.batch, profile.dtype, profile.train),
            kilo=profile.convention.kilo,
            remark=f"FLOPs: counted as the convention `{name}` does, {convention.summary}",
        )
        for name, convention in CONVENTIONS.items()
        if name != profile.convention.name
    ]


def multiply_adds_twice(profile: NetworkCost) -> list[Counting]:
    """FLOPs with each multiply-add as two, and pools as they are; none where the task counts it so."""
    convention = profile.convention
    if convention.weights.get("*", {}).get("macs") != 1:
        return []
    twice = convention.replace(weights=convention.weights_where("macs", {1: 2}))
    counted = profile_graph(profile.graph, twice, profile.batch, profile.dtype, profile.train)
    remark = "FLOPs: each multiply-add is counted as two, and all else as the task counts it"
    return [Counting(counted, kilo=convention.kilo, remark=remark)]


def memory_ways(profile: NetworkCost) -> list[Counting]:
    """Memory with a KB of the other kind, or in elements."""
    other = 1000 if profile.convention.kilo == 1024 else 1024
    elements = profile.convention.replace(element_bytes=1)
    counted = profile_graph(profile.graph, elements, profile.batch, profile.dtype, profile.train)
    return [
        Counting(profile, kilo=other, remark=f"memory: a KB has {other} bytes throughout"),
        Counting(counted, kilo=1000, remark="memory: elements are counted throughout, not bytes"),
        Counting(counted, kilo=1024, remark="memory: elements are counted throughout, not bytes"),
    ]


def recounted(row: Row, profile: NetworkCost) -> Row:
    """A row with the costs of another profile of the same network."""
    costs = tuple(profile.by_name[cost.name] for cost in row.costs)
    return replace(row, costs=costs, main=profile.by_name[row.main.name] if row.main else None)
