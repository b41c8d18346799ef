"""Compares the memory of every network of the catalogue with PyTorch, and writes what differs.

    python -m tests.memory [--only PATTERN] [--families] [-o reports/memory.md]

With --families, only the smallest network of each family.

Networks run on the meta device, which has shapes but no values: in inference, and for one training step.
Compared are the storages that autograd keeps, one by one, and the largest sum of live storages.
"""

from __future__ import annotations

import argparse
import fnmatch
import sys
import warnings
from pathlib import Path

import cnncost
from tests.memory.networks import BATCH, Found, compared

REASONS = {
    "vmoe": "its twin copies the experts' weights for each token, which no real implementation does",
    "lstm": "torch keeps each step of an LSTM apart; the sum is the same",
}
"""Networks that differ, by the beginning of their names."""


def main() -> None:
    """Compare the networks that are asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="*")
    parser.add_argument("--families", action="store_true")
    parser.add_argument("-o", "--output", type=Path)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    found: dict[str, Found] = {}
    for name in smallest() if arguments.families else cnncost.names():
        if fnmatch.fnmatch(name, arguments.only):
            found[name] = compared(cnncost.load(name))
            print(
                name, difference(*found[name].inference), difference(*found[name].training), file=sys.stderr
            )
    text = report(found, " --families" * arguments.families)
    if arguments.output:
        arguments.output.write_text(text, encoding="utf-8")
    else:
        print(text)


def difference(torchs: int, ours: int) -> float:
    """By how many per cent the count here is larger."""
    return round(100 * (ours / torchs - 1), 2)


def smallest() -> list[str]:
    """The network of each family with the fewest multiply-adds."""
    first: dict[str, str] = {}
    for one in cnncost.networks(sort="macs"):
        first.setdefault(one["family"], one["name"])
    return list(first.values())


def report(found: dict[str, Found], option: str) -> str:
    """A summary, and a row for each network that is not equal in everything."""
    total = len(found)
    kept = [name for name, one in found.items() if one.kept == one.kept_here]
    inference = [name for name, one in found.items() if one.inference[0] == one.inference[1]]
    worst = {name: abs(difference(*one.training)) for name, one in found.items()}
    close = [name for name, size in worst.items() if size <= 1]
    lines = [
        "# Memory, compared with PyTorch\n",
        f"Made by `python -m tests.memory{option} -o reports/memory.md`, batch {BATCH}, meta device.\n",
        f"- Storages that autograd keeps, one by one: equal for {len(kept)} of {total} networks.",
        f"- Peak of inference: equal for {len(inference)} of {total} networks.",
        f"- Peak of a training step: within 1 % for {len(close)} of {total} networks.\n",
        "Per cent are by how much the count here is larger. Networks that are equal, and within 1 % in",
        "training, have no row.\n",
        "| network | kept, torch | kept, here | inference | training | reason |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for name, one in found.items():
        if name in kept and name in inference and name in close:
            continue
        sums = [sum(size * n for size, n in kept.items()) for kept in (one.kept, one.kept_here)]
        shares = f"{difference(*one.inference):+} % | {difference(*one.training):+} %"
        lines.append(f"| {name} | {sums[0]:,} | {sums[1]:,} | {shares} | {reason(name)} |")
    return "\n".join(lines) + "\n"


def reason(name: str) -> str:
    """Why a network differs."""
    return next((why for start, why in REASONS.items() if name.startswith(start)), "")


main()
