"""Receptive fields compared with the gradients of a twin of the network whose weights are all ones."""

from __future__ import annotations

from operator import eq

from cnncost.count.profile import NetworkCost
from cnncost.count.receptive_field import receptive_fields
from cnncost.errors import CnncostError
from cnncost.measure.building import has_twin
from cnncost.measure.verification.gradient import FieldSamples, compare_fields, lies_within
from cnncost.measure.verification.results import QuantityCheck
from cnncost.measure.verification.thin import leaves_gaps, thin
from cnncost.network.graph import Graph, Node, channel_axis

MOST_MACS = 3 * 10**6
"""Multiply-adds up to which a network is differentiated with all its channels."""

CHANNEL_CUTS = ("Slice", "Select", "PixelShuffle")
"""They move some channels to another place, while a receptive field is that of all channels."""


def against_gradients(profile: NetworkCost, most: int | None) -> QuantityCheck:
    """Compare receptive fields with what d(output)/d(input) reaches, in at most `most` layers."""
    graph = with_gradients(profile.graph)
    narrow = not small_enough(graph)
    width = ", one channel wide" if narrow else ""
    check = QuantityCheck("field", f"gradients of a twin whose weights are ones{width}; sums for maxima")
    if left := len(profile.graph.nodes) - len(graph.nodes):
        check.not_checked["no torch twin, or behind a layer without one"] += left
    if any(channel_axis(graph.axes[name]) != 0 for name in graph.inputs):
        check.not_checked["the input's channels are not its first axis"] += len(graph.nodes)
        return check
    try:
        twin = thin(graph) if narrow else graph
    except CnncostError as error:
        check.not_checked[f"the network has no twin of one channel: {error}"] += len(graph.nodes)
        return check
    fields, gaps = receptive_fields(graph), leaves_gaps(graph)
    candidates = []
    for node in graph.nodes:
        if fields[node.name] is None:
            check.not_checked["no positions, or no field known"] += 1
        elif node.layer.in_place:
            check.not_checked["in-place layer, sees what its input sees"] += 1
        elif node.name not in twin.by_name:
            check.not_checked["behind the last map of the twin"] += 1
        else:
            candidates.append(node)
    chosen = evenly_chosen(candidates, most)
    if len(chosen) < len(candidates):
        check.not_checked["not among the layers compared (--fields 0 compares all)"] += len(candidates) - len(
            chosen
        )
    if chosen:
        for samples in compare_fields(twin, {node.name for node in chosen}, ends=True, fields=fields):
            judge(samples, check, gaps)
    return check


def with_gradients(graph: Graph) -> Graph:
    """The part of a graph that gradients pass: without the layers that have no torch twin, and all behind."""
    kept: list[Node] = []
    names = set(graph.inputs)
    for node in graph.nodes:
        if has_twin(node.layer) and names.issuperset(node.inputs):
            kept.append(node)
            names.add(node.name)
    if len(kept) == len(graph.nodes):
        return graph
    return graph.replace(nodes=tuple(kept), outputs=(kept[-1].name if kept else graph.first_input,))


def small_enough(graph: Graph) -> bool:
    """Whether a network can be differentiated with all its channels, which stay its first axis, uncut."""
    macs = sum(node.layer.work(node.in_shapes, node.out_shape).macs for node in graph.nodes)
    moved = any(node.type in CHANNEL_CUTS or node.layer.order is not None for node in graph.nodes)
    return macs <= MOST_MACS and not moved


def evenly_chosen(nodes: list[Node], most: int | None) -> list[Node]:
    """At most `most` nodes, evenly from the last one to the first."""
    if most is None or len(nodes) <= most:
        return nodes
    return [nodes[-1 - i * len(nodes) // most] for i in range(most)]


def judge(samples: FieldSamples, check: QuantityCheck, gaps: bool) -> None:
    """Record a node as the same, as a mismatch, or as not checked where its field is an upper bound."""
    expected, found = samples.expected, samples.found
    agree = eq if samples.exact and not gaps else lies_within
    wrong = next((at for at, extents in expected.items() if not agree(extents, found[at])), None)
    if wrong is not None:
        what = f"seen from {', '.join(map(str, wrong))}"
        check.compare(samples.node, expected[wrong], found[wrong], what)
    elif expected and expected == found:
        check.same += 1
    elif samples.exact:
        check.not_checked["behind gaps of a transposed stride: the gradient sees that much at most"] += 1
    else:
        check.not_checked["no output away from the padding: the gradient sees that much at most"] += 1
