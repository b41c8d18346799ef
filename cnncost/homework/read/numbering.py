"""Rows whose layers have other names than the network's: `POOL-2`, `dense_1`, `Layer 3`, `features.0`.

Such a row is matched by its kind of layer and its number or order, and a remark says for what it is taken.
Where more than one layer fits, the row is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from cnncost.count.rows import Row
from cnncost.homework.read.grid import AnswerCell
from cnncost.homework.read.text import with_common_signs
from cnncost.network.graph import Graph

KINDS: dict[str, tuple[str, ...]] = {
    "convolution": ("conv", "convolution", "convolutional", "convlayer", "convolutionlayer", "faltung", "cl"),
    "pool": (
        *("pool", "maxpool", "avgpool", "pooling", "averagepool", "adaptiveavgpool", "subsampling", "gap"),
        *("mp", "ap", "maxpooling", "poolinglayer", "subsample"),
    ),
    "linear": ("fc", "linear", "dense", "fullyconnected", "ip", "affine", "fullyconnectedlayer", "fl"),
    "flatten": ("flatten", "reshape", "view"),
    "norm": ("bn", "norm", "batchnorm", "lrn", "layernorm", "groupnorm", "localresponsenorm"),
    "activation": ("relu", "sigmoid", "tanh", "gelu", "silu", "softmax"),
    "merge": ("add", "concat", "multiply", "sum"),
    "dropout": ("dropout",),
}
"""The words for each kind of layer, in lower case."""
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
LAST = (
    "output",
    "outputlayer",
    "predictions",
    "prediction",
    "logits",
    "softmax",
    "classifier",
    "finalfc",
    "outputfc",
)
"""Names of a network's last layer."""
INPUT = ("input", "image")
"""What the names of rows about the input begin with."""
NUMBERED = re.compile(r"(?:layer|l|schicht|couche|capa)[ _#-]*(\d{1,3})", re.IGNORECASE)
LETTERED = re.compile(r"(c|s|p|m|f|fc)[ _-]?(\d{1,2})", re.IGNORECASE)
OF_LETTER = {"c": "convolution", "s": "pool", "p": "pool", "m": "pool", "f": "linear", "fc": "linear"}
"""The kinds in LeNet's manner of numbering: C1, S2, C3, F4."""
INDEXED = re.compile(r"((?:[a-z_]\w*\.)*[a-z_]\w*)\.(\d{1,4})(?:\.(?:weight|bias))?", re.IGNORECASE)

Matches = dict[int, Row]
"""The table's row for rows of answers, by their index."""


def kind_of(text: str) -> str | None:
    """The kind of layer that a type or a name means, such as `Conv2d` or `max pool 1`."""
    word = re.sub(r"[^a-z]+", "", re.sub(r"[123]d\b|(?<=[a-z])[123]d", "", text.casefold().strip()))
    for kind, words in KINDS.items():
        if word in words:
            return kind
    for kind, words in KINDS.items():
        if any(len(w) > 2 and (word.startswith(w) or word.endswith(w)) for w in words):
            return kind
    return None


def plain_name(text: str) -> str:
    """A name without what describes it: `Conv2: 256 filters` and `Conv 2 (5x5) + ReLU` are Conv2."""
    return re.split(r"[(:,+]|\s[-–]\s", with_common_signs(text).strip(" -*:|"))[0].strip()


def letters_of(name: str) -> str:
    """The letters and digits of a name, in lower case."""
    return re.sub(r"[^a-z0-9]+", "", name.casefold())


def kind_of_name(text: str) -> str | None:
    """The kind of a name, or of the type in brackets behind it: `predictions (Dense)`."""
    name = plain_name(text)
    for i, word in enumerate(ORDINALS, 1):
        name = re.sub(rf"\b{word}\b", str(i), name, flags=re.IGNORECASE)
    name = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b|\blayer\b", "", name, flags=re.IGNORECASE)
    behind = re.search(r"\(\s*([A-Za-z]\w*)", text)
    return kind_of(name) or (kind_of(behind[1]) if behind else None)


def numbers_of(text: str) -> tuple[int, ...]:
    """The numbers in a name, an ordinal as one, without the 2 of `Conv2d`."""
    name = re.sub(r"(?<=[a-z])[123]d(?![a-z0-9])|(?<=[a-z])[123]d(?=[_-])", "", plain_name(text).casefold())
    for i, word in enumerate(ORDINALS, 1):
        name = re.sub(rf"\b{word}\b", str(i), name)
    return tuple(int(digits) for digits in re.findall(r"\d{1,6}", name))


def match_by_numbering(
    names: Sequence[AnswerCell],
    types: Sequence[str],
    table: Sequence[Row],
    graph: Graph,
    found: Mapping[int, Row | None],
) -> Matches:
    """The layers of the rows that are not yet `found`."""
    order = range(len(names))
    if names and letters_of(names[-1].text).startswith(INPUT):  # from the output up
        order = order[::-1]
    left = {i: names[i].text for i in order if i not in found and not names[i].blank}
    matches: Matches = {}
    taken = {row.label for row in found.values() if row}

    def add(more: Matches) -> None:
        labels = [row.label for row in more.values()]
        if len(set(labels)) == len(labels) and not taken & set(labels):
            matches.update(more)
            taken.update(labels)
            for i in more:
                left.pop(i, None)

    for way in (by_layer_number, by_letters):
        add(way(left, table))
    add(by_index(left, table, graph))
    kinds = {i: kind_of(types[i]) or kind_of_name(text) for i, text in left.items()}
    for kind in KINDS:
        rows = [row for row in table if kind_of(row.type) == kind]
        free = [row for row in rows if row.label not in taken]
        add(by_kind({i: text for i, text in left.items() if kinds[i] == kind}, rows, free))
    if left:
        kinds = {i: kind_of(types[i]) or kind_of_name(names[i].text) for i in order}
        add(by_sequence(left, kinds, table, {**found, **matches}))
    add(last_layer(left, table, len(names)))
    return matches


