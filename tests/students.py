"""Students who make known mistakes: answer sheets made by a script, to see whether marking finds them.

The arithmetic here is a student's, with the formulas of a lecture; it shares nothing with cnncost but
the layers' arguments. Each sheet is a whole table with one seeded mistake, from which the student goes
on correctly; or with two.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

import cnncost
from cnncost.count.rows import Row, fold

COLUMNS = ("output", "params", "memory (KB)", "FLOPs")
KEYS = {"output": "out_shape", "params": "params", "memory (KB)": "memory", "FLOPs": "flops"}


@dataclass(frozen=True)
class Task:
    """A layer as the task gives it: what a student reads off the drawing."""

    name: str
    type: str
    filters: int
    k: int = 1
    s: int = 1
    p: int = 0
    groups: int = 1
    bias: bool = True
    norm: bool = False


@dataclass(frozen=True)
class Slip:
    """A mistake: in which column of which kind of layer, and what it makes of the layer.

    `expected` are the names of the deviations that mean it; several where they come to the same.
    """

    name: str
    column: str
    types: tuple[str, ...]
    value: Callable[[Task, Sizes], object]
    expected: tuple[str, ...]


@dataclass(frozen=True)
class Sizes:
    """What enters and leaves a layer: channels and height of square maps."""

    c: int
    h: int
    c_out: int
    h_out: int


@dataclass
class StudentSheet:
    """A student's table, and which cells are mistaken by what."""

    network: str
    name: str
    cells: dict[tuple[str, str], str] = field(default_factory=dict)
    mistakes: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def csv(self) -> str:
        """The file that is handed in."""
        labels = list(dict.fromkeys(label for label, _ in self.cells))
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(["layer", *COLUMNS])
        for label in labels:
            writer.writerow([label, *(self.cells.get((label, column), "") for column in COLUMNS)])
        return buffer.getvalue()


def tasks(network: str) -> tuple[int, int, list[Task]]:
    """The input's channels and size, and the layers of a network that is a chain."""
    graph = cnncost.load(network)
    rows = fold(cnncost.profile(graph))
    return graph.input_shape[0], graph.input_shape[1], [task for row in rows if (task := task_of(row))]


def task_of(row: Row) -> Task | None:
    """A row of the table as a task; None for what no student is asked."""
    first = {key: (row.argument(key) or (1,))[0] for key in ("kernel_size", "stride")}
    window = row.argument("padding")
    padding = window[0] if isinstance(window, tuple) else 0
    norm = any(cost.type == "BatchNorm2d" for cost in row.costs)
    if row.type == "Conv2d":
        groups, bias = row.argument("groups"), row.argument("bias")
        k, s = first["kernel_size"], first["stride"]
        return Task(row.label, "conv", row.argument("out_channels"), k, s, padding, groups, bias, norm)
    if row.type in ("MaxPool2d", "AvgPool2d"):
        return Task(row.label, "pool", 0, first["kernel_size"], first["stride"], padding)
    if row.type == "Flatten":
        return Task(row.label, "flatten", 0)
    return Task(row.label, "fc", row.argument("out_features")) if row.type == "Linear" else None


# A student's arithmetic


def out_size(t: Task, h: int) -> int:
    """The size of the output."""
    return (h - t.k + 2 * t.p) // t.s + 1


def sizes(t: Task, c: int, h: int) -> Sizes:
    """What enters and leaves a layer."""
    if t.type == "conv":
        return Sizes(c, h, t.filters, out_size(t, h))
    if t.type == "pool":
        return Sizes(c, h, c, out_size(t, h))
    return Sizes(c, h, c * h * h if t.type == "flatten" else t.filters, 1)


def extras(t: Task, z: Sizes) -> int:
    """The parameters besides the weights of a convolution: biases, and two numbers per channel for a batch norm."""
    return t.bias * z.c_out + 2 * t.norm * z.c_out


def params(t: Task, z: Sizes) -> int:
    """Weights, biases and batch norms."""
    if t.type == "conv":
        return t.k**2 * z.c // t.groups * z.c_out + extras(t, z)
    return z.c * z.c_out + z.c_out if t.type == "fc" else 0


