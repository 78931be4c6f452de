"""The line of the output layer is judged by where it is, the points and the view by what can be seen."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from torch import nn

from course.checks import feature_plane
from course.checks.beside.contours import points_as_data
from course.checks.beside.feature_plane import lines_as_data

FEATURES = np.array([[-1.0, 1.0], [0.5, 3.0], [1.0, 2.0]])
Y = np.array([0, 1, 1])


def picture(draw, features=FEATURES):
    """What `draw(ax)` draws on top of the points of the features, in a view that fits them."""
    ax = Figure().add_subplot()
    ax.scatter(*features.T, c=Y)
    view = ax.axis()
    draw(ax)
    ax.axis(view)
    limits = [*sorted(ax.get_xlim()), *sorted(ax.get_ylim())]
    return feature_plane.FeaturePicture(
        points_as_data(ax), lines_as_data(ax), limits, [ax.get_xlabel(), ax.get_ylabel()], False, {}
    )


def ends(cut, features=FEATURES, shift=0.0, turn=0.0):
    """Two places on the cut, far beyond the features, moved and turned by shares of the features' widths."""
    width, middle = np.ptp(features, axis=0), features.mean(axis=0)
    normal = cut.weight * width
    offset = (cut.bias + cut.weight @ middle) / np.linalg.norm(normal)
    normal = normal / np.linalg.norm(normal)
    near, along = (shift - offset) * normal, np.array([-normal[1], normal[0]])
    along = np.cos(turn) * along + np.sin(turn) * normal
    return np.array([middle + width * (near + sign * 10 * along) for sign in (-1, 1)])


def line(places):
    return lambda ax: ax.plot(*places.T)


def dots(places):
    return lambda ax: ax.plot(*np.linspace(*places, 2000).T, ".")


def dashes(places):
    return lambda ax: [ax.plot(*np.linspace(*places, 2001)[k : k + 8].T) for k in range(0, 2000, 10)]


def backwards_and_on(places):
    return lambda ax: ax.plot(*np.array([places[1], places[0], places[1]]).T)


CUTS = st.builds(
    lambda angle, share: feature_plane.Cut(
        np.array([np.cos(angle), np.sin(angle)]),
        float(-np.array([np.cos(angle), np.sin(angle)]) @ (share * FEATURES[0] + (1 - share) * FEATURES[1])),
    ),
    st.one_of(st.floats(0, 2 * np.pi), st.sampled_from([0, np.pi / 2, np.pi, 3 * np.pi / 2])),
    st.floats(0.1, 0.9),
)


@settings(max_examples=30, deadline=None)
@given(CUTS, st.sampled_from([line, dots, dashes, backwards_and_on]), st.floats(-0.005, 0.005))
def test_the_right_line_passes_at_any_slope_and_in_any_style(cut, style, shift):
    feature_plane.expect_cut(picture(style(ends(cut, shift=shift))), cut, FEATURES)


def test_dashes_across_a_corner_may_be_as_long_as_elsewhere():
    cut = feature_plane.Cut(np.array([np.cos(1.0), np.sin(1.0)]), -0.6128431074920071)
    feature_plane.expect_cut(picture(dashes(ends(cut))), cut, FEATURES)


@settings(max_examples=12, deadline=None)
@given(CUTS, st.sampled_from([line, dots, dashes]), st.sampled_from([-1, 1]), st.floats(0.03, 0.5))
def test_a_line_beside_the_right_one_is_refused(cut, style, sign, shift):
    with pytest.raises(AssertionError, match="but no line is there"):
        feature_plane.expect_cut(picture(style(ends(cut, shift=sign * shift))), cut, FEATURES)


@settings(max_examples=20, deadline=None)
@given(CUTS, st.floats(0.1, 1.5))
def test_a_line_with_another_slope_is_refused(cut, turn):
    with pytest.raises(AssertionError, match="but no line is there"):
        feature_plane.expect_cut(picture(line(ends(cut, turn=turn))), cut, FEATURES)


def test_other_lines_do_no_harm_and_a_line_that_ends_among_the_points_is_refused():
    cut = feature_plane.Cut(np.array([1.0, 1.0]), -2.2)
    places = ends(cut)
    feature_plane.expect_cut(picture(lambda ax: (ax.axhline(2), ax.plot(*places.T), ax.axvline(0))), cut, FEATURES)
    with pytest.raises(AssertionError, match="At "):
        feature_plane.expect_cut(picture(line(np.array([places[0], places.mean(axis=0)]))), cut, FEATURES)


