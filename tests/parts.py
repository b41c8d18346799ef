"""Networks of other libraries, layer by layer, as they are compared with the catalogue's."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from unittest.mock import patch

import torch
from torch import nn

import cnncost
from cnncost.dims import Shape
from cnncost.layers import catalogue
from cnncost.network.graph import INPUT, Graph
from tests.torch_counts import ModuleCall, tensor_shapes, watch


@dataclass(frozen=True)
class Part:
    """A layer with weights, as both sides are compared: parameters and buffers by name, and what it does."""

    name: str = field(compare=False)
    kind: str
    weights: tuple[tuple[str, Shape], ...]
    in_shape: Shape = ()
    out_shape: Shape = ()
    macs: int = 0


PARAMETER, PRODUCTS = "a parameter of its own", "products of its own"
"""Weights outside all layers: torchvision keeps class tokens, embeddings and scales in the modules around."""


def layer(name: str, kind: str, weights: Mapping[str, Shape], shapes: Iterable[Shape], macs: int) -> Part:
    """A layer with weights. Leading axes of size 1 are a batch of its own: a single window."""
    in_shape, out_shape = (shape[next((i for i, n in enumerate(shape) if n != 1), 0) :] for shape in shapes)
    return Part(name, kind, tuple(sorted(weights.items())), in_shape, out_shape, macs)


def beside(name: str, weights: Mapping[str, Shape], macs: int) -> Iterator[Part]:
    """Weights and products without a layer; axes of size 1 say only where a weight is broadcast."""
    for weight, shape in weights.items():
        yield Part(f"{name}.{weight}", PARAMETER, (("", tuple(n for n in shape if n != 1)),))
    if macs:
        yield Part(name, PRODUCTS, (), macs=macs)


# The library's side


def passed_on(x: torch.Tensor, *_: object, **__: object) -> torch.Tensor:
    """The input: a batch norm, as far as shapes and products go."""
    return x


@patch.object(nn.functional, "batch_norm", passed_on)  # on the meta device they take half of the time
def runs(network: nn.Module, input_shape: Shape) -> tuple[list[ModuleCall], list[ModuleCall]]:
    """The calls of an inference run, and those of its side heads, which run in training.

    torchvision's networks for segmentation run theirs always.
    """
    x = torch.empty(1, *input_shape, device="meta")
    _, calls = watch(network.eval(), x, network.named_modules())
    if getattr(network, "aux_classifier", None):
        heads = [call for call in calls if call.name.startswith("aux_classifier")]
        return [call for call in calls if call not in heads], heads
    if not getattr(network, "aux_logits", False):
        return calls, []
    network.training = True  # of the network alone: its batch norms would ask for a larger batch
    _, more = watch(network, x, network.named_modules())
    known = {call.name for call in calls}
    return calls, [call for call in more if call.name not in known]


def their_parts(
    calls: list[ModuleCall],
    weights: Mapping[str, dict[str, Shape]],
    pieces: Collection[str],
    kinds: Collection[str] = catalogue(),
) -> Iterator[Part]:
    """The layers that ran, in order, each with the weights that it uses.

    A module around other layers is none itself: its own weights and operations are listed separately, and
    so is what `pieces` names: modules that are a part of one layer of ours, by the ends of their names.
    `kinds` are the types of layers that ours can be.
    """
    within = 0
    for call in calls:
        mine, own = weights[call.name], call.own // 2
        if mine and call.name.endswith(tuple(f".{piece}" for piece in pieces)):
            within += own
            yield from beside(call.name, mine, 0)
        elif mine and (kind := kind_of(call, kinds)):
            yield layer(call.name, kind, mine, (call.in_shape, call.out_shape), own)
        else:
            yield from beside(call.name, mine, own and own + within)
            within = 0 if own else within


def kind_of(call: ModuleCall, kinds: Collection[str]) -> str:
    """Which of some types of layers a module is, or "".

    A class of the library's own that is made from one of torch's is that layer: a batch norm with its
    activation is a batch norm.
    """
    return next((base.__name__ for base in type(call.module).__mro__ if base.__name__ in kinds), "")


def used_weights(network: nn.Module, calls: list[ModuleCall]) -> dict[str, dict[str, Shape]]:
    """The shapes of parameters and buffers by name, for each module that is called.

    A module's weights are its own and those of modules inside that are never called, such as the
    output projection of an attention.
    """
    found: dict[str, dict[str, Shape]] = {call.name: {} for call in calls}
    tensors = {**tensor_shapes(network.named_parameters()), **tensor_shapes(network.named_buffers())}
    buffers = {path for path, _ in network.named_buffers()}
    for path, shape in tensors.items():
        owner, _, name = path.rpartition(".")
        while owner and owner not in found:
            owner, _, between = owner.rpartition(".")
            name = f"{between}.{name}"
        found[owner][name] = kept(shape) if path in buffers else shape
    return found


def kept(shape: Shape) -> Shape:
    """The shape of a buffer; tables of constants are the same table in any number of axes."""
    return (math.prod(shape),) if len(shape) > 1 else shape


# The catalogue's side


def our_parts(costs: Iterable[cnncost.LayerCost], kinds: Collection[str]) -> Iterator[Part]:
    """The layers with weights, in order; of kinds that torchvision has no module for, their weights alone."""
    for cost in costs:
        buffers = cost.node.layer.buffer_names
        weights = {name: kept(shape) if name in buffers else shape for name, shape in cost.weights.items()}
        if weights and cost.type in kinds:
            shapes = (cost.node.in_shape, cost.out_shape)
            yield layer(cost.name, cost.type, weights, shapes, cost.macs)
        else:
            yield from beside(cost.name, weights, cost.macs)


def pieces(costs: Iterable[cnncost.LayerCost]) -> set[str]:
    """The modules that are a part of one of our layers, as the names of its weights tell."""
    return {name.rpartition(".")[0] for cost in costs for name in cost.weights if "." in name}


def cuts(graph: Graph) -> list[str]:
    """The nodes of the main path: all that comes behind such a node sees nothing before it but its output."""
    nodes = [node for node in graph.nodes if not node.aux]
    last = {name: i for i, node in enumerate(nodes) for name in node.inputs}
    needed, found = last.get(INPUT, -1), []
    for i, node in enumerate(nodes):
        if needed <= i:
            found.append(node.name)
        needed = max(needed, last.get(node.name, i))
    return found


# Comparing


def same_network(
    profile: cnncost.Profile, network: nn.Module, fused: Collection[str] = ()
) -> list[ModuleCall]:
    """Parameters, buffers, multiply-adds, and each layer with weights: kind, shapes, products, and order.

    Multiply-adds are half of what FlopCounterMode counts. On the meta device it sees all products:
    attention runs as separate steps there, not as the one fused operator that has no count.

    `fused` are the modules that are a part of one layer of ours, by the ends of their names, where the
    names of its weights do not tell. Returned are the calls of the network's modules, side heads included.
    """
    calls, in_training = runs(network, profile.graph.input_shape)
    weights = used_weights(network, calls + in_training)
    ours = {cost.type for cost in profile.costs if cost.weights}
    parts = list(their_parts(calls, weights, pieces(profile.costs) | set(fused), ours))
    kinds = {part.kind for part in parts}
    whole = all_products if any(cost.type == "Matmul" for cost in profile.costs) else iter
    assert differences(whole(our_parts(profile.counted, kinds)), whole(parts)) == []
    assert profile.totals.macs == sum(call.own for call in calls) // 2

    heads = [cost for cost in profile.costs if cost.node.aux]
    assert differences(our_parts(heads, kinds), their_parts(in_training, weights, ())) == []
    everything = profile.totals + profile.aux_totals
    assert everything.params == sum(p.numel() for p in network.parameters())
    assert everything.buffers == sum(b.numel() for b in network.buffers())
    assert len(matched(profile, kinds, parts)) == sum(part.kind != PRODUCTS for part in parts)
    return calls + in_training


ACTIVATIONS = {name for name, cls in catalogue().items() if cls.__module__.endswith("activation")}


def same_activations(graph: Graph, calls: Iterable[ModuleCall]) -> None:
    """As many of each activation, where the library's network has a module for each."""
    theirs = Counter(kind for call in calls if (kind := kind_of(call, ACTIVATIONS)))
    assert Counter(node.type for node in graph.nodes if node.type in ACTIVATIONS) == theirs


