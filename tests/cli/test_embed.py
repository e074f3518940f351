"""`unetscope embed` as a user runs it: documents refreshed and checked, nothing outside touched."""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
from pathlib import Path

import pytest

from support.command_line import heavy_after, traced_here, unetscope
from support.networks import SMALL

README = """# Ours

<!-- unetscope: diagram sd15 --layout u -->
<!-- /unetscope -->

- item

  <!-- unetscope: table ddpm-cifar10 --columns params,macs -->
  <!-- /unetscope -->

<!-- unetscope: $ table ddpm-cifar10 --columns params -->
<!-- /unetscope -->
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def embed(*args: str) -> subprocess.CompletedProcess[str]:
    return traced_here("embed", *args)


def document(words: str, name: str = "a.md") -> Path:
    """A document with one marker of these words."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"<!-- unetscope: {words} -->\n<!-- /unetscope -->\n")
    return path


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_a_document_is_checked_refreshed_and_then_fresh(folder: Path) -> None:
    readme = folder / "README.md"
    readme.write_bytes(README.replace("\n", "\r\n").encode() + b"\xff end")
    first = embed("--check", "README.md")
    assert (first.returncode, sorted(files_of(folder))) == (1, ["README.md"])
    assert first.stderr == "error: README.md is stale\nhint: unetscope embed README.md\n"
    assert first.stdout.startswith("--- a/README.md\n+++ b/README.md\n@@ -3,2 +3,20 @@\n")
    assert "Binary files /dev/null and b/diagram-sd15-layout-u-dark.svg differ\n" in first.stdout
    done = embed("README.md")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "diagram-sd15-layout-u.svg", "diagram-sd15-layout-u-dark.svg", "README.md",
    ]  # fmt: skip
    assert sorted(files_of(folder)) == sorted(done.stdout.splitlines())
    data = readme.read_bytes()
    assert data.count(b"\n") == data.count(b"\r\n")
    assert data.endswith(b"\r\n\xff end")
    before = files_of(folder), readme.stat().st_mtime_ns
    for args in (("--check", "README.md"), ("README.md",)):
        again = embed(*args)
        assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert (files_of(folder), readme.stat().st_mtime_ns) == before


def test_what_is_embedded_is_what_the_commands_print(folder: Path) -> None:
    (folder / "README.md").write_text(README)
    embed("README.md")
    text = (folder / "README.md").read_text()
    for theme, name in (("light", "diagram-sd15-layout-u"), ("dark", "diagram-sd15-layout-u-dark")):
        drawn = traced_here("diagram", "sd15", "--layout", "u", "--theme", theme, "-o", "-")
        assert (folder / f"{name}.svg").read_text() == drawn.stdout
    alt = traced_here("diagram", "sd15", "--layout", "u", "--caption", "alt").stdout.strip()
    assert f'<img alt="{alt}" src="diagram-sd15-layout-u.svg">' in " ".join(text.split())
    table = traced_here("table", "ddpm-cifar10", "--columns", "params,macs", "--format", "markdown").stdout
    assert textwrap.indent(table, "  ") in text
    shown = traced_here("table", "ddpm-cifar10", "--columns", "params", COLUMNS="80").stdout
    assert f"```console\n$ unetscope table ddpm-cifar10 --columns params\n{shown}```\n" in text


def test_a_changed_config_is_a_readable_diff(folder: Path) -> None:
    (folder / "unet.json").write_text(json.dumps(SMALL))
    document("table unet.json --columns params")
    assert embed("a.md").returncode == 0
    (folder / "unet.json").write_text(json.dumps(SMALL | {"in_channels": 9}))
    done = embed("--check", "a.md")
    assert done.returncode == 1
    removed = [line for line in done.stdout.splitlines() if line.startswith("-| ")]
    added = [line for line in done.stdout.splitlines() if line.startswith("+| ")]
    assert [line.split("|")[1].strip() for line in removed] == ["conv_in", "**total**"]
    assert [line.split("|")[1] for line in added] == [line.split("|")[1] for line in removed]


def test_presets_and_saved_architectures_need_no_torch(folder: Path) -> None:
    document("diagram sd15")
    assert "torch" not in heavy_after("embed", "a.md")
    assert "numpy" not in heavy_after("embed", "--check", "a.md")


SETTINGS = {
    # what pyproject.toml says: where the pictures go
    'images = "pictures"': "docs/pictures/diagram-sd15.svg",
    'images = "/assets/x"': "assets/x/diagram-sd15.svg",
    "": "docs/diagram-sd15.svg",
}


