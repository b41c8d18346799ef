"""What a layer is: the protocol, the counts of its work, and the registry.

A layer is a frozen dataclass whose fields are the ``torch.nn`` arguments, less the input size.
Its methods take shapes without the batch axis and say, in plain arithmetic, what comes out. They
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

from cnncost import dims
from cnncost.dims import Shape, Size
from cnncost.errors import ArgumentError, CnncostError, ShapeError
from cnncost.layers.window import Reach, Window


class Work(NamedTuple):
    """Operations of one forward pass on one sample, by kind. Exact; never a single "FLOPs".

    An accumulator starts empty: a window of k values costs k additions or comparisons, as the
    kernels of PyTorch run it, and a multiply-add is one `macs`, not also one of `adds`.
    `exps` are transcendental functions: exp, log, tanh, erf, power. `products` says how many of the
    `macs` multiply two computed values, as attention does, and none of the weights. `macts` is no
    operation but a size: the elements that convolutions, linear layers and matrix products write,
    which timm and fvcore call activations.
    """

    macs: Size = 0
    adds: Size = 0
    muls: Size = 0
    compares: Size = 0
    divs: Size = 0
    exps: Size = 0
    sqrts: Size = 0
    products: Size = 0
    macts: Size = 0

    def plus(self, other: Work) -> Work:
        """Field by field sum."""
        return Work(*(a + b for a, b in zip(self, other, strict=True)))

    def times(self, n: Size) -> Work:
        """`n` times this work."""
        return Work(*(a * n for a in self))


NO_WORK = Work()


class Example(NamedTuple):
    """A layer on an input: read by the contract tests, the docs and the torch cross-check.

    `fails` is part of the error message, for an example that must be refused.
    """

    call: str
    in_shapes: tuple[Shape, ...]
    fails: str = ""


@dataclass(frozen=True)
class Twin:
    """The layer's counterpart in PyTorch, as data: a dotted name and keyword arguments."""

    name: str
    arguments: Mapping[str, Any]


Letters = tuple[str, ...]
"""What the axes of a shape are, a letter each, as formulas write them: C, H, W; T and F of tokens."""

AXES: dict[int, Letters] = {1: ("L",), 2: ("H", "W"), 3: ("T", "H", "W")}


CHANNELS = ("C", "F")
"""The letters of channels and features."""


def map_axes(count: int) -> Letters:
    """C, H, W; C, L; F of a vector."""
    return ("F",) if count == 1 else ("C", *AXES.get(count - 1, nameless(count - 1)))


def nameless(count: int) -> Letters:
    """N; N_1, N_2: axes of which nothing is known."""
    return ("N",) if count == 1 else tuple(f"N_{i}" for i in range(1, count + 1))


