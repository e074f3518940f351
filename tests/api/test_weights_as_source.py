"""A file of weights as a source of every command, and set against a network by `check`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

import unetscope
from support.files.checkpoint_files import header, listing, written
from unetscope import api, zoo
from unetscope.api.weights import stored_bytes
from unetscope.checkpoints import explain, presets
from unetscope.checkpoints.names import crosswalks, ldm
from unetscope.cli.commands import unetscope as group
from unetscope.errors import SourceError


def run(*args: str, input: str | None = None):
    done = CliRunner().invoke(group, [str(arg) for arg in args], input=input)
    assert done.exception is None or isinstance(done.exception, SystemExit | SourceError), done.exception
    return done


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """SD 1.5 in LDM names and halves, an inpainting UNet in diffusers' names, two LoRAs, a VAE …"""
    folder = tmp_path_factory.mktemp("weights")
    tensors = presets.tensors("sd15")
    names = ldm.from_diffusers(tensors)
    full = {f"model.diffusion_model.{new}": tensors[old] for old, new in names.items()}
    written(folder / "full.safetensors", full, "F16")
    written(folder / "inpaint.safetensors", presets.tensors("sd15-inpaint"), "F32")
    written(folder / "lora.safetensors", listing("toolkit-lora-v1-unet").shapes)
    written(folder / "flux-lora.safetensors", listing("invoke-lora-flux-lora-kohya").shapes)
    written(folder / "vae.safetensors", listing("toolkit-vae-v1-sd").shapes)
    written(folder / "controlnet.safetensors", listing("invoke-flux-controlnet-instantx-union").shapes)
    (folder / "broken.safetensors").write_bytes(b"nothing")
    return folder


def test_a_file_is_the_network_of_its_tensors_and_says_what_it_took_from_elsewhere(files):
    said: list[str] = []
    made = unetscope.load(files / "full.safetensors", warn=said.append)
    assert said == ["full.safetensors: heads and sizes, which shapes do not tell, are those of sd15"]
    assert made.title == "full (Stable Diffusion 1)"
    assert made.cost == unetscope.load("sd15").cost
    assert made.config == unetscope.load("sd15").config


def test_a_file_and_its_settings_come_together_as_for_any_source(files):
    made = unetscope.load(files / "full.safetensors", overrides={"in_channels": 9}, warn=lambda line: None)
    assert made.cost.params == unetscope.load("sd15-inpaint").cost.params


def test_a_picture_of_a_file_draws_itself_again(files, tmp_path):
    first = run("diagram", files / "full.safetensors", "-o", tmp_path / "a.svg")
    assert first.exit_code == 0, first.output
    text = (tmp_path / "a.svg").read_text()
    assert "unetscope diagram" in text
    assert "full.safetensors" in text


def test_memory_of_a_file_counts_in_its_own_type_and_tells_its_own_bytes(files):
    assert stored_bytes(files / "full.safetensors") == {"F16": 2 * 859_520_964}
    assert stored_bytes("sd15") == {}
    for name, word in (("full", "float16"), ("inpaint", "float32")):
        found = json.loads(run("memory", files / f"{name}.safetensors", "--json").stdout)
        assert found["basis"]["dtype"] == word
        assert sum(found["file_weights_bytes"].values()) in found["weights_bytes"].values()
    assert "file_weights_bytes" not in json.loads(run("memory", "sd15", "--json").stdout)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("lora", "is not a network by itself: LoRA for Stable Diffusion 1 (LoRA)"),
        ("broken", "its header cannot be 29113321604280174 bytes long"),
    ],
)
def test_what_is_no_network_is_no_source_and_told_for_what_it_is(files, name, why):
    with pytest.raises(SourceError) as caught:
        unetscope.load(files / f"{name}.safetensors")
    assert why in str(caught.value)
    assert caught.value.hint


