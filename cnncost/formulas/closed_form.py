"""Closed forms: what a layer, a chain or a block costs, in letters.

The builder runs as always; only the sizes that go in are symbols.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, replace
from typing import Any

import sympy

from cnncost.count.convention import Convention
from cnncost.count.conventions import convention_named
from cnncost.count.expectation import expected
from cnncost.count.profile import profile_graph
from cnncost.dims import ASSUMED, Inputs, Shape, assumptions, deciding, symbol, taken_as_true
from cnncost.errors import CnncostError, NameUnknown, Place, nearest
from cnncost.formulas.reference import example_node, good_examples
from cnncost.formulas.symbolic import (
    LETTERS,
    distinct,
    divided,
    divisors_in,
    simplest,
    symbolic,
    with_letters,
)
from cnncost.layers import Layer
from cnncost.layers import catalogue as catalogue_of_layers
from cnncost.layers.shapes import Letters, map_axes
from cnncost.network import catalogue
from cnncost.network.builder import build, expanded
from cnncost.network.expander import Expander
from cnncost.network.graph import INPUT, Graph
from cnncost.network.nodes import Nodes
from cnncost.spec.evaluator import Evaluator
from cnncost.spec.expression import parse
from cnncost.spec.names import WithSymbols, known_names
from cnncost.spec.resolve import checked_input, resolve_inputs, resolve_params
from cnncost.spec.structure import Spec


@dataclass(frozen=True)
class ClosedForm:
    """The costs of a network as expressions. `provided` are the conditions under which they hold.

    `training` is the expected number of multiply-adds with stochastic depth; None without.
    """

    title: str
    inputs: Mapping[str, Shape]
    output_shape: Shape
    params: Any
    macs: Any
    flops: Any
    memory_bytes: Any
    convention: Convention
    dtype: str
    provided: tuple[Any, ...]
    training: Any = None

    @property
    def input_shape(self) -> Shape:
        """The input's sizes; of several inputs, the first one's."""
        return next(iter(self.inputs.values()))


def closed_form(
    call: str,
    block: str | None = None,
    input: str | None = None,
    convention: str | Convention = "lecture",
    dtype: str = "float32",
    params: Mapping[str, Any] | None = None,
) -> ClosedForm:
    """The closed form of a call or chain, of a catalogue network, or of a block of a spec.

    Args:
        call: `Conv2d(F, K, stride=S)` or `Conv2d`, or the NAME of a network or family.
        block: a block or a type of that spec, `bottleneck` or `bottleneck(C)`.
        input: the input's sizes as letters or numbers, `4*C,H,W`; by default C, H, W, or the letters of as
            many axes as the spec's own input has. Of several inputs, each by its name: `a=C,H,W b=C,H,W`.
        params: params of the spec, which may be letters.

    Raises:
        CnncostError: a call, name, block or input that cannot be used.
    """
    with assumptions() as recorded, deciding(taken_as_true):
        title, graph = symbolic_graph(call, block, input, params or {})
        profile = profile_graph(graph, convention, dtype=dtype, fields=False)
        totals, training = profile.totals, expected(profile)
    divisors, settled = divisors_in(recorded), settled_by(recorded)

    def short(expression: Any) -> Any:
        return simplest(divided(sympy.sympify(expression).subs(settled), divisors))

    node = next((n for n in graph.nodes if n.name == graph.output), None)
    return ClosedForm(
        title,
        graph.inputs,
        tuple(map(short, node.out_shape if node else graph.input_shape)),
        short(totals.params),
        short(totals.macs),
        short(totals.flops),
        short(totals.memory_bytes),
        convention_named(convention) if isinstance(convention, str) else convention,
        dtype,
        tuple(conditions(recorded, settled)),
        short(training.macs) if training else None,
    )


def symbolic_graph(
    call: str, block: str | None, input: str | None, params: Mapping[str, Any]
) -> tuple[str, Graph]:
    """What to call the network, and the network on symbols."""
    shapes = given_inputs(input) if input is not None else None
    shape = shapes if not isinstance(shapes, Mapping) else None
    if block is not None:
        spec, variant, _ = catalogue.read_network(call)
        name = block.partition("(")[0].strip()
        if block in spec.types:
            alone = type_graph(spec.types[block], shape or letters(usual_axes(spec)))
            return f"{call} {alone.name}", alone
        if name not in (known := (*spec.blocks, *spec.types)):
            raise CnncostError(f"{spec.name} has no block `{name}`; it has {', '.join(known) or 'none'}")
        return f"{call} {block}", block_graph(spec, variant, block, shape, params)
    if "(" in call or ">>" in call or call in catalogue_of_layers():
        if params:
            raise CnncostError("--set changes the params of a spec, and this is none")
        layer = catalogue_of_layers().get(call)
        if layer and by_example(layer):
            example = symbolic(example_node(layer))
            if shape and len(example.in_shapes) != 1:
                raise CnncostError(f"{call} takes {len(example.in_shapes) or 'no'} inputs: leave out --input")
            alone = one_layer(example.layer, *((shape,) if shape else example.in_shapes))
            return alone.name, alone
        return call, catalogue.layer_graph(call, shape or usual_input(call), symbols=True)
    try:
        spec, variant = catalogue.read(call)
    except NameUnknown as error:
        near = nearest(call, catalogue_of_layers(), cutoff=0.8)
        raise NameUnknown(f"no layer `{call}`; did you mean {near}?" if near else str(error)) from None
    if shapes is None and not params:
        several = len(spec.inputs) > 1
        wanted = f"'{' '.join(f'{name}=C,H,W' for name in spec.inputs)}'" if several else "C,H,W"
        blocks = f"; a block reads better: {', '.join(spec.blocks)}" if spec.blocks else ""
        raise CnncostError(f"the formula of a whole network needs letters: --input {wanted}{blocks}")
    return call, build(spec, variant, input_shape=shapes, params=params, symbols=True)


def block_graph(
    spec: Spec, variant: str | None, block: str, shape: Shape | None, params: Mapping[str, Any]
) -> Graph:
    """A block on symbols, for an input with the axes that it has where the network uses it first.

    Raises:
        SpecError: the call is wrong, or the letters leave open which layers there are.
    """
    alone = replace(spec, layers=parse(block, Place("block", 1, 1, block)), inputs={}, outputs={})
    shape = shape or letters(axes_into_block(spec, variant, block.partition("(")[0].strip()))
    return build(alone, variant, input_shape=shape, params=params, symbols=True)


def axes_into_block(spec: Spec, variant: str | None, block: str) -> Letters:
    """The axes of what enters a block; those of the spec's input, where the network does not use it."""
    if not spec.inputs:
        return usual_axes(spec)
    params = resolve_params(spec, variant, {})
    expander = Expander(spec, resolve_inputs(spec, params), params, symbols=False, other_input=False)
    graph = expanded(expander, spec.name, ())
    entered = expander.entered.get(block)
    return distinct(graph.axes[entered]) if entered else usual_axes(spec)


