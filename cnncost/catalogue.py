"""The catalogue: the specs that come with cnncost, and names into specs.

A NAME is a catalogue name (`vgg16`), another library's name for a network (`torchvision/resnet50`),
a path to a YAML (`my_net.yaml`, or `my_net.yaml::variant`), or `-` for standard input.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from cnncost.dims import Shape
from cnncost.errors import CnncostError, NameUnknown, Place, did_you_mean
from cnncost.graph import Graph
from cnncost.profile import Known, params_and_macs
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
    section = re.search(r"^variants:[ \t]*(?:#.*)?\n((?:[ #].*\n|\n)*)", text, re.MULTILINE)
    if section:
        return re.findall(r"^  ([A-Za-z0-9][\w.+-]*):", section[1], re.MULTILINE)
    return re.findall(r"^name: *([\w.+-]+)", text, re.MULTILINE)[:1]


def aliases_in(text: str) -> dict[str, str]:
    """The aliases of a spec's text with the networks that they stand for, by the same quick look."""
    section = re.search(r"^aliases:(.*\n(?:[ #].*\n|\n)*)", text, re.MULTILINE)
    lines = re.sub(r"(^|\s)#.*", "", section[1]) if section else ""
    return dict(re.findall(r"([A-Za-z0-9][\w.+-]*(?:/[\w.+-]+)+)[\"']?: *[\"']?([\w.+-]+)", lines))


def index() -> Iterator[tuple[str, Path]]:
    """Every network name of the catalogue with its file."""
    for path in spec_files():
        for name in names_in(path.read_text(encoding="utf-8")):
            yield name, path


def aliases() -> dict[str, str]:
    """Every alias of the catalogue with the network that it stands for."""
    found: dict[str, str] = {}
    for path in spec_files():
        found.update(aliases_in(path.read_text(encoding="utf-8")))
    return found


def locate(name: str) -> Path:
    """The file of a catalogue name or an alias; files whose name is most alike are looked at first.

    Raises:
        NameUnknown: no such network; a family's members or the nearest name are given.
    """
    found = find(name)
    if found is None:
        raise NameUnknown(unknown(name))
    return found[0]


def find(name: str) -> tuple[Path, str] | None:
    """The file of a catalogue name or an alias, and the network's own name."""
    last = name.rpartition("/")[2]

    def unlike(path: Path) -> int:
        return -next(
            (i for i, (a, b) in enumerate(zip(path.stem, last, strict=False)) if a != b), len(path.stem)
        )

    for path in sorted(spec_files(), key=unlike):
        text = path.read_text(encoding="utf-8")
        if last != name:
            if name in text and name in (known := aliases_in(text)):
                return path, known[name]
        elif name in text and name in names_in(text):
            return path, name
    return None


def unknown(name: str) -> str:
    """What to say of a name that is not in the catalogue."""
    if is_family(name):
        members = ", ".join(names_in((specs_folder() / f"{name}.yaml").read_text(encoding="utf-8")))
        return f"{name} is a family of networks: {members}"
    listed = "; `cnncost list` shows what there is, a path ends in .yaml"
    if "/" in name:
        return f"no network `{name}`{nearest_alias(name) or listed}"
    known = [known for known, _ in index()]
    return f"no network `{name}`{did_you_mean(name, known, cutoff=0.72) or listed}"


def nearest_alias(name: str) -> str:
    """`; did you mean torchvision/vgg16?`: names of the same source are compared without it."""
    known = list(aliases())
    source, _, last = name.rpartition("/")
    names = [alias.rpartition("/")[2] for alias in known if alias.startswith(f"{source}/")]
    return did_you_mean(last, names).replace("mean ", f"mean {source}/") or did_you_mean(name, known, 0.72)


def read(name: str) -> tuple[Spec, str | None]:
    """The spec that a NAME stands for, and which of its variants.

    Raises:
        SpecError: the file is wrong.
        NameUnknown: nothing has this name.
    """
    path, _, variant = name.partition("::")
    if path == "-":
        return read_stdin(), variant or None
    if path.endswith((".yaml", ".yml")) or "\\" in path:
        return read_path(path, variant)
    found = find(name)
    if found is None and "/" in path and (os.path.exists(path) or not like_alias(path)):
        return read_path(path, variant)
    if found is None and os.path.isfile(path):
        raise NameUnknown(
            f"no network `{name}`; to read the file, write ./{name} or give it the ending .yaml"
        )
    if found is None:
        raise NameUnknown(unknown(name))
    file, name = found
    spec = catalogue_spec(file)
    return spec, name if name in spec.variants else None


