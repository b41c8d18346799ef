"""Calls that begin with the input's size, as in PyTorch, are refused where they cannot be meant, else remarked on."""

from __future__ import annotations

import pytest

from cnncost import GraphBuilder
from cnncost.dims import Shape
from cnncost.errors import CnncostError
from cnncost.network.catalogue import layer_graph

RULE = "the input size is inferred, not written: drop the "

REFUSED: list[tuple[str, Shape, str]] = [
    ("Conv2d(3, 64, 7, 2, 3)", (3, 224, 224), "first 3 and write `Conv2d(64, 7, 2, 3)`"),
    ("Conv2d(3, 6, 5)", (3, 32, 32), "first 3 and write `Conv2d(6, 5)`"),
    ("Conv2d(6, 16, 5)", (6, 14, 14), "first 6 and write `Conv2d(16, 5)`"),
    ("Conv2d(1, 32, 3, 1)", (1, 28, 28), "first 1 and write `Conv2d(32, 3, 1)`"),
    ("Conv2d(3, 64, kernel_size=7)", (3, 64, 64), "first 3 and write `Conv2d(64, kernel_size=7)`"),
    ("Conv2d(in_channels, 64, 3)", (3, 64, 64), "first `in_channels` and write `Conv2d(64, 3)`"),
    ("Conv2d(64, 3, 7, 1, 3)", (64, 64, 64), "first 64 and write `Conv2d(3, 7, 1, 3)`"),
    ("Conv2d(64, 3, 3, 1, 1)", (64, 64, 64), "first 64 and write `Conv2d(3, 3, 1, 1)`"),
    ("Conv2d(64, 1, 3, 1, 1)", (64, 64, 64), "first 64 and write `Conv2d(1, 3, 1, 1)`"),
    ("Conv2d(512, 512, 3, 1, 1)", (512, 9, 9), "first 512 and write `Conv2d(512, 3, 1, 1)`"),
    ("Conv1d(16, 32, 5)", (16, 100), "first 16 and write `Conv1d(32, 5)`"),
    ("ConvTranspose2d(512, 256, 2, 2)", (512, 28, 28), "first 512 and write `ConvTranspose2d(256, 2, 2)`"),
    ("ConvTranspose2d(64, 1, 4, 2, 1)", (64, 7, 7), "first 64 and write `ConvTranspose2d(1, 4, 2, 1)`"),
    ("Linear(784, 10)", (784,), "first 784 and write `Linear(10)`"),
    ("Linear(16 * 5 * 5, 1)", (400,), "first `16 * 5 * 5` and write `Linear(1)`"),
    ("BatchNorm2d(64)", (64, 8, 8), "64 and write `BatchNorm2d`"),
    ("BatchNorm2d(64, eps=0.001)", (64, 8, 8), "64 and write `BatchNorm2d(eps=0.001)`"),
    ("GroupNorm(32, 64)", (64, 8, 8), "64 and write `GroupNorm(32)`"),
    ("LSTM(100, 256)", (50, 100), "first 100 and write `LSTM(256)`"),
    ("MultiheadAttention(768, 12)", (196, 768), "first 768 and write `MultiheadAttention(12)`"),
]

MEANT: list[tuple[str, Shape]] = [
    ("Conv2d(3, 3)", (3, 8, 8)),
    ("Conv2d(3, 1, 1)", (3, 8, 8)),
    ("Conv2d(3, 3, 1, 1)", (3, 8, 8)),
    ("Conv2d(64, 3, 2, 1)", (64, 8, 8)),
    ("Conv2d(64, 1, 2)", (64, 8, 8)),
    ("Conv2d(64, 2, 2)", (64, 8, 8)),
    ("Conv2d(64, 4, 2, 1)", (64, 8, 8)),
    ("Conv2d(64, 7, 4, 2)", (64, 32, 32)),
    ("Conv2d(64, 16, 16)", (64, 32, 32)),
    ("Conv2d(3, (6, 5), 5)", (3, 32, 32)),
    ("Conv2d(3, 6, stride=5)", (3, 32, 32)),
    ("Conv2d(8, 31, 1, 15)", (8, 32, 32)),
    ("ConvTranspose2d(21, 64, 32)", (21, 8, 8)),
    ("ConvTranspose2d(21, 4, 2, 1)", (21, 8, 8)),
    ("Linear(784, True)", (784,)),
    ("PReLU(64)", (64, 8, 8)),
    ("LayerNorm(768)", (196, 768)),
    ("LSTM(100, 2)", (50, 100)),
]

