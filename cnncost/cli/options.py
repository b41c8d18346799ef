"""Arguments and options that several commands share, and where their output goes."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from cnncost import CONVENTIONS, profile
from cnncost.cli import completion
from cnncost.count.profile import NetworkCost
from cnncost.dims import Inputs, Shape
from cnncost.errors import CnncostError, Place, did_you_mean
from cnncost.files import replace_file
from cnncost.spec import limits
from cnncost.spec.expression import Expression, parse
from cnncost.tables import formats
from cnncost.tables.table import Content, Document, Table, document

if TYPE_CHECKING:
    from cnncost.tables.terminal import Part


Network = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="A catalogue name, a YAML file (net.yaml or net.yaml::variant), - for standard input, or a "
        "PyTorch module, whose code is run (package.module:Net, net.py:Net).",
        autocompletion=completion.network_names,
    ),
]


def read_once(names: list[str] | None) -> list[str] | None:
    """Names of networks; only one of them may be standard input.

    Raises:
        CnncostError: it is named twice.
    """
    if names and names.count("-") > 1:
        raise CnncostError("-: standard input is read once; name a file in its place")
    for name in names or ():
        if "," in name and all(map(is_network, name.split(","))):
            raise CnncostError(f"{name}: names have spaces between them: {name.replace(',', ' ')}")
    return names


def is_network(name: str) -> bool:
    """Whether the catalogue has a network of this name."""
    from cnncost.network.catalogue import find

    return find(name.strip()) is not None


Networks = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAME]...",
        help="Catalogue names, YAML files (net.yaml or net.yaml::variant), - for standard input, or PyTorch "
        "modules, whose code is run (package.module:Net, net.py:Net).",
        autocompletion=completion.network_names,
        callback=read_once,
    ),
]
Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        help="Output format, one of those below. Default: by the ending of -o.",
        autocompletion=completion.formats,
    ),
]


def standard_output(path: Path | None) -> Path | None:
    """`-` means standard output, as in other programs."""
    return None if path == Path("-") else path


Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write to this file.", callback=standard_output),
]
Convention = Annotated[
    str,
    typer.Option(
        "--convention",
        "-c",
        metavar="NAME",
        help=f"What FLOPs, params and memory mean: {', '.join(CONVENTIONS)}, or a YAML file of yours.",
        autocompletion=completion.conventions,
    ),
]
Batch = Annotated[
    int, typer.Option("--batch", "-b", metavar="N", help="Number of samples; multiplies FLOPs and memory.")
]
DType = Annotated[
    str,
    typer.Option(
        "--dtype",
        metavar="TYPE",
        help="Data type of an element, for memory: float32, float16, int8, …",
        autocompletion=completion.dtypes,
    ),
]
Input = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        "-i",
        metavar="SHAPE",
        help="Shape of the input, such as 3x224x224; of one of several inputs, left=3x64x64, for each.",
    ),
]
Params = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PARAM=VALUE",
        help="Change a parameter of the spec; can be repeated.",
        autocompletion=completion.settings,
    ),
]
Exact = Annotated[bool, typer.Option("--exact", "-e", help="Costs in full, not in k, M or KB.")]
Train = Annotated[
    bool, typer.Option("--train", help="Also count auxiliary heads, which are used only in training.")
]
Freeze = Annotated[
    list[str] | None,
    typer.Option(metavar="PATTERN", help="Layers or stages that are not trained: 'conv*'; can be repeated."),
]
TrainOnly = Annotated[
    list[str] | None,
    typer.Option("--train-only", metavar="PATTERN", help="The only layers that are trained: fc; repeatable."),
]
Columns = Annotated[
    str | None,
    typer.Option(metavar="A,B,C", help="Only these columns, by their names in CSV: flops,params,macts."),
]
Percent = Annotated[bool, typer.Option("--percent", "-p", help="Add each cost in per cent of the total.")]


def parse_input(given: list[str] | str | None, option: str = "--input") -> Inputs | None:
    """`3x224x224` as a shape, or several of `left=3x64x64` as shapes by name; `option` is named in errors.

    Raises:
        CnncostError: one of them is none, or they are for the same input.
    """
    texts = [given] if isinstance(given, str) else given or []
    named = {name.strip(): shape for name, equals, shape in (text.partition("=") for text in texts) if equals}
    if not named:
        return parse_shape(texts[-1], option) if texts else None
    if len(named) < len(texts):
        raise CnncostError(f"{option} {' '.join(texts)}: give each input once, by its name: left=3x64x64")
    return {name: parse_shape(f"{name}={shape}", option) for name, shape in named.items()}


def parse_shape(text: str, option: str) -> Shape:
    """`3x224x224` (or with commas) as a shape, behind a name or alone; `option` is named in errors.

    Raises:
        CnncostError: it is not one.
    """
    parts = re.split(r"[xX×,*\s]+", text.rpartition("=")[2].strip().strip("()[]"))
    if not 1 <= len(parts) <= 4 or not all(part.isascii() and part.isdigit() for part in parts):
        raise CnncostError(f"{option} {text}: a shape is written as 3x224x224")
    shape = tuple(int(part) for part in parts)
    if not all(0 < n <= limits.INPUT for n in shape):
        raise CnncostError(f"{option} {text}: every size must be between 1 and {limits.INPUT}")
    return shape


def parse_params(settings: list[str] | None, option: str = "--set") -> dict[str, Expression]:
    """`classes=10` as the param's name and its value in the notation of a spec; `option` is named in errors.

    Raises:
        CnncostError: no `=`, or no expression.
    """
    values = {}
    for setting in settings or []:
        name, equals, text = setting.partition("=")
        if not equals:
            raise CnncostError(f"{option} {setting}: write {option} name=value")
        values[name.strip()] = parse(text.strip(), Place(f"{option} {name}", 1, 1, text.strip()))
    return values


def parse_batches(text: str) -> list[int]:
    """`1,32,256` as numbers.

    Raises:
        CnncostError: it is not a list of batch sizes.
    """
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() and 0 < int(part[:10]) <= 10**6 for part in parts):
        raise CnncostError(f"--batch {text}: batches are whole numbers from 1 to 1000000: 32, or 1,32,256")
    return [int(part) for part in parts]


def profiled(name: str, input: list[str] | None, settings: list[str] | None, **counting: Any) -> NetworkCost:
    """The profile that the options of a command ask for; `counting` as in `cnncost.profile`."""
    return profile(name, input=parse_input(input), params=parse_params(settings), **counting)


Latency = Annotated[
    str | None,
    typer.Option(
        "--latency",
        metavar="DEVICE",
        help="Also the latency that is predicted for a device, as in `cnncost latency`: this, or a100-40gb.",
    ),
]

ENDINGS = {".yaml": "yaml", ".yml": "yaml"}
"""Endings of formats that are no table's; those of tables are in `cnncost.tables.formats`."""


