"""Memory told beside memory taken: `torch.cuda.max_memory_allocated` with random weights on a CUDA device.

    python benchmarks/memory.py [SOURCE...] [--device meta]

One inference forward at float16, and one training step under autocast with AdamW (the second one, whose
states exist), for each preset: UNets, SD3 and SANA whole, FLUX cut in depth so that it fits a card. Then VAEs
that decode, at once and in tiles, and the whole pipeline of Stable Diffusion 1.5: encoder, denoiser and VAE
all resident. "told" is what `unetscope memory` says; the ratio is taken / told. The allocator rounds each
tensor up to 512 bytes, and kernels' workspaces come on top. On the meta device all of it runs and nothing is
taken: that shows, without a GPU, that what is told of is what runs.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

from unetscope import api, zoo
from unetscope.analysis.memory.budget import Use, needed
from unetscope.analysis.memory.training import TrainingPlan
from unetscope.model import Architecture
from unetscope.zoo.companions import companions

SOURCES = ("sd15", "sdxl", "sd3-medium", "sana-1600m-1024", "flux1-dev")
CUT = {"flux1-dev": {"num_layers": 4, "num_single_layers": 8}}
"""Fewer blocks of a network that is too large to train on one card: what it holds goes by blocks."""
DECODED = (
    ("sd15", 512, False),
    ("sdxl", 1024, False),
    ("sdxl", 1536, True),
    ("sana-1600m-1024", 1024, False),
)
"""Pipelines whose VAE decodes, at which size in pixels, and whether in tiles."""
PLAN = TrainingPlan(mixed="fp16")


def taken(run: Callable[[], None]) -> int:
    """The most bytes of tensors at once on the device while something runs, those there before included.

    0 on the meta device, which holds none.
    """
    import torch

    if torch.get_default_device().type == "meta":
        run()
        return 0
    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    run()
    torch.cuda.synchronize()
    return int(torch.cuda.max_memory_allocated())


def counted(source: str) -> Architecture:
    """What is told of a preset: its trace, cut where it is measured cut."""
    return api.load(source, overrides=CUT.get(source))


def network_of(source: str, dtype: Any) -> Any:
    """A preset's network with random weights on the device."""

    spec = zoo.spec(source)
    config = {**spec.config, **CUT.get(source, {})}
    built = getattr(importlib.import_module("diffusers"), spec.class_name).from_config(config)
    return built.to(dtype)


def arguments(source: str, dtype: Any) -> dict[str, Any]:
    """Random inputs of the shapes the preset was traced with."""
    import torch

    found: dict[str, Any] = {}
    for one in counted(source).inputs:
        name, _, entry = one.name.partition(".")
        if one.dtype == "int64":
            tensor = torch.zeros(one.shape, dtype=torch.int64)
        else:
            tensor = torch.randn(one.shape).to(dtype)
        if entry:
            found.setdefault(name, {})[entry] = tensor
        else:
            found[name] = tensor
    return found


def inference(source: str) -> int:
    """Bytes taken by weights and one forward at float16."""
    import torch

    network, given = network_of(source, torch.float16).eval(), arguments(source, torch.float16)
    with torch.no_grad():
        return taken(lambda: network(**given))


def step(source: str) -> int:
    """Bytes taken by one training step of all weights under autocast."""
    import torch

    network, on_meta = network_of(source, torch.float32).train(), torch.get_default_device().type == "meta"
    given = arguments(source, torch.float32 if on_meta else torch.float16)
    optimizer = torch.optim.AdamW(network.parameters())

    def once() -> None:
        with torch.autocast("cuda", dtype=torch.float16, enabled=not on_meta):
            loss = network(**given).sample.float().square().mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    once()
    return taken(once)


