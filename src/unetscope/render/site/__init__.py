"""The pages of a static site: one a network, a diff, a family; a tree; a table of all with search.

Pages link to each other by relative addresses, fetch nothing from elsewhere and work from a disk.
"""

from __future__ import annotations

from unetscope.render.site.frame import Link, assets, slug
from unetscope.render.site.models import difference, network, without_network
from unetscope.render.site.overviews import Told, charts, diff_index, family, index, told_of, tree

__all__ = [
    "Link",
    "Told",
    "assets",
    "charts",
    "diff_index",
    "difference",
    "family",
    "index",
    "network",
    "slug",
    "told_of",
    "tree",
    "without_network",
]
