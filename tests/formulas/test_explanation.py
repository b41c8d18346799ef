from __future__ import annotations

import re

import pytest
import sympy

import cnncost
from cnncost.count.profile import add_up, profile_graph
from cnncost.formulas.closed_form import closed_form
from cnncost.formulas.explanation import explain, sums, value_at
from cnncost.formulas.notation import Latex, Text, Writer
from cnncost.layers import Layer
from cnncost.layers.base import Example
from cnncost.network.catalogue import layer_graph
from cnncost.network.graph import Graph
from cnncost.views import explanation as view
from tests.command_line import cnncost as run
from tests.layers.test_layers import good, make
from tests.walk import FAMILIES, smallest


def holds(profile: cnncost.Profile, name: str | None = None) -> int:
    """Every quantity's formula gives its result when its numbers are put in; how many there were."""
    count = 0
    for explained in explain(profile, name):
        for quantity in explained.quantities:
            assert value_at(quantity.formula, quantity.values) * quantity.scale == quantity.result, quantity
            count += 1
    return count


@pytest.mark.parametrize("family", FAMILIES)
def test_every_worked_solution_gives_the_table_s_number(family: str) -> None:
    """Formula and numbers recompute to the profile, for every layer of a network of each family."""
    profile = cnncost.profile(smallest(family))
    assert holds(profile) >= min(2 * len(profile.costs), 11)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_way_of_writing_a_layer_can_be_worked_out(family: str) -> None:
    """In the other networks of a family, each layer whose call differs from those seen in more than numbers."""
    seen: set[str] = set()
    for name in FAMILIES[family]:
        profile = cnncost.profile(name)
        for cost in profile.costs:
            way = re.sub(r"\d+", "#", str(cost.node.layer))
            if way not in seen:
                seen.add(way)
                holds(profile, cost.name)


@pytest.mark.parametrize("convention", ["macs", "flops", "torch", "fvcore"])
def test_worked_solutions_follow_the_convention(convention: str) -> None:
    """Under another convention the formula changes with the number."""
    assert holds(cnncost.profile("googlenet-torchvision", convention=convention, batch=3)) > 100


@good
def test_every_layer_type_can_be_explained(cls: type[Layer], example: Example) -> None:
    """The symbolic walk works for each example of each layer, and gives its numbers."""
    layer, out = make(cls, example)
    inputs = {f"input{i}": shape for i, shape in enumerate(example.in_shapes or ((1,),))}
    entering = tuple(inputs) if example.in_shapes else ()
    node = cnncost.Node(cls.__name__, layer, entering, example.in_shapes, out)
    graph = Graph("one", inputs["input0"], (node,), output=node.name, inputs=inputs)
    profile = profile_graph(graph, "flops")
    explained = explain(profile, node.name)
    for quantity in explained[0].quantities:
        assert value_at(quantity.formula, quantity.values) == quantity.result
    for shown in (view.text(explained), view.markdown(explained), view.latex(explained)):
        assert cls.__name__ in shown


def test_a_wrong_result_would_be_seen() -> None:
    """The check above fails on a quantity that is off by one."""
    quantity = explain(cnncost.profile("alexnet"), "conv1")[0].quantities[0]
    assert value_at(quantity.formula, quantity.values) != quantity.result + 1


def test_conv1_as_on_the_board() -> None:
    """The worked solution of AlexNet's conv1, whole."""
    assert (
        run("explain", "alexnet", "conv1").out
        == """\
alexnet, input 3×227×227, batch 1, float32, convention lecture

conv1   Conv2d(96, 11, stride=4)   3×227×227 → 96×55×55
  with C_in = 3, H = W = 227, C_out = 96, K = 11, S = 4, P = 0
  output size         H' = W' = ⌊(H - K + 2P)/S + 1⌋
                      = ⌊(227 - 11 + 2·0)/4 + 1⌋ = ⌊55⌋ = 55
  memory              C_out · H' · W' · bytes
                      = 96 · 55 · 55 · 4 = 1161600 bytes = 1134.375 KB ≈ 1134 KB
  parameters          C_out · C_in · K² + C_out
                      = 96 · 3 · 11² + 96 = 34848 + 96 = 34944 ≈ 35 k
  FLOPs               C_out · H' · W' · C_in · K²
                      = 96 · 55 · 55 · 3 · 11² = 105415200 ≈ 105 M
  receptive field     R' = R + (K - 1) · J
                      = 1 + (11 - 1) · 1 = 10 + 1 = 11
  jump                J' = J · S
                      = 1 · 4 = 4
"""
    )


