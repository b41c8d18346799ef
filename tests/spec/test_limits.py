"""Every limit of the notation, from both sides: what just fits is taken, and one more is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import sympy

from cnncost.errors import CnncostError, Place, SpecError, SpecErrors
from cnncost.network.builder import build
from cnncost.network.catalogue import load_text
from cnncost.network.expander import Expander
from cnncost.spec import limits
from cnncost.spec.evaluator import Evaluator
from cnncost.spec.expression import parse
from cnncost.spec.reader import parse_spec, read_file

HEAD = "input: [3, 9, 9]\n"


def nested(depth: int) -> str:
    """Blocks within blocks: the first is entered at the top."""
    blocks = "".join(f"  b{i}: b{i + 1}\n" for i in range(1, depth))
    return f"{HEAD}blocks:\n{blocks}  b{depth}: ReLU\nlayers: b1\n"


EXACT = [
    # limit, its value here, a spec of exactly that size by the size, the message beyond
    ("NODES", 5, lambda n: HEAD + f"layers: {' >> '.join(['ReLU'] * n)}", "the network has more than 5 layers"),
    ("NODES", 6, lambda n: HEAD + f"layers: {n} * ReLU", "copies make more than 6 layers"),
    ("REPEATS", 4, lambda n: HEAD + f"layers: {n} * ReLU", "it must be between 0 and 4"),
    ("BLOCK_DEPTH", 3, nested, "blocks nested more than 3 deep: `b4` seems to contain itself"),
    ("NAME_CHARACTERS", 7, lambda n: HEAD + f"layers: [{'a' * n}: ReLU]", "a name of more than 7 characters"),
    (
        "NAME_CHARACTERS",
        9,
        lambda n: HEAD + f"blocks: {{b: ReLU}}\nlayers: [x: b, {'y' * (n - 5)}: b]",
        "a name of more than 9 characters",
    ),
    ("LINE_CHARACTERS", 40, lambda n: HEAD + "layers: ReLU".ljust(n), "a line of more than 40 characters"),
    ("YAML_DEPTH", 4, lambda n: HEAD + f"layers: {'[' * (n - 2)}ReLU{']' * (n - 2)}", "nested more than 4 deep"),
    ("YAML_NODES", 12, lambda n: HEAD + f"layers: [{', '.join(['ReLU'] * (n - 8))}]", "a spec of more than 12 parts"),
    (
        "DEFINITIONS",
        3,
        lambda n: f"params: {{{', '.join(f'a{i}: 1' for i in range(n))}}}\n{HEAD}layers: ReLU",
        "more than 3 in `params`",
    ),
    ("EXPRESSION_CHARACTERS", 30, lambda n: HEAD + f"layers: ReLU({'1'.rjust(n - 6, '0').replace('0', ' ')})", "an expression of more than 30 characters"),
    ("EXPRESSION_DEPTH", 5, lambda n: f"params: {{a: {'-' * (n - 1)}1}}\n{HEAD}layers: ReLU", "nested more than 5 deep"),
    ("EXPRESSION_PARTS", 42, lambda n: HEAD + f"layers: [{', '.join(['ReLU'] * ((n - 18) // 6))}]", "expressions of more than 42 parts together"),
    ("INTEGER", 100, lambda n: f"params: {{a: {n}}}\n{HEAD}layers: ReLU", "a number beyond 100"),
    ("INTEGER", 100, lambda n: f"params: {{a: -{n - 1} - 1}}\n{HEAD}layers: ReLU", "a number beyond 100"),
    ("INTEGER", 200, lambda n: HEAD + f"layers: PadChannels(0, {n - 3})", "an output of 201×9×9 is beyond 200"),
    ("VALUES", 300, lambda n: HEAD + f"layers: [Flatten, Linear({n})]", "an output of 301 has more values than a tensor can hold"),
    ("LIST_ITEMS", 6, lambda n: f"params: {{a: [{', '.join('1' * n)}]}}\n{HEAD}layers: ReLU", "a list of more than 6 items"),
    ("LIST_DEPTH", 3, lambda n: f"params: {{a: {'[' * n}1{']' * n}}}\n{HEAD}layers: ReLU", "lists nested more than 3 deep"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "value", "sized", "message"), EXACT, ids=[f"{limit}-{value}" for limit, value, *_ in EXACT]
)
def test_a_limit_is_met_exactly(
    limit: str, value: int, sized: object, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A spec of exactly the limit is built; one that is one larger is refused, with the limit in the message."""
    assert callable(sized)
    step = 6 if limit == "EXPRESSION_PARTS" else 1
    monkeypatch.setattr(limits, limit, value)
    load_text(sized(value))
    with pytest.raises(CnncostError) as caught:
        load_text(sized(value + step))
    assert message in str(caught.value)


