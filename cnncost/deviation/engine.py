"""From numbers to causes: the whole search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cnncost.count.profile import NetworkCost
from cnncost.deviation.asked import Asked
from cnncost.deviation.candidates import Candidate, Candidates
from cnncost.deviation.confidence import CONFIDENCES, Evidence
from cnncost.deviation.declaring import Deviation
from cnncost.deviation.given import Given
from cnncost.deviation.known import Known, known_causes
from cnncost.deviation.ranking import Group, best, undominated
from cnncost.deviation.reading import as_written
from cnncost.deviation.sentences import joined_hints, sentence_of
from cnncost.errors import CnncostError


@dataclass(frozen=True)
class Cause:
    """One or two deviations with which the network has the given numbers.

    `covers` are the numbers that are then right to the digit, including those that were right before.
    `sentence` says what differs; `hint` points to it without a number. `values` is what each given number
    comes to, covered or not. `cost` ranks the causes, in bits: simpler is lower; `evidence` is how much the
    digits of the covered numbers say, in bits too, against what was tried. `also` names other places where
    the same deviation gives the same, and `fitting` is how many other pairs fit as well. A known cause, which
    is no deviation, has its kind as its only one: `recorded`, `network` or `tool`.
    """

    deviations: tuple[str, ...]
    covers: tuple[Given, ...]
    sentence: str
    hint: str
    values: Mapping[Given, Any] = field(default_factory=dict)
    cost: float = 0
    also: tuple[str, ...] = ()
    fitting: int = 0
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def confidence(self) -> str:
        """How sure it is: certain, likely, possible or chance."""
        return self.evidence.confidence

    @property
    def convincing(self) -> bool:
        """Whether the digits say more than it takes to meet them by chance."""
        return self.confidence != "chance"


@dataclass(frozen=True)
class Diagnosis:
    """Numbers given for a network: the computed values, whether each is right, and the causes of wrong ones.

    `most` is how many deviations at once were tried.
    """

    profile: NetworkCost
    computed: Mapping[Given, tuple[Any, bool]]
    causes: tuple[Cause, ...]
    most: int

    @property
    def unexplained(self) -> list[Given]:
        """The numbers that are neither right nor covered by a cause that is more than chance."""
        covered = {given for cause in self.causes if cause.convincing for given in cause.covers}
        return [given for given, (_, right) in self.computed.items() if not right and given not in covered]


def diagnose(profile: NetworkCost, givens: Sequence[Given], most: int = 2, limit: int = 5) -> Diagnosis:
    """Find small differences that explain some given numbers of one source.

    Each cause recomputes to exactly the digits given. Those that cover more of the numbers come first, then
    the simpler ones. A pair is returned only if it covers what no single deviation does; if any cause covers
    all numbers, only those that do. Numbers that are right stay right.

    Args:
        profile: the network, counted as the numbers are meant.
        givens: the numbers.
        most: how many deviations at once, 1 or 2.
        limit: the maximum number of causes.

    Returns:
        What each number is, and the causes; none if all numbers are right, or nothing within `most`
        deviations gives them.

    Raises:
        CnncostError: an unknown quantity or place, or another `most`.
    """
    check_most(most)
    asked = Asked(profile, givens)
    values = asked.by_given(asked.base)
    computed = {given: (values[given], j in asked.right) for j, given in enumerate(givens)}
    return Diagnosis(profile, computed, tuple(every_cause(asked, most, limit)), most)


def explain(profile: NetworkCost, givens: Sequence[Given], most: int = 2, limit: int = 5) -> list[Cause]:
    """The deviations that explain some numbers, without what is known of the network otherwise."""
    check_most(most)
    return causes(Asked(profile, givens), most, limit)


def check_most(most: int) -> None:
    """Refuse another number of deviations than 1 or 2."""
    if most not in (1, 2):
        raise CnncostError(f"a cause has 1 or 2 deviations, not {most}")


def every_cause(asked: Asked, most: int, limit: int) -> list[Cause]:
    """What is known first; deviations only where nothing on record explains all numbers.

    Pairs are tried only where nothing known explains them: they are many, and some always fit.
    """
    known = [known_cause(asked, each) for each in known_causes(asked)]
    wrong = {asked.targets[j].given for j in asked.wrong}
    whole = [cause for cause in known if wrong <= set(cause.covers)]
    if settled := [c for c in whole if c.evidence.record == "own" and c.confidence == "certain"]:
        return settled[:limit]
    guessed = [c for c in causes(asked, 1 if whole else most, limit) if not known or c.deviations != ANOTHER]
    single = [cause for cause in guessed if len(cause.deviations) == 1 and cause.convincing]
    found = [
        *(with_rivals(cause, single, known) for cause in known),
        *(with_rivals(cause, known, ()) for cause in guessed),
    ]
    whole = [cause for cause in found if wrong <= set(cause.covers)]
    ranked = sorted(whole or found, key=surest)
    chosen = ranked[:limit]
    for given in wrong:
        if not any(given in cause.covers for cause in chosen):
            chosen += [cause for cause in ranked if given in cause.covers][:1]
    return chosen


def with_rivals(cause: Cause, others: Sequence[Cause], known: Sequence[Cause]) -> Cause:
    """A cause, with how many causes of the other kind explain as much, and how many known ones of another."""

    def explaining(found: Iterable[Cause]) -> int:
        return sum(set(other.covers) >= set(cause.covers) for other in found)

    elsewhere = [other for other in known if other.deviations != cause.deviations]
    evidence = replace(cause.evidence, rivals=explaining(others), known=explaining(elsewhere))
    return replace(cause, evidence=evidence)


ANOTHER = ("another network",)
"""The deviation that is known already where it fits."""


def surest(cause: Cause) -> tuple[int, int]:
    """The order of causes: those that explain most numbers, of these the surest; known ones come first."""
    return -len(cause.covers), CONFIDENCES.index(cause.confidence)


def known_cause(asked: Asked, known: Known) -> Cause:
    """A known cause in the form of all others."""
    return Cause(
        (known.kind,),
        tuple(asked.targets[j].given for j in sorted(known.covers)),
        known.sentence,
        HINTS[known.kind],
        asked.by_given(known.values),
        evidence=known.evidence,
    )


HINTS = {
    "recorded": "who prints this number?",
    "network": "is it the number of this network?",
    "tool": "which tool counted it?",
}
"""What each kind of known cause points to, without a number."""


def causes(asked: Asked, most: int, limit: int) -> list[Cause]:
    """The causes of the wrong numbers; all other trials are freed when this returns."""
    if not asked.wrong:
        return []
    candidates = Candidates(asked)
    singles = list(candidates.singles())
    pairs: list[Candidate] = []
    if most == 2 and not any(asked.wrong <= single.covers for single in singles):
        pairs = undominated(candidates.pairs(), singles)
    chosen, groups = best(singles, pairs, asked.wrong, limit)
    fitting = Counter((group[0].covers, len(group[0].steps)) for group in groups)
    return [cause(asked, group, fitting, candidates.tried(len(group[0].steps))) for group in chosen]


def cause(asked: Asked, group: Group, fitting: Mapping[tuple[frozenset[int], int], int], tried: int) -> Cause:
    """A group of candidates as a cause, the first of them in words.

    `fitting` counts the groups that explain the same numbers, and `tried` all candidates of as many steps.
    """
    simplest = group[0]
    alike = fitting[simplest.covers, len(simplest.steps)]
    bits = sum(asked.targets[j].evidence for j in simplest.covers - asked.right)
    deviations = tuple(deviation for deviation, _ in simplest.steps)
    places = dict.fromkeys(label for candidate in group for label in candidate.labels)
    return Cause(
        tuple(deviation.name for deviation in deviations),
        tuple(asked.targets[j].given for j in sorted(simplest.covers)),
        sentence_of([(*step, subject(asked, simplest, step[0])) for step in simplest.steps]),
        joined_hints(deviations),
        asked.by_given(simplest.values),
        simplest.cost,
        tuple(label for label in places if label not in simplest.labels[:1]),
        alike - 1 if len(simplest.steps) > 1 else 0,
        Evidence(bits, tried, alike, cost=simplest.cost),
    )


def subject(asked: Asked, candidate: Candidate, deviation: Deviation) -> str:
    """The number that a deviation explains, as it was given; if there are several, a word for them."""
    mended = candidate.covers - asked.right
    if deviation.kind == "printing":
        about = mended - asked.covered(candidate.values)
    else:
        about = frozenset(j for j in mended if deviation.about(asked.targets[j].given.quantity))
    return as_written(asked.targets[min(about)].given.printed) if len(about) == 1 else "what is given"
