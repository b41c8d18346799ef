"""Spec to Graph: params and input are settled, the layers are expanded, and errors get their context."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cnncost.dims import Inputs, Shape
from cnncost.errors import Misfit, SpecError
from cnncost.network.evaluation import place_of
from cnncost.network.expander import Expander
from cnncost.network.graph import Graph, Node
from cnncost.spec.lint import with_others
from cnncost.spec.resolve import inputs_of, resolve_params
from cnncost.spec.structure import Spec


def build(
    spec: Spec,
    variant: str | None = None,
    *,
    input_shape: Inputs | None = None,
    params: Mapping[str, Any] | None = None,
    symbols: bool = False,
) -> Graph:
    """Build a network from its spec.

    Args:
        variant: which of the spec's variants; None for its unchanged params.
        input_shape: (C, H, W) instead of the spec's own; of several inputs, shapes by name.
        params: values instead of the spec's own, after the variant's.
        symbols: let unknown sizes be symbols, for closed forms.

    Raises:
        SpecError: with the place, for whatever does not fit.
    """
    try:
        values = resolve_params(spec, variant, params or {}, symbols)
        inputs = inputs_of(spec, values, input_shape)
        own = input_shape is None
        remarks = tuple(remark for shape in inputs.values() for remark in remarks_on(shape, own))
        expander = Expander(spec, inputs, values, symbols, other_input=input_shape is not None)
        return expanded(expander, variant or spec.name, remarks)
    except SpecError as error:
        raise (error if symbols else with_others(error, spec)) from None


def expanded(expander: Expander, name: str, remarks: tuple[str, ...]) -> Graph:
    """The graph of all layers; remarks on the input are part of the error where a layer does not fit."""
    try:
        outputs = expander.expand_all()
    except RecursionError:
        raise SpecError("blocks and branches nested too deeply", place_of(expander.here)) from None
    except Misfit as error:
        raise Misfit(". ".join((error.message, *remarks)), error.place) from None
    spec, made = expander.spec, expander.wiring
    graph = Graph(
        name,
        next(iter(made.inputs.values())),
        tuple(made.nodes),
        spec.title,
        spec.name,
        spec.year,
        spec.source,
        unfit=tuple(expander.unfit),
        remarks=(*remarks, *first_ones(expander.remarks), *unknown_costs(made.nodes)),
        inputs=made.inputs,
        outputs=outputs,
        blocks=made.blocks,
        functional=tuple(called_as_functions(spec, made.nodes)),
    )
    return graph.marked_as_checked()


def called_as_functions(spec: Spec, nodes: list[Node]) -> Iterator[str]:
    """The nodes that the alias's own model calls as functions, by their type or name."""
    for named in spec.functional:
        found = [n.name for n in nodes if n.type == named or f"{n.name}.".startswith(f"{named}.")]
        if not found:
            raise SpecError(f"`functional` of {spec.alias}: no layer has the type or the name `{named}`")
        yield from found


def unknown_costs(nodes: Iterable[Node]) -> Iterator[str]:
    """A remark if there are layers of unknown cost, which imported networks may have."""
    operators = dict.fromkeys(
        str(getattr(n.layer, "operator", n.type)) for n in nodes if not n.layer.cost_known
    )
    if operators:
        yield f"The cost of {', '.join(operators)} is not known (?): totals are at least what is shown"


def first_ones(remarks: list[str], most: int = 3) -> Iterator[str]:
    """The first remarks on single calls, and how many more there are."""
    yield from remarks[:most]
    if len(remarks) > most:
        yield f"{len(remarks) - most} more calls look like one of PyTorch"


def remarks_on(shape: Shape, own: bool) -> tuple[str, ...]:
    """A remark if the input looks like height × width × channels; cnncost takes channels first.

    The spec's `own` input must look it more: a square of many pixels, as 28×28×1 and 224×224×3.
    """
    if len(shape) != 3 or not all(isinstance(n, int) for n in shape) or not shape[2] <= 4 < min(shape[:2]):
        return ()
    if own and not (shape[0] == shape[1] >= 16 and shape[2] in (1, 3)):
        return ()
    turned = "x".join(map(str, (shape[2], *shape[:2])))
    read = f"The input is read as channels × height × width, so with {shape[0]} channels"
    return (f"{read}; for an image with {shape[2]}, write {turned}",)
