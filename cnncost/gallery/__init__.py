"""The gallery: pages of tables and charts, each with the command that makes it."""

from cnncost.gallery.folder import differences, files_in, make, make_folder
from cnncost.gallery.page import Page, Piece
from cnncost.gallery.pages import all_pages, kept_pages, pages_named

__all__ = [
    "Page",
    "Piece",
    "all_pages",
    "differences",
    "files_in",
    "kept_pages",
    "make",
    "make_folder",
    "pages_named",
]  # fmt: skip
