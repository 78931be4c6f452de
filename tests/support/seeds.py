"""Pytest hooks that seed what a test draws by its name, so that no test depends on those that ran before it.

A fixture that several tests share, and a module while it is imported, draw by a name of their own.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Generator
from typing import Any

import pytest


def seed_all(name: str) -> None:
    """Seed Python's, NumPy's and torch's global generators by a text."""
    # Here, for tests/conftest.py sets how many threads they use before they are imported.
    import numpy as np
    import torch

    seed = zlib.crc32(name.encode())
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the generator that code under test may share
    torch.manual_seed(seed)


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Before a module is imported."""
    seed_all(collector.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before a test's fixtures."""
    seed_all(item.nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Around a fixture that outlives its test: what it draws is its own, and the test draws as if it had not."""
    if fixturedef.scope == "function":
        return (yield)
    seed_all(f"{fixturedef.baseid} {fixturedef.argname} {getattr(request, 'param_index', 0)}")
    try:
        return (yield)
    finally:
        seed_all(request._pyfuncitem.nodeid)
