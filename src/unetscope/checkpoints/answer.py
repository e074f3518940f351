"""What a file of weights is, as frozen plain data: each word of it with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from unetscope.checkpoints.adapters import Adapter
from unetscope.checkpoints.agreement import Agreement
from unetscope.checkpoints.listing import Listing
from unetscope.checkpoints.presets import Near
from unetscope.hooks import Shown
from unetscope.sizes import Shape

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Component:
    """One network in a file: what it is, under which prefix and naming, and why that is said.

    `names` are its tensors under their names in diffusers where those are known, else under their own;
    `foreign` those among them that no network of that kind has; `scheme` is the crosswalk that its names
    went through (`crosswalks`), `stored` how many tensors of the file they are: fewer where some are fused.
    """

    rule: str
    title: str
    kind: str
    naming: str
    prefix: str
    why: tuple[str, ...]
    names: Mapping[str, Shape | None]
    stored: int
    foreign: tuple[str, ...] = ()
    class_name: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    beside: str = ""
    scheme: str = ""

    @property
    def crossed(self) -> bool:
        """Whether its names are those of diffusers."""
        return self.naming == "diffusers" or bool(self.scheme)

    @property
    def params(self) -> int | None:
        """Elements of all its tensors; None where some shape is not known."""
        total = 0
        for shape in self.names.values():
            if shape is None:
                return None
            count = 1
            for side in shape:
                count *= side
            total += count
        return total


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """What a file could be taken for, and why it is not."""

    title: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Answer(Shown):
    """What a file is.

    `kind` is "denoiser", "full checkpoint", "LoRA", "VAE" …, or "unknown"; `title` the answer in words;
    `components` what is in it, the denoiser first; `near` the bundled models that its denoiser comes nearest
    to, best first; `against` its tensors against those of the first. `unknowable` is what a header cannot
    tell, `hints` what metadata and names say, `warnings` where they contradict the tensors or the file is
    not whole. `seen` is, for what is unknown, how the names begin.
    """

    listing: Listing
    kind: str
    title: str
    why: tuple[str, ...]
    components: tuple[Component, ...] = ()
    adapter: Adapter | None = None
    near: tuple[Near, ...] = ()
    against: Agreement | None = None
    quantised: str = ""
    runners_up: tuple[RunnerUp, ...] = ()
    unknowable: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    seen: tuple[tuple[str, int], ...] = ()
    extras: int = 0

    def __repr__(self) -> str:
        return f"Answer({self.listing.name!r}, kind={self.kind!r}, title={self.title!r})"

    @property
    def denoiser(self) -> Component | None:
        """The network that a source would be, if one is in the file: a denoiser or a ControlNet."""
        return next(
            (component for component in self.components if component.kind in ("denoiser", "ControlNet")), None
        )
