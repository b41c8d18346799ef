"""Printed figures, compared with the computed ones: each is reproduced, explained or reported."""

from cnncost.published.auditing import Audit, SourceRule, audit
from cnncost.published.facts import catalogue_facts, cells_of, fact_id, facts_of, family_cells
from cnncost.published.tables import PrintedCell, read_table, read_tables
from cnncost.published.verdicts import STATUSES, Figure, judge

__all__ = [
    "STATUSES",
    "Audit",
    "Figure",
    "PrintedCell",
    "SourceRule",
    "audit",
    "catalogue_facts",
    "cells_of",
    "fact_id",
    "facts_of",
    "family_cells",
    "judge",
    "read_table",
    "read_tables",
]
