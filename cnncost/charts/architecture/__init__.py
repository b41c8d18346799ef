"""A network as a drawing: its boxes and their places, in inches.

units (layers with the in-place layers after them) → blocks (by name) → columns, opened blocks → a page.
"""

from cnncost.charts.architecture.page import page_of
from cnncost.charts.architecture.shapes import Box, Drawing, Prism, Way, Word

__all__ = ["Box", "Drawing", "Prism", "Way", "Word", "page_of"]
