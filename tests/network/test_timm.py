"""Networks of timm against the catalogue's: totals, and layer by layer in order."""

from __future__ import annotations

from types import ModuleType

import pytest
import torch
from torch import nn

import cnncost
from cnncost.network.catalogue import aliases
from tests.parts import same_activations, same_network
from tests.walk import NAMES

SOURCE = "timm/"
MODELS = sorted(alias.removeprefix(SOURCE) for alias in aliases() if alias.startswith(SOURCE))


def reference(timm: ModuleType, name: str) -> nn.Module:
    """timm's network, with shapes but no values."""
    with torch.device("meta"):
        network: nn.Module = timm.create_model(name)
    return network


@pytest.mark.parametrize("name", MODELS)
def test_a_network_is_timm_s(timm: ModuleType, name: str) -> None:
    """Parameters, buffers, multiply-adds, each layer with weights in order, and how many activations."""
    profile = cnncost.profile(SOURCE + name, convention="macs")
    fused = () if name.startswith(WRITTEN_OUT) else FUSED
    same_activations(profile.graph, same_network(profile, reference(timm, name), fused))


FUSED = ("attn.qkv", "attn.proj")
"""timm's parts of what is one attention layer of ours."""
WRITTEN_OUT = ("pvt_v2",)
"""Networks whose attention ours writes out, with each of timm's parts a layer."""


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("-deploy")])
def test_a_deployed_network_is_timm_s_with_its_branches_fused(timm: ModuleType, name: str) -> None:
    """RepVGG after training, as timm makes it from the network that trains."""
    with torch.device("meta"):
        fused = timm.utils.reparameterize_model(reference(timm, name.removesuffix("-deploy")))
    same_network(cnncost.profile(name, convention="macs"), fused)
