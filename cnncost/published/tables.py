"""Reads specs/published: each CSV as printed, and the YAML of the same name that says what it means."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cnncost.errors import CnncostError
from cnncost.network.catalogue import specs_folder
from cnncost.published.claim import Claim, claim_of
from cnncost.spec.facts import slug

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

TABLE_KEYS = ("source", "name", "labels", "main", "columns", "rows", "unit_column", "errata", "unexplained")


@dataclass(frozen=True)
class Excuse:
    """Why a cell differs from what is computed: an erratum with its `change`, or unexplained without one.

    `alone` says why the change holds for this row and not for the others of its source.
    """

    because: str
    change: Mapping[str, Any] | None = None
    alone: str = ""


@dataclass(frozen=True)
class PrintedCell:
    """A printed cell with the claim that it makes.

    `unit` is what the table writes after it; `result` is the number that a derivation leads to; `rule` is how
    its source counts, if not plainly: the claim then does so too.
    """

    id: str
    source: str
    printed: str
    claim: Claim
    excuse: Excuse | None = None
    unit: str = ""
    result: str | None = None
    rule: str = ""

    @property
    def quantity(self) -> str | None:
        """What is printed: of a fact by its id, `macs` in `resnet/resnet50/macs/he-2016-table-1`."""
        return self.id.split("/")[2] if self.id.count("/") > 2 else self.claim.value


def folder() -> Path:
    """The folder of the printed tables."""
    return specs_folder() / "published"


def read_tables() -> list[PrintedCell]:
    """Every cell of every table."""
    return [cell for path in sorted(folder().glob("*.csv")) for cell in read_table(path)]


def read_table(path: Path) -> list[PrintedCell]:
    """The cells of one table.

    Raises:
        CnncostError: the YAML next to it does not fit: a column that it leaves out, an unknown key.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    meaning = yaml.load(path.with_suffix(".yaml").read_text(encoding="utf-8"), Loader=Loader)
    try:
        return _Table(path.stem, meaning, lines).cells()
    except (CnncostError, ValueError) as error:
        raise CnncostError(f"{path.with_suffix('.yaml').name}: {error}") from None


class _Table:
    """One table: its lines, and what the YAML says of them."""

    def __init__(self, name: str, meaning: Mapping[str, Any], lines: list[dict[str, str]]) -> None:
        self.name = name
        self.meaning = meaning
        self.lines = lines
        self.common = {key: value for key, value in meaning.items() if key not in TABLE_KEYS}
        columns = meaning["columns"]
        self.columns = {c: {"value": v} if isinstance(v, str) else v for c, v in columns.items()}
        self.check_columns()

    def check_columns(self) -> None:
        """Refuse a column that is no label and has no meaning."""
        labels = {
            *self.meaning.get("labels", ()),
            *self.meaning.get("name", ()),
            self.meaning.get("unit_column"),
        }
        for column in self.lines[0]:
            if column not in labels and column not in self.columns:
                raise CnncostError(f"column `{column}` must be a label or have a meaning")

    def cells(self) -> list[PrintedCell]:
        excuses = self.excuses()
        cells = [
            self.cell(name, row, line, column, excuses)
            for (name, row), line in zip(self.rows(), self.lines, strict=True)
            for column in self.columns
            if line[column]
        ]
        if excuses:
            raise CnncostError(f"no cell is named {', '.join(excuses)}")
        return cells

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The name of each line, and the claims that its row adds."""
        rows = self.meaning.get("rows", {})
        if isinstance(rows, list):
            for row in rows:
                row = {"at": row} if isinstance(row, str) else dict(row)
                yield row.pop("name", None) or row["at"], row
            return
        names = unique([slug("-".join(line[c] for c in self.meaning["name"])) for line in self.lines])
        for name in rows:
            if name not in names:
                raise CnncostError(f"no line is named `{name}`")
        for name in names:
            yield name, dict(rows.get(name) or {})

    def cell(
        self, name: str, row: dict[str, Any], line: dict[str, str], column: str, excuses: dict[str, Excuse]
    ) -> PrintedCell:
        main = column == self.meaning.get("main")
        key = name if main else f"{name}/{self.columns[column].get('as', column)}"
        derived = self.columns[column].get("of")
        unit = line.get(self.meaning.get("unit_column", ""), "") if main else ""
        excuse = excuses.pop(key, None)
        try:
            claim = claim_of(self.values(name, row, column, unit))
            if excuse and (claim.recorded or claim.waits):
                raise CnncostError("it is excused, but not computed")
        except CnncostError as error:
            raise CnncostError(f"{key}: {error}") from None
        source = self.meaning.get("source") or line["source"]
        result = line[derived] if derived else None
        return PrintedCell(f"{self.name}/{key}", source, line[column], claim, excuse, unit, result)

    def values(self, name: str, row: dict[str, Any], column: str, unit: str) -> dict[str, Any]:
        """The keys of a cell's claim: the table's, the row's, the column's and the cell's own."""
        own = {key: value for key, value in row.items() if key not in self.columns}
        meaning = {key: value for key, value in self.columns[column].items() if key not in ("as", "of")}
        values = {**self.common, **own, **meaning, **(row.get(column) or {})}
        for key in ("at", "waits"):  # these may name their row or column
            if isinstance(values.get(key), str):
                values[key] = values[key].format(at=own.get("at", ""), name=name, column=column)
        return {"unit": unit, **values} if unit else values

    def excuses(self) -> dict[str, Excuse]:
        """Errata and unexplained cells by the cells' names."""
        found: dict[str, Excuse] = {}
        for kind in ("errata", "unexplained"):
            for entry in self.meaning.get(kind, ()):
                if ("change" in entry) != (kind == "errata"):
                    raise CnncostError(f"{kind}: an erratum has a `change`, what is unexplained has none")
                for cell in entry["cells"]:
                    if cell in found:
                        raise CnncostError(f"`{cell}` is excused twice")
                    because, alone = " ".join(entry["because"].split()), entry.get("alone", "")
                    found[cell] = Excuse(because, entry.get("change"), alone)
        return found


def unique(names: list[str]) -> list[str]:
    """The names; a second `resnet-200` becomes `resnet-200.2`."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return found
