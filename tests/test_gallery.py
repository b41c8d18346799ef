"""The gallery: reports/ holds what its commands make."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnncost.timing.reports import reported_devices
from cnncost.views.gallery import Page, Piece, index_text, pages
from tests.charts import is_picture
from tests.command_line import cnncost
from tests.goldens import ROOT
from tests.walk import FAMILIES

REPORTS = ROOT / "reports"
PAGES = pages()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_gallery_is_current(page: Page, refresh: bool) -> None:
    """Each page and each chart is what its command makes now."""
    if refresh:
        assert cnncost("gallery", page.name, "-o", str(REPORTS)).code == 0
    result = cnncost("gallery", page.name, "-o", str(REPORTS), "--check")
    assert (result.code, result.out, result.err) == (0, "", "")


def test_the_index_names_every_page(refresh: bool) -> None:
    """The index is current; nothing lies in the gallery that nothing makes."""
    if refresh:
        (REPORTS / "README.md").write_text(index_text(PAGES), encoding="utf-8")
    assert (REPORTS / "README.md").read_text(encoding="utf-8") == index_text(PAGES)
    there = {path.relative_to(REPORTS).as_posix() for path in REPORTS.rglob("*") if path.is_file()}
    made = {file for page in PAGES for file in page.files}
    assert {path for path in there if not path.startswith("measured/")} == {*made, "README.md"}


def test_every_family_has_a_page_with_its_networks() -> None:
    """A page for each spec of the catalogue, and its charts are pictures."""
    families = {page.name for page in PAGES if page.path.startswith("families/")}
    assert families == set(FAMILIES)
    assert all(is_picture(REPORTS / file) for page in PAGES for file in page.files if file.endswith(".svg"))


def test_a_page_is_made_in_another_folder(tmp_path: Path) -> None:
    """`-o` makes the folder; the page and its charts lie in it, and each chart's command stands on the page."""
    result = cnncost("gallery", "lenet5", "-o", str(tmp_path / "new"))
    assert (result.code, result.out, result.err) == (0, "", f"written to {tmp_path / 'new'}\n")
    page = (tmp_path / "new" / "families" / "lenet5.md").read_text(encoding="utf-8")
    assert "`cnncost chart layers lenet5 -o charts/lenet5-layers.svg`" in page
    assert "](../charts/lenet5-layers.svg)" in page
    assert is_picture(tmp_path / "new" / "charts" / "lenet5-layers.svg")


def test_what_is_not_current_is_named(tmp_path: Path) -> None:
    """A changed page and a missing chart are told, with exit code 1, and left as they are."""
    folder = tmp_path / "reports"
    assert cnncost("gallery", "lenet5", "-o", str(folder)).code == 0
    page, picture = folder / "families" / "lenet5.md", folder / "charts" / "lenet5-diagram.svg"
    page.write_text(page.read_text(encoding="utf-8").replace("61", "62"), encoding="utf-8")
    picture.unlink()
    result = cnncost("gallery", "lenet5", "-o", str(folder), "--check")
    assert (result.code, result.err) == (1, "")
    assert (
        result.out
        == f"{folder}/charts/lenet5-diagram.svg: missing\n{folder}/families/lenet5.md: not current\n"
    )
    assert not picture.exists()


def test_what_nothing_makes_is_left_alone(tmp_path: Path) -> None:
    """A user's own file in the folder stays."""
    folder = tmp_path / "reports"
    (folder / "charts").mkdir(parents=True)
    (folder / "charts" / "mine.svg").write_text("mine")
    assert cnncost("gallery", "lenet5", "-o", str(folder)).code == 0
    assert (folder / "charts" / "mine.svg").read_text() == "mine"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["resnot"], "no page `resnot`; did you mean resnet?"),
        (
            ["quux"],
            "no page `quux`; there are catalogue, audit, charts, comparisons and the families of `cnncost list`",
        ),
    ],
)
def test_an_unknown_page_is_one_clear_line(arguments: list[str], message: str) -> None:
    """The nearest name, or what there is."""
    result = cnncost("gallery", *arguments)
    assert (result.code, result.out, result.err) == (2, "", f"cnncost: {message}\n")


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "reports").write_text("a file")
    result = cnncost("gallery", "lenet5", "-o", str(tmp_path / "reports"))
    assert (result.code, result.out) == (2, "")
    assert result.err == f"cnncost: {tmp_path}/reports: cannot be made: File exists\n"


def test_a_command_that_fails_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its error stands behind the command, and nothing is written."""
    broken = Page(
        "broken.md", "Broken", "", (Piece("A chart", ("chart", "layers", "alexnot"), "charts/x.svg"),)
    )
    monkeypatch.setattr("cnncost.cli.gallery.pages", lambda _: [broken])
    result = cnncost("gallery", "broken", "-o", str(tmp_path))
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(
        "cnncost: cnncost chart layers alexnot -o charts/x.svg: no network `alexnot`"
    )
    assert not any(tmp_path.rglob("*.*"))


def test_each_measured_device_has_a_roofline() -> None:
    """The chart is of the reports that lie beside the gallery."""
    (charts,) = (page for page in PAGES if page.name == "charts")
    devices = [piece.arguments[4] for piece in charts.pieces if piece.arguments[1] == "roofline"]
    assert devices
    assert devices == [device.label for device in reported_devices()]
