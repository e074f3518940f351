"""Which networks a layout suits, decided without loading what draws it."""

from __future__ import annotations

from unetscope.model import Architecture
from unetscope.paths import is_within


def suits_u(architecture: Architecture) -> bool:
    """Whether a network goes down and up again, through one middle at most: an autoencoder has two."""
    roles = [stage.role for stage in architecture.stages]
    return {"down", "up"} <= {*roles} and roles.count("mid") <= 1 and "body" not in roles


def why_no_u(architecture: Architecture) -> str:
    """The sentence for a network whose record shows no U; empty for any other."""
    remark = next((note for note in architecture.notes if note.startswith("no U-Net")), "")
    if not remark:
        return ""
    from unetscope.analysis.observation import FORMS

    return remark if remark in FORMS.values() else ""  # notes may come from a file


def suits_column(architecture: Architecture) -> bool:
    """Whether the network is a chain of stacks: its blocks attend, and there are no down or up stages."""
    stages = [stage for stage in architecture.stages if stage.path in architecture.first_call]
    if any(stage.role in ("down", "mid", "up") for stage in stages):
        return False
    stacks = [stage.path for stage in stages if stage.role == "body"]
    return any(
        architecture.operations[call.operation].op_class == "attention"
        and any(is_within(architecture.nodes[call.node].path, stack) for stack in stacks)
        for call in architecture.calls
    )
