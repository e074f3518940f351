"""Attributions that are bundled or kept: the same as fresh ones, quick, and harmless when damaged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.networks import SMALL
from unetscope import api, zoo
from unetscope.analysis.diff import Diff, stored
from unetscope.api.loading import trace_cache
from unetscope.tracing import counterfactual
from unetscope.zoo import lineage

PAIRS = sorted(set(lineage.pairs()))
DISTINCT = list(
    {
        frozenset((repr(zoo.spec(a).config), repr(zoo.spec(b).config))): (a, b) for a, b in reversed(PAIRS)
    }.values()
)
"""One pair of those that are the same two networks, under other names or the other way round: both ways
rest on the same trials."""
BOTH = (SMALL, SMALL | {"cross_attention_dim": 32, "upcast_attention": True})


def assert_bundled_is_fresh(found: Diff) -> None:
    data = zoo.attribution(stored.content(found))
    assert data is not None
    made = counterfactual.attribution(found)
    assert stored.unpack(found, data) == made
    assert stored.pack(found, made) == data


@pytest.mark.slow
@pytest.mark.parametrize(("a", "b"), DISTINCT)
def test_all_bundled_attributions_are_what_torch_finds_out(a: str, b: str) -> None:
    found = api.diff(a, b, causes=False)
    if any(change.kind == "config" for change in found.changes):
        assert_bundled_is_fresh(found)
    else:
        assert zoo.attribution(stored.content(found)) is None


@pytest.mark.slow
def test_exactly_the_lines_of_the_zoo_are_bundled() -> None:
    found = [api.diff(a, b, causes=False) for a, b in PAIRS]
    needed = {stored.content(one) for one in found if any(change.kind == "config" for change in one.changes)}
    folder = zoo.attribution_file("").parent
    assert {path.name.removesuffix(".json.gz") for path in folder.iterdir()} == needed
    assert sum(path.stat().st_size for path in folder.iterdir()) < 100_000


def test_every_model_of_the_lines_is_bundled() -> None:
    assert {name for pair in PAIRS for name in pair} <= set(zoo.ids())


WITHOUT_TORCH = """
import sys
from unetscope.cli import main
sys.argv = ["unetscope", "diff", *sys.argv[1:]]
try:
    main()
finally:
    print("torch" in sys.modules, "diffusers" in sys.modules, file=sys.stderr)
"""


def run(*args: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT_TORCH, *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize(("a", "b"), [("sd15", "sdxl"), ("bk-sdm-small", "sd14"), ("sd20-base", "sd20")])
def test_a_bundled_diff_imports_no_torch_and_knows_its_causes(a: str, b: str) -> None:
    done = run(a, b)
    assert done.stderr.strip() == "False False"
    assert "causes are not known" not in done.stdout


@pytest.mark.slow
def test_a_diff_that_was_made_once_imports_no_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNETSCOPE_CACHE", str(tmp_path))
    first, again = run("tiny-sd", "sd20"), run("tiny-sd", "sd20")  # no line joins these
    assert first.stdout == again.stdout
    assert [one.stderr.strip() for one in (first, again)] == ["True True", "False False"]


def entries(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def attribution_entry(diff: Diff, folder: Path) -> Path:
    return folder / f"{trace_cache.key_of(stored.content(diff))}.json.gz"


@pytest.mark.slow
def test_what_is_kept_gives_the_same_diff_and_damage_is_a_miss(tmp_path: Path) -> None:
    made = api.diff(*BOTH, cache_folder=tmp_path)
    entry = attribution_entry(made, tmp_path)
    whole = entry.read_bytes()
    assert api.diff(*BOTH, cache_folder=tmp_path) == made
    for damage in (whole[:-9], b"", b"{}", stored.pack(api.diff("sd15", "sd21"), _why("sd15", "sd21"))):
        entry.write_bytes(damage)
        assert api.diff(*BOTH, cache_folder=tmp_path) == made
        assert entry.read_bytes() == whole


def _why(a: str, b: str) -> stored.Attribution:
    found = api.diff(a, b, causes=False)
    data = zoo.attribution(stored.content(found))
    assert data is not None
    why = stored.unpack(found, data)
    assert why is not None
    return why


@pytest.mark.slow
def test_no_cache_neither_reads_nor_writes_and_fresh_writes(tmp_path: Path) -> None:
    made = api.diff(*BOTH, cache_folder=tmp_path, fresh="uncached")
    assert entries(tmp_path) == {}
    assert api.diff(*BOTH, cache_folder=tmp_path, fresh="fresh") == made
    entry = attribution_entry(made, tmp_path)
    whole = entry.read_bytes()
    entry.write_bytes(b"damaged")
    assert api.diff(*BOTH, cache_folder=tmp_path, fresh="uncached") == made
    assert entry.read_bytes() == b"damaged"
    assert api.diff(*BOTH, cache_folder=tmp_path, fresh="fresh") == made
    assert entry.read_bytes() == whole


def test_the_content_depends_on_both_networks_and_on_no_name() -> None:
    there, back = api.diff("sd15", "sd21", causes=False), api.diff("sd21", "sd15", causes=False)
    renamed = api.diff("sd14", "sd21", causes=False)
    assert stored.content(there) == stored.content(renamed)
    assert len({stored.content(one) for one in (there, back, api.diff("sd15", "sd20", causes=False))}) == 3
    other = api.diff("sd15", "sd21", size=api.Size.of(latent=(96, 96)), causes=False)
    assert stored.content(other) != stored.content(there)
