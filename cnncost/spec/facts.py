"""`facts`: the figures that are printed of a spec's networks.

They are data with places. No network is built to read them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import yaml

from cnncost.errors import Place, did_you_mean
from cnncost.numbers import NUMBER
from cnncost.spec.expression import shorten, visible
from cnncost.spec.nodes import NodeReader

PERCENT = re.compile(r"100(\.0*)?|\d{1,2}(\.\d+)?", re.ASCII)

COUNTED = ("params", "macs", "flops", "depth")
MEASURED = re.compile(r"([a-z][a-z0-9]*)(?:_[a-z0-9]+)*_(error|accuracy)\Z")
DATA_SETS = {
    "top1": "ImageNet",
    "top5": "ImageNet",
    "cifar10": "CIFAR-10",
    "cifar100": "CIFAR-100",
    "mnist": "MNIST",
    "svhn": "SVHN",
}
"""The data set that the first word of `top1_error` or `cifar10_error` names; another word is its own name."""

QUANTITIES = (*COUNTED, *(f"{word}_{kind}" for word in DATA_SETS for kind in ("error", "accuracy")))
TERMS = (
    "input", "params", "convention", "biases", "train", "at", "only", "value",
    "unit", "kilo", "significant", "digits", "holds",
)  # fmt: skip
"""How a figure counts: keys of a claim; `published.claim.Claim` explains them."""

CHANGES = (*TERMS, "network")
"""What can be different in a change: another network too, of the catalogue or of the same spec."""

SENTENCES = ("printed", "because", "change", "alone")
TESTED = ("input", "params", "crops", "note")
"""How a network was tested, where that is not the usual way: on a larger input, with other params, with the
answers of several crops of an image averaged. A `note` is for the reader."""


@dataclass(frozen=True, eq=False)
class Fact:
    """A figure that `source` prints of a network, as printed.

    `terms` say what is counted or tested, where it is not the whole network with its own params.
    `because` says why our figure differs, and `change` gives the terms under which it does not; `alone` says
    why that holds for this figure and not for the others of its source.
    """

    source: str
    network: str
    quantity: str
    printed: str
    place: Place
    because: str = ""
    change: Mapping[str, Any] | None = None
    terms: Mapping[str, Any] = field(default_factory=dict)
    alone: str = ""

    @property
    def measured(self) -> bool:
        """Whether it is measured on a trained network: an error rate, an accuracy."""
        return self.quantity not in COUNTED

    @property
    def data_set(self) -> str | None:
        """What it was measured on: `ImageNet` for top1_error and top5_error, `CIFAR-10` for cifar10_error."""
        word = match[1] if (match := MEASURED.match(self.quantity)) else None
        return DATA_SETS.get(word, word) if word else None

    @property
    def note(self) -> str:
        """How it was tested, and what else to know: `average of 10 crops`."""
        crops = self.terms.get("crops")
        return "; ".join(filter(None, (crops and f"average of {crops} crops", self.terms.get("note"))))

    @property
    def error(self) -> Fraction:
        """An error rate in percent, of an accuracy what is left to 100."""
        printed = Fraction(self.printed)
        return 100 - printed if self.quantity.endswith("accuracy") else printed


def read_facts(nodes: NodeReader, node: yaml.Node, networks: Collection[str]) -> tuple[Fact, ...]:
    """Source by source, network by network, what is printed."""
    found: list[Fact] = []
    sources: dict[str, str] = {}
    for key, of_source in nodes.definitions(node, "`facts`"):
        source = nodes.prose(key)
        other = sources.setdefault(slug(source), source)
        if not slug(source):
            nodes.wrong(key, f"`{shorten(source)}` cannot be a source: name it in letters or digits")
        elif other != source:
            rule = "letters and digits tell sources apart"
            nodes.wrong(key, f"`{shorten(source)}` reads like `{shorten(other)}`: {rule}")
        for network_key, figures in nodes.definitions(of_source, f"what `{shorten(source)}` prints"):
            network = nodes.scalar(network_key)
            if network not in networks:
                message = f"`{shorten(network)}` is not a network of this spec"
                nodes.wrong(network_key, message + did_you_mean(network, networks))
            for quantity, value in nodes.mapping(figures, f"the figures of `{shorten(network)}`"):
                found += read_fact(nodes, source, network, quantity, value)
    return tuple(found)


def slug(text: str) -> str:
    """A text as part of an id: `DenseNet (k=12)` becomes `densenet-k-12`."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def read_fact(
    nodes: NodeReader, source: str, network: str, key: yaml.Node, value: yaml.Node
) -> Iterator[Fact]:
    """One figure; none, and an error noted, where it is not one."""
    quantity = nodes.scalar(key)
    if quantity in ("error", "accuracy"):
        example = f"top1_{quantity} is ImageNet's, cifar10_{quantity} CIFAR-10's"
        nodes.wrong(key, f"`{quantity}` on what? {example}")
    elif quantity not in COUNTED and not MEASURED.match(quantity):
        listed = f"; there are {', '.join(COUNTED)}, and what ends in _error or _accuracy"
        hint = did_you_mean(quantity, QUANTITIES) or listed
        nodes.wrong(key, f"`{shorten(quantity)}` is not a quantity of a fact{hint}")
    elif isinstance(value, yaml.ScalarNode):
        yield Fact(source, network, quantity, read_printed(nodes, quantity, value), nodes.place(value))
    else:
        given = {nodes.scalar(k): (k, v) for k, v in nodes.mapping(value, f"`{quantity}`")}
        if "printed" not in given:
            nodes.wrong(value, f"`{quantity}` needs `printed`: the number as the source has it")
            return
        check_keys(nodes, quantity, given)
        printed, because, change, alone = (given.get(name, (None, None))[1] for name in SENTENCES)
        assert printed is not None
        yield Fact(
            source,
            network,
            quantity,
            read_printed(nodes, quantity, printed),
            nodes.place(printed),
            nodes.prose(because) if because else "",
            read_change(nodes, change) if change else None,
            {name: plain_data(v) for name, (_, v) in given.items() if name not in SENTENCES},
            nodes.prose(alone) if alone else "",
        )


