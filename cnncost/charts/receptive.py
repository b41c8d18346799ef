"""The receptive field along the depth; of one network also as nested boxes on its input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from cnncost import numbers
from cnncost.charts import boxes
from cnncost.charts.axes import ChartFigure, on_axes
from cnncost.charts.boxes import SeenField
from cnncost.charts.labels import axes_position, axes_size
from cnncost.charts.main_path import PathStep, first_unknown, steps
from cnncost.charts.panels import short_name, title_and_note
from cnncost.charts.request import Request
from cnncost.charts.theme import SMALL, THEMES, Theme, points
from cnncost.count.profile import NetworkCost
from cnncost.count.rows import fold
from cnncost.errors import CnncostError

NARROW = 7.5
"""Inches: in a narrower figure the boxes are below the line."""
NAMED = 24
"""Up to this many layers have their names below the axis; more have numbers."""
FAR = 4
"""The input's line has its label at the right if the field is this many times the input."""
UNEVEN = 8
"""Sizes have a logarithmic axis if one network's field is more than this many times another's."""
LABEL_HEIGHT = 0.07
"""The height of a label with some space, in heights of the Axes."""
ABOVE = 1.03
"""The height of the jumps, in heights of the Axes: above the label of the highest tick."""


@dataclass(frozen=True)
class FieldPath:
    """A network and the receptive field along its main path."""

    profile: NetworkCost

    @cached_property
    def steps(self) -> tuple[PathStep, ...]:
        """The steps of the main path with a known field."""
        return tuple(steps(self.profile))

    @property
    def size(self) -> int:
        """The field of the last step."""
        return self.steps[-1].size

    @property
    def input_size(self) -> int:
        """The input's larger side."""
        return int(max(boxes.input_sizes(self.profile)))


def figure(request: Request) -> ChartFigure:
    """The fields of one network next to its input, or those of several on shared axes.

    Raises:
        CnncostError: no network has a field, or layers of several networks are chosen.
    """
    if request.layer is not None and len(request.names) > 1:
        raise CnncostError("chart receptive: --layer chooses boxes, which only a chart of one network has")
    profiles = profiles_with_fields(request)
    if len(profiles) > 1:
        made = request.figure(request.across(8.4), 4.6)
        draw(profiles, made.subplots(), theme=request.theme)
        title_and_note(made, "Receptive field along the depth", "", request.theme)
        return made
    (profile,) = profiles
    every = boxes.chosen_fields(profile, request.layer)
    shown = boxes.coloured(profile, every, request.theme)
    width = request.across(10.4)
    beside = width > NARROW
    made = request.figure(width, 4.8 if beside else 3.0 + 0.62 * width)
    grid = (1, 2) if beside else (2, 1)
    left, right = made.subplots(*grid, width_ratios=(1.15, 1) if beside else None)
    draw([profile], left, theme=request.theme, marked=shown)
    boxes.draw(profile, right, shown, request.theme)
    if len(shown) < len(every):
        request.notes.append(
            f"{len(shown)} of {len(every)} fields are shown; --layer NAME,NAME chooses others"
        )
    shape = profile.graph.input_text
    title_and_note(made, f"{short_name(profile.name)}, input {shape}: receptive field", "", request.theme)
    return made


def profiles_with_fields(request: Request) -> list[NetworkCost]:
    """The networks of a request that have fields; a note says what is unknown in the others.

    Raises:
        CnncostError: no layer has a field.
    """
    found = []
    reason = "none of its layers looks at positions of a map"
    for profile in request.profiles:
        known = FieldPath(profile).steps
        if not known:
            request.notes.append(f"left out: no receptive field is known for {profile.name}: {reason}")
            continue
        found.append(profile)
        if lost := first_unknown(profile):
            request.notes.append(
                f"{profile.name}: the receptive field is known up to {known[-1].cost.name},"
                f" but not from {lost.name} ({lost.type}) on"
            )
    if not found:
        names = ", ".join(profile.name for profile in request.profiles)
        raise CnncostError(f"chart receptive: no receptive field is known for {names}: {reason}")
    return found


@on_axes(1.5, 1.2)
def draw(
    profiles: Sequence[NetworkCost],
    axes: Axes,
    theme: Theme = THEMES["light"],
    marked: Sequence[SeenField] = (),
) -> Axes:
    """Draw the field against the layers of the main path, one line per network.

    Args:
        profiles: networks with receptive fields.
        axes: the Axes.
        theme: the colours.
        marked: for a single network, the layers that have a box on the input, in their colours.
    """
    paths = [FieldPath(profile) for profile in profiles]
    single = len(paths) == 1
    for path, colour in zip(paths, theme.series, strict=False):
        draw_line(axes, path, theme.text if single else colour, single)
    axes.set_ylim(bottom=0)
    if single:
        write_jumps(axes, paths[0], theme)
        mark_layers(axes, paths[0], marked, theme)
    else:
        axes.plot([], [], "o", color=theme.muted, markersize=4, label="where the jump changes")
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0)
        if max(path.size for path in paths) > UNEVEN * min(path.size for path in paths):
            log_sizes(axes)
    left = single and paths[0].size < FAR * paths[0].input_size
    draw_input_sizes(axes, sorted({path.input_size for path in paths}), theme, left)
    images = all(len(boxes.input_sizes(profile)) == 2 for profile in profiles)
    axes.set_ylabel(f"receptive field (input {'pixels' if images else 'positions'})")
    axes.grid(axis="y")
    axes.set_xlim(left=0)
    name_layers(axes, paths)
    return axes


