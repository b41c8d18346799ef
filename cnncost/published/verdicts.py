"""The audit: each printed cell compared with what cnncost computes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import floor
from typing import NamedTuple

from cnncost.errors import CnncostError, NameUnknown
from cnncost.network.catalogue import index
from cnncost.numbers import NUMBER, fraction, read_number
from cnncost.published.claim import Claim
from cnncost.published.networks import plain_quantity
from cnncost.published.tables import PrintedCell

STATUSES = ("reproduced", "erratum", "unexplained", "differs", "missing", "recorded")
"""The possible statuses of a printed figure.

reproduced: it is what is computed, at the precision in which it is printed;
erratum: it is not, and the recorded change makes cnncost compute exactly the printed number;
unexplained: it is not, and nobody knows why;
differs: it is not, or what is recorded about it is wrong: the audit fails;
missing: the network is not in the catalogue yet;
recorded: nothing that can be counted: an error rate, a training time.
"""


@dataclass(frozen=True)
class Figure:
    """A printed figure, what is computed for it, and what became of it.

    `rule` is how its source counts, if not plainly; the computed value is then that of the rule.
    """

    id: str
    source: str
    printed: str
    computed: str | None
    status: str
    cause: str
    rule: str = ""

    @property
    def table(self) -> str:
        """The printed table, or the family of networks, that it is from."""
        return self.id.partition("/")[0]

    @property
    def quantity(self) -> str:
        """The quantity of a fact: `macs` of `resnet/resnet50/macs/he-2016-table-1`."""
        return self.id.split("/")[2]


def judge(cell: PrintedCell) -> Figure:
    """One figure with its status and the cause."""
    computed, status, cause = verdict(cell)
    unit = f" {cell.unit}" if cell.unit else ""
    computed = computed and computed + unit
    return Figure(cell.id, cell.source, cell.printed + unit, computed, status, cause, cell.rule)


def verdict(cell: PrintedCell) -> tuple[str | None, str, str]:
    """What is computed for a cell, its status and the cause."""
    claim, excuse = cell.claim, cell.excuse
    if claim.recorded:
        return None, "recorded", claim.recorded
    if claim.waits:
        return None, "missing", missing_reason(claim.waits)
    try:
        computed, fault = outcome(claim, cell)
    except CnncostError as error:
        absent = claim.network and not claim.spec and claim.network not in catalogue_names()
        if isinstance(error, NameUnknown) and absent:
            return None, "missing", missing_reason(str(claim.network))
        return None, "differs", f"cannot be computed: {short_message(error)}"
    if excuse is None:
        return computed, "differs" if fault else "reproduced", fault
    if not fault:
        return computed, "differs", f"it is reproduced, yet the data excuses it: {excuse.because}"
    if excuse.change is None:
        return computed, "unexplained", excuse.because
    return computed, *verified(cell)


def short_message(error: CnncostError) -> str:
    """The message of an error, without its place and the quoted line of a spec."""
    return re.sub(r"^published:\d+:\d+: ", "", str(error).partition("\n")[0])


def missing_reason(network: str) -> str:
    """What is missing before a cell can be compared: a network, or a description of its claim."""
    if network in catalogue_names():
        return f"{network} is in the catalogue now, but nothing says what this figure means for it"
    return f"waits for {network}"


@cache
def catalogue_names() -> frozenset[str]:
    """The names in the catalogue."""
    return frozenset(name for name, _ in index())


def verified(cell: PrintedCell) -> tuple[str, str]:
    """The status of an erratum and the cause: its change must give exactly the printed number."""
    assert cell.excuse is not None
    assert cell.excuse.change is not None
    try:
        computed, fault = outcome(cell.claim.changed(cell.excuse.change), cell)
    except CnncostError as error:
        return "differs", f"its cause cannot be computed: {short_message(error)}"
    if not fault:
        return "erratum", cell.excuse.because
    why = "not what is printed" if fault == ANOTHER else f"but {fault}"
    return "differs", f"its cause gives {computed}, {why}: {cell.excuse.because}"


ANOTHER = "the computed value is different"


class Outcome(NamedTuple):
    """The value of a claim, and why it is not what its cell prints; no fault if it is."""

    computed: str
    fault: str = ""


def outcome(claim: Claim, cell: PrintedCell) -> Outcome:
    """A claim compared with what its cell prints.

    Raises:
        CnncostError: it cannot be computed.
    """
    if claim.all:
        return outcome_of_all(claim, cell)
    fits, computed = compared(claim, claim.printed or claim.part or cell.printed, cell.result)
    if not fits:
        return Outcome(computed, ANOTHER)
    return Outcome(computed, "" if condition_holds(claim) else f"`{claim.holds}` does not hold")


def condition_holds(claim: Claim) -> bool:
    """Whether the claim's own condition is true."""
    if claim.holds is None:
        return True
    from cnncost.published.compute import expression_names
    from cnncost.published.exact import evaluate

    return evaluate(claim.holds, expression_names(claim)) is True


def outcome_of_all(claim: Claim, cell: PrintedCell) -> Outcome:
    """The same for a cell that says several things."""
    for each in claim.all:
        if each.part and each.part not in cell.printed:
            raise CnncostError(f"`{each.part}` is not part of what is printed")
    results = [outcome(each, cell) for each in claim.all]
    computed = "; ".join(dict.fromkeys(each.computed for each in results))
    return Outcome(computed, next((each.fault for each in results if each.fault), ""))


def compared(claim: Claim, printed: str, result: str | None) -> tuple[bool, str]:
    """Whether a text, a formula or a number is what is printed, and its value."""
    value = plain_quantity(claim)
    if value is None:
        from cnncost.published import compute

        if claim.text is not None:
            text = compute.filled_in(claim.text, compute.expression_names(claim))
            return text == printed and comes_to(printed, result, claim), text
        if claim.formula is not None:
            return compute.proved(claim, printed)
        value = compute.value_of(claim)
    if isinstance(value, str):
        return value == printed, value
    number = read_number(printed, claim.unit, claim.kilo, claim.significant)
    exact = fraction(value)
    return number.fits(exact, claim.digits), number.show(exact)


def comes_to(derivation: str, result: str | None, claim: Claim) -> bool:
    """Whether a printed calculation gives the result that it prints, and the result that it derives."""
    from cnncost.published.compute import arithmetic

    found = arithmetic(derivation)
    if found is None:
        return True
    value, written = found
    if written not in (None, value):
        return False
    if result is None or not NUMBER.fullmatch(result):
        return True
    reached = Fraction(floor(value)) if "floor" in derivation else value
    return read_number(result, 1, claim.kilo, claim.significant).fits(reached)
