"""Units of one block that differ in a part: one class has a flag that says which of them it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cnncost.convert.source.units import Unit


class StepKey(NamedTuple):
    """A step as units of one form share it: all but the values of its arguments."""

    path: tuple[str, ...]
    called: tuple[str, ...]
    sources: tuple[str, ...]
    makes: tuple[str, ...]
    aux: bool
    slots: tuple[str, ...]
    maker: str
    call: str


class UnitKey(NamedTuple):
    """A unit as those of one form share it."""

    steps: tuple[StepKey, ...]
    outputs: tuple[str, ...]
    inputs: int


@dataclass(eq=False)
class Option:
    """What the units `without` lack: the `steps`, whose output then is `instead`.

    Where `instead` is "", they have nn.Identity for what the one step does.
    """

    name: str
    steps: range
    instead: str = ""
    without: list[Unit] = field(default_factory=list)
    key: UnitKey | None = None


@dataclass(eq=False)
class Group:
    """Units of one class, with the key of the fullest of them."""

    key: UnitKey
    units: list[Unit]
    options: list[Option] = field(default_factory=list)

    def apart(self) -> list[Group]:
        """The groups that were joined."""
        others = [Group(option.key, option.without) for option in self.options if option.key]
        lacking = {unit for option in self.options for unit in option.without}
        return [Group(self.key, [unit for unit in self.units if unit not in lacking]), *others]

    def lacks(self, unit: Unit, place: int) -> bool:
        """Whether a unit lacks what the step at this place does."""
        return any(unit in option.without and place in option.steps for option in self.options)


IDENTITY = "nn.Identity()"
RESIDUAL = ("shortcut", "skip", "downsample", "residual", "identity", "project", "projection")


def merged(groups: Sequence[Group]) -> list[Group]:
    """The groups of one block; those that are another one less a part are joined with it."""
    done: list[Group] = []
    for group in sorted(groups, key=lambda group: -len(group.key.steps)):
        for full in done:
            option = replaced(full, group) or left_out(full, group)
            if option is not None and not any(set(o.steps) & set(option.steps) for o in full.options):
                option.without, option.key = group.units, group.key
                full.options.append(option)
                full.units += group.units
                break
        else:
            done.append(group)
    return done


def replaced(full: Group, other: Group) -> Option | None:
    """The one step that only one of two groups has nn.Identity for; that one lacks it."""
    pairs = list(zip(full.key.steps, other.key.steps, strict=False))
    if len(full.key.steps) != len(other.key.steps) or full.key[1:] != other.key[1:]:
        return None
    different = [place for place, (one, two) in enumerate(pairs) if one != two]
    if len(different) != 1:
        return None
    one, two = pairs[different[0]]
    if one._replace(maker="", slots=()) != two._replace(maker="", slots=()):
        return None
    if one.maker == IDENTITY and not full.options:
        full.key, other.key = other.key, full.key
        full.units, other.units = other.units, full.units
        one, two = two, one
    if two.maker != IDENTITY:
        return None
    name = one.path[-1]
    return Option("project" if name in RESIDUAL else name, range(different[0], different[0] + 1))


def left_out(full: Group, other: Group) -> Option | None:
    """The neighbouring steps of a group that another one lacks: a residual connection."""
    steps, kept = full.key.steps, other.key.steps
    lacking = len(steps) - len(kept)
    start = next((i for i, (a, b) in enumerate(zip(steps, kept, strict=False)) if a != b), len(kept))
    if lacking < 1 or full.key.inputs != other.key.inputs:
        return None
    last, inner = (
        steps[start + lacking - 1],
        {name for s in steps[start : start + lacking - 1] for name in s.makes},
    )
    behind = steps[start + lacking :]
    used_later = {name for step in behind for name in step.sources} | set(full.key.outputs)
    if len(last.makes) != 1 or inner & used_later:
        return None
    for source in last.sources:
        if source in used_later or source in inner:
            continue
        there = {last.makes[0]: source}
        moved = tuple(step._replace(sources=renamed(step.sources, there)) for step in behind)
        if (steps[:start] + moved, renamed(full.key.outputs, there)) == (kept, other.key.outputs):
            name = "residual" if " + " in last.call else last.path[-1] if last.path else "merge"
            return Option(name, range(start, start + lacking), source)
    return None


def renamed(names: Sequence[str], there: dict[str, str]) -> tuple[str, ...]:
    """Names of outputs, some of which are others there."""
    return tuple(there.get(name, name) for name in names)


def option_at(options: Sequence[Option], place: int) -> Option | None:
    """The option that the step at a place belongs to."""
    return next((option for option in options if place in option.steps), None)
