"""torchvision's networks for detection against the catalogue's: backbone, pyramid and heads, layer by layer.

Around these torchvision prepares images, proposes boxes and cuts them out; these steps depend on what the
image shows, and no layer of ours stands for them.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn

import cnncost
from cnncost.network.catalogue import aliases
from tests.parts import same_network

SOURCE = "torchvision/"
Heads = Callable[[Any, list[torch.Tensor]], object]


def dense(network: Any, maps: list[torch.Tensor]) -> object:
    """The heads that run on every map."""
    return network.head(maps)


def regions(network: Any, maps: list[torch.Tensor]) -> object:
    """Proposals on every map, and the heads of one region each, of the sizes that RoIAlign gives."""
    heads, x = network.roi_heads, maps[0]
    outputs = [network.rpn.head(maps), heads.box_predictor(heads.box_head(x.new_empty(1, 256, 7, 7)))]
    if heads.has_mask():
        outputs.append(heads.mask_predictor(heads.mask_head(x.new_empty(1, 256, 14, 14))))
    if heads.has_keypoint():
        outputs.append(heads.keypoint_predictor(heads.keypoint_head(x.new_empty(1, 256, 14, 14))))
    return outputs


HEADS: dict[str, Heads] = {
    "fasterrcnn_mobilenet_v3_large_320_fpn": regions,
    "fasterrcnn_mobilenet_v3_large_fpn": regions,
    "fasterrcnn_resnet50_fpn": regions,
    "fasterrcnn_resnet50_fpn_v2": regions,
    "fcos_resnet50_fpn": dense,
    "keypointrcnn_resnet50_fpn": regions,
    "maskrcnn_resnet50_fpn": regions,
    "maskrcnn_resnet50_fpn_v2": regions,
    "retinanet_resnet50_fpn": dense,
    "retinanet_resnet50_fpn_v2": dense,
    "ssd300_vgg16": dense,
    "ssdlite320_mobilenet_v3_large": dense,
}


class Detector(nn.Module):
    """What of torchvision's network has layers."""

    def __init__(self, network: Any, heads: Heads) -> None:
        super().__init__()
        self.network, self.heads = network, heads

    def forward(self, x: torch.Tensor) -> object:
        return self.heads(self.network, list(self.network.backbone(x).values()))


def test_the_names_are_torchvision_s(torchvision: ModuleType) -> None:
    """Each of its networks for detection is an alias, and is compared here."""
    theirs = set(torchvision.models.list_models(module=torchvision.models.detection))
    assert theirs == HEADS.keys()
    assert {name for name in theirs if SOURCE + name in aliases()} == HEADS.keys()


@pytest.mark.parametrize("name", HEADS)
def test_a_detector_is_torchvision_s(torchvision: ModuleType, name: str) -> None:
    """Parameters, buffers, multiply-adds, and each layer with weights, as often as it runs."""
    with torch.device("meta"):
        network = torchvision.models.get_model(name, weights=None, weights_backbone=None)
    same_network(cnncost.profile(SOURCE + name, convention="macs"), Detector(network, HEADS[name]))
