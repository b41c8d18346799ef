"""What an import found: how it compares with its source, and which operators are of unknown cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncost import numbers
from cnncost.convert.conversion import Conversion
from cnncost.views.verification import value_text

MOST = 5
"""The most differences that are shown to people."""


def notes(found: Conversion) -> Iterator[str]:
    """The sentences that follow an import."""
    yield from (f"{remark}." for remark in found.remarks)
    checked, compared = found.checked, found.checked.compared
    lines = len(found.spec.text.strip().splitlines())
    yield f"{found.graph.name}: {compared['shapes']} layers in {lines} lines."
    if not checked.different:
        yield agreement(found)
    for difference in checked.different[:MOST]:
        ours, theirs = value_text(difference.ours), value_text(difference.theirs)
        where = SOURCES[found.library]
        yield f"different: {difference.quantity} of {difference.what}: cnncost {ours}, {where} {theirs}"
    if len(checked.different) > MOST:
        yield f"{len(checked.different) - MOST} more differences; --format json has them all."
    if checked.idle:
        size = numbers.human(checked.idle_params)
        yield f"Not used in inference, and left out: {len(checked.idle)} parameters of {size} values."
    if found.unknown:
        yield f"Of unknown cost, so that totals are at least what is shown: {', '.join(found.unknown)}."


SOURCES = {"torch": "torch", "onnx": "the file"}
"""What an import is compared with, in words."""


OPERATORS = {"torch": "aten", "onnx": "onnx"}
"""Whose operators are listed as unknown."""


def agreement(found: Conversion) -> str:
    """What is the same here and in the source; an ONNX file says no multiply-adds, but another tool may."""
    compared, counted = found.checked.compared, ""
    if found.library == "torch" or "onnx-tool" in compared:
        counted = f", {numbers.human(compared['macs'])} multiply-adds"
    tool = " and by onnx-tool" if "onnx-tool" in compared else ""
    return (
        f"The same as in {SOURCES[found.library]}{tool}: {compared['parameters']} parameters, "
        f"{compared['shapes']} output shapes{counted}."
    )


def to_dict(found: Conversion) -> dict[str, Any]:
    """What JSON writes."""
    checked = found.checked
    return {
        "schema": 1,
        "name": found.graph.name,
        "input": found.graph.input_sizes,
        "params": params_of(found),
        "macs": checked.compared["macs"],
        "nodes": len(found.graph.nodes),
        "unknown": [f"{OPERATORS[found.library]}.{name}" for name in found.unknown],
        "checked": checked.compared,
        "different": [
            {"quantity": d.quantity, "what": d.what, "cnncost": d.ours, found.library: d.theirs}
            for d in checked.different
        ],
        "unused": list(checked.idle),
    }


def params_of(found: Conversion) -> int:
    """The parameters of the network."""
    from cnncost.count.profile import profile_graph

    return int(profile_graph(found.graph).totals.params)
