"""Measures what the project promises of its speed, and says whether it holds on this machine."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import cnncost
from cnncost.comparison.listing import networks
from cnncost.deviation import explain, read_given
from cnncost.network.catalogue import adapted_spec, catalogue_spec, catalogued_graph, find, index, read
from tests.benchmarks.classroom import marked_class

RUNS = 15


def process(*arguments: str) -> float:
    """The median time of a whole Python process, in milliseconds."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def peak_memory(*arguments: str) -> float:
    """The peak memory of a Python process, in MB."""
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, capture_output=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, sys.executable, *arguments], check=True, capture_output=True, text=True
    )
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return int(done.stdout) / unit


def inside(function: Callable[[], object], runs: int = RUNS) -> float:
    """The median time of a call, in milliseconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        function()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def chain(length: int) -> str:
    """The text of a spec with this many layers, one line each."""
    return "layers:\n" + "".join(f"  - conv{i}: Conv2d(64, 3, padding=1)\n" for i in range(length))


def profile_text(text: str, source: str, shape: tuple[int, ...], variant: str | None = None) -> object:
    """Text to Profile, all of it."""
    from cnncost.network.builder import build
    from cnncost.spec.reader import parse_spec

    return cnncost.profile(build(parse_spec(text, source), variant, input_shape=shape))


LARGE = ("densenet_bc190_k40", "densenet264", "resnet1001", "resnet1202", "nasnet_a_large", "efficientnet_l2")


def slowest_diagnosis() -> float:
    """The longest search for pairs among the largest networks, for a number that no single deviation gives."""
    return max(inside(lambda name=name: diagnose(name), 1) for name in LARGE)  # type: ignore[misc]


def diagnose(name: str) -> object:
    """A number off by a little over 3 percent, exact to the unit: all pairs are tried."""
    profile = cnncost.profile(name)
    return explain(profile, [read_given("macs", str(profile.totals.macs * 31 // 30))])


def layers_chart() -> object:
    """The bytes of ResNet-152's chart of layers, from its spec on."""
    from cnncost import charts
    from cnncost.charts.picture import rendered
    from cnncost.charts.request import Request

    request = Request(("resnet152",), cnncost.profile)
    return rendered(charts.figure("layers", request), "png", request.theme)


def anew(function: Callable[[], object]) -> object:
    """Call a function with nothing known from the calls before: no spec read yet."""
    for known in (catalogue_spec, adapted_spec, catalogued_graph, find):
        known.cache_clear()
    return function()


def report(what: str, measured: float, unit: str, limit: float) -> bool:
    """One line, and whether the promise holds."""
    holds = measured <= limit
    print(f"{'ok  ' if holds else 'OVER'} {what:<58} {measured:9.2f} {unit} (at most {limit:.2f})")
    return holds


def main() -> int:
    """Run all; the exit code says whether every promise holds here."""
    torch = process("-c", "import torch")
    table, deep = (process("-m", "cnncost", "table", name) for name in ("alexnet", "resnet152"))
    vgg = read("vgg19")[0].text
    short, long = (
        inside(lambda n=n: profile_text(chain(n), "chain", (64, 32, 32)), 3) for n in (1000, 10_000)
    )  # type: ignore[misc]
    print(f"import torch takes {torch:.0f} ms; Python alone {process('-c', 'pass'):.0f} ms")
    count = len(list(index()))
    held = [
        report("table alexnet, a process, as a share of import torch", table / torch, "  ", 0.10),
        report("table resnet152 over table alexnet, processes", deep - table, "ms", 30),
        report(f"list, {count} networks, a process", process("-m", "cnncost", "list"), "ms", 1000),
        report(
            f"list, {count} networks, inside, specs read anew", inside(lambda: anew(networks)), "ms", 1000
        ),
        report("table alexnet, peak memory", peak_memory("-m", "cnncost", "table", "alexnet"), "MB", 60),
        report(
            "profile of VGG-19, spec text included",
            inside(lambda: profile_text(vgg, "vgg", (3, 224, 224), "vgg19")),
            "ms",
            5,
        ),
        report("profile of ResNet-152, called again", inside(lambda: cnncost.profile("resnet152")), "ms", 8),
        report(
            "profile of ResNet-152, spec read anew",
            inside(lambda: anew(lambda: cnncost.profile("resnet152"))),
            "ms",
            18,
        ),
        report("pairs of deviations, one number, the slowest network", slowest_diagnosis(), "ms", 2000),
        report("a class of 300 tables of AlexNet, marked and explained", marked_class(300)[0], "s ", 30),
        report("chart layers resnet152, matplotlib imported", inside(layers_chart, 3), "ms", 2000),
        report("a chain of 10 000 layers", long, "ms", 1000),
        report("10 000 layers over 1 000 layers (10 is linear)", long / short, "x ", 15),
    ]
    print(f"peak memory of this run: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
