"""What a roofline chart shows: a network's layers under a device's roof, and what is missing there."""

from __future__ import annotations

from dataclasses import dataclass

from cnncost.count.profile import NetworkCost, profile_graph
from cnncost.errors import CnncostError
from cnncost.timing.placed_rows import PlacedRow, placed_rows
from cnncost.timing.reports import Measured, Result, batch_key, roof_in
from cnncost.timing.roofline import Roof


@dataclass(frozen=True)
class Picture:
    """What there is to draw: the network's rows under the roof, those without operations left out."""

    profile: NetworkCost
    device: Measured
    roof: Roof
    result: Result | None
    places: tuple[PlacedRow, ...]
    idle: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """The time of all rows that were measured."""
        return sum(place.placed.seconds for place in self.places if place.measured)


def spot_of(place: PlacedRow) -> tuple[float, float]:
    """Operations a byte, and operations a second."""
    return place.placed.intensity or 0.0, place.placed.flops_per_second or 0.0


def picture_of(profile: NetworkCost, device: Measured, notes: list[str]) -> Picture:
    """A network on a device; what is missing is noted.

    Raises:
        CnncostError: no roof is known for the dtype, or no layer has operations.
    """
    counted = profile_graph(profile.graph, "flops", profile.batch, profile.dtype, profile.train, fields=False)
    result = device.result(counted)
    roof = (roof_in(result) if result else None) or device.roof(counted.dtype)
    try:
        found = placed_rows(counted, roof, result)
    except CnncostError as error:
        notes.append(f"{error}; the layers stand on the roof")
        result, found = None, placed_rows(counted, roof)
    if result is None and device.results:
        notes.append(unmeasured(counted, device))
    shown = tuple(place for place in found if all(spot_of(place)))
    idle = tuple(place.row.label for place in found if place not in shown)
    if not shown:
        raise CnncostError(f"chart roofline: {counted.name} has no layer with operations")
    if idle:
        some = ", ".join(idle[:3]) + (", …" if len(idle) > 3 else "")
        notes.append(f"left out, without operations: {numbers_of(len(idle))} ({some})")
    beyond = sum(place.measured and (place.placed.share or 0) > 1 for place in shown)
    if beyond:
        notes.append(f"{numbers_of(beyond)} above the roof: data from a cache, or a faster algorithm")
    return Picture(counted, device, roof, result, shown, idle)


def numbers_of(count: int) -> str:
    """`1 layer`, `12 layers`."""
    return "1 layer" if count == 1 else f"{count} layers"


def unmeasured(profile: NetworkCost, device: Measured) -> str:
    """That a network was not measured like this, and how it was."""
    key = batch_key(profile)
    others = dict.fromkeys(f"batch {r[key]} {r['dtype']}" for r in device.of(profile) if r["layers"])
    kind = ", training," if profile.train else ""
    there = f"; there is {', '.join(others)}" if others else ""
    asked = f"{profile.name} at batch {profile.batch}, {profile.dtype}{kind}"
    return f"{asked} was not measured on {device.label}{there}: its layers stand on the roof"
