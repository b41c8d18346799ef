"""Expands blocks, names nodes, threads shapes: Spec to Graph.

Expanding is lazy: a block's body is evaluated when the block is entered, because only then the
shape that enters it is known (`in_shape`), and its channels (`in_channels`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cnncost.dims import Shape, symbol
from cnncost.errors import Misfit, Place, SpecError
from cnncost.layers import MERGES, Layer, catalogue
from cnncost.network.graph import INPUT, Graph
from cnncost.network.reuse import Expansion, key_of
from cnncost.network.scope import Scope
from cnncost.network.wiring import Wiring
from cnncost.spec import limits
from cnncost.spec.calls import bind, make_layer
from cnncost.spec.evaluator import Evaluator
from cnncost.spec.expression import Expression
from cnncost.spec.items import Call, Chain, Indexed, Item, Merge, Ref, Repeat
from cnncost.spec.lint import with_others
from cnncost.spec.names import LayerTemplate, WithSymbols, known_names, root_names
from cnncost.spec.resolve import input_of, resolve_params
from cnncost.spec.structure import Aux, Block, Branches, Named, Sequence, Spec


@dataclass
class Elements:
    """A sequence laid flat, and whether its blocks are numbered like those of an nn.Sequential."""

    items: list[Any]
    numbered: bool


class Builder:
    """Builds one Graph from one Spec."""

    def __init__(
        self,
        spec: Spec,
        input_shape: Shape,
        params: Mapping[str, Any],
        symbols: bool = False,
        other_input: bool = False,
    ) -> None:
        self.spec = spec
        self.params = params
        self.symbols = symbols
        self.other_input = other_input  # than the spec's own
        self.reuse = not (other_input and "aux" in spec.text)  # a side head may come out otherwise
        self.wiring = Wiring(input_shape)
        self.known: dict[Hashable, Expansion] = {}  # blocks expanded before
        self.unfit: list[str] = []  # why side heads do not fit the input
        self.steps = 0
        self.here: Expression | None = None
        self.names = root_names(spec, params)

    def build(self, item: Any, name: str) -> Graph:
        scope = Scope("", {**self.names, **self.entering(INPUT)}, {INPUT: None}, {})
        output = self.expand(item, scope, INPUT)
        spec = self.spec
        shape = self.wiring.shapes[INPUT]
        graph = Graph(
            name,
            shape,
            tuple(self.wiring.nodes),
            spec.title,
            spec.name,
            spec.year,
            spec.source,
            output,
            tuple(self.unfit),
            remarks_on_input(shape) if self.other_input else (),
        )
        return graph.marked_as_checked()

    @property
    def size(self) -> int:
        """How many nodes there are."""
        return len(self.wiring.nodes)

    # sequences

    def expand(self, item: Any, scope: Scope, source: str) -> str:
        """Expand an item from the output `source`; the name of its own output."""
        elements = self.flatten(item, scope)
        for element in elements.items:
            source = self.place(element, scope, source, elements.numbered)
        return source

    def flatten(self, item: Any, scope: Scope) -> Elements:
        items: list[Any] = []
        self.lay(item, scope, items)
        return Elements(items, Repeat in map(type, items))

    def lay(self, item: Any, scope: Scope, into: list[Any]) -> None:
        """Lay lists and chains flat, evaluating expressions on the way."""
        self.step(item, 5)
        if isinstance(item, Expression):
            item = self.evaluate(item, scope.values)
        if isinstance(item, (Sequence, Chain)):
            for part in item.items:
                self.lay(part, scope, into)
        elif item is not None:
            into.append(item)

    def step(self, item: Any, cost: int) -> None:
        """Count what has been done; an expression counts by its size."""
        if isinstance(item, Expression):
            self.here = item
            cost += item.size
        self.steps += cost
        if self.steps > limits.STEPS:
            place = place_of(item) or place_of(self.here)
            raise SpecError(f"the spec takes more than {limits.STEPS} steps to expand", place)

    def evaluate(self, expression: Expression, values: Mapping[str, Any], index: int | None = None) -> Any:
        """The item that an expression of layers stands for."""
        value = self.value(expression, values, index)
        if value is not None and not isinstance(value, Item):
            raise SpecError(f"`{expression.text}` is a value, not a layer", expression.place)
        return value

    def value(self, expression: Expression, values: Mapping[str, Any], index: int | None = None) -> Any:
        names = WithSymbols(values) if self.symbols else values
        return Evaluator(expression, names, lambda: known_names(values), index).value()

    # single items

    def place(self, item: Any, scope: Scope, source: str, numbered: bool) -> str:
        """Expand one element without a name of its own."""
        match item:
            case Call(template=LayerTemplate()):
                return self.layer(item, self.claim(item, item.template.name, scope), source)
            case Named():
                return self.named(item, scope, source)
            case Call(template=Block() as block):
                name = scope.number() if numbered else block.name
                return self.block(item, self.claim(item, name, scope), scope, source)
            case Repeat():
                for number in self.copies(item):
                    path = self.claim(item, scope.number(), scope)
                    source = self.under(self.copy(item, number, scope), path, scope, source)
                return source
            case Branches() | Merge():
                return self.merge(item, None, scope, scope, source)
            case Ref():
                return self.wiring.resolve(item, scope)
            case Aux():
                self.side(item, scope, source)
                return source
        raise SpecError("an item of layers belongs here", place_of(item))

    def claim(self, item: Any, name: str, scope: Scope) -> str:
        """A path for what has no name of its own."""
        try:
            return scope.claim(name)
        except SpecError as error:
            raise SpecError(error.message, place_of(item)) from None

    def named(self, item: Named, scope: Scope, source: str) -> str:
        """`name: item`; with `{}` in the name, a repeat whose copies are numbered from 1."""
        elements = self.flatten(item.item, scope)
        if not elements.items:  # `norm1: lrn if … else None` takes no name where there is none
            return source
        if "{}" not in item.name:
            return self.under(elements, scope.claim(item.name, item.place, given=True), scope, source)
        if len(elements.items) != 1 or not isinstance(elements.items[0], Repeat):
            raise SpecError(f"`{item.name}` numbers a repeat: write `{item.name}: n * layer`", item.place)
        repeat = elements.items[0]
        for number in self.copies(repeat):
            name = item.name.replace("{}", str(number))
            path = scope.claim(name, item.place, given=True)
            source = self.under(self.copy(repeat, number, scope), path, scope, source)
        return source

    def copy(self, repeat: Repeat, number: int, scope: Scope) -> Elements:
        """One copy laid flat; where it mentions `index`, evaluated for its number."""
        item = repeat.item
        if isinstance(item, Indexed):
            self.step(item.expression, 5)
            item = self.evaluate(item.expression, item.names, number - 1)
        return self.flatten(item, scope)

    def copies(self, repeat: Repeat) -> Iterator[int]:
        """Count the copies from 1; after the second, see whether all of them can fit."""
        for number in range(1, repeat.times + 1):
            nodes, steps = self.size, self.steps
            yield number
            if number == 2 and not isinstance(repeat.item, Indexed):  # those may differ
                left = repeat.times - 2
                self.check_growth(repeat, left * (self.size - nodes), left * (self.steps - steps))

    def check_growth(self, repeat: Repeat, nodes: int, steps: int) -> None:
        """Refuse a repeat that comes to too much, as far as its second copy shows."""
        if self.size + nodes > limits.NODES:
            raise SpecError(f"{repeat.times} copies make more than {limits.NODES} layers", repeat.place)
        if self.steps + steps > limits.STEPS:
            raise SpecError(f"{repeat.times} copies take more than {limits.STEPS} steps", repeat.place)

    def under(self, elements: Elements, path: str, scope: Scope, source: str) -> str:
        """Expand elements under a name: a single layer takes the name, anything else lies below it."""
        only = elements.items[0] if len(elements.items) == 1 else None
        match only:
            case Call(template=LayerTemplate()):
                source = self.layer(only, path, source)
            case Call(template=Block()):
                source = self.block(only, path, scope, source)
            case Branches() | Merge():
                source = self.merge(only, path, scope, scope.inside(path), source)
            case _:
                inner = scope.inside(path)
                for element in elements.items:
                    source = self.place(element, inner, source, elements.numbered)
        self.wiring.outputs[path] = source
        return source

    def block(self, call: Call, path: str, scope: Scope, source: str) -> str:
        """Enter a block: bind its arguments, then expand its body below its name."""
        block = call.template
        assert isinstance(block, Block)
        if scope.depth >= limits.BLOCK_DEPTH:
            message = (
                f"blocks nested more than {limits.BLOCK_DEPTH} deep: `{block.name}` seems to contain itself"
            )
            raise SpecError(message, call.place)
        self.step(call, 5 + len(block.parameters))
        bound = bind(block.name, block.parameters, call)
        wiring = self.wiring
        key = key_of(block, bound, wiring.shapes[source], scope.depth, wiring.aux) if self.reuse else None
        known = self.known.get(key)
        if known and known.fits(path, self.size, self.steps):
            output = wiring.copy(known, path, source)
            self.steps += known.steps
        else:
            expansion = Expansion(path, source, self.size, self.steps)
            wiring.open.append(expansion)
            output = self.enter(call, bound, path, scope, source)
            wiring.open.pop()
            if key is not None and expansion.closed:
                expansion.complete(wiring.nodes, output, self.steps)
                self.known[key] = expansion
        wiring.outputs[path] = output
        if output == path or output.startswith(f"{path}."):  # not what a ref in it leads to
            wiring.before[output] = source
        return output

    def enter(self, call: Call, bound: Mapping[str, Any], path: str, scope: Scope, source: str) -> str:
        """Expand a block's body in a scope of its own."""
        block = call.template
        assert isinstance(block, Block)
        inner = scope.inside(path)
        inner.depth = scope.depth + 1
        inner.source = source
        try:
            inner.values = self.arguments(block, bound, call, source)
            return self.expand(block.body, inner, source)
        except SpecError as error:
            raise called_from(error, path, call) from None

    def arguments(self, block: Block, bound: Mapping[str, Any], call: Call, source: str) -> dict[str, Any]:
        """The names within a block: those around it, and its parameters with their values."""
        names = {**self.names, **self.entering(source), **bound}
        for name, default in block.defaults.items():
            if name not in bound:
                self.step(default, 1)
                names[name] = self.value(default, names)
        for name in block.parameters:
            if name not in bound and name not in block.defaults:
                if not self.symbols:
                    raise SpecError(f"`{block.name}` needs `{name}`", call.place)
                names[name] = symbol(name)
        return names

    def entering(self, source: str) -> dict[str, Any]:
        """What a block can say of its input."""
        shape = self.wiring.shapes[source]
        return {"in_channels": shape[0], "in_shape": shape}

    def layer(self, call: Call, path: str, source: str) -> str:
        """Make one layer and add it as a node."""
        template = call.template
        assert isinstance(template, LayerTemplate)
        return self.node(path, make_layer(template.layer, call), (source,), source, call)

    def merge(self, item: Branches | Merge, path: str | None, scope: Scope, inner: Scope, source: str) -> str:
        """Expand each branch from the merge's own input, then join their outputs.

        A branch of None is left out; a single one that is left needs no merge.
        """
        laid = [(name, self.flatten(branch, scope)) for name, branch in item.branches.items()]
        laid = [(name, elements) for name, elements in laid if elements.items]
        if not laid:
            raise SpecError(f"`{item.kind}` has no branch left: all are None", place_of(item))
        if len(laid) > 1 and path is None:
            path = self.claim(item, item.kind, scope)
        outputs = [
            self.under(elements, self.claim(item, name, inner), scope, source) for name, elements in laid
        ]
        if path is None or len(outputs) == 1:
            return outputs[0]
        return self.node(path, catalogue()[MERGES[item.kind]](), tuple(outputs), source, item)

    def node(self, path: str, layer: Layer, inputs: tuple[str, ...], source: str, item: Any) -> str:
        """Add a node; `source` is what entered the layer, or the merge as a whole."""
        try:
            self.wiring.add(path, layer, inputs)
        except SpecError as error:
            raise type(error)(error.message, place_of(item)) from None
        self.wiring.before[path] = source
        return path

    def side(self, item: Aux, scope: Scope, source: str) -> None:
        """Expand a side head; the main path goes on from where it stood.

        On an input other than the spec's own, a head that does not fit is left out: inference does
        without it, as torch does.
        """
        wiring, inner = self.wiring, item.item
        outer, wiring.aux = wiring.aux, True
        before = wiring.state()
        try:
            if isinstance(inner, Named):
                self.named(inner, scope, source)
            else:
                self.under(self.flatten(inner, scope), self.claim(item, "aux", scope), scope, source)
        except Misfit as error:
            if not self.other_input:
                raise
            self.unfit.append(error.message)
            wiring.go_back(before)
        wiring.aux = outer


