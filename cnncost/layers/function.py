"""Functions of single values by name, where no layer of torch.nn has them."""

from __future__ import annotations

from cnncost.dims import Shape, product
from cnncost.layers.arguments import one_of
from cnncost.layers.base import Layer, example, layer, no_weights, same_shape
from cnncost.layers.saved import Saved
from cnncost.layers.work import Work

PER_VALUE = {
    **dict.fromkeys(("exp", "log", "sin", "cos", "erf", "expm1", "log1p", "log2"), Work(exps=1)),
    **dict.fromkeys(("abs", "sign", "floor", "ceil", "round"), Work(compares=1)),
    "pow": Work(exps=1),
    "square": Work(muls=1),
    "sqrt": Work(sqrts=1),
    "rsqrt": Work(sqrts=1, divs=1),
    "reciprocal": Work(divs=1),
}
"""The work of each function for one value."""

BY_OUTPUT = ("exp", "expm1", "sqrt", "rsqrt", "reciprocal")
"""Functions whose slope follows from their output."""

FLAT = ("sign", "floor", "ceil", "round")
"""Functions whose slope is 0."""


@layer
class Function(Layer):
    """A function of each value, by its name in torch: exp, log, sin, sqrt, square, abs and others.

    Shape: any, unchanged.
    Counts: one of `exps` a value for exp, log, sin, cos, erf and pow; a square root, a multiplication for
        square, a division for reciprocal, both for rsqrt; a comparison for abs, sign and rounding.
    Errors: an unknown `name`.
    Reference: https://docs.pytorch.org/docs/stable/torch.html#pointwise-ops
    """

    name: str
    exponent: float = 1

    in_place = True
    weights = no_weights("a fixed function")
    examples = (
        example("Function('exp')", (3, 5, 7)),
        example("Function('rsqrt')", (11,)),
        example("Function('pow', 3)", (11,)),
        example("Function('half')", (3,), fails="`name` must be one of 'exp', 'log'"),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("name", self.name, tuple(PER_VALUE))

    out_shape = same_shape

    def expression(self, *in_shapes: Shape) -> str:
        return f"torch.{self.name}({{0}}{f', {self.exponent}' if self.name == 'pow' else ''})"

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return PER_VALUE[self.name].times(product(out))

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        by_output = self.name in BY_OUTPUT
        return Saved(inputs=() if by_output or self.name in FLAT else (0,), output=by_output)
