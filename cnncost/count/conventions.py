"""The conventions by name, and the door for those of others."""

from __future__ import annotations

import os

from cnncost.count.common import COMMON
from cnncost.count.convention import Convention
from cnncost.errors import CnncostError, NameUnknown, did_you_mean, shown

CONVENTIONS: dict[str, Convention] = {convention.name: convention for convention in COMMON}

BUILT_IN = frozenset(CONVENTIONS)


def register_convention(convention: Convention | str | os.PathLike[str]) -> Convention:
    """Make a convention of your own known by its name; a path is that of a YAML file.

    Raises:
        CnncostError: a file that cannot be used, or the name of one of cnncost's own.
    """
    if not isinstance(convention, (Convention, str, os.PathLike)):
        raise CnncostError(f"give a Convention or the path of a YAML file, not {shown(convention)}")
    if not isinstance(convention, Convention):
        from cnncost.count.convention_file import read_convention

        convention = read_convention(convention, CONVENTIONS, BUILT_IN)
    if convention.name in BUILT_IN and convention != CONVENTIONS[convention.name]:
        raise CnncostError(f"cnncost has a convention `{convention.name}` of its own; choose another name")
    CONVENTIONS[convention.name] = convention
    return convention


def convention_named(name: str | os.PathLike[str] | Convention) -> Convention:
    """The convention of this name, or that of a YAML file, which is then known by its own name.

    Raises:
        NameUnknown: there is none; the nearest is named.
        CnncostError: the file cannot be used.
    """
    if isinstance(name, Convention):
        return name
    if isinstance(name, os.PathLike):
        return register_convention(name)
    if not isinstance(name, str):
        raise CnncostError(f"a convention is a name, a YAML file or a Convention, not {shown(name)}")
    if name.endswith((".yaml", ".yml")):
        return register_convention(name)
    if name in CONVENTIONS:
        return CONVENTIONS[name]
    from cnncost.count.tools import TOOLS  # only where one is asked for: it is a long table

    if name not in TOOLS:
        hint = did_you_mean(name, [*CONVENTIONS, *TOOLS])
        known = f"{', '.join(CONVENTIONS)}, and the tools that `cnncost reconcile` lists"
        raise NameUnknown(f"no convention `{name}`{hint}; there are {known}")
    return TOOLS[name]
