"""The file formats of answers, one reader each: bytes and a file name to a grid of texts."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import Any

import yaml

from cnncost.errors import SpecError
from cnncost.homework.read.files import ExpectedFile, decoded, split_cells
from cnncost.homework.read.grid import AnswersError, Grid
from cnncost.homework.read.header_words import header_meaning
from cnncost.homework.read.layout import EMPTY, asked_in, combined, grid_of_lines, grid_of_records
from cnncost.homework.read.markup import Table, html_tables, latex_tables, pipe_tables
from cnncost.homework.read.plain_text import grid_of_text
from cnncost.homework.read.text import printable

ANSWERS = ExpectedFile(
    "a file of answers", "table of answers", 2_000_000, "save it as UTF-8", code_page=True, error=AnswersError
)
ROWS = 5_000
"""A table of answers takes a few kilobytes."""
CHARACTERS = 300_000
"""The longest text that is looked through for answers."""
Reader = Callable[[bytes, str], Grid]


def separated(delimiters: str) -> Reader:
    """A reader of cells between delimiters; of several, the one that the first lines use most."""

    def read(data: bytes, name: str) -> Grid:
        try:  # one row more than is allowed shows that there are too many
            lines = list(split_cells(decoded(data, name, ANSWERS), delimiters, looked_at=5, most=ROWS + 2))
        except csv.Error as error:
            message, line = error.args
            raise AnswersError(f"{name}: line {line}: {message}") from None
        return grid_of_lines(name, lines)

    return read


def table_in(tables_of: Callable[[str], list[Table]]) -> Reader:
    """A reader of the tables in a text with markup; else of its lines."""

    def read(data: bytes, name: str) -> Grid:
        text = short_text(data, name)
        tables = [table for table in tables_of(text) if len(table) > 1]
        if tables:
            return combined(name, [grid_of_lines(name, table) for table in tables])
        found = grid_of_text(text, name)
        if found is None:
            raise AnswersError(f"{name}: no table: write its lines as | cell | cell |")
        return found

    return read


def short_text(data: bytes, name: str) -> str:
    """A text of at most so many lines and characters as answers can have.

    Raises:
        AnswersError: it is no text, or longer.
    """
    text = decoded(data, name, ANSWERS)
    if text.count("\n") > ROWS:
        raise AnswersError(f"{name}: more than {ROWS:,} rows: no table of answers needs that")
    if len(text) > CHARACTERS:
        raise AnswersError(f"{name}: more than {CHARACTERS:,} characters: no table of answers needs that")
    return text


def markdown_tables(text: str) -> list[Table]:
    """The pipe tables of a text, or its HTML tables."""
    return pipe_tables(text) or html_tables(text)


def plain_text(data: bytes, name: str) -> Grid:
    """A text: a table between delimiters, drawn or aligned, a model's summary, or one line a layer."""
    text = short_text(data, name)
    between = separated("\t,;|")
    if re.search(r"^[^\n]*[\t,;|]", text) and not re.search(r"[─━│┃═]|={4}|_{4}|-{4}|\+-", text):
        try:
            grid = between(data, name)
        except AnswersError:
            return grid_of_text(text, name) or between(data, name)
        if asked_in(grid.header) and len(grid.header) > 1:
            return grid
    return grid_of_text(text, name) or between(data, name)


def json_answers(data: bytes, name: str) -> Grid:
    """Records in JSON: an object by layer name, or a list of objects. Numbers keep their digits."""

    def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise AnswersError(f"{name}: `{printable(key)}` occurs twice in one object")
            found[key] = value
        return found

    text = decoded(data, name, ANSWERS)
    try:
        value = json.loads(
            text, object_pairs_hook=without_repeats, parse_int=str, parse_float=str, parse_constant=str
        )
    except json.JSONDecodeError as error:
        raise AnswersError(f"{name}: not valid JSON: line {error.lineno}: {error.msg}") from None
    except RecursionError:
        raise AnswersError(f"{name}: not valid JSON: nested too deep") from None
    records = records_in(value)
    if records is None:
        raise AnswersError(f"{name}: write an object for each layer, by its name or in a list")
    if len(records) > ROWS:
        raise AnswersError(f"{name}: more than {ROWS:,} rows: no table of answers needs that")
    return grid_of_records(name, enumerate(records, 1))


