"""Closed forms as text, markdown or LaTeX."""

from __future__ import annotations

import textwrap
from typing import Any

import sympy

from cnncost.formulas.closed_form import ClosedForm
from cnncost.formulas.notation import Latex, Text, Writer
from cnncost.network.graph import INPUT


def lines(form: ClosedForm, style: Text) -> list[tuple[str, str]]:
    """Each quantity and its expression."""
    writer = Writer(style)
    write = writer.write
    times = r" \times " if isinstance(style, Latex) else " × "
    label = form.convention.flops_label
    found = [
        *(
            ("input" if name == INPUT else f"input {name}", writer.write_shape(shape, times))
            for name, shape in form.inputs.items()
        ),
        ("output", writer.write_shape(form.output_shape, times)),
        ("parameters", write(form.params)),
        (f"{label} ({form.convention.name})", write(form.flops)),
    ]
    if form.macs != form.flops:
        found.append(("multiply-adds", write(form.macs)))
    if form.training is not None:
        found.append(("expected in training", write(form.training)))
    found.append((f"bytes ({form.dtype})", write(form.memory_bytes)))
    found += [("provided that", condition(c, style)) for c in form.provided]
    return found


RELATIONS = {"==": "=", "!=": "≠", "<": "<", ">": ">", "<=": "≤", ">=": "≥"}


def condition(c: Any, style: Text) -> str:
    """`C divisible by G`, or an equation."""
    write = Writer(style).write
    left, right = c.args
    if isinstance(left, sympy.Mod):
        number, divisor = left.args
        divisible = rf"{write(divisor)} \mid {write(number)}" if isinstance(style, Latex) else ""
        return divisible or f"{write(number)} is divisible by {write(divisor)}"
    return f"{write(left)} {RELATIONS[c.rel_op]} {write(right)}"


def text(form: ClosedForm) -> str:
    """For a terminal."""
    found = lines(form, Text(letters_touch=True))
    width = max(len(name) for name, _ in found)
    return form.title + "\n" + "".join(quantity(name, formula, width) for name, formula in found)


def quantity(name: str, formula: str, width: int) -> str:
    """One quantity, a long formula on several lines of 80 columns."""
    head, indent = f"  {name:<{width}}  ", " " * (width + 4)
    return textwrap.fill(formula, 80, initial_indent=head, subsequent_indent=indent) + "\n"


def markdown(form: ClosedForm) -> str:
    """A list with `$` mathematics."""
    found = lines(form, Latex(letters_touch=True))
    return f"**`{form.title}`**\n\n" + "".join(f"- {name}: ${formula}$\n" for name, formula in found)


def latex(form: ClosedForm) -> str:
    r"""An `align*`; it needs `\usepackage{amsmath}`."""
    rows = [
        rf"\text{{{name}}}: \quad & {formula}" for name, formula in lines(form, Latex(letters_touch=True))
    ]
    return "% needs \\usepackage{amsmath}\n\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}\n"
