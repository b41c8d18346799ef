"""The columns of a grid: which one names the layers, and what the others are about.

A column with an unknown header is not marked, with a remark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cnncost.errors import did_you_mean
from cnncost.homework.read.cells import read_cell
from cnncost.homework.read.grid import AnswersError, Grid
from cnncost.homework.read.header_words import LAYER, TYPE, Meaning, header_meaning, known_headers, words_of
from cnncost.homework.read.quantities import QUANTITIES, SHAPE
from cnncost.homework.read.text import printable


@dataclass(frozen=True)
class Headers:
    """The columns of a grid whose meaning is known, by their index; `remarks` name the others."""

    layer: int | None
    type: int | None
    asked: dict[int, Meaning]
    remarks: tuple[str, ...]


def read_headers(grid: Grid) -> Headers:
    """What the columns of a grid mean."""
    meanings = settled([header_meaning(header) for header in with_sides(grid.header)])
    columns: dict[str, list[int]] = {}
    for i, found in enumerate(meanings):
        if found:
            columns.setdefault(found.key, []).append(i)
    if len(layers := columns.get(LAYER, [])) > 1:  # a name, and next to it a number or the stage
        columns[LAYER] = [i for i in layers if is_names(grid, i)] or layers
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
    layer = columns[LAYER][0] if LAYER in columns else column_of_names(grid, meanings)
    unknown = [
        header for i, header in enumerate(grid.header) if header and meanings[i] is None and i != layer
    ]
    return Headers(
        layer,
        next(iter(columns.get(TYPE, [])), None),
        with_shapes(asked, grid),
        (
            *(
                f"column `{printable(grid.header[i])}` is read as {found.quantity.words}"
                for i, found in asked.items()
                if found.guessed and found.quantity
            ),
            *(
                f"column `{printable(header)}` is not marked"
                + did_you_mean(words_of(header), known_headers(), cutoff=0.75)
                for header in unknown
            ),
        ),
    )


def column_of_names(grid: Grid, meanings: Sequence[Meaning | None]) -> int | None:
    """The first column with an unknown or no header and with words in most cells; None without one."""
    fitting = (i for i, found in enumerate(meanings) if found is None or found.key == TYPE)
    return next((i for i in fitting if has_words(grid, i)), None)


def has_words(grid: Grid, column: int) -> bool:
    """Whether most cells of a column begin with a letter."""
    filled = [row[column].text for row in grid.rows if not row[column].blank]
    return 2 * sum(text[:1].isalpha() for text in filled) > len(filled)


def is_names(grid: Grid, column: int) -> bool:
    """Whether a column that may name layers does, and not their stages."""
    return words_of(grid.header[column]) not in ("stage", "block") and has_words(grid, column)


def settled(meanings: Sequence[Meaning | None]) -> list[Meaning | None]:
    """The meanings of a header's columns together.

    Of several for one quantity, those that were only guessed are left out where another is known.
    """
    known = {found.key for found in meanings if found and not found.guessed}
    taken: set[str] = set()
    kept: list[Meaning | None] = []
    for found in meanings:
        again = found is not None and found.guessed and (found.key in known or found.key in taken)
        kept.append(None if again else found)
        taken |= {found.key} if found else set()
    return kept


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
    """The meanings, where the numbers in the cells tell channels, sizes and shapes apart."""
    changed = dict(asked)
    for i, meaning in asked.items():
        side = meaning.key.partition("_")[0]
        if meaning.key not in ("out_size", "in_size", "out_channels", "in_channels"):
            continue
        axes = max((len(read_cell(row[i], SHAPE).sizes) for row in grid.rows), default=0)
        key = f"{side}_shape" if axes >= 3 else f"{side}_size" if axes == 2 else meaning.key
        if key not in {meaning.key for meaning in changed.values()}:
            changed[i] = replace(meaning, key=key)
    return changed
