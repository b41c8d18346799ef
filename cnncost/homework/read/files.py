"""Files from students and lecturers: read up to a limit, decoded, and split at delimiters."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cnncost.errors import CnncostError

CONTROL = re.compile(rb"[\0-\x08\x0e-\x1f]")
"""Bytes that no text contains."""


@dataclass(frozen=True)
class ExpectedFile:
    """What a file should be: ``a roster``, whose content, a ``class list``, needs at most `most` bytes.

    `code_page` says whether a text may also be in the Windows code page, as spreadsheets export it.
    """

    what: str
    content: str
    most: int
    save_as: str
    code_page: bool = False
    error: type[CnncostError] = CnncostError


def read_bounded(path: str | os.PathLike[str], shown: str, expected: ExpectedFile) -> bytes:
    """The bytes of a file; `shown` is its name in errors.

    Raises:
        CnncostError: it cannot be read, is not an ordinary file, or is too large.
    """
    try:
        if not os.path.isfile(path):
            there = "a folder" if os.path.isdir(path) else "a device or a pipe"
            problem = f"{there}, not {expected.what}" if os.path.exists(path) else "no such file"
            raise expected.error(f"{shown}: {problem}")
        with open(path, "rb") as stream:
            data = stream.read(expected.most + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise expected.error(f"{shown}: cannot be read: {reason}") from None
    if len(data) > expected.most:
        raise expected.error(
            f"{shown}: larger than {expected.most:,} bytes: no {expected.content} needs that"
        )
    return data


def decoded(data: bytes, shown: str, expected: ExpectedFile) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, or the Windows code page where that is expected.

    Raises:
        CnncostError: it is not a text.
    """
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        if expected.code_page and not marked and not CONTROL.search(data):
            return data.decode("cp1252", errors="replace")
        hint = "a spreadsheet has the ending .xlsx" if data.startswith(b"PK") else expected.save_as
        raise expected.error(f"{shown}: not a text file: byte {error.start} is not UTF-8; {hint}") from None
    if "\0" in text:
        raise expected.error(f"{shown}: not a text file: it contains a zero byte; {expected.save_as}")
    return text


def split_cells(text: str, delimiters: str, looked_at: int, most: int) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row with the row's line number, up to `most` rows.

    The delimiter is the one that the first `looked_at` lines use most.

    Raises:
        csv.Error: with the line number as its second argument.
    """
    first = "\n".join([line for line in text.splitlines() if line.strip()][:looked_at])
    delimiter = max(delimiters, key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        for _, cells in zip(range(most), rows, strict=False):
            yield rows.line_num, cells
    except csv.Error as error:
        raise csv.Error(str(error), rows.line_num + 1) from None
