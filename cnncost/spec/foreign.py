"""Calls of other libraries, as the notation writes them: `nn.ReLU()`, `Dense(10)`, `torch.cat([a, b])`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import lru_cache

from cnncost.errors import did_you_mean
from cnncost.layers import MERGES, Layer, catalogue
from cnncost.spec import foreign_names as theirs

TORCH = ("nn", "torch")
"""Where the input's size comes first."""


def fold(name: str) -> tuple[str, str]:
    """A name in small letters without `_`, and without the number of its axes, which comes second."""
    small = re.sub(r"[^a-z0-9]", "", name.lower())
    axes = re.search(r"([123])d", small)
    return (small.replace(axes[0], "", 1), axes[1]) if axes else (small, "")


@lru_cache(maxsize=2)
def ours(layers: tuple[str, ...]) -> dict[str, str]:
    """The layers of the catalogue by folded name, with `{n}` for the number of their axes."""
    layers = tuple(name for name in layers if name not in MERGES.values())
    families = {fold(name)[0]: re.sub("[123]d", "{n}d", name) for name in layers}
    return families | {"".join(fold(name)): name for name in layers}


def spatial(name: str, axes: int | None) -> str:
    """The number of spatial axes: that of the name, else of the input, else of an image."""
    return fold(name)[1] or (str(axes) if axes in (1, 2, 3) else "2")


def layer_named(name: str, axes: int | None) -> str:
    """The layer that another library calls so; an empty text if none is known."""
    word, n = fold(name)[0].removeprefix("lazy"), spatial(name, axes)
    known = ours(tuple(catalogue()))
    pattern = known.get("".join(fold(name))) or theirs.LAYERS.get(word) or known.get(word, "")
    if word.startswith(("batchnorm", "bn")) and axes == 0:
        n = "1"
    found = pattern.format(n=n)
    return found if found in catalogue() else found.replace(f"{n}d", "") if "{n}" in pattern else found


def right_form(node: ast.expr, axes: int | None = None) -> str:
    """What a spec writes for an expression of another library; an empty text if that is not known."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Call):  # Dense(10)(x)
        made = node.func
        return merged(made, node.args) or right_form(made, axes)
    name, module = named(node)
    if not name:
        return ""
    args = node.args if isinstance(node, ast.Call) else []
    keywords = node.keywords if isinstance(node, ast.Call) else []
    word = fold(name)[0]
    if word in theirs.CHAINS:
        return chained(args, axes)
    if word in ("view", "reshape"):
        return reshaped(args)
    if word in ("bidirectional", "timedistributed") and args and isinstance(inner := args[0], ast.Call):
        both = [ast.keyword("bidirectional", ast.Constant(True))] if word == "bidirectional" else []
        return right_form(ast.Call(inner.func, inner.args, [*inner.keywords, *both]), axes)
    if word == "activation":
        return activation(args[0], axes) if args else ""
    if square := re.fullmatch(r"conv(\d)x\1", word):
        given = arguments_of(args, keywords, "nn")
        stride = f"{given['kernel']}, " if len(args) > 2 else ""
        return f"Conv2d({given['out']}, {square[1]}, {stride}padding={int(square[1]) // 2})"
    if word == "pooling":
        kinds = [
            str(k.value.value) for k in keywords if k.arg == "pool_type" and isinstance(k.value, ast.Constant)
        ]
        return right_form(ast.Call(ast.Name(f"{(kinds or ['max'])[0]}pool"), args, keywords), axes)
    if form := theirs.FORMS.get(word):
        given = arguments_of(args, keywords, module)
        return form.format(n=spatial(name, axes), **given)
    if found := merged(node, args):
        return found
    if not (kind := layer_named(name, axes)):
        return ""
    return call_of(catalogue()[kind], args, keywords, module, axes)


def named(node: ast.expr) -> tuple[str, str]:
    """The last name of a call or a name, and what comes before it: `ReLU`, `torch.nn`."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Name):
        return node.id, ""
    return (node.attr, ast.unparse(node.value)) if isinstance(node, ast.Attribute) else ("", "")


