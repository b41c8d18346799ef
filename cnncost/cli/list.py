"""`cnncost list`: what is in the catalogue."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Any

import typer

import cnncost
from cnncost.cli import completion, options
from cnncost.comparison.listing import SORTS, names
from cnncost.errors import CnncostError
from cnncost.numbers import NUMBER
from cnncost.tables import formats

EXAMPLE = "Example: cnncost list mobilenet --max-params 10M --sort macs"
NEEDS_ARGUMENTS = False
FORMATS = (*formats.NAMES, "names")


def complete_sort(incomplete: str) -> list[str]:
    """What a list can be sorted by, for the shell."""
    return [name for name in SORTS if name.startswith(incomplete)]


def command(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WORD]...",
            help="Only networks with these words in their name, family, title, aliases, authors or year.",
            autocompletion=completion.network_names,
        ),
    ] = None,
    family: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Only this family; can be repeated.", autocompletion=completion.families
        ),
    ] = None,
    year: Annotated[
        str | None,
        typer.Option(
            metavar="YEARS",
            help="Only networks whose paper is from these years: 2015, 2014-2016, 2014- or -2016.",
        ),
    ] = None,
    max_params: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Only networks with at most this number of parameters: 10M."),
    ] = None,
    max_macs: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Only networks with at most this number of multiply-adds: 1.5G."),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(
            metavar="BY",
            help=f"Sort by {', '.join(SORTS)}, in one table. Default: by year and family.",
            autocompletion=complete_sort,
        ),
    ] = None,
    reverse: Annotated[bool, typer.Option("--reverse", "-r", help="Largest or latest first.")] = False,
    memory: Annotated[
        bool, typer.Option("--memory", help="Also what running and training one sample need at their peaks.")
    ] = False,
    latency: options.Latency = None,
    format: options.Format = None,
    output: options.Output = None,
) -> None:
    """List the catalogue's networks: parameters, multiply-adds, input, and top-1 error with its data set."""
    chosen = options.choose_format(format, output, FORMATS)
    families, years, matching = family or (), parse_years(year), words or ()
    most: dict[str, Any] = {
        "max_params": parse_size(max_params, "--max-params"),
        "max_macs": parse_size(max_macs, "--max-macs"),
    }
    if chosen == "names" and sort is None and set(most.values()) == {None}:  # needs no network built
        found = names(families, years, matching)
        show_names(found[::-1] if reverse else found, output)
        return
    given = {
        "sort": sort,
        "reverse": reverse,
        "matching": matching,
        "memory": memory,
        "latency": latency,
        **most,
    }
    entries = cnncost.networks(families, years, **given)
    if chosen == "names":
        show_names([entry["name"] for entry in entries], output)
    elif not entries and chosen == "terminal":
        options.note("no network of the catalogue matches these options")
    else:
        from cnncost.views.network_list import table

        options.show(table(entries, by_family=sort is None), chosen, output)


def show_names(found: list[str], output: options.Output) -> None:
    """Write the names alone, one per line."""
    options.write("".join(f"{name}\n" for name in found), output)


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


def parse_years(text: str | None) -> range | None:
    """`2015`, `2014-2016`, `2014-` or `-2016` as a range of years.

    Raises:
        CnncostError: it is none of these.
    """
    if text is None:
        return None
    match = YEARS.fullmatch(text.strip())
    first, dash, last = match.groups() if match else (None, None, None)
    low, high = int(first or 0), int(last or 9999) if dash else int(first or 0)
    if not (first or last) or (first and last and not dash) or low > high:
        raise CnncostError(f"--year {text}: years are written as 2015, 2014-2016, 2014- or -2016")
    return range(low, high + 1)
