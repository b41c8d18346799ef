"""Graph to NetworkCost: what each layer costs, and what they cost together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from cnncost.count.convention import Convention
from cnncost.count.conventions import convention_named
from cnncost.count.dtype import dtype_bytes
from cnncost.count.receptive_field import Field, receptive_fields
from cnncost.count.remarks import remarks_on
from cnncost.count.ways import Ways, ways_of
from cnncost.dims import Shape, Size, product
from cnncost.errors import CnncostError, NameUnknown, shown
from cnncost.layers.base import Layer
from cnncost.layers.work import Work
from cnncost.network.graph import Graph, Node


@dataclass(frozen=True)
class Totals:
    """Costs added up.

    Parameters, buffers and macts are elements, memory is bytes, macs and flops are operations.
    """

    params: Size = 0
    buffers: Size = 0
    macs: Size = 0
    flops: Size = 0
    memory_bytes: Size = 0
    layers: int = 0
    macts: Size = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.params + other.params,
            self.buffers + other.buffers,
            self.macs + other.macs,
            self.flops + other.flops,
            self.memory_bytes + other.memory_bytes,
            self.layers + other.layers,
            self.macts + other.macts,
        )


class LayerCost(NamedTuple):
    """What one node costs under a convention, for the profile's batch and dtype.

    `params` and `buffers` are elements; `macs` and `flops` operations of a forward pass;
    `memory_bytes` the output; `macts` the elements that convolutions, linear layers and matrix
    products write. `work` is raw, for one sample. `weights` are the shapes of parameters and buffers
    by torch name, which are counted where they are first used.
    """

    node: Node
    work: Work
    weights: Mapping[str, Shape]
    params: Size
    buffers: Size
    macs: Size
    flops: Size
    memory_bytes: Size
    receptive_field: Field | None
    macts: Size = 0

    @property
    def name(self) -> str:
        """The node's name: a path such as ``conv3_x.0.body.Conv2d``."""
        return self.node.name

    @property
    def type(self) -> str:
        """The layer's type: ``Conv2d``."""
        return self.node.type

    @property
    def out_shape(self) -> Shape:
        """The output shape, without the batch axis."""
        return self.node.out_shape

    @property
    def in_place(self) -> bool:
        """Whether it overwrites its input, and so has no row in the lecture table."""
        return self.node.layer.in_place

    @property
    def totals(self) -> Totals:
        """This layer as a sum of one."""
        return Totals(self.params, self.buffers, self.macs, self.flops, self.memory_bytes, 1, self.macts)


def add_up(costs: Iterable[LayerCost]) -> Totals:
    """The costs of some layers together."""
    return sum((cost.totals for cost in costs), Totals())


@dataclass(frozen=True)
class NetworkCost:
    """The costs of a network: one LayerCost per node, in the order of computation."""

    graph: Graph
    costs: tuple[LayerCost, ...]
    convention: Convention
    batch: int = 1
    dtype: str = "float32"
    train: bool = False

    @property
    def name(self) -> str:
        """The network's name."""
        return self.graph.name

    @cached_property
    def counted(self) -> tuple[LayerCost, ...]:
        """The layers that totals count: all but side heads, unless profiled for training."""
        return tuple(cost for cost in self.costs if self.train or not cost.node.aux)

    @cached_property
    def totals(self) -> Totals:
        """The sum of the counted layers."""
        return add_up(self.counted)

    @cached_property
    def aux_totals(self) -> Totals:
        """The sum of the side heads, used in training only."""
        return add_up(cost for cost in self.costs if cost.node.aux)

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        """Sentences about what looks like a mistake: a Linear on a map, an input of 224×224×3."""
        return remarks_on(self.graph)

    def __getitem__(self, name: str) -> LayerCost:
        """The cost of the node of this name, or of the only layer below a name (`conv1_1`).

        Raises:
            NameUnknown: there is none, or the name is that of a whole stage.
        """
        if not isinstance(name, str):
            raise NameUnknown(f"a layer is found by its name, not by {shown(name)}; `costs` lists all")
        if name in self.by_name:
            return self.by_name[name]
        below = [cost for cost in self.below(name) if not cost.in_place]
        if len(below) != 1:
            message = f"`{name}` is a stage of {len(self.below(name))} layers: below() gives them"
            raise NameUnknown(message)
        return below[0]

    @cached_property
    def by_name(self) -> dict[str, LayerCost]:
        """The costs by node name."""
        return {cost.name: cost for cost in self.costs}

    def below(self, name: str) -> tuple[LayerCost, ...]:
        """The costs of all nodes of a stage or block, by the first part of their names."""
        found = {node.name for node in self.graph.find(name)}
        return tuple(cost for cost in self.costs if cost.name in found)

    def __repr__(self) -> str:
        t, c = self.totals, self.convention
        costs = f"{t.layers} layers, {t.params} params, {t.flops} {c.flops_label}"
        return f"<{type(self).__name__} {self.name}: {costs} ({c.name})>"


