"""`unetscope list`: by family, within 80 columns, every word whole."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from unetscope import zoo
from unetscope.cli.commands import unetscope
from unetscope.errors import SourceError


def listed(*args: str, columns: int = 80) -> str:
    done = CliRunner().invoke(unetscope, ["list", *args], env={"COLUMNS": str(columns)})
    assert done.exit_code == 0, done.output
    return done.output


FLUX = """\
 id                     params    MACs    pixels  year  licence

FLUX.2
 flux2-dev              32.2 B   141 T 1024×1024  2025
 flux2-klein-4b         3.88 B  17.4 T 1024×1024  2026  Apache-2.0
 flux2-klein-9b         9.08 B  37.8 T 1024×1024  2026

MACs: one forward at the pixels shown, batch 1; of a video, of all its frames
"""


def test_a_family_is_listed_with_params_macs_native_size_year_and_licence() -> None:
    assert listed("--family", "flux.2") == FLUX


def test_the_list_fits_eighty_columns_and_cuts_no_word() -> None:
    lines = listed().splitlines()
    assert max(map(len, lines)) <= 80
    words = {word for line in lines for word in line.split()}
    for id in (*zoo.ids(), *zoo.unpublished()):
        assert {id, *(zoo.preset(id).licence or "").split()} <= words


def test_every_model_is_listed_once_under_its_family() -> None:
    starts = [line.split()[0] for line in listed().splitlines() if line.startswith(" ") and line[1] != " "]
    assert sorted(starts[1:]) == sorted((*zoo.ids(), *zoo.unpublished()))


@pytest.mark.parametrize(
    ("args", "ids"),
    [
        (["--search", "v1-5-pruned.ckpt"], {"sd15"}),
        (["--search", "black-forest-labs/FLUX.2"], {"flux2-dev", "flux2-klein-4b", "flux2-klein-9b"}),
        (["--family", "dit", "--license", "cc-by-nc"], {"dit-xl-2-256", "dit-xl-2-512"}),
        (["--search", "turbo", "--family", "diffusion 3"], {"sd3-turbo", "sd35-large-turbo"}),
    ],
)
def test_a_search_looks_at_ids_titles_aliases_and_file_names(args: list[str], ids: set[str]) -> None:
    found = json.loads(listed(*args, "--json"))
    assert {one["id"] for one in found["models"]} == ids


def test_a_model_without_a_network_has_no_figures_and_says_why() -> None:
    [found] = json.loads(listed("--search", "flux1-pro", "--json"))["models"]
    assert (found["params"], found["macs"], found["pixels"]) == (None, None, None)
    assert found["unpublished"] == "it is closed: weights and config are not published"
    assert "unetscope show ID says why" in listed("--search", "flux1-pro")


def test_a_search_that_finds_nothing_is_refused() -> None:
    done = CliRunner().invoke(unetscope, ["list", "--search", "no such model"])
    assert isinstance(done.exception, SourceError)
