"""Every classification network of torchvision against the catalogue's: totals, and layer by layer."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

import cnncost
from cnncost.dims import Shape
from cnncost.measure import build
from cnncost.network.catalogue import aliases, index, layer_graph
from cnncost.network.graph import INPUT, Graph
from tests.torch_counts import ModuleCall, tensor_shapes, watch

SOURCE = "torchvision/"
MODELS = sorted(alias.removeprefix(SOURCE) for alias in aliases() if alias.startswith(SOURCE))


def test_no_network_of_torchvision_is_missing(torchvision: ModuleType) -> None:
    """Each name of its whole classification list is an alias of the catalogue, and there are no others."""
    theirs = set(torchvision.models.list_models(module=torchvision.models))
    missing, unknown = sorted(theirs - set(MODELS)), sorted(set(MODELS) - theirs)
    assert not missing, f"{len(missing)} of {len(theirs)} are missing: {', '.join(missing)}"
    assert not unknown, f"torchvision has no {', '.join(unknown)}"


@dataclass(frozen=True)
class Part:
    """A layer with weights, as both sides are compared: parameters and buffers by name, and what it does."""

    name: str = field(compare=False)
    kind: str
    weights: tuple[tuple[str, Shape], ...]
    in_shape: Shape = ()
    out_shape: Shape = ()
    macs: int = 0


PARAMETER, PRODUCTS = "a parameter of its own", "products of its own"
"""Weights outside all layers: torchvision keeps class tokens, embeddings and scales in the modules around."""


def layer(name: str, kind: str, weights: Mapping[str, Shape], shapes: Iterable[Shape], macs: int) -> Part:
    """A layer with weights. Leading axes of size 1 are a batch of its own: a single window."""
    in_shape, out_shape = (shape[next((i for i, n in enumerate(shape) if n != 1), 0) :] for shape in shapes)
    return Part(name, kind, tuple(sorted(weights.items())), in_shape, out_shape, macs)


def beside(name: str, weights: Mapping[str, Shape], macs: int) -> Iterator[Part]:
    """Weights and products without a layer; axes of size 1 say only where a weight is broadcast."""
    for weight, shape in weights.items():
        yield Part(f"{name}.{weight}", PARAMETER, (("", tuple(n for n in shape if n != 1)),))
    if macs:
        yield Part(name, PRODUCTS, (), macs=macs)


# torchvision's side


def reference(torchvision: ModuleType, name: str, device: str = "meta") -> nn.Module:
    """torchvision's network; on the meta device it has shapes, but no values and no memory."""
    options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}  # else it warns
    with torch.device(device):
        network: nn.Module = torchvision.models.get_model(name, weights=None, **options)
    return network


@pytest.fixture(autouse=True)
def _regnets_work_out_their_widths(monkeypatch: pytest.MonkeyPatch, torchvision: ModuleType) -> None:
    """RegNet computes its widths with tensors; those need values, also where a network has none."""
    block = torchvision.models.regnet.BlockParams
    settle = block.from_init_params

    def with_values(*args: object, **options: object) -> object:
        with torch.device("cpu"):
            return settle(*args, **options)

    monkeypatch.setattr(block, "from_init_params", with_values)


def runs(network: nn.Module, input_shape: Shape) -> tuple[list[ModuleCall], list[ModuleCall]]:
    """The calls of an inference run, and those of its side heads, which run in training."""
    x = torch.empty(1, *input_shape, device="meta")
    _, calls = watch(network.eval(), x, network.named_modules())
    if not getattr(network, "aux_logits", False):
        return calls, []
    network.training = True  # of the network alone: its batch norms would ask for a larger batch
    _, more = watch(network, x, network.named_modules())
    known = {call.name for call in calls}
    return calls, [call for call in more if call.name not in known]


