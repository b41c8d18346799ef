"""The gallery: what its pages say, and that reports/ holds what its commands make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cnncost.charts import KINDS
from cnncost.gallery import Page, Piece, all_pages, kept_pages
from cnncost.timing.reports import reported_devices
from tests.chart_checks import chart, cut, is_picture, overlapping
from tests.command_line import cnncost
from tests.goldens import ROOT
from tests.walk import EVERY, FAMILIES

REPORTS = ROOT / "reports"
PAGES, KEPT = all_pages(), kept_pages()
OF_FAMILIES = [page for page in PAGES if page.path.startswith("families/")]
LINK = re.compile(r"""(?:\]\(|src(?:set)?=")([^)#:"]+)[)"]""")


@pytest.mark.parametrize("page", KEPT, ids=lambda page: page.name)
def test_the_reports_are_current(page: Page, refresh: bool) -> None:
    """Each page is what its commands print now, and each chart says what its command draws now."""
    if refresh:
        assert cnncost("gallery", "--brief", page.name, "-o", str(REPORTS)).code == 0
    result = cnncost("gallery", "--brief", page.name, "-o", str(REPORTS), "--check")
    assert (result.code, result.out, result.err) == (0, "", "")


def test_reports_hold_nothing_else() -> None:
    """The index has a chart of each kind, and reports/ holds no file that no page needs."""
    (index,) = (page for page in KEPT if page.name == "index")
    assert {piece.arguments[1] for piece in index.pieces} == set(KINDS)
    there = {path.relative_to(REPORTS).as_posix() for path in REPORTS.rglob("*") if path.is_file()}
    programs = ("evidence", "imports", "latency", "marking", "memory", "round-trips")  # python -m tests.…
    others = {"latency.svg", *(f"{name}.md" for name in programs)}
    made_otherwise = {path for path in there if path.startswith("measured/")} | others
    assert there - made_otherwise == {f for page in KEPT for f in page.files}


@pytest.mark.parametrize("pages", [PAGES, KEPT], ids=["all", "kept"])
def test_links_lead_to_files_of_the_gallery(pages: list[Page]) -> None:
    """Every link and picture of a page is another page, a chart, or the measurements next to the kept pages."""
    files = {file for page in pages for file in page.files}
    linked = set()
    for page in pages:
        text = page.markdown(dict.fromkeys(page.pieces, ""))
        linked |= {(Path(page.path).parent / found) for found in LINK.findall(text)}
    paths = {str(path).replace("families/../", "") for path in linked}
    assert paths - {"measured"} <= files
    assert {file for file in files if file != "README.md"} <= paths


@pytest.mark.parametrize(
    "path", [ROOT / "README.md", *sorted(REPORTS.glob("*.md"))], ids=lambda path: path.name
)
def test_links_of_the_documents_lead_to_files(path: Path) -> None:
    """No link of the README or of reports/ is broken."""
    for found in LINK.findall(path.read_text(encoding="utf-8")):
        assert (path.parent / found).exists(), found


def test_every_family_has_a_page_with_its_networks() -> None:
    """There is a page for each spec of the catalogue."""
    assert {page.name for page in OF_FAMILIES} == set(FAMILIES)


@pytest.mark.parametrize("page", OF_FAMILIES[:: 1 if EVERY else 4], ids=lambda page: page.name)
def test_the_page_of_each_family_can_be_made(page: Page) -> None:
    """Its tables are printed, and its charts are drawn with every text to be read."""
    for piece in page.pieces:
        if piece.path:
            figure = chart(*piece.arguments[1:])
            assert (overlapping(figure), cut(figure)) == ([], [])
        else:
            result = cnncost(*piece.arguments)
            assert result.code == 0
            assert result.out.count("\n|") >= 2


def test_a_page_is_made_in_another_folder(tmp_path: Path) -> None:
    """`-o` makes the folder; the page and its charts are in it, and the page shows each chart's command."""
    result = cnncost("gallery", "lenet5", "-o", str(tmp_path / "new"))
    assert (result.code, result.out, result.err) == (0, "", f"written to {tmp_path / 'new'}\n")
    page = (tmp_path / "new" / "families" / "lenet5.md").read_text(encoding="utf-8")
    assert "`cnncost chart layers lenet5 -o charts/lenet5-layers.svg`" in page
    assert "](../charts/lenet5-layers.svg)" in page
    assert is_picture(tmp_path / "new" / "charts" / "lenet5-layers.svg")


