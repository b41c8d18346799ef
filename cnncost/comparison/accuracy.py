"""The errors that are published of networks, and which of them is shown.

`list`, `compare` and the charts all show the same one: `shown_error` of a network.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from cnncost import numbers
from cnncost.dims import product
from cnncost.errors import CnncostError
from cnncost.network.builder import build
from cnncost.network.catalogue import chosen_specs
from cnncost.network.graph import Graph
from cnncost.spec.facts import Fact
from cnncost.spec.structure import Spec

IMAGENET = "ImageNet"
IMAGENET_CLASSES = 1000
SEVERAL = re.compile(r"\b(?:\d+|several) (?:crops|scales|networks)\b")
"""What a source says of a test that takes more than one look at an image: `(10 crops)`."""


@dataclass(frozen=True)
class PublishedError:
    """The error of a network in one source; `fact` is the figure in its spec."""

    spec: Spec
    fact: Fact

    @property
    def name(self) -> str:
        """The network's name."""
        return self.fact.network

    @property
    def source(self) -> str:
        """Who prints it, and how it was tested where the source says so."""
        return self.fact.source

    @property
    def data_set(self) -> str:
        """What it was measured on."""
        return self.fact.data_set or ""

    @property
    def error(self) -> Fraction:
        """The error rate, in percent."""
        return self.fact.error

    @property
    def top1(self) -> Fraction | None:
        """The top-1 error; None where the source prints only a top-5 error."""
        return None if has_guesses(self.fact, "top5") else self.error

    @property
    def top5(self) -> Fraction | None:
        """The top-5 error of the same source and test."""
        test = (self.name, self.source, self.fact.terms)
        same_test = (f for f in self.spec.facts if (f.network, f.source, f.terms) == test)
        return next((fact.error for fact in same_test if has_guesses(fact, "top5")), None)

    @property
    def conditions(self) -> tuple[str, ...]:
        """What differs from this network tested with one crop on the spec's own input: `10 crops`."""
        terms = self.fact.terms
        several = SEVERAL.search(self.source)
        looks = f"{terms['crops']} crops" if "crops" in terms else several and several[0]
        shape = f"input {numbers.shape(tuple(terms['input']))}" if "input" in terms else None
        params = (f"{name} {value}" for name, value in terms.get("params", {}).items())
        return tuple(text for text in (looks, shape, *params, terms.get("note")) if text)

    @property
    def described_source(self) -> str:
        """The source with the conditions that it does not say itself."""
        return ", ".join([self.source, *(text for text in self.conditions if text not in self.source)])

    def to_dict(self) -> dict[str, Any]:
        """The error rates in percent, the data set, the source and the conditions, for JSON."""
        rates = {"top1": self.top1, "top5": self.top5}
        return {
            **{name: None if rate is None else float(rate) for name, rate in rates.items()},
            "data_set": self.data_set,
            "source": self.source,
            "conditions": list(self.conditions),
        }

    def graph(self) -> Graph:
        """The network as it was tested: on the fact's input, which may be larger than the spec's."""
        terms = self.fact.terms
        shape = terms.get("input")
        return build(
            self.spec,
            self.name if self.name in self.spec.variants else None,
            input_shape=None if shape is None else tuple(shape),
            params=terms.get("params"),
        )


def shown_error(spec: Spec, network: str) -> PublishedError | None:
    """The error shown with a network's costs.

    The top-1 error on ImageNet, else the first top-1 error on other data, else the top-5 error.
    """
    return (
        imagenet_error(spec, network) or first_error(spec, network) or imagenet_error(spec, network, "top5")
    )


def first_error(spec: Spec, network: str) -> PublishedError | None:
    """The first top-1 error among a spec's facts of a network, on whichever data."""
    for fact in spec.facts:
        if fact.network == network and fact.measured and not fact.quantity.startswith("top5_"):
            return PublishedError(spec, fact)
    return None


def imagenet_error(spec: Spec, network: str, guesses: str = "top1") -> PublishedError | None:
    """A network's top-1 or top-5 error on ImageNet, from the source that is best to compare by.

    One look at an image comes before several, then the spec's own input before another one, then the
    source that has the most networks of the catalogue, so that as many as possible were measured in
    the same way, then the order of the facts.
    """
    found = [fact for fact in spec.facts if fact.network == network and has_guesses(fact, guesses)]
    if not found:
        return None
    counted = networks_of_sources(guesses)
    best = min(
        found, key=lambda f: (has_several_looks(f), bool(f.terms.keys() - {"crops"}), -counted[f.source])
    )
    return PublishedError(spec, best)


def has_several_looks(fact: Fact) -> bool:
    """Whether several crops, scales or networks were averaged."""
    return "crops" in fact.terms or bool(SEVERAL.search(fact.source))


def has_guesses(fact: Fact, guesses: str) -> bool:
    """Whether a fact is an error or an accuracy of `top1` or `top5` on ImageNet."""
    return fact.quantity in (f"{guesses}_error", f"{guesses}_accuracy")


@lru_cache(maxsize=2)
def networks_of_sources(guesses: str) -> Counter[str]:
    """For how many networks of the catalogue each source prints such an error."""
    pairs = {(f.source, f.network) for spec in chosen_specs() for f in spec.facts if has_guesses(f, guesses)}
    return Counter(source for source, _ in pairs)


def imagenet_graph(published: PublishedError) -> Graph:
    """The network of an error on ImageNet, as it was tested.

    Raises:
        CnncostError: the catalogue's network has another number of classes, so it is not what was tested.
    """
    graph = published.graph()
    classes = product(graph.by_name[graph.output].out_shape)
    if classes != IMAGENET_CLASSES:
        raise CnncostError(
            f"{published.name} has {classes} outputs, it was tested with ImageNet's {IMAGENET_CLASSES}"
        )
    return graph


def lettered(sources: Iterable[str]) -> dict[str, str]:
    """A letter for each source, the most frequent first: `a`, `b`, …, `z`, `aa`."""
    counted = Counter(sources)
    ranked = sorted(counted, key=lambda source: (-counted[source], source))
    return {source: letters(number) for number, source in enumerate(ranked)}


def letters(number: int) -> str:
    """0 as `a`, 25 as `z`, 26 as `aa`."""
    rest, last = divmod(number, 26)
    return (letters(rest - 1) if rest else "") + "abcdefghijklmnopqrstuvwxyz"[last]
