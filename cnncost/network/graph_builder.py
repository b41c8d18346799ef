"""A Graph made in Python, layer by layer: shapes are inferred, and what does not fit is refused.

>>> net = GraphBuilder("net", input=(3, 32, 32))
>>> conv = net.add("conv", "Conv2d(16, 3, padding=1)")
>>> relu = net.add("relu", "ReLU")
>>> both = net.add("both", "Add", conv, relu)
>>> net.graph().by_name["both"].out_shape
(16, 32, 32)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cnncost.dims import Inputs, Shape
from cnncost.errors import CnncostError, Place, SpecError, did_you_mean
from cnncost.layers import Layer, catalogue
from cnncost.network.graph import Graph, Node
from cnncost.network.nodes import Nodes
from cnncost.network.torch_reading import layer_for
from cnncost.spec import limits
from cnncost.spec.evaluator import Evaluator
from cnncost.spec.expression import parse, shorten
from cnncost.spec.items import Call
from cnncost.spec.names import LayerTemplate
from cnncost.spec.resolve import checked_inputs

PATH = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\Z")


class GraphBuilder:
    """Builds a Graph from layers, each given with the names of its inputs.

    Args:
        name: the network's name.
        input: the shape of one sample, (C, H, W), (C, L) or (F,); of several inputs, shapes by name.
    """

    def __init__(self, name: str, input: Inputs) -> None:
        self.name = name
        self.made = Nodes(checked_inputs(input))
        self.remarks: list[str] = []

    def add(self, name: str, layer: Layer | str, *inputs: str, aux: bool = False) -> str:
        """Add a layer and return its name.

        Args:
            name: its name; dots make stages, as in `stage1.conv`.
            layer: a layer, or its call as a spec writes it: `"Conv2d(16, 3)"`.
            inputs: the names of the layers before it, or of inputs; the layer added last if left out.
            aux: whether it belongs to a side head, which only training has.
        """
        return self.append(name, layer, inputs, aux)

    def again(self, name: str, of: str, *inputs: str, aux: bool = False) -> str:
        """Add the layer `of` once more, under another name and with the same weights; return that name."""
        first = next((node for node in self.made.nodes if node.name == of), None)
        if first is None:
            raise CnncostError(f"{name}: no layer `{of}` to use again{did_you_mean(of, self.made.shapes)}")
        return self.append(name, first.layer, inputs, aux, first)

    def append(
        self, name: str, layer: Layer | str, inputs: tuple[str, ...], aux: bool, first: Node | None = None
    ) -> str:
        """Add a layer, with the weights of its `first` use if there is one."""
        known = self.made.shapes
        if not isinstance(name, str) or not PATH.match(name) or len(name) > limits.NAME_CHARACTERS:
            rule = "write letters, digits, `_` and `-`, with dots between the parts"
            raise CnncostError(f"{shorten(repr(name))} is not a name for a layer: {rule}")
        if name in known:
            raise CnncostError(f"{self.name} has a layer `{name}` already: layer names must be unique")
        for source in inputs:
            if source not in known:
                hint = did_you_mean(source, known) or f"; there are {', '.join([*known][-10:])}"
                raise CnncostError(f"{name}: no layer `{source}` to take as input{hint}")
        last = self.made.nodes[-1].name if self.made.nodes else next(iter(known))
        made, remark = layer_of(name, layer, known[inputs[0] if inputs else last])
        inputs = inputs or ((last,) if made.takes_input else ())
        self.made.append_layer(name, made, inputs, aux, first)
        self.remarks += [f"{name}: {remark}"] if remark else []
        return name

    def graph(self, output: str | Sequence[str] | None = None) -> Graph:
        """The network so far; its output is that of the layer added last, unless one or several are named."""
        inputs = self.made.inputs
        main = [*inputs, *(node.name for node in self.made.nodes if not node.aux)]
        outputs = tuple([output] if isinstance(output, str) else output or main[-1:])
        for name in outputs:
            if name not in self.made.shapes:
                raise CnncostError(f"{self.name} has no layer `{name}`{did_you_mean(name, self.made.shapes)}")
        first = next(iter(inputs.values()))
        graph = Graph(
            self.name,
            first,
            tuple(self.made.nodes),
            remarks=tuple(self.remarks),
            inputs=inputs,
            outputs=outputs,
        )
        return graph.marked_as_checked()


def layer_of(
    name: str, layer: Layer | str, shape: Shape, types: Mapping[str, type[Layer]] | None = None
) -> tuple[Layer, str]:
    """A layer, from itself or from its call on an input, and a remark if the call looks wrong.

    `types` are layers that the call may use besides those of the catalogue.
    """
    if isinstance(layer, str):
        expression = parse(layer, Place(name, 1, 1, layer))
        layers = {kind: Call(LayerTemplate(cls)) for kind, cls in {**catalogue(), **(types or {})}.items()}
        call = Evaluator(expression, layers, lambda: list(layers)).value(layers=True)
        if not isinstance(call, Call) or not isinstance(call.template, LayerTemplate):
            raise SpecError(f"{name}: `{shorten(layer)}` is not one layer; add each by itself")
        return layer_for(call.template.layer, call, shape)
    if not isinstance(layer, Layer):
        hint = f"; write {layer.__name__}(…)" if isinstance(layer, type) else ""
        raise CnncostError(f"{name}: a layer or its call in quotes belongs here, not {layer!r}{hint}")
    return layer, ""
