"""Many networks: the catalogue's, several side by side, what differs between two, sweeps over sizes."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from fractions import Fraction
from typing import Any, Unpack

from cnncost import comparison
from cnncost.api.profiles import Counting, NetworkLike, profile
from cnncost.api.results import Shown, ShownTable
from cnncost.comparison import listing, reconciliation
from cnncost.count.profile import NetworkCost
from cnncost.dims import Inputs
from cnncost.errors import CnncostError
from cnncost.network.catalogue import load
from cnncost.space import sweep as sweeping


class NetworkList(Shown, list[dict[str, Any]]):
    """Networks of the catalogue: a list of dictionaries with name, family, params, macs and errors."""

    view = "network_list.table"


class ComparisonResult(Shown, comparison.Comparison):
    """Networks side by side, with ways to show them."""

    view = "comparison.totals"

    def plot(self, kind: str | None = None, **options: Any) -> Any:
        """A chart of the networks as a matplotlib Figure: up to four next to each other, more as bars."""
        from cnncost import chart

        profiles = [entry.profile for entry in self.entries]
        return chart(kind or ("versus" if 2 <= len(profiles) <= 4 else "bars"), *profiles, **options)

    def stages_table(self) -> ShownTable:
        """The stages, aligned: the table of ``cnncost compare --stages``."""
        from cnncost.views.comparison_stages import stages

        return ShownTable(stages(self))


class DifferenceResult(Shown, comparison.Difference):
    """What differs between two networks, with ways to show it."""

    view = "difference.document"


class ReconciliationResult(Shown, reconciliation.Reconciliation):
    """What tools count for a network, with ways to show it."""

    view = "reconciliation.table"


class SweepResult(Shown, sweeping.Curve):
    """A network's totals over a range of values, with ways to show them."""

    view = "sweep.table"


def names(families: Collection[str] | str = (), years: Container[int | None] | None = None) -> list[str]:
    """The names of the catalogue's networks, by year and family.

    Args:
        families: only networks of these families, or of this one; of all if there are none.
        years: only networks whose paper is from one of these years.

    Raises:
        NameUnknown: no such family.

    >>> names(["alexnet"])
    ['alexnet', 'alexnet-lrn', 'alexnet-2012', 'alexnet-torchvision']
    """
    return listing.names(several(families), years)


def several(names: Collection[str] | str) -> Collection[str]:
    """Names; a single one may be given without a list."""
    return [names] if isinstance(names, str) else names


def networks(
    families: Collection[str] | str = (),
    years: Container[int | None] | None = None,
    max_params: Fraction | int | None = None,
    max_macs: Fraction | int | None = None,
    sort: str | None = None,
    reverse: bool = False,
    matching: Collection[str] | str = (),
    memory: bool = False,
    latency: str | None = None,
) -> NetworkList:
    """The catalogue's networks with parameters, multiply-adds, input and published errors.

    Args:
        families: only networks of these families, or of this one; of all if there are none.
        years: only networks whose paper is from one of these years: ``range(2014, 2017)``.
        max_params: only networks with at most this number of parameters.
        max_macs: only networks with at most this number of multiply-adds.
        sort: name, family, year, params, macs or error; by year and family if left out.
        reverse: the largest or latest first.
        matching: only networks with these words in their name, family, title, aliases, authors or year.
        memory: also what inference and a training step with SGD need, for one sample in float32.
        latency: also the latency of one sample in float32 that is predicted for this device.

    Raises:
        CnncostError: no such family, nothing to sort by, or nothing that matches.

    >>> networks(["vgg"], max_macs=12 * 10**9, sort="macs", reverse=True)[0]["name"]
    'vgg13-bn'
    """
    words = several(matching)
    most = (max_params, max_macs)
    found = listing.networks(several(families), years, *most, sort, reverse, words, memory=memory)
    if latency is not None:
        from cnncost.api.latencies import latency as predicted

        found = [{**one, "latency_s": predicted(one["name"], device=latency).seconds} for one in found]
    return NetworkList(found)


