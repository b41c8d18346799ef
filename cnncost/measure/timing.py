"""How long a network takes: whole, and layer by layer, beside what its counts say it could take."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.utils import benchmark

from cnncost.convention import dtype_bytes
from cnncost.dims import product
from cnncost.errors import CnncostError
from cnncost.graph import INPUT, Graph
from cnncost.layers.base import NO_WORK
from cnncost.measure.build import build
from cnncost.measure.device import DTYPES, Clock, Device, free_bytes, require_dtype, working
from cnncost.measure.roofline import Placed, Roof, Tick
from cnncost.measure.steps import Inference, Key, Training
from cnncost.profile import LayerCost, Profile, profile_graph


@dataclass(frozen=True)
class Settings:
    """How a network is run."""

    device: Device
    dtype: str = "float32"
    batch: int = 1
    train: bool = False
    channels_last: bool = False
    compiled: bool = False
    least_seconds: float = 2.0
    least_runs: int = 5


@dataclass(frozen=True)
class Spread:
    """The middle of measured seconds, and the range of the middle half of them."""

    median: float
    iqr: float
    runs: int


def spread(seconds: list[float]) -> Spread:
    """Median and interquartile range of measured seconds."""
    found = benchmark.Measurement(1, seconds, benchmark.TaskSpec("run", "pass"))
    return Spread(found.median, found.iqr, len(seconds))


@dataclass(frozen=True)
class LayerTime:
    """A layer's time; in training its forward and its backward pass apart.

    `moved_bytes` are of the forward pass: inputs, weights and outputs, each once, and nothing where
    the output is a view of the input.
    """

    cost: LayerCost
    moved_bytes: int
    forward: Spread
    backward: Spread | None = None

    @property
    def seconds(self) -> float:
        """Forward and backward together."""
        return self.forward.median + (self.backward.median if self.backward else 0)

    @property
    def iqr(self) -> float:
        """The sum of both ranges."""
        return self.forward.iqr + (self.backward.iqr if self.backward else 0)


@dataclass(frozen=True)
class Timing:
    """What was measured of a network.

    `latency` is a step that stands alone, with nothing left to do before and after it; `step` is one
    of many back to back, from which the throughput follows. `layers` are empty where the network
    was compiled as a whole. `steps` are the loss and the optimizer's step in training.
    """

    profile: Profile
    settings: Settings
    latency: Spread
    step: Spread
    layers: tuple[LayerTime, ...]
    steps: dict[str, Spread]
    roof: Roof | None = None
    interrupted: bool = False

    @property
    def samples_per_second(self) -> float:
        """The throughput."""
        return self.settings.batch / self.step.median

    @property
    def remainder(self) -> float | None:
        """What the latency has beyond the sum of its parts: the way from layer to layer.

        Below 0 where the marks around the layers took longer than that. None without layers.
        """
        if not self.layers:
            return None
        parts = [layer.seconds for layer in self.layers] + [part.median for part in self.steps.values()]
        return self.latency.median - sum(parts)

    def placed(self, layers: tuple[LayerTime, ...]) -> Placed | None:
        """The forward pass of some layers, under the roof."""
        if self.roof is None or not layers:
            return None
        return Placed(
            sum(layer.cost.flops for layer in layers),
            sum(layer.moved_bytes for layer in layers),
            sum(layer.forward.median for layer in layers),
            self.roof,
        )


@dataclass
class Samples:
    """Seconds as they come in."""

    steps: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    marked: list[list[tuple[Key, float]]] = field(default_factory=list)

    def by_key(self) -> dict[Key, Spread]:
        """The spread of each part of a step."""
        found: dict[Key, list[float]] = {}
        for run in self.marked:
            for key, seconds in run:
                found.setdefault(key, []).append(seconds)
        return {key: spread(seconds) for key, seconds in found.items()}

    def complete(self) -> bool:
        """Whether every kind has been measured at least once."""
        return bool(self.steps and self.alone)


def time_network(
    graph: Graph, settings: Settings, roof: Roof | None = None, tick: Tick | None = None
) -> Timing:
    """Build a network on a device and time it; interrupted, it returns what was measured until then.

    Raises:
        CnncostError: the device lacks the dtype or the memory, or a layer cannot run like this.
        KeyboardInterrupt: interrupted before anything was measured.
    """
    device, batch = settings.device, settings.batch
    require_dtype(settings.dtype, device)
    if settings.channels_last and len(graph.input_shape) != 3:
        raise CnncostError(f"--channels-last: {graph.name} takes no image: its input has no height and width")
    profile = profile_graph(graph, "flops", batch, settings.dtype, settings.train, fields=False)
    require_memory(profile, device)
    stage = Stage(profile, settings)
    samples, interrupted = Samples(), False
    with working(device), stage:
        step = prepare(graph, settings, stage)
        try:
            run(step, settings, samples, tick)
        except KeyboardInterrupt:
            if not samples.complete():
                raise
            interrupted = True
        return collected(profile, settings, samples, step.views, roof, interrupted)


def prepare(graph: Graph, settings: Settings, stage: Stage) -> Inference | Training:
    """The network on its device, run once layer by layer."""
    kind, dtype = settings.device.kind, DTYPES[settings.dtype]
    network = build(graph, "cpu").to(kind, dtype)
    x = torch.randn(settings.batch, *graph.input_shape, device=kind).to(dtype)
    if settings.channels_last:
        network, x = (thing.to(memory_format=torch.channels_last) for thing in (network, x))
    made = (Training if settings.train else Inference)(network, x)
    made.explore(stage.reach)
    stage.reach("")
    if settings.compiled:
        stage.reach("--compile")
        made.compiled = torch.compile(network)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made.run()
        stage.reach("")
    return made


def run(step: Inference | Training, settings: Settings, samples: Samples, tick: Tick | None) -> None:
    """Warm up, then measure until there is enough: a block of runs, one alone, one with marks, in turn.

    Taking turns, all three see the same weather: a clock that drops, a neighbour that computes.
    """
    clock = Clock(settings.device)
    took = warm_up(step, clock)
    label = f"{step.network.graph.name}, batch {settings.batch}, {settings.dtype}"
    wanted = max(settings.least_seconds, took * (settings.least_runs - 0.5))
    done = 0.0

    def between(number: int, seconds: float) -> None:
        nonlocal done
        samples.steps.append(seconds / number)
        samples.alone.append(seconds if number == 1 else clock.time(step.run))
        if not settings.compiled:
            add_marks(step, clock, samples)
        done += seconds
        if tick:
            tick(min(done / wanted, 1), label)

    if tick:
        tick(0, label)
    timer = benchmark.Timer(
        "run()", timer=clock.now, globals={"run": step.run}, num_threads=settings.device.threads
    )
    timer.blocked_autorange(between, min_run_time=wanted)
    while len(samples.steps) < settings.least_runs:
        between(1, clock.time(step.run))


WARM_UP_RUNS = 1
"""Beside the exploring run before, and the timer's own that finds the size of a block."""
WARM_UP_SECONDS = 0.3


