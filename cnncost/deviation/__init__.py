"""The search for small differences that explain a printed number.

A deviation is one small way to be wrong or different: one function in `deviations/`, declared with its words,
its cost and an example. A search goes straight on:

given.py, reading.py    the numbers that somebody wrote
target.py, asked.py     what each of them is about in the network, and which of them are wrong
trials.py               each deviation at each place, with the numbers that it gives
candidates.py           single trials, other conventions and misprints that give the numbers, then pairs
ranking.py              which candidates are shown, in which order
sentences.py            a candidate in words
engine.py               all of it: numbers in, causes out
"""

from cnncost.deviation.engine import Cause, Diagnosis, diagnose, explain
from cnncost.deviation.given import QUANTITIES, Given
from cnncost.deviation.numbered import stem_of
from cnncost.deviation.reading import as_written, read_given, read_givens

__all__ = [
    "QUANTITIES",
    "Cause",
    "Diagnosis",
    "Given",
    "as_written",
    "diagnose",
    "explain",
    "read_given",
    "read_givens",
    "stem_of",
]