def test_a_file_fits_its_network_once_its_names_are_converted(files):
    found = api.check(files / "full.safetensors", "sd15")
    assert found.fits
    assert found.why == "all 686 tensors fit once its LDM names are converted"
    assert "from_single_file" in found.remedies[0]


def test_weights_of_another_kind_of_the_network_do_not_fit_and_the_one_cause_is_named(files):
    found = api.check(files / "inpaint.safetensors", "sd15")
    assert not found.fits
    assert found.found.reshaped == (("conv_in.weight", (320, 9, 3, 3), (320, 4, 3, 3)),)
    assert "9 input channels, not 4" in found.causes
    assert found.remedies[0] == "it fits sd15-inpaint"


@pytest.mark.parametrize(
    ("file", "network", "cause"),
    [
        ("full", "sd21", "context 768 wide, not 1024"),
        ("full", "sdxl", "context 768 wide, not 2048"),
        ("full", "bk-sdm-base", "2 layers in a block, not 1"),
        ("lora", "sd21", "its layers read 768, the network's 1024"),
        ("flux-lora", "sdxl", "it is a LoRA for FLUX.1: double_blocks and single_blocks"),
    ],
)
def test_a_misfit_has_its_cause_in_words(files, file, network, cause):
    found = api.check(files / f"{file}.safetensors", network)
    assert not found.fits
    assert cause in found.causes


def test_a_vae_is_no_denoiser(files):
    found = api.check(files / "vae.safetensors", "sd15")
    assert found.why == "it holds no denoiser: it is VAE of SD or SDXL (VAE)"


@pytest.mark.parametrize("id", ["sd11", "sd15", "sd15-inpaint", "lcm-dreamshaper"])
def test_a_lora_of_stable_diffusion_1_fits_each_of_its_kin(files, id):
    found = api.check(files / "lora.safetensors", id)
    assert found.fits
    assert found.why == "all 192 modules fit"


def test_a_lora_in_the_names_of_another_scheme_is_set_against_the_same_modules(files, tmp_path):
    tensors = presets.tensors("sdxl")
    module = "input_blocks_4_1_transformer_blocks_1_attn2_to_k"
    path = written(tmp_path / "m.safetensors", {
        f"lora_unet_{module}.lora_down.weight": (4, 2048), f"lora_unet_{module}.lora_up.weight": (640, 4),
    })  # fmt: skip
    assert tensors["down_blocks.1.attentions.0.transformer_blocks.1.attn2.to_k.weight"] == (640, 2048)
    assert api.check(path, "sdxl").fits
    assert not api.check(path, "sd15").fits


CODES = [
    (("check", "full.safetensors", "sd15"), 0),
    (("check", "inpaint.safetensors", "sd15"), 1),
    (("check", "broken.safetensors", "sd15"), 2),
    (("check", "full.safetensors", "nothing-of-that-name"), 2),
    (("check", "full.safetensors"), 2),
    (("identify", "full.safetensors"), 0),
    (("identify", "full.safetensors", "unknown.safetensors"), 1),
    (("identify", "unknown.safetensors", "broken.safetensors"), 2),
    (("identify", "nothing.safetensors"), 2),
]


@pytest.mark.parametrize(("args", "code"), CODES, ids=[" ".join(args) for args, _ in CODES])
def test_exit_codes_tell_yes_no_and_trouble(files, args, code):
    written(files / "unknown.safetensors", {"a.b": (2, 3)})
    done = subprocess.run(
        [sys.executable, "-m", "unetscope", *args], cwd=files, capture_output=True, text=True, check=False
    )
    (files / "unknown.safetensors").unlink()
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def test_verifying_says_so_in_text_and_json(tmp_path):
    path = written(tmp_path / "m.safetensors", presets.tensors("ddpm-cifar10"))
    said = run("identify", path, "--verify").stdout
    assert said.endswith("  verified  all 328 tensors are those of the network built\n")
    (found,) = json.loads(run("identify", path, "--verify", "--json").stdout)
    assert found["verified"]["fits"]


