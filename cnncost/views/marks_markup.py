"""A marked submission in markdown and in HTML, for the student. What was handed in is escaped."""

from __future__ import annotations

import re
from html import escape

from cnncost.homework.mark.marks import STATUSES, Mark, Marked
from cnncost.views.marks import SIGNS, WORDS, Note, cell, cells, header, notes, score, sentence, summary
from cnncost.views.network_table import caption

SPECIAL = re.compile(r"([\\`*_\[\]<>|~^$&]|:(?=//)|@(?=[A-Za-z])|(?<=www)\.)", re.IGNORECASE)


def literal(text: str) -> str:
    """A text in which markdown finds nothing to set, to link or to embed."""
    return SPECIAL.sub(lambda found: f"&#{ord(found[1])};", text)


def markdown(marked: Marked, hints: str = "diagnosis") -> str:
    """The score, the answers with their signs, and what is told of them, in markdown."""
    heads = ["layer", *(literal(header(marked, key)) for key in marked.columns)]
    rows = [
        [literal(label), *(literal(cell(mark)) for mark in row)]
        for label, row in zip(marked.labels, cells(marked), strict=True)
    ]
    align = [":--", *["--:"] * len(marked.columns)]
    table = ["| " + " | ".join(line) + " |" for line in (heads, align, *rows)]
    legend = "  ".join(f"{SIGNS[s]} {WORDS[s]}" for s in STATUSES if marked.counts[s])
    told = [
        f"- {SIGNS[note.status]} **{literal(note.head)}** {literal(note.text)}"
        for note in notes(marked, hints)
    ]
    remarks = [f"- {literal(sentence(remark))}" for remark in marked.remarks]
    return "\n".join(
        [
            f"# {literal(marked.source)}: {score(marked)}",
            "",
            f"{summary(marked)}. {literal(caption(marked.profile))}.",
            "",
            *table,
            "",
            legend,
            *([""] if told else []),
            *told,
            *([""] if remarks else []),
            *remarks,
            "",
        ]
    )


STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem;
  color: #1c2430; background: #fff }
h1 { font-size: 1.3rem } .dim { color: #5b6675 }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums }
th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid #d9dee5 }
th:first-child, td:first-child { text-align: left }
.right { color: #13692f } .follows { color: #0b5c86 } .blank { color: #6b7480 }
.wrong { color: #a3161d; font-weight: 600 } td.wrong { background: #fdecec }
.unread { color: #7a3b8f } td.unread { background: #f6eefa }
ul { list-style: none; padding: 0 } li { margin: .6rem 0 } li p { margin: .1rem 0 .1rem 1.3rem }
.legend span { white-space: nowrap; margin-right: 1.2rem; font-weight: 400 }
""".strip()


def html(marked: Marked, hints: str = "diagnosis") -> str:
    """A whole page: the score, the answers with their signs, and what is told of them.

    It runs no script and loads nothing, and says so to the browser.
    """
    title = escape(f"{marked.source}: {score(marked)}")
    heads = "".join(f"<th>{escape(header(marked, key))}</th>" for key in marked.columns)
    rows = "\n".join(
        f"<tr><td>{escape(label)}</td>{''.join(map(html_cell, row))}</tr>"
        for label, row in zip(marked.labels, cells(marked), strict=True)
    )
    legend = "\n".join(
        f"<span class='{s}'>{SIGNS[s]} {WORDS[s]}</span>" for s in STATUSES if marked.counts[s]
    )
    told = "\n".join(html_note(note) for note in notes(marked, hints))
    remarks = "\n".join(f"<p class='dim'>{escape(sentence(remark))}</p>" for remark in marked.remarks)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{title}</h1>
<p>{escape(summary(marked))}<br><span class="dim">{escape(caption(marked.profile))}</span></p>
<table>
<thead><tr><th>layer</th>{heads}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
<p class="legend">{legend}</p>
<ul>
{told}
</ul>
{remarks}
</body>
</html>
"""


def html_cell(mark: Mark | None) -> str:
    """One cell of the table, in the colour of its mark."""
    return f"<td class='{mark.status}'>{escape(cell(mark))}</td>" if mark else "<td></td>"


def html_note(note: Note) -> str:
    """One item of the list."""
    head = f"<span class='{note.status}'>{SIGNS[note.status]} {escape(note.head)}</span>"
    return f"<li>{head}<p>{escape(note.text)}</p></li>"
