"""Rows mixed up: the number of another network of the family."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from cnncost.count.profile import NetworkCost, profile_graph
from cnncost.deviation.declaring import family
from cnncost.errors import CnncostError
from cnncost.network.catalogue import find, load, networks_of, read_catalogued


@family("{it} is the number of {detail}", "is it the right row?", 3)
def another_network(profile: NetworkCost) -> Iterator[NetworkCost]:
    """`vit_l_16 --params 307M`

    On its own input; on the input of this network where that is not the catalogue's.
    """
    if find(profile.name) is None:
        return
    entering = profile.graph.input
    input_shape = None if entering == load(profile.name).input else entering
    for name in networks_of(read_catalogued(profile.name)[0]):
        if name != profile.name:
            with suppress(CnncostError):  # this input, or side heads, may not fit
                graph = load(name, input=input_shape)
                yield profile_graph(
                    graph, profile.convention, profile.batch, profile.dtype, profile.train, fields=False
                )
