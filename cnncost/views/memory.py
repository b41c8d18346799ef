"""What a network needs to run or to train, as tables and as JSON."""

from __future__ import annotations

from typing import Any

from cnncost import numbers
from cnncost.count.memory import MemoryUse
from cnncost.count.timeline import KINDS
from cnncost.numbers import decimal
from cnncost.tables.table import SCHEMA, Column, Document, Paragraph, Part, Table
from cnncost.timing.requirement import Requirement

NOT_COUNTED = "the library itself (about half a GB on a GPU), workspace of convolutions, fragmentation"


def amount(value: int, exact: bool = False) -> str:
    """Bytes with a unit: `103 MB`; in full if asked for."""
    return f"{value:,} B" if exact else numbers.human(value, numbers.BYTE_UNITS)


def document(found: Requirement, exact: bool = False, steps: bool = False) -> Document:
    """What is needed and what fits; with `steps`, also each step; with several sizes, one row for each."""
    use = found.use
    parts: list[Part] = [parts_table(found, exact)]
    if steps:
        parts = [steps_table(use, exact)]
    if found.sizes or found.left_out:
        parts = [sizes_table(found, exact)]
    parts += [Paragraph.of(*answers(found, exact))] if answers(found, exact) else []
    tables = [part for part in parts if isinstance(part, Table)]
    return Document(parts, records=tables[0], data=lambda: data(found, steps))


def caption(use: MemoryUse) -> str:
    """The network and how it is run."""
    run, graph = use.run, use.graph
    changed = f" with {graph.settings}" if graph.settings else ""
    how = f"training with {use.optimizer}" if run.train else "inference"
    stages = ", checkpoints by stage" if use.checkpoint else ""
    return f"{graph.name}{changed}, input {graph.input_text}, batch {run.batch}, {run.dtype}: {how}{stages}"


def parts_table(found: Requirement, exact: bool) -> Table:
    """One row per part of the memory at the peak."""
    use = found.use
    rows = parts_of(use)
    total = use.total_bytes
    names, values = [name for name, _ in rows], [value for _, value in rows]
    shares = [numbers.percent(value, total) for value in (*values, total)]
    columns = [
        Column("part", "memory", [*names, "total at the peak"], left=True),
        Column("bytes", "bytes", [*values, total], [amount(value, exact) for value in (*values, total)]),
        Column(
            "share",
            "share",
            [float(share) for share in shares],
            [f"{decimal(share * 100, 1)} %" for share in shares],
            shares=shares,
        ),
    ]
    return Table(caption(use), columns, notes(use, exact), summary=1)


def parts_of(use: MemoryUse) -> list[tuple[str, int]]:
    """The parts of the memory at the peak; they add up to the total."""
    at = [(kind, use.timeline.of_kind(kind, use.timeline.peak)) for kind in KINDS]
    state = use.optimizer_bytes - use.master_bytes
    also = [("optimizer state", state), ("float32 weights", use.master_bytes), *at]
    return [("weights and buffers", use.weights_bytes), *[(name, size) for name, size in also if size]]


def notes(use: MemoryUse, exact: bool) -> list[str]:
    """Where the peak is, what bounds it, and what is not counted."""
    lines = [f"The peak is at {use.peak_at}."]
    if use.run.train:
        kept, gradients = amount(use.saved_bytes, exact), amount(use.gradients_bytes, exact)
        lines.append(f"Gradients of all weights, at the end of the backward pass: {gradients}.")
        if use.checkpoint:
            without = amount(use.changed(checkpoint=False).total_bytes, exact)
            again = numbers.human(use.again_macs)
            lines.append(f"Without checkpoints it takes {without}. They compute {again} multiply-adds twice.")
        else:
            lines.append(f"Kept for the backward pass at the end of the forward pass: {kept}.")
    elif use.lower_bound_bytes < use.peak_bytes:
        lower = amount(use.lower_bound_bytes, exact)
        lines.append(f"In no order of the layers are the maps below {lower}.")
    unknown = dict.fromkeys(node.type for node in use.graph.nodes if not node.layer.cost_known)
    if unknown:
        lines.append(
            f"What {', '.join(unknown)} keeps or needs besides its output is not known, and left out."
        )
    return [*lines, f"Not counted: {NOT_COUNTED}."]


def answers(found: Requirement, exact: bool) -> list[str]:
    """Whether it fits, and what would."""
    budget, use = found.budget, found.use
    if budget is None or found.sizes:
        return []
    room = f"{budget.text} ({amount(budget.bytes)})" if budget.device else budget.text
    if not found.largest_batch:
        needed = amount(use.with_batch(1).total_bytes, exact)
        return [f"Not even batch 1 fits into {room}: it takes {needed}.{advice(found)}"]
    fits = "fits" if use.total_bytes <= budget.bytes else "does not fit"
    lines = [f"Batch {use.run.batch} {fits} into {room}. The largest that fits is {found.largest_batch:,}."]
    if budget.device:
        lines.append(f"{budget.device.card.title}: {budget.device.card.source}.")
    return lines


