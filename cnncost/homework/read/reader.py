"""Files of answers, as people hand them in: CSV, TSV, Excel, YAML, JSON or a table in markdown.

Nothing in them is run or followed: texts are read, and of a spreadsheet the stored values.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from cnncost.errors import SpecError
from cnncost.homework.read.files import Expected, read_bounded
from cnncost.homework.read.grid import EMPTY, AnswersError, Grid, of_lines, printable
from cnncost.homework.read.headers import one_size

ANSWERS = Expected("a file of answers", "table of answers", 2_000_000, AnswersError)
"""A table of answers takes a few kilobytes."""
LINES = 5_000
CELL_CHARACTERS = 500
CONTROL = re.compile(rb"[\0-\x08\x0e-\x1f]")
"""Bytes that no text has."""


def read_answers(path: str | os.PathLike[str]) -> Grid:
    """The answers in a file, by its ending: .csv, .tsv, .xlsx, .yaml, .json, .md or .txt.

    Raises:
        AnswersError: no such file, too large, of no known kind, empty, or not what its ending says.
    """
    name = printable(Path(path).name, 80)
    form = FORMS.get(Path(path).suffix.lower())
    if form is None:
        raise AnswersError(f"{name}: no kind of answers has this ending; there are {', '.join(FORMS)}")
    return one_size(limited(form(read_bytes(path), name)))


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """A file's bytes, if they are not too many.

    Raises:
        AnswersError: it cannot be read, is too large, or holds nothing.
    """
    name = printable(Path(path).name)
    data = read_bounded(path, name, ANSWERS)
    if not data.strip():
        raise AnswersError(f"{name}: {EMPTY}")
    return data


def limited(grid: Grid) -> Grid:
    """The grid, if it is no larger than a table of answers can be."""
    if len(grid.rows) > LINES:
        raise AnswersError(f"{grid.source}: more than {LINES:,} rows: no table of answers needs that")
    for row in grid.rows:
        for header, cell in zip(grid.header, row, strict=True):
            if len(cell.text) > CELL_CHARACTERS:
                place = f"row {cell.row}, column {printable(header)}"
                raise AnswersError(
                    f"{grid.source}: {place}: a cell of more than {CELL_CHARACTERS} characters"
                )
    return grid


def text_of(data: bytes, name: str) -> str:
    """A file's text: UTF-8, UTF-16 with its mark, or the Windows code page, as spreadsheets export it.

    Raises:
        AnswersError: it is no text.
    """
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        if not marked and not CONTROL.search(data):
            return data.decode("cp1252", errors="replace")
        hint = "; a spreadsheet has the ending .xlsx" if data.startswith(b"PK") else ""
        raise AnswersError(f"{name}: not a text file: byte {error.start} is not UTF-8{hint}") from None
    if "\0" in text:
        raise AnswersError(f"{name}: not a text file: it holds a zero byte; save it as UTF-8")
    return text


def separated(delimiters: str) -> Callable[[bytes, str], Grid]:
    """A reader of tables: of some delimiters, the one that the first lines use most divides the cells."""

    def read(data: bytes, name: str) -> Grid:
        text = text_of(data, name)
        first = [line for line in text.splitlines() if line.strip()][:5]
        delimiter = max(delimiters, key=lambda d: sum(line.count(d) for line in first))
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
        lines: list[tuple[int, list[str]]] = []
        try:
            for cells in rows:
                lines.append((rows.line_num, cells))
                if len(lines) > LINES + 1:  # more than the grid may have: no need to read on
                    break
        except csv.Error as error:
            raise AnswersError(f"{name}: line {rows.line_num + 1}: {error}") from None
        return of_lines(name, lines)

    return read


def markdown(data: bytes, name: str) -> Grid:
    """The pipe table with most rows in a markdown text.

    Raises:
        AnswersError: there is none.
    """
    tables: list[list[tuple[int, list[str]]]] = [[]]
    for number, line in enumerate(text_of(data, name).splitlines(), 1):
        cells = pipe_cells(line)
        if cells is None:
            tables.append([])
        elif not all(set(cell) <= set(":- ") and "-" in cell for cell in cells):
            tables[-1].append((number, cells))
    found = max(tables, key=len)
    if not found:
        raise AnswersError(f"{name}: no table: its lines are | cell | cell |")
    return of_lines(name, found)


def pipe_cells(line: str) -> list[str] | None:
    """The cells of one line of a pipe table; None where it is none."""
    stripped = line.strip()
    if "|" not in stripped:
        return None
    inner = stripped.removeprefix("|").replace("\\|", "\0")
    return [cell.replace("\0", "|").strip() for cell in inner.removesuffix("|").split("|")]


def json_answers(data: bytes, name: str) -> Grid:
    """Records in JSON: an object by layer name, or a list of objects. Numbers stay as they are typed.

    Raises:
        AnswersError: it is no JSON, or of another form.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise AnswersError(f"{name}: `{printable(key)}` stands twice in one object")
            found[key] = value
        return found

    try:
        value = json.loads(
            text_of(data, name), object_pairs_hook=once, parse_int=str, parse_float=str, parse_constant=str
        )
    except json.JSONDecodeError as error:
        raise AnswersError(f"{name}: not valid JSON: line {error.lineno}: {error.msg}") from None
    except RecursionError:
        raise AnswersError(f"{name}: not valid JSON: nested too deep") from None
    if isinstance(value, dict):
        value = next((value[key] for key in ("layers", "answers") if key in value), value)
    return of_records(name, ((i, record) for i, record in enumerate(as_records(value, name), 1)))


