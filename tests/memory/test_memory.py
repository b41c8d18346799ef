"""`cnncost memory` and `cnncost.memory`: peaks, what training keeps, what fits; against PyTorch."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import torch

import cnncost as package
from cnncost.api.needs import MemoryResult
from cnncost.count.memory import MemoryUse, memory_use
from cnncost.count.optimizers import OPTIMIZERS
from cnncost.errors import CnncostError
from cnncost.layers.base import Layer
from cnncost.network.catalogue import layer_graph, load_text
from cnncost.timing.cards import cards, cards_named, read_bytes
from tests.command_line import cnncost
from tests.memory.networks import compared

NETWORKS = (
    *("lenet5", "alexnet-lrn", "resnet20", "googlenet", "siamese", "highway10-mnist", "textcnn", "deit_tiny"),
    *("fractalnet5-narrow", "botnet26t"),
)
"""Small networks that have most types of layers between them."""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NETWORKS)
def test_memory_is_torchs(name: str) -> None:
    """Every storage that autograd keeps, the peak of inference, and within half a per cent that of a training step."""
    found = compared(package.load(name))
    assert found.kept == found.kept_here
    assert found.inference[0] == found.inference[1]
    assert found.training[1] == pytest.approx(found.training[0], rel=0.005)


def use_of(call: str, *shape: int, **options: Any) -> MemoryUse:
    """The memory of a chain of layers."""
    return memory_use(layer_graph(call, shape), **options)


def test_an_activation_is_beside_its_input_or_over_it() -> None:
    """ReLU needs input and output at once; with `inplace=True`, or asked for everywhere, only one of them."""
    size = 4 * 8 * 100
    both, one = 4 * 100 + 2 * size, 4 * 100 + size
    assert use_of("Conv2d(8, 1) >> ReLU", 1, 10, 10).peak_bytes == both
    assert use_of("Conv2d(8, 1) >> ReLU(inplace=True)", 1, 10, 10).peak_bytes == one
    assert use_of("Conv2d(8, 1) >> ReLU", 1, 10, 10, overwrites=True).peak_bytes == one


def test_a_shortcut_lives_until_it_is_added() -> None:
    """The peak of a residual block is more than input and output of any layer."""
    text = """
        name: n
        input: [4, 10, 10]
        layers:
          - add:
              body: Conv2d(4, 3, padding=1) >> ReLU >> Conv2d(4, 3, padding=1)
              shortcut: Identity
    """
    assert memory_use(load_text(text)).peak_bytes == 3 * 4 * 4 * 100


def test_training_keeps_what_the_backward_pass_needs() -> None:
    """A convolution its input, ReLU its output, a max pool its input and indices."""
    use = use_of(
        "Conv2d(8, 3, padding=1) >> ReLU >> MaxPool2d(2) >> Flatten >> Linear(5)", 3, 10, 10, train=True
    )
    image, maps, pooled = 4 * 300, 4 * 800, 4 * 200
    assert use.saved_bytes == image + maps + pooled + 2 * pooled


def test_frozen_layers_keep_nothing_below_the_first_trained_one() -> None:
    """With only the last layer trained, autograd keeps its input alone."""
    only = package.memory("alexnet", train=True, train_only="fc8", optimizer="adam").use
    assert only.saved_bytes == 4 * 4096
    assert only.trained_params == 4096 * 1000 + 1000
    assert (only.gradients_bytes, only.optimizer_bytes) == (4 * only.trained_params, 8 * only.trained_params)
    frozen = package.memory("alexnet", train=True, freeze=["conv*", "fc6", "fc7"]).use
    assert frozen.saved_bytes == only.saved_bytes


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("sgd", lambda p: torch.optim.SGD(p)),
        ("momentum", lambda p: torch.optim.SGD(p, momentum=0.9)),
        ("nesterov", lambda p: torch.optim.SGD(p, momentum=0.9, nesterov=True)),
        ("adagrad", torch.optim.Adagrad),
        ("rmsprop", torch.optim.RMSprop),
        ("rmsprop-momentum", lambda p: torch.optim.RMSprop(p, momentum=0.9)),
        ("rmsprop-centered", lambda p: torch.optim.RMSprop(p, centered=True)),
        ("adadelta", torch.optim.Adadelta),
        ("adam", torch.optim.Adam),
        ("adamw", torch.optim.AdamW),
        ("amsgrad", lambda p: torch.optim.Adam(p, amsgrad=True)),
        ("adamax", torch.optim.Adamax),
        ("nadam", torch.optim.NAdam),
        ("radam", torch.optim.RAdam),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_optimizers_keep_what_torchs_keep(name: str, made: Any) -> None:
    """The values a parameter that are in the optimizer's state after a step."""
    parameter = torch.nn.Parameter(torch.ones(10))
    parameter.grad = torch.ones(10)
    optimizer = made([parameter])
    optimizer.step()
    kept = [v for v in optimizer.state[parameter].values() if isinstance(v, torch.Tensor) and v.numel() == 10]
    assert OPTIMIZERS[name].state == len(kept)


