"""The value of a cell: a number at its written precision, a shape, or sizes.

Texts are matched with patterns, and calculations worked out by `arithmetic`; nothing is run. A text that
can be read in several ways keeps all of them, the likeliest first, so that no answer is wrong because of
its spelling.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from cnncost.homework.read.answer import Answer
from cnncost.homework.read.grid import AnswerCell
from cnncost.homework.read.quantities import BYTES, COUNT, SHAPE, SIZE
from cnncost.homework.read.text import with_common_signs
from cnncost.homework.read.written_numbers import read_number
from cnncost.homework.read.written_sizes import read_sizes

LONGEST = 500
"""Characters of a cell that can be an answer."""
NOTHING = ("none", "zero", "nothing", "no parameters", "no params", "no weights", "no learnable parameters")
"""Words for 0, in a column of counts."""


@lru_cache(20_000)
def read_cell(
    cell: AnswerCell, kind: str, unit: str = "", kilo: int = 1024, or_in_full: bool = True
) -> Answer:
    """Read a cell as one kind of value.

    Args:
        cell: the cell.
        kind: shape, size, number, count or bytes (see `quantities`).
        unit: the unit of a number written without one.
        kilo: how many bytes a KB has.
        or_in_full: also accept such a number without the unit, since people write 34944 below `params (k)`.
    """
    if len(cell.text) > LONGEST:
        return Answer(cell, problem=f"more than {LONGEST} characters: write the answer alone")
    text = with_common_signs(cell.text)
    if kind in (COUNT, BYTES) and text in NOTHING:
        text = "0"
    elif cell.blank:
        return Answer(cell)
    if kind in (SHAPE, SIZE):
        answer = read_sizes(cell, text, kind)
    else:
        answer = read_number(cell, text, kind, (unit, "") if unit and or_in_full else (unit,), kilo)
    if cell.note and answer.problem and text.startswith("="):
        return replace(answer, problem=cell.note)
    return replace(answer, remark="; ".join(filter(None, (cell.note, answer.remark))))
