"""Into specs: a PyTorch module is traced, its operators become layers, and these are written as a spec.

A SOURCE names a module: `torchvision.models:resnet50`, `path/net.py:Net`, `net.pt2`. Its Python code runs
only because the user has named it. This door opens without torch; the first import of a module needs it.
"""

from cnncost.convert.reader import import_module, import_source, register
from cnncost.convert.sources import Source, arguments_of, frozen_inputs, is_source

__all__ = [
    "Source",
    "arguments_of",
    "frozen_inputs",
    "import_module",
    "import_source",
    "is_source",
    "register",
]
