"""The receptive field along the depth; of one network also as nested boxes on its input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnncost import numbers
from cnncost.charts import boxes
from cnncost.charts.boxes import Seen
from cnncost.charts.main_path import Step, steps, untold
from cnncost.charts.panels import short
from cnncost.charts.request import Request
from cnncost.charts.theme import SMALL, THEMES, Theme
from cnncost.count.profile import NetworkCost
from cnncost.count.rows import fold
from cnncost.errors import CnncostError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NETWORKS = (1, 8)
READS = ("layer", "input", "set")
NAMED = 24
"""Up to so many layers stand by name below the axis; more by number."""
FAR = 4
"""Where a network's field is so many times its input, the input's line runs close to where its own starts."""
UNEVEN = 8
"""Sizes are drawn on a logarithmic axis where one network's field is so many times another's."""


@dataclass(frozen=True)
class Course:
    """A network and the field along its main path."""

    profile: NetworkCost
    steps: tuple[Step, ...]

    @property
    def size(self) -> int:
        """The field of the last step."""
        return self.steps[-1].size

    @property
    def input_size(self) -> int:
        """The input's larger side."""
        return int(max(boxes.input_sizes(self.profile)))


def figure(request: Request) -> Figure:
    """The fields of one network beside its input, or those of several on shared axes.

    Raises:
        CnncostError: none has any, or layers are chosen of several networks.
    """
    from matplotlib.figure import Figure

    if request.layer is not None and len(request.names) > 1:
        raise CnncostError("chart receptive: --layer chooses boxes, which are drawn of one network alone")
    courses = courses_of(request)
    if len(courses) > 1:
        made = Figure(figsize=(8.4, 4.6))
        draw([course.profile for course in courses], made.subplots(), theme=request.theme)
        made.suptitle("Receptive field along the depth", x=0.01, ha="left")
        return made
    (profile,) = (course.profile for course in courses)
    every = boxes.chosen(profile, request.layer)
    shown = boxes.picked(profile, every, request.theme)
    made = Figure(figsize=(10.4, 4.8))
    left, right = made.subplots(1, 2, width_ratios=(1.15, 1))
    draw([profile], left, theme=request.theme, marked=shown)
    boxes.draw(profile, right, shown, request.theme)
    if len(shown) < len(every):
        request.notes.append(
            f"{len(shown)} of {len(every)} fields are shown; --layer NAME,NAME chooses others"
        )
    shape = numbers.shape(profile.graph.input_shape)
    made.suptitle(f"{short(profile.name)}, input {shape}: receptive field", x=0.01, ha="left")
    return made


def courses_of(request: Request) -> list[Course]:
    """The networks of a request that have fields; what is not told of the others is noted.

    Raises:
        CnncostError: none has any.
    """
    every = [Course(profile, tuple(steps(profile))) for profile in request.profiles]
    found = [course for course in every if course.steps]
    if not found:
        names = ", ".join(course.profile.name for course in every)
        raise CnncostError(
            f"chart receptive: no receptive field is told of {names}: no layer looks at positions of a map"
        )
    for course in every:
        if not course.steps:
            request.notes.append(
                f"left out: {course.profile.name} has no receptive field: no layer looks at positions"
            )
        elif (lost := untold(course.profile)) is not None:
            last = course.steps[-1].cost.name
            request.notes.append(
                f"{course.profile.name}: the field is told up to {last};"
                f" from {lost.name} ({lost.type}) on none is told"
            )
    return found


def draw(
    profiles: Sequence[NetworkCost],
    axes: Axes,
    theme: Theme = THEMES["light"],
    marked: Sequence[Seen] = (),
) -> Axes:
    """Draw the field against the layers of the main path, one line a network.

    Args:
        profiles: networks with receptive fields.
        axes: the Axes.
        theme: the colours.
        marked: of a single network, the layers that have a box on the input, in their colours.
    """
    courses = [Course(profile, tuple(steps(profile))) for profile in profiles]
    for course, colour in zip(courses, theme.series, strict=False):
        line(axes, course, theme.text if len(courses) == 1 else colour, single=len(courses) == 1)
    sizes = [course.size for course in courses]
    if len(courses) > 1:
        legend(axes, theme)
        axes.set_ylim(bottom=0)
        if max(sizes) > UNEVEN * min(sizes):
            log_sizes(axes)
    else:
        axes.set_ylim(bottom=0)
        jumps(axes, courses[0], theme)
        marks(axes, courses[0], marked, theme)
    references(axes, sorted({course.input_size for course in courses}), theme, left=starts_below(courses))
    images = all(len(boxes.input_sizes(course.profile)) == 2 for course in courses)
    axes.set_ylabel(f"receptive field (input {'pixels' if images else 'positions'})")
    axes.grid(axis="y")
    axes.set_xlim(left=0)
    layer_axis(axes, courses)
    return axes


