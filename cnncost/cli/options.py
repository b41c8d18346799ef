"""Arguments and options that several commands share, and where their output goes."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cnncost.dims import Shape
from cnncost.errors import CnncostError, did_you_mean


def complete_name(incomplete: str) -> list[str]:
    """Catalogue names for the shell."""
    from cnncost.catalogue import index

    return sorted(name for name, _ in index() if name.startswith(incomplete))


def complete_convention(incomplete: str) -> list[str]:
    """Convention names for the shell."""
    from cnncost.convention import CONVENTIONS

    return [name for name in CONVENTIONS if name.startswith(incomplete)]


Network = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="A catalogue name, a path to a YAML spec, or - for standard input.",
        autocompletion=complete_name,
    ),
]
Format = Annotated[
    str | None, typer.Option("--format", "-f", help="The output format; from the ending of -o if not given.")
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file instead.")]
Convention = Annotated[
    str,
    typer.Option(
        "--convention",
        "-c",
        help="What FLOPs, params and memory mean: lecture, macs, flops, torch or fvcore.",
        autocompletion=complete_convention,
    ),
]
Batch = Annotated[int, typer.Option("--batch", "-b", help="Samples; multiplies FLOPs and memory.")]
DType = Annotated[str, typer.Option("--dtype", help="The type of an element, for memory.")]
Input = Annotated[str | None, typer.Option("--input", "-i", help="The input's shape, such as 3x224x224.")]
Params = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PARAM=VALUE", help="Change a param of the spec; can be repeated."),
]
Train = Annotated[bool, typer.Option("--train", help="Count auxiliary heads, used in training only.")]


def parse_input(text: str | None) -> Shape | None:
    """`3x224x224` (or with commas) as a shape.

    Raises:
        CnncostError: it is not one.
    """
    if text is None:
        return None
    parts = re.split(r"[x×,*\s]+", text.strip().strip("()[]"))
    if not 1 <= len(parts) <= 4 or not all(part.isascii() and part.isdigit() for part in parts):
        raise CnncostError(f"--input {text}: a shape is written as 3x224x224")
    shape = tuple(int(part) for part in parts)
    if not all(0 < n <= 10**9 for n in shape):
        raise CnncostError(f"--input {text}: every size must lie between 1 and 1000000000")
    return shape


def parse_params(settings: list[str] | None) -> dict[str, Any]:
    """`classes=10` as a param and its value."""
    from cnncost.errors import Place
    from cnncost.spec.evaluator import Evaluator
    from cnncost.spec.expression import parse
    from cnncost.spec.scope import LAYERS, known_names

    values = {}
    for setting in settings or []:
        name, equals, text = setting.partition("=")
        if not equals:
            raise CnncostError(f"--set {setting}: write --set name=value")
        expression = parse(text.strip(), Place(f"--set {name}", 1, 1, text.strip()))
        values[name.strip()] = Evaluator(expression, LAYERS, lambda: known_names(LAYERS)).value()
    return values


ENDINGS = {".csv": "csv", ".json": "json", ".md": "markdown", ".tex": "latex", ".txt": "terminal"}


def choose_format(wanted: str | None, output: Path | None, allowed: tuple[str, ...]) -> str:
    """The format that was asked for, or that the file's ending says; the first one otherwise.

    Raises:
        CnncostError: a format that this command does not have.
    """
    if wanted is None and output is not None:
        ending = output.suffix.lower()
        wanted = ENDINGS.get(ending)
        if wanted not in allowed:
            endings = ", ".join(e for e, f in ENDINGS.items() if f in allowed)
            raise CnncostError(f"{output}: no format has the ending `{ending}`; use {endings} or --format")
    if wanted is None:
        return allowed[0]
    if wanted not in allowed:
        raise CnncostError(
            f"no format `{wanted}`{did_you_mean(wanted, allowed)}; there are {', '.join(allowed)}"
        )
    return wanted


def write(text: str, output: Path | None) -> None:
    """Write data to the file, whole or not at all, or to standard output.

    Raises:
        CnncostError: the file cannot be written.
    """
    if output is None:
        sys.stdout.write(text)
        return
    import tempfile

    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        os.chmod(temporary, 0o666 & ~current_umask())
        os.replace(temporary, output)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        raise CnncostError(f"{output}: cannot be written: {error.strerror}") from None


def current_umask() -> int:
    """The permissions that new files lack."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def note(message: str) -> None:
    """Say something beside the data, on standard error."""
    print(message, file=sys.stderr)
