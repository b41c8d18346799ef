"""Explanations of numbers as text, Markdown and JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from textwrap import wrap
from typing import Any

from cnncost import numbers
from cnncost.count.profile import NetworkCost
from cnncost.deviation import Explanation, Given
from cnncost.deviation.words import written
from cnncost.numbers import Printed, fraction
from cnncost.tables.terminal import Part
from cnncost.views.network_table import caption

Computed = Mapping[Given, tuple[Any, bool]]
"""What each number is, and whether it is right as it is given."""

NOTHING = "nothing within {} gives {}"
ALSO = 6
"""How many other places are named."""
DEVIATIONS = {1: "one deviation", 2: "two deviations"}


def name(given: Given) -> str:
    """`macs`, `params of conv1`."""
    quantity = given.quantity.replace("_", " ")
    return f"{quantity} of {given.at}" if given.at else quantity


def shown(given: Given, value: Any) -> str:
    """A value in the units in which the number was given."""
    if value is None:
        return "nothing"
    if isinstance(value, tuple):
        return numbers.shape(value)
    assert isinstance(given.printed, Printed)
    if given.printed.scale == 1 and isinstance(value, int):
        return f"{value:,}{given.printed.suffix}"
    return given.printed.show(fraction(value))


def compared(computed: Computed) -> Iterator[tuple[str, str, str, bool]]:
    """Each number: its name, as given, as computed, and whether it is right."""
    for given, (value, right) in computed.items():
        yield name(given), written(given.printed), shown(given, value), right


def recomputed(explanation: Explanation) -> str:
    """What the numbers that an explanation covers come to with it."""
    return ", ".join(f"{name(g)} {shown(g, explanation.values[g])}" for g in explanation.covers)


def remarks(explanation: Explanation) -> Iterator[str]:
    """Where the same would give the same, and whether it is likely chance."""
    if explanation.also:
        rest = len(explanation.also) - ALSO
        places = ", ".join(explanation.also[:ALSO]) + (f" and {rest} more" if rest > 0 else "")
        yield f"the same at {places}"
    if not explanation.convincing:
        yield "the digits given are too few to tell this from chance"


def doubts(explanations: Sequence[Explanation]) -> Iterator[str]:
    """How many pairs fit besides those told, and that of several explanations one is right at most."""
    alike = Counter(explanation.covers for explanation in explanations)
    for covers, told in alike.items():
        fitting = next(e.fitting for e in explanations if e.covers == covers)
        rest = fitting + 1 - told if fitting else 0
        if rest > 0:
            yield f"{'another pair fits' if rest == 1 else f'{rest} other pairs fit'} too"
        if told > 1:
            yield f"each of these gives {'it' if len(covers) == 1 else 'them'}: the digits do not tell which"


def unexplained(computed: Computed, explanations: Sequence[Explanation]) -> list[Given]:
    """The numbers that are neither right nor covered."""
    covered = {given for explanation in explanations for given in explanation.covers}
    return [given for given, (_, right) in computed.items() if not right and given not in covered]


def verdict(computed: Computed, explanations: Sequence[Explanation], most: int) -> str:
    """What is to be said of numbers that need no explanation, or have none."""
    if all(right for _, right in computed.values()):
        return "as computed: there is nothing to explain"
    left = unexplained(computed, explanations)
    if not left:
        return ""
    given = "this" if len(computed) == 1 else ", ".join(f"{name(g)} {written(g.printed)}" for g in left)
    return NOTHING.format(DEVIATIONS[most], given)


def lines(
    profile: NetworkCost, computed: Computed, explanations: Sequence[Explanation], most: int, width: int
) -> Iterator[list[Part]]:
    """The numbers, then each explanation with what it recomputes to."""
    yield [(caption(profile), "dim")]
    rows = list(compared(computed))
    first = max(len(title) for title, *_ in rows)
    second = max(len(given) for _, given, *_ in rows)
    for title, given, value, right in rows:
        mark = ("  right", "green") if right else ("", "")
        yield [(f"{title:<{first}}  given {given:>{second}}, computed {value}", ""), mark]
    for i, explanation in enumerate(explanations, 1):
        yield []
        yield from paragraph(f"{i}. ", explanation.sentence, width, "bold")
        yield from paragraph("   ", f"gives {recomputed(explanation)}", width, "")
        for remark in remarks(explanation):
            yield from paragraph("   ", remark, width, "dim")
    said = [*doubts(explanations), verdict(computed, explanations, most)]
    if any(said):
        yield []
    for text in said:
        yield from paragraph("", text, width, "")


def paragraph(head: str, text: str, width: int, style: str) -> Iterator[list[Part]]:
    """Wrapped lines behind a head."""
    for line in wrap(text, width, initial_indent=head, subsequent_indent=" " * len(head)):
        yield [(line, style)]


def markdown(profile: NetworkCost, computed: Computed, explanations: Sequence[Explanation], most: int) -> str:
    """The same in Markdown."""
    from cnncost.tables.grid import grid

    rows = [[title, given, value] for title, given, value, _ in compared(computed)]
    told = [
        f"{i}. **{e.sentence}**: gives {'; '.join([recomputed(e), *remarks(e)])}\n"
        for i, e in enumerate(explanations, 1)
    ]
    said = "; ".join(filter(None, [*doubts(explanations), verdict(computed, explanations, most)]))
    table = grid("markdown", ("number", "given", "computed"), rows)
    body = [f"{caption(profile)}\n", table, "".join(told), f"{said}\n" if said else ""]
    return "\n".join(part for part in body if part)


def to_dict(profile: NetworkCost, computed: Computed, explanations: Sequence[Explanation]) -> dict[str, Any]:
    """Plain data: exact values, fractions as text."""
    givens = list(computed)
    return {
        "schema": 1,
        "name": profile.name,
        "convention": profile.convention.name,
        "givens": [
            {
                "quantity": g.quantity,
                "at": g.at,
                "given": written(g.printed),
                "computed": plain(v),
                "right": r,
            }
            for g, (v, r) in computed.items()
        ],
        "explanations": [
            {
                "deviations": list(e.deviations),
                "sentence": e.sentence,
                "hint": e.hint,
                "covers": [givens.index(g) for g in e.covers],
                "values": [plain(e.values[g]) for g in givens],
                "cost_bits": round(e.cost, 3),
                "evidence_bits": round(e.evidence, 3),
                "also": list(e.also),
                "other_pairs": e.fitting,
            }
            for e in explanations
        ],
    }


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, Fraction) else value
