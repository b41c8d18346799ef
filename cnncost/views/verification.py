"""What a comparison with PyTorch found, as text, JSON, CSV and Markdown: differences first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import groupby
from operator import add
from textwrap import wrap
from typing import Any

from cnncost import numbers
from cnncost.measure.verification.results import Mismatch, QuantityCheck, Verification
from cnncost.tables.grid import grid
from cnncost.tables.terminal import Part

WIDEST = 100
OUTCOMES = ("same", "different", "not_counted", "not_checked")
TITLES = ("same", "different", "not counted", "not checked")
MOST = 10
"""Mismatchs of one quantity that are told one by one."""


def lines(results: Sequence[Verification], width: int = 80) -> Iterator[list[Part]]:
    """Every difference, then a row a network where there are several, then the counts of all together."""
    width = min(width, WIDEST)
    for result in results:
        if result.mismatches:
            yield [(result.name, "bold")]
            for comparison in result.checks:
                yield from differing(comparison, width)
            yield []
    if len(results) > 1:
        yield from table(["network", *quantities(results)], [row(result) for result in results])
        yield []
    yield [(caption(results), "bold")]
    yield []
    total = [reduce(add, group) for group in by_quantity(results)]
    yield from table(["", "", *TITLES], [counts(comparison) for comparison in total], texts=2)
    yield []
    for comparison in total:
        yield from explained(comparison, width)


def caption(results: Sequence[Verification]) -> str:
    """What was compared."""
    layers = sum(result.layers for result in results)
    if len(results) > 1:
        return f"{len(results)} networks, {layers} layers, {results[0].dtype}"
    (result,) = results
    return f"{result.name}, input {numbers.shape(result.input_shape)}, {result.dtype}, {layers} layers"


def differing(comparison: QuantityCheck, width: int) -> Iterator[list[Part]]:
    """The differences of a quantity, layer by layer."""
    for difference in comparison.mismatches[:MOST]:
        text = f"{place(difference)}: {told(difference.ours)} here, {told(difference.theirs)} there"
        first, *rest = wrap(text, width - 10)
        yield [(f"  {comparison.quantity:8}", "bold red"), (first, "")]
        yield from ([(" " * 10 + line, "")] for line in rest)
    if (more := len(comparison.mismatches) - MOST) > 0:
        yield [(f"  {comparison.quantity:8}and {more} more: --format json has them all", "")]


def place(difference: Mismatch) -> str:
    """Which layer differs, and in what."""
    return f"{difference.node}, {difference.what}" if difference.what else difference.node


def told(value: Any) -> str:
    """One side: a number, a shape, what an output sees along each axis, a weight, or nothing."""
    if value is None:
        return "nothing"
    if isinstance(value, str) or not isinstance(value, tuple):
        return str(value)
    if value and isinstance(value[0], str):
        return f"{value[0]} {numbers.shape(value[1])}"
    if all(isinstance(n, int) for n in value):
        return numbers.shape(value)
    return " × ".join("nothing" if extent is None else f"{extent[0]} to {extent[1]}" for extent in value)


def quantities(results: Iterable[Verification]) -> list[str]:
    """The quantities that were asked for, in their order."""
    return list(dict.fromkeys(c.quantity for result in results for c in result.checks))


def by_quantity(results: Iterable[Verification]) -> list[list[QuantityCheck]]:
    """The comparisons of each quantity."""
    results = list(results)
    return [
        [comparison for result in results for comparison in result.checks if comparison.quantity == name]
        for name in quantities(results)
    ]


def row(result: Verification) -> list[str]:
    """A network: of each quantity how many are the same, and of how many where some differ."""
    cells = [str(c.compared) if not c.mismatches else f"{c.same} of {c.compared}" for c in result.checks]
    return [result.name, *cells]


def counts(comparison: QuantityCheck) -> list[str]:
    """A quantity: its unit, and the counts; nothing where there are none."""
    return [comparison.quantity, comparison.unit, *(str(n or "") for n in comparison.counts.values())]


def table(header: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 1) -> Iterator[list[Part]]:
    """A small table; its first columns are texts."""
    head, rule, *body = grid("terminal", header, rows, left=range(texts)).splitlines()
    yield [(head, "bold")]
    yield [(rule, "dim")]
    for line, cells in zip(body, rows, strict=True):
        different = any(" of " in cell for cell in cells) or (texts == 2 and cells[3])
        yield [(line, "bold red" if different else "")]


def explained(comparison: QuantityCheck, width: int) -> Iterator[list[Part]]:
    """What a quantity was held against, and why some of it was not."""
    parts = [comparison.against]
    for title, reasons in (("not counted", comparison.not_counted), ("not checked", comparison.not_checked)):
        parts += [f"{n} {title}: {reason}" for reason, n in reasons.items()]
    for i, part in enumerate(parts):
        for j, line in enumerate(wrap(part, width - 8)):
            name = comparison.quantity if i == j == 0 else ""
            yield [(f"{name:8}", "bold"), (line, "dim")]


def to_dict(results: Sequence[Verification]) -> dict[str, Any]:
    """The JSON of ``cnncost verify --format json``."""
    return {
        "schema": 1,
        "differences": sum(result.mismatches for result in results),
        "networks": [
            {
                "name": result.name,
                "input": list(result.input_shape),
                "dtype": result.dtype,
                "layers": result.layers,
                "comparisons": [comparison_dict(comparison) for comparison in result.checks],
            }
            for result in results
        ],
    }


def comparison_dict(comparison: QuantityCheck) -> dict[str, Any]:
    """One quantity as plain data."""
    return {
        "quantity": comparison.quantity,
        "unit": comparison.unit,
        "against": comparison.against,
        **comparison.counts,
        "reasons": {**comparison.not_counted, **comparison.not_checked},
        "differences": [dict(vars(difference)) for difference in comparison.mismatches],
    }


def to_json(results: Sequence[Verification]) -> str:
    """All of it as one JSON object."""
    return json.dumps(to_dict(results), indent=2, ensure_ascii=False) + "\n"


def records(results: Sequence[Verification]) -> list[list[str]]:
    """A row for each quantity of each network."""
    return [
        [result.name, c.quantity, c.unit, *map(str, c.counts.values())]
        for result in results
        for c in result.checks
    ]


def to_csv(results: Sequence[Verification]) -> str:
    """A line for each quantity of each network."""
    return grid("csv", ["name", "quantity", "unit", *OUTCOMES], records(results))


def markdown(results: Sequence[Verification]) -> str:
    """A table of the counts, network by network, and one of the differences, if there are any."""
    parts = []
    for name, group in groupby(records(results), key=lambda record: record[0]):
        rows = [record[1:] for record in group]
        parts.append(f"**{name}**\n\n" + grid("markdown", ["", "", *TITLES], rows, left=range(2)))
    different = [
        [result.name, comparison.quantity, place(d), told(d.ours), told(d.theirs)]
        for result in results
        for comparison in result.checks
        for d in comparison.mismatches
    ]
    if different:
        escaped = [[cell.replace("|", "\\|") for cell in line] for line in different]
        header = ["network", "quantity", "layer", "here", "there"]
        parts.append(grid("markdown", header, escaped, left=range(5)))
    return "\n".join(parts)
