"""What a cell says: a number at the precision in which it was given, a shape, sizes, or nothing.

A text is read by patterns alone; nothing in it is evaluated. Where it can be read in more than one
way, all ways are kept, the likeliest first, so that an answer is never wrong for its spelling.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from cnncost.homework.read.grid import Cell
from cnncost.homework.read.quantities import BYTES, COUNT, SHAPE, SIZE
from cnncost.numbers import Printed

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
"""How units are written, in lower case, by the kind of quantity."""
POWERS = {"k": 1, "M": 2, "G": 3, "T": 4, "B": 0, "KB": 1, "MB": 2, "GB": 3}
WORDS = (
    "params",
    "parameters",
    "param",
    "flops",
    "flop",
    "macs",
    "mac",
    "madds",
    "ops",
    "weights",
    "px",
    "pixels",
)
"""What may stand behind a number and says only what it counts."""
DIGITS = 25
"""No count of a network has more."""


@dataclass(frozen=True)
class Answer:
    """A cell that was read.

    `numbers` are the ways to read it as a number, the likeliest first; `sizes` are those of a shape as
    they were written, with `channels` the place of the channel count where the notation says it
    (``96@55x55``). `problem` says why the cell cannot be read; `remark` what was noticed.
    """

    cell: Cell
    numbers: tuple[Printed, ...] = ()
    sizes: tuple[int, ...] = ()
    channels: int | None = None
    problem: str = ""
    remark: str = ""
    unit: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing was answered."""
        return self.cell.blank

    @property
    def readable(self) -> bool:
        """Whether it says something."""
        return bool(self.numbers or self.sizes)


def read_cell(cell: Cell, kind: str, unit: str = "", kilo: int = 1024, said: bool = True) -> Answer:
    """Read a cell as a kind of value.

    Args:
        cell: what was handed in.
        kind: of `quantities`: shape, size, number, count or bytes.
        unit: that of the column's header, for a cell without its own.
        kilo: the bytes of a KB.
        said: whether the header names the unit; then a number may also have been written in full.
    """
    if cell.blank:
        return Answer(cell)
    text = plain(cell.text)
    if text.startswith("="):
        return Answer(cell, problem=cell.note or "a formula, which is not evaluated: write its value")
    if kind in (SHAPE, SIZE):
        return with_note(read_sizes(cell, text, kind), cell)
    return with_note(read_number_cell(cell, text, kind, unit, kilo, said), cell)


def with_note(answer: Answer, cell: Cell) -> Answer:
    """The answer with what the reader of the file said of the cell."""
    remark = "; ".join(filter(None, (cell.note, answer.remark)))
    return Answer(
        *(cell, answer.numbers, answer.sizes, answer.channels, answer.problem, remark, answer.unit),
    )


def plain(text: str) -> str:
    """A text with one kind of minus, times, space and quote."""
    table = str.maketrans(
        {
            "×": "x",
            "✕": "x",
            "⨯": "x",
            "·": "*",
            "−": "-",
            "’": "'",
            "\u00a0": " ",
            "\u2009": " ",
            "\u202f": " ",
        }
    )
    return " ".join(text.translate(table).split())


# Numbers

NUMBER = re.compile(
    r"(?P<about>~|≈|≃|about |approx\.? |ca\.? |=)?\s*(?P<sign>[-+])?\s*"
    r"(?P<digits>\d[\d,.' _]*|\.\d+)"
    r"\s*(?:(?:e|[x*] ?10\^?|[x*] ?10\*\*)\s?(?P<exponent>\+?\d{1,2})\b|(?P<power>[x*] ?10[⁰¹²³⁴⁵⁶⁷⁸⁹]))?"
    r"\s*(?P<unit>[A-Za-z][A-Za-z ]*)?",
    re.IGNORECASE,
)
SUPERSCRIPTS = {"⁰¹²³⁴⁵⁶⁷⁸⁹"[i]: i for i in range(10)}


def read_number_cell(
    cell: Cell, text: str, kind: str, header_unit: str, kilo: int, said: bool = True
) -> Answer:
    """Read a number with its unit, or say why not."""
    match = NUMBER.fullmatch(text)
    if not match:
        return Answer(cell, problem=why_no_number(text))
    unit = own_unit(match["unit"] or "", kind)
    if unit is None:
        return Answer(cell, problem=f"the unit `{(match['unit'] or '').strip()[:20]}` is not known here")
    readings = ways(match["digits"].strip(" _'"))
    if not readings:
        return Answer(cell, problem="not one number: write digits, such as 1234 or 1,234")
    exponent = int(match["exponent"] or (SUPERSCRIPTS[match["power"][-1]] if match["power"] else 0))
    sign = -1 if match["sign"] == "-" else 1
    numbers = [
        Printed(sign * digits, place, scale, decimals, suffix)
        for used in scales(unit, header_unit, said)
        for whole, part in readings
        for digits, place, scale, decimals, suffix in [printed(whole, part, exponent, used, kind, kilo)]
    ]
    return Answer(cell, tuple(numbers), unit=unit or header_unit)


def why_no_number(text: str) -> str:
    """What keeps a text from being a number."""
    if re.search(r"\d\s*[-+*/x^]\s*\(?\s*\d", text) or "(" in text:
        return "a calculation or a shape, not one number: write its result"
    return (
        "not a number" if not re.search(r"\d", text) else "not one number: write digits, such as 1234 or 1.2k"
    )


