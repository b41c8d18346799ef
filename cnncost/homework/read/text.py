"""Small operations on texts that others wrote."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence

SHOWN = 40
"""Characters of a longer text that are shown."""
SIGNS = str.maketrans("×✕✖⨯хХ·⋅∙•∗＊÷−–’\u00a0\u2009\u202f", "xxxxxx******/--'   ")
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
LATEX = {
    **{r"\times": "x", r"\cdot": "*", r"\ast": "*", r"\approx": "≈", r"\sim": "~", r"\to": "->"},
    **{r"\rightarrow": "->", r"\left": "", r"\right": "", r"\displaystyle": "", r"\quad": " "},
    **{r"\lfloor": "floor(", r"\rfloor": ")", r"\#": "#", r"\_": "_", r"\%": "%", r"\&": "&"},
    **{r"\,": "", r"\;": " ", r"\ ": " ", r"\!": "", r"\(": "", r"\)": "", r"\[": "", r"\]": ""},
}
"""What LaTeX writes for common signs."""


def printable(text: str, most: int = SHOWN) -> str:
    """A text on one line, without control characters, cut after `most` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * most]).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def without_markup(text: str) -> str:
    """A cell without the markdown for bold, italic, code or math around it."""
    stripped = text.strip()
    for mark in ("**", "__", "`", "$", "*"):
        if len(stripped) > 2 * len(mark) and stripped.startswith(mark) and stripped.endswith(mark):
            stripped = stripped[len(mark) : -len(mark)].strip()
    return stripped


def with_common_signs(text: str) -> str:
    """A text with a single kind of minus, times, space, quote and digit, and without LaTeX and HTML."""
    if "&" in text:
        text = html.unescape(text)
    if "\\" in text or "$" in text or "{,}" in text:
        text = without_latex(text)
    text = without_markup(text).translate(SIGNS)
    text = re.sub(rf"[{SUPERSCRIPTS}]+", superscript, text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.split())


def superscript(found: re.Match[str]) -> str:
    """An exponent in small digits with the sign for powers in front."""
    return "^" + "".join(str(SUPERSCRIPTS.index(digit)) for digit in found[0])


def without_latex(text: str) -> str:
    """A text of LaTeX as one would type it: ``$5^{2} \\times 96$`` is 5^2 x 96."""
    text = text.replace("{,}", ",").replace("$", "")
    text = re.sub(r"\\(?:d|t)?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"(\1)/(\2)", text)
    for _ in range(3):  # \textbf{\text{conv1}}
        text = re.sub(r"\\(?:text|math|operatorname|mbox|textbf|emph)[a-z]*\s*\{([^{}]*)\}", r"\1", text)
    for name, sign in LATEX.items():
        whole = r"(?![a-zA-Z])" if name[-1].isalpha() else ""
        text = re.sub(re.escape(name) + whole, sign, text)
    return re.sub(r"\^\{(\w+)\}", r"^\1", text)


def without_empty_end(cells: Sequence[str]) -> Sequence[str]:
    """Cells up to the last one that is not empty."""
    count = next((i for i in range(len(cells), 0, -1) if cells[i - 1].strip()), 0)
    return cells[:count]


def as_sentence(text: str) -> str:
    """A text that begins with a capital and ends with a full stop."""
    ended = text if text.endswith((".", "?", "!")) else f"{text}."
    return ended[:1].upper() + ended[1:]