LARGEST_KERNEL = 11


# Calls


def call_of(
    layer: type[Layer], args: list[ast.expr], keywords: list[ast.keyword], module: str, axes: int | None
) -> str:
    """A call of our layer with the arguments of theirs; names and initialisers are left out."""
    before, args = applied(args, axes)
    names = [f.name for f in layer.parameters()]
    if module.split(".")[0] in TORCH and "functional" not in module:
        args = without_input(layer, args, keywords)
    if layer.__name__ == "Upsample" and args and module.split(".")[-1] not in TORCH:
        keywords = [ast.keyword("size", args[0]), *keywords]
        args = []
    words = [plain(arg) for arg in args[: len(names)]]
    behind = ""
    for keyword in keywords:
        if keyword.arg == "activation":
            behind = activation(keyword.value, axes)
        elif (mine := argument(str(keyword.arg), names, layer)) and mine not in names[: len(args)]:
            words.append(f"{mine}={plain(keyword.value)}")
    call = f"{layer.__name__}({', '.join(words)})" if words else layer.__name__
    return " >> ".join(filter(None, (before, call, behind)))


def applied(args: list[ast.expr], axes: int | None) -> tuple[str, list[ast.expr]]:
    """The layers of `F.relu(conv(x))` that come before, and the arguments without the tensor."""
    if not args:
        return "", args
    first, *rest = args
    if isinstance(first, ast.Name) and first.id in theirs.TENSORS:
        return "", rest
    if isinstance(first, ast.Call) and (inner := right_form(first, axes)):
        return inner, rest
    return "", args


def argument(name: str, names: list[str], layer: type[Layer] | None = None) -> str:
    """Our name of an argument among those of a layer; an empty text if it has none."""
    if layer and layer.__name__ == "Upsample" and name == "size":
        return "scale_factor"
    if name in names:
        return name
    return next((mine for mine in theirs.ARGUMENTS.get(name, ()) if mine in names), "")


def argument_hint(name: str, names: Iterable[str]) -> str:
    """`; did you mean kernel_size?`: by what an argument is called elsewhere, else the nearest."""
    known = list(names)
    mine = argument(name, known)
    return f"; did you mean {mine}?" if mine else did_you_mean(name, known)


def is_input_size(name: str) -> bool:
    """Whether an argument is a size of the input, which is inferred here."""
    return name in theirs.INPUT_SIZES


def without_input(layer: type[Layer], args: list[ast.expr], keywords: list[ast.keyword]) -> list[ast.expr]:
    """PyTorch's positional arguments without the size of the input, if all others are still there."""
    at = layer.inferred_place
    if layer.inferred is Layer.inferred or len(args) <= at or layer.__name__ == "LayerNorm":
        return args
    rest = [*args[:at], *args[at + 1 :]]
    given = {f.name for f in layer.parameters()[: len(rest)]} | {str(k.arg) for k in keywords}
    needed = layer.names() - layer.defaults().keys()
    return rest if needed <= given else args


def plain(node: ast.expr) -> str:
    """The text of an argument."""
    return ast.unparse(node)


def activation(node: ast.expr, axes: int | None) -> str:
    """The layer of `activation='relu'` or of `activation=tf.nn.relu`."""
    name = node.value if isinstance(node, ast.Constant) else named(node)[0]
    return layer_named(name, axes) if isinstance(name, str) and name != "linear" else ""


def arguments_of(args: list[ast.expr], keywords: list[ast.keyword], module: str) -> dict[str, str]:
    """Output channels and kernel of a call that makes several layers; 64 and 3 where they are not given."""
    given = {argument(str(k.arg), ["out_channels", "kernel_size"]): plain(k.value) for k in keywords}
    numbers = [arg.value for arg in args if isinstance(arg, ast.Constant) and type(arg.value) is int]
    input_first = len(numbers) > 2 or module or "kernel_size" in given
    if len(numbers) > 1 and (input_first or numbers[1] > LARGEST_KERNEL):
        del numbers[0]
    out, kernel = ([*numbers, 64, 3] if not numbers else [*numbers, 3])[:2]
    return {"out": given.get("out_channels", str(out)), "kernel": given.get("kernel_size", str(kernel))}


