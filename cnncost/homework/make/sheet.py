"""A worksheet: a network's table in which some cells are asked.

Its rows are layers. A row of several layers, where the table is folded, is given in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.count.rows import Row, fold
from cnncost.errors import CnncostError, did_you_mean
from cnncost.homework.read.quantities import QUANTITIES, Value
from cnncost.layers.base import normal_default, spelled
from cnncost.network.graph import INPUT, Graph

LEVELS = {"shape": 1, "params": 2, "cost": 3}
"""How much a worksheet asks: shapes; parameters too; memory, FLOPs and receptive fields too."""

ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "filters": ("out_channels", "out_features"),
    "kernel": ("kernel_size",),
    "stride": ("stride",),
    "padding": ("padding",),
}
"""The columns that hold a layer's arguments, with the names of these in `torch.nn`."""

HIDDEN = {name for names in ARGUMENTS.values() for name in names}

INPUTS = {"out_channels": "in_channels", "out_size": "in_size"}
"""What a layer puts out, and the column in which the next row repeats it."""

COLUMNS = (
    *("in_channels", "in_size", *ARGUMENTS, *INPUTS),
    *("memory", "params", "flops", "receptive_field"),
)
"""The columns of a worksheet, in the order of the lecture's table."""

Cell = tuple[int, str]
"""A cell by the number of its row and the key of its column."""


def level_of(text: str) -> int:
    """A level by its name or number.

    Raises:
        CnncostError: there is none.
    """
    levels = {**LEVELS, **{str(number): number for number in LEVELS.values()}}
    if text not in levels:
        hint = did_you_mean(text, LEVELS) or "; there are " + ", ".join(
            f"{name} ({number})" for name, number in LEVELS.items()
        )
        raise CnncostError(f"no level `{text}`{hint}")
    return levels[text]


@dataclass(frozen=True, eq=False)
class Sheet:
    """A network's rows and which of their cells are asked.

    `student` is whose sheet it is, where each has their own.
    """

    profile: NetworkCost
    rows: tuple[Row, ...]
    level: int = 3
    blanks: frozenset[Cell] = frozenset()
    student: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that a sheet of this level shows."""
        return tuple(key for key in COLUMNS if QUANTITIES[key].level <= self.level)

    def value(self, cell: Cell) -> Value | None:
        """The exact value of a cell; None where it has none."""
        row, key = cell
        return QUANTITIES[key].value(self.rows[row])

    @cached_property
    def answers(self) -> dict[Cell, Value | None]:
        """The right values of the cells that are asked, row by row."""
        return {cell: self.value(cell) for cell in sorted(self.blanks)}

    @cached_property
    def sources(self) -> tuple[tuple[int | None, ...], ...]:
        """Which rows each row starts from, by their numbers; None for the network's input."""
        home = {cost.name: i for i, row in enumerate(self.rows) for cost in row.costs}
        return tuple(
            tuple(dict.fromkeys(home.get(name) for name in entering(row.costs))) for row in self.rows
        )

    @property
    def chain(self) -> bool:
        """Whether each row starts from the one above it."""
        return all(found == ((i - 1) if i else None,) for i, found in enumerate(self.sources))


def entering(costs: tuple[LayerCost, ...]) -> list[str]:
    """The names of what enters some layers from outside."""
    own = {cost.name for cost in costs}
    return [name for cost in costs for name in cost.node.inputs if name not in own]


def sheet_of(profile: NetworkCost, level: int = 3, depth: int | None = None) -> Sheet:
    """A worksheet with nothing asked yet; `depth` as in :func:`cnncost.count.rows.fold`."""
    return Sheet(profile, tuple(fold(profile, depth)), level)


def source_names(sheet: Sheet, row: int) -> tuple[str, ...]:
    """The labels of the rows that a row starts from; `input` for the network's own."""
    return tuple(INPUT if i is None else sheet.rows[i].label for i in sheet.sources[row])


def asked_layer(row: Row) -> str:
    """What a row's columns do not say of it: types, and arguments that have no column.

    `Conv2d(groups=2)`, `Conv2d(bias=False) >> BatchNorm2d`; of what follows in place, what counts.
    """
    if row.main is None:
        return row.type
    counted = [cost for cost in row.costs if cost is row.main or cost.params or cost.flops]
    return " >> ".join(call_without_columns(cost) for cost in counted)


def call_without_columns(cost: LayerCost) -> str:
    """A layer's call less its defaults and the arguments that are columns of their own."""
    layer = cost.node.layer
    words = [
        f"{f.name}={spelled(value, layer.axes_alike)}"
        for f in layer.parameters()
        if f.name not in HIDDEN and (value := getattr(layer, f.name)) != normal_default(layer, f)
    ]
    return f"{cost.type}({', '.join(words)})" if words else cost.type


def up_to(graph: Graph, name: str) -> Graph:
    """A graph that ends with the node of this name."""
    at = next(i for i, node in enumerate(graph.nodes) if node.name == name)
    return graph.replace(nodes=graph.nodes[: at + 1], output=name)