def as_records(value: Any, name: str) -> list[Any]:
    """A list of records; an object by layer name gives each its name."""
    if isinstance(value, dict):
        records = [{"layer": key, **part} for key, part in value.items() if isinstance(part, dict)]
        value = records if len(records) == len(value) else None
    if not isinstance(value, list) or not all(isinstance(record, dict) for record in value):
        raise AnswersError(f"{name}: answers are an object for each layer, by its name or in a list")
    return value


def yaml_answers(data: bytes, name: str) -> Grid:
    """Records in YAML, read as specs are: no tags, no aliases, texts as they are typed.

    Raises:
        AnswersError: it is no YAML, or of another form.
    """
    from cnncost.spec.document import Document

    text = text_of(data, name)
    if all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines()):
        raise AnswersError(f"{name}: {EMPTY}")
    try:
        root = Document(text, name).compose()
    except SpecError as error:
        place = f"line {error.place.line}: " if error.place else ""
        raise AnswersError(f"{name}: {place}{error.message}") from None
    return of_records(name, yaml_records(root, name))


def yaml_records(root: yaml.Node, name: str) -> Iterable[tuple[int, dict[str, Any]]]:
    """Each record of a YAML tree with its line."""
    if isinstance(root, yaml.SequenceNode):
        parts: list[tuple[dict[str, Any], Any]] = [({}, node) for node in root.value]
    elif isinstance(root, yaml.MappingNode):
        parts = [({"layer": yaml_key(key, name)}, node) for key, node in root.value]
    else:
        parts = []
    if not parts or not all(isinstance(node, yaml.MappingNode) for _, node in parts):
        raise AnswersError(f"{name}: answers are a mapping for each layer, by its name or in a list")
    for start, node in parts:
        record: dict[str, Any] = dict(start)
        for key, value in node.value:
            header = yaml_key(key, name)
            if header in record:
                line = key.start_mark.line + 1
                raise AnswersError(f"{name}: line {line}: `{printable(header)}` stands twice")
            record[header] = plain(value)
        yield node.start_mark.line + 1, record


def yaml_key(node: yaml.Node, name: str) -> str:
    """A key, which is a text.

    Raises:
        AnswersError: it is a list or a mapping.
    """
    if not isinstance(node, yaml.ScalarNode):
        raise AnswersError(
            f"{name}: line {node.start_mark.line + 1}: a name is a text, not a list or a mapping"
        )
    return str(node.value)


def plain(node: yaml.Node) -> Any:
    """A YAML node as texts, lists and mappings."""
    if isinstance(node, yaml.SequenceNode):
        return [plain(item) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): plain(value) for key, value in node.value}
    return node.value


def of_records(name: str, records: Iterable[tuple[int, Mapping[str, Any]]]) -> Grid:
    """A grid of records, whose keys are the headers in the order in which they come up."""
    kept = list(records)
    header = list(dict.fromkeys(key for _, record in kept for key in record))
    lines = [(number, [as_text(record.get(key)) for key in header]) for number, record in kept]
    return of_lines(name, [(0, header), *lines])


def as_text(value: Any) -> str:
    """A value of JSON or YAML as a cell's text: a list as a shape, (96, 55, 55)."""
    if isinstance(value, dict):  # a receptive field of `cnncost table --format json`
        value = value.get("size")
    if isinstance(value, list):
        return f"({', '.join('nested' if isinstance(v, (list, dict)) else str(v) for v in value)})"
    return "" if value is None else str(value)


def excel(data: bytes, name: str) -> Grid:
    """The first sheet of a spreadsheet: `cnncost.homework.read.spreadsheet` reads it."""
    from cnncost.homework.read.spreadsheet import read_spreadsheet

    return read_spreadsheet(data, name)


FORMS: dict[str, Callable[[bytes, str], Grid]] = {
    ".csv": separated(",;\t"),
    ".tsv": separated("\t"),
    ".txt": separated("\t,;|"),
    ".xlsx": excel,
    ".xlsm": excel,
    ".yaml": yaml_answers,
    ".yml": yaml_answers,
    ".json": json_answers,
    ".md": markdown,
    ".markdown": markdown,
}
