"""Marks answers: which are right, which follow from an earlier mistake, and what the mistakes are."""

from cnncost.homework.mark.check import RubricSource, Task, check, set_task, share_of
from cnncost.homework.mark.grading import ClassMarks, Misconception, Submission, grade
from cnncost.homework.mark.judging import judge_answer
from cnncost.homework.mark.marks import BLANK, FOLLOWS, RIGHT, STATUSES, UNREAD, WRONG, Mark, Marked
from cnncost.homework.mark.own_tasks import listed_students, own_task, student_of
from cnncost.homework.mark.rubric import Rubric, parse_rubric
from cnncost.homework.read.submissions import only_file

__all__ = [
    "BLANK", "FOLLOWS", "RIGHT", "STATUSES", "UNREAD", "WRONG", "ClassMarks", "Mark", "Marked",
    "Misconception", "Rubric", "RubricSource", "Submission", "Task", "check", "grade",
    "judge_answer", "listed_students", "only_file", "own_task", "parse_rubric", "set_task", "share_of",
    "student_of",
]  # fmt: skip
