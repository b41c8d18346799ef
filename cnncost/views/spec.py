"""What `cnncost show` prints along with a spec: its paper, the variant, and published figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from cnncost.published import Figure, fact_id
from cnncost.spec.expression import Expression, visible
from cnncost.spec.structure import Spec, Value
from cnncost.tables.table import Column, Document, Line, Paragraph, Table
from cnncost.views.audit import COLOURS


def about(spec: Spec, variant: str | None, figures: Sequence[Figure]) -> Document:
    """Name, paper, variant and published figures."""
    also = aliases(spec, variant)
    sentences = (spec.citation, sentence(spec, variant), f"also {', '.join(also)}" if also else "")
    head = Line(spec.source, "dim", head=f"{variant or spec.name}  ")
    lines = (head, *(Line(text) for text in sentences if text))
    parts: list[Paragraph | Table] = [Paragraph(lines)]
    if figures:
        parts.append(figures_table(spec, figures, several=variant is None and len(spec.variants) > 1))
    return Document(parts, data=lambda: to_dict(spec, variant, figures))


def figures_table(spec: Spec, figures: Sequence[Figure], several: bool) -> Table:
    """The published figures, source by source, and whether they are reproduced."""
    notes = notes_of(spec)
    networks = [figure.id.split("/")[1] for figure in figures]
    causes = [notes.get(f.id, "") if f.status in ("reproduced", "recorded") else f.cause for f in figures]
    status = [": ".join(filter(None, (f.status, cause))) for f, cause in zip(figures, causes, strict=True)]
    sources = [figure.source for figure in figures]
    columns = [
        Column("source", "source", sources, hidden=True),
        Column("quantity", "figure", [figure.quantity for figure in figures], left=True),
        Column("printed", "printed", [figure.printed for figure in figures]),
        Column(
            "status",
            "status",
            status,
            left=True,
            wraps=True,
            styles=[COLOURS.get(figure.status, "dim") for figure in figures],
        ),
    ]
    if several:
        columns.insert(0, Column("network", "network", networks, left=True))
    headings = {i: (name,) for i, name in enumerate(sources) if i == 0 or sources[i - 1] != name}
    return Table("", columns, headings=headings)


def to_dict(spec: Spec, variant: str | None, figures: Sequence[Figure]) -> dict[str, Any]:
    """The spec, what is known of the network, and its text: the JSON of ``cnncost show``."""
    notes = notes_of(spec)
    return {
        "name": variant or spec.name,
        "family": spec.name,
        "title": spec.title,
        "paper": dict(spec.paper),
        "source": spec.source,
        "variants": list(spec.variants),
        "changes": {name: written(value) for name, value in changes(spec, variant).items()},
        "aliases": aliases(spec, variant),
        "facts": [
            {"quantity": figure.quantity, **asdict(figure), "note": notes.get(figure.id, "")}
            for figure in figures
        ],
        "text": spec.text,
    }


def sentence(spec: Spec, variant: str | None) -> str:
    """Which variant it is, and how an alias changes it."""
    if spec.alias:
        found = spec.adaptations[spec.alias]
        other = [f"with {params_text(found.params)}"] * bool(found.params)
        other += ["for inputs of one size"] * found.fixed_input
        other += [f"where {', '.join(found.functional)} are called as functions"] * bool(found.functional)
        return f"{spec.alias} is {variant or spec.name} {' and '.join(other)}"
    if variant is None:
        return f"variants: {', '.join(spec.variants)}" if spec.variants else ""
    changed = params_text(changes(spec, variant))
    kind = f"The spec `{spec.name}` {f'with {changed}' if changed else 'without changes'}"
    return f"{kind}. In your own copy of the file, write copy.yaml::{variant}."


def params_text(params: dict[str, Value] | Any) -> str:
    """`width: 64, act: ReLU`."""
    return ", ".join(f"{name}: {written(value)}" for name, value in params.items())


def written(value: Value) -> str:
    """A param's value as the spec writes it."""
    if isinstance(value, Expression):
        return visible(value.text)
    return f"[{', '.join(map(written, value))}]"


def changes(spec: Spec, variant: str | None) -> dict[str, Value]:
    """The params that a variant changes."""
    changed = spec.variants[variant] if variant else {}
    return {name: value for name, value in changed.items() if written(value) != written(spec.params[name])}


def aliases(spec: Spec, variant: str | None) -> list[str]:
    """The other names of a network; those of all where none is chosen."""
    return [alias for alias, network in spec.aliases.items() if variant is None or network == variant]


def notes_of(spec: Spec) -> dict[str, str]:
    """How each measured figure was tested, by its id."""
    return {fact_id(spec, fact): fact.note for fact in spec.facts if fact.note}
