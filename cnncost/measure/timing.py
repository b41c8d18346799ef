"""How long a network takes: whole, and layer by layer, beside what its counts say it could take."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import torch
from torch.utils import benchmark

from cnncost.count.profile import NetworkCost, profile_graph
from cnncost.errors import CnncostError
from cnncost.measure.build import build
from cnncost.measure.device import DTYPES, Clock, require_dtype, working
from cnncost.measure.memory import require_memory
from cnncost.measure.refusal import Stage
from cnncost.measure.result import LayerTime, Settings, Spread, Timing, spread
from cnncost.measure.roofline import Tick
from cnncost.measure.steps import Inference, Key, Training
from cnncost.network.graph import Graph
from cnncost.timing.roofline import Roof, moved_bytes


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
    profile: NetworkCost,
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
