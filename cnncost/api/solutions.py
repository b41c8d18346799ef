"""Formulas: worked solutions of layers, and closed forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from cnncost.api.profiles import Counting, NetworkLike, profile
from cnncost.api.results import Written
from cnncost.count.convention import Convention
from cnncost.count.profile import NetworkCost
from cnncost.dims import Inputs
from cnncost.formulas import closed_form, explanation


class Solutions(Written, list[explanation.Explanation]):
    """The worked solutions of layers: a list, one entry per layer."""

    view = "explanation"

    def to_dict(self) -> list[dict[str, Any]]:
        """The layers with their quantities: the formula as text, its values and the result."""
        return [
            {
                "layer": one.cost.name,
                "quantities": [
                    {
                        "title": worked.title,
                        "symbol": worked.symbol,
                        "formula": str(worked.formula),
                        "values": {str(letter): value for letter, value in worked.values.items()},
                        "result": worked.result,
                    }
                    for worked in one.quantities
                ],
            }
            for one in self
        ]


class FormulaResult(Written, closed_form.ClosedForm):
    """A network's costs as expressions of sympy, with ways to show them."""

    view = "closed_form"

    def to_dict(self) -> dict[str, Any]:
        """The expressions as texts that sympy reads again, with how they are counted."""
        inputs = {name: [*map(str, shape)] for name, shape in self.inputs.items()}
        costs = ("params", "macs", "flops", "memory_bytes")
        return {
            "title": self.title,
            "convention": self.convention.name,
            "dtype": self.dtype,
            "input": inputs if len(inputs) > 1 else [*map(str, self.input_shape)],
            "output": [*map(str, self.output_shape)],
            **{cost: str(getattr(self, cost)) for cost in costs},
            "provided": [str(condition) for condition in self.provided],
        }


def explain(
    network: NetworkLike | NetworkCost,
    layer: str | None = None,
    *,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
    **counting: Unpack[Counting],
) -> Solutions:
    """The worked solution of each number of a layer: formula, numbers put in, result.

    Args:
        network: a network as in `profile`, or a profile.
        layer: a layer or a stage; all layers if left out.
        input: a shape (C, H, W) instead of the spec's own.
        params: values instead of the spec's params.
        counting: convention, batch, dtype and train, as in `profile`; not for a profile.

    Raises:
        CnncostError: no such network or layer.

    >>> explain("alexnet", "conv1")[0].cost.params
    34944
    """
    cost = network
    if not isinstance(cost, NetworkCost):
        cost = profile(cost, input=input, params=params, **counting)
    return Solutions(explanation.explain(cost, layer))


def formula(
    call: str,
    block: str | None = None,
    *,
    input: str | None = None,
    params: Mapping[str, Any] | None = None,
    convention: str | Convention = "lecture",
    dtype: str = "float32",
) -> FormulaResult:
    """The costs of a layer, a chain or a network as expressions in letters.

    Args:
        call: ``"Conv2d(F, K, stride=S)"``, a chain of calls, or the name of a network or family.
        block: a block of that network's spec: ``"bottleneck"``.
        input: the input's sizes, as letters or numbers: ``"4*C,H,W"``. C, H and W by default.
        params: values instead of the spec's params; they may be letters.
        convention, dtype: as in `profile`.

    Raises:
        CnncostError: a call, name, block or input that cannot be used.

    >>> formula("Conv2d(F, K, bias=False)").params
    C*F*K**2
    """
    form = closed_form.closed_form(call, block, input, convention, dtype, params)
    return FormulaResult(**vars(form))
