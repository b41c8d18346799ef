"""What tests ask of a chart: its texts, which of them overlap, and which are cut at the figure's edge."""

from __future__ import annotations

from functools import cache, lru_cache, partial
from itertools import combinations
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

import cnncost
from cnncost import charts
from cnncost.charts.request import Request
from cnncost.charts.theme import THEMES, Theme, themed

SLACK = 1.0
"""Pixels by which boxes may touch: a box is a little larger than the ink in it."""


def chart(kind: str, *names: str, theme: Theme = THEMES["light"], **wanted: Any) -> Figure:
    """A chart as the command draws it, laid out but without pixels; one of the catalogue is drawn once."""
    files = any(name.endswith(".yaml") for name in names) or wanted.keys() & {"notes", "device"}
    draw = drawn if files else drawn_once
    return draw(kind, names, theme.name, **wanted)


def drawn(
    kind: str, names: tuple[str, ...], theme: str, profile: Any = cnncost.profile, **wanted: Any
) -> Figure:
    """A chart, laid out: its texts have the places that they have in a file."""
    request = Request(names, profile, THEMES[theme], **wanted)
    figure = charts.figure(kind, request)
    with themed(request.theme):
        figure.draw_without_rendering()
    return figure


profiled = cache(cnncost.profile)
"""The profile of a network of the catalogue, counted once in a test run."""
drawn_once = lru_cache(maxsize=40)(partial(drawn, profile=profiled))


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


@lru_cache(maxsize=2)
def boxes_of(figure: Figure) -> list[tuple[str, Any]]:
    """Each text, and its position in pixels without the line that leads to it."""
    return [(text.get_text(), Text.get_window_extent(text)) for text in texts_of(figure)]


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that lie over each other."""
    boxes = [(text, box.padded(-SLACK)) for text, box in boxes_of(figure)]
    return [(a, b) for (a, one), (b, other) in combinations(boxes, 2) if one.overlaps(other)]


def cut(figure: Figure) -> list[str]:
    """Texts that leave the figure."""
    whole = figure.bbox.padded(SLACK)
    return [
        text for text, box in boxes_of(figure) if not (whole.contains(*box.min) and whole.contains(*box.max))
    ]


def is_picture(path: Path) -> bool:
    """Whether a file is a whole PNG, SVG, PDF or PGF."""
    data = path.read_bytes()
    whole = {
        ".png": data.startswith(b"\x89PNG") and data.endswith(b"IEND\xaeB`\x82"),
        ".svg": data.startswith(b"<?xml") and data.rstrip().endswith(b"</svg>"),
        ".pgf": data.startswith(b"%% Made by cnncost") and data.endswith(b"\\endgroup%\n"),
        ".pdf": data.startswith(b"%PDF") and data.rstrip().endswith(b"%%EOF"),
    }
    return whole[path.suffix]