def compare(
    *networks: NetworkLike,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
    **counting: Unpack[Counting],
) -> ComparisonResult:
    """Networks side by side: totals, ratios to the first network, stages, published errors.

    Args:
        networks: two or more, as in `profile`.
        input: a shape (C, H, W) instead of each spec's own.
        params: values instead of each spec's params.
        counting: convention, batch, dtype and train, as in `profile`.

    Raises:
        CnncostError: fewer than two networks, or one that cannot be built so.

    >>> found = compare("alexnet", "vgg16")
    >>> round(float(found.ratio(found.entries[1], "params")), 2)
    2.22
    """
    return ComparisonResult.from_plain(comparison.compare(networks, input=input, params=params, **counting))


def diff(
    before: NetworkLike | NetworkCost, after: NetworkLike | NetworkCost, **counting: Unpack[Counting]
) -> DifferenceResult:
    """Which layers differ between two networks, in what, and what each change costs.

    Args:
        before, after: networks as in `profile`, or profiles. A network with other params or another
            input is loaded first: ``cnncost.load("alexnet", params={"classes": 10})``.
        counting: convention, batch, dtype and train, as in `profile`; not for profiles.

    Raises:
        CnncostError: a network cannot be read, or the profiles are counted in different ways.

    >>> diff("resnet50", "resnet101").changes[0].names[:2]
    ('conv4_x.6', 'conv4_x.7')
    """
    old, new = (
        network if isinstance(network, NetworkCost) else profile(network, **counting)
        for network in (before, after)
    )
    return DifferenceResult.from_plain(comparison.difference(old, new))


def sweep(
    network: str,
    over: str,
    *,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
    **counting: Unpack[Counting],
) -> SweepResult:
    """A network's totals for each size of its input, or each value of a parameter of its spec.

    Args:
        network: a catalogue name or a path to a YAML spec.
        over: what varies, and its values: ``"input=128,160,192"``, ``"input=128:512:32"`` (first, last
            and step) or ``"classes=10,100,1000"``.
        input: a shape (C, H, W) instead of the spec's own.
        params: values instead of the spec's other params.
        counting: convention, batch, dtype and train, as in `profile`.

    Raises:
        CnncostError: no such network or parameter, or a value that cannot be used, or no value that fits.
            If only some do not fit, `left_out` has them with the reason.

    >>> [point.totals.macs for point in sweep("vgg16", "input=112,224").points]
    [3876405248, 15470264320]
    """
    curve = sweeping.sweep(network, sweeping.parse_over(over), input=input, params=params, **counting)
    if not curve.points:
        raise CnncostError(f"no value of {over} fits {curve.network}: {curve.left_out[0][1]}")
    return SweepResult.from_plain(curve)


def reconcile(
    network: NetworkLike,
    *,
    tools: Collection[str] | str = (),
    number: str = "",
    quantity: str = "operations",
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
) -> ReconciliationResult:
    """What each tool counts for a network: its multiply-adds plus what the tool adds.

    Args:
        network: as in `profile`.
        tools: only these tools, such as ``["fvcore", "thop"]``; all if there are none.
        number: a printed total, such as ``"4.12G"``: `found` then holds the tools that print it, and how.
        quantity: ``"operations"``, or ``"params"``, ``"activations"`` or ``"memory"`` for what tools print
            of these.
        input: a shape (C, H, W) instead of the spec's own.
        params: values instead of the spec's params.

    Raises:
        CnncostError: an unknown tool or quantity, a text that is no number, or a network that cannot be
            built so.

    >>> [(count.tool, how) for count, how in reconcile("resnet50-v1.5", number="4111514624").found]
    [('thop-old', 'exactly')]
    """
    graph = load(network, input=input, params=params)
    return ReconciliationResult.from_plain(reconciliation.reconcile(graph, several(tools), number, quantity))
