"""Convolutions, linear layers, pools, resampling and normalisations of ONNX."""

from __future__ import annotations

from collections.abc import Sequence

from cnncost.convert.from_onnx.call import Call
from cnncost.convert.from_onnx.entries import Entry, same, turned
from cnncost.convert.operations import Operation, Value
from cnncost.dims import Shape, ceil_div


def padding_of(call: Call, source: Value, kernel: Sequence[int]) -> tuple[list[int], list[int]]:
    """The padding at the beginning and at the end of each axis."""
    axes = len(kernel)
    strides, dilations = call["strides"] or [1] * axes, call["dilations"] or [1] * axes
    kind = call["auto_pad"] or "NOTSET"
    if kind == "VALID":
        return [0] * axes, [0] * axes
    if kind == "NOTSET":
        pads = call["pads"] or [0] * 2 * axes
        return pads[:axes], pads[axes:]
    begin, end = [], []
    for n, k, s, d in zip(source.full[2:], kernel, strides, dilations, strict=True):
        whole = max((ceil_div(n, s) - 1) * s + d * (k - 1) + 1 - n, 0)
        less, more = whole // 2, whole - whole // 2
        begin.append(more if kind == "SAME_LOWER" else less)
        end.append(less if kind == "SAME_LOWER" else more)
    return begin, end


def padded(call: Call, source: Value, kernel: Sequence[int]) -> tuple[list[Operation], Value, list[int]]:
    """The padding that windows have: as an argument where both ends are equal, else as a step before them."""
    begin, end = padding_of(call, source, kernel)
    if begin == end:
        return [], source, begin
    sides = [n for pair in list(zip(begin, end, strict=True))[::-1] for n in pair]
    sizes = (n + b + e for n, b, e in zip(source.full[2:], begin, end, strict=True))
    wider = call.step((*source.full[:2], *sizes))
    return [call.operation("pad", [wider], self=source, pad=sides)], wider, [0] * len(kernel)


def convolution(call: Call) -> list[Operation] | None:
    """A convolution over one, two or three axes."""
    return convolved(call, call.live(), call.weight(1), call.weight(2), call.results)


def convolved(
    call: Call, source: Value, weight: Value | None, bias: Value | None, results: Sequence[Value]
) -> list[Operation] | None:
    """A convolution of these tensors."""
    if weight is None or not 3 <= len(weight.full) <= 5:
        return None
    axes = len(weight.full) - 2
    before, source, padding = padded(call, source, weight.full[2:])
    made = call.operation(
        f"conv{axes}d",
        results,
        input=source,
        weight=weight,
        bias=bias,
        stride=call["strides"] or [1] * axes,
        padding=padding,
        dilation=call["dilations"] or [1] * axes,
        groups=call["group"],
    )
    return [*before, made]


