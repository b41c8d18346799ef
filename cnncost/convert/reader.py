"""How SOURCEs and modules are read: by the catalogue, the command, and in Python. It needs torch then."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cnncost.convert.sources import Source, arguments_of, frozen_inputs, is_source
from cnncost.dims import Inputs
from cnncost.errors import CnncostError
from cnncost.network import catalogue
from cnncost.spec.structure import Spec

if TYPE_CHECKING:
    from cnncost.convert.conversion import Conversion


class ModuleReader:
    """Reads for the catalogue what is no spec: SOURCEs, and modules given in Python."""

    def accepts(self, network: object) -> bool:
        """Whether this is a SOURCE or a PyTorch module."""
        return is_source(network) or is_module(network)

    def spec(self, network: Any, input: Inputs | None, params: Mapping[str, Any] | None) -> Spec:
        """The spec that it becomes."""
        if is_module(network):
            if params:
                raise CnncostError("a module takes no params: it is made already")
            return import_module(network, input).spec
        return import_source(Source(network, arguments_of(params), frozen_inputs(input))).spec


def register() -> None:
    """Let the catalogue take SOURCEs and modules."""
    catalogue.register_reader(ModuleReader())


def is_module(network: object) -> bool:
    """Whether this is a PyTorch module, without importing torch: whoever has one has imported it."""
    names = (f"{cls.__module__}.{cls.__name__}" for cls in type(network).__mro__)
    return "torch.nn.modules.module.Module" in names


@lru_cache(maxsize=8)
def import_source(source: Source) -> Conversion:
    """The conversion of a SOURCE. Its code runs here.

    Raises:
        CnncostError: no such code, it fails, or torch cannot trace it.
    """
    require_torch()
    from cnncost.convert.loading import load

    return load(source)


def import_module(module: Any, input: Inputs | None = None, name: str = "") -> Conversion:
    """The conversion of a PyTorch module, for an input of this shape.

    Raises:
        CnncostError: torch cannot trace it.
    """
    require_torch()
    from cnncost.convert.loading import converted

    return converted(module, frozen_inputs(input), name or type(module).__name__)


def require_torch() -> None:
    """Refuse where torch is missing.

    Raises:
        CnncostError: it is.
    """
    try:
        import torch  # noqa: F401  (asked for once, so that its absence is one clear error)
    except ImportError:
        raise CnncostError("torch is not installed: pip install 'cnncost[torch]'") from None
