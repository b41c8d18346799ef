"""Imports networks of torchvision, timm and transformers, and ONNX files, and writes which are exact.

    python -m tests.imports [--only PATTERN] [--timm N] [--onnx FOLDER] [-o reports/imports.md]

Each network is made without weights on the meta device, imported, and compared with torch. A network is
exact if no operator is unknown, and every used parameter and the multiply-adds are torch's. An ONNX file is
exact if no operator is unknown, and every weight and every shape is that of the file; files are those of the
onnx package's tests, and those in FOLDER, such as exports.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import nn

import cnncost
from cnncost.errors import CnncostError

SIZES = {"video": (3, 16, 112, 112), "segmentation": (3, 224, 224), "classification": (3, 224, 224)}


@dataclass
class Outcome:
    """How the import of one network went; `reason` is empty for an exact one."""

    name: str
    source: str
    reason: str = ""
    nodes: int = 0
    lines: int = 0
    seconds: float = 0.0
    unused: int = 0
    unknown: list[str] = field(default_factory=list)


Maker = Callable[[], nn.Module]
Network = tuple[str, str, Maker, Any]
"""Source, name, how it is made, and its input."""


@cache
def torchvision() -> Any:
    """torchvision, also next to another build of torch than its own; see tests/conftest.py."""
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision

    KEPT.append(library)
    return torchvision


KEPT: list[Any] = []  # libraries that must live as long as the program


def torchvision_networks() -> Iterator[Network]:
    """Every network of torchvision that takes images or videos and returns tensors, the small ones first."""
    models = torchvision().models
    for kind, module in (
        ("classification", models),
        ("segmentation", models.segmentation),
        ("video", models.video),
    ):
        for name in sorted(models.list_models(module=module), key=size_of):
            more = {"weights_backbone": None} if kind == "segmentation" else {}
            make = lambda name=name, more=more: models.get_model(name, weights=None, **more)  # noqa: E731
            shape: Any = SIZES[kind]
            if name.startswith(("mvit", "swin3d", "s3d")):
                shape = (3, 16, 224, 224)
            yield f"torchvision {kind}", name, make, shape


def size_of(name: str) -> tuple[int, str]:
    """An order of networks, in which those named as large come last."""
    large = (
        "101",
        "152",
        "161",
        "169",
        "201",
        "_l",
        "_h_",
        "_b_32",
        "_b5",
        "_b6",
        "_b7",
        "large",
        "base",
        "32gf",
        "128gf",
    )
    return sum(word in name for word in large), name


def timm_networks(most: int) -> Iterator[Network]:
    """One network of each timm family, then more of the families in turn, the small ones first."""
    torchvision()
    import timm
    from timm.models._registry import _model_to_module

    families: dict[tuple[str, str], list[str]] = {}
    for name in timm.list_models():
        stem = re.match(r"[a-z]+", name)
        families.setdefault((_model_to_module[name], stem[0] if stem else name), []).append(name)
    ordered = [sorted(names, key=timm_size) for names in families.values()]
    chosen: list[str] = []
    turn = 0
    while len(chosen) < most and any(len(names) > turn for names in ordered):
        chosen += [names[turn] for names in ordered if len(names) > turn]
        turn += 1
    for name in chosen[:most]:
        yield "timm", name, (lambda name=name: timm.create_model(name)), None


TRANSFORMERS = {
    "Bert": "Model",
    "DistilBert": "Model",
    "Roberta": "Model",
    "T5": "EncoderModel",
    "ViT": "ForImageClassification",
    "DeiT": "ForImageClassification",
    "Beit": "ForImageClassification",
    "Dinov2": "Model",
    "Swin": "ForImageClassification",
    "Cvt": "ForImageClassification",
    "Pvt": "ForImageClassification",
    "MobileViT": "ForImageClassification",
    "PoolFormer": "ForImageClassification",
    "ConvNext": "ForImageClassification",
    "RegNet": "ForImageClassification",
    "ResNet": "ForImageClassification",
    "MobileNetV2": "ForImageClassification",
    "Segformer": "ForSemanticSegmentation",
}
"""Models of transformers: what follows the name of each in its class."""


def transformers_networks() -> Iterator[Network]:
    """Models of transformers, made of their usual configurations."""
    torchvision()
    import transformers

    for name, kind in TRANSFORMERS.items():
        config, model = getattr(transformers, f"{name}Config"), getattr(transformers, name + kind)
        words = name in ("Bert", "DistilBert", "Roberta", "T5")
        make = lambda config=config, model=model: model(config())  # noqa: E731
        yield "transformers", name + kind, make, (64,) if words else (3, 224, 224)


def onnx_files(folder: Path | None) -> Iterator[tuple[str, str, Path]]:
    """ONNX files: those of networks in the onnx package's tests, and those of a folder."""
    import onnx

    tests = Path(onnx.__file__).parent / "backend/test/data"
    for file in sorted(tests.glob("light/*.onnx")):
        yield "ONNX of Caffe2, 2017", file.stem, file
    for kind in ("pytorch-converted", "pytorch-operator"):
        for file in sorted(tests.glob(f"{kind}/*/model.onnx")):
            yield "ONNX of PyTorch's layers, 2017", file.parent.name, file
    for file in sorted(folder.glob("*.onnx")) if folder else ():
        yield f"ONNX exports, {file.stem.rpartition('-')[2]}", file.stem, file


