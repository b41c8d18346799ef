"""`cnncost quiz`: questions one by one, hints from the engine, solutions, and a score."""

from __future__ import annotations

from fractions import Fraction
from unittest import mock

import pytest

import cnncost as library
from cnncost.count.rows import fold
from cnncost.homework.make.quiz import Question, Quiz, QuizTurn, possible, questions
from cnncost.homework.read.quantities import QUANTITIES
from cnncost.views.quiz import half_points, right_answer
from tests.command_line import cnncost


def question(name: str, label: str, key: str) -> Question:
    """One quantity of one row."""
    profile = library.profile(name)
    row = next(row for row in fold(profile) if row.label == label)
    value = QUANTITIES[key].value(row)
    assert value is not None
    return Question(profile, row, QUANTITIES[key], value)


def said(asked: QuizTurn, text: str) -> str:
    """The reply to an answer."""
    return " ".join(asked.answer(text).lines)


SESSION = """\
alexnet, input 3×227×227, batch 1, float32, convention lecture
3 questions. Type an answer, or hint, skip, why (the solution) or quit.

1/3  conv1: Conv2d(96, 11, stride=4) on 3×227×227
     Parameters (a number, such as 12,345 or 12k)? 34,848
Not right. Try again, or type `hint`, `skip` or `why`.
> hint
Look at the biases again.
> hint
C_out · C_in · K² + C_out
> hint
96 · 3 · 11² + 96
> hint
There is no further hint; `why` shows the solution.
> 35k
Right.

2/3  pool2: MaxPool2d(3, stride=2) on 256×27×27
     Output size? 13x13
Right.

3/3  fc6: Linear(4096) on 9216
     Parameters (a number, such as 12,345 or 12k)? why
fc6   Linear(4096)   9216 → 4096
  with F_in = 9216, F_out = 4096
  parameters          F_out · F_in + F_out
                      = 4096 · 9216 + 4096
                      = 37748736 + 4096
                      = 37752832 ≈ 37753 k
The answer is 37752832, 37.8 M.

Score: 1½ of 3.
"""


def test_a_session() -> None:
    """A wrong answer, hints from the engine and the formula, right answers, and a solution."""
    chosen = [
        question("alexnet", label, key)
        for label, key in (("conv1", "params"), ("pool2", "out_size"), ("fc6", "params"))
    ]
    typed = "34,848\nhint\nhint\nhint\nhint\n35k\n13x13\nwhy\n"
    with (
        mock.patch("cnncost.homework.make.quiz.questions", return_value=chosen),
        mock.patch("cnncost.homework.make.quiz.possible", return_value=[]),  # nothing is asked again
    ):
        result = cnncost("quiz", "alexnet", stdin=typed)
    assert (result.code, result.out, result.err) == (0, SESSION, "")


def test_the_same_seed_asks_the_same() -> None:
    """Questions follow from the seed, in the order of the network, and none is asked twice."""
    profile = library.profile("resnet18")
    drawn = [(q.row.label, q.quantity.key) for q in questions(profile, 12, 3, 7)]
    assert drawn == [(q.row.label, q.quantity.key) for q in questions(profile, 12, 3, 7)]
    assert drawn != [(q.row.label, q.quantity.key) for q in questions(profile, 12, 3, 8)]
    every = [(q.row.label, q.quantity.key) for q in possible(profile, 3)]
    assert drawn == [each for each in every if each in drawn]
    assert len(set(drawn)) == 12


@pytest.mark.parametrize(
    ("level", "keys"),
    [
        (1, {"out_channels", "out_size"}),
        (2, {"out_channels", "out_size", "params"}),
        (3, {"out_channels", "out_size", "params", "memory", "flops", "receptive_field"}),
    ],
)
def test_a_level_asks_its_quantities(level: int, keys: set[str]) -> None:
    """Shapes; parameters too; memory, FLOPs and receptive fields too."""
    assert {q.quantity.key for q in possible(library.profile("alexnet"), level)} == keys


def test_easy_questions_are_rare() -> None:
    """Numbers that are 0 or are written in the call are asked less often than their share of all questions."""
    profile = library.profile("alexnet")
    easy = [q.easy for q in possible(profile, 3)]
    drawn = [q.easy for seed in range(60) for q in questions(profile, 8, 3, seed)]
    assert 0 < sum(drawn) / len(drawn) < sum(easy) / len(easy) / 2


@pytest.mark.parametrize("name", ["alexnet", "resnet18", "vit_b_16", "mobilenet_v2"])
def test_the_right_answers_give_all_points(name: str) -> None:
    """Every question of a network can be answered with the answer that is shown."""
    typed, count = [], 0
    for asked in possible(library.profile(name), 3):
        typed.append(right_answer(asked).removeprefix("The answer is ").rstrip(".").split(", ")[0])
        count += 1
    result = cnncost("quiz", name, "-n", str(count), stdin="\n".join(typed) + "\n")
    assert result.out.endswith(f"\nScore: {count} of {count}.\n"), result.out
    assert result.out.count("Right.") == count