def records_in(value: Any) -> list[dict[str, Any]] | None:
    """The records of a value of JSON: by layer, in a list, or by column; None where it has none."""
    if isinstance(value, dict):
        value = next((value[key] for key in ("layers", "answers", "rows") if key in value), value)
    if isinstance(value, dict) and value and any(map(header_meaning, value)):
        columns = {
            key: list(part.values()) if isinstance(part, dict) else part for key, part in value.items()
        }
        if all(isinstance(part, list) for part in columns.values()):
            return [dict(zip(columns, row, strict=True)) for row in zip_longest(*columns.values())]
    if isinstance(value, dict) and all(isinstance(part, dict) for part in value.values()):
        return [{"layer": key, **part} for key, part in value.items()]
    if isinstance(value, dict) and value and all(isinstance(part, str) for part in value.values()):
        return [{"layer": key, "params": part} for key, part in value.items()]
    is_list = isinstance(value, list) and all(isinstance(record, dict) for record in value)
    return value if is_list else None


def yaml_answers(data: bytes, name: str) -> Grid:
    """Records in YAML, read as specs are: no tags, no aliases, texts as they were typed."""
    from cnncost.spec.document import SourceText

    text = decoded(data, name, ANSWERS)
    if all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines()):
        raise AnswersError(f"{name}: {EMPTY}")
    try:
        root = SourceText(text, name).compose()
    except SpecError as error:
        place = f"line {error.place.line}: " if error.place else ""
        raise AnswersError(f"{name}: {place}{error.message}") from None
    return grid_of_records(name, yaml_records(root, name))


def yaml_records(root: yaml.Node, name: str) -> Iterable[tuple[int, dict[str, Any]]]:
    """The records of a YAML tree, each with its line."""
    if isinstance(root, yaml.MappingNode):
        root = next((n for k, n in root.value if k.value in ("answers", "layers", "rows")), root)
    if isinstance(root, yaml.SequenceNode):
        parts: list[tuple[dict[str, Any], Any]] = [({}, node) for node in root.value]
    elif isinstance(root, yaml.MappingNode):
        parts = [({"layer": yaml_key(key, name)}, node) for key, node in root.value]
    else:
        parts = []
    if not parts or not all(isinstance(node, yaml.MappingNode) for _, node in parts):
        raise AnswersError(f"{name}: write a mapping for each layer, by its name or in a list")
    for record, node in parts:
        for key, value in node.value:
            header = yaml_key(key, name)
            if header in record:
                line = key.start_mark.line + 1
                raise AnswersError(f"{name}: line {line}: `{printable(header)}` occurs twice")
            record[header] = yaml_value(value)
        yield node.start_mark.line + 1, record


def yaml_key(node: yaml.Node, name: str) -> str:
    """A key, which must be a text."""
    if not isinstance(node, yaml.ScalarNode):
        line = node.start_mark.line + 1
        raise AnswersError(f"{name}: line {line}: a name must be a text, not a list or a mapping")
    return str(node.value)


def yaml_value(node: yaml.Node) -> Any:
    """A YAML node as texts, lists and mappings."""
    if isinstance(node, yaml.SequenceNode):
        return [yaml_value(item) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): yaml_value(value) for key, value in node.value}
    return node.value


def excel(data: bytes, name: str) -> Grid:
    """The first sheet of a spreadsheet that is not empty."""
    from cnncost.homework.read.spreadsheet import read_spreadsheet

    return read_spreadsheet(data, name)


FORMATS: dict[str, Reader] = {
    ".csv": separated(",;\t"),
    ".tsv": separated("\t"),
    ".txt": plain_text,
    ".xlsx": excel,
    ".xlsm": excel,
    ".yaml": yaml_answers,
    ".yml": yaml_answers,
    ".json": json_answers,
    ".md": table_in(markdown_tables),
    ".markdown": table_in(markdown_tables),
    ".html": table_in(html_tables),
    ".tex": table_in(latex_tables),
}
"""The reader for each file ending."""
