"""`cnncost training` and `cnncost.training`: work, time, frozen layers, published runs; against PyTorch."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import cnncost as package
from cnncost import Graph
from cnncost.count.memory import memory_use
from cnncost.count.training import Training, macs_of
from cnncost.measure import build
from cnncost.timing.training_plan import read_count, read_duration, read_share
from tests.command_line import cnncost
from tests.memory.networks import BATCH, inputs_of

NETWORKS = (
    *("lenet5", "alexnet", "resnet20", "mobilenet_v2-96", "unet", "siamese", "deit_tiny", "dcgan_generator"),
    "tcn_mnist",
)


def torchs_flops(graph: Graph, frozen: tuple[str, ...] = ()) -> tuple[int, int]:
    """FlopCounterMode's count of a forward and of a backward pass."""
    network = build(graph, "meta").train()
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(not name.startswith(frozen) if frozen else True)
    with FlopCounterMode(display=False) as counter:
        outputs = network(*inputs_of(graph))
        forward = counter.get_total_flops()
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        torch.autograd.backward(outputs, [torch.empty_like(y) for y in outputs])
    return forward, counter.get_total_flops() - forward


def grouped(graph: Graph) -> int:
    """What FlopCounterMode counts too much: gradients of grouped weights as if they were not grouped."""
    groups = ((node, getattr(node.layer, "groups", 1)) for node in graph.nodes if node.layer.window)
    return sum((n - 1) * macs_of(node) for node, n in groups)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NETWORKS)
def test_the_work_of_a_step_is_torchs(name: str) -> None:
    """Forward and backward, to the last multiply-add."""
    graph = package.load(name)
    work = Training(memory_use(graph, BATCH, train=True)).work
    forward, backward = torchs_flops(graph)
    assert 2 * BATCH * work.forward_macs == forward
    assert 2 * BATCH * (work.backward_macs + grouped(graph)) == backward


def test_frozen_layers_have_less_of_a_backward_pass() -> None:
    """Below the first trained layer there is none; above it, frozen layers pass gradients on."""
    graph = package.load("alexnet")
    for frozen in (("conv1", "conv2", "conv3"), ("fc6",)):
        plan = package.training("alexnet", freeze=frozen, images=10, epochs=1).plan
        assert 2 * BATCH * plan.work.backward_macs == torchs_flops(graph, frozen)[1]


def test_the_first_layer_needs_no_gradient_for_the_input() -> None:
    """A chain of convolutions: two products each, one for the first."""
    plan = package.training("vgg16", images=10, epochs=1).plan
    first = macs_of(package.load("vgg16").nodes[0])
    assert plan.work.backward_macs == 2 * plan.work.forward_macs - first


def test_alexnet_took_five_to_six_days_on_two_cards() -> None:
    """The lecture's figure implies about a third of the cards' peak."""
    slow = package.training("alexnet-2012", images="1.2M", batch=128, device="gtx580 x 2", took="6 days").plan
    assert slow.implied_utilisation is not None
    assert float(slow.implied_utilisation) == pytest.approx(0.273, abs=0.001)
    assert slow.device_hours == 2 * 6 * 24
    assert slow.kilowatt_hours == Fraction(2 * 6 * 24 * 244, 1000)


def test_runs_on_record_imply_a_share_of_the_peak() -> None:
    """None is above the peak or far below what networks reach, and each has its source."""
    rows = package.training_runs().to_frame()
    assert len(rows) >= 8
    implied = rows["implied_utilisation"].dropna()
    assert len(implied) >= 6
    assert all(0.1 < low <= high < 0.4 for low, high in implied)
    assert all(rows["source"])
    search = rows[rows["name"] == "NAS (12 800 networks)"].iloc[0]
    assert search["device_hours"] == (42, 42)


def test_time_energy_and_price_follow_from_the_work() -> None:
    """At half the peak a run takes twice as long."""
    plan = package.training(
        "alexnet", images=1000, epochs=2, batch=100, device="k40", utilisation=0.5, price=3
    ).plan
    assert plan.steps == 20
    assert plan.flops == 2 * 2000 * plan.work.macs + 20 * plan.work.update_ops
    assert plan.seconds == 2 * plan.seconds_at_peak == Fraction(2 * plan.flops, 4_290_000_000_000)
    assert plan.device_hours is not None
    assert plan.cost == 3 * plan.device_hours


