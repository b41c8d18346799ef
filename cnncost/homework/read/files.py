"""Files that others hand in, read within bounds."""

from __future__ import annotations

import os
from dataclasses import dataclass

from cnncost.errors import CnncostError


@dataclass(frozen=True)
class Expected:
    """What a file should be: ``a roster``, that is ``a class list`` of so many bytes at most."""

    what: str
    content: str
    most: int
    error: type[CnncostError] = CnncostError


def read_bounded(path: str | os.PathLike[str], shown: str, expected: Expected) -> bytes:
    """A file's bytes, if they are not too many; `shown` names it in errors.

    Raises:
        CnncostError: it cannot be read, is no ordinary file, or is too large.
    """
    try:
        if not os.path.isfile(path):
            raise expected.error(f"{shown}: {instead(path, expected.what)}")
        with open(path, "rb") as stream:
            data = stream.read(expected.most + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise expected.error(f"{shown}: cannot be read: {reason}") from None
    if len(data) > expected.most:
        raise expected.error(
            f"{shown}: larger than {expected.most:,} bytes: no {expected.content} needs that"
        )
    return data


def instead(path: str | os.PathLike[str], what: str) -> str:
    """What is there where a file should be."""
    if os.path.isdir(path):
        return f"a folder, not {what}"
    return f"a device or a pipe, not {what}" if os.path.exists(path) else "no such file"
