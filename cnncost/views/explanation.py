"""Worked solutions as text, markdown or LaTeX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from cnncost import numbers
from cnncost.formulas.explanation import Explanation, WorkedQuantity, stage_name, sums
from cnncost.formulas.notation import Latex, Text
from cnncost.numbers import Unit
from cnncost.tables.formats.latex import escape
from cnncost.views.network_table import caption, units

LABEL = 20


def text(explanations: Sequence[Explanation]) -> str:
    """For a terminal: a paragraph per layer, and the sums of several."""
    parts = [paragraph(e) for e in explanations]
    if together := sums(explanations):
        lines = [sums_title(explanations)]
        for quantity in together:
            lines += quantity_lines(quantity, unit_of(explanations[0], quantity))
        parts.append("\n".join(lines) + "\n")
    return head(explanations) + "\n" + "\n".join(parts)


def sums_title(explanations: Sequence[Explanation]) -> str:
    """`conv2_x   sums of the 10 layers worked out above (…)`."""
    layers = f"{len(explanations)} layers worked out above (layers without costs are left out)"
    return f"{stage_name(explanations)}   sums of the {layers}"


def head(explanations: Sequence[Explanation]) -> str:
    """A separate line that says what the numbers are."""
    return f"{caption(explanations[0].profile)}\n" if explanations else ""


def heading(e: Explanation) -> str:
    """`3×227×227 → 96×55×55`."""
    inputs = " and ".join(map(numbers.shape, e.cost.node.in_shapes))
    return f"{inputs} → {numbers.shape(e.cost.out_shape)}"


def paragraph(e: Explanation) -> str:
    """One layer."""
    lines = [f"{e.cost.name}   {e.cost.node.layer}   {heading(e)}"]
    if e.letters:
        lines.append("  with " + ", ".join(letter_values(e.letters)))
    for quantity in e.quantities:
        lines += quantity_lines(quantity, unit_of(e, quantity))
    lines += [f"  {remark}" for remark in e.remarks]
    return "\n".join(lines) + "\n"


def letter_values(letters: Mapping[Any, int]) -> list[str]:
    """`H = W = 227`: letters of one kind and value together."""
    by_value: dict[tuple[str, int], list[str]] = {}
    for letter, value in letters.items():
        kind = "size" if letter.name in ("H", "W", "T") else letter.name
        by_value.setdefault((kind, value), []).append(letter.name)
    return [f"{' = '.join(names)} = {value}" for (_, value), names in by_value.items()]


def quantity_lines(q: WorkedQuantity, unit: Unit | None) -> list[str]:
    """A quantity's steps, one below the other where one line is too long."""
    steps = q.steps(Text())
    first, *rest = steps
    head = f"{q.symbol} = {first}" if q.symbol else first
    result = in_units(q, unit)
    lines = [f"  {q.title:<{LABEL}}{head}"]
    one_line = " = ".join(rest)
    indent = " " * (2 + LABEL)
    if rest and len(indent) + 2 + len(one_line) + len(result) <= 80:
        lines.append(f"{indent}= {one_line}{result}")
    else:
        lines += [f"{indent}= {step}" for step in rest]
        lines[-1] += result
    if q.remark:
        lines[-1] += f"   ({q.remark})"
    return lines


def unit_of(e: Explanation, q: WorkedQuantity) -> Unit | None:
    """The unit in which the network's table shows the quantity."""
    by_column = dict(zip(("memory", "params", "flops"), units(e.profile), strict=True))
    return by_column.get(q.column)


def in_units(q: WorkedQuantity, unit: Unit | None) -> str:
    """The result once more, times the batch and in the table's unit."""
    shown = f", times {q.scale} = {q.result}" if q.scale != 1 else ""
    if unit is None:
        return shown
    of = " bytes" if unit.symbol.endswith("B") else ""
    if unit.size == 1:
        return shown + of
    exact = Fraction(q.result, unit.size)
    if exact.denominator == 1:
        return f"{shown}{of} = {exact} {unit.symbol}"
    in_full = f" = {float(exact)} {unit.symbol}" if of and exact.denominator <= 8 else ""
    return f"{shown}{of}{in_full} ≈ {unit.cell(q.result)} {unit.symbol}"


