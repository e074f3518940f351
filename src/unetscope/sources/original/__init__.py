"""Configs of models' original code as sources: CompVis' and Stability's YAML, the JSON of Wan and of Black
Forest Labs. Classes that they name (`target:`) are compared as text, never imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from unetscope.checkpoint import Facts


@dataclass(frozen=True, slots=True)
class Translated:
    """An original config in diffusers' keys, with `_class_name`; `warnings` say what it leaves open and which
    of its keys are not understood."""

    config: dict[str, Any]
    facts: Facts = field(default_factory=Facts)
    warnings: tuple[str, ...] = ()


def from_yaml(data: bytes, name: str) -> Translated | None:
    """The network of a YAML config that names classes of CompVis' or Stability's code; None for any other
    text. Raises SourceError for YAML that is damaged or hostile, ConfigError for another network."""
    from unetscope.sources.original import unets, yaml_text

    return unets.translated(yaml_text.parse(data, name)) if yaml_text.is_original(data) else None


def from_json(config: Mapping[str, Any]) -> Translated | None:
    """The network of a JSON config of Wan's or Black Forest Labs' code; None for any other config."""
    from unetscope.sources.original import transformers

    return transformers.translated(config)
