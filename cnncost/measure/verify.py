"""A network held against its module in PyTorch, layer by layer, by node name.

Shapes, parameters, multiply-adds and memory are those of the module on the meta device, which has
shapes but no numbers. fvcore needs numbers: it counts each distinct layer on its own. Receptive
fields are those that gradients show in a twin of the network whose weights are all ones.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import lru_cache
from operator import eq
from typing import Any

import torch

from cnncost.convention import dtype_bytes
from cnncost.dims import Shape, product
from cnncost.errors import CnncostError, did_you_mean
from cnncost.graph import INPUT, Graph, Node, channel_axis
from cnncost.layers import Layer
from cnncost.measure.build import Network, build, build_layer
from cnncost.measure.counters import Call, Watched, fvcore_analysis
from cnncost.measure.gradient import compare_fields, holds, holes, thin
from cnncost.profile import LayerCost, Profile, profile_graph
from cnncost.receptive_field import receptive_fields
from cnncost.verification import QUANTITIES, Comparison, Tally, Verification, quantities_of

DTYPES = ("float64", "float32", "float16", "bfloat16")
"""The types in which a module can run."""

TORCH = f"torch {torch.__version__.partition('+')[0]}"


def verify(
    network: Graph | Profile,
    quantities: Iterable[str] = tuple(QUANTITIES),
    dtype: str = "float32",
    fields: int | None = 12,
) -> Verification:
    """Build a network in torch and compare it with what cnncost says, layer by layer.

    Args:
        network: the graph, or a profile of one sample whose numbers are to be compared.
        quantities: which of shapes, params, macs, fvcore, memory and field.
        dtype: the type of the module's weights and of its input.
        fields: how many layers' receptive fields to look at; None for all.

    Raises:
        CnncostError: an unknown quantity or dtype.
    """
    wanted = quantities_of(quantities)
    dtype_bytes(dtype)
    if dtype not in DTYPES:
        hint = did_you_mean(dtype, DTYPES)
        raise CnncostError(f"no network runs in {dtype}{hint}; there are {', '.join(DTYPES)}")
    profile = network if isinstance(network, Profile) else profile_graph(network, "macs", dtype=dtype)
    with quiet():
        found = [*on_meta(profile, wanted, dtype)]
        if "fvcore" in wanted:
            found.append(against_fvcore(profile))
        if "field" in wanted:
            found.append(against_gradients(profile, fields))
    order = list(QUANTITIES)
    found.sort(key=lambda comparison: order.index(comparison.quantity))
    graph = profile.graph
    return Verification(graph.name, graph.input_shape, dtype, len(graph.nodes), tuple(found))


@contextmanager
def quiet() -> Iterator[None]:
    """On one thread, the quickest for so little work, and without torch's advice on speed."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Using padding='same' with even kernel lengths")
            yield
    finally:
        torch.set_num_threads(threads)


# On the meta device


def on_meta(profile: Profile, wanted: tuple[str, ...], dtype: str) -> Iterator[Comparison]:
    """Shapes, params, macs and memory, as far as they are wanted."""
    tallies = {name: Tally(name, AGAINST[name]) for name in wanted if name in AGAINST}
    if not tallies:
        return
    try:
        network = build(profile.graph, "meta").to(getattr(torch, dtype))
    except Exception as error:
        broken(profile, tallies, first_unbuilt(profile.graph), error, "could not be built")
    else:
        if "params" in tallies:
            compare_weights(profile, network, tallies["params"])
        compare_calls(profile, network, tallies, getattr(torch, dtype))
    yield from (tally.comparison for tally in tallies.values())


AGAINST = {
    "shapes": f"the output of each module, {TORCH}",
    "params": "names and shapes in the state_dict, parameters and buffers",
    "macs": "torch's FlopCounterMode, halved",
    "memory": "the bytes of each module's output",
}