def usual_axes(spec: Spec) -> Letters:
    """The letters of as many axes as the spec's input has; C, H, W where it names none."""
    return map_axes(len(next(iter(spec.inputs.values()), "CHW")))


def type_graph(layer: type[Layer], shape: Shape) -> Graph:
    """A spec's own type with letters for its arguments: those that must be given, and whole numbers."""
    needed = {f.name: symbol(LETTERS.get(f.name, f.name)) for f in layer.parameters() if f.default is MISSING}
    others = (tuple(symbol(f"{n}_{i}") for n in shape) for i, _ in enumerate(layer.other_inputs, 2))
    return one_layer(with_letters(layer(**needed), {}), shape, *others)


def by_example(layer: type[Layer]) -> bool:
    """Whether a type has the formula of its first example: it needs arguments, or other inputs than one."""
    known = good_examples(layer)
    needed = any(f.default is MISSING for f in layer.parameters())
    return bool(known) and (needed or len(known[0].in_shapes) != 1)


def one_layer(layer: Layer, *shapes: Shape) -> Graph:
    """A network of one layer, which is called as a spec writes it."""
    names = (INPUT, *(layer.other_inputs or (f"input{i}" for i in range(2, len(shapes) + 1))))
    entering = dict(zip(names, shapes, strict=False))
    nodes = Nodes(entering or {INPUT: (1,)})  # a Parameter takes none
    nodes.append_layer(type(layer).__name__, layer, tuple(entering), aux=False)
    first, made = next(iter(nodes.inputs.values())), tuple(nodes.nodes)
    graph = Graph(str(layer), first, made, output=made[-1].name, inputs=nodes.inputs)
    return graph.marked_as_checked()


