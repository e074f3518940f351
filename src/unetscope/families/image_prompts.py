"""IP-Adapters: which module projects image prompts, and how to call a network that has some."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from unetscope.sizes import Shape

_LAYERS = "image_projection_layers"
"""The list of projections, one for each adapter, in diffusers' MultiIPAdapterImageProjection."""
PROCESSORS = ".processor."
"""Part of the path of the keys and values that an adapter adds to those of the text."""
_PATCHES = 257
"""Tokens of a CLIP ViT-H or ViT-bigG image, the class token among them."""

EMBEDDINGS: dict[str, Callable[[Any], Shape]] = {
    "ImageProjection": lambda module: (module.image_embeds.in_features,),
    "IPAdapterFullImageProjection": lambda module: (_PATCHES, module.ff.net[0].proj.in_features),
    "IPAdapterFaceIDImageProjection": lambda module: (module.ff.net[0].proj.in_features,),
    "IPAdapterPlusImageProjection": lambda module: (_PATCHES, module.proj_in.in_features),
}
"""Shape of the embedding of one image by the class that projects it, as the image encoder gives it."""


@dataclass(frozen=True, slots=True)
class ImagePrompts:
    """How a class takes image prompts: the module that projects them, and the argument for a list of
    embeddings, one for each adapter."""

    module: str
    argument: str

    def projections(self, network: Any) -> tuple[Any, ...]:
        """The module that projects the image of each adapter; empty without adapters."""
        return tuple(getattr(getattr(network, self.module, None), _LAYERS, ()))

    def holds(self, name: str) -> bool:
        """Whether a tensor is part of an adapter."""
        return PROCESSORS in name or name.startswith(f"{self.module}.")