def first_unbuilt(graph: Graph) -> str:
    """The first node whose module torch refuses to make."""
    for node in graph.nodes:
        try:
            with torch.device("meta"):
                build_layer(node.layer, *node.in_shapes)
        except Exception:
            return node.name
    return "the network"


def broken(profile: Profile, tallies: dict[str, Tally], node: str, error: Exception, what: str) -> None:
    """Torch refuses a layer: a difference of shapes, if those are compared; the rest stays unchecked."""
    said = f"{type(error).__name__}: {first_line(error)}"
    ours = profile.by_name[node].out_shape if node in profile.by_name else ""
    next(iter(tallies.values())).differ(node, ours, said)
    for name, tally in tallies.items():
        there = sum(len(cost.weights) for cost in profile.costs) if name == "params" else len(profile.costs)
        left = there - sum(tally.comparison.counts.values())
        tally.not_checked(f"the network {what} in torch", max(left, 0))


def first_line(error: Exception) -> str:
    """What an error says, in one line."""
    return str(error).partition("\n")[0]


def compare_weights(profile: Profile, network: Network, tally: Tally) -> None:
    """Each parameter and buffer by name: which of the two it is, and its shape."""
    ours = {
        f"{cost.name}.{name}": ("buffer" if name in cost.node.layer.buffer_names else "parameter", shape)
        for cost in profile.costs
        for name, shape in cost.weights.items()
    }
    kept = network.state_dict()
    theirs = {
        name: (kind if name in kept else f"{kind}, not in the state_dict", tuple(tensor.shape))
        for kind, tensors in (("parameter", network.named_parameters()), ("buffer", network.named_buffers()))
        for name, tensor in tensors
    }
    for name in dict.fromkeys((*ours, *theirs)):
        node, _, weight = name.rpartition(".")
        tally.compare(node, ours.get(name), theirs.get(name), weight)


def compare_calls(profile: Profile, network: Network, tallies: dict[str, Tally], dtype: Any) -> None:
    """Run the network, and in training its side heads; then compare layer by layer."""
    heads = [cost for cost in profile.costs if cost.node.aux]
    for costs, batch in (([c for c in profile.costs if not c.node.aux], 1), (heads, 2)):
        if not costs:
            continue
        watched, error = run(network.train(batch > 1), batch, dtype)
        if batch == 1 and ALONE in str(error):
            batch = 2
            watched, error = run(network, batch, dtype)
        if error is not None:
            broken(profile, tallies, watched.running[-1].name or "the network", error, "stopped")
            return
        calls = {call.name: call for call in watched.calls}
        for cost in costs:
            compare_call(cost, calls[cost.name], batch, tallies)


ALONE = "Expected more than 1 value"
"""How torch refuses to normalise a single value, which has no variance; of two samples it takes them."""


def run(network: Network, batch: int, dtype: Any) -> tuple[Watched, Exception | None]:
    """Run a network on so many samples without numbers: its calls, and the error if it stopped."""
    watched = Watched(network.nodes.items())
    try:
        watched.run(network, torch.empty(batch, *network.graph.input_shape, device="meta", dtype=dtype))
    except Exception as error:
        return watched, error
    return watched, None


def compare_call(cost: LayerCost, call: Call, batch: int, tallies: dict[str, Tally]) -> None:
    """One layer that ran."""
    macs = half(Fraction(call.flops, batch))
    if "shapes" in tallies:
        tallies["shapes"].compare(cost.name, cost.out_shape, call.out_shape)
    if "macs" in tallies:
        if macs or cost.work.macs:
            tallies["macs"].compare(cost.name, cost.work.macs, macs)
        else:
            tallies["macs"].not_counted("no convolution or matrix product, 0 here too")
    if "memory" in tallies:
        if cost.in_place:
            tallies["memory"].not_checked("works in place, 0 by convention")
        else:
            tallies["memory"].compare(cost.name, cost.memory_bytes, half(Fraction(2 * call.out_bytes, batch)))


def half(n: Fraction) -> int | float:
    """Half of a number, whole where it can be."""
    return int(n / 2) if (n / 2).denominator == 1 else float(n / 2)


