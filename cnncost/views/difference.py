"""What differs between two networks, as a table and as JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cnncost import numbers
from cnncost.comparison.details import Detail
from cnncost.comparison.difference import CHANGED, COSTS, Change, Difference
from cnncost.count.profile import NetworkCost, Totals
from cnncost.tables.table import SCHEMA, Column, Document, Paragraph, Table
from cnncost.views.costs import cost_column, counted_text
from cnncost.views.data import as_lists, totals_dict
from cnncost.views.network_table import caption as profile_caption

MOST_NAMES = 6
"""Beyond this many new names, only their number is said."""
MOST_INPUTS = 2
"""Beyond this many inputs of one layer, changes of inputs are not listed."""


def document(found: Difference, exact: bool = False) -> Document:
    """The table of changes, or one sentence where nothing differs."""
    changes = table(found, exact)
    parts = [changes] if found.changes else [Paragraph.of(no_difference(found))]
    return Document(parts, records=changes, data=lambda: difference_data(found))


def table(found: Difference, exact: bool = False) -> Table:
    """One row per change, and below them the totals of both networks and their difference."""
    changes = found.changes
    counts = [len(change.names) for change in changes]
    labels = [*map(names_pattern, changes), *titles(found), "difference"]
    names = [*(" ".join(change.names) for change in changes), *labels[-3:]]
    sums = [*(change.costs for change in changes), found.before.totals, found.after.totals, found.costs]
    signs = [*("+" for _ in changes), "", "", "+"]
    costs = (
        cost_column(cost, sums, found.after.convention, exact, signs, spare=cost == "memory_bytes")
        for cost in COSTS
    )
    columns = [
        Column("kind", "kind", [*(change.kind for change in changes), None, None, None], hidden=True),
        Column("names", "layer", names, labels, left=True),
        Column(
            "count",
            "",
            [*counts, None, None, None],
            [*(f"×{n}" if n > 1 else "" for n in counts), "", "", ""],
            left=True,
            hidden=max(counts, default=1) == 1,
        ),
        Column("change", "change", [*map(change_text, changes), "", "", ""], left=True, wraps=True),
        *costs,
    ]
    return Table(caption(found), columns, notes(found), summary=3, data=lambda: difference_data(found))


def titles(found: Difference) -> tuple[str, str]:
    """The networks' names, with `before` and `after` where they are the same."""
    before, after = found.before.name, found.after.name
    return (before, after) if before != after else (f"{before} before", f"{after} after")


def caption(found: Difference) -> str:
    """From which network to which, and how they are counted."""
    before, after = found.before, found.after
    if before.graph.inputs == after.graph.inputs:
        return f"{with_settings(before)} → {profile_caption(after)}"
    shapes = [p.graph.input_text for p in (before, after)]
    names = [with_settings(p) for p in (before, after)]
    return f"{names[0]}, input {shapes[0]} → {names[1]}, input {shapes[1]}, {counted_text(after)}"


def with_settings(profile: NetworkCost) -> str:
    """A network's name with the params that were given: `alexnet with classes=10`."""
    settings = profile.graph.settings
    return f"{profile.name} with {settings}" if settings else profile.name


def no_difference(found: Difference) -> str:
    """The sentence for two networks in which no layer differs."""
    t = found.after.totals
    layers = f"{found.same} layers, {numbers.human(t.params)} params, {numbers.human(t.macs)} MACs"
    names = f"; {found.renamed} of them have another name: {renamings(found)}" if found.renamed else ""
    what = "nothing but names differs" if found.renamed else "nothing differs"
    return f"{what} between {found.before.name} and {found.after.name}: {layers}{names}"


def renamings(found: Difference) -> str:
    """`conv2_x → layer2`, and how many more there are."""
    shown = [f"{before or '(none)'} → {after or '(none)'}" for before, after in found.names[:MOST_NAMES]]
    more = len(found.names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def notes(found: Difference) -> tuple[str, ...]:
    """How many layers did not change, and what is counted."""
    convention = found.after.convention
    counted = {0: "No layer is", 1: "1 layer is"}.get(found.same, f"{found.same} layers are")
    names = f", {found.renamed} of them under another name: {renamings(found)}" if found.renamed else ""
    follows = any(change.follows for change in found.changes)
    only = "Where only the input differs, the layer itself is unchanged." if follows else ""
    return (f"{counted} the same{names}. {only}".strip(), f"{convention.flops_label}: {convention.summary}.")


def names_pattern(change: Change) -> str:
    """The layer's name; of several `conv4_x.6 … conv4_x.22`, or `conv*_x.*.body` if not neighbours."""
    first, last = change.names[0], change.names[-1]
    if first == last:
        return first
    if change.kind != CHANGED and first.rpartition(".")[0] == last.rpartition(".")[0]:
        return f"{first} … {last}"
    parts = zip(*(re.split(r"(\d+)", name) for name in change.names), strict=True)
    return "".join(found[0] if len(set(found)) == 1 else "*" for found in parts)


def change_text(change: Change) -> str:
    """The change in words: the arguments, or the layers that were added or removed."""
    if change.kind == CHANGED:
        return "; ".join(map(detail_text, without_more_inputs(change.details)))
    if len(change.calls) == 1:
        return f"{change.kind}: {change.calls[0]}"
    number = len(change.names)
    if number == 1:
        return f"{change.kind}: {change.layers} layers"
    return f"{change.kind}: {number} blocks of {len(change.calls)} layers"


def without_more_inputs(details: Sequence[Detail]) -> list[Detail]:
    """The details without the inputs beyond the first few."""
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
    old, new = (numbers.shape(v) if isinstance(v, tuple) else str(v) for v in (before, after))
    return f"{what}{old} → {new}"


def difference_data(found: Difference) -> dict[str, Any]:
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
        "names": [list(pair) for pair in found.names],
        "changes": [change_dict(change) for change in found.changes],
    }


def network_dict(profile: NetworkCost) -> dict[str, Any]:
    """A network's name, input and totals."""
    return {
        "name": profile.name,
        "input": profile.graph.input_sizes,
        "totals": totals_dict(profile.totals),
    }


def change_dict(change: Change) -> dict[str, Any]:
    """One change, with all its layers or blocks."""
    return {
        "kind": change.kind,
        "names": list(change.names),
        "layers": change.layers,
        "follows": change.follows,
        "details": [{"what": one.what, "changes": as_lists(one.changes)} for one in change.details],
        "calls": list(change.calls),
        **costs_dict(change.costs),
    }


def costs_dict(totals: Totals) -> dict[str, int]:
    """The costs of a change."""
    return {name: getattr(totals, name) for name in COSTS}
