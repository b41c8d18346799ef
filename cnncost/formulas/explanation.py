"""The worked solution of a layer: each quantity as formula, numbers put in, steps and result.

An explanation is plain data; `views/explanation.py` sets it as text, markdown or LaTeX.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy

from cnncost.count.dtype import dtype_bytes
from cnncost.count.profile import LayerCost, NetworkCost
from cnncost.count.receptive_field import START, AxisField
from cnncost.dims import symbol
from cnncost.formulas import symbolic
from cnncost.formulas.notation import Text, Writer, decimal
from cnncost.formulas.symbolic import SymbolicLayer
from cnncost.layers.shapes import AXES
from cnncost.network.graph import INPUT


@dataclass(frozen=True)
class Quantity:
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
        """What stands between the numbers and the result: a floor's inside, the terms of a sum."""
        e = sympy.sympify(self.formula)
        if e.is_Add and not any(isinstance(t, (sympy.floor, sympy.ceiling)) for t in e.args):
            terms = sorted(e.args, key=lambda t: -abs(put(t, self.values)))
            if sum(not t.is_Atom and t.is_Mul for t in terms) >= 1 and len(terms) > 1:
                return [signed_sum([decimal(put(t, self.values)) for t in terms])]
        if isinstance(e, sympy.Min):
            return [style.function("min", [rounding(part, self.values, style) for part in e.args])]
        inside, kind = floored(e)
        if inside is None:
            return []
        return [style.bracket(decimal(put(inside, self.values)), kind)]


@dataclass(frozen=True)
class Explanation:
    """Everything worked out for one layer."""

    profile: NetworkCost
    cost: LayerCost
    letters: Mapping[Any, int]
    quantities: tuple[Quantity, ...]
    remarks: tuple[str, ...]


def put(e: Any, values: Mapping[Any, int]) -> Any:
    """The expression's value with numbers put in."""
    return sympy.sympify(e).subs(dict(values))


def signed_sum(terms: list[str]) -> str:
    """`34848 + 96`."""
    return terms[0] + "".join(f" - {t[1:]}" if t.startswith("-") else f" + {t}" for t in terms[1:])


def floored(e: Any) -> tuple[Any, str]:
    """What a floor or ceiling holds, together with the whole number beside it."""
    parts = e.args if e.is_Add else (e,)
    rounded = [t for t in parts if isinstance(t, (sympy.floor, sympy.ceiling))]
    others = [t for t in parts if not isinstance(t, (sympy.floor, sympy.ceiling))]
    if len(rounded) != 1 or not all(t.is_Integer for t in others):
        return None, ""
    return rounded[0].args[0] + sum(others), "⌊⌋" if isinstance(rounded[0], sympy.floor) else "⌈⌉"


def rounding(e: Any, values: Mapping[Any, int], style: Text) -> str:
    """`⌈55.5⌉`: what is rounded, with numbers put in."""
    inside, kind = floored(e)
    return decimal(put(e, values)) if inside is None else style.bracket(decimal(put(inside, values)), kind)


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
    layer = symbolic.symbolic(cost.node, profile.graph.axes)
    quantities = (
        *output_sizes(cost, layer),
        *memory(profile, cost, layer),
        *params(profile, cost, layer),
        *flops(profile, cost, layer),
        *receptive_field(profile, cost, layer),
    )
    given = letters_used(layer, quantities)
    return Explanation(profile, cost, given, quantities, remarks(profile, cost, quantities))


def letters_used(layer: SymbolicLayer, quantities: tuple[Quantity, ...]) -> dict[Any, int]:
    """The letters that a reader needs: the input's sizes, then the arguments that occur."""
    used = {s for q in quantities for s in sympy.sympify(q.formula).free_symbols}
    sizes = [s for shape in layer.in_shapes for s in shape if s in layer.values]
    arguments = [s for s in layer.values if s in used and not s.name.endswith("'")]
    return {s: layer.values[s] for s in dict.fromkeys([*sizes, *arguments])}


