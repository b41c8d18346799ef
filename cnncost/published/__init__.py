"""Printed tables, held against the Profile: every cell is reproduced, explained or reported."""

from cnncost.published.tables import Cell, read_table, read_tables
from cnncost.published.verdicts import STATUSES, Audit, Figure, audit, judge

__all__ = ["STATUSES", "Audit", "Cell", "Figure", "audit", "judge", "read_table", "read_tables"]
