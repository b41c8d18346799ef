"""The catalogue's networks, built in torch: every node, name and count is the same on both sides."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
import torch
from torch import Tensor, nn

import cnncost
from cnncost import Graph
from cnncost.dims import Shape
from cnncost.measure import Network, build, verify
from cnncost.network.catalogue import layer_graph, load_text
from tests.torch_counts import watch
from tests.walk import SOME


def run(
    network: Network, input_shape: Shape, train: bool = False
) -> tuple[Any, dict[str, Shape], dict[str, int]]:
    """Run one sample on the meta device: the output, and each node's output shape and FLOPs."""
    x = torch.empty(2 if train else 1, *input_shape, device="meta")
    output, calls = watch(network.train(train), x, network.nodes.items())
    return (
        output,
        {call.name: call.out_shape for call in calls},
        {call.name: call.flops for call in calls},
    )


def checked_norm(x: Tensor, mean: Tensor | None, *_: object, **__: object) -> Tensor:
    """A batch norm in inference as far as shapes go: one mean for each channel, and the input's own shape."""
    assert mean is None or x.shape[1] == len(mean)
    return x


@patch.object(nn.functional, "batch_norm", checked_norm)  # on the meta device they take a third of the time
@pytest.mark.parametrize("name", SOME)
def test_a_network_in_torch_is_the_same(name: str) -> None:
    """Shapes and multiply-adds node by node, and the names and shapes of all weights, are torch's."""
    graph = cnncost.load(name)
    profile = cnncost.profile(graph, convention="torch")
    result = verify(graph, ("shapes", "params", "macs", "memory"))
    assert [c.mismatches for c in result.checks] == [[]] * 4
    assert result["shapes"].same == len(graph.nodes)
    assert result["params"].same == sum(len(cost.weights) for cost in profile.costs if not cost.node.shares)
    assert result["macs"].same == sum(cost.macs > 0 for cost in profile.costs)
    assert profile.totals.flops == 2 * sum(cost.macs for cost in profile.counted)


@pytest.mark.parametrize("name", ["googlenet", "googlenet-torchvision"])
def test_training_runs_the_side_heads(name: str) -> None:
    """In training the module returns the side heads too, and its FLOPs are those of a training profile."""
    profile = cnncost.profile(name, convention="torch", train=True, batch=2)
    output, shapes, flops = run(build(profile.graph, "meta"), profile.graph.input_shape, train=True)
    assert [tuple(o.shape) for o in output] == [(2, 1000)] * 3
    assert list(shapes) == [node.name for node in profile.graph.nodes]
    assert sum(flops.values()) == profile.totals.flops


PARAMS = {
    "alexnet": 62_378_344,
    "alexnet-torchvision": 61_100_840,
    "vgg16": 138_357_544,
    "googlenet-torchvision": 6_624_904,
    "lenet5": 61_706,
}


@pytest.mark.parametrize(("name", "params"), PARAMS.items())
def test_known_parameter_counts(name: str, params: int) -> None:
    """The counts that papers, torchvision and lectures give."""
    assert cnncost.profile(name).totals.params == params


def test_known_parameter_count_with_side_heads() -> None:
    """GoogLeNet has twice as many parameters in training as in inference."""
    assert cnncost.profile("googlenet-torchvision", train=True).totals.params == 13_004_888


# The builder

SPEC = """
name: net
input: [4, 6, 6]
layers:
  - train: Conv2d(4, 3, padding=1)
  - type:
      concat:
        dim: Conv2d(2, 1) >> ReLU
        forward: Identity
  - residual:
      add:
        body: Conv2d(6, 1)
        shortcut: Identity
  - aux: {side: Flatten >> Linear(2)}
  - gate:
      multiply:
        gate: AdaptiveAvgPool2d(1) >> Sigmoid
        map: Identity
  - Flatten
"""


@pytest.fixture
def graph() -> Graph:
    """A network of every kind of merge, a side head, and names that torch's modules use themselves."""
    return load_text(SPEC)


def test_the_module_computes_what_the_spec_says(graph: Graph) -> None:
    """Run layer by layer with the module's weights, the spec gives the module's output."""
    torch.manual_seed(0)
    network = build(graph)
    weights = dict(network.named_parameters())
    x = torch.randn(2, 4, 6, 6)

    def conv(x: Tensor, name: str, padding: int = 0) -> Tensor:
        return nn.functional.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], padding=padding)

    a = conv(x, "train", 1)
    b = torch.cat([conv(a, "type.dim.Conv2d").relu(), a], 1)
    c = conv(b, "residual.body") + b
    side = nn.functional.linear(c.flatten(1), weights["side.Linear.weight"], weights["side.Linear.bias"])
    out = (c.mean((2, 3), keepdim=True).sigmoid() * c).flatten(1)
    in_training = network(x)
    torch.testing.assert_close(in_training, (out, side))
    torch.testing.assert_close(network.eval()(x), out)


def test_state_dict_keys_are_the_node_names(graph: Graph) -> None:
    """Also below a merge, and for names that torch's own modules use."""
    assert list(build(graph).state_dict()) == [
        f"{name}.{kind}"
        for name in ("train", "type.dim.Conv2d", "residual.body", "side.Linear")
        for kind in ("weight", "bias")
    ]


def test_the_module_can_be_copied_and_moved(graph: Graph) -> None:
    """A deep copy has weights of its own; a conversion reaches every node."""
    import copy

    network = build(graph)
    other = copy.deepcopy(network).double()
    assert {p.dtype for p in other.parameters()} == {torch.float64}
    assert {p.dtype for p in network.parameters()} == {torch.float32}
    assert other.eval()(torch.zeros(1, 4, 6, 6, dtype=torch.float64)).dtype == torch.float64


def test_an_empty_network_is_its_input() -> None:
    """A spec whose layers come to nothing gives its input back."""
    graph = Graph("empty", (3, 4, 4), ())
    x = torch.ones(1, 3, 4, 4)
    assert build(graph)(x) is x


# The helpers can fail


def test_flops_of_a_node_are_its_own() -> None:
    """The hooks give each node its own share."""
    graph = layer_graph("Conv2d(8, 1) >> ReLU >> Conv2d(2, 1)", (3, 2, 2))
    _, shapes, flops = run(build(graph, "meta"), graph.input_shape)
    assert flops == {"Conv2d": 2 * 3 * 8 * 4, "ReLU": 0, "Conv2d_1": 2 * 8 * 2 * 4}
    assert shapes == {"Conv2d": (8, 2, 2), "ReLU": (8, 2, 2), "Conv2d_1": (2, 2, 2)}
