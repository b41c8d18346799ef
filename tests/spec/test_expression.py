"""The call notation: what it evaluates to, and what it refuses, word for word."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncost.errors import Place, SpecError
from cnncost.spec.evaluator import Evaluator
from cnncost.spec.expression import parse, shorten
from cnncost.spec.functions import make_divisible
from cnncost.spec.items import Call, Chain, Merge, Ref, Repeat
from cnncost.spec.names import WithSymbols, known_names, layer_calls
from tests.hostile import EXAMPLES, expressions

NAMES: dict[str, Any] = {
    **layer_calls(),
    "width": 64,
    "depths": (3, 4, (6, 3)),
    "nothing": None,
    "word": "same",
}


def evaluate(text: str) -> Any:
    """The value of an expression, with the names above."""
    expression = parse(text, Place("net.yaml", 7, 5, f"  - {text}"))
    return Evaluator(expression, NAMES, lambda: known_names(NAMES)).value()


def refused(text: str) -> str:
    """The first line of the error that an expression meets."""
    with pytest.raises(SpecError) as caught:
        evaluate(text)
    return str(caught.value).partition("\n")[0]


# Values


@pytest.mark.parametrize(
    "text, value",
    [
        ("3", 3),
        ("-2.5", -2.5),
        ("'same'", "same"),
        ("True", True),
        ("None", None),
        ("1e-3", 0.001),
        ("(1, 2)", (1, 2)),
        ("[1, [2, 3]]", (1, (2, 3))),
        ("width", 64),
        ("depths[0]", 3),
        ("depths[:2]", (3, 4)),
        ("sum(depths[:2])", 7),
        ("depths[9:]", ()),
        ("depths[-1][1]", 3),
        ("depths + (1,)", (3, 4, (6, 3), 1)),
        ("2 + 3 * 4 - 1", 13),
        ("7 // 2", 3),
        ("7 % 4", 3),
        ("7 / 2", 3.5),
        ("2 ** 10", 1024),
        ("2 ** -1", 0.5),
        ("+width", 64),
        ("1 < 2 <= 2", True),
        ("width == 64 and not width > 100", True),
        ("width != 64 or 0", False),
        ("3 in depths", True),
        ("5 not in depths", True),
        ("nothing is None", True),
        ("word is not None", True),
        ("1 if width > 32 else 2", 1),
        ("min(3, 2)", 2),
        ("max(depths[2])", 6),
        ("round(2.567, 1)", 2.6),
        ("round(2.5)", 2),
        ("int(3.9)", 3),
        ("len(depths)", 3),
        ("sum(depths[2])", 9),
        ("make_divisible(width * 0.35)", 24),
        ("3 * nothing", None),
        ("  width  ", 64),
    ],
)
def test_values(text: str, value: object) -> None:
    """Numbers, texts, lists, params and the operators of the notation mean what they mean in Python."""
    assert evaluate(text) == value


@pytest.mark.parametrize("value, rounded", [(8, 8), (12, 16), (3, 8), (32 * 0.75, 24), (91, 88), (90.1, 88)])
def test_make_divisible(value: float, rounded: int) -> None:
    """Channels go to the nearest multiple of eight, and never down by more than a tenth."""
    assert make_divisible(value) == rounded


# Items


def test_call_keeps_arguments() -> None:
    """A call keeps its arguments as they were given."""
    call = evaluate("Conv2d(width, kernel_size=(3, 5))")
    assert isinstance(call, Call)
    assert (call.template.name, call.args, call.kwargs) == ("Conv2d", (64,), {"kernel_size": (3, 5)})


def test_bare_name_is_a_call() -> None:
    """A bare name is a call without arguments, placed where it is used."""
    call = evaluate("ReLU")
    assert isinstance(call, Call)
    assert call.bare
    assert str(call.place) == "net.yaml:7:5"


def test_chain_is_flat() -> None:
    """`a >> b >> c` is one chain of three, however long; None in it stays for nothing."""
    chain = evaluate("ReLU >> nothing >> Tanh")
    assert isinstance(chain, Chain)
    assert [item and item.template.name for item in chain.items] == ["ReLU", None, "Tanh"]
    assert len(evaluate(" >> ".join(["ReLU"] * 200)).items) == 200


def test_repeat() -> None:
    """`n * item` is a repeat; the number may be computed."""
    repeat = evaluate("(depths[0] - 1) * (ReLU >> Tanh)")
    assert isinstance(repeat, Repeat)
    assert repeat.times == 2


def test_merge_and_ref() -> None:
    """`add` takes named branches and `ref` a name, or a path in quotes."""
    merge = evaluate("add(a=ref(conv1), b=ref('stage1.0') >> ReLU)")
    assert isinstance(merge, Merge)
    assert list(merge.branches) == ["a", "b"]
    assert isinstance(merge.branches["a"], Ref)
    assert merge.branches["a"].name == "conv1"
    assert merge.branches["b"].items[0].name == "stage1.0"


@pytest.mark.parametrize(
    "text", ["ReLU == ReLU", "ReLU == 'ReLU'", "ReLU is ReLU", "ReLU != Tanh", "ReLU is not None"]
)
def test_layers_compare_by_name(text: str) -> None:
    """A param that holds a layer can be asked which one."""
    assert evaluate(text) is True


def test_item_shows_itself_short() -> None:
    """An item says `a layer`: in full, one that shares its parts could fill the memory."""
    assert repr(evaluate("(ReLU >> Tanh, 3 * ReLU)")) == "(a layer, a layer)"


# Refusals

DEEP = "an expression nested more than 60 deep"
BEYOND = "a number beyond 1000000000000"

REFUSALS = [
    ("BatchNorm2D", 0, "BatchNorm2D: no such layer; did you mean BatchNorm2d?"),
    ("Conv2d(8, widht)", 10, "widht: no such layer, block or param; did you mean width?"),
    ("Xq", 0, "Xq: no such layer"),
    ("x" * 100, 0, f"{'x' * 59}…: no such layer, block or param"),
    ("no", 0, "no: no such layer, block or param"),
    ("min", 0, "`min` must be called: `min(…)`, or in quotes as a text: 'min'"),
    ("log2(0)", 0, "`log2(0)`: a logarithm takes a number above 0"),
    ("add >> ReLU", 0, "`add` must be called: `add(…)`"),
    ("width.real", 0, "attribute access is not part of the notation"),
    ("width.real()", 0, "attribute access is not part of the notation"),
    ("1 + ().__class__", 4, "attribute access is not part of the notation"),
    ("__import__('os')", 0, "`__import__`: names with `__` are not part of the notation"),
    ("a__b", 0, "`a__b`: names with `__` are not part of the notation"),
    ("lambda: 1", 0, "a lambda is not part of the notation"),
    ("(lambda: 1)()", 0, "`(lambda: 1)()`: only a named layer, block or function can be called"),
    ("[x for x in depths]", 0, "a comprehension is not part of the notation"),
    ("sum(x for x in depths)", 3, "a comprehension is not part of the notation"),
    ("{x for x in depths}", 0, "a comprehension is not part of the notation"),
    ("{1: 2}", 0, "a dictionary is not part of the notation"),
    ("{1, 2}", 0, "a set is not part of the notation"),
    ("f'{width}'", 0, "an f-string is not part of the notation"),
    ("(x := 3)", 1, "an assignment is not part of the notation"),
    ("depths[::2]", 7, "a slice with a step is not part of the notation"),
    ("(*depths, 1)", 1, "`*` or `**` before a value is not part of the notation"),
    ("max(*depths)", 4, "`*` or `**` before a value is not part of the notation"),
    ("Conv2d(**depths)", 0, "`*` or `**` before a value is not part of the notation"),
    ("b'x'", 0, "`b'x'` is not part of the notation"),
    ("...", 0, "`...` is not part of the notation"),
    ("1j", 0, "`1j` is not part of the notation"),
    ("~width", 0, "`~width` is not part of the notation"),
    ("-word", 0, "`-word` is not part of the notation"),
    ("width << 2", 0, "`width << 2`: 64 and 2 cannot be combined like this"),
    ("width @ 2", 0, "`width @ 2`: 64 and 2 cannot be combined like this"),
    ("'a' * 10", 0, "`'a' * 10`: the text 'a' and 10 cannot be combined like this"),
    ("'a' + 'b'", 0, "`'a' + 'b'`: the text 'a' and the text 'b' cannot be combined like this"),
    ("'%s' % 1", 0, "`'%s' % 1`: the text '%s' and 1 cannot be combined like this"),
    ("depths * 2", 0, "`depths * 2`: a list and 2 cannot be combined like this"),
    ("True + 1", 0, "`True + 1`: True and 1 cannot be combined like this"),
    ("width // 0", 0, "`width // 0` divides by zero"),
    ("1 % 0", 0, "`1 % 0` divides by zero"),
    ("0 ** -1", 0, "`0 ** -1` divides by zero"),
    ("(-8) ** 0.5", 0, "a complex number"),
    ("9**9**9", 0, "`9**9**9` is larger than 1000000000000"),
    ("1 + 10**13", 4, BEYOND),
    ("10**12 * 10", 0, BEYOND),
    ("-1e300", 1, BEYOND),
    ("9" * 1500, 0, BEYOND),
    ("9.0 ** 9000", 0, "`9.0 ** 9000` is larger than 1000000000000"),
    ("round(5, -10**12)", 0, "`round(5, -10**12)`: `ndigits` must be between -12 and 12"),
    ("int('x')", 0, "`int('x')`: invalid literal for int() with base 10: 'x'"),
    ("len(3)", 0, "`len(3)`: object of type 'int' has no len()"),
    ("max(1, 'a')", 0, "`max(1, 'a')`: '>' not supported between instances of 'str' and 'int'"),
    ("min(ReLU, 3)", 0, "`min(ReLU, 3)`: a layer is not a value"),
    ("make_divisible(3, 0)", 0, "`make_divisible(3, 0)` divides by zero"),
    ("1 < 'a'", 0, "`1 < 'a'` compares values that have no order"),
    ("1 in 5", 0, "`1 in 5` compares values that have no order"),
    ("ReLU < Tanh", 0, "layers and blocks compare with == and != only, and join with `>>`"),
    ("ReLU and 1", 0, "a layer is neither true nor false"),
    ("width[0]", 0, "`width[0]`: only a list can be indexed, by a whole number"),
    ("depths[:'a']", 0, "`depths[:'a']`: only a list can be indexed, by a whole number"),
    ("depths['a']", 0, "`depths['a']`: only a list can be indexed, by a whole number"),
    ("depths[9]", 0, "`depths[9]`: the list has 3 items"),
    ("ReLU >> 3", 8, "`3` is a value, not a layer: `>>` joins layers"),
    ("width >> ReLU", 0, "`width` is a value, not a layer: `>>` joins layers"),
    ("ReLU >> ref(a)", 8, "`ref` starts a chain: it must come first"),
    ("ReLU >> Parameter(3)", 8, "`Parameter` starts a chain: it must come first"),
    (
        "ReLU + Tanh",
        0,
        "layers join with `>>` and repeat with `n * layer`, and branches meet in a merge: "
        "write `add(a=ReLU, b=Tanh)`",
    ),
    ("ReLU * 3", 0, "layers join with `>>` and repeat with `n * layer`: write `3 * ReLU`"),
    ("10**9 * ReLU", 0, "a repeat of 1000000000: it must be between 0 and 20000"),
    ("-1 * ReLU", 0, "a repeat of -1: it must be between 0 and 20000"),
    ("1.5 * ReLU", 0, "a repeat needs a whole number, got 1.5"),
    ("True * ReLU", 0, "a repeat needs a whole number, got True"),
    ("width(3)", 0, "`width` is 64, not a layer or a block"),
    ("depths(3)", 0, "`depths` is a list, not a layer or a block"),
    (
        "ReLU()()",
        0,
        "a layer takes its arguments only, and its input is what comes before it: write `ReLU`",
    ),
    ("add(a=ReLU)", 0, "`add` takes two or more named branches: `add(a=…, b=…)`"),
    ("concat(ReLU, Tanh)", 0, "`concat` takes two or more named branches: `concat(a=ReLU, b=Tanh)`"),
    ("add(a=ReLU, b=3)", 12, "branch `b` is 3, not a layer"),
    ("ref()", 0, "`ref` takes one name: `ref(enc1)`"),
    (
        "ref('unit{}')",
        0,
        "`{}` is the number of a copy, and only known behind `n *`; give it here: `ref('unit{}', 3)`",
    ),
    ("ref('unit', 3)", 12, "the number belongs to a `{}` in the name: `ref('unit{}', 3)`"),
    ("ref('unit{}.out{}', 3, 1, 2)", 26, "the number belongs to a `{}` in the name: `ref('unit{}', 3)`"),
    ("ref('unit{}', 1.5)", 14, "`{}` is a whole number, not 1.5"),
    (
        "mean(dim=1)",
        0,
        "`mean` takes two or more named branches: `mean(a=…, b=…)`; for one input write `Reduce('mean', dim=1)`",
    ),
    ("concat(dim=2, a=ReLU)", 0, "`concat` takes two or more named branches: `concat(a=…, b=…)`"),
    ("add(dim=2, a=ReLU, b=Tanh)", 4, "branch `dim` is 2, not a layer"),
    ("ref(a, b)", 0, "`ref` takes one name: `ref(enc1)`"),
    ("ref(3)", 4, "`ref` takes a name, `ref(enc1)`, or a path in quotes, `ref('stage1.0')`"),
    ("", 0, "nothing is written here: write a layer or a value"),
    ("Conv2d(8, 3", 6, "`Conv2d(8, 3` is not a call, a chain or a value: '(' was never closed"),
    (
        "import os",
        0,
        "`import os` is not a call, a chain or a value: invalid syntax; "
        "`import` is a word of Python and cannot be a name",
    ),
    ("12:30", 2, "`12:30` is not a call, a chain or a value: invalid syntax"),
    ("'é' + Xx", 6, "Xx: no such layer"),
    ("   Xx", 3, "Xx: no such layer"),
    ("-" * 100 + "1", 0, DEEP),
    ("not " * 100 + "1", 0, DEEP),
    ("1" + "+1" * 100, 0, DEEP),
    ("(" * 300, 200, f"`{'(' * 59}…` is not a call, a chain or a value: too many nested parentheses"),
    ("[" * 70 + "]" * 70, 0, DEEP),
    ("1 " * 1200, 0, "an expression of more than 2000 characters"),
]


@pytest.mark.parametrize("text, offset, message", REFUSALS, ids=[shorten(text, 30) for text, *_ in REFUSALS])
def test_refusals(text: str, offset: int, message: str) -> None:
    """Whatever is not of the notation is refused, with the rule and the column of the culprit."""
    assert refused(text) == f"net.yaml:7:{5 + offset}: {message}"


@pytest.mark.parametrize(
    "text, message",
    [
        ("(" + ",".join(["0"] * 990) + ")" + " + (1,) * 2", "a list and 2 cannot be combined like this"),
        ("(" + " + ".join(["big"] * 3) + ")", "a list of more than 1000 items"),
        ("[" * 11 + "]" * 11, "lists nested more than 10 deep"),
        ("(big, big, big)", "a list of more than 1000 items"),
    ],
)
def test_list_limits(text: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list is limited in all that it holds, shared or not, and in depth."""
    monkeypatch.setitem(NAMES, "big", tuple(range(400)))
    assert message in refused(text)


