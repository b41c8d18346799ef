"""The layer types in a table, family by family, and one type in full."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from cnncost.formulas.reference import LayerReference, formulas, good_examples, reference
from cnncost.layers import Layer, catalogue
from cnncost.tables.table import Column, Document, Line, Paragraph, Table


def overview(types: Sequence[type[Layer]]) -> Table:
    """One row per layer type, below the name of its family."""
    modules = list(dict.fromkeys(t.__module__ for t in types))  # with those of plugins
    ordered = sorted(types, key=lambda t: modules.index(t.__module__))
    found = [reference(t) for t in ordered]
    families = [family(t) for t in ordered]
    firsts = {families.index(name): (name,) for name in dict.fromkeys(families)}
    columns = [
        Column("name", "layer", [one.name for one in found], left=True),
        Column("summary", "what it is", [one.summary for one in found], left=True, wraps=True),
        Column("family", "family", families, hidden=True),
        Column("call", "call", [one.call for one in found], hidden=True),
    ]
    notes = (LEFT_OUT_NOTE, OWN_NOTE) if len(types) == len(catalogue()) else ()
    return Table("", columns, headings=firsts, notes=notes, data=[vars(one) for one in found])


LEFT_OUT_NOTE = (
    "Left out of torch.nn: losses, containers, lazy layers, quantised layers and what only runs layers; "
    "`cnncost layers NAME` says why, as in `cnncost layers CrossEntropyLoss`."
)


OWN_NOTE = "A spec defines layers of its own under `types:`; `cnncost layers my_net.yaml` shows them."


def family(layer: type[Layer]) -> str:
    """What the layers of a file have in common: the first words of its docstring."""
    return (sys.modules[layer.__module__].__doc__ or "Layers of others").split(":")[0].split(".")[0]


def page(layer: type[Layer]) -> Document:
    """One layer type in full: its call, its documentation, and the formulas of its own code."""
    about, table = reference(layer), overview([layer])
    name, bracket, arguments = about.call.partition("(")
    parts = [
        Paragraph((Line(arguments, head=name + bracket) if bracket else Line(name),)),
        Paragraph.of(about.summary),
        Paragraph(tuple(section_lines(about))),
        Paragraph(tuple(formula_lines(layer))),
    ]
    return Document(parts, records=table, data=table.data)


def section_lines(about: LayerReference) -> Iterator[Line]:
    """The sections of the documentation, their names before them; an example line by line."""
    for name, text in about.sections.items():
        for i, line in enumerate(text.splitlines()):
            yield Line(line, head=f"{name if i == 0 else '':<12}", head_style="")


def formula_lines(layer: type[Layer]) -> Iterator[Line]:
    """The formulas of the layer's first example."""
    from cnncost.formulas.notation import Writer

    known = good_examples(layer)
    if not known:
        yield Line("No formulas: the class lists no `examples`.")
        return
    yield Line(f"Formulas, of {known[0].call}:")
    worked = formulas(layer)
    width = max(len(name) for name, _ in worked)
    yield from (
        Line(Writer().write(formula), head=f"  {name:<{width}}  ", head_style="") for name, formula in worked
    )
