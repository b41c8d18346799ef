"""The ways to count a column: as the task does, or in another way that sources use.

A student who counts all FLOPs twice, or a KB as 1000 bytes, gets one remark instead of forty errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cnncost.count.convention import Convention
from cnncost.count.conventions import CONVENTIONS
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


class Interpretations:
    """The ways to count the columns of a task, worked out once for all its submissions.

    The task's own way is the only one where a `convention` is asked.
    """

    def __init__(self, network: NetworkCost, convention: str | None) -> None:
        self.network, self.convention = network, convention
        self.known: dict[tuple[str, str], list[Interpretation]] = {}

    def of(self, key: str, unit: str) -> list[Interpretation]:
        """The ways to count a column whose header names a unit, or none; the task's own first.

        If it names none, the numbers may also be in thousands or in KB.
        """
        if (key, unit) not in self.known:
            self.known[key, unit] = list(self.every(key, unit))
        return self.known[key, unit]

    def every(self, key: str, unit: str) -> Iterator[Interpretation]:
        """The ways to count a column, and each of them with other units."""
        found = [Interpretation(self.network, kilo=self.network.convention.kilo)]
        if self.convention is None:
            found += other_interpretations(key, self.network)
        yield from found
        units = {COUNT: ("k", "M"), BYTES: ("KB", "MB")}.get(QUANTITIES[key].kind, ())
        for each in found if not unit else ():
            for name in units:
                remark = f"{QUANTITIES[key].words}: numbers without a unit are read in {name}"
                yield replace(each, unit=name, remark="; ".join(filter(None, (each.remark, remark))))


def other_interpretations(key: str, network: NetworkCost) -> Iterator[Interpretation]:
    """Ways to count a column that sources use and the task does not."""
    task = network.convention

    def counted(convention: Convention, remark: str, kilo: int = task.kilo) -> Interpretation:
        cost = profile_graph(network.graph, convention, network.batch, network.dtype, network.train)
        return Interpretation(cost, kilo=kilo, remark=remark)

    if key == "macs":
        yield Interpretation(
            network, 2, kilo=task.kilo, remark="multiply-adds: each is counted as two throughout"
        )
    if key == "flops":
        remark = "FLOPs: multiply and add are counted as two throughout; the task counts them as one"
        yield Interpretation(network, 2, kilo=task.kilo, remark=remark)
        for name, other in CONVENTIONS.items():
            if name != task.name:
                yield counted(other, f"FLOPs: counted by the convention `{name}`: {other.summary}")
        if task.weights.get("*", {}).get("macs") == 1:
            twice = task.replace(weights=task.weights_where("macs", {1: 2}))
            yield counted(twice, "FLOPs: each multiply-add is counted as two, everything else as in the task")
    if key == "memory":
        kilo = 1000 if task.kilo == 1024 else 1024
        yield Interpretation(network, kilo=kilo, remark=f"memory: a KB has {kilo} bytes throughout")
        for kilo in (1000, 1024):
            remark = "memory: elements are counted throughout, not bytes"
            yield counted(task.replace(element_bytes=1), remark, kilo)
