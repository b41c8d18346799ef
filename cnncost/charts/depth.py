"""Top-5 error by year, and the depth of the networks: the revolution of depth."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cnncost import numbers
from cnncost.charts import MANY
from cnncost.charts.request import Request
from cnncost.charts.theme import SMALL, THEMES, Theme
from cnncost.comparison.accuracy import imagenet_error, lettered
from cnncost.errors import CnncostError
from cnncost.network.catalogue import read
from cnncost.published.winners import Winner, layers_of, winners

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NETWORKS = (0, MANY)
READS = ()
SHORT = 12
"""Letters of a name in a line under its bar; names that do not break into such lines stand upright."""
WIDE, NARROW = 0.92, 0.36
"""Inches for a bar with a short name, and with an upright one."""


def figure(request: Request) -> Figure:
    """The leading entries of the ImageNet challenge, or the named networks that have a top-5 error."""
    from matplotlib.figure import Figure

    if request.names:
        entries, left_out = entries_of(request.names)
        request.notes.extend(left_out)
        title, tested = "Top-5 error on ImageNet and depth", ""
    else:
        entries, title = (
            winners(),
            "The revolution of depth: leading entries of the ImageNet challenge (ILSVRC)",
        )
        tested = "test sets of the challenge, most entries several networks together; "
    if not entries:
        named = " or ".join(request.names)
        raise CnncostError(f"chart depth: no top-5 error on ImageNet is printed of {named}")
    slot = NARROW if upright(entries) else WIDE
    made = Figure(figsize=(max(slot * len(entries) + 0.9, 6.6), 6.4))
    axes = made.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    draw(entries, axes, request.theme)
    made.suptitle(title, x=0.01, ha="left")
    key = textwrap.wrap(tested + key_of(entries), int(made.get_size_inches()[0] * 15))
    made.supxlabel("\n".join(key), x=0.01, ha="left", fontsize=SMALL - 0.5, linespacing=1.35)
    return made


def draw(entries: Sequence[Winner], axes: Sequence[Axes], theme: Theme = THEMES["light"]) -> Sequence[Axes]:
    """Draw into two Axes that share their x axis: the errors above, the layers below.

    Args:
        entries: by year; one without a year is drawn as a line to hold the others against.
        axes: two Axes.
        theme: the colours.
    """
    above, below = axes
    bars = [one for one in entries if one.year is not None]
    places = range(len(bars))
    above.bar(places, [float(one.error) for one in bars], 0.7, color=[colour(one, theme) for one in bars])
    for place, one in zip(places, bars, strict=True):
        value_over(above, place, float(one.error), percent(one), theme)
        layers = one.layers if isinstance(one.layers, int) else 0
        below.bar(place, layers, 0.7, color=colour(one, theme))
        value_over(below, place, layers, str(one.layers) or "several\nnetworks", theme)
    for one in entries:
        if one.year is None:
            level(above, one, len(bars), theme)
    above.set_ylabel("top-5 error (%)")
    below.set_ylabel("layers with weights,\nalong the longest path")
    for panel in axes:
        panel.margins(x=0.6 / max(len(bars), 1), y=0.14)
        panel.grid(axis="y")
        panel.tick_params(axis="x", length=0)
    above.tick_params(labelbottom=False)
    letters = letters_of(entries)
    turned = upright(entries)
    between = "  " if turned else "\n"
    labels = [between.join((str(one.year), *lines(one.name, turned))) + letters[one.source] for one in bars]
    below.set_xticks(places, labels, rotation=90 if turned else 0)
    return axes


def lines(name: str, turned: bool) -> list[str]:
    """A name on lines that fit under its bar; on one line where it stands upright."""
    return [name] if turned else textwrap.wrap(name, SHORT)


def entries_of(names: Iterable[str]) -> tuple[list[Winner], list[str]]:
    """Networks of the catalogue by year and depth, and which are left out for want of a top-5 error.

    Raises:
        CnncostError: a name stands for nothing.
    """
    found: list[Winner] = []
    left_out: list[str] = []
    for name in dict.fromkeys(names):
        spec, variant = read(name)
        network = variant or spec.name
        measured = imagenet_error(spec, network, "top5")
        if measured is None:
            left_out.append(f"left out: {network} has no top-5 error on ImageNet")
        elif spec.year is None:
            left_out.append(f"left out: {network} has no year")
        else:
            found.append(Winner(spec.year, network, layers_of(name), measured.error, measured.source))
    return sorted(found, key=lambda one: (one.year or 0, one.layers, one.name)), left_out


def upright(entries: Iterable[Winner]) -> bool:
    """Whether the names are too long to stand level."""
    names = [one.name for one in entries if one.year is not None]
    return any(
        len(line) > SHORT for name in names for line in textwrap.wrap(name, SHORT, break_long_words=False)
    )


def percent(entry: Winner) -> str:
    """An error as it is printed, with two decimals at most."""
    return numbers.rate(entry.error).rstrip("0").rstrip(".")


def colour(entry: Winner, theme: Theme) -> str:
    """Networks in the first colour, what is none in grey."""
    return theme.muted if entry.layers == "shallow" else theme.series[0]


def value_over(axes: Axes, place: float, value: float, text: str, theme: Theme) -> None:
    """A bar's value above it, clear of lines."""
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=2.5, foreground=theme.ground)]
    axes.annotate(
        text, (place, value), (0, 2.5), textcoords="offset points", ha="center", va="bottom",
        fontsize=SMALL, path_effects=halo,
    )  # fmt: skip


def level(axes: Axes, entry: Winner, bars: int, theme: Theme) -> None:
    """A line at an error, named at its right end."""
    value = float(entry.error)
    axes.axhline(value, color=theme.series[1], linewidth=1, linestyle=(0, (4, 2)))
    text = f"{entry.name} {percent(entry)}{letters_of([entry])[entry.source]}"
    axes.annotate(
        text, (bars - 0.6, value), (0, 2), textcoords="offset points", ha="right", va="bottom",
        fontsize=SMALL, color=theme.series[1],
    )  # fmt: skip


def letters_of(entries: Iterable[Winner]) -> dict[str, str]:
    """What stands behind a name for its source; nothing where there is one source."""
    letters = lettered(one.source for one in entries)
    return {source: f" ({letter})" if len(letters) > 1 else "" for source, letter in letters.items()}


def key_of(entries: Sequence[Winner]) -> str:
    """Who prints the errors, as a sentence."""
    letters = letters_of(entries)
    return "errors printed by " + "; ".join(f"{source}{letter}" for source, letter in letters.items())
