"""The program in a Gradescope autograder: it marks one submission and always writes a result.

`run_autograder` calls `python -m cnncost.cli.autograding ROOT`, with `ROOT/source`, `ROOT/submission` and
`ROOT/results` as Gradescope lays them out. It is not a command of `cnncost`.
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path
from typing import Any

from cnncost.cli import options
from cnncost.cli.check import parse_tolerance
from cnncost.errors import CnncostError
from cnncost.homework.make import SETTINGS
from cnncost.homework.mark import check, only_file, own_task, student_of
from cnncost.views import gradescope

BROKEN = "The autograder failed; this is not a mistake in your answers. Please contact your instructor."


def main() -> None:
    """Mark the submission in the folder that is given."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else "/autograder")
    (root / "results").mkdir(exist_ok=True)
    options.write(gradescope.results_text(submission_results(root)), root / "results" / "results.json")


def submission_results(root: Path) -> dict[str, Any]:
    """The results of the submission, or why it cannot be marked."""
    try:
        settings = json.loads((root / "source" / SETTINGS).read_text(encoding="utf-8"))
        answers, problem = only_file(root / "submission")
        if problem:
            raise CnncostError(f"Your submission cannot be marked: {problem}.")
        return mark_file(root, answers, settings)
    except CnncostError as error:
        return gradescope.failure(str(error))
    except Exception:
        traceback.print_exc()  # to the log, which the instructor sees
        return gradescope.failure(BROKEN)


def mark_file(root: Path, answers: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """The results of a file of answers, marked as the settings say."""
    source = root / "source"
    files = {key: source / name for key, name in settings["files"].items()}
    if keys := settings.get("keys"):
        how = {name: settings[name] for name in ("convention", "follow")}
        student = student_of(source / keys, submitters(root / "submission_metadata.json"))
        tolerance = parse_tolerance(settings["tolerance"])
        task = own_task(source / keys, student.file, rubric=files.get("rubric"), tolerance=tolerance, **how)
        done = task.check(answers, settings["hints"] != "none")
        return gradescope.gradescope_results(done, settings["hints"], settings["visibility"])
    network = f"{files['spec']}{settings['variant']}" if "spec" in files else settings["network"]
    done = check(
        network,
        answers,
        explain=settings["hints"] != "none",
        rubric=files.get("rubric"),
        worksheet=files.get("worksheet"),
        tolerance=parse_tolerance(settings["tolerance"]),
        convention=settings["convention"],
        follow=settings["follow"],
        input=options.parse_input(settings["input"]),
        params=options.parse_params(settings["set"]),
    )
    return gradescope.gradescope_results(done, settings["hints"], settings["visibility"])


def submitters(path: Path) -> list[tuple[str, ...]]:
    """The name, id and e-mail address of everyone who handed in, as Gradescope lists them."""
    users = json.loads(path.read_text(encoding="utf-8")).get("users", [])
    return [tuple(str(user[key]) for key in ("name", "sid", "email") if user.get(key)) for user in users]


if __name__ == "__main__":
    main()
