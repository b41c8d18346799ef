"""Recurrent layers: RNN, LSTM and GRU over a sequence, and their cells for one step.

At each step a cell makes one or several vectors of `hidden_size` values, its gates, each from the input
and from the output of the step before. The multiply-adds are those of torch's FlopCounterMode where the
steps run one by one: both matrix products at every step, also at the first, whose state is zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from cnncost import dims
from cnncost.dims import Shape, Size
from cnncost.errors import ArgumentError, ShapeError
from cnncost.layers.activation import ReLU
from cnncost.layers.arguments import Count, Share, one_of
from cnncost.layers.base import Layer, Twin, example, layer, torchs_own
from cnncost.layers.saved import Kept, Saved
from cnncost.layers.shapes import axes_of, one_input
from cnncost.layers.smooth_activation import Sigmoid, Tanh
from cnncost.layers.tokens import tokens_and_features
from cnncost.layers.window import Reach, Whole, Window
from cnncost.layers.work import Work

MOST_LAYERS = 100
"""The most layers that one recurrent layer stacks: each has weights with names of their own."""


class _Recurrent(Layer, abstract=True):
    """What a step costs, in a cell and in a sequence."""

    hidden_size: Count
    bias: bool
    gates: ClassVar[int]
    kept: ClassVar[int]
    """The values a hidden unit that autograd keeps of a step: gates, states and what is made of them."""

    def unit(self) -> Work:
        """What each hidden unit takes at a step, besides the products that make its gates."""
        raise TypeError

    def gate_weights(self, inputs: Size, outputs: Size, suffix: str = "") -> dict[str, Shape]:
        """The weights of all gates, one below the other."""
        rows = self.gates * self.hidden_size
        weights: dict[str, Shape] = {"weight_ih": (rows, inputs), "weight_hh": (rows, outputs)}
        if self.bias:
            weights.update(bias_ih=(rows,), bias_hh=(rows,))
        return {f"{name}{suffix}": shape for name, shape in weights.items()}

    def step(self, inputs: Size, outputs: Size) -> Work:
        """One step: two products for each gate, their sum, two biases, and what makes the output of them."""
        rows = self.gates * self.hidden_size
        products = Work(macs=inputs + outputs, adds=3 if self.bias else 1, macts=2).times(rows)
        return products.plus(self.unit().times(self.hidden_size))


class _ElmanStep(_Recurrent, abstract=True):
    """h' = tanh(W·x + b + U·h + c), or with ReLU."""

    nonlinearity: str
    gates = 1
    kept = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("nonlinearity", self.nonlinearity, ("tanh", "relu"))

    def unit(self) -> Work:
        return (Tanh if self.nonlinearity == "tanh" else ReLU).per_element


class _LSTMStep(_Recurrent, abstract=True):
    """Input, forget and output gate and a candidate g; c' = f·c + i·g and h' = o·tanh(c')."""

    gates = 4
    kept = 6

    def unit(self) -> Work:
        return Sigmoid.per_element.times(3).plus(Tanh.per_element.times(2)).plus(Work(muls=3, adds=1))


class _GRUStep(_Recurrent, abstract=True):
    """Reset and update gate and a candidate n, in which r scales U·h + c; h' = (1 - z)·n + z·h."""

    gates = 3
    kept = 7

    def unit(self) -> Work:
        return Sigmoid.per_element.times(2).plus(Tanh.per_element).plus(Work(muls=3, adds=2))


