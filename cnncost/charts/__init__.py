"""Charts of networks: each kind is a module with `figure` for a whole figure and `draw` for your own Axes.

>>> from cnncost.charts import layers
>>> axes = layers.draw(cnncost.profile("alexnet"), figure.subplots(1, 3))  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnncost.charts.picture import ENDINGS, picture_ending, rendered, save
from cnncost.charts.request import Request, inches_of, sized
from cnncost.charts.theme import THEMES, Theme, styled, theme_named, themed, user_theme
from cnncost.errors import CnncostError, did_you_mean

__all__ = [
    "ENDINGS", "KINDS", "THEMES", "Request", "Theme", "bars", "bubble", "check_options", "depth",
    "diagram", "figure", "heat", "layers", "look", "memory", "pareto", "picture_ending", "receptive",
    "rendered", "roofline", "save", "scaling", "share", "theme_named", "types", "user_theme", "versus",
]  # fmt: skip


@dataclass(frozen=True)
class ChartKind:
    """What a kind of chart shows, how many networks it takes (None: no limit), and the options it reads."""

    shows: str
    fewest: int
    most: int | None
    options: tuple[str, ...]


MOST = 2000
"""The most networks of a chart: of more, no picture could be opened."""
COUNTING = ("input", "set", "convention", "batch", "dtype", "train")
"""The options that change what is counted."""

KINDS = {
    "layers": ChartKind("memory, params and FLOPs of each layer, side by side", 1, 1, ("depth", *COUNTING)),
    "versus": ChartKind(
        "two to four networks by stage on shared axes, aligned, with totals", 2, 4, ("depth", *COUNTING)
    ),
    "bubble": ChartKind(
        "accuracy against operations, area by parameters, over the catalogue",
        0,
        None,
        ("quantity", "sources"),
    ),
    "depth": ChartKind(
        "top-5 error of the ImageNet challenge's leaders by year, and their depth", 0, None, ()
    ),
    "pareto": ChartKind(
        "accuracy against any cost, with the networks that no cheaper one beats",
        0,
        None,
        ("quantity", "sources"),
    ),
    "bars": ChartKind("totals of many networks, sorted", 0, None, ("quantity", "top", "family", *COUNTING)),
    "share": ChartKind(
        "which part of the costs each stage, block and layer has, nested",
        1,
        1,
        ("quantity", "depth", *COUNTING),
    ),
    "types": ChartKind("the cost of each type of layer, across networks", 1, None, ("quantity", *COUNTING)),
    "heat": ChartKind(
        "layers by cost, or stages by network, as a map of colours", 1, None, ("quantity", "depth", *COUNTING)
    ),
    "receptive": ChartKind(
        "the receptive field along the depth, and as boxes on the input", 1, 8, ("layer", "input", "set")
    ),
    "roofline": ChartKind(
        "each layer under a device's roofline, measured where it was",
        *(1, 1, ("device", "input", "set", "batch", "dtype", "train")),
    ),
    "scaling": ChartKind(
        "cost against the input's size or a param of the spec", 1, None, ("over", "quantity", *COUNTING)
    ),
    "memory": ChartKind(
        "what is in memory step by step, stacked by stage, and the peak",
        *(1, 1, ("input", "set", "batch", "dtype", "train")),
    ),
    "diagram": ChartKind(
        "the architecture: feature maps to scale, branches and shortcuts", 1, 1, ("layer", "depth", *COUNTING)
    ),
}
"""Each kind is the module of its name in this package, which is imported when one is drawn."""


def __getattr__(name: str) -> Any:
    if name in KINDS:
        return importlib.import_module(f"cnncost.charts.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def kind_named(name: str) -> ChartKind:
    """The kind of chart with this name.

    Raises:
        CnncostError: there is none; the nearest name is given.
    """
    if name not in KINDS:
        hint = did_you_mean(name, KINDS) or f"; there are {', '.join(KINDS)}"
        raise CnncostError(f"no chart `{name}`{hint}")
    return KINDS[name]


def check_options(kind: str, given: Iterable[str]) -> None:
    """Refuse options that a kind does not read.

    Raises:
        CnncostError: it does not read one of them.
    """
    known = kind_named(kind).options
    for option in given:
        if option not in known:
            others = ", ".join(f"--{name}" for name in known) or "none"
            raise CnncostError(f"chart {kind}: --{option} does not apply here; options that do: {others}")


def figure(kind: str, request: Request) -> Any:
    """A chart as a matplotlib Figure, in its theme.

    Raises:
        CnncostError: an unknown kind, too few or too many networks, or something the kind cannot show.
    """
    found, count = kind_named(kind), len(request.names)
    if count < found.fewest or (found.most is not None and count > found.most):
        raise CnncostError(f"chart {kind}: takes {how_many(found.fewest, found.most)}, got {count}")
    if count > MOST:
        raise CnncostError(f"chart {kind}: takes at most {MOST} networks, got {count}")
    with themed(request.theme):
        made = importlib.import_module(f"cnncost.charts.{kind}").figure(request)
    if not request.title and made.description:
        request.notes.append(f"for the caption: {made.description}")
    return made


def look(
    theme: str, width: str | float | None, font: float | None, style: Path | None
) -> tuple[Theme, float | None]:
    """The theme and the width in inches that some options ask for.

    Raises:
        CnncostError: an unknown theme, a width or a size of text that cannot be, or no style file.
    """
    inches = None if width is None else inches_of(width)
    found = theme_named(theme)
    found = styled(found, style) if style else found
    return sized(found, inches if not (style and found.style.get("font.size")) else None, font), inches


def how_many(fewest: int, most: int | None) -> str:
    """`one network`, `two to four networks`, `1 to 8 networks`, `one network or more`."""
    words = {1: "one network"}
    if most is None:
        return f"{words.get(fewest, f'{fewest} networks')} or more"
    return words[most] if fewest == most else f"{fewest} to {most} networks"
