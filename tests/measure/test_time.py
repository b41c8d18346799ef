from __future__ import annotations

import csv
import io
import json
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import cnncost
from cnncost import numbers
from cnncost.cli import time as command
from cnncost.errors import CnncostError
from cnncost.measure import Roofs, build, running_device
from cnncost.measure.clock import device as devices
from cnncost.measure.clock import memory, roof, timing
from cnncost.measure.clock.timing import time_network
from cnncost.tables import formats
from cnncost.timing import records
from cnncost.timing.device import Device
from cnncost.timing.roof_cache import cache_folder
from cnncost.timing.roofline import Placed, Roof
from cnncost.timing.timings import Duration, LayerTime, Settings, Timing
from cnncost.views import timing as view
from tests.command_line import Result
from tests.command_line import cnncost as run
from tests.goldens import ROOT as HERE

ROOF = Roof(1e11, 1e10)
MEASURE = roof.measure
CPU = running_device("cpu", 1)
SPEC = """
name: small
input: [3, 8, 8]
layers:
  - conv: Conv2d(4, 3, padding=1) >> ReLU
  - add: {body: "Conv2d(4, 1)", shortcut: Identity}
  - pool: AdaptiveAvgPool2d(1)
  - aux: {side: Flatten >> Linear(5)}
  - Flatten
  - fc: Linear(10)
"""
NO_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no GPU on this machine")


def settings(**changes: Any) -> Settings:
    """Few short runs on one thread."""
    return Settings(**{"device": CPU, "least_seconds": 0, "least_runs": 2, **changes})


def timed(**changes: Any) -> Timing:
    """The small network, timed."""
    return time_network(cnncost.load_text(SPEC), settings(**changes), ROOF)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "cnncost" / "roofline.json"


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A made-up roof instead of a measured one; the dtypes that it was asked for."""
    measured: list[str] = []

    def measure(_: Device, dtype: str) -> Roof:
        measured.append(dtype)
        return ROOF

    monkeypatch.setattr(roof, "measure", measure)
    return measured


def cnncost_time(*arguments: str, columns: int = 80) -> Result:
    """`cnncost time` with few short runs."""
    return run("time", *arguments, "--threads", "1", "--seconds", "0", "--runs", "2", columns=columns)


@pytest.fixture
def small(tmp_path: Path) -> str:
    """The path of the small network's spec."""
    path = tmp_path / "small.yaml"
    path.write_text(SPEC)
    return str(path)


