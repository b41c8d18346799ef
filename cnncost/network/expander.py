"""Expands the items of a spec to nodes: blocks, repeats and branches, with a name for each layer.

Expanding is lazy: a block's body is evaluated when the block is entered, because only then the
shape that enters it is known (`in_shape`), and its channels (`in_channels`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from itertools import islice
from typing import Any

from cnncost.dims import Shape
from cnncost.errors import Misfit, Place, SpecError, did_you_mean
from cnncost.layers import Layer
from cnncost.network.call_chain import called_from
from cnncost.network.evaluation import Evaluation, about_input, has_repeat, place_of
from cnncost.network.graph import BlockCall, Node
from cnncost.network.reuse import Expansion, key_of
from cnncost.network.scope import Scope
from cnncost.network.torch_reading import explained, layer_for
from cnncost.network.wiring import Wiring
from cnncost.spec import limits
from cnncost.spec.calls import bind, other_inputs
from cnncost.spec.expression import shorten
from cnncost.spec.items import INPUT, Again, Call, Indexed, Merge, Ref, Repeat
from cnncost.spec.names import LayerTemplate, root_names
from cnncost.spec.structure import Aux, Block, Branches, Named, Spec, UsedNetwork


class Expander(Evaluation):
    """Expands one spec, for one input and one set of params."""

    def __init__(
        self,
        spec: Spec,
        inputs: Mapping[str, Shape],
        params: Mapping[str, Any],
        symbols: bool,
        other_input: bool,
    ) -> None:
        super().__init__(spec, params, symbols)
        self.other_input = other_input  # than the spec's own
        self.reuse = not (other_input and "aux" in spec.text)  # a side head may differ
        self.wiring = Wiring(inputs)
        self.known: dict[Hashable, Expansion] = {}  # blocks expanded before
        self.unfit: list[str] = []  # why side heads do not fit the input
        self.remarks: list[str] = []  # calls that may not mean what they say
        self.entered: dict[str, str] = {}  # what enters each block where it is used first
        self.absent: set[str] = set()  # names of items that are nothing at all

    def expand_all(self) -> tuple[str, ...]:
        """Expand the spec's layers; the names of the network's outputs."""
        first, shape = next(iter(self.wiring.inputs.items()))
        names = {**self.names, **about_input(shape)}
        own = dict.fromkeys((INPUT, *self.wiring.inputs))
        scope = Scope("", names, dict(own), {}, first, inputs=own)
        end = self.expand(self.flatten(self.spec.layers, names), scope, first)
        given = [each for each in self.spec.outputs.items() if each[0] not in self.absent]
        return tuple(self.wiring.output_named(*each) for each in given) or (end,)

    @property
    def size(self) -> int:
        """How many nodes there are."""
        return len(self.wiring.nodes)

    def expand(self, elements: list[Any], scope: Scope, source: str) -> str:
        """Expand elements one after the other, from the output `source`; return the last output's name."""
        numbered, start = has_repeat(elements), self.size
        begun, before = False, source
        for element in elements:
            source = self.expand_one(element, scope, source, numbered)
            if not begun:
                self.wiring.entered[scope.path] = self.what_enters(element, scope, source, before)
            begun, before = self.size > start, source
            if self.ends(scope):
                break
        return source

    def ends(self, scope: Scope) -> bool:
        """Whether this is as far as a network is used."""
        return scope.until in self.wiring.outputs

    def what_enters(self, first: Any, scope: Scope, source: str, before: str) -> str:
        """What enters a list whose `first` element is expanded: not what a `ref` at its head puts aside."""
        if isinstance(first, Named):
            path = ".".join(filter(None, (scope.path, first.name.replace("{}", "1"))))
            return self.wiring.entered.get(path, before)
        return source if isinstance(first, Ref) else before

    def expand_one(self, item: Any, scope: Scope, source: str, numbered: bool) -> str:
        """Expand one element without a name of its own."""
        match item:
            case Call(template=template):
                name = scope.number() if numbered and isinstance(template, Block) else template.name
                return self.call(item, self.claim(item, name, scope), scope, source)
            case Named():
                return self.named(item, scope, source)
            case Repeat():
                for number in self.copies(item):
                    path = self.claim(item, scope.number(), scope)
                    source = self.under(self.copy(item, number, scope), path, scope, source)
                return source
            case Branches() | Merge():
                return self.merge(item, None, scope, scope, source)
            case Ref():
                return self.wiring.resolve(item, scope)
            case Again(name=name):
                known = self.wiring.item(item, scope.path)
                return self.again(item, known, self.claim(item, name.rpartition(".")[2], scope), source)
            case Aux():
                self.side(item, scope, source)
                return source
        raise SpecError("an item of layers belongs here", place_of(item))

    def claim(self, item: Any, name: str, scope: Scope) -> str:
        """A path for an element without a name."""
        try:
            return scope.claim(name)
        except SpecError as error:
            raise SpecError(error.message, place_of(item)) from None

    # names

    def named(self, item: Named, scope: Scope, source: str) -> str:
        """`name: item`; with `{}` in the name, a repeat whose copies are numbered from 1."""
        elements = self.flatten(item.item, scope.values)
        if not elements:  # `norm1: lrn if … else None` takes no name where there is none
            self.absent.add(item.name)
            return source
        if "{}" not in item.name:
            return self.under(elements, scope.claim(item.name, item.place, given=True), scope, source)
        repeat = self.only_repeat(item.name, elements, item.place)
        for number in self.copies(repeat):
            path = scope.claim(item.name.replace("{}", str(number)), item.place, given=True)
            source = self.under(self.copy(repeat, number, scope), path, scope, source)
            if self.ends(scope):
                break
        return source

    def only_repeat(self, name: str, elements: list[Any], place: Place | None) -> Repeat:
        """The repeat whose copies a name with `{}` numbers."""
        if len(elements) == 1 and isinstance(elements[0], Repeat):
            return elements[0]
        raise SpecError(f"`{name}` numbers a repeat: write `{name}: n * layer`", place)

    def under(self, elements: list[Any], path: str, scope: Scope, source: str) -> str:
        """Expand elements under a name: a single layer takes the name; anything else takes it as a prefix."""
        only = elements[0] if len(elements) == 1 else None
        start, self.wiring.entered[path] = self.size, source
        if again := only_again(elements):
            source = self.expand(elements[:-1], scope.inside(path), source)
            source = self.again(again, self.wiring.item(again, path), path, source)
        elif isinstance(only, Call):
            source = self.call(only, path, scope, source)
        elif isinstance(only, (Branches, Merge)):
            source = self.merge(only, path, scope, scope.inside(path), source)
        else:
            source = self.expand(elements, scope.inside(path), source)
        self.wiring.finish(path, source, start)
        return source

    # repeats

    def copy(self, repeat: Repeat, number: int, scope: Scope) -> list[Any]:
        """The elements of one copy; where it mentions `index`, evaluated for its number."""
        item = repeat.item
        if isinstance(item, Indexed):
            self.step(item.expression, 5)
            item = self.item(item.expression, item.names, number - 1)
        return self.flatten(item, scope.values)

    def copies(self, repeat: Repeat) -> Iterator[int]:
        """Count the copies from 1; after the second, see whether all of them can fit."""
        for number in range(1, repeat.times + 1):
            nodes, steps = self.size, self.steps
            yield number
            if number == 2 and not isinstance(repeat.item, Indexed):  # those may differ
                left = repeat.times - 2
                self.check_growth(repeat, left * (self.size - nodes), left * (self.steps - steps))

    def check_growth(self, repeat: Repeat, nodes: int, steps: int) -> None:
        """Refuse a repeat that would be too large, judged by its second copy."""
        if self.size + nodes > limits.NODES:
            raise SpecError(f"{repeat.times} copies make more than {limits.NODES} layers", repeat.place)
        if self.steps + steps > limits.STEPS:
            raise SpecError(f"{repeat.times} copies take more than {limits.STEPS} steps", repeat.place)

    # calls

    def again(self, item: Again, known: Expansion, path: str, source: str) -> str:
        """The layers of an earlier item once more, behind another output and with the same weights."""
        wiring, start = self.wiring, self.size
        wiring.entered[path] = source
        self.step(item, 5 + len(known.nodes))
        if known.nodes and known.source not in {name for node in known.nodes for name in node.inputs}:
            message = f"`again({item.name})`: no layer of `{known.path}` takes what enters it"
            raise SpecError(message, item.place)
        for name, first, inputs in known.used_again(path, source):
            if len(name) > limits.NAME_CHARACTERS:
                rule = f"a name of more than {limits.NAME_CHARACTERS} characters"
                raise SpecError(f"`{shorten(name)}`: {rule}", item.place)
            before = known.renamed(wiring.look_up(wiring.before, first.name) or "", path, source)
            self.node(name, first.layer, inputs, before, item, first)
        for expansion in wiring.open:
            expansion.refers_to(known.path)
        wiring.copied[path] = known, source
        output = known.renamed(known.output, path, source)
        wiring.finish(path, output, start)
        return output

    def call(self, call: Call, path: str, scope: Scope, source: str) -> str:
        """A layer, which becomes a node, or a block, which is expanded below its name."""
        if isinstance(call.template, LayerTemplate):
            layers, arguments = other_inputs(call.template.layer, call)
            others = self.other_outputs(layers, path, scope, source) if layers else ()
            layer, remark = layer_for(call.template.layer, arguments, self.wiring.shapes[source])
            if remark:
                self.remarks.append(f"{path}: {remark}")
            inputs = (source, *others) if layer.takes_input else ()
            return self.node(path, layer, inputs, source, call)
        block = call.template
        assert isinstance(block, (Block, UsedNetwork))
        if scope.depth >= limits.BLOCK_DEPTH:
            rule = f"blocks nested more than {limits.BLOCK_DEPTH} deep"
            raise SpecError(f"{rule}: `{block.name}` seems to contain itself", call.place)
        start, self.wiring.entered[path] = self.size, source
        if isinstance(block, UsedNetwork):
            output = self.used(block, call, scope.entered(path, source))
        else:
            self.entered.setdefault(block.name, source)
            output = self.block(block, call, path, scope, source)
        self.wiring.finish(path, output, start)
        if output == path or output.startswith(f"{path}."):  # not what a ref in it leads to
            self.wiring.before[output] = source
        return output

    def block(self, block: Block, call: Call, path: str, scope: Scope, source: str) -> str:
        """A block: expanded below its name, or copied from where it was before."""
        self.step(call, 5 + len(block.parameters))
        bound, wiring = bind(block.name, block.parameters, call), self.wiring
        key = key_of(block, bound, wiring.shapes[source], scope.depth, wiring.aux) if self.reuse else None
        known = self.known.get(key)
        if known and known.fits(path, self.size, self.steps):
            self.steps += known.steps
            return wiring.copy(known, path, source)
        expansion, blocks = Expansion(path, source, self.size, self.steps), len(wiring.blocks)
        wiring.open.append(expansion)
        output = self.body(block, bound, call, scope.entered(path, source))
        wiring.open.pop()
        if key is not None and expansion.closed:
            expansion.complete(wiring.nodes, output, self.steps)
            expansion.blocks = tuple(islice(wiring.blocks.items(), blocks, None))
            self.known[key] = expansion
        return output

    def other_outputs(self, layers: Mapping[str, Any], path: str, scope: Scope, source: str) -> Iterator[str]:
        """What a layer's further inputs are given: each is expanded from the input of the layer."""
        inside = scope.inside(path)
        for name, item in layers.items():
            yield self.under(self.flatten(item, scope.values), inside.claim(name), scope, source)

    def body(self, block: Block, bound: Mapping[str, Any], call: Call, scope: Scope) -> str:
        """Expand a block's body in a scope of its own."""
        try:
            scope.values = self.names_within(block, bound, call, self.wiring.shapes[scope.source])
            values = {name: scope.values[name] for name in block.parameters}
            self.wiring.blocks[scope.path] = BlockCall(block.name, values)
            return self.expand(self.flatten(block.body, scope.values), scope, scope.source)
        except SpecError as error:
            raise called_from(error, block.name, block.parameters, scope.path, call) from None

    def used(self, used: UsedNetwork, call: Call, scope: Scope) -> str:
        """Expand another network's layers with the params that the call gives, all or until a named one."""
        path, wiring = scope.path, self.wiring
        try:
            with self.entering(used, call) as (spec, params, until):
                self.reuse = self.reuse and not (self.other_input and "aux" in spec.text)
                scope.values = {**root_names(spec, params), **about_input(wiring.shapes[scope.source])}
                scope.until = f"{path}.{until}" if until else ""
                wiring.outputs[f"{path}.{INPUT}"] = scope.source
                output = self.expand(self.flatten(spec.layers, scope.values), scope, scope.source)
        except SpecError as error:
            raise called_from(error, used.network, (), path, call) from None
        if until and wiring.outputs.get(scope.until) != output:
            below = [name[len(path) + 1 :] for name in wiring.outputs if name.startswith(f"{path}.")]
            known = [name for name in below if "." not in name and name != INPUT]
            message = f"`{used.network}` has no layer `{shorten(until)}`{did_you_mean(until, known)}"
            raise SpecError(message, call.place_of("until"))
        return output

    def merge(self, item: Branches | Merge, path: str | None, scope: Scope, inner: Scope, source: str) -> str:
        """Expand each branch from the merge's own input, then join their outputs.

        A branch of None is left out; a single one that is left needs no merge.
        """
        laid = [(name, elements) for name, elements in self.branches(item, scope) if elements]
        if not laid:
            raise SpecError(f"`{item.kind}` has no branch left: all are None", place_of(item))
        if len(laid) > 1 and path is None:
            path = self.claim(item, item.kind, scope)
        outputs = [self.branch(name, elements, item, scope, inner, source) for name, elements in laid]
        if path is None or len(outputs) == 1:
            return outputs[0]
        return self.node(path, self.merging_layer(item, scope.values), tuple(outputs), source, item)

    def branch(
        self, name: str, elements: list[Any], item: Any, scope: Scope, inner: Scope, source: str
    ) -> str:
        """Expand one branch; a name that begins with `_` is no part of the names of its layers."""
        if not name.startswith("_"):
            return self.under(elements, self.claim(item, name, inner), scope, source)
        entered = self.wiring.entered.get(scope.path, source)
        output = self.expand(elements, scope, source)
        self.wiring.entered[scope.path] = entered
        return output

    def branches(self, item: Branches | Merge, scope: Scope) -> Iterator[tuple[str, list[Any]]]:
        """The elements of each branch by its name; `x{}: 4 * item` is four branches, x1 to x4."""
        for name, branch in item.branches.items():
            elements = self.flatten(branch, scope.values)
            if "{}" not in name or not elements:
                yield name, elements
                continue
            for number in self.copies(repeat := self.only_repeat(name, elements, place_of(item))):
                yield name.replace("{}", str(number)), self.copy(repeat, number, scope)

    def node(
        self,
        path: str,
        layer: Layer,
        inputs: tuple[str, ...],
        source: str,
        item: Any,
        first: Node | None = None,
    ) -> str:
        """Add a node; `source` is what entered the layer, or the merge as a whole."""
        try:
            self.wiring.add(path, layer, inputs, first)
        except SpecError as error:
            placed = type(error)(error.message, error.place or place_of(item))
            raise self.clearer(placed, item, source) from None
        self.wiring.before[path] = source
        return path

    def clearer(self, error: SpecError, item: Any, source: str) -> SpecError:
        """The error of a layer, or a clearer one if its call is written as in PyTorch."""
        if not isinstance(item, Call) or not isinstance(item.template, LayerTemplate):
            return error
        return explained(error, item.template.layer, item, self.wiring.shapes[source])

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
                self.under(self.flatten(inner, scope.values), self.claim(item, "aux", scope), scope, source)
        except Misfit as error:
            if not self.other_input:
                raise
            self.unfit.append(error.message)
            wiring.go_back(before)
        wiring.aux = outer


def only_again(elements: list[Any]) -> Again | None:
    """The `again` of elements that are nothing else but refs before it: it takes their name."""
    *before, last = elements or [None]
    return last if isinstance(last, Again) and all(isinstance(each, Ref) for each in before) else None
