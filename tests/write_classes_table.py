"""Write docs/classes.md, from the installed diffusers and a trace of each class.

python tests/write_classes_table.py
"""

from __future__ import annotations

from support.classes_table import PAGE, page

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