def warm_up(step: Inference | Training, clock: Clock) -> float:
    """Run until the device has settled; the seconds of the last run."""
    runs, spent, took = 0, 0.0, 0.0
    while runs < WARM_UP_RUNS or spent < WARM_UP_SECONDS:
        took = clock.time(step.run)
        runs, spent = runs + 1, spent + took
    return took


def add_marks(step: Inference | Training, clock: Clock, samples: Samples) -> None:
    """One run with marks, whose times count once it is complete."""
    clock.synchronize()
    marks = step.marked(clock.mark)
    clock.synchronize()
    samples.marked.append([(key, clock.seconds(start, end)) for key, start, end in marks])


def collected(
    profile: Profile,
    settings: Settings,
    samples: Samples,
    views: set[str],
    roof: Roof | None,
    interrupted: bool,
) -> Timing:
    """The samples as a Timing."""
    spreads = samples.by_key()
    layers = tuple(
        LayerTime(
            cost,
            0 if cost.name in views else moved_bytes(cost, profile),
            spreads[cost.name, "forward"],
            spreads.get((cost.name, "backward")),
        )
        for cost in profile.counted
        if (cost.name, "forward") in spreads
    )
    steps = {name: found for (name, phase), found in spreads.items() if phase == "step"}
    alone, back_to_back = spread(samples.alone), spread(samples.steps)
    return Timing(profile, settings, alone, back_to_back, layers, steps, roof, interrupted)


def moved_bytes(cost: LayerCost, profile: Profile) -> int:
    """What a layer reads and writes at least: inputs, weights and outputs, each once."""
    shapes = (*cost.node.in_shapes, cost.node.out_shape)
    values = profile.batch * sum(product(shape) for shape in shapes)
    weights = sum(product(shape) for shape in cost.weights.values())
    return int(values + weights) * dtype_bytes(profile.dtype)


