"""Calls of other libraries, brought nearer to ours: what their arguments mean, which class they choose."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cnncost.spec import foreign_names as theirs
from cnncost.spec.foreign_lookup import argument, fold


@dataclass(frozen=True)
class Theirs:
    """A call or a name of another library: `tf.keras.layers.Dense(10)` is `Dense` of `tf.keras.layers`.

    `axes` is how many spatial axes the input has; None if that is not known.
    """

    name: str
    module: str
    args: list[ast.expr]
    keywords: list[ast.keyword]
    axes: int | None

    @property
    def word(self) -> str:
        """The folded name."""
        return fold(self.name)[0]

    def text_of(self, argument: str) -> str:
        """The text that an argument is given, or an empty one."""
        given = (k.value for k in self.keywords if k.arg == argument)
        return next((str(value.value) for value in given if isinstance(value, ast.Constant)), "")

    def given(self, *names: str) -> Any:
        """The value of an argument that is plain (a number, a text, numbers in brackets); None otherwise."""
        found = next((k.value for k in self.keywords if k.arg in names), None)
        return literal(found) if found is not None else None

    def with_keywords(self, *without: str, **values: Any) -> Theirs:
        """The call less some named arguments, and with others."""
        kept = [k for k in self.keywords if k.arg not in (*without, *values)]
        return replace(self, keywords=[*kept, *(ast.keyword(k, constant(v)) for k, v in values.items())])


def literal(node: ast.expr) -> Any:
    """The plain value of an argument; None where it is none."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def constant(value: Any) -> ast.expr:
    """The argument of a plain value."""
    return ast.parse(repr(value), mode="eval").body


def named(node: ast.expr) -> tuple[str, str]:
    """The last name of a call or a name, and what comes before it: `ReLU`, `torch.nn`."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Name):
        return node.id, ""
    return (node.attr, ast.unparse(node.value)) if isinstance(node, ast.Attribute) else ("", "")


def plain(node: ast.expr) -> str:
    """The text of an argument."""
    return ast.unparse(node)


# What an argument means elsewhere


def normal(call: Theirs) -> Theirs:
    """The call in the terms of our layers."""
    if change := CHANGES.get(call.word):
        call = change(call)
    return padded_same(call)


def padded_same(call: Theirs) -> Theirs:
    """Keras' and TensorFlow's `padding='same'`, which depends on the input's size where there is a stride."""
    padding = str(call.given("padding", "border_mode")).lower()
    pools = "pool" in call.word
    if padding not in ("same", "valid") or not (call.name[:1].isupper() or call.module):
        return call
    if padding == "valid":
        return call.with_keywords("padding", "border_mode") if pools else call
    strided = call.given("strides", "stride", "subsample") not in (None, 1, (1, 1)) or len(call.args) > 2
    tf = not call.module.startswith("torch") and (pools or strided) and "transpose" not in call.word
    return call.with_keywords("border_mode", padding="same_tf" if tf else "same")


def pooling(call: Theirs) -> Theirs:
    """`Pooling(kernel=2, pool_type='max')`."""
    return replace(call, name=f"{call.given('pool_type') or 'max'}pool")


def upsampling(call: Theirs) -> Theirs:
    """`UpSampling2D(2)`, whose size is a factor."""
    factor = [ast.keyword("scale_factor", k.value) for k in call.keywords if k.arg == "size"]
    factor += [ast.keyword("scale_factor", arg) for arg in call.args[:1]]
    others = [k for k in call.keywords if k.arg != "size"]
    return replace(call, name="Upsample", args=[], keywords=[*factor, *others])


def convolution(call: Theirs) -> Theirs:
    """`Convolution2D(64, 3, 3)`, whose kernel is two numbers in the first Keras."""
    if fold(call.name)[1] != "2" or len(call.args) < 3:
        return call
    filters, *kernel = call.args[:3]
    return replace(call, args=[filters, ast.Tuple(kernel, ast.Load()), *call.args[3:]])


def zero_padding(call: Theirs) -> Theirs:
    """`ZeroPadding2D(((0, 1), (0, 1)))`: rows before columns there, columns first here."""
    sizes = literal(call.args[0]) if call.args else call.given("padding")
    if not isinstance(sizes, tuple) or len(sizes) != 2:
        return call
    (top, bottom), (left, right) = [size if isinstance(size, tuple) else (size, size) for size in sizes]
    same = top == bottom == left == right
    return replace(call, args=[constant(top if same else (left, right, top, bottom))], keywords=[])


def relu(call: Theirs) -> Theirs:
    """`ReLU(6.)` and `ReLU(max_value=6)`."""
    most = literal(call.args[0]) if call.args else call.given("max_value")
    return replace(call, name="ReLU6", args=[], keywords=[]) if most == 6 and most is not True else call


def activation(call: Theirs) -> Theirs:
    """`Activation('relu')`, and MXNet's `Activation(x, act_type='relu')`."""
    kinds = [call.given("act_type", "activation"), *map(literal, call.args)]
    kinds += [named(arg)[0] for arg in call.args if isinstance(arg, ast.Attribute)]
    name = next((kind for kind in kinds if isinstance(kind, str)), "")
    return replace(call, name=name, module="", args=[], keywords=[])


CHANGES: dict[str, Callable[[Theirs], Theirs]] = {
    "activation": activation,
    "convolution": convolution,
    "pooling": pooling,
    "relu": relu,
    "upsampling": upsampling,
    "zeropadding": zero_padding,
}
"""What is called otherwise than by its name and its arguments."""


TORCH = ("nn", "torch", "torchvision", "timm", "ops")
"""Where the input's size comes first."""


def input_comes_first(call: Theirs) -> bool:
    """Whether the first argument is a size of the input, as in PyTorch and not in MXNet's `nn.Conv2D`."""
    if call.module.split(".")[0] not in TORCH or "functional" in call.module:
        return False
    if any(k.arg in theirs.INPUT_SIZES for k in call.keywords):
        return False
    second = literal(call.args[1]) if len(call.args) > 1 else None
    return not re.search("[123]D", call.name) or (type(second) is int and second > LARGEST_KERNEL)


# Calls that make several layers

LARGEST_KERNEL = 11
"""A second number beyond this is output channels, so the first is those of the input."""


def sizes_of(call: Theirs, input_first: bool) -> dict[str, str]:
    """Output channels, kernel and what follows it; 64 and 3 where they are not given."""
    given = {
        argument(str(k.arg), ["out_channels", "kernel_size", "stride"]): plain(k.value) for k in call.keywords
    }
    numbers = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and type(arg.value) is int]
    kernels = [plain(arg) for arg in call.args if isinstance(arg, ast.Tuple)]
    input_first |= len(numbers) > 2 or "kernel_size" in given or numbers[1:] > [LARGEST_KERNEL]
    if len(numbers) > 1 and input_first and not kernels:
        del numbers[0]
    if call.word in ("depthwiseconv", "dwconv") and len(numbers) == 1:  # it has as many filters as channels
        numbers = [0, *numbers]
    out, kernel, stride = [*map(str, numbers), *["64", "3", "1"][len(numbers) :]][:3]
    padding, stride = padded_same(call).given("padding"), given.get("stride", stride)
    more = "" if stride in ("1", "(1, 1)") else f", stride={stride}"
    more += f", padding={padding!r}" if padding in ("same", "same_tf") else ""
    kernel = given.get("kernel_size", kernels[0] if kernels else kernel)
    return {"out": given.get("out_channels", out), "kernel": kernel, "more": more}
