"""Students under a budget: every one that a config can say is counted, the nearest are built to be sure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from unetscope.analysis.cost import conventions
from unetscope.api.budgets import amount, memory_of
from unetscope.api.loading import Fresh, Source, load
from unetscope.api.loading.asked_sizes import Extent
from unetscope.api.planning import plan
from unetscope.cost import ONCE
from unetscope.errors import ConfigError, TraceError
from unetscope.hooks import tell
from unetscope.model import Architecture
from unetscope.plans import Plan
from unetscope.spec import DTYPES

if TYPE_CHECKING:
    from unetscope.analysis.plan.budget import Budget, Offer, Offers, StudentCandidate

SHOWN = 8
_TRIED = 3 * SHOWN
_SCALES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}


def students(
    source: Source,
    *,
    params: int | str | None = None,
    macs: int | str | None = None,
    vram: int | str | None = None,
    dtype: str = "float16",
    shown: int = SHOWN,
    size: Extent | None = None,
    latent: Extent | None = None,
    fresh: Fresh = "cached",
    warn: Callable[[str], None] | None = None,
) -> Offers:
    """Students of a network within a budget that a config of diffusers' says, the nearest first.

    `params` and `macs` are numbers, or figures such as "1.3B" and "800G": a figure holds all that rounds to
    it. `vram` is bytes, or "8GB": what one forward of the network itself takes in `dtype`. Layers, depths of
    attention, attention at a level, the mid block and the coarsest level of a UNet are chosen from, blocks of
    stacks; of those that differ in depths alone the nearest is shown. Each that is shown was built and
    traced. Which of them is good is not predicted. Raises ConfigError where nothing fits, and as `plan`.
    """
    from unetscope.analysis.plan import budget as choices
    from unetscope.analysis.plan.selecting import check
    from unetscope.analysis.plan.skeleton import Skeleton

    teacher = load(source, size=size, latent=latent, fresh=fresh, warn=warn)
    teacher = conventions.counted(teacher, ONCE)
    skeleton = Skeleton(teacher)
    check(skeleton)
    limit = choices.Budget(_figure(params), _figure(macs), amount(vram) if isinstance(vram, str) else vram)
    if limit == choices.Budget():
        raise ConfigError("no budget is given", hint='params="1.3B", macs="800G" or vram="8GB"')
    tell(f"counting students of {teacher.title}")
    every = tuple(choices.candidates(skeleton))
    near = choices.nearest(every, _of_weights(teacher, limit, dtype))
    make = partial(plan, teacher, fresh=fresh, warn=warn)
    offers: list[Offer] = []
    for candidate in near[:_TRIED]:
        if len(offers) == shown:
            break
        offer = _built(candidate, make, limit, dtype)
        offers += [offer] if offer else []
    if not offers:
        smallest = min((student.cost.params for student in every), default=0)
        raise ConfigError(
            f"no student of {teacher.title} that a config says fits this budget",
            hint=f"the smallest has {smallest:,} parameters",
        )
    return choices.Offers(teacher, limit, dtype, tuple(offers), every)


def _of_weights(teacher: Architecture, limit: Budget, dtype: str) -> Budget:
    """A bound of bytes as one of parameters, with room for the activations of the teacher."""
    if limit.bytes is None:
        return limit
    from unetscope.analysis.memory.budget import Use

    run = memory_of(teacher, Use(dtype))
    most = max(0, limit.bytes - run.peak.bytes) // DTYPES[dtype]
    return replace(limit, params=min(most, limit.params if limit.params is not None else most))


def _built(candidate: StudentCandidate, make: Callable[..., Plan], limit: Budget, dtype: str) -> Offer | None:
    """A student, built and traced; None if no config describes it, its cost differs, or it takes more."""
    from unetscope.analysis.memory.budget import Use, needed
    from unetscope.analysis.plan.budget import Offer

    tell(f"building a student of {candidate.cost.params:,} parameters")
    try:
        reduced = make(drop=candidate.words)
    except (ConfigError, TraceError):
        return None
    takes = needed(reduced.student, Use(dtype))
    fits = limit.bytes is None or takes <= limit.bytes
    exact = reduced.config is not None and reduced.student.cost == candidate.cost
    return Offer(reduced, candidate.way, takes) if exact and fits else None


def _figure(figure: int | str | None) -> int | None:
    """A number; of a figure the largest that rounds to it: "1.3B" is below 1.35·10⁹."""
    if not isinstance(figure, str):
        return figure
    match = re.fullmatch(r"(\d{1,9})(?:\.(\d{1,6}))? ?([kMGBT]?)", figure)
    if not match or not Fraction(f"{match[1]}.{match[2] or 0}"):
        raise ConfigError(f"{figure!r} is not a number", hint="write 1.3B, 860M, 800G or 2.1T")
    scale = _SCALES[match[3]]
    exact = Fraction(f"{match[1]}.{match[2] or 0}") * scale
    half = Fraction(scale, 2 * 10 ** len(match[2] or "")) if scale > 1 else 0
    return int(exact + half) - (1 if half else 0)
