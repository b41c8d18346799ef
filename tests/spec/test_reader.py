"""Reading a spec: from bytes to structure, and the errors of broken files."""

from __future__ import annotations

import builtins
import io
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncost.errors import CnncostError, SpecError, SpecErrors
from cnncost.spec import limits, reader
from cnncost.spec.expression import Expression
from cnncost.spec.reader import decode, parse_spec, read_file, read_stdin
from cnncost.spec.structure import Aux, Branches, Named, Sequence
from tests.hostile import EXAMPLES, documents, mutations, specs

SPEC = """\
name: tiny
title: A Tiny Network
paper: {authors: [Who, Whom], venue: Here, year: 2020}
input: [3, size, size]
params: {size: 32, depths: [1, [2, 3]], norm: None}
variants:
  tiny-32: {}
  tiny-64: {size: 64}
blocks:
  conv(out, kernel=3): Conv2d(out, kernel) >> norm
  head:
    - Flatten
    - Linear(10)
layers:
  - conv1: conv(8)
  - add:
      body: conv(8, 1)
      shortcut: Identity
  - aux: {side: head}
  - [ReLU, ReLU]
  - head
"""


def parse(text: str) -> Any:
    """The spec of a text."""
    return parse_spec(text, "net.yaml")


def refused(text: str) -> str:
    """The first line of the error that a text meets."""
    with pytest.raises(SpecError) as caught:
        parse(text)
    return str(caught.value).partition("\n")[0]


# What is read


def test_spec() -> None:
    """Every section is read, and the scalars stay expressions."""
    spec = parse(SPEC)
    assert (spec.name, spec.title, spec.year) == ("tiny", "A Tiny Network", 2020)
    assert spec.paper == {"authors": "Who, Whom", "venue": "Here", "year": "2020"}
    assert [e.text for e in spec.inputs["input"]] == ["3", "size", "size"]
    assert list(spec.params) == ["size", "depths", "norm"]
    assert list(spec.variants) == ["tiny-32", "tiny-64"]
    assert spec.blocks["conv"].parameters == ("out", "kernel")
    assert {k: e.tree.value for k, e in spec.blocks["conv"].defaults.items()} == {"kernel": 3}
    assert spec.blocks["head"].parameters == ()


def test_structure() -> None:
    """Lists, named items, merges and side heads keep their places."""
    layers = parse(SPEC).layers
    assert isinstance(layers, Sequence)
    named, merge, aux, inner, last = layers.items
    assert isinstance(named, Named)
    assert (named.name, named.place.line, named.place.column) == ("conv1", 15, 5)
    assert isinstance(merge, Branches)
    assert (merge.kind, list(merge.branches), merge.place.line) == ("add", ["body", "shortcut"], 16)
    assert isinstance(aux, Aux)
    assert isinstance(inner, Sequence)
    assert isinstance(last, Expression)


def test_name_defaults_to_the_file() -> None:
    """A spec without a name has the file's."""
    assert parse("layers: ReLU").name == "net"


@pytest.mark.parametrize(
    "typed", ["no", "010", "12:30", "1_000", "0x10", "1e3", "yes", "~", "2020-01-01", "null"]
)
def test_scalars_stay_as_typed(typed: str) -> None:
    """`no`, `010` and `12:30` are texts, not a boolean, an octal or a time."""
    assert parse(f"title: {typed}\nlayers: ReLU").title == typed


def test_brackets_in_comments_do_not_nest() -> None:
    """A half-open interval in a comment opens nothing."""
    assert parse("# [0, 1)\n" * 60 + "layers: ReLU").layers.text == "ReLU"


@pytest.mark.parametrize(
    "text", ["\ufefflayers: ReLU\n", "layers:\r\n  - ReLU\r\n", "layers: ReLU # ünïcode\n"]
)
def test_encodings(text: str, tmp_path: Path) -> None:
    """A byte order mark, Windows line ends and non-ASCII comments are read like any text."""
    path = tmp_path / "net.yaml"
    path.write_bytes(text.encode())
    assert read_file(path).name == "net"
    assert parse(text).name == "net"


# Errors of structure

ALIAS = "YAML aliases (`&`, `*`) are not part of the notation; write a block"
ITEM = "an item has one name: start each layer with its own `-`"
SHAPE = "`input` is a shape: [channels, height, width]"
LAYER_NAME = "cannot be a name: use letters, digits, `_` and `-`"
ONE_VALUE = "a param is a number, a text, a layer or a list of these, not a mapping"

