"""Quantisation: numbers rounded to whole ones of few bits, and back."""

from __future__ import annotations

from cnncost.dims import Shape, product
from cnncost.layers.arguments import one_of
from cnncost.layers.base import Layer, example, layer, no_weights, same_shape
from cnncost.layers.saved import Kept, Saved, keeps_nothing
from cnncost.layers.work import Work

DTYPES = ("int8", "uint8", "int4", "uint4", "int16", "uint16", "int32", "float8e4m3fn", "float8e5m2")


@layer
class _Rounding(Layer, abstract=True):
    """What both directions share."""

    dtype: str = "int8"

    in_place = True
    weights = no_weights("scale and zero point are fixed when the network is quantised")
    saved = keeps_nothing("rounding has no slope, and a scale a constant one")
    out_shape = same_shape

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("dtype", self.dtype, DTYPES)


@layer
class QuantizeLinear(_Rounding):
    """Numbers to whole ones: divided by a scale, rounded, moved by a zero point, and kept within limits.

    Shape: any, unchanged.
    Counts: for each value a division, an addition, and three comparisons: rounding, and the two limits.
    Errors: an unknown `dtype`.
    Reference: https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html
    """

    twin_name = "cnncost.measure.twins.modules.QuantizeModule"
    examples = (
        example("QuantizeLinear", (3, 5, 7)),
        example("QuantizeLinear('uint8')", (11,)),
        example("QuantizeLinear('half')", (3,), fails="`dtype` must be one of 'int8', 'uint8'"),
    )

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(divs=1, adds=1, compares=3).times(product(out))

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        return Saved(made=(Kept("rounded", out),))


@layer
class DequantizeLinear(_Rounding):
    """Whole numbers to numbers with a point: less the zero point, times the scale.

    Shape: any, unchanged.
    Counts: an addition and a multiplication for each value.
    Errors: an unknown `dtype`.
    Reference: https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html
    """

    twin_name = "cnncost.measure.twins.modules.DequantizeModule"
    examples = (
        example("DequantizeLinear", (3, 5, 7)),
        example("DequantizeLinear('uint8')", (11,)),
        example("DequantizeLinear('half')", (3,), fails="`dtype` must be one of 'int8', 'uint8'"),
    )

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return Work(adds=1, muls=1).times(product(out))
