"""Receptive fields held against the gradients of a twin of the network whose weights are all ones."""

from __future__ import annotations

from operator import eq

from cnncost.count.profile import NetworkCost
from cnncost.count.receptive_field import receptive_fields
from cnncost.errors import CnncostError
from cnncost.measure.gradient import compare_fields, holds
from cnncost.measure.thin import holes, thin
from cnncost.network.graph import INPUT, Graph, Node, channel_axis
from cnncost.timing.verification import Comparison, Tally

WHOLE = 3 * 10**6
"""Multiply-adds up to which a network is differentiated with all its channels."""

CUTS = ("Slice", "Select", "PixelShuffle")
"""They take some channels of a map to a place; a field is that of all channels."""


def whole(graph: Graph) -> bool:
    """Whether a network is small enough for all its channels, and those stay the first axis, uncut."""
    macs = sum(node.layer.work(node.in_shapes, node.out_shape).macs for node in graph.nodes)
    return macs <= WHOLE and not any(n.type in CUTS or n.layer.order is not None for n in graph.nodes)


def against_gradients(profile: NetworkCost, most: int | None) -> Comparison:
    """Receptive fields, against what d(output)/d(input) reaches, spread from the last layer to the first."""
    graph = profile.graph
    narrow = "" if whole(graph) else ", one channel wide"
    tally = Tally("field", f"gradients of a twin whose weights are ones{narrow}; sums for maxima")
    fields = receptive_fields(graph)
    if channel_axis(graph.axes[INPUT]) != 0:
        tally.not_checked("the input's channels are not its first axis", len(graph.nodes))
        return tally.comparison
    try:
        twin = thin(graph) if narrow else graph
    except CnncostError as error:
        tally.not_checked(f"the network has no twin of one channel: {error}", len(graph.nodes))
        return tally.comparison
    inside, gaps = {node.name for node in twin.nodes}, holes(graph)
    candidates = []
    for node in graph.nodes:
        if fields[node.name] is None:
            tally.not_checked("no positions, or no field told")
        elif node.layer.in_place:
            tally.not_checked("works in place, sees what its input sees")
        elif node.name not in inside:
            tally.not_checked("behind the last map of the twin")
        else:
            candidates.append(node)
    chosen = spread_out(candidates, most)
    tally.not_checked("not among the layers looked at", len(candidates) - len(chosen))
    if not chosen:
        return tally.comparison
    for looked in compare_fields(twin, {node.name for node in chosen}, ends=True, fields=fields):
        sure = looked.exact and not gaps
        agree = eq if sure else holds
        apart = [at for at, said in looked.said.items() if not agree(said, looked.found[at])]
        if apart:
            said, found = looked.said[apart[0]], looked.found[apart[0]]
            tally.differ(looked.node, said, found, f"seen from {', '.join(map(str, apart[0]))}")
        elif all(map(eq, looked.said.values(), looked.found.values())):
            tally.same += 1
        elif looked.exact:
            tally.not_checked("behind gaps of a transposed stride: the gradient sees that much at most")
        else:
            tally.not_checked("no output away from the padding: the gradient sees that much at most")
    return tally.comparison


def spread_out(nodes: list[Node], most: int | None) -> list[Node]:
    """So many nodes, evenly from the last one to the first."""
    if most is None or len(nodes) <= most:
        return nodes
    return [nodes[-1 - i * len(nodes) // most] for i in range(most)]