def flops(t: Task, z: Sizes) -> int:
    """Multiply-adds, and the window of each pooled output."""
    if t.type == "conv":
        return t.k**2 * z.c // t.groups * z.c_out * z.h_out**2
    if t.type == "pool":
        return t.k**2 * z.c_out * z.h_out**2
    return z.c * z.c_out if t.type == "fc" else 0


def kilobytes(z: Sizes, bytes_: int = 4, kilo: int = 1024) -> str:
    """The memory of the output, to the hundredth of a KB."""
    hundredths = int(Fraction(100 * z.c_out * z.h_out**2 * bytes_, kilo) + Fraction(1, 2))
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def shape(z: Sizes) -> str:
    """An output as it is written down."""
    return f"{z.h_out}x{z.h_out}x{z.c_out}" if z.h_out > 1 else str(z.c_out)


def filled(network: str, slips: dict[str, list[Slip]], name: str) -> StudentSheet:
    """A table with mistakes at some layers; rows after a wrong shape are computed from it."""
    c, h, layers = tasks(network)
    sheet = StudentSheet(network, name)
    for t in layers:
        z = sizes(t, c, h)
        for slip in slips.get(t.name, []):
            if slip.column == "output":
                z = slip.value(t, z)
        right = {
            "output": shape(z),
            "params": params(t, z),
            "memory (KB)": kilobytes(z),
            "FLOPs": flops(t, z),
        }
        sheet.cells.update({(t.name, column): str(value) for column, value in right.items()})
        for slip in slips.get(t.name, []):
            if slip.column != "output":
                sheet.cells[t.name, slip.column] = str(slip.value(t, z))
            sheet.mistakes[t.name, KEYS[slip.column]] = alike(slip, t, sizes(t, c, h))
        c, h = z.c_out, z.h_out
    return sheet


def alike(slip: Slip, t: Task, z: Sizes) -> tuple[str, ...]:
    """The names of all mistakes that come to the same answer here: with three channels, a kernel of 3 is one."""
    value = slip.value(t, z)
    same = (s for s in SLIPS if s.column == slip.column and t.type in s.types and s.value(t, z) == value)
    return tuple(name for each in same for name in each.expected)


# The mistakes


def resized(h_out: Callable[[Task, Sizes], int]) -> Callable[[Task, Sizes], Sizes]:
    """A mistake in the size of the output."""
    return lambda t, z: replace(z, h_out=h_out(t, z))


def swapped(number: int, rng: random.Random) -> int | None:
    """A number with two neighbouring digits, that differ, exchanged; None where there are none."""
    text = str(number)
    places = [i for i in range(1, len(text) - 1) if text[i] != text[i + 1]]
    if len(text) < 4 or not places:
        return None
    i = rng.choice(places)
    return int(text[:i] + text[i + 1] + text[i] + text[i + 2 :])


CONV, POOL, WINDOWS, WEIGHTED = ("conv",), ("pool",), ("conv", "pool"), ("conv", "fc")

