"""What is known about a number before anything is guessed: who prints it, whose it is, which tool counts so.

A cause that is on record comes before a coincidence. So figures of lectures and papers, the other networks of
the family, and the tools' ways of counting are tried before any deviation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from cnncost import numbers
from cnncost.comparison.reconciliation import QUANTITIES, TWICE, ToolCount, tool_count
from cnncost.count.profile import NetworkCost, profile_graph
from cnncost.count.sizings import SIZINGS
from cnncost.deviation.asked import Asked
from cnncost.deviation.confidence import Evidence
from cnncost.deviation.deviations import of_kind
from cnncost.deviation.given import Given
from cnncost.deviation.reading import as_written
from cnncost.deviation.target import whole_number
from cnncost.dims import Shape
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
    """A network or a tool that gives some of the numbers.

    `on_record` if they are printed for it; `rank` is 0 for what gives them as they are, more for multiples.
    """

    sentence: str
    covers: frozenset[int]
    values: tuple[Any, ...]
    on_record: bool = False
    rank: int = 0


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
        fitting = sum(other.covers >= guess.covers and other.rank <= guess.rank for other in guesses)
        evidence = Evidence(bits, tried, fitting, record="other" if guess.on_record else "")
        yield Known(kind, guess.sentence, guess.covers, guess.values, evidence)


# on record


def recorded(asked: Asked) -> Iterator[Known]:
    """The errata on record for the family that are these numbers, once for each network and cause."""
    for j in sorted(asked.wrong):
        given = asked.targets[j].given
        values = tuple(target_value(asked, j, k) for k in range(len(asked.targets)))
        found = figures_like(given, asked.net.profile)
        causes = {(cell.claim.network, f.cause or f.rule): f for cell, f in found if is_explained(f)}
        networks = {network for network, _ in causes}
        for (network, cause), figure in causes.items():
            printed = f"{as_written(given.printed)} is printed for {network} ({figure.source})"
            record = "own" if network == asked.net.profile.name else "other"
            evidence = Evidence(asked.targets[j].evidence, len(found), len(networks), record)
            yield Known("recorded", f"{printed}: {cause}", asked.right | {j}, values, evidence)


def is_explained(figure: Figure) -> bool:
    """Whether it is on record why a figure is another number than a plain count."""
    return figure.status == "erratum" or (figure.status == "reproduced" and bool(figure.rule))


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
    if cell.quantity not in alike or claim.at or claim.per or not NUMBER.fullmatch(cell.printed):
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


@dataclass(frozen=True)
class Printing:
    """What a tool prints, or a simple multiple of it, in words with a place for the network."""

    says: tuple[str, str]
    tools: tuple[str, ...]
    terms: str
    value: Fraction
    kilo: int = 0
    rank: int = 0

    def sentence(self, whose: str) -> str:
        """`thop prints this for resnet50-v1.5: multiply-adds, 44.5 M BatchNorm`."""
        says = self.says[len(self.tools) > 1].format(and_joined(self.tools), whose)
        return f"{says}: {self.terms}"


def by_tools(asked: Asked, networks: Sequence[tuple[NetworkCost, str]]) -> Iterator[Known]:
    """The tools that print a wrong number for one of these networks; each network with its words."""
    guesses, tried = list[Guess](), 0
    for profile, whose in networks:
        for quantity in ("operations", *SIZINGS):
            about = [j for j in sorted(asked.wrong) if is_about(asked.targets[j].given, quantity)]
            with suppress(CnncostError):
                for printing in alike(printings(profile, quantity)) if about else ():
                    tried += len(printing.tools)
                    guesses += printed_so(asked, about, printing, whose)
    return judged(asked, "tool", sorted(guesses, key=lambda guess: -len(guess.covers)), tried)


def is_about(given: Given, quantity: str) -> bool:
    """Whether a number is a total of what tools print under this name."""
    return (
        not given.at and ("operations" if given.quantity in ("macs", "flops") else given.quantity) == quantity
    )


def printed_so(asked: Asked, about: Sequence[int], printing: Printing, whose: str) -> Iterator[Guess]:
    """A guess, where what is printed is one of the wrong numbers."""
    values, covers, remarks = list(asked.base), set(asked.right), dict[str, None]()
    for j in about:
        read = readings(asked.targets[j].given.printed, printing.kilo)
        remark = next((remark for remark, number in read if number.fits(printing.value)), None)
        if remark is not None:
            values[j] = whole_number(printing.value)
            covers.add(j)
            remarks[remark] = None
    if covers > asked.right:
        sentence = f"{printing.sentence(whose)}{''.join(remarks)}"
        yield Guess(sentence, frozenset(covers), tuple(values), rank=printing.rank)


def readings(printed: Printed | Shape, kilo: int) -> Iterator[tuple[str, Printed]]:
    """A number in the tool's units of memory, and with zeros at its end as rounding; each with a remark."""
    if not isinstance(printed, Printed):
        return
    power = UNITS_OF_1024.get(printed.scale, 0) if kilo == 1000 else 0
    units = f", in units of {numbers.shape((1000,) * power)} bytes" if power else ""
    number = replace(printed, place=printed.place * Fraction(1000, 1024) ** power)
    yield units, number
    digits = str(printed.digits).rstrip("0")
    zeros = len(str(printed.digits)) - len(digits)
    if zeros >= FEWEST_ZEROS and len(digits) >= FEWEST_DIGITS:
        rounded = replace(number, digits=int(digits), place=number.place * 10**zeros)
        yield f"{units}, rounded to {len(digits)} digits", rounded


