"""The names of sizes in tables: L of sequences, T of tokens, H/W of maps and of networks with several."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnncost.api.solutions import explain
from cnncost.count.profile import profile_graph
from cnncost.dims import Shape
from cnncost.network.catalogue import layer_graph, load
from cnncost.views.network_table import table_of
from tests.command_line import cnncost


@pytest.mark.parametrize(
    ("chain", "shape", "title"),
    [
        ("Conv1d(32, 5) >> ReLU >> MaxPool1d(2) >> Flatten >> Linear(10)", (16, 100), "L"),
        ("LayerNorm >> MultiheadAttention(4) >> Linear(8)", (10, 16), "T"),
        ("Conv2d(8, 3) >> AdaptiveAvgPool2d(1) >> Flatten >> Linear(10)", (3, 8, 8), "H/W"),
        ("Conv2d(8, 4, stride=4) >> Flatten(2) >> Permute((0, 2, 1)) >> Linear(8)", (3, 8, 8), "H/W"),
        ("Linear(10)", (16,), "H/W"),
    ],
)
def test_sizes_have_the_names_of_their_axes(chain: str, shape: Shape, title: str) -> None:
    """The table of a network on sequences says L, and FLOPs of its pools are those of one axis."""
    table = table_of(profile_graph(layer_graph(chain, shape), "lecture"))
    titles = {column.title for column in table.columns if column.key in ("in_size", "out_size")}
    assert titles == {title}
    assert ("kernel per pooled output" in " ".join(map(str, table.notes))) is (title == "L")


def test_solutions_and_worksheets_of_sequences_say_l(tmp_path: Path) -> None:
    """So do worked solutions, closed forms, and a sheet that is marked."""
    path, sheet = tmp_path / "net.yaml", tmp_path / "sheet.md"
    path.write_text("input: [16, 100]\nlayers:\n  - c: Conv1d(32, 5)\n  - p: MaxPool1d(2)\n")
    graph = layer_graph("Conv1d(32, 5)", (16, 100))
    solution = str(explain(profile_graph(graph, "lecture")).render("terminal"))
    formula = cnncost("formula", "Conv1d(32, 5)").out
    for text in (solution, formula):
        assert "L" in text
        assert "H" not in text
    assert cnncost("table", str(path), "-o", str(sheet)).code == 0
    marked = cnncost("check", str(path), str(sheet)).out
    assert marked.startswith("sheet.md: 26 of 26 points")


def test_a_missing_receptive_field_is_explained() -> None:
    """Behind attention a map has none; a network without the column says nothing of it, and its sizes are L."""
    why = "; blank where it is not known, as behind attention or a matrix product."
    for name, note in (("botnet26t", f"RF: receptive field{why}"), ("seresnet50", "RF: receptive field.")):
        assert any(line.endswith(note) for line in table_of(profile_graph(load(name), "lecture")).notes)
    table = table_of(profile_graph(load("textcnn"), "lecture"))
    assert not any("RF:" in line for line in table.notes)
    assert {column.title for column in table.columns if column.key == "out_size"} == {"L"}
