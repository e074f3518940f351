"""Paths of modules and names of tensors, as torch writes them: names joined by dots."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass


def parent(path: str) -> str:
    """The path one level up; "" for a top-level module."""
    return path.rpartition(".")[0]


def is_within(path: str, root: str) -> bool:
    """Whether `path` is `root` or lies below it."""
    return not root or path == root or path.startswith(root + ".")


def within(path: str, roots: Container[str]) -> str | None:
    """The nearest of some paths that `path` is or lies below; None where it lies below none."""
    while path and path not in roots:
        path = parent(path)
    return path or None


def leaf(name: str) -> str:
    """What a tensor's module is called below its numbered parents: "attn2.to_k"."""
    parts = name.split(".")[:-1] or [name]
    numbers = [index for index, part in enumerate(parts) if part.isdecimal() and index < len(parts) - 1]
    return ".".join(parts[numbers[-1] + 1 :] if numbers else parts)


@dataclass(frozen=True, slots=True)
class OtherNames:
    """What modules are called in another `naming`, by their paths."""

    naming: str
    by_path: Mapping[str, str]


def in_list(path: str) -> tuple[str, str, str]:
    """A path around its last number: what stands before it, the number, what follows; no number is "".

    "layers.3.attn" is "layers.", "3", ".attn".
    """
    names = path.split(".")
    at = next((index for index in reversed(range(len(names))) if names[index].isdecimal()), None)
    if at is None:
        return path, "", ""
    before, after = ".".join([*names[:at], ""]), ".".join(["", *names[at + 1 :]])
    return before, names[at], after
