"""What the shell offers on Tab, asked for as the shells ask."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.command_line import cnncost

SPEC = """\
input: [3, 8, 8]
params: {width: 8, kind: unit}
types:
  Gate(r=4): {macs: 0}
blocks:
  unit(out): Conv2d(out, 1) >> Gate
layers:
  - stem: unit(width)
  - stage: 2 * unit(16)
"""


def offered(monkeypatch: pytest.MonkeyPatch, line: str, shell: str = "bash") -> list[str]:
    """What a shell shows for a line whose last word is being typed."""
    monkeypatch.setattr(sys.modules["__main__"], "__package__", None)  # so that the program is called cnncost
    monkeypatch.setenv("_CNNCOST_COMPLETE", f"complete_{shell}")
    monkeypatch.setenv("COMP_WORDS", f"cnncost {line}")
    monkeypatch.setenv("COMP_CWORD", str(len(line.split(" "))))
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", f"cnncost {line}")
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
    result = cnncost()
    assert result.err == ""
    return result.out.split("\n")


@pytest.mark.parametrize(
    ("line", "some"),
    [
        ("ta", ["table"]),
        ("table alexn", ["alexnet"]),
        ("table torchvision/resnet5", ["torchvision/resnet50"]),
        ("table net", ["net.yaml"]),
        ("table net.yaml st", ["stem", "stage"]),
        ("explain resnet50 conv2_x.", ["conv2_x.0", "conv2_x.1", "conv2_x.2"]),
        ("table resnet50 --set d", ["depths=", "dilations="]),
        ("table resnet50 --set block=", ["block=bottleneck", "block=basic", "block=plain"]),
        ("diff alexnet resnet34 --set-b cl", ["classes="]),
        ("table net.yaml --set w", ["width="]),
        ("chart la", ["layers"]),
        ("chart layers alexn", ["alexnet"]),
        ("chart receptive alexnet --layer conv1,conv2", ["conv1,conv2"]),
        ("layers Conv2", ["Conv2d"]),
        ("layers net.yaml G", ["Gate"]),
        ("formula BatchNorm2", ["BatchNorm2d"]),
        ("formula net.yaml ", ["unit", "Gate"]),
        ("layer MaxPool2", ["MaxPool2d"]),
        ("list mobilenet_v3_l", ["mobilenet_v3_large"]),
        ("table alexnet --convention lec", ["lecture"]),
        ("table alexnet --format cs", ["csv"]),
        ("table alexnet --dtype bf", ["bfloat16"]),
        ("verify --family alexn", ["alexnet"]),
    ],
)
def test_offers(line: str, some: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names, layers, params, kinds and values complete."""
    (tmp_path / "net.yaml").write_text(SPEC, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = offered(monkeypatch, line)
    assert [one for one in some if one not in found] == []


@pytest.mark.parametrize("shell", ["zsh", "fish", "powershell"])
def test_other_shells(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other shells get the same, with a help text where there is one."""
    assert any("chart" in line for line in offered(monkeypatch, "ch", shell))


@pytest.mark.parametrize(
    "line", ["nosuch x", "explain nosuch ", "explain broken.yaml ", "table - ", "table [a", "table alexnet --set-"]
)  # fmt: skip
def test_a_completion_never_fails(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be read offers nothing and prints no error."""
    (tmp_path / "broken.yaml").write_text("layers: [ReLU", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert [one for one in offered(monkeypatch, line) if one] == []
