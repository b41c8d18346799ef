"""Runs the command line inside the test process: quick, with exit code and both outputs."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from dataclasses import dataclass
from unittest import mock

from cnncost.cli import main


@dataclass(frozen=True)
class Result:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


def cnncost(*arguments: str, columns: int = 80, stdin: str = "") -> Result:
    """Run `cnncost` with these arguments, as in a pipe with this many columns."""
    out, err = io.StringIO(), io.StringIO()
    typed = io.TextIOWrapper(io.BytesIO(stdin.encode()))
    environment = {"COLUMNS": str(columns), "TERM": "dumb", "NO_COLOR": "1"}
    code = 0
    with (
        mock.patch.object(sys, "argv", ["cnncost", *arguments]),
        mock.patch.object(sys, "stdin", typed),
        mock.patch.dict(os.environ, environment),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    return Result(code, out.getvalue(), err.getvalue())