def transposed(call: Call) -> list[Operation] | None:
    """A transposed convolution; a padding that differs at the two ends is cut off behind it."""
    source, weight = call.live(), call.weight(1)
    if weight is None or not 3 <= len(weight.full) <= 5:
        return None
    axes = len(weight.full) - 2
    strides, dilations = call["strides"] or [1] * axes, call["dilations"] or [1] * axes
    begin, end = padding_of(call, source, weight.full[2:])
    extra = call["output_padding"] or [0] * axes
    if begin != end or call["output_shape"] or call["auto_pad"] in ("SAME_UPPER", "SAME_LOWER"):
        sizes = zip(call.out.full[2:], source.full[2:], strides, dilations, weight.full[2:], strict=True)
        lost = [(n - 1) * s + d * (k - 1) + 1 - o for o, n, s, d, k in sizes]
        begin, extra = [max(n, 0) // 2 for n in lost], [2 * (max(n, 0) // 2) - n for n in lost]
    made = call.operation(
        f"conv_transpose{axes}d",
        input=source,
        weight=weight,
        bias=call.weight(2),
        stride=strides,
        padding=begin,
        output_padding=extra,
        groups=call["group"],
        dilation=dilations,
    )
    return [made]


def pool(operator: str) -> Entry:
    """The largest value, or the mean, of each window."""

    def entry(call: Call) -> list[Operation] | None:
        kernel = call["kernel_shape"]
        before, source, padding = padded(call, call.live(), kernel)
        made = call.operation(
            f"{operator}_pool{len(kernel)}d",
            call.results,
            self=source,
            kernel_size=kernel,
            stride=call["strides"] or [1] * len(kernel),
            padding=padding,
            dilation=call["dilations"] or [1] * len(kernel),
            ceil_mode=bool(call["ceil_mode"]),
            count_include_pad=bool(call["count_include_pad"]),
            divisor_override=None,
        )
        return [*before, made] if len(kernel) <= 3 else None

    return entry


def pool_of_all(operator: str) -> Entry:
    """The largest value, or the mean, of a whole map."""
    return lambda call: [
        call.operation(f"adaptive_{operator}_pool{len(call.out.full) - 2}d", self=call.live())
    ]


def gemm(call: Call) -> list[Operation] | None:
    """A matrix product and a bias: a linear layer, where the second matrix is of weights."""
    source, weight, bias = call.live(), call.weight(1), call.weight(2)
    if call["transA"] or weight is None:
        return None
    if not weight.parameter or (bias is not None and not bias.parameter):
        return product_and_sum(call, weight)
    weight = weight if call["transB"] else turned(weight)
    channels = weight.full[0]
    if bias is not None and bias.full not in ((channels,), (1, channels)):
        return None
    if bias is not None:
        bias = Value(bias.name, (channels,), parameter=bias.parameter)
    return scaled(call, call["alpha"], call.operation("linear", input=source, weight=weight, bias=bias))


def product_and_sum(call: Call, right: Value) -> list[Operation]:
    """A matrix product of two tensors, and a third that is added to it."""
    found = []
    if call["transB"]:
        turn = call.step(right.full[::-1])
        found.append(call.operation("permute", [turn], self=right, dims=[1, 0]))
        right = turn
    product = call.step(call.out.full) if call.given(2) else call.out
    found.append(call.operation("matmul", [product], self=call.live(), other=right))
    if call.given(2):
        found.append(call.operation("add", self=product, other=call.operand(2)))
    return found


def scaled(call: Call, factor: float, operation: Operation) -> list[Operation]:
    """An operation, and a number that its result is multiplied by."""
    if factor == 1:
        return [operation]
    product = call.step(call.out.full)
    before = call.operation(operation.operator, [product], **operation.arguments)
    return [before, call.operation("mul", self=product, other=factor)]


def matmul(call: Call) -> list[Operation] | None:
    """A matrix product; a linear layer, where one matrix is of weights."""
    left, right = call.live(0), call.weight(1)
    if right is not None and right.parameter and len(right.full) == 2 and len(left.full) > 1:
        return [call.operation("linear", input=left, weight=turned(right), bias=None)]
    return [call.operation("matmul", self=call.weight(0), other=right)]


def resize(call: Call) -> list[Operation] | None:
    """Interpolation of the axes behind the channels."""
    source, axes = call.live(), len(call.out.full) - 2
    mode, before = call["mode"], source.full[:2] == call.out.full[:2]
    names = {
        "nearest": ("nearest",) * 3,
        "linear": ("linear", "bilinear", "trilinear"),
        "cubic": ("", "bicubic", ""),
    }
    if mode not in names or not before or not 1 <= axes <= 3 or not names[mode][axes - 1]:
        return None
    corners = call["coordinate_transformation_mode"] == "align_corners" if call.kind == "Resize" else False
    name = f"upsample_{names[mode][axes - 1]}{axes}d"
    if call.kind == "Resize" and call.opset >= 18 and call["antialias"]:
        name = f"_{name}_aa"
    return [call.operation(name, self=source, align_corners=corners, scale_factors=True)]


def batch_norm(call: Call) -> list[Operation]:
    """Batch normalisation by running statistics."""
    learned = {"weight": call.weight(1), "bias": call.weight(2)}
    kept = {"running_mean": call.statistic(3), "running_var": call.statistic(4)}
    given = {"input": call.live(), "eps": call["epsilon"], "momentum": 0.1}
    return [call.operation("batch_norm", **given, **learned, **kept)]


def instance_norm(call: Call) -> list[Operation]:
    """Each channel by its own statistics."""
    weight, bias = call.weight(1), call.weight(2)
    given = {"weight": weight, "bias": bias, "running_mean": None, "eps": call["epsilon"]}
    return [call.operation("instance_norm", input=call.live(), **given)]


def group_norm(call: Call) -> list[Operation]:
    """Groups of channels by their own statistics."""
    given = {"weight": call.weight(1), "bias": call.weight(2), "eps": call["epsilon"]}
    return [call.operation("group_norm", input=call.live(), num_groups=call["num_groups"], **given)]


def norm_of_last(operator: str) -> Entry:
    """The last axes by their own statistics."""

    def entry(call: Call) -> list[Operation]:
        source = call.live()
        shape: Shape = source.full[call["axis"] % len(source.full) :]
        weight, bias = (flat(call.weight(place), shape) for place in (1, 2))
        made = {"weight": weight, "bias": bias, "normalized_shape": shape, "eps": call["epsilon"]}
        return [call.operation(operator, call.results, input=source, **made)]

    return entry


def flat(weight: Value | None, shape: Shape) -> Value | None:
    """Weights in the shape that a layer has them in, without axes of size 1."""
    if weight is None:
        return None
    return Value(weight.name, shape, parameter=weight.parameter, buffer=weight.buffer)


def prelu(call: Call) -> list[Operation] | None:
    """A learned slope below 0: one, or one a channel."""
    slope = call.weight(1)
    sizes = [n for n in slope.full if n != 1] if slope is not None else []
    if slope is None or len(sizes) > 1:
        return None
    weight = Value(slope.name, (sizes[0] if sizes else 1,), parameter=slope.parameter)
    return [call.operation("prelu", self=call.live(), weight=weight)]


def attention(call: Call) -> list[Operation] | None:
    """Attention of queries, keys and values that are apart: with heads as an axis."""
    query, key, value = (call.live(place) for place in range(3))
    if (
        len(query.full) != 4
        or query.full[1] != key.full[1]
        or any(map(call.given, (4, 5)))
        or call["is_causal"]
    ):
        return None
    given = {"query": query, "key": key, "value": value, "attn_mask": call.value(3), "scale": call["scale"]}
    return [call.operation("scaled_dot_product_attention", **given)]


TABLE: dict[str, Entry] = {
    "Conv": convolution,
    "ConvTranspose": transposed,
    "Gemm": gemm,
    "MatMul": matmul,
    "MaxPool": pool("max"),
    "AveragePool": pool("avg"),
    "GlobalAveragePool": pool_of_all("avg"),
    "GlobalMaxPool": pool_of_all("max"),
    "Resize": resize,
    "Upsample": resize,
    "BatchNormalization": batch_norm,
    "InstanceNormalization": instance_norm,
    "GroupNormalization": group_norm,
    "LayerNormalization": norm_of_last("layer_norm"),
    "RMSNormalization": norm_of_last("rms_norm"),
    "LRN": same("local_response_norm", "input", size="size", alpha="alpha", beta="beta", k="bias"),
    "PRelu": prelu,
    "Attention": attention,
}
