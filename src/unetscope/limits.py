"""Every bound on what comes from outside, in one place. What is larger is refused in one line.

Each stands well above the largest network that diffusers can build of a config we take (20,000
modules) and below what would take seconds or a gigabyte. The largest bundled trace, that of SDXL,
holds 1,931 modules, 1,853 calls and 19 stages in 1.2 MB of JSON.
"""

from __future__ import annotations

from typing import Final

# bytes
MAX_CONFIG: Final = 8 * 2**20
"""Bytes of a config's JSON."""
MAX_YAML: Final = 2**16
"""Bytes of a config of original code: that of SDXL has 3,000."""
MAX_SAVED: Final = 32 * 2**20
"""Bytes of a saved architecture or a cache entry, as it lies on disk and unpacked from gzip."""

# JSON
MAX_DEPTH: Final = 32
"""Nesting of lists and objects; real configs nest three deep."""
MAX_COMMAS: Final = 1_000_000
"""Between the values of a JSON text: a header of a network of 6,000 tensors has 42,000. A list of four
million numbers, which would fit into a header, takes seconds to check."""

# numbers
MAX_CONFIG_INTEGER: Final = 2**63
MAX_INTEGER: Final = 2**100
"""A count in a saved architecture. MACs of the largest size we take stay below 2⁹⁰; the product of
eight such numbers is still a finite float."""
MAX_RANK: Final = 8
"""Sides of a shape."""
MAX_SIDE: Final = 2**48
"""Elements along one side of a shape."""
MAX_LATENT: Final = 2**14
"""Side of a network's input, batch, and text tokens: a latent of that side is an image of 131,072 px."""
MAX_AXIS: Final = 2**24
"""Size of any axis of a saved architecture: six minutes of audio at 44.1 kHz."""

MAX_POWER: Final = 8
"""Power of one size in a cost formula: no cost grows with a higher one."""

# a config of a class without a table of keys, and what is built from it
MAX_FIELD: Final = 2**31
"""Largest number: beyond any width, vocabulary, frequency or seed; far from where sizes overflow."""
MAX_FIELD_ENTRIES: Final = 4_096
"""Entries of a field, lists inside lists counted through."""
MAX_FIELD_TEXT: Final = 1_000
MAX_FIELD_NESTING: Final = 4
MAX_BUILT_TENSORS: Final = 10_000
"""Tensors made while a network is built: twice Kandinsky 6, which keeps 4,470; as many take seconds."""
MAX_TRIED_TENSORS: Final = 150_000
"""Tensors of all networks that are built between two to find what causes their changes: 89 of SDXL's."""
MAX_BUILT_ELEMENTS: Final = 10**13
"""Their elements: three hundred times FLUX.2."""

# parts of a saved architecture
MAX_NODES: Final = 40_000
MAX_NESTING: Final = 64
"""Modules inside one another."""
MAX_STAGES: Final = 400
"""HiDream-I1, whose 49 projections of the text each are one, has 102."""
MAX_SKIPS: Final = 2_000
MAX_TENSORS: Final = 100_000
MAX_CALLS: Final = 50_000
"""Operations of one forward; LTX-2 has 11,000. As many take ten seconds to run."""
MAX_INPUTS: Final = 64
MAX_NAME: Final = 1_000
"""Characters of a path, a class, a title: any text of a saved architecture but its config."""

# pictures
MAX_PIXELS: Final = 32_000_000
"""Pixels of a PNG: drawing one takes nine bytes each."""
MAX_VERTICES: Final = 4_000
MAX_EDGES: Final = 8_000
"""Networks have 1.1 to 1.4 edges a vertex; SDXL, opened to its layers, 582 and 482."""
ENGINE_SECONDS: Final = 8
"""How long the Graphviz engine may take for a layout; SDXL opened to its layers takes one second."""

# files of weights
MAX_HEADER: Final = MAX_CONFIG
"""Bytes of a safetensors header or of the pickle that names a checkpoint's tensors: sixteen times the
header of a network of 6,000 tensors."""
MAX_GGUF_HEADER: Final = 32 * 2**20
"""Bytes of a GGUF file before its data: those of a language model hold its vocabulary too."""
MAX_GGUF_VALUES: Final = 1_000_000
"""Entries of all lists in it: a vocabulary of 262,144 words comes with two lists more of that length."""
MAX_FILE_TENSORS: Final = 100_000
MAX_OPCODES: Final = 600_000
"""Steps of a pickle: a checkpoint of SDXL takes 110,000."""
MAX_DIRECTORY: Final = 4 * 2**20
"""Bytes of a zip archive's directory: that of SDXL's 2,500 tensors takes 300 kB."""
MAX_SHARDS: Final = 200
MAX_METADATA: Final = 4 * 2**20
"""Bytes of what a header says beside tensors: LoRA trainers write the words of all captions."""
MAX_LOG: Final = 2**20
"""Bytes of a pasted log."""
MAX_DOCUMENT: Final = 64 * 2**20
"""Bytes of a document with markers, and of a picture that stands beside it."""

# the Hugging Face Hub
MAX_HUB_HEADER: Final = MAX_HEADER + 8
"""Bytes read of any file of weights: its length field and its header."""
MAX_HUB_FIRST: Final = 2**16
"""Bytes of the first request for a header: two thirds of diffusers' files need no second."""
MAX_HUB_LISTING: Final = MAX_CONFIG
"""Bytes of a repository's list of files."""
MAX_HUB_FILES: Final = 20_000
MAX_HUB_BYTES: Final = 128 * 2**20
"""Bytes that one source may take in all, over every request."""
HUB_SECONDS: Final = 60
"""How long the answers to one source may take in all."""