REFUSALS = [
    ("", "1:1: the file is empty: a spec needs `layers`"),
    ("# nothing\n", "1:1: the file is empty: a spec needs `layers`"),
    ("ReLU", "1:1: a spec must be a mapping of `key: value`"),
    ("- ReLU\n- ReLU\n", "1:1: a spec must be a mapping of `key: value`"),
    ("name: x\n", "1:1: a spec needs `layers`"),
    ("layers: ReLU\nlayer: ReLU\n", "2:1: `layer` is not a key of a spec; did you mean layers?"),
    ("layers: ReLU\nlayers: Tanh\n", "2:1: `layers` is given twice (first in line 1)"),
    ("params: {a: 1, a: 2}\nlayers: ReLU", "1:16: `a` is given twice (first in line 1)"),
    ("layers:\n  - add: {a: ReLU, a: Tanh}\n", "2:20: `a` is given twice (first in line 2)"),
    ("blocks:\n  f(x): ReLU\n  f(y): ReLU\nlayers: f(1)", "3:3: block `f` is given twice (first in line 2)"),
    ("layers:\n", "1:8: nothing is written here: write a layer or a value"),
    ("layers:\n  - ReLU\n  -\n", "3:4: nothing is written here: write a layer or a value"),
    ("layers: {}\n", f"1:9: {ITEM}"),
    ("layers:\n  - a: ReLU\n    b: ReLU\n", f"3:5: {ITEM}"),
    ("layers:\n  a: ReLU\n  b: ReLU\n", f"3:3: {ITEM}"),
    ("layers:\n  - ? [a]\n    : b\n", "2:7: a text or a number belongs here"),
    ("layers:\n  - a..b: ReLU\n", f"2:5: `a..b` {LAYER_NAME}"),
    ("layers:\n  - a.{}: 2 * ReLU\n", f"2:5: `a.{{}}` {LAYER_NAME}"),
    ("layers:\n  - a__b: ReLU\n", f"2:5: `a__b` {LAYER_NAME}"),
    ("layers:\n  - é: ReLU\n", f"2:5: `é` {LAYER_NAME}"),
    ("layers:\n  - '': ReLU\n", f"2:5: `` {LAYER_NAME}"),
    ('layers:\n  - "\\e[2J": ReLU\n', f"2:5: `\\x1b[2J` {LAYER_NAME}"),
    ("layers:\n  - Conv2d(8, 3): ReLU\n", f"2:5: `Conv2d(8, 3)` {LAYER_NAME}; a call takes no colon here"),
    ("layers:\n  - add: {a: ReLU}\n", "2:10: `add` merges two branches or more, each with a name"),
    (
        "layers:\n  - concat: {dim: 2, a: ReLU}\n",
        "2:14: `dim` is an option of `concat`, not a branch: write `concat(dim=2):`",
    ),
    (
        "layers:\n  - add: [ReLU, ReLU]\n",
        "2:10: each branch of `add` needs a name: write `a: …` and `b: …`, without `-`",
    ),
    (
        "layers:\n  - add: {a.b: ReLU, c: ReLU}\n",
        "2:11: `a.b` cannot be the name of a branch: use letters, digits, `_` and `-`",
    ),
    ("name: a/b\nlayers: ReLU", "1:7: `a/b` cannot be a name: use letters, digits and `_ . + -`"),
    ("name: [a]\nlayers: ReLU", "1:7: a text or a number belongs here"),
    ("paper: He\nlayers: ReLU", "1:8: `paper` must be a mapping of `key: value`"),
    ("input: 3x224x224\nlayers: ReLU", f"1:8: {SHAPE}; write [3, 224, 224]"),
    ("input: []\nlayers: ReLU", f"1:8: {SHAPE}"),
    ("input: [1, 2, 3, 4, 5]\nlayers: ReLU", f"1:8: {SHAPE}"),
    ("input: {c: 3}\nlayers: ReLU", f"1:12: {SHAPE}"),
    ("input: {}\nlayers: ReLU", f"1:8: {SHAPE}"),
    (
        "input: {a-b: [3]}\nlayers: ReLU",
        "1:9: `a-b` cannot be the name of an input: use letters, digits and `_`",
    ),
    ("input: [3]\nlayers: ReLU\noutputs: a", "3:10: `outputs` is a list of names: [p3, p4, p5]"),
    ("input: [3]\nlayers: ReLU\noutputs: [a, a]", "3:14: `outputs` has `a` twice"),
    ("params: 3\nlayers: ReLU", "1:9: `params` must be a mapping of `key: value`"),
    (
        "params: {a-b: 3}\nlayers: ReLU",
        "1:10: `a-b` cannot be the name of a param: use letters, digits and `_`",
    ),
    (
        "params: {a__b: 3}\nlayers: ReLU",
        "1:10: `a__b` cannot be the name of a param: use letters, digits and `_`",
    ),
    ("params: {ref: 3}\nlayers: ReLU", "1:10: `ref` has a meaning already: the param needs another name"),
    ("params: {a: {b: 3}}\nlayers: ReLU", f"1:13: {ONE_VALUE}"),
    ("variants: [a]\nlayers: ReLU", "1:11: `variants` must be a mapping of `key: value`"),
    ("variants: {a: 3}\nlayers: ReLU", "1:15: `a` must be a mapping of `key: value`"),
    (
        "params: {width: 3}\nvariants: {v: {widht: [4]}}\nlayers: ReLU",
        "2:16: variant `v` sets `widht`, which is not a param; did you mean width?",
    ),
    ("blocks: ReLU\nlayers: ReLU", "1:9: `blocks` must be a mapping of `key: value`"),
    ("blocks: {f + g: ReLU}\nlayers: ReLU", "1:10: `f + g` is not a block: write `name(size, stride=1):`"),
    ("blocks:\n  f(3): ReLU\nlayers: ReLU", "2:3: `f(3)` is not a block: write `name(size, stride=1):`"),
    ("blocks:\n  f(*a): ReLU\nlayers: ReLU", "2:3: `f(*a)` is not a block: write `name(size, stride=1):`"),
    ("blocks:\n  f(**a): ReLU\nlayers: ReLU", "2:3: `f(**a)` is not a block: write `name(size, stride=1):`"),
    ("blocks:\n  f(a, a=1): ReLU\nlayers: ReLU", "2:3: block `f` has two parameters of one name"),
    (
        "blocks:\n  f__: ReLU\nlayers: ReLU",
        "2:3: `f__`: names with `__` are not part of the notation",
    ),
    ("blocks:\n  add: ReLU\nlayers: ReLU", "2:3: `add` has a meaning already: the block needs another name"),
    (
        "params: {f: 1}\nblocks:\n  f: ReLU\nlayers: ReLU",
        "3:3: `f` is a param too: a block needs another name",
    ),
    ("a: &a [x]\nlayers: *a\n", f"1:4: {ALIAS}"),
    ("layers: *a\n", f"1:9: {ALIAS}"),
    ("layers: !!python/object/apply:os.system ReLU\n", "1:9: YAML tags (`!`) are not part of the notation"),
    ("layers: ReLU\n---\nlayers: Tanh\n", "2:1: a second document: a file holds one spec"),
    ("layers:\n\t- ReLU\n", "2:1: not valid YAML: a tab: YAML indents with spaces"),
    ("layers: [ReLU\n", "2:1: not valid YAML: did not find expected ',' or ']'"),
    ("layers: ReLU: ReLU\n", "1:13: not valid YAML: mapping values are not allowed in this context"),
    ("lay\0ers: ReLU\n", "1:4: not a text file: the character U+0000 is not text"),
    ("layers: ReLU # \x1b[2J\n", "1:16: not a text file: the character U+001B is not text"),
    ("layers: ReLU # \ud800\n", "1:16: not a text file: the character U+D800 is not text"),
    ("layers: " + "[" * 60, "1:58: lists and mappings nested more than 50 deep"),
    ("layers: " + "{a: " * 60, "1:202: lists and mappings nested more than 50 deep"),
    ("layers:\n  " + "- " * 900 + "ReLU", "2:101: lists and mappings nested more than 50 deep"),
    ("layers: ReLU" + " " * 2000, "1:1: a line of more than 2000 characters"),
    ("layers: |\n" + "  ReLU\n" * 500, "2:1: an expression of more than 2000 characters"),
    ("layers:\n" + "  - \n" * 40_001, "39999:4: a spec of more than 40000 parts"),
    (
        "layers:\n" + f"  - '[{','.join('a' * 900)}]'\n" * 200,
        "167:5: expressions of more than 150000 parts together",
    ),
    (
        "params:\n" + "".join(f"  p{i}: 1\n" for i in range(501)) + "layers: ReLU",
        "502:3: more than 500 in `params`",
    ),
    (
        "blocks:\n" + "".join(f"  f{i}: ReLU\n" for i in range(501)) + "layers: ReLU",
        "502:3: more than 500 in `blocks`",
    ),
]


