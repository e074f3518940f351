"""Live modules and pipelines as sources: what counts as one, and how it is traced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from unetscope.api.loading.asked_sizes import of_image
from unetscope.errors import SourceError
from unetscope.model import Architecture
from unetscope.sizes import Asked, Size, sized
from unetscope.words.messages import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import TypeIs


class Modules(Protocol):
    """A live module of torch's."""

    def named_modules(self) -> Any: ...


class LivePipeline(Protocol):
    """A pipeline of diffusers', which holds live modules."""

    @property
    def components(self) -> Any: ...


def is_live(source: object) -> TypeIs[Modules | LivePipeline]:
    """Whether a source is a module in memory, or a pipeline that holds some."""
    return hasattr(source, "named_modules") or hasattr(source, "components")


def refuse_class(source: object) -> None:
    """Raise SourceError for a class of modules in place of one of them."""
    if isinstance(source, type) and is_live(source):
        name = printable(source.__name__)
        raise SourceError(f"{name} is a class, and no module yet", hint=f"make one: load({name}(...))")


def is_of_known_class(module: Any) -> bool:
    """Whether a live module is of a class of diffusers whose inputs we know."""
    from unetscope.tracing import is_known

    return is_known(module)


def of_known_class(module: Any, size: Size | Asked, overrides: Mapping[str, Any] | None) -> Architecture:
    """The architecture of a live module whose config says what it is. Raises SourceError for overrides."""
    from unetscope.tracing import spec_of_module, trace_module

    if overrides:
        raise SourceError(
            "a live module cannot be overridden", hint="give its config instead: dict(module.config)"
        )
    return trace_module(module, sized(of_image(spec_of_module(module), size), None))


def of_any_class(
    module: Any, size: Size | Asked, overrides: Mapping[str, Any] | None, inputs: Any
) -> Architecture:
    """The architecture of a live module of any class. Raises SourceError for overrides."""
    from unetscope.tracing import trace_any

    if overrides:
        raise SourceError("a live module cannot be overridden", hint="build it with other arguments")
    asks = sized(size, None)
    sides = asks.named | (dict(zip(("height", "width"), asks.pixels, strict=True)) if asks.pixels else {})
    return trace_any(module, inputs, dtype=asks.dtype, sides=sides, batch=asks.batch)
