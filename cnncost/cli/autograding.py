"""What the autograder's `run_autograder` runs: marks one submission, and always writes a result.

`python -m cnncost.cli.autograding ROOT`, with `ROOT/source`, `ROOT/submission` and `ROOT/results` as
Gradescope lays them out. It is no command of `cnncost`.
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path
from typing import Any

from cnncost.cli import options
from cnncost.cli.check import Marker
from cnncost.errors import CnncostError
from cnncost.homework.make.bundle import SETTINGS
from cnncost.homework.mark.grading import single
from cnncost.views import gradescope

BROKEN = "The autograder itself failed; nothing is wrong with your answers. Please tell your instructor."


def main() -> None:
    """Mark the submission below the root that is given."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else "/autograder")
    result = result_of(root)
    (root / "results").mkdir(exist_ok=True)
    options.write(gradescope.render(result), root / "results" / "results.json")


def result_of(root: Path) -> dict[str, Any]:
    """The result of a submission, or of one that could not be read; a fault of ours is said to be ours."""
    try:
        settings = json.loads((root / "source" / SETTINGS).read_text(encoding="utf-8"))
        return marked(root, settings)
    except CnncostError as error:
        return gradescope.failure(str(error))
    except Exception:
        traceback.print_exc()  # to the log that the instructor sees
        return gradescope.failure(BROKEN)


def marked(root: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """The result of marking the submission's only file of answers."""
    source = root / "source"

    def file(name: str) -> Path | None:
        return source / settings[name] if settings[name] else None

    answers, problem = single(root / "submission")
    if problem:
        raise CnncostError(f"Your submission cannot be marked: {problem}.")
    network = (
        str(source / settings["spec"]) + settings["variant"] if settings["spec"] else settings["network"]
    )
    marker = Marker(
        network,
        file("rubric"),
        file("sheet"),
        settings["tolerance"],
        settings["convention"],
        settings["follow"],
    )
    done = marker.mark(answers, settings["input"], settings["set"], settings["hints"])
    return gradescope.results(done, settings["hints"], settings["visibility"])


if __name__ == "__main__":
    main()
