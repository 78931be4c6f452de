"""A boundary in words says what a picture of it shows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from course.computations.boundaries import boundary_of, in_words

SQUARE = np.array([[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]])


def words(function, X=SQUARE, y=(0, 0, 1, 1)):
    return in_words(boundary_of(Logit(function), X, y))


class Logit(nn.Module):
    """A network that computes any function of x1 and x2."""

    def __init__(self, function):
        super().__init__()
        self.function = function
        self.unused = nn.Parameter(torch.zeros(1, dtype=torch.float64))

    def forward(self, x):
        return self.function(x[:, 0], x[:, 1])[:, np.newaxis]


def test_a_straight_boundary_is_called_straight_with_its_two_ends():
    said = words(lambda x, y: 5 * (y - 0.5 * x))
    assert "4 of 4 points are on the side of their class." in said
    assert "For 4 points the network is sure" in said
    assert "x1 from −1.20 to 1.20 and x2 from −1.20 to 1.20" in said
    assert "50% of the picture is on class 1's side" in said
    assert "runs from (−1.20, −0.60) to (1.20, 0.60); it is a straight line." in said


@pytest.mark.parametrize("slope", [0.0, 3.0, -0.7])
def test_every_straight_boundary_is_called_straight(slope):
    assert "it is a straight line" in words(lambda x, y: y - slope * x - 0.1)
    assert "it is a straight line" in words(lambda x, y: x - slope * y - 0.1)


def test_corners_and_smooth_bends_are_told_apart():
    bent = words(lambda x, y: y + 0.5 - x.abs())
    assert "by way of (0.00, −0.50)" in bent
    assert "turns by 90 degrees in all, mostly in 1 corner between straight parts" in bent
    twice = words(lambda x, y: y - (x + 0.5).abs() + (x - 0.5).abs())
    assert "mostly in 2 corners" in twice
    assert "little by little" in words(lambda x, y: y + 0.5 - x**2)


def test_points_on_the_wrong_side_are_listed_and_counted_from_the_sixth_on():
    assert "; on the wrong side: class 1 at (−1.00, −1.00), class 0 at (1.00, 1.00)." in words(
        lambda x, y: 0.1 * y, y=[1, 0, 1, 0]
    )
    assert words(lambda x, y: y, np.tile(SQUARE, (2, 1)), [1, 1, 0, 0] * 2).count("and 3 more") == 1


def test_several_pieces_and_closed_ones_are_described_each():
    said = words(lambda x, y: x**2 - 0.25)
    assert "The boundary has 2 pieces. Piece 1 runs from (−0.50" in said
    assert "Piece 2 runs from (0.50" in said
    assert "is a closed curve around (0.00, 0.00)" in words(lambda x, y: 0.5 - x**2 - y**2)


@pytest.mark.parametrize(("value", "only"), [(3.0, 1), (-3.0, 0)])
def test_a_picture_without_a_boundary_says_whose_it_is(value, only):
    said = words(lambda x, y: 0 * x + value)
    assert f"does not cross the picture: all of it is on class {only}'s side." in said
    assert "nan" not in said


def test_a_network_of_float32_is_asked_in_its_own_type_and_stays_as_it_is():
    model = nn.Sequential(nn.Linear(2, 1))
    model[0].weight.data, model[0].bias.data = torch.tensor([[0.3, 1.0]]), torch.zeros(1)
    before = model[0].weight.clone()
    assert "straight line" in in_words(boundary_of(model, SQUARE, [0, 0, 1, 1]))
    assert torch.equal(model[0].weight, before)
    assert model[0].weight.grad is None
