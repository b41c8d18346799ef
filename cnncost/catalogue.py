"""The catalogue: the specs that come with cnncost, and names into specs.

A NAME is a catalogue name (`vgg16`), a path to a YAML (`my_net.yaml`, or `my_net.yaml::variant`),
or `-` for standard input.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cnncost.dims import Shape
from cnncost.errors import CnncostError, NameUnknown, Place, did_you_mean
from cnncost.graph import Graph
from cnncost.profile import profile_graph
from cnncost.spec.builder import build
from cnncost.spec.expression import parse
from cnncost.spec.reader import parse_spec, read_file, read_stdin
from cnncost.spec.structure import Spec


@cache
def specs_folder() -> Path:
    """Where the specs lie: inside the installed package, or beside it in a source tree."""
    inside = Path(__file__).parent / "specs"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "specs"


def spec_files() -> list[Path]:
    """The files of the catalogue, in alphabetical order."""
    return sorted(specs_folder().glob("*.yaml"))


def names_in(text: str) -> list[str]:
    """The network names of a spec's text: its variants, or its own name where it has none.

    A quick look without parsing, so that finding a name does not parse the whole catalogue.
    """
    section = re.search(r"^variants:\n((?:[ #].*\n|\n)*)", text, re.MULTILINE)
    if section:
        return re.findall(r"^  ([A-Za-z0-9][\w.+-]*):", section[1], re.MULTILINE)
    return re.findall(r"^name: *([\w.+-]+)", text, re.MULTILINE)[:1]


def index() -> Iterator[tuple[str, Path]]:
    """Every network name of the catalogue with its file."""
    for path in spec_files():
        for name in names_in(path.read_text(encoding="utf-8")):
            yield name, path


def locate(name: str) -> Path:
    """The file of a catalogue name; files whose name is most alike are looked at first.

    Raises:
        NameUnknown: no such network; a family's members or the nearest name are given.
    """

    def unlike(path: Path) -> int:
        return -next(
            (i for i, (a, b) in enumerate(zip(path.stem, name, strict=False)) if a != b), len(path.stem)
        )

    for path in sorted(spec_files(), key=unlike):
        if name in names_in(path.read_text(encoding="utf-8")):
            return path
    raise NameUnknown(unknown(name))


def unknown(name: str) -> str:
    """What to say of a name that is not in the catalogue."""
    family = specs_folder() / f"{name}.yaml"
    if re.fullmatch(r"[\w.+-]+", name) and family.is_file():
        members = ", ".join(names_in(family.read_text(encoding="utf-8")))
        return f"{name} is a family of networks: {members}"
    known = [known for known, _ in index()]
    listed = "; `cnncost list` shows what there is, a path ends in .yaml"
    return f"no network `{name}`{did_you_mean(name, known, cutoff=0.72) or listed}"


def read(name: str) -> tuple[Spec, str | None]:
    """The spec that a NAME stands for, and which of its variants.

    Raises:
        SpecError: the file is wrong.
        NameUnknown: nothing has this name.
    """
    if name == "-":
        return read_stdin(), None
    path, _, variant = name.partition("::")
    if path.endswith((".yaml", ".yml")) or "/" in path or "\\" in path:
        spec = read_file(path)
        return spec, variant or (spec.name if spec.name in spec.variants else None)
    if os.path.isfile(path) and not any(known == path for known, _ in index()):
        raise NameUnknown(
            f"no network `{name}`; to read the file, write ./{name} or give it the ending .yaml"
        )
    file = locate(name)
    spec = parse_spec(file.read_text(encoding="utf-8"), file.name)
    return spec, name if name in spec.variants else None


def read_family(name: str) -> Spec:
    """The spec of a family (`resnet`), or of one of its networks."""
    if re.fullmatch(r"[\w.+-]+", name) and (specs_folder() / f"{name}.yaml").is_file():
        file = specs_folder() / f"{name}.yaml"
        return parse_spec(file.read_text(encoding="utf-8"), file.name)
    return read(name)[0]


def load(
    name: str | os.PathLike[str] | Graph | Spec,
    *,
    input: Shape | None = None,
    params: Mapping[str, Any] | None = None,
) -> Graph:
    """A network by name.

    Args:
        name: a catalogue name, a path, or `-`; a Spec or a Graph is taken as it is.
        input: a shape (C, H, W) in place of the spec's own.
        params: values in place of the spec's params.

    Raises:
        CnncostError: with the place in the spec, or the nearest known name.
    """
    if isinstance(name, Graph):
        if input is not None or params:
            raise CnncostError("a Graph has its input and params already: give them where it is loaded")
        return name
    if not isinstance(name, (str, os.PathLike, Spec)):
        raise CnncostError(f"a network is a name, a path, a Spec or a Graph, not {name!r}")
    if params is not None and not isinstance(params, Mapping):
        raise CnncostError(f"params are values by name, not {params!r}")
    spec, variant = (name, None) if isinstance(name, Spec) else read(os.fspath(name))
    return build(spec, variant, input_shape=input, params=params)


def entries() -> list[dict[str, Any]]:
    """What is in the catalogue: name, family, year, params, macs and input of each network."""
    found = []
    for path in spec_files():
        spec = parse_spec(path.read_text(encoding="utf-8"), path.name)
        for name in spec.variants or [spec.name]:
            graph = build(spec, name if name in spec.variants else None)
            totals = profile_graph(graph).totals
            found.append(
                {
                    "name": name,
                    "family": spec.name,
                    "year": spec.year,
                    "params": totals.params,
                    "macs": totals.macs,
                    "input": list(graph.input_shape),
                }
            )
    return sorted(found, key=lambda entry: (entry["year"] or 0, entry["family"]))


def load_text(text: str, *, source: str = "<text>", input: Shape | None = None) -> Graph:
    """A network from the text of a spec."""
    return build(parse_spec(text, source), input_shape=input)


def layer_graph(call: str, input: Shape, symbols: bool = False) -> Graph:
    """One layer or a chain, without a file: `Conv2d(96, 11, stride=4) >> ReLU`.

    Raises:
        SpecError: the call is wrong, or does not fit the input.
    """
    expression = parse(call, Place("layer", 1, 1, call))
    spec = Spec(name=call, source="", text=call, layers=expression)
    return build(spec, input_shape=input, symbols=symbols)
