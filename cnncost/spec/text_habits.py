"""What people type who know Python, where it cannot be parsed: `x = Conv2d(8, 3)`, `3 x block`, `a -> b`."""

from __future__ import annotations

import ast
import re
import warnings

from cnncost.spec.foreign import right_link

SELF = (
    "a spec has no `self` and no `forward`: write the layers in the order in which they run, "
    "each with its name if it needs one, as in `conv1: Conv2d(64, 3)`"
)


def habit_of_text(text: str) -> str:
    """The message for a text that cannot be parsed, if it is one of these habits."""
    for pattern, message in TEXTS:
        if found := re.fullmatch(pattern, " ".join(text.split())):
            parts = found.groupdict(default="")
            parts |= {key: in_notation(value) for key, value in parts.items() if key not in ("name", "n")}
            return message.format(**parts)
    return ""


def in_notation(text: str) -> str:
    """A part of a text, as the notation writes it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval")
        return right_link(tree.body, None)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return text.strip()


FIRST = "a repeat is written with its number first: `{n} * {item}`"
ARROW = r"->|=>|→|\|>|>>>|--?>"
TEXTS = (
    (r"def (?P<name>\w+).*", "a block has no `def`: write `{name}(out, stride=1):`, and its layers below"),
    (r"(?=.*\bself\.\w+\(|def |return\b|class ).*", SELF),
    (
        r"(self\.)?(?P<name>[A-Za-z_]\w*) *= *(?P<item>[^=].*)",
        "a name has a colon behind it: `{name}: {item}`",
    ),
    (r"(?P<n>\d+) *[xX×] *(?P<item>[A-Za-z(].*)", "a repeat is written with `*`: `{n} * {item}`"),
    (r"(?P<item>.+[)\w]) *[xX×] *(?P<n>\d+)", FIRST),
    (r"(?P<item>.+?) +for +\w+ +in +range\((?P<n>[^()]*)\)", FIRST),
    (r"for +\w+ +in +range\((?P<n>[^()]*)\) *:? *(?P<item>.*)", FIRST),
    (rf"(?P<a>.+?) *(?:{ARROW}) *(?P<b>.+)", "layers join with `>>`: write `{a} >> {b}`"),
    (r"(?P<item>.+?) *;", "a line has no `;` at its end: write `{item}`"),
)
"""Texts that are no expression, each with its message."""
