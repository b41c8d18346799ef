"""How a whole source counts: specs/published/sources.yaml, one rule for all rows of a table and quantity."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from cnncost.errors import CnncostError
from cnncost.published.claim import checked
from cnncost.published.tables import Loader, folder

TABLE = re.compile(r".*?\btables? [0-9]+(?: and [0-9]+)?")


def table_of(source: str) -> str:
    """The table that a source is part of: `Hu 2018, table 2` of `Hu 2018, table 2 (re-implementation)`."""
    found = TABLE.match(source)
    return found[0] if found else source


@dataclass(frozen=True)
class Rule:
    """How a source counts a quantity; `apart` are networks that it counts plainly, and why."""

    source: str
    quantity: str
    because: str
    change: Mapping[str, Any]
    apart: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=1)
def rules() -> Mapping[tuple[str, str], Rule]:
    """The rules by source and quantity.

    Raises:
        CnncostError: a key that is no part of a claim, or two rules for one source and quantity.
    """
    found: dict[tuple[str, str], Rule] = {}
    text = (folder() / "sources.yaml").read_text(encoding="utf-8")
    for entry in yaml.load(text, Loader=Loader):
        change, apart = checked(entry["change"]), entry.get("apart", {})
        rule = Rule(entry["source"], entry["quantity"], " ".join(entry["because"].split()), change, apart)
        if (rule.source, rule.quantity) in found:
            raise CnncostError(f"sources.yaml: two rules for {rule.quantity} of {rule.source}")
        found[rule.source, rule.quantity] = rule
    return found


def rule_for(source: str, quantity: str, network: str) -> Rule | None:
    """The rule by which a source counts a quantity of a network."""
    rule = rules().get((table_of(source), quantity))
    return None if rule is None or network in rule.apart else rule
