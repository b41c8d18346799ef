"""Operators with windows and weights: convolutions, linear layers, pools, resampling."""

from __future__ import annotations

from cnncost.convert.draft import Made
from cnncost.convert.operations import Operation, Value
from cnncost.convert.table.entry import Entry, Steps, layer, parameters, per_axis, plain


def convolution(axes: int) -> Entry:
    """A convolution over `axes` spatial axes."""

    def entry(operation: Operation) -> list[Made] | None:
        source, weight, bias = operation["input"], operation["weight"], operation["bias"]
        padding = operation["padding"]
        if not plain(weight):
            return convolution_with(operation, axes)
        if not plain(bias):
            return None
        if folded(source) and axes < 3 and not isinstance(padding, str):
            return convolution_of_several(operation, axes)
        made = layer(
            f"Conv{axes}d",
            weight.full[0],
            weight.full[2:],
            per_axis(operation["stride"], axes),
            padding if isinstance(padding, str) else per_axis(padding, axes),
            per_axis(operation["dilation"], axes),
            operation["groups"],
            bias=bias is not None,
        )
        return [Made(made, (source,), parameters(weight=weight, bias=bias))]

    return entry


def convolution_of_several(operation: Operation, axes: int) -> list[Made]:
    """A convolution of several maps of each sample: they are one axis more, with windows of 1."""
    source, weight, bias = operation["input"], operation["weight"], operation["bias"]
    made = layer(
        f"Conv{axes + 1}d",
        weight.full[0],
        (1, *weight.full[2:]),
        (1, *per_axis(operation["stride"], axes)),
        (0, *per_axis(operation["padding"], axes)),
        (1, *per_axis(operation["dilation"], axes)),
        operation["groups"],
        bias=bias is not None,
    )
    steps, order = Steps(), [1, 0, *range(2, len(source.full))]
    out = tuple(operation.out.full[axis] for axis in order)
    result = steps.add(made, steps.permute(source, order), full=out, weight=weight, bias=bias)
    steps.permute(result, order)
    return steps.made


def convolution_with(operation: Operation, axes: int) -> list[Made] | None:
    """A convolution whose weights are computed, and then its bias."""
    weight, bias, padding = operation["weight"], operation["bias"], operation["padding"]
    if weight.batch is not None or isinstance(padding, str):
        return None
    names = ("stride", "padding", "dilation")
    sizes = [per_axis(operation[name], axes) for name in names]
    made = layer("Convolve", *map(alike, sizes), operation["groups"])
    steps = Steps()
    result = steps.add(made, operation["input"], weight, full=operation.out.full)
    if bias is not None:
        spread = steps.reshape(bias, (*bias.full, *(1,) * axes))
        steps.add(layer("Add"), result, spread, full=operation.out.full)
    return steps.made


def folded(source: Value) -> bool:
    """Whether the batch holds several maps of each sample: windows, patches, the frames of a video."""
    return source.batch == 0 and not source.alone


def alike(sizes: tuple[int, ...]) -> int | tuple[int, ...]:
    """Equal sizes as one."""
    return sizes[0] if len(set(sizes)) == 1 else sizes


def transposed(axes: int) -> Entry:
    """A transposed convolution over `axes` spatial axes."""

    def entry(operation: Operation) -> list[Made] | None:
        weight, bias, groups = operation["weight"], operation["bias"], operation["groups"]
        if not plain(weight, bias):
            return None
        sizes = (per_axis(operation[name], axes) for name in ("stride", "padding", "output_padding"))
        made = layer(
            f"ConvTranspose{axes}d",
            weight.full[1] * groups,
            weight.full[2:],
            *sizes,
            groups,
            bias=bias is not None,
            dilation=per_axis(operation["dilation"], axes),
        )
        return [Made(made, (operation["input"],), parameters(weight=weight, bias=bias))]

    return entry


def linear(operation: Operation) -> list[Made] | None:
    """A fully connected layer; its weights or its bias may be computed."""
    source, weight, bias = operation["input"], operation["weight"], operation["bias"]
    if len(weight.full) != 2:
        return None
    steps, out = Steps(), operation.out.full
    if plain(weight, bias):
        steps.add(
            layer("Linear", weight.full[0], bias=bias is not None), source, full=out, weight=weight, bias=bias
        )
        return steps.made
    if plain(weight):
        result = steps.add(layer("Linear", weight.full[0], bias=False), source, full=out, weight=weight)
    else:
        result = steps.add(layer("Matmul"), source, steps.permute(weight, [1, 0]), full=out)
    if bias is not None:
        steps.add(layer("Add"), result, bias, full=out)
    return steps.made


def max_pool(axes: int) -> Entry:
    """The largest value of each window."""

    def entry(operation: Operation) -> list[Made]:
        kernel = per_axis(operation["kernel_size"], axes)
        stride = per_axis(operation["stride"], axes) if operation["stride"] else kernel
        padding, dilation = (per_axis(operation[name], axes) for name in ("padding", "dilation"))
        made = layer(f"MaxPool{axes}d", kernel, stride, padding, dilation, ceil_mode=operation["ceil_mode"])
        return [Made(made, operation.inputs[:1])]

    return entry


