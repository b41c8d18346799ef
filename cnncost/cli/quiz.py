"""`cnncost quiz`: a network's quantities asked one by one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cnncost.cli import options
from cnncost.cli.worksheet import Level, Seed
from cnncost.errors import CnncostError

if TYPE_CHECKING:
    from cnncost.homework.make.quiz import Asked, Quiz

EXAMPLE = "Example: cnncost quiz alexnet --questions 10 --seed 7 --level shape"
NEEDS_ARGUMENTS = True
FORMATS = ("terminal",)


def command(
    name: options.Network,
    questions: Annotated[int, typer.Option("--questions", "-n", help="How many are asked.")] = 10,
    seed: Seed = 0,
    level: Level = "cost",
    convention: options.Convention = "lecture",
    batch: options.Batch = 1,
    dtype: options.DType = "float32",
    input: options.Input = None,
    set: options.Params = None,
) -> None:
    """Ask for shapes, parameters, memory, FLOPs and receptive fields, with hints and a score."""
    from cnncost.homework.make import quiz
    from cnncost.homework.make.sheet import level_of

    if name.partition("::")[0] == "-":
        raise CnncostError("the answers come from standard input: give the network as a name or a file")
    if sys.stdin is None:
        raise CnncostError("standard input is closed: the answers come from there")
    profile = options.profiled(name, input, set, convention=convention, batch=batch, dtype=dtype)
    run(quiz.Quiz(quiz.questions(profile, questions, level_of(level), seed)))


def run(quiz: Quiz) -> None:
    """Ask until the questions or the answers end; then say the score."""
    from cnncost.views import quiz as view

    say(view.opening(quiz))
    try:
        while asked := quiz.ask():
            options.emit("\n" + view.prompt(asked.question, len(quiz.asked), len(quiz.questions)), sys.stdout)
            if not until_over(asked):
                break
    except KeyboardInterrupt:
        say("")
    say("\n" + view.score(quiz))


def until_over(asked: Asked) -> bool:
    """Take answers to one question until it is over; whether the quiz goes on."""
    from cnncost.views import quiz as view

    while True:
        line = read_line()
        word = line.strip().casefold() if line is not None else "quit"
        if word in ("quit", "exit", "q"):
            if line is None:
                say("")
            return False
        if word == "skip":
            say(view.right(asked.question))
            return True
        if word == "why":
            say(view.why(asked.question) + view.right(asked.question))
            return True
        reply = asked.hint() if word == "hint" else asked.answer(line or "")
        for text in reply.lines:
            say(text)
        if reply.over:
            if not asked.points:
                say(view.right(asked.question))
            return True
        options.emit("> ", sys.stdout)


LINE = 200
"""Characters of an answer that are read."""


def read_line() -> str | None:
    """The next line of standard input, echoed where it is no terminal; None at its end."""
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError:
        line = "\ufffd\n"
    if not line:
        return None
    if not sys.stdin.isatty():  # show what was answered, as a terminal does
        options.emit(line.rstrip("\n")[:LINE] + "\n", sys.stdout)
    return line[:LINE]


def say(text: str) -> None:
    """Print a line."""
    options.emit(text + "\n", sys.stdout)
