"""Devices by their data sheets: memory, peak arithmetic, bandwidth and power, each with its source.

The figures are in ``cards.yaml``, the only place where they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from pathlib import Path

from cnncost.errors import CnncostError
from cnncost.numbers import decimal
from cnncost.spec.expression import shorten

MAKERS = re.compile(r"nvidia|geforce|tesla|quadro|gpus?\b|graphics|tensor core", re.IGNORECASE)
COUNT = re.compile(
    r"(?:(?P<before>\d+)\s*[x×*]\s*)?(?P<name>.*?)(?:(?:\s*[×*]\s*|\s+x\s*|(?<=\d)x)(?P<after>\d+))?"
)
UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


@dataclass(frozen=True)
class Card:
    """A device as its maker describes it.

    `peak` is FLOP/s by dtype, where a multiply-add is two.
    """

    name: str
    title: str
    year: int
    memory_bytes: int
    peak: Mapping[str, int]
    bytes_per_second: int
    watts: int
    source: str

    def flops_per_second(self, dtype: str) -> int:
        """The peak in a dtype; that of float32 where the device has no faster one for it.

        Raises:
            CnncostError: the device cannot compute in this dtype.
        """
        if dtype in self.peak:
            return self.peak[dtype]
        if dtype in ("float16", "bfloat16"):
            return self.peak["float32"]
        known = ", ".join(self.peak)
        raise CnncostError(f"{self.name}: no peak for {dtype} is known; there are {known}")


@dataclass(frozen=True)
class Cards:
    """Several devices of one kind: `gtx580 x 2`."""

    card: Card
    count: int = 1

    @property
    def text(self) -> str:
        """`2 × gtx580`, or the name alone."""
        return self.card.name if self.count == 1 else f"{self.count} × {self.card.name}"


@cache
def cards() -> dict[str, Card]:
    """All devices, by name."""
    return {name: card_of(name, entry) for name, entry in entries().items()}


@cache
def entries() -> dict[str, dict[str, object]]:
    """The data file as it is."""
    import yaml

    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, object]] = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


def card_of(name: str, entry: Mapping[str, object]) -> Card:
    """One device of the data file, in exact numbers."""

    def exact(value: object, factor: int) -> int:
        return int(Fraction(str(value)) * factor)

    tflops = entry["tflops"]
    assert isinstance(tflops, dict)
    return Card(
        name,
        str(entry["title"]),
        exact(entry["year"], 1),
        exact(entry["memory"], 2**30),
        {dtype: exact(value, 10**12) for dtype, value in tflops.items()},
        exact(entry["bandwidth"], 10**9),
        exact(entry["watts"], 1),
        str(entry["source"]),
    )


def cards_named(text: str) -> Cards:
    """Devices as people write them: `rtx3090`, `NVIDIA A100 80GB`, `gtx580 x 2`, `8xV100`.

    Raises:
        CnncostError: no such device, or a number of them below 1.
    """
    found = COUNT.fullmatch(text.strip())
    known = {letters(name): name for name in cards()}
    for name, entry in entries().items():
        aliases = entry.get("aliases", ())
        assert isinstance(aliases, (list, tuple))
        known |= {letters(str(alias)): name for alias in aliases}
    for name, count in ((text, "1"), (found["name"], found["before"] or found["after"])) if found else ():
        if letters(name) in known and count:
            if int(count) < 1:
                raise CnncostError(f"device {text}: there must be at least one")
            return Cards(cards()[known[letters(name)]], int(count))
    near = [
        name
        for wanted in (text, found["name"] if found else text)
        for name in get_close_matches(letters(wanted), known, 2, 0.6)
    ]
    names = dict.fromkeys(known[name] for name in near)
    hint = f"; did you mean {' or '.join(names)}?" if names else f"; there are {', '.join(cards())}"
    raise CnncostError(f"no device `{shorten(text)}`{hint}")


def letters(name: str) -> str:
    """A device's name without its maker, spaces, signs and capitals."""
    return re.sub(r"[^a-z0-9]", "", MAKERS.sub("", name).lower())


def read_bytes(text: str, option: str = "--fits") -> int:
    """`24GB`, `24 GiB`, `8000 MB` or `512M` as bytes; GB are 10⁹ bytes, GiB 2³⁰.

    Raises:
        CnncostError: it is no size of memory.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)(b?)\s*", text.lower())
    if not found or not (found[2] or found[4]):
        raise CnncostError(f"{option} {text}: write a size of memory with its unit, such as 24GB or 24GiB")
    factor = 1024 ** list(UNITS).index(found[2]) if found[3] else UNITS[found[2]]
    size = int(Fraction(found[1]) * factor)
    if size < 1:
        raise CnncostError(f"{option} {text}: the memory must be more than 0 bytes")
    return size


def tera(value: int) -> str:
    """FLOP/s in TFLOP/s: `35.6`."""
    return decimal(Fraction(value, 10**12), 3)
