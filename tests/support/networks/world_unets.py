"""Which network of another package is bundled under which name: `zoo/world/` has them, traced."""

from __future__ import annotations

WORLD = {
    "unet-2015": "fepegar UNet unpadded",
    "unet-3d": "pytorch3dunet UNet3D",
    "attention-unet": "monai AttentionUnet",
    "unet-plus-plus": "monai BasicUNet++",
    "nnunet": "nnU-Net PlainConvUNet",
    "unetr": "monai UNETR",
    "swin-unetr": "monai SwinUNETR",
    "adm-256": "ADM 256×256",
    "ldm-unet": "LDM UNetModel (SD 1)",
    "lucidrains-unet": "lucidrains Unet",
    "smp-unet-resnet34": "smp Unet resnet34",
    "ddpm-unet": "improved DDPM 32×32",
}
"""By the name that `unetscope` knows it by, the name in `third_party.NETWORKS`."""
