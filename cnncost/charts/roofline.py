"""Each layer under a device's roofline: as it was measured, or where nothing was, on the roof itself."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from typing import TYPE_CHECKING, Any

from cnncost import numbers
from cnncost.charts.families import SAID, family
from cnncost.charts.labelled import points_per_pixel, size_of, text_size, write
from cnncost.charts.labels import Box, Disc, Line, Spot, best
from cnncost.charts.panels import short
from cnncost.charts.placed import Picture, picture_of, spot_of
from cnncost.charts.request import Request
from cnncost.charts.theme import SMALL, THEMES, Theme
from cnncost.count.profile import NetworkCost
from cnncost.timing.placed_rows import PlacedRow
from cnncost.timing.reports import ROOF_ALONE, Measured, measured_device
from cnncost.timing.roofline import Roof

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

NETWORKS = (1, 1)
READS = ("device", "input", "set", "batch", "dtype", "train")
RADII = (2.2, 16.0)
"""Points: the radius of a dot that took no time to speak of, and of one that took all."""
HOLLOW = 3.2
LABELLED = 14
"""So many layers may have a label, the slowest first."""


def figure(request: Request) -> Figure:
    """The layers of one network under the roof of a device."""
    from matplotlib.figure import Figure

    (profile,) = request.profiles
    picture = picture_of(profile, measured_device(request.device), request.notes)
    made = Figure(figsize=(9.2, 5.2))
    made.set_layout_engine("none")  # the labels need the size of the Axes as it will be
    axes = made.add_axes((0.08, 0.11, 0.73, 0.8))
    paint(picture, axes, request.theme)
    made.suptitle(title(picture), x=0.01, ha="left")
    return made


def draw(
    profile: NetworkCost, axes: Axes, device: Measured | str | None = None, theme: Theme = THEMES["light"]
) -> Axes:
    """Draw a network's layers under a device's roof, both axes logarithmic.

    Args:
        profile: the network; batch, dtype and whether it is trained choose among what was measured.
        axes: the Axes, as large as it will be.
        device: a device, or as `cnncost.timing.reports.measured_device` takes it.
        theme: the colours.

    Raises:
        CnncostError: there is no such device, or it has no roof for the dtype.
    """
    known = device if isinstance(device, Measured) else measured_device(device)
    return paint(picture_of(profile, known, []), axes, theme)


def title(picture: Picture) -> str:
    """The network, the device and the conditions."""
    profile = picture.profile
    kind = ", training" if profile.train else ""
    found = picture.result
    layout = ", channels last" if found and found.get("channels_last") else ""
    flops, moved = amount(picture.roof.flops_per_second), amount(picture.roof.bytes_per_second)
    numbered = f"a device of {flops}FLOP/s and {moved}B/s"
    where = numbered if picture.device.label == ROOF_ALONE else picture.device.label
    return f"{short(profile.name)}, batch {profile.batch}, {profile.dtype}{kind}{layout}: {where}"


def paint(picture: Picture, axes: Axes, theme: Theme) -> Axes:
    """Roof, layers, labels and legend."""
    limits(axes, picture)
    fixed = roof_line(axes, picture, theme)
    dots(axes, picture, theme)
    labels(axes, picture, fixed, theme)
    legend(axes, picture, theme)
    axes.set_xlabel("operations per byte (FLOP/byte), convention flops; inputs, weights, outputs moved once")
    axes.set_ylabel("operations per second (FLOP/s), forward pass")
    return axes


def limits(axes: Axes, picture: Picture) -> None:
    """Logarithmic axes that hold every layer, and the roof's corner with air around it."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    roof = picture.roof
    x, y = zip(*map(spot_of, picture.places), strict=True)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(min(*x, roof.ridge / 10) / 1.8, max(*x, roof.ridge * 10) * 1.8)
    low = min(*y, roof.flops_per_second / 100)
    axes.set_ylim(low / 2, max(*y, roof.flops_per_second) * 3)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.significant(value, 1)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: power_of_ten(value)))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(numticks=12))
        axis.set_minor_formatter(NullFormatter())
    axes.grid()