def test_where_there_is_no_hint_it_says_so() -> None:
    """A layer that computes nothing has no formula to point to."""
    asked = QuizTurn(question("alexnet", "flatten", "flops"))
    assert asked.hint().lines == ("There is no hint for this question; `why` shows the solution.",)


def test_what_is_short_of_a_point() -> None:
    """Half a point after a hint or a wrong answer, nothing after three wrong ones."""
    hinted, tried, wrong = (QuizTurn(question("alexnet", "conv1", "out_size")) for _ in range(3))
    hinted.hint()
    assert (said(hinted, "55"), hinted.points) == ("Right.", Fraction(1, 2))
    assert said(tried, "56") == "Not right. Try again, or type `hint`, `skip` or `why`."
    assert (said(tried, "55 x 55"), tried.points) == ("Right.", Fraction(1, 2))
    replies = [wrong.answer("54") for _ in range(3)]
    assert [reply.over for reply in replies] == [False, False, True]
    assert replies[-1].lines == ("Not right.", "Possibly: The + 1 of the size formula is left out.")
    assert wrong.points == 0


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("", "Type an answer, `hint`, `skip`, `why` or `quit`."),
        ("lots", "Not a number."),
        ("=B2*363+96", "A formula: formulas are not evaluated, write its value."),
        ("34944 cm", "The unit `cm` is not known here."),
    ],
)
def test_what_cannot_be_read_costs_nothing(text: str, reply: str) -> None:
    """There is a message, and the question stays the same."""
    asked = QuizTurn(question("alexnet", "conv1", "params"))
    assert said(asked, text) == reply
    assert (said(asked, "34 944"), asked.points) == ("Right.", Fraction(1))


def test_a_norm_behind_a_convolution_is_told_and_counted() -> None:
    """The question names both layers, and the solution works out both."""
    asked = question("resnet18", "conv1", "params")
    with mock.patch("cnncost.homework.make.quiz.questions", return_value=[asked]):
        result = cnncost("quiz", "resnet18", stdin="why\n")
    assert "conv1: Conv2d(64, 7, stride=2, padding=3, bias=False) >> BatchNorm2d on 3×224×224" in result.out
    assert "64 · 3 · 7² = 9408" in result.out
    assert "= 128" in result.out
    assert "The answer is 9536, 9.54 k." in result.out


def test_a_field_is_asked_with_the_one_before_it() -> None:
    """The receptive field and the jump of the input are given; memory and FLOPs say how they count."""
    chosen = [question("alexnet", "conv2", key) for key in ("receptive_field", "memory", "flops")]
    with mock.patch("cnncost.homework.make.quiz.questions", return_value=chosen):
        result = cnncost("quiz", "alexnet", stdin="51\n729 KB\n448M\n")
    assert (
        "     before it: receptive field 19, jump 8 (pool1)\n     Receptive field? 51\nRight." in result.out
    )
    assert (
        "     the output is kept in float32\n     Memory (bytes, or KB and MB of 1024)? 729 KB\n"
        in result.out
    )
    assert (
        "     convention lecture: multiply-adds of convolutions, linear layers and\n"
        "     attention, kernel² per pooled output, nothing else\n"
    ) in result.out
    assert result.out.endswith("Right.\n\nScore: 3 of 3.\n")


def test_the_input_of_a_field_is_a_row_of_the_table() -> None:
    """A ReLU in place has no row, so its layer is named; the network's own input is `input`."""
    chosen = [question("alexnet", label, "receptive_field") for label in ("conv1", "conv4")]
    with mock.patch("cnncost.homework.make.quiz.questions", return_value=chosen):
        result = cnncost("quiz", "alexnet", stdin="11\n131\n")
    assert "     before it: receptive field 1, jump 1 (input)\n" in result.out
    assert "     before it: receptive field 99, jump 16 (conv3)\n" in result.out
    assert result.out.endswith("Score: 2 of 2.\n")


def test_channels_without_a_formula_have_a_hint_in_words() -> None:
    """Filters are not computed, so the hint says where the channels come from."""
    asked = QuizTurn(question("alexnet", "conv2", "out_channels"))
    assert asked.hint().lines == (
        "One per filter or feature of the layer; a layer without filters keeps the channels of its input.",
    )


@pytest.mark.parametrize("typed", ["55\nquit\n", "55\nQ\n", "55\nexit"])
def test_quit_ends_with_the_score(typed: str) -> None:
    """And says how far it went."""
    chosen = [question("alexnet", "conv1", "out_size")] * 4
    with mock.patch("cnncost.homework.make.quiz.questions", return_value=chosen):
        result = cnncost("quiz", "alexnet", stdin=typed)
    assert result.code == 0
    assert result.out.endswith("\n\nScore: 1 of 4; 2 asked.\n")