@pytest.mark.parametrize("train", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_layers_steps_and_remainder_add_up_to_the_whole(train: bool, dtype: str) -> None:
    """The remainder is what the latency has beyond its parts; every counted layer has a time."""
    found = timed(train=train, dtype=dtype, batch=2)
    parts = [layer.seconds for layer in found.layers] + [part.median for part in found.steps.values()]
    assert found.remainder is not None
    assert sum(parts) + found.remainder == pytest.approx(found.latency.median)
    assert [layer.cost.name for layer in found.layers] == [cost.name for cost in found.profile.counted]
    assert all(
        layer.forward.median > 0 and layer.forward.runs == found.latency.runs for layer in found.layers
    )
    assert found.latency.runs == found.step.runs >= 2
    assert not found.interrupted


def test_training_goes_back_through_every_layer_with_weights() -> None:
    """Side heads take part; loss and optimizer have times of their own; inference has none of it."""
    found = timed(train=True, batch=2)
    assert set(found.steps) == {"loss", "optimizer step"}
    assert {layer.cost.name for layer in found.layers if layer.cost.params} == {
        layer.cost.name for layer in found.layers if layer.cost.params and layer.backward
    }
    assert "side.Linear" in {layer.cost.name for layer in found.layers}
    inference = timed()
    assert not inference.steps
    assert not any(layer.backward for layer in inference.layers)
    assert not any(layer.cost.name.startswith("side") for layer in inference.layers)


def test_the_layerwise_step_gives_the_gradients_of_the_whole() -> None:
    """What is timed layer by layer is the same training step: all parameters end up the same."""
    from cnncost.measure.clock.steps import Training

    torch.manual_seed(0)
    graph, x = cnncost.load_text(SPEC), torch.randn(2, 3, 8, 8)
    whole, parts = (Training(build(graph), x) for _ in range(2))
    parts.network.load_state_dict(whole.network.state_dict())
    whole.run()
    parts.marked(lambda: 0)
    for one, other in zip(whole.network.parameters(), parts.network.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad)
        torch.testing.assert_close(one, other)


def test_a_specs_inplace_layers_can_be_trained() -> None:
    """`inplace=True` would overwrite what the backward pass needs."""
    graph = cnncost.load_text(
        "name: n\ninput: [3, 4, 4]\nlayers: ['Conv2d(2, 1) >> ReLU(inplace=True)', Flatten]"
    )
    assert time_network(graph, settings(train=True)).steps


def test_moved_bytes() -> None:
    """Inputs, weights and outputs once each, for the batch and the dtype; nothing for a view."""
    moved = {layer.cost.name: layer.moved_bytes for layer in timed(batch=2, dtype="bfloat16").layers}
    assert moved["conv.Conv2d"] == 2 * (2 * (3 + 4) * 64 + 4 * 3 * 9 + 4)
    assert moved["add"] == 2 * 2 * 3 * 4 * 64
    assert moved["Flatten"] == 0


def test_channels_last_reaches_the_network() -> None:
    """Weights and input lie channel by channel."""
    from cnncost.count.profile import profile_graph
    from cnncost.measure.clock.refusal import CurrentNode
    from cnncost.measure.clock.timing import prepare

    graph, how = cnncost.load_text(SPEC), settings(channels_last=True, batch=2)
    step = prepare(graph, how, CurrentNode(profile_graph(graph), how))
    assert step.inputs[0].is_contiguous(memory_format=torch.channels_last)
    assert not step.inputs[0].is_contiguous()


def test_compiled_networks_have_no_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole is timed, its layers are not timed one by one."""
    monkeypatch.setattr(torch, "compile", lambda network: network)
    found = timed(compiled=True)
    assert found.layers == ()
    assert found.remainder is None
    assert "Compiled as a whole: layers were not timed one by one." in formats.render(
        view.document([found], True, ""), "terminal"
    )


def test_threads_and_precision_are_put_back() -> None:
    """Timing leaves torch's settings as they were."""
    before = torch.get_num_threads(), torch.backends.cudnn.allow_tf32
    with devices.working(Device("cpu", "x", 1, "2")):
        assert (torch.get_num_threads(), torch.backends.cudnn.allow_tf32) == (1, False)
    assert (torch.get_num_threads(), torch.backends.cudnn.allow_tf32) == before


# The roofline


@pytest.mark.parametrize(
    "flops, moved, seconds, intensity, bound, share",
    [
        (2_000, 100, 4e-8, 20.0, "compute", 0.5),  # 2000 / 1e11 = 20 ns at best
        (100, 100, 1e-7, 1.0, "memory", 0.1),  # 100 / 1e10 = 10 ns at best
        (1_000, 100, 1e-8, 10.0, "compute", 1.0),  # on the ridge
        (0, 100, 2e-8, 0.0, "memory", 0.5),
        (100, 100, 5e-9, 1.0, "memory", 2.0),  # faster than memory: from a cache
        (0, 0, 1e-9, None, None, None),
        (10, 0, 1e-9, None, "compute", 0.1),
        (10, 10, 0.0, 1.0, "memory", None),
    ],
)
def test_a_place_under_the_roof(
    flops: int, moved: int, seconds: float, intensity: float | None, bound: str | None, share: float | None
) -> None:
    """Intensity against the ridge says what bounds; the share is the least time over the time taken."""
    placed = Placed(flops, moved, seconds, ROOF)
    assert (placed.intensity, placed.bound) == (intensity, bound)
    assert placed.share == (None if share is None else pytest.approx(share))
    if placed.share and placed.intensity and placed.flops_per_second:
        reached = min(ROOF.flops_per_second, placed.intensity * ROOF.bytes_per_second)
        assert placed.share == pytest.approx(placed.flops_per_second / reached)
    assert ROOF.ridge == 10


def test_the_roof_is_measured_once(asked: list[str], cache: Path) -> None:
    """It is kept for each dtype and setting, and measured anew when asked."""
    for _ in range(2):
        assert Roofs(CPU).of("float32") == ROOF
    assert asked == ["float32"]
    Roofs(CPU).of("bfloat16")
    Roofs(Device("cpu", CPU.name, 7, CPU.torch)).of("float32")
    Roofs(CPU, remeasure=True).of("float32")
    assert asked == ["float32", "bfloat16", "float32", "float32"]
    assert len(json.loads(cache.read_text())) == 3


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", '{"a": 1}', '{"AMD": {"flops_per_second": 0, "bytes_per_second": 1}}']
)
def test_a_spoilt_cache_is_measured_anew(text: str, asked: list[str], cache: Path) -> None:
    """What cannot be read as roofs counts as none."""
    cache.parent.mkdir()
    cache.write_text(text)
    assert Roofs(CPU).of("float32") == ROOF
    assert Roofs(CPU).of("float32") == ROOF
    assert asked == ["float32"]


