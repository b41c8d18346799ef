"""Where the labels of points go: beside them, without lying over each other or leaving the chart.

Plain geometry in any unit of length; a chart gives points of 1/72 inch.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

GAP = 2.0
"""Between a disc and its label."""
TURNS = (0, 1, -1, 2, -2, 3, -3, 4)
"""Where a label is tried first, in eighths of a turn: right, right above and below, above, below, left."""
RINGS = (10.0, 16.0, 23.0, 31.0, 40.0, 50.0, 61.0, 73.0, 86.0, 100.0)
"""How far from the disc a label is tried that needs a leader line."""
SPOKES = 24
CLEAR = 3.0
"""Around a disc's centre: no label covers it, however large the disc is."""


@dataclass(frozen=True)
class Disc:
    """A disc at a place, and the size of its label; a label that is not `needed` may be left out."""

    x: float
    y: float
    radius: float
    width: float
    height: float
    needed: bool = True


@dataclass(frozen=True)
class Box:
    """A rectangle with its axes."""

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

    def overlaps(self, other: Box) -> bool:
        """Whether two boxes share an area."""
        beside = self.right <= other.left or other.right <= self.left
        return not (beside or self.top <= other.bottom or other.top <= self.bottom)

    def inside(self, other: Box) -> bool:
        """Whether this box leaves the other nowhere."""
        across = other.left <= self.left and self.right <= other.right
        return across and other.bottom <= self.bottom and self.top <= other.top

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """The point of the box that is nearest to a point."""
        return min(max(x, self.left), self.right), min(max(y, self.bottom), self.top)

    def distance(self, x: float, y: float) -> float:
        """From a point to the box."""
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
class Spot:
    """Where a label stands, and the leader line to it where it does not stand beside its disc."""

    box: Box
    leader: Line | None = None


def place(discs: Sequence[Disc], frame: Box) -> list[Spot | None]:
    """A place for each label, the first disc's first; None where there is none.

    A label that is needed stands beside its disc over as few other discs as can be, else farther off
    with a leader line. Any other label stands beside its disc clear of all others, or not at all. The
    same discs give the same places.
    """
    taken: list[Spot] = []
    spots: list[Spot | None] = []
    for disc in discs:
        spot = best(disc, discs, taken, frame)
        spots.append(spot)
        if spot is not None:
            taken.append(spot)
    return spots


def best(disc: Disc, discs: Sequence[Disc], taken: Sequence[Spot], frame: Box) -> Spot | None:
    """The first of the best free places of a label."""
    near = [spot for spot in beside(disc) if free(spot, disc, discs, taken, frame)]
    for spot in near:
        if not covered(spot, disc, discs):
            return spot
    if not disc.needed:
        return None
    far = [spot for spot in around(disc) if free(spot, disc, discs, taken, frame)]
    return min([*near, *far], key=lambda spot: cost(spot, disc, discs), default=None)


def beside(disc: Disc) -> Iterator[Spot]:
    """The places that touch the disc."""
    for eighth in TURNS:
        yield Spot(boxed(disc, disc.radius + GAP, eighth * math.pi / 4))


def around(disc: Disc) -> Iterator[Spot]:
    """The places farther off, nearest first, each with its leader line."""
    for ring in RINGS:
        for spoke in range(SPOKES):
            box = boxed(disc, disc.radius + ring, 2 * math.pi * spoke / SPOKES)
            yield Spot(box, ((disc.x, disc.y), box.nearest(disc.x, disc.y)))


def boxed(disc: Disc, distance: float, angle: float) -> Box:
    """The label's box so far from the disc's centre in a direction: it touches the circle of that radius."""
    across, up = math.cos(angle), math.sin(angle)
    x, y = disc.x + distance * across, disc.y + distance * up
    return Box(x - disc.width * (1 - across) / 2, y - disc.height * (1 - up) / 2, disc.width, disc.height)


def free(spot: Spot, disc: Disc, discs: Sequence[Disc], taken: Sequence[Spot], frame: Box) -> bool:
    """Whether a place is inside the frame, and neither it nor its leader line is in another's way."""
    if not spot.box.inside(frame):
        return False
    if any(spot.box.overlaps(other.box) for other in taken):
        return False
    if any(other.leader and spot.box.crossed(other.leader) for other in taken):
        return False
    centres = [(other, min(other.radius, CLEAR)) for other in discs if other is not disc]
    if any(spot.box.distance(other.x, other.y) < clear for other, clear in centres):
        return False
    return spot.leader is None or not any(obstructs(other, spot.leader) for other in taken)


def obstructs(other: Spot, line: Line) -> bool:
    """Whether a leader line would run through another label, or cross its line."""
    return other.box.crossed(line) or (other.leader is not None and meet(other.leader, line))


def covered(spot: Spot, disc: Disc, discs: Sequence[Disc]) -> int:
    """How many other discs a label lies over."""
    return sum(other is not disc and spot.box.distance(other.x, other.y) < other.radius for other in discs)


def cost(spot: Spot, disc: Disc, discs: Sequence[Disc]) -> float:
    """How poor a free place is: discs that it covers, and the length of its leader line."""
    reach = spot.box.distance(disc.x, disc.y) - disc.radius
    return 14 * covered(spot, disc, discs) + (8 + reach if spot.leader else 0)


def meet(one: Line, other: Line) -> bool:
    """Whether two lines cross."""

    def side(line: Line, point: tuple[float, float]) -> float:
        (x, y), (end_x, end_y) = line
        return (end_x - x) * (point[1] - y) - (end_y - y) * (point[0] - x)

    apart = side(one, other[0]) * side(one, other[1]) >= 0 or side(other, one[0]) * side(other, one[1]) >= 0
    return not apart
