"""Published figures that no rounding tells apart: who printed them, and what they say they counted with.

A figure that a convention gives to its last digit needs no entry. These are off by as much as two
conventions lie apart, so that only their source says which one was meant.
"""

from __future__ import annotations

from dataclasses import dataclass

from unetscope.cost import Counting


@dataclass(frozen=True, slots=True)
class Published:
    """MACs as printed for the bundled model `id`, and the counting that its source names, or that gives them.

    `of` is "" for the sum of all steps, else a kind of forward that the figure is of.
    """

    id: str
    figure: str
    convention: str
    cfg: bool
    steps: int
    source: str
    interval: int = 1
    branch: int = 0
    gate: int | None = None
    of: str = ""

    @property
    def counting(self) -> Counting:
        """The counting; DeepCache's own counter is no convention of ours and names the steps alone."""
        convention = "full" if self.convention.startswith("deepcache") else self.convention
        return Counting(convention, self.cfg, self.steps, self.interval, self.branch, self.gate)


_TGATE = "T-GATE's table (arXiv 2404.02747)"
_ISSUE = "issue 37 of horseee/DeepCache"


def _tgate(id: str, figure: str, gate: int | None = None, steps: int = 25, interval: int = 1) -> Published:
    """From T-GATE's table: 25 steps with guidance, or 4 of a latent consistency model without."""
    branch = 1 if interval > 1 else 0
    return Published(id, figure, "calflops", steps == 25, steps, _TGATE, interval, branch, gate)


def _issue(figure: str, of: str) -> Published:
    """From the issue, which counts one step with guidance, at an interval of 5."""
    return Published(
        "sd15", figure, "deepcache-32bit", cfg=True, steps=5, source=_ISSUE, interval=5, branch=1, of=of
    )


PUBLISHED = (
    _tgate("sd15", "16.938T"),
    _tgate("sd21", "38.041T"),
    _tgate("sdxl", "149.438T"),
    _tgate("pixart-alpha-1024", "107.031T"),
    _tgate("sd15", "9.875T", gate=5),
    _tgate("sd21", "22.208T", gate=5),
    _tgate("sdxl", "84.438T", gate=5),
    _tgate("pixart-alpha-1024", "65.318T", gate=8),
    _tgate("sdxl", "11.171T", gate=1, steps=4),
    _tgate("pixart-alpha-1024", "7.623T", gate=1, steps=4),
    _tgate("sdxl", "57.888T", interval=3),
    _issue("484.3895G", "whole"),
    _issue("484.39G", "whole"),
    _issue("76.0022G", "cached"),
    _issue("76.0G", "cached"),
)
"""github.com/HaozheLiu-ST/T-GATE, README.md, "Results": 25 steps with guidance; "The MACs and Params are
calculated by calflops". The first three lie 0.044, 0.044 and 0.0033 % above the MACs of calflops 0.3.2. The
table names neither gates nor DeepCache's interval and branch: told are those that give its figures, within
0.04 %. 57.888T is "SD-XL w/ DeepCache". github.com/horseee/DeepCache/issues/37: to the last digit what
DeepCache's counter prints of a batch of guidance where NumPy's integers have 32 bits."""
