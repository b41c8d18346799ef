"""Units as classes: those of one form share one, with parameters for what differs between them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cnncost.convert.source.forward import Forward
from cnncost.convert.source.layout import laid_out
from cnncost.convert.source.parameters import ABSENT, REQUIRED, ClassParameters, Slot
from cnncost.convert.source.sequences import chain, compressed, repeated
from cnncost.convert.source.spelling import class_name, getting, literal, setting
from cnncost.convert.source.units import Path, Step, Unit, relative_names
from cnncost.convert.source.variants import IDENTITY, Group, Option, StepKey, UnitKey, merged, option_at
from cnncost.convert.structure.items import plain
from cnncost.layers.arguments import normal_default


class Argument(NamedTuple):
    """An argument in the code of a class: its name, the part that it is for, its value and its default.

    `kind` is the argument of torch's that it is for in the end.
    """

    name: str
    part: str
    value: Any
    usual: Any
    kind: str


USUAL_NAMES = {"num_features": "in_channels", "num_channels": "in_channels", "normalized_shape": "features"}
"""What parameters are called after the arguments of torch's that they are for, where that differs."""

Fill = Callable[[Argument], str]
"""Gives the code for an argument."""


@dataclass(eq=False)
class Form:
    """A class: a unit that stands for all that have it, its parameters, and its source."""

    name: str
    parameters: ClassParameters
    lines: list[str]
    values: dict[Unit, dict[str, Any]] = field(default_factory=dict)

    def call(self, unit: Unit, part: str, fill: Fill) -> str:
        """The code that makes a unit of this class."""
        words = []
        for name in self.parameters.ordered():
            usual = self.parameters.defaults[name]
            kind = self.parameters.kinds.get(name, name)
            text = fill(Argument(name, part, self.values[unit][name], usual, kind))
            if usual is REQUIRED:
                words.append(text)
            elif text != literal(usual):
                words.append(f"{name}={text}")
        return f"{self.name}({', '.join(words)})"


