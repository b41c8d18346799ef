"""Which of the candidates are told, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnncost.deviation.candidates import Candidate

Key = tuple[object, ...]


def alike(candidates: Iterable[Candidate]) -> list[list[Candidate]]:
    """Candidates that differ in the place alone, together, the simplest first.

    What gives the same numbers for a reason with the same hint is the same in other words: it is not told.
    """
    groups: dict[Key, list[Candidate]] = {}
    reasons: dict[Key, tuple[str, ...]] = {}
    for candidate in sorted(candidates, key=lambda c: c.cost):
        deviations = tuple(deviation.name for deviation, _ in candidate.steps)
        hints = frozenset(deviation.hint for deviation, _ in candidate.steps)
        if reasons.setdefault((hints, candidate.values, candidate.covers), deviations) == deviations:
            groups.setdefault((deviations, candidate.values, candidate.covers), []).append(candidate)
    return list(groups.values())


def ranked(groups: Iterable[list[Candidate]]) -> list[list[Candidate]]:
    """Those that cover most first, of these the simplest; then what covers the numbers still left over."""
    return sorted(groups, key=lambda group: (-len(group[0].covers), group[0].cost))


def undominated(pairs: Iterable[Candidate], singles: Sequence[Candidate]) -> list[Candidate]:
    """The pairs that cover what no single deviation covers."""
    covered = {single.covers for single in singles}
    return [pair for pair in pairs if not any(pair.covers <= covers for covers in covered)]
