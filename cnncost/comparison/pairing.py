"""Which layer of one network is which of another.

Layers are paired by name, then in order by what they are within their stage; stages of one layer also
by their call, at the same size of maps. The order is kept: no two pairs cross.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher

from cnncost.count.profile import NetworkCost
from cnncost.count.rows import Row, part_of_input

Pairs = dict[int, int]
"""The place of a row in the second network by its place in the first; the order is the same in both."""


def paired(a: Sequence[Row], b: Sequence[Row], before: NetworkCost, after: NetworkCost) -> Pairs:
    """The rows that are the same layer in both networks.

    What one key pairs divides the rows, and between them the next, coarser one is tried.
    """
    pairs: Pairs = {}
    gaps = [(0, len(a), 0, len(b))]
    for key in KEYS:
        keys_a, keys_b = ([key(row, profile) for row in rows] for rows, profile in ((a, before), (b, after)))
        gaps = [left for gap in gaps for left in divided(gap, keys_a, keys_b, pairs)]
    return pairs


Gap = tuple[int, int, int, int]


def divided(gap: Gap, a: Sequence[Hashable], b: Sequence[Hashable], pairs: Pairs) -> Iterator[Gap]:
    """Pair what has equal keys in a gap, in order; what is left between."""
    i, end_a, j, end_b = gap
    if i == end_a or j == end_b:
        return
    matcher = SequenceMatcher(None, a[i:end_a], b[j:end_b], autojunk=False)
    start_a, start_b = i, j
    for at, bt, size in matcher.get_matching_blocks():  # the last one is empty, at the end
        yield start_a, i + at, start_b, j + bt
        pairs.update((i + at + n, j + bt + n) for n in range(size))
        start_a, start_b = i + at + size, j + bt + size


def node_name(row: Row, _: NetworkCost) -> str:
    """The name of the row's first node."""
    return row.costs[0].name


def label(row: Row, _: NetworkCost) -> str:
    """The row's name in a table: `conv1_1`, whether one node has it or several lie below."""
    return row.label


def call_in_stage(row: Row, _: NetworkCost) -> Hashable:
    """The stage, and the layer with its arguments."""
    return row.costs[0].node.stage, row.costs[0].node.layer


def type_in_stage(row: Row, _: NetworkCost) -> Hashable:
    """The stage, and the type of the layer."""
    return row.costs[0].node.stage, row.costs[0].type


def call_of_size(row: Row, profile: NetworkCost) -> Hashable:
    """The size of the maps that leave, as a part of the input's, and the layer, of one that is a whole stage.

    Layers inside of stages that do not belong together are alike by chance.
    """
    if "." in row.label:
        return row.label
    return part_of_input(profile.graph, row.out_shape), row.costs[0].node.layer


KEYS = (node_name, label, call_in_stage, type_in_stage, call_of_size)
