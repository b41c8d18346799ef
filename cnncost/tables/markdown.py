"""One line of a pipe table, for texts that are no `Table` yet."""

from cnncost.tables.formats.markdown import line

__all__ = ["line"]
