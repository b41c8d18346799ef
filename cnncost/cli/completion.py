"""What the shell offers on Tab: names, layers, params and values, from what was typed before.

A completion never fails: what cannot be read offers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import typer

from cnncost.errors import CnncostError

Offered = list[tuple[str, str]]
"""What can be typed, each with a short help."""

NETWORK_ARGUMENTS = ("name", "names", "before", "call", "layer")
"""How commands call the argument that names a network."""


def quietly(offer: Callable[[typer.Context, str], Iterable[Any]]) -> Callable[[typer.Context, str], Offered]:
    """Offer what begins with the typed letters, small or capital; nothing where something is wrong."""

    def complete(ctx: typer.Context, incomplete: str) -> Offered:
        try:
            pairs = [one if isinstance(one, tuple) else (one, "") for one in offer(ctx, incomplete)]
        except (CnncostError, OSError):
            return []
        return [pair for pair in pairs if pair[0].lower().startswith(incomplete.lower())]

    return complete


def typed(ctx: typer.Context) -> dict[str, Any]:
    """What was typed before, by the names of the command's arguments."""
    names = [str(param.name) for param in ctx.command.params if param.param_type_name == "argument"]
    given = {name: value for name, value in ctx.params.items() if value}
    # where an option is typed whose value is not, the arguments are only in `args`
    return {**dict(zip(names, ctx.args, strict=False)), **given}


def network_of(ctx: typer.Context) -> str:
    """The network that was typed before; of several, the first."""
    before = typed(ctx)
    given = next((before[key] for key in NETWORK_ARGUMENTS if key in before), "")
    name: str = given if isinstance(given, str) else given[0]
    if name == "-":
        raise CnncostError("standard input is not read for a completion")
    return name


def networks(incomplete: str) -> list[str]:
    """Networks of the catalogue; aliases once a letter is typed."""
    from cnncost.network.catalogue import aliases, index

    return sorted([name for name, _ in index()] + (list(aliases()) if incomplete else []))


def specs_here(incomplete: str) -> list[str]:
    """YAML files and folders that a path begins; of the working folder once a letter is typed."""
    folder, slash, start = incomplete.rpartition("/")
    if not incomplete or (not slash and incomplete.startswith("-")):
        return []
    found = sorted(Path(folder + slash or ".").glob(f"{start}*")) if not set(start) & set("*?[") else []
    return [
        f"{folder}{slash}{path.name}{'/' if path.is_dir() else ''}"
        for path in found
        if path.is_dir() or path.suffix in (".yaml", ".yml")
    ]


@quietly
def network_names(_: typer.Context, incomplete: str) -> list[str]:
    """Networks of the catalogue, and YAML files."""
    return networks(incomplete) + specs_here(incomplete)


@quietly
def families(*_: Any) -> list[str]:
    """Families of the catalogue."""
    from cnncost.network.catalogue import spec_files

    return [path.stem for path in spec_files()]


@quietly
def layer_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Layers of the network that was typed, one part of their names after the other."""
    from cnncost.network.catalogue import load

    *before, last = incomplete.split(",")  # a chart takes several
    parts = last.count(".") + 1
    names = (".".join(node.name.split(".")[:parts]) for node in load(network_of(ctx)).nodes)
    return [",".join([*before, name]) for name in dict.fromkeys(names)]


@quietly
def layer_types(*_: Any) -> Offered:
    """Layer types, with what they are."""
    from cnncost.layers import catalogue

    return [(name, (layer.__doc__ or "").partition("\n")[0]) for name, layer in catalogue().items()]


@quietly
def layers_and_networks(ctx: typer.Context, incomplete: str) -> Offered:
    """Layer types and networks."""
    names = networks(incomplete) + specs_here(incomplete) if incomplete else []
    return layer_types(ctx, incomplete) + [(name, "") for name in names]


@quietly
def blocks(ctx: typer.Context, _: str) -> list[str]:
    """Blocks and types of the spec that was typed."""
    from cnncost.network.catalogue import read_network

    spec = read_network(network_of(ctx))[0]
    types = list(spec.types)
    return types if ctx.info_name == "layers" else [*spec.blocks, *types]


@quietly
def settings(ctx: typer.Context, incomplete: str) -> Offered:
    """Params of the spec that was typed."""
    return params_of(network_of(ctx), incomplete)


@quietly
def other_settings(ctx: typer.Context, incomplete: str) -> Offered:
    """Params of the second spec that was typed."""
    return params_of(typed(ctx).get("after", ""), incomplete)


def params_of(network: str, incomplete: str) -> Offered:
    """`param=` of a spec, with its value; behind `=`, the values of its variants."""
    from cnncost.network.catalogue import read_network

    spec, variant, _ = read_network(network)
    own = spec.variants.get(variant or "", {})
    param, equals, _ = incomplete.partition("=")
    if not equals:
        return [(f"{name}=", text_of(own.get(name, value))) for name, value in spec.params.items()]
    values = [params[param] for params in (spec.params, *spec.variants.values()) if param in params]
    texts = dict.fromkeys(text_of(value).replace(" ", "") for value in values)
    return [(f"{param}={text}", "") for text in texts]


def text_of(value: Any) -> str:
    """A param's value as it is written."""
    return (
        f"[{', '.join(map(text_of, value))}]"
        if isinstance(value, list)
        else str(getattr(value, "text", value))
    )


@quietly
def conventions(*_: Any) -> Offered:
    """Conventions, with what they count."""
    from cnncost.count.conventions import CONVENTIONS

    return [(name, convention.summary) for name, convention in CONVENTIONS.items()]


@quietly
def cards(*_: Any) -> list[str]:
    """Devices by their data sheets."""
    from cnncost.timing import cards

    return [*cards.cards()]


@quietly
def dtypes(*_: Any) -> list[str]:
    """Element types."""
    from cnncost.count.dtype import DTYPE_BITS

    return list(DTYPE_BITS)


@quietly
def formats(ctx: typer.Context, _: str) -> tuple[str, ...]:
    """The formats of the command that was typed."""
    found: tuple[str, ...] = import_module(f"cnncost.cli.{ctx.info_name}").FORMATS
    return found
