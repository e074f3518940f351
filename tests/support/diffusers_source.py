"""What the installed diffusers' own source says of its classes, read and not run.

`python tests/list_diffusers_classes.py` writes the list that ships.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from support.places import ROOT

SHIPPED = ROOT / "src" / "unetscope" / "families" / "diffusers_classes.tsv"


def listing() -> str:
    """One line a class that a config.json can name: class, module below diffusers, keys of its config."""
    rows = sorted(_rows())
    lines = ["\t".join((name, module, " ".join(keys))) for name, module, keys in rows]
    head = (
        f"# Network classes of diffusers {metadata.version('diffusers')} (Apache-2.0), read from its source: "
        "class, module, the arguments of __init__, which are the keys of its config.json\n"
    )
    return head + "\n".join(lines) + "\n"


def _rows() -> Iterator[tuple[str, str, list[str]]]:
    found = {name: (module, node) for name, module, node in _classes()}
    for name, (module, _) in found.items():
        if {"ModelMixin", "ConfigMixin"} <= set(_bases(name, found)):
            yield name, module, _keys(name, found)


def _classes() -> Iterator[tuple[str, str, ast.ClassDef]]:
    """All classes, without those that only stand at an old place under the name of their base."""
    root = Path(importlib.util.find_spec("diffusers").submodule_search_locations[0])
    for path in sorted(root.rglob("*.py")):
        module = ".".join(path.relative_to(root).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            moved = isinstance(node, ast.ClassDef) and node.name in map(ast.unparse, node.bases)
            if isinstance(node, ast.ClassDef) and not moved and not module.startswith("utils.dummy"):
                yield node.name, module, node


def _bases(name: str, found: dict[str, tuple[str, ast.ClassDef]]) -> Iterator[str]:
    for base in map(ast.unparse, found[name][1].bases if name in found else ()):
        yield base
        yield from _bases(base, found)


def _keys(name: str, found: dict[str, tuple[str, ast.ClassDef]]) -> list[str]:
    for owner in (name, *_bases(name, found)):
        for node in found[owner][1].body if owner in found else ():
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                return [argument.arg for argument in (*node.args.args[1:], *node.args.kwonlyargs)]
    return []
