"""The time and the memory of an import, beside those of torch.export alone, each in a process of its own.

    python -m tests.benchmarks.imports [NAME]

At most 1.5 times the processor time of the export, and 400 MB above its memory.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

TIMES, MEGABYTES = 1.5, 400
SHAPE = (3, 224, 224)
KEPT: list[Any] = []  # libraries that must live as long as the program


def module(name: str) -> Any:
    """A network of torchvision on the meta device."""
    import torch

    if not KEPT:  # torchvision next to another build of torch than its own
        KEPT.append(library := torch.library.Library("torchvision", "DEF"))
        for operator in ("nms", "qnms"):
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision

    with torch.device("meta"):
        return torchvision.models.get_model(name, weights=None).eval()


def exported(net: Any) -> None:
    """torch.export alone."""
    import torch

    torch.export.export(net, (torch.empty(2, *SHAPE, device="meta"),), strict=False)


def imported(net: Any) -> None:
    """The import, with its checks and its text."""
    import cnncost

    assert cnncost.import_torch(net, input=SHAPE).spec.text


def measured(name: str, work: Callable[[Any], None]) -> dict[str, float]:
    """The second run's processor time, and the most memory of this process."""
    net = module(name)
    work(net)
    started = time.process_time()
    work(module(name))
    return {
        "seconds": time.process_time() - started,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    """Run both, and compare."""
    name, kind = ([*sys.argv[1:], "resnet50"])[0], sys.argv[2:]
    if kind:
        print(json.dumps(measured(name, {"export": exported, "import": imported}[kind[0]])))
        return
    results = {}
    for step in ("export", "import"):
        command = [sys.executable, "-m", "tests.benchmarks.imports", name, step]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        results[step] = json.loads(out.splitlines()[-1])
        print(f"{step}: {results[step]['seconds']:.2f} s, {results[step]['megabytes']:.0f} MB")
    times = results["import"]["seconds"] / results["export"]["seconds"]
    more = results["import"]["megabytes"] - results["export"]["megabytes"]
    print(f"{name}: {times:.2f} times the export (at most {TIMES}), {more:.0f} MB more (at most {MEGABYTES})")
    sys.exit(times > TIMES or more > MEGABYTES)


main()