def choose_format(
    wanted: str | None,
    output: Path | None,
    allowed: tuple[str, ...],
    own: Mapping[str, str] | None = None,
    option: str = "--format",
) -> str:
    """The format that was asked for, or that the file's ending says; the first one otherwise.

    `own` are the endings of a command whose formats are no tables, and `option` is its name for --format.

    Raises:
        CnncostError: a format that this command does not have.
    """
    if output is not None and output.is_dir():
        raise CnncostError(f"{output}: is a folder; name a file in it")
    if wanted is None and output is not None:
        known = {**formats.endings(), **ENDINGS} if own is None else own
        ending = output.suffix.lower()
        wanted = known.get(ending)
        if wanted not in allowed:
            endings = ", ".join(e for e, f in known.items() if f in allowed)
            raise CnncostError(f"{output}: no format has the ending `{ending}`; use {endings} or {option}")
    if wanted is None:
        return allowed[0]
    if wanted not in allowed:
        raise CnncostError(
            f"no format `{wanted}`{did_you_mean(wanted, allowed)}; there are {', '.join(allowed)}"
        )
    return wanted


def show(content: Content, chosen: str, output: Path | None) -> None:
    """Write tables and paragraphs in a format: to the file, or to standard output.

    On a terminal or in a pipe, a table is fitted to the width. Standard error names the columns that this
    left out, and has the hints of a table.
    """
    for part in document(content).parts:
        for hint in part.hints if isinstance(part, Table) else ():
            note(hint)
    if chosen == "terminal" and output is None:
        show_on_screen(document(content))
        return
    write_rendered(formats.render(content, chosen), chosen, output)


