"""What several test files need."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest


def imported_torchvision() -> Iterator[ModuleType]:
    """torchvision, as an outside reference for networks that it publishes.

    Its wheels are built for one torch build each; next to another one its own operators are missing.
    Networks need none of them, but the import asks for two, which are then declared empty.
    """
    import torch

    library = None
    try:
        import torchvision
    except RuntimeError:
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision
    yield torchvision
    del library  # it had to live until here


torchvision = pytest.fixture(imported_torchvision, scope="session", name="torchvision")


@pytest.fixture(scope="session")
def timm(torchvision: ModuleType) -> ModuleType:
    """timm, as an outside reference for networks that it publishes; it imports torchvision."""
    assert torchvision  # imported first, in the way above
    import timm

    return timm


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--refresh` writes the documents that show output anew, instead of comparing them."""
    parser.addoption("--refresh", action="store_true", help="write README blocks and reports anew")


@pytest.fixture
def refresh(request: pytest.FixtureRequest) -> bool:
    """Whether documents are to be written anew."""
    return bool(request.config.getoption("--refresh"))
