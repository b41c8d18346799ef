"""The operations of a layer, counted by kind."""

from __future__ import annotations

from typing import NamedTuple

from cnncost.dims import Size


class Work(NamedTuple):
    """Operations of one forward pass on one sample, by kind. Exact; never a single "FLOPs".

    An accumulator starts empty: a window of k values costs k additions or comparisons, as the
    kernels of PyTorch run it, and a multiply-add is one `macs`, not also one of `adds`.
    `exps` are transcendental functions: exp, log, tanh, erf, power. `products` says how many of the
    `macs` are those of an attention layer's two matrix products, which some tools pass over. `macts` is
    no operation but a size: the elements that convolutions, linear layers and matrix products write,
    which timm and fvcore call activations.
    """

    macs: Size = 0
    adds: Size = 0
    muls: Size = 0
    compares: Size = 0
    divs: Size = 0
    exps: Size = 0
    sqrts: Size = 0
    products: Size = 0
    macts: Size = 0

    def plus(self, other: Work) -> Work:
        """Field by field sum."""
        return Work(*(a + b for a, b in zip(self, other, strict=True)))

    def times(self, n: Size) -> Work:
        """`n` times this work."""
        return Work(*(a * n for a in self))


NO_WORK = Work()