@pytest.mark.parametrize("settings", SETTINGS)
def test_pictures_go_where_the_project_says(settings: str, folder: Path) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.unetscope]\n{settings}\ntheme = 'auto'\n")
    path = document("diagram sd15", "docs/a.md")
    assert embed("docs/a.md").stdout.splitlines() == [SETTINGS[settings], "docs/a.md"]
    reference = os.path.relpath(SETTINGS[settings], "docs")
    assert path.read_text().splitlines()[2].endswith(f"]({reference})")
    assert "prefers-color-scheme" in (folder / SETTINGS[settings]).read_text()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("images = 3", "takes texts"),
        ("folder = 'x'", "has no 'folder'"),
        ("theme = 'dark'", "not one of pair, auto"),
        ("images = ", "cannot be read as TOML"),
        ("images = '../..'", "lies outside of the project"),
    ],
)
def test_settings_that_cannot_be_are_told(settings: str, said: str, folder: Path) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.unetscope]\n{settings}\n")
    document("diagram sd15")
    done = embed("a.md")
    assert done.returncode == 2
    assert said in done.stderr


REFUSED = {
    "diagram ../net.json": "lies outside of the project",
    "diagram /etc/passwd": "lies outside of the project",
    "diagram ~/net.json": "lies outside of the project",
    "diagram out/net.json": "lies outside of the project",
    "diagram sd15 -o ../x.svg": "lies outside of the project",
    "diagram sd15 -o out/x.svg": "lies outside of the project",
    "diagram sd15 -o x.html": "-o names the file of a picture here",
    "table sd15 -o x.csv": "-o names the file of a picture here",
    "diff sd15 sd21 --map-out m.json": "--map-out writes a file of its own",
    "diagram sd15 --overlay ../../lora.safetensors": "lies outside of the project",
    "table -": "a marker reads no standard input",
    "trace sd15": "no command 'trace' that shows something",
    "embed a.md": "no command 'embed' that shows something",
    "zoo trace": "no command 'zoo' that shows something",
    "picture sd15": "no command 'picture' that shows something",
    "table no-such-network": "no-such-network",
    "table sd15 --theme dark": "no such option",
    "table sd15 --by foo": "'foo' is not one of",
    "table": "missing argument",
    "diagram sd15 sdxl": "several pictures in one place",
    "table sd15 --format svg": "'svg' is not one of",
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_a_marker_may_not_say_names_its_line_and_leaves_all_whole(
    words: str, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "net.json").write_text(json.dumps(SMALL))
    (folder / "out").symlink_to(outside)
    (folder / ".git").mkdir()
    document(words)
    before = (folder / "a.md").read_bytes()
    done = embed("a.md")
    assert (done.returncode, done.stdout) == (2, "")
    error, hint = done.stderr.splitlines()
    assert error.startswith("error: a.md:1: ")
    assert REFUSED[words].casefold() in error.casefold()
    assert hint.startswith("hint: ")
    assert (folder / "a.md").read_bytes() == before
    assert [one.name for one in outside.iterdir()] == ["net.json"]
    assert sorted(one.name for one in folder.iterdir()) == [".git", "a.md", "out"]


def test_no_shell_reads_a_marker(folder: Path) -> None:
    document("table sd15; touch x $(touch x) `touch x` | touch x > x")
    before = (folder / "a.md").read_bytes()
    done = embed("a.md")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-2].startswith("error: a.md:1: ")
    assert files_of(folder) == {"a.md": before}


def test_a_source_may_lie_elsewhere_in_the_project(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / "net.json").write_text(json.dumps(SMALL))
    document("table ../net.json", "docs/a.md")
    assert embed("docs/a.md").returncode == 0


def test_a_document_is_fresh_in_a_clone_of_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A config is called by the folders above it; the project's own is called as its clone is."""
    shown = set()
    for name in ("mine", "theirs"):
        (tmp_path / name / ".git").mkdir(parents=True)
        (tmp_path / name / "unet").mkdir()
        (tmp_path / name / "unet" / "config.json").write_text(json.dumps(SMALL))
        (tmp_path / name / "config.json").write_text(json.dumps(SMALL))
        monkeypatch.chdir(tmp_path / name)
        path = document("table unet/config.json")
        path.write_text(path.read_text() + path.read_text().replace("unet/", ""))
        assert embed("a.md").returncode == 0
        shown.add(path.read_text())
    assert len(shown) == 1
    assert "**unet · " in shown.pop()


def test_one_document_in_trouble_leaves_the_others_to_be_done(folder: Path) -> None:
    (folder / "b.md").write_text("<!-- unetscope: table sd15 -->\n")
    document("table sd15", "c.md")
    done = embed("b.md", "none.md", "c.md")
    assert (done.returncode, done.stdout) == (2, "c.md\n")
    told = [line for line in done.stderr.splitlines() if line.startswith("error")]
    assert told[0] == "error: b.md:1: this marker is not closed"
    assert told[1].startswith("error: none.md: ")


def test_two_markers_do_not_write_one_file(folder: Path) -> None:
    path = document("diagram sd15 -o x.svg")
    path.write_text(path.read_text() + path.read_text().replace("sd15", "sdxl"))
    done = embed("a.md")
    assert (done.returncode, "a.md:3: another marker writes 'x.svg' too" in done.stderr) == (2, True)
    assert not (folder / "x.svg").exists()


