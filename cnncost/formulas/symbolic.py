"""The layers walked on sympy symbols: formulas in letters, taken from the layer's own methods.

Nothing here knows a layer's formula. Sizes and arguments are replaced by symbols, the layer's
methods are run on them, and the result *is* the formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy

from cnncost.count.convention import Convention
from cnncost.count.receptive_field import AxisField, through
from cnncost.dims import Decision, Shape, assumptions, deciding, symbol
from cnncost.errors import CnncostError
from cnncost.layers.base import Layer
from cnncost.layers.shapes import Letters
from cnncost.layers.window import Window
from cnncost.network.graph import Node, axes_into, axes_of_input

LETTERS = {
    "out_channels": "C_out",
    "out_features": "F_out",
    "kernel_size": "K",
    "kernel": "K",
    "stride": "S",
    "padding": "P",
    "output_padding": "P_out",
    "dilation": "D",
    "groups": "G",
    "num_groups": "G",
    "num_heads": "h",
    "num_parameters": "N",
    "nhead": "h",
    "dim_feedforward": "F_ff",
    "hidden_size": "H",
    "proj_size": "P",
    "num_embeddings": "V",
    "embedding_dim": "E",
    "upscale_factor": "r",
    "downscale_factor": "r",
    "scale_factor": "r",
    "size": "n",
}
"""The letter of an argument, as lectures write it."""

PLAIN = {"dilation": 1, "groups": 1, "output_padding": 0, "num_parameters": 1, "proj_size": 0}
"""Values at which an argument stays out of the formula: nobody writes D = 1."""

SUFFIXES = {1: ("",), 2: ("_h", "_w"), 3: ("_t", "_h", "_w")}
SIDES = ("_left", "_right", "_top", "_bottom", "_front", "_back")


Divisors = tuple[tuple[Any, Any], ...]
"""Pairs of a size and what is known to divide it."""


def divisors_in(recorded: list[tuple[Any, str]]) -> Divisors:
    """The (size, divisor) pairs among the recorded assumptions; 3 and h too where 3h divides."""
    remainders = [c.args[0] for c, _ in recorded if isinstance(c, sympy.Eq)]
    known = [r.args for r in remainders if isinstance(r, sympy.Mod)]
    parts = [(size, part) for size, divisor in known for part in (divisor, *sympy.Mul.make_args(divisor))]
    return tuple(dict.fromkeys(parts))


def divided(formula: Any, divisors: Divisors) -> Any:
    """The formula with C/G for ⌊C/G⌋ where G is known to divide C."""
    if not hasattr(formula, "subs"):
        return formula
    return formula.subs({sympy.floor(size / divisor): size / divisor for size, divisor in divisors})


@dataclass(frozen=True)
class SymbolicLayer:
    """A layer whose arguments and input sizes are letters, with the value of each letter."""

    layer: Layer
    in_shapes: tuple[Shape, ...]
    out_letters: Shape
    out_formulas: Shape
    values: Mapping[Any, int]
    divisors: Divisors

    def params(self, convention: Convention) -> Any:
        """The number of parameters."""
        with deciding(by_values(self.values)):
            weights = self.layer.weights(*self.in_shapes)
        return divided(convention.params(self.layer, weights), self.divisors)

    def flops(self, convention: Convention) -> Any:
        """The operations of one sample, with letters for the output's sizes."""
        with deciding(by_values(self.values)):
            work = self.layer.work(self.in_shapes, self.out_letters)
        return divided(convention.flops(self.layer, work, self.in_shapes, self.out_letters), self.divisors)

    def memory(self, convention: Convention, element_bytes: Any) -> Any:
        """The output of one sample, in bytes."""
        return convention.memory(self.layer, self.out_letters, element_bytes)


def symbolic(node: Node, axes: Mapping[str, Letters] | None = None) -> SymbolicLayer:
    """The node's layer with letters for its arguments and sizes; with numbers, if its class refuses letters.

    `axes` are those of the node's graph; without, the node is looked at by itself.
    """
    try:
        return lettered(node, axes)
    except CnncostError:
        out = node.out_shape
        return SymbolicLayer(node.layer, node.in_shapes, out, out, {}, ())


def by_values(values: Mapping[Any, int]) -> Decision:
    """A condition on letters holds if it holds for their values."""
    return lambda condition: bool(condition.subs(dict(values)))


def lettered(node: Node, axes: Mapping[str, Letters] | None) -> SymbolicLayer:
    """The node's layer with letters.

    Raises:
        CnncostError: its class refuses letters.
    """
    if axes is None:
        axes = {
            name: axes_of_input((node,), name, len(shape))
            for name, shape in zip(node.inputs, node.in_shapes, strict=True)
        }
    names = axes_into(node, axes)
    values: dict[Any, int] = {}
    layer = with_letters(node.layer, values)
    in_shapes = tuple(
        input_letters(node, i, size_names(node.layer, names[i]), values) for i in range(len(names))
    )
    with assumptions() as recorded, deciding(by_values(values)):
        formulas = layer.out_shape(*in_shapes)
    divisors = divisors_in(recorded)
    formulas = tuple(divided(formula, divisors) for formula in formulas)
    out = zip(formulas, distinct(node.layer.axes_behind(*names)), node.out_shape, strict=True)
    letters = tuple(output_letter(formula, name, n, values) for formula, name, n in out)
    return SymbolicLayer(layer, in_shapes, letters, formulas, values, divisors)