def read_network(name: str) -> tuple[Spec, str | None, bool]:
    """The spec of a NAME or of a family, which of its variants, and whether it is the catalogue's.

    Without a variant it is the family, or a file, as it stands.

    Raises:
        SpecError: the file is wrong.
        NameUnknown: nothing has this name.
    """
    if find(name):
        return *read(name), True
    if is_family(name):
        return read_family(name), None, True
    return read(name)[0], name.partition("::")[2] or None, False


def read_path(path: str, variant: str) -> tuple[Spec, str | None]:
    """The spec in a file, and which of its variants: the named one, or that of the spec's own name."""
    spec = read_file(path)
    return spec, variant or (spec.name if spec.name in spec.variants else None)


def like_alias(path: str) -> bool:
    """Whether a path looks like a misspelt alias: its first part is the source of some, or it is near one."""
    source = path.partition("/")[0]
    return source not in ("", ".", "..", "~") and bool(
        any(alias.startswith(f"{source}/") for alias in aliases()) or nearest_alias(path)
    )


@lru_cache(maxsize=128)
def catalogue_spec(file: Path) -> Spec:
    """The spec in a file of the catalogue, parsed once."""
    return parse_spec(file.read_text(encoding="utf-8"), file.name)


def is_family(name: str) -> bool:
    """Whether a name is that of a family, which is that of its file."""
    return bool(re.fullmatch(r"[\w.+-]+", name)) and (specs_folder() / f"{name}.yaml").is_file()


def read_family(name: str) -> Spec:
    """The spec of a family (`resnet`), or of one of its networks."""
    if is_family(name):
        return catalogue_spec(specs_folder() / f"{name}.yaml")
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


def entries(specs: Iterable[Spec] | None = None) -> list[dict[str, Any]]:
    """What is in the catalogue: each network with its family, paper, params, macs, input and top-1 error.

    Args:
        specs: only the networks of these; all if left out.
    """
    known: Known = {}
    return [
        entry(spec, name, known)
        for spec in (chosen_specs() if specs is None else specs)
        for name in networks_of(spec)
    ]


def entry(spec: Spec, name: str, known: Known) -> dict[str, Any]:
    """One network of a spec: built and counted; `known` as in `params_and_macs`."""
    graph = build(spec, name if name in spec.variants else None)
    params, macs = params_and_macs(graph, known)
    error, source = top1_error(spec, name)
    return {
        "name": name,
        "family": spec.name,
        "year": spec.year,
        "params": params,
        "macs": macs,
        "input": list(graph.input_shape),
        "top1_error": error,
        "top1_source": source,
        "title": spec.title,
        "paper": dict(spec.paper),
        "aliases": [alias for alias, network in spec.aliases.items() if network == name],
    }


def networks_of(spec: Spec) -> Collection[str]:
    """The names of a spec's networks."""
    return spec.variants or (spec.name,)


def chosen_specs(
    families: Collection[str] = (), years: Callable[[int | None], bool] | None = None
) -> list[Spec]:
    """The specs of the catalogue by year and name, those without a year last; only some families, or years.

    Raises:
        NameUnknown: no such family.
    """
    files = {path.stem: path for path in spec_files()}
    for family in families:
        if family not in files:
            hint = did_you_mean(family, files) or f"; there are {', '.join(files)}"
            raise NameUnknown(f"no family `{family}`{hint}")
    specs = [catalogue_spec(path) for stem, path in files.items() if not families or stem in families]
    kept = [spec for spec in specs if years is None or years(spec.year)]
    return sorted(kept, key=lambda spec: (spec.year is None, spec.year or 0, spec.name))


def top1_error(spec: Spec, name: str) -> tuple[float, str] | tuple[None, None]:
    """The first top-1 error in percent that the spec's facts have for a network, and who prints it."""
    for fact in spec.facts:
        if fact.network == name and fact.quantity in ("top1_error", "error"):
            return float(fact.printed), fact.source
        if fact.network == name and fact.quantity in ("top1_accuracy", "accuracy"):
            return float(100 - Fraction(fact.printed)), fact.source
    return None, None


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
