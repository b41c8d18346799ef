"""Times a network: whole and layer by layer."""

from __future__ import annotations

import warnings

import torch
from torch.utils import benchmark

from cnncost.count.profile import NetworkCost, profile_graph
from cnncost.errors import CnncostError
from cnncost.measure.building import build
from cnncost.measure.clock.device import DTYPES, Clock, require_dtype, running_device, working
from cnncost.measure.clock.memory import require_memory
from cnncost.measure.clock.refusal import CurrentNode
from cnncost.measure.clock.roof import Roofs
from cnncost.measure.clock.steps import Inference, Key, Step, Training
from cnncost.measure.inputs import inputs_of
from cnncost.network.graph import Graph
from cnncost.timing.roofline import Roof, moved_bytes
from cnncost.timing.timings import Duration, LayerTime, Settings, Tick, Timing


def time(
    network: Graph, settings: Settings | None = None, roofs: Roofs | None = None, tick: Tick | None = None
) -> Timing:
    """Time a network on a device, next to the device's roof.

    Args:
        network: the graph.
        settings: how to run it; by default one sample in float32 on the CPU.
        roofs: the roofs of the device, to share them between several calls.
        tick: called with the progress.

    Raises:
        CnncostError: the device lacks the dtype or the memory, or a layer cannot run like this.
        KeyboardInterrupt: interrupted before anything was measured.
    """
    settings = settings or Settings(running_device("cpu"))
    roofs = roofs or Roofs(settings.device)
    roof = roofs.of(settings.dtype, tick)
    timing = time_network(network, settings, roof, tick)
    return timing if timing.interrupted else roofs.checked(timing, tick)


class Samples:
    """Seconds as they are measured: of runs back to back, of single runs, and of the parts of marked runs."""

    def __init__(self) -> None:
        self.steps: list[float] = []
        self.single: list[float] = []
        self.parts: dict[Key, list[float]] = {}


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
    if settings.channels_last and any(len(shape) != 3 for shape in graph.inputs.values()):
        raise CnncostError(f"--channels-last: {graph.name} takes no image: its input has no height and width")
    profile = profile_graph(graph, "flops", batch, settings.dtype, settings.train, fields=False)
    require_memory(profile, device)
    current = CurrentNode(profile, settings)
    samples, interrupted = Samples(), False
    with working(device), current:
        step = prepare(graph, settings, current)
        try:
            run(step, settings, samples, tick)
        except KeyboardInterrupt:
            if not (samples.steps and samples.single):
                raise
            interrupted = True
        return collected(profile, settings, samples, step.views, roof, interrupted)


def prepare(graph: Graph, settings: Settings, current: CurrentNode) -> Step:
    """Build the network on its device, and run it once layer by layer."""
    kind, dtype = settings.device.kind, DTYPES[settings.dtype]
    network = build(graph, "cpu").to(kind, dtype)
    xs = inputs_of(graph, settings.batch, kind, dtype)
    if settings.channels_last:
        network, *xs = (thing.to(memory_format=torch.channels_last) for thing in (network, *xs))
    made: Step = (Training if settings.train else Inference)(network, *xs)
    made.explore(current.reach)
    current.reach("")
    if settings.compiled:
        current.reach("--compile")
        made.compiled = torch.compile(network)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made.run()
        current.reach("")
    return made


def run(step: Step, settings: Settings, samples: Samples, tick: Tick | None) -> None:
    """Warm up, then measure in turn a block of runs, a single run, and a run with marks.

    They take turns so that all three meet the same conditions, such as a lower clock rate or other
    work on the machine.
    """
    clock = Clock(settings.device)
    took = warm_up(step, clock)
    label = f"{step.network.graph.name}, batch {settings.batch}, {settings.dtype}"
    wanted = max(settings.least_seconds, took * (settings.least_runs - 0.5))
    done = 0.0

    def between(number: int, seconds: float) -> None:
        nonlocal done
        samples.steps.append(seconds / number)
        samples.single.append(seconds if number == 1 else clock.time(step.run))
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
"""In addition to the exploring run before, and the timer's own runs that find the size of a block."""
WARM_UP_SECONDS = 0.3


def warm_up(step: Step, clock: Clock) -> float:
    """Run until the device has settled; return the seconds of the last run."""
    runs, spent, took = 0, 0.0, 0.0
    while runs < WARM_UP_RUNS or spent < WARM_UP_SECONDS:
        took = clock.time(step.run)
        runs, spent = runs + 1, spent + took
    return took


def add_marks(step: Step, clock: Clock, samples: Samples) -> None:
    """Add one run with marks, once it is complete."""
    clock.synchronize()
    marks = step.marked(clock.mark)
    clock.synchronize()
    for key, start, end in marks:
        samples.parts.setdefault(key, []).append(clock.seconds(start, end))


def collected(
    profile: NetworkCost,
    settings: Settings,
    samples: Samples,
    views: set[str],
    roof: Roof | None,
    interrupted: bool,
) -> Timing:
    """The samples as a Timing."""
    parts = {key: Duration.of(seconds) for key, seconds in samples.parts.items()}
    layers = tuple(
        LayerTime(
            cost,
            0 if cost.name in views else moved_bytes(cost, profile),
            parts[cost.name, "forward"],
            parts.get((cost.name, "backward")),
        )
        for cost in profile.counted
        if (cost.name, "forward") in parts
    )
    steps = {name: duration for (name, phase), duration in parts.items() if phase == "step"}
    latency, step = Duration.of(samples.single), Duration.of(samples.steps)
    return Timing(profile, settings, latency, step, layers, steps, roof, interrupted)
