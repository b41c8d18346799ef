"""The forward pass of a unit as lines of Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from cnncost.convert.source.spelling import free, variable
from cnncost.convert.source.units import Step, Unit, relative_names
from cnncost.convert.source.variants import Option, option_at

FAR = 8
"""An output that is used this many steps later has a name of its own."""
LONGEST = {True: 60, False: 30}
"""The longest code that is written within other code: a call of a module, and another expression."""


class Code(NamedTuple):
    """An output as code, and the variables in it."""

    text: str
    variables: frozenset[str]

    @property
    def operand(self) -> str:
        """The same within other code."""
        return f"({self.text})" if is_compound(self.text) else self.text


def is_compound(text: str) -> bool:
    """Whether code has an operator outside brackets, so that it needs brackets within other code."""
    depth = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        if char == " " and not depth:
            return True
    return text.startswith("-")


class Forward:
    """Writes the forward pass of one unit; `called` gives the code of a step's call."""

    def __init__(self, unit: Unit, called: Callable[[Step], str], options: Sequence[Option] = ()) -> None:
        self.unit, self.called, self.options = unit, called, options
        self.forced = {self.value(option.instead): option for option in options if option.instead}
        self.left = Counter(name for step in unit.steps for name in step.sources)
        self.left.update(unit.outputs)
        made = [name for step in unit.steps for name in step.makes if step.aux]
        self.heads = [name for name in made if not self.left[name]]
        self.left.update(self.heads)
        self.known: dict[str, Code] = {}
        self.aux: list[str] = []
        self.parameters = self.parameter_names()
        for name, parameter in zip(unit.inputs, self.parameters, strict=False):
            self.known[name] = Code(parameter, frozenset([parameter]))

    def parameter_names(self) -> list[str]:
        """`x` for the only input; of several, the names that they have outside."""
        inputs = self.unit.inputs
        if len(inputs) < 2:
            return ["x"]
        names: list[str] = []
        if self.unit.path and len(inputs) <= 3:
            return [*"xyz"[: len(inputs)]]
        for name in inputs:
            names.append(free(variable(name.rpartition(".")[2]), names))
        return names

    def lines(self) -> Iterator[str]:
        """The statements, each on one line; those for training only are set in."""
        condition = ""
        for place, step in enumerate(self.unit.steps):
            option = option_at(self.options, place)
            inner = (
                "self.training" if step.aux else f"self.{option.name}" if option and option.instead else ""
            )
            line = self.line(place, step)
            if line is None:
                continue
            if inner and inner != condition:
                yield f"if {inner}:"
            condition = inner
            yield f"    {line}" if inner else line
        heads = [self.known[name].text for name in self.heads]
        results = [self.known[name].text for name in self.unit.outputs]
        if heads and not all(step.aux for step in self.unit.steps):
            yield "if self.training:"
            yield f"    return {', '.join(results + heads)}"
        yield f"return {', '.join(results)}"

    def line(self, place: int, step: Step) -> str | None:
        """The statement of a step; None where its code becomes part of a later one."""
        codes = [self.known[name] for name in step.sources]
        for name in step.sources:
            self.left[name] -= 1
        text = self.called(step)
        operands = [code.operand for code in codes] if needs_operands(text) else [code.text for code in codes]
        made = text.format(*operands, samples=self.parameters[0])
        used = frozenset().union(*(code.variables for code in codes))
        if len(step.makes) == 1 and self.is_inlined(place, step, made):
            self.known[step.makes[0]] = Code(made, used)
            return None
        if not any(self.left[name] for name in step.makes) and not step.aux:
            return made
        targets = [self.target(place, step, name) for name in step.makes]
        return f"{', '.join(targets)} = {made}"

    def is_inlined(self, place: int, step: Step, made: str) -> bool:
        """Whether the code of a step is written where its only user is: a merge just after, or the return."""
        name = step.makes[0]
        if made == self.known_text(step):  # nn.Identity
            return True
        if self.left[name] != 1 or step.aux or name in self.forced or self.ends_option(place):
            return False
        user = next((later for later in self.unit.steps[place + 1 :] if name in later.sources), None)
        if user is None:
            return place == len(self.unit.steps) - 1 and len(self.unit.outputs) == 1
        merge = user.twin is not None and not user.twin.name and len(user.sources) > 1
        near = user.place - step.place <= FAR or len(step.sources) == 1
        return (
            merge
            and near
            and not user.aux
            and len(made) <= LONGEST[step.owns]
            and user.call.count(slot(user, name)) == 1
        )

    def known_text(self, step: Step) -> str:
        """The code of the first input of a step."""
        return self.known[step.sources[0]].text if step.sources else ""

    def value(self, relative: str) -> str:
        """The output in the graph that units of one form know by a relative name."""
        return next(name for name, known in relative_names(self.unit).items() if known == relative)

    def ends_option(self, place: int) -> Option | None:
        """The option whose last step is at this place: its output takes the place of another."""
        return next((o for o in self.options if o.instead and place == o.steps[-1]), None)

    def first_variable(self, step: Step) -> str:
        """The variable of the first input of a step, which a loop gives to the next module."""
        if not step.sources:
            return "x"
        code = self.known[step.sources[0]]
        return code.text if code.text in code.variables else "x"

    def target(self, place: int, step: Step, name: str) -> str:
        """The variable that an output is assigned to: one that is free again, or a new one."""
        if option := self.ends_option(place):
            self.known[name] = self.known[self.value(option.instead)]
            return self.known[name].text
        live = {v for n, code in self.known.items() if self.left[n] > 0 for v in code.variables}
        live |= {v for n in step.makes if n in self.known for v in self.known[n].variables}
        chosen = self.choice(place, step, name, live)
        self.known[name] = Code(chosen, frozenset([chosen]))
        return chosen

    def choice(self, place: int, step: Step, name: str, live: set[str]) -> str:
        """`x` if it is free, `y` beside it; a name of its own for what is used far later."""
        own = variable(step.path[-1] if step.path else name.rpartition(".")[2])
        if len(step.makes) > 1 and step.unit:
            own = variable(name[len(step.unit.path) + 1 :].partition(".")[0])
        if step.aux or len(step.makes) > 1 or (name in self.unit.outputs and len(self.unit.outputs) > 1):
            return free(own, live)
        last = max(
            (i for i, later in enumerate(self.unit.steps) if name in later.sources),
            default=len(self.unit.steps),
        )
        if last - place <= FAR:
            numbered = bool(step.path) and step.path[-1].isdigit()
            usual = [self.first_variable(step)] * numbered + ["x", "y", "z"]
            if found := [each for each in usual if each not in live]:
                return found[0]
        elif self.left[name] == 1 and "x" not in live:
            return "x"
        return free(own, live)


def slot(step: Step, name: str) -> str:
    """The place of an output in the code of a step's call."""
    return f"{{{step.sources.index(name)}}}"


def needs_operands(call: str) -> bool:
    """Whether inputs stand beside operators, so that they need brackets."""
    return not (call.endswith("}, {0})") or call.startswith(("self", "getattr", "torch.", "F.")))
