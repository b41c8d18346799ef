"""Rows mixed up: the number of another network of the family."""

from __future__ import annotations

from collections.abc import Iterator

from cnncost.count.profile import NetworkCost, profile_graph
from cnncost.deviation.kinds import declared
from cnncost.errors import CnncostError
from cnncost.network.catalogue import find, load, networks_of, read_catalogued


@declared("family", "{it} is the number of {detail}", "is it the right row?", 3)
def another_network(profile: NetworkCost) -> Iterator[NetworkCost]:
    """On its own input; where that of this network is not its own, on the same."""
    if find(profile.name) is None:
        return
    entering = profile.graph.input_shape
    input_shape = None if entering == load(profile.name).input_shape else entering
    for name in networks_of(read_catalogued(profile.name)[0]):
        if name != profile.name:
            try:
                other = load(name, input=input_shape)
                yield profile_graph(
                    other, profile.convention, profile.batch, profile.dtype, profile.train, fields=False
                )
            except CnncostError:  # another input, or side heads, that do not fit
                continue
