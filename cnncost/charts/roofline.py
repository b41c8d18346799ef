"""Each layer under a device's roofline: where it was measured, or on the roof itself."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from cnncost import numbers
from cnncost.charts.axes import ChartFigure, on_axes
from cnncost.charts.families import FAMILY_NAMES, layer_family
from cnncost.charts.labels import axes_position, axes_size, label_size, points_per_pixel, write_label
from cnncost.charts.panels import short_name
from cnncost.charts.placement import Disc, LabelBox, LabelSpot, best_spot
from cnncost.charts.request import Request
from cnncost.charts.roofline_data import RowsUnderRoof, position_of, rows_under_roof
from cnncost.charts.theme import SMALL, THEMES, Theme, points
from cnncost.count.profile import NetworkCost
from cnncost.timing.placed_rows import PlacedRow
from cnncost.timing.reports import ROOF_ALONE, Measured, measured_device

RADII = (2.2, 16.0)
"""Points: the smallest radius of a dot, and the radius of one that takes all the time."""
HOLLOW = 3.2
"""Points: the radius of a dot that was not measured."""
LABELLED = 14
"""The most labels of layers, the slowest first."""


def figure(request: Request) -> ChartFigure:
    """The layers of one network under the roof of a device."""
    (profile,) = request.profiles
    under = rows_under_roof(profile, measured_device(request.device), request.notes)
    made = request.figure(request.across(9.2), 5.2)
    made.set_layout_engine("none")  # the labels need the final size of the Axes
    draw_rows(under, made.add_axes((0.08, 0.11, 0.73, 0.8)), request.theme)
    made.suptitle(title_of(under), x=0.01, ha="left")
    return made


@on_axes(2, 1.5)
def draw(
    profile: NetworkCost, axes: Axes, device: Measured | str | None = None, theme: Theme = THEMES["light"]
) -> Axes:
    """Draw a network's layers under a device's roof, both axes logarithmic.

    Args:
        profile: the network; batch, dtype and training choose among the measurements.
        axes: the Axes, with their final size.
        device: a device, or as `cnncost.timing.reports.measured_device` takes it.
        theme: the colours.

    Raises:
        CnncostError: there is no such device, or it has no roof for the dtype.
    """
    known = device if isinstance(device, Measured) else measured_device(device)
    return draw_rows(rows_under_roof(profile, known, []), axes, theme)


def title_of(under: RowsUnderRoof) -> str:
    """The network, the device and the conditions."""
    profile, result = under.profile, under.result
    kind = ", training" if profile.train else ""
    layout = ", channels last" if result and result.get("channels_last") else ""
    flops, moved = rate(under.roof.flops_per_second), rate(under.roof.bytes_per_second)
    numbered = f"a device of {flops}FLOP/s and {moved}B/s"
    where = numbered if under.device.label == ROOF_ALONE else under.device.label
    return f"{short_name(profile.name)}, batch {profile.batch}, {profile.dtype}{kind}{layout}: {where}"


def draw_rows(under: RowsUnderRoof, axes: Axes, theme: Theme) -> Axes:
    """Draw the roof, the layers, their labels and a legend."""
    set_axes(axes, under)
    fixed = draw_roof(axes, under, theme)
    draw_dots(axes, under, theme)
    label_dots(axes, under, fixed, theme)
    draw_legend(axes, under, theme)
    return axes


def set_axes(axes: Axes, under: RowsUnderRoof) -> None:
    """Set logarithmic axes with room for every layer, and for the roof's corner."""
    roof = under.roof
    x, y = zip(*map(position_of, under.rows), strict=True)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(min(*x, roof.ridge / 10) / 1.8, max(*x, roof.ridge * 10) * 1.8)
    axes.set_ylim(min(*y, roof.flops_per_second / 100) / 2, max(*y, roof.flops_per_second) * 3)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.significant(value, 1)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(value)))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(numticks=12))
        axis.set_minor_formatter(NullFormatter())
    axes.grid()
    axes.set_xlabel("operations per byte (FLOP/byte), convention flops; inputs, weights, outputs moved once")
    axes.set_ylabel("operations per second (FLOP/s), forward pass")


