"""The architecture itself: feature maps to scale, branches and shortcuts, blocks that repeat opened once."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cnncost.charts.architecture.page import page_of
from cnncost.charts.architecture.shapes import EDGE, WIDTH, Box, Page, Point, Prism, Way, Word
from cnncost.charts.architecture.stands import SLANT
from cnncost.charts.families import FAMILY_NAMES
from cnncost.charts.request import Request
from cnncost.charts.theme import THEMES, Theme
from cnncost.count.profile import NetworkCost

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SCALE = (
    "Feature maps to scale by square roots: height √H, depth √W, thickness √C; "
    "a vector stands upright, √F high. ×n: n blocks alike."
)


def figure(request: Request) -> Figure:
    """The drawing of one network, or of one of its stages."""
    from matplotlib.figure import Figure

    (profile,) = request.profiles
    page = page_of(profile, measured, WIDTH, request.layer, request.depth)
    made = Figure(figsize=(page.width, page.height))
    made.set_layout_engine("none")
    paint(page, made.add_axes((0, 0, 1, 1)), request.theme)
    return made


def draw(
    profile: NetworkCost,
    axes: Axes,
    layer: str | None = None,
    depth: int | None = None,
    theme: Theme = THEMES["light"],
) -> Axes:
    """Draw into one Axes, which becomes a page as wide as it is now, without axis lines.

    Args:
        profile: the network.
        axes: at least about ten inches wide, so that a whole network is readable.
        layer: a stage or block to open, by its name.
        depth: columns by so many parts of the names.
        theme: the colours.

    Raises:
        NameUnknown: no layer of this name.
    """
    root = axes.get_figure(root=True)
    assert root is not None
    width = axes.get_window_extent().width / root.dpi
    return paint(page_of(profile, measured, width, layer, depth), axes, theme)


def measured(text: str, size: float, bold: bool) -> float:
    """The width of a text in inches, as it is drawn."""
    return sum(advance(letter, bold) for letter in text) * size / 72


@lru_cache(maxsize=1024)
def advance(letter: str, bold: bool) -> float:
    """How far a letter moves on, as a part of the font's size."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    font = get_font(findfont(FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")))
    font.set_size(100, 72)
    return float(font.load_char(ord(letter)).linearHoriAdvance) / 65536 / 100


def paint(page: Page, axes: Axes, theme: Theme) -> Axes:
    """A page onto Axes."""
    axes.set(xlim=(0, page.width), ylim=(page.height, 0), aspect="equal")
    axes.axis("off")
    painters = {Prism: prism, Box: box, Way: way, Word: word}
    for shape in page.shapes:
        painters[type(shape)](axes, shape, theme)  # type: ignore[operator]
    legend(page, axes, theme)
    return axes


def mixed(colour: str, ground: str, share: float) -> str:
    """A colour over the ground, as much of it as `share` says."""
    one, other = ([int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (colour, ground))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in zip(one, other, strict=True))


def colour_of(family: str, theme: Theme) -> str:
    """The colour of a family; the input has that of muted text."""
    return theme.layers.get(family, theme.muted)


def prism(axes: Axes, shape: Prism, theme: Theme) -> None:
    """A feature map: its front, its top and its right side."""
    from matplotlib.patches import Polygon

    colour = colour_of(shape.family, theme)
    x, y, w, h = shape.x, shape.y, shape.width, shape.height
    right, up = SLANT[0] * shape.depth, SLANT[1] * shape.depth
    top = [(x, y), (x + w, y), (x + w + right, y - up), (x + right, y - up)]
    side = [(x + w, y), (x + w + right, y - up), (x + w + right, y - up + h), (x + w, y + h)]
    front = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
    line = mixed(colour, theme.text, 0.55)
    for corners, share, name in ((top, 0.35, "top"), (side, 0.55, "side"), (front, 0.8, "map")):
        if name == "map" or shape.depth:
            face = mixed(colour, theme.ground, share)
            axes.add_patch(
                Polygon(corners, facecolor=face, edgecolor=line, lw=0.6, joinstyle="round", gid=name)
            )


def box(axes: Axes, shape: Box, theme: Theme) -> None:
    """A layer of an opened block, a merge's circle, or a frame."""
    from matplotlib.patches import Circle, FancyBboxPatch

    x, y, w, h = shape.x, shape.y, shape.width, shape.height
    colour = colour_of(shape.family, theme)
    look: dict[str, Any] = {"facecolor": mixed(colour, theme.ground, 0.3), "edgecolor": colour, "lw": 0.9}
    if not shape.family:
        look = {
            "facecolor": mixed(theme.grid, theme.ground, 0.25),
            "edgecolor": theme.grid,
            "lw": 0.8,
            "zorder": 0.5,
        }
    if shape.round:
        axes.add_patch(Circle((x + w / 2, y + h / 2), w / 2, gid="layer", **look | {"zorder": 2.5}))
    else:
        style = f"round,pad=0,rounding_size={min(0.05, w / 3, h / 3)}"
        axes.add_patch(
            FancyBboxPatch((x, y), w, h, boxstyle=style, gid="layer" if shape.family else "frame", **look)
        )


def way(axes: Axes, shape: Way, theme: Theme) -> None:
    """A line with its head."""
    from matplotlib.patches import FancyArrowPatch

    colour = theme.series[0] if shape.skip else theme.muted
    axes.add_patch(
        FancyArrowPatch(
            path=path_of(shape),
            arrowstyle="-|>,head_length=3.2,head_width=1.6" if shape.arrow else "-",
            color=colour,
            lw=0.7 if shape.faint else 1.0,
            ls=(0, (3, 2)) if shape.faint else "solid",
            shrinkA=0,
            shrinkB=0,
            zorder=1.5,
            joinstyle="round",
            gid="skip" if shape.skip else "edge",
        )
    )


def path_of(shape: Way) -> Any:
    """The line's path: straight, curved with level ends, or with rounded corners."""
    from matplotlib.path import Path

    points = shape.points
    if shape.curved:
        return curved(points)
    verts, codes = [points[0]], [Path.MOVETO]
    for before, corner, after in zip(points, points[1:-1], points[2:], strict=False):
        verts += [towards(corner, before), corner, towards(corner, after)]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return Path([*verts, points[-1]], [*codes, Path.LINETO])


def towards(corner: Point, end: Point, far: float = 0.07) -> Point:
    """A little way from a corner to the next one."""
    dx, dy = end[0] - corner[0], end[1] - corner[1]
    length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
    share = min(far / length, 0.5)
    return corner[0] + dx * share, corner[1] + dy * share


def curved(points: tuple[Point, ...]) -> Any:
    """A line that leaves and reaches each point level."""
    from matplotlib.path import Path

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


def word(axes: Axes, shape: Word, theme: Theme) -> None:
    """A text."""
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


def legend(page: Page, axes: Axes, theme: Theme) -> None:
    """The colours that occur, and the scale."""
    from matplotlib.patches import Rectangle

    found = {shape.family for shape in page.shapes if isinstance(shape, Prism | Box)}
    x, y = EDGE, page.height - EDGE
    for family, name in FAMILY_NAMES.items():
        if family in found:
            colour = theme.layers[family]
            axes.add_patch(
                Rectangle((x, y - 0.05), 0.1, 0.1, facecolor=colour, edgecolor="none", gid="legend")
            )
            axes.text(x + 0.15, y, name, fontsize=7, color=theme.text, va="center_baseline")
            x += 0.3 + measured(name, 7.0, False)
    if page.of(Prism):
        axes.text(
            page.width - EDGE, y, SCALE, fontsize=7, color=theme.muted, ha="right", va="center_baseline"
        )
