"""Networks compared: totals and stages side by side, what differs layer by layer, accuracy and cost."""

from cnncost.comparison.accuracy import PublishedError, imagenet_error, shown_error
from cnncost.comparison.difference import Change, Difference, difference
from cnncost.comparison.listing import names, networks
from cnncost.comparison.side_by_side import Comparison, Entry, compare

__all__ = [
    "Change",
    "Comparison",
    "Difference",
    "Entry",
    "PublishedError",
    "compare",
    "difference",
    "imagenet_error",
    "names",
    "networks",
    "shown_error",
]