def test_a_check_at_80_columns(files):
    said = run("check", files / "inpaint.safetensors", "sd15").stdout
    assert said == (
        "inpaint.safetensors does not fit Stable Diffusion 1.5\n"
        "            1 of another shape; 685 fit\n"
        "  because   the file holds Stable Diffusion 1\n"
        "            9 input channels, not 4\n"
        "  reshaped  conv_in.weight: 320×9×3×3 here, 320×4×3×3 there\n"
        "  to do     it fits sd15-inpaint\n"
        "            --set in_channels=9 makes the network the file's; loaded with\n"
        "            ignore_mismatched_sizes its conv_in is lost\n"
    )


def test_what_identify_says_at_80_columns(files):
    said = run("identify", files / "lora.safetensors").stdout
    assert said == (
        "lora.safetensors\n"
        "LoRA for Stable Diffusion 1 · LoRA\n"
        "  file        safetensors, 6,843,370 bytes, 384 tensors (F16 6.47 MiB)\n"
        "  adapts      192 of the denoiser\n"
        "  rank        8 (192 modules)\n"
        "  naming      kohya\n"
        "  because     its cross-attention reads 768\n"
        "  not known   which fine-tune it was trained on: the modules are the same\n"
        "  belongs in  ComfyUI's models/loras\n"
    )


def test_json_is_a_list_and_json_lines_one_line_a_file_with_the_same_entries(files):
    names = [files / "full.safetensors", files / "broken.safetensors", files / "vae.safetensors"]
    whole = json.loads(run("identify", *names, "--json").stdout)
    lines = [json.loads(line) for line in run("identify", *names, "--json-lines").stdout.splitlines()]
    assert whole == lines
    assert [one.get("kind") for one in whole] == ["denoiser", None, "VAE"]
    assert whole[0]["components"][0]["params"] == 859_520_964
    assert whole[0]["nearest"][0]["id"] == "sd15"
    assert whole[1].keys() == {"error", "hint"}


def test_a_folder_is_all_files_of_weights_in_it(files):
    found = json.loads(run("identify", files, "--json").stdout)
    assert len(found) == 7


def test_names_from_a_file_reach_no_terminal_as_they_are(tmp_path):
    evil = "\x1b[31mred\u202e.weight"
    path = tmp_path / "m.safetensors"
    path.write_bytes(header({evil: (2,)}, metadata={"modelspec.title": evil}))
    for args in (("identify",), ("identify", "--json"), ("identify", "--json-lines")):
        said = run(args[0], path, *args[1:]).output
        assert "\x1b" not in said
        assert "\u202e" not in said


LOGS = {
    "size mismatch for conv_in.weight: copying a param with shape torch.Size([320, 9, 3, 3]) from "
    "checkpoint, the shape in current model is torch.Size([320, 4, 3, 3]).": (
        "the file takes 9 (inpainting) input channels, the network 4 (text to image)"
    ),
    "size mismatch for down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight: copying a param "
    "with shape torch.Size([320, 768]) from checkpoint, the shape in current model is "
    "torch.Size([320, 1024]).": (
        "the file's context is 768 (Stable Diffusion 1) wide, the network's 1024 (Stable Diffusion 2)"
    ),
    "lora key not loaded: lora_unet_double_blocks_0_img_attn_qkv.lora_up.weight": "its modules are FLUX's",
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied (77x768 and 2048x640)": (
        "given 768 (Stable Diffusion 1), made for 2048 (SDXL)"
    ),
    "RuntimeError: Given groups=1, weight of size [320, 9, 3, 3], expected input[2, 4, 64, 64] to have 9 "
    "channels, but got 4 channels instead": "given 4 (text to image), made for 9 (inpainting)",
    "ERROR: Could not detect model type of: flux1-dev-fp8.safetensors": "the name speaks of FLUX.1",
    "safetensors_rust.SafetensorError: Error while deserializing header: MetadataIncompleteBuffer": "",
    "RuntimeError: PytorchStreamReader failed reading zip archive: failed finding central directory": "",
    "Error(s) in loading state_dict for ControlLora:": "the network being filled is a ControlLora",
}  # fmt: skip


