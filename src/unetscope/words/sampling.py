"""How a model is sampled, in words: its steps, and how it is guided."""

from __future__ import annotations

from unetscope.checkpoint import Facts, Guidance

GUIDED: dict[Guidance, str] = {
    "cfg": "classifier-free guidance (two forwards a step)",
    "embedded": "guidance embedded (one forward a step)",
    "none": "no guidance (one forward a step)",
}
_COUNTS = {2: "two", 3: "three", 4: "four"}


def sampling(steps: int | None, guidance: Guidance | None, experts: int | None = None) -> str:
    """ "28 steps, guidance embedded (one forward a step)"; "" where nothing is known."""
    parts = [
        f"{steps} step{'' if steps == 1 else 's'}" if steps else "",
        GUIDED[guidance] if guidance else "",
        f"{_COUNTS.get(experts, str(experts))} networks take turns" if experts else "",
    ]
    return ", ".join(filter(None, parts))


def of(facts: Facts) -> str:
    """The same of the facts of a model."""
    return sampling(facts.steps, facts.guidance, facts.experts)