def read_printed(nodes: NodeReader, quantity: str, node: yaml.Node) -> str:
    """A printed number, kept as it is typed."""
    text = nodes.scalar(node)
    if quantity in COUNTED and not NUMBER.fullmatch(text):
        nodes.wrong(node, f"`{shorten(text)}` is not a number: write it as printed, 25.6M, 3.8e9 or 25557032")
    if quantity not in COUNTED and not PERCENT.fullmatch(text):
        nodes.wrong(node, f"`{shorten(text)}` is not a percentage: write it as printed, 23.85")
    return text


def check_keys(nodes: NodeReader, quantity: str, given: Mapping[str, tuple[yaml.Node, yaml.Node]]) -> None:
    """Note keys that a fact of this quantity does not have, and values in another form than theirs."""
    measured = quantity not in COUNTED
    for name, (key, value) in given.items():
        if measured and name in (*SENTENCES, *TERMS) and name not in ("printed", *TESTED):
            takes = f"it takes the number, {', '.join(TESTED)}, no `{shorten(name)}`"
            nodes.wrong(key, f"`{quantity}` is measured, not counted: {takes}")
        else:
            check_term(nodes, key, value, (*SENTENCES, *(TESTED if measured else TERMS)))
    if "change" in given and "because" not in given:
        message = "a `change` needs a `because`: why the figure differs, in a sentence"
        nodes.wrong(given["change"][0], message)


def read_change(nodes: NodeReader, node: yaml.Node) -> dict[str, Any]:
    """What a change makes different."""
    pairs = nodes.mapping(node, "`change`")
    for key, value in pairs:
        check_term(nodes, key, value, CHANGES)
    return {nodes.scalar(key): plain_data(value) for key, value in pairs}


def check_term(nodes: NodeReader, key: yaml.Node, value: yaml.Node, known: tuple[str, ...]) -> None:
    """Note a key that is unknown, or whose value is not in its form."""
    name = nodes.scalar(key)
    if name not in known:
        nodes.unknown_key(key, "a fact", known)
    elif name not in SENTENCES:
        if isinstance(value, yaml.MappingNode):
            nodes.mapping(value, f"`{name}`")
        fits, form = FORMS.get(name, (is_text, "a text"))
        if not fits(plain_data(value)):
            nodes.wrong(value, f"`{name}` is written as {form}")


def is_text(value: Any) -> bool:
    """Whether a value is a text."""
    return isinstance(value, str)


def is_flag(value: Any) -> bool:
    """Whether a value is true or false."""
    return isinstance(value, bool)


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number, and not a million or more."""
    return type(value) is int and 0 < value < 10**6


def is_flat(value: Any) -> bool:
    """Whether a value is not a mapping, and holds none."""
    return all(map(is_flat, value)) if isinstance(value, list) else not isinstance(value, dict)


FORMS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "input": (
        lambda v: isinstance(v, list) and all(type(n) in (int, str) for n in v),
        "a list of sizes, [3, 299, 299]",
    ),
    "only": (
        lambda v: isinstance(v, list) and all(map(is_text, v)),
        "a list of layer types, [Conv2d, Linear]",
    ),
    "params": (
        lambda v: isinstance(v, dict) and all(map(is_flat, v.values())),
        "params with their values, {width: 64}",
    ),
    "biases": (is_flag, "true or false"),
    "train": (is_flag, "true or false"),
    "kilo": (is_whole, "a whole number"),
    "crops": (is_whole, "a whole number"),
    "significant": (is_whole, "a whole number"),
    "unit": (lambda v: v and type(v) in (int, str), "KB, M or a whole number"),
    "at": (lambda v: v is None or is_text(v), "a text, or null"),
}
"""How a term is written, where it is not a text."""

CONSTANTS = {"true": True, "false": False, "null": None, "none": None}


def plain_data(node: yaml.Node) -> Any:
    """A node as plain data: whole numbers, true, false and null are what they say, the rest texts."""
    if isinstance(node, yaml.SequenceNode):
        return [plain_data(each) for each in node.value]
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): plain_data(value) for key, value in node.value}
    text = visible(str(node.value))
    if isinstance(node, yaml.ScalarNode) and node.style:  # quoted
        return text
    return int(text) if text.isascii() and text.isdigit() else CONSTANTS.get(text.lower(), text)
