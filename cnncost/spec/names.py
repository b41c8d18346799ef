"""What names mean in an expression (layers, blocks, params), and the message for an unknown one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from cnncost.dims import symbol
from cnncost.errors import did_you_mean
from cnncost.layers import MERGES, Layer, catalogue
from cnncost.layers.left_out import LEFT_OUT, left_out
from cnncost.layers.reduction import PER_VALUE
from cnncost.spec.expression import shorten
from cnncost.spec.functions import FUNCTIONS
from cnncost.spec.items import INDEX, REFERENCES, Call
from cnncost.spec.structure import Spec, UsedNetwork

MERGE_WORDS = {name: word for word, name in MERGES.items()}
TEXTS = (
    *("same", "same_tf", "valid", "zeros", "reflect", "replicate", "circular"),
    *("nearest", "linear", "bilinear", "trilinear"),
)
"""Values of arguments, which often lack their quotes."""
LITERALS = {"true": "True", "false": "False", "none": "None", "null": "None"}


@dataclass(frozen=True)
class LayerTemplate:
    """A layer type, callable from a spec."""

    layer: type[Layer]

    @property
    def name(self) -> str:
        return self.layer.__name__


def layer_calls() -> Mapping[str, Call]:
    """Every layer type by name, as a call without arguments; merges are written otherwise."""
    return calls_of(tuple(catalogue().values()))


@lru_cache(maxsize=2)
def calls_of(layers: tuple[type[Layer], ...]) -> Mapping[str, Call]:
    """Calls of layer types, made once for each state of the catalogue: layers of others may join it."""
    return {
        layer.__name__: Call(LayerTemplate(layer)) for layer in layers if layer.__name__ not in MERGE_WORDS
    }


class WithSymbols(dict[str, Any]):
    """Names, where an unknown name of a size (`F`, `C_out`) is a symbol."""

    def __missing__(self, name: str) -> Any:
        if name in FUNCTIONS or (len(name) > 1 and not ("_" in name or name[1:].isdigit() or name.isupper())):
            raise KeyError(name)
        return symbol(name)


def root_names(spec: Spec, params: Mapping[str, Any]) -> dict[str, Any]:
    """What every expression of a spec can name: layers, blocks, params, and the networks that it uses."""
    names: dict[str, Any] = {**layer_calls()}
    names |= {name: Call(LayerTemplate(layer)) for name, layer in spec.types.items()}
    names |= {name: Call(replace(block, names=names)) for name, block in spec.blocks.items()}
    names |= {name: Call(UsedNetwork(name, used[0], spec, used[1])) for name, used in spec.use.items()}
    names.update(params)
    return names


def known_names(values: Mapping[str, Any]) -> list[str]:
    """Names for suggestions."""
    return [*values, *FUNCTIONS, *MERGES, *REFERENCES]


def unknown_name(name: str, known: Iterable[str]) -> str:
    """The error message for an unknown name."""
    if name in FUNCTIONS or name in MERGES or name in REFERENCES:
        as_text = f", or in quotes as a text: '{name}'" if name in PER_VALUE else ""
        return f"`{name}` must be called: `{name}(…)`{as_text}"
    if name == INDEX:
        return "`index` is the number of a copy, and only known behind `n *`: `4 * stage(widths[index])`"
    if name in MERGE_WORDS:
        return f"{name}: a merge is written `{MERGE_WORDS[name]}:`, with a name for each branch"
    if name in LEFT_OUT:
        return left_out(name)
    if name in (*TEXTS, *PER_VALUE):
        return f"{name}: a text needs quotes: '{name}'"
    if name in LITERALS:
        return f"{name}: no such layer, block or param; did you mean {LITERALS[name]}?"
    what = "no such layer" if name[:1].isupper() else "no such layer, block or param"
    return f"{shorten(name)}: {what}{did_you_mean(name, [*known, *LITERALS.values()], cutoff=0.72)}"