@pytest.mark.parametrize(("line", "cause"), LOGS.items(), ids=range(len(LOGS)))
def test_a_line_of_a_log_is_known_with_its_cause(line, cause):
    (found,) = explain.explain(f"some log\n  {line}\nmore of it\n")
    assert cause in found.cause
    assert found.means
    assert found.remedy


def test_a_whole_log_tells_each_kind_of_line_once_and_counts_the_others():
    line = next(iter(LOGS))
    found = explain.explain("\n".join([line] * 40 + [list(LOGS)[1]]))
    assert [one.count for one in found] == [40, 1]
    done = run("check", "--explain", "-", input="\n".join([line] * 3))
    assert done.exit_code == 0
    assert "the file takes 9 (inpainting) input channels" in done.stdout
    assert run("check", "--explain", "-", input="all is well\n").exit_code == 1


@pytest.mark.parametrize("id", ["ddpm-cifar10", "tiny-sd"])
def test_the_network_built_from_the_inferred_config_has_the_tensors_of_the_file(id, tmp_path):
    path = written(tmp_path / "m.safetensors", presets.tensors(id))
    found = api.verify(path, warn=lambda line: None, cache_folder=tmp_path / "kept", fresh="uncached")
    assert found.fits
    assert found.equal == len(presets.tensors(id))


UNETS = {zoo.network(id): id for id in zoo.ids() if zoo.preset(id).class_name.startswith("UNet2D")}


@pytest.mark.slow
@pytest.mark.parametrize("id", UNETS.values())
def test_every_bundled_unet_is_built_again_from_its_tensors_and_one_input_channel_more(id, tmp_path):
    tensors = presets.tensors(id)
    width, inputs, *kernel = tensors["conv_in.weight"]
    path = written(tmp_path / "m.safetensors", tensors | {"conv_in.weight": (width, inputs + 3, *kernel)})
    assert api.verify(path, warn=lambda line: None, fresh="uncached", cache_folder=tmp_path / "kept").fits


def test_a_transformer_in_the_names_of_its_makers_is_the_bundled_one_without_torch(tmp_path):
    native = crosswalks.native("flux", presets.tensors("flux1-dev"))
    path = written(tmp_path / "flux.safetensors", {f"net.{name}": shape for name, shape in native.items()})
    code = (
        f"import sys, unetscope; made = unetscope.load({str(path)!r}, warn=lambda line: None); "
        "print(made.cost == unetscope.load('flux1-dev').cost); assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "True\n", done.stderr
    assert api.check(path, "flux1-dev").fits
    misfit = api.check(path, "flux1-fill-dev")
    assert "64 input channels, not 384" in misfit.causes


def test_an_index_without_its_shards_is_no_source_where_names_leave_several(tmp_path):
    for id, told in (("sd15", "Stable Diffusion 1 or 2"), ("flux1-dev", "FLUX.1 dev")):
        path = tmp_path / f"{id}.safetensors.index.json"
        names = dict.fromkeys(presets.tensors(id), "m-00001-of-00001.safetensors")
        path.write_text(json.dumps({"metadata": {}, "weight_map": names}))
        with pytest.raises(SourceError) as caught:
            unetscope.load(path)
        assert (
            caught.value.message == f"{path.name} does not give the shapes that would tell which {told} it is"
        )


def test_an_index_without_its_shards_is_a_source_where_one_network_alone_has_its_names(tmp_path):
    path = tmp_path / "m.safetensors.index.json"
    names = dict.fromkeys(presets.tensors("ssd-1b"), "m-00001-of-00001.safetensors")
    path.write_text(json.dumps({"metadata": {}, "weight_map": names}))
    made = unetscope.load(path, warn=lambda line: None)
    assert made.cost == unetscope.load("ssd-1b").cost