def output_sizes(cost: LayerCost, layer: SymbolicLayer) -> list[Quantity]:
    """The sizes that are computed; equal axes once."""
    found: list[Quantity] = []
    for letter, formula, n in zip(layer.out_letters, layer.out_formulas, cost.out_shape, strict=True):
        if letter is formula or letter == formula:
            continue
        inside, _ = floored(sympy.sympify(formula))
        exact = put(inside, layer.values) if inside is not None else n
        remark = "" if exact == n else f"{decimal(exact)} rounded to {n}"
        same = next((q for q in found if q.result == n and alike(q, formula, layer.values)), None)
        if same:
            found[found.index(same)] = replace(same, symbol=f"{same.symbol} = {letter.name}")
        else:
            title = (
                "output channels"
                if letter.name == "C'"
                else "features"
                if letter.name == "F'"
                else "output size"
            )
            found.append(Quantity(title, letter.name, formula, layer.values, n, remark=remark))
    return found


def alike(quantity: Quantity, formula: Any, values: Mapping[Any, int]) -> bool:
    """Whether two axes are worked out with the same numbers."""
    return Writer(numbers=values).write(quantity.formula) == Writer(numbers=values).write(formula)


def memory(profile: NetworkCost, cost: LayerCost, layer: SymbolicLayer) -> list[Quantity]:
    """The output's bytes."""
    if cost.in_place:
        return []
    size = dtype_bytes(profile.dtype)
    element = symbol("bytes") if isinstance(size, int) else size  # half a byte is rounded up in the formula
    formula = layer.memory(profile.convention, element)
    values: dict[Any, Any] = {**layer.values, symbol("bytes"): size}
    return [Quantity("memory", "", formula, values, cost.memory_bytes, "memory", profile.batch)]


def params(profile: NetworkCost, cost: LayerCost, layer: SymbolicLayer) -> list[Quantity]:
    """The learned parameters."""
    if not cost.params:
        return []
    return [Quantity("parameters", "", layer.params(profile.convention), layer.values, cost.params, "params")]


def flops(profile: NetworkCost, cost: LayerCost, layer: SymbolicLayer) -> list[Quantity]:
    """The operations, as the convention counts them."""
    if not cost.flops:
        return []
    title = profile.convention.flops_label
    formula = layer.flops(profile.convention)
    return [Quantity(title, "", formula, layer.values, cost.flops, "flops", profile.batch)]


def receptive_field(profile: NetworkCost, cost: LayerCost, layer: SymbolicLayer) -> list[Quantity]:
    """How the window widens the field; equal axes once."""
    before = field_before(profile, cost)
    if cost.receptive_field is None or before is None:
        return []
    found: list[Quantity] = []
    names = AXES[len(before)]
    for axis, (name, after) in enumerate(zip(names, cost.receptive_field, strict=True)):
        step = symbolic.field_step(layer, axis, before[axis])
        if step is None or not step.size.free_symbols - {symbol("R")}:
            return []
        size = Quantity("receptive field", "R'", step.size, step.values, after.size)
        jump = Quantity("jump", "J'", step.jump, step.values, after.jump)
        if axis and alike(found[0], step.size, step.values) and alike(found[1], step.jump, step.values):
            continue
        found += [size, jump] if not axis else [replace(q, title=f"{q.title}, {name}") for q in (size, jump)]
    if len(found) > 2:
        found[:2] = [replace(q, title=f"{q.title}, {names[0]}") for q in found[:2]]
    return found


def field_before(profile: NetworkCost, cost: LayerCost) -> tuple[AxisField, ...] | None:
    """The receptive field of the layer's input, if it has one input with spatial axes."""
    if len(cost.node.inputs) != 1:
        return None
    source = cost.node.inputs[0]
    if source == INPUT:
        return (START,) * (len(profile.graph.input_shape) - 1)
    return profile[source].receptive_field


def remarks(profile: NetworkCost, cost: LayerCost, worked: tuple[Quantity, ...]) -> tuple[str, ...]:
    """What has no formula of its own, and why."""
    said = []
    if cost.receptive_field and not cost.in_place and not any(q.symbol == "R'" for q in worked):
        said.append(f"receptive field {' × '.join(str(axis.size) for axis in cost.receptive_field)}")
    if cost.in_place:
        said.append("works in place: no memory of its own")
    if not cost.params:
        said.append("no parameters")
    if not cost.flops:
        said.append(
            f"nothing that convention {profile.convention.name} counts as {profile.convention.flops_label}"
        )
    if profile.batch != 1:
        label = profile.convention.flops_label
        said.append(f"memory and {label} are for one sample, then times the batch of {profile.batch}")
    return tuple(said)
