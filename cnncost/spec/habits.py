"""What people type who know PyTorch or Keras, where the notation writes something else.

Looked for only when an expression is wrong already: nothing that works is touched.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from cnncost.errors import nearest
from cnncost.layers import MERGES, catalogue
from cnncost.layers.left_out import LEFT_OUT, left_out
from cnncost.spec import foreign_names as theirs
from cnncost.spec.expression import links_of, shorten
from cnncost.spec.foreign import (
    branch_text,
    merge_of,
    repeated,
    right_form,
    right_link,
    unpacked,
)
from cnncost.spec.foreign_calls import Theirs, input_comes_first, named, plain
from cnncost.spec.foreign_lookup import fold
from cnncost.spec.functions import FUNCTIONS
from cnncost.spec.items import REFERENCES, Item
from cnncost.spec.names import MERGE_WORDS
from cnncost.spec.text_habits import SELF

Habit = tuple[ast.AST, str]
"""A part of an expression, and what to write in its place."""


def habits(tree: ast.expr, names: Mapping[str, Any], layers: bool = False) -> list[Habit]:
    """The outermost parts of an expression that are written as elsewhere, each with its message.

    `layers` says that layers belong there: then the sum of two unknown names is one of earlier outputs.
    """
    shape = names.get("in_shape")
    axes = len(shape) - 1 if isinstance(shape, tuple) else None
    try:
        return [(node, shorten(message, 300)) for node, message in found_in(tree, names, axes, layers)]
    except RecursionError:  # nested too deeply to be typed by anyone
        return []


def found_in(tree: ast.expr, names: Mapping[str, Any], axes: int | None, layers: bool) -> Iterator[Habit]:
    """The habits in a part of an expression."""
    if message := message_for(tree, names, axes, layers):
        yield tree, message
    if message or (named(tree)[0] in REFERENCES and isinstance(tree, ast.Call)):  # of a name, not a layer
        return
    inner = layers and (not isinstance(tree, ast.Call) or named(tree)[0] in MERGES)
    for child in links_of(tree) or ast.iter_child_nodes(tree):
        part = child.value if isinstance(child, ast.keyword) else child
        if isinstance(part, ast.expr):
            yield from found_in(part, names, axes, inner)


def message_for(node: ast.expr, names: Mapping[str, Any], axes: int | None, layers: bool) -> str:
    """The message for one part; an empty text if it is none of these habits."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in MERGES and node.args:
            return merge_message(name, node.args)
        case ast.Call(func=ast.Name(id=name), args=args) if name in MERGE_WORDS and name not in names:
            rule = f"{name}: a merge is written `{MERGE_WORDS[name]}:`, with a name for each branch"
            branches = unpacked(args)
            return f"{rule}: `{merge_of(MERGE_WORDS[name], branches)}`" if len(branches) > 1 else rule
        case ast.Call(func=ast.Name(id=name)) | ast.Name(id=name):
            return "" if is_known(name, names) else foreign_message(node, name, names, axes)
        case ast.Attribute() | ast.Call(func=ast.Attribute()):
            return module_message(node, axes)
        case ast.Call(func=ast.Call()):
            return applied_message(node, axes)
        case ast.BinOp():
            return operator_message(node, names, layers)
        case ast.ListComp() | ast.GeneratorExp() if found := repeated(node, axes):
            return f"a repeat is written with its number first: `{found}`"
    return ""


def is_known(name: str, names: Mapping[str, Any]) -> bool:
    """Whether a name means something here."""
    return name in names or name in FUNCTIONS or name in MERGES or name in REFERENCES