def test_without_a_place_for_the_cache(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The roof is measured each time, and that is all."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert [Roofs(CPU).of("float32") for _ in range(2)] == [ROOF, ROOF]
    assert len(asked) == 2


def test_the_cache_lies_where_the_user_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """XDG_CACHE_HOME if it is an absolute path, else ~/.cache."""
    monkeypatch.setenv("HOME", "/home/someone")
    for value in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert cache_folder() == Path("/home/someone/.cache/cnncost")


def test_a_measured_roof(monkeypatch: pytest.MonkeyPatch) -> None:
    """Product and copy give numbers of a device; small ones here."""
    monkeypatch.setattr(roof, "LARGEST_MATRIX", 256)
    monkeypatch.setattr(devices, "system_free_bytes", lambda: 2**26)
    found = MEASURE(CPU, "float32")
    assert found.usable
    assert (found.matrix, found.copied_bytes <= 2**23) == (256, True)


# A roof that was too low


def taking(seconds: float, old: Roof | None = None) -> Timing:
    """The small network, with a given time for each layer, without a clock."""
    profile = cnncost.profile(cnncost.load_text(SPEC), convention="flops")
    took = Duration(seconds, 0, 2)
    layers = tuple(LayerTime(cost, 3_000, took) for cost in profile.counted)
    return Timing(profile, settings(), took, took, layers, {}, old)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, asked: list[str]) -> list[Roof]:
    """The roofs that the next measurements give, in turn."""
    roofs: list[Roof] = []

    def measure(_: Device, dtype: str) -> Roof:
        asked.append(dtype)
        return roofs.pop(0)

    monkeypatch.setattr(roof, "measure", measure)
    return roofs


BUSY, IDLE = Roof(5e8, 2e10, date="2026-01-31"), Roof(4e11, 1e10, date="2026-02-01")


def test_a_roof_below_a_layer_is_measured_again(measured: list[Roof], asked: list[str]) -> None:
    """Once, and the higher of both rates is kept: here, in the cache, and in the timing; a note says so."""
    measured += [BUSY, IDLE]
    roofs = Roofs(CPU)
    assert roofs.of("float32") == BUSY
    found = roofs.checked(taking(1e-5, BUSY))  # conv.Conv2d: 2·27·4·64 + 4·64 = 14 080 operations
    assert asked == ["float32"] * 2
    assert (found.roof, roofs.of("float32"), Roofs(CPU).of("float32")) == (
        Roof(4e11, 2e10, date="2026-02-01"),
    ) * 3
    assert roofs.notes == [
        "the float32 roof of 2026-01-31 was too low (0.500 GFLOP/s, 20.0 GB/s): conv.Conv2d reached 1.41 GFLOP/s;"
        " measured again: 400 GFLOP/s, 20.0 GB/s"
    ]


def test_a_roof_above_all_layers_is_kept(measured: list[Roof], asked: list[str]) -> None:
    """Also where bytes move a little faster than a large copy, because they come from a cache."""
    measured += [IDLE]
    roofs = Roofs(CPU)
    found = roofs.checked(taking(4e-8, roofs.of("float32")))  # 352 GFLOP/s, 75 GB/s
    assert (found.roof, roofs.notes, asked) == (IDLE, [], ["float32"])


def test_no_roof_stays_below_a_layer(measured: list[Roof], asked: list[str]) -> None:
    """A second measurement that is too low as well is raised to the layer; a third one is not made."""
    measured += [BUSY, BUSY]
    roofs = Roofs(CPU)
    first = roofs.checked(taking(1e-5, roofs.of("float32"))).roof
    second = roofs.checked(taking(1e-6, first)).roof
    assert [found and found.flops_per_second for found in (first, second)] == pytest.approx(
        [14_080e5, 14_080e6]
    )
    assert asked == ["float32"] * 2
    assert "; raised to: 14.1 GFLOP/s, 20.0 GB/s" in roofs.notes[1]


