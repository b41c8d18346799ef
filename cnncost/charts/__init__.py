"""Charts of networks: each kind is a module with `figure` for a whole figure and `draw` for your own Axes.

>>> from cnncost.charts import layers
>>> axes = layers.draw(cnncost.profile("alexnet"), figure.subplots(1, 3))  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cnncost.charts.picture import ENDINGS, picture_ending, rendered, save
from cnncost.charts.request import Request
from cnncost.charts.theme import THEMES, Theme, theme_named, themed
from cnncost.errors import CnncostError, did_you_mean

__all__ = [
    "ENDINGS", "KINDS", "THEMES", "Request", "Theme", "bars", "bubble", "check_options", "depth",
    "diagram", "figure", "layers", "memory", "picture_ending", "receptive", "rendered", "roofline", "save",
    "scaling", "theme_named", "versus",
]  # fmt: skip


@dataclass(frozen=True)
class ChartKind:
    """What a kind of chart shows, how many networks it takes (None: no limit), and the options it reads."""

    shows: str
    fewest: int
    most: int | None
    options: tuple[str, ...]


COUNTING = ("input", "set", "convention", "batch", "dtype", "train")
"""The options that change what is counted."""

KINDS = {
    "layers": ChartKind("memory, params and FLOPs of each layer, side by side", 1, 1, ("depth", *COUNTING)),
    "versus": ChartKind(
        "the same for two networks on shared axes, with totals and ratios", 2, 2, ("depth", *COUNTING)
    ),
    "bubble": ChartKind(
        "accuracy against operations, area by parameters, over the catalogue", 0, None, ("quantity",)
    ),
    "depth": ChartKind(
        "top-5 error of the ImageNet challenge's leaders by year, and their depth", 0, None, ()
    ),
    "bars": ChartKind("totals of many networks, sorted", 0, None, ("quantity", *COUNTING)),
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
    with themed(request.theme):
        return importlib.import_module(f"cnncost.charts.{kind}").figure(request)


def how_many(fewest: int, most: int | None) -> str:
    """`one network`, `two networks`, `1 to 8 networks`, `one network or more`."""
    words = {1: "one network", 2: "two networks"}
    if most is None:
        return f"{words.get(fewest, f'{fewest} networks')} or more"
    return words[most] if fewest == most else f"{fewest} to {most} networks"