# fvcore

ROWS = ("conv", "linear", "addmm", "matmul", "bmm", "einsum")
"""The operators of fvcore that are multiply-adds. Its counts of norms, adaptive pooling and upsampling
are no multiply-adds, and are not compared here but by the convention `fvcore`."""

UNSUPPORTED = {
    "aten::_convolution_mode": "fvcore misses a convolution whose padding is a word",
    "aten::scaled_dot_product_attention": "fvcore misses the products of attention",
}
"""Operators that do multiply, which fvcore passes over as unsupported: it counts 0."""

LARGEST = 10**8
"""Weights of a layer that fvcore is given; it needs them all as numbers."""

MOST = 4 * 10**10
"""Multiply-adds of such a layer, which have to be computed."""


def against_fvcore(profile: Profile) -> Comparison:
    """Multiply-adds, against the rows of fvcore that count some, a distinct layer at a time."""
    tally = Tally("fvcore", "fvcore's convolution and linear rows, each distinct layer traced on its own")
    for cost in profile.costs:
        ours = cost.work.macs - cost.work.products
        if sum(map(product, cost.weights.values())) > LARGEST or cost.work.macs > MOST:
            tally.not_checked("too large to run with numbers")
            continue
        try:
            rows, missed = fvcore_rows(cost.node.layer, cost.node.in_shapes)
        except ImportError:
            tally.not_checked("fvcore is not installed: pip install 'cnncost[torch]'")
            continue
        except Exception as error:
            tally.not_checked(f"fvcore cannot trace {cost.type}: {first_line(error)}")
            continue
        if rows == 0 and missed:
            tally.not_counted(UNSUPPORTED[missed])
        elif rows or ours:
            tally.compare(cost.name, ours, rows)
        else:
            tally.not_counted("no convolution or matrix product, 0 here too")
    return tally.comparison


@lru_cache(maxsize=20_000)
def fvcore_rows(layer: Layer, in_shapes: tuple[Shape, ...]) -> tuple[int, str]:
    """The multiply-adds that fvcore finds in a layer, and an operator that it should have counted too."""
    module = build_layer_of_zeros(layer, in_shapes)
    try:
        batch, analysis = 1, fvcore_analysis(module, zeros(1, in_shapes))
    except ValueError as error:
        if ALONE not in str(error):
            raise
        batch, analysis = 2, fvcore_analysis(module, zeros(2, in_shapes))
    counts = analysis.by_operator()
    missed = next((name for name in analysis.unsupported_ops() if name in UNSUPPORTED), "")
    return sum(int(counts[name]) for name in ROWS) // batch, missed


def zeros(batch: int, shapes: Iterable[Shape]) -> tuple[torch.Tensor, ...]:
    """Inputs of these shapes."""
    return tuple(torch.zeros(batch, *shape) for shape in shapes)


def build_layer_of_zeros(layer: Layer, in_shapes: tuple[Shape, ...]) -> torch.nn.Module:
    """A layer's module on the CPU, without the time that random numbers take."""
    with torch.device("meta"):
        module = build_layer(layer, *in_shapes)
    module = module.to_empty(device="cpu")
    with torch.no_grad():
        for tensor in (*module.parameters(), *module.buffers()):
            tensor.zero_()
    return module


# Receptive fields

WHOLE = 3 * 10**6
"""Multiply-adds up to which a network is differentiated with all its channels."""

CUTS = ("Slice", "Select", "PixelShuffle")
"""They take some channels of a map to a place; a field is that of all channels."""


def whole(graph: Graph) -> bool:
    """Whether a network is small enough for all its channels, and those stay the first axis, uncut."""
    macs = sum(node.layer.work(node.in_shapes, node.out_shape).macs for node in graph.nodes)
    return macs <= WHOLE and not any(n.type in CUTS or n.layer.order is not None for n in graph.nodes)


def against_gradients(profile: Profile, most: int | None) -> Comparison:
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
