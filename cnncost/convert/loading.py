"""Finds the code of a SOURCE, makes its module without weights, and converts it."""

from __future__ import annotations

import contextlib
import copy
import inspect
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from cnncost import numbers
from cnncost.convert.checking import check
from cnncost.convert.conversion import Conversion
from cnncost.convert.network import network_of
from cnncost.convert.operations import Traced
from cnncost.convert.sources import Given, Source, frozen_inputs
from cnncost.convert.structure import spec_of
from cnncost.convert.tracing import quietly, read, traced
from cnncost.dims import Shape
from cnncost.errors import CnncostError, did_you_mean
from cnncost.measure.counters import first_line
from cnncost.plugins import run_file

WEIGHTS = {"weights": None, "weights_backbone": None, "pretrained": False, "pretrained_backbone": False}
"""Arguments by which libraries load trained weights, and their value for none: a cost needs no weights."""


def load(source: Source) -> Conversion:
    """The conversion of a SOURCE."""
    if source.name.endswith(".pt2"):
        return saved(source)
    return converted(made(source), source.input, source.network)


def converted(module: nn.Module, input: Given, name: str) -> Conversion:
    """A module as a spec, compared with torch."""
    module = without_values(module)
    remarks = []
    if input is None:
        input = (("", likely_input(module)),)
        shown = "x".join(map(str, input[0][1]))
        remarks.append(f"Input {shown} is assumed; another: --input SHAPE")
    return compared(traced(module, input, name), module, tuple(remarks))


def compared(
    trace: Traced, module: nn.Module, remarks: tuple[str, ...] = (), batch: int = 1, device: str = "meta"
) -> Conversion:
    """A traced module as a spec, compared with the module run on a batch of this size."""
    found = network_of(trace)
    spec = spec_of(found.graph, trace.classes)
    return Conversion(spec, found.graph, found.unknown, check(found, module, batch, device), remarks)


def without_values(module: nn.Module) -> nn.Module:
    """A copy of a module whose tensors have shapes but no values; the module itself stays as it is.

    Raises:
        CnncostError: some have no shapes either, those of lazy layers.
    """
    if any(is_lazy(tensor) for tensor in tensors_of(module)):
        raise CnncostError("its lazy layers have no sizes yet: call the module once before it is imported")
    memo: dict[int, Any] = {}
    for tensor in tensors_of(module):
        empty = torch.empty_like(tensor, device="meta", requires_grad=False)
        memo[id(tensor)] = nn.Parameter(empty, False) if isinstance(tensor, nn.Parameter) else empty
    try:
        return copy.deepcopy(module, memo)
    except Exception:  # some modules cannot be copied
        return module


def tensors_of(module: nn.Module) -> Iterator[torch.Tensor]:
    """Every tensor of a module: parameters, buffers, and those that it keeps as plain attributes."""
    for part in module.modules():
        for values in (part._parameters, part._buffers, part.__dict__):
            yield from (value for value in values.values() if isinstance(value, torch.Tensor))


def likely_input(module: nn.Module) -> Shape:
    """The input that a module most likely takes: what it says, or what its first layer needs.

    Raises:
        CnncostError: nothing says it.
    """
    said = (getattr(module, "default_cfg", None) or {}).get("input_size")
    if said:
        return tuple(said)
    kinds = (nn.Conv2d, nn.Linear, nn.Conv1d, nn.Conv3d, nn.ConvTranspose2d, nn.Embedding, nn.RNNBase)
    parts = [part for part in module.modules() if isinstance(part, kinds)]
    for part in sorted(parts, key=lambda part: isinstance(part, nn.Linear))[:1]:  # it may be listed first
        if isinstance(part, nn.Conv2d):
            return (part.in_channels, 224, 224)
        if isinstance(part, nn.Linear):
            return (part.in_features,)
    raise CnncostError("the shape of its input is not known: give it, as in --input 3x224x224")


def made(source: Source) -> nn.Module:
    """The module that a SOURCE's code makes.

    Raises:
        CnncostError: there is no such code, or it fails.
    """
    found = attribute(source, code(source))
    if isinstance(found, nn.Module):
        if source.arguments:
            raise CnncostError(f"{source.name} is a module already, which takes no --set")
        return found
    if not callable(found):
        raise CnncostError(f"{source.name} is no module and no function that makes one, but {found!r:.60}")
    return called(source, found)


