"""The networks of the catalogue, built and counted: what `cnncost list` shows."""

from __future__ import annotations

import re
from collections.abc import Collection, Container
from copy import deepcopy
from fractions import Fraction
from typing import Any

from cnncost.comparison.accuracy import IMAGENET, shown_error
from cnncost.count.profile import Known, Totals, sample_totals
from cnncost.dims import Shape
from cnncost.errors import CnncostError, NameUnknown, did_you_mean, shown
from cnncost.network.builder import build
from cnncost.network.catalogue import chosen_specs, networks_of
from cnncost.spec.expression import shorten
from cnncost.spec.structure import Spec

SORTS = {
    "name": "name",
    "family": "family",
    "year": "year",
    "params": "params",
    "macs": "macs",
    "error": "top1_error",
}
"""What a list can be sorted by, with the key of the entries."""


FLOAT32 = 4
"""Bytes of a parameter."""


def check_years(years: object) -> None:
    """Refuse what contains no years.

    Raises:
        CnncostError: how years are given.
    """
    if years is not None and not hasattr(years, "__contains__"):
        raise CnncostError(f"years are several, such as [2014] or range(2014, 2017), not {shown(years)}")


def check_limit(name: str, limit: object) -> None:
    """Refuse a limit that is no number.

    Raises:
        CnncostError: how it is written.
    """
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, (int, float, Fraction))):
        raise CnncostError(f"{name} is a number, such as 10_000_000, not {shown(limit)}")


def names(
    families: Collection[str] = (), years: Container[int | None] | None = None, matching: Collection[str] = ()
) -> list[str]:
    """The names of the catalogue's networks, by year and family; no network is built for them."""
    return [name for _, name in chosen(families, years, matching)]


def chosen(
    families: Collection[str], years: Container[int | None] | None, matching: Collection[str]
) -> list[tuple[Spec, str]]:
    """The networks of some families and years that match, each with its spec.

    Raises:
        NameUnknown: no such family, or nothing matches.
    """
    check_years(years)
    specs = chosen_specs(families, years.__contains__ if years is not None else None)
    found = [(spec, name) for spec in specs for name in networks_of(spec) if matches(spec, name, matching)]
    if specs and not found:
        typed = " ".join(matching)
        known = [name for spec in specs for name in (spec.name, *networks_of(spec))]
        hint = did_you_mean(typed, known, cutoff=0.72)
        if len(matching) > 1 and not hint:
            hint = "; a network must have all of these words"
        hint = hint or "; `cnncost list` shows all"
        raise NameUnknown(f"no network of the catalogue matches `{shorten(typed)}`{hint}")
    return found


def matches(spec: Spec, name: str, words: Collection[str]) -> bool:
    """Whether a network has all words: in its name, family, aliases or title, or as authors or year."""
    if not words:
        return True
    also = (alias for alias, network in spec.aliases.items() if network == name)
    names = searchable(" ".join((name, spec.name, *also)))
    whole = searchable(f"{names} {' '.join(spec.paper.values())}").split()

    def has(part: str) -> bool:
        begins = f" {part}" in f" {searchable(spec.title)}"
        return part in whole or (len(part) > SHORT and (begins or part in names.replace(" ", "")))

    return all(has(part) for word in words for part in searchable(word).split())


SHORT = 2
"""A word of at most this many letters must match a whole word: `v3`, `se`, `he`."""


