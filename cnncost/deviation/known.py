"""What is known about a number before anything is guessed: who prints it, whose it is, which tool counts so.

A cause that is on record comes before a coincidence. So figures of lectures and papers, the other networks of
the family, and the tools' ways of counting are tried before any deviation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from cnncost import numbers
from cnncost.comparison.reconciliation import COUNTERS, ToolCount, tool_count
from cnncost.count.profile import LayerCost, NetworkCost, profile_graph
from cnncost.deviation.asked import Asked
from cnncost.deviation.confidence import Evidence
from cnncost.deviation.deviations import of_kind
from cnncost.deviation.given import Given
from cnncost.deviation.reading import as_written
from cnncost.dims import Size, product
from cnncost.errors import CnncostError
from cnncost.network.catalogue import find, read_catalogued
from cnncost.numbers import NUMBER, Printed, read_number
from cnncost.published import Figure, PrintedCell, family_cells, judge

TOTALS = ("params", "macs", "flops")
"""The quantities of a whole network that papers and tools print."""

EXACT_ROW = 10_000
"""From this size on, a row's number is looked for in other networks too: fewer digits meet by chance."""


@dataclass(frozen=True)
class Known:
    """A known cause: its sentence, the numbers that it gives, and the evidence.

    `kind` is `recorded`, `network` or `tool`; `values` has the value of each given number, the computed one
    where the cause says nothing of it.
    """

    kind: str
    sentence: str
    covers: frozenset[int]
    values: tuple[Any, ...]
    evidence: Evidence


@dataclass(frozen=True)
class Guess:
    """A network or a tool that gives some of the numbers; `on_record` if they are printed for it."""

    sentence: str
    covers: frozenset[int]
    values: tuple[Any, ...]
    on_record: bool = False


def known_causes(asked: Asked) -> list[Known]:
    """The known causes of the wrong numbers."""
    if not asked.wrong:
        return []
    related = relatives(asked.net.profile)
    found = [
        *recorded(asked),
        *judged(asked, "network", [*other_networks(asked, related)], len(related)),
        *by_tools(asked, [(asked.net.profile, "")]),
    ]
    if any(known.covers >= asked.wrong for known in found):
        return found
    return [*found, *by_tools(asked, [(profile, f" for {profile.name}") for profile in related])]


def judged(asked: Asked, kind: str, guesses: Sequence[Guess], tried: int) -> Iterator[Known]:
    """Guesses of one kind with their evidence: how many were tried, and how many fit."""
    for guess in guesses:
        bits = sum(asked.targets[j].evidence for j in guess.covers - asked.right)
        fitting = sum(other.covers >= guess.covers for other in guesses)
        evidence = Evidence(bits, tried, fitting, record="other" if guess.on_record else "")
        yield Known(kind, guess.sentence, guess.covers, guess.values, evidence)


# on record


def recorded(asked: Asked) -> Iterator[Known]:
    """The errata on record for the family that are these numbers, once for each network and cause."""
    for j in sorted(asked.wrong):
        given = asked.targets[j].given
        values = tuple(target_value(asked, j, k) for k in range(len(asked.targets)))
        found = figures_like(given, asked.net.profile)
        causes = {(cell.claim.network, f.cause): f for cell, f in found if f.status == "erratum"}
        networks = {network for network, _ in causes}
        for (network, cause), figure in causes.items():
            printed = f"{as_written(given.printed)} is printed for {network} ({figure.source})"
            record = "own" if network == asked.net.profile.name else "other"
            evidence = Evidence(asked.targets[j].evidence, len(found), len(networks), record)
            yield Known("recorded", f"{printed}: {cause}", asked.right | {j}, values, evidence)


def target_value(asked: Asked, j: int, k: int) -> Any:
    """The printed number itself for the one that is on record, the computed value for others."""
    printed = asked.targets[k].given.printed
    return printed.value if j == k and isinstance(printed, Printed) else asked.base[k]


def figures_like(given: Given, profile: NetworkCost) -> list[tuple[PrintedCell, Figure]]:
    """The printed figures of a network's family that are this very number, with their statuses."""
    if given.at or given.quantity not in TOTALS or find(profile.name) is None:
        return []
    cells = family_cells(read_catalogued(profile.name)[0])
    return [(cell, judge(cell)) for cell in cells if is_number(cell, given)]


def is_number(cell: PrintedCell, given: Given) -> bool:
    """Whether a printed figure is a total of this quantity, and this number."""
    claim, printed = cell.claim, given.printed
    alike = {"params": ("params",)}.get(given.quantity, ("macs", "flops"))
    if claim.value not in alike or claim.at or claim.per or not NUMBER.fullmatch(cell.printed):
        return False
    with suppress(CnncostError):
        number = read_number(cell.printed, claim.unit, claim.kilo, claim.significant)
        return isinstance(printed, Printed) and number.value == printed.value
    return False


# other networks