def markdown(explanations: Sequence[Explanation]) -> str:
    """Headings, and formulas as `$$` mathematics."""
    parts = [head(explanations)]
    for e in explanations:
        parts.append(f"### {e.cost.name}\n\n`{e.cost.node.layer}`: {heading(e)}\n")
        if e.letters:
            parts.append("With " + ", ".join(f"${item}$" for item in given_latex(e.letters)) + ".\n")
        parts += [f"**{q.title}**\n\n$$\n{aligned(q, unit_of(e, q))}\n$$\n" for q in e.quantities]
        parts += [f"{remark[0].upper()}{remark[1:]}.\n" for remark in e.remarks]
    if together := sums(explanations):
        parts.append(f"### {sums_title(explanations)}\n")
        unit = explanations[0]
        parts += [f"**{q.title}**\n\n$$\n{aligned(q, unit_of(unit, q))}\n$$\n" for q in together]
    return "\n".join(parts)


def latex(explanations: Sequence[Explanation]) -> str:
    r"""Paragraphs with `align*`; it needs `\usepackage{amsmath}`."""
    parts = [r"% needs \usepackage{amsmath}", escape(head(explanations).rstrip())]
    for e in explanations:
        title = escape(e.cost.name)
        inputs = r" \text{ and } ".join(shape(s) for s in e.cost.node.in_shapes)
        call = escape(str(e.cost.node.layer))
        parts.append(rf"\paragraph{{{title}}} \texttt{{{call}}}, ${inputs} \to {shape(e.cost.out_shape)}$.")
        if e.letters:
            parts.append("With " + ", ".join(f"${item}$" for item in given_latex(e.letters)) + ".")
        parts += [displayed(e, q) for q in e.quantities]
        parts += [rf"\par\noindent {escape(remark[0].upper() + remark[1:])}." for remark in e.remarks]
    if together := sums(explanations):
        parts.append(rf"\paragraph{{{escape(sums_title(explanations))}}}")
        parts += [displayed(explanations[0], q) for q in together]
    return "\n".join(parts) + "\n"


def displayed(e: Explanation, q: WorkedQuantity) -> str:
    """A quantity's title and its steps as displayed mathematics."""
    title = escape(q.title[0].upper() + q.title[1:])
    return rf"\par\noindent {title}:" + "\n\\[\n" + aligned(q, unit_of(e, q)) + "\n\\]"


def shape(sizes: Sequence[int]) -> str:
    r"""`96 \times 55 \times 55`."""
    return r" \times ".join(map(str, sizes))


def given_latex(letters: Mapping[Any, int]) -> list[str]:
    """The letters and their values as mathematics."""
    style = Latex()
    return [
        " = ".join(part if part.isdigit() else style.symbol(part) for part in item.split(" = "))
        for item in letter_values(letters)
    ]


def aligned(q: WorkedQuantity, unit: Unit | None) -> str:
    r"""The steps as an `aligned` environment."""
    style = Latex()
    first, *rest = q.steps(style)
    symbols = " = ".join(style.symbol(part) for part in q.symbol.split(" = ")) if q.symbol else ""
    rows = [rf"{symbols} &= {first}" if symbols else f"& {first}", *(f"&= {step}" for step in rest)]
    rows[-1] += units_latex(q, unit)
    if q.remark:
        rows[-1] += rf" \quad \text{{({q.remark})}}"
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def units_latex(q: WorkedQuantity, unit: Unit | None) -> str:
    r"""The result in the table's unit, as text within mathematics."""
    shown = in_units(q, unit)
    return rf"\text{{{escape(shown)}}}".replace("≈", r"}\approx\text{") if shown else ""
