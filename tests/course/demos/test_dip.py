"""The dip: minima of the syllabus, and every input with a given output, against the references."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.reference import numpy_reference
from course.demos.dip import SHOWN, Dip, X, inputs_with_output, minimum

SYLLABUS = {"gelu": (-0.7518, -0.169971), "silu": (-1.2785, -0.278465), "mish": (-1.1924, -0.308843)}


@pytest.mark.parametrize("name", SHOWN)
def test_minima_are_those_of_the_syllabus(name: str) -> None:
    place, value = minimum(name)
    assert (round(place, 4), round(value, 6)) == SYLLABUS[name]
    assert value <= getattr(numpy_reference, name)(np.linspace(-50, 50, 100_001)).min() + 1e-12


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("level", [-0.35, -0.3, -0.2, -0.16, -0.05, -0.001, 0.0, 0.004, 0.15])
def test_every_input_with_this_output_is_found_and_no_other(name: str, level: float) -> None:
    reference = getattr(numpy_reference, name)
    found = inputs_with_output(name, level)
    np.testing.assert_allclose(reference(np.array(found)), level, atol=1e-9)
    wide = np.linspace(-30, 2, 320_001) + 1e-5  # no grid point at 0; GELU(-40) is -0.0 in float64
    assert np.count_nonzero(np.diff(np.sign(reference(wide) - level))) == len(found)


def test_crossings_are_drawn_on_the_curves() -> None:
    demo = Dip()
    for level in (-0.35, -0.2, -0.01, 0.0, 0.15):
        demo.set(level=level)
        assert list(demo.level.get_ydata()) == [level, level]
        for name in SHOWN:
            x, y = demo.crossings[name].get_data()
            np.testing.assert_allclose(x, [place for place in inputs_with_output(name, level) if place >= -6])
            np.testing.assert_array_equal(y, np.full(len(x), level))


def test_the_band_marks_where_the_function_falls() -> None:
    demo = Dip()
    for name in SHOWN:
        slope = getattr(numpy_reference, f"{name}_derivative")(X)
        np.testing.assert_array_equal(~np.isnan(np.asarray(demo.falling[name].get_ydata())), slope < 0)


def test_a_level_below_every_minimum_is_a_state_like_any_other() -> None:
    demo = Dip()
    demo.set(level=-0.35)
    assert demo.error == ""
    assert demo.readout.count("none") == len(SHOWN)
    assert "GELU 0, SiLU (Swish) 0, Mish 0" in demo.alt_text


def test_a_zero_that_is_off_by_rounding_counts_as_zero() -> None:
    demo = Dip()
    demo.set(level=-5e-17)
    assert all(len(places) == 1 for places in demo.found.values())
