"""What every layer says that autograd keeps is what hooks on saved tensors see, over registry × examples."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from cnncost import Graph, Node
from cnncost.count.storage import Run, Trace, trace
from cnncost.layers.base import Example, Layer
from cnncost.measure.building import build_layer
from tests.layers.test_layers import LAYERS, make, title
from tests.memory.saved import Watch, key

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")

BATCH = 3
OTHERWISE = {
    "DeformConv2d": "the twin is put together from other operations; torchvision's kernel keeps its inputs",
    "MixtureOfExperts": "the twin copies the weights for each token, which no real implementation does",
    "Unknown": "nothing is known of it",
    "UnknownMerge": "nothing is known of it",
}
"""Layers that keep something else in their twin, with the reason."""

ALIKE = {
    "RNN": "with several layers, as many values in other pieces, and initial states",
    "LSTM": "with several layers, as many values in other pieces, and initial states",
    "GRU": "with several layers, as many values in other pieces, and initial states",
}
"""Layers of which only the sum is compared, to a fifth, where there are several layers or directions."""

EXAMPLES = [
    (cls, example)
    for cls in LAYERS.values()
    for example in cls.examples
    if not example.fails and cls.__name__ not in OTHERWISE
    if example.call != "InstanceNorm2d(track_running_stats=True)"  # torch cannot train it on a single value
]


def alone(layer: Layer, in_shapes: tuple[tuple[int, ...], ...], out: tuple[int, ...]) -> Trace:
    """A network of one layer, whose inputs need gradients."""
    inputs = {f"input{i}": shape for i, shape in enumerate(in_shapes)} or {"input": (1,)}
    names = tuple(inputs) if in_shapes else ()
    node = Node("layer", layer, names, in_shapes, out)
    graph = Graph("one", (), (node,), inputs=inputs, outputs=("layer",))
    return trace(graph, Run(BATCH, train=True, input_gradients=True, masks="float32"))


@pytest.mark.parametrize(("cls", "example"), EXAMPLES, ids=title)
def test_a_layer_keeps_what_torch_keeps(cls: type[Layer], example: Example) -> None:
    """Which inputs are kept, whether the output is, and the bytes of all other storages."""
    layer, out = make(cls, example)
    with torch.device("meta"):
        module = build_layer(layer, *example.in_shapes).train()
        whole = layer.whole_below is not None
        xs = [
            torch.zeros(BATCH, *s, dtype=torch.int64)
            if whole
            else torch.empty(BATCH, *s, requires_grad=True) * 1
            for s in example.in_shapes
        ]
        watch = Watch(module)
        with watch.open():
            y = module(*xs)
    names = {key(x): f"input{i}" for i, x in enumerate(xs)}
    view = key(y) in names
    names.setdefault(key(y), "layer")
    seen = Counter((names.get(k, "made"), one.bytes) for k, one in watch.seen.items() if one.bytes)
    found = alone(layer, example.in_shapes, out)
    (step,) = found.steps
    kept = {name: found.sizes[name] for name in step.kept}
    if cls.__name__ in ALIKE:
        assert sum(kept.values()) == pytest.approx(sum(size * n for (_, size), n in seen.items()), rel=0.2)
        return
    ours = Counter((name if name in (*names.values(),) else "made", size) for name, size in kept.items())
    assert merged(ours) == merged(seen)
    assert (step.writes != "layer") == view


OVERWRITING = [cls for cls in LAYERS.values() if "inplace" in cls.names() and "Alpha" not in cls.__name__]
"""Layers that can overwrite their input; torch's AlphaDropout says so and does not."""


@pytest.mark.parametrize("cls", OVERWRITING, ids=lambda cls: cls.__name__)
def test_an_overwritten_input_is_kept_as_torch_keeps_it(cls: type[Layer]) -> None:
    """The output in its place where that is enough, else a copy."""
    shape = (
        3,
        *(4, 5, 7)[
            : int(cls.__name__[-2]) if cls.__name__.endswith("d") and cls.__name__[-2].isdigit() else 2
        ],
    )
    layer = cls(*(0.1, 20)[: 2 * (cls.__name__ == "Threshold")], inplace=True)
    with torch.device("meta"):
        module, x = build_layer(layer, shape).train(), torch.empty(BATCH, *shape, requires_grad=True) * 1
        watch = Watch(module)
        with watch.open():
            assert key(module(x)) == key(x)
    node = Node("layer", layer, ("before",), (shape,), shape)
    before = Node("before", LAYERS["Scale"](2), ("input",), (shape,), shape)
    graph = Graph("one", shape, (before, node), outputs=("layer",))
    found = trace(graph, Run(BATCH, train=True, input_gradients=True, masks="float32"))
    assert found.steps[1].writes == "before"
    kept = Counter(
        ("before" if name == "before" else "made", found.sizes[name]) for name in found.steps[1].kept
    )
    seen = Counter(("before" if k == key(x) else "made", one.bytes) for k, one in watch.seen.items())
    assert merged(kept) == merged(seen)


def merged(kept: Counter[tuple[str, int]]) -> dict[str, int]:
    """The bytes of each input and the output, and of all that the layer makes together."""
    total: Counter[str] = Counter()
    for (name, size), count in kept.items():
        total[name] += size * count
    return dict(total)


def test_other_declarations_would_be_seen() -> None:
    """A convolution that says that it keeps its output is not taken for torch's."""
    seen = Counter({("input0", 100): 1})
    assert merged(seen) != merged(Counter({("layer", 100): 1}))
