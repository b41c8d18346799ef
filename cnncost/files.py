"""Writing a file whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).parent
"""The folder of the installed package; in a checkout, specs and reports are next to it."""


def replace_file(target: Path, data: bytes) -> None:
    """Put a new file in the place of the old one, when it is complete."""
    import tempfile

    mode = target.stat().st_mode & 0o7777 if os.path.exists(target) else 0o666 & ~current_umask()
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except OSError:
        os.unlink(temporary)
        raise


def current_umask() -> int:
    """The permissions that new files lack."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
