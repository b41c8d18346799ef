"""What is in memory while a network runs: each storage from the step that makes it to its last use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, groupby
from typing import NamedTuple

from cnncost.count.storage import Step, Trace
from cnncost.layers.join import Concat
from cnncost.layers.merge import Add
from cnncost.layers.reshape import Flatten, Identity, Reshape, Unflatten
from cnncost.layers.take import Permute

MAPS, GRADIENTS, KEPT, WEIGHTS = (
    "maps",
    "gradients of maps",
    "masks, indices and the like",
    "weight gradients",
)
KINDS = (MAPS, GRADIENTS, KEPT, WEIGHTS)
"""The kinds of storages; weights themselves and optimizer state are there all the time."""

FORWARD, AGAIN, BACKWARD = "forward", "forward again", "backward"


class Storage(NamedTuple):
    """Memory that holds one or several tensors."""

    name: str
    bytes: int
    stage: str
    kind: str = MAPS


class Event(NamedTuple):
    """A step of the run: a layer forward or backward, the storages that it makes and those that it uses."""

    layer: str
    stage: str
    phase: str
    makes: tuple[Storage, ...]
    uses: tuple[str, ...]


class Span(NamedTuple):
    """A storage, with the first and the last event in which it is in memory."""

    storage: Storage
    first: int
    last: int


@dataclass(frozen=True)
class Timeline:
    """Events in their order, and what is in memory in each."""

    events: tuple[Event, ...]
    spans: tuple[Span, ...]

    @cached_property
    def live(self) -> list[int]:
        """The bytes in memory at each event."""
        return self.added_up(self.spans)

    def added_up(self, spans: Iterable[Span]) -> list[int]:
        """The bytes of some storages at each event."""
        change = [0] * (len(self.events) + 1)
        for span in spans:
            change[span.first] += span.storage.bytes
            change[span.last + 1] -= span.storage.bytes
        return list(accumulate(change[:-1]))

    @cached_property
    def peak(self) -> int:
        """The event at which most is in memory, the first of several."""
        return self.live.index(max(self.live))

    def at(self, event: int) -> list[Storage]:
        """What is in memory at an event, the largest first."""
        there = [span.storage for span in self.spans if span.first <= event <= span.last]
        return sorted(there, key=lambda storage: -storage.bytes)

    def of_kind(self, kind: str, event: int) -> int:
        """The bytes of one kind at an event."""
        return sum(storage.bytes for storage in self.at(event) if storage.kind == kind)


def timeline(events: Sequence[Event], held: Iterable[Storage], until_the_end: Iterable[str]) -> Timeline:
    """Find when each storage comes and goes. `held` are there from the beginning."""
    first = {storage.name: (storage, 0) for storage in held}
    last: dict[str, int] = dict.fromkeys(until_the_end, len(events) - 1)
    for i, event in enumerate(events):
        for storage in event.makes:
            first[storage.name] = (storage, i)
        for name in event.uses:
            last[name] = max(last.get(name, 0), i)
    spans = (Span(storage, i, last.get(name, i)) for name, (storage, i) in first.items() if storage.bytes)
    return Timeline(tuple(events), tuple(spans))


def inputs_of(trace: Trace) -> list[Storage]:
    """The network's inputs, which the caller holds."""
    return [Storage(name, trace.sizes[name], name) for name in trace.inputs]


def inference(trace: Trace) -> Timeline:
    """A forward pass that keeps nothing: a storage goes after the last step that reads it."""
    events = [forward(trace, step) for step in trace.steps]
    return timeline(events, inputs_of(trace), (*trace.inputs, *trace.outputs))


def forward(
    trace: Trace, step: Step, kept: bool = True, phase: str = FORWARD, own: frozenset[str] = frozenset()
) -> Event:
    """A step forward; `own` are the storages that are made another time, under another name."""
    makes = tuple(
        Storage(again(name, own), trace.sizes[name], step.node.stage, MAPS if name == step.writes else KEPT)
        for name in step.fresh
    )
    uses = (*step.reads, step.writes, *(step.kept if kept else ()))
    return Event(step.node.name, step.node.stage, phase, makes, tuple(again(name, own) for name in uses))


def again(name: str, own: frozenset[str]) -> str:
    """The name of a storage, another one where it is made a second time."""
    return f"{name} again" if name in own else name


