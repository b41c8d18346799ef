"""Closed forms: what a layer, a chain or a block costs, in letters.

The builder runs as always; only the sizes that go in are symbols.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy

from cnncost.count.convention import Convention
from cnncost.count.conventions import convention_named
from cnncost.count.expectation import expected
from cnncost.count.profile import profile_graph
from cnncost.dims import Shape, assumptions, symbol
from cnncost.errors import CnncostError, Place, SpecError
from cnncost.formulas.symbolic import divided, divisors_in, simplest
from cnncost.layers import catalogue as catalogue_of_layers
from cnncost.layers.shapes import Letters, map_axes
from cnncost.network import catalogue
from cnncost.network.builder import build
from cnncost.network.graph import Graph
from cnncost.spec.evaluator import Evaluator
from cnncost.spec.expression import parse
from cnncost.spec.names import WithSymbols, known_names
from cnncost.spec.resolve import checked_input
from cnncost.spec.structure import Spec
from cnncost.spec.values import UNDECIDED


@dataclass(frozen=True)
class ClosedForm:
    """The costs of a network as expressions. `provided` are the conditions under which they hold.

    `training` is the expected number of multiply-adds with stochastic depth; None without.
    """

    title: str
    input_shape: Shape
    output_shape: Shape
    params: Any
    macs: Any
    flops: Any
    memory_bytes: Any
    convention: Convention
    dtype: str
    provided: tuple[Any, ...]
    training: Any = None


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
        call: `Conv2d(F, K, stride=S)`, or the NAME of a network or family.
        block: a block of that spec, `bottleneck` or `bottleneck(C)`.
        input: the input's sizes as letters or numbers, `4*C,H,W`; C, H, W by default.
        params: params of the spec, which may be letters.

    Raises:
        CnncostError: a call, name, block or input that cannot be used.
    """
    with assumptions() as recorded:
        graph = symbolic_graph(call, block, input, params or {})
        profile = profile_graph(graph, convention, dtype=dtype, fields=False)
        totals, training = profile.totals, expected(profile)
    divisors = divisors_in(recorded)

    def short(expression: Any) -> Any:
        return simplest(divided(sympy.sympify(expression), divisors))

    node = next((n for n in graph.nodes if n.name == graph.output), None)
    return ClosedForm(
        f"{call} {block}" if block else call,
        graph.input_shape,
        tuple(map(short, node.out_shape if node else graph.input_shape)),
        short(totals.params),
        short(totals.macs),
        short(totals.flops),
        short(totals.memory_bytes),
        convention_named(convention) if isinstance(convention, str) else convention,
        dtype,
        tuple(conditions(recorded)),
        short(training.macs) if training else None,
    )


def symbolic_graph(call: str, block: str | None, input: str | None, params: Mapping[str, Any]) -> Graph:
    """The network on symbols."""
    shape = input_shape(input) if input is not None else None
    if block is not None:
        spec = catalogue.read_family(call)
        name = block.partition("(")[0].strip()
        if name not in spec.blocks:
            raise CnncostError(
                f"{spec.name} has no block `{name}`; it has {', '.join(spec.blocks) or 'none'}"
            )
        return block_graph(spec, block, shape, params)
    if "(" in call or ">>" in call or call in catalogue_of_layers():
        if params:
            raise CnncostError("--set changes the params of a spec, and this is none")
        return catalogue.layer_graph(call, shape or usual_input(call), symbols=True)
    spec, variant = catalogue.read(call)
    if shape is None and not params:
        blocks = f"; a block reads better: {', '.join(spec.blocks)}" if spec.blocks else ""
        raise CnncostError(f"the formula of a whole network needs letters: --input C,H,W{blocks}")
    return build(spec, variant, input_shape=shape, params=params, symbols=True)


def block_graph(spec: Spec, block: str, shape: Shape | None, params: Mapping[str, Any]) -> Graph:
    """A block on symbols; where it has to decide something, the error gives a call that works.

    Raises:
        SpecError: the call is wrong, or the letters leave open which layers there are.
    """

    def built(call: str) -> Graph:
        alone = replace(spec, layers=parse(call, Place("block", 1, 1, call)))
        return build(alone, input_shape=shape or letters(map_axes(3)), params=params, symbols=True)

    try:
        return built(block)
    except SpecError as error:
        tried = f"{block.strip()}(C)"
        if UNDECIDED not in error.message or "(" in block:
            raise
        try:
            built(tried)
        except SpecError:
            raise error from None
        message = f'{error.message}; try cnncost formula {spec.name} "{tried}"'
        raise SpecError(message, error.place) from None


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


def conditions(recorded: list[tuple[Any, str]]) -> list[Any]:
    """The recorded conditions that say something: divisors and equal branches, once each."""
    kept = dict.fromkeys(condition for condition, rule in recorded if isinstance(condition, sympy.Eq))
    return list(kept)
