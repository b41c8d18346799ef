"""Reads answers: a file or a notebook's value becomes a sheet of cells with known rows and columns."""

from cnncost.homework.read.answer import Answer
from cnncost.homework.read.cells import read_cell
from cnncost.homework.read.files import ExpectedFile, decoded, read_bounded, split_cells
from cnncost.homework.read.formats import FORMATS
from cnncost.homework.read.grid import AnswerCell, AnswersError, Grid
from cnncost.homework.read.header_words import header_meaning
from cnncost.homework.read.matching import TOTAL
from cnncost.homework.read.quantities import BYTES, COUNT, NUMBER, QUANTITIES, SHAPE, SIZE, Quantity, Value
from cnncost.homework.read.reader import read_answers, read_bytes, read_text_file
from cnncost.homework.read.sheet import (
    Address,
    AnswerSheet,
    asked_addresses,
    empty_answers,
    numbered_answers,
    read_sheet,
)
from cnncost.homework.read.text import as_sentence, printable

__all__ = [
    "BYTES",
    "COUNT",
    "FORMATS",
    "NUMBER",
    "QUANTITIES",
    "SHAPE",
    "SIZE",
    "TOTAL",
    "Address",
    "Answer",
    "AnswerCell",
    "AnswerSheet",
    "AnswersError",
    "ExpectedFile",
    "Grid",
    "Quantity",
    "Value",
    "as_sentence",
    "asked_addresses",
    "decoded",
    "empty_answers",
    "header_meaning",
    "numbered_answers",
    "printable",
    "read_answers",
    "read_bounded",
    "read_bytes",
    "read_cell",
    "read_sheet",
    "read_text_file",
    "split_cells",
]  # fmt: skip
