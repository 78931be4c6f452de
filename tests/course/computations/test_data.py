"""The data of lessons and demos: nothing that is held out has a say in how the rest is scaled."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from course.computations import data
from course.computations.data import NOISE, digits, linear_rule, make_data, noisy_digits, pixels, standardise


def test_what_is_held_out_has_no_say_in_the_scaling(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = digits(hold_out=5)
    x, y = pixels()
    x[::5] = 16 - x[::5]
    with monkeypatch.context() as patch:
        patch.setattr(data, "pixels", lambda: (x, y))
        spoiled = digits.__wrapped__(hold_out=5)  # not from the cache
    assert spoiled.x.equal(sound.x)
    assert not spoiled.unseen_x.equal(sound.unseen_x)


def test_the_training_part_is_standardised_and_the_other_is_not() -> None:
    x, _, unseen_x, _ = digits(hold_out=5, dtype=torch.float64)
    moving = x.std(dim=0) > 0
    assert 60 <= moving.sum() < 64
    torch.testing.assert_close(x.mean(dim=0), torch.zeros(64, dtype=torch.float64))
    torch.testing.assert_close(x.std(dim=0, correction=0)[moving], torch.ones(int(moving.sum()), dtype=torch.float64))
    assert unseen_x.mean(dim=0).abs().max() > 0.01


@pytest.mark.parametrize("hold_out", [4, 5])
def test_every_digit_is_in_one_part_with_its_class(hold_out: int) -> None:
    x, y = load_digits(return_X_y=True)
    parts = digits(hold_out=hold_out, standardised=False, dtype=torch.float64)
    held_out = np.arange(len(x)) % hold_out == 0
    np.testing.assert_array_equal(parts.x, x[~held_out])
    np.testing.assert_array_equal(parts.y, y[~held_out])
    np.testing.assert_array_equal(parts.unseen_x, x[held_out])
    np.testing.assert_array_equal(parts.unseen_y, y[held_out])


def test_without_a_held_out_part_all_digits_are_learned() -> None:
    assert (len(digits().x), len(digits().unseen_x)) == (1797, 0)
    assert digits().x.dtype == torch.float32


def test_a_constant_column_is_shifted_only() -> None:
    learned, other = standardise(np.array([[1.0, 7.0], [3.0, 7.0]]), np.array([[4.0, 8.0]]))
    np.testing.assert_allclose(learned, [[-1, 0], [1, 0]])
    np.testing.assert_allclose(other, [[2, 1]])


def test_noisy_digits_are_all_digits_with_noise() -> None:
    x, y = noisy_digits()
    wanted, classes = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(classes))
    np.testing.assert_array_equal(y, classes[order])
    noise = x.numpy() - wanted[order] / 16
    assert abs(noise.mean()) < 0.01
    assert noise.std() == pytest.approx(NOISE, rel=0.02)


def test_the_linear_rule_is_what_it_says() -> None:
    x, y = linear_rule()
    assert x.shape == (3000, 20)
    assert (x[:, :5].sum(dim=1) > 0).long().equal(y)


def test_a_kind_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(ValueError, match="no data of kind 'rings'; there are xor, moons, circles and spirals"):
        make_data("rings", 0.1)
