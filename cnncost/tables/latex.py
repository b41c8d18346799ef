r"""LaTeX for texts that are no `Table` yet."""

from cnncost.tables.formats.latex import escape, heads

__all__ = ["escape", "heads"]
