"""Networks side by side, as text in every format: by their totals, or stage by stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from cnncost import numbers
from cnncost.comparison.accuracy import IMAGENET
from cnncost.comparison.side_by_side import Comparison, Entry, Errors, Section, Stage
from cnncost.count.convention import Convention, memory_steps
from cnncost.count.profile import Totals
from cnncost.tables.sheet import Sheet
from cnncost.views.network_table import side_heads


@dataclass(frozen=True)
class Writer:
    """How the numbers of a comparison are written: rounded, or in full."""

    convention: Convention
    exact: bool = False

    def count(self, value: int) -> str:
        """Parameters or operations."""
        return str(value) if self.exact else numbers.human(value)

    def bytes(self, value: int) -> str:
        """Memory: in bytes unless the convention counts elements."""
        symbols, base = memory_steps(self.convention)
        return f"{value} {symbols[0]}".rstrip() if self.exact else numbers.human(value, symbols, base)


def sheet(comparison: Comparison, width: int, exact: bool = False, by_stage: bool = False) -> Sheet:
    """A column a network where they fit `width`; else a row a network, or in stages a row for each there."""
    writer = Writer(comparison.entries[0].profile.convention, exact)
    if by_stage:
        beside, below = stages_beside(comparison, writer), stages_below(comparison, writer)
    else:
        beside, below = totals_beside(comparison, writer), totals_below(comparison, writer)
    return beside if beside.width() <= width else below


def caption(comparison: Comparison) -> str:
    """How the networks are counted, and the input that they share."""
    entries = comparison.entries
    p = entries[0].profile
    shapes = {entry.profile.graph.input_shape for entry in entries}
    shared = f"input {numbers.shape(*shapes)}, " if len(shapes) == 1 else ""
    return f"{len(entries)} networks, {shared}batch {p.batch}, {p.dtype}, convention {p.convention.name}"


def flops_note(comparison: Comparison) -> str:
    """What the convention counts."""
    convention = comparison.entries[0].profile.convention
    return f"{convention.flops_label}: {convention.summary}."


def notes(comparison: Comparison) -> tuple[str, ...]:
    """What the totals mean and leave out, and who prints the errors."""
    entries = comparison.entries
    said = [
        flops_note(comparison),
        f"×: of {entries[0].name}'s. Memory: all outputs. Depth: layers with weights on the longest path. "
        "RF: receptive field of the last map.",
    ]
    heads = {entry.name: side_heads(entry.profile) for entry in entries if not entry.profile.train}
    if listed := "; ".join(f"{name} {', '.join(found)}" for name, found in heads.items() if found):
        said.append(f"Not counted, for training only: {listed}.")
    if sources := by_source(entries):
        listed = "; ".join(f"{', '.join(names)}: {source}" for source, names in sources.items())
        said.append(f"Errors in %, as printed, not all tested alike. {listed}.")
    return tuple(said)


def by_source(entries: Sequence[Entry]) -> dict[str, list[str]]:
    """The networks of which each source prints the errors; the data set is said where it is not ImageNet."""
    found: dict[str, list[str]] = {}
    for entry in entries:
        if errors := entry.errors:
            found.setdefault(errors.source + circumstances(errors), []).append(entry.name)
    return found


def circumstances(errors: Errors) -> str:
    """On what a network was tested, where it is not ImageNet, and how, where it is not as it stands."""
    on = "" if errors.data_set == IMAGENET else f", on {errors.data_set} (*)"
    shape = errors.terms.get("input")
    terms = {**errors.terms.get("params", {}), **({"input": numbers.shape(tuple(shape))} if shape else {})}
    return on + "".join(f", {name} {value}" for name, value in terms.items())


# Totals: what is told of each network, in either layout

Cell = Callable[[Comparison, Entry, Writer], str]


def input_cell(_: Comparison, entry: Entry, __: Writer) -> str:
    """The input's shape."""
    return numbers.shape(entry.profile.graph.input_shape)


def field_cell(_: Comparison, entry: Entry, __: Writer) -> str:
    """The receptive field of the last map."""
    field = entry.receptive_field
    return numbers.sizes([axis.size for axis in field]) if field else ""


def cost_cell(cost: str) -> Cell:
    """A cost and its ratio, which a cell of the same column can stand below."""

    def cell(comparison: Comparison, entry: Entry, writer: Writer) -> str:
        value = getattr(entry.profile.totals, cost)
        text = writer.bytes(value) if cost == "memory_bytes" else writer.count(value)
        if (ratio := comparison.ratio(entry, cost)) is None or entry is comparison.entries[0]:
            return text
        return f"{text} {numbers.times(ratio)}"

    return cell


def error_cell(top: str) -> Cell:
    """An error rate; a star marks one that is not ImageNet's, beside some that are."""

    def cell(comparison: Comparison, entry: Entry, _: Writer) -> str:
        rate: Fraction | None = getattr(entry.errors, top, None)
        if entry.errors is None or rate is None:
            return ""
        data_sets = {other.errors.data_set for other in comparison.entries if other.errors}
        star = "*" if entry.errors.data_set != IMAGENET else " "
        return numbers.rate(rate) + (star if len(data_sets) > 1 else "")

    return cell


