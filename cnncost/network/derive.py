"""A spec made from another: one network of it under a new name, its variant's values among the params.

The text is edited rather than written anew, so that comments and layout stay.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection
from itertools import pairwise
from typing import Any

import yaml

from cnncost.errors import CnncostError
from cnncost.network.builder import build
from cnncost.spec import limits
from cnncost.spec.document import SourceText
from cnncost.spec.expression import shorten
from cnncost.spec.parser import NETWORK_NAME
from cnncost.spec.reader import parse_spec
from cnncost.spec.structure import Spec

DROPPED = ("name", "title", "paper", "variants", "aliases", "facts")
WIDTH = 100

EXAMPLE = """\
# A small network to change: `cnncost table {name}.yaml` shows what it costs.
name: {name}
input: [3, 32, 32]           # channels, height, width

params:                      # --set width=64 changes one for a single table
  width: 32
  classes: 10

variants:                    # {name}.yaml::{name}-wide names the second one
  {name}: {{}}
  {name}-wide: {{width: 64}}

blocks:
  conv_bn(out, stride=1):
    - Conv2d(out, 3, stride, padding=1, bias=False) >> BatchNorm2d
  residual:                  # `in_channels` is what enters a block
    - add:
        body: conv_bn(in_channels) >> ReLU >> conv_bn(in_channels)
        shortcut: Identity
    - ReLU

layers:
  - stem: conv_bn(width) >> ReLU
  - stage1: 2 * residual
  - down: conv_bn(2 * width, stride=2) >> ReLU
  - stage2: 2 * residual
  - pool: AdaptiveAvgPool2d(1) >> Flatten
  - fc: Linear(classes)
"""


def example(name: str) -> str:
    """A small commented spec."""
    return EXAMPLE.format(name=checked(name))


def checked(name: str) -> str:
    """A network's name."""
    if not NETWORK_NAME.match(name):
        rule = "use letters, digits and `_ . + -`; -o says where the file goes"
        raise CnncostError(f"`{shorten(name)}` cannot be a name: {rule}")
    if len(name) > limits.NAME_CHARACTERS:
        raise CnncostError(
            f"`{shorten(name)}` is too long: a name has at most {limits.NAME_CHARACTERS} characters"
        )
    return name


def derive(spec: Spec, variant: str | None, name: str) -> str:
    """The text of a spec for one network alone, as a starting point for another.

    Raises:
        CnncostError: the name cannot be one, or the text is not laid out as a spec usually is.
    """
    checked(name)
    original = build(spec, variant)
    text = without(with_values(spec, variant), DROPPED)
    derived = f"{origin(spec, variant)}name: {name}\n{text.lstrip()}"
    if not laid_out(spec.text) or nodes_of(derived) != [node[:4] for node in original.nodes]:
        rule = "write `input:`, `params:` and the other keys a line each, without quotes or outer braces"
        raise CnncostError(f"{spec.source} cannot be taken apart: {rule}")
    return derived


def nodes_of(text: str) -> list[tuple[Any, ...]] | None:
    """Name, layer, inputs and their shapes of each node of a spec's text; None where it is no spec."""
    try:
        return [node[:4] for node in build(parse_spec(text, "spec")).nodes]
    except CnncostError:
        return None


def origin(spec: Spec, variant: str | None) -> str:
    """A comment that says where a spec comes from."""
    sentence = ": ".join(filter(None, (f"Started from {variant or spec.name}", spec.citation)))
    return textwrap.fill(sentence, WIDTH, initial_indent="# ", subsequent_indent="# ") + "\n"


# sections

KEY = re.compile(r"([A-Za-z_]+) *:")


def laid_out(text: str) -> bool:
    """Whether each top-level key starts a line, as `without` needs it."""
    document = SourceText(text, "spec")
    keys = {key.start_mark.line: key.value for key, _ in document.compose().value}
    return keys == keys_in(document.text.splitlines())


def keys_in(lines: list[str]) -> dict[int, str]:
    """The top-level keys of a spec's lines by the numbers of the lines."""
    return {i: match[1] for i, line in enumerate(lines) if (match := KEY.match(line))}


