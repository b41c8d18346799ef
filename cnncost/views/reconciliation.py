"""What tools count for one network, as a table and as JSON."""

from __future__ import annotations

import re
from typing import Any

from cnncost import numbers
from cnncost.comparison.reconciliation import MACS, Reconciliation, ToolCount
from cnncost.count.sizings import SIZINGS
from cnncost.tables.table import SCHEMA, Column, Table


def table(found: Reconciliation, exact: bool = False) -> Table:
    """One row per tool, the smallest count first; with a number, only the tools that print it."""
    how = {count.tool: word for count, word in found.found}
    counts = [count for count in found.counts if not found.number or count.tool in how]
    values = [count.value for count in counts]
    sums = [sum_text(count, exact) for count in counts]
    columns = [
        Column("tool", "tool", [count.tool for count in counts], left=True),
        Column("version", "version", [count.convention.version for count in counts], left=True, spare=2),
        Column("quantity", "quantity", [count.label for count in counts], left=True, spare=1),
        Column("value", "number", values, [grouped(c.value) + " + ?" * bool(c.unknown) for c in counts]),
        Column(
            "prints", found.number, [how.get(count.tool, "") for count in counts], left=True, hidden=not how
        ),
        Column("terms", "is the sum of", sums, [unbroken(text) for text in sums], left=True, wraps=True),
    ]
    caption = f"{found.graph.name}, input {found.graph.input_text}, one sample"
    return Table(caption, columns, notes(found), data=lambda: data(found))


def grouped(value: Any) -> str:
    """A count in full, in groups of three digits: 4 111 512 576."""
    return f"{value:,}".replace(",", " ")


def sum_text(count: ToolCount, exact: bool) -> str:
    """`4.09 G multiply-adds + 22.2 M BatchNorm - 1.2 k …`."""
    text = ""
    for what, value in count.terms.items():
        sign = "-" if value < 0 else "+"
        amount = grouped(abs(value)) if exact else numbers.human(abs(value))
        text += f" {sign} {amount} {what}" if text else f"{amount} {what}"
    return text


def unbroken(text: str) -> str:
    """A sum whose lines do not break within an amount, or behind a sign."""
    return re.sub(r"(?<=[\d+-]) (?=[\dkMGTP]\b|\d)", "\u00a0", text)


EACH_TOTAL = (
    "Each tool's total for the model as PyTorch runs it; each sum adds up to the number. A name such as "
    "BatchNorm is what the tool counts for these layers."
)
EACH_SIZE = "What each tool prints for one sample in float32; each sum adds up to the number."


def notes(found: Reconciliation) -> tuple[str, ...]:
    """What the words mean, and which tools print the number that was asked for."""
    lines = [EACH_SIZE if found.quantity in SIZINGS else EACH_TOTAL]
    for count in found.counts:
        if count.unknown and found.quantity in SIZINGS:
            kinds = ", ".join(count.unknown)
            lines.append(f"{count.tool}: how it counts networks with {kinds} is not known here.")
        elif count.unknown:
            kinds = ", ".join(count.unknown)
            lines.append(
                f"{count.tool}: how it counts {kinds} is not known here; its number leaves them out."
            )
    if found.number and not found.found:
        option = {"operations": "macs", "params": "params", "memory": "memory"}.get(found.quantity)
        further = f" `cnncost diagnose {found.graph.name} --{option} {found.number}` looks further."
        nothing = f"No tool here prints {found.number} for {found.graph.name}."
        lines.insert(0, nothing + further * bool(option))
    return tuple(lines)


def data(found: Reconciliation) -> dict[str, Any]:
    """The JSON of ``cnncost reconcile --format json``: exact numbers."""
    how = {count.tool: word for count, word in found.found}
    return {
        "schema": SCHEMA,
        "name": found.graph.name,
        MACS.replace("-", "_"): found.counts[0].terms.get(MACS),
        "number": found.number or None,
        "tools": [
            {
                "tool": count.tool,
                "version": count.convention.version or None,
                "quantity": count.label,
                "source": count.convention.source,
                "value": count.value,
                "terms": [{"what": what, "value": value} for what, value in count.terms.items()],
                "unknown": list(count.unknown),
                "prints": how.get(count.tool) or None,
            }
            for count in found.counts
        ],
    }