def write_rendered(rendered: str | bytes, chosen: str, output: Path | None) -> None:
    """Write a rendered format to the file, or to standard output.

    Raises:
        CnncostError: bytes would go to a terminal.
    """
    if isinstance(rendered, str):
        write(rendered, output)
    elif output is not None:
        write_bytes(rendered, output)
    elif sys.stdout.isatty():
        raise CnncostError(f"{chosen} is not for a terminal: name a file with -o")
    else:
        sys.stdout.buffer.write(rendered)


def show_on_screen(shown: Document) -> None:
    """Write a document to standard output, fitted to its width: with colour and bars on a terminal."""
    from cnncost.tables import terminal
    from cnncost.tables.formats import terminal as text

    width = terminal.terminal_width(sys.stdout)
    write_lines(text.lines(shown, width, bars=sys.stdout.isatty()), None)
    if missing := text.dropped_headers(shown, width):
        note(fill(f"left out to fit {width} columns: {', '.join(missing)}", width, break_long_words=False))


def write(text: str, output: Path | None) -> None:
    """Write data to the file, whole or not at all, or to standard output.

    A link is followed, a file keeps its permissions, and what is no ordinary file (a device, a
    pipe) is written to directly.

    Raises:
        CnncostError: the file cannot be written.
    """
    if output is None:
        emit(text, sys.stdout)
    else:
        write_bytes(text.encode("utf-8"), output)


def write_bytes(data: bytes, output: Path) -> None:
    """Write a file as `write` does.

    Raises:
        CnncostError: the file cannot be written.
    """
    target = Path(os.path.realpath(output))
    try:
        if os.path.exists(target) and not os.path.isfile(target):
            target.write_bytes(data)
        else:
            replace_file(target, data)
    except OSError as error:
        raise CnncostError(f"{output}: cannot be written: {error.strerror}") from None


def write_folder(folder: Path, files: Iterable[tuple[str, str | bytes]]) -> None:
    """Write files to a folder, which is made if it does not exist. Links in it are not followed.

    Raises:
        CnncostError: the folder cannot be made, or a file cannot be written.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        reason = "a file has this name" if isinstance(error, FileExistsError) else error.strerror
        raise CnncostError(f"{folder}: the folder cannot be made: {reason}") from None
    for name, data in files:
        path = folder / name
        if path.is_symlink():
            raise CnncostError(f"{path}: a link, which is not followed")
        write_bytes(data.encode("utf-8") if isinstance(data, str) else data, path)


def write_lines(lines: Iterable[list[Part]], output: Path | None) -> None:
    """Write styled lines: with colour to a terminal, plain to a file or a pipe."""
    from cnncost.tables import terminal

    if output is None and sys.stdout.isatty():
        terminal.show(lines)
    else:
        write(terminal.plain_text(lines), output)


def emit(text: str, stream: TextIO) -> None:
    """Write to standard output or error; a reader that has gone (`| head`) is no error.

    Raises:
        CnncostError: the output cannot be written where it should go.
    """
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        sys.exit(0)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise CnncostError(f"the output cannot be written: {error.strerror}") from None


def as_name(path: Path) -> str:
    """A path as a NAME: without the ending of a spec it needs a folder before it."""
    return str(path) if path.suffix in (".yaml", ".yml") or len(path.parts) > 1 else f"./{path}"


QUIET: ContextVar[bool] = ContextVar("quiet", default=False)
"""Whether `--quiet` leaves out the notes on standard error."""


def note_lines(lines: Iterable[list[Part]]) -> None:
    """Write styled notes to standard error."""
    from cnncost.tables import terminal

    if QUIET.get():
        return
    if sys.stderr.isatty():
        terminal.show(lines, sys.stderr)
    else:
        emit(terminal.plain_text(lines), sys.stderr)


def note(message: str) -> None:
    """Write a note to standard error."""
    if not QUIET.get():
        emit(message + "\n", sys.stderr)


def progress(done: int, total: int, name: str = "") -> None:
    """Show how far a command is, on one line of a terminal, if there are several things to do."""
    if total > 1 and sys.stderr.isatty() and not QUIET.get():
        line = f"{done + 1:{len(str(total))}}/{total} {name}" if done < total else ""
        emit(f"\r\033[K{line[:60]}", sys.stderr)
