"""How two networks differ, from cause to effect: pure functions over Architectures and tensor lists.

Nothing here builds or traces a network; the counterfactuals it judges by are handed in. What is found
is data (`unetscope.difference`, its `changes`); what it is called stands in `unetscope.words`.
"""

from __future__ import annotations

from unetscope.analysis.diff.counting import counted
from unetscope.analysis.diff.report import compare, explain
from unetscope.difference import Attribution, Diff
from unetscope.difference.changes import Change

__all__ = ["Attribution", "Change", "Diff", "compare", "counted", "explain"]
