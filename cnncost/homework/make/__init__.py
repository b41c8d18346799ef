"""Makes homework: worksheets, a network for each student, quizzes and autograders."""

from cnncost.homework.make.autograder import SETTINGS, gradescope_zip
from cnncost.homework.make.blanks import with_blanks
from cnncost.homework.make.handout import Handout, handouts_for
from cnncost.homework.make.quiz import Question, Quiz, QuizTurn, questions, solution
from cnncost.homework.make.worksheet import Worksheet, layer_text, level_of

__all__ = [
    "SETTINGS", "Handout", "Question", "Quiz", "QuizTurn", "Worksheet", "gradescope_zip", "handouts_for",
    "layer_text", "level_of", "questions", "solution", "with_blanks",
]  # fmt: skip
