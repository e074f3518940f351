"""Norms on the meta device, quickly: we ask torch once for the form of their results."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from unetscope.sizes import Shape

NAMES = ("native_group_norm", "native_layer_norm")
"""Operations whose meta kernel torch runs in Python, step by step: a third of a forward's time."""


def run(func: Any, args: Any) -> Any:
    """A norm's results, in the forms that torch gave them when it first saw such arguments."""
    import torch

    described = tuple(
        _TensorForm(tuple(arg.shape), arg.stride(), arg.dtype)
        if isinstance(arg, torch.Tensor)
        else tuple(arg)
        if isinstance(arg, list)
        else arg
        for arg in args
    )
    return tuple(form.made() for form in _forms(func, described))


@lru_cache(maxsize=4096)
def _forms(func: Any, described: tuple[Any, ...]) -> tuple[_TensorForm, ...]:
    results = func(*(result.made() if isinstance(result, _TensorForm) else result for result in described))
    return tuple(_TensorForm(tuple(result.shape), result.stride(), result.dtype) for result in results)


@dataclass(frozen=True, slots=True)
class _TensorForm:
    """All that tells one meta tensor with its own storage from another."""

    shape: Shape
    stride: tuple[int, ...]
    dtype: Any

    def made(self) -> Any:
        import torch

        return torch.empty_strided(self.shape, self.stride, dtype=self.dtype, device="meta")
