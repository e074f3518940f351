"""From what the user names to a Spec or a saved Architecture: preset, config, folder, saved JSON, Hub.

Never builds a network and never loads torch.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from unetscope import codec, files, zoo
from unetscope.checkpoint import Facts
from unetscope.errors import ConfigError, SourceError, TraceError
from unetscope.families import check
from unetscope.model import Architecture
from unetscope.sizes import Size
from unetscope.sources import classes, folder, hub, original, parsing, reading
from unetscope.sources.overrides import override, parse_setting
from unetscope.spec import Spec
from unetscope.words.messages import listed, printable
from unetscope.zoo import world_unets

__all__ = ["parse_setting", "resolve", "spec_of"]

_GZIP = b"\x1f\x8b"
_SEE_LIST = "see the presets with: unetscope list"


def resolve(
    source: str | os.PathLike[str] | Mapping[str, Any] | Architecture | Spec,
    *,
    overrides: Mapping[str, Any] | None = None,
    strict: bool = False,
) -> Spec | Architecture:
    """The network that a source names, its config checked.

    `source` is a preset id or alias, the name of a U-Net of another package, a config.json, a diffusers model
    folder, an architecture that we saved or that is at hand, "-" for either kind of JSON on standard input, a
    config as a mapping, or a Spec. What is bundled wins over a file of the same name unless the name has a
    separator or ends in .json. A saved architecture comes back as it is, or as a Spec if `overrides` change
    its config. Of what is neither, but looks like `org/repo[@revision][:subfolder][#variant]`, the Hub is
    asked. `strict` turns warnings into errors.

    Raises SourceError if we cannot find or read the source, ConfigError if it cannot describe a network.
    """
    preset = _preset(source)
    network = preset or _world_unet(source) or _read(source)
    if isinstance(network, Architecture):
        if not overrides:
            return network
        network = spec_of(network)
    if overrides:
        network = override(network, overrides)
    if strict and network.warnings:
        raise ConfigError(network.warnings[0], hint="an error because of --strict")
    if network is not preset:  # the bundled ones are known to pass
        check(network.class_name, network.config)
    return network


def _preset(source: object) -> Spec | None:
    """The bundled network that a name means; None for any other source, a path comes before an alias."""
    known = zoo.find(source) if isinstance(source, str) else None
    if not isinstance(source, str) or known not in zoo.ids():
        return None
    path_first = source not in zoo.ids() and reading.exists(Path(source))
    return None if path_first else replace(zoo.spec(known), source=source)


def _world_unet(source: object) -> Architecture | None:
    """The bundled U-Net of another package that a name means; None for any other source."""
    name = source.casefold() if isinstance(source, str) else ""
    if name not in world_unets.table():
        return None
    return codec.rename(world_unets.named(codec.loads(world_unets.packed(name)), name), source=str(source))


def _read(source: str | os.PathLike[str] | Mapping[str, Any] | Architecture | Spec) -> Spec | Architecture:
    """Any other source than a bundled network."""
    if isinstance(source, Architecture | Spec):
        return source
    return _from_mapping(source) if isinstance(source, Mapping) else _from_name(source)


def _from_name(source: str | os.PathLike[str]) -> Spec | Architecture:
    """A source given by name or path."""
    try:
        name = os.fsdecode(os.fspath(source))
    except TypeError as error:
        kind = printable(type(source).__name__)
        raise SourceError(
            f"a {kind} is not a source of a network",
            hint="give a preset, a path, a config as a dict, or a diffusers module or pipeline",
        ) from error
    if name == reading.STDIN and isinstance(source, str):
        return _from_bytes(reading.read_stdin(), Path("stdin"), name)
    path, known = Path(name), zoo.find(name)
    if name and reading.exists(path):
        return _from_path(path, printable(name, limit=1000))
    if known in zoo.unpublished():
        raise SourceError(
            f"{zoo.preset(known).title} has no network to look at: {zoo.preset(known).unpublished}",
            hint=f"what is known of it: unetscope show {known}",
        )
    on_hub = hub.place(source)
    if on_hub is not None:
        return hub.with_origin(_from_path(on_hub, printable(name, limit=1000)), on_hub)
    raise _not_found(name)


def _not_found(name: str) -> SourceError:
    """The error for a name that nothing has, with the nearest of those that are bundled."""
    close = zoo.nearest(name, beside=world_unets.table())
    if reading.looks_like_path(name):
        message = f"no such file or folder: {printable(name, limit=200)}"
    else:
        message = f'no preset, file or folder is called "{printable(name, limit=100)}"'
    hint = f"did you mean {' or '.join(close)}?" if close else _SEE_LIST
    if ".py:" in name:
        hint = "code is not run here: keep it with unetscope trace; in Python, give the module"
    return SourceError(message, hint=hint)


def _from_path(path: Path, name: str) -> Spec | Architecture:
    """A source that exists on disk: a model folder or a file."""
    if os.path.isdir(path):
        config = folder.config_in(path)
        return _from_bytes(reading.read(config), config, name)
    return _from_bytes(reading.read(path), path, name)


def _from_bytes(data: bytes, path: Path, name: str) -> Spec | Architecture:
    """A config or a saved architecture, whichever the bytes hold."""
    shown_name = "standard input" if name == reading.STDIN else printable(path.name, limit=100)
    if data.startswith(_GZIP) or _is_saved(data):
        return codec.rename(codec.loads(data.removeprefix(codecs.BOM_UTF8)), source=name)
    translated = original.from_yaml(data, shown_name)
    config = translated.config if translated else parsing.parse(data, name=shown_name)
    translated = translated or (original.from_json(config) if isinstance(config, dict) else None)
    if translated:
        return _translated(translated, folder.id_of(path), name)
    if not isinstance(config, dict):
        raise SourceError(
            f"{shown_name} holds no JSON object",
            hint="a diffusers config.json is one object with the keys of the network",
        )
    facts, warnings = folder.facts_beside(path) if name != reading.STDIN else (Facts(), [])
    spec = _from_config(config, id=folder.id_of(path), source=name)
    facts = replace(facts, unread=spec.facts.unread)
    weights = folder.weights_beside(path) if name != reading.STDIN else None
    return replace(spec, facts=facts, warnings=spec.warnings + tuple(warnings), weights=weights)


def _translated(translated: original.Translated, id: str, source: str) -> Spec:
    """The spec of a config of a model's original code."""
    spec = _from_config(translated.config, id=id, source=source)
    return replace(spec, facts=translated.facts, warnings=(*spec.warnings, *translated.warnings))