def test_powers_of_symbols_are_limited() -> None:
    """A symbol takes ordinary powers; what cancels to a number is a number again."""
    import sympy

    size = sympy.Symbol("F", integer=True, positive=True)

    def value(text: str) -> Any:
        return Evaluator(parse(text, Place("", 1, 1)), {"F": size}, list).value()

    assert value("F ** 3") == size**3
    assert value("F - F + 9") == 9
    assert isinstance(value("F // F"), int)
    for text in ("(F - F + 9) ** 9 ** 9", "F ** 10 ** 9", "(F // F) // (F - F)", "F / (2 * F)"):
        with pytest.raises(SpecError):
            value(text)


@pytest.mark.parametrize(
    "text", ["ReLU ReLU", "010", "import os", "ReLU >>", "'\x1b[31m' +", "ReLU\x00", "a = 3"]
)
def test_no_expression(text: str) -> None:
    """What Python cannot read as an expression is shown, in characters that a terminal does not obey."""
    message = refused(text)
    assert "is not a call, a chain or a value: " in message
    assert message.isprintable()


def test_error_shows_line_and_caret() -> None:
    """An error shows the line, with a caret under the culprit."""
    with pytest.raises(SpecError) as caught:
        evaluate("ReLU >> Tanhh")
    assert str(caught.value) == (
        "net.yaml:7:13: Tanhh: no such layer; did you mean Tanh?\n"
        "  7 |   - ReLU >> Tanhh\n"
        "    |             ^"
    )