def test_bytes_that_no_cache_could_move_show_a_low_roof(measured: list[Roof]) -> None:
    """Twenty times the speed of a large copy is more than a cache gives."""
    slow = Roof(1e12, 1e9, date="2026-01-31")
    measured += [slow, IDLE]
    roofs = Roofs(CPU)
    found = roofs.checked(taking(1e-7, roofs.of("float32")))  # 3000 bytes in 100 ns: 30 GB/s
    assert found.roof == Roof(1e12, 1e10, date="2026-02-01")
    assert "conv.Conv2d reached 30.0 GB/s; measured again" in roofs.notes[0]


def test_the_command_says_that_a_roof_was_too_low(small: str, measured: list[Roof], tmp_path: Path) -> None:
    """On standard error; the table and the report have the new roof with its date, also for what came before."""
    low = Roof(1e3, 1e10, date="2026-01-31")
    measured += [low, IDLE]
    result = cnncost_time(small, "-b", "1,2", "--layers", "--save", str(tmp_path), columns=120)
    assert result.code == 0
    assert result.err.startswith("cnncost: the float32 roof of 2026-01-31 was too low (")
    assert result.err.count("\n") == 1
    line = "roof (measured 2026-02-01): 400 GFLOP/s, 10.0 GB/s, ridge at 40.0 FLOP/byte"
    assert result.out.count(line) == 2
    (path,) = tmp_path.glob("*.json")
    saved = json.loads(path.read_text())["results"]
    assert [(found["peak_gflops"], found["peak_date"]) for found in saved] == [(400, "2026-02-01")] * 2


