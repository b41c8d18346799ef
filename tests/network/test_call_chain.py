"""Errors within blocks: the place is that of the call that passed the wrong value, with the chain of calls."""

from __future__ import annotations

import pytest

from cnncost.errors import CnncostError
from cnncost.network.catalogue import load_text

SPEC = """\
input: [3, 32, 32]
blocks:
  cb(out, k=3):
    - Conv2d(out, k, padding=k // 2)
  stage(width, kernel):
    - cb(width, kernel) >> ReLU
    - cb(2 * width)
  wrap(item): item >> ReLU
layers:
  - one: {}
"""

CHAINS = [
    ("stage(16, kernel='a')", "10:20: `k // 2`: the text 'a' and 2 cannot be combined like this"
     " (in `stage`, line 6, in `cb`, line 4)"),
    ("stage(0, 3)", "10:16: Conv2d: `out_channels` must be at least 1, got 0 (in `stage`, line 6, in `cb`, line 4)"),
    ("stage(ReLU, 3)", "10:16: `Conv2d` takes numbers and texts, not layers (in `stage`, line 6, in `cb`, line 4)"),
    ("stage(-1 + 1, 3)", "10:16: Conv2d: `out_channels` must be at least 1, got 0"),
    ("cb(8, 0)", "10:16: Conv2d: `kernel_size` must be at least 1, got 0 (in `cb`, line 4)"),
    ("wrap(Conv2d(8, 0))", "10:25: Conv2d: `kernel_size` must be at least 1, got 0\n"),
    ("wrap(cb(0))", "10:18: Conv2d: `out_channels` must be at least 1, got 0 (in `cb`, line 4)"),
    ("stage(8)", "10:10: `stage` needs `kernel`"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), CHAINS)
def test_the_place_is_where_the_wrong_value_was_passed(call: str, message: str) -> None:
    """A value that goes through several blocks is shown where it was written."""
    with pytest.raises(CnncostError) as caught:
        load_text(SPEC.format(call), source="net.yaml")
    assert str(caught.value).startswith(f"net.yaml:{message}")


def test_what_no_call_passed_stays_in_its_block_with_the_chain_of_calls() -> None:
    """A layer that does not fit is shown where it is, with every call that led there."""
    text = SPEC.replace("padding=k // 2", "padding=0").format("stage(8, 40)")
    with pytest.raises(CnncostError) as caught:
        load_text(text, source="net.yaml")
    assert "net.yaml:4:7: one.cb.Conv2d: Conv2d(8, 40) on 3×32×32: the output shrinks" in str(caught.value)
    assert "(from `one.cb`, line 6, from `one`, line 10)" in str(caught.value)


def test_a_long_chain_is_cut() -> None:
    """Of many calls within each other, the first and the last ones are shown."""
    blocks = "\n".join(f"  f{n}: f{n + 1} >> ReLU" for n in range(8))
    text = f"input: [3, 8, 8]\nblocks:\n{blocks}\n  f8: Conv2d(8, 9)\nlayers: f0\n"
    with pytest.raises(CnncostError) as caught:
        load_text(text)
    named = [word.split("`")[0].count(".") for word in str(caught.value).split("from `")[1:]]
    assert named == [8, 7, 0]
    assert ", …, from `f0`, line 12)" in str(caught.value)


def test_a_ref_to_a_layer_within_a_block_shows_its_path() -> None:
    """`ref(x)` names `gated.x` if a block has such a layer."""
    text = "input: [3, 8, 8]\nblocks:\n  gated: {x: ReLU}\nlayers:\n  - gated >> Tanh\n  - ref(x) >> ReLU\n"
    with pytest.raises(
        CnncostError, match=r"`ref\(x\)`: no earlier layer has this name; did you mean `ref\('gated.x'\)`"
    ):
        load_text(text)