def test_devices_share_a_batch_and_send_gradients() -> None:
    """ResNet-50 has 25.6 M parameters: 102 MB of gradients; eight devices send 7/4 of that each."""
    one, eight = (package.training("resnet50", device=d).plan for d in ("v100", "v100 x 8"))
    gradients = 4 * 25_557_032
    assert (one.all_reduce_bytes, eight.all_reduce_bytes) == (0, gradients * 14 // 8)
    assert eight.batch_of_device == 32
    assert eight.memory_bytes < one.memory_bytes / 4


def test_transfer_learning_is_shown_beside_full_training() -> None:
    """The last layer alone; with cached features, the rest runs once for each image."""
    whole, head, cached = package.training(
        "resnet50", images=1000, epochs=10, train_only="fc", cache_features=True
    ).plans
    assert head.training.use.trained_params == 2048 * 1000 + 1000
    assert head.work.forward_macs == whole.work.forward_macs
    assert head.work.backward_macs == 2048 * 1000
    assert cached.macs == 1000 * (whole.work.forward_macs - 2048 * 1000) + 10 * 1000 * 2 * 2048 * 1000
    assert cached.feature_bytes == 1000 * 4 * 2048
    assert cached.memory_bytes < head.memory_bytes < whole.memory_bytes


def test_stochastic_depth_skips_a_quarter() -> None:
    """Huang et al. print that 110 layers train in three quarters of the time."""
    training = package.training("resnet110-stochastic_depth", images="cifar10").plan.training
    assert training.expected is not None
    assert training.expected.macs / training.work.macs == pytest.approx(0.75, abs=0.01)
    assert Training(memory_use(package.load("resnet20"), train=True)).expected is None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1.28M", 1_280_000),
        ("1281167", 1_281_167),
        ("1,281,167", 1_281_167),
        ("imagenet", 1_281_167),
        ("50k", 50_000),
    ],
)
def test_numbers_of_images(text: str, count: int) -> None:
    """As people write them."""
    assert read_count(text, "--images") == count


def test_shares_and_times() -> None:
    """With a percent sign or without, with any unit."""
    assert read_share("30%") == read_share(0.3) == Fraction(3, 10)
    assert read_duration("5.5 days") == 475_200
    assert read_duration("29h") == 29 * 3600


ERRORS = {
    ("alexnet", "--epochs", "0"): "--epochs 0: write a whole number from 1, such as 90 or 1.28M",
    (
        "alexnet",
        "--images",
        "many",
    ): "--images many: write a whole number from 1, such as 90 or 1.28M or a data set: imagenet",
    ("alexnet", "-b", "0"): "the batch must be a whole number from 1, got 0",
    ("alexnet", "--device", "gtx581 x 2"): "no device `gtx581 x 2`; did you mean gtx580?",
    ("alexnet", "--device", "0 x v100"): "device 0 x v100: there must be at least one",
    (
        "alexnet",
        "--device",
        "k40",
        "--utilisation",
        "30",
    ): "--utilisation 30: write a share of the peak, such as 0.3 or 30%; for 30 per cent write 30%",
    ("alexnet", "--utilisation", "0.3"): "--utilisation, --took and --price are of devices: give --device",
    (
        "alexnet",
        "--device",
        "k40",
        "--took",
        "5",
    ): "--took 5: write a time with its unit, such as 5.5 days or 29h",
    (
        "alexnet",
        "--device",
        "k40",
        "--price",
        "much",
    ): "--price much: write the price of one device-hour, such as 2.50",
    (
        "alexnet",
        "--device",
        "k40",
        "--dtype",
        "float8",
    ): "k40: no peak for float8 is known; there are float32, float64",
    ("alexnet", "--cache-features"): "--cache-features is for frozen layers: give --freeze or --train-only",
    (
        "alexnet",
        "--freeze",
        "fc8",
        "--cache-features",
    ): "--cache-features: no frozen layer lies before the first trained one",
    (): "name a network, or give --published for the runs on record",
}


@pytest.mark.parametrize("arguments", [a for a in ERRORS if a], ids=" ".join)
def test_a_wrong_option_is_one_clear_line(arguments: tuple[str, ...]) -> None:
    """It names the option and says what to do."""
    result = cnncost("training", *arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"cnncost: {ERRORS[arguments]}")
    assert result.err.count("\n") == 1


def test_json_has_the_interface() -> None:
    """The keys that other programs read."""
    arguments = (
        "resnet18",
        "--images",
        "10k",
        "--epochs",
        "2",
        "--device",
        "t4",
        "--took",
        "1h",
        "-f",
        "json",
    )
    found = json.loads(cnncost("training", *arguments).out)
    plan = package.training("resnet18", images="10k", epochs=2, device="t4", took="1h").plan
    for key in ("forward_macs", "backward_macs", "update_ops"):
        assert found[key] == getattr(plan.work, key)
    assert found["device_hours"] == 1
    assert found["implied_utilisation"] == pytest.approx(float(plan.implied_utilisation or 0))
