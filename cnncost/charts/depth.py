"""Top-5 error by year, and the depth of the networks: the revolution of depth."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes

from cnncost import numbers
from cnncost.charts.axes import ChartFigure, on_axes
from cnncost.charts.labels import axes_size
from cnncost.charts.panels import title_and_note
from cnncost.charts.request import Request
from cnncost.charts.theme import SMALL, THEMES, Theme, points
from cnncost.comparison.accuracy import imagenet_error, lettered
from cnncost.errors import CnncostError
from cnncost.network.catalogue import read
from cnncost.published.winners import Winner, layers_of, winners

SHORT = 12
"""The letters of a line under a bar; names that cannot be broken into such lines are rotated."""
WIDE, NARROW = 0.92, 0.36
"""Inches per bar with level names, and with rotated ones."""


def figure(request: Request) -> ChartFigure:
    """The leading entries of the ImageNet challenge, or the named networks that have a top-5 error."""
    if request.names:
        entries, left_out = entries_of(request.names)
        request.notes.extend(left_out)
        title, tested = "Top-5 error on ImageNet and depth", ""
    else:
        entries = winners()
        title = "The revolution of depth: leading entries of the ImageNet challenge (ILSVRC)"
        tested = "test sets of the challenge, most entries combine several networks; "
    if not entries:
        names = " or ".join(request.names)
        raise CnncostError(f"chart depth: no source prints a top-5 error on ImageNet for {names}")
    bar = NARROW if rotated(entries) else WIDE
    width = max(bar * len(entries) + 0.9, 6.6)
    made = request.figure(request.across(width), 6.4)
    draw(entries, made.subplots(2, 1, sharex=True, height_ratios=(3, 2)), request.theme)
    sources = "; ".join(f"{source}{letter}" for source, letter in source_letters(entries).items())
    title_and_note(made, title, f"{tested}errors printed by {sources}", request.theme)
    return made


@on_axes(2, 0.8)
def draw(entries: Sequence[Winner], axes: Sequence[Axes], theme: Theme = THEMES["light"]) -> Sequence[Axes]:
    """Draw into two Axes that share their x axis: the errors above, the layers below.

    Args:
        entries: by year; one without a year is drawn as a line to compare the others with.
        axes: two Axes.
        theme: the colours.
    """
    above, below = axes
    bars = [one for one in entries if one.year is not None]
    colours = [theme.muted if one.layers == "shallow" else theme.series[0] for one in bars]
    positions = range(len(bars))
    room = axes_size(above)[0] / 72 / theme.scale / max(len(bars), 1)
    turned = rotated(entries) or room < 0.8 * WIDE
    layers = [one.layers if isinstance(one.layers, int) else 0 for one in bars]
    above.bar(positions, [float(one.error) for one in bars], 0.7, color=colours)
    below.bar(positions, layers, 0.7, color=colours)
    for position, one in zip(positions, bars, strict=True):
        write_value(above, position, float(one.error), percent(one), theme)
        write_value(below, position, layers[position], str(one.layers) or "several\nnetworks", theme, turned)
    for one in entries:
        if one.year is None:
            draw_level(above, one, len(bars), theme)
    above.set_ylabel("top-5 error (%)")
    below.set_ylabel("layers with weights,\nalong the longest path")
    for panel in axes:
        panel.margins(x=0.6 / max(len(bars), 1), y=0.14)
        panel.grid(axis="y")
        panel.tick_params(axis="x", length=0)
    above.tick_params(labelbottom=False)
    below.set_xticks(positions, labels_of(entries, turned), rotation=90 if turned else 0)
    return axes


def labels_of(entries: Sequence[Winner], turned: bool) -> list[str]:
    """Year, name and source of each bar, on one line if they are rotated."""
    letters = source_letters(entries)
    labels = []
    for one in entries:
        if one.year is not None:
            lines = [one.name] if turned else textwrap.wrap(one.name, SHORT)
            labels.append(("  " if turned else "\n").join([str(one.year), *lines]) + letters[one.source])
    return labels


def entries_of(names: Iterable[str]) -> tuple[list[Winner], list[str]]:
    """Networks of the catalogue by year and depth, and a message for each that is left out.

    Raises:
        CnncostError: there is no network of a name.
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


def rotated(entries: Iterable[Winner]) -> bool:
    """Whether a name is too long to be level."""
    names = [one.name for one in entries if one.year is not None]
    return any(
        len(line) > SHORT for name in names for line in textwrap.wrap(name, SHORT, break_long_words=False)
    )


def percent(entry: Winner) -> str:
    """An error as printed, with at most two decimals."""
    return numbers.rate(entry.error).rstrip("0").rstrip(".")


def write_value(
    axes: Axes, position: float, value: float, text: str, theme: Theme, turned: bool = False
) -> None:
    """Write a bar's value above it, clear of lines; a word is turned where the names are."""
    turned = turned and not text.isdigit()
    text = text.replace("\n", " ") if turned else text
    ground = {"facecolor": theme.ground, "edgecolor": "none", "pad": 0.5}
    axes.annotate(
        text, (position, value), (0, 2.5), textcoords="offset points", ha="center", va="bottom",
        rotation=90 if turned else 0, fontsize=points(SMALL), bbox=ground,
    )  # fmt: skip


def draw_level(axes: Axes, entry: Winner, bars: int, theme: Theme) -> None:
    """Draw a line at an error, with its name at the right end."""
    value = float(entry.error)
    axes.axhline(value, color=theme.series[1], linewidth=1, linestyle=(0, (4, 2)))
    axes.annotate(
        f"{entry.name} {percent(entry)}", (bars - 0.6, value), (0, 2), textcoords="offset points",
        ha="right", va="bottom", fontsize=points(SMALL), color=theme.series[1],
    )  # fmt: skip


def source_letters(entries: Iterable[Winner]) -> dict[str, str]:
    """The mark of the source after a name; empty if there is only one source."""
    letters = lettered(one.source for one in entries)
    return {source: f" ({letter})" if len(letters) > 1 else "" for source, letter in letters.items()}
