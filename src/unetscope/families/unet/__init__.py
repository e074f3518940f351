"""The UNets of diffusers: the text-conditional one and the plain one. No torch."""