def usual_input(call: str) -> Shape:
    """The input of a chain in letters, with as many axes as in the first example of its first layer.

    Without an example it is a map C×H×W.
    """
    node: ast.expr = parse(call, Place("layer", 1, 1, call)).tree
    while isinstance(node, (ast.BinOp, ast.IfExp)):
        if isinstance(node, ast.IfExp):
            node = node.body
        else:
            node = node.right if isinstance(node.op, ast.Mult) else node.left
    name = node.func if isinstance(node, ast.Call) else node
    layer = catalogue_of_layers().get(name.id) if isinstance(name, ast.Name) else None
    if layer is None:
        return letters(map_axes(3))
    axes = len(next(iter(layer.examples[0].in_shapes), (1,))) if layer.examples else 3
    return letters(layer.first_axes(axes) or map_axes(axes))


def letters(axes: Letters) -> Shape:
    """Symbols for the axes; F_in for the features of a vector."""
    return (symbol("F_in"),) if axes == ("F",) else tuple(map(symbol, axes))


def given_inputs(text: str) -> Inputs:
    """`C,H,W` as sizes, or `left=C,H,W right=C,H,W` as sizes by name."""
    if "=" not in text:
        return input_shape(text)
    pairs = (part.partition("=") for part in text.split())
    return {name: input_shape(sizes) for name, _, sizes in pairs}


def input_shape(text: str) -> Shape:
    """`4*C,H,W`, `CxHxW` or `3x224x224` as sizes.

    Raises:
        CnncostError: it is no shape.
    """
    parts = text.split(",") if "," in text else text.replace("×", "x").split("x")
    if not 1 <= len(parts) <= 4:
        raise CnncostError(f"--input {text}: a shape is written as C,H,W")
    names = WithSymbols({})
    sizes = []
    for part in parts:
        expression = parse(part.strip(), Place("--input", 1, 1, text))
        sizes.append(Evaluator(expression, names, lambda: known_names(names)).value())
    checked = checked_input(tuple(sizes))
    return tuple(sympy.Integer(n) if isinstance(n, int) else n for n in checked)


def settled_by(recorded: list[tuple[Any, str]]) -> dict[Any, Any]:
    """The letters that were assumed to be numbers: a stride of 1."""
    assumed = (c.args for c, rule in recorded if rule == ASSUMED and isinstance(c, sympy.Eq))
    return {letter: value for letter, value in assumed if letter.is_Symbol and value.is_Integer}


def conditions(recorded: list[tuple[Any, str]], settled: Mapping[Any, Any]) -> list[Any]:
    """What was recorded and says something: assumptions, divisors and equal branches, once each."""
    found: dict[Any, Any] = {}
    for condition, rule in sorted(recorded, key=lambda each: each[1] != ASSUMED):
        if rule != ASSUMED:
            condition = condition.subs(settled)
        if rule == ASSUMED or isinstance(condition, sympy.Eq):
            found.setdefault(frozenset(condition.args), condition)
    return list(found.values())
