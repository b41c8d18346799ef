"""The search for what would have to differ for a printed number to come out."""

from cnncost.deviation.engine import explain, recompute
from cnncost.deviation.given import QUANTITIES, Explanation, Given

__all__ = ["QUANTITIES", "Explanation", "Given", "explain", "recompute"]