def test_the_steps_of_a_spec_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many steps as it takes are enough; with one less it is refused."""
    spec = parse_spec(
        HEAD + "blocks: {b(n=1 + 1): 'Conv2d(n, 1)'}\nlayers: [b, 3 * b(2), x: b]\n", "net.yaml"
    )
    expander = Expander(spec, {"input": (3, 9, 9)}, {}, symbols=False, other_input=False)
    expander.expand_all()
    monkeypatch.setattr(limits, "STEPS", expander.steps)
    assert len(build(spec).nodes) == 5
    monkeypatch.setattr(limits, "STEPS", expander.steps - 1)
    with pytest.raises(SpecError, match=rf"takes more than {expander.steps - 1} steps"):
        build(spec)


def test_the_bytes_of_a_file_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of exactly the limit is read."""
    text = HEAD + "layers: ReLU\n"
    path = tmp_path / "net.yaml"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(limits, "FILE_BYTES", len(text))
    assert read_file(path).text == text
    monkeypatch.setattr(limits, "FILE_BYTES", len(text) - 1)
    with pytest.raises(SpecError, match=f"larger than {len(text) - 1} bytes"):
        read_file(path)


def test_the_size_of_an_input_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one that is given, for numbers and for arrays."""
    monkeypatch.setattr(limits, "INPUT", 50)
    spec = parse_spec(HEAD + "layers: ReLU\n", "net.yaml")
    for size in (50, np.array([1, 50])):
        assert build(spec, input_shape=(3, 9, size)).nodes[0].out_shape[2] is not None
    for size in (51, 0, np.array([1, 51]), np.array([0, 50])):
        with pytest.raises(CnncostError, match="an input is a shape of positive whole numbers"):
            build(spec, input_shape=(3, 9, size))


@pytest.mark.parametrize(("wrong", "shown"), [(2, 2), (3, 3), (4, 3)])
def test_the_errors_at_once_are_limited(wrong: int, shown: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as the limit are shown together."""
    monkeypatch.setattr(limits, "MOST_ERRORS", 3)
    with pytest.raises(SpecErrors) as caught:
        parse_spec(HEAD + "layers: ReLU\n" + "".join(f"x{i}: 1\n" for i in range(wrong)), "net.yaml")
    assert len(caught.value.errors) == shown


@pytest.mark.parametrize(("call", "hinted"), [("ref(a.0)", True), ("ref(a 0)", False), ("add(a.0)", False)])
def test_a_path_in_ref_needs_quotes(call: str, hinted: bool) -> None:
    """Only where a path is what went wrong."""
    with pytest.raises(SpecError) as caught:
        parse_spec(HEAD + f"layers: [a: ReLU, b: {call} 1]\n", "net.yaml")
    assert ("a path in `ref` needs quotes" in str(caught.value)) is hinted


def test_a_symbol_can_be_an_input_if_it_can_be_a_size() -> None:
    """A positive whole number: unknown ones are taken, known others refused."""
    spec = parse_spec(HEAD + "layers: ReLU\n", "net.yaml")
    for options in ({}, {"positive": True, "integer": True}):
        size = sympy.Symbol("n", **options)
        assert build(spec, input_shape=(3, 9, size), symbols=True).nodes[0].out_shape == (3, 9, size)
    for options in ({"negative": True}, {"integer": False}, {"zero": True}):
        with pytest.raises(CnncostError, match="an input is a shape of positive whole numbers"):
            build(spec, input_shape=(3, 9, sympy.Symbol("n", **options)), symbols=True)


def test_an_input_of_a_spec_may_be_as_large_as_any_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """A size of exactly the limit of all numbers is taken."""
    monkeypatch.setattr(limits, "INTEGER", 100)
    assert load_text("input: [100]\nlayers: ReLU\n").input_shape == (100,)


@pytest.mark.parametrize(("call", "value"), [("0.5 ** 100", 0.5**100), ("2 ** 39", 2**39), ("4 ** -1", 0.25)])
def test_a_power_within_the_limits_is_computed(call: str, value: float) -> None:
    """A power is refused only if its value may be too large."""
    assert Evaluator(parse(call, Place("", 1, 1)), {}, list).value() == value
