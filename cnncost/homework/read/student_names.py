"""Who handed in a file: by its name as course systems give it, and by the class list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from cnncost.homework.read.roster import Student

PATTERNS = (
    r"(?P<name>.+?)_\d+_assignsubmission_[a-z]+_?.*",  # Moodle: Jane Doe_123_assignsubmission_file_
    r"(?P<name>[^_]+)(?:_LATE)?_\d+_\d+_.*?(?P<copy>-\d+)?",  # Canvas: doejane_LATE_1234_5678_answers-1
    r"\d+-\d+ - (?P<name>.+?) - .+",  # Brightspace: 1234-5678 - Jane Doe - Nov 3, 2025 - answers
    r".+?_(?P<name>[^_]+)_attempt_\d{4}-\d\d-.*",  # Blackboard: HW2_jdoe_attempt_2025-11-03-12-34-56_answers
    r"Copy of (?P<name>.+)",
    r"(?P<name>.+?) ?- ?(?P<copy>Copy)",
    r"(?P<name>.+?) \((?P<copy>\d{1,3})\)",
)
"""How course systems and browsers name what is handed in."""
ALIKE, MARGIN = 0.84, 0.06
"""How alike a doubtful name is to a student's at least, and how much less to any other's."""


def named_in(entry: str) -> tuple[str, str]:
    """The student that the name of a file or folder begins with, and what tells a copy or a later attempt."""
    entry = unicodedata.normalize("NFC", entry).strip()
    for pattern in PATTERNS:
        if match := re.fullmatch(pattern, entry):
            return match["name"].strip(), (match.groupdict().get("copy") or "").strip("-")
    return entry, ""


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key by which student2 comes before student10."""
    parts = re.findall(r"\d+|\D+", name.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


@dataclass(frozen=True)
class Match:
    """The student of a class list that a name means, None where none or several may be; and what to check."""

    student: Student | None
    doubt: str = ""


def match_student(name: str, students: Sequence[Student], others: Sequence[str] = ()) -> Match:
    """Find a student by an id, or by name in any order; else by likeness, which is doubtful.

    Args:
        name: as the file bears it.
        students: the class list.
        others: more that is known of who handed in, such as an e-mail address.
    """
    given = {letters(text) for text in (name, *others)} - {""}
    for fitting in (
        [each for each in students if given & ids_of(each)],
        [each for each in students if given & spellings(each)],
        [each for each in students if {letters(word) for word in re.split(r"[\W_]+", name)} & long_ids(each)],
    ):
        if len(fitting) == 1:
            return Match(fitting[0])
        if fitting:
            return Match(None, f"may be {' or '.join(each.name for each in fitting[:3])}")
    return most_alike(name, students)


def most_alike(name: str, students: Sequence[Student]) -> Match:
    """The student whose name is most like another, with what is doubtful about it."""
    words = set(words_in(name))
    ranked = sorted(
        ((likeness(letters(name), words, each), i) for i, each in enumerate(students)), reverse=True
    )
    if not ranked or ranked[0][0] < ALIKE:
        return Match(None, "is not on the class list")
    best = students[ranked[0][1]]
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < MARGIN:
        return Match(None, f"may be {best.name} or {students[ranked[1][1]].name}")
    return Match(best, f"is taken for {best.name}")


def likeness(joined: str, words: set[str], student: Student) -> float:
    """How like a student's name another is: 0.9 if it has two of its words, or is one of them."""
    own = set(words_in(student.full))
    alike = max((SequenceMatcher(None, joined, text).ratio() for text in spellings(student)), default=0.0)
    return max(alike, 0.9 if len(words & own) >= 2 or (words and words <= own) else 0.0)


def words_in(text: str) -> list[str]:
    """The words of a name, without accents and case; `ue` and `ü` are both u."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.findall(r"[^\W_]+", re.sub(r"([aou])e", r"\1", bare))


def letters(text: str) -> str:
    """A name's letters and digits, joined."""
    return "".join(words_in(text))


def spellings(student: Student) -> set[str]:
    """A student's name as course systems join it: janedoe, doejane; and the file of their worksheet."""
    words = words_in(student.full)
    turned = [words, words[::-1], words[-1:] + words[:-1], words[1:] + words[:1]]
    return ({"".join(order) for order in turned} | {letters(student.file)}) - {""}


def ids_of(student: Student) -> set[str]:
    """A student's ids, logins and e-mail addresses, these also without the part behind the @."""
    return {letters(part) for text in student.ids for part in (text, text.partition("@")[0])} - {""}


def long_ids(student: Student) -> set[str]:
    """The ids that are found within a longer name, such as s1234567_hw2."""
    found = {text for text in ids_of(student) if len(text) >= 4}
    return found | {f"s{text}" for text in found if text.isdecimal()}
