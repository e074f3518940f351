"""Python that makes the student: lines that cut it out of its teacher, a script that loads its weights.

Paths come from a network's modules: only names and numbers that Python has go into code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from unetscope.errors import ConfigError
from unetscope.families import FAMILIES
from unetscope.plans import Edit, Plan
from unetscope.words.messages import printable

_NAME = re.compile(r"[A-Za-z_]\w{0,60}", re.ASCII)
_LETTING_THROUGH = '''
class Pass(torch.nn.Module):
    """In the place of an attention: gives its input back."""

    def forward(self, hidden_states, *_, **options):
        return (hidden_states,) if "return_dict" in options else hidden_states
'''


def edit_lines(edits: Iterable[Edit], *, network: str = "network") -> tuple[str, ...]:
    """One statement for each edit. Raises ConfigError for a path that is no Python."""
    return tuple(_statement(edit, network) for edit in edits)


def _statement(edit: Edit, network: str) -> str:
    place = _place(edit.path, network) if edit.path else network
    match edit.kind:
        case "delete":
            return f"del {place}"
        case "none":
            return f"{place} = None"
        case "pass":
            return f"{place} = Pass()"
        case _:
            return f"{network}.num_upsamplers -= 1"


def _place(path: str, network: str) -> str:
    """A path as Python reaches it: network.down_blocks[0].attentions[1]."""
    place = network
    for part in path.split("."):
        if not part.isdecimal() and not _NAME.fullmatch(part):
            raise ConfigError(f"{printable(path)} is not a path of modules", hint="trace the network again")
        place += f"[{int(part)}]" if part.isdecimal() else f".{part}"
    return place


def script(plan: Plan) -> str:
    """A script that makes the student, loads what it takes of its teacher, and saves it.

    It reads config.json or the edits, and weights.json beside it.
    """
    name = plan.student.class_name
    module = FAMILIES[name].module
    head = ["import json", "import sys", "from pathlib import Path", ""]
    head += ["import torch", f"from {module} import {name}", ""]
    body = _from_config(name) if plan.config is not None else _from_edits(plan)
    return "\n".join([_DOC, "", *head, *body, "", "", *_MAIN]) + "\n"


_DOC = '''"""Make the student and load its weights from the teacher's.

    python weights.py TEACHER STUDENT

TEACHER is the folder that holds the teacher's config.json and weights (of a pipeline its unet or transformer
folder). STUDENT is a folder to write.
"""'''


def _from_config(name: str) -> list[str]:
    return [
        "HERE = Path(__file__).parent",
        "",
        "",
        "def student_of(teacher):",
        '    """The student as its config says it, with weights of its own."""',
        '    config = json.loads((HERE / "config.json").read_text())',
        f"    return {name}.from_config(config).to(teacher.dtype)",
        "",
        "",
        "def save(student, folder):",
        "    student.save_pretrained(folder)",
        "",
        "",
        "def read(folder):",
        f"    return {name}.from_pretrained(folder)",
    ]


def _from_edits(plan: Plan) -> list[str]:
    lines = edit_lines(plan.edits)
    used = _LETTING_THROUGH.strip("\n").split("\n") if any(edit.kind == "pass" for edit in plan.edits) else []
    return [
        "HERE = Path(__file__).parent",
        *(["", "", *used] if used else []),
        "",
        "",
        "def student_of(teacher):",
        '    """The teacher cut down: no config of diffusers\' says this student."""',
        "    import copy",
        "",
        "    network = copy.deepcopy(teacher)",
        *(f"    {line}" for line in lines),
        "    return network",
        "",
        "",
        "def save(student, folder):",
        '    """Its weights alone, to load into student_of(teacher): from_pretrained cannot build it."""',
        "    Path(folder).mkdir(parents=True, exist_ok=True)",
        '    torch.save(student.state_dict(), Path(folder) / "student.pt")',
        "",
        "",
        "def read(folder):",
        f"    return {plan.student.class_name}.from_pretrained(folder)",
    ]


_MAIN = '''
def loaded(teacher):
    """The student with all weights that it takes of its teacher; its own tensors stay as they were made."""
    student = student_of(teacher)
    taken, source = json.loads((HERE / "weights.json").read_text())["map"], teacher.state_dict()
    own = student.state_dict()
    student.load_state_dict(own | {key: source[name] for key, name in taken.items()}, strict=True)
    return student


if __name__ == "__main__":
    with torch.no_grad():
        save(loaded(read(sys.argv[1])), sys.argv[2])
'''.strip("\n").split("\n")