def remarks_on_input(shape: Shape) -> tuple[str, ...]:
    """What looks like height × width × channels, as images lie in files, where channels come first."""
    if len(shape) != 3 or not all(isinstance(n, int) for n in shape) or not shape[2] <= 4 < min(shape[:2]):
        return ()
    turned = "x".join(map(str, (shape[2], *shape[:2])))
    read = f"The input is read as channels × height × width, so with {shape[0]} channels"
    return (f"{read}; for an image with {shape[2]}, write {turned}",)


def called_from(error: SpecError, path: str, call: Call) -> SpecError:
    """The error with the outermost call that led to it: on the way out, each block puts its own."""
    message, _, _ = error.message.partition(CALLED_FROM)
    line = f", line {call.place.line}" if call.place else ""
    return type(error)(f"{message}{CALLED_FROM}`{path}`{line})", error.place)


CALLED_FROM = " (from "


def place_of(item: Any) -> Place | None:
    """Where an item stands, if it knows."""
    return getattr(item, "place", None)


def build(
    spec: Spec,
    variant: str | None = None,
    *,
    input_shape: Shape | None = None,
    params: Mapping[str, Any] | None = None,
    symbols: bool = False,
) -> Graph:
    """Build a network from its spec.

    Args:
        variant: which of the spec's variants; None for its params as they stand.
        input_shape: (C, H, W) in place of the spec's own.
        params: values in place of the spec's own, after the variant's.
        symbols: let unknown sizes be symbols, for closed forms.

    Raises:
        SpecError: with the place, for whatever does not fit.
    """
    builder: Builder | None = None
    try:
        values = resolve_params(spec, variant, params or {}, symbols)
        shape = input_of(spec, values, input_shape)
        builder = Builder(spec, shape, values, symbols, other_input=input_shape is not None)
        return builder.build(spec.layers, variant or spec.name)
    except RecursionError:
        place = place_of(builder.here) if builder else None
        raise SpecError("blocks and branches nested too deeply", place) from None
    except SpecError as error:
        hints = remarks_on_input(shape) if builder and input_shape is not None else ()
        if isinstance(error, Misfit) and hints:
            error = Misfit(". ".join((error.message, *hints)), error.place)
        raise (error if symbols else with_others(error, spec)) from None