def test_the_floor_is_shown_where_it_bites() -> None:
    """A pool over 56 gives 27.5, rounded to 27, as in the lecture."""
    out = run("layer", "MaxPool2d(3, 2)", "--input", "96x56x56", "--explain").out
    assert "= ⌊(56 - 3 + 2·0)/2 + 1⌋ = ⌊27.5⌋ = 27   (27.5 rounded to 27)" in out


def test_ceil_mode_and_rectangles_have_their_letters() -> None:
    """Ceil mode shows its two bounds; unequal axes have letters of their own."""
    out = run("layer", "MaxPool2d((3, 2), 2, ceil_mode=True)", "--input", "4x112x111", "--explain").out
    assert "H' = min(" in out
    assert "K_h = 3" in out
    assert "K_w = 2" in out


@pytest.mark.parametrize(
    ("call", "params", "flops"),
    [
        ("Conv2d(C, 5, padding=2, bias=False)", "25*C**2", "25*C**2*H*W"),
        (
            "Conv2d(C, 3, padding=1, bias=False) >> Conv2d(C, 3, padding=1, bias=False)",
            "18*C**2",
            "18*C**2*H*W",
        ),
        (
            "Conv2d(C, 3, padding=1, groups=C, bias=False) >> Conv2d(C, 1, bias=False)",
            "9*C + C**2",
            "(9*C + C**2)*H*W",
        ),
        ("Linear(N)", "N*F_in + N", "N*F_in"),
        ("BatchNorm2d", "2*C", "0"),
    ],
)
def test_closed_forms_of_the_lectures(call: str, params: str, flops: str) -> None:
    """The formulas that the lectures print come out of the layers' own code."""
    form = closed_form(call)
    names = {s.name: s for s in form.params.free_symbols | sympy.sympify(form.flops).free_symbols}
    assert sympy.expand(form.params - sympy.sympify(params, locals=names)) == 0
    assert sympy.expand(form.flops - sympy.sympify(flops, locals=names)) == 0


def test_tokens_and_features_have_their_letters() -> None:
    """T and F of tokens, H and W of a map whose channels come last, N windows; attention is worked out on paper."""
    vit = run("explain", "vit_b_16", "encoder1").out
    assert "with T = 197, F_in = 768, F_out = 3072" in vit
    assert "FLOPs               F_out · T · F_in\n" in vit
    assert "parameters          4 · F² + 4F\n" in vit
    assert "2 · F · T² + 4 · F² · T\n" in vit
    assert "with H = W = 56, F_in = 96, F_out = 384" in run("explain", "convnext_tiny", "res2.0.body").out
    swin = run("explain", "swin_t", "stage2.1.attention").out
    assert "with H = W = 28, C = 192" in swin
    assert "with N = 16, T = 49, F_in = 192, F_out = 576" in swin
    assert "F' = F/3\n" in swin


def test_axes_of_the_same_kind_have_letters_of_their_own() -> None:
    """A height in two parts, neither of which is the width."""
    profile = profile_graph(layer_graph("Unflatten(2, (3, 5)) >> PositionEmbedding >> Linear(2)", (4, 15, 7)))
    assert holds(profile) > 3
    assert "with C = 4, H = 3, W_1 = 5, W_2 = 7" in view.text(explain(profile))


def test_the_usual_input_of_attention_is_tokens() -> None:
    """T × F without a word, and what must divide what, without the factor that both have."""
    out = run("formula", "MultiheadAttention(h)").out
    assert "  input            T × F\n" in out
    assert "F is divisible by h" in out
    assert "C is divisible by h" in run("formula", "swin", "attention(h, 0)", "--input", "H,W,C").out


def test_a_closed_form_says_when_it_holds() -> None:
    """Groups must divide both channel counts, which symbols cannot show."""
    out = run("formula", "Conv2d(F, K, groups=G)").out
    assert "F is divisible by G" in out
    assert "C is divisible by G" in out


