"""Sources on the Hugging Face Hub: what is asked of a server, and that a bad one costs a line and no more."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys

import pytest

from support.command_line import unetscope
from support.files.checkpoint_files import header, listing, written
from support.files.hub_server import COMMIT, Hub, serving
from support.places import ROOT
from unetscope import zoo
from unetscope.checkpoints import presets
from unetscope.sources.hub import address_of
from unetscope.sources.hub.address import Address, parse
from unetscope.sources.hub.snapshot import _is_name

pytestmark = pytest.mark.slow  # together they take long

WEIGHTS = "unet/diffusion_pytorch_model.safetensors"
HALVES = "unet/diffusion_pytorch_model.fp16.safetensors"


def config_of(id: str) -> bytes:
    spec = zoo.spec(id)
    return json.dumps({"_class_name": spec.class_name, **spec.config}).encode()


def shapes_size(id: str) -> int:
    """Bytes of a preset's weights in single precision."""
    return 4 * zoo.totals(id).params


def repository() -> Hub:
    """SD 1.5 as diffusers lays it out, one file of it, one that is not what its config says, and worse."""
    sd15, inpaint = header(presets.tensors("sd15"), "F32"), header(presets.tensors("sd15-inpaint"), "F32")
    whole = {
        "model_index.json": json.dumps({"text_encoder": ["transformers", "CLIPTextModel"]}).encode(),
        "unet/config.json": config_of("sd15"),
        WEIGHTS: sd15,
        HALVES: header(presets.tensors("sd15"), "F16"),
        "scheduler/scheduler_config.json": b'{"_class_name": "PNDMScheduler"}',
        "vae/config.json": b'{"_class_name": "AutoencoderKL", "latent_channels": 4}',
        "README.md": b"# Not asked for",
        "v1.ckpt": b"PK\x03\x04",
    }
    files = {
        "org/whole": whole,
        "org/wrong": {"unet/config.json": config_of("sd15"), WEIGHTS: inpaint},
        "org/one": {"model.safetensors": sd15, "README.md": b""},
        "org/many": {"a.safetensors": sd15, "b.safetensors": sd15},
        "org/parts": {"controlnet/config.json": b"{}", "prior/config.json": config_of("sd15")},
        "org/none": {"README.md": b""},
        "org/broken": {"unet/config.json": b'{"_class_name": '},
        "org/lying": {"model.safetensors": b"\xff" * 80_000},
    }
    files["org/repo"] = whole | {"transformer/config.json": config_of("sd35-medium")}
    files["org/lora"] = {"lora.safetensors": header(listing("toolkit-lora-v1-unet").shapes, "F16")}
    sizes = {WEIGHTS: len(sd15) + shapes_size("sd15"), HALVES: len(sd15) + shapes_size("sd15") // 2}
    return Hub(files, sizes | {"model.safetensors": len(sd15) + shapes_size("sd15")})


@pytest.fixture
def hub():
    with serving(repository()) as running:
        yield running


@pytest.fixture
def run(hub, tmp_path):
    """The program, with the server as the Hub and a home of its own."""

    def run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
        own = {"HF_ENDPOINT": hub.endpoint, "HF_HUB_OFFLINE": "0", "HF_HOME": str(tmp_path / "hf")}
        ours = {"UNETSCOPE_CACHE": str(tmp_path / "cache"), "HF_HUB_DOWNLOAD_TIMEOUT": "1", "HF_TOKEN": ""}
        return unetscope(*args, cwd=tmp_path, **(own | ours | env))

    return run


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that a failed run says, before its hint."""
    line, hint = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert line.startswith("error: ")
    assert hint.startswith("hint: ")
    return line.removeprefix("error: ")


SHOWN = re.findall(
    r"^unetscope (.*?)(?: +# .*)?$", (ROOT / "docs" / "how-to" / "hub.md").read_text(), re.MULTILINE
)


@pytest.mark.parametrize("command", SHOWN)
def test_a_command_of_the_how_to_runs(command, run):
    done = run(*shlex.split(command))
    assert done.returncode == (1 if command.startswith("check ") else 0), done.stderr
    assert done.stdout


def test_the_commit_that_was_read_is_recorded(run, tmp_path):
    known = f"the Hub's org/whole, commit {COMMIT}"
    assert json.loads(run("show", "org/whole", "--json").stdout)["facts"]["provenance"] == known
    assert COMMIT in run("show", "org/whole").stdout
    run("trace", "org/whole@v2", "-o", "saved.json")
    assert json.loads((tmp_path / "saved.json").read_text())["facts"]["provenance"] == known
    assert json.loads(run("show", "org/one", "--json").stdout)["facts"]["provenance"].endswith(COMMIT)
    (one,) = json.loads(run("identify", "org/one", "--json").stdout)
    assert f"read from the Hub's org/one, commit {COMMIT}" in one["notes"]


def test_a_model_on_the_hub_is_counted_as_the_bundled_one_and_no_weights_are_fetched(run, hub):
    done = run("table", "org/whole", "--json")
    ours = json.loads(run("table", "sd15", "--json").stdout)
    found = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert found["source"] == "org/whole"
    assert found["totals"] == ours["totals"]
    around = {"model_index.json", "scheduler/scheduler_config.json", "vae/config.json"}
    assert set(hub.sent) == {"unet/config.json", WEIGHTS, *around}
    assert hub.sent[WEIGHTS] == len(hub.files["org/whole"][WEIGHTS])


def test_facts_around_the_network_are_those_of_its_repository(run):
    said = run("show", "org/whole").stdout
    assert "CLIPTextModel" in said
    assert "AutoencoderKL, 4 channels" in said
    assert "epsilon" in said


def test_weights_that_disagree_with_their_config_are_told(run):
    done = run("table", "org/wrong")
    assert done.returncode == 0
    assert "conv_in.weight" in done.stderr


def test_a_repository_of_one_file_is_the_network_that_its_header_tells(run):
    found = json.loads(run("table", "org/one", "--json").stdout)
    assert found["totals"]["params"] == zoo.totals("sd15").params


@pytest.mark.parametrize(
    "source", ["org/whole:unet", "org/whole@v2:unet", f"org/whole@{COMMIT}", f"org/whole:{WEIGHTS}"]
)
def test_revision_and_subfolder_can_stand_in_the_address(run, source):
    done = run("table", source, "--json")
    assert json.loads(done.stdout)["totals"]["params"] == zoo.totals("sd15").params


def test_options_say_the_same_as_the_address_and_the_command_in_a_picture_holds_them(run, hub, tmp_path):
    told = ("--revision", "v2", "--subfolder", "unet", "--variant", "fp16")
    assert run("diagram", "org/whole", *told, "-o", "a.svg").returncode == 0
    assert HALVES in hub.sent
    assert WEIGHTS not in hub.sent
    assert run("diagram", "org/whole@v2:unet#fp16", "-o", "b.svg").returncode == 0
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert "org/whole@v2:unet#fp16" in (tmp_path / "a.svg").read_text()


def test_every_file_of_weights_is_identified_by_its_header(run, hub):
    done = run("identify", "org/whole", "--json")
    found = json.loads(done.stdout)
    assert [one["title"] for one in found] == ["Stable Diffusion 1"] * 2
    assert done.returncode == 0
    assert sum(hub.sent.values()) == sum(len(hub.files["org/whole"][one]) for one in (WEIGHTS, HALVES))
    assert len(json.loads(run("identify", "org/whole", "--variant", "fp16", "--json").stdout)) == 1


def test_a_preset_that_is_on_the_hub_too_is_identified_there(run, hub):
    alias = "stable-diffusion-v1-5/stable-diffusion-v1-5"
    hub.files[alias] = hub.files["org/one"]
    assert run("identify", alias).returncode == 0
    assert hub.seen


def test_a_file_on_the_hub_is_checked_against_a_network(run):
    assert run("check", "org/one", "sd15").returncode == 0
    assert run("check", "org/one", "sd15-inpaint").returncode == 1


def test_shards_are_read_with_their_index(run, hub):
    tensors = presets.tensors("sd15")
    names = sorted(tensors)
    halves = [names[: len(names) // 2], names[len(names) // 2 :]]
    shards = [f"diffusion_pytorch_model-0000{at}-of-00002.safetensors" for at in (1, 2)]
    index = {"weight_map": {name: shards[at] for at, half in enumerate(halves) for name in half}}
    files = {f"unet/{shard}": header({name: tensors[name] for name in half}, "F32")
             for shard, half in zip(shards, halves, strict=True)}  # fmt: skip
    files["unet/diffusion_pytorch_model.safetensors.index.fp16.json"] = json.dumps(index).encode()
    hub.files["org/sharded"] = {"unet/config.json": config_of("sd15-inpaint"), **files}
    done = run("table", "org/sharded", "--variant", "fp16")
    assert done.returncode == 0
    assert "conv_in.weight" in done.stderr
    assert set(shards) < {name.rpartition("/")[2] for name in hub.sent}


def test_presets_and_local_paths_win_and_nothing_is_asked_for_them(run, hub, tmp_path):
    (tmp_path / "org/whole").mkdir(parents=True)
    (tmp_path / "org/whole/config.json").write_bytes(config_of("ddpm-cifar10"))
    params = json.loads(run("table", "org/whole", "--json").stdout)["totals"]["params"]
    assert params == zoo.totals("ddpm-cifar10").params
    assert run("show", "stabilityai/stable-diffusion-xl-base-1.0").returncode == 0
    for name in ("sdlx", "./org/one", "unet/config.json", "a/b/c", "loras/mine.safetensors", "org/one/"):
        assert run("show", name).returncode == 2
    assert hub.seen == []


def test_options_for_the_hub_without_a_source_there_are_wrong_usage(run):
    assert refusal(run("table", "sd15", "--variant", "fp16")) == "--variant without a SOURCE on the Hub"


def test_the_token_goes_to_the_server_that_asks_for_it(run, hub):
    hub.hidden = "hf_secret"
    assert refusal(run("show", "org/whole")) == (
        "the Hub shows no org/whole: it does not exist, or is private or gated"
    )
    done = run("show", "org/whole", HF_TOKEN="hf_secret")
    assert done.returncode == 0
    assert "hf_secret" not in done.stdout + done.stderr


def test_a_token_saved_in_hf_home_is_used(run, hub, tmp_path):
    hub.hidden = "hf_saved"
    (tmp_path / "hf").mkdir()
    (tmp_path / "hf/token").write_text("hf_saved")
    assert run("show", "org/one").returncode == 0


def test_a_server_that_sends_elsewhere_is_followed_without_the_token(run, hub):
    hub.hidden = "hf_secret"
    with serving(repository()) as other:
        hub.elsewhere = other.endpoint
        assert run("show", "org/one", HF_TOKEN="hf_secret").returncode == 0
    assert other.sent.keys() == {"model.safetensors"}
    assert not any("authorization" in headers for _, headers in other.seen)


def kept(tmp_path, hub: Hub, repo: str) -> None:
    """A repository in the Hub's cache, as huggingface_hub keeps it."""
    folder = tmp_path / "hf/hub" / f"models--{repo.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs/main").write_text(COMMIT)
    for name, data in hub.files[repo].items():
        path = folder / "snapshots" / COMMIT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".safetensors"):
            written(path, presets.tensors("sd15"), "F32")
        else:
            path.write_bytes(data)


