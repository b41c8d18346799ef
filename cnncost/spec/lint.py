"""What else is wrong with a spec that does not build: unknown names and arguments, wherever they are.

Building stops at the first error. This module finds the errors that need no building, so that a user
sees them all at once. Which names are known follows from the text alone, so nothing right is reported.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from cnncost.errors import SpecError, SpecErrors
from cnncost.layers import MERGES, catalogue
from cnncost.layers.arguments import INFERRED
from cnncost.spec import limits
from cnncost.spec.expression import Expression
from cnncost.spec.foreign_lookup import argument_hint, is_input_size
from cnncost.spec.functions import FORBIDDEN, FUNCTIONS
from cnncost.spec.items import INDEX, REFERENCES
from cnncost.spec.names import root_names, unknown_name
from cnncost.spec.structure import Aux, Branches, Named, Sequence, Spec

Signatures = Mapping[str, Collection[str]]
"""What can be called, by name, with its arguments."""


def with_others(error: SpecError, spec: Spec) -> SpecError:
    """The error that stopped the build, together with those that it hid."""
    others = (other for other in faults(spec) if other.place != error.place)
    if error.place is None or not (found := list(islice(others, limits.MOST_ERRORS))):
        return error
    return SpecErrors(
        sorted([error, *found], key=lambda e: (e.place.line, e.place.column) if e.place else (0, 0))
    )


def faults(spec: Spec) -> Iterator[SpecError]:
    """Every unknown name and argument."""
    from cnncost.spec.habits import habits  # only wrong specs need it

    layers = {
        name: (*(f.name for f in layer.parameters()), *layer.other_inputs)
        for name, layer in {**catalogue(), **spec.types}.items()
    }
    blocks = {name: block.parameters for name, block in spec.blocks.items()}
    calls = {**layers, **blocks}
    axes = {len(shape) for shape in spec.inputs.values()}
    in_shape = (1,) * axes.pop() if len(axes) == 1 else None
    names = {**root_names(spec, dict.fromkeys(spec.params)), "in_channels": 1, "in_shape": in_shape}
    bodies = [spec.layers, *(block.body for block in spec.blocks.values())]
    of_layers = {id(expression) for body in bodies for expression in inside(body)}
    for expression, local in expressions(spec):
        hidden = {*spec.params, *spec.use, *local}  # the arguments of a layer in a param, or of a network
        known = [*calls, *hidden, *FUNCTIONS, *MERGES, *REFERENCES, "in_channels", "in_shape", INDEX]
        signatures = {name: arguments for name, arguments in calls.items() if name not in hidden}
        found = habits(expression.tree, {**names, **dict.fromkeys(local)}, id(expression) in of_layers)
        yield from (SpecError(message, expression.at(node)) for node, message in found)
        parts = outside(expression.tree, [node for node, _ in found])
        yield from expression_faults(expression, parts, known, signatures)


def outside(tree: ast.expr, without: list[ast.AST]) -> list[ast.AST]:
    """The parts of an expression that are not in one of some others."""
    inner = {id(part) for node in without for part in ast.walk(node)}
    return [part for part in ast.walk(tree) if id(part) not in inner]


def expression_faults(
    expression: Expression, nodes: list[ast.AST], known: list[str], signatures: Signatures
) -> Iterator[SpecError]:
    """The unknown names and arguments among the parts of one expression."""
    if any(type(node).__name__ in FORBIDDEN for node in nodes):
        return  # a lambda or a comprehension defines its own names
    referred = {id(arg) for node in nodes if called(node) in REFERENCES for arg in node.args}  # type: ignore[attr-defined]
    for node in nodes:
        if isinstance(node, ast.Name) and node.id not in known and id(node) not in referred:
            yield SpecError(unknown_name(node.id, known), expression.at(node))
        elif (name := called(node)) in signatures:
            for keyword in node.keywords:  # type: ignore[attr-defined]
                if keyword.arg and keyword.arg not in signatures[name]:
                    hint = (
                        INFERRED
                        if is_input_size(keyword.arg, signatures[name])
                        else argument_hint(keyword.arg, signatures[name])
                    )
                    yield SpecError(f"`{name}` has no argument `{keyword.arg}`{hint}", expression.at(keyword))


def called(node: ast.AST) -> str:
    """The name that a call calls."""
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def expressions(spec: Spec) -> Iterator[tuple[Expression, tuple[str, ...]]]:
    """Every expression with the names that only it knows."""
    values = [*spec.params.values(), *(v for changes in spec.variants.values() for v in changes.values())]
    for item in (*values, *(size for shape in spec.inputs.values() for size in shape), spec.layers):
        yield from ((expression, ()) for expression in inside(item))
    for block in spec.blocks.values():
        for item in (*block.defaults.values(), block.body):
            yield from ((expression, block.parameters) for expression in inside(item))


def item_names(spec: Spec) -> set[str]:
    """The names that a spec gives to its items, wherever they are."""
    found, items = set(), [spec.layers, *(block.body for block in spec.blocks.values())]
    while items:
        match items.pop():
            case Sequence(items=parts):
                items += parts
            case Named(name=name, item=item):
                found.add(name)
                items.append(item)
            case Aux(item=item):
                items.append(item)
            case Branches(branches=branches):
                found |= branches.keys()
                items += branches.values()
    return found


def inside(item: Any) -> Iterator[Expression]:
    """The expressions of a value or an item."""
    match item:
        case Expression():
            yield item
        case list():
            for part in item:
                yield from inside(part)
        case Sequence():
            yield from inside(list(item.items))
        case Named() | Aux():
            yield from inside(item.item)
        case Branches():
            yield from inside([*([item.call] if item.call else ()), *item.branches.values()])