def without(text: str, dropped: Collection[str]) -> str:
    """The text less some top-level keys, and less the comments directly above them."""
    lines = text.splitlines()
    keys = keys_in(lines)
    starts = [0]
    for i in keys:
        while i and lines[i - 1].startswith("#"):
            i -= 1
        starts.append(i)
    sections = [lines[a:b] for a, b in pairwise([*starts, len(lines)])]
    kept = [
        section
        for key, section in zip((None, *keys.values()), sections, strict=True)
        if key is None or key not in dropped
    ]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line for section in kept for line in section)).strip() + "\n"


# params


def with_values(spec: Spec, variant: str | None) -> str:
    """The text with the values of a variant, and of an alias, in the place of the params' own."""
    document = SourceText(spec.text, "spec")
    top = pairs(document.compose())
    params, changes = top.get("params"), pairs(pairs(top["variants"])[variant]) if variant else {}
    if spec.alias:
        changes |= pairs(pairs(pairs(top["aliases"])[spec.alias]).get("params"))
    lines = document.lines
    if params is None:
        return spec.text
    for name, node in reversed(pairs(params).items()):
        if name in changes:
            replace(lines, node, rendered(changes[name], lines, params))
    return "\n".join(lines)


def pairs(node: yaml.Node | None) -> dict[str, yaml.Node]:
    """A mapping's nodes by their keys."""
    return {str(key.value): value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}


def in_flow(node: yaml.Node, lines: list[str]) -> bool:
    """Whether a list or a mapping is written in brackets."""
    return lines[node.start_mark.line][node.start_mark.column :].startswith(("[", "{"))


def end(node: yaml.Node, lines: list[str]) -> tuple[int, int]:
    """The end of a node's text: line and column."""
    if isinstance(node, yaml.ScalarNode) or in_flow(node, lines) or not node.value:
        return node.end_mark.line, node.end_mark.column
    last = node.value[-1]
    return end(last[1] if isinstance(last, tuple) else last, lines)


def replace(lines: list[str], node: yaml.Node, value: str) -> None:
    """Put a value in the place of a node; a comment behind it, or behind its key, keeps its column."""
    first, start = node.start_mark.line, node.start_mark.column
    last, stop = end(node, lines)
    head, tail, whole = lines[first][:start].rstrip(), lines[last][stop:], lines[last]
    if not head:  # a list of lines, below its key and perhaps comments
        first = max(i for i in range(first) if lines[i].strip() and not lines[i].lstrip().startswith("#"))
        whole = lines[first]
        head, hash_, comment = whole.partition(" #")
        head, tail = head.rstrip(), hash_ + comment
    line, *rows = (f"{head} {value}" if not value.startswith("\n") else head + value).split("\n")
    comment = tail.strip()
    if comment.startswith("#"):
        line = f"{line:<{len(whole) - len(comment) - 2}}  {comment}"
    else:
        line += tail
    lines[first : last + 1] = [line, *rows]


def rendered(node: yaml.Node, lines: list[str], params: yaml.Node) -> str:
    """A value as it is written among the params."""
    brackets = in_flow(params, lines)
    line = flow(node, brackets)
    rows = isinstance(node, yaml.SequenceNode) and any(isinstance(n, yaml.SequenceNode) for n in node.value)
    if not rows or brackets or len(line) < WIDTH // 2:
        return line
    indent = " " * (params.start_mark.column + 2)
    return "".join(f"\n{indent}- {flow(row, False)}" for row in node.value)


def flow(node: yaml.Node, inside: bool) -> str:
    """A value on one line; what a comma would cut in two within brackets is quoted."""
    if isinstance(node, yaml.SequenceNode):
        return f"[{', '.join(flow(each, True) for each in node.value)}]"
    text = str(node.value)
    style = node.style if isinstance(node, yaml.ScalarNode) else None
    if style or (inside and re.search(r"[,\[\]{}]", text)):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
    return " ".join(text.split())