def test_a_constant_may_be_a_formula() -> None:
    """Queries are scaled by 1 over the root of their features, whose number is a letter."""
    form = closed_form("Linear(D) >> Scale(D ** -0.5)", convention="flops")
    assert str(form.flops) == "2*D*(F_in + 1)"


def test_a_block_of_a_spec_has_a_closed_form() -> None:
    """The inception module in the letters of its own parameters."""
    form = closed_form("googlenet", "inception")
    given = {
        "C": 192,
        "H": 28,
        "W": 28,
        "n1x1": 64,
        "n3x3_reduce": 96,
        "n3x3": 128,
        "n5x5_reduce": 16,
        "n5x5": 32,
        "pool_proj": 32,
    }
    assert form.params.subs({s: given[s.name] for s in form.params.free_symbols}) == 163696
    assert form.macs.subs({s: given[s.name] for s in form.macs.free_symbols}) == 128049152


def test_symbols_do_not_decide_silently() -> None:
    """A spec that branches on a size refuses a symbol instead of taking the wrong branch."""
    with pytest.raises(cnncost.SpecError, match="depends on a letter"):
        layer_graph("Conv2d(8, 3) if F == 1 else ReLU", (3, 8, 8), symbols=True)


def test_the_writer_orders_as_the_field_does() -> None:
    """C_out · C_in · K², H - K + 2P, and a whole number goes inside its floor."""
    c_out, c_in, h, k, p, s = sympy.symbols("C_out C_in H K P S", integer=True, positive=True)
    write = Writer().write
    assert write(k**2 * c_in * c_out + c_out) == "C_out · C_in · K² + C_out"
    assert write(4 * k + 4 * k**2) == "4 · K² + 4K"
    assert write(4 * sympy.Symbol("n") * sympy.Symbol("bytes") * c_in) == "4 · C_in · n · bytes"
    assert write((h + 2 * p - k) // s + 1) == "⌊(H - K + 2P)/S + 1⌋"
    assert (
        Writer(Latex()).write((h + 2 * p - k) // s + 1)
        == r"\left\lfloor \frac{H - K + 2P}{S} + 1 \right\rfloor"
    )
    assert Writer(Text(letters_touch=True)).write(25 * k**2 * h) == "25HK²"
    assert Writer(numbers={k: 3, h: 7}).write(h - k) == "7 - 3"


def test_a_long_formula_is_wrapped() -> None:
    """The inception module's closed form fits 80 columns, and no part of it is lost."""
    out = run("formula", "googlenet", "inception").out
    assert max(map(len, out.splitlines())) <= 80
    assert "25 · n5x5 · n5x5_reduce" in " ".join(out.split())


def test_a_stage_ends_with_its_sums() -> None:
    """What the table says of the stage, from the layers' own numbers; a single layer has none."""
    profile = cnncost.profile("resnet18", batch=2)
    out = run("explain", "resnet18", "conv2_x.0", "--batch", "2").out
    assert "conv2_x.0   sums of the 5 layers worked out above (layers without costs are left out)" in out
    assert "parameters          36864 + 128 + 36864 + 128\n                      = 73984 ≈ 74 k\n" in out
    totals = add_up(profile.below("conv2_x.0"))
    found = {q.column: q.result for q in sums(explain(profile, "conv2_x.0"))}
    assert found == {"memory": totals.memory_bytes, "params": totals.params, "flops": totals.flops}
    assert sums(explain(profile, "conv1.Conv2d")) == []
    for format in ("markdown", "latex"):
        assert "73984" in run("explain", "resnet18", "conv2_x.0", "--format", format).out


def test_a_sum_of_many_layers_is_shortened() -> None:
    """The first three terms and the last; the sum is that of all of them, and of the table."""
    out = run("explain", "alexnet", "--convention", "macs").out
    assert "alexnet   sums of the 12 layers worked out above (layers" in out
    assert "= 62378344 ≈ 62378 k" in out
    assert "34944 + 614656 + 885120 + … + 4097000\n" in out


def test_half_bytes_are_rounded_up_in_the_formula() -> None:
    """Three channels of 3×3 values of 4 bits are 27 half bytes: 14 bytes."""
    profile = profile_graph(layer_graph("Conv2d(3, 3)", (2, 5, 5)), dtype="int4")
    assert holds(profile) > 3
    assert "⌈C_out · H' · W'/2⌉" in view.text(explain(profile))