def power_of_ten(value: float) -> str:
    """A power of ten with its prefix: `10 G`."""
    prefix = min(max(0, round(log10(value)) // 3), len(numbers.PREFIXES) - 1)
    return f"{numbers.significant(value / 1000**prefix, 1)} {numbers.PREFIXES[prefix]}".rstrip()


def roof_line(axes: Axes, picture: Picture, theme: Theme) -> list[Text]:
    """The roof, with bandwidth, ridge and peak written above it, and above what was faster."""
    roof = picture.roof
    left, right = axes.get_xlim()
    peak = roof.flops_per_second
    x, y = [left, roof.ridge, right], [left * roof.bytes_per_second, peak, peak]
    axes.plot(x, y, color=theme.text, linewidth=1.6, zorder=2)
    lowest = axes.get_ylim()[0] / roof.bytes_per_second
    middle = (max(left, lowest) * roof.ridge) ** 0.5
    said = [
        (middle, middle * roof.bytes_per_second, f"{amount(roof.bytes_per_second)}B/s"),
        (roof.ridge, peak, f"ridge {numbers.significant(roof.ridge)} FLOP/byte"),
        (
            right,
            max(peak, *(spot_of(place)[1] * 1.08 for place in picture.places)),
            f"peak {amount(peak)}FLOP/s",
        ),
    ]
    above: dict[str, Any] = {"textcoords": "offset points", "va": "bottom", "fontsize": SMALL}
    return [
        axes.annotate(text, (x, y), (-4, 3), ha="right", color=theme.muted, **above) for x, y, text in said
    ]


def amount(value: float) -> str:
    """A rate with three digits and its prefix: `441 G`."""
    text = numbers.human(round(value))
    return text if text[-1].isalpha() else f"{text} "


def dots(axes: Axes, picture: Picture, theme: Theme) -> None:
    """A dot for each layer in the colour of its family: filled where measured, its area by its time."""
    for place in sorted(picture.places, key=lambda one: -one.placed.seconds):
        colour = theme.layers[family_of(place)]
        x, y = spot_of(place)
        axes.plot(
            [x],
            [y],
            "o",
            markersize=2 * radius(place, picture),
            markerfacecolor=colour if place.measured else theme.ground,
            markeredgecolor=theme.ground if place.measured else colour,
            markeredgewidth=0.5 if place.measured else 1.2,
            alpha=0.85 if place.measured else 1,
            zorder=3,
        )


def radius(place: PlacedRow, picture: Picture) -> float:
    """The radius of a dot in points: its area is the part of the time that the layer takes."""
    if not place.measured:
        return HOLLOW
    part = place.placed.seconds / picture.seconds if picture.seconds else 0
    return float(max(RADII[0], RADII[1] * part**0.5))


def family_of(place: PlacedRow) -> str:
    """The family of a row's main layer; of a stage, of the layer that computes most."""
    main = place.row.main or max(place.row.costs, key=lambda cost: int(cost.flops))
    return family(main.node.layer)


def labels(axes: Axes, picture: Picture, fixed: Sequence[Text], theme: Theme) -> None:
    """The names of the slowest layers, or of the largest, where they have room."""
    every = sorted(picture.places, key=lambda p: (-p.measured, -p.placed.seconds, -p.placed.flops))
    spots: dict[tuple[float, float], PlacedRow] = {}
    for place in every:
        spots.setdefault(spot_of(place), place)  # one label a spot
    order = list(spots.values())
    width, height = size_of(axes)
    to_points = axes.transAxes.inverted().transform

    def disc(place: PlacedRow) -> Disc:
        x, y = to_points(axes.transData.transform(spot_of(place)))
        size = text_size(axes, short(place.row.label))
        return Disc(x * width, y * height, radius(place, picture), *size, needed=False)

    discs = [disc(place) for place in order]
    taken = [Spot(box_of(text, axes)) for text in fixed]
    taken += [Spot(Box(0, 0, 0, 0), line) for line in lines_of(axes, picture.roof, width, height)]
    for place, one in [*zip(order, discs, strict=True)][:LABELLED]:
        spot = best(one, discs, taken, Box(2, 2, width - 4, height - 4))
        if spot is not None:
            taken.append(spot)
            write(axes, short(place.row.label), spot.box, theme)


def lines_of(axes: Axes, roof: Roof, width: float, height: float) -> list[Line]:
    """The two parts of the roof in points, for labels to keep clear of."""
    to_points = axes.transAxes.inverted().transform
    left, right = axes.get_xlim()
    peak = roof.flops_per_second
    corners = [(left, left * roof.bytes_per_second), (roof.ridge, peak), (right, peak)]
    start, ridge, end = (
        (float(x) * width, float(y) * height)
        for x, y in map(to_points, map(axes.transData.transform, corners))
    )
    return [(start, ridge), (ridge, end)]


def box_of(text: Text, axes: Axes) -> Box:
    """Where a text stands, in points from the corner of its Axes."""
    box, frame, per_pixel = text.get_window_extent(), axes.get_window_extent(), points_per_pixel(axes)
    left, bottom = (box.x0 - frame.x0) * per_pixel, (box.y0 - frame.y0) * per_pixel
    return Box(left, bottom, box.width * per_pixel, box.height * per_pixel)


def legend(axes: Axes, picture: Picture, theme: Theme) -> None:
    """What colours, filling and area mean, beside the Axes."""
    from matplotlib.lines import Line2D

    def entry(text: str, colour: str, filled: bool = True) -> Line2D:
        face = colour if filled else theme.ground
        return Line2D(
            [], [], linestyle="", marker="o", markersize=6, color=colour, markerfacecolor=face, label=text
        )

    present = {family_of(place) for place in picture.places}
    entries = [entry(said, theme.layers[key]) for key, said in SAID.items() if key in present]
    if any(place.measured for place in picture.places):
        entries.append(entry("measured:\narea by its time", theme.muted))
    if not all(place.measured for place in picture.places):
        entries.append(entry("not measured:\nat its best", theme.muted, filled=False))
    axes.legend(
        handles=entries, loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0, labelspacing=0.8
    )
