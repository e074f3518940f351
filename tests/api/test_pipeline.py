"""A pipeline's parts add up, its runs follow from steps and guidance, and what is not known is said."""

from __future__ import annotations

import html
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from support import published
from support.traces import bundled
from unetscope import api, zoo
from unetscope.cli.commands import unetscope
from unetscope.zoo.companions import companions, encoders


def run(*args: str) -> Any:
    return CliRunner().invoke(unetscope, list(args), env={"COLUMNS": "80"})


def told(*args: str) -> dict[str, Any]:
    done = run(*args, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


SDXL = """\
Stable Diffusion XL Base 1.0 · pipeline

 part                             parameters   MACs of a run   runs        MACs
 ──────────────────────────────────────────────────────────────────────────────
 CLIP ViT-L/14                   123,060,480       6.65 GMAC      2   13.3 GMAC
 OpenCLIP ViT-bigG/14            694,659,840       48.9 GMAC      2   97.9 GMAC
 Stable Diffusion XL Base      2,567,463,684       3.38 TMAC     60    203 TMAC
 1.0
 AutoencoderKL, decoder           83,653,863       5.24 TMAC      1   5.24 TMAC

 total                         3,468,837,867                           208 TMAC

MACs in all: 208,183,449,849,856
basis: 1024×1024 px, latent 4×128×128, batch 1, 77 text tokens, float16
one image: 30 steps, classifier-free guidance (two forwards a step)
"""


def test_the_cost_of_an_image_is_a_table_of_what_runs_for_it() -> None:
    assert run("table", "sdxl", "--pipeline", "--steps", "30", "--cfg").output == SDXL


@pytest.mark.parametrize("id", ["sd15", "sdxl", "sd3-medium", "flux1-dev", "flux1-schnell", "z-image"])
def test_parts_add_up_to_the_pipeline(id: str) -> None:
    found = told("table", id, "--pipeline")
    assert found["params"] == sum(part["params"] for part in found["parts"])
    assert found["macs"] == sum(part["macs_of_a_run"] * part["runs"] for part in found["parts"])
    assert found["unknown"]["macs"] == []


@pytest.mark.parametrize(
    ("id", "runs"),
    [("sdxl", 100), ("sdxl-lightning-4step", 4), ("sdxl-turbo", 1), ("flux1-dev", 28), ("flux1-schnell", 4)],
)
def test_steps_and_guidance_are_those_of_the_checkpoint_unless_asked_for(id: str, runs: int) -> None:
    [denoiser] = [part for part in told("table", id, "--pipeline")["parts"] if part["role"] == "denoiser"]
    assert denoiser["runs"] == runs
    assert denoiser["macs_of_a_run"] == bundled(id).cost.macs


@pytest.mark.slow
def test_two_networks_that_take_turns_share_the_steps_and_are_both_held() -> None:
    found = told("table", "wan2.2-t2v-a14b", "--pipeline", "--steps", "41")
    runs = [part["runs"] for part in found["parts"] if part["role"] == "denoiser"]
    assert runs == [42, 40]
    assert sum(part["params"] for part in found["parts"][1:3]) == 2 * 14_288_491_584


def test_a_batch_multiplies_the_work_of_every_part() -> None:
    one, two = (told("table", "sd15", "--pipeline", "--batch", str(batch)) for batch in (1, 2))
    assert two["macs"] == 2 * one["macs"]
    assert two["params"] == one["params"]


def test_the_decoder_is_the_part_of_the_vae_that_makes_the_image() -> None:
    whole = bundled("vae-sd15")
    found = told("table", "sd15", "--pipeline")["parts"][-1]
    assert found["macs"] == sum(
        whole.costs[path].macs for path in ("decoder", "post_quant_conv")
    )  # of 512 px, the size of both
    assert found["macs"] < whole.cost.macs


@pytest.mark.parametrize(
    "id", ["sd15-inpaint", "instruct-pix2pix", "svd-xt", "flux1-fill-dev", "qwen-image-edit"]
)
def test_a_network_that_is_given_an_image_has_the_vae_encode_it_once(id: str) -> None:
    found = told("memory", id, "--pipeline")
    [part] = [part for part in found["parts"] if part["role"] == "VAE encode"]
    assert (part["runs"], part["params"], part["weights_bytes"]) == (1, 0, 0)  # the decoder's own VAE
    vae = next(one.vae for one in companions(zoo.spec(id).facts) if one.vae)
    assert part["macs"] > 0
    assert part["activation_peak_bytes"] > 0
    if (id, vae) == ("sd15-inpaint", "vae-sd15"):
        assert part["macs"] == sum(bundled(vae).costs[path].macs for path in ("encoder", "quant_conv"))


@pytest.mark.slow
@pytest.mark.parametrize("id", ["sd15", "wan2.2-t2v-a14b", "sd-x4-upscaler"])
def test_a_network_that_is_given_noise_or_pixels_has_the_vae_decode_alone(id: str) -> None:
    assert "VAE encode" not in [part["role"] for part in told("table", id, "--pipeline")["parts"]]


def test_what_an_image_adds_as_tokens_is_said_to_be_left_out() -> None:
    line = "NOT COUNTED: the source image's tokens in the denoiser"
    assert told("table", "qwen-image-edit", "--pipeline")["without_image_tokens"] is True
    assert [line in run(verb, "qwen-image-edit", "--pipeline").output for verb in ("table", "memory")] == [
        True
    ] * 2
    assert line in html.unescape(api.draw_pipeline(api.pipeline("qwen-image-edit")).text)
    assert line not in run("table", "qwen-image", "--pipeline").output


def test_of_vaes_alike_in_class_the_one_of_the_same_origin_is_meant() -> None:
    found = {id: [one.vae for one in companions(zoo.spec(id).facts)][-1] for id in ("ltx-0.9.0", "ltx-0.9.7")}
    assert found == {"ltx-0.9.0": None, "ltx-0.9.7": "vae-ltx-0.9.7"}
    assert api.pipeline("ltx-0.9.7").frames == 161


def test_the_device_holds_less_the_more_is_offloaded() -> None:
    found = told("memory", "flux1-dev", "--pipeline")
    resident, model, sequential = (one["bytes"] for one in found["on_device"])
    assert resident > model > sequential
    parts = found["parts"]
    activations = [part["activation_peak_bytes"] or 0 for part in parts]
    assert resident == sum(part["weights_bytes"] for part in parts) + max(activations)
    assert model == max(
        part["weights_bytes"] + beside for part, beside in zip(parts, activations, strict=True)
    )


def test_the_denoisers_weights_alone_are_quantized() -> None:
    plain, narrow = (told("memory", "flux1-dev", "--pipeline", *args) for args in ([], ["--quant", "q4_k"]))
    changed = [
        part["name"]
        for part, other in zip(plain["parts"], narrow["parts"], strict=True)
        if part["weights_bytes"] != other["weights_bytes"]
    ]
    assert changed == ["FLUX.1 dev"]


def test_sdxls_pipeline_decodes_in_float32_and_says_so() -> None:
    found = told("memory", "sdxl", "--pipeline")
    assert (found["decoded_in"], found["parts"][-1]["weights_bytes"]) == ("float32", 4 * 83_653_863)
    assert told("memory", "sd15", "--pipeline")["decoded_in"] == "float16"
    assert "its pipeline decodes in float32" in run("memory", "sdxl", "--pipeline").output


def test_what_is_not_known_is_named_and_no_fit_is_claimed_without_it() -> None:
    found = run("memory", "cogview4-6b", "--pipeline", "--fits", "80GB").output
    assert "NOT COUNTED, not known: parameters of GLM-4-9B" in found
    assert "at least" in found
    assert "not known" in found
    asked = ["memory", "cogview4-6b", "--pipeline", "--exit-code", "--fits"]
    assert [run(*asked, limit).exit_code for limit in ("80GB", "1GB")] == [2, 1]


@pytest.mark.slow
@pytest.mark.parametrize("id", [id for id in zoo.ids() if zoo.preset(id).vae_factor != 1])
def test_whatever_runs_around_a_denoiser_of_latents_is_a_part_known_or_not(id: str) -> None:
    if zoo.preset(id).unpublished:
        return
    network = bundled(id)
    if network.input_of("time") is None or "ControlNet" in network.class_name or network.factor == 1:
        return
    parts = api.pipeline_of(network).parts
    assert [part.role for part in parts][-1] == "decoder"
    if network.input_of("text context"):
        assert parts[0].role == "encoder"


def test_a_vae_that_no_fact_names_is_said_to_be_missing() -> None:
    lines = run("memory", "ssd-1b", "--pipeline").output.splitlines()
    assert "NOT COUNTED, not known: parameters of VAE" in lines
    assert "VAE" not in run("table", "ddpm-church", "--pipeline").output


def test_memory_without_a_pipeline_says_that_it_is_the_denoiser_alone() -> None:
    assert "the denoiser alone; with its text encoders and VAE: --pipeline" in run("memory", "sdxl").output
    assert "--pipeline" not in run("memory", "ddpm-church").output


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (["memory", "sdxl", "--pipeline", "--train"], "are about inference"),
        (["memory", "sdxl", "--pipeline", "--offload", "blocks=2"], "about the denoiser alone"),
        (["memory", "sdxl", "--offload", "blocks=0"], "not a way to offload"),
        (["memory", "sdxl", "--tiling"], "--tiling is about a pipeline"),
        (["table", "sdxl", "--pipeline", "--by", "block"], "--pipeline excludes --by"),
        (["table", "sdxl", "--pipeline", "--convention", "thop"], "full convention"),
    ],
)
def test_what_a_pipeline_cannot_answer_is_refused(args: list[str], complaint: str) -> None:
    done = run(*args)
    assert done.exit_code == 2
    assert complaint in done.output


