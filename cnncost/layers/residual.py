"""The layers of residual branches: scaling by a constant or by channel, and stochastic depth."""

from __future__ import annotations

from cnncost.dims import Shape, product
from cnncost.layers.arguments import Axis, Share, one_of
from cnncost.layers.base import Layer, example, layer, no_weights, no_work, same_shape
from cnncost.layers.saved import Kept, Saved, keeps, keeps_nothing
from cnncost.layers.shapes import axis_in, one_input
from cnncost.layers.work import Work


@layer
class Scale(Layer):
    """Every value times a constant, plus a constant: a scaled residual; Scale(-1, 1) is 1 - x.

    Counts: a multiplication per value, none for a `factor` of 1 or -1; an addition for an `offset`.
    Errors: none.
    Reference: Szegedy et al., 2017, section 3.3; Srivastava et al., 2015 (1 - T)
    """

    factor: float
    offset: float = 0

    in_place = True
    examples = (
        example("Scale(0.17)", (4, 5, 7)),
        example("Scale(-1, 1)", (10,)),
        example("Scale('half')", (10,), fails="`factor` must be a number, got 'half'"),
    )
    weights = no_weights("its constants are fixed, not learned")
    saved = keeps_nothing("its slope is a constant")

    out_shape = same_shape

    def expression(self, *in_shapes: Shape) -> str:
        if self.factor == -1 and self.offset:
            return f"{self.offset} - {{0}}"
        return f"{{0}} * {self.factor}{f' + {self.offset}' if self.offset else ''}"

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(muls=0 if self.factor in (1, -1) else 1, adds=1 if self.offset else 0).times(product(out))

    def temporaries(self, in_shapes: tuple[Shape, ...], out: Shape) -> tuple[Kept, ...]:
        both = self.offset and self.factor != -1
        return (Kept("products", out),) if both else ()


@layer
class StochasticDepth(Layer):
    """Drops a whole residual branch with probability `p` in training.

    Errors: a `p` outside 0 to 1; a `mode` other than 'row' (each sample alone) and 'batch'.
    Reference: Huang et al., 2016;
        https://docs.pytorch.org/vision/stable/generated/torchvision.ops.stochastic_depth.html
    """

    p: Share
    mode: str = "row"

    in_place = True
    off_in_inference = True
    twin_name = "cnncost.measure.twins.modules.StochasticDepthModule"
    examples = (
        example("StochasticDepth(0.2)", (3, 5, 7)),
        example("StochasticDepth(0.5, mode='batch')", (10, 6)),
        example("StochasticDepth(2)", (3, 5, 7), fails="`p` must be between 0 and 1, got 2"),
        example("StochasticDepth(0.1, 'column')", (3, 5, 7), fails="`mode` must be one of 'row', 'batch'"),
    )
    weights = no_weights("it only drops values")
    work = no_work("stochastic depth is switched off in inference")

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("mode", self.mode, ("row", "batch"))

    out_shape = same_shape

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return Saved(made=(Kept("kept samples", (1,), batch=self.mode == "row"),))


class _ByChannel(Layer, abstract=True):
    """Learned values for each position of one axis, `dim`."""

    dim: Axis
    in_place = True
    saved = keeps(factors=(0,))

    def out_shape(self, *in_shapes: Shape) -> Shape:
        shape = one_input(in_shapes)
        axis_in(shape, self.dim)
        return shape

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        (shape,) = in_shapes
        return {"weight": (shape[axis_in(shape, self.dim)],)}

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(muls=product(out))

    def inferred(self, *in_shapes: Shape) -> dict[str, int]:
        return {"features": self.weights(*in_shapes)["weight"][0], "axes": 1 + len(in_shapes[0])}


@layer
class LayerScale(_ByChannel):
    """A learned factor for each channel, small at first: the end of a residual branch.

    Shape: any, unchanged; `dim` 1 is the channels of a map, -1 the features of tokens.
    Counts: a multiplication per value.
    Errors: an axis that is not there; the batch axis.
    Reference: Touvron et al., 2021, section 2.2
    """

    init: float
    dim: Axis = 1

    twin_name = "cnncost.measure.twins.modules.LayerScaleModule"
    examples = (
        example("LayerScale(1e-6)", (4, 5, 7)),
        example("LayerScale(0.1, dim=-1)", (10, 6)),
        example(
            "LayerScale(0.1, dim=3)", (10, 6), fails="`dim` 3 is not an axis of the input, whose last is 2"
        ),
        example("LayerScale(0.1, 0)", (10, 6), fails="`dim` must be an axis other than the batch's 0, got 0"),
    )


@layer
class Affine(_ByChannel):
    """A learned factor and a learned offset for each channel: a norm without statistics.

    Shape: any, unchanged; `dim` 1 is the channels of a map, -1 the features of tokens.
    Counts: a multiplication per value, and an addition for the offset.
    Errors: an axis that is not there; the batch axis.
    Reference: Touvron et al., 2022 (ResMLP), section 3
    """

    dim: Axis = 1
    bias: bool = True

    twin_name = "cnncost.measure.twins.modules.AffineModule"
    examples = (
        example("Affine", (4, 5, 7)),
        example("Affine(-1)", (10, 6)),
        example("Affine(bias=False)", (4, 5, 7)),
        example("Affine(4)", (8, 5, 7), fails="`dim` 4 is not an axis of the input, whose last is 3"),
    )

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        found = super().weights(*in_shapes)
        return {**found, "bias": found["weight"]} if self.bias else found

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return super().work(in_shapes, out).plus(Work(adds=product(out) if self.bias else 0))

    def temporaries(self, in_shapes: tuple[Shape, ...], out: Shape) -> tuple[Kept, ...]:
        return (Kept("products", out),) * self.bias
