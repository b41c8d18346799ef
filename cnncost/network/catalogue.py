"""The catalogue: the specs that come with cnncost, and names into specs.

A NAME is a catalogue name (`vgg16`), another library's name for a network (`torchvision/resnet50`),
a path to a YAML (`my_net.yaml`, or `my_net.yaml::variant`), or `-` for standard input. Others may register
readers of names of another kind, as `cnncost.convert` does for PyTorch modules.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any, Protocol

from cnncost.dims import Inputs
from cnncost.errors import CnncostError, NameUnknown, Place, did_you_mean, nearest, shown
from cnncost.layers import Layer
from cnncost.network.builder import build
from cnncost.network.graph import Graph
from cnncost.spec.expression import parse, shorten
from cnncost.spec.library import (
    adapted_spec,
    aliases,
    aliases_in,
    catalogue_spec,
    find,
    index,
    names_in,
    spec_files,
    specs_folder,
)
from cnncost.spec.reader import parse_spec, read_file, read_stdin
from cnncost.spec.resolve import check_variant
from cnncost.spec.structure import Spec

__all__ = [
    "adapted_spec",
    "aliases",
    "aliases_in",
    "catalogue_spec",
    "catalogued_graph",
    "chosen_specs",
    "find",
    "index",
    "layer_graph",
    "load",
    "load_text",
    "names_in",
    "networks_of",
    "read",
    "read_catalogued",
    "read_family",
    "read_network",
    "spec_files",
    "specs_folder",
]


UNREADABLE = (".pt", ".pth", ".h5", ".keras", ".tflite", ".pb", ".safetensors", ".json", ".prototxt")
"""Endings of files that hold networks in other forms, or only their weights."""


def unknown_network(name: str) -> str:
    """The message for a name that is not in the catalogue."""
    if is_family(name):
        return f"{name} is a family of networks: {', '.join(networks_of(read_family(name)))}"
    shown = shorten(name)
    if name.lower().endswith(UNREADABLE):
        rule = "cnncost reads specs (net.yaml), PyTorch modules (net.py:Net), net.pt2 and net.onnx"
        return f"`{shown}` cannot be read: {rule}"
    example = next((alias for alias in aliases() if alias.startswith(name.rstrip("/") + "/")), None)
    if example:
        return f"no network `{shown}`: it is the source of others, such as {example}"
    names = [known for known, _ in index()]
    found = from_module(name) or (nearest_alias(name) if "/" in name else nearest(name, names, cutoff=0.72))
    if not found and (dotted := re.fullmatch(r"([A-Za-z_]\w*(?:\.\w+)*)\.([A-Za-z_]\w*)", name)):
        return f"no network `{shown}`; a model in Python is written {dotted[1]}:{dotted[2]}"
    family = nearest_family(name) if not found or name.isalpha() else None
    if family and family not in names:
        some = ", ".join([*networks_of(read_family(family))][:4])
        return f"no network `{shown}`; did you mean one of the family {family}: {some} …?"
    hint = f"did you mean {found}?" if found else "`cnncost list` shows what there is, a path ends in .yaml"
    return f"no network `{shown}`; {hint}"


def nearest_family(name: str) -> str | None:
    """The family that a name is like, or else that it begins with."""
    families = [path.stem for path in spec_files()]
    begun = [family for family in families if len(family) > 2 and name.lower().startswith(family)]
    return nearest(name, families, cutoff=0.85) or max(begun, key=len, default=None)


def from_module(name: str) -> str | None:
    """The network of a dotted name, `torchvision.models.resnet50`, or of an alias of no known source."""
    source, *parts = re.split(r"[./:]", name)
    if not parts:
        return None
    last, names = parts[-1], [known for known, _ in index()]
    known = [alias for alias in aliases() if alias.rpartition("/")[2] == last]
    same = [alias for alias in known if alias.startswith(f"{source}/")]
    return next(iter([*same, *known]), None) or (last if last in names else None)


def nearest_alias(name: str) -> str | None:
    """The alias that is most like a name: those of the same source are compared without it."""
    known = list(aliases())
    source, _, last = name.rpartition("/")
    found = nearest(last, [alias.rpartition("/")[2] for alias in known if alias.startswith(f"{source}/")])
    return f"{source}/{found}" if found else nearest(name, known, cutoff=0.72)


class Reader(Protocol):
    """Reads networks that are no specs: PyTorch modules, by their code's name or as they are."""

    def accepts(self, network: object) -> bool:
        """Whether this is such a network."""

    def spec(self, network: Any, input: Inputs | None, params: Mapping[str, Any] | None) -> Spec:
        """The spec that it becomes, for an input and with arguments for its code."""


READERS: list[Reader] = []


def register_reader(reader: Reader) -> None:
    """Let names of another kind be read."""
    READERS.append(reader)


def reader_of(network: object) -> Reader | None:
    """Who reads a network that is no spec; None for one that is."""
    return next((reader for reader in READERS if reader.accepts(network)), None)


def read(name: str) -> tuple[Spec, str | None]:
    """The spec of a NAME, and which of its variants.

    Raises:
        SpecError: the file is wrong.
        NameUnknown: nothing has this name.
    """
    if reader := reader_of(name):
        return reader.spec(name, None, None), None
    path, _, variant = name.partition("::")
    if path == "-":
        return spec_and_variant(read_stdin(), variant)
    if path.endswith((".yaml", ".yml")) or "\\" in path:
        return spec_and_variant(read_file(path), variant)
    found = find(name)
    if found is None and "/" in path and (os.path.exists(path) or not looks_like_alias(path)):
        return spec_and_variant(read_file(path), variant)
    if found is None and os.path.isfile(path):
        hint = f"to read the file, write ./{shorten(name)} or give it the ending .yaml"
        raise NameUnknown(f"no network `{shorten(name)}`; {hint}")
    return read_catalogued(name)