def training(
    trace: Trace, weights: dict[str, int], checkpoint: bool = False, in_place: bool = True
) -> Timeline:
    """A forward and a backward pass. `weights` are the bytes of each trained layer's weight gradients.

    With `checkpoint`, only what passes from stage to stage is kept, and each stage but the last runs forward
    another time before its backward pass. `in_place`: gradients that meet are added in place, which PyTorch
    does except while its operations are traced.
    """
    segments = [list(steps) for _, steps in groupby(trace.steps, lambda step: step.node.stage)]
    events: list[Event] = []
    for segment in segments if checkpoint else []:
        events += [forward(trace, step, kept=segment is segments[-1]) for step in segment]
    if not checkpoint:
        segments = [list(trace.steps)]
        events = [forward(trace, step) for step in trace.steps]
    back = Backward(trace, weights, in_place)
    for segment in reversed(segments):
        own: frozenset[str] = frozenset()
        if segment is not segments[-1]:
            own = frozenset(name for step in segment for name in step.fresh)
            events += [forward(trace, step, True, AGAIN, own) for step in segment]
        events += [event for step in reversed(segment) for event in back.events(step, own)]
    gradients = [storage.name for storage in back.learned.values()]
    return timeline(events, inputs_of(trace), (*trace.inputs, *trace.outputs, *gradients))


class Backward:
    """The steps backward: the gradient of each output becomes those of the inputs and the weights."""

    def __init__(self, trace: Trace, weights: dict[str, int], in_place: bool) -> None:
        self.trace, self.weights, self.in_place = trace, weights, in_place
        self.gradients: dict[str, Storage] = {}
        self.learned: dict[str, Storage] = {}
        self.names: set[str] = set()

    def events(self, step: Step, own: frozenset[str]) -> Iterator[Event]:
        """The step backward, if a gradient flows there."""
        node = step.node
        tensor = self.trace.tensors[node.name]
        if not tensor.trained:
            return
        makes: list[Storage] = []
        arriving = self.gradients.pop(node.name, None)
        if arriving is None:  # an output: the loss gives its gradient
            arriving = self.new(node.name, node.stage, makes)
        uses = [arriving.name, *(again(name, own) for name in step.kept)]
        sums: list[tuple[Storage, Storage, Storage]] = []
        owner = node.shares or node.name
        if self.weights.get(owner):
            name = self.named(f"gradient of the weights of {owner}")
            makes.append(Storage(name, self.weights[owner], node.stage, WEIGHTS))
            sums += self.accumulate(self.learned, owner, makes[-1])
        for place, name in enumerate(node.inputs):
            entering = self.trace.tensors[name]
            if entering.trained and self.trace.sizes[entering.storage]:
                passed = passes_gradient(step, place)
                leaving = arriving if passed else self.new(name, node.stage, makes)
                uses.append(leaving.name)
                sums += self.accumulate(self.gradients, name, leaving)
        yield Event(node.name, node.stage, BACKWARD, tuple(makes), tuple(uses))
        for first, another, total in sums:
            made = () if total is first else (total,)
            names = (first.name, another.name, total.name)
            yield Event(node.name, node.stage, BACKWARD, made, names)

    def accumulate(
        self, known: dict[str, Storage], name: str, another: Storage
    ) -> list[tuple[Storage, Storage, Storage]]:
        """Note a gradient; a further one is added to the first, in place if nothing else reads that."""
        first = known.setdefault(name, another)
        if first is another:
            return []
        shared = Counter(storage.name for storage in known.values())[first.name] > 1
        if not self.in_place or shared or first.name == another.name:
            known[name] = first._replace(name=self.named(first.name))
        return [(first, another, known[name])]

    def new(self, name: str, stage: str, makes: list[Storage]) -> Storage:
        """A gradient of its own for a tensor."""
        storage = Storage(self.named(f"gradient of {name}"), self.trace.tensor_bytes[name], stage, GRADIENTS)
        makes.append(storage)
        return storage

    def named(self, name: str) -> str:
        """A name that no other gradient has."""
        while name in self.names:
            name += "'"
        self.names.add(name)
        return name


def passes_gradient(step: Step, place: int) -> bool:
    """Whether the gradient of an input is that of the output, or a view of it."""
    layer, shapes = step.node.layer, step.node.in_shapes
    if isinstance(layer, Add):
        return shapes[place] == step.node.out_shape
    same = layer.off_in_inference and step.writes in step.reads
    return same or isinstance(layer, (Identity, Flatten, Reshape, Unflatten, Permute, Concat))
