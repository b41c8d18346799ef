"""The least memory that a run needs, and the error where a device does not have it."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from cnncost.count.dtype import dtype_bytes, whole_bytes
from cnncost.count.profile import NetworkCost
from cnncost.dims import product
from cnncost.errors import CnncostError
from cnncost.layers.work import NO_WORK
from cnncost.measure.clock.device import free_bytes
from cnncost.timing.device import Device


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch or Python could not get memory."""
    message = str(error).lower()
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or any(
        words in message for words in ("can't allocate memory", "not enough memory", "out of memory")
    )


def out_of_memory(profile: NetworkCost, device: Device, free: int | None) -> CnncostError:
    """The error: what does not fit, and the batch that would, where that is known."""
    what = f"{profile.name} at batch {profile.batch}, {profile.dtype}"
    has = f" ({free / 2**30:.1f} GiB free)" if free is not None else ""
    fits = fitting_batch(profile, free) if free is not None else None
    if fits is None or fits >= profile.batch:
        hint = "try a smaller --batch"
    elif fits < 1:
        hint = "no batch fits"
    else:
        hint = f"by its weights and maps, batch {fits} is the largest that can"
    return CnncostError(f"out of memory: {what} does not fit into the memory of {device.name}{has}; {hint}")


def require_memory(profile: NetworkCost, device: Device) -> None:
    """Refuse at once what cannot fit by its weights and maps alone.

    On a CPU there would be no error later: the system would kill the process.

    Raises:
        CnncostError: it does not fit.
    """
    free = free_bytes(device)
    if free is not None and weight_bytes(profile) + profile.batch * sample_bytes(profile) > free:
        raise out_of_memory(profile, device, free)


def fitting_batch(profile: NetworkCost, free: int) -> int:
    """The largest batch whose weights and maps alone fit into the free bytes."""
    return max(0, (free - weight_bytes(profile)) // max(1, sample_bytes(profile)))


def weight_bytes(profile: NetworkCost) -> int:
    """The weights; in training with a gradient and a momentum for each parameter."""
    totals = profile.totals
    values = totals.params * (3 if profile.train else 1) + totals.buffers
    return int(whole_bytes(values, dtype_bytes(profile.dtype)))


def sample_bytes(profile: NetworkCost) -> int:
    """The least bytes of one sample's maps: of all layers in training, else of those in use at a time.

    In training, maps that an in-place layer could overwrite are not counted: not all are kept.
    """
    element, roots = dtype_bytes(profile.dtype), roots_of(profile)
    values = {cost.name: product(cost.out_shape) for cost in profile.counted}
    values |= {name: product(shape) for name, shape in profile.graph.inputs.items()}
    if profile.train:
        kept = {roots[cost.name] for cost in profile.counted if not cost.in_place}
        return int(whole_bytes(sum(values[name] for name in kept), element))
    most = max(sum(values[name] for name in live) for live in live_maps(profile, roots))
    return int(whole_bytes(most, element))


def roots_of(profile: NetworkCost) -> dict[str, str]:
    """The map whose memory holds each node's output: its input's for a view or an overwriting layer."""
    roots = {name: name for name in profile.graph.inputs}
    for cost in profile.counted:
        node = cost.node
        overwrites = cost.work == NO_WORK or getattr(node.layer, "inplace", False)
        roots[node.name] = roots[node.inputs[0]] if overwrites and len(node.inputs) == 1 else node.name
    return roots


def live_maps(profile: NetworkCost, roots: dict[str, str]) -> Iterator[set[str]]:
    """The maps that are in use while each layer runs."""
    nodes = [cost.node for cost in profile.counted]
    last = {roots[name]: i for i, node in enumerate(nodes) for name in node.inputs}
    live = set(profile.graph.inputs)
    yield set(live)
    for i, node in enumerate(nodes):
        live.add(roots[node.name])
        yield set(live)
        live -= {root for root in map(roots.__getitem__, node.inputs) if last[root] == i}
