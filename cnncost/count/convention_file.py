"""A convention of your own, read from a YAML file:

name: ours
like: macs                            # copies what is not given below; default: nothing
summary: multiply-adds, and a pool's window
source: the third lecture
weights:                              # by layer type, * for all others: of each kind of work, how many count
  MaxPool: {compares: 1}
  Linear: {macs: 1, adds: 1}
biases: false
element_bytes: 4
kilo: 1000
flops_label: MACs
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import yaml

from cnncost.count.convention import Convention
from cnncost.count.sizes import SIZES
from cnncost.errors import did_you_mean
from cnncost.layers import Work, catalogue
from cnncost.spec.nodes import NodeReader
from cnncost.spec.reader import read_text

KINDS = (*Work._fields, *SIZES)
TEXTS = ("name", "summary", "source", "flops_label")
COUNTS = {"element_bytes": 1, "kilo": 1}
"""The keys that are whole numbers, with the smallest that each may be."""


def read_convention(
    path: str | os.PathLike[str], known: Mapping[str, Convention], taken: Collection[str] = ()
) -> Convention:
    """The convention in a YAML file; `known` are those that it can be `like`, `taken` names are refused.

    Raises:
        SpecError: it is none; all errors at once, with their lines.
    """
    return ConventionReader(read_text(path, "a convention"), str(path)).convention(known, taken)


class ConventionReader(NodeReader):
    """Reads the fields of a convention, and collects what is wrong with them."""

    needs = "a convention needs `like` or `weights`"

    def convention(self, known: Mapping[str, Convention], taken: Collection[str] = ()) -> Convention:
        """The convention.

        Raises:
            SpecError: what is wrong, with the place.
        """
        stem = re.sub(r"\.ya?ml$", "", os.path.basename(self.source))
        base, found = Convention(stem, "", self.source, {}), dict[str, Any]()
        root = self.compose()
        pairs = {self.scalar(key): (key, node) for key, node in self.mapping(root, "a convention")}
        for name, (key, node) in pairs.items():
            if name == "like":
                base = self.base(node, base, known)
            elif name in TEXTS:
                found[name] = self.prose(node)
            elif name in COUNTS:
                found[name] = self.count(node, name, COUNTS[name])
            elif name == "biases":
                found[name] = self.yes_or_no(node)
            elif name == "weights":
                found[name] = self.weights(node)
            else:
                keys = ("like", *TEXTS, *COUNTS, "biases", "weights")
                self.wrong(key, f"a convention has no `{name}`{did_you_mean(name, keys)}")
        if not self.errors and not {"like", "weights"} & set(pairs):
            self.wrong(root, self.needs)
        if (name := found.get("name", stem)) in taken:
            at = pairs["name"][1] if "name" in pairs else root
            self.wrong(at, f"cnncost has a convention `{name}` of its own; choose another name")
        if self.errors:
            raise self.collected()
        weights = {**base.weights, **found.get("weights", {})}
        return replace(base, **{**found, "weights": weights})

    def base(self, node: yaml.Node, nothing: Convention, known: Mapping[str, Convention]) -> Convention:
        """The convention from which this one starts."""
        like = self.scalar(node)
        if like not in known:
            hint = f"{did_you_mean(like, known)}; there are {', '.join(known)}"
            self.wrong(node, f"no convention `{like}`{hint}")
            return nothing
        return replace(known[like], name=nothing.name, source=nothing.source)

    def weights(self, node: yaml.Node) -> Mapping[str, Mapping[str, int]]:
        """The weights by layer type."""
        found: dict[str, Mapping[str, int]] = {}
        for key, kinds in self.mapping(node, "`weights`"):
            layer = self.scalar(key)
            if layer != "*" and cost_family(layer) not in (known := set(map(cost_family, catalogue()))):
                self.wrong(key, f"`weights`: no layer type `{layer}`{did_you_mean(layer, known)}")
            found[layer] = self.weights_of_type(kinds, layer)
        return found

    def weights_of_type(self, node: yaml.Node, layer: str) -> dict[str, int]:
        """How many each kind of work counts as, for one layer type."""
        found = {}
        for key, value in self.mapping(node, f"`weights` of {layer}"):
            kind = self.scalar(key)
            if kind not in KINDS:
                known = f"{did_you_mean(kind, KINDS)}; there are {', '.join(KINDS)}"
                self.wrong(key, f"`weights` of {layer}: no work `{kind}`{known}")
            found[kind] = self.count(value, kind)
        return found

    def count(self, node: yaml.Node, name: str, least: int | None = None) -> int:
        """A whole number."""
        text = self.scalar(node)
        if not re.fullmatch(r"-?\d{1,9}", text, re.ASCII) or (least is not None and int(text) < least):
            rule = "a whole number" + (f" from {least}" if least is not None else "")
            self.wrong(node, f"`{name}` must be {rule}, got {text}")
            return 1
        return int(text)

    def yes_or_no(self, node: yaml.Node) -> bool:
        """True or False."""
        text = self.scalar(node)
        if text.casefold() not in ("true", "false"):
            self.wrong(node, f"`biases` must be true or false, got {text}")
        return text.casefold() == "true"


def cost_family(name: str) -> str:
    """A layer type as conventions write it, without axes and kinds: `Upsample` of `Upsample-nearest2d`."""
    return re.sub(r"[123]d$", "", name).partition("-")[0]
