"""A graph as a PyTorch module, to hold the counts against. The only room that imports torch."""

from cnncost.errors import CnncostError

try:
    import torch  # noqa: F401  (asked for here, once, so that its absence is one clear error)
except ImportError:
    raise CnncostError("torch is not installed: pip install 'cnncost[torch]'") from None

from cnncost.measure.build import Network, build, build_layer

__all__ = ["Network", "build", "build_layer"]