def their_parts(
    calls: list[ModuleCall], weights: Mapping[str, dict[str, Shape]], pieces: Collection[str]
) -> Iterator[Part]:
    """The layers that ran, in order, each with the weights that it uses.

    A module around other layers is none itself: its own weights and operations are listed separately, and
    so is what `pieces` names: modules that are a part of one layer of ours, by the ends of their names.
    """
    within = 0
    for call in calls:
        mine, own = weights[call.name], call.own // 2
        if mine and call.name.endswith(tuple(f".{piece}" for piece in pieces)):
            within += own
            yield from beside(call.name, mine, 0)
        elif mine and not call.inside:
            yield layer(call.name, type(call.module).__name__, mine, (call.in_shape, call.out_shape), own)
        else:
            yield from beside(call.name, mine, own and own + within)
            within = 0 if own else within


def used_weights(network: nn.Module, calls: list[ModuleCall]) -> dict[str, dict[str, Shape]]:
    """The shapes of parameters and buffers by name, for each module that is called.

    A module's weights are its own and those of modules inside that are never called, such as the
    output projection of an attention.
    """
    found: dict[str, dict[str, Shape]] = {call.name: {} for call in calls}
    tensors = {**tensor_shapes(network.named_parameters()), **tensor_shapes(network.named_buffers())}
    buffers = {path for path, _ in network.named_buffers()}
    for path, shape in tensors.items():
        owner, _, name = path.rpartition(".")
        while owner and owner not in found:
            owner, _, between = owner.rpartition(".")
            name = f"{between}.{name}"
        found[owner][name] = kept(shape) if path in buffers else shape
    return found


def kept(shape: Shape) -> Shape:
    """The shape of a buffer; tables of constants are the same table in any number of axes."""
    return (math.prod(shape),) if len(shape) > 1 else shape


# The catalogue's side


def our_parts(costs: Iterable[cnncost.LayerCost], kinds: Collection[str]) -> Iterator[Part]:
    """The layers with weights, in order; of kinds that torchvision has no module for, their weights alone."""
    for cost in costs:
        buffers = cost.node.layer.buffer_names
        weights = {name: kept(shape) if name in buffers else shape for name, shape in cost.weights.items()}
        if weights and cost.type in kinds:
            shapes = (cost.node.in_shapes[0], cost.out_shape)
            yield layer(cost.name, cost.type, weights, shapes, cost.macs)
        else:
            yield from beside(cost.name, weights, cost.macs)


def pieces(costs: Iterable[cnncost.LayerCost]) -> set[str]:
    """The modules that are a part of one of our layers, as the names of its weights tell."""
    return {name.rpartition(".")[0] for cost in costs for name in cost.weights if "." in name}


def cuts(graph: Graph) -> list[str]:
    """The nodes of the main path: all that comes behind such a node sees nothing before it but its output."""
    nodes = [node for node in graph.nodes if not node.aux]
    last = {name: i for i, node in enumerate(nodes) for name in node.inputs}
    needed, found = last.get(INPUT, -1), []
    for i, node in enumerate(nodes):
        if needed <= i:
            found.append(node.name)
        needed = max(needed, last.get(node.name, i))
    return found


# Comparing


@pytest.mark.parametrize("wider", [0, 64], ids=["own size", "wider"])
@pytest.mark.parametrize("name", MODELS)
def test_a_network_is_torchvision_s(torchvision: ModuleType, name: str, wider: int) -> None:
    """Parameters, buffers, multiply-adds, and each layer with weights: kind, shapes, products, and order.

    So it is at the network's own size and at another, unless torchvision's takes no other: then ours
    refuses it too.

    Multiply-adds are half of what FlopCounterMode counts. On the meta device it sees all products:
    attention runs as separate steps there, not as the one fused operator that has no count.
    """
    channels, height, width = cnncost.load(SOURCE + name).input_shape
    input_shape = (channels, height + wider, width + wider)
    network = reference(torchvision, name)
    if wider and name in ONE_SIZE:
        with pytest.raises((AssertionError, RuntimeError)):
            runs(network, input_shape)
        with pytest.raises(
            cnncost.CnncostError, match=rf"^torchvision/{name} takes inputs of 3×224×224 only"
        ):
            cnncost.load(SOURCE + name, input=input_shape)
        return
    profile = cnncost.profile(SOURCE + name, convention="macs", input=input_shape)
    calls, in_training = runs(network, input_shape)
    weights = used_weights(network, calls + in_training)
    parts = list(their_parts(calls, weights, pieces(profile.costs)))
    kinds = {part.kind for part in parts}
    ours = list(our_parts(profile.counted, kinds))
    assert differences(ours, parts) == []
    assert profile.totals.macs == calls[-1].flops // 2

    heads = [cost for cost in profile.costs if cost.node.aux]
    assert differences(our_parts(heads, kinds), their_parts(in_training, weights, ())) == []
    everything = profile.totals + profile.aux_totals
    assert everything.params == sum(p.numel() for p in network.parameters())
    assert everything.buffers == sum(b.numel() for b in network.buffers())
    assert len(matched(profile, kinds, parts)) == sum(part.kind != PRODUCTS for part in parts)


