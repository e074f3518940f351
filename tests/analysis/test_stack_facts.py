"""Facts of stacks of blocks, as `compare` and `show` tell them."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from click.testing import CliRunner

import unetscope
from support.published_families import published_counts
from unetscope.analysis.comparison import compare
from unetscope.analysis.cost.by_kind import by_part
from unetscope.analysis.stack_facts import mlp_widths, modulation
from unetscope.cli.commands import unetscope as program
from unetscope.cost import total
from unetscope.model import Architecture
from unetscope.render.comparison.cells import cell

pytestmark = pytest.mark.filterwarnings("ignore:.*ignores .* config key")


@cache
def loaded(name: str) -> Architecture:
    configs = (one.config for one in published_counts() if name in one.names.split())
    config: dict[str, Any] = next(one for one in configs if "latent_channels" not in one)
    return unetscope.load(config, fresh="uncached")


EXPECTED = {
    "flux1-dev": ("19, 38", "24×128, 24×128", "3072", "12,288 = 4×", "2×2 packed", "rotary"),
    "sd35-medium": ("24", "24×64", "1536", "6,144 = 4×", "2×2", "sine table"),
    "sana-1600m-1024": ("20", "20×112", "2240", "5,600 = 2.5×", "1×1", "none"),
    "auraflow": ("4, 32", "12×256, 12×256", "3072", "8,192 = 2.67×", "2×2", "learned table"),
    "wan2.2-ti2v-5b": ("30", "24×128", "3072", "14,336 = 4.67×", "1×2×2", "rotary"),
    "flux2-klein-4b": ("5, 20", "24×128, 24×128", "3072", "9,216 = 3×", "2×2 packed", "rotary"),
}
ROWS = ("stacks", "heads", "hidden", "mlp", "patch", "positions")
MEETS = {
    "flux1-dev": ("in each block", "double, single", "512", "4096"),
    "sd35-medium": ("in each block", "double", "333", "4096"),
    "sana-1600m-1024": ("once, with a table in each block", "single, text across", "300", "2304"),
    "auraflow": ("in each block", "double, single", "256", "2048"),
    "wan2.2-ti2v-5b": ("once, with a table in each block", "single, text across", "512", "4096"),
    "flux2-klein-4b": ("once for all blocks", "double, single", "512", "7680"),
}
CONDITIONED = ("modulation", "streams", "tokens", "context_width")


@pytest.mark.parametrize("name", EXPECTED)
def test_compare_tells_of_a_transformer_what_its_card_tells(name: str) -> None:
    facts = {fact.name: cell(fact, fact.values[0]) for fact in compare([loaded(name)]).facts}
    assert tuple(facts[row] for row in ROWS) == EXPECTED[name]
    assert tuple(facts[row] for row in CONDITIONED) == MEETS[name]


@pytest.mark.parametrize(
    ("id", "width"),
    [("hidream-i1-dev", "6,912 = 2.7×"), ("krea2", "16,384 = 2.67×"), ("sana-1600m-1024", "5,600 = 2.5×")],
)
def test_a_feed_forward_part_of_a_class_of_its_own_is_one(id: str, width: str) -> None:
    network = unetscope.load(id)
    assert mlp_widths(network) == (width,)
    assert "feed-forward" in {share.part for share in by_part(network)}


@pytest.mark.parametrize("id", ["hidream-i1-dev", "z-image", "qwen-image", "cogvideox-5b"])
def test_layers_that_make_shifts_and_scales_are_no_projections_of_attention(id: str) -> None:
    network = unetscope.load(id)
    assert modulation(network) == ("in each block",)
    assert "modulation" in {share.part for share in by_part(network)}


def test_a_unet_has_no_rows_of_stacks() -> None:
    names = {fact.name for fact in compare([unetscope.load("sd15")]).facts}
    assert not names & {*ROWS[2:], "stacks", "modulation", "streams"}


def test_the_last_layer_of_a_single_block_is_feed_forward_and_the_parts_add_up() -> None:
    flux = loaded("flux1-dev")
    shares = {share.part: share.cost for share in by_part(flux)}
    last = sum(
        node.own.params for node in flux.nodes if node.path.endswith(".proj_out") and "single" in node.path
    )
    assert shares["feed-forward"].params > last > 10**9
    assert total(shares.values()) == flux.cost


def test_show_tells_stacks_heads_and_equal_inputs_once(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = tmp_path / "flux.json"
    unetscope.save(loaded("flux1-dev"), saved)
    done = CliRunner().invoke(program, ["show", str(saved)], env={"COLUMNS": "100"})
    assert done.exit_code == 0, done.output
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "attention 24 heads of 128" in lines
    assert any("position ids 3 (img_ids, txt_ids)" in line for line in lines)
    assert any(line.startswith("transformer_blocks 19 × FluxTransformerBlock 4096×3072") for line in lines)


@pytest.mark.slow
def test_an_entry_of_a_list_has_no_batch_to_leave_out() -> None:
    found = loaded("z-image")
    assert found.basis.input == (16, 1, 128, 128)
