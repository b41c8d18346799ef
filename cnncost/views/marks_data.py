"""A marked submission as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnncost.homework.mark.marks import STATUSES, Mark, Marked
from cnncost.views.marks import level, right_value, unreached_sizes


def to_dict(marked: Marked, hints: str = "diagnosis") -> dict[str, Any]:
    """A marked submission as plain data: the JSON of ``cnncost check --format json``."""
    secrets = unreached_sizes(marked)
    return {
        "schema": 1,
        "source": marked.source,
        "network": marked.profile.name,
        "convention": marked.profile.convention.name,
        "score": float(marked.score),
        "max_score": float(marked.possible),
        "counts": {status: marked.counts[status] for status in STATUSES},
        "remarks": list(marked.remarks),
        "cells": [cell_dict(marked, mark, hints, secrets) for mark in marked.marks],
    }


def cell_dict(marked: Marked, mark: Mark, hints: str, secrets: Sequence[str]) -> dict[str, Any]:
    """One cell as plain data; `secrets` as in `wrong_note`."""
    found = mark.explanation if hints != "none" else None
    told = found if found and level(found.sentence, hints, secrets) != "hint" else None
    return {
        "layer": mark.label,
        "column": mark.key,
        "row": mark.answer.cell.row or None,
        "answer": mark.answer.cell.shown,
        "status": mark.status,
        "points": float(marked.scale * mark.points),
        "max_points": float(marked.scale * mark.possible),
        "remark": mark.remark or None,
        "follows_from": mark.origin or None,
        "hint": found.hint if found else None,
        "diagnosis": told.sentence if told else None,
        "deviations": list(found.deviations) if found and hints != "hint" else [],
        "right": right_value(mark) if hints == "reveal" else None,
    }
