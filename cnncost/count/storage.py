"""The memory that a network's tensors lie in, step by step: what each step reads, writes and keeps.

Several tensors may share a storage: a view reads its input's, and an activation may overwrite it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cnncost.count.dtype import dtype_bytes, whole_bytes
from cnncost.count.layout import Strides, contiguous, made_by, regrouped, viewed
from cnncost.dims import Shape, product
from cnncost.layers.base import Layer
from cnncost.layers.join import Matmul
from cnncost.layers.linear import Linear
from cnncost.layers.saved import Kept
from cnncost.network.graph import Graph, Node

KINDS = {"index": "int64", "statistic": "float32", "mask": "int8"}
"""The dtypes of what layers keep besides maps; a dropout mask takes a byte a value on a GPU."""


class Tensor(NamedTuple):
    """A value of the network: where it lies, and whether a gradient flows through it."""

    storage: str
    shape: Shape
    strides: Strides
    trained: bool


class Step(NamedTuple):
    """One layer at work: the storages that it reads, writes, and that autograd keeps of it.

    `fresh` are those that exist from this step on.
    """

    node: Node
    reads: tuple[str, ...]
    writes: str
    fresh: tuple[str, ...]
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trace:
    """The steps of a network in their order, and the bytes of each storage."""

    steps: tuple[Step, ...]
    sizes: Mapping[str, int]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    tensors: Mapping[str, Tensor]
    tensor_bytes: Mapping[str, int]


def always(name: str) -> bool:  # noqa: ARG001
    """Whatever its name."""
    return True


@dataclass(frozen=True)
class Run:
    """How a network is run.

    `overwrites` lets every activation that can overwrite its input do so, not only those that say
    `inplace=True`. `trains` says by its name whether a layer's weights are trained. `masks` is the dtype of
    dropout masks. With `input_gradients`, the inputs need gradients too.
    """

    batch: int = 1
    dtype: str = "float32"
    train: bool = False
    input_gradients: bool = False
    overwrites: bool = False
    trains: Callable[[str], bool] = always
    masks: str = KINDS["mask"]

    def bytes_of(self, shape: Shape, kind: str = "", batch: bool = True) -> int:
        """The bytes of a tensor of all samples, or of one for all together."""
        dtype = {**KINDS, "mask": self.masks, "": self.dtype}[kind]
        if kind == "statistic" and dtype_bytes(self.dtype) > dtype_bytes(dtype):
            dtype = self.dtype
        return int(whole_bytes((self.batch if batch else 1) * product(shape), dtype_bytes(dtype)))


def trace(graph: Graph, run: Run) -> Trace:
    """Follow the tensors of a network through its layers."""
    return Tracer(graph, run).trace()


class Tracer:
    """The walk along the nodes."""

    def __init__(self, graph: Graph, run: Run) -> None:
        self.graph, self.run = graph, run
        self.nodes = [node for node in graph.nodes if run.train or not node.aux]
        self.tensors = {
            name: Tensor(name, shape, contiguous(shape), run.input_gradients)
            for name, shape in graph.inputs.items()
        }
        self.sizes = {name: run.bytes_of(shape, self.kind_of(name)) for name, shape in graph.inputs.items()}
        self.readers = Counter(name for node in self.nodes for name in node.inputs)
        self.readers.update(graph.outputs)
        self.kept: set[str] = set()

    def kind_of(self, name: str) -> str:
        """`index` for an input of whole numbers."""
        whole = (node for node in self.nodes if name in node.inputs and node.layer.whole_below is not None)
        return "index" if next(whole, None) else ""

    def trace(self) -> Trace:
        """All steps."""
        steps = tuple(map(self.step, self.nodes))
        heads = [node.name for node in self.nodes if node.aux and not self.readers[node.name]]
        outputs = [self.tensors[name].storage for name in (*self.graph.outputs, *heads)]
        inputs = tuple(self.graph.inputs)
        own_bytes = {name: self.run.bytes_of(tensor.shape) for name, tensor in self.tensors.items()}
        return Trace(steps, self.sizes, inputs, tuple(dict.fromkeys(outputs)), self.tensors, own_bytes)

    def step(self, node: Node) -> Step:
        """One node: where its output lies, and what autograd keeps of it."""
        entering = [self.tensors[name] for name in node.inputs]
        known = set(self.sizes)
        made = self.output(node, entering)
        kept: tuple[str, ...] = ()
        self.tensors[node.name] = made
        if self.run.train and made.trained:
            kept = tuple(dict.fromkeys(self.keeps(node, entering, made)))
            self.kept.update(kept)
        elif not self.passes_on(node.layer):
            for place, tensor in enumerate(entering):
                self.read_by(node, place, tensor)
            for one in node.layer.temporaries(node.in_shapes, node.out_shape):
                self.made(node, one)
        reads = tuple(dict.fromkeys(t.storage for t in entering))
        fresh = tuple(name for name in self.sizes if name not in known)
        return Step(node, reads, made.storage, fresh, kept)

    def output(self, node: Node, entering: list[Tensor]) -> Tensor:
        """The tensor that a node makes."""
        layer, out = node.layer, node.out_shape
        learned = bool(node.layer.weights(*node.in_shapes)) and self.run.trains(node.shares or node.name)
        trained = learned or any(t.trained for t in entering)
        if not layer.takes_input:  # a view of its weights, which are counted as such
            self.sizes[node.name] = 0
            return Tensor(node.name, out, contiguous(out), trained)
        first = entering[0]
        if self.passes_on(layer):
            return first._replace(trained=trained)
        strides = viewed(layer, first.shape, first.strides, out) if layer.view else None
        if strides is not None:
            return Tensor(first.storage, out, strides, trained)
        if self.overwrites(node, first):
            return first._replace(trained=trained)
        self.sizes[node.name] = self.run.bytes_of(out)
        made = made_by(layer, node.in_shapes, [t.strides for t in entering], out)
        return Tensor(node.name, out, made, trained)

    def passes_on(self, layer: Layer) -> bool:
        """Whether a layer returns its input itself: dropout in inference, or with nothing to drop."""
        return layer.off_in_inference and (not self.run.train or getattr(layer, "p", None) == 0)

    def overwrites(self, node: Node, first: Tensor) -> bool:
        """Whether a layer writes its output over its input."""
        if not hasattr(node.layer, "inplace") or first.storage in self.graph.inputs:
            return False
        free = self.readers[node.inputs[0]] == 1 and first.storage not in self.kept
        return bool(node.layer.inplace) or (self.run.overwrites and free)

    def keeps(self, node: Node, entering: list[Tensor], made: Tensor) -> list[str]:
        """The storages that autograd keeps of a node."""
        if self.passes_on(node.layer):
            return []
        saved = node.layer.saved(node.in_shapes, node.out_shape)
        inputs = [*saved.inputs, *(i for i in saved.factors if self.other_trained(node, i, entering))]
        output, tensors = saved.output, list(saved.made)
        if entering and made.storage == entering[0].storage and inputs and not node.layer.view:
            inputs = []  # it is overwritten: the output says the same, or else there is a copy
            output = node.layer.output_will_do
            tensors += [] if output else [Kept("copy of the input", node.in_shape)]
        kept = [self.read_by(node, i, entering[i]) for i in inputs]
        kept += [made.storage] * output
        kept += [self.made(node, one) for one in tensors]
        return [name for name in kept if self.sizes[name]]

    def other_trained(self, node: Node, place: int, entering: list[Tensor]) -> bool:
        """Whether another factor than this input needs a gradient."""
        others = any(t.trained for i, t in enumerate(entering) if i != place)
        return others or bool(
            node.layer.weights(*node.in_shapes) and self.run.trains(node.shares or node.name)
        )

    def read_by(self, node: Node, place: int, tensor: Tensor) -> str:
        """The storage of an input as a layer reads it: torch copies what it cannot read as matrices."""
        matrix = {Linear: 1, Matmul: 2}.get(type(node.layer), len(tensor.shape))  # the axes of each
        if len(tensor.shape) == matrix:
            return tensor.storage
        rows = tensor.shape[:-matrix] if matrix == 1 else node.out_shape[:-matrix]
        shape, steps = (2, *rows, *tensor.shape[-matrix:]), [self.of_sample(tensor), *tensor.strides]
        for axis, n in enumerate(tensor.shape[:-matrix]):
            if n != rows[axis]:
                steps[axis + 1] = 0  # a stretched axis
        if regrouped(shape, tuple(steps), (2 * product(rows), *shape[-matrix:])) is None:
            return self.made(node, Kept(f"copy of input {place + 1}", shape[1:]))
        return tensor.storage

    def of_sample(self, tensor: Tensor) -> int:
        """How far apart two samples lie in a tensor's storage: not at all in learned values."""
        return self.sizes[tensor.storage] // self.run.bytes_of((1,)) if self.sizes[tensor.storage] else 0

    def made(self, node: Node, kept: Kept) -> str:
        """A storage of its own for what a layer makes for the backward pass."""
        name = f"{node.name}: {kept.name}"
        while name in self.sizes:
            name += "'"
        self.sizes[name] = self.run.bytes_of(kept.shape, kept.kind, kept.batch)
        return name