class _Sequence(_Recurrent, abstract=True):
    """A cell that walks along a sequence, in several layers and one or both directions.

    Shape: (T, F) to (T, `hidden_size`), twice as many features if `bidirectional`. The output of the last
        step is `>> Select(-1)`; of the backward direction it is `>> Slice(hidden_size, dim=2) >> Select(0)`.
    Errors: an input that is not tokens × features; a size below 1.
    """

    num_layers: Count
    batch_first: bool
    dropout: Share
    bidirectional: bool
    proj_size: Size = 0

    letters = ("T", "F")

    def __post_init__(self) -> None:
        super().__post_init__()
        few = self.num_layers <= MOST_LAYERS
        rule = "`num_layers` must be at most {}, got {}"
        dims.require(few, rule, MOST_LAYERS, self.num_layers, error=ArgumentError)

    @property
    def projected(self) -> bool:
        """Whether the output is projected to another size."""
        return not (isinstance(self.proj_size, int) and self.proj_size == 0)

    @property
    def outputs(self) -> Size:
        """The features that one direction makes."""
        return self.proj_size if self.projected else self.hidden_size

    @property
    def directions(self) -> tuple[str, ...]:
        """The suffix of each direction's weights."""
        return ("", "_reverse") if self.bidirectional else ("",)

    def passes(self, features: Size) -> Iterator[tuple[str, Size]]:
        """Each walk along the sequence: the suffix of its weights, and the features that enter it."""
        for number in range(self.num_layers):
            for direction in self.directions:
                yield f"_l{number}{direction}", features
            features = self.outputs * len(self.directions)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        _, t, _ = tokens_and_features(in_shapes, alone=True)
        return (t, self.outputs * len(self.directions))

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        found: dict[str, Shape] = {}
        for suffix, features in self.passes(in_shapes[0][1]):
            found.update(self.gate_weights(features, self.outputs, suffix))
            if self.projected:
                found[f"weight_hr{suffix}"] = (self.proj_size, self.hidden_size)
        return found

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        t, f = in_shapes[0]
        projection = Work(macs=self.hidden_size, macts=1).times(self.proj_size)
        first, later = (self.step(n, self.outputs).plus(projection) for n in (f, out[1]))
        return first.plus(later.times(self.num_layers - 1)).times(len(self.directions) * t)

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        t, passes = in_shapes[0][0], len(self.directions) * self.num_layers
        steps = Kept("gates and states", (passes, t, self.kept * self.hidden_size))
        first = (Kept("first state", (passes, self.hidden_size)),) * (self.gates == 1)
        between = (Kept("between layers", (self.num_layers - 1, *out)),) * (self.num_layers > 1)
        return Saved(inputs=(0,), made=(steps, *first, *between))

    def temporaries(self, in_shapes: tuple[Shape, ...], out: Shape) -> tuple[Kept, ...]:
        return (Kept("outputs of steps", out),)  # which are then put together

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...]:
        t, f = in_shape
        # forwards, a step sees itself and all before it: what lies before the first is padding
        seen = Whole(t) if self.bidirectional else Window(t, 1, (t - 1, 0), 1)
        return (seen, Whole(f))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"input_size": in_shapes[0][1]}

    def written(self, *in_shapes: Shape) -> Twin:
        return torchs_own(self, in_shapes, "{module}({0})[0]")


@layer
class RNN(_ElmanStep, _Sequence):
    """The simple recurrent network: each step sees its input and the output of the step before.

    Counts: H·(F + H) multiply-adds per step for H hidden units: both matrix products, as FlopCounterMode
        counts them; two biases, a sum and a tanh (or ReLU) per unit are counted separately.
    Reference: Elman, 1990; https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html
    """

    hidden_size: Count
    num_layers: Count = 1
    nonlinearity: str = "tanh"
    bias: bool = True
    batch_first: bool = False
    dropout: Share = 0.0
    bidirectional: bool = False

    twin_name = "cnncost.measure.twins.recurrent.RNNModule"
    examples = (
        example("RNN(6)", (10, 5)),
        example("RNN(6, 2, 'relu', bias=False, bidirectional=True)", (10, 5)),
        example("RNN(5, 6)", (5,), fails="it takes tokens × features, not 1 axis"),
        example("RNN(6, nonlinearity='gelu')", (10, 5), fails="`nonlinearity` must be one of 'tanh', 'relu'"),
    )


