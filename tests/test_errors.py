"""Errors as data: what they say survives the way from one process to another."""

from __future__ import annotations

import pickle

import pytest

from unetscope import errors


@pytest.mark.parametrize("kind", errors.UnetscopeError.__subclasses__())
def test_an_error_of_another_process_comes_back_with_its_advice(kind: type[errors.UnetscopeError]) -> None:
    error = kind("a chart needs matplotlib", hint="install it")
    back = pickle.loads(pickle.dumps(error))
    assert (type(back), back.message, back.hint, str(back)) == (kind, error.message, error.hint, str(error))
