"""Calls of other libraries, as the notation writes them: `nn.ReLU()`, `Dense(10)`, `torch.cat([a, b])`."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from cnncost.layers import MERGES, catalogue
from cnncost.spec import foreign_names as theirs
from cnncost.spec.foreign_calls import Theirs, input_comes_first, literal, named, normal, plain, sizes_of
from cnncost.spec.foreign_lookup import argument, fold, layer_named, spatial, without_input


def right_form(node: ast.expr, axes: int | None = None) -> str:
    """What a spec writes for an expression of another library; an empty text if that is not known."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Call):  # Dense(10)(x)
        return merged(node.func, node.args) or right_form(node.func, axes)
    args, keywords = (node.args, node.keywords) if isinstance(node, ast.Call) else ([], [])
    call = normal(Theirs(*named(node), args, keywords, axes))
    if special := SPECIAL.get(call.word):
        return special(call)
    return form_of(call) or merged(node, args) or layer_of(call)


# Calls


def layer_of(call: Theirs) -> str:
    """A call of our layer with the arguments of theirs; names and initialisers are left out."""
    if not (name := layer_named(call.name, call.axes)):
        return ""
    layer = catalogue()[name]
    before, args = applied(call)
    if input_comes_first(call):
        args = without_input(layer, args, call.keywords)
    names = [f.name for f in layer.parameters()]
    words, behind = [plain(arg) for arg in args[: len(names)]], ""
    for keyword in call.keywords:
        if keyword.arg == "activation":
            behind = activation_named(keyword.value, call.axes)
        elif (mine := argument(str(keyword.arg), names)) and mine not in names[: len(args)]:
            words.append(f"{mine}={plain(keyword.value)}")
    return " >> ".join(filter(None, (before, f"{name}({', '.join(words)})" if words else name, behind)))


def applied(call: Theirs) -> tuple[str, list[ast.expr]]:
    """What `F.relu(conv(x))` and `F.relu(conv1)` are applied to, and the arguments without the tensor."""
    if not call.args:
        return "", []
    first, *rest = call.args
    if isinstance(first, ast.Name) and first.id in theirs.TENSORS:
        return "", rest
    if isinstance(first, ast.Name) and call.module and call.name.islower():  # a function, not a class
        return f"ref({first.id})", rest
    if isinstance(first, ast.Call) and (inner := right_form(first, call.axes)):
        return inner, rest
    return "", call.args


def activation_named(node: ast.expr, axes: int | None) -> str:
    """The layer of `activation='relu'` or of `activation=tf.nn.relu`."""
    name = node.value if isinstance(node, ast.Constant) else named(node)[0]
    return layer_named(name, axes) if isinstance(name, str) and name != "linear" else ""


# Forms without a layer of their own


def form_of(call: Theirs) -> str:
    """The form of a call that makes several layers, or one with settled arguments."""
    if square := re.fullmatch(r"conv(\d)x\1", call.word):
        k, stride = int(square[1]), f"{plain(call.args[2])}, " if len(call.args) > 2 else ""
        return f"Conv2d({sizes_of(call, True)['out']}, {k}, {stride}padding={k // 2})"
    form = theirs.FORMS.get(call.word, "")
    return form.format(n=spatial(call.name, call.axes), **sizes_of(call, input_comes_first(call)))


def chained(call: Theirs) -> str:
    """The layers of `Sequential(…)` as a chain."""
    return " >> ".join(right_link(arg, call.axes) for arg in unpacked(call.args) if literal(arg) is None)


def wrapped(call: Theirs) -> str:
    """The layer of `Bidirectional(LSTM(64))` and `TimeDistributed(Dense(10))`."""
    if not call.args or not isinstance(inner := call.args[0], ast.Call):
        return ""
    both = [ast.keyword("bidirectional", ast.Constant(True))] if call.word == "bidirectional" else []
    return right_form(ast.Call(inner.func, inner.args, [*inner.keywords, *both]), call.axes)


