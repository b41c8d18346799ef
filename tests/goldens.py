"""Documents that show output: each block names its command, and must be what the command prints."""

from __future__ import annotations

import contextlib
import re
import shlex
import tempfile
from pathlib import Path

from tests.command_line import cnncost

ROOT = Path(__file__).parent.parent
SPEC = re.compile(r"```yaml\n(name: (\w+)\n.*?)```", re.DOTALL)
ANSWERS = re.compile(r"```csv\n(.*?)```", re.DOTALL)
CONSOLE = re.compile(r"(```console\n\$ cnncost ([^\n]*)\n)(.*?)(```)", re.DOTALL)


def printed(command: str) -> str:
    """What `cnncost COMMAND` prints: data, then notes; for a wrong input only the error."""
    result = cnncost(*shlex.split(command, comments=True))
    return result.out if result.code == 0 else result.out + result.err


def with_real_output(document: str) -> str:
    """The document with every console block as it is printed now.

    Commands run in a folder that holds the document's own specs, each under its name, and its table
    of answers as answers.csv.
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for text, name in SPEC.findall(document):
            Path(f"{name}.yaml").write_text(text, encoding="utf-8")
        for text in ANSWERS.findall(document):
            Path("answers.csv").write_text(text, encoding="utf-8")
        return CONSOLE.sub(lambda m: m[1] + printed(m[2]) + m[4], document)
