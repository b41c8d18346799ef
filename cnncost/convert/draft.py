"""Layers before they have names: what the table of operators makes of a traced module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from cnncost.convert.operations import Value
from cnncost.dims import Shape
from cnncost.layers import Layer


class Made(NamedTuple):
    """What the table makes of an operation: a layer, the tensors that it takes, and its weights.

    `weights` names the parameter or buffer in the state_dict for each weight of the layer. `out` is what it
    makes, where another layer of the same operation takes that.
    """

    layer: Layer
    inputs: tuple[Value, ...]
    weights: Mapping[str, str] = {}
    out: Value | None = None


@dataclass(eq=False)
class Draft:
    """A layer of the network; `inputs` are the drafts before it, None for one that is a network's input."""

    layer: Layer
    inputs: tuple[Draft, ...]
    shape: Shape
    path: str = ""
    weights: Mapping[str, str] = field(default_factory=dict)
    given: str = ""  # a name of its own: that of a parameter, or of an input
    operator: str = ""
    operation: object = None  # the operation that it was made for