def with_letters(layer: Layer, values: dict[Any, int]) -> Layer:
    """The layer made anew with a letter for each size among its arguments."""
    arguments = layer.arguments()
    fixed = ("stride",) if arguments.get("padding") == "same" else ()  # `same` needs stride 1
    for name, value in arguments.items():
        letter = own_letter(name, value) if layer.own_letters else LETTERS.get(name)
        if letter and name not in fixed and value is not None and not isinstance(value, str):
            arguments[name] = letters_for(name, letter, value, values, 2 * (layer.axes or 0))
    with assumptions():
        return type(layer)(**arguments)


def own_letter(name: str, value: Any) -> str | None:
    """The letter of an argument of a spec's own type: the usual one, else its name if nothing else has it."""
    if type(value) is not int:
        return None
    return LETTERS.get(name, None if len(name) == 1 or name in LETTERS.values() else name)


def letters_for(name: str, letter: str, value: Any, values: dict[Any, int], sides: int) -> Any:
    """One letter where all axes or sides agree, `K_h` and `K_w` where they differ."""
    per_axis = value if isinstance(value, tuple) else (value,)
    if all(v == PLAIN.get(name) for v in per_axis):
        return value
    same = all(v == per_axis[0] for v in per_axis)
    names = SIDES[:sides] if len(per_axis) == sides else SUFFIXES.get(len(per_axis), ())
    letters = tuple(symbol(letter + suffix) for suffix in (("",) * len(per_axis) if same else names))
    values.update(zip(letters, per_axis, strict=True))
    return letters if isinstance(value, tuple) else letters[0]


def input_letters(node: Node, i: int, names: Letters, values: dict[Any, int]) -> Shape:
    """Letters for one input's sizes; branches that agree share them."""
    letters = []
    for axis, (name, n) in enumerate(zip(names, node.in_shapes[i], strict=True)):
        sizes = {other[axis] for other in node.in_shapes if len(other) > axis}
        broadcast = node.layer.broadcasts and len(sizes) > 1 and n == 1
        given = sizes - {1} if node.layer.broadcasts else sizes
        plain = len(given) < 2 or (node.layer.other_inputs and n == node.in_shapes[0][axis])
        letter = symbol(name if plain else f"{name}_{i + 1}")
        if broadcast:
            letters.append(1)
            continue
        values[letter] = n
        letters.append(letter)
    return tuple(letters)


def size_names(layer: Layer, names: Letters) -> Letters:
    """The letters of an input: `C_in` and `F_in` where the layer determines the output."""
    if hasattr(layer, "out_features"):
        return distinct((*names[:-1], "F_in"))
    return distinct(("C_in", *names[1:]) if hasattr(layer, "out_channels") else names)


def distinct(names: Letters) -> Letters:
    """The letters, numbered where several axes have the same: W_1 and W_2 of a width that was cut in two."""
    numbered = (f"{name}_{names[:axis].count(name) + 1}" for axis, name in enumerate(names))
    return tuple(
        name if names.count(name) == 1 else other for name, other in zip(names, numbered, strict=True)
    )


def output_letter(formula: Any, name: str, n: int, values: dict[Any, int]) -> Any:
    """A letter for a size of the output: `H'` for what is computed, itself for what is given."""
    if not getattr(formula, "free_symbols", None) or formula.is_Symbol:
        return formula
    letter = symbol(f"{name}'")
    values[letter] = n
    return letter


@dataclass(frozen=True)
class FieldStep:
    """How one window widens the receptive field: R' and J' in letters, with their values."""

    size: Any
    jump: Any
    values: Mapping[Any, int]


def field_step(layer: SymbolicLayer, axis: int, before: AxisField) -> FieldStep | None:
    """The receptive field's step along an axis; None where no plain window slides."""
    window = layer.layer.window
    if (
        window is None
        or not isinstance(window[axis], Window)
        or len(before.first) != 1
        or before.shift != before.jump
    ):
        return None
    size, jump = widened(window[axis])
    return FieldStep(size, jump, {**layer.values, symbol("R"): before.size, symbol("J"): before.jump})


@lru_cache
def widened(window: Window) -> tuple[Any, Any]:
    """The field R and the jump J behind a window."""
    r, j = symbol("R"), symbol("J")
    after = through(AxisField((0,), (r - 1,), j, j), window)
    return sympy.collect(sympy.expand(after.size), j, func=sympy.factor), after.jump


def simplest(expression: Any) -> Any:
    """The shortest of the forms in which an expression can be written."""
    if not hasattr(expression, "free_symbols"):
        return expression
    expanded = sympy.expand(expression)
    forms = [expression, expanded]
    if not expanded.has(sympy.floor, sympy.ceiling):
        forms.append(sympy.factor(expanded))
    readable = [form for form in forms if not any(map(turned, sympy.Mul.make_args(form)))]
    return min(readable or forms, key=lambda form: sympy.count_ops(form) * 1000 + len(str(form)))


def turned(factor: Any) -> bool:
    """Whether a factor is a difference written the wrong way round, K - H - 1 for H - K + 1."""
    return bool(factor.is_Add and factor.could_extract_minus_sign())
