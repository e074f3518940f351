"""Draw the gallery of the README again, and its golden scenes. Look at every picture that changed.

python tests/draw_gallery.py [NAME.svg...]
"""

from __future__ import annotations

import sys

from support.pictures.gallery import renew

if __name__ == "__main__":
    renew(sys.argv[1:])
