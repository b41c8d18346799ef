"""What optimizers keep for each parameter between two steps."""

from __future__ import annotations

from typing import NamedTuple

from cnncost.errors import CnncostError, did_you_mean


class Optimizer(NamedTuple):
    """An optimizer: the values that it keeps a parameter, and the operations a step takes for each."""

    state: int
    operations: int


OPTIMIZERS = {
    "sgd": Optimizer(0, 2),  # scale, subtract
    "momentum": Optimizer(1, 4),
    "nesterov": Optimizer(1, 6),
    "lars": Optimizer(1, 9),
    "lion": Optimizer(1, 9),
    "adagrad": Optimizer(1, 7),
    "rmsprop": Optimizer(1, 8),
    "rmsprop-momentum": Optimizer(2, 10),
    "rmsprop-centered": Optimizer(2, 12),
    "adadelta": Optimizer(2, 13),
    "adam": Optimizer(2, 12),
    "adamw": Optimizer(2, 13),
    "adamax": Optimizer(2, 10),
    "nadam": Optimizer(2, 15),
    "radam": Optimizer(2, 12),
    "lamb": Optimizer(2, 18),
    "amsgrad": Optimizer(3, 13),
}
"""SGD keeps nothing, momentum a velocity, Adam two moments: the state of torch.optim, without step counts.

The operations are those of the update rule, value by value, without weight decay (AdamW's is part of it).
"""

OTHER_NAMES = {"sgdm": "momentum", "sgd-momentum": "momentum", "rmsprop-central": "rmsprop-centered"}


def optimizer_named(name: str) -> Optimizer:
    """The optimizer of a name, in any spelling: `AdamW`, `adam-w`, `SGD + momentum`.

    Raises:
        CnncostError: there is none of this name.
    """
    return OPTIMIZERS[optimizer_key(name)]


def optimizer_key(name: str) -> str:
    """The name under which an optimizer is known here.

    Raises:
        CnncostError: there is none of this name.
    """
    wanted = letters(name)
    known = {letters(key): key for key in OPTIMIZERS} | {letters(k): v for k, v in OTHER_NAMES.items()}
    if wanted not in known:
        hint = did_you_mean(name.lower(), OPTIMIZERS) or f"; there are {', '.join(OPTIMIZERS)}"
        raise CnncostError(f"no optimizer `{name}`{hint}")
    return known[wanted]


def letters(name: str) -> str:
    """A name without spaces, signs and capitals."""
    return "".join(filter(str.isalnum, name.lower()))
