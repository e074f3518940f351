"""Pairs of published networks: a diff finds what was found outside, and each change has its cause."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import unetscope
from support.published_families import published_counts
from support.tables import data_rows
from unetscope.analysis.diff import compare
from unetscope.difference import Diff
from unetscope.difference.changes import BlockChange, TensorChange, of
from unetscope.render.diff.as_text import lines_of
from unetscope.words.diff import verdict

pytestmark = pytest.mark.filterwarnings("ignore:.*ignores .* config key")
QUICK = {("flux1-dev", "flux1-schnell"), ("sana-1600m-1024", "sana1.5-1600m-1024")}


def _pairs() -> list[Any]:
    return [
        pytest.param(
            row,
            id=f"{row['a']}-to-{row['b']}",
            marks=() if (row["a"], row["b"]) in QUICK else pytest.mark.slow,
        )
        for row in data_rows("pairs-of-families.tsv")
    ]


def _config(name: str) -> dict[str, Any]:
    """The denoiser's config of a name; autoencoders go by the same names."""
    found = (one.config for one in published_counts() if name in one.names.split())
    return next(one for one in found if not one["_class_name"].startswith("Autoencoder"))


def _diff(a: str, b: str) -> Diff:
    return unetscope.diff(_config(a), _config(b), fresh="uncached")


def _tensors(diff: Diff, how: str) -> list[TensorChange]:
    return [one for one in of(TensorChange, diff.changes) if one.change == how]


@pytest.mark.slow
@pytest.mark.parametrize("row", _pairs())
def test_a_pair_differs_as_was_found_outside_and_every_tensor_has_a_cause(row: dict[str, str]) -> None:
    diff = _diff(row["a"], row["b"])
    assert diff.b.cost.params - diff.a.cost.params == int(row["params"])
    found = [len(_tensors(diff, how)) for how in ("added", "removed", "changed")]
    assert found == [int(row[how]) for how in ("added", "removed", "reshaped")]
    assert diff.groups is not None or diff.a.class_name != diff.b.class_name
    causes = {field for one in of(TensorChange, diff.changes) for field in one.cause}
    assert causes <= set(row["fields"].split())
    assert sum(group.params for group in diff.groups or ()) in (0, int(row["params"]))


def test_a_network_that_does_not_take_the_size_of_the_other_is_counted_at_its_own_and_that_is_said() -> None:
    # 13 frames of A are no multiple of B's patch_size_t 2
    diff = unetscope.diff("cogvideox-5b-i2v", "cogvideox1.5-5b-i2v", causes=False)
    assert [network.basis.axes["frames"] for network in (diff.a, diff.b)] == [13, 22]
    assert lines_of(diff, "cost")[1] == (
        "MACs (at two sizes) 166,102,306,521,088 → 739,607,967,154,176, +573,505,660,633,088"
    )


@pytest.mark.slow
def test_parts_of_blocks_are_told_as_one_line_a_list() -> None:
    diff = unetscope.diff("lumina-image-2.0", "z-image-turbo", causes=False)
    told = [line.strip() for line in lines_of(diff, "blocks") if ".attn" in line or ".attention" in line]
    assert told == [
        "− removed noise_refiner.0–1.attn",
        "− removed context_refiner.0–1.attn",
        "− removed layers.0–25.attn",
        "+ added noise_refiner.0–1.attention",
        "+ added context_refiner.0–1.attention",
        "+ added layers.0–25.attention",
    ]


def test_two_models_of_one_config_can_differ_in_weights_alone() -> None:
    one = unetscope.load(_config("sana-600m-512"), fresh="uncached")
    diff = compare(one, replace(one, source="another"), trials=(), common=True)
    assert verdict(diff.verdict) == "identical network: nothing but weights can differ"


@pytest.mark.slow
def test_a_lite_flux_is_told_as_its_missing_double_blocks() -> None:
    whole = _config("flux1-dev")
    diff = unetscope.diff(whole, whole | {"num_layers": 8}, fresh="uncached")
    assert verdict(diff.verdict) == "blocks removed"
    assert lines_of(diff, "blocks") == ("− removed transformer_blocks.8–18",)
    assert [(group.fields, len(group.removed)) for group in diff.groups or ()] == [(("num_layers",), 11)]


def test_chroma_and_flux_correspond_block_by_block_though_their_classes_differ() -> None:
    diff = _diff("flux1-dev", "chroma")
    changed = [one for one in of(BlockChange, diff.changes) if one.change == "changed"]
    assert [one.path for one in changed] == [
        *(f"transformer_blocks.{n}" for n in range(19)),
        *(f"single_transformer_blocks.{n}" for n in range(38)),
    ]
    assert lines_of(diff, "blocks") == (
        "+ added distilled_guidance_layer",
        "~ changed transformer_blocks.0–18, FluxTransformerBlock → ChromaTransformerBlock",
        "~ changed single_transformer_blocks.0–37, FluxSingleTransformerBlock → ChromaSingleTransformerBlock",
    )
    lost = {one.path.rpartition(".")[0].rpartition(".")[2] for one in _tensors(diff, "removed")}
    assert "linear" in lost  # the modulation of each block, which the approximator makes instead
