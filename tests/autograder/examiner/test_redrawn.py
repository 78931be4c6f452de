"""Figures drawn again from reports: what they show, and that no report breaks the drawing or makes it large."""

from __future__ import annotations

import dataclasses
import io

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from autograder.examiner import redrawn
from autograder.examiner.redrawn import CAPTION, redraw
from autograder.examiner.testcells import visible_part
from course.checks.decision_boundary import BoundaryPicture, Contours, Exploration, Shown
from course.checks.feature_plane import FeaturePicture
from course.checks.figures import Line, Picture
from tests.support.notebook_runner import ROOT, grade, notebook_cells

MOST_BYTES = 300_000
"""Of a PNG; the largest that the tests saw had a third of it."""

RED, GREEN = "#ff0000", "#00ff00"


def look(colour=RED, **parts):
    return {"colour": colour, "dashes": "(0, None)", "marker": "o", "width": "2.0"} | parts


def picture(**parts):
    lines = [
        Line("tanh", [1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [0.1, 0.2, 0.4], look()),
        Line("ReLU", [1.0, 2.0], [1.0, 2.0], [0.5, np.nan], look(GREEN, dashes="(0.0, [7.4, 3.2])", marker="None")),
    ]
    whole = Picture(
        "Axes",
        ("linear", "log"),
        ("layer", "norm of the gradient"),
        ((0.8, 3.2), (0.05, 1.0)),
        [("tanh", look()), ("ReLU", look(GREEN))],
        lines,
    )
    return dataclasses.replace(whole, **parts)


def square(left, right, low=0.0, high=1.0):
    return np.array([[left, low], [right, low], [right, high], [left, high], [left, low]], dtype=float)


def contours(**parts):
    whole = Contours(True, [0.0, 0.5, 1.0], "neither", [[square(0, 1)], [square(1, 2)]])
    return dataclasses.replace(whole, **parts)


def boundary(**parts):
    points = np.array([[0.5, 0.5], [1.5, 0.5]]), np.array([[1.0, 0, 0, 1], [0, 1.0, 0, 1]])
    whole = BoundaryPicture("QuadContourSet", contours(), True, False, points, [0.0, 2.0, 0.0, 1.0], {})
    return dataclasses.replace(whole, **parts)


def plane(**parts):
    points = np.array([[0.5, 0.5], [1.5, 0.5]]), np.array([[1.0, 0, 0, 1], [0, 1.0, 0, 1]])
    lines = [np.array([[-1e9, -1e9], [1e9, 1e9]])]
    whole = FeaturePicture(points, lines, [0.0, 2.0, 0.0, 1.0], ["$h_1$", "h2"], False, {})
    return dataclasses.replace(whole, **parts)


def explorer(*shown):
    return Exploration("interactive", True, [], shown or [Shown("tanh", contours(), ""), Shown("ReLU", None, "")])


def pixels(drawn):
    return np.asarray(Image.open(io.BytesIO(drawn.png)).convert("RGB"), dtype=int)


def places_of(drawn, colour):
    """Rows and columns of the pixels in one colour."""
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return np.nonzero((np.abs(pixels(drawn) - wanted) < 40).all(axis=2))


def test_a_line_plot_shows_the_reported_lines_with_their_looks():
    drawn = redraw(picture(legend=[]))
    assert drawn.caption == f"{CAPTION}:"
    rows, columns = places_of(drawn, RED)
    assert len(rows) > 300
    # The line rises from the left to the right.
    assert rows[columns.argmin()] > rows[columns.argmax()] + 50
    assert drawn.alt == (
        "Line plot. x axis 'layer', linear; y axis 'norm of the gradient', log. Lines: 'tanh' at 0.1, 0.2, 0.4; "
        "'ReLU' at 0.5, nan. The legend names nothing."
    )


def test_the_legend_is_the_reported_one():
    mistaken = redraw(picture(lines=[], legend=[("_tanh", look(GREEN))]))
    assert len(places_of(mistaken, GREEN)[0]) > 20
    assert len(places_of(mistaken, RED)[0]) == 0
    assert "Lines: none. The legend names '_tanh'." in mistaken.alt


def test_points_that_are_not_joined_are_markers_alone():
    line = Line("a", [1.0, 2.0], [1.0, 2.0], [0.1, 0.9], look(marker="s"))
    joined, alone = (
        redraw(picture(lines=[dataclasses.replace(line, joined=joined)], legend=[])) for joined in (True, False)
    )
    assert len(places_of(alone, RED)[0]) < len(places_of(joined, RED)[0]) / 3


def test_numbers_on_the_x_axis_are_those_that_were_shown():
    at_zero = Line("a", [0.0, 1.0], [1.0, 2.0], [0.1, 0.9], look())
    at_one = Line("a", [0.0, 1.0], [0.0, 1.0], [0.1, 0.9], look())
    shown, other = (redraw(picture(lines=[line])) for line in (at_zero, at_one))
    assert shown.png != other.png


def test_a_boundary_shows_bands_and_points():
    drawn = redraw(boundary())
    red, green = (places_of(drawn, colour)[1] for colour in (RED, GREEN))
    assert red.max() < green.min()
    image = pixels(drawn)
    middle = image[len(image) // 3]
    blue, orange = middle[len(middle) // 3], middle[-40]
    assert blue[2] > blue[0] + 50
    assert orange[0] > orange[2] + 50
    assert drawn.alt == "Filled contours, 3 levels from 0 to 1. 2 points in 2 colours."


def test_a_ring_within_a_ring_is_a_hole():
    hole = square(0.4, 1.6, 0.2, 0.8)[::-1]
    points = np.empty((0, 2)), np.empty((0, 4))
    with_hole = redraw(boundary(contours=contours(bands=[[square(0, 2), hole]]), points=points))
    image = pixels(with_hole)
    assert (image[image.shape[0] // 2, image.shape[1] // 2] > 250).all()


def test_an_explorer_shows_its_first_two_pictures():
    drawn = redraw(explorer(*[Shown(name, contours(), "") for name in ("tanh", "ReLU", "GELU")]))
    assert drawn.png
    assert drawn.alt == (
        "With 'tanh' chosen: Filled contours, 3 levels from 0 to 1. With 'ReLU' chosen: Filled contours, 3 levels from "
        "0 to 1."
    )
    assert "With 'ReLU' chosen: No filled contours." in redraw(explorer()).alt


@pytest.mark.parametrize(
    "text", [r"$\undefined{$", "$x$ $", "a\nb" * 40, "\x00\ud800", "ε 中文 🙂", "_hidden", "x" * 10**6]
)
def test_texts_are_short_lines_and_no_formulas(text):
    labelled = picture(labels=(text, text), legend=[(text, look())])
    named = explorer(Shown(text, contours(), ""))
    with mpl.rc_context({"text.usetex": True}):  # of no consequence
        for drawn in (redraw(labelled), redraw(named)):
            assert drawn.png
            assert len(drawn.alt) < 600
            assert "\n" not in drawn.alt


@pytest.mark.parametrize(
    "report",
    [
        picture(limits=((0.0, np.inf), (np.nan, 1.0))),
        picture(limits=((-1e308, 1e308), (5e-324, 1e308))),
        picture(lines=[Line("a", [1e308, -1e308], [1.0, 2.0], [1e-320, 1e308], look())] * 500),
        picture(lines=[Line("a", list(range(10**5)), list(range(10**5)), [0.5] * 10**5, look())]),
        picture(legend=[("name", look())] * 5000),
        picture(
            lines=[Line("a", [1.0], [1.0], [0.5], look("red", dashes="(0, [1e9, 0])", marker="$\\a$", width="1e9"))]
        ),
        picture(lines=[Line("a", [1.0], [1.0], [0.5], {})]),
        boundary(contours=contours(bands=[[square(-1e308, 1e308, -1e308, 1e308)]])),
        boundary(contours=contours(bands=[[square(0, 1)] * 100] * 100)),
        boundary(contours=contours(bands=[[np.random.default_rng(0).uniform(size=(200_000, 2))]])),
        boundary(contours=None, view=[1.0, 1.0, 0.0, 0.0]),
        boundary(points=(np.ones((10**5, 2)), np.ones((10**5, 4)))),
        boundary(points=(np.full((2, 2), np.inf), np.full((2, 4), np.nan))),
    ],
)
def test_odd_numbers_are_drawn_as_far_as_they_can_be(report):
    drawn = redraw(report)
    assert drawn.png
    assert len(drawn.png) < MOST_BYTES
    assert Image.open(io.BytesIO(drawn.png)).size == (576, 342)


@pytest.mark.parametrize(
    "report",
    [
        None,
        picture(lines=7),
        picture(lines=[Line("a", {}, [], [], look())]),
        picture(lines=[Line("a", [10**400], [1.0], [1.0], look())]),
        boundary(contours=contours(bands=[[square(0, 1)] * 101] * 200)),
        boundary(points=(np.ones((2, 3)), np.ones((2, 4)))),
        explorer(Shown("tanh", contours(bands=[["a"]]), "")),
        Exploration("int", False, [], []),
    ],
)
def test_what_is_no_picture_is_said_to_be_none(report):
    drawn = redraw(report)
    assert (drawn.png, drawn.alt) == (b"", "")
    assert drawn.caption == f"{CAPTION}: nothing, because what it reported is no picture."


def test_the_same_report_gives_the_same_bytes():
    for report in (picture(), boundary(), explorer()):
        assert redraw(report) == redraw(report)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(np.zeros((3, 2))),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_report_gives_a_small_picture_or_none(data):
    """Of a right report, one part is replaced by whatever can come over."""
    whole = data.draw(st.sampled_from([picture(), boundary(), explorer()]))
    part = data.draw(st.sampled_from([field.name for field in dataclasses.fields(whole)]))
    drawn = redraw(dataclasses.replace(whole, **{part: data.draw(PLAIN)}))
    assert len(drawn.png) < MOST_BYTES


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(), max_size=6), st.lists(st.floats(), min_size=2, max_size=2), st.sampled_from(["log", "linear"])
)
def test_any_numbers_give_a_picture(numbers, limits, scale):
    line = Line("a", numbers, numbers, numbers[::-1], look())
    assert redraw(picture(lines=[line], limits=(sorted(limits),) * 2, scales=(scale, scale))).png


def test_a_plane_of_features_shows_its_points_and_its_line():
    drawn, without = redraw(plane()), redraw(plane(lines=[]))
    assert drawn.alt == "x axis 'h₁'; y axis 'h2'. 2 points in 2 colours. 1 line."
    assert np.abs(pixels(drawn) - pixels(without)).sum(axis=2).nonzero()[0].size > 200
    assert redraw(plane(lines=plane().lines * redrawn.MOST_BANDS)).alt == redraw(plane(lines=plane().lines * 5000)).alt


@given(st.lists(st.tuples(st.floats(), st.floats()), max_size=6), st.lists(st.floats(), min_size=4, max_size=4))
def test_any_plane_of_features_gives_a_picture(corners, view):
    assert redraw(plane(lines=[np.array(corners).reshape(-1, 2)], view=view)).png


@pytest.mark.parametrize(
    ("assignment", "exercise", "said"),
    [
        ("ps3_gradient_flow", "plot_gradients", "'sigmoid' at 1e-05, 0.0002, 0.007, 0.09"),
        ("ps4_decision_boundary", "plot_boundary", "80 points in 2 colours"),
        ("ps4_decision_boundary", "plot_features", "80 points in 2 colours. 1 line."),
        ("ps4_decision_boundary", "boundary_explorer", "With 'tanh' chosen: Filled contours, 5 levels"),
    ],
)
def test_the_figure_of_each_exercise_is_drawn_again(assignment, exercise, said):
    [score] = grade(assignment, {}, only={f"test_{exercise}"}).values()
    [drawn] = map(redraw, score.figures)
    assert said in drawn.alt
    assert drawn.png


def test_only_figures_of_visible_inputs_are_drawn_again():
    asked = 0
    for folder in sorted((ROOT / "source").glob("ps*")):
        for cell in notebook_cells("source", folder.name):
            asked += cell.source.count(".drawn_again(")
            assert cell.source.count(".drawn_again(") == visible_part(cell.source).count(".drawn_again(")
    assert asked == 4
    for path in (ROOT / "autograder" / "hidden_checks").rglob("*.py"):
        assert ".drawn_again(" not in path.read_text(encoding="utf-8"), path


def test_bounds_are_bounds():
    """What is drawn of a report does not grow with it."""
    lines = [Line("a", [1.0], [1.0], [0.5], look())]
    assert redraw(picture(lines=lines * redrawn.MOST_LINES)).alt == redraw(picture(lines=lines * 5000)).alt