def called(source: Source, make: Any) -> nn.Module:
    """What a class or a function makes: without values where it can, else with its weights at random."""
    given = {**unweighted(make), **dict(source.arguments)}
    try:
        with quietly(), torch.device("meta"):
            module = make(**given)
    except Exception:
        try:
            with quietly():
                module = make(**given)
        except Exception as error:
            raise CnncostError(f"{source.name}: {failure(error)}{hint(make, error)}") from error
    if not isinstance(module, nn.Module):
        raise CnncostError(f"{source.name} makes a {type(module).__name__}, not a PyTorch module")
    return module


def unweighted(make: Any) -> dict[str, Any]:
    """Arguments that keep a function of a library from loading trained weights."""
    with contextlib.suppress(TypeError, ValueError):
        names = inspect.signature(make).parameters
        return {name: none for name, none in WEIGHTS.items() if name in names}
    return {}


def hint(make: Any, error: Exception) -> str:
    """How to give arguments, where some are missing."""
    if isinstance(error, TypeError) and "required" in str(error):
        return "; give them as --set name=value"
    if isinstance(error, TypeError) and "unexpected keyword" in str(error):
        with contextlib.suppress(TypeError, ValueError):
            return f"; it takes {', '.join(inspect.signature(make).parameters)}"
    return ""


def attribute(source: Source, module: Any) -> Any:
    """A class or function of the code, by its name.

    Raises:
        CnncostError: it has none of this name.
    """
    found = module
    for part in source.what.split("."):
        if not hasattr(found, part):
            known = [name for name in dir(found) if not name.startswith("_")]
            raise CnncostError(f"{source.where} has no `{part}`{did_you_mean(part, known)}")
        found = getattr(found, part)
    return found


def code(source: Source) -> Any:
    """The Python module of a SOURCE, imported.

    Raises:
        CnncostError: there is none, or it fails.
    """
    path = source.where
    try:
        with quietly(), importing_from(os.path.dirname(path) if path.endswith(".py") else "."):
            return file_module(source) if path.endswith(".py") else import_module(path)
    except FileNotFoundError as error:
        if error.filename and os.path.realpath(error.filename) != os.path.realpath(path):
            raise CnncostError(f"{source.name}: {failure(error)}; --debug shows where") from error
        raise CnncostError(f"{path}: no such file") from None
    except ModuleNotFoundError as error:
        missing = error.name or path
        if path == missing or path.startswith(f"{missing}."):
            raise CnncostError(
                f"{source.name}: no Python module `{missing}` here; a file is named as file.py:Net"
            ) from None
        raise CnncostError(f"{source.name}: it needs `{missing}`, which is not installed") from error
    except CnncostError:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        raise CnncostError(
            f"{source.name}: cannot be imported: {failure(error)}; --debug shows where"
        ) from error


def file_module(source: Source) -> Any:
    """A file as a module; without a class named, the error says which there are."""
    from pathlib import Path

    path = Path(source.where)
    run_file(path)
    module = sys.modules[f"plugin {path.resolve()}"]
    if not source.what:
        own = [
            n
            for n, v in vars(module).items()
            if isinstance(v, type) and issubclass(v, nn.Module) and v.__module__ == module.__name__
        ]
        named = f": write {source.name}:{own[-1]}" if own else f", as in {source.name}:Net"
        others = f"; there are {', '.join(own)}" if len(own) > 1 else ""
        raise CnncostError(f"{source.name}: name the class or function that makes the network{named}{others}")
    return module


@contextlib.contextmanager
def importing_from(folder: str) -> Iterator[None]:
    """Let an import find what lies in a folder."""
    sys.path.insert(0, os.path.abspath(folder))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(os.path.abspath(folder))


def saved(source: Source) -> Conversion:
    """The conversion of a saved program, on the input that it was exported for.

    Raises:
        CnncostError: there is no such file, or it holds no program.
    """
    if not os.path.isfile(source.name):
        raise CnncostError(f"{source.name}: no such file")
    try:
        with quietly():
            program = torch.export.load(source.name)
    except Exception as error:
        words = "not a program that torch.export.save wrote"
        raise CnncostError(f"{source.name}: {words}: {failure(error)}") from error
    batch = int(program.example_inputs[0][0].shape[0])
    found = read(program, batch, source.network)
    shape = found.inputs[0].shape
    if source.input not in (None, frozen_inputs(shape)):
        raise CnncostError(
            f"{source.name}: exported for an input of {numbers.shape(shape)}, it takes no other"
        )
    return compared(found, program.module(), (), batch, "cpu")


def failure(error: BaseException) -> str:
    """An error of someone's code in one line."""
    return f"{type(error).__name__}: {first_line(error)}"
