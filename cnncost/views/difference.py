"""What differs between two networks, as text, CSV and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from cnncost import numbers
from cnncost.comparison.details import Detail
from cnncost.comparison.difference import CHANGED, COSTS, Change, Difference
from cnncost.count.convention import memory_steps
from cnncost.count.profile import NetworkCost, Totals
from cnncost.tables.grid import grid
from cnncost.tables.sheet import Sheet
from cnncost.tables.table import SCHEMA
from cnncost.views.data import listed, totals_dict
from cnncost.views.network_table import caption as profile_caption

MOST_INPUTS = 2
"""Inputs of one layer that are told one by one."""


def sheet(found: Difference, exact: bool = False) -> Sheet:
    """A row a change, and below them the totals of both networks and their difference."""
    convention = found.after.convention
    many = any(len(change.names) > 1 for change in found.changes)
    rows = [change_row(change, found, exact) for change in found.changes]
    before, after = titles(found)
    totals = [
        (title, "", "", *costs(found, sums, exact, sign))
        for title, sums, sign in (
            (before, found.before.totals, False),
            (after, found.after.totals, False),
            ("difference", found.costs, True),
        )
    ]
    made = Sheet(
        caption(found),
        ("layer", "", "change", "params", convention.flops_label, "memory"),
        (*rows, *totals),
        notes(found),
        left=(0, 1, 2),
        spare=(5,),
        wraps=2,
        rules=(len(rows),),
    )
    return made if many else made.without([1])


def titles(found: Difference) -> tuple[str, str]:
    """The networks' names, told apart where they are the same."""
    before, after = found.before.name, found.after.name
    return (before, after) if before != after else (f"{before} before", f"{after} after")


def caption(found: Difference) -> str:
    """From which network to which, and how they are counted."""
    before, after = found.before, found.after
    if before.graph.input_shape == after.graph.input_shape:
        return f"{before.name} → {profile_caption(after)}"
    shapes = [numbers.shape(p.graph.input_shape) for p in (before, after)]
    counted = f"batch {after.batch}, {after.dtype}, convention {after.convention.name}"
    return f"{before.name}, input {shapes[0]} → {after.name}, input {shapes[1]}, {counted}"


def nothing(found: Difference) -> str:
    """What to say where no layer differs."""
    t = found.after.totals
    layers = f"{found.same} layers, {numbers.human(t.params)} params, {numbers.human(t.macs)} MACs"
    names = f"; {found.renamed} of them have another name" if found.renamed else ""
    return f"nothing differs between {found.before.name} and {found.after.name}: {layers}{names}"


def notes(found: Difference) -> tuple[str, ...]:
    """What did not change, and how is counted."""
    convention = found.after.convention
    counted = {0: "No layer is", 1: "1 layer is"}.get(found.same, f"{found.same} layers are")
    alike = f"{counted} the same"
    names = f", {found.renamed} of them under another name" if found.renamed else ""
    follows = any(change.follows for change in found.changes)
    only = "Where only the input differs, the layer itself is as it was." if follows else ""
    return (f"{alike}{names}. {only}".strip(), f"{convention.flops_label}: {convention.summary}.")


def change_row(change: Change, found: Difference, exact: bool) -> tuple[str, ...]:
    """One change: where, how often, what, and what it costs together."""
    often = f"×{len(change.names)}" if len(change.names) > 1 else ""
    return place(change), often, told(change), *costs(found, change.costs, exact, sign=True)


def costs(found: Difference, totals: Totals, exact: bool, sign: bool) -> tuple[str, str, str]:
    """Params, FLOPs and memory; differences with their sign."""

    def cell(value: int, symbols: tuple[str, ...] = numbers.PREFIXES, base: int = 1000) -> str:
        if exact:
            return f"{value:{'+' if sign else ''}} {symbols[0]}".rstrip() if value else "0"
        return (numbers.signed if sign else numbers.human)(value, symbols, base) if value else "0"

    memory = cell(totals.memory_bytes, *memory_steps(found.after.convention))
    return cell(totals.params), cell(totals.flops), memory