ONE_SIZE = ("maxvit_t", *(name for name in MODELS if name.startswith("vit_")))
"""Networks that torchvision builds for one size of input."""


@pytest.mark.parametrize("name", MODELS)
def test_every_layer_is_torchvision_s(torchvision: ModuleType, name: str) -> None:
    """All layers in order, also those without weights, whether torchvision has a module or calls a function.

    What only moves values is left out (torchvision indexes and reshapes by other means), and so is
    attention, whose steps it takes one by one; they are compared by shapes and products above.
    """
    kinds = (PARTS_OF_ATTENTION | MOVES) if name.startswith(("vit", "maxvit", "swin")) else MOVES
    graph = cnncost.load(SOURCE + name)
    main = set(cuts(graph))
    segments: list[list[str]] = [[]]
    for node in graph.nodes:
        if not node.aux:
            segments[-1] += [node.type] * (node.type not in kinds)
            if node.name in main:
                segments.append([])
    theirs = [kind for kind in traced(reference(torchvision, name).eval()) if kind not in kinds]
    ours = [kind for segment in segments for kind in segment]
    assert Counter(ours) == Counter(theirs)
    for segment in segments:  # branches in any order
        head, theirs = theirs[: len(segment)], theirs[len(segment) :]
        assert Counter(head) == Counter(segment)


MOVES = {"Flatten", "Unflatten", "Permute", "Identity", "Select", "Slice", "ChannelShuffle", "Concat"}
"""Layers that only move values, or need not be there."""
PARTS_OF_ATTENTION = {
    *("Linear", "MultiheadAttention", "ScaledDotProductAttention", "CosineAttention", "ReLU", "Sigmoid"),
    *(
        "WindowPartition",
        "WindowReverse",
        "ClassToken",
        "PositionEmbedding",
        "Multiply",
        "Add",
        "StochasticDepth",
    ),
}
"""What torchvision's transformers spell out, within attention and around it."""

FUNCTIONS = {
    "relu": "ReLU",
    "avg_pool2d": "AvgPool2d",
    "max_pool2d": "MaxPool2d",
    "boolean_dispatch": "MaxPool2d",
    "adaptive_avg_pool2d": "AdaptiveAvgPool2d",
    "mean": "AdaptiveAvgPool2d",
    "layer_norm": "LayerNorm2d",
    "stochastic_depth": "StochasticDepth",
    "add": "Add",
    "mul": "Multiply",
}
"""The layer that a function or a method of a tensor is; others move values."""


def traced(network: nn.Module) -> Iterator[str]:
    """The kinds of layers that torch.fx sees, in the order in which they run."""
    graph = torch.fx.symbolic_trace(network)
    modules = dict(graph.named_modules())
    for node in graph.graph.nodes:
        if node.op == "call_module":
            yield type(modules[node.target]).__name__
        elif node.op in ("call_function", "call_method"):
            kind = FUNCTIONS.get(getattr(node.target, "__name__", node.target))
            weights = [
                each for each in node.args if isinstance(each, torch.fx.Node) and each.op == "get_attr"
            ]
            if kind:
                yield "LayerScale" if kind == "Multiply" and weights else kind