def _is_saved(data: bytes) -> bool:
    """Whether JSON is an architecture that we saved, by its first and last keys."""
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n{")
    return start.startswith(b'"id"') and b'"schema_version"' in data[-64:]


def _from_mapping(config: Mapping[str, Any]) -> Spec:
    """A config given in Python. Raises SourceError for a state dict, which holds weights and no config."""
    weights = next((value for value in (config, *config.values()) if _is_state_dict(value)), None)
    if weights is not None:
        raise SourceError(
            f"a state dict of {len(weights)} tensors does not tell how they are connected",
            hint="give the module that it belongs to, or that module's config",
        )
    plain = parsing.plain(config, name="the config")
    translated = original.from_json(plain)
    return (
        _translated(translated, "", "config") if translated else _from_config(plain, id="", source="config")
    )


def _is_state_dict(value: object) -> bool:
    """Whether a mapping holds tensors."""
    return isinstance(value, Mapping) and any(hasattr(entry, "untyped_storage") for entry in value.values())


def _from_config(config: dict[str, Any], *, id: str, source: str) -> Spec:
    """A spec from a config's own keys, with warnings about what does not fit."""
    class_name, warnings = classes.class_of(config)
    unread = classes.ignored(class_name, config)
    if unread:
        noun = "config keys" if len(unread) > 1 else "config key"
        warnings.append(f"{class_name} ignores {len(unread)} {noun}: {listed(unread, limit=12)}")
    own = {key: value for key, value in config.items() if not key.startswith("_")}
    set_aside = (config.keys() - own.keys() - {"_class_name"}) | set(unread)
    aside = {key: value for key, value in config.items() if key in set_aside}
    name = id or files.slug(class_name.lower())
    return Spec(name, name, source, class_name, own, Facts(unread=aside), tuple(warnings))


def spec_of(architecture: Architecture) -> Spec:
    """The spec of a saved architecture, so that it can be built again.

    Raises ConfigError if we cannot build its class or its config, TraceError if its config does not make
    the network that was traced.
    """
    if not architecture.described:
        raise TraceError(
            "traced from a live module that its config does not describe, so it cannot be built again",
            hint="trace or sweep the module itself (MODEL.py:NAME) at the size wanted",
        )
    classes.class_of({"_class_name": architecture.class_name})
    spec = Spec(
        id=files.slug(architecture.id).removesuffix(f"-{architecture.part}"),
        title=architecture.title.removesuffix(f", {architecture.part}"),
        source=architecture.source,
        class_name=architecture.class_name,
        config=parsing.plain(architecture.config, name="the saved config"),
        facts=architecture.facts,
        size=Size.at(architecture.basis),
        part=architecture.part,
    )
    check(spec.class_name, spec.config)
    return spec
