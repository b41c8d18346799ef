from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import cnncost
from cnncost.count.profile import profile_graph
from cnncost.layers import Layer, catalogue
from cnncost.layers.base import Example
from cnncost.network.catalogue import layer_graph
from cnncost.views.data import layer_dict
from tests.layers.test_layers import good, make


@good
def test_json_makes_each_layer_again(cls: type[Layer], example: Example) -> None:
    """From the JSON of any example: the same layer, with the same shapes and weights."""
    layer, out = make(cls, example)
    node = cnncost.Node("it", layer, ("input",) * len(example.in_shapes), example.in_shapes, out)
    graph = cnncost.Graph("one", *example.in_shapes[:1] or ((1,),), (node,), output="it")
    told = json.loads(json.dumps(layer_dict(profile_graph(graph).costs[0])))
    given = {k: tupled(v) for k, v in told["args"].items() if k not in told["inferred"] or k in layer.names()}
    again = catalogue()[told["type"]](**given)
    shapes = tupled(told["in_shapes"])
    assert again.out_shape(*shapes) == tupled(told["out_shape"])
    assert again.weights(*shapes) == layer.weights(*example.in_shapes)


def tupled(value: Any) -> Any:
    """Lists as tuples, all the way down."""
    return tuple(map(tupled, value)) if isinstance(value, list) else value


def test_json_has_the_whole_call_of_torch() -> None:
    """`args` and `inferred` together are what the layer's module in PyTorch is called with."""
    for call, shape in (("MultiheadAttention(12)", (197, 768)), ("Conv2d(8, 3)", (3, 9, 9))):
        cost = profile_graph(layer_graph(call, shape)).costs[0]
        data = layer_dict(cost)
        assert data["args"] | data["inferred"] == json.loads(
            json.dumps(dict(cost.node.layer.twin(*cost.node.in_shapes).arguments))
        )
    assert layer_dict(profile_graph(layer_graph("MultiheadAttention(12)", (197, 768))).costs[0])["args"] == {
        "embed_dim": 768,
        "num_heads": 12,
        "dropout": 0.0,
        "bias": True,
        "add_bias_kv": False,
        "add_zero_attn": False,
    }


def test_json_says_what_a_layernorm_normalises() -> None:
    """An argument that was left to the input is written out."""
    cost = profile_graph(layer_graph("LayerNorm", (196, 768))).costs[0]
    assert layer_dict(cost)["args"]["normalized_shape"] == [768]


@pytest.mark.parametrize(
    "call",
    [
        "Conv2d(8, 3, stride=2)",
        "AdaptiveAvgPool2d(3)",
        "Upsample(scale_factor=2)",
        "Softmax(2)",
        "MaxPool2d(2, ceil_mode=True)",
    ],
)
def test_a_sweep_over_sizes_is_exact(call: str) -> None:
    """An array of sizes gives, place by place, what each size gives by itself."""
    heights = np.array([30, 31, 32])
    swept = profile_graph(layer_graph(call, (4, heights, 20)), "flops").totals
    for i, height in enumerate(heights):
        alone = profile_graph(layer_graph(call, (4, int(height), 20)), "flops").totals
        assert np.broadcast_to(swept.flops, heights.shape)[i] == alone.flops
        assert np.broadcast_to(swept.memory_bytes, heights.shape)[i] == alone.memory_bytes


def test_a_sweep_does_not_wrap_around() -> None:
    """Counts beyond 64 bits stay exact, in an array of 64-bit numbers too."""
    graph = layer_graph("Conv2d(1000000, 11)", (np.array([10**9]), 1000, 1000))
    assert profile_graph(graph).totals.macs[0] == 10**6 * 990 * 990 * 10**9 * 121


def test_numbers_of_numpy_are_numbers() -> None:
    """Whole numbers of another library become Python's own, so that JSON can write them."""
    p = cnncost.profile("lenet5", input=tuple(np.array([1, 32, 32])))
    assert json.loads(json.dumps(p.to_dict())) == cnncost.profile("lenet5").to_dict()
    ten = cnncost.profile("alexnet", params={"classes": np.int64(10)}).to_dict()
    assert json.loads(json.dumps(ten))["layers"][-1]["out_shape"] == [10]


@pytest.mark.parametrize(
    "shape", [(-5, 8, 8), (3, 8.5, 8), (), (True, 8, 8), 5, ("3", 8, 8), (3, 0, 8), (1,) * 5]
)
def test_every_door_checks_the_input(shape: Any) -> None:
    """Anything that is no shape gets the same error from profile, layer_graph and load_text."""
    doors = (
        lambda: cnncost.profile("alexnet", input=shape),
        lambda: layer_graph("ReLU", shape),
        lambda: cnncost.load_text("layers: ReLU", input=shape),
    )
    for door in doors:
        with pytest.raises(cnncost.CnncostError, match="an input is a shape of positive whole numbers"):
            door()


def test_a_graph_has_its_input_already() -> None:
    """An input or params for a graph are refused, not ignored."""
    graph = cnncost.load("lenet5")
    for given in ({"input": (1, 28, 28)}, {"params": {"classes": 3}}):
        with pytest.raises(cnncost.CnncostError, match="a Graph has its input and params already"):
            cnncost.profile(graph, **given)  # type: ignore[arg-type]


def test_a_changed_convention_says_so() -> None:
    """A convention that counts otherwise does not go by the old name."""
    changed = cnncost.CONVENTIONS["lecture"].replace(biases=False)
    p = cnncost.profile("vgg16", convention=changed)
    assert p.totals.params == 138344128
    assert p.to_dict()["convention"] == "lecture with biases=False"


def test_an_empty_network_has_an_empty_frame() -> None:
    """A spec without layers is the input as it is."""
    p = cnncost.profile(cnncost.load_text("layers: None", input=(3, 8, 8)))
    assert len(p.to_frame()) == 0
    assert p.totals == cnncost.Totals()


def test_json_says_whether_side_heads_are_counted() -> None:
    """Totals with and without the auxiliary heads are different fields."""
    assert [cnncost.profile("googlenet", train=t).to_dict()["train"] for t in (False, True)] == [False, True]
