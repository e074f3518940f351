"""Where a file belongs and how other programs name what it is."""

from __future__ import annotations

FOLDERS = {
    "full checkpoint": "checkpoints",
    "denoiser": "diffusion_models",
    "LoRA": "loras",
    "VAE": "vae",
    "text encoder": "text_encoders",
    "image encoder": "clip_vision",
    "ControlNet": "controlnet",
    "Control-LoRA": "controlnet",
    "T2I-Adapter": "controlnet",
    "embedding": "embeddings",
    "upscaler": "upscale_models",
    "IP-Adapter": "ipadapter",
    "motion module": "animatediff_models",
    "preview decoder": "vae_approx",
}
"""Kind → folder under ComfyUI's models (folder_paths.py)."""
