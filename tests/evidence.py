"""How often `diagnose` names the true cause of a number: numbers of others with known causes.

`python -m tests.evidence` asks for every number of tests/deviation/evidence.csv and writes reports/evidence.md.
The numbers and their causes were written down, with their sources, before any answer was looked at; the part
`unused` was not looked at while the search was changed.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.command_line import cnncost
from tests.goldens import ROOT

NUMBERS = ROOT / "tests" / "deviation" / "evidence.csv"
REPORT = ROOT / "reports" / "evidence.md"

SURE = ("certain", "likely")


@dataclass(frozen=True)
class Known:
    """A number with its true cause: alternatives, each a sum of keys of SAYS; `right` if nothing differs."""

    part: str
    network: str
    options: str
    cause: str
    in_words: str
    source: str


@dataclass(frozen=True)
class Answer:
    """What `diagnose` says of a number: each cause as its text and its confidence."""

    known: Known
    causes: tuple[tuple[str, str], ...]
    right: bool

    @property
    def places(self) -> list[int]:
        """The places of the causes that say the truth, from 1."""
        return [i for i, (text, _) in enumerate(self.causes, 1) if says(text, self.known.cause)]

    @property
    def outcome(self) -> str:
        """One of OUTCOMES."""
        if self.right:
            return "first" if "right" in self.known.cause.split("|") else "missing"
        if self.known.cause == "other":
            return "first" if not self.wrongly_sure else "missing"
        return "missing" if not self.places else "first" if self.places[0] == 1 else "listed"

    @property
    def wrongly_sure(self) -> str:
        """The surest confidence of a cause that is not true; empty if none is certain or likely."""
        wrong = [sure for text, sure in self.causes if sure in SURE and not says(text, self.known.cause)]
        return "certain" if "certain" in wrong else "likely" if wrong else ""


OUTCOMES = ("first", "listed", "missing")

SAYS = {
    "tool": r"^[^:]*\b{0}(?! \d)[^:]* (?:prints?|counts?)\b",
    "of": r"\b{0} has th|number of {0}\b|printed for {0}\b|prints? this for {0}\b",
    "units": r"1024",
    "double": r"multiply-add as two|convention torch calls|counting each as two|two operations for each",
    "classes": r"there are {0} classes",
    "channels": r"{0} (?:input )?channels?\b",
    "input": r"{0}×{0}",
    "stats": r"running statistics|running means? and variances?",
    "no-gamma": r"less .* the scale",
    "biases": r"biases",
    "no-top": r"^(?:fc|classifier|head).* left out|less .* the classifier|from fc6? on is left out",
    "aux": r"side heads?",
    "bytes": r"the memory of the parameters",
    "half-precision": r"2 bytes|float16|half precision",
    "train": r"backward",
    "record": r"is printed for|printed in",
    "cut": r"cut off",
}  # fmt: skip
"""The words by which a cause is recognised, with a place for what follows its key's colon."""


def says(text: str, cause: str) -> bool:
    """Whether a text says one of the alternatives of a cause."""
    return any(all(says_key(text, key) for key in each.split("+")) for each in cause.split("|"))


def says_key(text: str, key: str) -> bool:
    """Whether a text says a single key, such as `classes:10`."""
    name, _, detail = key.partition(":")
    if name not in SAYS:
        return False
    wanted = re.escape(detail).replace(r"\*", r"\S*")
    return re.search(SAYS[name].replace("{0}", wanted), text) is not None


def numbers() -> list[Known]:
    """The numbers with their causes."""
    with NUMBERS.open(encoding="utf-8", newline="") as stream:
        return [Known(**row) for row in csv.DictReader(stream)]


def answer(known: Known) -> Answer:
    """What `diagnose` says of a number."""
    result = cnncost("diagnose", known.network, *known.options.split(), "--format", "csv", "--quiet")
    rows = list(csv.DictReader(result.out.splitlines()))
    if result.code == 2 or not rows:
        raise AssertionError(f"{known.network} {known.options}: {result.err or result.out}")
    found = {row["cause"]: (row["sentence"], row["confidence"]) for row in rows if row["cause"]}
    return Answer(known, tuple(found.values()), all(row["right"] == "True" for row in rows))


def report(answers: list[Answer]) -> str:
    """The shares, part by part, and each number that is not explained first."""
    lines = ["# How often diagnose names the true cause", "", "`python -m tests.evidence`", ""]
    lines += [" ".join((__doc__ or "").split("\n\n")[1].split()), ""]
    lines += [
        "| part | numbers | true cause first | listed | missing | wrong and certain | wrong and likely |"
    ]
    lines += ["| --- | --- | --- | --- | --- | --- | --- |", *shares(answers), ""]
    lines += [
        "## Not first",
        "",
        "| number | true cause | place | what comes first |",
        "| --- | --- | --- | --- |",
    ]
    lines += [row for each in answers for row in failures(each)]
    return "\n".join(lines) + "\n"


def shares(answers: list[Answer]) -> Iterator[str]:
    """A row per part."""
    for part in dict.fromkeys(each.known.part for each in answers):
        chosen = [each for each in answers if each.known.part == part]
        counts = Counter(each.outcome for each in chosen)
        sure = Counter(each.wrongly_sure for each in chosen)
        cells = [f"{counts[o]} ({counts[o] / len(chosen):.0%})" for o in OUTCOMES]
        yield f"| {part} | {len(chosen)} | {' | '.join(cells)} | {sure['certain']} | {sure['likely']} |"


def failures(each: Answer) -> Iterator[str]:
    """A row for a number whose true cause does not come first, or of which something wrong is sure."""
    known = each.known
    if each.outcome == "first" and not each.wrongly_sure:
        return
    first = f"{each.causes[0][0]} ({each.causes[0][1]})" if each.causes else "nothing"
    place = str(each.places[0]) if each.places else "-"
    sure = f" ({each.wrongly_sure} and wrong)" if each.wrongly_sure else ""
    yield f"| `{known.network} {known.options}` | {known.in_words} | {place}{sure} | {first} |"


if __name__ == "__main__":
    part = sys.argv[1] if len(sys.argv) > 1 else ""
    asked = [known for known in numbers() if known.part.startswith(part)]
    text = report([answer(known) for known in asked])
    if part:
        print(text)
    else:
        REPORT.write_text(text, encoding="utf-8")