def profile_graph(
    graph: Graph,
    convention: Convention | str = "lecture",
    batch: int = 1,
    dtype: str = "float32",
    train: bool = False,
    fields: bool = True,
) -> NetworkCost:
    """Count a graph.

    Args:
        graph: the network.
        convention: what "FLOPs", "params" and "memory" mean, or its name.
        batch: samples; multiplies operations and memory, not parameters.
        dtype: the type of an element, for memory.
        train: count the side heads as well.
        fields: work out receptive fields too; not where a size is an array.

    Raises:
        CnncostError: an unknown convention or dtype, a batch below 1, a side head that does not fit.
    """
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
        raise CnncostError(f"the batch must be a whole number from 1, got {batch!r}")
    if train and graph.unfit:
        raise CnncostError(f"{graph.name} cannot be trained on this input: {graph.unfit[0]}")
    convention = convention_named(convention)
    size = dtype_bytes(dtype)
    ways = ways_of(graph, convention.ways) if convention.ways else {}
    if has_arrays(graph):  # which have no hash, and no receptive field
        costs = [
            layer_cost(node, None, convention, batch, size, ways.get(node.name, ())) for node in graph.nodes
        ]
    else:
        costs = count_once(graph, receptive_fields(graph) if fields else {}, convention, batch, size, ways)
    return NetworkCost(graph, tuple(costs), convention, batch, dtype, train)


def count_once(
    graph: Graph,
    fields: Mapping[str, Field | None],
    convention: Convention,
    batch: int,
    size: Size,
    ways: Ways,
) -> list[LayerCost]:
    """The cost of every node, worked out once for each layer and input: a deep network repeats a few."""
    known: dict[tuple[Layer, tuple[Shape, ...], Shape, bool, tuple[str, ...]], LayerCost] = {}
    costs = []
    for node in graph.nodes:
        field = fields.get(node.name)
        way = ways.get(node.name, ())
        key = node.layer, node.in_shapes, node.out_shape, bool(node.shares), way
        if key in known:
            _, work, weights, params, buffers, macs, flops, memory, _, macts = known[key]
            cost = LayerCost(node, work, weights, params, buffers, macs, flops, memory, field, macts)
        else:
            cost = known[key] = layer_cost(node, field, convention, batch, size, way)
        costs.append(cost)
    return costs


def sample_totals(graph: Graph, known: Known | None = None) -> Totals:
    """The parameters, macs and macts of one sample, without the cost of each layer: for many networks.

    A layer that occurs several times on the same input is counted once. Give the same dictionary
    as `known` for several graphs, and this holds across them.
    """
    known = {} if known is None else known
    params, macs, macts = 0, 0, 0
    for node in graph.nodes:
        if node.aux:
            continue
        layer, in_shapes = node.layer, node.in_shapes
        key = id(layer), in_shapes  # equal calls of a spec share one layer; its own hash takes longer
        if key not in known:
            weights = layer.weights(*in_shapes).items()
            learned = sum([product(shape) for name, shape in weights if name not in layer.buffer_names])
            work = layer.work(in_shapes, node.out_shape)
            known[key] = layer, learned, work.macs, work.macts  # the layer too, so that its id stays its own
        _, more_params, more_macs, more_macts = known[key]
        params += 0 if node.shares else more_params
        macs += more_macs
        macts += more_macts
    return Totals(params=params, macs=macs, macts=macts)


Known = dict[tuple[int, tuple[Shape, ...]], tuple[Layer, Size, Size, Size]]
"""The layer, params, macs and macts by the layer's id and inputs."""


def has_arrays(graph: Graph) -> bool:
    """Whether a size of a graph is an array: a sweep over many networks at once."""
    shapes = (*graph.inputs.values(), *(node.out_shape for node in graph.nodes))
    return any(hasattr(n, "dtype") for shape in shapes for n in shape)


def layer_cost(
    node: Node,
    field: Field | None,
    convention: Convention,
    batch: Size,
    size: Size,
    ways: tuple[str, ...] = (),
) -> LayerCost:
    """Count one node, called or exported in these `ways`; the only place where the batch multiplies."""
    layer, in_shapes, out = node.layer, node.in_shapes, node.out_shape
    work = layer.work(in_shapes, out)
    weights = layer.weights(*in_shapes)
    return LayerCost(
        node,
        work,
        weights,
        params=0 if node.shares else convention.params(layer, weights),
        buffers=0
        if node.shares
        else sum(product(shape) for name, shape in weights.items() if name in layer.buffer_names),
        macs=batch * work.macs,
        flops=batch * convention.flops(layer, work, in_shapes, out, ways),
        memory_bytes=batch * convention.memory(layer, out, size),
        receptive_field=field,
        macts=batch * work.macts,
    )
