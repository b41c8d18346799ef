"""Texts that look like the notation, and like nothing, for the property tests."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

EXAMPLES = settings(
    max_examples=int(os.environ.get("CNNCOST_EXAMPLES", "300")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""How many examples a property is tried on; CNNCOST_EXAMPLES=20000 for a long look."""

SPECS = {
    path.name: path.read_text(encoding="utf-8")
    for path in (Path(__file__).parent.parent / "specs").glob("*.yaml")
}

WORDS = ["ReLU", "Conv2d(8,3)", "Conv2d(8,3,padding=1)", "MaxPool2d(2)", "Linear(10)", "Flatten", "Identity"]
WORDS += [
    "BatchNorm2d",
    "Conv2D",
    "f",
    "f(1)",
    "g(n-1)",
    "n",
    "None",
    "True",
    "'same'",
    "3",
    "0",
    "-1",
    "2.5",
]
WORDS += [
    "10**9",
    "1e400",
    "9**9**9",
    "in_channels",
    "ref(a)",
    "ref('a.0')",
    "again(a)",
    "again(a.b)",
    "add(a=ReLU,b=Identity)",
]
WORDS += [
    "concat(a=f,b=f)",
    "round(5,-99)",
    "min",
    "max(1,2)",
    "len(n)",
    "int('7')",
    "x.y",
    "__x__",
    "lambda:1",
]
WORDS += ["[x for x in n]", "f'{n}'", "é", "数", "\u2028", "\x85", "\ufeff"]
WORDS += [
    "matmul(a=f,b=f)",
    "subtract(a=f,b=None)",
    "concat(dim=2,a=f,b=f)",
    "Parameter((3,32))",
    "Reduce('mean',1)",
    "ref('a{}',n)",
    "index",
    "'x{}'",
    "log2(n)",
]
GLUE = [
    " >> ",
    " * ",
    "+",
    "-",
    "//",
    "%",
    "**",
    ",",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "=",
    "==",
    " if ",
    " else ",
]
GLUE += [" and ", " not ", " in ", " is ", " ", ":", "'", '"', "\\", "\t", "\n"]
YAML = [
    "\n",
    "\n  ",
    "\n  - ",
    "\n    - ",
    "\n    ",
    ": ",
    "- ",
    "? ",
    "&a ",
    "*a",
    "!t ",
    "|\n  ",
    ">\n  ",
    "# ",
]
YAML += ["---\n", "...\n", "%YAML 1.1\n", "{}", "[]", "'", '"', "\r\n", "\t", "\x00", "~", "null", "<<: "]
KEYS = [
    "name",
    "title",
    "paper",
    "input",
    "params",
    "variants",
    "blocks",
    "layers",
    "add",
    "concat",
    "aux",
    "a",
]
KEYS += [
    "a_{}",
    "concat(dim=2)",
    "matmul",
    "x{}: 3 * f",
    "f(n)",
    "f(n, m=2)",
    "g",
    "input: [3, 32, 32]\n",
    "outputs: [a]\n",
    "input: {a: [3, 8, 8], b: [3]}\n",
    "layers:\n  - ",
    "blocks:\n  f(n): ",
]


def expressions() -> st.SearchStrategy[str]:
    """Words and signs of the notation, strung together."""
    return st.lists(st.sampled_from(WORDS + GLUE), max_size=14).map("".join)


def chains() -> st.SearchStrategy[str]:
    """Mostly well-formed items."""
    return st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" >> ".join)


def documents() -> st.SearchStrategy[str]:
    """Fragments of YAML and of the notation, strung together."""
    return st.lists(st.sampled_from(WORDS + GLUE + YAML + KEYS), max_size=40).map("".join)


def specs() -> st.SearchStrategy[str]:
    """Specs with blocks, params and layers that are well-formed or nearly."""
    item = chains() | expressions()
    head = "input: [3, 32, 32]\nparams:\n  n: {}\nblocks:\n  f(x=2): {}\n  g(n): {}\n"
    return st.builds((head + "layers:\n  - {}\n  - a: {}\n").format, *([item] * 5))


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """A real spec with a few of its places overwritten, cut or doubled."""
    text = draw(st.sampled_from(sorted(SPECS.values())))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        new = draw(
            st.sampled_from([*WORDS, *GLUE, *YAML, *KEYS, text[start : end + 30]]) | st.text(max_size=3)
        )
        text = text[:start] + new + text[end:]
    return text
