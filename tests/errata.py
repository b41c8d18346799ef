"""The errata of the audit as questions to the engine: each figure as given, its recorded cause as the answer."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cnncost.count.profile import NetworkCost
from cnncost.deviation import Cause, Given, explain, read_given
from cnncost.numbers import fraction, read_number
from cnncost.published import PrintedCell, cells_of
from cnncost.published.claim import Claim
from cnncost.published.compute import value_of
from cnncost.published.networks import profile_of

NUMBERS = (
    "params",
    "buffers",
    "macs",
    "flops",
    "memory",
    "elements",
    "out_size",
    "out_channels",
    "height",
    "width",
)


@dataclass(frozen=True)
class Question:
    """A printed figure that the engine can be asked about."""

    cell: PrintedCell
    profile: NetworkCost
    given: Given


def excused(*, with_cause: bool) -> list[PrintedCell]:
    """The errata, or the figures that nobody explains."""
    return [c for c in cells_of() if c.excuse and (c.excuse.change is not None) == with_cause]


def question(cell: PrintedCell) -> Question | None:
    """A cell as a question; None where it is no quantity of a part of one network."""
    claim = cell.claim
    beyond = claim.only or claim.per or claim.quotient or claim.text or claim.formula or claim.all
    if (claim.network or claim.call) is None or beyond or claim.value not in (*NUMBERS, "shape"):
        return None
    profile = profile_of(claim, claim.params)
    if claim.value == "shape":
        return Question(cell, profile, read_given("shape", cell.printed, claim.at or ""))
    printed = read_number(cell.printed, claim.unit, claim.kilo, claim.significant)
    return Question(cell, profile, Given(str(claim.value), printed, claim.at or ""))


def recomputes(value: Any, claim: Claim) -> bool:
    """Whether an explanation's value is exactly what a claim comes to."""
    counted = value_of(claim)
    if isinstance(counted, str):
        return "x".join(map(str, value)) == counted
    return Fraction(value) == fraction(counted)


def rank(asked: Question, found: list[Cause]) -> int | None:
    """The place, from 1, of the explanation that comes to what the recorded cause gives, by the same slip."""
    cell = asked.cell
    assert cell.excuse is not None
    assert cell.excuse.change is not None
    claim = cell.claim.changed(cell.excuse.change)
    slip = {"truncated": "cut off", "swapped": "digits swapped"}.get(claim.digits)
    for place, explanation in enumerate(found, 1):
        same = recomputes(explanation.values[asked.given], claim)
        if same and (slip is None or slip in explanation.deviations):
            return place
    return None


def answers(asked: Question, limit: int = 5) -> list[Cause]:
    """What the engine says."""
    return explain(asked.profile, [asked.given], limit=limit)