def all_products(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts with one for all products, which a spec writes one by one, and a module adds up."""
    macs = 0
    for part in parts:
        if part.kind == PRODUCTS:
            macs += part.macs
        else:
            yield part
    yield Part("products", PRODUCTS, (), macs=macs)


def differences(ours: Iterable[Part], theirs: Iterable[Part]) -> list[str]:
    """What only one of them has, however often."""
    a, b = Counter(ours), Counter(theirs)
    return [
        f"only {whose}: {n} × {part}"
        for whose, only in (("ours", a - b), ("theirs", b - a))
        for part, n in only.items()
    ]


def matched(
    profile: cnncost.Profile, kinds: Collection[str], theirs: Iterable[Part]
) -> list[tuple[Part, Part]]:
    """Each of our layers with torchvision's own, then the weights without a layer.

    Between two nodes of the main path both must have the same layers, branches in any order.
    """
    ordered = [part for part in theirs if part.kind not in (PARAMETER, PRODUCTS)]
    main, segment, loose, pairs = set(cuts(profile.graph)), [], [], []
    for cost in profile.counted:
        parts = [part for part in our_parts([cost], kinds) if part.kind != PRODUCTS]
        (loose if parts and parts[0].kind == PARAMETER else segment).extend(parts)
        if cost.name in main:
            pairs += paired(segment, ordered[: len(segment)])
            ordered, segment = ordered[len(segment) :], []
    kept = [part for part in theirs if part.kind == PARAMETER]
    loose, kept = (sorted(parts, key=lambda part: part.weights) for parts in (loose, kept))
    assert loose == kept
    return pairs + list(zip(loose, kept, strict=True))


def paired(ours: Iterable[Part], theirs: Iterable[Part]) -> list[tuple[Part, Part]]:
    """Each of ours with an equal: the one behind the last, or the first, where another branch begins."""
    free, at, pairs = dict(enumerate(theirs)), -1, []
    for part in ours:
        following = free.get(at + 1) == part
        at = at + 1 if following else next((i for i, other in free.items() if other == part), -1)
        assert at >= 0, part
        pairs.append((part, free.pop(at)))
    return pairs
