"""How sure a cause is: how much its digits say, against how many explanations were tried."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10

CONFIDENCES = ("certain", "likely", "possible", "chance")
"""From the surest to the least sure.

certain: on record for this very network; or another network or a tool gives so many digits that chance is
    ruled out, and no single deviation gives them too;
likely: the only one that fits of those tried, and hits by chance are rare; or on record for another network;
possible: one of several, or chance hits are not rare;
chance: as many digits would be met by chance anyway; nothing that is known is called so.
"""

CERTAIN, LIKELY, POSSIBLE = 1e-4, 0.05, 1.0
"""The largest number of chance hits that is expected for each."""


@dataclass(frozen=True)
class Evidence:
    """What speaks for a cause.

    `bits` is what the explained digits say; `tried` is how many explanations of its kind were tried, and
    `fitting` how many of them give the numbers. `record` says for which network they are printed: `own` or
    `other`. `rivals` is how many causes of the other kind give the numbers too: single deviations for what
    is known, known causes for a deviation. `known` is how many known causes of another kind give them, such
    as another network where a tool does. `cost` is that of a deviation, in bits: about 2^cost are as simple,
    and only these are compared with its digits. A deviation is never certain, because another change of the
    same size gives the same digits.
    """

    bits: float = 0
    tried: int = 1
    fitting: int = 1
    record: str = ""
    rivals: int = 0
    known: int = 0
    cost: float | None = None

    @property
    def digits(self) -> float:
        """How many decimal digits are explained."""
        return round(self.bits * log10(2), 1)

    @property
    def chance_hits(self) -> float:
        """How many explanations of the kind would give such digits by chance."""
        return float(self.tried * 2**-self.bits)

    @property
    def confidence(self) -> str:
        """One of CONFIDENCES."""
        if self.record:
            surest = "certain" if self.record == "own" else "likely"
            return surest if self.fitting == 1 else "possible"
        if self.cost is not None and 2 ** (self.cost - self.bits) >= POSSIBLE:
            return "chance"
        guessed = self.cost is not None
        if self.fitting > 1 or self.chance_hits >= LIKELY or self.known or (guessed and self.rivals):
            return "possible"
        return "certain" if self.chance_hits < CERTAIN and not guessed and not self.rivals else "likely"
