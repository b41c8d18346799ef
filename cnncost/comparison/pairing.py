"""Which layer of one network corresponds to which layer of another.

The order is kept: no two pairs cross.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher

from cnncost.count.rows import Row, part_of_input

Pairs = dict[int, int]
"""The index of a row in the second network by its index in the first; both indices rise."""

Gap = tuple[int, int, int, int]
"""A range of rows of each network, between pairs."""


def keys(row: Row) -> tuple[Hashable, ...]:
    """The keys by which a row is recognised, the surest first.

    Its first node's name; its label in a table; block and layer with its arguments; block and type of
    layer; the same with the stage. A stage of one layer is also recognised by its layer and the size of
    its maps; inside other stages that would pair layers by chance. Where names differ altogether, it is
    recognised by its content, the layers on their input: first with the rest of its name behind the
    stage's, then by itself. Last comes the rest of the name with the type of layer, for a stage that has
    both another name and other sizes.
    """
    node, block = row.costs[0].node, block_of(row.costs[0].node.name)
    by_size = (part_of_input(row.graph, row.out_shape), node.layer) if "." not in row.label else row.label
    content = (*(cost.node.layer for cost in row.costs if cost.type != "Identity"), *node.in_shapes)
    rest = node.name.partition(".")[2]
    return (
        node.name,
        row.label,
        (block, node.layer),
        (block, node.type),
        (node.stage, node.layer),
        (node.stage, node.type),
        by_size,
        (rest, content),
        content,
        (rest, node.type) if rest else node.name,
    )


def block_of(name: str) -> str:
    """The innermost numbered block of a layer: `stage2.0` of `stage2.0.body.conv`; else its stage."""
    parts = name.split(".")
    last = max((i for i, part in enumerate(parts) if part.isdigit()), default=0)
    return ".".join(parts[: last + 1])


def paired(before: Sequence[Row], after: Sequence[Row]) -> Pairs:
    """The rows that are the same layer in two networks.

    The pairs of one key divide the rows, and in the gaps between them the next key is tried.
    """
    pairs: Pairs = {}
    gaps = [(0, len(before), 0, len(after))]
    for a, b in zip(*(zip(*map(keys, rows), strict=True) for rows in (before, after)), strict=True):
        gaps = [left for gap in gaps for left in divided(gap, a, b, pairs)]
    return pairs


def divided(gap: Gap, a: Sequence[Hashable], b: Sequence[Hashable], pairs: Pairs) -> Iterator[Gap]:
    """Pair what has equal keys in a gap, in order, and return the gaps that are left."""
    i, end_a, j, end_b = gap
    if i == end_a or j == end_b:
        return
    matcher = SequenceMatcher(None, a[i:end_a], b[j:end_b], autojunk=False)
    start_a, start_b = i, j
    for at, bt, size in matcher.get_matching_blocks():  # the last one is empty, at the end
        yield start_a, i + at, start_b, j + bt
        pairs.update((i + at + n, j + bt + n) for n in range(size))
        start_a, start_b = i + at + size, j + bt + size
