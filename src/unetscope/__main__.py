"""`python -m unetscope` is the command `unetscope`."""

from __future__ import annotations

from unetscope.cli import main

if __name__ == "__main__":
    main()
