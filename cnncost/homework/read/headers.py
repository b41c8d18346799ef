"""What a column's header means: a layer's name or type, or a quantity with its unit.

`# parameters (k)`, `Params`, `params_k` and `Mem [KB]` are all understood; what is not is said, and
its column left alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from cnncost.errors import did_you_mean
from cnncost.homework.read.cells import read_cell, unit_of
from cnncost.homework.read.grid import AnswersError, Cell, Grid, printable
from cnncost.homework.read.quantities import BYTES, COUNT, QUANTITIES, SHAPE, Quantity

LAYER, TYPE = "layer", "type"
NAMES = {
    LAYER: ("layer", "name", "layers", "layer name", "node", "stage", "block"),
    TYPE: ("type", "layer type", "kind", "operation type", "op"),
}
COUNTED = ("number of ", "no of ", "num ", "n ", "total ", "nr of ", "amount of ", "count of ")
"""What people write before the thing that is counted; a sign `#` is read as `number of`."""


@dataclass(frozen=True)
class Meaning:
    """What a header stands for: a key of QUANTITIES, `layer` or `type`; and the unit that it names."""

    key: str
    unit: str = ""

    @property
    def quantity(self) -> Quantity | None:
        """The quantity; None for the columns that say which layer a row is."""
        return QUANTITIES.get(self.key)


def meaning(header: str) -> Meaning | None:
    """What a header stands for; None where nothing is known by that name."""
    words, unit = split_unit(header)
    outside = simple(re.sub(r"\([^()]*\)|\[[^][]*\]", " ", header))  # output size (C x H x W)
    for text in (words, words.removesuffix(" count"), *without_counting(words), outside):
        if key := known().get(text):
            return Meaning(key, unit if fits(key, unit) else "")
    if unit_first := re.fullmatch(r"([kmgt])(flops?|macs?|params?|parameters)", words):  # MFLOPs, GMACs
        return Meaning(known()[unit_first[2]], unit_first[1].upper().replace("K", "k"))
    if words in UNITS_AS_HEADERS:  # a column headed `KB` alone
        return Meaning("memory", words.upper())
    return None


UNITS_AS_HEADERS = ("kb", "mb", "bytes", "kib", "mib")


def without_counting(words: str) -> list[str]:
    """The words behind `number of` and the like."""
    return [words.removeprefix(start) for start in COUNTED if words.startswith(start)]


def fits(key: str, unit: str) -> bool:
    """Whether a quantity can be counted in a unit."""
    quantity = QUANTITIES.get(key)
    return bool(unit) and quantity is not None and quantity.kind in (COUNT, BYTES)


def split_unit(header: str) -> tuple[str, str]:
    """A header's words in lower case, without signs, and the unit that it names."""
    text = header.strip()
    unit = ""
    found = re.search(r"[(\[{]\s*(?:in\s+|×\s*)?([^()\[\]{}]*?)\s*[)\]}]\s*$", text)
    if found and (named := unit_of(found[1].partition(",")[0])):
        unit, text = named, text[: found.start()]
    words = simple(text)
    first, _, last = words.rpartition(" ")
    if not unit and first and (first.removesuffix(" in") in known()) and (named := unit_of(last)):
        return first.removesuffix(" in"), named
    return words, unit


