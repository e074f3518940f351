"""What each module reads from outside the stages: the time embedding, the context, both or nothing."""

from __future__ import annotations

from unetscope.model import Architecture, Node, parent

Reads = dict[str, frozenset[str]]
_NOTHING = frozenset[str]()


def conditioned(architecture: Architecture) -> Reads:
    """For each module path "time", "context" or both; paths that read neither are left out."""
    origins = _origins(architecture)
    reads: Reads = {}
    for call in architecture.calls:
        found = _NOTHING.union(*(origins.get(read, _NOTHING) for read in call.reads))
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


def _origins(architecture: Architecture) -> dict[int, frozenset[str]]:
    """Kinds of input by what calls read: the inputs themselves, and results of calls outside the stages."""
    roles = _roles(architecture)
    origins = {~index: _of_input(one.name) for index, one in enumerate(architecture.inputs)}
    for index, call in enumerate(architecture.calls):
        top = architecture.nodes[call.node].path
        if roles[top] == "conditioning":
            read = (origins.get(one, _NOTHING) for one in call.reads)
            origins[index] = _made(top) or _NOTHING.union(*read)
    return origins


def _made(path: str) -> frozenset[str]:
    """What a module outside the stages makes of all that it reads: a context, or part of the time embedding,
    even where that is pooled from the text. Nothing for the network's own operations, which only join."""
    if not path:
        return _NOTHING
    return frozenset({"context" if path.startswith("encoder_hid_proj") else "time"})


def _roles(architecture: Architecture) -> dict[str, str]:
    """The role of the stage each module lies in, by path; what lies in none conditions."""
    staged = {stage.path: stage.role for stage in architecture.stages}
    roles: dict[str, str] = {}
    for node in architecture.nodes:
        roles[node.path] = staged.get(node.path) or roles.get(parent(node.path), "conditioning")
    return roles


def _of_input(name: str) -> frozenset[str]:
    """What an input of the network stands for; the sample itself counts as nothing."""
    if name in ("sample", "hidden_states"):
        return _NOTHING
    return frozenset({"context" if name.startswith("encoder_") else "time"})
