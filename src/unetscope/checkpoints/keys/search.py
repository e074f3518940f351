"""Keys by a name in any naming, or a part of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from unetscope.checkpoints import adapters
from unetscope.checkpoints.keys.key import Key
from unetscope.errors import SourceError
from unetscope.model import Architecture
from unetscope.words.messages import did_you_mean, shown

_FILE_PREFIXES = re.compile(
    r"^(?:model_ema\.(?:diffusion_model\.?)?|model\.diffusion_model\.|diffusion_model\.|net\.)"
)
_ENDS = re.compile(r"_(?:weight|bias|scale)$")


def found(keys: Sequence[Key], find: str, network: Architecture) -> tuple[Key, ...]:
    """The keys that have a name: exactly, else those inside of it, else those that hold it as a part."""
    wanted = find.strip()
    if any(mark in wanted for mark in "*?"):
        tests: list[Callable[[Key], bool]] = [lambda key: any(fnmatchcase(n, wanted) for n in _all(key))]
    else:
        bare = adapters.module_of(_FILE_PREFIXES.sub("", wanted))
        flat, dotless = bare.replace(".", "_"), bare.replace(".", "")
        tests = [
            lambda key: wanted.casefold() in _words(key),
            lambda key: flat in _flat(key) or dotless in (key.original.replace(".", ""), key.diffusers),
            lambda key: any(name.startswith(f"{flat}_") for name in _flat(key)),
            lambda key: any(flat in name for name in _flat(key)),
        ]
    for test in tests:
        if some := tuple(key for key in keys if wanted and test(key)):
            return some
    raise SourceError(
        f"{network.title} has nothing called {shown(wanted, limit=200)} in any naming",
        hint=_instead(keys, wanted),
    )


def _instead(keys: Sequence[Key], wanted: str) -> str:
    near = did_you_mean(wanted, [name for key in keys for name in _all(key) if name])
    return near or "give a part of a name, or a pattern: '*attn2.to_k*'"


def _all(key: Key) -> tuple[str, ...]:
    return (key.diffusers, key.original, key.kohya, key.peft, key.merge, key.sd_mecha, key.bk_sdm)


def _words(key: Key) -> set[str]:
    """Labels of blocks, as they are typed."""
    return {word.casefold() for label in (key.merge, key.sd_mecha, key.bk_sdm) for word in label.split()}


def _flat(key: Key) -> set[str]:
    """Names with _ for dots, as LoRA trainers write them, with and without what the tensor is."""
    names = {name.replace(".", "_") for name in (key.diffusers, key.original) if name}
    return names | {_ENDS.sub("", name) for name in names}