def draw_line(axes: Axes, path: FieldPath, colour: str, single: bool) -> None:
    """Draw a network's line, which starts at one input pixel, with a dot where the jump changes."""
    x = [0, *(step.number for step in path.steps)]
    y = [1, *(step.size for step in path.steps)]
    label = short_name(path.profile.name)
    axes.plot(x, y, color=colour, label=label, linewidth=1.4 if single else 1.7, zorder=3)
    if not single:
        jumps = [1, *(step.jump for step in path.steps)]
        changes = [i for i in range(1, len(x)) if jumps[i] not in (None, jumps[i - 1])]
        axes.plot([x[i] for i in changes], [y[i] for i in changes], "o", color=colour, markersize=4, zorder=4)


def log_sizes(axes: Axes) -> None:
    """Set a logarithmic axis of sizes in plain numbers."""
    axes.set_yscale("log", base=2)
    axes.set_ylim(bottom=1)
    axes.yaxis.set_major_locator(FixedLocator([2**power for power in range(24)]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    axes.yaxis.set_minor_locator(NullLocator())


def draw_input_sizes(axes: Axes, sizes: Sequence[int], theme: Theme, left: bool) -> None:
    """Draw the inputs' sizes as lines across; lines close together share one label, at the emptier end."""
    for size in sizes:
        axes.axhline(size, color=theme.muted, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    low, high = axes.get_ylim()
    axes.set_ylim(low, max(high, (1.6 if axes.get_yscale() == "log" else 1.1) * max(sizes)))
    for group in sizes_by_label(axes, sizes):
        axes.annotate(
            f"input {', '.join(map(str, group))}",
            (0 if left else 1, group[-1]),
            xycoords=("axes fraction", "data"),
            xytext=(4 if left else -2, 2),
            textcoords="offset points",
            ha="left" if left else "right",
            color=theme.muted,
            fontsize=points(SMALL),
        )


def sizes_by_label(axes: Axes, sizes: Sequence[int]) -> list[list[int]]:
    """Sizes in rising order, grouped where their labels would overlap."""
    _, height = axes_size(axes)
    at = {size: axes_position(axes, 0, size)[1] / height for size in sizes}
    groups: list[list[int]] = []
    for size in sizes:
        if groups and at[size] - at[groups[-1][-1]] < LABEL_HEIGHT:
            groups[-1].append(size)
        else:
            groups.append([size])
    return groups


def write_jumps(axes: Axes, path: FieldPath, theme: Theme) -> None:
    """Mark the stretches of equal jump, each with its number above if there is room."""
    room = path.steps[-1].number / 50
    small: dict[str, Any] = {"fontsize": points(SMALL), "color": theme.muted}
    for i, (start, end, jump) in enumerate(equal_jumps(path.steps)):
        if i:
            axes.axvline(start, color=theme.grid, linewidth=0.9, zorder=0)
        text = numbers.sizes([jump])
        if end - start >= room * (1 + len(text)):
            above = axes.get_xaxis_transform()
            axes.text((start + end) / 2, ABOVE, text, transform=above, ha="center", **small)
    axes.text(-0.01, ABOVE, "jump", transform=axes.transAxes, ha="right", **small)


def equal_jumps(along: Sequence[PathStep]) -> Iterator[tuple[float, float, object]]:
    """The first and last layer of each stretch of equal jump, and the jump."""
    start, jump = 0, 1
    for step in along:
        if step.jump is not None and step.jump != jump:
            yield start, step.number, jump
            start, jump = step.number, step.jump
    yield start, along[-1].number, jump


def mark_layers(axes: Axes, path: FieldPath, marked: Sequence[SeenField], theme: Theme) -> None:
    """Draw dots at the layers that have a box on the input, and small ones at the others if they are few."""
    if len(path.steps) <= NAMED:
        x, y = [step.number for step in path.steps], [step.size for step in path.steps]
        axes.plot(x, y, "o", color=theme.text, markersize=3, zorder=4)
    for field in marked:
        step = next((step for step in path.steps if step.size == field.size), None)
        if step and field.colour:
            axes.plot([step.number], [step.size], "o", color=field.colour, markersize=6, zorder=5)


def name_layers(axes: Axes, paths: Sequence[FieldPath]) -> None:
    """Name the layers of one network if they are few, else number them."""
    along = paths[0].steps
    if len(paths) == 1 and len(along) <= NAMED:
        labels = {cost.name: row.label for row in fold(paths[0].profile) for cost in row.costs}
        names = [short_name(labels[step.cost.name]) for step in along]
        axes.set_xticks([step.number for step in along], names, rotation=90)
        axes.tick_params(axis="x", length=0)
        axes.set_xlim(0, along[-1].number + 0.5)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("layer along the main path (convolution, pooling, linear, attention)")