def test_mixed_precision_takes_sixteen_bytes_a_parameter() -> None:
    """With Adam: 2 of weights, 2 of gradients, 4 of float32 weights and 8 of state (Rajbhandari et al., 2020)."""
    use = use_of("Linear(10, bias=False)", 20, train=True, dtype="bfloat16", optimizer="adam")
    assert use.weights_bytes + use.gradients_bytes + use.optimizer_bytes == 16 * 200
    plain = use.changed(master=False)
    assert plain.weights_bytes + plain.gradients_bytes + plain.optimizer_bytes == 8 * 200


def test_checkpoints_save_memory_and_cost_work() -> None:
    """A deep network takes less; the second forward pass leaves out the last stage."""
    plain, saving = (
        package.memory("resnet152", batch=8, train=True, checkpoint=c).use for c in (None, "stage")
    )
    assert saving.total_bytes < 0.75 * plain.total_bytes
    profile = package.profile("resnet152", batch=8)
    assert plain.again_macs == 0
    assert saving.again_macs == profile.totals.macs - profile.stages["fc"].macs


def test_the_largest_batch_fits_and_the_next_does_not() -> None:
    """Both at the edge."""
    found = package.memory("resnet50", train=True, fits="8GB")
    assert found.largest_batch is not None
    edge = found.use.with_batch(found.largest_batch)
    assert edge.total_bytes <= 8 * 10**9 < edge.with_batch(found.largest_batch + 1).total_bytes


def test_a_larger_input_leaves_room_for_a_smaller_batch() -> None:
    """`over` counts several sizes."""
    found = package.memory("resnet18", over="input=160,224,320", device="rtx3090")
    batches = [size.largest_batch for size in found.sizes]
    assert None not in batches
    assert batches == sorted(batches, reverse=True)


@pytest.mark.parametrize(
    ("text", "device", "count"),
    [
        ("rtx3090", "rtx3090", 1),
        ("RTX 3090", "rtx3090", 1),
        ("NVIDIA GeForce RTX 3090", "rtx3090", 1),
        ("a100", "a100-40gb", 1),
        ("A100 80GB", "a100-80gb", 1),
        ("h100 sxm", "h100", 1),
        ("gtx580 x 2", "gtx580", 2),
        ("8 x v100", "v100", 8),
        ("8xV100", "v100", 8),
        ("gtx580*2", "gtx580", 2),
    ],
)
def test_devices_as_people_write_them(text: str, device: str, count: int) -> None:
    """With the maker's name or without, and several of them."""
    found = cards_named(text)
    assert (found.card.name, found.count) == (device, count)


def test_every_device_has_a_source_for_its_figures() -> None:
    """Memory, arithmetic in float32, bandwidth and power are there, and in the right order of size."""
    for card in cards().values():
        assert card.source.startswith("NVIDIA, ")
        assert 2**30 < card.memory_bytes < 2**40
        assert 10**11 < card.peak["float32"] < 10**14
        assert 10**10 < card.bytes_per_second < 10**13
        assert 5 <= card.watts <= 1000


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("24GB", 24 * 10**9),
        ("24 GiB", 24 * 2**30),
        ("24g", 24 * 10**9),
        ("1.5MB", 1_500_000),
        ("512 KiB", 2**19),
    ],
)
def test_sizes_of_memory(text: str, size: int) -> None:
    """GB are 10⁹ bytes, GiB 2³⁰."""
    assert read_bytes(text) == size


ERRORS = {
    ("alexnet", "-b", "0"): "the batch must be a whole number from 1, got 0",
    ("alexnet", "--device", "rtx3909"): "no device `rtx3909`; did you mean rtx3090 or rtx4090?",
    ("alexnet", "--train", "--optimizer", "adamx"): "no optimizer `adamx`; did you mean adam",
    ("alexnet", "--fits", "24"): "--fits 24: write a size of memory with its unit, such as 24GB or 24GiB",
    ("alexnet", "--fits", "0GB"): "--fits 0GB: the memory must be more than 0 bytes",
    ("alexnet", "--fits", "1GB", "--device", "k40"): "give --fits or --device, not both",
    (
        "alexnet",
        "--train",
        "--freeze",
        "zzz*",
    ): "--freeze zzz*: no layer with weights has this name; alexnet has conv1, ",
    ("alexnet", "--train", "--freeze", "*"): "--freeze *: this freezes every layer; nothing is left to train",
    ("alexnet", "--train", "--train-only", "*"): "--train-only *: these are all layers, nothing is frozen",
    (
        "alexnet",
        "--train",
        "--freeze",
        "fc6",
        "--train-only",
        "fc7",
    ): "give --freeze or --train-only, not both",
    ("alexnet", "--freeze", "fc6"): "--freeze and --train-only are for training: give --train",
    ("alexnet", "--checkpoint", "stage"): "checkpoints are for training: give --train",
    ("alexnet", "--train", "--checkpoint", "all"): "checkpoints are set by `stage`, not by `all`",
    (
        "alexnet",
        "--train",
        "--dtype",
        "int8",
    ): "int8 has no gradients: train with float32, bfloat16 or float16",
}