@pytest.mark.parametrize("text, message", REFUSALS, ids=[repr(text[:40]) for text, _ in REFUSALS])
def test_refusals(text: str, message: str) -> None:
    """The error of a broken spec names file, line, column and rule, and the nearest known name."""
    assert refused(text) == f"net.yaml:{message}"


# Places


@pytest.mark.parametrize(
    "text, place",
    [
        ("layers:\n  - Conv2d(8, $)\n", "2:15"),  # plain
        ("layers:\n  - 'Conv2d(8, $)'\n", "2:16"),  # quoted
        ('layers:\n  - "  Conv2d(8, $)"\n', "2:18"),  # with spaces before it
        ("layers: [ReLU, {a: 'ReLU >> $'}]\n", "1:29"),  # in brackets
        ("layers:\n  - 'ReLU if \"é数\" else $'\n", "2:24"),  # behind other alphabets
        ("title: 数数\nlayers: ReLU if '数' else $\n", "2:26"),
        ("layers:\n  - ReLU >>\n    ReLU >> $\n", "3:13"),  # over two lines
        ("layers:\n  - 'ReLU >>\n\n    $'\n", "4:5"),
        ("layers:\n  - |\n    ReLU >> $\n", "3:13"),  # as a literal text
        ("layers:\n  - >-\n    ReLU\n    >> $\n", "4:8"),  # as a folded text
        ("layers:\n  - |\n    add(\n      a=ReLU,\n      b=$)\n", "5:9"),
        ("layers:\r\n  - ReLU\r\n  - ReLU >> $\r\n", "3:13"),  # with Windows line ends
        ("layers:\u2028  - ReLU\x85  - ReLU >> $\n", "3:13"),  # with stranger ones
        ("\ufefflayers: ReLU >> $\n", "1:17"),  # behind a byte order mark
        ('layers: "\\x52eLU >> $"\n', "1:9"),  # behind an escape: the text's start
        ("layers: '''a'' $'\n", "1:9"),
        ("blocks:\n  f(a=$): ReLU\nlayers: f\n", "2:7"),
        ("params: {a: [1, $]}\nlayers: ReLU\n", "1:17"),
    ],
)
def test_places(text: str, place: str) -> None:
    """The column is that of the culprit, however the expression is written."""
    message = refused(text)
    assert message.startswith(f"net.yaml:{place}: ")
    assert "$" in message