def line(axes: Axes, course: Course, colour: str, single: bool) -> None:
    """A network's line, which starts at the input's own pixel, with a dot where the jump changes."""
    x = [0, *(step.number for step in course.steps)]
    y = [1, *(step.size for step in course.steps)]
    strides = [i for i, step in enumerate(course.steps, 1) if changes(course.steps, i - 1)]
    axes.plot(
        x, y, color=colour, label=short(course.profile.name), linewidth=1.4 if single else 1.7, zorder=3
    )
    if not single:
        axes.plot([x[i] for i in strides], [y[i] for i in strides], "o", color=colour, markersize=4, zorder=4)


def changes(along: Sequence[Step], i: int) -> bool:
    """Whether the jump behind a step is another than before it."""
    before = along[i - 1].jump if i else 1
    return along[i].jump is not None and along[i].jump != before


def legend(axes: Axes, theme: Theme) -> None:
    """The networks beside the axes, and what a dot means."""
    axes.plot([], [], "o", color=theme.muted, markersize=4, label="where the jump changes")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0)


def log_sizes(axes: Axes) -> None:
    """A logarithmic axis of sizes in plain numbers."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axes.set_yscale("log", base=2)
    axes.set_ylim(bottom=1)
    axes.yaxis.set_major_locator(FixedLocator([2**power for power in range(24)]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    axes.yaxis.set_minor_locator(NullLocator())


def starts_below(courses: Sequence[Course]) -> bool:
    """Whether the input's line is far above the start of the only network's."""
    return len(courses) == 1 and courses[0].size < FAR * courses[0].input_size


def references(axes: Axes, sizes: Sequence[int], theme: Theme, left: bool) -> None:
    """The inputs' sizes as lines across; one label, at the emptier end, for those that lie close together."""
    for size in sizes:
        axes.axhline(size, color=theme.muted, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    low, high = axes.get_ylim()
    scale = axes.get_yscale() == "log"
    axes.set_ylim(low, max(high, (1.6 if scale else 1.1) * max(sizes)))
    for group in close(axes, sizes):
        axes.annotate(
            f"input {', '.join(map(str, group))}",
            (0 if left else 1, group[-1]),
            xycoords=("axes fraction", "data"),
            xytext=(4 if left else -2, 2),
            textcoords="offset points",
            ha="left" if left else "right",
            color=theme.muted,
            fontsize=SMALL,
        )


def close(axes: Axes, sizes: Sequence[int]) -> list[list[int]]:
    """Sizes in rising order, those together whose labels would lie over each other."""
    height = axes.transAxes.inverted().transform
    at = {size: height(axes.transData.transform((0, size)))[1] for size in sizes}
    groups: list[list[int]] = []
    for size in sizes:
        if groups and at[size] - at[groups[-1][-1]] < LINE:
            groups[-1].append(size)
        else:
            groups.append([size])
    return groups


LINE = 0.07
"""A label's height and some air, in heights of the axes."""


def jumps(axes: Axes, course: Course, theme: Theme) -> None:
    """The stretches of equal jump between lines, each number above its stretch where it has room."""
    last = course.steps[-1].number
    stretches = list(equal_jumps(course.steps))
    room = last / 50
    above = axes.get_xaxis_transform()
    small: dict[str, Any] = {"fontsize": SMALL, "color": theme.muted}
    for i, (start, end, jump) in enumerate(stretches):
        if i:
            axes.axvline(start, color=theme.grid, linewidth=0.9, zorder=0)
        text = numbers.sizes([jump])
        if end - start >= room * (1 + len(text)):
            axes.text((start + end) / 2, ABOVE, text, transform=above, ha="center", **small)
    axes.text(-0.01, ABOVE, "jump", transform=axes.transAxes, ha="right", **small)


ABOVE = 1.03
"""Where the jumps stand, in heights of the axes: clear of the uppermost tick's label."""


def equal_jumps(along: Sequence[Step]) -> Iterator[tuple[float, float, object]]:
    """From which layer to which the outputs lie equally far apart, and how far."""
    start, jump = 0, 1
    for step in along:
        if step.jump is not None and step.jump != jump:
            yield start, step.number, jump
            start, jump = step.number, step.jump
    yield start, along[-1].number, jump


def marks(axes: Axes, course: Course, marked: Sequence[Seen], theme: Theme) -> None:
    """Dots at the layers that have a box on the input; small ones at the others where there are few."""
    if len(course.steps) <= NAMED:
        x, y = [step.number for step in course.steps], [step.size for step in course.steps]
        axes.plot(x, y, "o", color=theme.text, markersize=3, zorder=4)
    for one in marked:
        step = next((s for s in course.steps if s.size == one.size), None)
        if step and one.colour:
            axes.plot([step.number], [step.size], "o", color=one.colour, markersize=6, zorder=5)


def layer_axis(axes: Axes, courses: Sequence[Course]) -> None:
    """The layers by name where they are few and of one network, else by number."""
    from matplotlib.ticker import MaxNLocator

    along = courses[0].steps
    if len(courses) == 1 and len(along) <= NAMED:
        labels = {cost.name: row.label for row in fold(courses[0].profile) for cost in row.costs}
        named = [short(labels[step.cost.name]) for step in along]
        axes.set_xticks([step.number for step in along], named, rotation=90)
        axes.tick_params(axis="x", length=0)
        axes.set_xlim(0, along[-1].number + 0.5)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("layer along the main path (convolution, pooling, linear, attention)")
