"""HiDream: each block reads the hidden state of one layer of a Llama model; several may read the same."""

from __future__ import annotations

from unetscope.errors import ConfigError
from unetscope.families.family import Config


def more(config: Config) -> Config:
    """`llama_layers_read`: how many layers of the Llama model the pipeline hands over, each once.

    As in HiDreamImagePipeline of diffusers 0.42. Raises ConfigError where the config lists none.
    """
    layers = config.get("llama_layers")
    if not isinstance(layers, list | tuple) or not all(isinstance(layer, int) for layer in layers):
        raise ConfigError("llama_layers must be a list of layer numbers", hint="see a HiDream-I1 config.json")
    return {"llama_layers_read": len(set(layers))}
