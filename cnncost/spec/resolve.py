"""The params and the input of a network: the spec's, a variant's, or given by the caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncost import dims, numbers
from cnncost.dims import Inputs, Shape
from cnncost.errors import CnncostError, SpecError, did_you_mean
from cnncost.spec import limits
from cnncost.spec.evaluator import Evaluator
from cnncost.spec.expression import Expression, shorten
from cnncost.spec.functions import list_fault
from cnncost.spec.items import INPUT
from cnncost.spec.lint import inside
from cnncost.spec.names import WithSymbols, known_names, root_names
from cnncost.spec.structure import Spec, Value


def resolve_params(
    spec: Spec, variant: str | None, given: Mapping[str, Any], symbols: bool = False
) -> dict[str, Any]:
    """The params of a variant, evaluated; later ones may use earlier ones.

    With `symbols`, what is given for a param may be a letter.
    """
    check_variant(spec, variant)
    for name in given:
        if name not in spec.params:
            listed = f"; it has {', '.join(spec.params)}" if spec.params else ""
            raise SpecError(f"{spec.name} has no param `{name}`{did_you_mean(name, spec.params) or listed}")
    written = {**spec.params, **(spec.variants[variant] if variant else {})}
    values: dict[str, Any] = {}
    names = root_names(spec, values)
    for name, value in written.items():
        written_for = given.get(name, value)
        known = name in given and not isinstance(written_for, Expression)
        scope = WithSymbols(names) if symbols and name in given else names
        values[name] = names[name] = frozen(written_for) if known else resolve_value(written_for, scope)
    return values


def check_variant(spec: Spec, variant: str | None) -> None:
    """Refuse a variant that a spec does not have."""
    if variant is not None and variant not in spec.variants:
        hint = did_you_mean(variant, spec.variants)
        raise SpecError(f"{spec.name} has no variant `{shorten(variant)}`{hint}")


def frozen(value: Any) -> Any:
    """A value from Python as an expression would give it: lists are tuples, whole numbers are ints."""
    if isinstance(value, (list, tuple)):
        return tuple(map(frozen, value))
    return value if isinstance(value, bool) else dims.settled(value)


def inputs_of(spec: Spec, params: Mapping[str, Any], given: Inputs | None) -> dict[str, Shape]:
    """The shapes that enter a network, by name: the given ones, else the spec's own.

    Raises:
        SpecError: the spec has none, or takes no other.
        CnncostError: a given one is no shape, or not of an input.
    """
    if given is None:
        return resolve_inputs(spec, params)
    shapes = given_inputs(spec, given)
    if spec.inputs.keys() - shapes.keys():  # the others stay as the spec has them
        shapes = {**resolve_inputs(spec, params), **shapes}
    if spec.fixed_input and shapes != (own := resolve_inputs(spec, params)):
        network = spec.aliases[spec.alias]
        only, other = (numbers.shape(next(iter(each.values()))) for each in (own, shapes))
        raise SpecError(
            f"{spec.alias} takes inputs of {only} only, as in the library; "
            f"not {other}. `{network}` takes other sizes"
        )
    return shapes


def given_inputs(spec: Spec, given: Inputs) -> dict[str, Shape]:
    """The shapes from outside by the names of the spec's inputs; a single input needs none."""
    names = [*spec.inputs]
    if not isinstance(given, Mapping):
        if len(names) > 1:
            rule = f"{spec.name} has several inputs, {' and '.join(names)}"
            size = "x".join(map(str, checked_input(given)))
            raise CnncostError(f"{rule}: say which one, as in {names[0]}={size}")
        return {(names or [INPUT])[0]: checked_input(given)}
    for name in given:
        if names and name not in names:
            hint = did_you_mean(name, names) or f"; it has {', '.join(names)}"
            raise CnncostError(f"{spec.name} has no input `{shorten(str(name))}`{hint}")
    return checked_inputs(given)


def checked_inputs(shapes: Inputs) -> dict[str, Shape]:
    """Input shapes from outside by name; a single one is called "input"."""
    if not isinstance(shapes, Mapping):
        return {INPUT: checked_input(shapes)}
    if not shapes:
        raise CnncostError("a network needs an input: a shape, or shapes by name")
    return {name: checked_input(shape) for name, shape in shapes.items()}


def checked_input(shape: Any) -> Shape:
    """An input shape from outside a spec."""
    sizes = tuple(map(dims.settled, shape)) if isinstance(shape, (list, tuple)) else ()
    if not 1 <= len(sizes) <= 4 or not all(map(is_input_size, sizes)):
        rule = "an input is a shape of positive whole numbers such as (3, 224, 224)"
        raise CnncostError(f"{rule}, got {shape!r}")
    return sizes


def is_input_size(size: Any) -> bool:
    """Whether an image can have this size: a symbol can, an array if all its numbers can."""
    if not dims.is_size(size):
        return False
    if isinstance(size, int):
        return 0 < size <= limits.INPUT
    if dims.is_symbolic(size):
        return size.is_positive is not False and size.is_integer is not False
    return bool(((size > 0) & (size <= limits.INPUT)).all())


def resolve_value(value: Value | Any, names: Mapping[str, Any]) -> Any:
    """A param's value: an expression evaluated, a list item by item."""
    if isinstance(value, list):
        items = tuple(resolve_value(v, names) for v in value)
        if fault := list_fault(items):
            raise SpecError(fault, next((e.place for e in inside(value)), None))
        return items
    return Evaluator(value, names, lambda: known_names(names)).value()


def resolve_inputs(spec: Spec, params: Mapping[str, Any]) -> dict[str, Shape]:
    """The shapes of the spec's inputs, by name."""
    if not spec.inputs:
        raise SpecError(
            f"{spec.source or spec.name}: no `input`: give the spec one, or a shape such as --input 3x224x224"
        )
    names = root_names(spec, params)
    return {name: resolve_input(written, names) for name, written in spec.inputs.items()}


def resolve_input(written: tuple[Expression, ...], names: Mapping[str, Any]) -> Shape:
    """The shape of one input."""
    shape = tuple(resolve_value(size, names) for size in written)
    for expression, size in zip(written, shape, strict=True):
        if not dims.is_size(size) or not 0 < size <= limits.INTEGER:
            raise SpecError(f"`input` is a shape of positive whole numbers, got {size!r}", expression.place)
    return shape
