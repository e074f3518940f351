"""What one file of weights is, as a row of a table: plain values, the same on every machine."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping

import msgspec

from unetscope import zoo
from unetscope.checkpoints.answer import UNKNOWN, Answer
from unetscope.checkpoints.listing import Stored
from unetscope.errors import SourceError

SCHEMA_VERSION = 1
SKETCH = 64
"""Hashes in a sketch: they tell what two headers have in common to about two percent."""
_PART = {"denoiser": "denoiser", "ControlNet": "denoiser", "text encoder": "text", "VAE": "vae"}


class SurveyRow(msgspec.Struct, frozen=True, kw_only=True):
    """One file: where it was found, what it is and why, how large; or the error in place of it.

    `family` is what files are grouped by: that of the bundled model it is or comes nearest to, else the base
    of an adapter, else what it is. `base` is the adapter's base, or the bundled model it is. `params` counts
    the networks found, without averaged copies; of an adapter and of what is unknown all tensors; null where
    some shape is not known. `header` is a hash of all names, types and shapes, whatever their order; `sketch`
    the least hashes of names with shapes, which tell how much two headers have in common.
    """

    source: str
    file: str = ""
    bytes: int | None = None
    container: str = ""
    kind: str = ""
    what: str = ""
    family: str = ""
    base: str = ""
    naming: str = ""
    prefix: str = ""
    quantised: str = ""
    tensors: int | None = None
    params: int | None = None
    params_denoiser: int | None = None
    params_text: int | None = None
    params_vae: int | None = None
    params_other: int | None = None
    ranks: list[int] = []
    dtypes: dict[str, int] = {}
    nearest: str = ""
    differences: list[str] = []
    header: str = ""
    sketch: list[int] = []
    reasons: list[str] = []
    warnings: list[str] = []
    notes: list[str] = []
    error: str = ""
    hint: str = ""


def row_of(answer: Answer, source: str) -> SurveyRow:
    """The row of a file that was read."""
    listing, near = answer.listing, next(iter(answer.near), None)
    main = answer.denoiser or next(iter(answer.components), None)
    counts = _params(answer)
    fits = near is not None and not near.differences
    return SurveyRow(
        source=source,
        file=listing.name,
        bytes=listing.bytes,
        container=listing.container,
        kind=answer.kind,
        what=answer.title,
        family=_family(answer),
        base=answer.adapter.base if answer.adapter else near.id if near and fits else "",
        naming=answer.adapter.naming if answer.adapter else main.naming if main else "",
        prefix=main.prefix if main else "",
        quantised=answer.quantised,
        tensors=len(listing.tensors),
        params=counts["whole"],
        params_denoiser=counts.get("denoiser"),
        params_text=counts.get("text"),
        params_vae=counts.get("vae"),
        params_other=counts.get("other"),
        ranks=[rank for rank, _ in answer.adapter.ranks] if answer.adapter else [],
        dtypes=listing.dtypes,
        nearest=near.id if near else "",
        differences=[
            f"{difference.field}: {difference.here}, not {difference.there}"
            for difference in near.differences
        ]
        if near
        else [],
        header=_digest(listing.tensors),
        sketch=_sketch(listing.tensors),
        reasons=list(answer.why),
        warnings=list(answer.warnings),
        notes=[*listing.notes, *answer.hints],
    )


def row_of_error(error: SourceError, source: str) -> SurveyRow:
    """The row of a file that could not be read."""
    return SurveyRow(source=source, file=source.rpartition("/")[2], error=error.message, hint=error.hint)


def _family(answer: Answer) -> str:
    if answer.near:
        return zoo.preset(answer.near[0].id).family
    if answer.adapter:
        return family_of(answer.adapter.base) if answer.adapter.base else UNKNOWN
    return answer.title


def family_of(base: str) -> str:
    """The family of bundled models that the base of an adapter is of: "Wan 14B" → "Wan". A base that is not
    certain, or of no such family, is called as it is."""
    called = base.replace("SDXL", "Stable Diffusion XL")
    known = {zoo.preset(id).family for id in zoo.ids()}
    return max((family for family in known if " or " not in base and called.startswith(family)),
               key=len, default=base)  # fmt: skip


def _params(answer: Answer) -> dict[str, int | None]:
    """Parameters in total and by part; None where a shape is unknown, 0 for a part that is absent."""
    if not answer.components:
        shapes = [tensor.shape for tensor in answer.listing.tensors.values()]
        return {"whole": None if None in shapes else sum(math.prod(shape or ()) for shape in shapes)}
    parts: dict[str, int | None] = dict.fromkeys(("denoiser", "text", "vae", "other"), 0)
    for component in answer.components:
        part, count = _PART.get(component.kind, "other"), component.params
        before = parts[part]
        parts[part] = None if before is None or count is None else before + count
    known = [count for count in parts.values() if count is not None]
    whole = sum(known) if len(known) == len(parts) else None
    return {"whole": whole, **parts}


def _digest(tensors: Mapping[str, Stored]) -> str:
    """A hash of names, types and shapes in the order of names: metadata and the order of data are no part."""
    lines = sorted(f"{name}\0{tensor.dtype}\0{tensor.shape}" for name, tensor in tensors.items())
    return hashlib.blake2b("\n".join(lines).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _sketch(tensors: Mapping[str, Stored]) -> list[int]:
    """The least of the hashes of names with shapes."""
    texts = (f"{name}\0{tensor.shape}".encode("utf-8", "surrogatepass") for name, tensor in tensors.items())
    hashes = {int.from_bytes(hashlib.blake2b(text, digest_size=4).digest(), "big") for text in texts}
    return sorted(hashes)[:SKETCH]


def in_common(a: list[int], b: list[int]) -> float:
    """How much two headers have in common: of all names with shapes in either, the part that both have, as
    their sketches tell."""
    least = set(sorted({*a, *b})[:SKETCH])
    return len(least & {*a} & {*b}) / len(least) if least else 1.0
