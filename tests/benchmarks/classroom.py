"""A class of students who hand in a table each, with up to five mistakes from tests/students.py."""

from __future__ import annotations

import random
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from cnncost.homework.mark import ClassMarks, grade
from tests import students


def write_class(folder: Path, count: int, network: str = "alexnet", seed: int = 0) -> None:
    """Write the sheets of a class; the same mistakes are common to many, as in a real one."""
    rng = random.Random(seed)
    known = [(slip, label) for slip in students.SLIPS for label in students.places(slip, network)]
    common = rng.sample(known, 12)
    for i in range(count):
        chosen: dict[str, list[students.Slip]] = {}
        for _ in range(rng.choice((0, 0, 1, 1, 2, 3, 5))):
            slip, label = rng.choice(common if rng.random() < 0.7 else known)
            chosen.setdefault(label, [slip])
        sheet = students.filled(network, chosen, f"student{i}")
        (folder / f"student{i}.csv").write_text(sheet.csv(), encoding="utf-8")


def marked_class(count: int, network: str = "alexnet") -> tuple[float, ClassMarks]:
    """How many seconds a class takes, and its marks."""
    with TemporaryDirectory() as folder:
        write_class(Path(folder), count, network)
        start = time.perf_counter()
        marks = grade(folder, network)
        return time.perf_counter() - start, marks
