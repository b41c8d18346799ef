"""`cnncost list`: what is in the catalogue."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Annotated, Any

import typer

from cnncost.cli import options
from cnncost.comparison.accuracy import IMAGENET
from cnncost.comparison.listing import entries
from cnncost.errors import CnncostError, did_you_mean
from cnncost.network.catalogue import chosen_specs, networks_of, spec_files
from cnncost.numbers import NUMBER

EXAMPLE = "Example: cnncost list --max-params 10M --year 2016- --sort macs"
NEEDS_ARGUMENTS = False
FORMATS = ("terminal", "json", "csv", "markdown", "names")
SORTS = {
    "name": "name",
    "family": "family",
    "year": "year",
    "params": "params",
    "macs": "macs",
    "error": "top1_error",
}


def complete_family(incomplete: str) -> list[str]:
    """Families for the shell."""
    return [path.stem for path in spec_files() if path.stem.startswith(incomplete)]


def complete_sort(incomplete: str) -> list[str]:
    """What a list can be sorted by, for the shell."""
    return [name for name in SORTS if name.startswith(incomplete)]


def command(
    family: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Only this family; can be repeated.", autocompletion=complete_family
        ),
    ] = None,
    year: Annotated[
        str | None,
        typer.Option(metavar="YEARS", help="Only papers of these years: 2015, 2014-2016, 2014- or -2016."),
    ] = None,
    max_params: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Only networks of at most so many parameters: 10M.")
    ] = None,
    max_macs: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Only those of at most so many multiply-adds: 1.5G.")
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(
            metavar="BY",
            help=f"One table, sorted by {', '.join(SORTS)}, in place of one family after the other.",
            autocompletion=complete_sort,
        ),
    ] = None,
    reverse: Annotated[
        bool, typer.Option("--reverse", "-r", help="The largest first, or the latest.")
    ] = False,
    format: options.Format = None,
    output: options.Output = None,
) -> None:
    """List the networks of the catalogue: parameters, multiply-adds, input, top-1 error and on which data."""
    chosen = options.choose_format(format, output, FORMATS)
    years, column = parse_years(year), sorted_by(sort)
    most = {"params": parse_size(max_params, "--max-params"), "macs": parse_size(max_macs, "--max-macs")}
    specs = chosen_specs(family or (), years)
    if chosen == "names" and not column and set(most.values()) == {None}:  # needs no network built
        names = [name for spec in specs for name in networks_of(spec)]
        show_names(names[::-1] if reverse else names, output)
        return
    found = [e for e in entries(specs) if all(n is None or e[key] <= n for key, n in most.items())]
    show(ordered(found, column, reverse), chosen, flat=bool(column), output=output)


def show(found: list[dict[str, Any]], chosen: str, flat: bool, output: options.Output) -> None:
    """Write the networks in one of the formats."""
    from cnncost.tables import terminal
    from cnncost.views import catalogue as view

    if chosen == "names":
        show_names([entry["name"] for entry in found], output)
    elif chosen == "json":
        options.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n", output)
    elif not found and chosen == "terminal":
        options.note("no network of the catalogue is like that")
    else:
        width = terminal.terminal_width(sys.stdout) if output is None else 10_000
        if not flat and chosen == "terminal":
            options.write_lines(view.lines(found, width), output)
            return
        text, left_out = view.flat(chosen, found, width if chosen == "terminal" else None)
        options.write(text, output)
        if left_out:
            options.note(f"left out to fit {width} columns: {', '.join(left_out)}")


def show_names(names: list[str], output: options.Output) -> None:
    """Write the names alone, one a line."""
    options.write("".join(f"{name}\n" for name in names), output)


def parse_size(text: str | None, option: str) -> Fraction | None:
    """`10M`, `1.5G`, `500k` or `2e6` as a number.

    Raises:
        CnncostError: it is none.
    """
    if text is None:
        return None
    if not NUMBER.fullmatch(text.strip()):
        raise CnncostError(f"{option} {text}: a size is written as 10M, 1.5G, 500k or 2e6")
    from cnncost.numbers import read_number

    return read_number(text).value


YEARS = re.compile(r"(\d{4})?\s*(-)?\s*(\d{4})?", re.ASCII)


def parse_years(text: str | None) -> Callable[[int | None], bool] | None:
    """`2015`, `2014-2016`, `2014-` or `-2016` as what says yes to a year.

    Raises:
        CnncostError: it is none of these.
    """
    if text is None:
        return None
    match = YEARS.fullmatch(text.strip())
    first, dash, last = match.groups() if match else (None, None, None)
    if not (first or last) or (first and last and not dash) or (first and last and first > last):
        raise CnncostError(f"--year {text}: years are written as 2015, 2014-2016, 2014- or -2016")
    low = int(first or 0)
    high = int(last or 9999) if dash else low
    return lambda year: year is not None and low <= year <= high


def sorted_by(column: str | None) -> str | None:
    """The key of the entries that a list is sorted by.

    Raises:
        CnncostError: networks have no such thing.
    """
    if column is not None and column not in SORTS:
        hint = did_you_mean(column, SORTS) or f"; there are {', '.join(SORTS)}"
        raise CnncostError(f"--sort {column}: nothing to sort by{hint}")
    return SORTS[column] if column else None


def ordered(found: list[dict[str, Any]], key: str | None, reverse: bool) -> list[dict[str, Any]]:
    """The networks sorted; those that do not have what they are sorted by come last.

    Errors are sorted for each data set, ImageNet's first: they do not compare across.
    """
    if key is None:
        return found[::-1] if reverse else found
    known = [entry for entry in found if entry[key] is not None]
    known.sort(key=lambda entry: (natural(entry[key]), natural(entry["name"])), reverse=reverse)
    if key == "top1_error":
        known.sort(key=lambda entry: (entry["top1_data_set"] != IMAGENET, entry["top1_data_set"]))
    return known + [entry for entry in found if entry[key] is None]


def natural(value: Any) -> Any:
    """A key that puts resnet50 before resnet101; numbers stay numbers."""
    if not isinstance(value, str):
        return value
    return [(part.isdigit(), int(part) if part.isdigit() else part) for part in re.split(r"(\d+)", value)]
