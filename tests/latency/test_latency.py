"""Predicted latencies: the fit, the calibration of a machine, data sheets, and what a wrong request says.

How near predictions come is measured by `python -m tests.latency`, not asserted.
"""

from __future__ import annotations

import json
from functools import cache as once
from pathlib import Path

import pytest

import cnncost
from cnncost.errors import CnncostError
from cnncost.measure.clock import calibrating
from cnncost.measure.clock.device import running_device
from cnncost.timing import calibrations
from cnncost.timing.calibration import Calibration, fitted
from cnncost.timing.operations import TERMS, operation, terms
from cnncost.timing.samples import KINDS, samples
from tests.command_line import cnncost as run


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's cache of its own, and no calibration that comes with cnncost."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(calibrations, "SHIPPED", tmp_path / "shipped" / "calibrations.json")
    return tmp_path


@once
def made_up(device: str = "Some CPU, 2 threads", torch: str = "2.13.0") -> Calibration:
    """A device whose layers take 10 µs and a nanosecond for 100 multiply-adds, and nothing else."""
    drawn = list(samples())
    measured = [(s, 1e-5 + 1e-11 * s.batch * s.layer.work(s.in_shapes, s.out).macs) for s in drawn]
    costs, errors = fitted(measured, 4.0)
    return Calibration(device, "float32", 4.0, torch, "2026-01-01", costs, errors)


def test_a_fit_finds_the_costs_that_made_the_times() -> None:
    """AlexNet on a made-up device: 21 layers and merges of 10 µs, and 10⁻¹¹ s for each multiply-add."""
    profile = cnncost.profile("alexnet", convention="flops")
    found = made_up()
    assert max(found.errors.values()) < 0.02
    seconds = sum(
        found.layer(c.node.layer, c.node.in_shapes, c.node.out_shape, 1).seconds for c in profile.counted
    )
    by_hand = 1e-5 * len(profile.counted) + 1e-11 * profile.totals.macs
    assert seconds == pytest.approx(by_hand, rel=0.02)


def test_samples_are_the_same_each_time_and_of_every_kind() -> None:
    """Drawn at random and yet the same; each operation that is calibrated has its number of layers."""
    first, second = ([(repr(s.layer), s.in_shapes, s.batch) for s in samples()] for _ in range(2))
    assert first == second
    assert len(first) == sum(KINDS.values())
    assert len({operation(s.layer, s.in_shapes) for s in samples()}) == len(KINDS)


@pytest.mark.parametrize(
    "call, shape, name",
    [
        ("Conv2d(8, 3)", (4, 9, 9), "convolution"),
        ("Conv2d(8, 1)", (4, 9, 9), "pointwise convolution"),
        ("Conv2d(4, 3, groups=4)", (4, 9, 9), "depthwise convolution"),
        ("Conv2d(8, 3, groups=2)", (4, 9, 9), "grouped convolution"),
        ("Linear(5)", (7,), "Linear"),
        ("Dropout", (4, 9, 9), "view"),
        ("ReLU", (4, 9, 9), "ReLU"),
    ],
)
def test_operations_are_told_apart(call: str, shape: tuple[int, ...], name: str) -> None:
    """Convolutions by their kind, the others by their type."""
    layer = cnncost.layer_graph(call, shape).nodes[0].layer
    assert operation(layer, [shape]) == name


def test_terms_of_a_convolution() -> None:
    """By hand: 8 filters of 4·3·3 on 4×9×9 in a batch of 2, outputs 8×7×7, values of 4 bytes."""
    node = cnncost.layer_graph("Conv2d(8, 3)", (4, 9, 9)).nodes[0]
    found = dict(zip(TERMS, terms(node.layer, node.in_shapes, node.out_shape, 2, 4), strict=True))
    macs = 2 * 8 * 49 * 36
    assert found == {
        "launches": 1,
        "multiply_adds": macs,
        "multiply_adds_per_input_channel": macs / 4,
        "multiply_adds_per_output_channel": macs / 8,
        "multiply_adds_per_position": macs / 98,
        "input_bytes": 2 * 4 * 81 * 4,
        "output_bytes": 2 * 8 * 49 * 4,
        "weight_bytes": (8 * 36 + 8) * 4,
        "large_output_bytes": 0,
    }


