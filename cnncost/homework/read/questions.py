"""Answers to questions: numbered ones, ``3) 27x27x96``, or beside a text that says what is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cnncost.homework.read.grid import ABSENT, AnswerCell, AnswersError, Grid
from cnncost.homework.read.header_words import header_meaning, words_of
from cnncost.homework.read.quantities import QUANTITIES

NUMBERED = ("question", "answer")
"""The header of a grid of answers to numbered questions."""
LINE = re.compile(
    r"\s*(?:q(?:uestion)?\.?\s*|answer\s*)?\(?(?P<number>\d{1,3})\s*(?:[.):]|\s-)\s*(?:a(?:ns(?:wer)?)?\s*[:=])?"
    r"\s*(?P<answer>\S.*)?",
    re.IGNORECASE,
)
ASKED = ("question", "questions", "q", "item", "task", "problem", "asked", "what")
GIVEN = ("answer", "answers", "value", "result", "response", "your answer")
SMALL = "how many|what is|what are|the|of|in|for|after|at|does|do|has|have|is|are"
AROUND = re.compile(rf"^(?:{SMALL})\b|\b(?:{SMALL})$", re.IGNORECASE)


def numbered_grid(text: str, name: str) -> Grid | None:
    """The answers of a text whose lines are all numbered, each with what it says; None for any other text."""
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    matches = [(n, LINE.fullmatch(line)) for n, line in lines if not re.match(r"\s*\d+[.,]\d", line)]
    rows = [(n, match["number"], (match["answer"] or "").strip()) for n, match in matches if match]
    if len(rows) < 2 or len(rows) < len(lines) - 2:
        return None
    if all(
        re.match(r"[\[(][\d\s*x×,]+[\])]\s*[A-Za-z]", answer) for _, _, answer in rows
    ):  # [55x55x96] CONV1
        return None
    asked = [(n, *question, answer) for n, question, answer in map(with_question, rows)]
    if all(question for _, question, *_ in asked):
        return grid_of_questions(name, asked)
    cells = [(AnswerCell(number, n), AnswerCell(answer, n)) for n, number, answer in rows]
    return Grid(name, NUMBERED, tuple(cells))


def with_question(row: tuple[int, str, str]) -> tuple[int, tuple[str, str], str]:
    """A numbered line with the layer and the header of the question that it repeats, if it does."""
    n, _, text = row
    parts = re.split(r"[?:=]", text, maxsplit=1)
    return (n, topic_of(parts[0]), parts[1].strip()) if len(parts) > 1 else (n, ("", ""), text)


def topic_of(question: str) -> tuple[str, str]:
    """The layer and the header in a question, `params of conv2`; empty where it has not both."""
    words = re.sub(r"[?:]", " ", question).split()[:12]
    for count in range(len(words) - 1, 0, -1):
        for header, layer in ((words[:count], words[count:]), (words[-count:], words[:-count])):
            named = trimmed(" ".join(layer))
            found = header_meaning(trimmed(" ".join(header)))
            clear = not re.search(r"\d", " ".join(header)) and re.search(r"[a-z]", named, re.IGNORECASE)
            if clear and found and found.quantity:
                return named, trimmed(" ".join(header))
    return "", ""


def trimmed(text: str) -> str:
    """A text without the small words of a question around it."""
    while (shorter := AROUND.sub("", text.strip(), count=1).strip()) != text:
        text = shorter
    return text


def grid_of_questions(name: str, asked: Iterable[tuple[int, str, str, str]]) -> Grid | None:
    """The grid of answers by line, layer and header; None where a cell is there twice."""
    rows: dict[str, tuple[AnswerCell, dict[str, AnswerCell]]] = {}
    headers: dict[str, str] = {}
    for n, layer, text, answer in asked:
        meaning = header_meaning(text)
        header = headers.setdefault(meaning.key if meaning else text, text)
        _, row = rows.setdefault(layer, (AnswerCell(layer, n), {}))
        if header in row:
            return None
        row[header] = AnswerCell(answer, n)
    cells = [(first, *(row.get(text, ABSENT) for text in headers.values())) for first, row in rows.values()]
    return Grid(name, ("layer", *headers.values()), tuple(cells))


def question_columns(header: Sequence[str]) -> tuple[int, int] | None:
    """The columns of questions and of answers; None where a header has not both."""
    words = [words_of(text) for text in header]
    at = next((i for i, text in enumerate(words) if text in ASKED), None)
    to = next((i for i, text in enumerate(words) if text in GIVEN), None)
    return None if at is None or to is None else (at, to)


def question_line(lines: Sequence[Sequence[str]]) -> int | None:
    """The line that heads questions and answers; None where there is none."""
    return next((i for i, cells in enumerate(lines) if question_columns(cells)), None)


def questions_beside(grid: Grid) -> Grid:
    """The grid of a table with a column of questions and one of answers; any other table as it is."""
    columns = question_columns(grid.header)
    if columns is None:
        return grid
    at, to = columns
    asked = [(row[at].row, *topic_of(row[at].text), row[to].text) for row in grid.rows]
    known = [each for each in asked if each[1]]
    return (grid_of_questions(grid.source, known) if known else None) or grid


def answers_by_number(grid: Grid, asked: Sequence[tuple[str, str]] | None) -> Grid:
    """The grid of answers to numbered questions, which are about the cells `asked`.

    Raises:
        AnswersError: it is not known what is asked, or a number is no question's.
    """
    if asked is None:
        raise AnswersError(
            f"{grid.source}: the answers are only numbered: name the questions, with --sheet or --quiz"
        )
    found: dict[int, AnswerCell] = {}
    for number, answer in grid.rows:
        n = int(number.text)
        if not 1 <= n <= len(asked):
            raise AnswersError(
                f"{grid.source}: row {number.row}: there are {len(asked)} questions, and no {n}"
            )
        found[n] = answer
    keys = tuple(dict.fromkeys(key for _, key in asked))
    cells = {address: found.get(n, ABSENT) for n, address in enumerate(asked, 1)}
    labels = dict.fromkeys(label for label, _ in asked)
    rows = [
        (AnswerCell(label, i), *(cells.get((label, key), ABSENT) for key in keys))
        for i, label in enumerate(labels, 1)
    ]
    header = ("layer", *(QUANTITIES[key].header for key in keys))
    return Grid(grid.source, header, tuple(rows), grid.remarks)
