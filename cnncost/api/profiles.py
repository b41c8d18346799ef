"""`profile`, and the Profile that shows itself."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypedDict

from cnncost.api.results import Shown, ShownTable
from cnncost.count.convention import Convention
from cnncost.count.profile import NetworkCost, Totals, profile_graph
from cnncost.dims import Inputs
from cnncost.network.catalogue import load
from cnncost.network.graph import Graph
from cnncost.spec.structure import Spec

if TYPE_CHECKING:
    import pandas

    from cnncost.tables.table import Content


NetworkLike = str | os.PathLike[str] | Graph | Spec
"""A network for any function: a catalogue name, a path to a YAML spec, ``"-"``, a Spec or a Graph."""


class Counting(TypedDict, total=False):
    """How networks are counted: the arguments of `profile` that other functions share."""

    convention: str | Convention
    batch: int
    dtype: str
    train: bool


class Profile(Shown, NetworkCost):
    """The costs of a network, with ways to show them: a dictionary, a DataFrame, a table in a notebook."""

    @cached_property
    def stages(self) -> dict[str, Totals]:
        """Totals by stage, the first part of the names, in order; in-place layers join theirs."""
        from cnncost.count.rows import fold

        return {row.label: row.totals for row in fold(self, depth=1)}

    def to_frame(self) -> pandas.DataFrame:
        """A pandas DataFrame: one row per node, the columns of the CSV."""
        import pandas

        from cnncost.count.rows import fold
        from cnncost.views.network_table import network_table

        table = network_table(self, fold(self, every=True))
        keys = [column.key for column in table.data_columns]
        return pandas.DataFrame(table.rows, columns=keys).set_index("name")

    def table(
        self,
        *,
        part: str | None = None,
        only: Sequence[str] | str = (),
        by: str | None = None,
        depth: int | None = None,
        sort: str | None = None,
        top: int | None = None,
        columns: Sequence[str] | str | None = None,
        every: bool = False,
        exact: bool = False,
        percent: bool = False,
    ) -> ShownTable:
        """The table with chosen rows and columns, as the options of ``cnncost table`` choose them.

        Args:
            part: only the layers of this stage, block or layer.
            only: only the rows of these names or types; `*` matches any text.
            by: sums by `type` or by `stage`.
            depth: group rows by the first N parts of layer names.
            sort: the column to sort by: numbers from the largest, texts from A.
            top: only this many rows of that order; without `sort`, those with the most FLOPs.
            columns: only these columns, by key.
            every: one row per node, in-place layers too.
            exact: costs in full, not in the unit of their total.
            percent: show each cost as a percentage of the network's total.

        Raises:
            CnncostError: an unknown part, pattern or column.

        >>> profile("vgg16").table(sort="params", top=2, columns=["params"]).to_frame()["params"].tolist()
        [102764544, 16781312]
        """
        from cnncost.views.network_table import table_of

        table = table_of(
            self,
            part=part,
            only=only,
            by=by,
            depth=depth,
            sort=sort,
            top=top,
            columns=columns,
            every=every,
            exact=exact,
            percent=percent,
        )
        return ShownTable(table)

    def plot(self, kind: str = "layers", **options: Any) -> Any:
        """A chart of the network as a matplotlib Figure: `cnncost.chart` with these options.

        >>> figure = profile("alexnet").plot("layers", width="column")
        """
        from cnncost import chart

        return chart(kind, self, **options)

    def content(self, format: str = "terminal") -> Content:
        """The network's table; formats for people group a long one by stage."""
        from cnncost.views.network_table import table_of

        return table_of(self, fold_long=format not in ("csv", "json", "xlsx"))


def profile(
    network: NetworkLike,
    *,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
    convention: str | Convention = "lecture",
    batch: int = 1,
    dtype: str = "float32",
    train: bool = False,
) -> Profile:
    """Count what a network costs.

    Args:
        network: a catalogue name, a path to a YAML spec, ``"-"``, a Spec or a Graph.
        input: a shape (C, H, W) instead of the spec's own.
        params: values instead of the spec's params.
        convention: what "FLOPs" means: a Convention, the name of one (`cnncost.CONVENTIONS`), or a YAML file.
        batch: samples; multiplies operations and memory, not parameters.
        dtype: the type of an element, for memory.
        train: count auxiliary heads too.

    Raises:
        CnncostError: a name, spec, input or option that cannot be used.

    >>> profile("resnet50", convention="macs", batch=32).totals.params
    25557032
    """
    graph = load(network, input=input, params=params)
    cost = profile_graph(graph, convention, batch, dtype, train)
    return Profile(cost.graph, cost.costs, cost.convention, cost.batch, cost.dtype, cost.train)
