"""Names for the layers of a traced module: the paths of their modules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from cnncost.convert.draft import Draft
from cnncost.layers import MERGES
from cnncost.network.graph import INPUT

KINDS = {layer: kind for kind, layer in MERGES.items()}


def named(drafts: Sequence[Draft], inputs: Iterable[str]) -> dict[Draft, str]:
    """A name for each draft, in order: each is given once, and none is that of an input."""
    names: dict[Draft, str] = {}
    taken = {INPUT, *inputs}
    alone = set(single(drafts))
    last: dict[str, int] = {}  # the number of the last layer of each name
    for draft in drafts:
        name = base = clean(draft.given or (draft.path if draft in alone else below(draft)))
        while name in taken:
            last[base] = last.get(base, 0) + 1
            name = f"{base}_{last[base]}"
        taken.add(name)
        names[draft] = name
    return names


def single(drafts: Sequence[Draft]) -> Iterator[Draft]:
    """The drafts that are all there is of their module; they take its name."""
    count: dict[str, int] = {}
    for draft in drafts:
        parts = (draft.given.rpartition(".")[0] or draft.path).split(".")
        for end in range(1, len(parts) + 1):
            outer = ".".join(parts[:end])
            count[outer] = count.get(outer, 0) + 1
    return (draft for draft in drafts if draft.path and count[draft.path] == 1)


def below(draft: Draft) -> str:
    """The name of a layer that shares its module with others: that of its weights, or of its type."""
    kind = type(draft.layer).__name__
    name = f"{draft.path}.{KINDS.get(kind, kind)}" if draft.path else KINDS.get(kind, kind)
    owner = next((weight.rpartition(".")[0] for weight in draft.weights.values()), draft.path)
    return owner if owner.startswith(f"{draft.path}.") or (owner and not draft.path) else name


def clean(name: str) -> str:
    """A path with characters that a spec can have; `aux:` has a meaning there."""
    cleaned = re.sub("_{2,}", "_", re.sub(r"[^A-Za-z0-9_.-]", "_", name))
    return "aux_" if cleaned == "aux" else cleaned
