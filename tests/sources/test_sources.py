"""What a source resolves to: presets, configs, folders, saved architectures, settings."""

from __future__ import annotations

import gzip
import inspect
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import unetscope
from support import published
from support.places import ROOT
from support.tables import data_rows
from support.traces import tiny
from unetscope import codec, zoo
from unetscope.checkpoint import ChannelGroup, Facts
from unetscope.errors import ConfigError, SourceError
from unetscope.families import FAMILIES
from unetscope.model import Architecture
from unetscope.sources import folder, parse_setting, resolve, spec_of
from unetscope.spec import Spec

OUTCOMES = {
    (row["model"], row["part"]): (row["outcome"], row["line"]) for row in data_rows("published-outcomes.tsv")
}
"""What each part of a published model is to us: the class it resolves to and a warning, or a refusal."""

SMALL = {"_class_name": "UNet2DModel", "_diffusers_version": "0.1", "block_out_channels": [32, 32, 32, 64]}


def put(path, value):
    """Write JSON, or bytes as they are, making the folders above."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return path


def test_a_preset_resolves_by_id_and_alias_to_the_same_network():
    by_id, by_alias = resolve("sdxl"), resolve("stabilityai/stable-diffusion-xl-base-1.0")
    assert by_id == zoo.spec("sdxl")
    assert by_alias == replace(by_id, source="stabilityai/stable-diffusion-xl-base-1.0")


def test_a_config_file_resolves_to_its_keys_without_metadata(tmp_path):
    path = put(tmp_path / "mine.json", SMALL)
    assert (
        resolve(path)
        == resolve(str(path))
        == Spec(
            id="mine",
            title="mine",
            source=str(path),
            class_name="UNet2DModel",
            config={"block_out_channels": [32, 32, 32, 64]},
            facts=Facts(unread={"_diffusers_version": "0.1"}),
        )
    )


def test_a_mapping_is_a_config_and_tuples_in_it_are_lists():
    spec = resolve(SMALL | {"block_out_channels": (32, 32, 32, 64)})
    assert (spec.id, spec.class_name) == ("unet2dmodel", "UNet2DModel")
    assert spec.config == {"block_out_channels": [32, 32, 32, 64]}


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.encode() + b"\n\n  ",
    ],
)
def test_a_byte_order_mark_and_any_line_ends_are_read(tmp_path, encode):
    path = put(tmp_path / "mine.json", encode(json.dumps(SMALL, indent=1)))
    assert resolve(path).config == {"block_out_channels": [32, 32, 32, 64]}


def model_folder(root):
    put(root / "unet" / "config.json", SMALL)
    put(root / "scheduler" / "scheduler_config.json", {"_class_name": "PNDMScheduler"})
    put(
        root / "vae" / "config.json",
        {"_class_name": "AutoencoderKL", "block_out_channels": [128, 256, 512, 512]},
    )
    put(
        root / "model_index.json",
        {
            "_class_name": "StableDiffusionXLPipeline",
            "text_encoder": ["transformers", "CLIPTextModel"],
            "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"],
            "text_encoder_3": [None, None],
        },
    )
    return root


def test_a_model_folder_tells_its_facts_however_its_network_is_named(tmp_path):
    root = model_folder(tmp_path / "my model")
    facts = Facts(
        prediction_type="epsilon",
        vae="AutoencoderKL, 4 channels, scale 0.18215",
        vae_factor=8,
        text_encoders=("CLIPTextModel", "CLIPTextModelWithProjection"),
        scheduler="PNDMScheduler",
        unread={"_diffusers_version": "0.1"},
    )
    for source in (root, root / "unet", root / "unet" / "config.json", f"{root}/unet/../unet/"):
        spec = resolve(source)
        assert (spec.id, spec.facts, spec.warnings) == ("my-model", facts, ())


@pytest.mark.parametrize("broken", [b"{", b"[]", b"\xff\xfe{\x00", b""])
def test_a_broken_file_beside_the_network_is_a_warning(tmp_path, broken):
    root = model_folder(tmp_path / "model")
    put(root / "vae" / "config.json", broken)
    spec = resolve(root)
    assert spec.facts.vae_factor is None
    assert spec.facts.scheduler == "PNDMScheduler"
    assert len(spec.warnings) == 1
    assert "vae/config.json" in spec.warnings[0]


def test_facts_of_the_wrong_type_are_left_out(tmp_path):
    root = model_folder(tmp_path / "model")
    put(root / "scheduler" / "scheduler_config.json", {"_class_name": ["x"], "prediction_type": "\x1b[31m"})
    put(root / "vae" / "config.json", {"_class_name": ["AutoencoderKL"], "block_out_channels": [1] * 99})
    put(root / "model_index.json", {"text_encoder": "CLIP", "text_encoder_2": [1, 2]})
    assert resolve(root).facts == Facts(unread={"_diffusers_version": "0.1"})


VAES = [
    # vae/config.json, in words
    ({"_class_name": "AutoencoderKL"}, "AutoencoderKL, 4 channels, scale 0.18215"),
    (
        {"_class_name": "AutoencoderKL", "latent_channels": 16, "scaling_factor": 1.5305},
        "AutoencoderKL, 16 channels, scale 1.5305",
    ),
    (
        {"_class_name": "AutoencoderKL", "scaling_factor": 0.13025, "_name_or_path": "some.one/a-vae"},
        "AutoencoderKL, 4 channels, scale 0.13025, from some.one/a-vae",
    ),
    *(
        ({"_class_name": "AutoencoderKL", "_name_or_path": path}, "AutoencoderKL, 4 channels, scale 0.18215")
        for path in ("./vae", "../sdxl-vae/", "/a/b", "a/b/c", "a/b c", "", 3)
    ),
    ({"_class_name": "AutoencoderKL", "latent_channels": None, "scaling_factor": None}, "AutoencoderKL"),
    ({"_class_name": "AutoencoderKL", "latent_channels": "4", "scaling_factor": True}, "AutoencoderKL"),
    ({"_class_name": "AutoencoderKL", "latent_channels": -4, "scaling_factor": 10**18}, "AutoencoderKL"),
    ({"_class_name": "VQModel"}, "VQModel"),
    ({"_class_name": "VQModel", "latent_channels": 1, "scaling_factor": 1}, "VQModel, 1 channel, scale 1"),
    ({"latent_channels": 4, "scaling_factor": 0.5}, None),
    ({"_class_name": "\x1b[31m", "latent_channels": 4}, None),
]


@pytest.mark.parametrize(("config", "words"), VAES)
def test_a_vae_is_told_by_what_its_config_says_and_no_more(tmp_path, config, words):
    root = model_folder(tmp_path / "model")
    put(root / "vae" / "config.json", config)
    assert resolve(root).facts.vae == words


@pytest.mark.parametrize("name", ["AutoencoderKL", "AutoencoderKLTemporalDecoder"])
def test_what_a_vaes_config_leaves_out_is_as_diffusers_has_it(tmp_path, name):
    import diffusers

    made = inspect.signature(getattr(diffusers, name).__init__).parameters
    channels, scale = made["latent_channels"].default, made["scaling_factor"].default
    root = model_folder(tmp_path / "model")
    put(root / "vae" / "config.json", {"_class_name": name})
    assert resolve(root).facts.vae == f"{name}, {channels} channels, scale {scale}"


def test_a_transformer_folder_is_found_and_its_class_named(tmp_path):
    put(tmp_path / "flux" / "transformer" / "config.json", {"_class_name": "FluxTransformer2DModel"})
    spec = resolve(tmp_path / "flux")
    assert (spec.id, spec.class_name) == ("flux", "FluxTransformer2DModel")


def test_a_folder_without_config_says_where_it_looked(tmp_path):
    with pytest.raises(SourceError, match=r"unet/config\.json, transformer/config\.json, config\.json"):
        resolve(tmp_path)


@pytest.mark.parametrize("write", [codec.dumps, codec.pack])
def test_a_saved_architecture_comes_back_under_the_name_given(tmp_path, write):
    path = put(tmp_path / "saved.json", write(tiny()))
    assert resolve(path) == replace(tiny(), source=str(path))


def test_a_saved_architecture_with_settings_is_built_again_under_its_own_id(tmp_path):
    path = put(tmp_path / "saved.json.gz", codec.pack(tiny()))
    spec = resolve(path, overrides={"in_channels": 4})
    assert (spec.id, spec.class_name) == ("tiny", "UNet2DModel")
    assert spec.config == tiny().config | {"in_channels": 4}


def test_a_saved_architecture_of_a_class_we_do_not_build_cannot_be_built_again():
    with pytest.raises(ConfigError, match="unknown class"):
        spec_of(replace(tiny(), class_name="os.system"))


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.99])
@pytest.mark.parametrize("write", [codec.dumps, codec.pack])
def test_a_truncated_saved_architecture_is_refused(tmp_path, write, cut):
    data = write(tiny())
    path = put(tmp_path / "saved.json", data[: int(len(data) * cut)])
    with pytest.raises(SourceError):
        resolve(path)


def test_standard_input_holds_a_config_or_a_saved_architecture(monkeypatch):
    for data, kind in ((json.dumps(SMALL).encode(), Spec), (codec.dumps(tiny()), Architecture)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        resolved = resolve("-")
        assert isinstance(resolved, kind)
        assert resolved.source == "-"


def test_a_preset_wins_over_a_file_of_its_name_but_not_over_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "sd15", SMALL)
    assert resolve("sd15").class_name == "UNet2DConditionModel"
    assert resolve("./sd15").class_name == "UNet2DModel"
    assert resolve(Path("sd15")).class_name == "UNet2DModel"


def test_an_alias_that_is_also_a_file_means_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "v1-5-pruned.ckpt", b"PK\x03\x04")
    with pytest.raises(SourceError, match=r"^v1-5-pruned\.ckpt is a broken zip archive"):
        unetscope.load("v1-5-pruned.ckpt")


def test_a_mistyped_preset_suggests_the_nearest():
    with pytest.raises(SourceError, match=r'^no preset, file or folder is called "sdlx" [(]hint: ') as caught:
        resolve("sdlx")
    assert caught.value.hint.startswith("did you mean sdxl")


def test_a_missing_file_is_named_as_such(tmp_path):
    with pytest.raises(SourceError, match=r"^no such file or folder: .*absent\.json [(]hint: ") as caught:
        resolve(tmp_path / "absent.json")
    assert caught.value.hint == "see the presets with: unetscope list"


@pytest.mark.parametrize(
    ("path", "id"),
    [
        ("sd15.json", "sd15"),
        ("a/sd15.JSON.json", "sd15.JSON"),
        ("foo/unet/config.json", "foo"),
        ("foo/config.json", "foo"),
        ("foo/unet.json", "foo"),
        ("foo/saved.json.gz", "saved"),
        ("foo/..hidden.json", "hidden"),
        ("foo/a b/\n.json", "network"),
        ("foo/tête.json", "t-te"),
        ("foo/" + "x" * 200 + ".json", "x" * 64),
        ("/config.json", "network"),
    ],
)
def test_the_id_of_a_file_is_safe_as_a_file_name(path, id):
    assert folder.id_of(Path(path)) == id


@pytest.mark.parametrize(
    ("setting", "pair"),
    [
        ("layers_per_block=3", ("layers_per_block", 3)),
        ("act_fn=gelu", ("act_fn", "gelu")),
        ('act_fn="gelu"', ("act_fn", "gelu")),
        ("block_out_channels=[32, 64]", ("block_out_channels", [32, 64])),
        ("mid_block_type=null", ("mid_block_type", None)),
        ("upcast_attention=true", ("upcast_attention", True)),
        ("upcast_attention=True", ("upcast_attention", "True")),
        ("norm_eps=NaN", ("norm_eps", "NaN")),
        ("x=a=b", ("x", "a=b")),
        ("x=", ("x", "")),
    ],
)
def test_a_setting_is_json_where_it_parses_and_else_a_string(setting, pair):
    assert parse_setting(setting) == pair


@pytest.mark.parametrize("setting", ["", "=3", "layers_per_block", "x=" + "[" * 100_000])
def test_a_setting_without_key_or_beyond_depth_is_refused(setting):
    with pytest.raises(ConfigError):
        parse_setting(setting)


def test_settings_change_the_config_the_title_and_what_is_known_of_the_input():
    spec = resolve("sd15", overrides={"in_channels": 9})
    assert spec.config == zoo.spec("sd15").config | {"in_channels": 9}
    assert (spec.id, spec.title) == ("sd15", "Stable Diffusion 1.5 (in_channels=9)")
    assert spec.facts == replace(zoo.spec("sd15").facts, input_channels=())
    kept = resolve("sd15", overrides={"sample_size": 32, "act_fn": "gelu", "norm_eps": 1e-6})
    assert kept.title == "Stable Diffusion 1.5 (3 settings changed)"
    assert kept.facts.input_channels == (ChannelGroup("noisy latent", 4),)


def test_settings_that_change_nothing_leave_the_preset_as_it_is():
    assert resolve("sd15", overrides={"in_channels": 4}) == resolve("sd15")


def test_a_setting_the_class_does_not_know_suggests_the_nearest():
    with pytest.raises(
        ConfigError, match=r'^UNet2DConditionModel has no config key "layers_per_blok" [(]hint: '
    ) as caught:
        resolve("sd15", overrides={"layers_per_blok": 3})
    assert caught.value.hint == "did you mean layers_per_block?"


def test_a_setting_of_the_wrong_type_is_refused():
    with pytest.raises(ConfigError, match=r'^layers_per_block must be .*, not "many" [(]hint: '):
        resolve("sd15", overrides={"layers_per_block": "many"})


def test_ignored_keys_are_named_in_a_warning_and_strict_refuses_them():
    config = SMALL | {"decay": 0.9, "power": 1, "\x1b[2J": 1, "_name_or_path": "x"}
    assert resolve(config).warnings == (r"UNet2DModel ignores 3 config keys: decay, power, \x1b[2J",)
    with pytest.raises(ConfigError, match="ignores 3 config keys"):
        resolve(config, strict=True)


def test_a_class_that_does_not_fit_the_keys_is_named_in_a_warning():
    spec = resolve(SMALL | {"cross_attention_dim": 32, "transformer_layers_per_block": 2})
    assert spec.warnings[0] == (
        "the class UNet2DModel does not fit the keys: cross_attention_dim, transformer_layers_per_block "
        "belong to UNet2DConditionModel"
    )


@pytest.mark.parametrize("id", ["sd15", "ddpm-cifar10"])
def test_a_config_without_a_class_is_taken_for_the_class_its_keys_fit(id):
    preset = zoo.preset(id)
    spec = resolve(preset.config)
    assert spec.class_name == preset.class_name
    assert spec.warnings == (f"no _class_name in the config: taken for a {preset.class_name} by its keys",)
    with pytest.raises(ConfigError):
        resolve(preset.config, strict=True)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "the config names no class"),
        ({"_class_name": 3}, "_class_name must be a string, not 3"),
        ({"_class_name": "os.system"}, 'unknown class "os.system"'),
        ({"_class_name": "UNet2DConditionalModel"}, 'unknown class "UNet2DConditionalModel"'),
        ({"_class_name": "StableDiffusionPipeline"}, "this describes a whole pipeline"),
        ({"_class_name": "DDIMScheduler"}, "this is the config of a"),
        (
            {"block_out_channels": [1], "layers_per_block": 2, "latent_channels": 4},
            "the config names no class",
        ),
    ],
)
def test_a_config_of_another_kind_is_refused_by_name(config, message):
    with pytest.raises(ConfigError) as caught:
        resolve(config)
    assert str(caught.value).startswith(message)
    assert "UNet2DConditionModel" in caught.value.hint or "config.json" in caught.value.hint


KEYS = {name: family.keys for name, family in FAMILIES.items() if family.keys is not None}


def test_every_published_config_resolves_to_its_class_or_is_refused_by_what_it_is(tmp_path):
    outcomes = {}
    for model, part in published.parts():
        try:
            spec = resolve(published.write(tmp_path / model / f"{part}.json", model, part))
        except ConfigError as refusal:
            outcomes[model, part] = ("refused", refusal.message)
        else:
            outcomes[model, part] = (spec.class_name, "".join(spec.warnings))
            assert spec.id == (model if part in ("unet", "transformer") else part)
    assert outcomes == OUTCOMES


OLD_PIXART = "Transformer2DModel"
"""The class that PixArt-α was published under, and whose part in it is now a class of its own."""


@pytest.mark.parametrize("class_name", sorted({words[0] for words in OUTCOMES.values()} - {"refused"}))
def test_the_keys_said_to_be_ignored_are_those_that_no_signature_of_diffusers_has(class_name):
    import diffusers

    taken = inspect.signature(getattr(diffusers, class_name).__init__).parameters.keys()
    for (model, part), (outcome, line) in OUTCOMES.items():
        if outcome == class_name:
            fields = published.fields(model, part)
            told = line.partition(": ")[2].split(", ") if line else []
            assert fields["_class_name"] == (class_name if model != "pixart-alpha-1024" else OLD_PIXART)
            assert {key for key in fields if not key.startswith("_")} - taken == set(told)


@pytest.mark.parametrize("class_name", sorted(KEYS))
def test_the_key_table_is_the_signature_of_diffusers(class_name):
    import diffusers

    parameters = inspect.signature(getattr(diffusers, class_name).__init__).parameters
    signature = {name: parameter.default for name, parameter in parameters.items() if name != "self"}
    expected = {name: list(value) if isinstance(value, tuple) else value for name, value in signature.items()}
    assert {name: key.default for name, key in KEYS[class_name].items()} == expected


def test_resolving_never_loads_torch(tmp_path):
    path = put(tmp_path / "saved.json.gz", gzip.compress(codec.dumps(tiny())))
    script = (
        "import sys; from unetscope.sources import resolve; resolve('sdxl'); resolve(sys.argv[1]);"
        "print(sorted({'torch', 'diffusers', 'numpy'} & set(sys.modules)))"
    )
    environment = {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [sys.executable, "-c", script, path], check=False, env=environment, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
