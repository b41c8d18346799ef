"""The worked solution of a layer: each quantity as formula, numbers put in, steps and result.

An explanation is plain data; `views/explanation.py` sets it as text, markdown or LaTeX.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy

from cnncost.count.convention import Convention
from cnncost.count.dtype import dtype_bytes
from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.count.receptive_field import START, Field
from cnncost.dims import symbol
from cnncost.formulas.notation import Latex, Text, Writer, decimal
from cnncost.formulas.symbolic import SymbolicLayer, field_step, symbolic
from cnncost.layers.shapes import AXES


@dataclass(frozen=True)
class WorkedQuantity:
    """One worked quantity: `symbol` = `formula` with `values` put in gives `result`.

    `scale` is the batch, which multiplies at the end. `column` is the table's column that shows
    the result, in its unit; `remark` says what a reader might stumble over.
    """

    title: str
    symbol: str
    formula: Any
    values: Mapping[Any, int]
    result: int
    column: str = ""
    scale: int = 1
    remark: str = ""

    def steps(self, style: Text) -> list[str]:
        """Formula, numbers, intermediate results, result; each follows from the one before."""
        lines = [Writer(style).write(self.formula), Writer(style, self.values).write(self.formula)]
        lines += [step for step in self.between(style) if step]
        lines.append(str(self.result // self.scale))
        return [line for i, line in enumerate(lines) if i == 0 or line != lines[i - 1]]

    def between(self, style: Text) -> list[str]:
        """The steps between the numbers and the result: a floor's inside, the terms of a sum."""
        e = sympy.sympify(self.formula)
        if e.is_Add and not any(isinstance(t, (sympy.floor, sympy.ceiling)) for t in e.args):
            terms = sorted(e.args, key=lambda t: -abs(value_at(t, self.values)))
            if sum(not t.is_Atom and t.is_Mul for t in terms) >= 1 and len(terms) > 1:
                return [signed_sum([decimal(value_at(t, self.values)) for t in terms])]
        if isinstance(e, sympy.Min):
            return [style.function("min", [rounding(part, self.values, style) for part in e.args])]
        inside, kind = floored(e)
        if inside is None:
            return []
        return [style.bracket(decimal(value_at(inside, self.values)), kind)]


@dataclass(frozen=True)
class SumOverLayers(WorkedQuantity):
    """A quantity of a stage, added up over its layers."""

    terms: tuple[int, ...] = ()

    def steps(self, style: Text) -> list[str]:
        """The terms, some of them left out where they are many, and their sum."""
        shown = list(map(str, self.terms))
        if len(shown) > MOST_TERMS:
            shown[3:-1] = ["…" if not isinstance(style, Latex) else r"\dots"]
        return list(dict.fromkeys([" + ".join(shown), str(self.result)]))


MOST_TERMS = 6