def differences(ours: Iterable[Part], theirs: Iterable[Part]) -> list[str]:
    """What only one of them has, however often."""
    a, b = Counter(ours), Counter(theirs)
    return [
        f"only {whose}: {n} × {part}"
        for whose, only in (("ours", a - b), ("torchvision's", b - a))
        for part, n in only.items()
    ]


def matched(
    profile: cnncost.Profile, kinds: Collection[str], theirs: Iterable[Part]
) -> list[tuple[Part, Part]]:
    """Each of our layers with torchvision's own, then the weights without a layer.

    Between two nodes of the main path both must have the same layers, branches in any order.
    """
    ordered = [part for part in theirs if part.kind not in (PARAMETER, PRODUCTS)]
    main, segment, loose, pairs = set(cuts(profile.graph)), [], [], []
    for cost in profile.counted:
        parts = [part for part in our_parts([cost], kinds) if part.kind != PRODUCTS]
        (loose if parts and parts[0].kind == PARAMETER else segment).extend(parts)
        if cost.name in main:
            pairs += paired(segment, ordered[: len(segment)])
            ordered, segment = ordered[len(segment) :], []
    kept = [part for part in theirs if part.kind == PARAMETER]
    loose, kept = (sorted(parts, key=lambda part: part.weights) for parts in (loose, kept))
    assert loose == kept
    return pairs + list(zip(loose, kept, strict=True))


def paired(ours: Iterable[Part], theirs: Iterable[Part]) -> list[tuple[Part, Part]]:
    """Each of ours with an equal: the one behind the last, or the first, where another branch begins."""
    free, at, pairs = dict(enumerate(theirs)), -1, []
    for part in ours:
        following = free.get(at + 1) == part
        at = at + 1 if following else next((i for i, other in free.items() if other == part), -1)
        assert at >= 0, part
        pairs.append((part, free.pop(at)))
    return pairs


@pytest.mark.parametrize("name", MODELS)
def test_a_network_has_the_figures_that_torchvision_prints(torchvision: ModuleType, name: str) -> None:
    """Of the weights that it publishes for our input size: parameters, and multiply-adds in G to three places."""
    profile = cnncost.profile(SOURCE + name, convention="macs")
    everything = profile.totals + profile.aux_totals
    height = profile.graph.input_shape[1]
    weights = [w for w in torchvision.models.get_model_weights(name) if height in w.transforms().crop_size]
    assert weights
    for w in weights:
        assert w.meta["num_params"] in (profile.totals.params, everything.params)
        assert w.meta["_ops"] == round(profile.totals.macs / 1e9, 3)


@pytest.mark.parametrize("name", MODELS)
def test_a_network_drops_what_torchvision_s_does(torchvision: ModuleType, name: str) -> None:
    """Dropout and stochastic depth, each with its probability, side heads included.

    A stochastic depth that never drops may be missing; a dropout may not.
    """
    graph = cnncost.load(SOURCE + name)
    calls, in_training = runs(reference(torchvision, name), graph.input_shape)
    theirs = [(type(call.module).__name__, getattr(call.module, "p", 0)) for call in calls + in_training]
    assert drops((node.type, getattr(node.layer, "p", 0)) for node in graph.nodes) == drops(theirs)


def drops(modules: Iterable[tuple[str, float]]) -> Counter[tuple[str, float]]:
    """How often each kind of module drops with each probability, as far as floats can tell."""
    return Counter(
        (kind, round(p, 12)) for kind, p in modules if kind == "Dropout" or (kind in DROPPING and p)
    )


DROPPING = ("Dropout", "StochasticDepth")


# Values


def families() -> dict[str, list[str]]:
    """The names of torchvision's networks by the file of the catalogue that has them."""
    files = dict(index())
    found: dict[str, list[str]] = {}
    for alias, name in aliases().items():
        if alias.startswith(SOURCE):
            found.setdefault(files[name].stem, []).append(alias)
    return found


