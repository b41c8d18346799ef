"""Values, names and module paths as Python source."""

from __future__ import annotations

import re
from collections.abc import Container
from keyword import iskeyword
from typing import Any

from cnncost.convert.source.units import MODULE_NAMES, Path


def literal(value: Any) -> str:
    """A value in Python."""
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(literal, value))}{',' * (len(value) == 1)})"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return repr(value)


def is_attribute(name: str) -> bool:
    """Whether a part of a module can be called as `self.name`."""
    return name.isidentifier() and not iskeyword(name) and name not in MODULE_NAMES


def getting(path: Path, lists: frozenset[Path] = frozenset()) -> str:
    """The code for a module inside `self`; numbers are indices in `lists`."""
    code = "self"
    for end, name in enumerate(path):
        if path[:end] in lists:
            code += f"[{name}]"
        elif is_attribute(name):
            code += f".{name}"
        elif name in MODULE_NAMES:
            code += f'._modules["{name}"]'
        else:
            code = f'getattr({code}, "{name}")'
    return code


def setting(path: Path, module: str) -> str:
    """The code that puts a module there."""
    owner, name = getting(path[:-1]), path[-1]
    if is_attribute(name):
        return f"{owner}.{name} = {module}"
    if name in MODULE_NAMES:
        return f'{owner}._modules["{name}"] = {module}'
    return f'{owner}.add_module("{name}", {module})'


def class_name(name: str) -> str:
    """A name for a class: `ConvBn` for `conv_bn`."""
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", name) if part]
    camel = "".join(part[0].upper() + part[1:] for part in parts) or "Block"
    camel = re.sub(r"(?<=[a-z])net(?![a-z])", "Net", camel)
    return f"Net{camel}" if camel[0].isdigit() or iskeyword(camel) else camel


def variable(name: str) -> str:
    """A name for a variable."""
    word = re.sub(r"\W", "_", name).strip("_").lower() or "y"
    return (
        f"x{word}" if word[0].isdigit() else word + "_" * (iskeyword(word) or word in ("torch", "nn", "math"))
    )


def free(name: str, taken: Container[str]) -> str:
    """A name that is not taken."""
    number, found = 2, name
    while found in taken:
        number, found = number + 1, f"{name}{number}"
    return found
