"""A name in a file is data: whatever it names, no command imports it, runs it, or reads it as code."""

from __future__ import annotations

import json
import pickle
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import unetscope
from support.command_line import traced_here
from support.files.checkpoint_files import written

EVIL = """import pathlib
pathlib.Path({marker!r}).touch()
def build(*_, **__):
    pathlib.Path({marker!r}).touch()
"""
NAMES = ("evil.py:build", "evil:build", "evil.build", "evil")
LORA = {
    "unet.down_blocks.0.attn.to_q.lora_A.weight": (4, 8),
    "unet.down_blocks.0.attn.to_q.lora_B.weight": (8, 4),
}
UNET = {"down_block_types": ["DownBlock2D"], "up_block_types": ["UpBlock2D"], "block_out_channels": [32]}


class Evil:
    """Pickled, it asks whoever loads it to run the planted function."""

    def __reduce__(self) -> tuple[Any, ...]:
        import evil

        return evil.build, ()


def _json(name: str, told: object) -> Callable[[Path], str]:
    def make(folder: Path) -> str:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(told))
        return name

    return make


def _weights(tensors: dict[str, Any], metadata: dict[str, str]) -> Callable[[Path], str]:
    def make(folder: Path) -> str:
        written(folder / "w.safetensors", tensors, metadata=metadata)
        return "w.safetensors"

    return make


def _planted(name: str, saved: dict[str, Any]) -> dict[str, Callable[[Path], str]]:
    """Every way in which a file can say a name."""
    keys = ("_class_name", "_target_", "target", "class_name", "_module", "source", "architectures")
    nodes = [{**node, "type": name, "kind": name} for node in saved["nodes"]]
    index = {"_class_name": "StableDiffusionPipeline", "unet": [name, "UNet"], "text_encoder": [name, name]}
    told = dict.fromkeys(
        ("format", "modelspec.architecture", "ss_network_module", "ss_base_model_version"), name
    )

    def yaml(folder: Path) -> str:
        inner = f"unet_config: {{target: {name}, params: {{}}}}"
        text = f"model:\n  target: {name}\n  params: {{{inner}}}\n"
        (folder / "ldm.yaml").write_text(text + f"tag: !!python/object/apply:{name} []\n")
        return "ldm.yaml"

    def pipeline(folder: Path) -> str:
        _json("model_index.json", index)(folder)
        _json("unet/config.json", {"_class_name": name, "auto_map": {"AutoModel": name}, **UNET})(folder)
        return "."

    return {
        "config": _json("c.json", {**dict.fromkeys(keys, name), **UNET, "auto_map": {"AutoModel": name}}),
        "known config": _json("k.json", {"_class_name": "UNet2DModel", **UNET, "act_fn": name}),
        "saved": _json("s.json", {**saved, **dict.fromkeys(("id", "title", "source", "class_name"), name)}),
        "saved, its modules": _json("n.json", {**saved, "nodes": nodes}),
        "pipeline": pipeline,
        "yaml": yaml,
        "weights": _weights({"conv_in.weight": (32, 3, 3, 3)}, told),
        "adapter": _weights(LORA, told),
    }  # fmt: skip


VERBS = {
    "diagram": "diagram {} -o -", "table": "table {}", "memory": "memory {}", "graph": "graph {} -o -",
    "chart": "chart {} -o -", "show": "show {}", "compare": "compare ddpm-cifar10 {}",
    "diff": "diff ddpm-cifar10 {}",
    "sweep": "sweep {} --latent 64", "trace": "trace {} -o -", "reconcile": "reconcile {} 1G --no-torchinfo",
    "plan": "plan {} --drop mid", "keys": "keys {} conv_in", "check": "check {0} {0}",
    "identify": "identify {}",
    "survey": "survey {} -o survey.csv", "pipeline": "memory ddpm-cifar10 --pipeline --refiner {}",
}  # fmt: skip


@pytest.fixture
def marker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the planted code would leave behind; its module is to be found by import, and beside the files."""
    marker = tmp_path / "ran"
    (tmp_path / "evil.py").write_text(EVIL.format(marker=str(marker)))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return marker


def untouched(marker: Path, said: str) -> None:
    assert not marker.exists(), said
    assert "evil" not in sys.modules, said
    assert "runs the code" not in said
    assert "unexpected" not in said


@pytest.fixture(scope="module")
def saved() -> dict[str, Any]:
    import torch

    from unetscope import codec

    return json.loads(codec.dumps(unetscope.load(torch.nn.Conv2d(3, 4, 3), inputs=(1, 3, 8, 8))))


FEW = ("table", "check", "identify", "pipeline")
"""The ways into the program, which the others share."""


@pytest.mark.parametrize(
    "verb", [verb if verb in FEW else pytest.param(verb, marks=pytest.mark.slow) for verb in VERBS]
)
def test_no_command_runs_what_a_file_names(verb: str, marker: Path, saved: dict[str, Any]) -> None:
    folder = marker.parent
    for name in NAMES:
        for way, make in _planted(name, saved).items():
            done = traced_here(*VERBS[verb].format(make(folder)).split())
            assert done.returncode in (0, 1, 2), (way, done.stderr)
            untouched(marker, f"{verb} {way} {name}: {done.stderr}")


IN_PYTHON = (unetscope.load, unetscope.draw, unetscope.table, unetscope.sweep, unetscope.identify)


@pytest.mark.parametrize("call", IN_PYTHON, ids=lambda call: call.__name__)
def test_nothing_in_python_runs_what_a_text_or_a_config_names(
    call: Callable[[Any], Any], marker: Path
) -> None:
    for name in NAMES:
        configs = ({"_class_name": name}, {"_class_name": "UNet2DModel", "act_fn": name}, {"target": name})
        for source in (name, *configs):
            with pytest.raises((unetscope.UnetscopeError, TypeError)):
                call(source)
            untouched(marker, name)


def test_a_pickle_that_calls_is_identified_and_not_loaded(marker: Path) -> None:
    data = pickle.dumps({"state_dict": Evil()})
    assert sys.modules.pop("evil")
    marker.unlink()
    for head in (b"", struct.pack("<Q", 8)):
        (marker.parent / "evil.ckpt").write_bytes(head + data)
        for words in ("identify evil.ckpt", "check evil.ckpt ddpm-cifar10", "table evil.ckpt"):
            untouched(marker, traced_here(*words.split()).stderr)


def test_the_environment_names_no_code(marker: Path) -> None:
    settings = ("UNETSCOPE_CACHE", "UNETSCOPE_TRACEBACK", "UNETSCOPE_PRESETS", "UNETSCOPE_PLUGINS", "HF_HOME")
    for name in NAMES:
        done = traced_here("table", "ddpm-cifar10", **dict.fromkeys(settings, name))
        assert done.returncode == 0, done.stderr
        untouched(marker, done.stderr)
