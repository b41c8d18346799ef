"""Equal neighbours: modules that an nn.Sequential holds, and statements that a loop repeats."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cnncost.convert.source.spelling import is_attribute, literal

NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")


def chain(parts: Sequence[tuple[str, str]]) -> str:
    """An nn.Sequential of modules by their names."""
    names, modules = [name for name, _ in parts], [module for _, module in parts]
    if names == [str(number) for number in range(len(names))]:
        return f"nn.Sequential({', '.join(compressed(modules))})"
    if all(is_attribute(name) for name in names):
        named = ", ".join(f"{name}={module}" for name, module in parts)
        return f"nn.Sequential(OrderedDict({named}))"
    pairs = ", ".join(f"{literal(name)}: {module}" for name, module in parts)
    return f"nn.Sequential(OrderedDict({{{pairs}}}))"


def compressed(modules: Sequence[str]) -> list[str]:
    """Modules with three equal neighbours or more as a list that is unpacked."""
    found: list[str] = []
    while modules:
        count, text = run(modules)
        found += [text] if count > 2 else modules[:count]
        modules = modules[count:]
    return found


def run(modules: Sequence[str]) -> tuple[int, str]:
    """How many modules at the start are equal but for numbers that grow evenly, and the code for them."""
    first = modules[0]
    equal = next((i for i, other in enumerate(modules) if other != first), len(modules))
    if equal > 1:
        return equal, f"*[{first} for _ in range({equal})]"
    steps = differences(first, modules[1]) if len(modules) > 2 else None
    if not steps:
        return 1, first
    count = 2
    while count < len(modules) and differences(modules[count - 1], modules[count]) == steps:
        count += 1
    if count < 3:
        return 1, first
    numbers = iter(steps)
    formula = NUMBER.sub(lambda found: growing(int(found[0]), next(numbers)), first)
    return count, f"*[{formula} for i in range({count})]"


def differences(one: str, other: str) -> list[int] | None:
    """By how much the numbers in two texts differ; None where the texts do."""
    if NUMBER.sub("0", one) != NUMBER.sub("0", other):
        return None
    pairs = zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    return [int(b) - int(a) for a, b in pairs]


def growing(start: int, step: int) -> str:
    """The number of the copy `i`: `64 + 32 * i`."""
    if not step:
        return str(start)
    times = "i" if abs(step) == 1 else f"{abs(step)} * i"
    if not start and step > 0:
        return times
    return f"{start} {'+' if step > 0 else '-'} {times}"


CALL = re.compile(r"self\.(\w+)\[(\d+)\]")


def repeated(lines: Sequence[str]) -> Iterator[str]:
    """Statements; those that do the same with each module of a list as a loop."""
    place = 0
    while place < len(lines):
        found = CALL.search(lines[place])
        copies, result = same_calls(lines[place:], found[1]) if found and found[2] == "0" else (0, "")
        if found is None or copies < 2:
            yield lines[place]
            place += 1
            continue
        indent = " " * (len(lines[place]) - len(lines[place].lstrip()))
        name = singular(found[1])
        yield f"{indent}for {name} in self.{found[1]}:"
        yield f"    {lines[place].replace(found[0], name)}"
        if result:
            yield f"{indent}return {result}"
        place += copies


def same_calls(lines: Sequence[str], name: str) -> tuple[int, str]:
    """How many statements are the first one with the next module of the list; what the last one returns."""
    count, result = 1, ""
    target, _, code = lines[0].partition(" = ")
    while count < len(lines) and lines[count] == lines[0].replace(f"self.{name}[0]", f"self.{name}[{count}]"):
        count += 1
    if lines[count:] == [f"return {code.replace(f'self.{name}[0]', f'self.{name}[{count}]')}"]:
        count, result = count + 1, target.strip()
    everywhere = sum(f"self.{name}[" in line for line in lines)
    return (count, result) if everywhere == count else (0, "")


def singular(name: str) -> str:
    """A name for one module of a list."""
    return name[:-1] if len(name) > 2 and name.endswith("s") else "module"
