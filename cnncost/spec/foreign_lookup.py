"""Layers, arguments and merges by what other libraries call them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import lru_cache

from cnncost.errors import did_you_mean
from cnncost.layers import MERGES, Layer, catalogue
from cnncost.spec import foreign_names as theirs


def in_small(name: str) -> str:
    """A name in small letters without `_`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def fold(name: str) -> tuple[str, str]:
    """A name in small letters without `_`, and without the number of its axes, which comes second."""
    small = in_small(name)
    axes = re.search(r"([123])d", small)
    return (small.replace(axes[0], "", 1), axes[1]) if axes else (small, "")


@lru_cache(maxsize=2)
def ours(layers: tuple[str, ...]) -> dict[str, str]:
    """The layers of the catalogue by folded name, with `{n}` for the number of their axes."""
    layers = tuple(name for name in layers if name not in MERGES.values())
    families = {fold(name)[0]: re.sub("[123]d", "{n}d", name) for name in layers}
    return families | {in_small(name): name for name in layers}


def spatial(name: str, axes: int | None) -> str:
    """The number of spatial axes: that of the name, else of the input, else of an image."""
    return fold(name)[1] or (str(axes) if axes in (1, 2, 3) else "2")


def layer_named(name: str, axes: int | None) -> str:
    """The layer that another library calls so; an empty text if none is known."""
    word, n = fold(name)[0].removeprefix("lazy"), spatial(name, axes)
    known = ours(tuple(catalogue()))
    pattern = known.get(in_small(name)) or theirs.LAYERS.get(word) or known.get(word, "")
    if word.startswith(("batchnorm", "bn")) and axes == 0:
        n = "1"
    found = pattern.format(n=n)
    return found if found in catalogue() else found.replace(f"{n}d", "") if "{n}" in pattern else found


def argument(name: str, names: list[str]) -> str:
    """Our name of an argument among those of a layer; an empty text if it has none."""
    if name in names:
        return name
    return next((mine for mine in theirs.ARGUMENTS.get(name, ()) if mine in names), "")


def argument_hint(name: str, names: Iterable[str]) -> str:
    """`; did you mean kernel_size?`: by what an argument is called elsewhere, else the nearest."""
    if name in theirs.NEEDLESS:
        return theirs.NEEDLESS[name]
    known = list(names)
    mine = argument(name, known)
    return f"; did you mean {mine}?" if mine else did_you_mean(name, known)


def is_input_size(name: str, names: Iterable[str]) -> bool:
    """Whether an argument is a size of the input, which is inferred here; `names` are those of the layer."""
    return name in theirs.INPUT_SIZES and not argument(name, list(names))


def without_input(layer: type[Layer], args: list[ast.expr], keywords: list[ast.keyword]) -> list[ast.expr]:
    """PyTorch's positional arguments without the size of the input, if all others are still there."""
    at = layer.inferred_place
    if layer.inferred is Layer.inferred or len(args) <= at or layer.__name__ == "LayerNorm":
        return args
    rest = [*args[:at], *args[at + 1 :]]
    given = {f.name for f in layer.parameters()[: len(rest)]} | {str(k.arg) for k in keywords}
    needed = layer.names() - layer.defaults().keys()
    return rest if needed <= given else args


def merge_hint(word: str) -> str:
    """`; did you mean concat?` for a merge by its name elsewhere, or nearly by ours."""
    kind = theirs.MERGES.get(fold(word)[0], "")
    return f"; did you mean `{kind}:`?" if kind in MERGES else did_you_mean(word, MERGES)