T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def layer(cls: type[T]) -> type[T]:
    """Make a layer a frozen dataclass.

    Its methods come from Layer: generating them anew for each class costs more than all else at
    start-up.
    """
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
    in_place: ClassVar[bool] = False
    """Whether it can overwrite its input: then it has no memory, and no row in the lecture table."""
    axes_alike: ClassVar[bool] = True
    """Whether one number among its arguments stands for every axis: kernel 3 for 3×3."""
    letters: ClassVar[Letters] = ()
    """What the last axes of the input are, where they must be others than those of a map, C, H and W."""
    out_letters: ClassVar[Letters] = ()
    """Those of the output, where they are others."""
    features_last: ClassVar[bool] = False
    """Whether two axes of which nothing else tells what they are must be tokens and features to it."""
    broadcasts: ClassVar[bool] = False
    """Whether an axis of size 1 stretches to that of the other inputs."""
    buffer_names: ClassVar[frozenset[str]] = frozenset()
    """Which of `weights` are buffers: kept with the model, not learned."""
    examples: ClassVar[tuple[Example, ...]] = ()
    twin_name: ClassVar[str] = ""
    """The dotted name in PyTorch; ``torch.nn.`` and the class's own name unless it says another."""

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
        """Bring the arguments into their normal form, and refuse those that need no shape to be wrong."""

    def __setattr__(self, name: str, value: Any) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def out_shape(self, *in_shapes: Shape) -> Shape:
        """The output shape.

        Raises:
            ShapeError: the input does not fit.
        """
        raise TypeError(f"{type(self).__name__} says no out_shape")

    def weights(self, *in_shapes: Shape) -> dict[str, Shape]:
        """Each parameter and buffer by its torch name, with its shape."""
        raise TypeError(f"{type(self).__name__} says no weights")

    def work(self, in_shapes: tuple[Shape, ...], out: Shape) -> Work:
        """The operations of one forward pass on one sample."""
        raise TypeError(f"{type(self).__name__} says no work")

    @classmethod
    def in_axes(cls, count: int) -> Letters | None:
        """What each of the `count` axes of the input is; None where it may be anything."""
        if cls.letters:
            return (*nameless(count - len(cls.letters)), *cls.letters)
        return map_axes(count) if cls.axes is not None else None

    @classmethod
    def first_axes(cls, count: int) -> Letters | None:
        """What the axes of a network's input are, if it is this layer that tells."""
        return ("T", "F") if cls.features_last and count == 2 else cls.in_axes(count)

    def out_axes(self, letters: Letters) -> Letters:
        """What each axis of the output is, where `letters` says so of the input's."""
        if self.out_letters:
            return (*letters[: len(letters) - len(self.letters)], *self.out_letters)
        if self.order is None:
            return letters
        # H stays before W: a map that is turned has rows and columns again
        others = iter([letter for letter in letters if letter not in CHANNELS])
        turned = [letters[axis] for axis in self.order]
        return tuple(letter if letter in CHANNELS else next(others) for letter in turned)

    def reach(self, in_shape: Shape, out: Shape) -> tuple[Reach | None, ...] | None:
        """How outputs look back at the input, an axis each; None where position by position.

        The first axis, mostly the channels, counts where `order` has put positions there.
        """
        return None if self.window is None else (None, *self.window)

    @property
    def cost_type(self) -> str:
        """The name under which conventions weigh this layer's work: ``Conv``, ``MaxPool``."""
        name = type(self).__name__
        return name[:-2] if name[-2:] in ("1d", "2d", "3d") else name

    def twin(self, *in_shapes: Shape) -> Twin:
        """The PyTorch module for these input shapes."""
        name = self.twin_name or f"torch.nn.{type(self).__name__}"
        return Twin(name, {**self.inferred(*in_shapes), **self.arguments()})

    def inferred(self, *in_shapes: Shape) -> dict[str, Any]:
        """The torch arguments that cnncost infers from the input, such as `in_channels`."""
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
                words.append(spelled(value, self.axes_alike))
            elif value != normal_default(self, f):
                words.append(f"{f.name}={spelled(value, self.axes_alike)}")
        return f"{type(self).__name__}({', '.join(words)})" if words else type(self).__name__


def normal_default(layer: Layer, f: Field[Any]) -> Any:
    """The field's default as construction normalises it: stride 1 of a Conv2d is (1, 1)."""
    value = getattr(layer, f.name)
    if f.default is None and isinstance(value, tuple):  # a pool's stride follows its kernel
        return getattr(layer, "kernel_size", None)
    if isinstance(value, tuple) and isinstance(f.default, int):
        return (f.default,) * len(value)
    return f.default


def spelled(value: Any, alike: bool = True) -> str:
    """A value as a spec writes it: a pair of equals as one number, if one stands for all axes."""
    if alike and isinstance(value, tuple) and value and all(v == value[0] for v in value):
        return spelled(value[0])
    if isinstance(value, tuple):
        return f"({', '.join(map(spelled, value))})"
    return f"'{value}'" if isinstance(value, str) else str(value)


# Declarations for layers that cost nothing: zero is said, with its reason, not inherited.


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


# Normalising arguments, once, at construction.


def settle(layer: Layer, **values: Any) -> None:
    """Set fields of a frozen layer while it is being made."""
    for name, value in values.items():
        object.__setattr__(layer, name, value)