def decoding(source: str, side: int, *, tiling: bool) -> tuple[int, int]:
    """Bytes told and taken by a pipeline's VAE: its weights, and the peak of decoding one image."""
    import torch

    pipeline = api.pipeline(source, size=side, tiling=tiling)
    vae = vae_of(source, getattr(torch, pipeline.decoded_in))
    if tiling:
        vae.enable_tiling()
    shape = latent_shape(pipeline.denoiser)
    latent = torch.randn(shape).to(vae.dtype)
    with torch.no_grad():
        found = taken(lambda: vae.decode(latent))
    last = pipeline.parts[-1]
    return (last.weights or 0) + (last.activations or 0), found


def latent_shape(denoiser: Architecture) -> tuple[int, ...]:
    """The latent that a denoiser makes of one image."""
    return tuple(denoiser.by_path[""].output or ())


def vae_of(source: str, dtype: Any) -> Any:
    """The VAE of a preset's pipeline with random weights on the device."""
    [id] = [one.vae for one in companions(zoo.spec(source).facts) if one.vae]
    return network_of(id, dtype).eval()


def whole_pipeline(source: str = "sd15") -> tuple[int, int]:
    """Bytes told and taken by all of a pipeline resident, through one step with guidance and the decoding."""
    import torch
    from transformers import CLIPTextConfig, CLIPTextModel

    pipeline = api.pipeline(source)
    encoder = CLIPTextModel(CLIPTextConfig(**TEXT_ENCODER)).half().eval()
    denoiser, vae = network_of(source, torch.float16).eval(), vae_of(source, torch.float16)
    prompts = torch.zeros((2, 77), dtype=torch.int64)
    latent = torch.randn(latent_shape(pipeline.denoiser)).half()

    def once() -> None:
        context = torch.cat([encoder(prompts[:1])[0], encoder(prompts[1:])[0]])
        denoiser(torch.cat([latent, latent]), 1, encoder_hidden_states=context)
        vae.decode(latent)

    with torch.no_grad():
        found = taken(once)
    return next(held.bytes for held in pipeline.held() if held.mode == "none"), found


TEXT_ENCODER = {
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_attention_heads": 12,
    "num_hidden_layers": 12,
    "projection_dim": 768,
    "vocab_size": 49408,
}
"""CLIP ViT-L/14's text encoder, as Stable Diffusion 1.5 publishes it."""


def row(name: str, use: str, told: int, found: int) -> str:
    ratio = f"{found / told:.3f}" if found else "runs"
    return f"{name:16} {use:20} told {told:>16,}   taken {found:>16,}   {ratio}"


def main() -> None:
    """Print one line for each source and use."""
    import torch

    parser = argparse.ArgumentParser(description="Memory told beside memory taken on a CUDA device.")
    parser.add_argument(
        "sources", nargs="*", metavar="SOURCE", help=f"default: {', '.join(SOURCES)}, and VAEs"
    )
    parser.add_argument(
        "--device", choices=("cuda", "meta"), default="cuda", help="meta: run, measure nothing"
    )
    asked = parser.parse_args()
    torch.set_default_device(asked.device)
    if asked.device == "cuda" and not torch.cuda.is_available():
        parser.error("no CUDA device; --device meta runs without one")
    print(f"{torch.cuda.get_device_name() if asked.device == 'cuda' else 'meta'}, torch {torch.__version__}")
    for source in asked.sources or SOURCES:
        for name, use, measure in (
            ("inference", Use("float16"), inference),
            ("training", Use(training=PLAN), step),
        ):
            print(row(source, name, needed(counted(source), use), measure(source)), flush=True)
    if not asked.sources:
        _vaes_and_pipeline()


def _vaes_and_pipeline() -> None:
    for source, side, tiling in DECODED:
        use_name = f"decode {side}{' in tiles' if tiling else ''}"
        print(row(source, use_name, *decoding(source, side, tiling=tiling)), flush=True)
    if importlib.util.find_spec("transformers"):
        print(row("sd15", "whole pipeline", *whole_pipeline()), flush=True)
    else:
        print("sd15             whole pipeline       needs transformers: the extra pipeline")


if __name__ == "__main__":
    main()
