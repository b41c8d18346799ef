"""The ways to count a column: as the task does, or in another way that sources use.

A student who counts all FLOPs twice, or a KB as 1000 bytes, gets one remark instead of forty errors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from cnncost.count.convention import CONVENTIONS, Convention
from cnncost.count.profile import NetworkCost, profile_graph
from cnncost.count.rows import Row
from cnncost.homework.read import BYTES, COUNT, QUANTITIES, Value


@dataclass(frozen=True)
class Interpretation:
    """One way to count a column: its right values are those of `network`, times `factor`.

    `unit` is the unit of numbers without one, `kilo` the bytes of a KB, and `remark` what the student reads.
    """

    network: NetworkCost
    factor: int = 1
    unit: str = ""
    kilo: int = 1024
    remark: str = ""

    def right(self, row: Row | None, key: str) -> Value | None:
        """The right value of a row, or of the total where it is None; None where there is no value."""
        quantity = QUANTITIES[key]
        value = quantity.total(self.network) if row is None else quantity.value(recounted(row, self.network))
        return None if value is None else self.scaled(value)

    def scaled(self, value: Value) -> Value:
        """A value of the network as this interpretation counts it."""
        return value * self.factor if isinstance(value, int) else value


def recounted(row: Row, network: NetworkCost) -> Row:
    """A row with the costs of another count of the same network."""
    if network.by_name[row.costs[0].name] is row.costs[0]:
        return row
    costs = tuple(network.by_name[cost.name] for cost in row.costs)
    return replace(row, costs=costs, main=network.by_name[row.main.name] if row.main else None)


def interpretations(
    key: str, network: NetworkCost, convention: str | None, unit: str
) -> list[Interpretation]:
    """The ways to count a column, the task's own first; it is the only one where a `convention` is asked.

    If the header names no unit, the numbers may also be in thousands or in KB.
    """
    kind = QUANTITIES[key].kind
    found = [Interpretation(network, kilo=network.convention.kilo)]
    if convention is None:
        found += other_interpretations(key, network)
    if unit or kind not in (COUNT, BYTES):
        return found
    units = ("k", "M") if kind == COUNT else ("KB", "MB")
    return [*found, *(in_unit(each, key, unit) for each in found for unit in units)]


def in_unit(interpretation: Interpretation, key: str, unit: str) -> Interpretation:
    """The same interpretation for numbers in a unit that they do not name."""
    remark = f"{QUANTITIES[key].words}: numbers without a unit are read in {unit}"
    before = interpretation.remark
    return replace(interpretation, unit=unit, remark=f"{before}; {remark}" if before else remark)


def other_interpretations(key: str, network: NetworkCost) -> list[Interpretation]:
    """Ways to count a column that sources use and the task does not."""
    kilo = network.convention.kilo
    if key == "flops":
        twice = "FLOPs: multiply and add are counted as two throughout; the task counts them as one"
        return [
            Interpretation(network, 2, kilo=kilo, remark=twice),
            *other_conventions(network),
            *multiply_adds_twice(network),
        ]
    if key == "macs":
        twice = "multiply-adds: each is counted as two throughout"
        return [Interpretation(network, 2, kilo=kilo, remark=twice)]
    return memory_interpretations(network) if key == "memory" else []


def counted(network: NetworkCost, convention: str | Convention, kilo: int, remark: str) -> Interpretation:
    """An interpretation by another convention."""
    cost = profile_graph(network.graph, convention, network.batch, network.dtype, network.train)
    return Interpretation(cost, kilo=kilo, remark=remark)


def other_conventions(network: NetworkCost) -> list[Interpretation]:
    """FLOPs in every other convention."""
    return [
        counted(
            *(network, convention, network.convention.kilo),
            f"FLOPs: counted by the convention `{name}`: {convention.summary}",
        )
        for name, convention in CONVENTIONS.items()
        if name != network.convention.name
    ]


def multiply_adds_twice(network: NetworkCost) -> list[Interpretation]:
    """FLOPs with multiply-adds as two and all else as in the task; none where the task counts them so."""
    convention = network.convention
    if convention.weights.get("*", {}).get("macs") != 1:
        return []
    twice = convention.replace(weights=convention.weights_where("macs", {1: 2}))
    remark = "FLOPs: each multiply-add is counted as two, everything else as in the task"
    return [counted(network, twice, convention.kilo, remark)]


def memory_interpretations(network: NetworkCost) -> list[Interpretation]:
    """Memory with the other KB, or in elements."""
    other = 1000 if network.convention.kilo == 1024 else 1024
    elements = network.convention.replace(element_bytes=1)
    remark = "memory: elements are counted throughout, not bytes"
    return [
        Interpretation(network, kilo=other, remark=f"memory: a KB has {other} bytes throughout"),
        *(counted(network, elements, kilo, remark) for kilo in (1000, 1024)),
    ]
