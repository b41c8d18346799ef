"""Evaluates the expressions of a spec while it is expanded, and limits the work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cnncost.dims import Shape, symbol
from cnncost.errors import CnncostError, Place, SpecError
from cnncost.layers import MERGES, Layer, catalogue
from cnncost.spec import limits
from cnncost.spec.calls import make_layer
from cnncost.spec.evaluator import Evaluator
from cnncost.spec.expression import Expression, shorten
from cnncost.spec.items import Call, Chain, Item, Merge, Repeat
from cnncost.spec.library import used_spec
from cnncost.spec.lint import item_names
from cnncost.spec.names import LayerTemplate, WithSymbols, known_names, root_names
from cnncost.spec.resolve import resolve_params
from cnncost.spec.structure import Block, Branches, Sequence, Spec, UsedNetwork


class Evaluation:
    """Evaluates the expressions of one spec, and counts the steps: a few lines can unfold to millions."""

    def __init__(self, spec: Spec, params: Mapping[str, Any], symbols: bool) -> None:
        self.spec = spec
        self.symbols = symbols
        self.names = root_names(spec, params)
        self.steps = 0
        self.specs: dict[tuple[str, str], tuple[Spec, str | None]] = {}  # of the networks in use
        self.open_specs = [spec.text]  # those that are being expanded, each within the one before
        self.here: Expression | None = None  # the expression that is being evaluated

    def step(self, item: Any, cost: int) -> None:
        """Count what has been done; an expression counts by its size."""
        if isinstance(item, Expression):
            self.here = item
            cost += item.size
        self.steps += cost
        if self.steps > limits.STEPS:
            place = place_of(item) or place_of(self.here)
            raise SpecError(f"the spec takes more than {limits.STEPS} steps to expand", place)

    def value(
        self,
        expression: Expression,
        values: Mapping[str, Any],
        index: int | None = None,
        layers: bool = False,
    ) -> Any:
        """An expression's value, plain or an item; `index` is the number of the copy that it makes.

        `layers` says that it must be one of layers, for the message if it is wrong.
        """
        names = WithSymbols(values) if self.symbols else values
        try:
            return Evaluator(expression, names, lambda: known_names(values), index).value(layers)
        except SpecError as error:
            raise self.naming(error, values) from None

    def naming(self, error: SpecError, values: Mapping[str, Any]) -> SpecError:
        """The error for an unknown name, or how to write it if it is the name of a layer."""
        name, *others = error.names or [""]
        if others or name in values or name not in item_names(self.spec):
            return error
        forms = f"`ref({name})` is its output, and `again({name})` its layers once more"
        return SpecError(
            f"{name}: no such layer, block or param; of the layer `{name}`, {forms}", error.place
        )

    def item(self, expression: Expression, values: Mapping[str, Any], index: int | None = None) -> Any:
        """The layers that an expression describes; None for no layer."""
        value = self.value(expression, values, index, layers=True)
        if value is not None and not isinstance(value, Item):
            from cnncost.spec.habits import list_hint

            message = f"`{shorten(expression.text)}` is a value, not a layer{list_hint(expression.tree)}"
            raise SpecError(message, expression.place)
        return value

    def flatten(self, item: Any, values: Mapping[str, Any]) -> list[Any]:
        """The elements of lists and chains, side by side; expressions are evaluated on the way."""
        self.step(item, 5)
        if isinstance(item, Expression):
            item = self.item(item, values)
        if isinstance(item, (Sequence, Chain)):
            return [element for part in item.items for element in self.flatten(part, values)]
        return [] if item is None else [item]

    def merging_layer(self, item: Branches | Merge, values: Mapping[str, Any]) -> Layer:
        """The layer of a merge, with its options."""
        layer = catalogue()[MERGES[item.kind]]
        if isinstance(item, Merge):
            written, node, options = item.expression, item.node, item.options
        else:
            written, node = item.call, item.call.tree if item.call else None
            options = {name: self.value(given, values) for name, given in item.options.items()}
        return make_layer(layer, Call(LayerTemplate(layer), (), options, expression=written, node=node))

    @contextmanager
    def entering(self, used: UsedNetwork, call: Call) -> Iterator[tuple[Spec, dict[str, Any], str]]:
        """A network that a spec uses: its spec, its params as the call gives them, and where it ends."""
        if call.args:
            raise SpecError(f"`{used.name}` takes its params by name: `{used.name}(classes=10)`", call.place)
        given = dict(call.kwargs)
        until = given.pop("until", "")
        if not isinstance(until, str):
            rule = "`until` takes the name of a layer in quotes: until='conv5_x'"
            raise SpecError(rule, call.place_of("until"))
        spec, variant = self.spec_of(used)
        if spec.text in self.open_specs:
            raise SpecError(f"`{used.network}` uses itself, directly or through others", used.place)
        if len(spec.inputs) > 1:
            inputs = ", ".join(spec.inputs)
            raise SpecError(
                f"`{used.network}` takes several inputs ({inputs}): it cannot be used", used.place
            )
        try:
            params = resolve_params(spec, variant, given, self.symbols)
        except SpecError as error:
            raise SpecError(error.message, error.place or call.place) from None
        self.open_specs.append(spec.text)
        try:
            yield spec, params, until
        finally:
            self.open_specs.pop()

    def spec_of(self, used: UsedNetwork) -> tuple[Spec, str | None]:
        """The spec of a network in use, read once, and which of its variants."""
        key = used.user.source, used.network
        try:
            self.specs[key] = self.specs.get(key) or used_spec(used.network, used.user)
        except CnncostError as error:
            if type(error) is SpecError and error.place:  # within the file that is used
                raise
            raise SpecError(str(error), used.place) from None
        return self.specs[key]

    def names_within(
        self, block: Block, bound: Mapping[str, Any], call: Call, shape: Shape
    ) -> dict[str, Any]:
        """Every name within a block: those around it, its input, and its parameters with their values."""
        names = {**block.names, **about_input(shape), **bound}
        for name in block.parameters:
            if name in bound:
                continue
            if name in block.defaults:  # one default may use those before it
                self.step(block.defaults[name], 1)
                names[name] = self.value(block.defaults[name], names)
            elif self.symbols:
                names[name] = symbol(name)
            else:
                raise SpecError(f"`{block.name}` needs `{name}`", call.place)
        return names


def about_input(shape: Shape) -> dict[str, Any]:
    """The names with which a block can refer to its input."""
    return {"in_channels": shape[0], "in_shape": shape}


def has_repeat(elements: list[Any]) -> bool:
    """Whether blocks among these elements are numbered, like those of an nn.Sequential."""
    return any(isinstance(element, Repeat) for element in elements)


def place_of(item: Any) -> Place | None:
    """Where an item is written, if it knows."""
    return getattr(item, "place", None)
