"""Networks out and in again: spec to PyTorch source to an import, for the whole catalogue.

`python -m tests.round_trips` takes the whole catalogue, with --families the first network of each family,
and writes reports/round-trips.md; with names, it only prints what differs.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import cnncost
from cnncost import Graph
from cnncost.measure.inputs import inputs_of
from cnncost.network.catalogue import index

HEAVY = ("Conv1d", "Conv2d", "Conv3d", "ConvTranspose", "Linear")
REPORT = Path(__file__).parent.parent / "reports" / "round-trips.md"


def module_of(graph: Graph, source: str) -> nn.Module:
    """The module of an exported source, on the meta device; the source sees nothing of cnncost."""
    names: dict[str, Any] = {"__name__": "exported"}
    exec(compile(source, f"<{graph.name}.py>", "exec"), names)
    classes = [value for value in names.values() if getattr(value, "__module__", "") == "exported"]
    with torch.device("meta"):
        module: nn.Module = classes[-1]()
    return module


def weights(graph: Graph) -> dict[str, tuple[int, ...]]:
    """What the state_dict of a network holds, but for counters and tables of positions."""
    return {
        f"{node.name}.{name}": tuple(shape)
        for node in graph.nodes
        if not node.shares
        for name, shape in node.layer.weights(*node.in_shapes).items()
    }


def out_of(graph: Graph, module: nn.Module) -> Iterator[str]:
    """What differs between a network and the module of its source: weights, output shapes, multiply-adds."""
    expected = weights(graph)
    found = {name: tuple(value.shape) for name, value in module.state_dict().items()}
    missing = [name for name, shape in expected.items() if found.get(name) != shape]
    more = [name for name, _ in module.named_parameters() if name not in expected]
    if missing or more:
        yield f"state_dict: {', '.join([*missing, *more][:3])}"
        return
    module.eval()
    with FlopCounterMode(display=False) as counter:
        made = module(*inputs_of(graph, device="meta"))
    shapes = [tuple(output.shape[1:]) for output in (made if isinstance(made, tuple) else (made,))]
    nodes = {**graph.inputs, **{node.name: node.out_shape for node in graph.nodes}}
    if shapes != [nodes[name] for name in graph.outputs]:
        yield f"outputs: {shapes}"
    macs = counter.get_total_flops() // 2
    ours = cnncost.profile(graph, convention="torch").totals.flops // 2
    if macs != ours:
        yield f"FlopCounterMode: {macs} instead of {ours}"


def in_again(graph: Graph, module: nn.Module) -> Iterator[str]:
    """What differs between a network and the import of its source: totals, shapes, receptive fields."""
    back = cnncost.import_torch(module, input=graph.input).graph
    one, other = cnncost.profile(graph, convention="macs"), cnncost.profile(back, convention="macs")
    for total in ("params", "macs"):
        if getattr(one.totals, total) != getattr(other.totals, total):
            yield f"{total}: {getattr(other.totals, total)} instead of {getattr(one.totals, total)}"
    heavy = [
        Counter(described(c) for c in p.costs if not c.node.aux and c.type.startswith(HEAVY))
        for p in (one, other)
    ]
    if lost := heavy[0] - heavy[1]:
        yield f"layers: {[*lost][:2]} became {[*(heavy[1] - heavy[0])][:2]}"


def described(cost: cnncost.LayerCost) -> tuple[Any, ...]:
    """A layer with weights as both sides know it: type, output shape, parameters, receptive field."""
    fields = tuple((axis.size, axis.jump) for axis in cost.receptive_field or ())
    return (cost.type, cost.out_shape, cost.params, fields)


def differences(name: str) -> list[str]:
    """What a round trip of a network changes."""
    graph = cnncost.load(name)
    try:
        module = module_of(graph, str(cnncost.export(graph, "torch")))
        found = list(out_of(graph, module))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return found or list(in_again(graph, module))
    except Exception as error:
        return [f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0][:200]}"]


def of_each_family() -> list[str]:
    """The first network of each family."""
    return [*{path: name for name, path in reversed([*index()])}.values()][::-1]


def main(names: list[str]) -> int:
    """Run the round trips of some networks, or of all, and write the report of all."""
    started, found = time.perf_counter(), {}
    families = names == ["--families"]
    for name in of_each_family() if families else names or cnncost.names():
        found[name] = differences(name)
        for line in found[name]:
            print(f"{name}: {line}", flush=True)
    different = {name: lines for name, lines in found.items() if lines}
    same = len(found) - len(different)
    print(f"{same} of {len(found)} networks come back the same, in {time.perf_counter() - started:.0f} s")
    if families or not names:
        REPORT.write_text(report(same, len(found), different), encoding="utf-8")
    return 1 if different else 0


def report(same: int, count: int, different: dict[str, list[str]]) -> str:
    """The report."""
    lines = [
        "# Round trips: spec to PyTorch source to an import",
        "",
        "Written by `python -m tests.round_trips`. The state_dict of the source has the weights of the network,",
        "its outputs have the declared shapes, and FlopCounterMode counts the same. The import of the source has",
        "the same parameters and multiply-adds, and the same convolutions and linear layers: output shape,",
        "parameters, receptive field.",
        "",
        f"{same} of {count} networks come back the same.",
        "",
    ]
    if different:
        lines += ["| network | what differs |", "| --- | --- |"]
        lines += [f"| {name} | {'; '.join(found)} |" for name, found in different.items()]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