def test_offline_the_hubs_cache_is_read_and_no_server(run, hub, tmp_path):
    kept(tmp_path, hub, "org/whole")
    done = run("table", "org/whole", "--json", HF_HUB_OFFLINE="1")
    assert json.loads(done.stdout)["totals"]["params"] == zoo.totals("sd15").params
    assert run("identify", "org/whole", HF_HUB_OFFLINE="1").returncode == 0
    assert refusal(run("show", "org/one", HF_HUB_OFFLINE="1")) == (
        "no file or folder is called org/one, nor is it in the Hub's cache (HF_HUB_OFFLINE is set)"
    )
    assert hub.seen == []


def test_what_the_hubs_cache_has_of_that_commit_is_not_fetched_again(run, hub, tmp_path):
    kept(tmp_path, hub, "org/whole")
    assert run("show", "org/whole").returncode == 0
    assert hub.sent == {}
    assert [path for path, _ in hub.seen] == ["/api/models/org/whole/revision/main"]


REFUSED = {
    "org/absent": "the Hub shows no org/absent: it does not exist, or is private or gated",
    "org/whole@v3": "org/whole has no such revision",
    "org/whole:unets": "org/whole:unets has no safetensors weights here",
    "org/whole:unet/config.jsn.json": "org/whole has no unet/config.jsn.json",
    "org/whole#fp8": "org/whole has no weights of variant fp8 here",
    "org/whole:../x": "org/whole:../x leads out of its repository",
    "org/whole:v1.ckpt": "v1.ckpt is not read over the network: headers of safetensors are",
    "org/many": "org/many has no config of a network",
    "org/parts": "org/parts has no safetensors weights here",
    "org/none": "org/none has no safetensors weights here",
    "org/broken": "config.json is not valid JSON: Expecting value at line 1 column 17",
    "org/lying": f"model.safetensors is not a safetensors file: its header cannot be {2**64 - 1} bytes long",
}


