"""Programs of the machine that a few tests run: None where it has none."""

from __future__ import annotations

import os
import shutil

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
PDFLATEX = shutil.which("pdflatex")
