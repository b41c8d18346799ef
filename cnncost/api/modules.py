"""PyTorch modules as specs. Needs torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnncost import convert
from cnncost.convert.conversion import Conversion
from cnncost.dims import Inputs


def import_torch(
    module: Any, *, input: Inputs | None = None, params: Mapping[str, Any] | None = None
) -> Conversion:
    """Convert a PyTorch module into a spec, and compare the two. `spec.text` of the result is the YAML.

    Args:
        module: a module, or a SOURCE such as `"torchvision.models:resnet50"`, whose code is run.
        input: the shape of one sample, or of several inputs the shapes by name; a likely one by default.
        params: arguments for the SOURCE's code.

    Raises:
        CnncostError: no such code, it fails, torch cannot trace it, or torch is not installed.
    """
    if isinstance(module, str):
        arguments = convert.arguments_of(params)
        return convert.import_source(convert.Source(module, arguments, convert.frozen_inputs(input)))
    return convert.import_module(module, input)
