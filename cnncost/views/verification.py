"""A comparison with PyTorch as tables: mismatches first, then counts per network and per quantity."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

from cnncost import numbers
from cnncost.measure.verification.results import Mismatch, QuantityCheck, Verification
from cnncost.tables.table import SCHEMA, Column, Document, Line, Paragraph, Part, Table
from cnncost.views.data import as_lists

OUTCOMES = {
    "same": "same",
    "different": "different",
    "not_counted": "not counted",
    "not_checked": "not checked",
}
MOST = 10
"""The most mismatches of one quantity of a network that are shown to people."""


def document(results: Sequence[Verification]) -> Document:
    """The mismatches, a row per network where there are several, and the counts with what they mean."""
    parts: list[Part] = []
    if any(result.mismatches for result in results):
        parts.append(mismatches(results))
    if len(results) > 1:
        parts.append(networks(results))
    total = [reduce(add, checks) for checks in zip(*(result.checks for result in results), strict=True)]
    parts.append(counts(total, caption(results)))
    parts.append(Paragraph(tuple(line for check in total for line in explanation(check))))
    return Document(parts, records=records(results), data=to_dict(results))


def mismatches(results: Sequence[Verification]) -> Table:
    """Every layer that differs: what cnncost says, and what torch says."""
    shown = [
        (result.name, check, mismatch)
        for result in results
        for check in result.checks
        for mismatch in check.mismatches[:MOST]
    ]
    more = [
        f"{result.name}: {len(check.mismatches) - MOST} more in {check.quantity}; --format json has them all."
        for result in results
        for check in result.checks
        if len(check.mismatches) > MOST
    ]
    red = ["bold red"] * len(shown)
    return Table(
        "Different",
        [
            Column("name", "network", [name for name, _, _ in shown], left=True, spare=1),
            Column("quantity", "quantity", [check.quantity for _, check, _ in shown], left=True, styles=red),
            Column("layer", "layer", [layer_of(mismatch) for _, _, mismatch in shown], left=True, wraps=True),
            Column("ours", "cnncost", [value_text(m.ours) for _, _, m in shown], left=True, wraps=True),
            Column("theirs", "torch", [value_text(m.theirs) for _, _, m in shown], left=True, wraps=True),
        ],
        notes=more,
    )


def layer_of(mismatch: Mismatch) -> str:
    """The layer that differs, and which weight or output of it."""
    return f"{mismatch.node}, {mismatch.what}" if mismatch.what else mismatch.node


def value_text(value: Any) -> str:
    """One side of a mismatch: a number, a shape, a weight, or the inputs seen along each axis."""
    if value is None:
        return "nothing"
    if isinstance(value, str) or not isinstance(value, tuple):
        return str(value)
    if value and isinstance(value[0], str):
        return f"{value[0]} {numbers.shape(value[1])}"
    if all(isinstance(n, int) for n in value):
        return numbers.shape(value)
    return " × ".join("nothing" if extent is None else f"{extent[0]} to {extent[1]}" for extent in value)


def networks(results: Sequence[Verification]) -> Table:
    """A row per network: of each quantity the number compared, or `5 of 6` where some differ."""
    names = [result.name for result in results]
    columns = [Column("name", "network", names, left=True, styles=reds([r.mismatches for r in results]))]
    for checks in zip(*(result.checks for result in results), strict=True):
        texts = [f"{c.same} of {c.compared}" if c.mismatches else str(c.compared) for c in checks]
        styles = reds([len(check.mismatches) for check in checks])
        columns.append(Column(checks[0].quantity, checks[0].quantity, texts, styles=styles))
    return Table("", columns)


def reds(wrong: Sequence[int]) -> list[str]:
    """A style per row: red where there is something wrong."""
    return ["bold red" if count else "" for count in wrong]


def caption(results: Sequence[Verification]) -> str:
    """What was compared."""
    layers, first = sum(result.layers for result in results), results[0]
    if len(results) > 1:
        return f"{len(results)} networks, {layers} layers, {first.dtype}"
    return f"{first.name}, input {numbers.inputs(first.input)}, {first.dtype}, {layers} layers"


def counts(checks: Sequence[QuantityCheck], caption: str) -> Table:
    """A row per quantity: the number of values with each outcome, nothing for none."""
    styles = reds([len(check.mismatches) for check in checks])
    return Table(
        caption,
        [
            Column("quantity", "", [check.quantity for check in checks], left=True, styles=styles),
            Column("unit", "", [check.unit for check in checks], left=True, styles=styles),
            *(
                Column(key, title, texts=[str(check.counts[key] or "") for check in checks], styles=styles)
                for key, title in OUTCOMES.items()
            ),
        ],
    )


def explanation(check: QuantityCheck) -> list[Line]:
    """What a quantity was compared with, and why some values were not."""
    texts = [check.against]
    for title, reasons in (("not counted", check.not_counted), ("not checked", check.not_checked)):
        texts += [f"{n} {title}: {reason}" for reason, n in reasons.items()]
    heads = [check.quantity] + [""] * (len(texts) - 1)
    return [Line(text, "dim", f"{head:8}") for head, text in zip(heads, texts, strict=True)]


def records(results: Sequence[Verification]) -> Table:
    """A record for each quantity of each network."""
    pairs = [(result, check) for result in results for check in result.checks]
    return Table(
        "",
        [
            Column("name", "network", [result.name for result, _ in pairs]),
            Column("quantity", "quantity", [check.quantity for _, check in pairs]),
            Column("unit", "unit", [check.unit for _, check in pairs]),
            *(Column(key, title, [c.counts[key] for _, c in pairs]) for key, title in OUTCOMES.items()),
        ],
    )


def to_dict(results: Sequence[Verification]) -> dict[str, Any]:
    """The JSON of ``cnncost verify --format json``."""
    return {
        "schema": SCHEMA,
        "differences": sum(result.mismatches for result in results),
        "networks": [
            {
                "name": result.name,
                "input": as_lists(result.input),
                "dtype": result.dtype,
                "layers": result.layers,
                "comparisons": [
                    {
                        "quantity": check.quantity,
                        "unit": check.unit,
                        "against": check.against,
                        **check.counts,
                        "reasons": {**check.not_counted, **check.not_checked},
                        "differences": [dict(vars(mismatch)) for mismatch in check.mismatches],
                    }
                    for check in result.checks
                ],
            }
            for result in results
        ],
    }
