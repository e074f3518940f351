"""How two networks differ, from cause to effect: pure functions over Architectures and tensor lists.

Nothing here builds or traces a network; the counterfactuals it judges by are handed in.
"""

from __future__ import annotations

from unetscope.analysis.diff.changes import Attribution, Change, Diff
from unetscope.analysis.diff.counting import counted
from unetscope.analysis.diff.report import compare, explain

__all__ = ["Attribution", "Change", "Diff", "compare", "counted", "explain"]
