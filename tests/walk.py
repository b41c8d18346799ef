"""Which networks of the catalogue a test looks at: all of them, or the smallest of each family."""

from __future__ import annotations

import os
from functools import cache

import cnncost
from cnncost import Graph
from cnncost.dims import Inputs
from cnncost.network.catalogue import index

NAMES = [name for name, _ in index()]
"""Every network."""

FAMILIES: dict[str, list[str]] = {}
"""The networks of each file."""

for _name, _path in index():
    FAMILIES.setdefault(_path.stem, []).append(_name)

EVERY = bool(os.environ.get("EVERY_NETWORK"))
"""Whether tests that take minutes look at every network, and not at two of each family."""


def some_of(family: str) -> list[str]:
    """The first and the last network of a family; all of them with EVERY_NETWORK=1."""
    names = FAMILIES[family]
    return names if EVERY else [*dict.fromkeys((names[0], names[-1]))]


SOME = [name for family in FAMILIES for name in some_of(family)]

INPUTS: dict[str, Inputs] = {
    "c3d": (3, 16, 48, 48),
    "deeplabv3": (3, 200, 200),
    "faster_rcnn": {"image": (3, 128, 128)},
    "fcn": (3, 200, 200),
    "fcos": (3, 128, 128),
    "fpn": (3, 128, 128),
    "i3d": (3, 9, 193, 193),
    "keypoint_rcnn": {"image": (3, 128, 128)},
    "lraspp": (3, 128, 128),
    "r2plus1d": (3, 8, 48, 48),
    "mask_rcnn": {"image": (3, 128, 128)},
    "retinanet": (3, 128, 128),
    "segformer": (3, 128, 128),
    "video_swin": (3, 4, 64, 64),
    "wavenet": (256, 600),
    "yolov3": (3, 128, 128),
}
"""Smaller inputs for the families whose smallest network takes long to run on its own."""
LARGE = ("i3d", "mvit", "s3d", "video_swin", "wavenet")
"""Families that take none that is small enough to look at its layers one by one."""


def smallest_graph(family: str) -> Graph:
    """The smallest network of a family, on an input on which it runs soon."""
    return cnncost.load(smallest(family), input=INPUTS.get(family))


@cache
def smallest(family: str) -> str:
    """The network of a family that takes the fewest multiply-adds."""
    return min(FAMILIES[family], key=lambda name: cnncost.profile(name).totals.macs)
