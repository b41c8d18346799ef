"""Attention that torch computes at once, from queries, keys and values side by side, as the layer that it is.

Which values of the tensor become queries, keys and values is followed through the views and permutations
before the products, place by place.
"""

from __future__ import annotations

from typing import Any

from cnncost.convert.draft import Draft
from cnncost.convert.simplify import MOVES, OPERATOR, VIEWS, kind, used_only
from cnncost.convert.table.entry import layer
from cnncost.dims import product

MOST = 2_000_000
"""The most values that are followed."""


def whole_attention(drafts: list[Draft], outputs: list[Draft]) -> list[Draft]:
    """The drafts with attention on packed queries, keys and values as one layer each."""
    users = users_of(drafts)
    for draft in drafts:
        if kind(draft) == "Matmul" and draft.operator == OPERATOR and kind(draft.inputs[0]) == "Softmax":
            found = packed(draft, users, outputs)
            if found:
                end, source, heads = found
                end.layer, end.inputs = layer("ScaledDotProductAttention", heads), (source,)
                end.path, end.operator = draft.path, OPERATOR
    drafts = used_only(drafts, outputs)
    join_projections(drafts, users_of(drafts), outputs)
    return used_only(drafts, outputs)


def users_of(drafts: list[Draft]) -> dict[Draft, list[Draft]]:
    """The drafts that take each draft's output."""
    users: dict[Draft, list[Draft]] = {}
    for draft in drafts:
        for source in draft.inputs:
            users.setdefault(source, []).append(draft)
    return users


def packed(
    draft: Draft, users: dict[Draft, list[Draft]], outputs: list[Draft]
) -> tuple[Draft, Draft, int] | None:
    """Where the attention ends, what it starts from, and its heads; None if that is not one tensor."""
    scores = draft.inputs[0].inputs[0]
    while kind(scores) == "Scale":
        scores = scores.inputs[0]
    if kind(scores) != "Matmul" or len(draft.shape) < 3:
        return None
    source = common(start(value) for value in (*scores.inputs, draft.inputs[1]))
    if source is None or len(source.shape) < 2 or product(source.shape) > MOST:
        return None
    heads, tokens, size = draft.shape[-3:]
    *before, length, features = source.shape
    if (length, features) != (tokens, 3 * heads * size):
        return None
    parts = (*before, tokens, 3, heads, size)
    axes = len(before)
    expected = places(source).reshape(parts)
    order = (axes + 1, *range(axes), axes + 2, axes, axes + 3)
    query, key, value = expected.transpose(order)
    if not (
        same(moved(scores.inputs[0], source), query)
        and same(moved(scores.inputs[1], source), key.swapaxes(-1, -2))
        and same(moved(draft.inputs[1], source), value)
    ):
        return None
    shape = (*before, tokens, heads * size)
    wanted = places(draft).reshape((*before, heads, tokens, size)).swapaxes(-2, -3).reshape(shape)
    end = draft
    while end.shape != shape or not same(moved(end, draft), wanted):
        following = users.get(end, [])
        if len(following) != 1 or end in outputs or kind(following[0]) not in (*VIEWS, "Permute"):
            return None
        end = following[0]
    return end, source, heads


def start(draft: Draft) -> Draft:
    """What a chain of moves starts from."""
    while kind(draft) in MOVES and len(draft.inputs) == 1:
        draft = draft.inputs[0]
    return draft


def common(drafts: Any) -> Draft | None:
    """The one draft that all are, or None."""
    found = set(drafts)
    return found.pop() if len(found) == 1 else None


def places(draft: Draft) -> Any:
    """The number of each value of a tensor, in its place."""
    import numpy

    return numpy.arange(product(draft.shape)).reshape(draft.shape)


def moved(draft: Draft, source: Draft) -> Any:
    """Which value of the source each value of a draft is, behind views, permutations and cuts."""
    if draft is source:
        return places(source)
    before = moved(draft.inputs[0], source)
    made: Any = draft.layer
    match kind(draft):
        case "Permute":
            return before.transpose([d - 1 for d in made.dims[1:]])
        case "Select":
            return before.take(made.index, axis=axis_of(made.dim, before))
        case "Slice":
            axis = axis_of(made.dim, before)
            stop = before.shape[axis] if made.stop is None else made.stop
            return before.take(range(made.start, stop), axis=axis)
        case "Gather" | "Parameter" | "Constant":
            return places(draft) - product(draft.shape)  # nothing that is known
    return before.reshape(draft.shape)


def axis_of(dim: int, values: Any) -> int:
    """An axis as numpy counts it, without the batch."""
    return dim - 1 if dim > 0 else values.ndim + dim


def same(one: Any, other: Any) -> bool:
    """Whether two tensors have the same values in the same order, whatever their leading axes."""
    alike = one.shape[-2:] == other.shape[-2:] and one.size == other.size
    return alike and bool((one.ravel() == other.ravel()).all())


def join_projections(drafts: list[Draft], users: dict[Draft, list[Draft]], outputs: list[Draft]) -> None:
    """Make attention between the projections of one nn.MultiheadAttention that layer."""
    for draft in drafts:
        before, after = draft.inputs[:1], users.get(draft, [])
        if (
            kind(draft) != "ScaledDotProductAttention"
            or [kind(d) for d in (*before, *after)] != ["Linear"] * 2
        ):
            continue
        first, last = before[0], after[0]
        owner, found = first.weights["weight"].rpartition("in_proj_weight")[:2]
        if not found or last.weights["weight"] != f"{owner}out_proj.weight" or users[first] != [draft]:
            continue
        if ("bias" in first.weights) != ("bias" in last.weights) or {first, draft} & set(outputs):
            continue
        names = {"in_proj_weight": first.weights["weight"], "out_proj.weight": last.weights["weight"]}
        if biased := "bias" in first.weights:
            names |= {"in_proj_bias": first.weights["bias"], "out_proj.bias": last.weights["bias"]}
        heads = draft.layer.num_heads  # type: ignore[attr-defined]
        last.layer, last.weights = layer("MultiheadAttention", heads, bias=biased), names
        last.inputs, last.path, first.operator = first.inputs, draft.path, OPERATOR
