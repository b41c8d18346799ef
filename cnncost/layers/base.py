"""What a layer is: its protocol, its examples, and the registry.

A layer is a frozen dataclass whose fields are the ``torch.nn`` arguments, less the input size.
Its methods take shapes without the batch axis and compute its outputs in plain arithmetic. They
never ask whether a size is an int, a sympy symbol or a numpy array: no `if`, `==` or `max` on a size,
which a symbol would decide wrongly and in silence. Conditions go through `dims.require`, with
`dims.same` and `dims.divisible` for what is equal and what divides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, fields
from functools import cache
from inspect import Parameter, Signature
from typing import Any, ClassVar, NamedTuple, TypeVar, dataclass_transform

from cnncost.dims import Shape, Size
from cnncost.errors import CnncostError, ShapeError
from cnncost.layers.arguments import normal, normal_default, spelled
from cnncost.layers.saved import Kept, Saved
from cnncost.layers.shapes import CHANNELS, SHAPES, Letters, axes_of, map_axes, nameless, one_input
from cnncost.layers.window import Reach, Window
from cnncost.layers.work import NO_WORK, Work


class Example(NamedTuple):
    """A layer on an input: read by the contract tests, the docs and the torch cross-check.

    `fails` is part of the error message, for an example that must be refused.
    """

    call: str
    in_shapes: tuple[Shape, ...]
    fails: str = ""


@dataclass(frozen=True)
class Twin:
    """The layer's counterpart in PyTorch, as data: a dotted name and keyword arguments.

    `call` is the code that computes the output, with `{0}`, `{1}` for the inputs and `{module}` for the
    module, if it is not `{module}({0}, {1})`. With the name "", there is no module: the code is all.
    """

    name: str
    arguments: Mapping[str, Any]
    call: str = ""


T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def layer(cls: type[T]) -> type[T]:
    """Register a layer class of your own, so that specs can use its name. It must derive from `Layer`.

    Raises:
        CnncostError: it does not derive from `Layer`.
    """
    if not (isinstance(cls, type) and issubclass(cls, Layer)):
        given = cls.__name__ if isinstance(cls, type) else repr(cls)
        raise CnncostError(f"{given} is no layer: register a class that derives from `cnncost.layers.Layer`")
    # The dataclass methods come from Layer: generating them anew for each class costs more than all else
    # at start-up.
    return dataclass(init=False, eq=False, repr=False)(cls)


def example(call: str, *in_shapes: Shape, fails: str = "") -> Example:
    """An :class:`Example`, written short."""
    return Example(call, in_shapes, fails)


class Arguments:
    """The signature of a layer's call, as `inspect` shows it; made when it is asked for."""

    def __get__(self, layer: Layer | None, cls: type[Layer]) -> Signature:
        kind, empty = Parameter.POSITIONAL_OR_KEYWORD, Parameter.empty
        return Signature(
            [
                Parameter(f.name, kind, default=cls.defaults().get(f.name, empty), annotation=f.type)
                for f in cls.parameters()
            ]
        )