def simple(text: str) -> str:
    """Lower case, `#` in words, everything but letters and digits as single spaces."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", text.replace("#", " number of "))
    words = " ".join(re.sub(r"[^a-z0-9]+", " ", spaced.casefold()).split())
    return words.replace("number of of ", "number of ").replace("number of number of ", "number of ")


@cache
def known() -> dict[str, str]:
    """Every header that is known, in its simple form, with the key that it stands for."""
    names = {name: key for key, many in NAMES.items() for name in many}
    for key, quantity in QUANTITIES.items():
        spelled = (key, quantity.header, quantity.words, *quantity.names)
        names.update({simple(name): key for name in spelled})
    return names


@dataclass(frozen=True)
class Headers:
    """The columns of a grid that mean something, by their place; `remarks` tell of the others."""

    layer: int | None
    type: int | None
    asked: dict[int, Meaning]
    remarks: tuple[str, ...]


def read_headers(grid: Grid) -> Headers:
    """What each column of a grid stands for.

    Raises:
        AnswersError: none asks anything that is known, or two ask the same.
    """
    meanings = [meaning(header) for header in doubled(grid.header)]
    places: dict[str, list[int]] = {}
    for i, found in enumerate(meanings):
        if found:
            places.setdefault(found.key, []).append(i)
    if len(layers := places.get(LAYER, [])) > 1:  # a name, and beside it the stage that it lies in
        places[LAYER] = [i for i in layers if simple(grid.header[i]) not in ("stage", "block")] or layers
    for key, twice in places.items():
        if len(twice) > 1:
            names = " and ".join(f"`{printable(grid.header[i])}`" for i in twice)
            raise AnswersError(f"{grid.source}: two columns for {key}: {names}")
    asked = {i: found for i, found in enumerate(meanings) if found and found.quantity}
    if not asked:
        headers = printable(", ".join(grid.header), 80)
        raise AnswersError(
            f"{grid.source}: no column that can be marked: {headers}; there are {', '.join(QUANTITIES)}"
        )
    strange = [header for header, found in zip(grid.header, meanings, strict=True) if header and not found]
    return Headers(
        next(iter(places.get(LAYER, [])), None),
        next(iter(places.get(TYPE, [])), None),
        shapes_for_sizes(asked, grid),
        tuple(
            f"column `{printable(h)}` is not marked{did_you_mean(simple(h), known(), 0.75)}" for h in strange
        ),
    )


AXES = re.compile(r"(?P<side>input|output|in|out)? ?(?P<axis>height|width|h|w) ?(?P<behind>in|out)?")


def one_size(grid: Grid) -> Grid:
    """The grid with each column of heights and that of widths beside it as one of sizes, 55x55."""
    axes = [axis_of(header) for header in grid.header]
    for i, axis in enumerate(axes[:-1]):
        other = axes[i + 1]
        if axis and other and axis[0] == other[0] and {axis[1], other[1]} == {"h", "w"}:
            high, wide = (i, i + 1) if axis[1] == "h" else (i + 1, i)
            header = (*grid.header[:i], f"{axis[0]} H/W".strip(), *grid.header[i + 2 :])
            rows = tuple((*row[:i], sized(row[high], row[wide]), *row[i + 2 :]) for row in grid.rows)
            return one_size(replace(grid, header=header, rows=rows))
    return grid


def axis_of(header: str) -> tuple[str, str] | None:
    """The side and the axis of a column of heights or widths: `H_out` is (output, h)."""
    found = AXES.fullmatch(simple(header))
    if not found:
        return None
    side = found["side"] or found["behind"] or ""
    return side and f"{side.removesuffix('put')}put", found["axis"][0]


def sized(high: Cell, wide: Cell) -> Cell:
    """A height and a width as one cell; blank unless both were answered."""
    if high.blank or wide.blank:
        return high if high.blank else wide
    return Cell(f"{high.text}x{wide.text}", high.row, high.note or wide.note)


def doubled(header: Sequence[str]) -> list[str]:
    """Headers where the lecture's `C` and `H/W` stand twice: first for the input, then for the output."""
    plain = [simple(text) for text in header]
    shared = [text for text in ("c", "h w", "size", "channels") if plain.count(text) == 2]
    found = list(header)
    for text in shared:
        first, second = (i for i, each in enumerate(plain) if each == text)
        found[first], found[second] = f"input {text}", f"output {text}"
    return found


def shapes_for_sizes(asked: dict[int, Meaning], grid: Grid) -> dict[int, Meaning]:
    """A column of sizes whose cells have three is one of shapes: `output size`, 96x55x55."""
    changed = {}
    present = {meaning.key for meaning in asked.values()}
    for i, meaning in asked.items():
        shape = {"out_size": "out_shape", "in_size": "in_shape"}.get(meaning.key)
        if shape and shape not in present:
            answers = [read_cell(row[i], SHAPE) for row in grid.rows]
            if any(len(answer.sizes) >= 3 for answer in answers):
                meaning = Meaning(shape)
        changed[i] = meaning
    return changed
