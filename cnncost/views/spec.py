"""What `cnncost show` says beside a spec: its paper, the variant, and what is printed of the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from textwrap import wrap
from typing import Any

from cnncost.published import Figure, fact_id
from cnncost.spec.expression import Expression, visible
from cnncost.spec.structure import Spec, Value
from cnncost.tables.terminal import Part
from cnncost.views.audit import COLOURS


def written(value: Value) -> str:
    """A param's value as the spec writes it."""
    if isinstance(value, Expression):
        return visible(value.text)
    return f"[{', '.join(map(written, value))}]"


def to_dict(spec: Spec, variant: str | None, figures: Sequence[Figure]) -> dict[str, Any]:
    """The spec, what is known of the network, and its text: the JSON of ``cnncost show``."""
    network = variant or spec.name
    notes = notes_of(spec)
    return {
        "name": network,
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


def changes(spec: Spec, variant: str | None) -> dict[str, Value]:
    """What a variant makes different from the params as they stand."""
    changed = spec.variants[variant] if variant else {}
    return {name: value for name, value in changed.items() if written(value) != written(spec.params[name])}


def aliases(spec: Spec, variant: str | None) -> list[str]:
    """The other names of a network; those of all where none is chosen."""
    return [alias for alias, network in spec.aliases.items() if variant is None or network == variant]


def about(spec: Spec, variant: str | None, figures: Sequence[Figure], width: int) -> Iterator[list[Part]]:
    """Name, paper, variant and facts, for people."""
    yield [(variant or spec.name, "bold"), (f"  {spec.source}", "dim")]
    yield from paragraph(spec.citation, width)
    yield from paragraph(sentence(spec, variant), width)
    if also := aliases(spec, variant):
        yield from paragraph(f"also {', '.join(also)}", width)
    if figures:
        yield []
        yield from facts(spec, figures, width, several=variant is None and len(spec.variants) > 1)


def notes_of(spec: Spec) -> dict[str, str]:
    """How each measured figure was tested, by its id."""
    return {fact_id(spec, fact): fact.note for fact in spec.facts if fact.note}


def paragraph(text: str, width: int) -> Iterator[list[Part]]:
    """A text, wrapped."""
    yield from ([(line, "")] for line in wrap(text, min(width, 100), subsequent_indent="  "))


def sentence(spec: Spec, variant: str | None) -> str:
    """Which variant it is, and how an alias changes it."""
    if spec.alias:
        found = spec.adaptations[spec.alias]
        changed = ", ".join(f"{name}: {written(value)}" for name, value in found.params.items())
        other = [f"with {changed}"] * bool(changed) + ["for inputs of one size"] * found.fixed_input
        return f"{spec.alias} is {variant or spec.name} {' and '.join(other)}"
    if not spec.variants:
        return ""
    if variant is None:
        return f"variants: {', '.join(spec.variants)}"
    changed = ", ".join(f"{name}: {written(value)}" for name, value in changes(spec, variant).items())
    kind = (
        f"variant of {spec.name} with {changed}" if changed else f"{spec.name} with its params as they stand"
    )
    return f"{kind}; in a copy of the file, copy.yaml::{variant}"


def facts(spec: Spec, figures: Sequence[Figure], width: int, several: bool) -> Iterator[list[Part]]:
    """What is printed, source by source, and whether it is reproduced."""
    notes = notes_of(spec)
    names = [f"{figure.id.split('/')[1]} " * several + figure.quantity for figure in figures]
    wide, printed = max(map(len, names)), max(len(figure.printed) for figure in figures)
    source = ""
    for name, figure in zip(names, figures, strict=True):
        if figure.source != source:
            source = figure.source
            yield [(source, "bold")]
        start = f"  {name:<{wide}}  {figure.printed:>{printed}}  "
        cause = notes.get(figure.id) if figure.status in PLAIN else figure.cause
        first, *rest = wrap(": ".join(filter(None, (figure.status, cause))), max(width - len(start), 30))
        yield [(start, ""), (first, COLOURS.get(figure.status, "dim"))]
        yield from ([(" " * len(start) + line, "dim")] for line in rest)


PLAIN = ("reproduced", "recorded")
