"""A worksheet: a network's table in which some cells are asked.

Its rows are layers. Where the table is folded, a row of several layers is given in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.count.rows import Row, fold
from cnncost.errors import CnncostError, did_you_mean
from cnncost.homework.read import QUANTITIES, Value
from cnncost.layers.arguments import normal_default, spelled

LEVELS = {"shape": 1, "params": 2, "cost": 3}
"""What a worksheet asks: shapes; parameters too; memory, FLOPs and receptive fields too."""

ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "filters": ("out_channels", "out_features"),
    "kernel": ("kernel_size",),
    "stride": ("stride",),
    "padding": ("padding",),
}
"""The columns that hold a layer's arguments, with the names of these in `torch.nn`."""

REPEATED = {"out_channels": "in_channels", "out_size": "in_size"}
"""The columns of a layer's output, and those in which the next row repeats them."""

COLUMNS = (
    *("in_channels", "in_size", *ARGUMENTS, *REPEATED),
    *("memory", "params", "flops", "receptive_field"),
)
"""The columns of a worksheet, in the order of the lecture's table."""

PAGE = 24
"""How many rows fit on a printed page; of longer tables only a part is printed."""

CellIndex = tuple[int, str]
"""A cell by the number of its row and the key of its column."""


def level_of(text: str) -> int:
    """A level by its name or number.

    Raises:
        CnncostError: there is none.
    """
    levels = {**LEVELS, **{str(number): number for number in LEVELS.values()}}
    if text not in levels:
        known = ", ".join(f"{name} ({number})" for name, number in LEVELS.items())
        raise CnncostError(f"no level `{text}`{did_you_mean(text, LEVELS) or f'; there are {known}'}")
    return levels[text]


@dataclass(frozen=True, eq=False)
class Worksheet:
    """A network's rows and which of their cells are asked; `student` is set where each has their own."""

    network: NetworkCost
    rows: tuple[Row, ...]
    level: int = 3
    blanks: frozenset[CellIndex] = frozenset()
    student: str = ""

    @classmethod
    def of(cls, network: NetworkCost, level: int = 3, depth: int | None = None) -> Worksheet:
        """A worksheet that asks nothing yet; `depth` as in :func:`cnncost.count.rows.fold`."""
        return cls(network, tuple(fold(network, depth)), level)

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of a worksheet of this level."""
        return tuple(key for key in COLUMNS if QUANTITIES[key].level <= self.level)

    def value(self, cell: CellIndex) -> Value | None:
        """The exact value of a cell; None where it has none."""
        row, key = cell
        return QUANTITIES[key].value(self.rows[row])

    @cached_property
    def answers(self) -> dict[CellIndex, Value | None]:
        """The right values of the cells that are asked, row by row."""
        return {cell: self.value(cell) for cell in sorted(self.blanks)}

    @cached_property
    def sources(self) -> tuple[tuple[int | str, ...], ...]:
        """The numbers of the rows that enter each row; the names of the network's inputs."""
        home = {cost.name: i for i, row in enumerate(self.rows) for cost in row.costs}
        return tuple(
            tuple(
                dict.fromkeys(
                    home.get(name, name)
                    for cost in row.costs
                    for name in cost.node.inputs
                    if home.get(name) != i
                )
            )
            for i, row in enumerate(self.rows)
        )

    @cached_property
    def shown(self) -> tuple[int, ...]:
        """The rows that are printed: of a long table those asked, and what enters them.

        Where a receptive field is asked, the strides that lead to it are printed too.
        """
        rows = range(len(self.rows))
        if len(rows) <= PAGE or not self.blanks:
            return tuple(rows)
        asked = {row for row, _ in self.blanks}
        entering = {i for row in asked for i in self.sources[row] if isinstance(i, int)}
        last = max((row for row, key in self.blanks if key == "receptive_field"), default=-1)
        strided = {i for i in range(last) if self.rows[i].argument("stride") not in (None, (1,), (1, 1))}
        kept = asked | entering | strided
        alone = {i for i in rows if i not in kept and {i - 1, i + 1} <= kept}
        return tuple(sorted(kept | alone))

    @property
    def is_chain(self) -> bool:
        """Whether each row starts from the one above it."""
        first = self.network.graph.first_input
        return all(found == (i - 1 if i else first,) for i, found in enumerate(self.sources))

    def start(self, row: int) -> str:
        """The labels of the rows that enter a row, or `input`; empty where it is the row above."""
        if self.sources[row] == (row - 1,):
            return ""
        return ", ".join(i if isinstance(i, str) else self.rows[i].label for i in self.sources[row])


def layer_text(row: Row) -> str:
    """What the columns of a row do not say: its types, and arguments without a column.

    `Conv2d(groups=2)`; `Conv2d(bias=False) >> BatchNorm2d`, since the norm adds to the row's parameters.
    """
    if row.main is None:
        return row.type
    counted = [cost for cost in row.costs if cost is row.main or cost.params or cost.flops]
    return " >> ".join(map(call_without_columns, counted))


def call_without_columns(cost: LayerCost) -> str:
    """A layer's call without defaults and without the arguments that have a column."""
    layer = cost.node.layer
    in_columns = {name for names in ARGUMENTS.values() for name in names}
    words = [
        f"{f.name}={spelled(value, layer.equal_axes_once)}"
        for f in layer.parameters()
        if f.name not in in_columns and (value := getattr(layer, f.name)) != normal_default(layer, f)
    ]
    return f"{cost.type}({', '.join(words)})" if words else cost.type
