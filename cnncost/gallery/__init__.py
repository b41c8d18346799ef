"""The gallery: pages of tables and charts, each with the command that makes it."""

from cnncost.gallery.folder import differences, files_in, make, make_folder
from cnncost.gallery.page import Page, Piece
from cnncost.gallery.pages import all_pages, chosen, kept_pages

__all__ = [
    "Page", "Piece", "all_pages", "chosen", "differences", "files_in", "kept_pages", "make", "make_folder",
]  # fmt: skip
