"""What a header means by its words: the layer's name or type, or a quantity with its unit.

`# parameters (k)`, `Params`, `params_k` and `Mem [KB]` are all known. Others are understood by the words in
them (`# of learnable parameters`, `Ausgabegröße`), with a remark that says as what.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache, lru_cache

from cnncost.homework.read.quantities import BYTES, COUNT, QUANTITIES, Quantity
from cnncost.homework.read.text import with_common_signs
from cnncost.homework.read.unit_names import UNITS, unit_of_header

LAYER, TYPE = "layer", "type"
NAMES = {
    LAYER: (
        *("layer", "name", "layers", "layer name", "node", "stage", "block", "operation name"),
        *("schicht", "schichten", "couche", "couches", "capa", "capas", "strato", "layer no", "layer number"),
    ),
    TYPE: ("type", "kind", "operation type", "op", "layer type"),
}
NUMBER_OF = ("number of ", "no of ", "num ", "n ", "total ", "nr of ", "amount of ", "count of ")
"""Words that people write before the thing counted; `#` is read as `number of`."""
MEMORY_UNITS = ("kb", "mb", "bytes", "kib", "mib")
"""Units that are a whole header."""

NOT_ASKED = (
    *("comment", "comments", "note", "notes", "remark", "remarks", "formula", "calculation", "calculations"),
    *("working", "explanation", "reason", "reasoning", "why", "points", "score", "grade", "percent", "share"),
    *("kernel", "filter", "filters", "stride", "padding", "pad", "previous", "cumulative", "accuracy", "in"),
    *("rechnung", "begrundung", "bytes"),
)
"""A header with one of these words is not understood by its other words."""
SIDES = {
    "output": (
        "output",
        "out",
        "outputs",
        "activation",
        "activations",
        "feature",
        "ausgabe",
        "sortie",
        "salida",
        "after",
    ),
    "input": ("input", "eingabe", "entree", "entrada", "before"),
}
"""The words for what leaves a layer and for what enters it."""
SHAPES = (
    "shape",
    "dims",
    "dim",
    "dimension",
    "dimensions",
    "volume",
    "form",
    "dimensiones",
    "tensor",
    "taille",
)
SIZES = ("size", "map", "maps", "resolution", "spatial", "grosse", "tamano")
ALONE = {
    "params": (
        "params",
        "param",
        "parameter",
        "parameters",
        "parametres",
        "parametros",
        "parametri",
        "parms",
    ),
    "weights": ("weights", "weight", "gewichte", "poids", "pesos"),
    "biases": ("biases", "bias"),
    "receptive_field": ("receptive", "rf", "rezeptives", "receptif", "receptivo"),
    "macs": ("mac", "macs", "mult", "mults", "multiplications", "multiply", "madds", "madd", "accumulates"),
    "flops": ("flop", "flops"),
    "memory": ("memory", "mem", "speicher", "memoire", "memoria"),
}
"""The words of which one is enough."""
VALUE = re.compile(r"[=:]\s*\d|\b(?!1000|1024)\d{3,}\b")
"""A number that no header has."""
LONGEST = 100
"""Characters of a header."""
ALIKE = 0.85
"""How alike a misspelled word is to the right one."""


@dataclass(frozen=True)
class Meaning:
    """What a header means: a key of QUANTITIES, `layer` or `type`; and the unit that it names.

    `guessed` says that the header is not a known one, but was understood by its words.
    """

    key: str
    unit: str = ""
    guessed: bool = False

    @property
    def quantity(self) -> Quantity | None:
        """The quantity; None for the columns that identify a layer."""
        return QUANTITIES.get(self.key)


@lru_cache(4096)
def header_meaning(header: str) -> Meaning | None:
    """What a header means; None where it is unknown."""
    if len(header) > LONGEST or VALUE.search(header):
        return None
    words, unit = split_unit(header)
    uncounted = [words.removeprefix(start) for start in NUMBER_OF if words.startswith(start)]
    outside = words_of(re.sub(r"\([^()]*\)|\[[^][]*\]", " ", header))  # output size (C x H x W)
    if outside in NAMES[LAYER]:  # Layer (type)
        return Meaning(LAYER)
    for text in (words, words.removesuffix(" count"), *uncounted, outside):
        if key := known_headers().get(text):
            return with_unit(key, unit)
    if unit_first := re.fullmatch(r"([kmgt])(flops?|macs?|params?|parameters)", words):  # MFLOPs, GMACs
        return Meaning(known_headers()[unit_first[2]], unit_first[1].upper().replace("K", "k"))
    if words in MEMORY_UNITS:
        return Meaning("memory", unit_of_header(words))
    key = understood(outside or words)
    found = with_unit(key, unit) if key else None
    return replace(found, guessed=True) if found else None


def with_unit(key: str, unit: str) -> Meaning | None:
    """A key with its unit; None where they do not go together."""
    kind = QUANTITIES[key].kind if key in QUANTITIES else ""
    if kind == COUNT and unit in UNITS[BYTES]:  # params_bytes is not the number of parameters
        return None
    return Meaning(key, unit if kind in (COUNT, BYTES) else "")


def understood(text: str) -> str:
    """The key that the words of a header mean without being a known header; empty where they mean none."""
    words = text.split()
    if not words or len(words) > 8 or set(words) & set(NOT_ASKED):
        return ""
    found = {key for key, names in ALONE.items() if any(alike(word, names) for word in words)}
    if "params" in found or {"weights", "biases"} <= found:
        found = (
            (found - {"weights", "biases"}) | {"params"}
            if len(found - {"params"}) != 1
            else found - {"params"}
        )
    if len(found) == 1:
        return found.pop()
    sides = {side for side, names in SIDES.items() if set(words) & set(names)}
    if found or len(sides) > 1:
        return ""
    prefix = "in" if "input" in sides else "out"
    if set(words) & set(SHAPES):
        return f"{prefix}_shape"
    joined = any(
        word.startswith(names) and word.endswith(SIZES) for word in words for names in SIDES.values()
    )
    if (sides and set(words) & set(SIZES)) or joined:
        return f"{prefix}_size"
    return (
        f"{prefix}_shape"
        if words[0] in ("ausgabe", "sortie", "salida", "eingabe") and len(words) == 1
        else ""
    )


def alike(word: str, names: Sequence[str]) -> bool:
    """Whether a word is one of some names, perhaps misspelled."""
    if word in names:
        return True
    longer = [name for name in names if len(name) > 5] if len(word) > 5 else []
    return any(SequenceMatcher(None, word, name).ratio() >= ALIKE for name in longer)


def split_unit(header: str) -> tuple[str, str]:
    """The words of a header, and the unit that it names."""
    text = header.strip()
    found = re.search(r"[(\[{]\s*(?:in\s+|×\s*)?([^()\[\]{}]*?)\s*[)\]}]\s*$", text)
    if found and (unit := unit_of_header(found[1].partition(",")[0])):
        return words_of(text[: found.start()]), unit
    words = words_of(text)
    first, _, last = words.rpartition(" ")
    first = first.removesuffix(" in")
    unit = unit_of_header(last)
    return (first, unit) if first and unit and header_meaning(first) else (words, "")


def words_of(text: str) -> str:
    """A header in lower case, with `#` in words and single spaces for all but letters and digits."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", with_common_signs(text).replace("#", " number of "))
    plain = unicodedata.normalize("NFKD", spaced.casefold())
    words = " ".join(
        re.sub(r"[^a-z0-9]+", " ", "".join(c for c in plain if not unicodedata.combining(c))).split()
    )
    words = re.sub(r"(?<=\b[hwcd]) x (?=[hwcd]\b)", " ", words)
    return words.replace("number of of ", "number of ").replace("number of number of ", "number of ")


@cache
def known_headers() -> dict[str, str]:
    """The words of every known header, with the key that it means."""
    names = {name: key for key, many in NAMES.items() for name in many}
    for key, quantity in QUANTITIES.items():
        spelled = (key, quantity.header, quantity.words, *quantity.names.split("|"))
        names.update({words_of(name): key for name in spelled})
    return names
