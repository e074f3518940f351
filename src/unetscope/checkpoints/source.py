"""A file of weights as a source: the config that its tensors tell, as a Spec to build.

What shapes leave open (heads, activations, sizes) is that of the nearest bundled model, and said.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from unetscope import files, zoo
from unetscope.checkpoint import Facts
from unetscope.checkpoints import containers
from unetscope.checkpoints.answer import Answer, Component
from unetscope.checkpoints.identify import identify
from unetscope.errors import SourceError
from unetscope.spec import Spec
from unetscope.words.messages import printable

_KINDS = ("denoiser", "ControlNet", "VAE")
_HEAD = 64
"""Channels of a head in Stable Diffusion 2 and SDXL."""


def spec(path: Path, name: str) -> Spec:
    """The network that a file of weights holds, to be built.

    Raises SourceError where the file cannot be read, holds no network by itself, or one whose config its
    header does not tell.
    """
    answer = identify(containers.read(path))
    part = next((component for component in answer.components if component.kind in _KINDS), None)
    fitting = [near for near in answer.near if not near.differences]
    if part is None or not part.class_name or not (part.config or fitting):
        raise SourceError(_refusal(answer, part), hint=_advice(answer, part))
    if len(fitting) > 1 or (not fitting and not _is_shaped(part)):
        raise SourceError(
            f"{answer.listing.name} does not give the shapes that would tell which {answer.title} it is",
            hint="give the config.json beside it; of an index, put the shards beside it",
        )
    config, lines, facts = _config(answer, part)
    lines += [line for line in answer.warnings if not line.startswith("metadata")]
    warnings = tuple(f"{printable(path.name)}: {line}" for line in lines)
    title = f"{printable(path.stem, limit=60)} ({answer.title})"
    return Spec(files.slug(path.stem), title, name, part.class_name, config, facts, warnings, weights=path,
                same_as=fitting[0].id if fitting else "")  # fmt: skip


def _is_shaped(component: Component) -> bool:
    """Whether the shapes of most tensors are known, so that the config can rest on them."""
    return 2 * sum(shape is None for shape in component.names.values()) < len(component.names)


def _refusal(answer: Answer, component: Component | None) -> str:
    name = answer.listing.name
    if component is not None:
        return f"{name} is {answer.title} ({component.naming}), whose config is not read off its tensors"
    if answer.kind == "unknown":
        return f"{name} holds no network known here: {answer.why[0]}"
    return f"{name} is not a network by itself: {answer.title} ({answer.kind})"


def _advice(answer: Answer, component: Component | None) -> str:
    if component is not None:
        return "give the config.json of its diffusers version"
    if answer.adapter:
        return f"see whether it fits its base: unetscope check {answer.listing.name} BASE"
    return f"see what is known of it: unetscope identify {answer.listing.name}"


def _config(answer: Answer, component: Component) -> tuple[dict[str, Any], list[str], Facts]:
    """The whole config, lines on what was taken from elsewhere, and facts of the model it is."""
    near = next(iter(answer.near), None)
    if near is None or (near.differences and not component.class_name.startswith("UNet2D")):
        return (
            dict(component.config),
            ["config read off its tensors; what shapes do not tell is diffusers' default"],
            Facts(),
        )
    known = zoo.spec(near.id)
    facts = replace(
        Facts(), latent=known.facts.latent, vae_factor=known.facts.vae_factor, tokens=known.facts.tokens
    )
    if not near.differences:
        facts = replace(facts, input_channels=known.facts.input_channels)
        return known.config, [f"heads and sizes, which shapes do not tell, are those of {near.id}"], facts
    config = known.config | {
        key: value for key, value in component.config.items() if key in _differing(answer)
    }
    config = _with_heads(config | _structure(component), known.config)
    changed = ", ".join(difference.field for difference in near.differences)
    return config, [f"nearest to {near.id}, but for {changed}; heads and sizes are taken from it"], facts


def _differing(answer: Answer) -> set[str]:
    return {difference.field for difference in answer.near[0].differences}


def _structure(component: Component) -> dict[str, Any]:
    """Fields that belong together: if one differs, all come from the file."""
    names = ("block_out_channels", "down_block_types", "up_block_types", "layers_per_block",
             "transformer_layers_per_block", "reverse_transformer_layers_per_block")  # fmt: skip
    return {name: component.config.get(name) for name in names if name in component.config}


def _with_heads(config: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """A list of heads for as many levels as there are."""
    heads, widths = known.get("attention_head_dim"), config.get("block_out_channels") or []
    if isinstance(heads, list) and len(heads) != len(widths):
        config["attention_head_dim"] = [max(1, width // _HEAD) for width in widths]
    return config
