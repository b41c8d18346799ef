"""What a chart is drawn on: figures with words, and a user's own Axes made ready."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnncost.charts.labels import axes_size
from cnncost.charts.theme import Theme, themed
from cnncost.errors import CnncostError

Draw = TypeVar("Draw", bound=Callable[..., Any])


class ChartFigure(Figure):
    """A figure that knows its title and what it shows in words; `titled`: whether the picture shows them."""

    def __init__(self, *args: Any, titled: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.titled = titled
        self.title = ""
        self.description = ""


def on_axes(width: float, height: float) -> Callable[[Draw], Draw]:
    """For a `draw` function: its second argument is Axes of at least these inches, which get the theme.

    The chart then looks the same under any settings of matplotlib. It raises a CnncostError for an Axes
    that is too small.
    """

    def decorate(draw: Draw) -> Draw:
        parameters = inspect.signature(draw)

        @wraps(draw)
        def drawn(*args: Any, **kwargs: Any) -> Any:
            given = parameters.bind(*args, **kwargs)
            given.apply_defaults()
            theme = given.arguments["theme"]
            with themed(theme):
                for axes in every_axes(given.arguments["axes"]):
                    require_room(axes, width * theme.scale, height * theme.scale)
                    dress(axes, theme)
                return draw(*args, **kwargs)

        return drawn  # type: ignore[return-value]

    return decorate


def every_axes(axes: Any) -> Iterator[Axes]:
    """The Axes in nested sequences."""
    if isinstance(axes, Axes):
        yield axes
    else:
        for part in axes:
            yield from every_axes(part)


def require_room(axes: Axes, width: float, height: float) -> None:
    """Refuse an Axes that is too small.

    Raises:
        CnncostError: it is.
    """
    there = [size / 72 for size in axes_size(axes)]
    if there[0] < width or there[1] < height:
        raise CnncostError(
            f"an Axes of {there[0]:.1f} by {there[1]:.1f} inches is too small for this chart: "
            f"it needs {width:.1f} by {height:.1f}; make the figure larger, or its text smaller"
        )


def dress(axes: Axes, theme: Theme) -> None:
    """Give an Axes the look of the theme, which matplotlib reads only when an Axes is made."""
    axes.set_facecolor(theme.ground)
    for side, spine in axes.spines.items():
        spine.set(edgecolor=theme.muted, linewidth=rcParams["axes.linewidth"])
        spine.set_visible(side in ("left", "bottom"))
    for place in ("left", "center", "right"):
        axes.set_title(axes.get_title(place), loc=place, color=theme.text)
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set(color=theme.muted, size=rcParams["axes.labelsize"], family=rcParams["font.family"])
        axis.label.set(usetex=False, parse_math=False, weight="normal")
        axis.grid(False)
    axes.tick_params(
        color=theme.muted, labelcolor=theme.text, labelsize=rcParams["xtick.labelsize"],
        labelfontfamily=rcParams["font.family"][0], grid_color=theme.grid,
        grid_linewidth=rcParams["grid.linewidth"], direction="out",
    )  # fmt: skip
