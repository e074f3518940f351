"""Where the text of a licence stands: a table by the names that presets use, each address with its source."""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec


class LicenceText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The address of a licence's text on its publisher's site, and where that address was read.

    `second_hand` where that is not what the publisher says itself.
    """

    text: str
    where: str
    second_hand: bool = False


def licence_text(name: str | None) -> LicenceText | None:
    """Where the licence of this name stands; None where that is not known."""
    return _table().get(name) if name else None


@cache
def _table() -> dict[str, LicenceText]:
    data = (resources.files(__package__) / "licences.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, LicenceText])