def power_of_ten(value: float) -> str:
    """A power of ten with its prefix: `10 G`."""
    prefix = min(max(0, round(log10(value)) // 3), len(numbers.PREFIXES) - 1)
    return f"{numbers.significant(value / 1000**prefix, 1)} {numbers.PREFIXES[prefix]}".rstrip()


def draw_roof(axes: Axes, under: RowsUnderRoof, theme: Theme) -> list[Text]:
    """Draw the roof; its bandwidth, ridge and peak are written above it, and above faster layers."""
    (left, _), (ridge, peak), (right, _) = corners = roof_corners(axes, under)
    axes.plot(*zip(*corners, strict=True), color=theme.text, linewidth=1.6, zorder=2)
    slope = under.roof.bytes_per_second
    middle = (max(left, axes.get_ylim()[0] / slope) * ridge) ** 0.5
    fastest = max(peak, *(position_of(row)[1] * 1.08 for row in under.rows))
    texts = [
        (middle, middle * slope, f"{rate(slope)}B/s"),
        (ridge, peak, f"ridge {numbers.significant(ridge)} FLOP/byte"),
        (right, fastest, f"peak {rate(peak)}FLOP/s"),
    ]
    above: dict[str, Any] = {"textcoords": "offset points", "va": "bottom", "fontsize": points(SMALL)}
    return [
        axes.annotate(text, (x, y), (-4, 3), ha="right", color=theme.muted, **above) for x, y, text in texts
    ]


def roof_corners(axes: Axes, under: RowsUnderRoof) -> list[tuple[float, float]]:
    """The roof's left end, its ridge and its right end, in data."""
    roof, (left, right) = under.roof, axes.get_xlim()
    peak = roof.flops_per_second
    return [(left, left * roof.bytes_per_second), (roof.ridge, peak), (right, peak)]


def rate(value: float) -> str:
    """A rate with three digits and its prefix: `441 G`."""
    text = numbers.human(round(value))
    return text if text[-1].isalpha() else f"{text} "


def draw_dots(axes: Axes, under: RowsUnderRoof, theme: Theme) -> None:
    """Draw a dot for each layer in the colour of its family: filled if measured, its area shows its time."""
    for row in sorted(under.rows, key=lambda row: -row.placed.seconds):
        colour = theme.layers[row_family(row)]
        axes.plot(
            *position_of(row),
            "o",
            markersize=2 * radius(row, under),
            markerfacecolor=colour if row.measured else theme.ground,
            markeredgecolor=theme.ground if row.measured else colour,
            markeredgewidth=0.5 if row.measured else 1.2,
            alpha=0.85 if row.measured else 1,
            zorder=3,
        )


def radius(row: PlacedRow, under: RowsUnderRoof) -> float:
    """The radius of a dot in points: its area is the layer's part of the time."""
    if not row.measured:
        return HOLLOW
    part = row.placed.seconds / under.seconds if under.seconds else 0
    return float(max(RADII[0], RADII[1] * part**0.5))


def row_family(row: PlacedRow) -> str:
    """The family of a row's main layer; for a stage, of the layer that computes most."""
    main = row.row.main or max(row.row.costs, key=lambda cost: int(cost.flops))
    return layer_family(main.node.layer)


def label_dots(axes: Axes, under: RowsUnderRoof, fixed: Sequence[Text], theme: Theme) -> None:
    """Write the names of the slowest layers, or of the largest, where there is room."""
    ordered = sorted(under.rows, key=lambda row: (-row.measured, -row.placed.seconds, -row.placed.flops))
    distinct = {position_of(row): row for row in reversed(ordered)}  # one label per position
    rows = sorted(distinct.values(), key=ordered.index)
    discs = [
        Disc(
            *axes_position(axes, *position_of(row)),
            radius(row, under),
            *label_size(axes, short_name(row.row.label)),
            needed=False,
        )
        for row in rows
    ]
    start, ridge, end = (axes_position(axes, *corner) for corner in roof_corners(axes, under))
    taken = [LabelSpot(text_box(text, axes)) for text in fixed]
    taken += [LabelSpot(LabelBox(0, 0, 0, 0), line) for line in ((start, ridge), (ridge, end))]
    width, height = axes_size(axes)
    for row, disc in [*zip(rows, discs, strict=True)][:LABELLED]:
        spot = best_spot(disc, discs, taken, LabelBox(2, 2, width - 4, height - 4))
        if spot is not None:
            taken.append(spot)
            write_label(axes, short_name(row.row.label), spot.box, theme)


def text_box(text: Text, axes: Axes) -> LabelBox:
    """Where a text is, in points from the lower left corner of its Axes."""
    box, frame, per_pixel = text.get_window_extent(), axes.get_window_extent(), points_per_pixel(axes)
    left, bottom = (box.x0 - frame.x0) * per_pixel, (box.y0 - frame.y0) * per_pixel
    return LabelBox(left, bottom, box.width * per_pixel, box.height * per_pixel)


def draw_legend(axes: Axes, under: RowsUnderRoof, theme: Theme) -> None:
    """Explain colours, filling and area next to the Axes."""

    def entry(text: str, colour: str, filled: bool = True) -> Line2D:
        dot: dict[str, Any] = {"linestyle": "", "marker": "o", "markersize": 6}
        return Line2D(
            [], [], color=colour, markerfacecolor=colour if filled else theme.ground, label=text, **dot
        )

    present = {row_family(row) for row in under.rows}
    entries = [entry(name, theme.layers[key]) for key, name in FAMILY_NAMES.items() if key in present]
    if any(row.measured for row in under.rows):
        entries.append(entry("measured:\narea shows its time", theme.muted))
    if not all(row.measured for row in under.rows):
        entries.append(entry("not measured:\non the roof", theme.muted, filled=False))
    beside: dict[str, Any] = {"bbox_to_anchor": (1.01, 1.0), "borderaxespad": 0, "labelspacing": 0.8}
    axes.legend(handles=entries, loc="upper left", **beside)