@pytest.mark.parametrize("id", ["vae-sd15", "controlnet-sd15"])
def test_what_is_no_denoiser_has_no_pipeline(id: str) -> None:
    assert "is not a denoiser" in str(run("table", id, "--pipeline").exception)


def test_a_model_folder_has_a_pipeline_of_what_its_files_tell(tmp_path: Path) -> None:
    published.write(tmp_path / "unet" / "config.json", "sd15")
    published.write(tmp_path / "vae" / "config.json", "sd15", "vae")
    published.write(tmp_path / "model_index.json", "sd15", "model_index")
    found = run("table", str(tmp_path), "--pipeline", "--steps", "25", "--cfg").output
    assert "NOT COUNTED, not known: parameters of CLIPTextModel" in found
    assert "AutoencoderKL, decoder" in found
    assert "how it is sampled is not known" in found


def test_every_encoder_that_is_known_by_name_is_named_by_a_preset() -> None:
    named = {name for id in zoo.ids() for name in zoo.preset(id).text_encoders}
    assert set(encoders()) <= named


@pytest.mark.parametrize("id", zoo.ids())
def test_an_encoder_reads_as_many_tokens_as_it_was_counted_at(id: str) -> None:
    for one in companions(zoo.spec(id).facts):
        known = encoders().get(one.name)
        if known and one.tokens:
            assert one.tokens in known.macs or one.name == "T5-XXL"


def test_t5s_work_follows_from_its_tokens_by_a_quadratic_that_all_counts_agree_with() -> None:
    macs = encoders()["T5-XXL"].macs
    (one, first), (two, second) = sorted(macs.items())[:2]
    square = (first * two - second * one) // (one * two * (one - two))
    line = first // one - square * one
    assert all(tokens * line + tokens * tokens * square == count for tokens, count in macs.items())


def test_a_pipeline_of_a_preset_needs_no_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from unetscope.cli import main\n"
        "sys.argv = ['unetscope', 'memory', 'sdxl', '--pipeline', '--size', '768', '--batch', '2']\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "AutoencoderKL, decoder" in done.stdout


def test_in_python_a_pipeline_comes_from_its_denoiser() -> None:
    found = api.pipeline("sd15", steps=25, cfg=True)
    assert found.macs == sum((part.macs or 0) * part.runs for part in found.parts)
    assert [part.role for part in found.parts] == ["encoder", "denoiser", "decoder"]