def small(family: str) -> list[str]:
    """A family's smallest network, and all that take less than 1 G multiply-adds."""
    macs = {alias: cnncost.profile(alias).totals.macs for alias in families()[family]}
    least = min(macs.values())
    return [alias for alias, n in macs.items() if n < 10**9 or n == least]


@pytest.fixture
def _same_by_other_means(monkeypatch: pytest.MonkeyPatch, torchvision: ModuleType) -> None:
    """What torchvision computes otherwise at no other cost, and so needs no network of its own.

    Its MaxViT divides scores by the root of all features, not of those of a head.
    """
    attention = torchvision.models.maxvit.RelativePositionalMultiHeadAttention
    forward = attention.forward

    def scaled_by_head(self: nn.Module, x: torch.Tensor) -> torch.Tensor:
        self.scale_factor = self.head_dim**-0.5
        return forward(self, x)

    monkeypatch.setattr(attention, "forward", scaled_by_head)
    # draws until every value fits, which never ends where `Uninitialised` draws none
    monkeypatch.setattr(nn.init, "_no_grad_trunc_normal_", lambda tensor, *_, **__: tensor)


@pytest.fixture
def _double() -> Iterator[None]:
    """Networks are made of doubles, so that outputs which differ by rounding alone are the same."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.mark.usefixtures("_double", "_same_by_other_means")
@pytest.mark.parametrize("family", families())
def test_small_networks_compute_what_torchvision_s_do(torchvision: ModuleType, family: str) -> None:
    """With the same random weights both give the same output: layers without weights are equal too."""
    for alias in small(family):
        profile = cnncost.profile(alias)
        shape = profile.graph.input_shape
        model = alias.removeprefix(SOURCE)
        network = reference(torchvision, model)
        calls, in_training = runs(network, shape)
        weights = used_weights(network, calls + in_training)
        parts = list(their_parts(calls, weights, pieces(profile.costs)))
        with Uninitialised():
            theirs = reference(torchvision, model, "cpu").double().eval()
        randomised(theirs)
        tensors = theirs.state_dict()
        ours = build(profile.graph, "meta").eval()
        given = {
            f"{part.name}.{weight}".removesuffix("."): tensors[f"{partner.name}.{weight}".strip(".")]
            for part, partner in matched(profile, {part.kind for part in parts}, parts)
            for weight, _ in part.weights
        }
        shapes = tensor_shapes(ours.state_dict().items())
        ours.load_state_dict(
            {name: tensor.view(shapes[name]) for name, tensor in given.items()}, strict=False, assign=True
        )
        x = torch.randn(1, *shape)
        with torch.no_grad():
            expected, found = theirs(x), ours(x)
        scale = expected.abs().max()
        torch.testing.assert_close(found / scale, expected / scale, rtol=0, atol=1e-9)
        assert expected.std() > 1e-3 * scale


FILLING = (torch.Tensor.normal_, torch.Tensor.uniform_)


class Uninitialised(TorchFunctionMode):
    """Makes networks without the time that their random weights take, which are replaced anyway."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__module__", "") == "torch.nn.init" or func in FILLING:
            return args[0] if args else (kwargs or {})["tensor"]
        return func(*args, **kwargs or {})


def randomised(network: nn.Module) -> nn.Module:
    """The network with random weights and statistics, of a size that keeps the signal alive.

    The numbers repeat themselves after a million and three, a prime, so that no two filters are equal.
    """
    torch.manual_seed(0)
    noise = torch.randn(1_000_003)
    at = 0
    for tensor in network.state_dict().values():
        if not tensor.is_floating_point():
            continue  # counters and indices
        if tensor.dim() > 1:
            std, rest = (tensor.shape[0] / tensor.numel()) ** 0.5, tensor.view(-1)
            while len(rest):
                part = noise[at : at + len(rest)]
                torch.mul(part, std, out=rest[: len(part)])
                rest, at = rest[len(part) :], (at + len(part)) % len(noise)
        else:
            nn.init.uniform_(tensor, 0.5, 1.5)
    return network