def test_the_end_of_the_input_ends_with_the_score() -> None:
    """Ctrl-D, or a pipe that is over."""
    chosen = [question("alexnet", "conv1", "out_size")] * 2
    with mock.patch("cnncost.homework.make.quiz.questions", return_value=chosen):
        result = cnncost("quiz", "alexnet", stdin="55\n")
    assert result.code == 0
    assert result.out.endswith("     Output size? \n\nScore: 1 of 2.\n")


def test_ctrl_c_ends_with_the_score() -> None:
    """An interrupt is no error."""
    chosen = [question("alexnet", "conv1", "out_size")] * 2
    with (
        mock.patch("cnncost.homework.make.quiz.questions", return_value=chosen),
        mock.patch("cnncost.cli.quiz.read_line", side_effect=["55\n", KeyboardInterrupt]),
    ):
        result = cnncost("quiz", "alexnet")
    assert (result.code, result.err) == (0, "")
    assert result.out.endswith("     Output size? \n\nScore: 1 of 2.\n")


def test_skip_tells_the_answer() -> None:
    """And goes on without a point."""
    chosen = [question("alexnet", "conv1", key) for key in ("memory", "out_size")]
    with mock.patch("cnncost.homework.make.quiz.questions", return_value=chosen):
        result = cnncost("quiz", "alexnet", stdin="skip\n55\n")
    assert "? skip\nThe answer is 1161600 bytes, 1.11 MB.\n" in result.out
    assert result.out.endswith("\nScore: 1 of 2.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("alexnet", "-n", "0"), "a quiz has at least one question, not 0"),
        (("alexnet", "-l", "costs"), "no level `costs`; did you mean cost?"),
        (("-",), "the answers come from standard input: give the network as a name or a file"),
        (("alexnett",), "no network `alexnett`; did you mean alexnet?"),
    ],
)
def test_what_cannot_be_asked_is_one_line(arguments: tuple[str, ...], message: str) -> None:
    """A wrong option says what is wrong."""
    result = cnncost("quiz", *arguments)
    assert (result.code, result.out, result.err) == (2, "", f"cnncost: {message}\n")


def test_more_questions_than_there_are() -> None:
    """All are asked."""
    count = len(possible(library.profile("mlp"), 1))
    result = cnncost("quiz", "mlp", "-n", "500", "--level", "shape", stdin="quit\n")
    assert result.out.splitlines()[1].startswith(f"{count} question")


def test_a_line_of_noise_is_answered() -> None:
    """Endless lines and control characters are no crash."""
    result = cnncost("quiz", "alexnet", "-n", "1", stdin="9" * 100_000 + "\n\x1b[31m\n\0\n")
    assert result.code == 0
    assert result.out.endswith("Score: 0 of 1.\n")


@pytest.mark.parametrize(
    ("value", "text"),
    [(Fraction(0), "0"), (Fraction(1, 2), "½"), (Fraction(15, 2), "7½"), (Fraction(3), "3")],
)
def test_points_are_written_short(value: Fraction, text: str) -> None:
    """A half follows the whole number, or is alone where there is none."""
    assert half_points(value) == text


def test_a_quiz_counts_what_was_asked() -> None:
    """Points add up over the questions."""
    quiz = Quiz([question("alexnet", "conv1", "out_size"), question("alexnet", "pool1", "out_size")])
    first = quiz.next_turn()
    assert first is not None
    first.answer("55")
    second = quiz.next_turn()
    assert second is not None
    second.answer("0")
    assert quiz.points == 1
    assert quiz.next_turn() is None


def test_no_answer_stands_in_its_question() -> None:
    """Filters, channels that are kept and sizes that do not change are not asked."""
    for name in ("alexnet", "vgg16", "resnet18"):
        for asked in possible(library.profile(name), 3):
            values = asked.value if isinstance(asked.value, tuple) else (asked.value,)
            assert not asked.value or not set(values) <= asked.numbers, (name, asked.row.label)


def test_a_layer_is_asked_once_and_what_was_wrong_again() -> None:
    """Five questions are about five layers; a quantity that was wrong comes back two questions later."""
    profile = library.profile("alexnet")
    for seed in range(20):
        assert len({q.row.label for q in questions(profile, 5, 3, seed)}) == 5
    first = [question("alexnet", label, "out_size") for label in ("pool1", "pool2", "conv1")]
    quiz = Quiz([question("alexnet", "conv2", "params"), *first], more=possible(profile, 3))
    keys = []
    while turn := quiz.next_turn():
        keys.append(turn.question.quantity.key)
        turn.points = Fraction(len(keys) > 1)
    assert keys == ["params", "out_size", "params", "out_size"]
