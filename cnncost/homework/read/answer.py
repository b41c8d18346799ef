"""What a cell says: a number at its written precision, a shape, or sizes."""

from __future__ import annotations

from dataclasses import dataclass

from cnncost.homework.read.grid import AnswerCell
from cnncost.numbers import Printed


@dataclass(frozen=True)
class Answer:
    """A cell and what it says.

    `numbers` are the ways to read it as a number, the likeliest first. `sizes` are those of a shape in
    the order written; `channels` is the place of the channel count where the notation fixes it
    (``96@55x55``). `problem` says why the cell cannot be read, `remark` what was noticed, and `slip` where
    a calculation is not what is written behind it.
    """

    cell: AnswerCell
    numbers: tuple[Printed, ...] = ()
    sizes: tuple[int, ...] = ()
    channels: int | None = None
    problem: str = ""
    remark: str = ""
    slip: str = ""

    @property
    def blank(self) -> bool:
        """Whether the cell was not filled in."""
        return self.cell.blank and not self.readable

    @property
    def readable(self) -> bool:
        """Whether the cell has a value."""
        return bool(self.numbers or self.sizes)