def searchable(text: str) -> str:
    """A text in small letters, its words separated by spaces."""
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def networks(
    families: Collection[str] = (),
    years: Container[int | None] | None = None,
    max_params: Fraction | int | None = None,
    max_macs: Fraction | int | None = None,
    sort: str | None = None,
    reverse: bool = False,
    matching: Collection[str] = (),
    memory: bool = False,
) -> list[dict[str, Any]]:
    """The networks of the catalogue, as plain data.

    Args:
        families: only networks of these; of all families if there are none.
        years: only networks whose paper is of one of these years: ``range(2014, 2017)``.
        max_params: only networks with at most this number of parameters.
        max_macs: only networks with at most this number of multiply-adds.
        sort: a key of SORTS; by year and family if left out.
        reverse: the largest or latest first.
        matching: words that the name, family, title or an alias has, or that are an author or the year.
        memory: also what inference and a training step with SGD need, for one sample in float32.

    Raises:
        CnncostError: no such family, nothing to sort by, or nothing that matches.
    """
    if sort is not None and sort not in SORTS:
        hint = did_you_mean(sort, SORTS) or f"; there are {', '.join(SORTS)}"
        raise CnncostError(f"networks cannot be sorted by `{sort}`{hint}")
    check_limit("max_params", max_params)
    check_limit("max_macs", max_macs)
    known: Known = {}  # between the networks of one list
    entries = (entry(spec, name, known) for spec, name in chosen(families, years, matching))
    kept = [
        one
        for one in entries
        if (max_params is None or one["params"] <= max_params)
        and (max_macs is None or one["macs"] <= max_macs)
    ]
    if memory:
        kept = [{**one, **memory_of(one["name"])} for one in kept]
    return ordered(kept, sort and SORTS[sort], reverse)


def memory_of(name: str) -> dict[str, int]:
    """What a network needs to run and to train."""
    from cnncost.count.memory import memory_use  # for this column only: a list starts faster without
    from cnncost.network.catalogue import load

    run, train = (memory_use(load(name), train=train) for train in (False, True))
    return {"peak_memory_bytes": run.total_bytes, "training_memory_bytes": train.total_bytes}


COUNTED: dict[tuple[Spec, str], tuple[Totals, Any, Shape]] = {}
"""What was counted of the catalogue's networks, which do not change: their totals and inputs."""


def entry(spec: Spec, name: str, known: Known) -> dict[str, Any]:
    """One network of a spec: built and counted; `known` as in `sample_totals`."""
    if (spec, name) not in COUNTED:
        graph = build(spec, name if name in spec.variants else None)
        COUNTED[spec, name] = sample_totals(graph, known), graph.input_sizes, graph.input_shape
    totals, input_sizes, input_shape = COUNTED[spec, name]
    error = shown_error(spec, name)
    top1 = error if error and error.top1 is not None else None
    return {
        "name": name,
        "family": spec.name,
        "year": spec.year,
        "params": totals.params,
        "macs": totals.macs,
        "macts": totals.macts,
        "params_bytes": FLOAT32 * totals.params,
        "input": deepcopy(input_sizes),
        "top1_error": float(top1.error) if top1 else None,
        "top1_data_set": top1.data_set if top1 else None,
        "top1_source": top1.source if top1 else None,
        "top1_input": list(top1.fact.terms.get("input") or input_shape) if top1 else None,
        "errors": error.to_dict() if error else None,
        "title": spec.title,
        "paper": dict(spec.paper),
        "aliases": [alias for alias, network in spec.aliases.items() if network == name],
    }


def ordered(entries: list[dict[str, Any]], key: str | None, reverse: bool) -> list[dict[str, Any]]:
    """The networks sorted; those without a value come last.

    Errors are sorted for each data set, ImageNet's first, as errors on different data do not compare.
    """
    if key is None:
        return entries[::-1] if reverse else entries
    known = [one for one in entries if one[key] is not None]
    known.sort(key=lambda one: (natural(one[key]), natural(one["name"])), reverse=reverse)
    if key == "top1_error":
        known.sort(key=lambda one: (one["top1_data_set"] != IMAGENET, one["top1_data_set"]))
    return known + [one for one in entries if one[key] is None]


def natural(value: Any) -> Any:
    """A key that puts resnet50 before resnet101; numbers stay numbers."""
    if not isinstance(value, str):
        return value
    return [(part.isdigit(), int(part) if part.isdigit() else part) for part in re.split(r"(\d+)", value)]
