"""Count every encoder of tests/data/encoders.json and write its figures into zoo/encoders.json.

python tests/write_encoders.py

Names and token counts stay; parameters, MACs and activations are counted again. Needs transformers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.encoders import PATH, counted, known

if __name__ == "__main__":
    rows: list[dict[str, Any]] = json.loads(PATH.read_bytes())
    found = {row["name"]: counted(known()[row["name"]], [int(read) for read in row["macs"]]) for row in rows}
    lines = [json.dumps({**row, **found[row["name"]]}, ensure_ascii=False) for row in rows]
    Path(PATH).write_text("[\n  " + ",\n  ".join(lines) + "\n]\n", encoding="utf-8")
