"""Places on a line, as near as can be to those wanted, with room between neighbours."""

from __future__ import annotations

from collections.abc import Sequence


def spread(wanted: Sequence[float], pull: Sequence[float], room: Sequence[float]) -> list[float]:
    """The places nearest to those wanted, in order and with so much room between neighbours.

    Least squares, each weighed by its pull: neighbours that want to pass each other stand together
    where both are served best (pool adjacent violators).
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


def apart(wanted: Sequence[float], gap: float, high: float = 1) -> list[float]:
    """Places in the order of those wanted with a gap between any two, from 0 to `high` if there is room."""
    order = sorted(range(len(wanted)), key=lambda at: wanted[at])
    steps = [rank * gap for rank in range(len(wanted))]
    free = spread([wanted[at] for at in order], [1.0] * len(order), [gap] * (len(order) - 1))
    room = max(0.0, high - gap * (len(wanted) - 1))
    found = [0.0] * len(wanted)
    for at, place, step in zip(order, free, steps, strict=True):
        found[at] = min(max(place - step, 0.0), room) + step
    return found
