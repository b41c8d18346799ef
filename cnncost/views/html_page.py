"""A whole page of HTML around a document; it runs no script, loads nothing, and says so to the browser."""

from __future__ import annotations

from html import escape

from cnncost.tables import formats
from cnncost.tables.table import Document

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem;
  color: #1c2430; background: #fff }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums }
th, td { padding: .25rem .7rem; border-bottom: 1px solid #d9dee5 }
th { text-align: right } th:first-child { text-align: left }
""".strip()


def html_page(title: str, content: Document, style: str = STYLE, header: str = "") -> str:
    """A page with a document below a `header` in HTML."""
    body = formats.render(content, "html")
    assert isinstance(body, str)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{escape(title)}</title>
<style>{style}</style>
</head>
<body>
{header}{body}</body>
</html>
"""
