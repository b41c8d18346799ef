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
from typing import Any

import torch

from cnncost.count.convention import dtype_bytes
from cnncost.count.profile import LayerCost, NetworkCost, profile_graph
from cnncost.errors import CnncostError, did_you_mean
from cnncost.measure.build import Network, build, build_layer
from cnncost.measure.counters import Call, Watched
from cnncost.measure.verify_fields import against_gradients
from cnncost.measure.verify_fvcore import ALONE, against_fvcore, first_line
from cnncost.network.graph import Graph
from cnncost.timing.verification import QUANTITIES, Comparison, Tally, Verification, quantities_of

DTYPES = ("float64", "float32", "float16", "bfloat16")
"""The types in which a module can run."""

TORCH = f"torch {torch.__version__.partition('+')[0]}"


def verify(
    network: Graph | NetworkCost,
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
    profile = network if isinstance(network, NetworkCost) else profile_graph(network, "macs", dtype=dtype)
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


def on_meta(profile: NetworkCost, wanted: tuple[str, ...], dtype: str) -> Iterator[Comparison]:
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


def broken(profile: NetworkCost, tallies: dict[str, Tally], node: str, error: Exception, what: str) -> None:
    """Torch refuses a layer: a difference of shapes, if those are compared; the rest stays unchecked."""
    said = f"{type(error).__name__}: {first_line(error)}"
    ours = profile.by_name[node].out_shape if node in profile.by_name else ""
    next(iter(tallies.values())).differ(node, ours, said)
    for name, tally in tallies.items():
        there = sum(len(cost.weights) for cost in profile.costs) if name == "params" else len(profile.costs)
        left = there - sum(tally.comparison.counts.values())
        tally.not_checked(f"the network {what} in torch", max(left, 0))


def compare_weights(profile: NetworkCost, network: Network, tally: Tally) -> None:
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


def compare_calls(profile: NetworkCost, network: Network, tallies: dict[str, Tally], dtype: Any) -> None:
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
