"""Which networks of the catalogue a test looks at: all of them, or the smallest of each family."""

from __future__ import annotations

from functools import cache

import cnncost
from cnncost.network.catalogue import index

NAMES = [name for name, _ in index()]
"""Every network."""

FAMILIES: dict[str, list[str]] = {}
"""The networks of each file."""

for _name, _path in index():
    FAMILIES.setdefault(_path.stem, []).append(_name)


@cache
def smallest(family: str) -> str:
    """The network of a family that takes the fewest multiply-adds."""
    return min(FAMILIES[family], key=lambda name: cnncost.profile(name).totals.macs)
