from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import cnncost
from cnncost.errors import SpecError
from cnncost.network.builder import build


class Gated(nn.Module):
    """A residual around a gate, and a concatenation of three branches, one of which is named by its module."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(8, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Conv2d(8, 8, 1)
        self.one = nn.Conv2d(8, 4, 1)
        self.three1 = nn.Conv2d(8, 4, 1)
        self.three2 = nn.Conv2d(4, 4, 3, padding=1)
        self.down = nn.Sequential(nn.Conv2d(8, 4, 1), nn.BatchNorm2d(4))

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv2(self.conv1(x).relu())
        y = x + y * torch.sigmoid(self.fc(self.pool(y)))
        return torch.cat([self.one(y), self.three2(self.three1(y)), self.down(y)], dim=1)


def test_merges_hold_their_branches() -> None:
    """As a person writes them; what is taken unchanged is a ref; names stay those of the modules."""
    found = cnncost.import_torch(Gated(), input=(8, 6, 6))
    assert (
        found.spec.text.partition("layers:\n")[2]
        == """\
  - add:
      _shortcut: ref(input)
      _body:
        - conv1: Conv2d(8, 3, padding=1)
        - ReLU
        - conv2: Conv2d(8, 3, padding=1)
        - multiply:
            _features: ref(conv2)
            _gate:
              - pool: AdaptiveAvgPool2d(1)
              - fc: Conv2d(8, 1)
              - Sigmoid
  - concat:
      one: Conv2d(4, 1)
      _b:
        - three1: Conv2d(4, 1)
        - three2: Conv2d(4, 3, padding=1)
      down:
        - 0: Conv2d(4, 1)
        - 1: BatchNorm2d
"""
    )
    assert build(found.spec).nodes == found.graph.nodes
    assert "three2" in found.graph.by_name


TEXT = """
name: net
input: [3, 8, 8]
layers:
  - conv: Conv2d(8, 1)
  - add:
      _body: {body}
      other: Conv2d(8, 1)
  - ref(conv) >> ReLU
"""


def test_a_branch_may_leave_the_names_alone() -> None:
    """A name that begins with `_` is no part of the names of its layers, which the other items can refer to."""
    graph = cnncost.load_text(TEXT.replace("{body}", "\n        - a: Conv2d(8, 1)\n        - b: ReLU"))
    assert [node.name for node in graph.nodes] == ["conv", "a", "b", "other", "add", "ReLU"]


def test_its_names_are_taken() -> None:
    """They are names of the list around the merge."""
    with pytest.raises(SpecError, match="the name `conv` is given twice"):
        cnncost.load_text(TEXT.replace("{body}", "\n        - conv: Conv2d(8, 1)\n        - ReLU"))


@pytest.mark.usefixtures("torchvision")
def test_one_network_of_each_kind() -> None:
    """Each agrees with torch, and hardly a merge is one of refs alone."""
    refs = {"squeezenet1_1": 0, "shufflenet_v2_x0_5": 1, "regnet_y_400mf": 0, "convnext_tiny": 1}
    for name, most in refs.items():
        found = cnncost.import_torch(f"torchvision.models:{name}", input=(3, 64, 64))
        assert (found.checked.different, found.unknown) == ((), ()), name
        assert sum("(a=ref(" in line for line in found.spec.text.splitlines()) <= most, name
