"""Answers as people hand them in: a file, or a value in a notebook.

Nothing in a file is run or followed: texts are read, and of a spreadsheet the stored values.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cnncost.homework.read.files import decoded, read_bounded
from cnncost.homework.read.formats import ANSWERS, FORMATS, ROWS
from cnncost.homework.read.grid import AnswersError, Grid
from cnncost.homework.read.layout import EMPTY, grid_of_records, with_joined_axes
from cnncost.homework.read.questions import questions_beside
from cnncost.homework.read.text import printable


def read_answers(answers: Any) -> Grid:
    """The answers in a file or a value.

    Args:
        answers: a path ending in .csv, .tsv, .txt, .xlsx, .yaml, .json or .md; a DataFrame; a list of
            dicts; or a dict of dicts by layer.

    Raises:
        AnswersError: no such file, too large, of an unknown format, empty, or not what its ending says.
    """
    if isinstance(answers, Grid):
        return answers
    if not isinstance(answers, (str, os.PathLike)):
        records = records_of(answers)
        if not records:
            raise AnswersError('no answers: give a row for each layer, such as {"conv1": {"params": 34944}}')
        return with_joined_axes(grid_of_records("answers", enumerate(records, 1)))
    name = printable(Path(answers).name, 80)
    reader = FORMATS.get(Path(answers).suffix.lower())
    if reader is None:
        raise AnswersError(f"{name}: no file of answers has this ending; use {', '.join(FORMATS)}")
    return with_joined_axes(questions_beside(checked_size(reader(read_bytes(answers), name))))


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a file.

    Raises:
        AnswersError: it cannot be read, is too large, or empty.
    """
    name = printable(Path(path).name)
    data = read_bounded(path, name, ANSWERS)
    if not data.strip():
        raise AnswersError(f"{name}: {EMPTY}")
    return data


def read_text_file(path: str | os.PathLike[str]) -> str:
    """The text of a file; errors as in `read_bytes`."""
    return decoded(read_bytes(path), printable(Path(path).name), ANSWERS)


def checked_size(grid: Grid) -> Grid:
    """The grid, unless it is larger than any table of answers."""
    if len(grid.rows) > ROWS:
        raise AnswersError(f"{grid.source}: more than {ROWS:,} rows: no table of answers needs that")
    return grid


def records_of(answers: Any) -> list[dict[str, Any]]:
    """The records of a DataFrame, a list of dicts, or a dict of dicts by layer."""
    if hasattr(answers, "to_dict") and hasattr(answers, "columns"):
        named = any(str(column).casefold() in ("layer", "name") for column in answers.columns)
        answers = (answers if named else answers.reset_index(names="layer")).to_dict("records")
    if isinstance(answers, Mapping):
        answers = [{"layer": label, **record} for label, record in answers.items()]
    if not isinstance(answers, Sequence) or not all(isinstance(record, Mapping) for record in answers):
        raise AnswersError("answers: give a file's path, a DataFrame, or a dict of dicts by layer")
    return [{str(key): cell_value(value) for key, value in record.items()} for record in answers]


def cell_value(value: Any) -> Any:
    """A value of a notebook as a record has it: a missing number as None, a tuple as a list."""
    if value is None or value != value:
        return None
    if isinstance(value, (tuple, list)):
        return list(value)
    return f"{value:.15g}" if isinstance(value, float) else value