def quantities(comparison: Comparison) -> dict[str, Cell]:
    """What is told of each network, by title; not what no network has, and no input that all share."""
    label = comparison.entries[0].profile.convention.flops_label
    told = {
        "input": input_cell,
        "depth": lambda _, entry, __: str(entry.depth),
        "params": cost_cell("params"),
        label: cost_cell("flops"),
        "memory": cost_cell("memory_bytes"),
        "RF": field_cell,
        "top-1": error_cell("top1"),
        "top-5": error_cell("top5"),
    }
    if len({entry.profile.graph.input_shape for entry in comparison.entries}) == 1:
        del told["input"]
    plain = Writer(comparison.entries[0].profile.convention)
    return {
        title: cell
        for title, cell in told.items()
        if any(cell(comparison, entry, plain) for entry in comparison.entries)
    }


WORDS = {"RF": "receptive field", "top-1": "top-1 error (%)", "top-5": "top-5 error (%)"}
"""Titles in full, where there is a row for them."""


def totals_beside(comparison: Comparison, writer: Writer) -> Sheet:
    """A column a network."""
    entries = comparison.entries
    told = quantities(comparison)
    columns = [
        aligned([entry.name, *(cell(comparison, entry, writer) for cell in told.values())])
        for entry in entries
    ]
    titles = [WORDS.get(title, title) for title in told]
    names, *rows = zip(["", *titles], *columns, strict=True)
    return Sheet(caption(comparison), names, tuple(rows), notes(comparison))


SPARE = ("input", "top-5", "RF", "depth")
"""Columns that can be left out where there is no room, the first of them first."""


def totals_below(comparison: Comparison, writer: Writer) -> Sheet:
    """A row a network."""
    told = quantities(comparison)
    columns = [
        aligned([cell(comparison, entry, writer) for entry in comparison.entries]) for cell in told.values()
    ]
    rows = tuple(zip((entry.name for entry in comparison.entries), *columns, strict=True))
    spare = tuple(list(told).index(title) + 1 for title in SPARE if title in told)
    return Sheet(caption(comparison), ("network", *told), rows, notes(comparison), spare=spare)


def aligned(cells: Sequence[str]) -> list[str]:
    """Cells of one column whose ratios stand below each other, and their values as well."""
    ratios = [ratio for _, ratio in map(split, cells) if ratio]
    if not ratios:
        return list(cells)
    room = max(map(len, ratios)) + 1
    values = max(len(value) for value, _ in map(split, cells[1:]))
    return [
        value + (f" {ratio}" if ratio else " ").ljust(room if len(value) <= values else 0)
        for value, ratio in map(split, cells)
    ]


def split(cell: str) -> tuple[str, str]:
    """A cell's value and its ratio."""
    value, times, ratio = cell.partition(" ×")
    return value, times.strip() + ratio


# Stages


def stage_cells(section: Section | None, writer: Writer) -> tuple[str, str, str]:
    """Output, params and FLOPs of a network's part of a stage."""
    if section is None:
        return "", "", ""
    return (numbers.shape(section.out_shape), *cost_cells(section.totals, writer))


def cost_cells(totals: Totals, writer: Writer) -> tuple[str, str]:
    """Params and FLOPs."""
    return writer.count(totals.params), writer.count(totals.flops)


def stage_titles(comparison: Comparison) -> tuple[str, ...]:
    """The columns of a network in stages."""
    return "output", "params", comparison.entries[0].profile.convention.flops_label


def stage_notes(comparison: Comparison) -> tuple[str, str]:
    """What is counted, and what stands in one line."""
    if comparison.by_name:
        return flops_note(comparison), "Stages of the same name stand in one line."
    size = "1/4 is a map of a quarter of the input's height, to a power of two"
    return flops_note(comparison), f"Stages stand together by the size of what leaves them: {size}."


def stages_beside(comparison: Comparison, writer: Writer) -> Sheet:
    """A line a stage, three columns a network."""
    entries = comparison.entries
    lines = [
        (stage.name, *(cell for section in stage.sections for cell in stage_cells(section, writer)))
        for stage in comparison.stages
    ]
    total = ["total"]
    for entry in entries:
        total += ["", *cost_cells(entry.profile.totals, writer)]
    return Sheet(
        caption(comparison),
        ("stage" if comparison.by_name else "size", *(stage_titles(comparison) * len(entries))),
        (*lines, tuple(total)),
        stage_notes(comparison),
        group=("", *(entry.name for entry in entries for _ in range(3))),
        rules=(len(lines),),
    )


def stages_below(comparison: Comparison, writer: Writer) -> Sheet:
    """In each stage a line a network."""
    rows: list[tuple[str, ...]] = []
    for stage in comparison.stages:
        rows += stage_rows(comparison, stage, writer)
    total = len(rows)
    for i, entry in enumerate(comparison.entries):
        cells = cost_cells(entry.profile.totals, writer)
        rows.append(("" if i else "total", entry.name, "", "", *cells))
    head = ("stage" if comparison.by_name else "size", "network", "layers", *stage_titles(comparison))
    made = Sheet(
        caption(comparison),
        head,
        tuple(rows),
        stage_notes(comparison),
        left=(0, 1, 2),
        spare=(2,),
        rules=(total,),
    )
    return made.without([2]) if comparison.by_name else made


def stage_rows(comparison: Comparison, stage: Stage, writer: Writer) -> list[tuple[str, ...]]:
    """The networks that have something in a stage, a row each; the stage is named in the first."""
    rows: list[tuple[str, ...]] = []
    for entry, section in zip(comparison.entries, stage.sections, strict=True):
        if section is not None:
            name = "" if rows else stage.name
            rows.append((name, entry.name, extent(section.labels), *stage_cells(section, writer)))
    return rows


def extent(labels: Sequence[str]) -> str:
    """The names of neighbouring stages: the only one, two, or from the first to the last."""
    return ", ".join(labels) if len(labels) < 3 else f"{labels[0]} … {labels[-1]}"
