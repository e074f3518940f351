"""Names of other schemes, and those of diffusers."""
