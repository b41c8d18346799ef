"""Printed numbers compared and explained, and charts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from cnncost import charts, deviation, published
from cnncost.api.profiles import Counting, NetworkLike, profile
from cnncost.api.results import Shown
from cnncost.count.profile import NetworkCost
from cnncost.dims import Inputs
from cnncost.errors import CnncostError, shown

if TYPE_CHECKING:
    from cnncost.tables.table import Content


class AuditResult(Shown, published.Audit):
    """Printed figures with their statuses, with ways to show them."""

    def content(self, format: str = "terminal") -> Content:
        """What does not match; in formats for files every figure."""
        from cnncost.views.audit import audit_document

        in_file = format != "terminal"
        return audit_document(self, every=in_file, tables=in_file)


class DiagnosisResult(Shown, deviation.Diagnosis):
    """Numbers given for a network and the causes of wrong ones, with ways to show them."""

    view = "diagnosis.diagnosis_document"


def audit(name: str | None = None) -> AuditResult:
    """Compare what lectures and papers print with what is computed.

    Args:
        name: a network, a family or a path to a YAML spec; every figure if left out.

    Raises:
        CnncostError: nothing has this name.

    >>> audit("alexnet").failed
    False
    """
    return AuditResult.from_plain(published.audit(published.cells_of(name)))


def diagnose(
    network: NetworkLike | NetworkCost,
    *numbers: str,
    at: str = "",
    most: int = 2,
    limit: int = 5,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
    **counting: Unpack[Counting],
) -> DiagnosisResult:
    """Find small differences that explain printed numbers.

    Args:
        network: a network as in `profile`, or a profile.
        numbers: as printed: ``"macs=13.6G"`` for the network, ``"conv1.params=34848"`` for a layer.
        at: the layer, stage or range (``"..pool3"``) of the numbers that name no layer.
        most: the largest number of deviations in one cause, 1 or 2.
        limit: the largest number of causes.
        input: a shape (C, H, W) instead of the spec's own.
        params: values instead of the spec's params.
        counting: convention, batch, dtype and train, as in `profile`; not for a profile.

    Raises:
        CnncostError: no number, or one that cannot be read.

    >>> diagnose("alexnet", "conv1.params=34848").causes[0].sentence
    '34,848 leaves out the 96 biases'
    """
    if not numbers:
        raise CnncostError("give a number to explain, such as macs=13.6G or conv1.params=34848")
    if wrong := [number for number in numbers if not isinstance(number, str)]:
        raise CnncostError(f'write a number as a text, such as "macs=13.6G", not {shown(wrong[0])}')
    cost = network
    if not isinstance(cost, NetworkCost):
        cost = profile(cost, input=input, params=params, **counting)
    pairs = [number.partition("=") for number in numbers]
    totals = {name.strip(): text for name, _, text in pairs if "." not in name}
    named = [number for number in numbers if "." in number.partition("=")[0]]
    givens = list(deviation.read_givens(totals, at, named, cost.convention.kilo))
    return DiagnosisResult.from_plain(deviation.diagnose(cost, givens, most, limit))


def chart(
    kind: str,
    *networks: NetworkLike | NetworkCost,
    path: str | os.PathLike[str] | None = None,
    theme: str = "light",
    quantity: str | None = None,
    over: str | None = None,
    layer: str | None = None,
    depth: int | None = None,
    device: str | None = None,
    top: int | None = None,
    family: str | None = None,
    sources: bool | None = None,
    width: str | float | None = None,
    font_size: float | None = None,
    title: bool = True,
    style: str | os.PathLike[str] | None = None,
    dpi: int = 200,
    input: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
    **counting: Unpack[Counting],
) -> Any:
    """Draw a chart of networks as a matplotlib Figure.

    Args:
        kind: one of `cnncost.charts.KINDS`: layers, versus, bubble, depth, bars, receptive, …
        networks: as in `profile`; none for the whole catalogue, where a kind can show it.
        path: also write the chart to this file: .png, .svg, .pdf or .pgf.
        theme: light or dark.
        quantity: what to show, in charts of one quantity.
        over: what a `scaling` chart varies: ``"input=128,160,192"``.
        layer: the layer or stage to show.
        depth: group rows by the first N parts of layer names.
        device: a measured device, or ``"FLOP/s,bytes/s"``, for `roofline`; several with ``;``.
        top: show only so many networks, for `bars`.
        family: the networks of this family, for `bars`.
        sources: list the sources of printed figures below the chart, for `bubble` and `pareto`.
        width: column, page, slide, a length such as ``"3.3in"``, or inches; text has a size that fits.
        font_size: of the text in points; the smallest text has 5/6 of it.
        title: whether title and note are in the picture.
        style: a style file of matplotlib.
        dpi: pixels per inch of a PNG.
        input: a shape (C, H, W) instead of each spec's own.
        params: values instead of each spec's params.
        counting: convention, batch, dtype and train, as in `profile`.

    Raises:
        CnncostError: an unknown kind, too few or too many networks, or something the kind cannot show.

    >>> figure = chart("layers", "alexnet")
    >>> len(figure.axes)
    3
    """
    given: dict[str, Any] = {"quantity": quantity, "over": over, "layer": layer}
    given |= {"depth": depth, "device": device, "top": top, "family": family, "sources": sources}
    changes: dict[str, Any] = {"input": input, "params": params, **counting}
    written = {("set" if key == "params" else key): value for key, value in {**given, **changes}.items()}
    charts.check_options(kind, [key for key, value in written.items() if value is not None])
    named = {str(getattr(network, "name", network)): network for network in networks}
    look, inches = charts.look(theme, width, font_size, None if style is None else Path(style))

    def profiled(name: str) -> NetworkCost:
        network = named.get(name, name)
        return network if isinstance(network, NetworkCost) else profile(network, **changes)

    request = charts.Request(
        *(tuple(named), profiled, look), **given, width=inches, title=title, options=changes
    )
    figure = charts.figure(kind, request)
    if path is not None:
        charts.save(figure, Path(path), look, dpi)
    return figure
