"""A test draws the same numbers whatever ran before it, and so does a fixture that tests share."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

TESTS = """
import random

import numpy as np
import pytest
import torch


def draws():
    return random.random(), np.random.rand(), torch.rand(1).item()


IMPORTED = draws()


@pytest.fixture(scope="module")
def shared():
    return draws()


@pytest.fixture
def own():
    return draws()


def test_one(shared, own):
    print("\\none", IMPORTED, shared, own, draws())


def test_two(shared, own):
    print("\\ntwo", IMPORTED, shared, own, draws())
"""


def test_draws_depend_on_the_name_alone(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makepyfile(test_it=TESTS)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))

    def drawn(*order: str) -> dict[str, str]:
        names = [f"test_it.py::test_{name}" for name in order]
        result = pytester.runpytest_subprocess("-p", "tests.support.seeds", "-s", "-q", *names)
        result.assert_outcomes(passed=len(order))
        return dict(line.split(" ", 1) for line in result.outlines if line.startswith(("one ", "two ")))

    forwards = drawn("one", "two")
    assert forwards == drawn("two", "one")
    assert drawn("two") == {"two": forwards["two"]}
    numbers = re.findall(r"\d\.\d+", forwards["one"])
    assert len(numbers) == len(set(numbers)) == 12
