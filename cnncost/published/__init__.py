"""Printed figures, held against the NetworkCost: each is reproduced, explained or reported."""

from cnncost.published.facts import catalogue_facts, facts_of
from cnncost.published.selection import cells_of
from cnncost.published.tables import Cell, read_table, read_tables
from cnncost.published.verdicts import STATUSES, Audit, Figure, audit, judge

__all__ = [
    "STATUSES",
    "Audit",
    "Cell",
    "Figure",
    "audit",
    "catalogue_facts",
    "cells_of",
    "facts_of",
    "judge",
    "read_table",
    "read_tables",
]