# Forms without a layer of their own


def chained(args: list[ast.expr], axes: int | None) -> str:
    """The layers of `Sequential(…)` as a chain."""
    links = [right_link(arg, axes) for arg in unpacked(args)]
    return " >> ".join(links)


def right_link(node: ast.expr, axes: int | None) -> str:
    """One layer of a chain: in the notation, or as it is."""
    if found := repeated(node, axes):
        return found
    name, module = named(node)
    known = not module and name in catalogue()
    return plain(node) if known else right_form(node, axes) or plain(node)


def repeated(node: ast.expr, axes: int | None) -> str:
    """`3 * block(64)` for `[block(64) for _ in range(3)]`."""
    if not isinstance(node, (ast.ListComp, ast.GeneratorExp)) or len(node.generators) != 1:
        return ""
    over = node.generators[0].iter
    if not isinstance(over, ast.Call) or named(over)[0] != "range" or len(over.args) != 1:
        return ""
    return f"{plain(over.args[0])} * {right_link(node.elt, axes)}"


def unpacked(args: list[ast.expr]) -> list[ast.expr]:
    """Arguments with lists and `*` taken apart."""
    found = list[ast.expr]()
    for arg in args:
        inner = arg.value if isinstance(arg, ast.Starred) else arg
        found += unpacked(inner.elts) if isinstance(inner, (ast.List, ast.Tuple)) else [inner]
    return found


def merged(node: ast.expr, args: list[ast.expr]) -> str:
    """`concat(a=ref(a), b=ref(b))` for `torch.cat([a, b], 1)` and `Concatenate()([a, b])`."""
    kind = theirs.MERGES.get(fold(named(node)[0])[0], "")
    branches = [arg for arg in unpacked(args) if not isinstance(arg, ast.Constant)]
    if kind == "add" and len(branches) == 1 and not isinstance(branches[0], ast.Name):  # Residual(block)
        return f"add(body={branch_text(branches[0])}, shortcut=Identity)"
    return merge_of(kind, branches) if kind in MERGES and len(branches) > 1 else ""


def merge_hint(word: str) -> str:
    """`; did you mean concat?` for a merge by its name elsewhere, or nearly by ours."""
    kind = theirs.MERGES.get(fold(word)[0], "")
    return f"; did you mean `{kind}:`?" if kind in MERGES else did_you_mean(word, MERGES)


def merge_of(kind: str, branches: list[ast.expr]) -> str:
    """A merge of branches, each with a name: that of an earlier layer is taken by `ref`."""
    words: dict[str, str] = {}
    for i, branch in enumerate(branches):
        earlier = isinstance(branch, ast.Name) and branch.id not in catalogue()
        text = branch_text(branch)
        if text in words.values() and isinstance(branch, ast.Name):
            text = f"ref({branch.id})"
        name = plain(branch) if earlier and plain(branch) not in words else "abcdefgh"[i % 8]
        words[name] = text
    return f"{kind}({', '.join(f'{name}={text}' for name, text in words.items())})"


def branch_text(branch: ast.expr) -> str:
    """A branch of a merge: a tensor is the merge's input, another name an earlier output."""
    if not isinstance(branch, ast.Name) or branch.id in catalogue():
        return right_link(branch, None)
    return "Identity" if branch.id in theirs.TENSORS else f"ref({branch.id})"


def reshaped(args: list[ast.expr]) -> str:
    """`Flatten` for `x.view(x.size(0), -1)`; a map of tokens or of a vector takes `Unflatten`."""
    sizes = unpacked(args)
    if len(sizes) <= 2:
        return "Flatten"
    return f"Unflatten(1, ({', '.join(map(plain, sizes))}))"
