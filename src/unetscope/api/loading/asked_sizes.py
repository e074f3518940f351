"""The size that a caller asks for in words: of the image or of the input, the batch, any other axis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from unetscope import families
from unetscope.choices import DtypeName, check
from unetscope.errors import ConfigError
from unetscope.limits import MAX_LATENT
from unetscope.model import Architecture
from unetscope.sizes import Asked, Size
from unetscope.spec import Spec
from unetscope.words.messages import printable, shown

Extent: TypeAlias = "int | tuple[int, int]"
"""Height and width, or one number for a square."""


def asked(
    size: Extent | Size | Asked | None = None,
    *,
    latent: Extent | None = None,
    axes: Mapping[str, int | None] | None = None,
    **named: Any,
) -> Size | Asked:
    """All that is asked for of a size; `size` as a number or a pair is the image's, in pixels.

    `named` are batch, dtype, tokens and frames; what is None is not asked for. Raises ConfigError where
    the input and the image are both given, and for what is not a size.
    """
    if isinstance(size, Size):
        if latent or axes or any(value is not None for value in named.values()):
            raise ConfigError("a Size is whole by itself", hint="name the other sizes in it: Size.of(...)")
        return size
    check("dtype", named.get("dtype"), DtypeName)
    wanted = dict(size) if isinstance(size, Mapping) else {"pixels": extent(size)}
    wanted |= {"latent": extent(latent)} if latent is not None else {}
    wanted |= {name: value for name, value in {**named, **(axes or {})}.items() if value is not None}
    if wanted.get("latent") and wanted.get("pixels"):
        raise ConfigError("latent and size exclude each other", hint="give the latent or the image")
    return wanted


def extent(value: Extent | None) -> tuple[int, int] | None:
    """Height and width. Raises ConfigError for anything but one or two sides within limits."""
    if value is None:
        return None
    sides = (value, value) if isinstance(value, int) else value
    if not isinstance(sides, tuple | list) or len(sides) != 2 or not all(map(_is_side, sides)):
        raise ConfigError(
            f"{shown(value)} is not a size",
            hint=f"height and width, each 1 to {MAX_LATENT}: (512, 768), or 512",
        )
    return sides[0], sides[1]


def refuse_axes(network: Architecture, wanted: Iterable[str]) -> None:
    """Raise ConfigError for a size asked for that the network has no axis for; other names pass."""
    sides = dict.fromkeys(("latent", "pixels"), ("height", "width"))
    axes = [axis for name in wanted if name not in ("batch", "dtype") for axis in sides.get(name, (name,))]
    if odd := next((axis for axis in axes if axis not in network.basis.axes), None):
        known = ", ".join(map(printable, network.basis.axes)) or "none"
        raise ConfigError(f"{network.title} has no axis {shown(odd)}", hint=f"its axes: {known}")


def of_image(network: Spec | Architecture, size: Size | Asked) -> Size | Asked:
    """A size asked for by the latent that an autoencoder makes, as that of its image; any other as it is."""
    if isinstance(size, Size) or not size.get("latent"):
        return size
    try:
        cell = families.cell(network.class_name, network.config)
    except ConfigError:  # the config leaves out a field for which its class has a default
        cell = families.cell(network.class_name, _completed(network))
    if cell is None:
        return size
    height, width = size["latent"]
    return {**size, "latent": None, "pixels": (height * cell[0], width * cell[1])}


def _completed(network: Spec | Architecture) -> dict[str, Any]:
    """A config with what its class takes for the fields that it leaves out."""
    from unetscope.tracing import build

    build.require_torch()
    return build.defaults(network.class_name) | dict(network.config)


def names(size: Size | Asked) -> list[str]:
    """The names asked for of a size; a whole Size, which may be that of another network, has none."""
    return [] if isinstance(size, Size) else [name for name, value in size.items() if value]


def _is_side(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_LATENT
