"""The architecture: feature maps to scale, branches and shortcuts, and one of each repeated block opened."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Polygon, Rectangle
from matplotlib.path import Path

from cnncost.charts.architecture import Box, Drawing, Prism, Way, Word, page_of
from cnncost.charts.architecture.maps import SLANT
from cnncost.charts.architecture.page import legend_size, scale_lines
from cnncost.charts.architecture.shapes import EDGE, WIDTH, Point
from cnncost.charts.architecture.text import LINE, text_width
from cnncost.charts.axes import ChartFigure, on_axes
from cnncost.charts.families import FAMILY_NAMES
from cnncost.charts.labels import axes_size
from cnncost.charts.request import Request
from cnncost.charts.theme import THEMES, Theme
from cnncost.count.profile import NetworkCost


def figure(request: Request) -> ChartFigure:
    """The drawing of one network, or of one of its stages."""
    (profile,) = request.profiles
    width = request.width or WIDTH * request.theme.scale
    page = page_of(profile, width, request.layer, request.depth, request.theme.font, request.title)
    made = ChartFigure(figsize=(page.width, page.height), titled=request.title)
    made.set_layout_engine("none")
    paint(page, made.add_axes((0, 0, 1, 1)), request.theme)
    made.title, made.description = page.title, "\n".join([page.facts, *page.words_of_parts])
    return made


@on_axes(2.4, 1)
def draw(
    profile: NetworkCost,
    axes: Axes,
    layer: str | None = None,
    depth: int | None = None,
    theme: Theme = THEMES["light"],
) -> Axes:
    """Draw into one Axes, which becomes a page of its present width, without axis lines.

    Args:
        profile: the network.
        axes: at least about ten inches wide, so that a whole network is readable.
        layer: a stage or block to open, by its name.
        depth: columns by the first N parts of layer names; 0 for one column per layer.
        theme: the colours.

    Raises:
        NameUnknown: there is no layer of this name.
    """
    width = axes_size(axes)[0] / 72
    return paint(page_of(profile, width, layer, depth, theme.font), axes, theme)


def paint(page: Drawing, axes: Axes, theme: Theme) -> Axes:
    """Draw a page onto Axes."""
    axes.set(xlim=(0, page.width), ylim=(page.height, 0), aspect="equal")
    axes.axis("off")
    painters = {Prism: draw_prism, Box: draw_box, Way: draw_way, Word: draw_word}
    for shape in page.shapes:
        painters[type(shape)](axes, shape, theme)  # type: ignore[operator]
    draw_legend(page, axes, theme)
    return axes


def mixed(colour: str, ground: str, share: float) -> str:
    """A mixture of two colours, with this share of the first."""
    one, other = ([int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (colour, ground))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in zip(one, other, strict=True))


def draw_prism(axes: Axes, shape: Prism, theme: Theme) -> None:
    """Draw a feature map: its top, its right side and its front; the input is in the colour of muted text."""
    colour = theme.layers.get(shape.family, theme.muted)
    x, y, w, h = shape.x, shape.y, shape.width, shape.height
    right, up = SLANT[0] * shape.depth, SLANT[1] * shape.depth
    top = [(x, y), (x + w, y), (x + w + right, y - up), (x + right, y - up)]
    side = [(x + w, y), (x + w + right, y - up), (x + w + right, y - up + h), (x + w, y + h)]
    front = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
    line: dict[str, Any] = {"edgecolor": mixed(colour, theme.text, 0.55), "lw": 0.6, "joinstyle": "round"}
    for corners, share, name in ((top, 0.35, "top"), (side, 0.55, "side"), (front, 0.8, "map")):
        if name == "map" or shape.depth:
            face = mixed(colour, theme.ground, share)
            axes.add_artist(Polygon(corners, facecolor=face, gid=name, **line))


def draw_box(axes: Axes, shape: Box, theme: Theme) -> None:
    """Draw a layer of an opened block, a merge's circle, or a frame."""
    x, y, w, h = shape.x, shape.y, shape.width, shape.height
    if shape.family:
        colour = theme.layers[shape.family]
        look: dict[str, Any] = {"facecolor": mixed(colour, theme.ground, 0.3), "edgecolor": colour, "lw": 0.9}
    else:
        face = mixed(theme.grid, theme.ground, 0.25)
        look = {"facecolor": face, "edgecolor": theme.grid, "lw": 0.8, "zorder": 0.5}
    if shape.round:
        axes.add_artist(Circle((x + w / 2, y + h / 2), w / 2, gid="layer", **look | {"zorder": 2.5}))
    else:
        style = f"round,pad=0,rounding_size={min(0.05, w / 3, h / 3)}"
        name = "layer" if shape.family else "frame"
        axes.add_artist(FancyBboxPatch((x, y), w, h, boxstyle=style, gid=name, **look))