class Stage:
    """Where preparing and running a network has got to, so that torch's refusal can be told in a line."""

    def __init__(self, profile: Profile, settings: Settings) -> None:
        self.profile, self.settings, self.node = profile, settings, ""

    def reach(self, node: str) -> None:
        """Note the node that runs next; none for the network as a whole."""
        self.node = node

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, kind: Any, error: Any, _: Any) -> None:
        if isinstance(error, (RuntimeError, MemoryError)) or (isinstance(error, ValueError) and self.node):
            raise self.refusal(error) from error

    def refusal(self, error: BaseException) -> CnncostError:
        """What torch says, as one line."""
        name, s = self.profile.name, self.settings
        text = next(iter(str(error).strip().splitlines()), type(error).__name__)
        if is_out_of_memory(error):
            return out_of_memory(self.profile, s.device, free_bytes(s.device))
        if self.node == "--compile":
            return CnncostError(f"--compile: torch cannot compile {name} here: {text}")
        cost = self.profile.by_name.get(self.node)
        where = f"{name}, {self.node} ({cost.type})" if cost else name
        if "not implemented for" in text or "not support" in text:
            return CnncostError(f"--dtype {s.dtype}: {where}: {s.device.kind} does not have it: {text}")
        doing = "trained" if s.train else "run"
        return CnncostError(f"{where} cannot be {doing} at batch {s.batch}, {s.dtype}: {text}")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch or Python could not get memory."""
    said = str(error).lower()
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or any(
        words in said for words in ("can't allocate memory", "not enough memory", "out of memory")
    )


def out_of_memory(profile: Profile, device: Device, free: int | None) -> CnncostError:
    """One line: what does not fit, and the batch that would, where that can be told."""
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


def require_memory(profile: Profile, device: Device) -> None:
    """Refuse, before anything is taken, what cannot fit by its weights and maps alone.

    A CPU has no error for it in the end: the system stops the process.

    Raises:
        CnncostError: it does not fit.
    """
    free = free_bytes(device)
    if free is not None and weight_bytes(profile) + profile.batch * sample_bytes(profile) > free:
        raise out_of_memory(profile, device, free)


def fitting_batch(profile: Profile, free: int) -> int:
    """The largest batch whose weights and maps alone fit into so many bytes."""
    return max(0, (free - weight_bytes(profile)) // max(1, sample_bytes(profile)))


def weight_bytes(profile: Profile) -> int:
    """The weights; in training with a gradient and a momentum for each parameter."""
    totals = profile.totals
    values = totals.params * (3 if profile.train else 1) + totals.buffers
    return int(values) * dtype_bytes(profile.dtype)


def sample_bytes(profile: Profile) -> int:
    """What one sample's maps take at least: in training those of all layers, else those in use at a time.

    In training a map that a layer could overwrite is not counted: not all are kept.
    """
    element, roots = dtype_bytes(profile.dtype), roots_of(profile)
    values = {cost.name: product(cost.out_shape) for cost in profile.counted}
    values[INPUT] = product(profile.graph.input_shape)
    if profile.train:
        kept = {roots[cost.name] for cost in profile.counted if not cost.in_place}
        return int(sum(values[name] for name in kept)) * element
    return int(max(sum(values[name] for name in live) for live in live_maps(profile, roots))) * element


def roots_of(profile: Profile) -> dict[str, str]:
    """The map in whose memory each node's output lies: another's for what moves or overwrites nothing."""
    roots = {INPUT: INPUT}
    for cost in profile.counted:
        node = cost.node
        shares = cost.work == NO_WORK or getattr(node.layer, "inplace", False)
        roots[node.name] = roots[node.inputs[0]] if shares and len(node.inputs) == 1 else node.name
    return roots


def live_maps(profile: Profile, roots: dict[str, str]) -> Iterator[set[str]]:
    """The maps that are in use while each layer runs."""
    nodes = [cost.node for cost in profile.counted]
    last = {roots[name]: i for i, node in enumerate(nodes) for name in node.inputs}
    live = {INPUT}
    yield set(live)
    for i, node in enumerate(nodes):
        live.add(roots[node.name])
        yield set(live)
        live -= {root for root in map(roots.__getitem__, node.inputs) if last[root] == i}
