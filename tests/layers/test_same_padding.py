"""TensorFlow's SAME padding, with timm as the outside reference."""

from __future__ import annotations

from itertools import product
from types import ModuleType

import pytest
import sympy
import torch

from cnncost.layers import catalogue
from cnncost.layers.window import SameWindow
from cnncost.measure import build_layer, verify
from cnncost.network.catalogue import layer_graph


def test_the_padding_is_timms(timm: ModuleType) -> None:
    """For 1800 windows, with ints and with a symbol for the size; the places are those of the padded input."""
    n = sympy.Symbol("n", integer=True, positive=True)
    for kernel, stride, dilation in product(range(1, 6), range(1, 5), range(1, 4)):
        window = SameWindow(kernel, stride, (0, 0), dilation)
        general = sum(window.on(n).padding)
        for size in range(1, 31):
            before, after = window.on(size).padding
            assert before + after == timm.layers.get_same_padding(size, kernel, stride, dilation)
            assert after - before in (0, 1)
            assert window.places(size) == window.on(size).places(size) == window.on(size).places_ceil(size)
            if size % 7 == 1:
                assert general.subs(n, size) == before + after


CASES = [
    ("Conv2d(4, 3, stride=2, padding='same_tf')", (3, 9, 8)),
    ("Conv2d(6, (5, 2), stride=(3, 1), padding='same_tf', dilation=2, groups=3)", (3, 11, 7)),
    ("MaxPool2d(3, 2, padding='same_tf')", (3, 8, 9)),
    ("AvgPool2d(2, padding='same_tf')", (3, 7, 6)),
]


@pytest.mark.parametrize(("call", "shape"), CASES, ids=[call for call, _ in CASES])
def test_values_are_timms(timm: ModuleType, call: str, shape: tuple[int, ...]) -> None:
    """The twin computes what timm's layer computes, and every quantity is torch's."""
    graph = layer_graph(call, shape)
    (node,) = graph.nodes
    ours = build_layer(node.layer, shape)
    arguments = node.layer.twin(shape).arguments
    made = {"Conv2d": timm.layers.Conv2dSame, "AvgPool2d": timm.layers.AvgPool2dSame}
    if node.type in made:
        known = {
            key: value for key, value in arguments.items() if key not in ("padding_mode", "divisor_override")
        }
        theirs = made[node.type](**known)
        theirs.load_state_dict(ours.state_dict())
    else:
        theirs = timm.layers.create_pool2d("max", node.layer.kernel_size, node.layer.stride, padding="same")
    x = torch.randn(2, *shape)
    torch.testing.assert_close(ours(x), theirs(x))
    assert not any(check.mismatches for check in verify(graph).checks)


def test_a_mean_leaves_out_what_is_padded() -> None:
    """As TensorFlow does, with `count_include_pad=False`: the mean of ones is one everywhere."""
    pool = catalogue()["AvgPool2d"](3, 2, padding="same_tf", count_include_pad=False)
    ones = torch.ones(1, 1, 6, 7)
    assert torch.equal(build_layer(pool, (1, 6, 7))(ones), torch.ones(1, 1, 3, 4))
