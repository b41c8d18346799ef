from __future__ import annotations

import pytest

import cnncost
from cnncost.explanation import explain
from cnncost.profile import Profile, add_up
from cnncost.rows import fold
from tests.walk import NAMES

NESTED = """\
name: nested
input: [3, 12, 12]
layers:
  - conv1: Conv2d(4, 3) >> ReLU
  - outer:
      concat:
        a: {inner: {add: {x: "BatchNorm2d >> Conv2d(4, 1)", y: Identity}}}
        b: ReLU >> Conv2d(2, 1)
        c: Identity
  - unit: BatchNorm2d >> ReLU >> Conv2d(5, 3)
  - mid: Conv2d(8, 3)
  - add: {p: InstanceNorm2d, q: ReLU}
  - head: AdaptiveAvgPool2d(1) >> Flatten >> Linear(3)
"""

IN_PLACE_FIRST = """\
name: first
input: [3, 8, 8]
layers: ReLU >> BatchNorm2d >> ReLU >> Conv2d(4, 3)
"""


def profile(text: str) -> Profile:
    """The profile of a spec's text."""
    return cnncost.profile(cnncost.load_text(text))


ALL = [*NAMES, NESTED, IN_PLACE_FIRST]


@pytest.mark.parametrize("network", ALL, ids=lambda n: n.splitlines()[0])
def test_rows_add_up_and_hold_each_layer_once(network: str) -> None:
    """However a table is folded, its rows hold every counted layer exactly once."""
    p = profile(network) if "\n" in network else cnncost.profile(network)
    for depth in (None, 1, 2, 9):
        rows = fold(p, depth)
        assert sorted(c.name for row in rows for c in row.costs) == sorted(c.name for c in p.counted)
        assert add_up(c for row in rows for c in row.costs) == p.totals


def test_a_stage_s_row_is_the_sum_of_its_layers() -> None:
    """`stages`, `below` and the folded table say the same of each stage."""
    p = profile(NESTED)
    for stage in ("conv1", "outer", "unit", "mid", "head"):
        below = add_up(p.below(stage))
        assert (below.params, below.macs) == (p.stages[stage].params, p.stages[stage].macs)
    assert p.stages["conv1"].params == 4 * 3 * 9 + 4


def test_the_table_and_the_explanation_agree_on_a_row() -> None:
    """What `explain` works out for a stage is what the table's row says."""
    p = profile(NESTED)
    for stage in ("conv1", "outer", "unit"):
        worked = sum(q.result for e in explain(p, stage) for q in e.quantities if q.title == "parameters")
        assert worked == p.stages[stage].params


@pytest.mark.parametrize("swapped", [False, True])
def test_a_branch_does_not_change_the_row_before_it(swapped: bool) -> None:
    """In-place layers on branches, in any order, leave size and field of the layer before them."""
    branches = "{p: InstanceNorm2d, q: ReLU}"
    text = NESTED.replace(branches, "{p: ReLU, q: InstanceNorm2d}") if swapped else NESTED
    row = next(row for row in fold(profile(text)) if row.label == "mid")
    assert [axis.size for axis in row.receptive_field] == [7, 7]
    assert row.out_shape == (8, 6, 6)


def test_an_in_place_layer_hosts_no_costs() -> None:
    """A batch norm behind a first ReLU has a row of its own, under its own name."""
    rows = {row.label: row.totals.params for row in fold(profile(IN_PLACE_FIRST))}
    assert rows == {"ReLU": 0, "BatchNorm2d": 6, "Conv2d": 3 * 4 * 9 + 4}


def test_a_merge_s_row_names_no_single_input() -> None:
    """A row that several shapes enter leaves the input blank."""
    row = next(row for row in fold(profile(NESTED)) if row.type == "Concat")
    assert (row.in_shape, row.out_shape) == (None, (10, 10, 10))


def test_a_name_stands_for_a_layer_or_says_that_it_is_a_stage() -> None:
    """`p[name]` gives one layer, and refuses a stage instead of giving its first."""
    p = cnncost.profile("googlenet")
    assert p["conv1"].type == "Conv2d"
    with pytest.raises(cnncost.NameUnknown, match="`inception3a` is a stage of 14 layers"):
        p["inception3a"]
