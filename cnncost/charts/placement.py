"""Where labels go: next to their points, or along a line, without overlapping or leaving the chart.

Plain geometry in any unit of length; charts use points of 1/72 inch.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

GAP = 2.0
"""The distance between a disc and its label."""
TURNS = (0, 1, -1, 2, -2, 3, -3, 4)
"""The directions in which a label is tried first, in eighths of a turn from the right."""
RINGS = (10.0, 16.0, 23.0, 31.0, 40.0, 50.0, 61.0, 73.0, 86.0, 100.0)
"""The distances from the disc at which a label with a leader line is tried."""
SPOKES = 24
CLEAR = 3.0
"""No label covers a circle of this radius around a disc's centre."""


@dataclass(frozen=True)
class Disc:
    """A disc and the size of its label; a label that is not `needed` may be left out."""

    x: float
    y: float
    radius: float
    width: float
    height: float
    needed: bool = True


@dataclass(frozen=True)
class LabelBox:
    """A rectangle that a label takes."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def top(self) -> float:
        """The upper edge."""
        return self.bottom + self.height

    def overlaps(self, other: LabelBox) -> bool:
        """Whether two boxes share an area."""
        beside = self.right <= other.left or other.right <= self.left
        return not (beside or self.top <= other.bottom or other.top <= self.bottom)

    def inside(self, other: LabelBox) -> bool:
        """Whether this box is inside the other."""
        across = other.left <= self.left and self.right <= other.right
        return across and other.bottom <= self.bottom and self.top <= other.top

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """The point of the box nearest to (x, y)."""
        return min(max(x, self.left), self.right), min(max(y, self.bottom), self.top)

    def distance(self, x: float, y: float) -> float:
        """The distance from a point to the box."""
        near = self.nearest(x, y)
        return math.hypot(near[0] - x, near[1] - y)

    def crossed(self, line: Line) -> bool:
        """Whether a line passes through the box (Liang and Barsky's clipping)."""
        (x, y), (end_x, end_y) = line
        first, last = 0.0, 1.0
        for step, low, high in (
            (end_x - x, self.left - x, self.right - x),
            (end_y - y, self.bottom - y, self.top - y),
        ):
            if step == 0:
                if not low < 0 < high:
                    return False
                continue
            enter, leave = sorted((low / step, high / step))
            first, last = max(first, enter), min(last, leave)
        return first < last


Line = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class LabelSpot:
    """A place for a label, with a leader line if it is not next to its disc."""

    box: LabelBox
    leader: Line | None = None


def place_labels(
    discs: Sequence[Disc], frame: LabelBox, around: Sequence[Disc] | None = None
) -> list[LabelSpot | None]:
    """A place for each label, in order; None where there is none. `around` are all discs, if some have none.

    A needed label goes next to its disc and covers as few other discs as possible, or farther off with
    a leader line. Any other label goes next to its disc without covering another, or is left out.
    """
    taken: list[LabelSpot] = []
    spots: list[LabelSpot | None] = []
    for disc in discs:
        spot = best_spot(disc, around or discs, taken, frame)
        spots.append(spot)
        if spot is not None:
            taken.append(spot)
    return spots


def best_spot(
    disc: Disc, discs: Sequence[Disc], taken: Sequence[LabelSpot], frame: LabelBox
) -> LabelSpot | None:
    """The best free place of a label."""
    near = [spot for spot in spots_beside(disc) if is_free(spot, disc, discs, taken, frame)]
    for spot in near:
        if not discs_covered(spot, disc, discs):
            return spot
    if not disc.needed:
        return None
    far = [spot for spot in spots_around(disc) if is_free(spot, disc, discs, taken, frame)]
    return min([*near, *far], key=lambda spot: awkwardness(spot, disc, discs), default=None)


def spots_beside(disc: Disc) -> Iterator[LabelSpot]:
    """The places that touch the disc."""
    for eighth in TURNS:
        yield LabelSpot(label_box(disc, disc.radius + GAP, eighth * math.pi / 4))


def spots_around(disc: Disc) -> Iterator[LabelSpot]:
    """The places farther off, nearest first, each with its leader line."""
    for ring in RINGS:
        for spoke in range(SPOKES):
            box = label_box(disc, disc.radius + ring, 2 * math.pi * spoke / SPOKES)
            yield LabelSpot(box, ((disc.x, disc.y), box.nearest(disc.x, disc.y)))


def label_box(disc: Disc, distance: float, angle: float) -> LabelBox:
    """The label's box in a direction from the disc: it touches the circle of radius `distance`."""
    across, up = math.cos(angle), math.sin(angle)
    x, y = disc.x + distance * across, disc.y + distance * up
    return LabelBox(
        x - disc.width * (1 - across) / 2, y - disc.height * (1 - up) / 2, disc.width, disc.height
    )


def is_free(
    spot: LabelSpot, disc: Disc, discs: Sequence[Disc], taken: Sequence[LabelSpot], frame: LabelBox
) -> bool:
    """Whether a place is inside the frame, and neither it nor its leader line meets another label."""
    if not spot.box.inside(frame):
        return False
    if any(spot.box.overlaps(other.box) for other in taken):
        return False
    if any(other.leader and spot.box.crossed(other.leader) for other in taken):
        return False
    centres = [(other, min(other.radius, CLEAR)) for other in discs if other is not disc]
    if any(spot.box.distance(other.x, other.y) < clear for other, clear in centres):
        return False
    line = spot.leader
    return line is None or not any(
        other.box.crossed(line) or (other.leader and lines_cross(other.leader, line)) for other in taken
    )


def discs_covered(spot: LabelSpot, disc: Disc, discs: Sequence[Disc]) -> int:
    """How many other discs a label covers."""
    return sum(other is not disc and spot.box.distance(other.x, other.y) < other.radius for other in discs)


def awkwardness(spot: LabelSpot, disc: Disc, discs: Sequence[Disc]) -> float:
    """How poor a free place is: it grows with the discs covered and the length of the leader line."""
    reach = spot.box.distance(disc.x, disc.y) - disc.radius
    return 14 * discs_covered(spot, disc, discs) + (8 + reach if spot.leader else 0)


def lines_cross(one: Line, other: Line) -> bool:
    """Whether two lines cross."""

    def side(line: Line, point: tuple[float, float]) -> float:
        (x, y), (end_x, end_y) = line
        return (end_x - x) * (point[1] - y) - (end_y - y) * (point[0] - x)

    apart = side(one, other[0]) * side(one, other[1]) >= 0 or side(other, one[0]) * side(other, one[1]) >= 0
    return not apart


def spaced(wanted: Sequence[float], pull: Sequence[float], room: Sequence[float]) -> list[float]:
    """The places nearest to those wanted, in their order and with at least `room` between neighbours.

    Nearest by least squares, weighted by `pull`: neighbours that would change their order share the
    place that suits both best (pool adjacent violators).
    """
    offset = [0.0]
    for r in room:
        offset.append(offset[-1] + r)
    pools: list[tuple[float, float, int]] = []
    for want, weigh, off in zip(wanted, pull, offset, strict=True):
        value, total, count = want - off, weigh, 1
        while pools and pools[-1][0] > value:
            v, t, c = pools.pop()
            value, total, count = (v * t + value * total) / (t + total), t + total, c + count
        pools.append((value, total, count))
    flat = [value for value, _, count in pools for _ in range(count)]
    return [value + off for value, off in zip(flat, offset, strict=True)]


def spaced_out(wanted: Sequence[float], gap: float, high: float = 1) -> list[float]:
    """The places nearest to those wanted with a gap between any two, from 0 to `high` if there is room."""
    order = sorted(range(len(wanted)), key=lambda at: wanted[at])
    steps = [rank * gap for rank in range(len(wanted))]
    free = spaced([wanted[at] for at in order], [1.0] * len(order), [gap] * (len(order) - 1))
    room = max(0.0, high - gap * (len(wanted) - 1))
    found = [0.0] * len(wanted)
    for at, place, step in zip(order, free, steps, strict=True):
        found[at] = min(max(place - step, 0.0), room) + step
    return found
