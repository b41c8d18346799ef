"""A network compared with its module in PyTorch, layer by layer, by node name.

Shapes, parameters, multiply-adds and memory are read from the module on the meta device, which has
shapes but no numbers. fvcore and gradients need numbers and have separate files.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import torch

from cnncost.count.dtype import dtype_bytes
from cnncost.count.profile import LayerCost, NetworkCost, profile_graph
from cnncost.errors import CnncostError, did_you_mean
from cnncost.measure.building import Network, build, has_twin
from cnncost.measure.counters import ONE_VALUE_REFUSED, ModuleCall, Watched, first_line
from cnncost.measure.inputs import inputs_of
from cnncost.measure.verification.against_fvcore import against_fvcore
from cnncost.measure.verification.against_gradients import against_gradients
from cnncost.measure.verification.results import (
    NO_TWIN,
    QUANTITIES,
    QuantityCheck,
    Verification,
    quantities_of,
)
from cnncost.network.graph import Graph

DTYPES = ("float64", "float32", "float16", "bfloat16")
"""The types in which a module can run."""

AGAINST = {
    "shapes": f"the output of each module, torch {torch.__version__.partition('+')[0]}",
    "params": "names and shapes in the state_dict, parameters and buffers",
    "macs": "torch's FlopCounterMode, halved",
    "memory": "the bytes of each module's output",
}
"""What each quantity is compared with on the meta device."""

Checks = dict[str, QuantityCheck]


def verify(
    network: Graph | NetworkCost,
    quantities: Iterable[str] = tuple(QUANTITIES),
    dtype: str = "float32",
    fields: int | None = 12,
) -> Verification:
    """Build a network in torch and compare it with what cnncost says, layer by layer.

    Args:
        network: the graph, or the costs of one sample that are to be compared.
        quantities: which of shapes, params, macs, fvcore, memory and field.
        dtype: the type of the module's weights and of its input.
        fields: in how many layers to compare the receptive field; None for all.

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
        found = on_meta(profile, [name for name in wanted if name in AGAINST], dtype)
        if "fvcore" in wanted:
            found["fvcore"] = against_fvcore(profile)
        if "field" in wanted:
            found["field"] = against_gradients(profile, fields)
    graph = profile.graph
    checks = tuple(found[name] for name in wanted)
    return Verification(graph.name, graph.input, dtype, len(graph.nodes), checks)


@contextmanager
def quiet() -> Iterator[None]:
    """One thread, the quickest for small layers, and none of torch's advice on speed."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Using padding='same' with even kernel lengths")
            yield
    finally:
        torch.set_num_threads(threads)


def on_meta(profile: NetworkCost, wanted: list[str], dtype: str) -> Checks:
    """The wanted ones of shapes, params, macs and memory."""
    checks = {name: QuantityCheck(name, AGAINST[name]) for name in wanted}
    if not checks:
        return checks
    try:
        network = build(profile.graph, "meta", stand_ins=True).to(getattr(torch, dtype))
    except Exception as error:
        node = next(iter(getattr(error, "__notes__", ())), "the network")
        record_refusal(profile, checks, node, error, "could not be built")
        return checks
    if "params" in checks:
        compare_weights(profile, network, checks["params"])
    compare_runs(profile, network, checks, getattr(torch, dtype))
    return checks


def record_refusal(profile: NetworkCost, checks: Checks, node: str, error: Exception, what: str) -> None:
    """Torch refuses a layer: one mismatch, in the first quantity; the rest of the network is not checked."""
    ours = profile.by_name[node].out_shape if node in profile.by_name else ""
    first = next(iter(checks.values()))
    first.compare(node, ours, f"{type(error).__name__}: {first_line(error)}")
    for name, check in checks.items():
        total = sum(len(cost.weights) for cost in profile.costs) if name == "params" else len(profile.costs)
        if (left := total - sum(check.counts.values())) > 0:
            check.not_checked[f"the network {what} in torch"] += left


def compare_weights(profile: NetworkCost, network: Network, check: QuantityCheck) -> None:
    """Each parameter and buffer by name: which of the two it is, and its shape."""
    for cost in profile.costs:
        if cost.weights and not cost.node.shares and not has_twin(cost.node.layer):
            check.not_checked[NO_TWIN.format(cost.type)] += len(cost.weights)
    ours = {
        f"{cost.name}.{name}": ("buffer" if name in cost.node.layer.buffer_names else "parameter", shape)
        for cost in profile.costs
        if not cost.node.shares and has_twin(cost.node.layer)
        for name, shape in cost.weights.items()
    }
    saved = network.state_dict()
    theirs = {
        name: (kind if name in saved else f"{kind}, not in the state_dict", tuple(tensor.shape))
        for kind, tensors in (("parameter", network.named_parameters()), ("buffer", network.named_buffers()))
        for name, tensor in tensors
    }
    for name in dict.fromkeys((*ours, *theirs)):
        node, _, weight = name.rpartition(".")
        check.compare(node, ours.get(name), theirs.get(name), weight)


def compare_runs(profile: NetworkCost, network: Network, checks: Checks, dtype: Any) -> None:
    """Run the network in inference, and its side heads in training; then compare layer by layer."""
    heads = [cost for cost in profile.costs if cost.node.aux]
    for costs, batch in (([c for c in profile.costs if not c.node.aux], 1), (heads, 2)):
        if not costs:
            continue
        watched, error = run(network.train(batch > 1), batch, dtype)
        if batch == 1 and ONE_VALUE_REFUSED in str(error):
            batch = 2
            watched, error = run(network, batch, dtype)
        if error is not None:
            record_refusal(profile, checks, watched.running[-1].name or "the network", error, "stopped")
            return
        calls = {call.name: call for call in reversed(watched.calls)}  # of several, the first
        for cost in costs:
            compare_call(cost, calls[cost.name], batch, checks)


def run(network: Network, batch: int, dtype: Any) -> tuple[Watched, Exception | None]:
    """Run a network on a batch without numbers: its calls, and the error if it stopped."""
    watched = Watched(network.nodes.items())
    try:
        watched.run(network, *inputs_of(network.graph, batch, "meta", dtype))
    except Exception as error:
        return watched, error
    return watched, None


def compare_call(cost: LayerCost, call: ModuleCall, batch: int, checks: Checks) -> None:
    """Compare the shape, the multiply-adds and the memory of one layer that ran."""
    if not has_twin(cost.node.layer):
        for name in checks.keys() & {"shapes", "macs", "memory"}:
            checks[name].not_checked[NO_TWIN.format(cost.type)] += 1
        return
    macs = Fraction(call.flops, 2 * batch)
    if "shapes" in checks:
        checks["shapes"].compare(cost.name, cost.out_shape, call.out_shape)
    if "macs" in checks:
        if macs or cost.work.macs:
            checks["macs"].compare(cost.name, cost.work.macs, whole_if_possible(macs))
        else:
            checks["macs"].not_counted["no convolution or matrix product, 0 here too"] += 1
    if "memory" in checks:
        if cost.in_place:
            checks["memory"].not_checked["in-place layer, 0 by convention"] += 1
        else:
            out_bytes = whole_if_possible(Fraction(call.out_bytes, batch))
            checks["memory"].compare(cost.name, cost.memory_bytes, out_bytes)


def whole_if_possible(n: Fraction) -> int | float:
    """A fraction as an int where it is one."""
    return int(n) if n.denominator == 1 else float(n)
