"""What a roofline chart shows: a network's layers under a device's roof."""

from __future__ import annotations

from dataclasses import dataclass

from cnncost.count.profile import NetworkCost, profile_graph
from cnncost.errors import CnncostError
from cnncost.timing.placed_rows import PlacedRow, placed_rows
from cnncost.timing.reports import Measured, Result, batch_key, roof_in
from cnncost.timing.roofline import Roof


@dataclass(frozen=True)
class RowsUnderRoof:
    """The rows of a network that have operations, and the roof of the device."""

    profile: NetworkCost
    device: Measured
    roof: Roof
    result: Result | None
    rows: tuple[PlacedRow, ...]

    @property
    def seconds(self) -> float:
        """The time of all rows that were measured."""
        return sum(row.placed.seconds for row in self.rows if row.measured)


def position_of(row: PlacedRow) -> tuple[float, float]:
    """Operations per byte, and operations per second."""
    return row.placed.intensity or 0.0, row.placed.flops_per_second or 0.0


def rows_under_roof(profile: NetworkCost, device: Measured, notes: list[str]) -> RowsUnderRoof:
    """A network on a device; notes tell what was not measured or is left out.

    Raises:
        CnncostError: no roof is known for the dtype, or no layer has operations.
    """
    counted = profile_graph(profile.graph, "flops", profile.batch, profile.dtype, profile.train, fields=False)
    result = device.result(counted)
    roof = (roof_in(result) if result else None) or device.roof(counted.dtype)
    try:
        found = placed_rows(counted, roof, result)
    except CnncostError as error:
        notes.append(f"{error}; the layers are drawn on the roof")
        result, found = None, placed_rows(counted, roof)
    if result is None and device.results:
        notes.append(not_measured(counted, device))
    shown = tuple(row for row in found if all(position_of(row)))
    if not shown:
        raise CnncostError(f"chart roofline: {counted.name} has no layer with operations")
    if idle := [row.row.label for row in found if row not in shown]:
        some = ", ".join(idle[:3]) + (", …" if len(idle) > 3 else "")
        notes.append(f"left out: {how_many_layers(len(idle))} without operations ({some})")
    if beyond := sum(row.measured and (row.placed.share or 0) > 1 for row in shown):
        notes.append(f"{how_many_layers(beyond)} above the roof: data from a cache, or a faster algorithm")
    return RowsUnderRoof(counted, device, roof, result, shown)


def how_many_layers(count: int) -> str:
    """`1 layer`, `12 layers`."""
    return "1 layer" if count == 1 else f"{count} layers"


def not_measured(profile: NetworkCost, device: Measured) -> str:
    """A message that a network was not measured like this, and how it was."""
    key = batch_key(profile)
    others = dict.fromkeys(f"batch {r[key]} {r['dtype']}" for r in device.of(profile) if r["layers"])
    there = f" (only at {', '.join(others)})" if others else ""
    kind = ", training," if profile.train else ""
    asked = f"{profile.name} at batch {profile.batch}, {profile.dtype}{kind}"
    return f"{asked} was not measured on {device.label}{there}: its layers are drawn on the roof"
