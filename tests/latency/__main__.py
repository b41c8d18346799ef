"""Predicts the latency of torchvision's networks, measures it, and writes how far apart they are.

    python -m tests.latency [--batches 1,32] [--threads N] [--ship] [-o reports/latency.md]

The calibration is measured first if this machine has none; `--ship` adds it to those that come with
cnncost. It takes some minutes on an idle machine; on a busy one the figures mean nothing.
"""

from __future__ import annotations

import argparse
import gc
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

import cnncost
from cnncost import measure
from cnncost.measure.building import build
from cnncost.measure.clock.device import Clock, working
from cnncost.measure.clock.roof import Roofs
from cnncost.measure.clock.steps import Inference
from cnncost.measure.inputs import inputs_of
from cnncost.timing import calibrations
from cnncost.timing.device import Device
from cnncost.timing.prediction import predict, predict_at_roof

NETWORKS = (
    "alexnet", "vgg11", "vgg16", "googlenet", "inception_v3", "resnet18", "resnet34", "resnet50", "resnet101",
    "wide_resnet50_2", "resnext50_32x4d", "densenet121", "squeezenet1_1", "mobilenet_v2",
    "mobilenet_v3_large", "shufflenet_v2_x1_0", "mnasnet1_0", "efficientnet_b0", "regnet_y_400mf",
    "convnext_tiny", "vit_b_16", "swin_t",
)  # fmt: skip
RUNS = 5
ENOUGH_SECONDS = 6.0


@dataclass(frozen=True)
class Outcome:
    """One network at one batch: seconds as predicted, by the roofline alone, and as measured."""

    name: str
    batch: int
    predicted: float
    roofline: float
    measured: float

    @property
    def error(self) -> float:
        """How far the prediction is off: 0.1 is 10 % too long."""
        return self.predicted / self.measured - 1


def measured_seconds(name: str, batch: int, device: Device) -> float:
    """The median of single runs."""
    graph, clock = cnncost.load(f"torchvision/{name}"), Clock(device)
    with working(device):
        step = Inference(build(graph, "cpu"), *inputs_of(graph, batch, device.kind, torch.float32))
        for _ in range(2):
            step.run()
        taken: list[float] = []
        while len(taken) < 2 or (len(taken) < RUNS and sum(taken) < ENOUGH_SECONDS):
            taken.append(clock.time(step.run))
    return statistics.median(taken)


def outcomes(batches: Sequence[int], device: Device) -> Iterator[Outcome]:
    """Each network at each batch, predicted and measured."""
    made = calibrations.of_device(device, "float32")
    if made is None:
        made = measure.calibrate(device)
        calibrations.keep(made)
    roof = Roofs(device).of("float32")
    for batch in batches:
        for name in NETWORKS:
            profile = cnncost.profile(f"torchvision/{name}", convention="flops", batch=batch)
            ours = predict(profile, made).seconds
            least = predict_at_roof(profile, device.label, roof).seconds
            yield Outcome(name, batch, ours, least, measured_seconds(name, batch, device))
            gc.collect()


def rank_correlation(found: Sequence[Outcome]) -> float:
    """Spearman's, of the predicted and the measured order."""
    orders = [
        {one.name: rank for rank, one in enumerate(sorted(found, key=key))}
        for key in (lambda one: one.predicted, lambda one: one.measured)
    ]
    n = len(found)
    apart = sum((orders[0][one.name] - orders[1][one.name]) ** 2 for one in found)
    return 1 - 6 * apart / (n * (n * n - 1))


def report(found: Sequence[Outcome], device: Device, date: str) -> Iterator[str]:
    """The report, line by line."""
    yield "# Predicted and measured latency\n"
    yield f"`python -m tests.latency` on {device.label}, torch {device.torch}, float32, calibrated {date}."
    yield "A prediction rests on the times of single layers, none of them a layer of these networks."
    yield "The roofline alone is the least time that the fastest matrix product and the fastest copy allow.\n"
    yield "| batch | networks | median error | worst | rank correlation | median error of the roofline |"
    yield "| --: | --: | --: | --: | --: | --: |"
    for batch in dict.fromkeys(one.batch for one in found):
        some = [one for one in found if one.batch == batch]
        worst = max(some, key=lambda one: abs(one.error))
        roofline = statistics.median(abs(one.roofline / one.measured - 1) for one in some)
        middle = statistics.median(abs(one.error) for one in some)
        yield (
            f"| {batch} | {len(some)} | {middle:.1%} | {worst.error:+.1%} ({worst.name}) | "
            f"{rank_correlation(some):.3f} | {roofline:.0%} |"
        )
    yield "\n![predicted and measured latency](latency.svg)\n"
    yield "| network | batch | measured (ms) | predicted (ms) | error | roofline alone (ms) |"
    yield "| :-- | --: | --: | --: | --: | --: |"
    for one in found:
        yield (
            f"| {one.name} | {one.batch} | {1000 * one.measured:.1f} | {1000 * one.predicted:.1f} | "
            f"{one.error:+.1%} | {1000 * one.roofline:.1f} |"
        )


def plot(found: Sequence[Outcome], path: Path) -> None:
    """Predicted against measured, on logarithmic axes, with a band of 25 %."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "cnncost"})
    figure, ax = plt.subplots(figsize=(5.2, 5), layout="constrained")
    values = [1000 * value for one in found for value in (one.predicted, one.measured)]
    ends = min(values) / 1.4, max(values) * 1.4
    ax.fill_between(ends, [0.75 * e for e in ends], [1.25 * e for e in ends], color="0.92", label="±25 %")
    ax.plot(ends, ends, color="0.6", lw=1)
    for batch, marker in zip(dict.fromkeys(one.batch for one in found), "os^", strict=False):
        some = [one for one in found if one.batch == batch]
        xs, ys = [1000 * one.measured for one in some], [1000 * one.predicted for one in some]
        ax.plot(xs, ys, marker, ms=5, mew=0, alpha=0.8, label=f"batch {batch}")
    ax.set(xscale="log", yscale="log", xlim=ends, ylim=ends, xlabel="measured (ms)", ylabel="predicted (ms)")
    ax.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Predict, measure, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", default="1,32")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--ship", action="store_true")
    parser.add_argument("-o", "--output", type=Path, default=Path("reports/latency.md"))
    given = parser.parse_args()
    device = measure.running_device("cpu", given.threads)
    found = []
    for one in outcomes([int(batch) for batch in given.batches.split(",")], device):
        found.append(one)
        print(f"{one.name} {one.batch}: {1000 * one.measured:.1f} ms, {one.error:+.1%}", flush=True)
    made = calibrations.of_device(device, "float32")
    assert made
    if given.ship:
        calibrations.keep(made, calibrations.SHIPPED)
    given.output.write_text("\n".join([*report(found, device, made.date), ""]), "utf-8")
    plot(found, given.output.with_suffix(".svg"))


if __name__ == "__main__":
    main()