def is_layer(node: ast.expr, names: Mapping[str, Any]) -> bool:
    """Whether a part is a layer, a block or a chain of them."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.RShift)
    name, module = named(node)
    if module:
        return bool(right_form(node))
    return name in catalogue() or name in (*REFERENCES, *MERGES) or isinstance(names.get(name), Item)


# Names


def foreign_message(node: ast.expr, name: str, names: Mapping[str, Any], axes: int | None) -> str:
    """For a layer by its name elsewhere: `Dense(10)`."""
    own = [known for known in names if known not in catalogue()]
    if nearest(name, own, cutoff=0.8) or name in MERGES.values():
        return ""
    if name in theirs.INPUT_SIZES and name.startswith(("in", "cin", "nin")) and name != "input_shape":
        return f"{name}: no such layer, block or param; the channels that enter a block are `in_channels`"
    if name in ("Input", "InputLayer"):
        return INPUT_LINE
    right = right_form(node, axes)
    if not right:
        return ""
    if right in (plain(node), f"{plain(node)[:-2]}"):
        return ""
    same_call = isinstance(node, ast.Call) and right.partition("(")[2] == plain(node).partition("(")[2]
    shown = right.partition("(")[0] if same_call else right
    what = "no such layer" if name[:1].isupper() else "no such layer, block or param"
    return f"{name}: {what}; did you mean {shown if shown.isidentifier() else f'`{shown}`'}?"


def module_message(node: ast.expr, axes: int | None) -> str:
    """For a name with a module before it: `nn.ReLU()`."""
    name, module = named(node)
    first = re.split(r"\W", module)[0]
    if first == "self":
        return SELF
    right = right_form(node, axes)
    if right and re.fullmatch(r"[\w.]+", module):
        call = Theirs(name, module, getattr(node, "args", []), getattr(node, "keywords", []), axes)
        shorter = drops_input(call, right)
        return f"drop `{module}.` and write `{right}`{'; the input size is inferred' if shorter else ''}"
    if right:
        return f"layers join with `>>`: write `{module} >> {right}`"
    if kind := theirs.MERGES.get(fold(name)[0]):
        return f"drop `{module}.`: a merge is written `{kind}:`, with a name for each branch"
    if name in ("Input", "InputLayer"):
        return INPUT_LINE
    if name in LEFT_OUT:
        return left_out(name)
    if name in FILLED and isinstance(node, ast.Call) and node.args:
        sizes = ", ".join(map(ast.unparse, node.args))
        shape = f"({sizes})" if len(node.args) > 1 else sizes
        return f"sizes are written as they are, without a tensor: `Parameter({shape})`"
    if first in theirs.MODULES:
        return f"drop `{module}.`, and `{name}` is no layer here: `cnncost layers` lists what there is"
    return ""


FILLED = ("zeros", "ones", "empty", "randn", "rand")
"""Functions of torch and numpy that make an array of given sizes."""


def drops_input(call: Theirs, right: str) -> bool:
    """Whether a form lacks the input's size, with which PyTorch's call begins."""
    ours = ast.parse(right, mode="eval").body
    kept = len(ours.args) if isinstance(ours, ast.Call) else 0
    return named(ours) == (call.name, "") and kept < len(call.args) and input_comes_first(call)


INPUT_LINE = "the input is no layer: a spec has its shape in a line `input: [3, 224, 224]`"


def applied_message(node: ast.Call, axes: int | None) -> str:
    """For a layer that is called on a tensor: `Dense(10)(x)`."""
    right = right_link(node, axes) if right_form(node, axes) else ""
    rule = "a layer takes its arguments only, and its input is what comes before it"
    return f"{rule}: write `{right}`" if right else ""


# Operators, merges and lists


def operator_message(node: ast.BinOp, names: Mapping[str, Any], belong: bool) -> str:
    """For layers with `+`, `|`, `@` or `*` between them."""
    rule = "layers join with `>>` and repeat with `n * layer`"
    number = not is_layer(node.right, names) and not is_unknown(node.right, names)
    if isinstance(node.op, ast.Mult) and is_layer(node.left, names) and number:
        return f"{rule}: write `{plain(node.right)} * {plain(node.left)}`"
    kind, parts = OPERATORS.get(type(node.op)), operands(node, type(node.op))
    layers = any(is_layer(part, names) for part in parts)
    if not kind or not all(is_layer(part, names) or is_unknown(part, names) for part in parts):
        return ""
    if isinstance(node.op, ast.Mult) and is_unknown(node.left, names) and not is_tensor(node.left):
        return ""  # a repeat by a number that is misspelt
    if kind == ">>":
        return f"{rule}: write `{' >> '.join(right_link(part, None) for part in parts)}`"
    misspelt = any(isinstance(part, ast.Name) and nearest(part.id, names, 0.72) for part in parts)
    if not layers and (misspelt or not belong):
        return ""  # sizes, not layers
    return f"{rule}, and branches meet in a merge: write `{merge_of(kind, parts)}`"


def operands(node: ast.expr, operator: type[ast.operator]) -> list[ast.expr]:
    """The operands of `a | b | c`, side by side."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, operator):
        return [*operands(node.left, operator), *operands(node.right, operator)]
    return [node]


def is_tensor(node: ast.expr) -> bool:
    """Whether a part is called as code calls the tensor that it works on."""
    return isinstance(node, ast.Name) and node.id in theirs.TENSORS


def is_unknown(node: ast.expr, names: Mapping[str, Any]) -> bool:
    """Whether a part is a name without a meaning here, such as that of an earlier layer."""
    return isinstance(node, ast.Name) and not is_known(node.id, names)


OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.BitOr: ">>",
    ast.MatMult: ">>",
    ast.LShift: ">>",
}
"""What an operator between layers means elsewhere: a merge, or one after the other."""


def merge_message(kind: str, args: list[ast.expr]) -> str:
    """For a merge whose branches have no names: `concat(a, b)`."""
    branches = [arg for arg in unpacked(args) if not isinstance(arg, ast.Constant)]
    if len(branches) < 2:
        example = branch_text(branches[0]) if branches else "…"
        return f"`{kind}` takes two or more named branches: `{kind}(a={example}, b=…)`"
    return f"`{kind}` takes two or more named branches: `{merge_of(kind, branches)}`"


def list_hint(tree: ast.expr) -> str:
    """What to write for layers in a list, where layers belong: `[Conv2d(8, 3), ReLU]`."""
    if not isinstance(tree, (ast.List, ast.Tuple)) or len(tree.elts) < 2:
        return ""
    return f"; layers join with `>>`: write `{' >> '.join(right_link(part, None) for part in tree.elts)}`"