class Classes:
    """Writes the classes of a network, those inside others first."""

    def __init__(self, helpers: Callable[[str], str]) -> None:
        self.helpers = helpers  # the name of a class of cnncost's in the source
        self.forms: list[Form] = []
        self.form_of: dict[Unit, Form] = {}

    def write(self, root: Unit) -> list[Form]:
        """The classes of a network; its own is the last."""
        units = list(within(root))
        blocks = {
            unit.block for unit in units if unit.is_class and unit.block
        }  # of which others may be a part
        by_height: dict[int, dict[str, list[Unit]]] = {}
        for unit in units:
            if unit.is_class or unit is root or (unit.block in blocks and not unit.numbered):
                by_height.setdefault(height(unit), {}).setdefault(unit.block, []).append(unit)
        for level in sorted(by_height):
            for found in by_height[level].values():
                same: dict[UnitKey, list[Unit]] = {}
                for unit in found:
                    same.setdefault(self.key(unit), []).append(unit)
                groups = [Group(key, group) for key, group in same.items()]
                for group in self.joined(groups) if found[0].block else groups:
                    first = group.units[0]
                    if first.is_class or first is root or any(step.unit for step in first.steps):
                        self.make(group, named=found[0].block or naming(group.units[0].path))
        return self.forms

    def key(self, unit: Unit) -> UnitKey:
        """What units of one class have in common: all but the values of their arguments."""

        def fill(_: Argument) -> str:
            return "0"

        known = relative_names(unit)

        def relative(names: Sequence[str]) -> tuple[str, ...]:
            return tuple(known[name] for name in names)

        steps = [
            StepKey(
                step.path,
                step.called,
                relative(step.sources),
                relative(step.makes),
                step.aux,
                tuple(slot.name for slot in self.slots(step)),
                self.maker(step, fill),
                self.called(step, fill),
            )
            for step in unit.steps
        ]
        return UnitKey(tuple(steps), relative(unit.outputs), len(unit.inputs))

    def slots(self, step: Step) -> list[Argument]:
        """The arguments in the code of a step, in order."""
        found: list[Argument] = []

        def fill(argument: Argument) -> str:
            found.append(argument)
            return "0"

        self.maker(step, fill)
        self.called(step, fill)
        return found

    def joined(self, groups: list[Group]) -> Iterator[Group]:
        """The groups of one block, joined where the parameters of the fullest say all of the others."""
        for group in merged(groups):
            parameters, _ = self.parameters(group)
            whole = parameters.complete and not (group.options and group.units[0].is_sequential)
            yield from [group] if whole else group.apart()

    def parameters(self, group: Group) -> tuple[ClassParameters, list[str]]:
        """The parameters of a class, and the code for each argument in it."""
        units = group.units
        given = {
            name: [unit.values.get(name) for unit in units]
            for name, value in units[0].values.items()
            if isinstance(value, (int, float, str, tuple))
        }
        parameters = ClassParameters(given)
        return parameters, [parameters.code(slot) for slot in self.columns(group)]

    def make(self, group: Group, named: str) -> None:
        """The class of these units."""
        units = group.units
        parameters, found = self.parameters(group)
        codes = iter(found)
        for option in group.options:
            option.name = parameters.flag(option.name, [unit not in option.without for unit in units])
        form = Form(self.free(class_name(named)), parameters, [])
        form.lines = ClassText(self, group, parameters, lambda _: next(codes)).lines(form.name)
        form.values = {
            unit: {name: column[i] for name, column in parameters.columns.items()}
            for i, unit in enumerate(units)
        }
        self.forms.append(form)
        self.form_of.update(dict.fromkeys(units, form))

    def columns(self, group: Group) -> Iterator[Slot]:
        """The arguments in the code of a class, each with its values in all units."""
        parts = [{step.path: step for step in unit.steps} for unit in group.units]
        for place, step in enumerate(group.units[0].steps):
            own = self.slots(step)
            found = [
                [ABSENT] * len(own)
                if group.lacks(unit, place)
                else [argument.value for argument in self.slots(steps[step.path])]
                for unit, steps in zip(group.units, parts, strict=True)
            ]
            for argument, values in zip(own, zip(*found, strict=True), strict=True):
                yield Slot(argument.name, argument.part, values, argument.usual, argument.kind)

    def free(self, name: str) -> str:
        """A name that no class has."""
        taken, number, found = {form.name for form in self.forms}, 2, name
        while found in taken or found in ("OrderedDict", "Tensor"):
            found, number = f"{name}{number}", number + 1
        return found

    # the code of one step

    def maker(self, step: Step, fill: Fill) -> str:
        """The code that makes the module of a step; "" where it needs none."""
        if not step.owns:
            return ""
        if step.unit is None:
            return self.layer(step, fill)
        return self.unit(step.unit, step.path[-1], fill)

    def unit(self, unit: Unit, part: str, fill: Fill) -> str:
        """The code that makes a unit: a call of its class, or an nn.Sequential."""
        if unit in self.form_of:
            return self.form_of[unit].call(unit, part, fill)
        parts = [(step.path[0], self.maker(step, fill)) for step in unit.steps]
        return IDENTITY if all(maker == IDENTITY for _, maker in parts) else chain(parts)

    def layer(self, step: Step, fill: Fill) -> str:
        """The code that makes a layer: torch.nn's call, without the arguments that are as usual."""
        assert step.node
        assert step.twin
        layer, part = step.node.layer, step.path[-1]
        own = step.twin.name.startswith("torch.")  # cnncost's classes take sizes of all axes
        given = {
            name: single(plain(value, layer) if name in layer.names() else value) if own else value
            for name, value in step.twin.arguments.items()
        }
        inferred = [name for name in layer.inferred(*step.node.in_shapes) if name in given]
        usual = {f.name: plain(normal_default(layer, f), layer) for f in layer.parameters()}
        usual = {name: usual[name] for name in layer.defaults() if own and name not in inferred}
        if "Softm" in step.twin.name:  # torch would guess the axis
            usual["dim"] = REQUIRED
        if "kernel_size" in given and layer.defaults().get("stride", 0) is None:
            usual["stride"] = given["kernel_size"]
        first = [name for name in given if name not in layer.defaults() and name not in inferred]
        if len(inferred) == 1:
            first.insert(layer.inferred_place, inferred[0])
        first = [name for name in first if name in layer.names() or name in inferred]
        positional = first if len(inferred) < 2 else []
        words = [
            fill(Argument(USUAL_NAMES.get(name, name), part, given[name], REQUIRED, name))
            for name in positional
        ]
        for name in given:
            if name in positional:
                continue
            text = fill(Argument(name, part, given[name], usual.get(name, REQUIRED), name))
            if usual.get(name, REQUIRED) is REQUIRED or text != literal(usual[name]):
                words.append(f"{name}={text}")
        return f"{self.module_name(step.twin.name)}({', '.join(words)})"

    def module_name(self, name: str) -> str:
        """A class as the source calls it."""
        return name.removeprefix("torch.") if name.startswith("torch.nn.") else self.helpers(name)

    def called(self, step: Step, fill: Fill) -> str:
        """The code of a step's call: numbers in an expression are arguments too."""
        if step.twin is None or step.twin.name or not step.twin.call:
            return step.call
        part = step.path[-1] if step.path else "merge"

        def number(found: re.Match[str]) -> str:
            return fill(Argument("size", part, int(found[0]), REQUIRED, "size"))

        return re.sub(r"(?<![\w{.])\d+(?![\w}.])", number, step.call)