def average_pool(axes: int) -> Entry:
    """The mean of each window."""

    def entry(operation: Operation) -> list[Made]:
        kernel = per_axis(operation["kernel_size"], axes)
        stride = per_axis(operation["stride"], axes) if operation["stride"] else kernel
        more = {"divisor_override": operation["divisor_override"]} if axes > 1 else {}
        made = layer(
            f"AvgPool{axes}d",
            kernel,
            stride,
            per_axis(operation["padding"], axes),
            ceil_mode=operation["ceil_mode"],
            count_include_pad=operation["count_include_pad"],
            **more,
        )
        return [Made(made, operation.inputs[:1])]

    return entry


def adaptive(name: str) -> Entry:
    """A pool to a given size."""

    def entry(operation: Operation) -> list[Made]:
        axes = int(name[-2])
        size = tuple(operation.out.full[-axes:])
        whole = size[0] if len(set(size)) == 1 else size
        return [Made(layer(name, whole), operation.inputs[:1])]

    return entry


def upsample(mode: str, axes: int) -> Entry:
    """Interpolation to the size that torch found; as a factor where it is a whole one."""

    def entry(operation: Operation) -> list[Made]:
        source, sizes = operation.inputs[0].full[-axes:], operation.out.full[-axes:]
        corners = operation.arguments.get("align_corners") or None
        whole = all(o % n == 0 for n, o in zip(source, sizes, strict=True))
        given = operation.arguments.get("scale_factors") or operation.arguments.get("scales")
        if given and whole:
            factors = tuple(o // n for n, o in zip(source, sizes, strict=True))
            factor = factors[0] if len(set(factors)) == 1 else factors
            made = layer("Upsample", scale_factor=factor, mode=mode, align_corners=corners)
        else:
            size = sizes[0] if len(set(sizes)) == 1 else tuple(sizes)
            made = layer("Upsample", size, mode=mode, align_corners=corners)
        return [Made(made, operation.inputs[:1])]

    return entry


def enlarged(mode: str) -> Entry:
    """Antialiased interpolation, which is the plain one where no axis shrinks."""

    def entry(operation: Operation) -> list[Made] | None:
        source, out = operation.inputs[0].full[-2:], operation.out.full[-2:]
        shrinks = any(o < n for n, o in zip(source, out, strict=True))
        return None if shrinks else upsample(mode, 2)(operation)

    return entry


def shuffle(name: str, argument: str) -> Entry:
    """Channels into space, or space into channels."""
    return lambda operation: [Made(layer(name, operation[argument]), operation.inputs[:1])]


def patches(name: str) -> Entry:
    """Windows of a map as columns, or columns back to a map."""

    def entry(operation: Operation) -> list[Made]:
        words = ("kernel_size", "dilation", "padding", "stride")
        sizes = [alike(per_axis(operation[word], 2)) for word in words]
        first = [alike(tuple(operation["output_size"]))] if name == "Fold" else []
        return [Made(layer(name, *first, *sizes), operation.inputs[:1])]

    return entry


TABLE: dict[str, Entry] = {
    "im2col": patches("Unfold"),
    "col2im": patches("Fold"),
    "upsample_bicubic2d": upsample("bicubic", 2),
    "_upsample_bicubic2d_aa": enlarged("bicubic"),
    "_upsample_bilinear2d_aa": enlarged("bilinear"),
    **{f"conv{n}d": convolution(n) for n in (1, 2, 3)},
    "conv_transpose1d": transposed(1),
    "conv_transpose2d": transposed(2),
    "conv_transpose3d": transposed(3),
    "linear": linear,
    **{f"max_pool{n}d": max_pool(n) for n in (1, 2, 3)},
    **{f"avg_pool{n}d": average_pool(n) for n in (1, 2, 3)},
    **{f"adaptive_avg_pool{n}d": adaptive(f"AdaptiveAvgPool{n}d") for n in (1, 2, 3)},
    **{f"adaptive_max_pool{n}d": adaptive(f"AdaptiveMaxPool{n}d") for n in (1, 2, 3)},
    "upsample_nearest1d": upsample("nearest", 1),
    "upsample_nearest2d": upsample("nearest", 2),
    "upsample_nearest3d": upsample("nearest", 3),
    "upsample_linear1d": upsample("linear", 1),
    "upsample_bilinear2d": upsample("bilinear", 2),
    "upsample_trilinear3d": upsample("trilinear", 3),
    "pixel_shuffle": shuffle("PixelShuffle", "upscale_factor"),
    "pixel_unshuffle": shuffle("PixelUnshuffle", "downscale_factor"),
    "channel_shuffle": shuffle("ChannelShuffle", "groups"),
}
