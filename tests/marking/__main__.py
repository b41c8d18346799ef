"""Marks the answers of mistakes.csv, and writes how many are marked and explained rightly.

python -m tests.marking [--part dev|held] [--list] [-o reports/marking.md]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from tests.marking import Shares, cases, count

GROUPS = {"single mistakes": True, "pairs and mistakes with consequences": False}


def main() -> None:
    """Count, print, and write the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--part", choices=("dev", "held"))
    parser.add_argument("--list", action="store_true", help="each mistake that is not named")
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    lines = []
    for part in (given.part,) if given.part else ("dev", "held"):
        for words, single in GROUPS.items():
            start, shares = time.perf_counter(), Shares()
            for case in cases(part):
                if case.single == single:
                    count(case, shares)
            lines.append(line_of(part, words, shares, time.perf_counter() - start))
            print(lines[-1])
            if given.list:
                show(shares)
    if given.output:
        given.output.write_text(report(lines), encoding="utf-8")


def line_of(part: str, words: str, shares: Shares, seconds: float) -> str:
    """A row of the table."""
    left = (len(shares.hedged), len(shares.silent), len(shares.wrong_stories), len(shares.false_right))
    named = f"{shares.named} of {shares.mistakes} ({shares.named / shares.mistakes:.0%})"
    marked = f"{shares.marked} of {shares.cells} ({shares.marked / shares.cells:.1%})"
    return (
        f"| {part} | {words} | {marked} | {named} | " + " | ".join(map(str, left)) + f" | {seconds:.0f} s |"
    )


def show(shares: Shares) -> None:
    """Each case that is not as it should be."""
    for name in ("false_right", "false_wrong", "wrong_stories", "hedged", "silent"):
        for each in getattr(shares, name):
            print(f"  {name}: {each}")


def report(lines: list[str]) -> str:
    """The page for reports/."""
    head = (
        "# Marking\n\nHow many answers of others are marked and explained rightly: quizzes' wrong options, forum"
        " questions and exercises, each with its true mistake noted first. A third was held back until the"
        " marking was finished.\n\n    python -m tests.marking -o reports/marking.md\n\n"
        "| part | what | cells marked rightly | mistake named first | another first, hedged | no cause |"
        " wrong cause, not hedged | wrong answer counted right | time |\n"
        "| --- | --- | --- | --- | --: | --: | --: | --: | --: |\n"
    )
    return head + "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
