"""All deviations: the files by kind declare them, each in one place."""

from __future__ import annotations

from cnncost.deviation import argument, counting, family, formula, printing, structure  # noqa: F401  (they declare)
from cnncost.deviation.kinds import CATALOGUE, Deviation


def of_kind(*kinds: str) -> list[Deviation]:
    """The deviations of some kinds."""
    return [deviation for deviation in CATALOGUE if deviation.kind in kinds]
