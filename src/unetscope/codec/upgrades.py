"""Architectures saved under earlier schemas, as plain JSON data, brought to today's."""

from __future__ import annotations

from typing import Any

_INPUT_ROLES = {
    "sample": "sample",
    "timestep": "time",
    "encoder_hidden_states": "text context",
    "timestep_cond": "guidance",
    "class_labels": "class",
    "added_cond_kwargs.text_embeds": "pooled text",
    "added_cond_kwargs.time_ids": "size",
    "added_cond_kwargs.image_embeds": "image context",
    "added_cond_kwargs.hint": "control",
}
"""Roles of the inputs of UNets, the only networks that schema 1 holds."""
_LEAST_TOKENS = 2
"""The least number of text tokens at which rules of schema 1 hold."""


def from_1(saved: dict[str, Any]) -> dict[str, Any]:
    """Schema 2, which names axes, from schema 1, which knew only height, width and text tokens.

    Raises LookupError, TypeError, AttributeError or ValueError if the data is not of schema 1.
    """
    inputs = [entry | {"role": _INPUT_ROLES.get(entry["name"], "option")} for entry in saved["inputs"]]
    basis, axes = dict(saved["basis"]), _axes(saved["basis"])
    del basis["tokens"]
    scaling = saved.get("scaling")
    return saved | {
        "basis": basis | {"axes": axes},
        "inputs": inputs,
        "scaling": None if scaling is None else _scaling(scaling, list(axes)),
        "schema_version": 2,
    }


def _axes(basis: dict[str, Any]) -> dict[str, Any]:
    _, height, width = basis["input"]
    tokens = {} if basis["tokens"] is None else {"tokens": basis["tokens"]}
    return {"height": height, "width": width} | tokens


def _scaling(scaling: dict[str, Any], axes: list[str]) -> dict[str, Any]:
    """Rules with the powers of a term in the order of the axes."""
    sides = {"step": scaling["stride"], "least": scaling["least"]}
    text = {"step": 1, "least": _LEAST_TOKENS}
    return {
        "grids": [{"axis": axis} | (text if axis == "tokens" else sides) for axis in axes],
        "rules": [[_term(term, axes) for term in rule] for rule in scaling["rules"]],
        "rows": scaling["rows"],
        "sites": scaling["sites"],
    }


def _term(term: dict[str, Any], axes: list[str]) -> dict[str, Any]:
    powers = [term[axis] for axis in axes]
    return {"numerator": term["numerator"], "denominator": term["denominator"], "powers": powers}
