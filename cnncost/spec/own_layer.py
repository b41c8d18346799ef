"""Layers of a spec's own: an entry of `types:` is a Layer class whose methods evaluate its expressions.

The class belongs to the spec that defines it. It is not in the catalogue, so two specs can give different
meanings to one name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Never

from cnncost import dims
from cnncost.dims import Shape, Size
from cnncost.errors import CnncostError, Place, ShapeError, SpecError
from cnncost.layers.base import Layer, layer
from cnncost.layers.shapes import Letters, map_axes, one_input
from cnncost.layers.window import Reach, UnknownReach, Whole, Window
from cnncost.layers.work import Work
from cnncost.spec import limits
from cnncost.spec.evaluator import Evaluator
from cnncost.spec.expression import Expression
from cnncost.spec.functions import describe

Sizes = tuple[Expression | None, ...]
"""The sizes of a shape as written; None for `...`, the axes that stay or follow from the window."""

MOST_AXES = 3
"""Spatial axes of an input: a window that is one number holds for as many as there are."""
LEAST = {"kernel": 1, "stride": 1, "padding": 0, "dilation": 1}
"""The keys of a window, with their least values."""
USUAL = {"stride": 1, "padding": 0, "dilation": 1}


class FormulaEvaluator(Evaluator):
    """Evaluates a formula of a type, whose results may be larger than a size."""

    @property
    def largest(self) -> int:
        return limits.WORK


@dataclass(frozen=True, eq=False, repr=False)
class Definition:
    """An entry of `types:` as written: `weights` are learned, `buffers` are not, both by name.

    `sees_all` is `window: whole`: every output sees every position of the input. `inputs` are the names of
    the inputs besides the first.
    """

    name: str
    parameters: tuple[str, ...]
    defaults: Mapping[str, Any]
    place: Place
    title: str = ""
    out: Sizes = (None,)
    weights: Mapping[str, Sizes] = field(default_factory=dict)
    buffers: Mapping[str, Sizes] = field(default_factory=dict)
    work: Mapping[str, Expression] = field(default_factory=dict)
    window: Mapping[str, tuple[Expression, ...]] = field(default_factory=dict)
    sees_all: bool = False
    in_place: bool = False
    inputs: tuple[str, ...] = ()

    @cached_property
    def rules(self) -> Mapping[str, str]:
        """What it says, wherever it is written: equal entries of two specs are the same type of layer."""
        flags = {"window": "whole"} if self.sees_all else {}
        named = {"weights": self.weights, "buffers": self.buffers, "window": self.window}
        return {
            "arguments": ", ".join(f"{name}={self.defaults.get(name, '…')!r}" for name in self.parameters),
            "out": written(self.out),
            **{
                f"{kind} {name}": written(part) for kind, each in named.items() for name, part in each.items()
            },
            **{kind: written(formula) for kind, formula in self.work.items()},
            **flags,
            "in_place": str(self.in_place),
            "inputs": ", ".join(self.inputs),
        }


def sizes_of(name: str, shape: Shape) -> dict[str, Any]:
    """What a formula can name of an input: `in_channels` and `in_shape`, those of `style` for another."""
    return {f"{name}_channels": shape[0], f"{name}_shape": shape}


def written(part: Any) -> str:
    """An expression, or several, as text."""
    if isinstance(part, tuple):
        return f"[{', '.join(map(written, part))}]"
    return "..." if part is None else str(part.text)


class OwnLayer(Layer, abstract=True):
    """A layer that a spec defines by its formulas."""

    definition: ClassVar[Definition]
    twin_name = None
    own_letters = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.definition.window:
            self.__dict__["window"] = self.windows()

    def out_shape(self, *in_shapes: Shape) -> Shape:
        self.check_inputs(in_shapes)
        self.check_axes(in_shapes[0])
        shape = self.shape_of(in_shapes)
        self.weights(*in_shapes)  # what is wrong in them is an error of the layer, as in its output
        self.work(in_shapes, shape)
        return shape

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        names = self.names_for(in_shapes, self.shape_of(in_shapes))
        both = {**self.definition.weights, **self.definition.buffers}
        return {name: tuple(self.sizes(name, sizes, names)) for name, sizes in both.items()}

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        names = self.names_for(in_shapes, out)
        counts = {kind: self.whole(kind, e, names, least=0) for kind, e in self.definition.work.items()}
        usual = {"macts": dims.product(out)} if "macs" in counts else {}
        return Work(**{**usual, **counts})

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...] | None:
        if self.window is not None:
            return (None, *self.window[: len(in_shape) - 1])
        if self.definition.sees_all:
            return (None, *map(Whole, in_shape[1:]))
        if len(out) != len(in_shape) or out[1:] == in_shape[1:]:
            return None
        # an axis that changes, and no window says how: what is pooled to one position sees all
        sizes = zip(in_shape[1:], out[1:], strict=True)
        return (None, *(None if o == n else Whole(n) if o == 1 else UnknownReach() for n, o in sizes))

    def check_inputs(self, in_shapes: tuple[Shape, ...]) -> None:
        """It takes the first input and those that its type names."""
        names = self.definition.inputs
        if not names:
            one_input(in_shapes)
        elif len(in_shapes) != 1 + len(names):
            calls = ", ".join(f"{name}=ref(name)" for name in names)
            rule = f"it takes {1 + len(names)} inputs, not {len(in_shapes)}"
            raise ShapeError(f"{rule}: give the others with `{calls}`")

    def check_axes(self, shape: Shape) -> None:
        """A window of several numbers is for an input with as many spatial axes."""
        listed = max(map(len, self.definition.window.values()), default=1)
        if listed not in (1, len(shape) - 1):
            axes = f"has {listed} axes, and the input has {len(shape) - 1} besides the channels"
            self.fail("window", axes, self.definition.place)

    def argument(self, name: str) -> Any:
        """An argument, or what its window has for it."""
        found = super().argument(name)
        part = {"kernel_size": "kernel"}.get(name, name)
        if found is not None or self.window is None or part not in LEAST:
            return found
        values = (getattr(window, part) for window in self.window)
        return tuple(v[0] if isinstance(v, tuple) else v for v in values)

    @property
    def rules(self) -> Mapping[str, str]:
        return self.definition.rules

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, OwnLayer) and type(other).__name__ == type(self).__name__
        return same and other.rules == self.rules and other.state() == self.state()  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self).__name__, *self.rules.values(), *self.arguments().values()))

    def out_axes(self, letters: Letters) -> Letters:
        count = len(self.definition.out)
        return letters if None in self.definition.out or count == len(letters) else map_axes(count)

    # formulas

    def names_for(self, in_shapes: tuple[Shape, ...], out: Shape | None = None) -> dict[str, Any]:
        """What a formula can name: the arguments, the inputs and, where it is known, the output."""
        known = self.arguments()
        for name, shape in zip(("in", *self.definition.inputs), in_shapes, strict=True):
            known |= sizes_of(name, shape)
        return known if out is None else {**known, "out_shape": out}

    def shape_of(self, in_shapes: tuple[Shape, ...]) -> Shape:
        """The output's shape; `...` stands for the axes of the first input that are left."""
        written, names, shape = self.definition.out, self.names_for(in_shapes), in_shapes[0]
        if None not in written:
            return tuple(self.sizes("out", written, names))
        first = written.index(None)
        behind = written[first + 1 :]
        if len(shape) < len(written) - 1:
            axes = f"{len(written) - 1} axes besides `...`, and the input has {len(shape)}"
            self.fail("out", f"has {axes}", self.definition.place)
        rest = range(first, len(shape) - len(behind))
        before = self.sizes("out", written[:first], names)
        return (*before, *(self.moved(shape, axis) for axis in rest), *self.sizes("out", behind, names))

    def moved(self, shape: Shape, axis: int) -> Size:
        """The size along an axis behind the window."""
        if self.window is None or axis == 0:
            return shape[axis]
        places = self.window[axis - 1].places(shape[axis])
        rule = f"the output of `{self.definition.name}` shrinks to nothing: a size of {{}} becomes {{}}"
        dims.require(places >= 1, rule, shape[axis], places)
        return places

    def windows(self) -> tuple[Window, ...]:
        """The window along each axis."""
        each: dict[str, tuple[Size, ...]] = {}
        for key, least in LEAST.items():
            values = tuple(
                self.whole(key, e, self.arguments(), least) for e in self.definition.window.get(key, ())
            ) or (USUAL.get(key, 1),)
            each[key] = values
        axes = max(map(len, each.values()))
        axes = axes if axes > 1 else MOST_AXES
        full = {key: values if len(values) > 1 else values * axes for key, values in each.items()}
        if any(len(values) != axes for values in full.values()):
            self.fail("window", f"has lists of other lengths than {axes}", self.definition.place)
        return tuple(
            Window(k, s, (p, p), d) for k, s, p, d in zip(*(full[key] for key in LEAST), strict=True)
        )

    def sizes(self, what: str, sizes: Sizes, names: Mapping[str, Any]) -> list[Size]:
        """The sizes of a shape."""
        return [self.whole(what, e, names, least=1) for e in sizes if e is not None]

    def whole(self, what: str, expression: Expression, names: Mapping[str, Any], least: int) -> Size:
        """The value of a formula, which counts something."""
        value = FormulaEvaluator(expression, names, lambda: list(names)).value()
        if isinstance(value, float) and value.is_integer():
            self.fail(what, f"is {value}, which is not whole: divide with `//`", expression.place)
        if not dims.is_size(value):
            self.fail(what, f"must be a whole number, got {describe(value)}", expression.place)
        try:
            dims.require(value >= least, f"is {{}}: it must be at least {least}", value)
        except CnncostError as error:
            self.fail(what, str(error), expression.place)
        return value

    def fail(self, what: str, message: str, place: Place) -> Never:
        raise SpecError(f"`{what}` of `{self.definition.name}` {message}", place)


def own_layer(definition: Definition) -> type[Layer]:
    """The class of a definition; it is registered nowhere."""
    title = definition.title or f"A layer that {definition.place.source} defines."
    counted = "; ".join(f"{kind} {written(formula)}" for kind, formula in definition.work.items())
    where = f"{definition.place.source}, line {definition.place.line}"
    names = {
        "__doc__": f"{title}\n\nCounts: {counted}.\nReference: {where}.",
        "__annotations__": dict.fromkeys(definition.parameters, "Any"),
        **definition.defaults,
        "definition": definition,
        "buffer_names": frozenset(definition.buffers),
        "in_place": definition.in_place,
        "other_inputs": definition.inputs,
    }
    made: type[Layer] = layer(type(definition.name, (OwnLayer,), names, abstract=True))
    return made
