"""`cnncost check`: marks a student's answers and finds the mistakes behind the wrong ones."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnncost.cli import completion, options
from cnncost.errors import CnncostError, did_you_mean, shown
from cnncost.tables import formats

if TYPE_CHECKING:
    from cnncost.homework.mark import Marked

EXAMPLE = "Example: cnncost check alexnet answers.csv"
NEEDS_ARGUMENTS = True
FORMATS = (*formats.NAMES, "gradescope")

Rubric = Annotated[
    Path | None, typer.Option("--rubric", "-r", help="A YAML file with the points by cell, row or column.")
]
Worksheet = Annotated[
    Path | None,
    typer.Option("--sheet", help="The worksheet that was handed out: only its `?` cells count."),
]


def parse_hints(text: str) -> str:
    """How much students read about a wrong answer."""
    from cnncost.views.feedback import HINTS

    if text not in HINTS:
        raise CnncostError(f"no hints `{text}`{did_you_mean(text, HINTS)}; there are {', '.join(HINTS)}")
    return text


Hints = Annotated[
    str,
    typer.Option(
        "--hints",
        help="What students read about a wrong answer: none, hint, diagnosis or reveal.",
        callback=parse_hints,
    ),
]
Reveal = Annotated[
    bool, typer.Option("--reveal", help="Show the right values too; the same as --hints reveal.")
]


Explain = Annotated[
    bool,
    typer.Option("--explain", help="After the marks, the worked solution of each cell that is not right."),
]


def parse_tolerance(text: str | None) -> Fraction | None:
    """`1%` or `0.01` as a share."""
    if text is None:
        return None
    from cnncost.homework.mark import share_of

    return share_of(text, "--tolerance")


Tolerance = Annotated[
    str | None,
    typer.Option(
        "--tolerance",
        help="How far off an answer may be, as a share of the right value, such as 1% or 0.01.",
    ),
]
Quiz = Annotated[
    str | None,
    typer.Option(
        "--quiz",
        metavar="SEED[/QUESTIONS[/LEVEL]]",
        help="The answers are numbered, to `cnncost quiz NAME` with this seed; by default to 10 questions"
        " of the level cost.",
    ),
]
OneConvention = Annotated[
    str | None,
    typer.Option(
        "--convention",
        "-c",
        help="The only accepted way of counting. Default: detected from the answers.",
        autocompletion=completion.conventions,
    ),
]
FollowThrough = Annotated[
    bool,
    typer.Option(
        "--follow-through/--no-follow-through", help="Accept answers that follow from an earlier mistake."
    ),
]


def command(
    name: options.Network,
    answers: Annotated[
        Path,
        typer.Argument(
            metavar="ANSWERS",
            help="CSV, TSV, Excel, YAML, JSON, a table in markdown, LaTeX or HTML, or a text.",
        ),
    ],
    format: options.Format = None,
    output: options.Output = None,
    hints: Hints = "diagnosis",
    reveal: Reveal = False,
    explain: Explain = False,
    rubric: Rubric = None,
    sheet: Worksheet = None,
    quiz: Quiz = None,
    tolerance: Tolerance = None,
    convention: OneConvention = None,
    follow: FollowThrough = True,
    input: options.Input = None,
    set: options.Params = None,
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
) -> None:
    """Mark a student's answers: each cell at the precision in which it was given.

    An answer that follows rightly from an earlier mistake is accepted. For a wrong answer the mistake is
    shown, and the right value only on request. The exit code is 1 if an answer is not accepted.
    """
    from cnncost.homework.mark import check
    from cnncost.homework.read import numbered_answers

    chosen = options.choose_format(format, output, FORMATS)
    hints = "reveal" if reveal else hints
    if quiz is None and sheet is None and (count := numbered_answers(answers)):
        quiz = f"0/{max(10, count)}"
        options.note(
            f"The answers are taken for those to `cnncost quiz {name} --questions {max(10, count)}`;"
            " for another quiz use --quiz, for a worksheet --sheet."
        )
    asked = None if quiz is None else asked_in_quiz(name, quiz, input, set, batch, dtype)
    marked = check(
        name,
        answers,
        explain=hints != "none",
        rubric=rubric,
        worksheet=sheet,
        asked=asked,
        tolerance=parse_tolerance(tolerance),
        convention=convention,
        follow=follow,
        input=options.parse_input(input),
        params=options.parse_params(set),
        batch=batch,
        dtype=dtype,
    )
    show_marks(marked, hints, chosen, output, explain)
    if not marked.accepted:
        raise typer.Exit(1)


def asked_in_quiz(
    name: str, quiz: str, input: list[str] | None, set: list[str] | None, batch: int, dtype: str
) -> list[tuple[str, str]]:
    """The rows and columns that the questions of a quiz are about."""
    from cnncost.homework.make import level_of, questions

    seed, _, rest = quiz.partition("/")
    count, _, level = rest.partition("/")
    if not re.fullmatch(r"\d{1,9}", seed) or not re.fullmatch(r"\d{0,4}", count):
        raise CnncostError(f"--quiz {shown(quiz)}: write the quiz's seed, such as 7, 7/5 or 7/5/shape")
    network = options.profiled(name, input, set, batch=batch, dtype=dtype)
    found = questions(network, int(count or 10), level_of(level or "cost"), int(seed))
    return [(each.row.label, each.quantity.key) for each in found]


def show_marks(marked: Marked, hints: str, chosen: str, output: Path | None, solutions: bool = False) -> None:
    """Write a marked submission in one of the formats."""
    from cnncost.views import gradescope
    from cnncost.views.marks import marks_document, marks_page

    if chosen == "gradescope":
        options.write(gradescope.results_text(gradescope.gradescope_results(marked, hints)), output)
    elif chosen == "html":
        options.write(marks_page(marked, hints, solutions), output)
    else:
        document = marks_document(marked, hints, markdown=chosen == "markdown", solutions=solutions)
        options.show(document, chosen, output)
