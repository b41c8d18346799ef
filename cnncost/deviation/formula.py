"""Slips in a layer's own formula: the layer counts with other arguments or sizes, what follows is right."""

from __future__ import annotations

from math import prod

from cnncost.deviation.change import Unrounded, axes_of, costed, has, with_rule
from cnncost.deviation.kinds import formula
from cnncost.dims import Shape
from cnncost.layers import catalogue
from cnncost.network.graph import Node

COSTS = "params macs flops memory elements"
COUNTS = "params macs flops"
WORK = "macs flops"
SPACE = "memory elements"

# parameters


@formula("{it} leaves out {the_biases}", "look at the biases again", 1, "params buffers")
def bias_forgotten(node: Node) -> Node | None:
    return costed(node, bias=False) if has(node, "bias") and node.layer.bias is True else None  # type: ignore[attr-defined]


@formula("{it} counts biases{of}, which there are not", "are there biases?", 2, "params buffers")
def bias_added(node: Node) -> Node | None:
    return costed(node, bias=True) if has(node, "bias") and node.layer.bias is False else None  # type: ignore[attr-defined]


@formula("{it} leaves out batch norm{of}", "what does batch norm learn?", 1, "params")
def batch_norm_forgotten(node: Node) -> Node | None:
    return kept(node, node.layer.buffer_names | {"weight", "bias"}) if batch_norm(node) else None


@formula("{it} counts no batch norm factors{of}, only offsets", "what does batch norm learn?", 4, "params")
def batch_norm_factor_forgotten(node: Node) -> Node | None:
    return kept(node, node.layer.buffer_names | {"weight"}) if batch_norm(node) else None


@formula(
    "{it} counts the running means and variances{of} as parameters",
    "are all of batch norm's numbers learned?",
    2,
    "params",
)
def batch_norm_statistics_counted(node: Node) -> Node | None:
    return kept(node, frozenset({"num_batches_tracked"})) if batch_norm(node) else None


@formula("{it} counts all buffers{of} as parameters", "are all of these numbers learned?", 3, "params")
def buffers_counted(node: Node) -> Node | None:
    return kept(node, frozenset()) if node.layer.buffer_names else None


@formula(
    "{it} gives{the} pooling parameters, {kernel} for each of {in_channels} channels",
    "does a pool learn?",
    3,
    "params",
)
def pool_given_a_kernel(node: Node) -> Node | None:
    return pool_as_conv(node, groups=node.in_shapes[0][0], bias=False)


@formula("{it} gives{the} pooling the parameters of a convolution", "does a pool learn?", 3, "params")
def pool_given_weights(node: Node) -> Node | None:
    return pool_as_conv(node, groups=1, bias=True)


@formula("{it} gives{the} pooling the weights of a convolution", "does a pool learn?", 3, "params")
def pool_given_weights_without_biases(node: Node) -> Node | None:
    return pool_as_conv(node, groups=1, bias=False)


# the kernel


@formula("{it} takes the kernel{of} once, {side}, not {kernel}", "look at the kernel again", 2, COUNTS)
def kernel_not_squared(node: Node) -> Node | None:
    k = windowed(node)
    return costed(node, kernel_size=(*k[:-1], 1)) if len(k) == 2 and k[0] == k[1] > 1 else None


@formula("{it} leaves out the kernel{of}", "look at the kernel again", 3, COUNTS)
def kernel_forgotten(node: Node) -> Node | None:
    k = windowed(node)
    return (
        costed(node, kernel_size=(1,) * len(k), **({"padding": 0} if has(node, "ceil_mode") else {}))
        if prod(k) > 1
        else None
    )


# channels and groups


@formula("{it} leaves out the {in_channels} input channels{of}", "what does one filter look at?", 2, COUNTS)
def input_channels_forgotten(node: Node) -> Node | None:
    one = (1, *node.in_shapes[0][1:])
    return (
        costed(node._replace(in_shapes=(one,)), groups=1) if conv(node) and node.in_shapes[0][0] > 1 else None
    )


@formula(
    "{it} takes {out_channels} input channels{of} for the {in_channels} there are",
    "how many channels enter?",
    3,
    COUNTS,
)
def output_channels_for_input(node: Node) -> Node | None:
    c_in, c_out = channels(node)
    wrong = (c_out, *node.in_shapes[0][1:])
    return node._replace(in_shapes=(wrong,)) if conv(node) and c_in != c_out else None


@formula(
    "{it} takes {in_channels} filters{of} for the {out_channels} there are",
    "how many filters are there?",
    3,
    COSTS,
)
def input_channels_for_output(node: Node) -> Node | None:
    c_in, c_out = channels(node)
    wrong = node._replace(out_shape=(c_in, *node.out_shape[1:]))
    return costed(wrong, out_channels=c_in) if conv(node) and c_in != c_out else None