@pytest.mark.parametrize("arguments", ERRORS, ids=" ".join)
def test_a_wrong_option_is_one_clear_line(arguments: tuple[str, ...]) -> None:
    """It names the option and says what to do."""
    result = cnncost("memory", *arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"cnncost: {ERRORS[arguments]}")
    assert result.err.count("\n") == 1


def test_what_does_not_fit_is_said_with_what_would() -> None:
    """Not even one sample: the exit code is 1, and there is a way out."""
    tight = cnncost("memory", "unet", "--train", "--fits", "800MB", columns=200)
    assert tight.code == 1
    assert "Not even batch 1 fits into 800MB: it takes 930 MB. It fits with --checkpoint stage." in tight.out
    weights = cnncost("memory", "vgg16", "--fits", "100MB", columns=200)
    assert "it takes 580 MB. Its weights alone take 553 MB." in weights.out
    large = cnncost("memory", "vgg16", "--fits", "2GB", "-b", "500", columns=200)
    assert (large.code, "Batch 500 does not fit into 2GB. The largest that fits is 55." in large.out) == (
        1,
        True,
    )


def test_the_command_prints_the_parts_and_json_has_exact_bytes() -> None:
    """The parts add up to the total, in every format."""
    result = json.loads(cnncost("memory", "alexnet", "-b", "128", "--train", "-f", "json").out)
    use = package.memory("alexnet", batch=128, train=True).use
    assert result["weights_bytes"] == 4 * 62_378_344
    assert result["total_bytes"] == use.total_bytes
    assert sum(one["bytes"] for one in result["at_peak"]) == use.total_bytes - use.always_bytes
    rows = csv.DictReader(cnncost("memory", "alexnet", "-b", "128", "--train", "-f", "csv").out.splitlines())
    assert sum(int(row["bytes"]) for row in rows) == use.total_bytes
    steps = cnncost("memory", "alexnet", "--steps", "-f", "csv").out.splitlines()
    assert len(steps) == 1 + len(package.load("alexnet").nodes)


def test_a_layer_of_others_runs_and_says_what_training_lacks(tmp_path: Path) -> None:
    """Without `saved`, inference is counted; training names the method to define. Unknown operators are named."""
    plugin = tmp_path / "own.py"
    plugin.write_text(
        "from cnncost.layers import Layer, layer\n"
        "from cnncost.layers.work import Work\n\n"
        "@layer\nclass Twice(Layer):\n"
        "    def out_shape(self, *in_shapes): return in_shapes[0]\n"
        "    def weights(self, *in_shapes): return {}\n"
        "    def work(self, in_shapes, out): return Work()\n"
    )
    spec = tmp_path / "own.yaml"
    spec.write_text("name: own\ninput: [3, 8, 8]\nlayers: Conv2d(4, 3) >> Twice\n")
    arguments = ("memory", str(spec), "--plugin", str(plugin))
    try:
        assert cnncost(*arguments).code == 0
        trained = cnncost(*arguments, "--train")
        assert (trained.code, trained.err) == (
            2,
            "cnncost: the layer class Twice has no `saved` method: define it\n",
        )
    finally:
        Layer.registry.pop("Twice", None)
    unknown = memory_use(layer_graph("Conv2d(4, 3) >> Unknown('cumsum', (4, 6, 6))", (3, 8, 8)))
    shown = repr(MemoryResult(unknown))
    assert "What Unknown keeps or needs besides its output is not known" in " ".join(shown.split())


def test_a_result_shows_itself() -> None:
    """In Python the result is a table as well."""
    found = package.memory("lenet5")
    assert "total at the peak" in repr(found)
    assert found.to_dict()["name"] == "lenet5"
    with pytest.raises(CnncostError, match="over takes a name or a path"):
        package.memory(package.load("lenet5"), over="input=32,64")


def test_lists_and_comparisons_show_memory_when_asked() -> None:
    """`--memory` adds what running and training need; without it there are no such columns."""
    (row,) = csv.DictReader(cnncost("list", "lenet5", "--memory", "-f", "csv").out.splitlines())
    use = memory_use(package.load("lenet5"))
    assert int(row["peak_memory_bytes"]) == use.total_bytes < int(row["training_memory_bytes"])
    assert "memory_bytes" not in cnncost("list", "lenet5", "-f", "csv").out
    compared = ("compare", "lenet5", "alexnet", "-b", "2")
    found = json.loads(cnncost(*compared, "--memory", "-f", "json").out)["networks"][0]
    assert found["training_memory_bytes"] == memory_use(package.load("lenet5"), 2, train=True).total_bytes
    assert "training memory" in cnncost(*compared, "--memory").out
    assert "training" not in cnncost(*compared).out
    whole_numbers = json.loads(cnncost(*compared, "--memory", "--dtype", "int8", "-f", "json").out)
    assert whole_numbers["networks"][0]["training_memory_bytes"] is None