def scales(unit: str, header_unit: str, said: bool) -> tuple[str, ...]:
    """The units that a number may be in: its own; else that of its header, or none if a header says it."""
    return (unit or header_unit,) if unit or not header_unit or not said else (header_unit, "")


def printed(
    whole: str, part: str, exponent: int, unit: str, kind: str, kilo: int
) -> tuple[int, Fraction, Fraction, int, str]:
    """The fields of a Printed: digits, the place of the last, the scale, decimals and suffix."""
    scale = Fraction((kilo if kind == BYTES else 1000) ** POWERS[unit] if unit else 1)
    place = scale * Fraction(10**exponent, 10 ** len(part))
    return int(whole + part), place, scale, len(part), unit


def own_unit(text: str, kind: str) -> str | None:
    """The unit behind a number, without the words that only say what is counted; None where unknown."""
    words = [word for word in text.casefold().split() if word not in WORDS]
    joined = "".join(words)
    if not joined:
        return ""
    for word in WORDS:  # 105MFLOPs
        joined = joined.removesuffix(word) or joined
    return next((unit for unit, names in UNITS.get(kind, {}).items() if joined in names), None)


def unit_of(text: str) -> str:
    """The unit that a header names, of either kind; nothing where it names none."""
    word = plain(text).casefold().removeprefix("in ").strip()
    for kind in (COUNT, BYTES):
        for unit, names in UNITS[kind].items():
            if word in names and not (kind == COUNT and word == "b"):
                return unit
    return ""


def ways(digits: str) -> list[tuple[str, str]]:
    """How digits with commas and points can be read: as (whole, part), the likeliest first.

    `34,944` is thirty-four thousand; `34.944` a decimal, or what other countries write for it; `1,13`
    can only be a decimal.
    """
    text = re.sub(r"(?<=\d)[ _'](?=\d{3}(?!\d))", "", digits)
    if len(text) > DIGITS:
        return []
    found: list[tuple[str, str]] = []
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d*)?|\d+(\.\d*)?|\.\d+", text):  # the English way
        whole, _, part = text.replace(",", "").partition(".")
        found.append((whole, part))
    if re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d+)?|\d+,\d+", text):  # the other
        whole, _, part = text.replace(".", "").partition(",")
        found.append((whole, part))
    unlike = [way for i, way in enumerate(found) if way not in found[:i] and way != ("", "")]
    return unlike


# Shapes

SEPARATORS = re.compile(r"\s*[x*,;/ ]\s*", re.IGNORECASE)
MAPS = re.compile(r"(\d{1,9}) ?@ ?(\d.*)|(\d.*?) ?@ ?(\d{1,9})")
FORGOTTEN_BATCH = ("none", "n", "b", "batch")
LARGEST = 10**12


def read_sizes(cell: Cell, text: str, kind: str) -> Answer:
    """Read a shape, or a size for each axis, or say why not."""
    inner = text.strip("()[]{} ").removesuffix("px").strip()
    channels: int | None = None
    if kind == SHAPE and (match := MAPS.fullmatch(inner)):  # 96@55x55, 55x55@96
        first = match[1] is not None
        count, rest = (match[1], match[2]) if first else (match[4], match[3])
        inner, channels = f"{count}x{rest}", 0
    parts = SEPARATORS.split(inner.casefold())
    if (number := not_rounded(parts)) is not None:
        return Answer(cell, (number,))
    if kind == SHAPE and len(parts) > 2 and parts[0] in FORGOTTEN_BATCH:
        parts = parts[1:]
    if not all(part.isascii() and part.isdigit() for part in parts):
        return Answer(cell, problem=why_no_sizes(text, kind))
    sizes = tuple(int(part) for part in parts if len(part) <= DIGITS)
    if len(sizes) != len(parts) or len(sizes) > 5 or max(sizes) > LARGEST:
        return Answer(cell, problem="no shape of a layer has such sizes")
    return one_vector(cell, sizes, channels, text)


def not_rounded(parts: list[str]) -> Printed | None:
    """The decimal size of a shape that was not rounded, 27.5x27.5x96; None where all are whole, or unlike."""
    decimals = {part for part in parts if re.fullmatch(r"\d{1,6}\.\d{1,6}", part)}
    if len(decimals) != 1 or not all(part.isdigit() or part in decimals for part in parts):
        return None
    whole, _, part = decimals.pop().partition(".")
    place = Fraction(1, 10 ** len(part))
    return Printed(int(whole + part), place, Fraction(1), len(part), "")


def one_vector(cell: Cell, sizes: tuple[int, ...], channels: int | None, text: str) -> Answer:
    """The sizes; `9,216`, which could be two of them or one with a thousands comma, is kept as both."""
    if re.fullmatch(r"\d{1,3}(,\d{3})+", text):
        whole = int(text.replace(",", ""))
        number = Printed(whole, Fraction(1), Fraction(1), 0, "")
        return Answer(cell, (number,), sizes, channels)
    return Answer(cell, (), sizes, channels)


def why_no_sizes(text: str, kind: str) -> str:
    """What keeps a text from being a shape."""
    example = "CxHxW, such as 64x32x32" if kind == SHAPE else "32 or 32x32"
    if re.search(r"\d\.\d", text):
        return f"a size is a whole number: write {example}"
    return f"not {'a shape' if kind == SHAPE else 'a size'}: write {example}"
