"""The errors that are published of networks: measured on which data, printed by whom, tested how."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from cnncost.dims import product
from cnncost.errors import CnncostError
from cnncost.network.builder import build
from cnncost.network.catalogue import chosen_specs
from cnncost.network.graph import Graph
from cnncost.spec.facts import Fact
from cnncost.spec.structure import Spec

IMAGENET = "ImageNet"
IMAGENET_CLASSES = 1000
SEVERAL = re.compile(r"\b(\d+|several) (crops|scales|networks)\b")
"""What a source says of a test that takes more than one look at an image: `(10 crops)`."""


@dataclass(frozen=True)
class Measured:
    """An error of a network: the fact that prints it, in its spec."""

    spec: Spec
    fact: Fact

    @property
    def name(self) -> str:
        """The network's name."""
        return self.fact.network

    @property
    def error(self) -> Fraction:
        """The error rate, in percent."""
        return self.fact.error

    @property
    def source(self) -> str:
        """Who prints it, and how it was tested where the source says so."""
        return self.fact.source

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


def first_error(spec: Spec, network: str) -> Fact | None:
    """The first error that a spec's facts have of a network, of one guess (top-1), on whichever data."""
    for fact in spec.facts:
        if fact.network == network and fact.measured and not fact.quantity.startswith("top5_"):
            return fact
    return None


def imagenet_error(spec: Spec, network: str, guesses: str = "top1") -> Measured | None:
    """A network's top-1 or top-5 error on ImageNet, from the source that is best to compare by.

    One look at an image comes before several; then the source that has the most networks of the
    catalogue, so that as many as can be were measured alike; then the order of the facts.
    """
    found = [fact for fact in spec.facts if fact.network == network and is_of(fact, guesses)]
    if not found:
        return None
    shared = networks_of_sources(guesses)
    return Measured(spec, min(found, key=lambda f: (bool(SEVERAL.search(f.source)), -shared[f.source])))


def is_of(fact: Fact, guesses: str) -> bool:
    """Whether a fact is an error or an accuracy of so many guesses: `top1`, `top5`."""
    return fact.quantity in (f"{guesses}_error", f"{guesses}_accuracy")


@lru_cache(maxsize=2)
def networks_of_sources(guesses: str) -> Counter[str]:
    """Of how many networks of the catalogue each source prints such an error."""
    pairs = {(f.source, f.network) for spec in chosen_specs() for f in spec.facts if is_of(f, guesses)}
    return Counter(source for source, _ in pairs)


def imagenet_graph(measured: Measured) -> Graph:
    """The network of an error on ImageNet, as it was tested.

    Raises:
        CnncostError: what the catalogue has is another network than was tested: it has other classes.
    """
    graph = measured.graph()
    classes = product(graph.by_name[graph.output].out_shape)
    if classes != IMAGENET_CLASSES:
        raise CnncostError(
            f"{measured.name} has {classes} outputs, it was tested with ImageNet's {IMAGENET_CLASSES}"
        )
    return graph


def lettered(sources: Iterable[str]) -> dict[str, str]:
    """A letter for each source, those that occur most often first: `a`, `b`, …, `z`, `aa`."""
    counted = Counter(sources)
    ranked = sorted(counted, key=lambda source: (-counted[source], source))
    return {source: letters(number) for number, source in enumerate(ranked)}


def letters(number: int) -> str:
    """0 as `a`, 25 as `z`, 26 as `aa`."""
    rest, last = divmod(number, 26)
    return (letters(rest - 1) if rest else "") + "abcdefghijklmnopqrstuvwxyz"[last]
