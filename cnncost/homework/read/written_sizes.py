"""Shapes and sizes as people write them: 55x55x96, (None, 55, 55, 96), 96 channels of 55 x 55."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from cnncost.homework.read.answer import Answer
from cnncost.homework.read.arithmetic import NotArithmetic, evaluate
from cnncost.homework.read.grid import AnswerCell
from cnncost.homework.read.quantities import SHAPE
from cnncost.numbers import Printed

LARGEST, DIGITS, AXES = 10**12, 25, 5
SEPARATORS = re.compile(r"\s*[x*,;/ ]\s*")
BATCH = ("none", "n", "b", "batch", "batch_size", "-1", "?", "bs", "m")
"""What people write for the batch axis in front of a shape."""
COUNTED = r"(?:channels?|feature ?maps?|maps?|filters?|planes|kernels|deep)"
AXIS = re.compile(r"\b(c|d|h|w|channels?|depth|height|width)\b", re.IGNORECASE)
IN_FRONT = re.compile(
    r"(?:torch\.size|tensorshape|(?:np\.)?array|(?:output )?(?:shape|size|dims?|volume)|output|out|rf|r"
    r"|[nbchwd](?: ?[x,*] ?[chwd]){1,3})\b\s*[:=]?\s*"
)
BEHIND = re.compile(
    r"[ ,]*-?\(?(?:pixels?|px|neurons?|units?|nodes?|features?|values?|elements?|d|dimensional|dimensions?"
    r"|vector|tensor|volume|[chwd](?: ?[x,*]? ?[chwd]){1,2})\)?\.?$"
)
CHAIN = re.compile(r"\s*(?:=|≈|->|=>|→|⇒|,?\s(?:so|thus|hence)\b:?)\s*")


def read_sizes(cell: AnswerCell, text: str, kind: str) -> Answer:
    """A shape, or a size for each axis; or the problem with it.

    Of a calculation with its result, the result is read; of ``55x55x96 = 290400`` the shape, and the number.
    """
    folded = text.casefold().strip(" =.;")
    if kind == SHAPE and (named := named_axes(folded)):
        return Answer(cell, (), named, 0)
    if kind == SHAPE and (ahead := re.match(r"[\[(]\d+(?: ?[x*,] ?\d+){2,}[\])](?=\s*[\[(])", folded)):
        folded = ahead[0]  # [55x55x96] (227-11)/4 + 1 = 55
    found = [sizes_of(cell, part, kind) for part in CHAIN.split(folded) if part]
    readable = [answer for answer in found if answer.readable]
    if not readable or found[-1].problem:
        return Answer(cell, problem=problem_with_sizes(text, kind))
    several = [answer for answer in readable if len(answer.sizes) > 1] if kind == SHAPE else []
    shapes = [answer for answer in several if not answer.numbers] or several  # 290,400 is one number
    if not shapes or shapes[-1] is readable[-1]:
        return readable[-1]
    product = readable[-1].numbers or tuple(map(one_number, readable[-1].sizes))
    return replace(shapes[-1], numbers=product)


def named_axes(text: str) -> tuple[int, ...]:
    """The channels, height and width of ``H=55, W=55, C=96``; empty where they are not named."""
    sizes: dict[str, int] = {}
    for part in re.split(r"[,;]|\s(?=[a-z])", text):
        names = [axis[0].replace("d", "c") for axis in AXIS.findall(part)]
        value = re.fullmatch(r"\s*(?:[a-z]+\s*[=:]?\s*)+(\d{1,9})\s*", part)
        if value is None or not names:
            continue
        for name in names:
            sizes[{"d": "c"}.get(name, name)] = int(value[1])
    return (sizes["c"], sizes["h"], sizes["w"]) if set(sizes) == {"c", "h", "w"} else ()


def sizes_of(cell: AnswerCell, text: str, kind: str) -> Answer:
    """The sizes in one text, without a result behind it."""
    inner = IN_FRONT.sub("", text, count=1) if IN_FRONT.match(text) else text
    inner = re.sub(r"(?<=\d)\s*\([^()]*[-+/=][^()]*\)$", "", inner)  # 28x28 (32-5+1)
    inner = BEHIND.sub("", BEHIND.sub("", inner))
    inner, channels = with_channels_first(inner.strip()) if kind == SHAPE else (inner, None)
    inner = re.sub(r"\b(\d{1,6})\^2(?!\d)", r"\1x\1", inner.replace(" by ", "x"))
    if re.fullmatch(r"\d+(-\d+){2}", inner):
        inner = inner.replace("-", "x")
    parts = SEPARATORS.split(without_brackets(inner).strip(" ,"))
    if (number := unrounded_size(parts)) is not None:
        return Answer(cell, (number,))
    if len(parts) > 1 and parts[0] in BATCH:
        parts = parts[1:]
    if not all(part.isascii() and part.isdigit() for part in parts):
        parts = calculated(inner)
    if not parts or len(parts) > AXES or any(len(part) > DIGITS or int(part) > LARGEST for part in parts):
        return Answer(cell, problem="no shape")
    sizes = tuple(map(int, parts))
    if re.fullmatch(r"\d{1,3}(,\d{3})+", text):  # 9,216 is two sizes, or one with a thousands comma
        return Answer(cell, (one_number(int(text.replace(",", ""))),), sizes, channels)
    return Answer(cell, (), sizes, channels)


def with_channels_first(text: str) -> tuple[str, int | None]:
    """A text with the number of maps in front, and their place if the notation names it: 96@55x55."""
    patterns = (
        r"(?P<count>\d{1,9}) ?@ ?(?P<rest>.*\d.*)",
        r"(?P<rest>.*\d.*?) ?@ ?(?P<count>\d{1,9})",
        rf"(?P<count>\d{{1,9}}) {COUNTED}(?:,| of| with)?(?: size| shape)? (?P<rest>.*\d.*)",
        rf"(?P<rest>.*\d.*?)[ ,x]+(?:with |and )?(?P<count>\d{{1,9}}) {COUNTED}",
    )
    for pattern in patterns:
        if match := re.fullmatch(pattern, text):
            return f"{match['count']}x{without_brackets(match['rest'])}", 0
    return text, None


def without_brackets(text: str) -> str:
    """A text without the brackets around sizes."""
    return re.sub(r"[()\[\]{}<>]+", " ", text).strip()


def calculated(text: str) -> list[str]:
    """The sizes of a text of calculations, ((227-11)/4+1) x 55 x 96; empty where it is none."""
    depth, parts = 0, [""]
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        if sign in "x," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    found = []
    for part in parts:
        try:
            value = evaluate(part)
        except NotArithmetic:
            return []
        if value.denominator != 1 or value < 0:
            return []
        found.append(str(value))
    return found


def one_number(value: int) -> Printed:
    """A whole number as it is printed in full."""
    return Printed(value, Fraction(1), Fraction(1), 0, "")


def unrounded_size(parts: list[str]) -> Printed | None:
    """The decimal size of 27.5x27.5x96; None where all sizes are whole, or decimals differ."""
    decimals = {part for part in parts if re.fullmatch(r"\d{1,6}\.\d{1,6}", part)}
    if len(decimals) != 1 or not all(part.isdigit() or part in decimals for part in parts):
        return None
    whole, _, part = decimals.pop().partition(".")
    return Printed(int(whole + part), Fraction(1, 10 ** len(part)), Fraction(1), len(part), "")


def problem_with_sizes(text: str, kind: str) -> str:
    """Why a text is not a shape."""
    example = "CxHxW, such as 64x32x32" if kind == SHAPE else "32 or 32x32"
    if re.search(r"\d\.\d", text):
        return f"a size is a whole number: write {example}"
    return f"not {'a shape' if kind == SHAPE else 'a size'}: write {example}"
