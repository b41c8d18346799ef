"""Which candidates are shown, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnncost.deviation.candidates import Candidate

Group = list[Candidate]
"""Candidates that differ in their place only, the simplest first."""


def best(
    singles: Sequence[Candidate], pairs: Sequence[Candidate], wrong: frozenset[int], limit: int
) -> tuple[list[Group], list[Group]]:
    """The best groups of candidates, and all that were ranked.

    If any explains all wrong numbers, only those that do; else also the best of each number left over.
    """
    groups = ranked(by_deviations([*singles, *pairs]))
    if groups and wrong <= groups[0][0].covers:
        groups = [group for group in groups if wrong <= group[0].covers]
    chosen = groups[:limit]
    for j in sorted(wrong):
        if not any(j in group[0].covers for group in chosen):
            chosen += [group for group in groups if j in group[0].covers][:1]
    return chosen, groups


def by_deviations(candidates: Iterable[Candidate]) -> list[Group]:
    """Candidates with the same deviations and values together.

    What gives the same values for a reason with the same hint is the same in other words: it is left out.
    """
    groups: dict[object, Group] = {}
    reasons: dict[object, tuple[str, ...]] = {}
    for candidate in sorted(candidates, key=lambda c: c.cost):
        deviations = tuple(deviation.name for deviation, _ in candidate.steps)
        hints = frozenset(deviation.hint for deviation, _ in candidate.steps)
        if reasons.setdefault((hints, candidate.values, candidate.covers), deviations) == deviations:
            groups.setdefault((deviations, candidate.values, candidate.covers), []).append(candidate)
    return list(groups.values())


def ranked(groups: Iterable[Group]) -> list[Group]:
    """Those that cover most numbers first, of these the simplest."""
    return sorted(groups, key=lambda group: (-len(group[0].covers), group[0].cost))


def undominated(pairs: Iterable[Candidate], singles: Sequence[Candidate]) -> list[Candidate]:
    """The pairs that cover what no single deviation covers."""
    covered = {single.covers for single in singles}
    return [pair for pair in pairs if not any(pair.covers <= covers for covers in covered)]
