"""A Gradescope autograder as a zip: two scripts, the settings, and a copy of this package.

Gradescope runs `setup.sh` once and `run_autograder` for each submission, and reads
`results/results.json`; see https://gradescope-autograders.readthedocs.io/en/latest/specs/. All paths are
below `/autograder`, or below `AUTOGRADER_ROOT` if it is set.
"""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cnncost.errors import CnncostError
from cnncost.files import PACKAGE
from cnncost.homework.read import read_bytes
from cnncost.network.catalogue import find, specs_folder

SETTINGS = "autograder.json"
KEYS = "keys"
"""The folder with each student's network and worksheet."""
KEPT = (".yaml", ".csv", ".md", ".xlsx")

SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, when the autograder is built: it finds Python 3.11 or newer and
# installs what cnncost needs. PYTHON names another interpreter, which is used as it is if it has everything.
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
# Gradescope runs this for each submission. The submission is read as data and never run: the working
# folder is not on the import path.
set -uo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
source="$root/source"
cd "$source"
export PYTHONPATH="$source/lib" PYTHONSAFEPATH=1 PYTHONDONTWRITEBYTECODE=1
exec "$(cat "$source/python")" -m cnncost.cli.autograding "$root"
"""


def gradescope_zip(
    name: str, rubric: Path | None, worksheet: Path | None, settings: Mapping[str, Any]
) -> bytes:
    """The zip, with the files that the marking needs.

    Args:
        name: the network; its own file goes along if it is not in the catalogue. Or the folder of
            `worksheet --students`: each submission is marked with its student's own network.
        rubric: the file of the points.
        worksheet: the file of the cells that count.
        settings: the other options of the marking, which `cnncost.cli.autograding` reads.

    Raises:
        CnncostError: a file cannot be read, or the network comes from standard input.
    """
    if Path(name).is_dir():
        return bundle(
            {"network": name, "keys": KEYS, "files": {"rubric": "rubric.yaml"} if rubric else {}, **settings},
            {**({"rubric.yaml": read_bytes(rubric)} if rubric else {}), **keys_of(Path(name))},
        )
    path, colons, variant = name.partition("::")
    if path == "-":
        raise CnncostError("an autograder needs its network as a name or a file, not from standard input")
    kept = {
        "spec": ("network.yaml", Path(path) if find(name) is None else None),
        "rubric": ("rubric.yaml", rubric),
        "worksheet": (f"sheet{worksheet.suffix.lower()}" if worksheet else "", worksheet),
    }
    files = {key: (file, read_bytes(source)) for key, (file, source) in kept.items() if source is not None}
    about = {
        "network": name,
        "variant": colons + variant,
        "files": {key: file for key, (file, _) in files.items()},
        **settings,
    }
    return bundle(about, dict(files.values()))


def keys_of(folder: Path) -> dict[str, bytes]:
    """The networks, worksheets and list of a folder of `worksheet --students`, without the keys."""
    return {
        f"{KEYS}/{path.name}": read_bytes(path)
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.is_symlink() and path.suffix in KEPT and ".key" not in path.suffixes
    }


def bundle(settings: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """A zip with the scripts, the settings and some files at its top, and the package in `lib`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        add_file(archive, "setup.sh", SETUP.encode(), executable=True)
        add_file(archive, "run_autograder", RUN.encode(), executable=True)
        add_file(archive, SETTINGS, (json.dumps(settings, indent=2) + "\n").encode())
        for name, data in (*sorted(files.items()), *package_files()):
            add_file(archive, name, data)
    return buffer.getvalue()


def add_file(archive: zipfile.ZipFile, name: str, data: bytes, executable: bool = False) -> None:
    """Add a file, always with the same date, so that the same input gives the same zip."""
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
    archive.writestr(info, data)


def package_files() -> Iterator[tuple[str, bytes]]:
    """The files of this package and its specs."""
    for home, folder, endings in (
        (PACKAGE, "lib/cnncost", (".py",)),
        (specs_folder(), "lib/cnncost/specs", (".yaml", ".csv")),
    ):
        for path in sorted(home.rglob("*")):
            if path.suffix in endings:
                yield f"{folder}/{path.relative_to(home).as_posix()}", path.read_bytes()
