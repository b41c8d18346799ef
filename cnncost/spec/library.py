"""Where specs are: the catalogue that comes with cnncost, the names in it, and files beside a spec."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from cnncost.errors import SpecError, nearest
from cnncost.files import PACKAGE
from cnncost.spec.expression import shorten
from cnncost.spec.reader import parse_spec, read_file
from cnncost.spec.resolve import check_variant
from cnncost.spec.structure import Spec


@cache
def specs_folder() -> Path:
    """Where the specs are: inside the installed package, or next to it in a source tree."""
    inside = PACKAGE / "specs"
    return inside if inside.is_dir() else PACKAGE.parent / "specs"


def spec_files() -> list[Path]:
    """The files of the catalogue, in alphabetical order."""
    return sorted(specs_folder().glob("*.yaml"))


def names_in(text: str) -> list[str]:
    """The network names of a spec's text: its variants, or its own name where it has none.

    A quick look without parsing, so that finding a name does not parse the whole catalogue.
    """
    section = re.search(r"^variants:[ \t]*(?:#.*)?\n((?:[ #].*\n|\n)*)", text, re.MULTILINE)
    if section:
        return re.findall(r"^  ([A-Za-z0-9][\w.+-]*):", section[1], re.MULTILINE)
    return re.findall(r"^name: *([\w.+-]+)", text, re.MULTILINE)[:1]


def aliases_in(text: str) -> dict[str, str]:
    """The aliases of a spec's text with the networks that they name, read in the same quick way."""
    section = re.search(r"^aliases:(.*\n(?:[ #].*\n|\n)*)", text, re.MULTILINE)
    lines = re.sub(r"(^|\s)#.*", "", section[1]) if section else ""
    alias, network = r"([A-Za-z0-9][\w.+-]*(?:/[\w.+-]+)+)", r"([A-Za-z0-9][\w.+-]*)"
    return dict(re.findall(rf"{alias}[\"']?:\s*(?:{{?\s*network:\s*)?[\"']?{network}", lines))


@lru_cache(maxsize=256)
def quick_look(file: Path) -> tuple[list[str], dict[str, str]]:
    """The networks and the aliases of a file of the catalogue."""
    text = file.read_text(encoding="utf-8")
    return names_in(text), aliases_in(text)


def index() -> Iterator[tuple[str, Path]]:
    """Every network name of the catalogue with its file."""
    return ((name, file) for file in spec_files() for name in quick_look(file)[0])


def aliases() -> dict[str, str]:
    """Every alias of the catalogue with its network."""
    return {alias: name for file in spec_files() for alias, name in quick_look(file)[1].items()}


@lru_cache(maxsize=512)
def find(name: str) -> tuple[Path, str] | None:
    """The file of a catalogue name or an alias, and the network's own name.

    Files whose own names begin like the network are looked at first, mostly a single one.
    """
    last = name.rpartition("/")[2]
    common = os.path.commonprefix  # compares letters; these are not paths
    files = sorted(spec_files(), key=lambda file: -len(common((file.stem, last))))
    for file in files:
        names, others = quick_look(file)
        if name in names or name in others:
            return file, others.get(name, name)
    return None


@lru_cache(maxsize=128)
def catalogue_spec(file: Path) -> Spec:
    """The spec in a file of the catalogue, parsed once."""
    return parse_spec(file.read_text(encoding="utf-8"), file.name)


@lru_cache(maxsize=128)
def adapted_spec(file: Path, name: str) -> Spec:
    """The spec in a file of the catalogue as a name or an alias reads it."""
    return catalogue_spec(file).adapted(name)


def used_spec(name: str, user: Spec) -> tuple[Spec, str | None]:
    """The spec that another one uses, and which of its variants: of the catalogue, or a file beside the user.

    Raises:
        SpecError: there is none, or it is wrong.
    """
    path, _, variant = name.partition("::")
    if path.endswith((".yaml", ".yml")):
        spec = read_file(Path(user.source).parent / path)
        check_variant(spec, variant or None)
        return spec, variant or (spec.name if spec.name in spec.variants else None)
    if name in (file.stem for file in spec_files()) and not find(name):
        return catalogue_spec(specs_folder() / f"{name}.yaml"), None
    if (found := find(name)) is None:
        near = nearest(name, [*(known for known, _ in index()), *aliases()], cutoff=0.72)
        hint = f"did you mean {near}?" if near else "`cnncost list` shows what there is"
        raise SpecError(f"the catalogue has no network `{shorten(name)}`; {hint}")
    file, network = found
    spec = adapted_spec(file, name)
    return spec, network if network in spec.variants else None