@layer
class LSTM(_LSTMStep, _Sequence):
    """Long short-term memory: gates decide what a cell state keeps from step to step.

    Shape: (T, F) to (T, `hidden_size`), or (T, `proj_size`) with a projection; twice as many features if
        `bidirectional`. The output of the last step is `>> Select(-1)`; of the backward direction it is
        `>> Slice(hidden_size, dim=2) >> Select(0)`.
    Counts: 4·H·(F + H) multiply-adds per step for H hidden units: two matrix products for each of four
        gates, as FlopCounterMode counts them; a projection to P features makes that 4·H·(F + P) + P·H.
        Biases, sigmoids, tanhs and the products of gates and states are counted separately.
    Errors: an input that is not tokens × features; a `proj_size` not below `hidden_size`.
    Reference: Hochreiter and Schmidhuber, 1997; Sak et al., 2014 (projection);
        https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
    """

    hidden_size: Count
    num_layers: Count = 1
    bias: bool = True
    batch_first: bool = False
    dropout: Share = 0.0
    bidirectional: bool = False
    proj_size: Size = 0

    kept = 7  # each step's output enters the next
    twin_name = "cnncost.measure.twins.recurrent.LSTMModule"
    examples = (
        example("LSTM(6)", (10, 5)),
        example("LSTM(6, num_layers=2, bidirectional=True)", (10, 5)),
        example("LSTM(6, 3, bias=False, batch_first=True, dropout=0.5)", (10, 5)),
        example("LSTM(7, num_layers=2, bidirectional=True, proj_size=3)", (10, 5)),
        example("LSTM(6, proj_size=6)", (10, 5), fails="`proj_size` must be below `hidden_size` 6, got 6"),
        example("LSTM(6)", (3, 10, 5), fails="it takes tokens × features, not 3 axes"),
        example("LSTM(6, 101)", (10, 5), fails="`num_layers` must be at most 100, got 101"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        rule = "`proj_size` must be below `hidden_size` {}, got {}"
        below = self.proj_size < self.hidden_size
        dims.require(below, rule, self.hidden_size, self.proj_size, error=ArgumentError)


@layer
class GRU(_GRUStep, _Sequence):
    """Gated recurrent units: two gates decide how much of the last output stays.

    Counts: 3·H·(F + H) multiply-adds per step for H hidden units: two matrix products for each of two gates
        and the candidate, as FlopCounterMode counts them; biases, sigmoids, tanhs and the products with
        the gates are counted separately.
    Reference: Cho et al., 2014; https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html
    """

    hidden_size: Count
    num_layers: Count = 1
    bias: bool = True
    batch_first: bool = False
    dropout: Share = 0.0
    bidirectional: bool = False

    twin_name = "cnncost.measure.twins.recurrent.GRUModule"
    examples = (
        example("GRU(6)", (10, 5)),
        example("GRU(6, 2, bias=False, bidirectional=True)", (10, 5)),
        example("GRU(0)", (10, 5), fails="`hidden_size` must be at least 1, got 0"),
    )


class _Cell(_Recurrent, abstract=True):
    """One step from the state zero.

    Shape: (F,) to (`hidden_size`,).
    Errors: an input that is no vector; a size below 1.
    """

    letters = ("F",)

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        if len(shape) != 1:
            raise ShapeError(f"it takes the features of one step, not {axes_of(shape)}")
        return (self.hidden_size,)

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        return self.gate_weights(in_shapes[0][0], self.hidden_size)

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return self.step(in_shapes[0][0], self.hidden_size)

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        # what a ReLU or tanh makes is the output itself
        return Saved((0,), self.gates == 1, (Kept("gates and states", (self.kept * self.hidden_size,)),))

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        return {"input_size": in_shapes[0][0]}


@layer
class RNNCell(_ElmanStep, _Cell):
    """One step of an RNN, from the state zero.

    Counts: H·(F + H) multiply-adds, as RNN; the product with the state is counted though it is zero.
    """

    hidden_size: Count
    bias: bool = True
    nonlinearity: str = "tanh"

    examples = (
        example("RNNCell(6)", (5,)),
        example("RNNCell(6, nonlinearity='relu')", (5,)),
        example("RNNCell(6)", (10, 5), fails="it takes the features of one step, not 2 axes"),
    )


@layer
class LSTMCell(_LSTMStep, _Cell):
    """One step of an LSTM, from the state zero; its output is the hidden state.

    Counts: 4·H·(F + H) multiply-adds, as LSTM; the product with the state is counted though it is zero.
    Reference: https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html
    """

    hidden_size: Count
    bias: bool = True

    twin_name = "cnncost.measure.twins.recurrent.LSTMCellModule"
    examples = (example("LSTMCell(6)", (5,)), example("LSTMCell(6, bias=False)", (5,)))

    def written(self, *in_shapes: Shape) -> Twin:
        return Twin("torch.nn.LSTMCell", self.twin(*in_shapes).arguments, "{module}({0})[0]")


@layer
class GRUCell(_GRUStep, _Cell):
    """One step of a GRU, from the state zero.

    Counts: 3·H·(F + H) multiply-adds, as GRU; the product with the state is counted though it is zero.
    """

    hidden_size: Count
    bias: bool = True

    examples = (example("GRUCell(6)", (5,)), example("GRUCell(6, bias=False)", (5,)))
