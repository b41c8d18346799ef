"""`formula` of blocks, of types and of bare layer names: letters, axes and assumptions."""

from __future__ import annotations

import pytest

from cnncost.errors import CnncostError
from cnncost.formulas.closed_form import closed_form
from tests.command_line import cnncost


@pytest.mark.parametrize(
    ("call", "block", "params", "output", "provided"),
    [
        ("resnet50", "bottleneck", "width*(C + 13*width + 12)", "(4*width, H, W)", ["Eq(4*width, C)"]),
        ("resnet18", "basic", "width*(9*C + 9*width + 4)", "(width, H, W)", ["Eq(width, C)"]),
        ("resnet50", "option_a", "0", None, ["stride > 1", "out > C"]),
        ("wide_resnet40_1", "wide_basic", None, "(width, H, W)", ["Ne(width, C)"]),
        ("mobilenet_v2", "bottleneck", None, "(out, H, W)", ["Eq(s, 1)", "Eq(out, C)", "t > 1"]),
        ("mobilenet_v1", "separable", "C*out + 11*C + 2*out", "(out, H, W)", []),
        ("vit_b_16", "block", None, "(T, 768)", ["Eq(Mod(F, 12), 0)", "Eq(F, 768)"]),
        ("swin_t", "block", "12*C**2 + 13*C + 169*heads", "(H, W, C)", ["Eq(Mod(C, heads), 0)"]),
        ("tcn", "block", "8800", "(25, L)", ["Eq(C, 25)"]),
        ("Conv2d", None, "C_out*(C_in*K**2 + 1)", None, []),
        ("Linear", None, "F_out*(F_in + 1)", "(F_out,)", []),
        ("BatchNorm2d", None, "2*C", "(C, H, W)", []),
    ],
)
def test_formulas_say_their_assumptions(
    call: str, block: str | None, params: str | None, output: str | None, provided: list[str]
) -> None:
    """An open condition is taken as true, and said; a block has the axes with which its network uses it."""
    form = closed_form(call, block)
    assert params is None or str(form.params) == params
    assert output is None or str(form.output_shape) == output
    assert sorted(map(str, form.provided)) == sorted(provided)


def test_a_bare_layer_is_titled_by_its_call() -> None:
    """`formula Conv2d` says which letters stand for which arguments."""
    assert cnncost("formula", "Conv2d").out.startswith("Conv2d(C_out, K, stride=S, padding=P)\n")
    assert "stride > 1" in cnncost("formula", "resnet50", "option_a").out
    assert "width ≠ C" in cnncost("formula", "wide_resnet40_1", "wide_basic").out


def test_what_is_no_formula() -> None:
    """A misspelt layer or block suggests the right one."""
    with pytest.raises(CnncostError, match="no layer `conv2d`; did you mean Conv2d"):
        closed_form("conv2d")
    with pytest.raises(CnncostError, match="resnet has no block `basics`; it has conv_bn"):
        closed_form("resnet50", "basics")
