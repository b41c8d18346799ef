from __future__ import annotations

import re
from pathlib import Path

import pytest

from cnncost.cli import COMMANDS
from tests.goldens import CONSOLE, ROOT, with_real_output


def test_the_readme_shows_what_the_commands_print(refresh: bool) -> None:
    """Every console block of the README is the real output of its command."""
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    real = with_real_output(text)
    if refresh:
        path.write_text(real, encoding="utf-8")
        return
    assert len(CONSOLE.findall(text)) >= 6
    assert text == real


def test_the_readme_s_python_gives_the_values_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line of its Python blocks with a number behind `#` has that value, as far as nothing is drawn."""
    monkeypatch.chdir(tmp_path)  # one of them saves a file
    names: dict[str, object] = {}
    checked = 0
    for block in re.findall(
        r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    ):
        if "figure" in block:
            continue
        for line in block.splitlines():
            code, _, value = line.partition("  # ")
            if value.isdigit():
                assert eval(code, names) == int(value), line
                checked += 1
            else:
                exec(code, names)
    assert checked >= 3


def test_a_block_that_is_not_real_output_is_found() -> None:
    """The comparison sees a changed digit."""
    block = "```console\n$ cnncost --version\ncnncost 9.9.9\n```\n"
    assert with_real_output(block) != block


def test_ci_runs_the_readme_s_test_command() -> None:
    """`.ci/run` runs the second command of the README, to the letter."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"```sh\n(.*?)\n```", readme)
    assert len(commands) == 2
    assert commands[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_names_every_command(command: str) -> None:
    """A command that the README does not show is not found by anyone."""
    assert names(command, (ROOT / "README.md").read_text(encoding="utf-8"))


def names(command: str, text: str) -> bool:
    """Whether a text names a command, as a whole word."""
    return re.search(rf"\bcnncost {command}(?![\w-])", text) is not None


def test_a_longer_name_is_another_command() -> None:
    """`cnncost layers` does not name the command `layer`."""
    assert names("layer", "use `cnncost layer` for that")
    assert not names("layer", "use `cnncost layers` for that")
