"""docs/: what pages show is what commands print, the reference is the program's, and the site builds."""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from markdown_it import MarkdownIt

from support.command_line import traced_here
from support.pictures.gallery import SCENES
from support.places import ROOT
from unetscope.cli.commands import COMMANDS, DOCUMENTATION, GUIDES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DOCS = ROOT / "docs"
MARKED = sorted(path for path in DOCS.rglob("*.md") if "\n<!-- unetscope: " in path.read_text())


def script(path: Path) -> ModuleType:
    """A script beside the pages, imported without being run."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("page", MARKED, ids=lambda page: page.stem)
def test_a_page_shows_what_its_commands_print(page: Path) -> None:
    """Where it fails, `unetscope embed` on the page mends it; look at what changed."""
    done = traced_here("embed", "--check", str(page))
    assert (done.returncode, done.stdout) == (0, "")


def test_there_are_pages_for_the_jobs_people_come_for() -> None:
    jobs = {"choose", "count", "fit", "compare", "prune", "paper", "embed"}
    assert jobs <= {path.stem for path in (DOCS / "how-to").glob("*.md")}
    assert {"tutorial", "papers-macs", *jobs - {"embed"}} <= {path.stem for path in MARKED}


SECTIONS = (DOCS / "gallery.md").read_text().split("\n## ")[1:]
SHOWN = [
    (*re.findall(r"^unetscope (.*) -o (\S+)$", one, re.M)[0], *re.findall(r'<img .*/gallery/(\S+)"', one))
    for one in SECTIONS
]


def test_the_gallery_shows_each_picture_below_its_command() -> None:
    assert len({name for *_, name in SHOWN} & {*SCENES}) == len(SHOWN) > 12
    assert [target for _, target, _ in SHOWN] == [name for *_, name in SHOWN]


@pytest.mark.parametrize(("command", "target", "name"), SHOWN, ids=[name for *_, name in SHOWN])
def test_a_command_of_the_gallery_draws_its_picture(command: str, target: str, name: str) -> None:
    picture = traced_here(*shlex.split(command), "-o", "-", "--format", Path(target).suffix[1:]).stdout
    assert picture == (ROOT / "outputs" / "gallery" / name).read_text()


def test_addresses_are_those_of_the_package() -> None:
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
    assert urls["Documentation"] == DOCUMENTATION
    ours = re.compile(r"https://(?:github\.com/|\w+\.github\.io/)unetscope[\w./-]*")
    known = (*urls.values(), urls["Source"])
    for path in (*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CITATION.cff"):
        assert [one for one in ours.findall(path.read_text()) if not one.startswith(known)] == [], path


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda page: page.stem
)
def test_github_shows_pictures_tables_and_no_directive(page: Path) -> None:
    """GitHub reads CommonMark with tables: what it does not know would stand there as text or as code."""
    tokens = MarkdownIt("commonmark").enable("table").parse(page.read_text())
    assert [token.content for token in tokens if token.type == "fence" and token.info.startswith("{")] == []
    words = [
        child.content
        for token in tokens
        for child in token.children or ()
        if child.type == "text"
        and re.search(r"^\|?\s*:?-{3,}:?\s*\||</?(?:picture|img|source|!--)", child.content)
    ]
    assert words == []


WIDEST = {"README.md": 99}
"""Characters of a line of code that GitHub shows beside its column of facts; a page of the site shows 88."""


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda page: page.stem
)
def test_no_line_of_shown_code_is_cut_off_at_the_edge_of_the_page(page: Path) -> None:
    blocks = re.findall(r"^(`{3,})(\w*)\n(.*?)^\1$", page.read_text(), re.DOTALL | re.MULTILINE)
    lines = [line for _, language, text in blocks if language != "tex" for line in text.splitlines()]
    assert [line for line in lines if len(line) > WIDEST.get(page.name, 88)] == []


def test_the_entry_to_cite_says_what_the_citation_file_says() -> None:
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    (entry,) = re.findall(r"```bibtex\n(.*?)```", (DOCS / "how-to" / "paper.md").read_text(), re.DOTALL)
    fields = dict(re.findall(r"(\w+) = \{(.*?)\}(?=,? (?:\w+ = |\}))", " ".join(entry.split())))
    title = fields["title"].replace("{", "").replace("}", "")
    assert (fields["author"], title) == ("{" + told["authors"][0]["name"] + "}", told["title"])
    assert (fields["version"], fields["url"]) == (told["version"], told["url"])
    assert fields["year"].isdigit()


def test_guides_that_the_help_names_are_pages() -> None:
    assert {page for page in GUIDES.values() if not (DOCS / page).with_suffix(".md").is_file()} == set()
    for name in (*COMMANDS, "zoo"):
        told = traced_here(name, "--help").stdout.splitlines()[-1]
        assert told == f"  Guide: {DOCUMENTATION}{GUIDES.get(name, '')}"
    assert traced_here("zoo", "trace", "--help").stdout.endswith(f"\n\n  Guide: {DOCUMENTATION}\n")
    assert traced_here("--help").stdout.endswith(f"\n\n  Guide: {DOCUMENTATION}\n")


def test_the_reference_is_written_from_the_program() -> None:
    """Where it fails: python docs/write_reference.py."""
    writer = script(DOCS / "write_reference.py")
    for name, make in writer.PAGES.items():
        assert (DOCS / "reference" / name).read_text(encoding="utf-8") == make()


def test_every_page_is_in_the_contents() -> None:
    listed = re.findall(r"^(?:[^<\n]+<)?([\w/-]+)>?$", (DOCS / "index.md").read_text(), flags=re.MULTILINE)
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")}
    assert pages - {"index"} == pages & {*listed}


def test_the_workflow_builds_with_warnings_as_errors_before_it_publishes() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "docs.yml").read_text())["jobs"]
    steps = [step.get("run", "") for step in jobs["build"]["steps"]]
    assert any("sphinx -W" in step for step in steps)
    assert any("pip install torch" in step for step in steps), "pages show students, which are traced"
    assert jobs["publish"]["needs"] == "build"
