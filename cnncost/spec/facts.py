"""`facts`: the figures that are printed of a spec's networks.

They are plain data with places; no network is built for them, and none needs them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
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
"""What can be said of how a figure counts: keys of a claim, which `published.claim.Claim` explains."""

CHANGES = (*TERMS, "network")
"""What can be different in a change: another network too, of the catalogue or of the same spec."""

SENTENCES = ("printed", "because", "change")
TESTED = ("input", "params", "crops", "note")
"""What can be said of how a network was tested, where that is not as it stands: a larger input, the number of
crops of an image whose answers were averaged; and in a `note`, what a reader must know."""


@dataclass(frozen=True, eq=False)
class Fact:
    """A figure that `source` prints of a network, as printed.

    `terms` say what it counts, or what was tested, where that is not the whole network as it stands;
    `because` is why ours differs, and `change` the terms under which it does not.
    """

    source: str
    network: str
    quantity: str
    printed: str
    place: Place
    because: str = ""
    change: Mapping[str, Any] | None = None
    terms: Mapping[str, Any] = field(default_factory=dict)

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
    found = []
    slugs: dict[str, str] = {}
    for source, of_source in nodes.definitions(node, "`facts`"):
        name = nodes.prose(source)
        if not slug(name):
            nodes.wrong(source, f"`{shorten(name)}` cannot be a source: name it in letters or digits")
        elif slug(name) in slugs:
            other = shorten(slugs[slug(name)])
            nodes.wrong(
                source, f"`{shorten(name)}` reads like `{other}`: letters and digits tell sources apart"
            )
        slugs.setdefault(slug(name), name)
        for network, figures in nodes.definitions(of_source, f"what `{shorten(name)}` prints"):
            variant = nodes.scalar(network)
            if variant not in networks:
                message = f"`{shorten(variant)}` is not a network of this spec"
                nodes.wrong(network, message + did_you_mean(variant, networks))
            for quantity, value in nodes.mapping(figures, f"the figures of `{shorten(variant)}`"):
                if (fact := read_fact(nodes, name, variant, quantity, value)) is not None:
                    found.append(fact)
    return tuple(found)


def slug(text: str) -> str:
    """A text as part of an id: `DenseNet (k=12)` becomes `densenet-k-12`."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def read_fact(nodes: NodeReader, source: str, network: str, key: yaml.Node, value: yaml.Node) -> Fact | None:
    """One figure; None, and an error noted, where it is none."""
    quantity = nodes.scalar(key)
    if quantity in ("error", "accuracy"):
        nodes.wrong(
            key, f"`{quantity}` on what? top1_{quantity} is ImageNet's, cifar10_{quantity} CIFAR-10's"
        )
        return None
    if quantity not in COUNTED and not MEASURED.match(quantity):
        listed = f"; there are {', '.join(COUNTED)}, and what ends in _error or _accuracy"
        hint = did_you_mean(quantity, QUANTITIES) or listed
        nodes.wrong(key, f"`{shorten(quantity)}` is not a quantity of a fact{hint}")
        return None
    if isinstance(value, yaml.ScalarNode):
        return Fact(source, network, quantity, number(nodes, quantity, value), nodes.place(value))
    said = {nodes.scalar(k): (k, v) for k, v in nodes.mapping(value, f"`{quantity}`")}
    if "printed" not in said:
        nodes.wrong(value, f"`{quantity}` needs `printed`: the number as the source has it")
        return None
    terms = {name: v for name, (_, v) in said.items() if name not in SENTENCES}
    for name, term in said.items():
        if quantity not in COUNTED and name in (*SENTENCES, *TERMS) and name not in ("printed", *TESTED):
            message = (
                f"`{quantity}` is measured, not counted: "
                f"it takes the number, {', '.join(TESTED)}, no `{shorten(name)}`"
            )
            nodes.wrong(term[0], message)
        else:
            check_term(nodes, *term, (*SENTENCES, *(TERMS if quantity in COUNTED else TESTED)))
    if "change" in said and "because" not in said:
        nodes.wrong(said["change"][0], "a `change` needs a `because`: why the figure differs, in a sentence")
    return Fact(
        source,
        network,
        quantity,
        number(nodes, quantity, said["printed"][1]),
        nodes.place(said["printed"][1]),
        nodes.prose(said["because"][1]) if "because" in said else "",
        change(nodes, said["change"][1]) if "change" in said else None,
        {name: plain(v) for name, v in terms.items()},
    )