class Layer:
    """Base of every layer. The class statement registers it under its own name."""

    __signature__: ClassVar[Arguments] = Arguments()

    registry: ClassVar[dict[str, type[Layer]]] = {}

    axes: ClassVar[int | None] = None
    """How many spatial axes the input has; None for any."""
    view: ClassVar[bool] = False
    """Whether its output is a view of its input: the same memory, read in another way."""
    output_will_do: ClassVar[bool] = False
    """Whether the backward pass of an activation that has overwritten its input can use its output."""
    off_in_inference: ClassVar[bool] = False
    """Whether it passes its input on in inference: dropout."""
    cost_known: ClassVar[bool] = True
    """Whether its work is known; totals with a layer whose work is not are lower bounds."""
    takes_input: ClassVar[bool] = True
    """Whether it has an input; a learned constant has none, and starts a chain."""
    in_place: ClassVar[bool] = False
    """Whether it can overwrite its input: then it has no memory, and no row in the lecture table."""
    equal_axes_once: ClassVar[bool] = True
    """Whether a spec writes equal sizes of all axes once: kernel 3 for 3×3."""
    letters: ClassVar[Letters] = ()
    """What the last axes of the input must be, for a layer that does not take a map C×H×W."""
    out_letters: ClassVar[Letters] = ()
    """What the last axes of the output are, if they differ from those of the input."""
    own_letters: ClassVar[bool] = False
    """Whether formulas call whole-number arguments by their names, where no letter is usual for them."""
    features_last: ClassVar[bool] = False
    """Whether it reads an unlabelled 2-axis input as (tokens, features)."""
    broadcasts: ClassVar[bool] = False
    """Whether an axis of size 1 stretches to that of the other inputs."""
    other_inputs: ClassVar[tuple[str, ...]] = ()
    """The names of further inputs, which a call gives as layers: `key=ref(memory)`."""
    whole_below: Size | None = None
    """The input is whole numbers below this one; None where it takes any values."""
    buffer_names: ClassVar[frozenset[str]] = frozenset()
    """Which of `weights` are buffers: kept with the model, not learned."""
    examples: ClassVar[tuple[Example, ...]] = ()
    inferred_place: ClassVar[int] = 0
    """Which argument of PyTorch's call is the input size that is inferred here."""
    twin_name: ClassVar[str | None] = ""
    """The dotted name in PyTorch; default: ``torch.nn.`` and the class's own name. None: it has no twin."""

    order: tuple[int, ...] | None = None
    """Which axis of the input each axis of the output is; None where all stay in their places."""

    window: tuple[Window, ...] | None = None
    """Kernel, stride, padding and dilation a spatial axis; None where it slides no window."""

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if abstract:
            return
        other, module = Layer.registry.get(cls.__name__), cls.__module__
        # a class may come again from a notebook's cell or a plugin that is loaded twice
        if other and (other.__module__ != module or module.startswith("cnncost.")):
            raise CnncostError(f"two layers are named {cls.__name__}: {other.__module__} and {module}")
        Layer.registry[cls.__name__] = cls

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = {f.name: value for f, value in zip(self.parameters(), args, strict=False)}
        values = {**self.defaults(), **given, **kwargs}
        once = len(args) == len(given) and kwargs.keys().isdisjoint(given)
        if not once or values.keys() != self.names():
            try:
                type(self).__signature__.bind(*args, **kwargs)
            except TypeError as error:  # which says what is wrong
                raise TypeError(f"{type(self).__name__}: {error}") from None
        self.__dict__.update(values)
        self.__post_init__()

    def __post_init__(self) -> None:
        """Bring the arguments into their normal form, and refuse those that need no shape to be wrong.

        Raises:
            ArgumentError: an argument is not of the kind that its annotation names.
        """
        for f in self.parameters():
            value = self.__dict__[f.name]
            if value is not None or f.default is not None:
                kind = f.type if isinstance(f.type, str) else f.type.__name__
                self.__dict__[f.name] = normal(f.name, value, kind, self.sizes_given)

    @property
    def sizes_given(self) -> int:
        """How many sizes an argument for each spatial axis has."""
        return self.axes or 2

    def __setattr__(self, name: str, value: Any) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def out_shape(self, *in_shapes: Shape) -> Shape:
        """The output shape.

        Raises:
            ShapeError: the input does not fit.
        """
        raise missing_method(self, "out_shape")

    def channels_and_sizes(self, in_shapes: tuple[Shape, ...]) -> tuple[Size, Shape]:
        """The only input (C, H, W) as C and (H, W), for a layer of fixed spatial axes.

        Raises:
            ShapeError: the input has another number of axes.
        """
        assert self.axes is not None
        shape = one_input(in_shapes)
        if len(shape) != self.axes + 1:
            raise ShapeError(
                f"it takes a {SHAPES[self.axes]} input, not one of {axes_of(shape)}{self.sibling(shape)}"
            )
        return shape[0], shape[1:]

    def sibling(self, shape: Shape) -> str:
        """`; Conv1d takes C×L` for a layer that is there for this number of axes too."""
        name = f"{type(self).__name__[:-2]}{len(shape) - 1}d"
        letters = SHAPES.get(len(shape) - 1, "")
        return f"; {name} takes {letters}" if letters and name in Layer.registry else ""

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        """Each parameter and buffer by its torch name, with its shape."""
        raise missing_method(self, "weights")

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        """The operations of one forward pass on one sample."""
        raise missing_method(self, "work")

    def saved(self, in_shapes: tuple[Shape, ...], out: Shape) -> Saved:
        """What autograd keeps for the backward pass."""
        raise missing_method(self, "saved")

    def temporaries(self, in_shapes: tuple[Shape, ...], out: Shape) -> tuple[Kept, ...]:
        """What is in memory besides inputs and output while it runs in inference.

        Mostly that is what it makes for the backward pass: the indices of a max pool are computed anyway.
        """
        declared = type(self).saved is not Layer.saved  # a layer of others may not say what it keeps
        return self.saved(in_shapes, out).made if declared else ()

    @classmethod
    def in_axes(cls, count: int) -> Letters | None:
        """What each of the `count` input axes is; None if the layer accepts any."""
        if cls.letters:
            return (*nameless(count - len(cls.letters)), *cls.letters)
        return map_axes(count) if cls.axes is not None else None

    @classmethod
    def first_axes(cls, count: int) -> Letters | None:
        """What the axes of a network's input are, if this layer is the first to need certain ones."""
        return ("T", "F") if cls.features_last and count == 2 else cls.in_axes(count)

    def out_axes(self, letters: Letters) -> Letters:
        """What each axis of the output is, for an input with axes `letters`."""
        if self.out_letters:
            return (*letters[: len(letters) - len(self.letters)], *self.out_letters)
        if self.order is None:
            return letters
        # H stays before W: a map that is turned has rows and columns again
        others = iter([letter for letter in letters if letter not in CHANNELS])
        turned = [letters[axis] for axis in self.order]
        return tuple(letter if letter in CHANNELS else next(others) for letter in turned)

    def axes_behind(self, *entering: Letters) -> Letters:
        """What each axis of the output is, for several inputs; () for one that does not say."""
        return self.out_axes(next(filter(None, entering), ()))

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...] | None:
        """Per axis, which inputs an output depends on; None if only on the one at the same position.

        The first axis, mostly the channels, counts where `order` has put positions there.
        """
        return None if self.window is None else (None, *self.windows_on(in_shape[1:]))

    def windows_on(self, sizes: Shape) -> tuple[Window, ...]:
        """The window along each spatial axis, as it slides over an input of these sizes."""
        return tuple([window.on(n) for window, n in zip(self.window or (), sizes, strict=True)])

    @property
    def cost_type(self) -> str:
        """The name under which conventions weigh this layer's work: ``Conv``, ``MaxPool``."""
        name = type(self).__name__
        return name[:-2] if name[-2:] in ("1d", "2d", "3d") else name

    def twin(self, *in_shapes: Shape) -> Twin:
        """The PyTorch module for these input shapes, or the expression that needs none."""
        call = self.expression(*in_shapes)
        name = self.twin_name or f"torch.nn.{type(self).__name__}"
        return Twin("" if call else name, {**self.inferred(*in_shapes), **self.arguments()}, call)

    def written(self, *in_shapes: Shape) -> Twin:
        """The twin as source code has it: torch's own module where the twin splits one up to count it."""
        return self.twin(*in_shapes)

    def expression(self, *in_shapes: Shape) -> str:
        """PyTorch code for a layer that needs no module: `{0}.permute(0, 2, 1)`; "" where it needs one."""
        return ""

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        """The torch arguments that cnncost infers from the input, such as `in_channels`."""
        return {}

    def argument(self, name: str) -> Any:
        """An argument by name; None if it takes none of this name."""
        return getattr(self, name, None)

    @property
    def rules(self) -> Mapping[str, str]:
        """The formulas of its type, where a spec defines it; none for a class of Python."""
        return {}

    def arguments(self) -> dict[str, Any]:
        """Every argument with its value, defaults included, in torch's order."""
        return {f.name: getattr(self, f.name) for f in self.parameters()}

    @classmethod
    @cache
    def parameters(cls) -> tuple[Field[Any], ...]:
        """The arguments of the call, in torch's order."""
        return fields(cls) if hasattr(cls, "__dataclass_fields__") else ()  # type: ignore[arg-type]

    @classmethod
    @cache
    def names(cls) -> frozenset[str]:
        """The names of the arguments."""
        return frozenset(f.name for f in cls.parameters())

    @classmethod
    @cache
    def defaults(cls) -> dict[str, Any]:
        """The arguments that need not be given, with what they then are."""
        return {f.name: f.default for f in cls.parameters() if f.default is not MISSING}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Layer) and type(other) is type(self) and other.state() == self.state()

    def __hash__(self) -> int:
        # Kept after the first time: layers are the keys under which costs are remembered, of a thousand
        # nodes each. It is no part of the state, as other processes have other hashes.
        try:
            return self.__dict__["_hash"]  # type: ignore[no-any-return]
        except KeyError:
            kept = self.__dict__["_hash"] = hash((type(self), *self.arguments().values()))
            return kept

    def state(self) -> dict[str, Any]:
        """The arguments and all that was set from them, or set otherwise since."""
        return {name: value for name, value in self.__dict__.items() if name != "_hash"}

    __getstate__ = state

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        """The call as a spec would write it, defaults left out."""
        words = []
        for f in self.parameters():
            value = getattr(self, f.name)
            if f.default is MISSING:
                words.append(spelled(value, self.equal_axes_once))
            elif value != normal_default(self, f):
                words.append(f"{f.name}={spelled(value, self.equal_axes_once)}")
        return f"{type(self).__name__}({', '.join(words)})" if words else type(self).__name__