class ClassText:
    """The source of one class."""

    def __init__(self, classes: Classes, group: Group, parameters: ClassParameters, fill: Fill) -> None:
        self.classes, self.parameters = classes, parameters
        self.unit = unit = group.units[0]
        self.made: list[tuple[Path, str]] = []
        self.calls: dict[Step, str] = {}
        self.kept: list[str] = []  # parameters that the forward pass needs
        self.options = group.options
        self.optional: dict[Path, Option] = {}
        for place, step in enumerate(unit.steps):
            option = option_at(group.options, place)
            maker = classes.maker(step, fill)
            if maker == IDENTITY and not unit.is_sequential and not (option and not option.instead):
                self.calls[step] = "{0}"
                continue
            if maker:
                self.made.append((step.path, maker))
            if option:
                self.optional[step.path] = option
            code = classes.called(step, lambda argument: self.in_forward(fill(argument)))
            self.calls[step] = SLICE.sub(spaced, code)
        self.kept += [option.name for option in group.options if option.instead]
        self.lists = frozenset(self.numbered_lists())

    def in_forward(self, code: str) -> str:
        """The code of an argument in the forward pass, where parameters are kept in `self`."""
        names = [name for name in re.findall(r"[A-Za-z_]\w*", code) if name in self.parameters.columns]
        self.kept += names
        return re.sub(r"[A-Za-z_]\w*", lambda word: f"self.{word[0]}" if word[0] in names else word[0], code)

    def numbered_lists(self) -> Iterator[Path]:
        """Where modules are called 0, 1, 2 … and no nn.Sequential runs them."""
        inside: dict[Path, list[str]] = {}
        for path, _ in self.made:
            for end in range(1, len(path)):
                inside.setdefault(path[:end], []).append(path[end])
        for path, names in inside.items():
            numbers = [*dict.fromkeys(names)]
            own = {made for made, _ in self.made}
            direct = all((*path, number) in own for number in numbers)
            if numbers == [str(i) for i in range(len(numbers))] and direct and path not in own:
                yield path

    def lines(self, name: str) -> list[str]:
        """The whole class."""
        words = []
        for parameter in self.parameters.ordered():
            usual = self.parameters.defaults[parameter]
            words.append(parameter if usual is REQUIRED else f"{parameter}={literal(usual)}")
        text = [f"class {name}({'nn.Sequential' if self.unit.is_sequential else 'nn.Module'}):"]
        text += laid_out(f"def __init__({', '.join(['self', *words])}):", 1)
        if self.unit.is_sequential:
            modules = chain([(path[0], maker) for path, maker in self.made])
            return text + set_in([modules.replace("nn.Sequential", "super().__init__", 1)])
        statements = ["super().__init__()", *self.init()]
        text += set_in(statements)
        forward = Forward(self.unit, self.code, self.options)
        text += ["", *laid_out(f"def forward({', '.join(['self', *forward.parameters])}):", 1)]
        return text + set_in(repeated(list(forward.lines())))

    def code(self, step: Step) -> str:
        """The code of a step's call in the forward pass."""
        return self.calls[step].replace("{module}", getting(step.called, self.lists))

    def init(self) -> Iterator[str]:
        """The statements that make the modules: those that hold others first."""
        yield from (f"self.{name} = {name}" for name in dict.fromkeys(self.kept))
        done: set[Path] = set()
        own = sorted(
            self.made, key=lambda made: len(made[0]) > 1 and made[0][:-1] in {p for p, _ in self.made}
        )
        for path, maker in own:
            for end in range(1, len(path)):
                holder = path[:end]
                if holder in done or any(holder == made for made, _ in self.made):
                    continue
                done.add(holder)
                if holder in self.lists:
                    parts = [text for inner, text in self.made if inner[:-1] == holder]
                    listed = f"[{', '.join(compressed(parts))}]"
                    yield setting(holder, f"nn.ModuleList({ONE_RUN.sub(chr(92) + '1', listed)})")
                else:
                    yield setting(holder, "nn.Module()")
            if path[:-1] in self.lists:
                continue
            option = self.optional.get(path)
            if option is None:
                yield setting(path, maker)
                continue
            yield f"if {option.name}:"
            yield f"    {setting(path, maker)}"
            if not option.instead:
                yield "else:"
                yield f"    {setting(path, IDENTITY)}"


def set_in(statements: Iterable[str]) -> list[str]:
    """The lines of statements in a method; some are set in further."""
    found: list[str] = []
    for line in statements:
        found += laid_out(line.lstrip(), 2 + (len(line) - len(line.lstrip())) // 4)
    return found


ONE_RUN = re.compile(r"^\[\*(\[[^\]]*\])\]$")
"""A list of nothing but an unpacked one."""

SLICE = re.compile(r"(?<=[\[ ,])([^\[\],: ]*):([^\[\],: ]*)(?=[,\]])")


def spaced(part: re.Match[str]) -> str:
    """A slice with spaces around its colon where it is of more than names and numbers."""
    return f"{part[1]} : {part[2]}".strip() if "." in part[1] + part[2] else part[0]


def single(value: Any) -> Any:
    """An inferred argument: one size by itself."""
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def within(unit: Unit) -> Iterator[Unit]:
    """A unit and all units in it."""
    for step in unit.steps:
        if step.unit is not None and step.owns:
            yield from within(step.unit)
    yield unit


def height(unit: Unit) -> int:
    """How many levels of units there are in it."""
    return 1 + max((height(s.unit) for s in unit.steps if s.unit is not None and s.owns), default=0)


def naming(path: str) -> str:
    """What a class is named after that is no block of the spec: the last parts of its path that are names."""
    names = [part for part in path.split(".") if not part.isdigit()]
    return (names[-1].rstrip("0123456789_") or names[-1]) if names else "block"