def timm_size(name: str) -> tuple[int, int, str]:
    """An order of networks, in which those named as small come first."""
    small = ("tiny", "nano", "pico", "femto", "atto", "xxs", "small", "_s", "_b0", "18", "_t", "050")
    return (-sum(word in name for word in small), len(name), name)


def outcome_of(source: str, name: str, make: Maker | Path, shape: Any = None) -> Outcome:
    """Import one network, or one file."""
    result, started = Outcome(name, source), time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = str(make) if isinstance(make, Path) else made(make)
            found = cnncost.import_torch(module, input=shape)
    except (
        CnncostError,
        RuntimeError,
        ValueError,
        TypeError,
        NotImplementedError,
        AttributeError,
        KeyError,
    ) as error:
        where = f"{make}: " if isinstance(make, Path) else ""
        said = next(iter(str(error).removeprefix(where).splitlines()), "")
        result.reason = f"{type(error).__name__}: {said}"[:200]
        return result
    result.seconds = time.perf_counter() - started
    result.nodes, result.lines = len(found.graph.nodes), len(found.spec.text.splitlines())
    result.unused, result.unknown = found.checked.idle_params, list(found.unknown)
    reasons = [f"unknown: {', '.join(found.unknown)}"] if found.unknown else []
    kinds = {d.quantity for d in found.checked.different}
    reasons += [f"{kind} differ: {first(found, kind)}" for kind in sorted(kinds)]
    result.reason = "; ".join(reasons)
    return result


def first(found: Any, kind: str) -> str:
    """The first difference of a kind."""
    different = next(d for d in found.checked.different if d.quantity == kind)
    return f"{different.what} {different.ours} here, {different.theirs} there"


def made(make: Maker) -> nn.Module:
    """The module without values, or with them where it computes something while it is made."""
    try:
        with torch.device("meta"):
            return make()
    except (NotImplementedError, RuntimeError):
        return make()


def report(outcomes: list[Outcome]) -> str:
    """What came out, as Markdown."""
    exact = [o for o in outcomes if not o.reason]
    lines = [
        "# Imports of others' networks",
        "",
        f"`python -m tests.imports` with torch {torch.__version__.partition('+')[0]}, torchvision, timm and transformers.",
        "A network is exact if no operator is unknown and every parameter that inference uses, every output",
        "shape and the sum of multiply-adds are torch's. All are made on the meta device, without weights.",
        "An ONNX file is exact if no operator is unknown and every weight and every shape is that of the file.",
        f"This report has {len(outcomes)} networks; a run with `--log` goes on where an earlier one stopped.",
        "",
        "| source | networks | exact | share | median lines of spec |",
        "| :-- | --: | --: | --: | --: |",
    ]
    for source in dict.fromkeys(o.source for o in outcomes):
        group = [o for o in outcomes if o.source == source]
        good = [o for o in group if not o.reason]
        middle = sorted(o.lines for o in good)[len(good) // 2] if good else 0
        lines.append(
            f"| {source} | {len(group)} | {len(good)} | {100 * len(good) / len(group):.1f} % | {middle} |"
        )
    lines.append(f"| all | {len(outcomes)} | {len(exact)} | {100 * len(exact) / len(outcomes):.1f} % | |")
    lines += ["", "## What is not exact", ""]
    lines += [f"- {o.source} {o.name}: {o.reason}" for o in outcomes if o.reason] or ["Nothing."]
    return "\n".join([*lines, ""])


def known(log: Path | None) -> bool:
    """Whether there is a log to go on from."""
    return log is not None and log.exists()


def main() -> None:
    """Run the imports that the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m tests.imports", description=__doc__)
    parser.add_argument("--only", default="*", help="names of networks, with commas; * matches any text")
    parser.add_argument("--no-torchvision", action="store_true", help="only timm's")
    parser.add_argument("--from-log", action="store_true", help="only write the report of a log")
    parser.add_argument("--timm", type=int, default=260, help="how many networks of timm")
    parser.add_argument("--onnx", type=Path, help="a folder of ONNX files")
    parser.add_argument("--log", type=Path, help="one JSON line per network")
    parser.add_argument("-o", "--output", type=Path, help="the report")
    arguments = parser.parse_args()
    done = [Outcome(**json.loads(line)) for line in arguments.log.open()] if known(arguments.log) else []
    chosen: list[Any] = [] if arguments.no_torchvision else [*torchvision_networks()]
    chosen += [(*each, None) for each in onnx_files(arguments.onnx)] + [*transformers_networks()]
    patterns = arguments.only.split(",")
    for source, name, make, shape in () if arguments.from_log else (*chosen, *timm_networks(arguments.timm)):
        wanted = any(fnmatch.fnmatch(name, pattern) for pattern in patterns)
        if not wanted or any((o.source, o.name) == (source, name) for o in done):
            continue
        outcome = outcome_of(source, name, make, shape)
        done.append(outcome)
        how = f"{outcome.nodes} nodes, {outcome.lines} lines, {outcome.seconds:.1f} s"
        print(f"{source} {name}: {how}: {outcome.reason or 'exact'}", flush=True)
        if arguments.log:
            with arguments.log.open("a") as log:
                log.write(json.dumps(asdict(outcome)) + "\n")
    if arguments.output:
        arguments.output.write_text(report(done), encoding="utf-8")
    sys.exit(any(outcome.reason for outcome in done))


main()