def advice(found: Requirement) -> str:
    """What would fit, where not even one sample does."""
    budget, use = found.budget, found.use.with_batch(1)
    assert budget is not None
    if use.always_bytes > budget.bytes:
        return f" Its weights {'and their state ' * use.run.train}alone take {amount(use.always_bytes)}."
    ways = {"--dtype float16": use.in_dtype("float16")}
    if use.run.train:
        ways = {"--checkpoint stage": use.changed(checkpoint=True), **ways}
    fitting = [way for way, one in ways.items() if one.total_bytes <= budget.bytes]
    return (
        f" It fits with {fitting[0]}."
        if fitting
        else " Take a smaller input: --over input=… shows what fits."
    )


def steps_table(use: MemoryUse, exact: bool) -> Table:
    """One row per step: what is in memory while it runs."""
    events, live = use.timeline.events, use.timeline.live
    totals = [use.always_bytes + size for size in live]
    peak = use.timeline.peak
    columns = [
        Column("step", "step", list(range(1, len(events) + 1))),
        Column("layer", "layer", [event.layer for event in events], left=True),
        Column("stage", "stage", [event.stage for event in events], left=True, hidden=True),
        Column("phase", "phase", [event.phase for event in events], left=True, hidden=not use.run.train),
        Column("live_bytes", "maps and gradients", live, [amount(size, exact) for size in live]),
        Column(
            "total_bytes",
            "total",
            totals,
            [amount(size, exact) for size in totals],
            shares=[numbers.percent(size, use.total_bytes) for size in totals],
        ),
    ]
    return Table(caption(use), columns, notes(use, exact), row_styles={peak: "bold red"})


def sizes_table(found: Requirement, exact: bool) -> Table:
    """One row per size of the input: what it takes, and the largest batch that fits."""
    rows = found.sizes
    totals = [row.use.total_bytes for row in rows]
    peaks = [row.use.peak_bytes for row in rows]
    batches = [row.largest_batch for row in rows]
    columns = [
        Column("value", "value", [row.value for row in rows], left=True),
        Column("peak_bytes", "maps at the peak", peaks, [amount(size, exact) for size in peaks]),
        Column("total_bytes", "total", totals, [amount(size, exact) for size in totals]),
        Column(
            "largest_batch",
            "largest batch",
            batches,
            ["none" if batch == 0 else f"{batch:,}" if batch else "" for batch in batches],
            hidden=found.budget is None,
        ),
    ]
    lines = [f"Left out: {value}: {reason}." for value, reason in found.left_out]
    if found.budget:
        lines.insert(0, f"The largest batch is the one that fits into {found.budget.text}.")
    return Table(caption(found.use), columns, lines)


def data(found: Requirement, steps: bool) -> dict[str, Any]:
    """The JSON of ``cnncost memory``: exact bytes."""
    use, budget = found.use, found.budget
    result: dict[str, Any] = {
        "schema": SCHEMA,
        "name": use.graph.name,
        "input": use.graph.input_sizes,
        "batch": use.run.batch,
        "dtype": use.run.dtype,
        "train": use.run.train,
        "optimizer": use.optimizer if use.run.train else None,
        "checkpoint": use.checkpoint,
        "peak_bytes": use.peak_bytes,
        "peak_at": use.peak_at,
        "weights_bytes": use.weights_bytes,
        "gradients_bytes": use.gradients_bytes,
        "gradients_at_peak_bytes": use.gradients_at_peak_bytes,
        "optimizer_bytes": use.optimizer_bytes,
        "saved_bytes": use.saved_bytes,
        "total_bytes": use.total_bytes,
        "lower_bound_bytes": None if use.run.train else use.lower_bound_bytes,
        "recomputed_macs": use.again_macs,
        "budget_bytes": budget.bytes if budget else None,
        "device": budget.device.card.name if budget and budget.device else None,
        "largest_batch": found.largest_batch,
        "at_peak": [
            {"name": storage.name, "stage": storage.stage, "kind": storage.kind, "bytes": storage.bytes}
            for storage in use.timeline.at(use.timeline.peak)
        ],
    }
    if found.sizes:
        result["sizes"] = [size_dict(size.value, size.use, size.largest_batch) for size in found.sizes]
    if steps:
        pairs = zip(use.timeline.events, use.timeline.live, strict=True)
        result["steps"] = [{"layer": e.layer, "phase": e.phase, "live_bytes": size} for e, size in pairs]
    return result


def size_dict(value: str, use: MemoryUse, batch: int | None) -> dict[str, Any]:
    """One value of a sweep."""
    sizes = {"peak_bytes": use.peak_bytes, "total_bytes": use.total_bytes}
    return {"value": value, "input": use.graph.input_sizes, **sizes, "largest_batch": batch}
