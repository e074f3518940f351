"""Instantiates networks on torch's meta device."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from unetscope.errors import ConfigError, TraceError
from unetscope.families import FAMILIES
from unetscope.families.module_names import DUAL
from unetscope.families.signature_fields import check_fields
from unetscope.hooks import tell
from unetscope.tracing.build import growth, signature
from unetscope.tracing.build.packages import all_there, network_class
from unetscope.words import safe


def require_torch(packages: Sequence[str] = ("torch", "diffusers")) -> None:
    """Raise TraceError where torch, or diffusers where it is asked for too, is not installed."""
    for package in packages:
        if package not in sys.modules:
            tell(f"importing {package}")
        try:
            importlib.import_module(package)
        except ImportError as error:
            raise TraceError(
                f"{package} is needed to trace a network that is not bundled or cached ({error})",
                hint="install it with: pip install torch diffusers",
            ) from error


def split_config(
    class_name: str, config: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]:
    """The complete config from which diffusers builds, the keys that it ignores, and those that it fills in.

    Raises ConfigError for a value that the field of a class without a table of keys cannot take.
    """
    if FAMILIES[class_name].keys is None:
        check_fields(signature.fields(network_class(class_name)), config)
    with quiet():
        used, ignored, hidden = network_class(class_name).extract_init_dict(dict(config))
    complete = {key: value for key, value in used.items() if not key.startswith("_")}
    written = set(config)
    network_defaults = defaults(class_name)
    filled = sorted(set(network_defaults) - written)
    return network_defaults | complete, tuple(sorted(set(ignored) | _unknown(hidden, written))), tuple(filled)


def _unknown(hidden: Mapping[str, Any], written: set[str]) -> set[str]:
    return {key for key in hidden if key in written and not key.startswith("_")}


def defaults(class_name: str) -> dict[str, Any]:
    """What a class takes for the fields that a config leaves out."""
    import inspect

    parameters = inspect.signature(network_class(class_name).__init__).parameters
    return {name: p.default for name, p in parameters.items() if p.default is not p.empty}


def build(class_name: str, config: Mapping[str, Any], dtype: str) -> Any:
    """An instance on the meta device, in eval mode. Raises ConfigError if diffusers refuses the config."""
    import torch

    try:
        with quiet(), all_there(class_name), _shapes_alone():
            # Transformer2DModel looks for its norm_type in the config before it fills in defaults
            network = network_class(class_name).from_config(defaults(class_name) | dict(config))
        return mended(_on_meta(network, getattr(torch, dtype)).eval())
    except (
        ValueError,
        TypeError,
        RuntimeError,
        IndexError,
        KeyError,
        AttributeError,
        ZeroDivisionError,
        NotImplementedError,
        AssertionError,
        OverflowError,
        UnboundLocalError,
        MemoryError,
    ) as error:
        raise ConfigError(
            f"diffusers cannot build {class_name} from this config: {safe.told(error)}",
            hint=f"compare it with {_known(class_name)}",
        ) from error


def _known(class_name: str) -> str:
    """Where to find a config of the class that works."""
    preset = FAMILIES[class_name].preset
    return f"a known one: unetscope show {preset} --config" if preset else "one that a pipeline ships"


def _on_meta(network: Any, dtype: Any) -> Any:
    """A network on the meta device, in a type.

    Some constructors make parameters from CPU values even under the meta context; most networks are there.
    """
    tensors = (*network.parameters(), *network.buffers())
    if all(tensor.is_meta and tensor.dtype == dtype for tensor in tensors):
        return network
    with quiet():
        return network.to("meta", dtype)


def _shapes_alone() -> Any:
    """The meta device as a context that initialises no weights, since they have no values.

    It counts tensors as they are made, and raises ConfigError for a network beyond all bounds.
    """
    import torch
    from torch.utils._device import DeviceContext, _device_constructors

    network_growth, constructors = growth.Growth(), _device_constructors()

    class Meta(DeviceContext):  # type: ignore[misc]
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if getattr(func, "__module__", None) == "torch.nn.init":
                return args[0] if args else kwargs["tensor"]
            result = super().__torch_function__(func, types, args, kwargs)
            if func in constructors:
                network_growth.add(result)
            return result

    return Meta(torch.device("meta"))


def mended(network: Any) -> Any:
    """Our own copy of a network, mended where diffusers cannot run its own blocks.

    Blocks hand every transformer an encoder_attention_mask, here always None. DualTransformer2DModel does
    not take it (diffusers 0.42), so no network with dual_cross_attention would run.
    """
    for module in network.modules():
        if type(module).__name__ == DUAL:
            module.forward = partial(_without_mask, module.forward)
    return network


def _without_mask(
    forward: Callable[..., Any], *args: Any, encoder_attention_mask: None = None, **kwargs: Any
) -> Any:
    return forward(*args, **kwargs)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep diffusers' and torch's advice out of the user's terminal."""
    from diffusers.utils import logging

    before = logging.get_verbosity()
    if before != logging.FATAL:  # setting it visits every logger there is
        logging.set_verbosity(logging.FATAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if before != logging.FATAL:
            logging.set_verbosity(before)
