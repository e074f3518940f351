"""Write docs/claims.md: what is often said of these models, what is true, and the command that shows it.

    python tests/write_claims.py

The page is compared with what the commands print by tests/cli/test_claims.py.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass

from click.testing import CliRunner

from support.places import ROOT
from unetscope.cli.commands import unetscope

PAGE = ROOT / "docs" / "claims.md"
HEAD = """# Claims, and what the networks say

Often repeated, and not borne out by the networks themselves. Each is followed by what is true and by the
command that shows it. `python tests/write_claims.py` writes this page; a test runs every command again.
"""


@dataclass(frozen=True)
class Claim:
    """What is said, what is true, the command that shows it, and of its output the lines that bear on it."""

    said: str
    true: str
    command: str
    lines: tuple[str, ...] = ()


CLAIMS = (
    Claim(
        "The UNets of Stable Diffusion 1 and 2 have the same architecture.",
        "The blocks are the same, in the same order. The context is 1024 wide instead of 768, heads are 64 "
        "wide, and the transformers' projections are linear: 64 tensors have another shape, and 6.39 M "
        "parameters are added.",
        "unetscope diff sd15 sd21-base",
        ("  parameters", "  tensors", "cross_attention_dim 768", "attention_head_dim 8", "projection false"),
    ),
    Claim(
        "Stable Diffusion 2.1 base is a lightweight model.",
        "It is the network of 2.1, weight for weight in shape: its native size is 512 px instead of 768.",
        "unetscope diff sd21-base sd21",
        ("identical", "tensors", "parameters", "sample_size", "lineage", "resumed at"),
    ),
    Claim(
        "The UNet of SDXL-Lightning is lightweight.",
        "It is the network of SDXL. It takes fewer steps, not fewer parameters or MACs.",
        "unetscope diff sdxl sdxl-lightning-4step --exit-code",
        (),
    ),
    Claim(
        "Stable Diffusion is built of AttnDownBlock2D and AttnUpBlock2D.",
        "Its blocks are three CrossAttnDownBlock2D and a DownBlock2D, then an UpBlock2D and three "
        "CrossAttnUpBlock2D.",
        "unetscope show sd15",
        ("Down ", "Mid ", "Up "),
    ),
    Claim(
        "The inpainting UNet takes 5 channels.",
        "It takes 9: the noisy latent, the mask, the latent of the masked image, in this order. 5 are new.",
        "unetscope show sd15-inpaint",
        ("input channels  9",),
    ),
    Claim(
        "All models that see an image take the same input.",
        "InstructPix2Pix and CosXL-Edit take the latent of the source image, the depth model one channel of "
        "depth, the upscaler the small image itself, FLUX.1 Fill 384 packed channels.",
        "unetscope compare instruct-pix2pix cosxl-edit sd2-depth sd-x4-upscaler flux1-fill-dev",
        ("input holds", "input channels"),
    ),
    Claim(
        "The SDXL refiner does super-resolution.",
        "It is an image-to-image network of the same resolution: latent in and out are the size of SDXL's.",
        "unetscope show sdxl-refiner",
        ("input channels", "basis", "training", "low noise"),
    ),
    Claim(
        "Stable Diffusion 1.5 was fine-tuned from 1.4.",
        "Both were fine-tuned from 1.2, and so was the inpainting model.",
        "unetscope list --tree sd15",
        ("─ sd12 ", "─ sd14 ", "─ sd15 ", "─ sd15-inpaint"),
    ),
    Claim(
        "FLUX.1 schnell is made by ADD.",
        "Its model card says latent adversarial diffusion distillation (LADD).",
        "unetscope show flux1-schnell",
        ("made from",),
    ),
    Claim(
        "The published MACs of Stable Diffusion count one forward.",
        "Most leave out the two matmuls of attention: so do the 339 G that are often given for 1.4.",
        "unetscope reconcile sd14 339G --no-torchinfo",
        (),
    ),
)


def printed(command: str) -> str:
    """What a command prints on a terminal of 80 columns."""
    _, *words = shlex.split(command)
    done = CliRunner().invoke(unetscope, words, env={**os.environ, "COLUMNS": "80"}, catch_exceptions=False)
    return done.stdout


def excerpt(output: str, wanted: tuple[str, ...]) -> str:
    """The lines that bear on a claim, with those that go on below them; all where none are named."""
    if not wanted:
        return output.rstrip("\n")
    kept, keeps = list[str](), False
    for line in output.splitlines():
        goes_on = keeps and line.startswith(" " * 16)
        keeps = goes_on or any(word in line for word in wanted)
        if keeps:
            kept.append(line)
        elif kept and kept[-1] != "…":
            kept.append("…")
    return "\n".join(kept)


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for at, claim in enumerate(CLAIMS, 1):
        parts += [
            f"## {at}. “{claim.said}”\n",
            f"{claim.true}\n",
            f"```console\n$ {claim.command}\n{excerpt(printed(claim.command), claim.lines)}\n```\n",
        ]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
