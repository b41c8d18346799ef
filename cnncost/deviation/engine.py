"""From numbers to causes: the whole search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cnncost.count.profile import NetworkCost
from cnncost.deviation.asked import Asked
from cnncost.deviation.candidates import Candidate, Candidates
from cnncost.deviation.declaring import Deviation
from cnncost.deviation.given import Given
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
    digits of the covered numbers say, in bits too. `also` names other places where the same deviation gives
    the same, and `fitting` is how many other pairs fit as well.
    """

    deviations: tuple[str, ...]
    covers: tuple[Given, ...]
    sentence: str
    hint: str
    values: Mapping[Given, Any] = field(default_factory=dict)
    cost: float = 0
    also: tuple[str, ...] = ()
    fitting: int = 0
    evidence: float = 0

    @property
    def convincing(self) -> bool:
        """Whether the digits say more than it takes to meet them by chance."""
        return self.cost < self.evidence


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
        """The numbers that are neither right nor covered by a cause."""
        covered = {given for cause in self.causes for given in cause.covers}
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
    if most not in (1, 2):
        raise CnncostError(f"a cause has 1 or 2 deviations, not {most}")
    asked = Asked(profile, givens)
    values = asked.by_given(asked.base)
    computed = {given: (values[given], j in asked.right) for j, given in enumerate(givens)}
    return Diagnosis(profile, computed, tuple(causes(asked, most, limit)), most)


def explain(profile: NetworkCost, givens: Sequence[Given], most: int = 2, limit: int = 5) -> list[Cause]:
    """The causes of a diagnosis alone."""
    return list(diagnose(profile, givens, most, limit).causes)


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
    fitting = Counter(group[0].covers for group in groups if len(group[0].steps) > 1)
    return [cause(asked, group, fitting) for group in chosen]


def cause(asked: Asked, group: Group, fitting: Mapping[frozenset[int], int]) -> Cause:
    """A group of candidates as a cause, the first of them in words; `fitting` counts the pairs that fit."""
    simplest = group[0]
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
        fitting[simplest.covers] - 1 if len(simplest.steps) > 1 else 0,
        sum(asked.targets[j].evidence for j in simplest.covers - asked.right),
    )


def subject(asked: Asked, candidate: Candidate, deviation: Deviation) -> str:
    """The number that a deviation explains, as it was given; if there are several, a word for them."""
    mended = candidate.covers - asked.right
    if deviation.kind == "printing":
        about = mended - asked.covered(candidate.values)
    else:
        about = frozenset(j for j in mended if deviation.about(asked.targets[j].given.quantity))
    return as_written(asked.targets[min(about)].given.printed) if len(about) == 1 else "what is given"