SLIPS = (
    Slip("no bias", "params", WEIGHTED, lambda t, z: params(t, z) - t.bias * z.c_out, ("bias forgotten", "biases not counted")),
    Slip("kernel not squared", "params", CONV, lambda t, z: t.k * z.c // t.groups * z.c_out + extras(t, z), ("kernel not squared",)),
    Slip("kernel left out", "params", CONV, lambda t, z: z.c // t.groups * z.c_out + extras(t, z), ("kernel forgotten",)),
    Slip("input channels left out", "params", CONV, lambda t, z: t.k**2 * z.c_out + extras(t, z), ("input channels forgotten",)),
    Slip("filters for input channels", "params", CONV, lambda t, z: t.k**2 * z.c_out**2 // t.groups + extras(t, z), ("output channels for input",)),
    Slip("one filter", "params", CONV, lambda t, z: t.k**2 * z.c // t.groups + extras(t, replace(z, c_out=1)), ("one filter",)),
    Slip("groups ignored", "params", CONV, lambda t, z: params(replace(t, groups=1), z), ("groups ignored",)),
    Slip("statistics counted", "params", CONV, lambda t, z: params(t, z) + 2 * t.norm * z.c_out, ("batch norm statistics counted", "buffers counted")),
    Slip("pool with weights", "params", POOL, lambda t, z: t.k**2 * z.c * z.c_out + z.c_out, ("pool given weights",)),
    Slip("pool with a kernel", "params", POOL, lambda t, z: t.k**2 * z.c, ("pool given a kernel",)),
    Slip("stride ignored", "output", WINDOWS, resized(lambda t, z: out_size(replace(t, s=1), z.h)), ("stride ignored",)),
    Slip("padding once", "output", CONV, resized(lambda t, z: (z.h - t.k + t.p) // t.s + 1), ("padding added once",)),
    Slip("no padding", "output", CONV, resized(lambda t, z: out_size(replace(t, p=0), z.h)), ("padding forgotten",)),
    Slip("padding twice as much", "output", CONV, resized(lambda t, z: out_size(replace(t, p=2 * t.p), z.h)), ("padding doubled",)),
    Slip("rounded up", "output", WINDOWS, resized(lambda t, z: -(-(z.h - t.k + 2 * t.p) // t.s) + 1), ("rounded up",)),
    Slip("the 1 left out", "output", WINDOWS, resized(lambda t, z: out_size(t, z.h) - 1), ("one place forgotten",)),
    Slip("channels kept", "output", CONV, lambda _, z: replace(z, c_out=z.c), ("channels kept",)),
    Slip("at the input's size", "FLOPs", WINDOWS, lambda t, z: flops(t, replace(z, h_out=z.h)), ("work at the inputs size",)),
    Slip("two for one", "FLOPs", WEIGHTED, lambda t, z: 2 * flops(t, z), ("multiply and add counted", "another convention")),
    Slip("positions left out", "FLOPs", CONV, lambda t, z: flops(t, replace(z, h_out=1)), ("positions forgotten",)),
    Slip("one side", "FLOPs", CONV, lambda t, z: flops(t, z) // z.h_out, ("size not squared",)),
    Slip("kernel once", "FLOPs", CONV, lambda t, z: flops(t, z) // t.k, ("kernel not squared",)),
    Slip("no input channels", "FLOPs", CONV, lambda t, z: flops(t, z) * t.groups // z.c, ("input channels forgotten",)),
    Slip("elements", "memory (KB)", WINDOWS, lambda _, z: kilobytes(z, 1), ("elements for bytes",)),
    Slip("bits", "memory (KB)", WINDOWS, lambda _, z: kilobytes(z, 32), ("bits for bytes",)),
    Slip("1000 for 1024", "memory (KB)", WINDOWS, lambda _, z: kilobytes(z, 4, 1000), ("thousand for 1024",)),
    Slip("two bytes", "memory (KB)", WINDOWS, lambda _, z: kilobytes(z, 2), ("other elements",)),
    Slip("the input's", "memory (KB)", WINDOWS, lambda _, z: kilobytes(replace(z, c_out=z.c, h_out=z.h)), ("memory of the input",)),
    Slip("no channels", "memory (KB)", WINDOWS, lambda _, z: kilobytes(replace(z, c_out=1)), ("output channels forgotten", "one filter")),
    Slip("digits swapped", "params", WEIGHTED, lambda t, z: swapped(params(t, z), random.Random(t.name)), ("digits swapped",)),
    Slip("digits swapped", "FLOPs", WINDOWS, lambda t, z: swapped(flops(t, z), random.Random(t.name)), ("digits swapped",)),
    Slip("ten times", "FLOPs", WINDOWS, lambda t, z: 10 * flops(t, z), ("point too far right", "point too far left")),
    Slip("a tenth", "params", WEIGHTED, lambda t, z: params(t, z) // 10 if params(t, z) % 10 == 0 else None, ("point too far right", "point too far left")),
)  # fmt: skip

NETWORKS = ("alexnet", "alexnet-2012", "lenet5", "vgg11", "vgg11-bn")


def places(slip: Slip, network: str) -> Iterator[str]:
    """The layers at which a mistake gives another answer than the right one."""
    c, h, layers = tasks(network)
    for t in layers:
        z = sizes(t, c, h)
        if t.type in slip.types:
            value = slip.value(t, z)
            right = {"output": z, "params": params(t, z), "memory (KB)": kilobytes(z), "FLOPs": flops(t, z)}
            if value is not None and value != right[slip.column]:
                sheet = filled(network, {t.name: [slip]}, "")
                sound = all(cell != "0" or column != "output" for (_, column), cell in sheet.cells.items())
                if sound and not (isinstance(value, Sizes) and value.c_out % 2):  # groups must divide it
                    yield t.name
        c, h = z.c_out, z.h_out


def singles() -> list[StudentSheet]:
    """A sheet for each mistake and network, at a layer chosen by a seed."""
    sheets = []
    for slip in SLIPS:
        for network in NETWORKS:
            labels = list(places(slip, network))
            if labels:
                label = random.Random(f"{slip.name} {slip.column} {network}").choice(labels)
                sheets.append(
                    filled(network, {label: [slip]}, f"{network} {label}: {slip.name} ({slip.column})")
                )
    return sheets


def pairs(count: int = 24) -> list[StudentSheet]:
    """Sheets with two mistakes in different cells."""
    rng, sheets = random.Random(5), []
    while len(sheets) < count:
        network, first, second = rng.choice(NETWORKS), *rng.sample(SLIPS, 2)
        a, b = list(places(first, network)), list(places(second, network))
        if a and b:
            at: dict[str, list[Slip]] = {rng.choice(a): [first]}
            other = rng.choice(b)
            if first.column == "output" or second.column == "output" or other in at:
                continue  # a second mistake on top of a wrong shape has tests of its own
            at.setdefault(other, []).append(second)
            sheets.append(filled(network, at, f"{network}: {first.name}, {second.name}"))
    return sheets


BOTH = (
    ("no bias, kernel not squared", "params", CONV, lambda t, z: None if t.norm else t.k * z.c // t.groups * z.c_out, {"bias forgotten", "kernel not squared"}),
    ("no bias, no input channels", "params", CONV, lambda t, z: None if t.norm else t.k**2 * z.c_out, {"bias forgotten", "input channels forgotten"}),
    ("two for one at the input's size", "FLOPs", CONV, lambda t, z: 2 * flops(t, replace(z, h_out=z.h)) if z.h > z.h_out else None, {"multiply and add counted", "work at the inputs size"}),
    ("elements of KB of 1000", "memory (KB)", POOL, lambda _, z: kilobytes(z, 1, 1000), {"elements for bytes", "thousand for 1024"}),
)  # fmt: skip
"""Two mistakes in one cell, and the names of both."""


def compounds() -> list[tuple[StudentSheet, tuple[str, str], set[str]]]:
    """Sheets with one cell that two mistakes made, the cell, and the names of the two."""
    found = []
    for name, column, types, value, expected in BOTH:
        slip = Slip(name, column, types, value, ())
        for network in NETWORKS:
            labels = list(places(slip, network))
            if not labels:
                continue
            label = random.Random(f"{name} {network}").choice(labels)
            sheet = filled(network, {label: [slip]}, f"{network} {label}: {name}")
            if len(sheet.cells[label, column].replace(".", "")) > 3:  # fewer digits tell too little of two
                found.append((sheet, (label, KEYS[column]), expected))
    return found


def chains() -> list[StudentSheet]:
    """Sheets whose first layer's size is wrong, and all behind it worked out from that."""
    return [
        filled(network, {label: [slip]}, f"{network} {label}: {slip.name}")
        for slip in SLIPS
        if slip.column == "output"
        for network in NETWORKS
        for label in list(places(slip, network))[:1]
    ]
