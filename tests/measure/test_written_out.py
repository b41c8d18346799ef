"""What other libraries have as one layer, written out with merges, parameters and reductions."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import nn

import cnncost
from cnncost.measure import build, verify
from cnncost.network.catalogue import load_text
from tests.networks import compared
from tests.torch_counts import run_counted

DECODER = """
name: decoder
input: [6, 5, 5]
blocks:
  heads(n): Unflatten(2, (n, in_channels // n)) >> Permute((0, 2, 1, 3))
  attention(n):
    - matmul:
        scores:
          - matmul:
              queries: Parameter((7, 8)) >> Linear(8) >> Unflatten(2, (n, 8 // n)) >> Permute((0, 2, 1, 3))
              keys: Linear(8) >> Unflatten(2, (n, 8 // n)) >> Permute((0, 2, 3, 1))
          - Scale((8 // n) ** -0.5) >> Softmax(-1)
        values: Linear(8) >> Unflatten(2, (n, 8 // n)) >> Permute((0, 2, 1, 3))
    - Permute((0, 2, 1, 3)) >> Flatten(2) >> Linear(8)
layers:
  - conv: Conv2d(8, 3)
  - biased:
      add:
        map: Identity
        bias: Parameter((8, 3, 1)) >> Conv2d(8, 3, padding=1) >> ReLU
  - tokens: Flatten(2) >> Permute((0, 2, 1))
  - cross: attention(2)
  - classed:
      concat:
        token: Parameter((1, 8))
        others: Identity
  - scaled: Affine(-1)
  - pooled: Reduce('mean', dim=1)
  - Linear(3)
"""


def test_cross_attention_is_torchs() -> None:
    """Queries that are learned attend to the positions of a map: parameters, macs and values of torch's."""
    graph = load_text(DECODER)
    theirs = nn.MultiheadAttention(8, 2, batch_first=True)
    cost = cnncost.profile(graph)
    below = [cost.by_name[node.name] for node in graph.find("cross")]
    assert sum(c.params for c in below) == 7 * 8 + sum(p.numel() for p in theirs.parameters())
    assert sum(c.macs for c in below) == (7 + 9 + 9 + 7) * 8 * 8 + 2 * 7 * 9 * 8
    ours = build(graph).eval()
    parts = {name.removeprefix("cross."): p for name, p in ours.named_parameters() if "cross" in name}
    names = [f"scores.{name}.Linear" for name in ("queries", "keys")] + ["values.Linear"]
    state = {
        "in_proj_weight": torch.cat([parts[f"{name}.weight"] for name in names]),
        "in_proj_bias": torch.cat([parts[f"{name}.bias"] for name in names]),
        "out_proj.weight": parts["Linear.weight"],
        "out_proj.bias": parts["Linear.bias"],
    }
    theirs.load_state_dict(state)
    found = {}
    for name in ("tokens.Permute", "cross.Linear"):
        ours.nodes[name].register_forward_hook(lambda _, __, y, name=name: found.update({name: y}))
    ours(torch.randn(2, 6, 5, 5))
    queries = parts["scores.queries.Parameter.weight"].expand(2, -1, -1)
    tokens = found["tokens.Permute"]
    torch.testing.assert_close(found["cross.Linear"], theirs(queries, tokens, tokens)[0])


def test_a_network_with_learned_constants_is_the_same_in_torch() -> None:
    """Every quantity; receptive fields pass a constant by."""
    result = compared(DECODER, fields=50)
    assert result["field"].same == 2  # the convolution, and its sum with the constant


def test_each_sample_has_the_constant() -> None:
    """A parameter is there once for each sample of a batch, in inference and in training."""
    network = build(load_text(DECODER))
    assert network(torch.randn(3, 6, 5, 5)).shape == network.eval()(torch.randn(3, 6, 5, 5)).shape == (3, 3)


GRN = """
name: grn
input: [5, 6, 8]
layers:
  - response: Reduce('norm', dim=(1, 2), keepdim=True)
  - divide:
      one: Identity
      mean: Reduce('mean', dim=-1, keepdim=True) >> Scale(1, 1e-6)
  - multiply:
      x: ref(input)
      response: Identity
  - affine: Affine(-1)
  - add:
      x: ref(input)
      y: Identity
"""


def test_a_response_norm_is_timms() -> None:
    """Global response normalisation from reductions, merges and Affine gives the values of its formula."""
    network = build(load_text(GRN)).eval()
    nn.init.normal_(network.get_parameter("affine.weight"))
    nn.init.normal_(network.get_parameter("affine.bias"))
    x = torch.randn(2, 5, 6, 8)
    norm = x.norm(p=2, dim=(1, 2), keepdim=True)
    scaled = norm / (norm.mean(dim=-1, keepdim=True) + 1e-6)
    expected = x + torch.addcmul(
        network.get_parameter("affine.bias"), network.get_parameter("affine.weight"), x * scaled
    )
    torch.testing.assert_close(network(x), expected)


@pytest.mark.parametrize("kind", ["subtract", "divide", "maximum", "minimum", "matmul"])
def test_merges_give_torchs_values(kind: str) -> None:
    """Each is torch's function of this name, in the order of the branches."""
    graph = load_text(f"name: two\ninput: [4, 4]\nlayers:\n  - {kind}: {{a: Tanh, b: Sigmoid}}\n")
    x = torch.randn(2, 4, 4)
    function = {"subtract": torch.sub, "divide": torch.div}.get(kind) or getattr(torch, kind)
    torch.testing.assert_close(build(graph).eval()(x), function(x.tanh(), x.sigmoid()))
    assert all(not check.mismatches for check in verify(graph).checks)


def test_botnets_attention_is_timms(timm: ModuleType) -> None:
    """With relative positions in both directions, on a map that is not square."""
    text = (Path(__file__).parents[2] / "specs/botnet.yaml").read_text(encoding="utf-8")
    blocks = text[text.index("blocks:") : text.index("layers:")]
    call = "layers:\n  - it: mhsa(16, 4, in_shape[1], in_shape[2])\n"
    ours = build(load_text(f"name: attention\ninput: [12, 6, 5]\n{blocks}{call}")).eval()
    theirs = timm.layers.bottleneck_attn.BottleneckAttn(12, 16, (6, 5), num_heads=4).eval()
    given = {name.partition("it.")[2]: value for name, value in ours.state_dict().items()}
    rows, columns = (f"scores.position.{side}.offsets.r.Parameter.weight" for side in ("rows", "columns"))
    state = {
        "qkv.weight": given["qkv.weight"],
        "pos_embed.height_rel": given[rows].view(11, 4),
        "pos_embed.width_rel": given[columns].view(9, 4),
    }
    theirs.load_state_dict(state)
    x = torch.randn(2, 12, 6, 5)
    torch.testing.assert_close(ours(x), theirs(x))


@pytest.mark.parametrize("size", ["atto", "nano"])
def test_a_convnext_v2_is_timms(timm: ModuleType, size: str) -> None:
    """Parameters and multiply-adds of the smaller ones, which timm makes of other layers."""
    with torch.device("meta"):
        theirs = timm.create_model(f"convnextv2_{size}")
    totals = cnncost.profile(f"convnextv2_{size}").totals
    assert totals.params == sum(p.numel() for p in theirs.parameters())
    assert 2 * totals.macs == run_counted(theirs, (3, 224, 224))[1]