def missing_method(layer: Layer, name: str) -> CnncostError:
    """The error for a layer class that does not define a method which every layer needs."""
    return CnncostError(f"the layer class {type(layer).__name__} has no `{name}` method: define it")


def torchs_own(layer: Layer, in_shapes: tuple[Shape, ...], call: str = "") -> Twin:
    """torch.nn's module of a layer's name, with the batch first; the twin where torch's takes fewer axes."""
    twin = layer.twin(*in_shapes)
    if len(in_shapes[0]) > 2:
        return twin
    return Twin(f"torch.nn.{type(layer).__name__}", {**twin.arguments, "batch_first": True}, call)


def same_shape(self: Layer, *in_shapes: Shape) -> Shape:
    """An `out_shape` method: the shape of the only input."""
    return one_input(in_shapes)


# Layers that cost nothing declare it, with the reason: zero is never inherited.


def no_weights(reason: str) -> Callable[..., dict[str, Shape]]:
    """A `weights` method for a layer that learns nothing, because of `reason`."""

    def weights(self: Layer, *in_shapes: Shape) -> dict[str, Shape]:
        return {}

    weights.__doc__ = f"None: {reason}."
    return weights


def no_work(reason: str) -> Callable[..., Work]:
    """A `work` method for a layer that computes nothing, because of `reason`."""

    def work(self: Layer, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        return NO_WORK

    work.__doc__ = f"None: {reason}."
    return work
