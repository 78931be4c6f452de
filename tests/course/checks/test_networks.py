"""Weights that differ are named, and so are places in a network."""

from __future__ import annotations

import pytest
import torch

from course.checks.networks import first_difference, place

ONES, TWOS = torch.ones(2), torch.full((2,), 2.0)


@pytest.mark.parametrize(
    ("actual", "name"),
    [
        ({"a": ONES, "b": TWOS}, ""),
        ({"a": ONES, "b": TWOS, "c": ONES}, ""),
        ({"b": ONES, "a": TWOS}, "a"),
        ({"a": ONES}, "b"),
        ({"a": ONES, "b": None}, "b"),
        ({"a": ONES, "b": TWOS.double()}, "b"),
        ({"a": ONES, "b": TWOS[:1]}, "b"),
        ({"a": ONES, "b": [2.0, 2.0]}, "b"),
    ],
)
def test_the_first_tensor_that_is_missing_or_different_is_named(actual, name):
    assert first_difference({"a": ONES, "b": TWOS}, actual) == name


def test_places_have_names():
    assert [place(name) for name in ("", "0.bias", "every ReLU")] == [
        "the network itself",
        "layer 0.bias",
        "every ReLU",
    ]