REMARKED: list[tuple[str, Shape, str]] = [
    (
        "Conv2d(64, 3, 3)",
        (64, 8, 8),
        "Conv2d: `Conv2d(64, 3, 3)` is 64 filters of size 3×3 with stride 3; if its first 64 is the input size,"
        " which is inferred, write `Conv2d(3, 3)`",
    ),
    ("Conv2d(64, 2, 1)", (64, 8, 8), "write `Conv2d(2, 1)`"),
    ("Conv2d(1, 10, 5)", (1, 28, 28), "`Conv2d(1, 10, 5)` is 1 filter of size 10×10 with stride 5; if its"),
    ("Conv2d(64, 21, 1)", (64, 28, 28), "write `Conv2d(21, 1)`"),
]


@pytest.mark.parametrize(("call", "shape", "right"), REFUSED)
def test_a_call_with_the_input_size_is_refused_with_the_right_call(
    call: str, shape: Shape, right: str
) -> None:
    """Where it cannot be meant as written, the message says what to drop, and points at it."""
    with pytest.raises(CnncostError) as caught:
        layer_graph(call, shape)
    assert RULE + right in str(caught.value)
    column = str(caught.value).splitlines()[-1].index("^")
    assert call[: column - 6].endswith(("(", ", "))


@pytest.mark.parametrize(("call", "shape"), MEANT)
def test_a_call_that_can_be_meant_is_taken_without_a_word(call: str, shape: Shape) -> None:
    """As many filters as input channels are no mistake."""
    assert layer_graph(call, shape).remarks == ()


@pytest.mark.parametrize(("call", "shape", "remark"), REMARKED)
def test_a_call_that_is_only_unlikely_has_a_remark(call: str, shape: Shape, remark: str) -> None:
    """It is built as written, and the remark says what else it may be."""
    (found,) = layer_graph(call, shape).remarks
    assert remark in found


@pytest.mark.parametrize(
    ("call", "right"),
    [
        ("Linear(16 * 5 * 5, 120)", "5 values; write `Flatten >> Linear(120)`"),
        ("Linear(16, 10)", "5 values; write `AdaptiveAvgPool2d(1) >> Flatten >> Linear(10)`"),
    ],
)
def test_a_linear_layer_on_a_map_shows_what_makes_it_a_vector(call: str, right: str) -> None:
    """In PyTorch, the pool and the flattening are often in `forward`, out of sight."""
    with pytest.raises(CnncostError) as caught:
        layer_graph(call, (16, 5, 5))
    assert f"Linear acts on the last axis, {right}" in str(caught.value)


def test_many_remarks_are_counted() -> None:
    """The first three are shown, and the number of the others."""
    remarks = layer_graph("5 * Conv2d(64, 3, 3)", (64, 500, 500)).remarks
    assert len(remarks) == 4
    assert remarks[-1] == "2 more calls look like one of PyTorch"


def test_the_graph_builder_checks_calls_too() -> None:
    """A network made in Python takes the same calls."""
    net = GraphBuilder("net", input=(64, 8, 8))
    with pytest.raises(CnncostError, match="drop the first 64 and write `Conv2d"):
        net.add("conv", "Conv2d(64, 128, 3, 1, 1)")
    net.add("conv", "Conv2d(64, 3, 3)")
    assert net.graph().remarks[0].startswith("conv: `Conv2d(64, 3, 3)` is 64 filters of size 3×3")
