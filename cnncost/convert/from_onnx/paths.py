"""The modules that the nodes of an ONNX file come from: what exporters leave of their names."""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Container, Sequence
from typing import Any


def paths_of(nodes: Sequence[Any], held: Container[str]) -> tuple[list[str], dict[str, str]]:
    """The module of each node, and the class of each module: the one that the file names, or a likely name.

    `held` are the names of the file's tensors: the weights of `conv1.weight` say more than a node's name.
    """
    classes: dict[str, str] = {}
    named = []
    for node in nodes:
        path = noted(node, classes)
        named.append(owner(node, held) or (scoped(node.name) if path is None else path))
    while first := common_start(named):
        named = [path.removeprefix(first).removeprefix(".") for path in named]
    return called_again(named), classes or likely_classes(named)


def owner(node: Any, held: Container[str]) -> str:
    """The module whose weights a node takes, by their name."""
    if node.op_type not in ("Conv", "ConvTranspose", "Gemm", "MatMul"):
        return ""
    found = (name for name in node.input if name in held and name.endswith(".weight"))
    return next(found, "").rpartition(".")[0]


def called_again(paths: Sequence[str]) -> list[str]:
    """The later calls of a module without others in it, numbered: `relu`, `relu_1`."""
    outer = {path[:end] for path in paths for end, letter in enumerate(path) if letter == "."}
    calls: dict[str, int] = {}
    found: list[str] = []
    for path, before in zip(paths, ["", *paths], strict=False):
        if path and path != before and path not in outer:
            calls[path] = calls.get(path, -1) + 1
        found.append(f"{path}_{calls[path]}" if calls.get(path) else path)
    return found


def noted(node: Any, classes: dict[str, str]) -> str | None:
    """The module that torch's newer exporter notes for a node; its class is added to `classes`."""
    notes = {entry.key: entry.value for entry in node.metadata_props}
    scopes = listed(notes.get("pkg.torch.onnx.name_scopes", ""))[:-1]
    kinds = listed(notes.get("pkg.torch.onnx.class_hierarchy", ""))
    if not scopes:
        return None
    for scope, kind in zip(scopes, kinds, strict=False):
        classes.setdefault(scope, kind.rpartition(".")[2])
    return scopes[-1]


def listed(text: str) -> list[str]:
    """A list of words that was written as text."""
    with contextlib.suppress(ValueError, SyntaxError):
        return [str(word) for word in ast.literal_eval(text)] if text else []
    return []


def scoped(name: str) -> str:
    """`/layer1/layer1.0/conv1/Conv` is in `layer1.0.conv1`.

    A part that begins with the one before replaces it.
    """
    path: list[str] = []
    for part in name.strip("/").split("/")[:-1]:
        if path and part.startswith(f"{path[-1]}."):
            path[-1] = part
        else:
            path.append(part)
    return ".".join(path)


def common_start(paths: Sequence[str]) -> str:
    """What all names start with, as `model/`; nothing for torch's, whose parts mean something."""
    firsts = {path.partition(".")[0] for path in paths}
    return firsts.pop() if len(firsts) == 1 and len(paths) > 1 and any("." in path for path in paths) else ""


def likely_classes(paths: Sequence[str]) -> dict[str, str]:
    """A class for each module that has others in it: `Block` for one of a numbered list."""
    children: dict[str, set[str]] = {}
    for path in paths:
        parts = path.split(".")
        for end in range(1, len(parts)):
            children.setdefault(".".join(parts[:end]), set()).add(parts[end])
    classes = {}
    for path in {*paths, *children}:
        inner, last = children.get(path, set()), path.rpartition(".")[2]
        if inner and all(part.isdigit() for part in inner):
            continue  # a list of others
        word = re.sub(r"[\W\d]+", "_", last).strip("_")
        classes[path] = "".join(part[:1].upper() + part[1:] for part in word.split("_")) or "Block"
    return classes
