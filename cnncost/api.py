"""What Python code calls: one function per command, and the Profile that shows itself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cnncost.count.convention import Convention
from cnncost.count.profile import NetworkCost, Totals, profile_graph
from cnncost.dims import Shape
from cnncost.network.catalogue import load
from cnncost.network.graph import Graph
from cnncost.spec.structure import Spec

if TYPE_CHECKING:
    import pandas


class Profile(NetworkCost):
    """The costs of a network, with ways to show them: a dictionary, a DataFrame, a table in a notebook."""

    @cached_property
    def stages(self) -> dict[str, Totals]:
        """Totals by stage, the first part of the names, in order; in-place layers join theirs."""
        from cnncost.count.rows import fold

        return {row.label: row.totals for row in fold(self, depth=1)}

    def to_dict(self) -> dict[str, Any]:
        """The profile as plain data: the JSON of ``cnncost table --format json``."""
        from cnncost.views.data import to_dict

        return to_dict(self)

    def to_frame(self) -> pandas.DataFrame:
        """A pandas DataFrame: one row per node, the columns of the CSV."""
        import pandas

        from cnncost.count.rows import fold
        from cnncost.views.network_table import network_table

        table = network_table(self, fold(self, every=True))
        keys = [column.key for column in table.data_columns]
        return pandas.DataFrame(table.rows, columns=keys).set_index("name")

    def _repr_html_(self) -> str:
        from cnncost.count.rows import fold
        from cnncost.tables import formats
        from cnncost.views.network_table import LONG, network_table

        rows = fold(self)
        return str(formats.render(network_table(self, rows if len(rows) <= LONG else fold(self, 1)), "html"))


def profile(
    network: str | os.PathLike[str] | Graph | Spec,
    *,
    input: Shape | None = None,
    params: Mapping[str, Any] | None = None,
    convention: str | Convention = "lecture",
    batch: int = 1,
    dtype: str = "float32",
    train: bool = False,
) -> NetworkCost:
    """Count what a network costs.

    Args:
        network: a catalogue name, a path to a YAML spec, ``"-"``, a Spec or a Graph.
        input: a shape (C, H, W) in place of the spec's own.
        params: values in place of the spec's params.
        convention: what "FLOPs" means: a Convention, the name of one (`cnncost.CONVENTIONS`), or a YAML file.
        batch: samples; multiplies operations and memory, not parameters.
        dtype: the type of an element, for memory.
        train: count auxiliary heads too.

    Raises:
        CnncostError: a name, spec, input or option that cannot be used.
    """
    graph = load(network, input=input, params=params)
    cost = profile_graph(graph, convention, batch, dtype, train)
    return Profile(cost.graph, cost.costs, cost.convention, cost.batch, cost.dtype, cost.train)
