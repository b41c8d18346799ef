"""The params and the input of a network: the spec's, a variant's, or given by the caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncost import dims
from cnncost.dims import Shape
from cnncost.errors import SpecError, did_you_mean
from cnncost.spec import limits
from cnncost.spec.evaluator import Evaluator, list_fault
from cnncost.spec.lint import inside
from cnncost.spec.scope import known_names, root_names
from cnncost.spec.structure import Spec, Value


def resolve_params(spec: Spec, variant: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The params of a variant, evaluated; later ones may use earlier ones."""
    if variant is not None and variant not in spec.variants:
        raise SpecError(f"{spec.name} has no variant `{variant}`{did_you_mean(variant, spec.variants)}")
    for name in given:
        if name not in spec.params:
            raise SpecError(f"{spec.name} has no param `{name}`{did_you_mean(name, spec.params)}")
    written = {**spec.params, **(spec.variants[variant] if variant else {})}
    values: dict[str, Any] = {}
    names = root_names(spec, values)
    for name, value in written.items():
        values[name] = names[name] = frozen(given[name]) if name in given else resolve_value(value, names)
    return values


def frozen(value: Any) -> Any:
    """A value from Python as an expression would give it: lists are tuples."""
    return tuple(map(frozen, value)) if isinstance(value, (list, tuple)) else value


def resolve_value(value: Value | Any, names: Mapping[str, Any]) -> Any:
    """A param's value: an expression evaluated, a list item by item."""
    if isinstance(value, list):
        items = tuple(resolve_value(v, names) for v in value)
        if fault := list_fault(items):
            raise SpecError(fault, next((e.place for e in inside(value)), None))
        return items
    return Evaluator(value, names, lambda: known_names(names)).value()


def resolve_input(spec: Spec, params: Mapping[str, Any]) -> Shape:
    """The spec's input shape.

    Raises:
        SpecError: it has none, or a size that is not a positive whole number.
    """
    if not spec.input:
        raise SpecError(
            f"{spec.source or spec.name}: no `input`: give the spec one, or a shape such as --input 3x224x224"
        )
    names = root_names(spec, params)
    shape = tuple(resolve_value(size, names) for size in spec.input)
    for expression, size in zip(spec.input, shape, strict=True):
        if not dims.is_size(size) or not 0 < size <= limits.INTEGER:
            raise SpecError(f"`input` is a shape of positive whole numbers, got {size!r}", expression.place)
    return shape