def whole(name: str, value: Any, least: int = 0) -> Size:
    """`value` as a size of at least `least`.

    Raises:
        ArgumentError: it is no whole number, or too small.
    """
    if not dims.is_size(value):
        raise ArgumentError(f"`{name}` must be a whole number, got {value!r}")
    dims.require(value >= least, "`{}` must be at least {}, got {}", name, least, value, error=ArgumentError)
    return value


TUPLES = {1: "a number", 2: "a number or a pair", 3: "a number or a triple"}


def per_axis(name: str, value: Any, axes: int, least: int = 0) -> tuple[Size, ...]:
    """A number, or one for each spatial axis, as one for each spatial axis."""
    if isinstance(value, (tuple, list)):
        if len(value) != axes:
            raise ArgumentError(f"`{name}` must be {TUPLES[axes]}, got {len(value)} values")
        return tuple(whole(name, v, least) for v in value)
    return (whole(name, value, least),) * axes


INFERRED = "; the size of the input is inferred, not written"


def flag(name: str, value: Any) -> bool:
    """`value` as True or False."""
    if value not in (True, False):
        hint = INFERRED if isinstance(value, int) else ""
        raise ArgumentError(f"`{name}` must be True or False, got {value!r}{hint}")
    return bool(value)


def number(name: str, value: Any) -> float:
    """`value` as a number that no formula uses: an epsilon, a slope."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ArgumentError(f"`{name}` must be a number, got {value!r}")
    return value


def epsilon(name: str, value: Any) -> float:
    """`value` as a small number; a whole one is a size that a torch user wrote from habit."""
    small = number(name, value)
    if small >= 1:
        raise ArgumentError(f"`{name}` must be below 1, got {value}{INFERRED}")
    return small


def one_of(name: str, value: Any, allowed: tuple[str, ...]) -> str:
    """`value` if it is one of the words that the argument knows."""
    if value not in allowed:
        raise ArgumentError(f"`{name}` must be one of {', '.join(map(repr, allowed))}, got {value!r}")
    return str(value)


def axis_number(name: str, value: Any) -> int:
    """`value` as the number of an axis, as torch counts them: 0 is the batch, -1 the last."""
    if isinstance(value, bool) or not isinstance(value, int) or value == 0:
        raise ArgumentError(f"`{name}` must be an axis other than the batch's 0, got {value!r}")
    return value


def axis_in(shape: Shape, dim: int, name: str = "dim") -> int:
    """Which entry of `shape`, a shape without the batch, the axis `dim` is.

    Raises:
        ShapeError: the input has no such axis, or it is the batch's.
    """
    axis = dim - 1 if dim > 0 else len(shape) + dim
    if axis == -1:
        raise ShapeError(f"`{name}` {dim} is the batch's axis")
    if not 0 <= axis < len(shape):
        raise ShapeError(f"`{name}` {dim} is not an axis of the input, whose last is {len(shape)}")
    return axis


SHAPES = {axes: "×".join(map_axes(axes + 1)) for axes in AXES}


def channels_and_sizes(layer: Layer, shape: Shape) -> tuple[Size, Shape]:
    """Split (C, H, W) into C and (H, W), for a layer of fixed spatial axes.

    Raises:
        ShapeError: the input has another number of axes.
    """
    assert layer.axes is not None
    if len(shape) != layer.axes + 1:
        raise ShapeError(f"it takes a {SHAPES[layer.axes]} input, not one of {axes_of(shape)}")
    return shape[0], shape[1:]


def axes_of(shape: Shape) -> str:
    """`1 axis`, `3 axes`."""
    return "1 axis" if len(shape) == 1 else f"{len(shape)} axes"


def one_input(in_shapes: tuple[Shape, ...]) -> Shape:
    """The only input of a layer that takes one."""
    if len(in_shapes) != 1:
        raise ShapeError(f"it takes one input, not {len(in_shapes)}")
    return in_shapes[0]


def not_empty(sizes: Shape, out: Shape) -> Shape:
    """`out`, or the error that it has shrunk to nothing."""
    for n, o in zip(sizes, out, strict=True):
        dims.require(o >= 1, "the output shrinks to nothing: a size of {} becomes {}", n, o)
    return out