@dataclass(frozen=True)
class Explanation:
    """Everything worked out for one layer."""

    profile: NetworkCost
    cost: LayerCost
    letters: Mapping[Any, int]
    quantities: tuple[WorkedQuantity, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class LayerFacts:
    """What the worked solution of a layer is made from: its cost, its formulas, and the field before it."""

    cost: LayerCost
    convention: Convention
    batch: int
    element: int | Fraction
    symbols: SymbolicLayer
    before: Field | None


def facts_of(profile: NetworkCost, cost: LayerCost) -> LayerFacts:
    """Everything that a layer's explanation needs, collected once."""
    symbols = symbolic(cost.node, profile.graph.axes)
    element = dtype_bytes(profile.dtype)
    return LayerFacts(cost, profile.convention, profile.batch, element, symbols, field_before(profile, cost))


def value_at(e: Any, values: Mapping[Any, int]) -> Any:
    """The expression's value with numbers put in."""
    return sympy.sympify(e).xreplace({letter: sympy.sympify(n) for letter, n in values.items()})


def signed_sum(terms: list[str]) -> str:
    """`34848 + 96`."""
    return terms[0] + "".join(f" - {t[1:]}" if t.startswith("-") else f" + {t}" for t in terms[1:])


def floored(e: Any) -> tuple[Any, str]:
    """What a floor or ceiling holds, together with the whole number next to it."""
    parts = e.args if e.is_Add else (e,)
    rounded = [t for t in parts if isinstance(t, (sympy.floor, sympy.ceiling))]
    others = [t for t in parts if not isinstance(t, (sympy.floor, sympy.ceiling))]
    if len(rounded) != 1 or not all(t.is_Integer for t in others):
        return None, ""
    return rounded[0].args[0] + sum(others), "⌊⌋" if isinstance(rounded[0], sympy.floor) else "⌈⌉"


def rounding(e: Any, values: Mapping[Any, int], style: Text) -> str:
    """`⌈55.5⌉`: what is rounded, with numbers put in."""
    inside, kind = floored(e)
    return (
        decimal(value_at(e, values))
        if inside is None
        else style.bracket(decimal(value_at(inside, values)), kind)
    )


def explain(profile: NetworkCost, name: str | None = None) -> list[Explanation]:
    """Worked solutions for a layer, for all layers below a name, or for the whole network.

    Raises:
        NameUnknown: there is no such layer.
    """
    costs = profile.counted if name is None else profile.below(name)
    explained = [cost for cost in costs if len(costs) == 1 or says_something(cost)]
    return [explain_layer(profile, cost) for cost in explained]


def says_something(cost: LayerCost) -> bool:
    """Whether there is anything to work out: not for a ReLU that counts nothing."""
    return not cost.in_place or bool(cost.params or cost.flops or cost.memory_bytes)


def explain_layer(profile: NetworkCost, cost: LayerCost) -> Explanation:
    """The worked solution of one layer."""
    facts = facts_of(profile, cost)
    quantities = (*output_sizes(facts), *costs(facts), *receptive_field(facts))
    return Explanation(
        profile, cost, letters_used(facts.symbols, quantities), quantities, remarks(facts, quantities)
    )


def stage_name(explanations: Sequence[Explanation]) -> str:
    """The longest name that all explained layers are below; the network's where there is none."""
    parts = zip(*(e.cost.name.split(".") for e in explanations), strict=False)
    common = [names[0] for names in parts if len(set(names)) == 1]
    return ".".join(common) or explanations[0].profile.name


def sums(explanations: Sequence[Explanation]) -> list[SumOverLayers]:
    """Memory, parameters and FLOPs of several layers together; nothing for a single one."""
    if len(explanations) < 2:
        return []
    found = []
    for column, field in (("memory", "memory_bytes"), ("params", "params"), ("flops", "flops")):
        each = [getattr(e.cost, field) for e in explanations]
        title = {"params": "parameters", "flops": explanations[0].profile.convention.flops_label}
        total, terms = sum(each), tuple(n for n in each if n)
        if terms:
            found.append(SumOverLayers(title.get(column, column), "", total, {}, total, column, terms=terms))
    return found


def letters_used(layer: SymbolicLayer, quantities: tuple[WorkedQuantity, ...]) -> dict[Any, int]:
    """The letters that a reader needs: the input's sizes, then the arguments that occur."""
    used = {s for q in quantities for s in sympy.sympify(q.formula).free_symbols}
    sizes = [s for shape in layer.in_shapes for s in shape if s in layer.values]
    arguments = [s for s in layer.values if s in used and not s.name.endswith("'")]
    return {s: layer.values[s] for s in dict.fromkeys([*sizes, *arguments])}


AXIS_TITLES = {"C'": "output channels", "F'": "features"}


def output_sizes(facts: LayerFacts) -> list[WorkedQuantity]:
    """The sizes that are computed; equal axes once."""
    layer, found = facts.symbols, list[WorkedQuantity]()
    sizes = zip(layer.out_letters, layer.out_formulas, facts.cost.out_shape, strict=True)
    for letter, formula, n in sizes:
        if letter is formula or letter == formula:
            continue
        inside, _ = floored(sympy.sympify(formula))
        exact = value_at(inside, layer.values) if inside is not None else n
        remark = "" if exact == n else f"{decimal(exact)} rounded to {n}"
        same = next((q for q in found if q.result == n and has_numbers_of(q, formula, layer.values)), None)
        if same:
            found[found.index(same)] = replace(same, symbol=f"{same.symbol} = {letter.name}")
        else:
            title = AXIS_TITLES.get(letter.name, "output size")
            found.append(WorkedQuantity(title, letter.name, formula, layer.values, n, remark=remark))
    return found


def has_numbers_of(quantity: WorkedQuantity, formula: Any, values: Mapping[Any, int]) -> bool:
    """Whether two axes are worked out with the same numbers."""
    return Writer(numbers=values).write(quantity.formula) == Writer(numbers=values).write(formula)


def costs(facts: LayerFacts) -> Iterator[WorkedQuantity]:
    """The output's bytes, the learned parameters, and the operations as the convention counts them."""
    cost, convention, layer = facts.cost, facts.convention, facts.symbols
    if not cost.in_place:
        letter = symbol("bytes")
        whole = isinstance(facts.element, int)  # half a byte is rounded up, in the formula
        formula = layer.memory(convention, letter if whole else facts.element)
        values: dict[Any, Any] = {**layer.values, letter: facts.element}
        yield WorkedQuantity("memory", "", formula, values, cost.memory_bytes, "memory", facts.batch)
    if cost.params:
        formula = layer.params(convention)
        yield WorkedQuantity("parameters", "", formula, layer.values, cost.params, "params")
    if cost.flops:
        formula, title = layer.flops(convention), convention.flops_label
        yield WorkedQuantity(title, "", formula, layer.values, cost.flops, "flops", facts.batch)


def receptive_field(facts: LayerFacts) -> list[WorkedQuantity]:
    """How the window widens the field; equal axes once."""
    before, after = facts.before, facts.cost.receptive_field
    if after is None or before is None:
        return []
    found: list[WorkedQuantity] = []
    names = AXES[len(before)]
    for axis, name in enumerate(names):
        step = field_step(facts.symbols, axis, before[axis])
        if step is None or not step.size.free_symbols - {symbol("R")}:
            return []
        size = WorkedQuantity("receptive field", "R'", step.size, step.values, after[axis].size)
        jump = WorkedQuantity("jump", "J'", step.jump, step.values, after[axis].jump)
        pair = [size, jump]
        if axis and all(has_numbers_of(q, p.formula, p.values) for q, p in zip(found, pair, strict=False)):
            continue
        found += pair if not axis else [replace(q, title=f"{q.title}, {name}") for q in pair]
    if len(found) > 2:
        found[:2] = [replace(q, title=f"{q.title}, {names[0]}") for q in found[:2]]
    return found


def field_before(profile: NetworkCost, cost: LayerCost) -> Field | None:
    """The receptive field of the layer's input, if it has one input with spatial axes."""
    if len(cost.node.inputs) != 1:
        return None
    source = cost.node.inputs[0]
    if source in profile.graph.inputs:
        return (START,) * (len(profile.graph.inputs[source]) - 1)
    return profile[source].receptive_field


def remarks(facts: LayerFacts, worked: Sequence[WorkedQuantity]) -> tuple[str, ...]:
    """The quantities without a formula, and why."""
    cost, convention = facts.cost, facts.convention
    found = []
    if cost.receptive_field and not cost.in_place and not any(q.symbol == "R'" for q in worked):
        found.append(f"receptive field {' × '.join(str(axis.size) for axis in cost.receptive_field)}")
    if cost.in_place:
        found.append("works in place: no additional memory")
    if cost.node.shares:
        found.append(f"no parameters of its own: it uses the weights of {cost.node.shares}")
    elif not cost.params:
        found.append("no parameters")
    if not cost.flops:
        found.append(f"nothing that convention {convention.name} counts as {convention.flops_label}")
    if facts.batch != 1:
        label = convention.flops_label
        found.append(f"memory and {label} are for one sample, then times the batch of {facts.batch}")
    return tuple(found)