def draw_way(axes: Axes, shape: Way, theme: Theme) -> None:
    """Draw a line, with an arrow at its end."""
    axes.add_artist(
        FancyArrowPatch(
            path=curved(shape.points) if shape.curved else with_round_corners(shape.points),
            arrowstyle="-|>,head_length=3.2,head_width=1.6" if shape.arrow else "-",
            color=theme.series[0] if shape.skip else theme.muted,
            lw=0.7 if shape.faint else 1.0,
            ls=(0, (3, 2)) if shape.faint else "solid",
            shrinkA=0,
            shrinkB=0,
            zorder=1.5,
            joinstyle="round",
            gid="skip" if shape.skip else "edge",
        )
    )


def with_round_corners(points: tuple[Point, ...]) -> Path:
    """A path of straight lines with rounded corners."""

    def towards(corner: Point, end: Point) -> Point:
        dx, dy = end[0] - corner[0], end[1] - corner[1]
        share = min(0.07 / max((dx * dx + dy * dy) ** 0.5, 1e-9), 0.5)
        return corner[0] + dx * share, corner[1] + dy * share

    verts, codes = [points[0]], [Path.MOVETO]
    for before, corner, after in zip(points, points[1:-1], points[2:], strict=False):
        verts += [towards(corner, before), corner, towards(corner, after)]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return Path([*verts, points[-1]], [*codes, Path.LINETO])


def curved(points: tuple[Point, ...]) -> Path:
    """A path that is level at each point."""
    verts, codes = [points[0]], [Path.MOVETO]
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(y0 - y1) < 0.004:
            verts.append((x1, y1))
            codes.append(Path.LINETO)
        else:
            half = (x0 + x1) / 2
            verts += [(half, y0), (half, y1), (x1, y1)]
            codes += [Path.CURVE4] * 3
    return Path(verts, codes)


def draw_word(axes: Axes, shape: Word, theme: Theme) -> None:
    """Draw a text."""
    axes.text(
        shape.x,
        shape.y,
        shape.text,
        fontsize=shape.size,
        fontweight="bold" if shape.bold else "normal",
        color=theme.muted if shape.muted else theme.text,
        ha=shape.across,
        va="center" if shape.upright else "center_baseline",
        rotation=90 if shape.upright else 0,
        rotation_mode="default",
        zorder=3,
    )


def draw_legend(page: Drawing, axes: Axes, theme: Theme) -> None:
    """Explain the colours and the scale at the bottom."""
    present = {shape.family for shape in page.shapes if isinstance(shape, Prism | Box)}
    size = legend_size(page.font)
    x, y = EDGE, page.height - EDGE
    small: dict[str, Any] = {"fontsize": size, "va": "center_baseline"}
    for family, name in FAMILY_NAMES.items():
        if family in present:
            square = {"facecolor": theme.layers[family], "edgecolor": "none", "gid": "legend"}
            axes.add_artist(Rectangle((x, y - 0.05), 0.1, 0.1, **square))  # type: ignore[arg-type]
            axes.text(x + 0.15, y, name, color=theme.text, **small)
            x += 0.3 + text_width(name, size)
    if page.of(Prism):
        for line in reversed(scale_lines(page.width, page.font)):
            y -= size * LINE
            axes.text(EDGE, y, line, color=theme.muted, **small)
