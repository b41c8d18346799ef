"""Code of others: `--plugin` loads layers and conventions that the caller names, and nothing else does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from cnncost import CnncostError, layers, register_layer
from cnncost.layers import Layer
from tests.command_line import cnncost

PLUGIN = '''
"""Powers: layers of my own."""
import math
from cnncost.layers import Layer, Work, example, layer, no_weights

@layer
class MyPower(Layer):
    """x to a power, value by value.

    Shape: any, unchanged.
    """

    power: int = 2
    weights = no_weights("a fixed function")
    examples = (example("MyPower(3)", (4, 5, 5)),)

    def out_shape(self, *in_shapes):
        return in_shapes[0]

    def work(self, in_shapes, out):
        return Work(muls=(self.power - 1) * math.prod(out))
'''
SPEC = """
name: mine
input: [3, 8, 8]
blocks:
  block(out): Conv2d(out, 3) >> MyPower(3)
layers:
  - stage: block(8)
  - fc: Flatten >> Linear(2)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a plugin and a spec that needs it; the layer is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_layers.py").write_text(PLUGIN, encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(SPEC, encoding="utf-8")
    yield tmp_path
    Layer.registry.pop("MyPower", None)
    for name in [name for name in sys.modules if name.startswith("plugin ")]:
        del sys.modules[name]


PLUGGED = ("--plugin", "my_layers.py")


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (("table", "mine.yaml", "-d", "0"), "stage.MyPower"),
        (("explain", "mine.yaml", "stage"), "stage.MyPower"),
        (("formula", "mine.yaml", "block"), "9 · C · out + out"),
        (("layers", "MyPower"), "Formulas, of MyPower(3):"),
        (("layers",), "Powers\nMyPower                    x to a power, value by value."),
        (("layer", "MyPower(4)", "-i", "2x3x3", "-c", "flops"), "MyPower"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_registered_layer_works_in_every_command(
    folder: Path, command: tuple[str, ...], shown: str
) -> None:
    """With `--plugin` before the command or behind it; without, the layer is unknown."""
    assert folder.is_dir()
    assert shown not in cnncost(*command).out
    behind = cnncost(*command, *PLUGGED)
    assert behind.code == 0
    assert shown in behind.out
    assert cnncost(*PLUGGED, *command) == behind
    assert cnncost(*PLUGGED, *command, *PLUGGED) == behind  # loading it again changes nothing


def test_its_work_is_counted(folder: Path) -> None:
    """Two multiplications for each of the 8·6·6 values."""
    assert folder.is_dir()
    data = json.loads(cnncost("table", "mine.yaml", "-f", "json", "-c", "flops", *PLUGGED).out)
    layers = {layer["name"]: layer for layer in data["layers"]}
    assert layers["stage.MyPower"]["flops"] == 2 * 8 * 6 * 6
    assert layers["stage.MyPower"]["args"] == {"power": 3}


def test_a_spec_cannot_load_code(folder: Path) -> None:
    """The plugin file is next to the spec, and yet the layer is unknown."""
    result = cnncost("table", "mine.yaml")
    assert result.code == 2
    assert result.err.startswith("cnncost: mine.yaml:5:33: MyPower: no such layer")
    assert (folder / "my_layers.py").exists()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("nothing.py", None, "--plugin nothing.py: no such file\n"),
        (
            "wrong.py",
            "1 / 0",
            "--plugin wrong.py: cannot be loaded: ZeroDivisionError: division by zero; --debug shows where\n",
        ),
        ("syntax.py", "def", "--plugin syntax.py: cannot be loaded: SyntaxError: "),
        (
            "twice.py",
            "from cnncost.layers import Layer\nclass Conv2d(Layer): ...\n",
            "--plugin twice.py: two layers are named Conv2d: cnncost.layers.conv and ",
        ),
        (
            "nobody",
            None,
            "--plugin nobody: no plugin of this name; there are powers. The name of a file ends in .py\n",
        ),
        ("power", None, "--plugin power: no plugin of this name; did you mean powers?. The name"),
    ],
)
def test_what_cannot_be_loaded(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str | None, message: str
) -> None:
    """One message with the plugin's name, and exit code 2."""
    offered(monkeypatch)
    if text is not None:
        (folder / name).write_text(text, encoding="utf-8")
    for _ in range(2):  # a plugin that failed is tried again
        result = cnncost("list", "--plugin", name)
        assert result.code == 2
        assert result.err.startswith(f"cnncost: {message}")


def offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a package were installed that offers `powers`."""
    points = [EntryPoint("powers", "my_layers", "cnncost.layers")]
    monkeypatch.setattr(
        "importlib.metadata.entry_points", lambda group: points if group == "cnncost.layers" else []
    )


def test_an_installed_package_is_loaded_by_name_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It offers its layers in an entry point; they are there once `--plugin` names it."""
    offered(monkeypatch)
    monkeypatch.syspath_prepend(str(folder))
    assert cnncost("table", "mine.yaml").code == 2
    assert cnncost("table", "mine.yaml", "--plugin", "powers").code == 0
    del sys.modules["my_layers"]


def test_a_process_of_its_own_loads_it(folder: Path) -> None:
    """From a shell, as a user calls it."""
    done = subprocess.run(
        [sys.executable, "-m", "cnncost", *PLUGGED, "table", "mine.yaml", "-f", "csv"],
        capture_output=True,
        text=True,
        cwd=folder,
        check=True,
    )
    assert "stage" in done.stdout


@pytest.fixture
def documented(folder: Path) -> Iterator[Path]:
    """The class `Square` of the package's own documentation, as a plugin."""
    python = (layers.__doc__ or "").partition("A spec can also")[0]
    shown = textwrap.dedent("\n".join(re.findall(r"^(?: {4}.*|)$", python, re.MULTILINE)))
    (folder / "square.py").write_text(shown, encoding="utf-8")
    yield folder
    Layer.registry.pop("Square", None)


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (("layer", "Square", "-i", "2x3x3"), "Square"),
        (("layers", "Square"), "No formulas: the class lists no `examples`."),
        (("formula", "Square"), "output           C × H × W"),
    ],
    ids=lambda value: value[0],
)
def test_the_class_in_the_documentation_works(documented: Path, command: tuple[str, ...], shown: str) -> None:
    """Copied as it is, it works in every command, although it lists no examples and no reference."""
    assert documented.is_dir()
    result = cnncost(*command, "--plugin", "square.py")
    assert (result.code, result.err) == (0, "")
    assert shown in result.out
    assert "docs.pytorch.org" not in result.out


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("", "the layer class MyPower has no `out_shape` method: define it"),
        ("def out_shape(self, x): return None", "`out_shape` must return a tuple of sizes, not None"),
        ("def out_shape(self, x): return 5", "`out_shape` must return a tuple of sizes, not 5"),
        ("def out_shape(self, x): return (1.5,)", "`out_shape` must return a tuple of sizes, not (1.5,)"),
        ("def out_shape(self, x): return x", "the layer class MyPower has no `work` method: define it"),
    ],
)
def test_a_class_with_a_mistake_is_named(folder: Path, method: str, message: str) -> None:
    """A missing method, or a shape that is none, is an error of the class and no internal error."""
    text = f"from cnncost.layers import Layer, layer\n@layer\nclass MyPower(Layer):\n    a: int = 1\n    {method}\n"
    (folder / "my_layers.py").write_text(text, encoding="utf-8")
    result = cnncost("layer", "MyPower", "-i", "3x8x8", *PLUGGED)
    assert result.code == 2
    assert "MyPower" in result.err
    assert message in result.err


@pytest.mark.parametrize(("given", "name"), [(int, "int"), (Path, "Path"), (3, "3")])
def test_what_is_no_layer_is_not_registered(given: Any, name: str) -> None:
    """A class that does not derive from Layer would be registered nowhere."""
    message = f"{name} is no layer: register a class that derives from `cnncost.layers.Layer`"
    with pytest.raises(CnncostError, match=re.escape(message)):
        register_layer(given)
