"""Calls that begin with the input's size, as in PyTorch: `Conv2d(3, 64, 7, 2, 3)` on 3 channels.

Here the size of the input is inferred, so such a call means something else: 3 filters of 64×64. Whether
it was meant shows where the layer meets its input. What can be meant is never refused.
"""

from __future__ import annotations

import ast
from typing import Any

from cnncost.dims import Shape, product
from cnncost.errors import CnncostError, SpecError
from cnncost.layers import Layer
from cnncost.layers.linear import Linear
from cnncost.spec.calls import call_text, make_layer
from cnncost.spec.expression import shorten
from cnncost.spec.items import Call

LARGE = 12
"""Kernels of this size and stacks of as many layers are rare."""


def layer_for(layer: type[Layer], call: Call, shape: Shape) -> tuple[Layer, str]:
    """The layer of a call on its input, and a remark if the call looks like one of PyTorch.

    Raises:
        SpecError: its arguments are wrong, or only make sense as those of PyTorch.
    """
    try:
        made = make_layer(layer, call)
    except SpecError as error:
        raise explained(error, layer, call, shape) from None
    doubtful = doubt(made, call) if starts_with_size(layer, call, shape) else 0
    if not doubtful or not (right := without_size(layer, call, shape)):
        return made, ""
    meaning = f"`{written(call)}` is {described(made)}"
    if doubtful == REFUSED:
        message = f"{rule(layer, call, right)}. As written, {meaning}"
        raise SpecError(message, call.place_of(layer.inferred_place))
    hint = f"if its first {call.args[0]} is the input size, which is inferred, write `{shorten(right)}`"
    return made, f"{meaning}; {hint}"


def explained(error: SpecError, layer: type[Layer], call: Call, shape: Shape) -> SpecError:
    """The error of a call, or a clearer one if the call is right in PyTorch and on this input."""
    if layer is Linear and (flat := flattened(call, shape)):
        return type(error)(f"Linear acts on the last axis, {shape[-1]} values; write `{flat}`", call.place)
    if not starts_with_size(layer, call, shape) or not (right := without_size(layer, call, shape)):
        return error
    return type(error)(rule(layer, call, right), call.place_of(layer.inferred_place))


def flattened(call: Call, shape: Shape) -> str:
    """What to write for a PyTorch user's `Linear(512, 10)` on a map, which was to be a vector of 512."""
    if len(shape) != 3 or len(call.args) < 2 or type(call.args[0]) is not int or call.args[0] == shape[-1]:
        return ""
    before = {product(shape): "Flatten", shape[0]: "AdaptiveAvgPool2d(1) >> Flatten"}.get(call.args[0])
    return f"{before} >> {shortened(call, 0)}" if before else ""


def starts_with_size(layer: type[Layer], call: Call, shape: Shape) -> bool:
    """A quick look at whether a call may begin with a size of its input."""
    at = layer.inferred_place
    given = call.args[at] if len(call.args) > at else None
    return type(given) is int and given in [n for n in shape if type(n) is int]


def without_size(layer: type[Layer], call: Call, shape: Shape) -> str:
    """The call without the input's size, if it then fits the input and infers that very size."""
    at = layer.inferred_place
    rest = (*call.args[:at], *call.args[at + 1 :])
    try:
        made = make_layer(layer, Call(call.template, rest, call.kwargs))
        made.out_shape(shape)
        sizes = made.inferred(shape)
    except CnncostError:
        return ""
    names = layer.names()
    inferred = next((size for name, size in sizes.items() if name not in names), None)
    return shortened(call, at) if type(inferred) is int and inferred == call.args[at] else ""


def shortened(call: Call, at: int) -> str:
    """The text of a call without one of its arguments."""
    node = call.node
    if not isinstance(node, ast.Call):
        return call.template.name
    return call_text(node, [*node.args[:at], *node.args[at + 1 :]], node.keywords)


def written(call: Call) -> str:
    """The text of a call."""
    return shorten(ast.unparse(call.node)) if call.node else call.template.name


def rule(layer: type[Layer], call: Call, right: str) -> str:
    """What is wrong, and the right call."""
    at = layer.inferred_place
    which = "first " if at == 0 and len(call.args) > 1 else ""
    typed = ast.unparse(call.node.args[at]) if isinstance(call.node, ast.Call) else str(call.args[at])
    size = typed if typed.isdigit() else f"`{shorten(typed)}`"
    wrong = f"{layer.__name__}: the input size is inferred, not written"
    return f"{wrong}: drop the {which}{size} and write `{shorten(right)}`"


def described(layer: Layer) -> str:
    """What a call makes as it is written."""
    values: dict[str, Any] = layer.arguments()
    if "kernel_size" not in values:
        return str(layer)
    kernel = "×".join(map(str, values["kernel_size"]))
    filters = "1 filter" if values["out_channels"] == 1 else f"{values['out_channels']} filters"
    return f"{filters} of size {kernel} with stride {values['stride'][0]}"


# Doubt: whether a call that begins like one of PyTorch can be meant as it is written

REMARKED, REFUSED = 1, 2


def doubt(layer: Layer, call: Call) -> int:
    """How unlikely it is that a call was meant: 0, REMARKED or REFUSED."""
    given = dict(zip((f.name for f in layer.parameters()), call.args, strict=False))
    if any(f.type in ("bool", "Share") and type(given.get(f.name)) is int for f in layer.parameters()):
        return REFUSED  # Linear(512, 1): no one writes `bias` as a number
    if type(layers := given.get("num_layers")) is int and layers >= LARGE:
        return REFUSED  # LSTM(100, 256): no one stacks 256 layers
    if "stride" not in given:
        return 0
    k, s, p = given["kernel_size"], given["stride"], given.get("padding") or 0
    transposed = hasattr(layer, "output_padding")
    if not all(type(size) is int for size in (k, s, p)) or s == k > 3 or p > max(s, 2):
        return 0  # an array, a patch, or in PyTorch's order a stride larger than the kernel
    if no_window(k, s, p, transposed) or is_torch_call(s, given):
        return REFUSED
    if transposed and k == 2 * s:  # an upsampling by linear interpolation
        return 0
    if k % 2 == 0 and ((k > 4 and k % s) or (k >= 32 and k != 2 * s and layer.axes != 1)):
        return REFUSED
    odd_stride = s >= 3 and s % 2 == 1
    even_kernel = k % 2 == 0 and (s == 1 or odd_stride)
    return REMARKED if k >= LARGE or even_kernel or (s == 3 and k in (1, 3)) else 0


def no_window(k: int, s: int, p: int, transposed: bool) -> bool:
    """Whether windows leave gaps, or some hold nothing but padding; a 1×1 with a stride is a shortcut."""
    return (s > k and (k > 1 or transposed)) or (p >= k and not transposed)


def is_torch_call(s: int, given: dict[str, Any]) -> bool:
    """Whether five sizes are those of PyTorch: … kernel, stride, padding of half the kernel."""
    last = given.get("dilation", given.get("output_padding"))
    return len(given) >= 5 and s >= 3 and s % 2 == 1 and last == s // 2