def relatives(profile: NetworkCost) -> list[NetworkCost]:
    """The other networks of the family, counted in the same way."""
    if find(profile.name) is None:
        return []
    return [other for deviation in of_kind("family") for other in deviation.change(profile)]


def other_networks(asked: Asked, related: Sequence[NetworkCost]) -> Iterator[Guess]:
    """The networks of the family that have the numbers."""
    givens = [target.given for target in asked.targets]
    if asked.of_one_row and not all(is_long(givens[j]) for j in asked.wrong):
        return
    for profile in related:
        with suppress(CnncostError):  # it has no such layer
            other = Asked(profile, givens)
            if asked.right < other.right:
                what = "these layers" if len(asked.wrong) > 1 and any(g.at for g in givens) else "this number"
                source = source_for(asked, profile.name)
                where = f", printed in {source}" if source else ""
                yield Guess(f"{profile.name} has {what}{where}", other.right, other.base, bool(source))


def source_for(asked: Asked, network: str) -> str:
    """Who prints one of the wrong numbers for another network."""
    for j in sorted(asked.wrong):
        for cell, figure in figures_like(asked.targets[j].given, asked.net.profile):
            if cell.claim.network == network and figure.status == "reproduced":
                return figure.source
    return ""


def is_long(given: Given) -> bool:
    """Whether a number has enough digits to be told from others of its kind."""
    return isinstance(given.printed, Printed) and given.printed.digits >= EXACT_ROW


# tools


def by_tools(asked: Asked, networks: Sequence[tuple[NetworkCost, str]]) -> Iterator[Known]:
    """The tools whose count of one of these networks is a wrong number; each network with its words."""
    guesses, tried = list[Guess](), 0
    for profile, whose in networks:
        with suppress(CnncostError):
            for sentence, count in counters(profile, asked):
                tried += 1
                guesses += counted_so(asked, sentence.format(whose), count)
    return judged(asked, "tool", guesses, tried)


def counted_so(asked: Asked, sentence: str, count: Counter) -> Iterator[Guess]:
    """A guess, where a tool's count is one of the wrong numbers."""
    values, covers = list(asked.base), set(asked.right)
    for j in asked.wrong:
        given = asked.targets[j].given
        value, printed = count(given), given.printed
        if value is not None and isinstance(printed, Printed) and printed.fits(value):
            values[j] = value
            covers.add(j)
    if covers > asked.right:
        yield Guess(sentence, frozenset(covers), tuple(values))


Counter = Callable[[Given], Size | None]


def counters(profile: NetworkCost, asked: Asked) -> Iterator[tuple[str, Counter]]:
    """What each tool says of a quantity of a whole network, by a sentence; None where it says nothing."""
    quantities = {asked.targets[j].given.quantity for j in asked.wrong if not asked.targets[j].given.at}
    if quantities & {"macs", "flops"}:
        plain = profile_graph(profile.graph, "macs", fields=False)
        for name, convention in COUNTERS.items():
            counted = tool_count(plain, convention)
            if name not in ("macs", profile.convention.name) and not counted.unknown:
                yield described(counted), operations(counted, profile.batch)
    if "params" in quantities:
        for name, total in KERAS.items():
            yield name, parameters(total(profile.counted))


def described(counted: ToolCount) -> str:
    """`thop prints this{}: multiply-adds, 44.5 M BatchNorm, 102 k AdaptiveAvgPool`."""
    plain, *more = counted.terms.items()
    added = [plain[0], *(f"{numbers.human(value)} {what}" for what, value in more)]
    return f"{counted.tool} prints this{{}}: {', '.join(added)}"


def operations(counted: ToolCount, batch: int) -> Counter:
    """The tool's total, for multiply-adds or FLOPs of a whole network."""
    return lambda given: (
        batch * counted.value if given.quantity in ("macs", "flops") and not given.at else None
    )


def parameters(total: Size) -> Counter:
    """A total of parameters of a whole network."""
    return lambda given: total if given.quantity == "params" and not given.at else None


def with_statistics(costs: Sequence[LayerCost]) -> Size:
    """Parameters with the running mean and variance of each batch norm."""
    return sum(cost.params + sizes_of(cost, "running_mean", "running_var") for cost in costs)


def without_scale(costs: Sequence[LayerCost]) -> Size:
    """The same, where the batch norms have no scale."""
    return with_statistics(costs) - sum(
        sizes_of(cost, "weight") for cost in costs if cost.node.layer.cost_type.startswith("BatchNorm")
    )


def sizes_of(cost: LayerCost, *names: str) -> Size:
    """The elements of some weights of a layer."""
    return sum(product(cost.weights[name]) for name in names if name in cost.weights)


KERAS: dict[str, Callable[[Sequence[LayerCost]], Size]] = {
    "Keras prints this{}: parameters and the running statistics of batch norm": with_statistics,
    "Keras prints this{}: parameters and the running statistics of batch norm, less its scale": without_scale,
}
"""What Keras calls parameters, in sentences with a place for the network."""
