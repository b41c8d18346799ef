"""A diagnosis: the numbers as a table, the causes of the wrong ones as paragraphs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from cnncost import numbers
from cnncost.deviation import Cause, Diagnosis, Given, as_written
from cnncost.numbers import Printed, fraction
from cnncost.tables.table import SCHEMA, Column, Document, Line, Paragraph, Table
from cnncost.views.network_table import caption

ALSO = 6
"""The number of other places that are named."""
WITHIN = {1: "one deviation", 2: "two deviations"}


def diagnosis_document(diagnosis: Diagnosis) -> Document:
    """The numbers, each cause with what it recomputes to, and what the digits leave open."""
    parts: list[Table | Paragraph] = [
        numbers_table(diagnosis),
        *(cause_lines(i, c) for i, c in enumerate(diagnosis.causes, 1)),
    ]
    if closing := [*doubts(diagnosis), *closing_words(diagnosis)]:
        parts.append(Paragraph.of(*closing))
    return Document(parts, records=record_table(diagnosis), data=lambda: to_dict(diagnosis))


def numbers_table(diagnosis: Diagnosis) -> Table:
    """Each number as given and as computed, and whether it is right."""
    computed = diagnosis.computed
    rights = [right for _, right in computed.values()]
    columns = (
        Column("number", "number", [*map(name, computed)], left=True),
        Column("given", "given", [as_written(given.printed) for given in computed]),
        Column(
            "computed", "computed", [in_given_units(given, value) for given, (value, _) in computed.items()]
        ),
        Column(
            "right",
            "",
            rights,
            ["right" if right else "" for right in rights],
            left=True,
            spare=1,
            styles=["green"] * len(rights),
        ),
    )
    return Table(caption(diagnosis.profile), columns)


def name(given: Given) -> str:
    """`macs`, `params of conv1`."""
    quantity = given.quantity.replace("_", " ")
    return f"{quantity} of {given.at}" if given.at else quantity


def in_given_units(given: Given, value: Any) -> str:
    """A value in the units in which the number was given."""
    if value is None:
        return "nothing"
    if isinstance(value, tuple):
        return numbers.shape(value)
    assert isinstance(given.printed, Printed)
    if given.printed.scale == 1 and isinstance(value, int):
        return f"{value:,}{given.printed.suffix}"
    return given.printed.show(fraction(value))


def cause_lines(i: int, cause: Cause) -> Paragraph:
    """A cause with its number, and the remarks on it."""
    head = f"{i}. "
    given = ", ".join(f"{name(g)} {in_given_units(g, cause.values[g])}" for g in cause.covers)
    lines = [Line(cause.sentence, "bold", head), Line(f"gives {given}", head=" " * len(head))]
    return Paragraph((*lines, *(Line(text, "dim", " " * len(head)) for text in remarks(cause))))


def remarks(cause: Cause) -> Iterator[str]:
    """Other places where the same deviation gives the same number, and whether it may be chance."""
    if cause.also:
        rest = len(cause.also) - ALSO
        places = ", ".join(cause.also[:ALSO]) + (f" and {rest} more" if rest > 0 else "")
        yield f"gives the same at {places}"
    evidence = cause.evidence
    if not cause.convincing:
        yield "the number has too few digits to tell this from chance"
    elif evidence.record:
        yield f"{cause.confidence}: on record{'' if evidence.fitting == 1 else ', among others'}"
    elif evidence.fitting == 1:
        yield f"{cause.confidence}: of {evidence.tried:,} explanations of this kind, only this one fits"
    else:
        yield f"{cause.confidence}: of {evidence.tried:,} explanations of this kind, {evidence.fitting:,} fit"


def doubts(diagnosis: Diagnosis) -> Iterator[str]:
    """How many pairs fit besides those that are shown, and that only one of several causes can be right."""
    for covers, shown in Counter(cause.covers for cause in diagnosis.causes).items():
        fitting = [cause.fitting for cause in diagnosis.causes if cause.covers == covers and cause.fitting]
        rest = max(fitting) + 1 - len(fitting) if fitting else 0
        if rest > 0:
            yield f"{'another pair fits' if rest == 1 else f'{rest} other pairs fit'} too"
        if shown > 1 and not any(cause.confidence == "certain" for cause in diagnosis.causes):
            what = "the number" if len(covers) == 1 else "these numbers"
            yield f"each of these causes gives {what}: the digits do not say which one is right"


def closing_words(diagnosis: Diagnosis) -> Iterator[str]:
    """The message that there is nothing to explain, or no explanation."""
    if all(right for _, right in diagnosis.computed.values()):
        yield "the numbers are as computed: there is nothing to explain"
    elif left := diagnosis.unexplained:
        given = ", ".join(f"{name(g)} {as_written(g.printed)}" for g in left)
        what = "this number" if len(diagnosis.computed) == 1 else given
        weak = any(g in cause.covers for cause in diagnosis.causes for g in left)
        within = WITHIN[diagnosis.most]
        yield f"{what} stays unexplained" if weak else f"nothing within {within} gives {what}"


def record_table(diagnosis: Diagnosis) -> Table:
    """One row per cause and number, for spreadsheets; without a cause, one row per number."""
    rows = [
        {
            "cause": i if cause else None,
            "sentence": cause.sentence if cause else None,
            "deviations": ", ".join(cause.deviations) if cause else None,
            "cost_bits": round(cause.cost, 3) if cause else None,
            "evidence_bits": round(cause.evidence.bits, 3) if cause else None,
            "confidence": cause.confidence if cause else None,
            "quantity": given.quantity,
            "at": given.at,
            "given": as_written(given.printed),
            "computed": cell_value(value),
            "right": right,
            "value": cell_value(cause.values[given]) if cause else None,
            "covered": given in cause.covers if cause else None,
        }
        for i, cause in enumerate(diagnosis.causes or [None], 1)
        for given, (value, right) in diagnosis.computed.items()
    ]
    return Table(caption(diagnosis.profile), [Column(k, k, [row[k] for row in rows]) for k in rows[0]])


def cell_value(value: Any) -> Any:
    """A value for a cell: a shape as `96×55×55`."""
    return numbers.shape(value) if isinstance(value, tuple) else value


def to_dict(diagnosis: Diagnosis) -> dict[str, Any]:
    """Plain data: exact values, fractions as text."""
    givens = list(diagnosis.computed)
    return {
        "schema": SCHEMA,
        "name": diagnosis.profile.name,
        "convention": diagnosis.profile.convention.name,
        "givens": [
            {
                "quantity": g.quantity,
                "at": g.at,
                "given": as_written(g.printed),
                "computed": json_value(value),
                "right": right,
            }
            for g, (value, right) in diagnosis.computed.items()
        ],
        "explanations": [cause_data(cause, givens) for cause in diagnosis.causes],
    }


def cause_data(cause: Cause, givens: list[Given]) -> Mapping[str, Any]:
    """A cause as plain data; `covers` are positions among the givens."""
    return {
        "deviations": list(cause.deviations),
        "sentence": cause.sentence,
        "hint": cause.hint,
        "covers": [givens.index(g) for g in cause.covers],
        "values": [json_value(cause.values[g]) for g in givens],
        "cost_bits": round(cause.cost, 3),
        "evidence_bits": round(cause.evidence.bits, 3),
        "confidence": cause.confidence,
        "evidence": {
            "digits": cause.evidence.digits,
            "tried": cause.evidence.tried,
            "fitting": cause.evidence.fitting,
            "rivals": cause.evidence.rivals,
        },
        "also": list(cause.also),
        "other_pairs": cause.fitting,
    }


def json_value(value: Any) -> Any:
    """A value as JSON has it: a fraction as text."""
    if isinstance(value, tuple):
        return [json_value(each) for each in value]
    return str(value) if isinstance(value, Fraction) else value