def read_catalogued(name: str) -> tuple[Spec, str | None]:
    """The spec of a catalogue name or an alias, and which of its variants; no file of the user's is read."""
    if (found := find(name)) is None:
        raise NameUnknown(unknown_network(name))
    file, network = found
    spec = adapted_spec(file, name)
    return spec, network if network in spec.variants else None


def read_network(name: str) -> tuple[Spec, str | None, bool]:
    """The spec of a NAME or of a family, which of its variants, and whether it is the catalogue's.

    No variant means the whole family, or the file with its own params.

    Raises:
        SpecError: the file is wrong.
        NameUnknown: nothing has this name.
    """
    if find(name):
        return *read(name), True
    if is_family(name):
        return read_family(name), None, True
    return read(name)[0], name.partition("::")[2] or None, False


def spec_and_variant(spec: Spec, variant: str) -> tuple[Spec, str | None]:
    """A user's spec, and which of its variants: the named one, or that of the spec's own name."""
    check_variant(spec, variant or None)
    return spec, variant or (spec.name if spec.name in spec.variants else None)


def looks_like_alias(path: str) -> bool:
    """Whether a path looks like a misspelt alias: its first part is the source of some, or it is near one."""
    source = path.partition("/")[0]
    return source not in ("", ".", "..", "~") and bool(
        any(alias.startswith(f"{source}/") for alias in aliases()) or nearest_alias(path)
    )


def is_family(name: str) -> bool:
    """Whether a name is that of a family, which is that of its file."""
    return any(path.stem == name for path in spec_files())


def read_family(name: str) -> Spec:
    """The spec of a family (`resnet`), or of one of its networks."""
    if is_family(name):
        return catalogue_spec(specs_folder() / f"{name}.yaml")
    return read(name)[0]


def load(
    name: str | os.PathLike[str] | Graph | Spec,
    *,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
) -> Graph:
    """A network by name.

    Args:
        name: a catalogue name, a path, or `-`; a Spec or a Graph is taken as it is.
        input: a shape (C, H, W) instead of the spec's own.
        params: values instead of the spec's params.

    Raises:
        CnncostError: with the place in the spec, or the nearest known name.
    """
    if isinstance(name, Graph):
        if input is not None or params:
            raise CnncostError("a Graph has its input and params already: give them where it is loaded")
        return name.check()
    if reader := reader_of(name):
        return build(reader.spec(name, input, params))
    if not isinstance(name, (str, os.PathLike, Spec)):
        graph = ": give its `graph`" if isinstance(getattr(name, "graph", None), Graph) else ""
        raise CnncostError(f"a network is a name, a path, a Spec or a Graph, not {shown(name)}{graph}")
    if isinstance(name, str) and input is None and not params and find(name):
        return catalogued_graph(name)
    if params is not None and not isinstance(params, Mapping):
        raise CnncostError(f"params are values by name, not {params!r}")
    spec, variant = (name, None) if isinstance(name, Spec) else read(os.fspath(name))
    graph = build(spec, variant, input_shape=input, params=params)
    settings = (f"{name}={getattr(value, 'text', value)}" for name, value in (params or {}).items())
    return graph.replace(settings=", ".join(settings)) if params else graph


@lru_cache(maxsize=32)
def catalogued_graph(name: str) -> Graph:
    """A network of the catalogue with its own params, built once and shared: nothing changes a graph."""
    return build(*read_catalogued(name))


def networks_of(spec: Spec) -> Collection[str]:
    """The names of a spec's networks."""
    return spec.variants or (spec.name,)


def chosen_specs(
    families: Collection[str] = (), years: Callable[[int | None], bool] | None = None
) -> list[Spec]:
    """The specs of the catalogue by year and name, those without a year last; all, or only some."""
    files = {path.stem: path for path in spec_files()}
    for family in families:
        if family not in files:
            hint = did_you_mean(family, files) or f"; there are {', '.join(files)}"
            raise NameUnknown(f"no family `{family}`{hint}")
    specs = [catalogue_spec(path) for stem, path in files.items() if not families or stem in families]
    kept = [spec for spec in specs if years is None or years(spec.year)]
    return sorted(kept, key=lambda spec: (spec.year is None, spec.year or 0, spec.name))


def load_text(text: str, *, source: str = "<text>", input: Inputs | None = None) -> Graph:
    """A network from the text of a spec."""
    return build(parse_spec(text, source), input_shape=input)


def layer_graph(
    call: str, input: Inputs, symbols: bool = False, types: Mapping[str, type[Layer]] | None = None
) -> Graph:
    """One layer or a chain, without a file: `Conv2d(96, 11, stride=4) >> ReLU`.

    `types` are layers that the call may use besides those of the catalogue.

    Raises:
        SpecError: the call is wrong, or does not fit the input.
    """
    expression = parse(call, Place("layer", 1, 1, call))
    spec = Spec(name=call, source="", text=call, layers=expression, types=types or {})
    return build(spec, input_shape=input, symbols=symbols)
