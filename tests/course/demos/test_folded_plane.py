"""XOR folded: the images of the corners, and a cut that is there as soon as the units bend."""

from __future__ import annotations

import numpy as np
import pytest

from course.demos.folded_plane import CLASSES, CORNERS, HIGH, LOW, FoldedPlane, cut, hidden


def test_with_relu_the_images_are_those_of_two_relu_units() -> None:
    np.testing.assert_array_equal(hidden(CORNERS, 1.0), [[0, 0], [1, 0], [1, 0], [2, 1]])
    np.testing.assert_array_equal(hidden(CORNERS, 0.0), [[0, -1], [1, 0], [1, 0], [2, 1]])


@pytest.mark.parametrize("share", [0.05, 0.3, 1.0])
def test_the_cut_separates_the_classes_and_is_a_band_in_the_plane(share: float) -> None:
    line = cut(share)
    side = hidden(CORNERS, share) @ line.normal - line.offset
    np.testing.assert_array_equal(side > 0, CLASSES == 1)
    assert np.abs(side).min() == pytest.approx(line.room / 2)
    points = np.random.default_rng(0).uniform(LOW, HIGH, (2000, 2))
    inside = (points.sum(axis=1) > 0.5) & (points.sum(axis=1) < 1.5)
    np.testing.assert_array_equal(hidden(points, share) @ line.normal > line.offset, inside)


def test_without_relu_there_is_no_cut() -> None:
    assert cut(0.0).room == 0.0
    demo = FoldedPlane()
    demo.set(share=1.0)
    assert demo.band.get_visible()
    demo.set(share=0.0)
    assert not demo.line.get_visible()
    assert not demo.band.get_visible()
    assert "no straight line separates them" in demo.readout


def test_the_picture_shows_the_images_and_the_cut() -> None:
    demo = FoldedPlane()
    demo.set(share=0.5)
    for points, number in zip(demo.points[2:], (0, 1), strict=True):
        np.testing.assert_array_equal(points.get_xydata(), hidden(CORNERS[number == CLASSES], 0.5))
    np.testing.assert_allclose(demo.line.get_xydata() @ demo.cut.normal, demo.cut.offset)
    sums = np.linspace(2 * LOW, 2 * HIGH, 19)
    path = hidden(np.column_stack([sums, np.zeros_like(sums)]), 0.5)
    np.testing.assert_allclose(np.interp(path[:, 0], *demo.plane.get_data()), path[:, 1], atol=1e-12)
    assert {round(float(total), 6) for total in demo.band.get_xy().sum(axis=1)} == {0.5, 1.0, 1.5}