def number(nodes: NodeReader, quantity: str, node: yaml.Node) -> str:
    """A printed number, kept as it is typed."""
    text = nodes.scalar(node)
    if quantity in COUNTED and not NUMBER.fullmatch(text):
        nodes.wrong(node, f"`{shorten(text)}` is not a number: write it as printed, 25.6M, 3.8e9 or 25557032")
    if quantity not in COUNTED and not PERCENT.fullmatch(text):
        nodes.wrong(node, f"`{shorten(text)}` is not a percentage: write it as printed, 23.85")
    return text


def change(nodes: NodeReader, node: yaml.Node) -> dict[str, Any]:
    """What a change makes different."""
    pairs = nodes.mapping(node, "`change`")
    for key, value in pairs:
        check_term(nodes, key, value, CHANGES)
    return {nodes.scalar(key): plain(value) for key, value in pairs}


def check_term(nodes: NodeReader, key: yaml.Node, value: yaml.Node, known: tuple[str, ...]) -> None:
    """Only what is known can be said of a figure, and each in its form."""
    name = nodes.scalar(key)
    if name not in known:
        hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
        nodes.wrong(key, f"`{shorten(name)}` is not a key of a fact{hint}")
    elif name not in SENTENCES:
        if isinstance(value, yaml.MappingNode):
            nodes.mapping(value, f"`{name}`")
        fits, written = FORMS.get(name, TEXT)
        if not fits(plain(value)):
            nodes.wrong(value, f"`{name}` is written as {written}")


Form = tuple[Callable[[Any], bool], str]

TEXT: Form = (lambda value: isinstance(value, str), "a text")
TEXT_OR_NONE: Form = (lambda value: isinstance(value, str) or value is None, "a text, or null")
FLAG: Form = (lambda value: isinstance(value, bool), "true or false")
WHOLE: Form = (lambda value: type(value) is int and 0 < value < 10**6, "a whole number")
FORMS: dict[str, Form] = {
    "input": (lambda value: all_are(value, (int, str)), "a list of sizes, [3, 299, 299]"),
    "only": (lambda value: all_are(value, (str,)), "a list of layer types, [Conv2d, Linear]"),
    "params": (
        lambda value: isinstance(value, dict) and all(map(is_flat, value.values())),
        "params with their values, {width: 64}",
    ),
    "biases": FLAG,
    "train": FLAG,
    "kilo": WHOLE,
    "crops": WHOLE,
    "significant": WHOLE,
    "unit": (lambda value: value and type(value) in (int, str), "KB, M or a whole number"),
    "network": TEXT,
    "at": TEXT_OR_NONE,
}
"""How a term is written, where it is no text."""


def all_are(values: Any, kinds: tuple[type, ...]) -> bool:
    """Whether values are a list of these kinds."""
    return isinstance(values, list) and all(type(value) in kinds for value in values)


def is_flat(value: Any) -> bool:
    """Whether a value is no mapping, and holds none."""
    return all(map(is_flat, value)) if isinstance(value, list) else not isinstance(value, dict)


CONSTANTS = {"true": True, "false": False, "null": None, "none": None}


def plain(node: yaml.Node) -> Any:
    """A node as plain data: whole numbers, true, false and null are what they say, the rest texts."""
    if isinstance(node, yaml.SequenceNode):
        return [plain(each) for each in node.value]
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): plain(value) for key, value in node.value}
    text = visible(str(node.value))
    if isinstance(node, yaml.ScalarNode) and node.style:  # quoted
        return text
    if text.isascii() and text.isdigit():
        return int(text)
    return CONSTANTS.get(text.lower(), text)