def test_all_errors_at_once() -> None:
    """Independent errors are reported together, in the order of their lines."""
    with pytest.raises(SpecErrors) as caught:
        parse("naem: x\nparams: {1a: 2}\nlayers:\n  - ReLU >>\n  - a b\n")
    lines = [line for line in str(caught.value).splitlines() if line.startswith("net.yaml:")]
    assert [line.split(":")[1] for line in lines] == ["1", "2", "4", "5"]


def test_errors_stop_at_ten() -> None:
    """Nobody reads more than ten."""
    with pytest.raises(SpecErrors) as caught:
        parse("layers:\n" + "  - 1 +\n" * 10_000)
    assert len(caught.value.errors) == 10


def test_hint_for_commas_in_brackets() -> None:
    """A call cut in two by the brackets around it gets the reason."""
    hint = "inside `{ }` and `[ ]` a comma ends the value: quote it, or put it on a line of its own"
    assert refused("layers: [Conv2d(8, 3)]").endswith(f"'(' was never closed; {hint}")
    assert refused("layers: {a: Conv2d(8, 3)}") == f"net.yaml:1:23: a call is cut in two; {hint}"
    assert refused("layers: Conv2d(8, 3").endswith("'(' was never closed")


# Files


def test_read_file(tmp_path: Path) -> None:
    """An error in a file names it as it was given."""
    path = tmp_path / "my net.yaml"
    path.write_text("layers: ReLU >>\n", encoding="utf-8")
    with pytest.raises(SpecError, match=r"my net\.yaml:1:\d+: "):
        read_file(path)


