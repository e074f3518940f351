"""Write the list of diffusers' classes that ships, from the source of the diffusers at hand.

python tests/list_diffusers_classes.py
"""

from __future__ import annotations

from support.diffusers_source import SHIPPED, listing

if __name__ == "__main__":
    SHIPPED.write_text(listing(), encoding="utf-8")
