"""The units of counts and of memory, in the ways in which people write them."""

from __future__ import annotations

import re

from cnncost.homework.read.quantities import BYTES, COUNT
from cnncost.homework.read.text import with_common_signs

UNITS: dict[str, dict[str, tuple[str, ...]]] = {
    COUNT: {
        "k": ("k", "tsd", "thousand", "thousands", "10^3", "1e3", "x10^3", "x 10^3"),
        "M": ("m", "mio", "mill", "mln", "million", "millions", "mega", "10^6", "1e6", "x10^6", "x 10^6"),
        "G": ("g", "b", "bn", "mrd", "billion", "billions", "giga", "10^9", "1e9", "x10^9", "x 10^9"),
        "T": ("t", "trillion", "trillions", "tera"),
    },
    BYTES: {
        "B": ("b", "byte", "bytes"),
        "KB": ("kb", "k", "kib", "kbyte", "kbytes", "kilobytes", "kilobyte"),
        "MB": ("mb", "m", "mib", "mbyte", "mbytes", "megabytes", "megabyte"),
        "GB": ("gb", "g", "gib", "gbyte", "gbytes", "gigabytes"),
    },
}
"""The spellings of each unit, in lower case, by kind of quantity."""
POWERS = {"": 0, "k": 1, "M": 2, "G": 3, "T": 4, "B": 0, "KB": 1, "MB": 2, "GB": 3}
"""How many factors of 1000 (or of the bytes in a KB) a unit has."""
COUNTED = (
    *("params", "parameters", "param", "flops", "flop", "macs", "mac", "madds", "ops", "weights"),
    *("px", "pixels", "learnable", "trainable", "operations", "multiplications"),
)
"""Words behind a number that only name what it counts."""


IGNORED = (*COUNTED, "and", "bias", "biases", "in", "total", "per", "image", "of", "approx")
"""Words behind a number that say nothing about its unit."""


def unit_behind(text: str, kind: str) -> str | None:
    """The unit behind a number: `MFLOPs` is M. Empty where there is none, None where it is unknown."""
    joined = "".join(word for word in text.casefold().replace(".", " ").split() if word not in IGNORED)
    if not joined:
        return ""
    for word in COUNTED:
        joined = joined.removesuffix(word) or joined
    return next((unit for unit, names in UNITS.get(kind, {}).items() if joined in names), None)


def unit_of_header(text: str) -> str:
    """The unit that a header names; empty where it names none."""
    word = with_common_signs(text).casefold().removeprefix("in ").strip()
    for kind in (COUNT, BYTES):
        for unit, names in UNITS[kind].items():
            if word in names and not (kind == COUNT and word == "b"):
                return unit
    counted = re.fullmatch(rf"([kmgt])(?:{'|'.join(COUNTED)})", word)  # MFLOPs
    return unit_of_header(counted[1]) if counted else ""
