"""How SOURCEs and modules are read: by the catalogue, the command, and in Python. It needs torch then."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cnncost.convert.sources import Source, arguments_of, frozen_inputs, is_onnx, is_source
from cnncost.dims import Inputs
from cnncost.errors import CnncostError
from cnncost.network import catalogue
from cnncost.spec.structure import Spec

if TYPE_CHECKING:
    from cnncost.convert.conversion import Conversion


class ModuleReader:
    """Reads for the catalogue what is no spec: SOURCEs, and modules and ONNX models given in Python."""

    def accepts(self, network: object) -> bool:
        """Whether this is a SOURCE, a PyTorch module or an ONNX model."""
        return is_source(network) or is_module(network) or is_model(network)

    def spec(self, network: Any, input: Inputs | None, params: Mapping[str, Any] | None) -> Spec:
        """The spec that it becomes."""
        if not isinstance(network, str):
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


def is_model(network: object) -> bool:
    """Whether this is an ONNX model, without importing onnx."""
    kind = type(network)
    return kind.__module__.partition(".")[0] == "onnx" and kind.__name__ == "ModelProto"


@lru_cache(maxsize=8)
def import_source(source: Source) -> Conversion:
    """The conversion of a SOURCE. Its code runs here.

    Raises:
        CnncostError: no such code, it fails, or torch cannot trace it.
    """
    if is_onnx(source.name):
        require_onnx()
        from cnncost.convert.from_onnx.loading import load as load_onnx

        return load_onnx(source)
    require_torch()
    from cnncost.convert.loading import load

    return load(source)


def import_module(module: Any, input: Inputs | None = None, name: str = "") -> Conversion:
    """The conversion of a PyTorch module or an ONNX model, for an input of this shape.

    Raises:
        CnncostError: torch cannot trace it, or the model is wrong.
    """
    if is_model(module):
        from cnncost.convert.from_onnx.loading import imported

        return imported(module, frozen_inputs(input))
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


def require_onnx() -> None:
    """Refuse where the onnx package is missing.

    Raises:
        CnncostError: it is.
    """
    try:
        import onnx  # noqa: F401  (asked for once, so that its absence is one clear error)
    except ImportError:
        raise CnncostError("onnx is not installed: pip install 'cnncost[onnx]'") from None
