"""A Gradescope autograder as a zip: two scripts, the settings, and this package itself.

Gradescope runs `setup.sh` once and `run_autograder` for each submission, and reads
`results/results.json`; see https://gradescope-autograders.readthedocs.io/en/latest/specs/. All paths lie
below `/autograder`, or below `AUTOGRADER_ROOT` where it is set.
"""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from cnncost.files import PACKAGE
from cnncost.network.catalogue import specs_folder

SETTINGS = "autograder.json"

SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, when the autograder is built: it finds Python 3.11 or newer and
# installs what cnncost needs. PYTHON names another interpreter; one that has everything is taken as it is.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
source="$root/source"

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
complete() { "$1" -c 'import openpyxl, rich, typer, yaml' 2>/dev/null; }

python="${PYTHON:-}"
if [ -z "$python" ]; then
  for candidate in python3 python3.13 python3.12 python3.11; do
    if command -v "$candidate" > /dev/null && new_enough "$candidate"; then python="$candidate"; break; fi
  done
fi
if [ -z "$python" ]; then
  apt-get update && apt-get install -y --no-install-recommends python3.11 python3.11-venv
  python=python3.11
fi
if ! complete "$python"; then
  if ! "$python" -m venv "$source/venv"; then
    apt-get update && apt-get install -y --no-install-recommends python3-venv
    "$python" -m venv "$source/venv"
  fi
  python="$source/venv/bin/python"
  "$python" -m pip install --quiet "pyyaml>=6.0" "rich>=13.7" "typer>=0.17,<0.28" "openpyxl>=3.1"
fi
command -v "$python" > "$source/python"
"""

RUN = """\
#!/usr/bin/env bash
# Gradescope runs this for each submission. What was handed in is read as data, and never run:
# the working folder is not on the import path.
set -uo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
source="$root/source"
cd "$source"
export PYTHONPATH="$source/lib" PYTHONSAFEPATH=1 PYTHONDONTWRITEBYTECODE=1
exec "$(cat "$source/python")" -m cnncost.cli.autograding "$root"
"""

Files = Mapping[str, bytes]


def bundle(settings: Mapping[str, Any], files: Files) -> bytes:
    """The zip, with its files at the top as Gradescope wants them.

    Args:
        settings: how to mark, kept as JSON.
        files: the network, rubric and worksheet, by the names that the settings give them.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        put(archive, "setup.sh", SETUP.encode(), executable=True)
        put(archive, "run_autograder", RUN.encode(), executable=True)
        put(archive, SETTINGS, (json.dumps(settings, indent=2) + "\n").encode())
        for name, data in sorted(files.items()):
            put(archive, name, data)
        for name, data in package():
            put(archive, name, data)
    return buffer.getvalue()


def put(archive: zipfile.ZipFile, name: str, data: bytes, executable: bool = False) -> None:
    """A file of the archive, always with the same date, so that the same input gives the same zip."""
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
    archive.writestr(info, data)


def package() -> Iterator[tuple[str, bytes]]:
    """The files of this package and its specs, below `lib`."""
    home = PACKAGE
    for path in sorted(home.rglob("*.py")):
        yield f"lib/cnncost/{path.relative_to(home).as_posix()}", path.read_bytes()
    specs = specs_folder()
    for path in sorted(specs.rglob("*")):
        if path.suffix in (".yaml", ".csv"):
            yield f"lib/cnncost/specs/{path.relative_to(specs).as_posix()}", path.read_bytes()
