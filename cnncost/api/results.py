"""Results that show themselves: as text, in a notebook, as a DataFrame, as plain data and as a file."""

from __future__ import annotations

import os
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    import pandas

    from cnncost.tables.table import Content


class Shown:
    """A result with a table: printing it shows the table, and a notebook shows it in HTML.

    `view` is the function of `cnncost.views` that makes the table, as ``module.function``.
    """

    view: ClassVar[str]

    @classmethod
    def from_plain(cls, value: Any) -> Self:
        """A dataclass as the class that shows it."""
        return cls(**{field.name: getattr(value, field.name) for field in fields(value)})

    def content(self, format: str = "terminal") -> Content:  # noqa: ARG002 - few depend on the format
        """The tables and paragraphs that a format is written from."""
        content: Content = view_function(self.view)(self)
        return content

    def render(self, format: str = "terminal") -> str | bytes:
        """The result in a format of the command line: terminal, csv, html, json, latex, markdown or xlsx.

        Raises:
            CnncostError: there is no such format.
        """
        from cnncost.errors import CnncostError, did_you_mean
        from cnncost.tables import formats

        if format not in formats.NAMES:
            hint = did_you_mean(format, formats.NAMES) or f"; there are {', '.join(formats.NAMES)}"
            raise CnncostError(f"no format `{format}`{hint}")
        return formats.render(self.content(format), format)

    def save(self, path: str | os.PathLike[str], format: str | None = None) -> None:
        """Write the result to a file, in the format of its ending: ``result.save("table.tex")``.

        Raises:
            CnncostError: no format has this ending.
        """
        from cnncost.errors import CnncostError
        from cnncost.files import replace_file
        from cnncost.tables import formats

        ending = Path(path).suffix.lower()
        chosen = format or formats.endings().get(ending)
        if chosen is None:
            raise CnncostError(
                f"{path}: no format has the ending `{ending}`; use {', '.join(formats.endings())}"
            )
        rendered = self.render(chosen)
        replace_file(Path(path), rendered.encode() if isinstance(rendered, str) else rendered)

    def to_dict(self) -> Any:
        """The result as plain data: the JSON of the command line."""
        import json

        return json.loads(self.render("json"))

    def to_frame(self) -> pandas.DataFrame:
        """The result as a pandas DataFrame: the rows and columns of the CSV, exact numbers."""
        import pandas

        from cnncost.tables.table import document

        table = document(self.content("csv")).tables[0]
        return pandas.DataFrame(table.rows, columns=[column.key for column in table.data_columns])

    def __repr__(self) -> str:
        return str(self.render()).rstrip("\n")

    def _repr_html_(self) -> str:
        return str(self.render("html"))


class ShownTable(Shown):
    """A table that shows itself."""

    def __init__(self, content: Content) -> None:
        self._content = content

    def content(self, format: str = "terminal") -> Content:  # noqa: ARG002 - the same in every format
        """The table itself."""
        return self._content


class Written:
    """A result of formulas: printing it shows them as text, a notebook sets them.

    `view` is the module of `cnncost.views` that writes them.
    """

    view: ClassVar[str]

    def render(self, format: str = "terminal") -> str:
        """The formulas as text (`terminal`), `markdown` or `latex`.

        Raises:
            CnncostError: there is no such format.
        """
        from cnncost.errors import CnncostError

        names = {"terminal": "text", "markdown": "markdown", "latex": "latex"}
        if format not in names:
            raise CnncostError(f"no format `{format}`; there are {', '.join(names)}")
        return str(view_function(f"{self.view}.{names[format]}")(self))

    def save(self, path: str | os.PathLike[str], format: str | None = None) -> None:
        """Write the formulas to a file, in the format of its ending: .txt, .md or .tex.

        Raises:
            CnncostError: no format has this ending.
        """
        from cnncost.errors import CnncostError
        from cnncost.files import replace_file

        endings = {".txt": "terminal", ".md": "markdown", ".tex": "latex"}
        ending = Path(path).suffix.lower()
        chosen = format or endings.get(ending)
        if chosen is None:
            raise CnncostError(f"{path}: no format has the ending `{ending}`; use {', '.join(endings)}")
        replace_file(Path(path), self.render(chosen).encode())

    def __repr__(self) -> str:
        return self.render().rstrip("\n")

    def _repr_markdown_(self) -> str:
        return self.render("markdown")


def view_function(name: str) -> Any:
    """A function of `cnncost.views`, imported when a result is shown."""
    module, _, function = name.rpartition(".")
    return getattr(import_module(f"cnncost.views.{module}"), function)