@pytest.mark.parametrize("source", REFUSED)
def test_what_is_not_there_is_refused_in_one_line(run, source):
    assert refusal(run("show", source)) == REFUSED[source]


FAULTS = {
    "500": "org/whole on SERVER cannot be read: status 500",
    "429": "org/whole on SERVER cannot be read: status 429",
    "403": "the Hub shows no org/whole: it does not exist, or is private or gated",
    "html": "the list of files of org/whole is not valid JSON: Expecting value at line 1 column 1",
    "gone": "the Hub has no unet/config.json of org/whole",
    "short": "unet/config.json of org/whole came damaged: ",
    "long": "unet/config.json of org/whole came damaged: ",
    "page for a file": "unet/config.json of org/whole came damaged: ",
    "promises more": "org/whole on SERVER cannot be read: ",
    "another commit": "org/whole on SERVER sends unet/config.json of another commit than was asked for",
    "silent": "org/whole on SERVER cannot be read: ",
    "drip": "org/whole on SERVER takes more than 6 s",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_server_that_answers_badly_costs_one_line_and_little_time(run, hub, fault):
    hub.fault = fault
    said = refusal(run("show", "org/whole", UNETSCOPE_TRACEBACK="1"))
    assert said.startswith(FAULTS[fault].replace("SERVER", f"127.0.0.1:{hub.port}"))
    assert len(said) < 200


def test_no_server_at_all_is_one_line(run):
    said = refusal(run("show", "org/whole", HF_ENDPOINT="http://127.0.0.1:1"))
    assert said.startswith("org/whole on 127.0.0.1:1 cannot be read: ")


DAMAGED = {
    "short": "model.safetensors of org/one came damaged: the answer ends within its header",
    "page for a file": "model.safetensors is a web page or a server's answer, not weights",
    "promises more": "org/one on SERVER cannot be read: peer closed connection",
}


@pytest.mark.parametrize("fault", DAMAGED)
def test_a_header_that_comes_damaged_is_refused_in_one_line(run, hub, fault):
    hub.fault = fault
    said = refusal(run("show", "org/one"))
    assert said.startswith(DAMAGED[fault].replace("SERVER", f"127.0.0.1:{hub.port}"))


def test_a_server_without_ranges_sends_little_and_is_told(run, hub):
    hub.fault = "no ranges"
    assert refusal(run("show", "org/one")) == (
        f"org/one on 127.0.0.1:{hub.port} answers no request for a part of a file"
    )


def test_without_the_extra_it_is_one_line_and_what_to_install():
    code = "import sys; sys.modules['huggingface_hub'] = None; from unetscope.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "show", "org/whole"],
        capture_output=True, text=True, check=False, env=os.environ,
    )  # fmt: skip
    assert refusal(done) == 'no preset, file or folder is called "org/whole"'
    assert done.stderr.endswith("hint: if it is on the Hugging Face Hub: pip install 'unetscope[hub]'\n")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("org/repo", Address("org/repo")),
        ("org/repo@refs/pr/3", Address("org/repo", "refs/pr/3")),
        ("a-b.c/d_e.f@v1:unet/#fp16", Address("a-b.c/d_e.f", "v1", "unet", "fp16")),
        ("org/repo:transformer", Address("org/repo", inside="transformer")),
    ],
)
def test_an_address_is_read_and_written_alike(name, found):
    assert parse(name) == found
    assert parse(str(found)) == found


NO_ADDRESS = " sdxl /org/repo ./repo ../repo a//b a/b/c ~/x C:/x https://x/y org/repo?x x/model.safetensors"


@pytest.mark.parametrize("name", [*NO_ADDRESS.split(" "), "org/repo\n"])
def test_what_is_no_address_is_none(name):
    assert parse(name) is None
    assert address_of(name) is None


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "a/../../x", "a\\b", "", "a//b", "C:x", "x" * 2000, "a\x00"]
)
def test_names_that_a_server_gives_never_lead_out_of_the_copy(name):
    assert not _is_name(name)
