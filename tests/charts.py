"""What tests ask of a chart: its texts, which of them overlap, and which are cut at the figure's edge."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

import cnncost
from cnncost import charts
from cnncost.charts.request import Request
from cnncost.charts.theme import themed

SLACK = 1.0
"""Pixels by which boxes may touch: a box is a little larger than the ink in it."""


def chart(kind: str, *names: str, **wanted: Any) -> Figure:
    """A chart as the command draws it, laid out."""
    request = Request(names, cnncost.profile, **wanted)
    figure = charts.figure(kind, request)
    with themed(request.theme):
        FigureCanvasAgg(figure).draw()
    return figure


def texts_of(figure: Figure) -> list[Text]:
    """Every text that is seen."""
    hidden = {id(text) for axes in figure.axes for text in unseen(axes)}
    texts = figure.findobj(Text)
    return [t for t in texts if t.get_visible() and t.get_text().strip() and id(t) not in hidden]


def unseen(axes: Axes) -> list[Text]:
    """The texts of hidden axes, and the labels of ticks that an earlier layout left or that lie beyond the limits."""
    if not axes.get_visible():
        return list(axes.findobj(Text))
    hidden = [] if axes.axison else [axes.xaxis.label, axes.yaxis.label]
    for axis in (axes.xaxis, axes.yaxis):
        drawn = axis._update_ticks() if axes.axison else []
        labels = [label for tick in drawn for label in (tick.label1, tick.label2)]
        ticks = [*axis.majorTicks, *axis.minorTicks]
        hidden += [label for tick in ticks for label in (tick.label1, tick.label2) if label not in labels]
    return hidden


def box(text: Text) -> Any:
    """Where a text stands, in pixels, without the line that leads to it."""
    return Text.get_window_extent(text)


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that lie over each other."""
    boxes = [(text.get_text(), box(text).padded(-SLACK)) for text in texts_of(figure)]
    return [(a, b) for (a, one), (b, other) in combinations(boxes, 2) if one.overlaps(other)]


def cut(figure: Figure) -> list[str]:
    """Texts that leave the figure."""
    whole = figure.bbox.padded(SLACK)
    return [
        text.get_text()
        for text in texts_of(figure)
        if not (whole.contains(*box(text).min) and whole.contains(*box(text).max))
    ]


def is_picture(path: Path) -> bool:
    """Whether a file is a whole PNG, SVG or PDF."""
    data = path.read_bytes()
    whole = {
        ".png": data.startswith(b"\x89PNG") and data.endswith(b"IEND\xaeB`\x82"),
        ".svg": data.startswith(b"<?xml") and data.rstrip().endswith(b"</svg>"),
        ".pdf": data.startswith(b"%PDF") and data.rstrip().endswith(b"%%EOF"),
    }
    return whole[path.suffix]
