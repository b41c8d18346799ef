"""What is in memory step by step, stacked by stage: the timeline of inference or of a training step."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from cnncost import numbers
from cnncost.charts import panels
from cnncost.charts.axes import ChartFigure, on_axes
from cnncost.charts.request import Request
from cnncost.charts.theme import SMALL, THEMES, Theme, points
from cnncost.count.memory import MemoryUse, memory_use
from cnncost.count.timeline import AGAIN, BACKWARD, Span
from cnncost.views.memory import amount, caption

MOST = 7
"""The most stages with a colour of their own; the smallest of more share one."""
OTHER, ALWAYS = "other stages", "weights"
GREY = 6
"""The place of grey among the colours of series; here it is that of weights and other stages."""
WIDTH, HEIGHT, NARROW = 9.6, 4.6, 6.0
"""Inches: the usual size, and the width up to which the legend is below."""


def figure(request: Request) -> ChartFigure:
    """The chart of one network, run as it is counted."""
    (profile,) = request.profiles
    use = memory_use(profile.graph, profile.batch, profile.dtype, profile.train)
    made = request.figure(request.across(WIDTH), HEIGHT)
    draw(use, made.subplots(), request.theme)
    panels.title_and_note(made, use.graph.name, caption(use), request.theme)
    return made


@on_axes(1.2, 1.2)
def draw(use: MemoryUse, axes: Axes, theme: Theme = THEMES["light"]) -> Axes:
    """Draw into Axes: weights at the bottom, then each stage's maps, and the peak.

    Args:
        use: a network and how it is run.
        axes: one Axes.
        theme: the colours.
    """
    line, count = use.timeline, len(use.timeline.events)
    unit = numbers.axis_unit(use.total_bytes, numbers.BYTE_UNITS)
    bands = {ALWAYS: [use.always_bytes] * count} | by_stage(use)
    coloured = [colour for i, colour in enumerate(theme.series) if i != GREY]
    colours = [theme.muted, *coloured][: len(bands)]
    if OTHER in bands:
        colours[list(bands).index(OTHER)] = theme.other
    below = [0.0] * (count + 1)
    edges = range(count + 1)
    for (stage, sizes), colour in zip(bands.items(), colours, strict=True):
        above = [low + size / unit.size for low, size in zip(below, [*sizes, sizes[-1]], strict=True)]
        axes.fill_between(edges, below, above, step="post", color=colour, linewidth=0, label=stage)
        below = above
    axes.set_xlim(0, count)
    axes.set_ylim(0, 1.22 * use.total_bytes / unit.size)
    axes.set_ylabel(f"in memory ({unit.symbol})")
    axes.set_xlabel("step" if not use.run.train else "step: forward, then backward")
    panels.even_ticks(axes.yaxis)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    mark_phases(use, axes, theme)
    mark_peak(use, axes, line.peak, use.total_bytes / unit.size, theme)
    handles, labels = axes.get_legend_handles_labels()
    short = [panels.short_name(label, 16) for label in labels[::-1]]
    if panels.width_of(axes) > NARROW:
        axes.legend(handles[::-1], short, loc="upper left", bbox_to_anchor=(1.01, 1))
    else:
        close = {"handlelength": 1.2, "columnspacing": 0.8}
        axes.legend(handles, short[::-1], loc="upper center", bbox_to_anchor=(0.42, -0.22), ncols=3, **close)
    return axes


def by_stage(use: MemoryUse) -> dict[str, list[int]]:
    """What each stage has in memory at each step; the smallest of many stages together."""
    spans: dict[str, list[Span]] = {}
    for span in use.timeline.spans:
        spans.setdefault(span.storage.stage, []).append(span)
    largest = sorted(spans, key=lambda stage: -max(use.timeline.added_up(spans[stage])))
    kept = set(largest if len(largest) <= MOST else largest[: MOST - 1])
    others = [span for stage in spans if stage not in kept for span in spans[stage]]
    found = {stage: use.timeline.added_up(spans[stage]) for stage in spans if stage in kept}
    return found | ({OTHER: use.timeline.added_up(others)} if others else {})


def mark_peak(use: MemoryUse, axes: Axes, step: int, height: float, theme: Theme) -> None:
    """Point at the peak, with its size and its layer."""
    right = step > len(use.timeline.events) / 2
    at = " at " if panels.width_of(axes) > NARROW else "\n"
    axes.annotate(
        f"{amount(use.total_bytes)}{at}{panels.short_name(use.peak_at)}",
        (step + 0.5, height),
        (4 if not right else -4, 10),
        textcoords="offset points",
        ha="right" if right else "left",
        fontsize=points(SMALL),
        color=theme.text,
        bbox={"facecolor": axes.get_facecolor(), "edgecolor": "none", "pad": 0.8},
    )
    axes.plot([step + 0.5], [height], marker="v", markersize=5, color=theme.text, clip_on=False)


def mark_phases(use: MemoryUse, axes: Axes, theme: Theme) -> None:
    """A line where the forward pass ends."""
    phases = [event.phase for event in use.timeline.events]
    first = next((i for i, phase in enumerate(phases) if phase in (BACKWARD, AGAIN)), None)
    if first is not None:
        axes.axvline(first, color=theme.muted, linewidth=0.8, linestyle=":")
