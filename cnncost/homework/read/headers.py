"""What the header of a column means: the layer's name or type, or a quantity with its unit.

`# parameters (k)`, `Params`, `params_k` and `Mem [KB]` are all understood. A column with an unknown header
is not marked, with a remark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from cnncost.errors import did_you_mean
from cnncost.homework.read.cells import read_cell
from cnncost.homework.read.grid import AnswersError, Grid
from cnncost.homework.read.quantities import BYTES, COUNT, QUANTITIES, SHAPE, Quantity
from cnncost.homework.read.text import printable
from cnncost.homework.read.unit_names import UNITS, unit_of_header

LAYER, TYPE = "layer", "type"
NAMES = {
    LAYER: ("layer", "name", "layers", "layer name", "node", "stage", "block"),
    TYPE: ("type", "layer type", "kind", "operation type", "op"),
}
NUMBER_OF = ("number of ", "no of ", "num ", "n ", "total ", "nr of ", "amount of ", "count of ")
"""Words that people write before the thing counted; `#` is read as `number of`."""
MEMORY_UNITS = ("kb", "mb", "bytes", "kib", "mib")
"""Units that are a whole header."""


@dataclass(frozen=True)
class Meaning:
    """What a header means: a key of QUANTITIES, `layer` or `type`; and the unit that it names."""

    key: str
    unit: str = ""

    @property
    def quantity(self) -> Quantity | None:
        """The quantity; None for the columns that identify a layer."""
        return QUANTITIES.get(self.key)


def header_meaning(header: str) -> Meaning | None:
    """What a header means; None where it is unknown."""
    words, unit = split_unit(header)
    uncounted = [words.removeprefix(start) for start in NUMBER_OF if words.startswith(start)]
    outside = words_of(re.sub(r"\([^()]*\)|\[[^][]*\]", " ", header))  # output size (C x H x W)
    for text in (words, words.removesuffix(" count"), *uncounted, outside):
        if key := known_headers().get(text):
            kind = QUANTITIES[key].kind if key in QUANTITIES else ""
            if kind == COUNT and unit in UNITS[BYTES]:  # params_bytes is not the number of parameters
                return None
            return Meaning(key, unit if kind in (COUNT, BYTES) else "")
    if unit_first := re.fullmatch(r"([kmgt])(flops?|macs?|params?|parameters)", words):  # MFLOPs, GMACs
        return Meaning(known_headers()[unit_first[2]], unit_first[1].upper().replace("K", "k"))
    return Meaning("memory", words.upper()) if words in MEMORY_UNITS else None


def split_unit(header: str) -> tuple[str, str]:
    """The words of a header, and the unit that it names."""
    text = header.strip()
    found = re.search(r"[(\[{]\s*(?:in\s+|×\s*)?([^()\[\]{}]*?)\s*[)\]}]\s*$", text)
    if found and (unit := unit_of_header(found[1].partition(",")[0])):
        return words_of(text[: found.start()]), unit
    words = words_of(text)
    first, _, last = words.rpartition(" ")
    first = first.removesuffix(" in")
    if first in known_headers() and (unit := unit_of_header(last)):
        return first, unit
    return words, ""


def words_of(text: str) -> str:
    """A header in lower case, with `#` in words and single spaces for all but letters and digits."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", text.replace("#", " number of "))
    words = " ".join(re.sub(r"[^a-z0-9]+", " ", spaced.casefold()).split())
    return words.replace("number of of ", "number of ").replace("number of number of ", "number of ")


@cache
def known_headers() -> dict[str, str]:
    """The words of every known header, with the key that it means."""
    names = {name: key for key, many in NAMES.items() for name in many}
    for key, quantity in QUANTITIES.items():
        spelled = (key, quantity.header, quantity.words, *quantity.names.split("|"))
        names.update({words_of(name): key for name in spelled})
    return names


@dataclass(frozen=True)
class Headers:
    """The columns of a grid whose meaning is known, by their index; `remarks` name the others."""

    layer: int | None
    type: int | None
    asked: dict[int, Meaning]
    remarks: tuple[str, ...]


def read_headers(grid: Grid) -> Headers:
    """What the columns of a grid mean."""
    meanings = [header_meaning(header) for header in with_sides(grid.header)]
    columns: dict[str, list[int]] = {}
    for i, found in enumerate(meanings):
        if found:
            columns.setdefault(found.key, []).append(i)
    if len(layers := columns.get(LAYER, [])) > 1:  # a name, and next to it the stage that it belongs to
        columns[LAYER] = [i for i in layers if words_of(grid.header[i]) not in ("stage", "block")] or layers
    for key, same in columns.items():
        if len(same) > 1:
            names = " and ".join(f"`{printable(grid.header[i])}`" for i in same)
            raise AnswersError(f"{grid.source}: two columns for {key}: {names}")
    asked = {i: found for i, found in enumerate(meanings) if found and found.quantity}
    if not asked:
        headers = printable(", ".join(grid.header), 80)
        raise AnswersError(
            f"{grid.source}: no column that can be marked: {headers}; there are {', '.join(QUANTITIES)}"
        )
    unknown = [header for header, found in zip(grid.header, meanings, strict=True) if header and not found]
    return Headers(
        next(iter(columns.get(LAYER, [])), None),
        next(iter(columns.get(TYPE, [])), None),
        with_shapes(asked, grid),
        tuple(
            f"column `{printable(header)}` is not marked"
            + did_you_mean(words_of(header), known_headers(), cutoff=0.75)
            for header in unknown
        ),
    )


def with_sides(header: Sequence[str]) -> list[str]:
    """Headers in which a repeated `C`, `H/W` or `L` names its side: first the input, then the output."""
    words = [words_of(text) for text in header]
    found = list(header)
    for text in ("c", "h w", "l", "t", "size", "channels"):
        if words.count(text) == 2:
            first = words.index(text)
            found[first], found[words.index(text, first + 1)] = f"input {text}", f"output {text}"
    return found


def with_shapes(asked: dict[int, Meaning], grid: Grid) -> dict[int, Meaning]:
    """The meanings, where a column of sizes with three numbers in a cell is one of shapes."""
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
