"""Items and blocks as the text of a spec."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from keyword import iskeyword

from cnncost.convert.flat import KINDS, heading, letters
from cnncost.convert.structure.blocks import REQUIRED, Form, written
from cnncost.convert.structure.items import AGAIN, ModuleItem, plain
from cnncost.layers.arguments import normal_default
from cnncost.network.graph import Graph

WIDTH = 100
STEP = "  "


class SpecWriter:
    """Writes the items of one spec."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self.forms = {form.name: form for form in forms}

    def text(self, graph: Graph, items: Sequence[ModuleItem]) -> str:
        """The whole spec."""
        lines = list(heading(graph))
        if self.forms:
            lines.append("blocks:")
            for form in self.forms.values():
                lines += [f"{STEP}{signature(form)}:", *self.lines(form.items, 2)]
        return "\n".join([*lines, "layers:", *self.lines(items, 1), ""])

    def lines(
        self, items: Sequence[ModuleItem], depth: int, taken: dict[str, int] | None = None
    ) -> Iterator[str]:
        """The lines of a list of items; `taken` are the names before them in their module."""
        taken = {} if taken is None else taken
        indent = STEP * depth
        for item in items:
            usual = self.default_name(item, taken)
            if item.target in KINDS and item.items:
                taken[item.name] = taken.get(item.name, 0)
                yield from self.merge(item, depth, taken, item.name == usual)
                continue
            if not item.target and item.name:
                yield from self.module(item, depth)
            elif not item.name or item.name == usual:
                yield f"{indent}- {self.chain(item)}"
            else:
                if item.sources != ("",) and len(item.sources) == 1:
                    yield f"{indent}- {ref(item.sources[0])}"
                yield f"{indent}- {item.name}: {self.call(item)}"
            taken[item.name] = 0

    def default_name(self, item: ModuleItem, taken: dict[str, int]) -> str:
        """The name that an item has without one; its number counts on, as an expander counts it."""
        if item.target in ("", AGAIN) or item.target in self.forms:
            return ""
        base = name = KINDS.get(item.target, item.target)
        while name in taken:
            taken[base] += 1
            name = f"{base}_{taken[base]}"
        return name

    def module(self, item: ModuleItem, depth: int) -> Iterator[str]:
        """A module whose items are listed in place: on one line where they are copies of blocks."""
        indent = STEP * depth
        numbered = [inner.name for inner in item.items] == [str(i) for i in range(len(item.items))]
        simple = all(inner.target in self.forms and inner.sources == ("",) for inner in item.items)
        calls = [self.call(inner) for inner in item.items] if simple else []
        runs = [(call, len(list(run))) for call, run in groupby(calls)]
        if numbered and simple and any(count > 1 for _, count in runs):
            links = [f"{count} * {call}" if count > 1 else call for call, count in runs]
            if len(chain := " >> ".join(links)) + len(indent) + len(item.name) < WIDTH:
                yield f"{indent}- {item.name}: {chain}"
            else:
                yield f"{indent}- {item.name}:"
                yield from (f"{indent}{STEP}- {link}" for link in links)
            return
        yield f"{indent}- {item.name}:"
        yield from self.lines(item.items, depth + 1)

    def merge(self, item: ModuleItem, depth: int, taken: dict[str, int], unnamed: bool) -> Iterator[str]:
        """A merge and the items of its branches."""
        head = called(KINDS[item.target], layer_arguments(item, True))
        if not unnamed:
            yield f"{STEP * depth}- {item.name}:"
            depth += 1
        yield f"{STEP * depth}{'- ' if unnamed else STEP}{head}:"
        for branch in item.items:
            yield from self.branch(branch, depth + 2, taken, unnamed)

    def branch(self, branch: ModuleItem, depth: int, taken: dict[str, int], unnamed: bool) -> Iterator[str]:
        """A branch: a ref, a module under its own name, or the items of a list."""
        indent, only = STEP * depth, branch.items[0] if len(branch.items) == 1 else None
        if not branch.items:
            yield f"{indent}{branch.name}: {ref(branch.sources[0])}"
            return
        first, *others = self.lines(branch.items, depth + 1, taken)
        named = only is not None and first.strip().startswith(f"- {only.name}:")
        if only and named and unnamed and self.plain(only):
            yield f"{indent}{first.strip()[2:]}"
            others = [line.removeprefix(STEP) for line in others]
        elif only and not named and not others:
            yield f"{indent}{branch.name}: {first.strip()[2:]}"
        else:
            yield f"{indent}{branch.name}:"
            yield first
        yield from others

    def plain(self, item: ModuleItem) -> bool:
        """Whether an item can be a branch under its own name: one behind what comes before it."""
        named = item.name.isidentifier() and not item.name.startswith("_")
        return named and item.sources == ("",) and item.target not in KINDS

    def chain(self, item: ModuleItem) -> str:
        """An item without a name of its own, behind its source."""
        if not item.target:
            return ref(item.sources[0])
        call = self.call(item)
        return (
            call if len(item.sources) != 1 or item.sources == ("",) else f"{ref(item.sources[0])} >> {call}"
        )

    def call(self, item: ModuleItem) -> str:
        """The call of a layer, a merge or a block."""
        if item.target == AGAIN:
            return ref(item.again, AGAIN)
        if item.target in self.forms:
            return called(item.target, arguments(self.forms[item.target], item))
        words = layer_arguments(item)
        if len(item.sources) < 2:
            return called(item.target, words)
        named = [f"{name}={ref(source)}" for name, source in zip(letters(), item.sources, strict=False)]
        return called(KINDS[item.target], layer_arguments(item, True) + named)


def called(name: str, words: Sequence[str]) -> str:
    """A call; a bare name without arguments."""
    return f"{name}({', '.join(words)})" if words else name


def arguments(form: Form, item: ModuleItem) -> list[str]:
    """The arguments of a block's call: those without default by place, others by name where they differ."""
    words = []
    for name in form.parameters:
        value = item.values[name]
        if form.defaults[name] is REQUIRED:
            words.append(written(value))
        elif written(value) != written(form.defaults[name]):
            words.append(f"{name}={written(value)}")
    return words


def layer_arguments(item: ModuleItem, by_name: bool = False) -> list[str]:
    """The arguments of a layer's call, without those that are as usual."""
    assert item.layer is not None
    usual = {f.name: plain(normal_default(item.layer, f), item.layer) for f in item.layer.parameters()}
    usual = {name: usual[name] for name in type(item.layer).defaults()}
    if "kernel_size" in item.values and "stride" in usual and type(item.layer).defaults()["stride"] is None:
        usual["stride"] = item.values["kernel_size"]  # a pool's stride follows its kernel
    words = []
    for name, value in item.values.items():
        if name not in usual:
            words.append(f"{name}={written(value)}" if by_name else written(value))
        elif written(value) != written(usual[name]):
            words.append(f"{name}={written(value)}")
    return words


def signature(form: Form) -> str:
    """`conv(out, kernel, stride=1)`."""
    words = [
        name if form.defaults[name] is REQUIRED else f"{name}={written(form.defaults[name])}"
        for name in form.parameters
    ]
    return called(form.name, words)


def ref(name: str, word: str = "ref") -> str:
    """A ref, or an again; a path needs quotes."""
    return f"{word}({name})" if name.isidentifier() and not iskeyword(name) else f"{word}('{name}')"
