"""`cnncost quiz`: asks about a network's quantities one by one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cnncost.cli import options
from cnncost.cli.worksheet import Level, Seed
from cnncost.errors import CnncostError

if TYPE_CHECKING:
    from cnncost.homework.make import Quiz, QuizTurn

EXAMPLE = "Example: cnncost quiz alexnet --questions 10 --seed 7 --level shape"
NEEDS_ARGUMENTS = True
FORMATS = ("terminal",)
LINE = 200
"""The number of characters of an answer that are read."""


def command(
    name: options.Network,
    questions: Annotated[int, typer.Option("--questions", "-n", help="The number of questions.")] = 10,
    seed: Seed = 0,
    level: Level = "cost",
    convention: options.Convention = "lecture",
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
    input: options.Input = None,
    set: options.Params = None,
) -> None:
    """Ask for shapes, parameters, memory, FLOPs and receptive fields, with hints and a score."""
    from cnncost.homework.make import level_of, quiz

    if name.partition("::")[0] == "-":
        raise CnncostError("the answers come from standard input: give the network as a name or a file")
    if sys.stdin is None:
        raise CnncostError("standard input is closed, so no answers can be read")
    network = options.profiled(name, input, set, convention=convention, batch=batch, dtype=dtype)
    chosen = quiz.questions(network, questions, level_of(level), seed)
    run_quiz(quiz.Quiz(chosen, more=quiz.possible(network, level_of(level))))


def run_quiz(quiz: Quiz) -> None:
    """Ask until the questions or the answers end, then show the score."""
    from cnncost.views import quiz as view

    say(view.opening(quiz))
    try:
        while turn := quiz.next_turn():
            options.emit("\n" + view.prompt(turn.question, len(quiz.turns), len(quiz.questions)), sys.stdout)
            if not take_answers(turn):
                break
    except KeyboardInterrupt:
        say("")
    say("\n" + view.final_score(quiz))


def take_answers(turn: QuizTurn) -> bool:
    """Take answers to one question until it is over; return whether the quiz goes on."""
    from cnncost.views import quiz as view

    while True:
        line = read_line()
        word = line.strip().casefold() if line is not None else "quit"
        if word in ("quit", "exit", "q"):
            if line is None:
                say("")
            return False
        if word in ("skip", "why"):
            say((view.why(turn.question) if word == "why" else "") + view.right_answer(turn.question))
            return True
        reply = turn.hint() if word == "hint" else turn.answer(line or "")
        for text in reply.lines:
            say(text)
        if reply.over:
            if not turn.points:
                say(view.right_answer(turn.question))
            return True
        options.emit("> ", sys.stdout)


def read_line() -> str | None:
    """The next line of standard input, shown again where that is not a terminal; None at its end."""
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError:
        line = "\ufffd\n"
    if not line:
        return None
    if not sys.stdin.isatty():
        say(line.rstrip("\n")[:LINE])
    return line[:LINE]


def say(text: str) -> None:
    """Print a line."""
    options.emit(text + "\n", sys.stdout)
