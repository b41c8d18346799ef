"""Code of others: layers, conventions and element types, from a file or an installed package.

Only what the caller names is loaded. A spec cannot ask for code, and an installed package is not loaded for
being installed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cnncost.errors import CnncostError, did_you_mean

GROUP = "cnncost.layers"
"""The entry point group in which a package offers its layers: `[project.entry-points."cnncost.layers"]`."""


def load_plugin(name: str) -> None:
    """Load a file `my_layers.py`, or the entry point of this name; what it defines is registered.

    Raises:
        CnncostError: there is none, or it cannot be run.
    """
    try:
        if name.endswith(".py"):
            run_file(Path(name))
        else:
            load_entry_point(name)
    except CnncostError as error:
        raise CnncostError(f"--plugin {name}: {error}") from error
    except FileNotFoundError:
        raise CnncostError(f"--plugin {name}: no such file") from None
    except Exception as error:
        cause = f"{type(error).__name__}: {error}"
        raise CnncostError(f"--plugin {name}: cannot be loaded: {cause}; --debug shows where") from error


def run_file(path: Path) -> None:
    """Run a file as a separate module, once per process: a layer cannot be defined twice."""
    from importlib.util import module_from_spec, spec_from_file_location

    name = f"plugin {path.resolve()}"
    if name in sys.modules:
        return
    found = spec_from_file_location(name, path)
    assert found is not None  # the file ends in .py
    assert found.loader is not None
    module = module_from_spec(found)
    sys.modules[name] = module
    try:
        found.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise


def load_entry_point(name: str) -> None:
    """Load what an installed package offers under a name.

    Raises:
        CnncostError: no package offers it.
    """
    from importlib.metadata import entry_points

    known = {point.name: point for point in entry_points(group=GROUP)}
    if name not in known:
        listed = f"; there are {', '.join(known)}" if known else "; no package offers one"
        hint = did_you_mean(name, known) or listed
        raise CnncostError(f"no plugin of this name{hint}. The name of a file ends in .py")
    known[name].load()
