"""A figure as PGF, the drawing language of LaTeX: \\input{chart.pgf} in a document that loads pgf."""

from __future__ import annotations

import io
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pgf import RendererPgf
from matplotlib.figure import Figure

MATH = {
    **{sign: f"^{{{digit}}}" for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{"⁻": "^{-}", "×": r"\times", "√": r"\surd", "∝": r"\propto", "↑": r"\uparrow", "−": "-", "÷": r"\div"},
    **{"·": r"\cdot", "≥": r"\geq", "≤": r"\leq", "→": r"\rightarrow"},
}
"""Characters that LaTeX writes as mathematics."""
PLAIN = {"–": "--", "…": r"\ldots{}", "\N{NO-BREAK SPACE}": "~"}
SPECIAL = {letter: f"\\{letter}" for letter in "#$%&_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
HEAD = """%% Made by cnncost: put \\usepackage{pgf} into the preamble, and \\input this file where it goes.
\\begingroup%
\\makeatletter%
"""


def pgf(figure: Figure) -> str:
    """A figure as PGF code; no LaTeX runs, text is measured in matplotlib's own font."""
    width, height = figure.get_size_inches()
    stream = io.StringIO()
    stream.write(HEAD)
    writeln(stream, r"\begin{pgfpicture}")
    corner = rf"\pgfqpoint{{{width:f}in}}{{{height:f}in}}"
    writeln(stream, rf"\pgfpathrectangle{{\pgfpointorigin}}{{{corner}}}")
    writeln(stream, r"\pgfusepath{use as bounding box, clip}")
    figure.dpi = 72
    figure.draw(LatexFree(figure, stream))
    writeln(stream, r"\end{pgfpicture}")
    writeln(stream, r"\makeatother")
    writeln(stream, r"\endgroup")
    return stream.getvalue()


def writeln(stream: io.StringIO, line: str) -> None:
    """Write a line of code that leaves no space behind."""
    stream.write(f"{line}%\n")


class LatexFree(RendererPgf):
    """Matplotlib's renderer, with sizes of text from a font instead of a run of LaTeX."""

    def __init__(self, figure: Figure, stream: io.StringIO) -> None:
        super().__init__(figure, stream)  # type: ignore[no-untyped-call]
        self.measure: Any = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> tuple[float, float, float]:
        """Width, height and descent of a text, in points."""
        width, height, descent = self.measure.get_text_width_height_descent(s, prop, ismath)
        return width, height, descent

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, *_: Any, **__: Any
    ) -> None:
        """Write a text, turned around its left end."""
        size, bold = prop.get_size_in_points(), prop.get_weight() in ("bold", 700)
        r, g, b = gc.get_rgb()[:3]
        weight = r"\bfseries" if bold else ""
        look = rf"\sffamily{weight}\fontsize{{{size:f}}}{{{1.2 * size:f}}}\selectfont"
        colour = rf"\definecolor{{textcolor}}{{rgb}}{{{r:f},{g:f},{b:f}}}\color{{textcolor}}"
        place = rf"left,base,x={x / 72:f}in,y={y / 72:f}in,rotate={angle:f}"
        writeln(self.fh, rf"{{{colour}\pgftext[{place}]{{{look} {escaped(s)}}}}}")


def escaped(text: str) -> str:
    """A text as LaTeX writes it."""
    return "".join(
        f"\\ensuremath{{{MATH[letter]}}}"
        if letter in MATH
        else SPECIAL.get(letter, PLAIN.get(letter, letter))
        for letter in text
    )