def test_earlier_results_of_the_run_get_the_new_roof(
    small: str, measured: list[Roof], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the table and in the report, though the roof showed to be too low at the second one only."""
    measured += [BUSY, IDLE]
    seconds = iter((1e-3, 1e-5))
    monkeypatch.setattr(timing, "time_network", lambda *_: taking(next(seconds)))
    result = cnncost_time(small, small, "--layers", "--save", str(tmp_path), columns=120)
    assert result.out.count("roof (measured 2026-02-01): 400 GFLOP/s, 20.0 GB/s") == 2
    (path,) = tmp_path.glob("*.json")
    assert json.loads(path.read_text())["results"][0]["peak_gflops"] == 400
    assert "was too low" in result.err


def test_an_interrupted_run_does_not_measure_the_roof_again(
    small: str, measured: list[Roof], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who interrupts wants to stop."""
    measured += [Roof(1e3, 1e10)]
    monkeypatch.setattr(timing, "time_network", lambda *_: replace(taking(1e-5), interrupted=True))
    assert cnncost_time(small).code == 130


# Interruption


class Interrupting:
    """A listener that interrupts when it hears for the `at`-th time."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, *_: object) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


def test_an_interruption_leaves_what_was_measured() -> None:
    """The runs so far make a Timing that says so."""
    found = time_network(cnncost.load_text(SPEC), settings(least_runs=1000), ROOF, Interrupting(3))
    assert found.interrupted
    assert found.latency.runs == 3
    assert len(found.layers) == len(found.profile.counted)


def test_an_interruption_before_the_first_run() -> None:
    """There is nothing to leave."""
    with pytest.raises(KeyboardInterrupt):
        time_network(cnncost.load_text(SPEC), settings(), ROOF, Interrupting(0))


@pytest.mark.parametrize("batch, begun, rows", [(1, False, 0), (1, True, 1), (2, False, 1), (2, True, 2)])
def test_an_interrupted_command_prints_its_results(
    batch: int, begun: bool, rows: int, small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 130; finished measurements are printed, and a note says how many."""
    from contextlib import contextmanager

    def listener(done: float, label: str) -> None:
        if f"batch {batch}," in label and (done > 0) is begun:
            raise KeyboardInterrupt

    @contextmanager
    def progress(_: int) -> Iterator[Any]:
        yield lambda _: listener

    monkeypatch.setattr(command, "progress", progress)
    result = cnncost_time(small, "-b", "1,2,3", "-f", "csv")
    assert result.code == 130
    assert result.err == f"interrupted: {rows} of 3 measured\n"
    assert len(result.out.splitlines()) == (rows + 1 if rows else 0)
    if rows:
        last = list(csv.DictReader(io.StringIO(result.out)))[-1]
        assert last["interrupted"] == str(begun)


# The command


def test_the_layers_on_a_terminal(small: str) -> None:
    """One measurement shows its layers, the remainder and the total; columns go where 80 have no room."""
    result = cnncost_time(small, columns=120)
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == "small, input 3×8×8, batch 1, float32"
    assert lines[1] == f"inference, {CPU.name}, 1 thread, torch {torch.__version__}"
    assert lines[3] == "roof: 100 GFLOP/s, 10.0 GB/s, ridge at 10.0 FLOP/byte"
    assert " ".join(lines[5].split()) == "layer ms share FLOPs bytes FLOP/B GFLOP/s GB/s bound of roof"
    names = [line.split("  ")[0] for line in lines[7:]]
    layers = ["conv", "body", "add", "pool", "Flatten", "fc", "between layers"]
    assert names[: names.index("total")][:-1] == layers
    narrow = cnncost_time(small).out.splitlines()
    assert max(map(len, narrow)) <= 80
    assert set(narrow[5].split()) <= set(lines[5].split())


def test_training_on_a_terminal(small: str) -> None:
    """Forward and backward stand apart; the optimizer's step has a line."""
    lines = cnncost_time(small, "--train", "-b", "2", columns=110).out.splitlines()
    assert lines[5].split()[:5] == ["layer", "ms", "share", "forward", "backward"]
    starts = [line.split("  ")[0] for line in lines]
    assert {"side.Linear", "loss", "optimizer step", "between layers", "total"} <= set(starts)


def test_several_measurements_are_one_table(small: str) -> None:
    """A line each, in the order of dtype and batch; --layers shows the layers all the same."""
    lines = cnncost_time(small, "-b", "1,2", "--dtype", "float32,bfloat16").out.splitlines()
    rows = [line.split() for line in lines[4:8]]
    assert [row[:3] for row in rows] == [
        ["small", "1", "float32"],
        ["small", "2", "float32"],
        ["small", "1", "bfloat16"],
        ["small", "2", "bfloat16"],
    ]
    assert cnncost_time(small, "-b", "1,2", "--layers").out.count("\nbetween layers ") == 2
    assert "total" not in cnncost_time(small, "--no-layers").out


TIMM_INFER = ("infer_samples_per_sec", "infer_step_time", "infer_batch_size", "infer_img_size")
TIMM_TRAIN = tuple(name.replace("infer", "train") for name in TIMM_INFER)


def test_json(small: str) -> None:
    """timm's names, the conditions, the command, and the layers, which add up."""
    result = json.loads(cnncost_time(small, "-b", "2", "-f", "json").out)
    (found,) = result["results"]
    assert result["schema"] == 1
    assert {*TIMM_INFER, "param_count", "infer_gmacs", "infer_macts"} <= set(found)
    assert (found["infer_batch_size"], found["infer_img_size"], found["input"]) == (2, 8, [3, 8, 8])
    graph = cnncost.load_text(SPEC)
    assert found["param_count"] == cnncost.profile(graph).totals.params / 10**6
    assert found["infer_gmacs"] == cnncost.profile(graph).totals.macs / 10**9
    assert found["infer_macts"] == (2 * 4 * 64 + 10) / 10**6
    assert (found["device"], found["threads"], found["torch"]) == ("cpu", 1, torch.__version__)
    assert found["command"].startswith("cnncost time ")
    assert (found["peak_gflops"], found["peak_gb_per_sec"]) == (100, 10)
    assert sum(layer["time"] for layer in found["layers"]) == pytest.approx(
        found["infer_step_time"], rel=1e-4
    )
    fc = next(layer for layer in found["layers"] if layer["name"] == "fc")
    assert fc["flops"] == 2 * (2 * 40 + 10)
    assert fc["intensity"] == pytest.approx(fc["flops"] / fc["bytes"], rel=1e-5)


def test_json_of_training(small: str) -> None:
    """timm's names for training, and its parts of a step."""
    (found,) = json.loads(cnncost_time(small, "--train", "-b", "2", "-f", "json").out)["results"]
    assert {*TIMM_TRAIN, "train_fwd_time", "train_bwd_time", "train_opt_time", "param_count"} <= set(found)
    assert "infer_step_time" not in found
    assert sum(layer["time"] for layer in found["layers"]) == pytest.approx(
        found["train_step_time"], rel=1e-4
    )


def test_the_activations_are_those_of_timm() -> None:
    """infer_macts is what fvcore counts, which timm's benchmark reports; null with attention."""
    graph = cnncost.load("lenet5")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fvcore imports and traces with torch.jit, which torch deprecates
        from fvcore.nn import ActivationCountAnalysis

        count = ActivationCountAnalysis(build(graph).eval(), torch.zeros(1, 1, 32, 32))
        count.unsupported_ops_warnings(False)
        activations = count.total()
    profile = cnncost.profile(graph, convention="flops")
    empty = Duration(1, 0, 1)
    found = Timing(profile, settings(), empty, empty, (), {})
    assert records.counts(found)["infer_macts"] == activations / 10**6
    attention = cnncost.profile("vit_b_16", convention="flops")
    assert records.counts(Timing(attention, settings(), empty, empty, (), {}))["infer_macts"] is None


def test_csv_and_markdown(small: str, tmp_path: Path) -> None:
    """One row per measurement, or with --layers one per layer; the ending of -o gives the format."""
    rows = list(csv.DictReader(io.StringIO(cnncost_time(small, "-b", "1,2", "-f", "csv").out)))
    assert [row["infer_batch_size"] for row in rows] == ["1", "2"]
    assert rows[0]["input"] == "3x8x8"
    path = tmp_path / "out.csv"
    assert cnncost_time(small, "--layers", "-o", str(path)).out == ""
    layers = list(csv.DictReader(io.StringIO(path.read_text())))
    assert [layer["name"] for layer in layers][-2:] == ["fc", "between layers"]
    assert layers[0]["model"] == "small"
    every = list(csv.DictReader(io.StringIO(cnncost_time(small, "--layers", "--all", "-f", "csv").out)))
    assert len(every) == len(cnncost.load_text(SPEC).nodes) - 2 + 1  # less the side head, and the remainder
    markdown = cnncost_time(small, "--no-layers", "-f", "markdown").out.splitlines()
    assert markdown[0] == f"**inference, {CPU.name}, 1 thread, torch {torch.__version__}**"
    assert markdown[2].startswith("| network | batch | dtype | time (ms) |")


def test_a_saved_report(small: str, tmp_path: Path) -> None:
    """It is named after the device, holds its command, and a newer result replaces one of the same."""
    folder = tmp_path / "measured"
    for batches in ("1", "1,2"):
        assert cnncost_time(small, "-b", batches, "--save", str(folder)).code == 0
    (path,) = folder.iterdir()
    assert path.name == f"{CPU.file_name}.json"
    report = json.loads(path.read_text())
    assert [result["infer_batch_size"] for result in report["results"]] == [1, 2]
    assert all(
        f"--save {folder}" in result["command"] and "1,2" in result["command"] for result in report["results"]
    )
    assert cnncost_time(small, "--train", "-b", "2", "--save", str(folder)).code == 0
    assert len(json.loads(path.read_text())["results"]) == 3
    path.write_text("{}")
    result = cnncost_time(small, "--save", str(folder))
    assert result.code == 2
    assert result.err == f"cnncost: {path}: it is no report of `cnncost time`; move it, or save elsewhere\n"


def test_the_measured_reports() -> None:
    """Every file in reports/measured/ says how it was made, is complete, and adds up."""
    for path in (HERE / "reports" / "measured").glob("*.json"):
        for found in json.loads(path.read_text(encoding="utf-8"))["results"]:
            kind = "infer" if "infer_step_time" in found else "train"
            assert found["command"].startswith("cnncost time ")
            assert found[f"{kind}_runs"] >= 1
            assert not found["interrupted"]
            if found["layers"]:
                total = sum(layer["time"] for layer in found["layers"])
                assert total == pytest.approx(found[f"{kind}_step_time"], rel=1e-3)


def test_names_of_files() -> None:
    """A device's name as that of a file."""
    assert Device("cuda", "NVIDIA H200 (SXM)", 1, "2").file_name == "nvidia-h200-sxm"


def test_the_progress_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal's standard error there is a bar that names what is measured; in a pipe none."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, seen in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "80")
        with command.progress(2) as ticks:
            tick = ticks(1)
            if tick:
                tick(0.5, "lenet5, batch 1")
        assert ("lenet5, batch 1" in stream.getvalue()) == seen


# What cannot be


@pytest.mark.parametrize(
    "arguments, error",
    [
        (("--device", "tpu"), "--device tpu: no such device; there are cpu and cuda"),
        (("--dtype", "int8"), "--dtype int8: no such dtype; there are float32, bfloat16, float16"),
        (
            ("--dtype", "floa16"),
            "--dtype floa16: no such dtype; did you mean float16?; there are float32, bfloat16, float16",
        ),
        (("-b", "0"), "--batch 0: batches are whole numbers from 1 to 1000000: 32, or 1,32,256"),
        (("-b", "1,x"), "--batch 1,x: batches are whole numbers from 1 to 1000000: 32, or 1,32,256"),
        (("--input", "3"), "--input 3: a shape is written as 3x224x224"),
        (("--format", "yaml"), f"no format `yaml`; there are {', '.join(formats.NAMES)}"),
    ],
)
def test_wrong_options(arguments: tuple[str, ...], error: str, small: str) -> None:
    """Exit code 2 and one line."""
    result = cnncost_time(small, *arguments)
    assert (result.code, result.out) == (2, "")
    if arguments[0] != "--input":
        assert result.err == f"cnncost: {error}\n"


def test_threads_have_limits() -> None:
    """Nothing below one."""
    result = run("time", "lenet5", "--threads", "0")
    assert (result.code, result.err) == (2, "cnncost: --threads 0: threads must be between 1 and 1024\n")


def test_no_channels_last_without_an_image(tmp_path: Path) -> None:
    """A vector has only channels, no height and width."""
    path = tmp_path / "vector.yaml"
    path.write_text("name: vector\ninput: [7]\nlayers: [Linear(3)]")
    result = cnncost_time(str(path), "--channels-last")
    assert result.code == 2
    assert result.err == (
        "cnncost: --channels-last: vector takes no image: its input has no height and width\n"
    )


@pytest.mark.parametrize(
    "cuda, available, error",
    [
        (None, False, f"no GPU: torch {torch.__version__} is built for the CPU alone"),
        ("13.0", False, "no GPU: torch finds none on this machine; --device cpu works"),
        ("13.0", True, "no such GPU; the last one is cuda:1"),
    ],
)
def test_no_gpu(cuda: str | None, available: bool, error: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says that there is none, and why."""
    monkeypatch.setattr(torch.version, "cuda", cuda)
    monkeypatch.setattr(torch.version, "hip", None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    result = run("time", "lenet5", "--device", "cuda:2")
    assert (result.code, result.out, result.err) == (2, "", f"cnncost: --device cuda:2: {error}\n")


def test_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A base install gets an error that says what to install."""
    monkeypatch.setitem(sys.modules, "torch", None)
    result = run("time", "lenet5")
    assert (result.code, result.out) == (2, "")
    assert result.err == "cnncost: torch is not installed: pip install 'cnncost[torch]'\n"


def test_what_cannot_fit_is_refused_at_once(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch that fits is the largest whose weights and maps do; smaller batches keep their results."""
    weights, sample = 4 * 182, 4 * (4 * 64 * 3)  # add holds its two inputs and its output
    monkeypatch.setattr(memory, "free_bytes", lambda _: weights + 50 * sample)
    result = cnncost_time(small, "-b", "50,51", "-f", "csv")
    assert result.code == 2
    assert len(result.out.splitlines()) == 2
    assert result.err == (
        f"cnncost: out of memory: small at batch 51, float32 does not fit into the memory of {CPU.name}"
        " (0.0 GiB free); by its weights and maps, batch 50 is the largest that can\n"
    )


def test_what_cannot_be_measured_does_not_stop_the_others(
    small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal has its line once, the rest is measured, and the exit code is 2."""
    vector = tmp_path / "vector.yaml"
    vector.write_text("name: vector\ninput: [7]\nlayers: [Linear(3)]")
    result = cnncost_time(str(vector), small, "-b", "1,2", "--channels-last", "-f", "csv")
    assert result.code == 2
    assert len(result.out.splitlines()) == 3
    line = "cnncost: --channels-last: vector takes no image: its input has no height and width\n"
    assert result.err == line
    monkeypatch.setattr(timing, "run", Interrupting(0))
    result = cnncost_time(str(vector), small, "--channels-last")
    assert (result.code, result.out, result.err) == (130, "", f"{line}interrupted: 0 of 2 measured\n")


@pytest.mark.parametrize(
    "free, hint",
    [
        (None, "; try a smaller --batch"),
        (2**40, " (1024.0 GiB free); try a smaller --batch"),
        (1, " (0.0 GiB free); no batch fits"),
    ],
)
def test_hints_of_memory(free: int | None, hint: str) -> None:
    """No batch is named that would not fit, or that has just failed."""
    profile = cnncost.profile(cnncost.load_text(SPEC), batch=2)
    assert str(memory.out_of_memory(profile, CPU, free)).endswith(CPU.name + hint)


@pytest.mark.parametrize(
    "raised, error",
    [
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 9 bytes"),
            "out of memory: small at batch 1, float32 does not fit into",
        ),
        (
            torch.OutOfMemoryError("CUDA out of memory"),
            "out of memory: small at batch 1, float32 does not fit",
        ),
        (
            RuntimeError("\"conv\" not implemented for 'Half'"),
            "--dtype float32: small, conv.Conv2d (Conv2d): cpu does not have it: \"conv\" not implemented for 'Half'",
        ),
        (RuntimeError("odd\nand long"), "small, conv.Conv2d (Conv2d) cannot be run at batch 1, float32: odd"),
    ],
)
def test_torch_refuses(raised: Exception, error: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line: the layer, the setting, and torch's first line."""

    def refuse(*_: object) -> None:
        raise raised

    monkeypatch.setattr(nn.Conv2d, "forward", refuse)
    with pytest.raises(CnncostError) as caught:
        timed()
    assert str(caught.value).startswith(error)
    assert "\n" not in str(caught.value)


def test_torch_cannot_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a compiler, say."""

    def refuse(_: object) -> None:
        raise RuntimeError("no compiler")

    monkeypatch.setattr(torch, "compile", refuse)
    with pytest.raises(CnncostError, match=r"^--compile: torch cannot compile small here: no compiler$"):
        timed(compiled=True)


def test_batch_norm_of_one_value_cannot_be_trained() -> None:
    """torch's reason, with the layer."""
    graph = cnncost.load_text("name: n\ninput: [3, 1, 1]\nlayers: [BatchNorm2d, Flatten]")
    with pytest.raises(
        CnncostError, match=r"^n, BatchNorm2d \(BatchNorm2d\) cannot be trained at batch 1, float32: "
    ):
        time_network(graph, settings(train=True))


def test_the_limit_of_a_container(tmp_path: Path) -> None:
    """What a control group's limit leaves, files that it only caches not counted; None without a limit."""
    for name, text in (
        ("memory.max", "1000"),
        ("memory.current", "700"),
        ("memory.stat", "anon 1\ninactive_file 50\n"),
    ):
        (tmp_path / name).write_text(text)
    assert devices.group_free_bytes(tmp_path) == 350
    (tmp_path / "memory.max").write_text("max\n")
    assert devices.group_free_bytes(tmp_path) is None
    assert devices.group_free_bytes(tmp_path / "none") is None


@pytest.mark.parametrize(
    "value, text",
    [
        (0.0123456, "0.0123"),
        (0.9999, "1.00"),
        (12.345, "12.3"),
        (999.6, "1000"),
        (1234.5, "1230"),
        (-0.5, "-0.500"),
        (0, "0"),
        (52345.6, "52300"),
    ],
)
def test_significant_digits(value: float, text: str) -> None:
    """Three digits, and no exponent."""
    assert numbers.significant(value) == text


# On a GPU


@NO_GPU
@pytest.mark.parametrize("train", [False, True])
def test_a_gpu(train: bool) -> None:
    """The same on a GPU, timed by its own events."""
    gpu = running_device("cuda")
    found = time_network(cnncost.load_text(SPEC), settings(device=gpu, train=train, batch=2), ROOF)
    parts = [layer.seconds for layer in found.layers] + [part.median for part in found.steps.values()]
    assert found.remainder is not None
    assert sum(parts) + found.remainder == pytest.approx(found.latency.median)
    assert all(layer.forward.median > 0 for layer in found.layers)


@NO_GPU
def test_a_gpu_out_of_memory() -> None:
    """One line with the batch that would fit."""
    with pytest.raises(CnncostError, match=r"^out of memory: vgg16 at batch 1000000"):
        time_network(cnncost.load("vgg16"), settings(device=running_device("cuda"), batch=10**6))
