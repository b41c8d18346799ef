"""From numbers to explanations: the public face of the search."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from cnncost.count.profile import NetworkCost
from cnncost.deviation import words
from cnncost.deviation.candidates import Candidate, Candidates
from cnncost.deviation.given import Explanation, Given
from cnncost.deviation.kinds import Deviation
from cnncost.deviation.ranking import alike, ranked, undominated
from cnncost.deviation.search import Search
from cnncost.deviation.targets import by_given
from cnncost.errors import CnncostError


def explain(
    profile: NetworkCost, givens: Sequence[Given], most: int = 2, limit: int = 5
) -> list[Explanation]:
    """What would have to differ for some numbers of one source to come out as they are given.

    Each explanation recomputes to exactly the digits given. Those that cover more of the numbers come
    first, then the simpler ones; pairs are told only where they cover what no single deviation does, and
    where something covers all, only what does. Numbers that are right stay right.

    Args:
        profile: the network, counted as the numbers are meant.
        givens: the numbers.
        most: how many deviations at once, 1 or 2.
        limit: how many explanations at most.

    Returns:
        The explanations; none if all numbers are right, or nothing within `most` deviations gives them.

    Raises:
        CnncostError: an unknown quantity or place, or another `most`.
    """
    if most not in (1, 2):
        raise CnncostError(f"explanations are of 1 or 2 deviations, not {most}")
    with uncollected():
        return searched(profile, givens, most, limit)


def searched(profile: NetworkCost, givens: Sequence[Given], most: int, limit: int) -> list[Explanation]:
    """The explanations; all that was tried is gone when this returns."""
    search = Search(profile, givens)
    if not search.wrong:
        return []
    candidates = Candidates(search)
    singles = list(candidates.singles())
    pairs: list[Candidate] = []
    if most == 2 and not any(search.wrong <= single.covers for single in singles):
        pairs = undominated(candidates.pairs(), singles)
    return told(search, singles, pairs, limit)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without Python's search for cycles: there are none, and it would walk all nodes again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def recompute(profile: NetworkCost, givens: Sequence[Given]) -> Mapping[Given, tuple[Any, bool]]:
    """What each number is as the profile counts it, and whether it prints as it is given."""
    search = Search(profile, givens)
    values = by_given(search.targets, search.base)
    return {given: (values[given], j in search.right) for j, given in enumerate(givens)}


def told(
    search: Search, singles: Sequence[Candidate], pairs: Sequence[Candidate], limit: int
) -> list[Explanation]:
    """The best explanations, and the best of each number that these leave over."""
    groups = ranked(alike([*singles, *pairs]))
    if groups and search.wrong <= groups[0][0].covers:
        groups = [group for group in groups if search.wrong <= group[0].covers]
    chosen = groups[:limit]
    for j in sorted(search.wrong):
        if not any(j in group[0].covers for group in chosen):
            chosen += [group for group in groups if j in group[0].covers][:1]
    fitting = Counter(group[0].covers for group in groups if len(group[0].steps) > 1)
    return [
        explanation(search, group, fitting[group[0].covers] - 1 if len(group[0].steps) > 1 else 0)
        for group in chosen
    ]


def explanation(search: Search, group: Sequence[Candidate], fitting: int) -> Explanation:
    """A group of alike candidates as an explanation, the first of them told."""
    best, givens = group[0], [target.given for target in search.targets]
    deviations = tuple(deviation for deviation, _ in best.steps)
    places = dict.fromkeys(label for candidate in group for label in candidate.labels)
    return Explanation(
        tuple(deviation.name for deviation in deviations),
        tuple(givens[j] for j in sorted(best.covers)),
        words.sentence([(*step, said_of(search, best, step[0])) for step in best.steps]),
        words.hint(deviations),
        by_given(search.targets, best.values),
        best.cost,
        tuple(label for label in places if label not in best.labels[:1]),
        fitting,
        sum(search.targets[j].evidence for j in best.covers - search.right),
    )


def said_of(search: Search, candidate: Candidate, deviation: Deviation) -> str:
    """The number that a deviation is said of, if it is one; what is given, if there are several."""
    mended = candidate.covers - search.right
    if deviation.kind == "printing":
        about = mended - search.plainly(candidate.values)
    else:
        about = frozenset(j for j in mended if deviation.about(search.targets[j].given.quantity))
    return words.written(search.targets[min(about)].given.printed) if len(about) == 1 else "what is given"
