"""What changes nothing is left out: moves whose results nobody uses, and one view after another."""

from __future__ import annotations

from dataclasses import replace

from cnncost.convert.draft import Draft
from cnncost.convert.table.entry import layer
from cnncost.convert.table.moves import reshaping

VIEWS = ("Reshape", "Flatten", "Unflatten")
BROADCASTING = ("Add", "Multiply", "Subtract", "Divide", "Maximum", "Minimum")
MOVES = (*VIEWS, "Permute", "Slice", "Select", "Gather", "Parameter", "Constant")


OPERATOR = "scaled_dot_product_attention"
"""The operator whose products may become one layer."""


def simplified(drafts: list[Draft], outputs: list[Draft]) -> tuple[list[Draft], list[Draft]]:
    """The drafts without needless moves."""
    drafts, outputs = joined(used_only(drafts, outputs), outputs)
    return own_constants(used_only(drafts, outputs)), outputs


def kind(draft: Draft) -> str:
    """The type of its layer."""
    return type(draft.layer).__name__


def used_only(drafts: list[Draft], outputs: list[Draft]) -> list[Draft]:
    """The drafts without the moves and constants that nothing uses."""
    used = set(outputs)
    kept = []
    for draft in reversed(drafts):
        if draft in used or not (kind(draft) in MOVES or draft.operator == OPERATOR):
            kept.append(draft)
            used.update(draft.inputs)
    return kept[::-1]


def own_constants(drafts: list[Draft]) -> list[Draft]:
    """The drafts with a constant of its own in each module that uses one, as a mask: it costs nothing.

    A module that takes nothing from outside but what enters it can become a block.
    """
    first: dict[Draft, str] = {}  # the module that has a constant first
    own: dict[tuple[Draft, str], Draft] = {}
    placed = []
    for draft in drafts:
        shared = [source for source in draft.inputs if kind(source) == "Constant" and not source.given]
        for source in shared:
            home = first.setdefault(source, draft.path)
            if home == draft.path:
                source.path = home
                continue
            if (source, draft.path) not in own:
                own[source, draft.path] = copy = replace(source, path=draft.path)
                placed.append(copy)
            copy = own[source, draft.path]
            draft.inputs = tuple(copy if taken is source else taken for taken in draft.inputs)
        placed.append(draft)
    return placed


def unstretched(draft: Draft) -> tuple[Draft, ...]:
    """The inputs of a merge without the copies that it makes itself."""
    sources = tuple(
        source.inputs[0] if kind(source) == "Gather" and source.operator.startswith("expand") else source
        for source in draft.inputs
    )
    ranks = {len(source.shape) for source in sources}
    shapes = [source.shape for source in sources]
    fits = len(ranks) == 1 and all(len({*sizes} - {1}) < 2 for sizes in zip(*shapes, strict=True))
    return sources if fits and draft.layer.out_shape(*shapes) == draft.shape else draft.inputs


def joined(drafts: list[Draft], outputs: list[Draft]) -> tuple[list[Draft], list[Draft]]:
    """Views of views as one; permutations of permutations as one; those that change nothing left out."""
    instead: dict[Draft, Draft] = {}
    for draft in drafts:
        draft.inputs = tuple(instead.get(source, source) for source in draft.inputs)
        if kind(draft) in BROADCASTING:
            draft.inputs = unstretched(draft)
        if len(draft.inputs) != 1 or draft.inputs[0].path != draft.path:
            continue
        source = draft.inputs[0]
        if kind(draft) in VIEWS and kind(source) in VIEWS:
            start = source.inputs[0]
            if start.shape == draft.shape:
                instead[draft] = start
            else:
                draft.layer, draft.inputs = reshaping(start.shape, draft.shape), (start,)
        elif kind(draft) == kind(source) == "Permute":
            order = [source.layer.dims[d] for d in draft.layer.dims]  # type: ignore[attr-defined]
            if order == sorted(order):
                instead[draft] = source.inputs[0]
            else:
                draft.layer, draft.inputs = layer("Permute", tuple(order)), source.inputs
    return [d for d in drafts if d not in instead], [instead.get(d, d) for d in outputs]