@pytest.mark.parametrize(
    "data, message",
    [
        (b"\x89PNG\r\n\x1a\n\x00", ":1:1: not a text file: byte 0 is not UTF-8"),
        (b"layers: ReLU\n# caf\xe9\n", ":2:6: not a text file: byte 18 is not UTF-8"),
        ("layers: ReLU".encode("utf-16"), ":1:1: not a text file: byte 0 is not UTF-8"),
        (b"\x7fELF\x00", ":1:1: not a text file: the character U+007F is not text"),
        (b"", ":1:1: the file is empty: a spec needs `layers`"),
    ],
)
def test_no_text_file(data: bytes, message: str, tmp_path: Path) -> None:
    """Bytes that are no text are refused where they stop being one."""
    path = tmp_path / "net.yaml"
    path.write_bytes(data)
    with pytest.raises(SpecError) as caught:
        read_file(path)
    assert str(caught.value).partition("\n")[0] == f"{path}{message}"


def test_large_file(tmp_path: Path) -> None:
    """Of a file of 100 MB no more than the limit is read."""
    path = tmp_path / "net.yaml"
    with path.open("wb") as stream:
        stream.truncate(100_000_000)
    with pytest.raises(SpecError) as caught:
        read_file(path)
    assert str(caught.value) == f"{path}: larger than 1,000,000 bytes: no spec needs that"


def test_stream_is_read_no_further_than_the_limit() -> None:
    """An endless stream ends at the limit."""

    class Endless(io.RawIOBase):
        def read(self, size: int | None = -1) -> bytes:
            assert size == limits.FILE_BYTES + 1
            return b"#" * size

    with pytest.raises(SpecError, match="larger than 1,000,000 bytes"):
        decode(Endless(), "pipe")  # type: ignore[arg-type]


def test_no_file(tmp_path: Path) -> None:
    """A folder, a file that is not there and an impossible name have different errors."""
    for path, message in [
        (tmp_path, f"{tmp_path} is a folder, not a spec"),
        (tmp_path / "x.yaml", f"{tmp_path / 'x.yaml'}: no such file"),
    ]:
        with pytest.raises(SpecError) as caught:
            read_file(path)
        assert str(caught.value) == message
    for name in ("a\0b.yaml", "x" * 5000 + ".yaml"):
        with pytest.raises(SpecError, match="cannot be read: "):
            read_file(name)


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may not be read gets the system's reason."""

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "net.yaml"
    path.touch()
    monkeypatch.setattr(builtins, "open", denied)
    with pytest.raises(SpecError) as caught:
        read_file(path)
    monkeypatch.undo()
    assert str(caught.value) == f"{path}: cannot be read: Permission denied"


def test_errors_of_cnncost_are_not_called_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in the program is not blamed on the file."""

    def broken(*_: object) -> None:
        raise ValueError("a mistake")

    path = tmp_path / "net.yaml"
    path.write_text("layers: ReLU", encoding="utf-8")
    monkeypatch.setattr(reader, "parse_spec", broken)
    with pytest.raises(ValueError, match="a mistake"):
        read_file(path)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input is read like a file; if it is closed, the error says so."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"layers: ReLU")))
    assert read_stdin().source == "<stdin>"
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(SpecError, match="standard input is closed"):
        read_stdin()


# Any text, any bytes


@given(st.text(max_size=200) | documents() | specs() | mutations())
@EXAMPLES
def test_no_text_crashes_the_reader(text: str) -> None:
    """Any text is a spec, or is refused with a SpecError."""
    try:
        parse(text)
    except SpecError as error:
        message = str(error)
        assert message.startswith("net.yaml")


@given(st.binary(max_size=200) | documents().map(lambda text: text.encode("utf-8", "ignore")))
@EXAMPLES
def test_no_bytes_crash_the_reader(data: bytes) -> None:
    """Any bytes are a spec, or are refused."""
    try:
        parse_spec(decode(io.BytesIO(data), "net.yaml"), "net.yaml")
    except CnncostError as error:
        message = str(error)
        assert message.startswith("net.yaml")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            "layers:\n  - |\n    (Conv2d(8, 1) >>\n     Conv2d(8 3))\n",
            "net.yaml:4:13: `(Conv2d(8, 1) >> Conv2d(8 3))` is not a call, a chain or a value: "
            "invalid syntax. Perhaps you forgot a comma?\n  4 |      Conv2d(8 3))\n    |             ^",
        ),
        ("layers: [a, b}", "net.yaml:1:14: not valid YAML: did not find expected ',' or ']'"),
    ],
)
def test_an_error_within_several_lines_has_its_own_line(text: str, error: str) -> None:
    """Of a text over several lines, and of YAML that cannot be parsed."""
    with pytest.raises(SpecError) as caught:
        parse_spec(text, "net.yaml")
    assert str(caught.value).startswith(error)
