"""What each module reads from outside the stages: the time embedding, the context, both or nothing."""

from __future__ import annotations

from unetscope.model import Architecture, Node, is_within, parent

Reads = dict[str, frozenset[str]]


def conditioned(architecture: Architecture) -> Reads:
    """For each module path "time", "context" or both; paths that read neither are left out."""
    outside = _origins_outside(architecture)
    reads: Reads = {}
    for call in architecture.calls:
        found = frozenset().union(*(_origin(architecture, outside, read) for read in call.reads))
        path = architecture.nodes[call.node].path
        while path and found and not found <= reads.get(path, frozenset()):
            reads[path] = reads.get(path, frozenset()) | found
            path = parent(path)
    return reads


def crosses(node: Node, reads: Reads) -> bool:
    """Whether an attention layer reads the context: one made for it attends to itself if given none."""
    return "context" in reads.get(node.path, frozenset())


def context_word(architecture: Architecture) -> str:
    """What the context is made of: "text", "image", "text and image", or "context" where unknown."""
    given = {one.name.rpartition(".")[2] for one in architecture.inputs}
    projected = str(architecture.config.get("encoder_hid_dim_type") or "")
    if "image_embeds" in given and projected in ("image_proj", "ip_image_proj", "text_image_proj"):
        return "text and image" if "encoder_hidden_states" in given else "image"
    return "text" if architecture.basis.tokens is not None else "context"


def _origins_outside(architecture: Architecture) -> dict[int, frozenset[str]]:
    """For calls made outside the stages: which kinds of input their result comes from."""
    roles = {stage.path: stage.role for stage in architecture.stages}
    origins: dict[int, frozenset[str]] = {}
    for index, call in enumerate(architecture.calls):
        top = architecture.nodes[call.node].path
        role = next((role for path, role in roles.items() if is_within(top, path)), "conditioning")
        if role == "conditioning":
            read = (_origin(architecture, origins, source) for source in call.reads)
            origins[index] = _made(top) or frozenset().union(*read)
    return origins


def _made(path: str) -> frozenset[str]:
    """What a module outside the stages makes of all that it reads: a context, or part of the time embedding,
    even where that is pooled from the text. Nothing for the network's own operations, which only join."""
    if not path:
        return frozenset()
    return frozenset({"context" if path.startswith("encoder_hid_proj") else "time"})


def _origin(architecture: Architecture, outside: dict[int, frozenset[str]], read: int) -> frozenset[str]:
    """Where one tensor that a call reads comes from; the sample itself counts as nothing."""
    if read >= 0:
        return outside.get(read, frozenset())
    name = architecture.inputs[~read].name
    if name in ("sample", "hidden_states"):
        return frozenset()
    return frozenset({"context" if name.startswith("encoder_") else "time"})
