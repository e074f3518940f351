"""The site of docs/: built without a warning, with links that lead somewhere, and for everybody to use."""

from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from support.places import ROOT

pytestmark = pytest.mark.live

DOCS = ROOT / "docs"
OURS = "https://github.com/unetscope/unetscope/blob/main/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built with warnings as errors."""
    folder = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-b",
        "html",
        str(DOCS),
        str(folder),
    ]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


class Page(HTMLParser):
    """The addresses that a page names, and the anchors that it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.named: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag says."""
        given = {name: value for name, value in attrs if value}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        self.named |= {given[name] for name in ("href", "src", "srcset") if name in given}


@pytest.fixture(scope="module")
def read(site: Path) -> dict[str, Page]:
    """Every page by its path in the site."""
    return {path.relative_to(site).as_posix(): Page(path) for path in sorted(site.rglob("*.html"))}


def outside(address: str) -> bool:
    return bool(urlsplit(address).scheme)


def test_every_link_and_picture_of_the_site_leads_to_a_file_and_an_anchor(
    site: Path, read: dict[str, Page]
) -> None:
    lost = []
    for name, page in read.items():
        for address in page.named:
            if outside(address):
                continue
            path, _, anchor = unquote(urljoin(name, address)).partition("#")
            path = path.partition("?")[0]
            path += "index.html" * (site / path).is_dir() * path.endswith("/")
            known = not anchor or path not in read or anchor in read[path].anchors
            if not (site / path).is_file() or not known:
                lost.append((name, address))
    assert len(read) > 25
    assert lost == []


def test_links_that_leave_the_site_are_whole_and_those_into_the_repository_name_its_files(
    read: dict[str, Page],
) -> None:
    """No network here: that other sites answer is not asked."""
    leaving = {address for page in read.values() for address in page.named if outside(address)}
    assert {one for one in leaving if urlsplit(one).scheme not in ("https", "data")} == set()
    assert {one for one in leaving if one.startswith("https:") and "." not in urlsplit(one).netloc} == set()
    inside = {unquote(one.removeprefix(OURS)).partition("#")[0] for one in leaving if one.startswith(OURS)}
    assert inside
    assert {one for one in inside if not (ROOT / one).exists()} == set()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_what_keeps_somebody_out(
    scheme: Any, site: Path, read: dict[str, Page], browser: Any
) -> None:
    """axe's rules of impact serious and critical."""
    page, found = browser.new_page(color_scheme=scheme), {}
    for name in read:
        page.goto((site / name).as_uri())
        broken = Axe().run(page).response["violations"]
        found[name] = [
            (one["id"], one["nodes"][0]["html"][:200])
            for one in broken
            if one["impact"] in ("serious", "critical")
        ]
    page.close()
    assert {name: broken for name, broken in found.items() if broken} == {}
