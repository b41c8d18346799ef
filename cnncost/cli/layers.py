"""`cnncost layers`: the layer types, documented by their own classes."""

from __future__ import annotations

import json
import sys
import textwrap
from typing import Annotated

import typer

from cnncost.cli import options
from cnncost.formulas.reference import LayerReference, formulas, layer_type, reference
from cnncost.layers import Layer, catalogue
from cnncost.tables.grid import grid

EXAMPLE = "Example: cnncost layers Conv2d"
NEEDS_ARGUMENTS = False
FORMATS = ("terminal", "json", "markdown")


def complete_layer(incomplete: str) -> list[str]:
    """Layer names for the shell."""
    return [name for name in catalogue() if name.lower().startswith(incomplete.lower())]


def command(
    layer: Annotated[
        str | None, typer.Argument(metavar="LAYER", help="A layer type.", autocompletion=complete_layer)
    ] = None,
    format: options.Format = None,
    output: options.Output = None,
) -> None:
    """List the layer types, or show one: arguments, shapes, what is counted, and its formulas."""
    chosen = options.choose_format(format, output, FORMATS)
    types = [layer_type(layer)] if layer else list(catalogue().values())
    if chosen == "json":
        options.write(
            json.dumps([vars(reference(t)) for t in types], indent=2, ensure_ascii=False) + "\n", output
        )
    elif layer:
        options.write(page(types[0]), output)
    else:
        options.write(overview(chosen, types), output)


def overview(chosen: str, types: list[type[Layer]]) -> str:
    """Every layer in a line, by family."""
    parts = []
    for family in dict.fromkeys(t.__module__ for t in types):  # of others too, from plugins
        members = [reference(t) for t in types if t.__module__ == family]
        title = (sys.modules[family].__doc__ or "Layers of others").split(":")[0].split(".")[0]
        rows = [[m.name, m.summary] for m in members]
        if chosen == "markdown":
            parts.append(f"### {title}\n\n" + grid(chosen, ("layer", "what it is"), rows, left=(0, 1)))
        else:
            parts.append(f"{title}\n" + "".join(map(in_a_line, members)))
    return "\n".join(parts)


def in_a_line(about: LayerReference) -> str:
    """Name and summary, wrapped to 80 columns."""
    return textwrap.fill(f"  {about.name:<18} {about.summary}", 80, subsequent_indent=" " * 21) + "\n"


def page(layer: type[Layer]) -> str:
    """One layer in full."""
    from cnncost.formulas.notation import Writer

    about = reference(layer)
    lines = [
        *textwrap.wrap(about.call, 80, subsequent_indent="    "),
        "",
        *textwrap.wrap(about.summary, 80),
        "",
    ]
    for name, text in about.sections.items():
        body = text.splitlines() if name == "Example" else textwrap.wrap(text, 68, break_long_words=False)
        lines += [f"{name if i == 0 else '':<12}{line}" for i, line in enumerate(body)]
    if not layer.examples:
        return "\n".join([*lines, "", "No formulas: the class lists no `examples`."]) + "\n"
    lines += ["", f"Formulas, of {layer.examples[0].call}:"]
    worked = formulas(layer)
    width = max(len(name) for name, _ in worked)
    lines += [f"  {name:<{width}}  {Writer().write(formula)}" for name, formula in worked]
    return "\n".join(lines) + "\n"
