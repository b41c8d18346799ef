"""`cnncost time`: how long a network takes, layer by layer, next to the device's roof."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnncost import load, measure
from cnncost.cli import completion, options
from cnncost.errors import CnncostError
from cnncost.network.graph import Graph
from cnncost.tables import formats
from cnncost.timing import records
from cnncost.timing.timings import Settings, Tick, Timing

if TYPE_CHECKING:
    from cnncost.measure import Roofs

EXAMPLE = "Example: cnncost time alexnet --batch 1,32 --dtype float32,bfloat16"
NEEDS_ARGUMENTS = True
FORMATS = formats.NAMES
INTERRUPTED = 130
REDRAW_SECONDS = 0.1


def command(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME…",
            help="Catalogue names, YAML specs, or - for standard input.",
            autocompletion=completion.network_names,
        ),
    ],
    device: Annotated[str, typer.Option(help="Where to run: cpu, cuda or cuda:1.")] = "cpu",
    batch: Annotated[
        str,
        typer.Option("--batch", "-b", metavar="SIZES", help="Samples per run; 1,32,256 times each size."),
    ] = "1",
    dtype: Annotated[
        str,
        typer.Option(
            metavar="DTYPES",
            help="Data type: float32, bfloat16 or float16; several with commas.",
        ),
    ] = "float32",
    train: Annotated[
        bool, typer.Option("--train", help="Time a training step: forward, backward, optimizer.")
    ] = False,
    channels_last: Annotated[
        bool, typer.Option("--channels-last", help="Use the channels-last memory format.")
    ] = False,
    compile: Annotated[
        bool,
        typer.Option("--compile", help="Use torch.compile; layers then have no times."),
    ] = False,
    threads: Annotated[
        int | None, typer.Option(help="Number of CPU threads per operation. Default: torch's choice.")
    ] = None,
    input: options.Input = None,
    set: options.Params = None,
    seconds: Annotated[
        float, typer.Option(min=0, max=3600, help="Minimum time of each measurement, after warming up.")
    ] = 2.0,
    runs: Annotated[int, typer.Option(min=1, max=10**6, help="Minimum number of timed runs.")] = 5,
    remeasure: Annotated[
        bool,
        typer.Option("--remeasure", help="Measure the device's roof again; do not use the cached one."),
    ] = False,
    layers: Annotated[
        bool | None,
        typer.Option(
            "--layers/--no-layers",
            help="One row per layer. Default: on for one measurement, off for several and for CSV.",
        ),
    ] = None,
    depth: Annotated[
        int | None,
        typer.Option(
            "--depth",
            "-d",
            min=0,
            help="Group rows by the first N parts of layer names; 0 = one row per layer.",
        ),
    ] = None,
    all: Annotated[bool, typer.Option("--all", "-a", help="One row for every node.")] = False,
    predict: Annotated[
        bool, typer.Option("--predict", help="Do not run it: predict the times, as `cnncost latency` does.")
    ] = False,
    format: options.Format = None,
    output: options.Output = None,
    save: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Add the results and this command to FOLDER/<device>.json."),
    ] = None,
) -> None:
    """Time a network: latency, throughput, and each layer next to the device's roofline."""
    chosen = options.choose_format(format, output, FORMATS)
    batches = options.parse_batches(batch)
    shape, params = options.parse_input(input), options.parse_params(set)
    if predict:
        from cnncost.cli.latency import predictions
        from cnncost.views.latency import document as predicted

        times = predictions(names, batches, dtype, "this", threads, remeasure, shape, params)
        options.show(predicted(times, len(times) == 1, depth, all), chosen, output)
        return
    graphs = [load(name, input=shape, params=params) for name in names]

    where, dtypes = measure.running_device(device, threads), dtype.split(",")
    for wanted in dtypes:
        measure.require_dtype(wanted, where)
    jobs = [
        (graph, Settings(where, wanted, size, train, channels_last, compile, seconds, runs))
        for graph in graphs
        for wanted in dtypes
        for size in batches
    ]
    roofs = measure.Roofs(where, remeasure)
    found: list[Timing] = []
    problems: list[CnncostError] = []
    interrupted = False
    try:
        for timing in measurements(jobs, roofs, problems):
            found.append(timing)
            if timing.interrupted:
                interrupted = True
                break
            if save:
                records.save(timing, save, spelled_command(), depth, all)
    except KeyboardInterrupt:
        interrupted = True
    for text in roofs.notes:
        options.note(f"cnncost: {text}")
    if found:
        raised = [replace(timing, roof=roofs.of(timing.settings.dtype)) for timing in found]
        for old, timing in zip(found, raised, strict=True):
            if save and timing.roof != old.roof:
                records.save(timing, save, spelled_command(), depth, all)
        found = raised
        if layers is None:
            layers = len(jobs) == 1 and chosen not in ("csv", "xlsx")
        from cnncost.views.timing import document

        options.show(document(found, layers, spelled_command(), depth, all), chosen, output)
    finish(problems, f"interrupted: {len(found)} of {len(jobs)} measured" if interrupted else "")


def finish(problems: list[CnncostError], interruption: str) -> None:
    """Report each problem once, and end with the exit code for it.

    Raises:
        CnncostError: the last of the problems.
    """
    messages = list(dict.fromkeys(map(str, problems)))
    for problem in messages if interruption else messages[:-1]:
        options.note(f"cnncost: {problem}")
    if interruption:
        options.note(interruption)
        raise typer.Exit(INTERRUPTED)
    if messages:
        raise CnncostError(messages[-1])


def measurements(
    jobs: list[tuple[Graph, Settings]], roofs: Roofs, problems: list[CnncostError]
) -> Iterator[Timing]:
    """One measurement after the other, with a progress bar on a terminal's standard error.

    What cannot be measured is added to `problems`, and the others go on.
    """
    with progress(len(jobs)) as ticks:
        for number, (graph, settings) in enumerate(jobs):
            try:
                yield measure.time(graph, settings, roofs, ticks(number))
            except CnncostError as problem:
                problems.append(CnncostError(str(problem)))  # its traceback would hold the network's memory


@contextmanager
def progress(total: int) -> Iterator[Any]:
    """A progress bar, drawn between runs so that it does not slow them; only on a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True) as bar:
        task = bar.add_task("", total=total)

        drawn = 0.0

        def ticks(number: int) -> Tick:
            def tick(done: float, label: str) -> None:
                nonlocal drawn
                bar.update(task, completed=number + done, description=label)
                if done in (0, 1) or monotonic() - drawn > REDRAW_SECONDS:
                    bar.refresh()
                    drawn = monotonic()

            return tick

        yield ticks


def spelled_command() -> str:
    """The command as it was typed."""
    return shlex.join(["cnncost", *sys.argv[1:]])