def by_layer_number(left: Mapping[int, str], table: Sequence[Row]) -> Matches:
    """`Layer 3`: the third row, counted in the one way in which as many are numbered as there are."""
    numbers = {
        i: int(match[1]) for i, text in left.items() if (match := NUMBERED.fullmatch(plain_name(text)))
    }
    if not numbers:
        return {}
    kinds = [kind_of(row.type) for row in table]
    ways = (
        list(table),
        [row for row, kind in zip(table, kinds, strict=True) if kind != "flatten"],
        [row for row, kind in zip(table, kinds, strict=True) if kind in ("convolution", "linear")],
    )
    first = 0 if 0 in numbers.values() else 1
    fitting = [way for way in ways if len(way) == max(numbers.values()) + 1 - first]
    return {i: fitting[0][n - first] for i, n in numbers.items()} if fitting else {}


def by_letters(left: Mapping[int, str], table: Sequence[Row]) -> Matches:
    """`C1`, `S2`, `C3`: by kind, numbered through the network or within each kind."""
    named = {i: match for i, text in left.items() if (match := LETTERED.fullmatch(plain_name(text)))}
    if len({match[1].lower() for match in named.values()}) < 2:
        return {}
    through = [row for row in table if kind_of(row.type) in ("convolution", "pool", "linear")]

    def pointed(match: re.Match[str], rows: Sequence[Row]) -> Row | None:
        kind, number = OF_LETTER[match[1].lower()], int(match[2]) - 1
        row = rows[number] if 0 <= number < len(rows) else None
        return row if row and kind_of(row.type) == kind else None

    found = {i: pointed(match, through) for i, match in named.items()}
    if None in found.values():
        kinds = {kind: [row for row in through if kind_of(row.type) == kind] for kind in OF_LETTER.values()}
        found = {i: pointed(match, kinds[OF_LETTER[match[1].lower()]]) for i, match in named.items()}
    return {} if None in found.values() else {i: row for i, row in found.items() if row}


def by_index(left: Mapping[int, str], table: Sequence[Row], graph: Graph) -> Matches:
    """`features.0`, `classifier.1`: places in PyTorch's Sequential, before and after the network flattens."""
    parts: dict[str, dict[int, int]] = {}
    for i, text in left.items():
        if match := INDEXED.fullmatch(plain_name(text)):
            parts.setdefault(match[1], {})[i] = int(match[2])
    names = [node.name for node in graph.nodes]
    flat = next(
        (i for i, node in enumerate(graph.nodes, 1) if kind_of(type(node.layer).__name__) == "flatten"), 0
    )
    rows = {row.main.name: row for row in table if row.main}
    starts = (0, flat) if len(parts) == 2 else (0,)
    if not parts or len(parts) > 2:
        return {}
    found = {}
    for start, indices in zip(starts, parts.values(), strict=True):
        for i, index in indices.items():
            name = names[start + index] if start + index < len(names) else ""
            if name not in rows:
                return {}
            found[i] = rows[name]
    return found


def by_kind(left: Mapping[int, str], rows: Sequence[Row], free: Sequence[Row]) -> Matches:
    """Rows of one kind by their numbers, else in order if there are as many as layers without a row."""
    for pointed in pointings(left, rows):
        labels = {row.label for row in pointed}
        if len(labels) == len(left) and labels <= {row.label for row in free}:
            return dict(zip(left, pointed, strict=True))
    return dict(zip(left, free, strict=True)) if len(left) == len(free) else {}


def pointings(left: Mapping[int, str], rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The rows that the numbers in names point to: those of the labels, from 1, or from 0."""
    numbers = [numbers_of(text) for text in left.values()]
    labels = {numbers_of(row.label): row for row in rows}
    if all(found and found in labels for found in numbers) and len(labels) == len(rows):
        yield [labels[found] for found in numbers]
    stems = {re.sub(r"\W|\d|_", "", plain_name(text)).casefold() for text in left.values()}
    keras = len(stems) == 1 and any(numbers)  # conv2d, conv2d_1
    bare = [found or (0,) for found in numbers] if keras else numbers
    if all(len(found) == 1 for found in bare):
        from_zero = (0,) in bare
        at = [found[0] - (not from_zero) for found in bare]
        if all(0 <= n < len(rows) for n in at):
            yield [rows[n] for n in at]


def by_sequence(
    left: Mapping[int, str],
    kinds: Mapping[int, str | None],
    table: Sequence[Row],
    found: Mapping[int, Row | None],
) -> Matches:
    """Rows named by kind alone, if all rows together are those with which the network begins."""
    asked = ("convolution", "pool", "linear")
    rows = [row for row in table if kind_of(row.type) in asked]
    given = [i for i in kinds if kinds[i] in asked]
    if len(given) < 2 or len(given) > len(rows):
        return {}
    for i, row in zip(given, rows, strict=False):
        known = found.get(i)
        if kind_of(row.type) != kinds[i] or (known is not None and known.label != row.label):
            return {}
    return {i: row for i, row in zip(given, rows, strict=False) if i in left}


def last_layer(left: Mapping[int, str], table: Sequence[Row], count: int) -> Matches:
    """A row called `output` or `softmax` as the network's last layer with weights."""
    named = [i for i, text in left.items() if letters_of(plain_name(text)) in LAST]
    rows = [row for row in table if kind_of(row.type) in ("linear", "convolution")]
    return {named[0]: rows[-1]} if len(named) == 1 and rows and named[0] >= count - 2 else {}
