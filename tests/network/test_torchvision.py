"""The networks of torchvision against the catalogue's: totals, and layer by layer.

Those for detection have a file of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

import cnncost
from cnncost.measure import build
from cnncost.network.catalogue import aliases, index, layer_graph
from tests.network.test_torchvision_detection import HEADS
from tests.parts import (
    PARAMETER,
    PRODUCTS,
    cuts,
    differences,
    matched,
    our_parts,
    pieces,
    runs,
    same_network,
    their_parts,
    used_weights,
)
from tests.torch_counts import tensor_shapes, watch
from tests.walk import INPUTS, LARGE

SOURCE = "torchvision/"
NETWORKS = {alias.removeprefix(SOURCE): name for alias, name in aliases().items() if alias.startswith(SOURCE)}
MODELS = sorted(NETWORKS.keys() - HEADS.keys())


def test_no_network_of_torchvision_is_missing(torchvision: ModuleType) -> None:
    """Each name of its lists is an alias of the catalogue."""
    models = torchvision.models
    tasks = (models, models.segmentation, models.video)
    theirs = {name for task in tasks for name in models.list_models(module=task)}
    missing, unknown = sorted(theirs - set(MODELS)), sorted(set(MODELS) - theirs)
    assert not missing, f"{len(missing)} of {len(theirs)} are missing: {', '.join(missing)}"
    assert not unknown, f"torchvision has no {', '.join(unknown)}"


# torchvision's side


def reference(torchvision: ModuleType, name: str, device: str = "meta", heads: bool = True) -> nn.Module:
    """torchvision's network; on the meta device it has shapes, but no values and no memory.

    `heads` keeps the side heads of networks for segmentation.
    """
    options: dict[str, Any] = {}
    if name in ("googlenet", "inception_v3"):
        options["init_weights"] = False  # else it warns
    if name in torchvision.models.list_models(module=torchvision.models.segmentation):
        options |= {"weights_backbone": None} | ({} if name.startswith("lraspp") else {"aux_loss": heads})
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


@pytest.mark.parametrize("name", MODELS)
def test_a_network_is_torchvision_s(torchvision: ModuleType, name: str) -> None:
    """Parameters, buffers, multiply-adds, and each layer with weights: kind, shapes, products, and order.

    So it is at the network's own size and at another, unless torchvision's takes no other: then ours
    refuses it too. Dropout and stochastic depth have torchvision's probabilities, side heads included; a
    stochastic depth that never drops may be missing, a dropout may not.
    """
    graph, network = cnncost.load(SOURCE + name), reference(torchvision, name)
    shared = SHARED if name.startswith("mvit") else ()
    calls = same_network(cnncost.profile(SOURCE + name, convention="macs"), network, shared)
    theirs = [(type(call.module).__name__, getattr(call.module, "p", 0)) for call in calls]
    assert drops((node.type, getattr(node.layer, "p", 0)) for node in graph.nodes) == drops(theirs)
    *others, height, width = graph.input_shape
    wider = (*others, height + 64, width + 64)
    if name not in ONE_SIZE:
        same_network(cnncost.profile(SOURCE + name, convention="macs", input=wider), network, shared)
        return
    with pytest.raises((AssertionError, RuntimeError)):
        runs(network, wider)
    with pytest.raises(
        cnncost.CnncostError, match=rf"^torchvision/{name} takes inputs of [\d×]*×224×224 only"
    ):
        cnncost.load(SOURCE + name, input=wider)


ONE_SIZE = ("maxvit_t", *(name for name in MODELS if name.startswith(("vit_", "mvit_"))))
"""Networks that torchvision builds for one size of input."""
SHARED = ("pool",)
"""MViT's convolutions that run on each head; their weights are parameters to us, and their products are ours."""


