"""What a network needs, held against the memory of a device: what fits, and at which sizes of input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from cnncost.count.memory import MemoryUse, largest_batch
from cnncost.errors import CnncostError, NameUnknown, did_you_mean
from cnncost.network.graph import Graph, Node
from cnncost.timing.cards import Cards, cards_named, read_bytes


@dataclass(frozen=True)
class Budget:
    """Bytes of memory, and where they come from: `24GB`, or a device."""

    bytes: int
    text: str
    device: Cards | None = None


@dataclass(frozen=True)
class Size:
    """What is needed at one value of a sweep, and the largest batch that fits there."""

    value: str
    use: MemoryUse
    largest_batch: int | None


@dataclass(frozen=True)
class Requirement:
    """What a network needs; with a budget, the largest batch that fits; at several sizes, if asked for."""

    use: MemoryUse
    budget: Budget | None = None
    sizes: tuple[Size, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    @cached_property
    def largest_batch(self) -> int | None:
        """The largest batch that fits into the budget; None without one."""
        return largest_batch(self.use, self.budget.bytes) if self.budget else None

    @property
    def fits(self) -> bool:
        """Whether the batch fits, at every size if there are several; so it does without a budget."""
        uses = [size.use for size in self.sizes] or [self.use]
        return self.budget is None or all(use.total_bytes <= self.budget.bytes for use in uses)


def budget_of(fits: str | None, device: str | None) -> Budget | None:
    """The memory that there is: a size, or that of a device.

    Raises:
        CnncostError: both are given, or one of them cannot be read.
    """
    if fits and device:
        raise CnncostError("give --fits or --device, not both: a device has its own memory")
    if fits:
        return Budget(read_bytes(fits), fits.strip())
    if device:
        found = cards_named(device)
        return Budget(found.card.memory_bytes, found.card.title, found)
    return None


def trained_layers(graph: Graph, freeze: Sequence[str], train_only: Sequence[str]) -> Callable[[str], bool]:
    """Which layers are trained, by their names.

    Args:
        graph: the network.
        freeze: patterns of layers, blocks or stages whose weights stay: 'conv*'.
        train_only: patterns of the only ones that are trained.

    Raises:
        CnncostError: both are given, a pattern that nothing matches, or one that leaves nothing to train.
    """
    if freeze and train_only:
        raise CnncostError("give --freeze or --train-only, not both")
    learned = [node for node in graph.nodes if has_weights(node)]
    option = "--freeze" if freeze else "--train-only"
    matched = set[str]()
    for pattern in (*freeze, *train_only):
        found = {node.name for node in learned if matches(node, pattern)}
        if not found:
            known = {name for node in learned for name in (node.stage, node.name, node.type)}
            hint = did_you_mean(pattern, sorted(known)) or f"; {graph.name} has {stages_text(learned)}"
            raise NameUnknown(f"{option} {pattern}: no layer with weights has this name{hint}")
        matched |= found
    every = len(matched) == len(learned)
    if freeze and every:
        raise CnncostError(f"--freeze {' '.join(freeze)}: this freezes every layer; nothing is left to train")
    if train_only and every:
        given = " ".join(train_only)
        raise CnncostError(f"--train-only {given}: these are all layers, nothing is frozen; leave it out")
    if train_only:
        return matched.__contains__
    return lambda name: name not in matched


def stages_text(nodes: Sequence[Node]) -> str:
    """The stages with weights, the first and the last ones."""
    stages = [*dict.fromkeys(node.stage for node in nodes)]
    return ", ".join(stages if len(stages) <= 8 else [*stages[:4], "…", *stages[-3:]])


def has_weights(node: Node) -> bool:
    """Whether a layer has parameters of its own."""
    return not node.shares and any(
        name not in node.layer.buffer_names for name in node.layer.weights(*node.in_shapes)
    )


def matches(node: Node, pattern: str) -> bool:
    """Whether a pattern names a layer, a block or stage that it is in, or its type."""
    parts = node.name.split(".")
    paths = (".".join(parts[:i]) for i in range(1, len(parts) + 1))
    return any(fnmatchcase(name, pattern) for name in (*paths, node.type))