def test_caret_stands_under_wide_characters() -> None:
    """A character two cells wide moves the caret by two; the column counts it as one."""
    with pytest.raises(SpecError) as caught:
        evaluate("'数' == Xx")
    assert str(caught.value) == (
        "net.yaml:7:12: Xx: no such layer\n  7 |   - '数' == Xx\n    |             ^"
    )


def test_long_line_is_cut_around_the_culprit() -> None:
    """Of a long line, the part around the culprit is shown."""
    with pytest.raises(SpecError) as caught:
        evaluate("ReLU >> " * 100 + "Tanhh >> ReLU")
    *_, line, caret = str(caught.value).splitlines()
    assert len(line) <= 80
    assert line[caret.index("^") :].startswith("Tanhh")


# Any text


@given(st.text(max_size=60) | expressions())
@EXAMPLES
def test_no_text_crashes_the_evaluator(text: str) -> None:
    """Any text has a value, or is refused with a SpecError."""
    try:
        evaluate(text)
    except SpecError as error:
        message = str(error)
        assert message.startswith("net.yaml:7:")


def test_names_of_sizes_are_symbols() -> None:
    """`F`, `C_out`, `k2` and `HW`; not words, nor functions, which stay unknown names."""
    names = WithSymbols({"known": 3})
    assert names["known"] == 3
    for name in ("F", "n", "C_out", "k2", "HW"):
        assert names[name].name == name
    for name in ("Convolution", "width", "min", "relu"):
        with pytest.raises(KeyError):
            names[name]


def test_channels_are_rounded_from_the_middle_between_two_multiples() -> None:
    """To the nearest multiple, upwards from the middle; never down by more than a tenth."""
    assert [make_divisible(n) for n in (3, 11, 43, 44, 45, 76)] == [8, 16, 40, 48, 48, 80]


def test_the_smaller_and_the_larger_of_a_symbol() -> None:
    """`min` and `max` of a symbol stay open, each as itself."""
    names = WithSymbols({})
    low, high = (
        Evaluator(parse(f"{call}(F, 3)", Place("", 1, 1)), names, list).value() for call in ("min", "max")
    )
    size = names["F"]
    assert (low.subs(size, 5), high.subs(size, 5)) == (3, 5)


@pytest.mark.parametrize("digits", [12, -12])
def test_round_takes_up_to_twelve_digits(digits: int) -> None:
    """One more is refused, on either side."""
    beyond = digits + (1 if digits > 0 else -1)
    assert Evaluator(parse(f"round(1.5, {digits})", Place("", 1, 1)), {}, list).value() in (1.5, 0.0)
    with pytest.raises(SpecError, match="`ndigits` must be between -12 and 12"):
        Evaluator(parse(f"round(1.5, {beyond})", Place("", 1, 1)), {}, list).value()