def test_words_that_are_no_name_of_a_file_give_different_files(folder: Path) -> None:
    path = document("diagram sd15 --title 'a/b'")
    path.write_text(
        path.read_text() + path.read_text().replace("a/b", "a-b") + path.read_text().replace("a/b", "ä")
    )
    done = embed("a.md")
    assert done.returncode == 0
    assert len(set(done.stdout.splitlines())) == 7


KINDS = {
    # document: a marker's words, what stands in its region
    "a.rst": ("diagram sd15", "\n.. image:: diagram-sd15.svg\n   :alt: Strip diagram of"),
    "b.rst": ("table ddpm-cifar10", "\n**DDPM CIFAR-10 (32 px) · UNet2DModel**\n\n.. list-table::\n"),
    "c.rst": ("show sd15", "\n.. code-block:: text\n\n   Stable Diffusion 1.5"),
    "a.tex": ("diagram sd15", "\\input{diagram-sd15.tex}\n"),
    "b.tex": ("chart sd15", "\\includegraphics[width=\\linewidth]{chart-sd15.pdf}\n"),
    "c.tex": ("diagram sd15 --caption latex", "\\caption{Stable Diffusion 1.5 (UNet2DConditionModel): "),
    "d.tex": ("table sd15", "% needs \\usepackage{booktabs}\n\\begin{table}\n"),
    "a.html": ("compare sd15 sd21 --differing", "<p><strong>2 networks compared</strong></p>\n<table>\n"),
    "b.html": ("diagram sd15 --theme dark -o img/x.svg", '<img alt="Strip diagram of'),
    "a.mdx": ("diagram sd15 -o img/x.png", "\n![Strip diagram of"),
    "b.mdx": ("diff sd15 sd21", "\n# Stable Diffusion 1.5 → Stable Diffusion 2.1"),
    "c.md": ("reconcile sd14 339G --no-torchinfo", "\n```text\nStable Diffusion 1.4"),
    "d.md": ("list --search sdxl", "\n```text\n"),
    "e.md": ("$ diagram --help", "\n```console\n$ unetscope diagram --help\nUsage: unetscope diagram"),
    "a.md": ("table sd15 --json", "\n```json\n{\n"),
    "b.md": ("graph sd15 --format mermaid", "\n```mermaid\n---\n"),
}
COMMENTS = {
    "rst": (".. ", ""),
    "tex": ("% ", ""),
    "html": ("<!-- ", " -->"),
    "mdx": ("{/* ", " */}"),
    "md": ("<!-- ", " -->"),
}


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_document_shows_things_in_its_own_way(name: str, folder: Path) -> None:
    words, begins = KINDS[name]
    (opening, closing), gap = COMMENTS[name.partition(".")[2]], "\n" * name.endswith("rst")
    (folder / name).write_text(f"{opening}unetscope: {words}{closing}\n{gap}{opening}/unetscope{closing}\n")
    done = embed(name)
    assert (done.returncode, done.stderr) == (0, "")
    text = (folder / name).read_text().partition("\n")[2]
    assert text.startswith(begins)
    assert embed("--check", name).returncode == 0


@pytest.mark.slow
def test_latex_sets_what_is_embedded(folder: Path, pdflatex: str) -> None:
    marked = "".join(
        f"% unetscope: {words}\n% /unetscope\n"
        for words in ("diagram sd15", "table sd15", "chart sd15", "$ table ddpm-cifar10")
    )
    (folder / "p.tex").write_text(
        "\\documentclass{article}\\usepackage[utf8]{inputenc}\\usepackage{booktabs,graphicx,tikz}\n"
        "\\begin{document}\n" + marked.replace("$ table ddpm-cifar10", "table ddpm-cifar10 --format csv")
        + "\\end{document}\n"
    )  # fmt: skip
    assert embed("p.tex").returncode == 0
    done = subprocess.run(
        [pdflatex, "-interaction=batchmode", "p.tex"], cwd=folder, capture_output=True, check=False
    )
    assert (folder / "p.pdf").exists(), done.stdout


@pytest.mark.slow
def test_the_time_follows_the_number_of_markers(folder: Path) -> None:
    """Calls counted rather than seconds: the work per marker does not grow with their number."""
    import cProfile
    import pstats

    calls = {}
    for count in (100, 200):
        text = "".join(
            f"<!-- unetscope: table ddpm-cifar10 --title t{number} -->\n<!-- /unetscope -->\n\n"
            for number in range(count)
        )
        (folder / "many.md").write_text(text)
        embed("--check", "many.md")  # what is loaded once
        with cProfile.Profile() as profile:
            assert embed("--check", "many.md").returncode == 1
        calls[count] = sum(found[0] for found in pstats.Stats(profile).stats.values())  # type: ignore[attr-defined]
    assert 1.9 < calls[200] / calls[100] < 2.1


def test_help_names_the_group() -> None:
    assert "\nPublish:\n  embed " in unetscope("--help").stdout