def place(change: Change) -> str:
    """The layer's name; of several `conv4_x.6 … conv4_x.22`, or `conv*_x.*.body` where they lie apart."""
    first, last = change.names[0], change.names[-1]
    if first == last:
        return first
    if change.kind != CHANGED and first.rpartition(".")[0] == last.rpartition(".")[0]:
        return f"{first} … {last}"
    parts = zip(*(re.split(r"(\d+)", name) for name in change.names), strict=True)
    return "".join(found[0] if len(set(found)) == 1 else "*" for found in parts)


def told(change: Change) -> str:
    """What changed: the arguments, or what was added or removed."""
    if change.kind == CHANGED:
        return "; ".join(map(detail_text, shown(change.details)))
    if len(change.calls) == 1:
        return f"{change.kind}: {change.calls[0]}"
    number = len(change.names)
    if number == 1:
        return f"{change.kind}: {change.layers} layers"
    return f"{change.kind}: {number} blocks of {len(change.calls)} layers"


def shown(details: Sequence[Detail]) -> list[Detail]:
    """The details less the inputs beyond the first few."""
    inputs = [one for one in details if one.what.startswith("input")]
    return [one for one in details if one not in inputs[MOST_INPUTS:]]


def detail_text(detail: Detail) -> str:
    """`groups 1 → 32`, `input size 56 → 55`, `+ BatchNorm2d`, and `out_channels ×2` of several."""
    (before, after), *others = detail.changes
    if others and detail.factor is not None:
        return f"{detail.what} {numbers.times(detail.factor)}"
    if others:
        return f"{detail.what} {detail.step:+}" if detail.step is not None else f"{detail.what} differs"
    if before is None:
        return f"+ {after}"
    if after is None:
        return f"- {before}"
    what = "" if detail.what in ("type", "follower") else f"{detail.what} "
    return f"{what}{one_side(before)} → {one_side(after)}"


def one_side(value: Any) -> str:
    """What something was, or is."""
    return numbers.shape(value) if isinstance(value, tuple) else str(value)


def to_dict(found: Difference) -> dict[str, Any]:
    """The JSON of ``cnncost diff --format json``: exact numbers, in the order of computation."""
    p = found.after
    return {
        "schema": SCHEMA,
        "batch": p.batch,
        "dtype": p.dtype,
        "convention": p.convention.name,
        "train": p.train,
        "before": network_dict(found.before),
        "after": network_dict(found.after),
        "difference": costs_dict(found.costs),
        "same": found.same,
        "renamed": found.renamed,
        "changes": [change_dict(change) for change in found.changes],
    }


def network_dict(profile: NetworkCost) -> dict[str, Any]:
    """A network's name, input and totals."""
    return {
        "name": profile.name,
        "input": list(profile.graph.input_shape),
        "totals": totals_dict(profile.totals),
    }


def change_dict(change: Change) -> dict[str, Any]:
    """One change, with all its layers or blocks."""
    details = [{"what": one.what, "changes": listed(one.changes)} for one in change.details]
    return {
        "kind": change.kind,
        "names": list(change.names),
        "layers": change.layers,
        "follows": change.follows,
        "details": details,
        "calls": list(change.calls),
        **costs_dict(change.costs),
    }


def costs_dict(totals: Totals) -> dict[str, int]:
    """What something costs more, or less."""
    return {name: getattr(totals, name) for name in COSTS}


def to_json(found: Difference) -> str:
    """The difference as one JSON object."""
    return json.dumps(to_dict(found), indent=2, ensure_ascii=False) + "\n"


FIELDS = ("kind", "names", "count", "change", *COSTS)


def to_csv(found: Difference) -> str:
    """A line a change, with exact numbers; the names with spaces between."""
    rows = [
        [
            change.kind,
            " ".join(change.names),
            str(len(change.names)),
            told(change),
            *(str(getattr(change.costs, cost)) for cost in COSTS),
        ]
        for change in found.changes
    ]
    return grid("csv", FIELDS, rows)