def test_corners_that_are_not_numbers_are_left_out():
    cut = feature_plane.Cut(np.array([1.0, 1.0]), -2.2)
    (left, low), (right, high) = ends(cut)
    feature_plane.expect_cut(picture(lambda ax: ax.plot([0, np.nan, left, right], [0, 0, low, high])), cut, FEATURES)
    with pytest.raises(AssertionError, match="but no line is there"):
        feature_plane.expect_cut(picture(lambda ax: ax.plot([left, np.nan, right], [low, 0, high])), cut, FEATURES)


def test_of_a_line_that_passes_beside_all_points_nothing_is_expected():
    feature_plane.expect_cut(picture(lambda ax: None), feature_plane.Cut(np.array([1.0, 0.0]), -7.0), FEATURES)


def test_the_line_of_a_network_is_where_its_output_is_0():
    output = nn.Linear(2, 1)
    cut = feature_plane.cut_of(nn.Sequential(nn.Identity(), output))
    h = torch.tensor([[0.3, -0.8]])
    assert output(h).item() == pytest.approx(cut.weight @ h.numpy()[0] + cut.bias, abs=1e-6)


def test_points_are_expected_at_the_features():
    drawn = picture(lambda ax: None)
    feature_plane.expect_feature_points(drawn, FEATURES, Y)
    with pytest.raises(AssertionError, match=r"no point at \(-0\.9, 1\), which is where the features of a row"):
        feature_plane.expect_feature_points(drawn, FEATURES + np.array([0.1, 0]), Y)
    with pytest.raises(AssertionError, match="axes are exchanged"):
        feature_plane.expect_feature_points(drawn, FEATURES[:, ::-1], Y)


@pytest.mark.parametrize(
    ("view", "message"),
    [
        ([-1, 1, 1, 3], ""),
        ([-3, 3, -1, 5], ""),
        ([-0.9, 1, 1, 3], "Along x the axes are cut off"),
        ([-1, 1, 1, 2.9], "Along y the axes are cut off"),
        ([-3, 3.2, 1, 3], "Along x the axes are 3.1 times as wide"),
        ([-1, 1, 0, 9], "Along y the axes are 4.5 times as wide"),
    ],
)
def test_the_view_holds_the_points_and_is_not_far_wider(view, message):
    drawn = dataclasses.replace(picture(lambda ax: None), view=view)
    if not message:
        feature_plane.expect_view(drawn, FEATURES)
        return
    with pytest.raises(AssertionError, match=message):
        feature_plane.expect_view(drawn, FEATURES)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["$h_1$", "$h_2$"], ""),
        (["first unit", "second unit"], ""),
        ([" ", "h2"], "x axis has no label"),
        (["h1", ""], "y axis has no label"),
        (["h", " h"], "Both axes are labelled 'h'"),
    ],
)
def test_both_axes_have_a_label_of_their_own(labels, message):
    drawn = dataclasses.replace(picture(lambda ax: None), labels=labels)
    if not message:
        feature_plane.expect_unit_labels(drawn)
        return
    with pytest.raises(AssertionError, match=message):
        feature_plane.expect_unit_labels(drawn)


def test_something_is_expected_in_the_given_axes_and_nothing_elsewhere():
    drawn = picture(lambda ax: None)
    feature_plane.expect_in_given_axes(drawn)
    with pytest.raises(AssertionError, match="another figure"):
        feature_plane.expect_in_given_axes(dataclasses.replace(drawn, elsewhere=True))
    with pytest.raises(AssertionError, match="No point"):
        feature_plane.expect_in_given_axes(dataclasses.replace(drawn, points=(np.empty((0, 2)), np.empty((0, 4)))))


def test_a_picture_comes_from_the_students_side():
    drawn = feature_plane.feature_picture_of(
        lambda model, X, y, ax: ax.scatter(*X.T, c=y), nn.Sequential(nn.Linear(2, 1)), FEATURES, Y, FEATURES
    )
    feature_plane.expect_feature_points(drawn, FEATURES, Y)
