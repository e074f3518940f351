"""Sites that documentation tools build of pages with our directive and fence, by one command each."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.command_line import traced_here

pytestmark = pytest.mark.live

CONF = 'extensions = ["unetscope.sphinx", "myst_parser"]\nhtml_theme = "furo"\nunetscope_theme = "pair"\n'
RST = """Networks
========

.. toctree::

   more

.. unetscope:: diagram sd15
   :width: 700px

* item

  .. unetscope:: table ddpm-cifar10
     --columns params,share,macs

.. unetscope:: diff sd15 bk-sdm-small

.. unetscope:: $ sweep sd15 --latent 32,64
"""
MYST = "# More\n\n```{unetscope} diagram ddpm-cifar10 --layout u\n```\n"
MKDOCS = """site_name: networks
theme:
  name: material
  font: false
markdown_extensions:
  - unetscope.markdown: {theme: %s}
  - pymdownx.superfences
"""
MARKDOWN = """---
title: Networks
---

# Networks

```unetscope
diagram sd15
```

- item

    ~~~ unetscope
    table ddpm-cifar10
    --columns params,share,macs
    ~~~

````md
```unetscope
diagram no-such-network
```
````

```unetscope
diff sd15 bk-sdm-small
```

```unetscope
$ sweep sd15 --latent 32,64
```
"""


def built(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def sphinx(folder: Path, builder: str = "html") -> subprocess.CompletedProcess[str]:
    return built("sphinx", "-q", "-W", "--keep-going", "-b", builder, ".", f"_{builder}", cwd=folder)


@pytest.fixture
def sphinx_site(tmp_path: Path) -> Path:
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / "index.rst").write_text(RST)
    (tmp_path / "more.md").write_text(MYST)
    return tmp_path


@pytest.fixture
def mkdocs_site(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text(MKDOCS % "pair")
    (tmp_path / "docs" / "index.md").write_text(MARKDOWN)
    return tmp_path


def shows_everything(page: str) -> None:
    assert page.count("Strip diagram of Stable Diffusion 1.5") >= 2
    assert "35,746,307" in page
    assert re.search(r"(?:<|&lt;)0\.1", page)
    assert "\\<0.1" not in page
    assert 'srcdoc="&lt;!DOCTYPE html&gt;' in page or "srcdoc=" in page
    assert "256×256" in page
    assert "no-such-network" not in page.replace("diagram no-such-network", "")


def test_sphinx_shows_pictures_tables_diffs_and_text(sphinx_site: Path) -> None:
    done = sphinx(sphinx_site)
    assert (done.returncode, done.stderr) == (0, "")
    shows_everything((sphinx_site / "_html" / "index.html").read_text())
    more = (sphinx_site / "_html" / "more.html").read_text()
    assert re.findall(r'class="only-(\w+)"', more) == ["light", "dark"]
    drawn = traced_here("diagram", "ddpm-cifar10", "--layout", "u", "--theme", "dark", "-o", "-").stdout
    found = (sphinx_site / "_html" / "_images" / "diagram-ddpm-cifar10-layout-u-dark.svg").read_text()
    assert found == drawn


def test_sphinx_gives_latex_pictures_that_it_can_set(sphinx_site: Path) -> None:
    done = sphinx(sphinx_site, "latex")
    assert (done.returncode, done.stderr) == (0, "")
    assert (sphinx_site / "_latex" / "diagram-sd15.png").read_bytes().startswith(b"\x89PNG")


def test_sphinx_reads_a_page_again_where_a_config_changed(sphinx_site: Path) -> None:
    config = sphinx_site / "net.json"
    traced_here("trace", "ddpm-cifar10", "-o", str(config))
    (sphinx_site / "more.md").write_text("# More\n\n```{unetscope} table net.json --columns params\n```\n")
    assert sphinx(sphinx_site).returncode == 0
    traced_here("trace", "bk-sdm-tiny", "-o", str(config))
    os.utime(config, (2_000_000_000, 2_000_000_000))
    assert sphinx(sphinx_site).returncode == 0
    assert "323,384,964" in (sphinx_site / "_html" / "more.html").read_text()


def test_sphinx_fails_with_the_line_of_what_cannot_be_shown(sphinx_site: Path) -> None:
    (sphinx_site / "index.rst").write_text(RST + "\n.. unetscope:: diagram no-such-network\n")
    done = sphinx(sphinx_site)
    assert done.returncode != 0
    assert f'index.rst:{RST.count(chr(10)) + 2}: no preset, file or folder is called "no-such' in done.stderr


@pytest.mark.parametrize("theme", ["pair", "auto"])
def test_mkdocs_shows_pictures_tables_diffs_and_text(theme: str, mkdocs_site: Path) -> None:
    (mkdocs_site / "mkdocs.yml").write_text(MKDOCS % theme)
    done = built("mkdocs", "build", "-q", "--strict", cwd=mkdocs_site)
    assert (done.returncode, done.stderr) == (0, "")
    page = (mkdocs_site / "site" / "index.html").read_text()
    shows_everything(page if theme == "pair" else page + page)
    assert page.count("#only-dark") == (theme == "pair")


def test_mkdocs_fails_with_page_and_line_of_what_cannot_be_shown(mkdocs_site: Path) -> None:
    page = mkdocs_site / "docs" / "index.md"
    page.write_text(MARKDOWN + "\n```unetscope\ntable sd15 --no-such-option\n```\n")
    done = built("mkdocs", "build", "-q", "--strict", cwd=mkdocs_site)
    assert done.returncode == 1
    assert "index.md" in done.stderr
    assert f"line {MARKDOWN.count(chr(10)) + 2}: no such option" in done.stderr
    assert "Traceback" not in done.stderr


def test_zensical_shows_pictures_tables_diffs_and_text(mkdocs_site: Path) -> None:
    done = built("zensical", "build", "--strict", cwd=mkdocs_site)
    assert done.returncode == 0, done.stderr
    page = (mkdocs_site / "site" / "index.html").read_text()
    shows_everything(page)
    assert page.count("#only-dark") == 1


def test_zensical_fails_with_page_and_line_of_what_cannot_be_shown(mkdocs_site: Path) -> None:
    page = mkdocs_site / "docs" / "index.md"
    page.write_text(MARKDOWN + "\n```unetscope\ntable sd15 --no-such-option\n```\n")
    done = built("zensical", "build", "-f", str(mkdocs_site / "mkdocs.yml"), cwd=mkdocs_site.parent)
    assert done.returncode == 1
    assert f"index.md, line {MARKDOWN.count(chr(10)) + 2}: no such option" in done.stderr


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_are_seen_in_the_scheme_of_the_reader(scheme: Any, sphinx_site: Path, browser: Any) -> None:
    assert sphinx(sphinx_site).returncode == 0
    page = browser.new_page(color_scheme=scheme)
    page.goto((sphinx_site / "_html" / "more.html").as_uri())
    seen = page.evaluate(
        "[...document.images].filter(i => i.checkVisibility()).map(i => [i.className, i.naturalWidth])"
    )
    assert seen == [[f"only-{scheme}", 900]]
    page.close()
