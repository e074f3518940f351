"""The name of something on the Hugging Face Hub: `org/repo[@revision][:subfolder or file][#variant]`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from unetscope.errors import SourceError
from unetscope.words.messages import printable

_PART = r"[A-Za-z0-9](?:[\w.-]{0,94}\w)?"
_ADDRESS = re.compile(
    rf"(?P<repo>{_PART}/{_PART})"
    r"(?:@(?P<revision>[\w./-]{1,200}))?(?::(?P<inside>[\w .+/-]{1,400}))?(?:#(?P<variant>[\w.-]{1,60}))?",
    re.ASCII,
)
WEIGHTS = (".safetensors", ".sft", ".safetensors.index.json")
"""Ends of the files whose headers are read over the network."""
_ELSEWHERE = (".ckpt", ".pt", ".pth", ".bin", ".gguf", ".index.json")
"""Endings of files of weights that are not read over the network: only their last bytes say where names and
shapes stand, or nothing does."""
_FILES = (*WEIGHTS, *_ELSEWHERE, ".json", ".json.gz")


@dataclass(frozen=True, slots=True)
class Address:
    """A repository, and what of it: a revision (branch, tag or commit), a folder or file, a variant."""

    repo: str
    revision: str = ""
    inside: str = ""
    variant: str = ""

    def __str__(self) -> str:
        marked = (("@", self.revision), (":", self.inside), ("#", self.variant))
        return self.repo + "".join(mark + value for mark, value in marked if value)

    @property
    def is_file(self) -> bool:
        """Whether it names one file rather than a folder."""
        return self.inside.lower().endswith(_FILES)


def parse(name: str) -> Address | None:
    """The address that a name is; None for a name that cannot be one.

    `unet/config.json` and `loras/mine.safetensors` are paths: no repository is called so. Raises SourceError
    for an address that leads out of its repository, or to a file that is not read over the network.
    """
    match = _ADDRESS.fullmatch(name)
    if match is None or (match["repo"].lower().endswith(_FILES)):
        return None
    inside = (match["inside"] or "").strip("/")
    parsed = Address(match["repo"], match["revision"] or "", inside, match["variant"] or "")
    if not is_inside(parsed.inside or "x") or not is_inside(parsed.revision or "x"):
        raise SourceError(f"{printable(name, limit=200)} leads out of its repository", hint="leave .. out")
    if parsed.is_file and parsed.inside.lower().endswith(_ELSEWHERE) and not _is_read(parsed.inside):
        raise SourceError(
            f"{printable(parsed.inside, limit=100)} is not read over the network: headers of safetensors are",
            hint=f"download it: hf download {parsed.repo} '{parsed.inside}', then give the file",
        )
    return parsed


def _is_read(file: str) -> bool:
    return file.lower().endswith(WEIGHTS)


def is_inside(path: str) -> bool:
    """Whether a relative path stays where it starts."""
    parts = path.split("/")
    return not any(part in ("", ".", "..") for part in parts) and "\\" not in path and ":" not in path


def with_options(address: Address, *, revision: str, inside: str, variant: str) -> Address:
    """The address completed by options; what it says itself comes first."""
    return replace(
        address,
        revision=address.revision or revision,
        inside=address.inside or inside.strip("/"),
        variant=address.variant or variant,
    )
