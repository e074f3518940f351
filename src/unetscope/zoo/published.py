"""Published figures that no rounding tells apart: who printed them, and what they say they counted with.

A figure that a convention gives to its last digit needs no entry. These are off by as much as two
conventions lie apart, so that only their source says which one was meant.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """A total of MACs as printed for the bundled model `id`, and the counting that its source names."""

    id: str
    figure: str
    convention: str
    cfg: bool
    steps: int
    source: str


_TGATE = "T-GATE's table (arXiv 2404.02747)"

PUBLISHED = tuple(
    Published(id, figure, "calflops", cfg=True, steps=25, source=_TGATE)
    for id, figure in (("sd15", "16.938T"), ("sd21", "38.041T"), ("sdxl", "149.438T"))
)
"""github.com/HaozheLiu-ST/T-GATE, README.md, "Results": 25 steps with guidance; "The MACs and Params are
calculated by calflops". They lie 0.044, 0.044 and 0.0033 % above the MACs of calflops 0.3.2."""