@formula("{it} counts one filter{of}, not {out_channels}", "how many filters are there?", 2, COSTS)
def one_filter(node: Node) -> Node | None:
    wrong = node._replace(out_shape=(1, *node.out_shape[1:]))
    return costed(wrong, out_channels=1, groups=1) if conv(node) and node.out_shape[0] > 1 else None


@formula("{it} does not divide by the {groups} groups{of}", "look at the groups again", 2, COUNTS)
def groups_ignored(node: Node) -> Node | None:
    return costed(node, groups=1) if conv(node) and node.layer.groups > 1 else None  # type: ignore[attr-defined]


# sizes


@formula(
    "{it} takes the work{of} at the input's size, {in_size}, not the output's {out_size}",
    "at how many places does the kernel stand?",
    2,
    WORK,
)
def work_at_the_inputs_size(node: Node) -> Node | None:
    return sized(node, node.in_shapes[0][1:])


@formula("{it} takes the memory{of} at the input's size, {in_size}", "whose values are kept?", 2, SPACE)
def memory_at_the_inputs_size(node: Node) -> Node | None:
    return sized(node, node.in_shapes[0][1:])


@formula("{it} takes the memory of the input{of}, not of the output", "whose values are kept?", 2, SPACE)
def memory_of_the_input(node: Node) -> Node | None:
    return node._replace(out_shape=node.in_shapes[0]) if node.in_shapes[0] != node.out_shape else None


@formula(
    "{it} takes one side of the output{of}, {side_out}, not {out_size}",
    "how many positions has the output?",
    2,
    WORK + " " + SPACE,
)
def size_not_squared(node: Node) -> Node | None:
    return sized(node, (node.out_shape[1], 1)) if len(node.out_shape) == 3 else None


@formula("{it} leaves out the {out_channels} channels{of}", "how many channels come out?", 2, SPACE)
def output_channels_forgotten(node: Node) -> Node | None:
    return node._replace(out_shape=(1, *node.out_shape[1:])) if len(node.out_shape) == 3 else None


@formula(
    "{it} leaves out the positions{of}, {out_size}",
    "at how many places does the kernel stand?",
    3,
    WORK + " " + SPACE,
)
def positions_forgotten(node: Node) -> Node | None:
    return sized(node, (1,) * (len(node.out_shape) - 1))


@formula(
    "{it} is not rounded down{of}",
    "what becomes of a window that does not fit?",
    2,
    "height width out_size shape " + SPACE,
)
def floor_left_out(node: Node) -> Node | None:
    if not has(node, "kernel_size"):
        return None
    c, *sizes = node.in_shapes[0]
    out = node.layer.out_shape((c, *map(Unrounded, sizes)))
    return node._replace(out_shape=out) if out != node.out_shape else None


@formula("{it} counts memory for what works in place{of}", "what is overwritten?", 2, SPACE)
def in_place_kept(node: Node) -> Node | None:
    return node._replace(layer=with_rule(node.layer, in_place=False)) if node.layer.in_place else None


# what these ask of a node


def conv(node: Node) -> bool:
    """Whether it is a convolution."""
    return has(node, "out_channels", "kernel_size", "groups")


def batch_norm(node: Node) -> bool:
    """Whether it is a batch norm that learns."""
    return has(node, "affine", "track_running_stats") and bool(node.layer.affine)  # type: ignore[attr-defined]


def kept(node: Node, buffers: frozenset[str]) -> Node:
    """A node with only these weights as buffers."""
    return node._replace(layer=with_rule(node.layer, buffer_names=buffers))


def windowed(node: Node) -> Shape:
    """The kernel; nothing where there is none."""
    return axes_of(node.layer.kernel_size) if has(node, "kernel_size") else ()  # type: ignore[attr-defined]


def channels(node: Node) -> tuple[int, int]:
    """The channels that enter and leave."""
    return node.in_shapes[0][0], node.out_shape[0]


def sized(node: Node, sizes: Shape) -> Node | None:
    """A node with another size of its output, channels as they are."""
    if not has(node, "kernel_size") or len(node.out_shape) < 2 or sizes == node.out_shape[1:]:
        return None
    return node._replace(out_shape=(node.out_shape[0], *sizes))


def pool_as_conv(node: Node, groups: int, bias: bool) -> Node | None:
    """A pool taken for a convolution with as many filters as channels."""
    if not (has(node, "kernel_size") and has(node, "ceil_mode")):
        return None
    conv = catalogue()[f"Conv{len(node.out_shape) - 1}d"]
    return node._replace(layer=conv(node.in_shapes[0][0], node.layer.kernel_size, groups=groups, bias=bias))  # type: ignore[attr-defined]