FEWEST_ZEROS, FEWEST_DIGITS = 3, 4
"""From so many zeros at its end on, a number may be rounded; so many other digits it must have then."""

UNITS_OF_1024 = {Fraction(1024**power): power for power in (1, 2, 3)}


def printings(profile: NetworkCost, quantity: str) -> Iterator[Printing]:
    """What each tool prints of a quantity; operations also halved, doubled and for training."""
    plain = profile_graph(profile.graph, "macs", fields=False)
    own = ("macs", profile.convention.name)
    counts = [tool_count(plain, tool) for name, tool in QUANTITIES[quantity].items() if name not in own]
    samples = profile.batch if quantity == "operations" else 1
    for rank, (says, times, applies) in enumerate(MULTIPLES if quantity == "operations" else MULTIPLES[:1]):
        for count in counts:
            if applies(TWICE in count.terms) and not count.unknown:
                value = times * samples * Fraction(count.value)
                yield Printing(says, (count.convention.title,), terms_of(count), value, count.kilo, rank)


PRINTS = ("{} prints this{}", "{} print this{}")

MULTIPLES: tuple[tuple[tuple[str, str], Fraction, Callable[[bool], bool]], ...] = (
    (PRINTS, Fraction(1), lambda _: True),
    (("half of what {} counts{}", "half of what {} count{}"), Fraction(1, 2), lambda twice: twice),
    (("twice what {} counts{}", "twice what {} count{}"), Fraction(2), lambda twice: not twice),
    (
        (
            "three times what {} counts{}, for a forward and a backward pass",
            "three times what {} count{}, for a forward and a backward pass",
        ),
        Fraction(3),
        lambda _: True,
    ),
)
"""Multiples of what tools count, in words for one tool and for several; and for which tools: those that count
multiply-adds as two operations, or others."""


def alike(printings: Iterable[Printing]) -> list[Printing]:
    """Those with the same words and value as one, of all tools."""
    found: dict[object, Printing] = {}
    for each in printings:
        key = each.says, each.value, each.kilo
        first = found.get(key)
        found[key] = replace(first, tools=(*first.tools, *each.tools)) if first else each
    return list(found.values())


def terms_of(count: ToolCount) -> str:
    """`multiply-adds, 44.5 M BatchNorm, less 11.1 M the first addition of each sum`."""
    (plain, _), *more = count.terms.items()
    return ", ".join(
        [plain, *(f"{'less ' * (value < 0)}{numbers.human(abs(value))} {what}" for what, value in more)]
    )


def and_joined(names: Sequence[str]) -> str:
    """`calflops and deepspeed`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