@pytest.mark.parametrize("name", MODELS)
def test_every_layer_is_torchvision_s(torchvision: ModuleType, name: str) -> None:
    """All layers in order, also those without weights, whether torchvision has a module or calls a function.

    What only moves values is left out (torchvision indexes and reshapes by other means), and so is
    attention, whose steps it takes one by one; they are compared by shapes and products above.
    """
    kinds = (PARTS_OF_ATTENTION | MOVES) if name.startswith(("vit", "maxvit", "swin", "mvit")) else MOVES
    kinds = kinds | {"Conv3d"} if name.startswith("mvit") else kinds  # it pools each head
    graph = cnncost.load(SOURCE + name)
    main = set(cuts(graph))
    segments: list[list[str]] = [[]]
    for node in graph.nodes:
        if not node.aux:
            segments[-1] += [node.type] * (node.type not in kinds)
            if node.name in main:
                segments.append([])
    theirs = [kind for kind in traced(reference(torchvision, name, heads=False).eval()) if kind not in kinds]
    ours = [kind for segment in segments for kind in segment]
    assert Counter(ours) == Counter(theirs)
    for segment in segments:  # branches in any order
        head, theirs = theirs[: len(segment)], theirs[len(segment) :]
        assert Counter(head) == Counter(segment)


MOVES = {"Flatten", "Unflatten", "Permute", "Identity", "Select", "Slice", "ChannelShuffle", "Concat"}
"""Layers that only move values, or need not be there."""
PARTS_OF_ATTENTION = {
    *("Linear", "MultiheadAttention", "ScaledDotProductAttention", "CosineAttention", "ReLU", "Sigmoid"),
    *("Matmul", "Softmax", "Scale", "Convolve", "Parameter", "Gather", "PadChannels"),
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
    "conv3d": "Conv3d",
    "interpolate": "Upsample",
    "relu": "ReLU",
    "avg_pool2d": "AvgPool2d",
    "max_pool2d": "MaxPool2d",
    "boolean_dispatch": "MaxPool2d",
    "adaptive_avg_pool2d": "AdaptiveAvgPool2d",
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
            function = getattr(node.target, "__name__", node.target)
            kind = f"AdaptiveAvgPool{axes_of(node)}d" if function == "mean" else FUNCTIONS.get(function)
            weights = [
                each for each in node.args if isinstance(each, torch.fx.Node) and each.op == "get_attr"
            ]
            if kind:
                yield "LayerScale" if kind == "Multiply" and weights else kind


def axes_of(mean: torch.fx.Node) -> int:
    """How many axes a mean is over."""
    axes = mean.kwargs.get("dim") or mean.args[1]
    assert isinstance(axes, (list, tuple))
    return len(axes)


@pytest.mark.parametrize("name", MODELS)
def test_a_network_has_the_figures_that_torchvision_prints(torchvision: ModuleType, name: str) -> None:
    """Of the weights that it publishes for our input size: parameters, and multiply-adds in G to three places."""
    profile = cnncost.profile(SOURCE + name, convention="macs")
    everything = profile.totals + profile.aux_totals
    height = profile.graph.input_shape[-2]
    weights = [w for w in torchvision.models.get_model_weights(name) if height in sizes(w.transforms())]
    assert weights
    for w in weights:
        assert w.meta["num_params"] in (profile.totals.params, everything.params)
        assert w.meta["_ops"] in (round(profile.totals.macs / 1e9, 3), round(everything.macs / 1e9, 3))


def sizes(transform: Any) -> Collection[int]:
    """The height and width to which images are brought; those for segmentation are not cropped."""
    found: Collection[int] = getattr(transform, "crop_size", None) or transform.resize_size
    return found


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
    for model in MODELS:
        found.setdefault(files[NETWORKS[model]].stem, []).append(SOURCE + model)
    return found


TINY_MAPS = dict.fromkeys(("fcn", "deeplabv3", "lraspp"), (3, 48, 48))
SMALL_INPUTS = {**INPUTS, **TINY_MAPS, "r2plus1d": (3, 4, 32, 32)}
"""For families whose smallest network takes long on its own input."""


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
@pytest.mark.parametrize("family", [family for family in families() if family not in LARGE])
def test_small_networks_compute_what_torchvision_s_do(torchvision: ModuleType, family: str) -> None:
    """With the same random weights both give the same output: layers without weights are equal too."""
    for alias in small(family):
        profile = cnncost.profile(alias, input=SMALL_INPUTS.get(family))
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
            expected = expected["out"] if isinstance(expected, dict) else expected
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
