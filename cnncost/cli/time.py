"""`cnncost time`: how long it takes, layer by layer, under the device's roof."""

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
from cnncost.cli import options
from cnncost.errors import CnncostError
from cnncost.network.graph import Graph
from cnncost.timing import records
from cnncost.timing.timings import Settings, Tick, Timing

if TYPE_CHECKING:
    from cnncost.measure import Roofs

EXAMPLE = "Example: cnncost time alexnet --batch 1,32 --dtype float32,bfloat16"
NEEDS_ARGUMENTS = True
FORMATS = ("terminal", "csv", "json", "markdown")
INTERRUPTED = 130
REDRAW_SECONDS = 0.1


def command(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME…",
            help="Catalogue names, YAML specs, or - for standard input.",
            autocompletion=options.complete_name,
        ),
    ],
    device: Annotated[str, typer.Option(help="Where to run it: cpu, cuda or cuda:1.")] = "cpu",
    batch: Annotated[
        str, typer.Option("--batch", "-b", metavar="SIZES", help="Samples at a time; 1,32,256 tries each.")
    ] = "1",
    dtype: Annotated[
        str,
        typer.Option(metavar="DTYPES", help="float32, bfloat16 or float16, of weights and maps; a list too."),
    ] = "float32",
    train: Annotated[
        bool, typer.Option("--train", help="A training step: forward, backward, optimizer.")
    ] = False,
    channels_last: Annotated[
        bool, typer.Option("--channels-last", help="Maps with the channels together.")
    ] = False,
    compile: Annotated[
        bool, typer.Option("--compile", help="With torch.compile; no layer has a time of its own then.")
    ] = False,
    threads: Annotated[
        int | None, typer.Option(help="CPU threads at one operation; torch's own choice if not given.")
    ] = None,
    input: options.Input = None,
    set: options.Params = None,
    seconds: Annotated[
        float, typer.Option(min=0, max=3600, help="Measure each for at least so long, warmed up.")
    ] = 2.0,
    runs: Annotated[int, typer.Option(min=1, max=10**6, help="And for at least so many runs.")] = 5,
    remeasure: Annotated[
        bool, typer.Option("--remeasure", help="Measure the device's roof anew, not from the cache.")
    ] = False,
    layers: Annotated[
        bool | None,
        typer.Option(
            "--layers/--no-layers", help="A row a layer; if not given, for a single one, but in CSV."
        ),
    ] = None,
    depth: Annotated[
        int | None, typer.Option("--depth", "-d", min=0, help="Fold by so many parts of the names.")
    ] = None,
    all: Annotated[bool, typer.Option("--all", "-a", help="A row for every node.")] = False,
    format: options.Format = None,
    output: options.Output = None,
    save: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Add the results to <device>.json there, with this command."),
    ] = None,
) -> None:
    """Time a network: latency, throughput, and each layer beside the device's roofline."""
    chosen = options.choose_format(format, output, FORMATS)
    batches = parse_batches(batch)
    shape, params = options.parse_input(input), options.parse_params(set)
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
        for timing in measured(jobs, roofs, problems):
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
        single = len(jobs) == 1 and chosen != "csv"
        show(found, chosen, output, single if layers is None else layers, depth, all)
    finish(problems, f"interrupted: {len(found)} of {len(jobs)} measured" if interrupted else "")


def finish(problems: list[CnncostError], interruption: str) -> None:
    """Say what could not be measured, each thing once, and leave with the exit code for it.

    Raises:
        CnncostError: the last of the problems.
    """
    said = list(dict.fromkeys(map(str, problems)))
    for problem in said if interruption else said[:-1]:
        options.note(f"cnncost: {problem}")
    if interruption:
        options.note(interruption)
        raise typer.Exit(INTERRUPTED)
    if said:
        raise CnncostError(said[-1])


def parse_batches(text: str) -> list[int]:
    """`1,32,256` as numbers.

    Raises:
        CnncostError: it is no such list.
    """
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and 0 < int(part[:10]) <= 10**6 for part in parts):
        raise CnncostError(f"--batch {text}: batches are whole numbers from 1 to 1000000: 32, or 1,32,256")
    return [int(part) for part in parts]


def measured(
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
    """A bar that is drawn between runs, never beside them; none where nobody looks."""
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


def show(
    found: list[Timing], chosen: str, output: options.Output, layers: bool, depth: int | None, every: bool
) -> None:
    """Write measurements in one of the formats."""
    from cnncost.tables import terminal
    from cnncost.views import timing

    if chosen == "json":
        data = records.to_dict(found, spelled_command(), depth, every)
        options.write(records.to_json(data) + "\n", output)
    elif chosen == "terminal":
        width = terminal.terminal_width(sys.stdout) if output is None else 10_000
        options.write_lines(timing.lines(found, width, layers, depth, every), output)
    else:
        options.write(timing.table(found, chosen, layers, depth, every), output)


def spelled_command() -> str:
    """The command as it was typed."""
    return shlex.join(["cnncost", *sys.argv[1:]])