def test_a_machine_is_calibrated_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first prediction for this machine measures it, here with few small layers; the next reads the file."""
    small = sorted(samples(), key=lambda sample: sample.values)[:200]
    monkeypatch.setattr(calibrating, "samples", lambda: iter(small))
    monkeypatch.setattr(calibrating, "RUNS", 2)
    first = cnncost.latency("lenet5")
    assert first.calibration
    assert first.calibration.device == running_device("cpu").label
    assert (cache / "cnncost" / "calibrations.json").exists()
    monkeypatch.setattr(calibrating, "samples", lambda: pytest.fail("measured again"))
    second = cnncost.latency("lenet5", batch=2)
    assert first.seconds > 0
    assert second.calibration
    assert second.calibration.date == first.calibration.date


@pytest.mark.usefixtures("cache")
def test_a_calibrated_device_has_a_name() -> None:
    """`some-cpu` finds the calibration of `Some CPU, 2 threads`, and JSON says what it rests on."""
    calibrations.keep(made_up())
    found = json.loads(run("latency", "alexnet", "--device", "some-cpu", "--format", "json").out)
    assert found["device"] == "Some CPU, 2 threads"
    assert found["basis"] == {"calibration": "2026-01-01", "torch": "2.13.0"}
    assert found["predicted_s"] == pytest.approx(
        sum(each["predicted_s"] for each in found["layers"]), rel=0.01
    )
    assert {each["bound"] for each in found["layers"]} <= {"compute", "memory", "launch"}
    shown = run("latency", "alexnet", "vgg16", "-b", "1,32", "--device", "some-cpu")
    assert [line.split()[:2] for line in shown.out.splitlines()[4:8]] == [
        ["alexnet", "1"], ["alexnet", "32"], ["vgg16", "1"], ["vgg16", "32"],
    ]  # fmt: skip


def test_a_damaged_file_is_no_calibration(cache: Path) -> None:
    """Nor is one of another version: it is as if there were none."""
    file = cache / "cnncost" / "calibrations.json"
    file.parent.mkdir()
    for text in ("{", '{"a": 1}', '{"a": {"device": "x"}}', "[]"):
        file.write_text(text)
        assert calibrations.calibrations() == {}


def test_by_a_data_sheet() -> None:
    """GTX 580, 1581 GFLOP/s and 192 GB/s: fc6 reads 37 752 832 weights of 4 bytes, which is what takes the time."""
    found = cnncost.latency("alexnet", device="gtx580")
    layers = {cost.name: each for cost, each in found.layers}
    card = cnncost.timing.cards.cards()["gtx580"]
    moved = 4 * (9216 + 4096 + 37_752_832)
    assert layers["fc6"].seconds == pytest.approx(moved / card.bytes_per_second)
    assert layers["fc6"].bound == "memory"
    shown = run("latency", "alexnet", "--device", "gtx580").out
    assert "By the data sheet alone" in shown


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("alexnet", "--device", "gtx58"), "no device `gtx58`; did you mean gtx580?"),
        (("alexnet", "--device", "2 x gtx580"), "a latency is that of one device; write gtx580"),
        (("alexnet", "--batch", "0"), "--batch 0: batches are whole numbers from 1 to 1000000"),
        (("alexnet", "--dtype", "float31"), "no dtype `float31`"),
        (("alexnte", "--device", "gtx580"), "no network `alexnte`; did you mean alexnet?"),
    ],
)
def test_a_wrong_request_is_one_line(arguments: tuple[str, ...], message: str) -> None:
    """What is wrong, and what there is."""
    result = run("latency", *arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert result.err.count("\n") == 1


@pytest.mark.usefixtures("cache")
def test_a_calibration_is_for_its_dtype() -> None:
    """One of float32 does not stand for bfloat16."""
    calibrations.keep(made_up())
    with pytest.raises(CnncostError, match="some-cpu-2-threads was calibrated for float32, not for bfloat16"):
        cnncost.latency("alexnet", device="some-cpu-2-threads", dtype="bfloat16")


@pytest.mark.usefixtures("cache")
def test_time_can_predict(monkeypatch: pytest.MonkeyPatch) -> None:
    """`time --predict` says what `latency` says of this machine."""
    device = running_device("cpu")
    calibrations.keep(made_up(device.label, device.torch))
    monkeypatch.setattr(calibrating, "samples", lambda: pytest.fail("measured"))
    assert run("time", "alexnet", "--predict").out == run("latency", "alexnet").out


def test_comparisons_and_lists_have_the_latency() -> None:
    """`--latency DEVICE` is a column; its number is that of `cnncost latency`."""
    alone = cnncost.latency("resnet18", device="gtx580").seconds
    both = json.loads(run("compare", "resnet18", "vgg16", "--latency", "gtx580", "--format", "json").out)
    assert both["networks"][0]["latency_s"] == pytest.approx(alone, rel=1e-3)
    assert cnncost.networks(["alexnet"], latency="gtx580")[0]["latency_s"] > 0
    assert "latency" in run("list", "--family", "alexnet", "--latency", "gtx580").out
    assert "latency" not in run("compare", "resnet18", "vgg16").out