def test_without_a_folder_it_is_gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default folder is one that git ignores in a checkout."""
    monkeypatch.chdir(tmp_path)
    assert cnncost("gallery", "index", "comparisons").err == "written to gallery\n"
    assert sorted(path.name for path in (tmp_path / "gallery").iterdir()) == ["README.md", "comparisons.md"]
    assert "/gallery/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_what_is_not_current_is_named(tmp_path: Path) -> None:
    """Changed pages and charts, and missing or broken charts are listed, with exit code 1, and left alone."""
    folder = tmp_path / "reports"
    assert cnncost("gallery", "lenet5", "mlp", "-o", str(folder)).code == 0
    page, charts = folder / "families" / "lenet5.md", folder / "charts"
    page.write_text(page.read_text(encoding="utf-8").replace("61", "62"), encoding="utf-8")
    layers = (charts / "lenet5-layers.svg").read_text(encoding="utf-8")
    (charts / "lenet5-layers.svg").write_text(layers.replace("61.7 k", "62.7 k"), encoding="utf-8")
    (charts / "lenet5-diagram.svg").unlink()
    half = (charts / "mlp-bars.svg").read_bytes()
    (charts / "mlp-bars.svg").write_bytes(half[: len(half) // 2])
    result = cnncost("gallery", "lenet5", "mlp", "-o", str(folder), "--check")
    assert (result.code, result.err) == (1, "")
    assert result.out.splitlines() == [
        f"{folder}/charts/lenet5-diagram.svg: missing",
        f"{folder}/charts/lenet5-layers.svg: not current",
        f"{folder}/charts/mlp-bars.svg: not current",
        f"{folder}/families/lenet5.md: not current",
    ]
    assert not (charts / "lenet5-diagram.svg").exists()


def test_a_chart_with_the_same_texts_is_current(tmp_path: Path) -> None:
    """Another release of matplotlib draws other paths for the same texts, which is no difference."""
    assert cnncost("gallery", "lenet5", "-o", str(tmp_path)).code == 0
    path = tmp_path / "charts" / "lenet5-layers.svg"
    path.write_text(re.sub(r"Matplotlib v[0-9.]+", "Matplotlib v9.9", path.read_text("utf-8")), "utf-8")
    assert cnncost("gallery", "lenet5", "-o", str(tmp_path), "--check").code == 0


def test_what_no_page_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's own file in the folder stays; a check of all pages reports it."""
    monkeypatch.setattr(
        "cnncost.cli.gallery.kept_pages", lambda: [page for page in KEPT if page.name == "comparisons"]
    )
    (tmp_path / "charts").mkdir(parents=True)
    (tmp_path / "charts" / "mine.svg").write_text("mine")
    assert cnncost("gallery", "--brief", "comparisons", "-o", str(tmp_path)).code == 0
    assert (tmp_path / "charts" / "mine.svg").read_text() == "mine"
    assert cnncost("gallery", "--brief", "comparisons", "-o", str(tmp_path), "--check").code == 0
    result = cnncost("gallery", "--brief", "-o", str(tmp_path), "--check")
    assert (result.code, result.out) == (1, f"{tmp_path}/charts/mine.svg: no page needs it\n")


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["resnot"], "no page `resnot`; did you mean resnet?"),
        (
            ["quux"],
            "no page `quux`; there are index, catalogue, audit, comparisons, charts and the families of `cnncost list`",
        ),
        (["quux", "--brief"], "no page `quux`; with --brief there are index, catalogue, audit, comparisons"),
    ],
)
def test_an_unknown_page_is_one_clear_line(arguments: list[str], message: str) -> None:
    """The nearest name, or what there is."""
    result = cnncost("gallery", *arguments)
    assert (result.code, result.out, result.err) == (2, "", f"cnncost: {message}\n")


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    """There is a file where the folder should be."""
    (tmp_path / "reports").write_text("a file")
    result = cnncost("gallery", "lenet5", "-o", str(tmp_path / "reports"))
    assert (result.code, result.out) == (2, "")
    assert result.err == f"cnncost: {tmp_path}/reports: cannot be made: File exists\n"


def test_a_command_that_fails_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its error is printed after the command, and nothing is written."""
    broken = Page(
        "broken.md", "Broken", "", (Piece("A chart", ("chart", "layers", "alexnot"), "charts/x.svg"),)
    )
    monkeypatch.setattr("cnncost.cli.gallery.all_pages", lambda: [broken])
    result = cnncost("gallery", "broken", "-o", str(tmp_path))
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(
        "cnncost: cnncost chart layers alexnot -o charts/x.svg: no network `alexnot`"
    )
    assert not any(tmp_path.rglob("*.*"))


def test_each_measured_device_has_a_roofline() -> None:
    """The chart is of the reports that lie next to the gallery."""
    (charts,) = (page for page in PAGES if page.name == "charts")
    devices = [piece.arguments[4] for piece in charts.pieces if piece.arguments[1] == "roofline"]
    assert devices
    assert devices == [device.label for device in reported_devices()]
