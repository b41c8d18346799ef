"""What an import makes: a spec, and how it compares with its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cnncost.network.graph import Graph
from cnncost.spec.structure import Spec


@dataclass(frozen=True)
class Mismatch:
    """What cnncost and the source say differently; `what` is a parameter, a layer, or the whole network."""

    quantity: str
    what: str
    ours: Any
    theirs: Any


@dataclass(frozen=True)
class Checked:
    """How many values were compared, by quantity, and which differ.

    `idle` are the parameters that inference never uses, such as those of side heads.
    """

    compared: dict[str, int]
    different: tuple[Mismatch, ...]
    idle: tuple[str, ...] = ()
    idle_params: int = 0


@dataclass(frozen=True, eq=False)
class Conversion:
    """A network of another form as a spec.

    `unknown` are the operators of unknown cost. `checked` is how it compares with `library`: torch, or the
    ONNX file. `remarks` say what was assumed.
    """

    spec: Spec
    graph: Graph
    unknown: tuple[str, ...]
    checked: Checked
    remarks: tuple[str, ...] = ()
    library: str = "torch"
