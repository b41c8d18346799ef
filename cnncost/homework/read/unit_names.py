"""The units of counts and of memory, in the ways in which people write them."""

from __future__ import annotations

from cnncost.homework.read.quantities import BYTES, COUNT
from cnncost.homework.read.text import with_common_signs

UNITS: dict[str, dict[str, tuple[str, ...]]] = {
    COUNT: {
        "k": ("k", "thousand", "thousands", "10^3", "1e3", "10³"),
        "M": ("m", "mio", "million", "millions", "mega", "10^6", "1e6", "10⁶"),
        "G": ("g", "b", "bn", "billion", "billions", "giga", "10^9", "1e9", "10⁹"),
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
    *("px", "pixels"),
)
"""Words behind a number that only name what it counts."""


def unit_behind(text: str, kind: str) -> str | None:
    """The unit behind a number: `MFLOPs` is M. Empty where there is none, None where it is unknown."""
    joined = "".join(word for word in text.casefold().split() if word not in COUNTED)
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
    return ""
