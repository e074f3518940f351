"""Networks that take turns over the steps of one sampling: experts alike, or a base and its refiner."""

from __future__ import annotations

from unetscope.errors import ConfigError

_TRAINED_STEPS = 1000
"""num_train_timesteps of every scheduler that a refiner's pipelines are published with."""


def evenly(steps: int, many: int) -> list[int]:
    """Steps of each of several networks; the first ones take the remainder."""
    return [steps // many + (index < steps % many) for index in range(many)]


def handed_over(steps: int, denoising_end: float) -> list[int]:
    """Steps of a base and of its refiner, by diffusers' `denoising_end` and `denoising_start`.

    The base runs the timesteps from the cutoff upwards, the refiner those below it; timesteps are spaced as
    SDXL's scheduler is published ("leading", an offset of 1). Raises ConfigError where one would run none.
    """
    cutoff = round(_TRAINED_STEPS - denoising_end * _TRAINED_STEPS)
    apart = _TRAINED_STEPS // steps
    refined = sum(step * apart + 1 < cutoff for step in range(steps))
    if not 0 < refined < steps:
        idle = "the refiner" if not refined else "the base"
        raise ConfigError(
            f"of {steps} step{'' if steps == 1 else 's'} handed over at {denoising_end:g}, {idle} runs none",
            hint="ask for more --steps, or another --denoising-end",
        )
    return [steps - refined, refined]
