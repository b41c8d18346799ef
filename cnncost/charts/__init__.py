"""Charts: one file a kind, each a function of Axes and profiles; matplotlib is imported when one is drawn.

>>> from cnncost.charts import layers
>>> axes = layers.draw(cnncost.profile("alexnet"))  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from cnncost.charts.request import Request
from cnncost.charts.theme import themed
from cnncost.errors import CnncostError, did_you_mean

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = {
    "layers": "memory, params and FLOPs of each layer, side by side",
    "versus": "the same for two networks on shared axes, with totals and ratios",
    "bubble": "accuracy against operations, area by parameters, over the catalogue",
    "depth": "top-5 error of the ImageNet challenge's leaders by year, and their depth",
    "bars": "totals of many networks, sorted",
    "receptive": "the receptive field along the depth, and as boxes on the input",
    "roofline": "each layer under a device's roofline, measured where it was",
    "scaling": "cost against the input's size or a param of the spec",
    "diagram": "the architecture: feature maps to scale, branches and shortcuts",
}
"""Each is a module of this package with `figure`, NETWORKS, the fewest and the most that it takes, and READS,
the options that mean something to it."""


def kind_named(name: str) -> Any:
    """The module of a kind of chart.

    Raises:
        CnncostError: there is no such kind; the nearest is named.
    """
    if name not in KINDS:
        hint = did_you_mean(name, KINDS) or f"; there are {', '.join(KINDS)}"
        raise CnncostError(f"no chart `{name}`{hint}")
    return importlib.import_module(f"cnncost.charts.{name}")


def check_options(kind: str, given: Iterable[str]) -> None:
    """Refuse options that a kind would pass over.

    Raises:
        CnncostError: one of them means nothing to it.
    """
    reads = kind_named(kind).READS
    for option in given:
        if option not in reads:
            known = ", ".join(f"--{name}" for name in reads) or "no option of this sort"
            raise CnncostError(f"chart {kind}: --{option} means nothing here; it reads {known}")


def figure(kind: str, request: Request) -> Figure:
    """A chart as a figure of its own, in its theme.

    Raises:
        CnncostError: an unknown kind, too few or too many networks, or what the kind cannot show.
    """
    module = kind_named(kind)
    fewest, most = module.NETWORKS
    count = len(request.names)
    if not fewest <= count <= most:
        raise CnncostError(f"chart {kind}: takes {how_many(fewest, most)}, got {count}")
    with themed(request.theme):
        made: Figure = module.figure(request)
        return made


def how_many(fewest: int, most: int) -> str:
    """`one network`, `two networks`, `2 networks or more`."""
    words = {0: "no network", 1: "one network", 2: "two networks"}
    if fewest == most:
        return words.get(most, f"{most} networks")
    return (
        f"{words.get(fewest, f'{fewest} networks')} or more"
        if most >= MANY
        else f"{fewest} to {most} networks"
    )


MANY = 1000
"""More networks than anyone names: what takes any number takes so many."""
