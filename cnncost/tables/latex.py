r"""LaTeX for texts that are no `Table` yet."""

from __future__ import annotations

from collections.abc import Sequence

from cnncost.tables.formats.latex import escape, heads, line

__all__ = ["environment", "escape", "heads", "line"]


def environment(caption: str, columns: str, lines: Sequence[str]) -> str:
    r"""Lines between `\toprule` and `\bottomrule`, in a `table` with a caption.

    Args:
        caption: as text, escaped here.
        columns: `l` or `r` for each.
        lines: finished.
    """
    return "\n".join(
        [
            r"% needs \usepackage{booktabs}",
            r"\begin{table}",
            r"\centering\small",
            rf"\caption{{{escape(caption)}}}",
            rf"\begin{{tabular}}{{@{{}}{columns}@{{}}}}",
            r"\toprule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )
