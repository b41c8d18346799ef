"""How charts look: colours that colour-blind people can distinguish, fonts and sizes, on light and on dark.

The colours of series are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), with other tones for
their yellow and blue, which are hard to see on one of the grounds. A colour means the same in every chart.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cnncost.errors import CnncostError, did_you_mean


@dataclass(frozen=True)
class Theme:
    """The colours of text, lines and ground; `series` are for networks, `other` for layers of no family."""

    name: str
    ground: str
    text: str
    muted: str
    grid: str
    other: str
    series: tuple[str, ...]

    @property
    def quantities(self) -> dict[str, str]:
        """The colour of each cost."""
        blue, orange, green = self.series[:3]
        return {"memory": green, "params": blue, "flops": orange, "macs": orange}

    @property
    def layers(self) -> dict[str, str]:
        """The colour of each family of layers."""
        blue, orange, green, _, sky, yellow, _, violet = self.series
        work = {"conv": yellow, "pool": orange, "linear": blue, "attention": violet}
        return work | {"norm": green, "merge": sky, "other": self.other}


THEMES = {
    theme.name: theme
    for theme in (
        Theme(
            *("light", "#ffffff", "#1a1a1a", "#5c5c5c", "#dddddd", "#9a9a9a"),
            ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#7f7f7f", "#8c6bb1"),
        ),
        Theme(
            *("dark", "#14171c", "#f0f0f0", "#a8adb5", "#33383f", "#8a9099"),
            ("#4aa8de", "#f28c38", "#2fc79a", "#e39ac4", "#8fd0f5", "#f2bd4a", "#b0b0b0", "#b39ddb"),
        ),
    )
}


def theme_named(name: str) -> Theme:
    """The theme with this name.

    Raises:
        CnncostError: there is none; the nearest name is given.
    """
    if name not in THEMES:
        hint = did_you_mean(name, THEMES) or f"; there are {' and '.join(THEMES)}"
        raise CnncostError(f"no theme `{name}`{hint}")
    return THEMES[name]


BODY, SMALL, TITLE = 9.0, 7.5, 11.0
"""Sizes of text in points, at the size in which a chart is made."""


@contextmanager
def themed(theme: Theme) -> Iterator[None]:
    """Matplotlib with this theme's settings, whatever the user's own are."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(settings(theme))
        yield


def settings(theme: Theme) -> Any:
    """The theme as matplotlib's settings; an SVG draws text as paths, which look the same everywhere."""
    return {
        "backend": "agg",
        "font.family": "DejaVu Sans",  # the one that comes with matplotlib
        "font.size": BODY,
        "axes.titlesize": BODY,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.labelsize": BODY,
        "axes.labelcolor": theme.muted,
        "axes.edgecolor": theme.muted,
        "axes.facecolor": theme.ground,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "figure.titlesize": TITLE,
        "figure.titleweight": "bold",
        "figure.facecolor": theme.ground,
        "figure.constrained_layout.use": True,
        "savefig.facecolor": theme.ground,
        "savefig.dpi": 200,
        "grid.color": theme.grid,
        "grid.linewidth": 0.6,
        "legend.fontsize": SMALL,
        "legend.frameon": False,
        "lines.linewidth": 1.6,
        "patch.linewidth": 0.8,
        "text.color": theme.text,
        "text.parse_math": False,  # a name with `$` is a name
        "xtick.color": theme.muted,
        "ytick.color": theme.muted,
        "xtick.labelcolor": theme.text,
        "ytick.labelcolor": theme.text,
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "svg.fonttype": "path",
        "svg.hashsalt": "cnncost",
        "pdf.fonttype": 42,
    }