def reshaped(call: Theirs) -> str:
    """`Flatten` for `x.view(x.size(0), -1)`; `Reshape` for other sizes, if all are given."""
    sizes = [size for size in unpacked(call.args) if plain(size) not in theirs.TENSORS]
    if call.name.islower():  # the first is the batch
        sizes = sizes[1:]
    if len(sizes) == 1 and literal(sizes[0]) is None and not call.name.islower():
        return f"Reshape({plain(sizes[0])})"
    if len(sizes) <= 1:
        return "Flatten"
    values = [literal(size) for size in sizes]
    if any(isinstance(value, int) and value < 1 for value in values):  # it follows from the others
        return "Flatten(2)" if len(values) == 2 and values[1] == -1 else ""
    return f"Reshape(({', '.join(map(plain, sizes))}))"


SPECIAL: dict[str, Callable[[Theirs], str]] = {
    **dict.fromkeys(theirs.CHAINS, chained),
    **dict.fromkeys(("view", "reshape"), reshaped),
    **dict.fromkeys(("bidirectional", "timedistributed"), wrapped),
}
"""What is found in another way than by its name."""


def right_link(node: ast.expr, axes: int | None) -> str:
    """One layer of a chain: in the notation, or as it is; a small name is that of a variable."""
    if found := repeated(node, axes):
        return found
    name, module = named(node)
    known = not module and (name in catalogue() or (isinstance(node, ast.Name) and name.islower()))
    return plain(node) if known else right_form(node, axes) or plain(node)


def repeated(node: ast.expr, axes: int | None) -> str:
    """`3 * block(64)` for `[block(64) for _ in range(3)]`; the number of a copy is `index`."""
    if not isinstance(node, (ast.ListComp, ast.GeneratorExp)) or not is_made(node.elt):
        return ""
    loop, *others = node.generators
    if others:
        return ""
    over, target = loop.iter, loop.target
    counted = isinstance(over, ast.Call) and named(over)[0] == "range" and len(over.args) == 1
    if not counted and not isinstance(over, ast.Name):
        return ""
    times = plain(over.args[0]) if isinstance(over, ast.Call) else f"len({plain(over)})"
    item = right_link(node.elt, axes)
    if isinstance(target, ast.Name) and target.id != "_":
        item = re.sub(rf"\b{target.id}\b", "index" if counted else f"{plain(over)}[index]", item)
    return f"{times} * ({item})" if " >> " in item else f"{times} * {item}"


def is_made(node: ast.expr) -> bool:
    """Whether a part of a loop makes a layer: it is a call, or a name in capitals."""
    return isinstance(node, ast.Call) or (isinstance(node, ast.Name) and node.id in catalogue())


def unpacked(args: list[ast.expr]) -> list[ast.expr]:
    """Arguments with lists and `*` taken apart."""
    found = list[ast.expr]()
    for arg in args:
        inner = arg.value if isinstance(arg, ast.Starred) else arg
        if named(inner)[0] == "OrderedDict" and isinstance(inner, ast.Call):  # pairs of a name and a layer
            found += [pair.elts[1] for pair in unpaired(inner.args)]
        else:
            found += unpacked(inner.elts) if isinstance(inner, (ast.List, ast.Tuple)) else [inner]
    return found


def unpaired(args: list[ast.expr]) -> list[ast.Tuple]:
    """The pairs of `OrderedDict([('conv', …), …])`."""
    pairs = [pair for arg in args for pair in (arg.elts if isinstance(arg, ast.List) else [])]
    return [pair for pair in pairs if isinstance(pair, ast.Tuple) and len(pair.elts) == 2]


def merged(node: ast.expr, args: list[ast.expr]) -> str:
    """`concat(a=ref(a), b=ref(b))` for `torch.cat([a, b], 1)` and `Concatenate()([a, b])`."""
    kind = theirs.MERGES.get(fold(named(node)[0])[0], "")
    branches = [arg for arg in unpacked(args) if literal(arg) is None]
    if kind == "add" and len(branches) == 1 and not isinstance(branches[0], ast.Name):  # Residual(block)
        return f"add(body={branch_text(branches[0])}, shortcut=Identity)"
    return merge_of(kind, branches) if kind in MERGES and len(branches) > 1 else ""


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