# The helpers can fail


class Reference(nn.Module):
    """Two convolutions, a scale of its own, and two layers whose weights it uses itself."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 1)
        self.body = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU())
        self.mix = nn.Conv2d(8, 8, 1, bias=False)
        self.proj = nn.Linear(8, 5)
        self.scale = nn.Parameter(torch.ones(8, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.conv2d(self.body(self.stem(x)) * self.scale, self.mix.weight)
        return nn.functional.linear(x.flatten(2).transpose(1, 2)[0], self.proj.weight, self.proj.bias)


def test_each_module_has_the_weights_that_it_uses() -> None:
    """A module that runs has its own, and one around others what is left: its own, and what never runs.

    A linear layer runs wherever its weights are used.
    """
    network = Reference()
    _, calls = watch(network, torch.zeros(1, 3, 4, 4), network.named_modules())
    weights = used_weights(network, calls)
    assert weights["stem"] == {"weight": (8, 3, 1, 1), "bias": (8,)}
    assert weights[""] == {"scale": (8, 1, 1), "mix.weight": (8, 8, 1, 1)}
    parts = list(their_parts(calls, weights, ()))
    assert [(part.name, part.kind, part.macs) for part in parts] == [
        ("stem", "Conv2d", 8 * 3 * 16),
        ("body.0", "Conv2d", 8 * 8 * 9 * 16),
        ("proj", "Linear", 8 * 5 * 16),
        (".scale", PARAMETER, 0),
        (".mix.weight", PARAMETER, 0),
        ("", PRODUCTS, 8 * 8 * 16),
    ]
    assert [(part.in_shape, part.out_shape) for part in parts[1:3]] == [
        ((8, 4, 4), (8, 4, 4)),
        ((16, 8), (16, 5)),
    ]


SPEC = """
input: [3, 4, 4]
layers:
  - stem: Conv2d({out}, 1)
  - add:
      body: {body}
      shortcut: {shortcut}
"""


@pytest.mark.parametrize(
    ("words", "same"),
    [
        ({}, True),
        ({"body": "Conv2d(8, 1)", "shortcut": "Conv2d(8, 3, padding=1)"}, True),
        ({"body": "Conv2d(8, 3, padding=1, bias=False)"}, False),
        ({"shortcut": "Identity"}, False),
        ({"out": "9"}, False),
    ],
)
def test_layers_that_differ_are_seen(words: dict[str, str], same: bool) -> None:
    """Branches may change places; a bias, a layer less or another width are differences."""
    usual = {"out": "8", "body": "Conv2d(8, 3, padding=1)", "shortcut": "Conv2d(8, 1)"}
    profile, other = (
        cnncost.profile(cnncost.load_text(SPEC.format(**usual | change))) for change in ({}, words)
    )
    theirs = list(our_parts(profile.counted, {"Conv2d"}))
    assert (differences(our_parts(other.counted, {"Conv2d"}), theirs) == []) is same
    if same:
        assert len(matched(other, {"Conv2d"}, theirs)) == len(theirs)


def test_an_order_that_differs_is_seen() -> None:
    """Two layers that change places on the main path are the same layers, but not the same network."""
    chains = (
        "2 * Conv2d(3, 1) >> Conv2d(3, 3, padding=1)",
        "Conv2d(3, 1) >> Conv2d(3, 3, padding=1) >> Conv2d(3, 1)",
    )
    one, other = (cnncost.profile(layer_graph(chain, (3, 4, 4))) for chain in chains)
    theirs = list(our_parts(other.counted, {"Conv2d"}))
    assert differences(our_parts(one.counted, {"Conv2d"}), theirs) == []
    with pytest.raises(AssertionError):
        matched(one, {"Conv2d"}, theirs)


def test_the_main_path() -> None:
    """What every way through the network passes: not the branches, nor what they start from alone."""
    graph = cnncost.load_text(SPEC.format(out="8", body="ReLU >> Conv2d(8, 1)", shortcut="Identity"))
    assert cuts(graph) == ["stem", "add"]
