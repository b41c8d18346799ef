"""How charts look: colours that colour-blind people can distinguish, fonts and sizes, on light and on dark.

The colours of series are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), with other tones for
their yellow and blue, which are hard to see on one of the grounds. A colour means the same in every chart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cnncost.errors import CnncostError, did_you_mean


@dataclass(frozen=True)
class Theme:
    """The colours of text, lines and ground; `series` are for networks, `other` for layers of no family.

    `font` is the size of text in points; `style` has further settings of matplotlib, from a style file.
    """

    name: str
    ground: str
    text: str
    muted: str
    grid: str
    other: str
    series: tuple[str, ...]
    font: float = 9.0
    style: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def scale(self) -> float:
        """How much larger than usual its text is."""
        return self.font / BODY

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
"""Sizes of text in points, in a chart of the usual width."""
LEAST_FONT = 7.2
"""Points: with body text of this size, the smallest text has 6 points."""


def points(size: float) -> float:
    """A size in points, in the theme in use."""
    from matplotlib import rcParams

    return size * float(rcParams["font.size"]) / BODY


def ink(ground: Any) -> str:
    """Black or white, whichever is easier to read on a colour."""
    from matplotlib.colors import to_rgb

    red, green, blue = (part**2.2 for part in to_rgb(ground))
    return "#111111" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.19 else "#ffffff"


@contextmanager
def themed(theme: Theme) -> Iterator[None]:
    """Matplotlib with this theme's settings, whatever the user's own are."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(settings(theme))
        yield


def styled(theme: Theme, path: Path) -> Theme:
    """A theme with the settings and the colours of a style file of matplotlib.

    Raises:
        CnncostError: the file cannot be read, or is no style file.
    """
    import logging

    from matplotlib import rc_params_from_file

    if not path.is_file():
        raise CnncostError(f"--style {path}: there is no such file")
    log = logging.getLogger("matplotlib")
    level = log.level
    log.setLevel(logging.CRITICAL)  # it warns of each line that it cannot read; here that is an error
    try:
        found = dict(rc_params_from_file(path, use_default_template=False))
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise CnncostError(f"--style {path}: {str(error).splitlines()[0]}") from None
    finally:
        log.setLevel(level)
    if not found:
        raise CnncostError(f"--style {path}: no setting of matplotlib in it, such as `font.size: 8`")
    return with_settings(theme, found)


def user_theme() -> Theme:
    """The style that is in use: what the user's settings of matplotlib change in its defaults.

    >>> plt.style.use("ggplot")  # doctest: +SKIP
    >>> layers.draw(profile, axes, theme=user_theme())  # doctest: +SKIP
    """
    from matplotlib import rcParams, rcParamsDefault

    changed = {key: value for key, value in rcParams.items() if value != rcParamsDefault[key]}
    return with_settings(THEMES["light"], changed)


def with_settings(theme: Theme, found: Any) -> Theme:
    """A theme with the colours, the size of text and the other settings of matplotlib that are given."""
    from matplotlib.colors import to_hex

    cycle = found.get("axes.prop_cycle")
    colours = [to_hex(colour) for colour in cycle.by_key().get("color", ())] if cycle else []
    given = {
        "ground": found.get("figure.facecolor", found.get("axes.facecolor")),
        "text": found.get("text.color"),
        "muted": found.get("axes.labelcolor", found.get("xtick.color")),
        "grid": found.get("grid.color"),
    }
    changed = {key: to_hex(colour) for key, colour in given.items() if colour is not None}
    return replace(
        theme,
        **changed,
        series=(*colours, *theme.series[len(colours) :]),
        font=max(float(found.get("font.size", theme.font)), LEAST_FONT),
        style={key: value for key, value in found.items() if not key.startswith(OWN)},
    )


OWN = ("backend", "font.size", "figure.figsize", "figure.constrained", "figure.autolayout", "savefig.bbox")
"""Settings of a style file that would break the layout of a chart; the font's size is in the theme."""


def settings(theme: Theme) -> Any:
    """The theme as matplotlib's settings; the text of an SVG is text, which can be searched and copied."""
    body, small = theme.font, SMALL * theme.scale
    return {
        "backend": "agg",
        "font.family": "DejaVu Sans",  # the one that comes with matplotlib
        "font.size": body,
        "axes.titlesize": body,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.labelsize": body,
        "axes.labelcolor": theme.muted,
        "axes.edgecolor": theme.muted,
        "axes.facecolor": theme.ground,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "figure.titlesize": TITLE * theme.scale,
        "figure.titleweight": "bold",
        "figure.facecolor": theme.ground,
        "figure.constrained_layout.use": True,
        "savefig.facecolor": theme.ground,
        "savefig.dpi": 200,
        "grid.color": theme.grid,
        "grid.linewidth": 0.6,
        "legend.fontsize": small,
        "legend.frameon": False,
        "lines.linewidth": 1.6,
        "patch.linewidth": 0.8,
        "text.color": theme.text,
        "text.parse_math": False,  # a name with `$` is a name
        "xtick.color": theme.muted,
        "ytick.color": theme.muted,
        "xtick.labelcolor": theme.text,
        "ytick.labelcolor": theme.text,
        "xtick.labelsize": small,
        "ytick.labelsize": small,
        "svg.fonttype": "none",
        "svg.hashsalt": "cnncost",
        "pdf.fonttype": 42,
        **theme.style,
    }
