"""Outputs of a diff: Markdown whole and escaped, weights and features in text and JSON."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from support.traces import bundled
from unetscope import api
from unetscope.analysis.diff import compare
from unetscope.analysis.diff.transfer import overlap
from unetscope.cli.commands import unetscope
from unetscope.errors import OutputError
from unetscope.render.diff import as_json, as_markdown, as_text, transfer

INPAINT = """\
# Stable Diffusion 1.5 → Stable Diffusion 1.5 Inpainting

same blocks, wider input

## Totals

|  | Stable Diffusion 1.5 | Stable Diffusion 1.5 Inpainting | difference | of A |
| --- | ---: | ---: | ---: | ---: |
| parameters | 859,520,964 | 859,535,364 | +14,400 | +0.0017 % |
| MACs | 401,636,720,640 | 401,695,703,040 | +58,982,400 | +0.0147 % |
| tensors | 686 | 686 | ±0 |  |
| skips | 12 | 12 | ±0 |  |

All of the difference in parameters, 14,400, is in conv_in.

## Why

| config fields | account for |
| --- | --- |
| in_channels 4 → 9 | 1 tensor (conv_in), +14,400 parameters, +59.0 MMAC |

## Inputs and skips

- &#126; input sample 4 → 9 = noisy latent 4 + mask 1 + masked-image latent 4

## Tensors

- &#126; conv_in 320×4×3×3 → 320×9×3×3, by in_channels

## Beside the network

- lineage: both were made from sd12: sd15 by fine-tune, sd15-inpaint by inpainting
- scheduler PNDMScheduler → DDIMScheduler

basis of both: 512×512 px, latent 4×64×64, batch 1, 77 text tokens, float32; \
convention full: conv + linear + attention matmuls; one forward; 1 MAC = 2 FLOPs; \
not counted: norms, activations, biases, softmax
"""


def run(*args: str) -> str:
    done = CliRunner().invoke(unetscope, ["diff", *args], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_markdown_holds_the_whole_diff(tmp_path: Path) -> None:
    assert run("sd15", "sd15-inpaint", "--format", "markdown", "-o", "-") == INPAINT
    run("sd15", "sd15-inpaint", "-o", str(tmp_path / "diff.md"))
    assert (tmp_path / "diff.md").read_text() == INPAINT


def test_markdown_names_renamed_keys_in_compact_form() -> None:
    assert "| up_blocks.i.resnets.1 | up_blocks.(i+1).resnets.2 | 0…2 | 36 |" in as_markdown.page(
        api.diff("sd15", "bk-sdm-tiny")
    )


def test_names_from_files_cannot_mark_anything_up() -> None:
    one = replace(bundled("sd15"), title="a|b <script> `x` [y](z)\n# h")
    page = as_markdown.page(compare(one, bundled("bk-sdm-tiny"), trials=None, common=True))
    assert "a&#124;b &#60;script&#62; \\`x\\` \\[y\\](z) \\# h" in page
    assert "\n# h" not in page


def test_a_plus_in_front_begins_no_list_within_the_item() -> None:
    page = as_markdown.page(api.diff("bk-sdm-small", "sd15"))
    assert "\n- \\+ added" in page
    assert "\n- + " not in page


@pytest.mark.parametrize(
    ("source", "target", "copied"),
    [
        ((320, 4, 3, 3), (320, 9, 3, 3), 11_520),
        ((320, 9, 3, 3), (320, 4, 3, 3), 11_520),
        ((640, 640, 1, 1), (640, 640), 409_600),
        ((640, 768), (640, 1024), 491_520),
        ((8, 4), (8,), 0),
        ((4,), (1,), 1),
    ],
)
def test_the_overlap_of_two_shapes_is_what_can_be_copied(
    source: tuple[int, ...], target: tuple[int, ...], copied: int
) -> None:
    assert overlap(source, target) == copied


@pytest.mark.parametrize(
    ("a", "b"), [("sd15", "sdxl"), ("sd15", "sd21"), ("sdxl", "ssd-1b"), ("sd15-inpaint", "sd15")]
)
def test_the_parts_of_the_plan_add_up_to_b(a: str, b: str) -> None:
    diff = api.diff(a, b, causes=False)
    elements = diff.transfer.elements
    assert sum(elements.values()) - elements["unused"] == diff.b.cost.params


def test_new_input_channels_are_named_as_such() -> None:
    there, back = api.diff("sd15", "sd15-inpaint"), api.diff("sd15-inpaint", "sd15")
    assert list(transfer.weights(there))[-1].strip() == (
        "conv_in 320×4×3×3 → 320×9×3×3: 11,520 of 25,920 elements; 5 new input channels, zero by convention"
    )
    assert list(transfer.weights(back))[-1].strip() == (
        "conv_in 320×9×3×3 → 320×4×3×3: 11,520 of 11,520 elements; 5 input channels of A left out"
    )
    (partial,) = as_json.weight_map(there)["partial"]
    assert partial == {
        "target": "conv_in.weight",
        "source": "conv_in.weight",
        "from": [320, 4, 3, 3],
        "to": [320, 9, 3, 3],
        "copied": 11_520,
    }


def test_distill_shows_where_features_compare_and_json_always_does() -> None:
    shown = run("sd14", "bk-sdm-tiny", "--only", "blocks", "--distill")
    line = "  down_blocks.2.attentions.1.proj_out ↔ down_blocks.2.attentions.0.proj_out"
    assert line in shown.splitlines()
    assert as_json.document(api.diff("sd14", "bk-sdm-tiny"))["distillation"][2] == {
        "teacher": "down_blocks.2.attentions.1.proj_out",
        "student": "down_blocks.2.attentions.0.proj_out",
        "shape": [1, 1280, 16, 16],
    }


def test_each_value_of_a_field_is_printed_once() -> None:
    shown = " ".join(as_text.diff(api.diff("sd15", "sdxl"), only="config").split())
    for values in ("768 → 2048", "[320, 640, 1280 ×2] → [320, 640, 1280]", "unset → text_time"):
        assert shown.count(values) == 1


def test_an_absent_mid_block_type_is_unset() -> None:
    old = replace(bundled("sd15"), defaulted_keys=("mid_block_type",))
    diff = compare(old, bundled("bk-sdm-small"), trials=None, common=True)
    assert "mid_block_type unset → none" in as_text.diff(diff, only="config")


@pytest.mark.parametrize("suffix", ["text", "markdown", "json", "html"])
@pytest.mark.parametrize("look", [("layout", "u"), ("theme", "dark"), ("width", "full")])
def test_a_look_that_a_format_does_not_show_is_refused(suffix: str, look: tuple[str, str]) -> None:
    name, value = look
    if (suffix, name) == ("html", "layout"):
        return  # a page draws either
    done = CliRunner().invoke(unetscope, ["diff", "sd15", "sd21", f"--{name}", value, "--format", suffix])
    assert isinstance(done.exception, OutputError)
    assert done.output == ""
    with pytest.raises(OutputError, match=name):
        api.draw_diff(api.diff("sd15", "sd21"), format=suffix, **{name: value})
