"""Packages that a network needs beside torch: errors name the one that is missing."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from unetscope.errors import TraceError
from unetscope.families import FAMILIES
from unetscope.words import safe


def network_class(class_name: str) -> Any:
    """The diffusers class of a family; we import only names in the families' table.

    Raises TraceError where the diffusers at hand is too old to have it.
    """
    try:
        return getattr(importlib.import_module(FAMILIES[class_name].module), class_name)
    except (ImportError, AttributeError, RuntimeError) as error:
        version = getattr(importlib.import_module("diffusers"), "__version__", "")
        raise TraceError(
            f"diffusers {version} as installed has no {class_name}: {safe.told(error)}",
            hint="install one that has it: pip install -U diffusers",
        ) from error


@contextmanager
def all_there(class_name: str) -> Iterator[None]:
    """A context for code of a class; diffusers imports some packages for it only if they are installed.

    Raises TraceError with the name of a missing package.
    """
    try:
        yield
    except UnboundLocalError:
        raise
    except (ImportError, NameError) as error:
        package = _package(class_name, error.name or "")
        raise TraceError(
            f"{class_name} needs {package or 'a package'}, which is not installed ({safe.told(error)})",
            hint=f"install it with: pip install {package}" if package else "see what diffusers says of it",
        ) from error


def _package(class_name: str, name: str) -> str:
    """The package from which a class's module imports a name; "" if no import statement has that name."""
    tree = ast.parse(inspect.getsource(importlib.import_module(FAMILIES[class_name].module)))
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module)
    sources = (
        node.module for node in imports if name in [alias.asname or alias.name for alias in node.names]
    )
    return next((str(module).partition(".")[0] for module in sources), "")
