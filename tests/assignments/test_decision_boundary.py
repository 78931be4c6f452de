"""ps4: right answers agree with the reference on inputs nobody chose; probes and checks see what they are to see."""

from __future__ import annotations

import base64
import copy
import dataclasses
import functools
import re
from pathlib import Path

import ipywidgets as widgets
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from torch import nn

from autograder.answers import load_answers
from autograder.examiner.pictures import Pictures
from autograder.examiner.sanitise import sanitise_cell
from autograder.hidden_checks import decision_boundary
from autograder.reference import decision_boundary as reference
from course.checks import Checks, expect_close
from course.checks import decision_boundary as decision_boundary_checks
from course.checks.beside import contours as contours_checks
from course.checks.beside import networks
from tests.support.notebook_runner import ROOT, grade, notebook_cells

ASSIGNMENT = "ps4_decision_boundary"
ANSWERS = load_answers(ROOT / "autograder" / "practice" / "answers", ASSIGNMENT)
FEATURES = [a for a in ANSWERS if a.right and a.exercise == "hidden_features"]
PLOTS = [a for a in ANSWERS if a.right and a.exercise == "plot_boundary"]
ACTIVATIONS = [nn.Tanh, nn.ReLU, nn.GELU, nn.Sigmoid, nn.Softplus]


def named(answer):
    return answer.name


@functools.cache
def given_names():
    namespace = {"__name__": "__main__"}
    for cell in notebook_cells("source", ASSIGNMENT):
        if cell.grade_id in ("setup", "given"):
            exec(cell.source, namespace)
    return namespace


def function_of(answer):
    namespace = dict(given_names())
    exec(answer.source, namespace)
    return namespace[answer.exercise]


def notebook(step):
    return nbformat.read(ROOT / step / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)


def line(slope, intercept=0.0):
    """A network whose logit is slope . x + intercept."""
    layer = nn.Linear(len(slope), 1)
    layer.weight.data, layer.bias.data = torch.tensor([slope]).float(), torch.tensor([float(intercept)])
    return nn.Sequential(nn.Identity(), layer)


def contours_of(values, levels, extend="neither", side=None):
    """Contours of values(xx, yy) over the square from -2 to 2, as data."""
    side = np.linspace(-2, 2, 101) if side is None else side
    xx, yy = np.meshgrid(side, side)
    ax = Figure().add_subplot()
    drawn = ax.contourf(xx, yy, values(xx, yy), levels=levels, extend=extend)
    return decision_boundary_checks.Contours(**contours_checks.contours_as_data(drawn))


SQUARE = np.array([[-1.5, -1.5], [1.5, 1.5]])


# The reference


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=2, max_size=5), st.integers(0, 99))
def test_the_reference_is_the_forward_pass_in_plain_numpy(widths, seed):
    model = decision_boundary.network([*widths, 1], nn.Tanh())
    X = np.random.default_rng(seed).normal(size=(4, widths[0]))
    h = X
    for layer in [part for part in model if isinstance(part, nn.Linear)][:-1]:
        h = np.tanh(h @ layer.weight.detach().double().numpy().T + layer.bias.detach().double().numpy())
    # Sums of a few numbers of size 1 may cancel: what is left of them has the rounding of what went in.
    np.testing.assert_allclose(reference.features(model, X), h, rtol=1e-12, atol=1e-14)
    out = model[-1]
    z = h @ out.weight.detach().double().numpy()[0] + out.bias.item()
    np.testing.assert_allclose(reference.logits(model, X), z, rtol=1e-12, atol=1e-14)


def test_the_slopes_of_the_reference_are_finite_differences():
    model = decision_boundary.network((2, 5, 3, 1), nn.Tanh())
    X, step = np.random.default_rng(0).normal(size=(6, 2)), 1e-6
    for axis in (0, 1):
        away = step * np.eye(2)[axis]
        slope = (reference.logits(model, X + away) - reference.logits(model, X - away)) / (2 * step)
        np.testing.assert_allclose(reference.logit_slopes(model, X)[:, axis], slope, rtol=1e-6, atol=1e-9)


def test_the_reference_evaluates_and_leaves_the_network_as_it_was():
    model = decision_boundary.network_in_training()
    before, X = networks.network_state(model), np.ones((3, 2))
    evaluated = copy.deepcopy(model).eval()
    expect_close(evaluated[:-1](torch.ones(3, 2)), reference.features(model, X), rtol=1e-5, atol=1e-6)
    for function in (reference.features, reference.logits, reference.logit_slopes):
        decision_boundary.expect_untouched(model, function, X)
        decision_boundary.expect_same_mode(before, networks.state_after_call(function, model, X))
    assert model[0].weight.dtype == torch.float32


# Fairness


@pytest.mark.parametrize("answer", FEATURES, ids=named)
def test_right_features_agree_with_the_reference_on_any_network_and_input(answer):
    features = function_of(answer)

    @settings(max_examples=20, deadline=None)
    @given(
        st.lists(st.integers(1, 7), min_size=2, max_size=5),
        st.sampled_from(ACTIVATIONS),
        st.integers(1, 6),
        st.sampled_from([np.float32, np.float64]),
        st.integers(0, 999),
    )
    def agrees(widths, activation, rows, dtype, seed):
        model = decision_boundary.network([*widths, 1], activation())
        X = np.random.default_rng(seed).normal(size=(rows, widths[0])).astype(dtype)
        expect_close(features(model, X), reference.features(model, X), **decision_boundary.FEATURE_TOLERANCE)

    agrees()


def test_colours_that_are_no_numbers_tell_no_classes_apart():
    X, colours = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[np.nan] * 4, [1.0, 0.0, 0.0, 1.0]])
    with pytest.raises(AssertionError, match="have the same colour"):
        decision_boundary_checks.expect_class_colours((X, colours), X, [0, 1])


@pytest.mark.parametrize("where", ["view", "contours"])
def test_a_picture_whose_limits_are_no_numbers_covers_nothing(where):
    X = np.array([[0.4, 0.4], [0.6, 0.6]])
    view, corners = np.array([0.0, 1.0, 0.0, 1.0]), np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    if where == "view":
        view = view * np.nan
    else:
        corners = corners * np.nan
    contours = decision_boundary_checks.Contours(True, [0.0, 1.0], "neither", [[corners]])
    picture = decision_boundary_checks.BoundaryPicture("", contours, True, False, (X, X), list(view), {})
    with pytest.raises(AssertionError, match="Along x"):
        decision_boundary.expect_covered(picture, X)


@pytest.mark.parametrize("answer", PLOTS, ids=named)
def test_right_figures_pass_wherever_the_data_lie(answer):
    plot = function_of(answer)

    @settings(max_examples=4, deadline=None)
    @given(st.floats(-50, 50), st.floats(-50, 50), st.floats(0.2, 20), st.floats(0.2, 20), st.integers(0, 99))
    def passes(left, bottom, width, height, seed):
        rng = np.random.default_rng(seed)
        X = np.array([left, bottom]) + rng.uniform(size=(12, 2)) * np.array([width, height])
        y = np.arange(12) % 2
        model = decision_boundary.curved_network(X)
        drawn = decision_boundary_checks.boundary_picture_of(plot, model, X, y)
        decision_boundary_checks.expect_boundary_level(drawn.contours, decision_boundary_checks.logit_of(model), X)
        decision_boundary_checks.expect_filled(drawn.contours, X)
        decision_boundary_checks.expect_class_colours(drawn.points, X, y)
        decision_boundary.expect_covered(drawn, X)

    passes()


@settings(max_examples=25, deadline=None)
@given(
    st.floats(-3, 3).filter(lambda slope: abs(slope) > 0.2),
    st.floats(-1, 1),
    st.sampled_from(["probability", "logit"]),
    st.lists(st.floats(-2, 2), max_size=3),
    st.integers(100, 160),
)
def test_bands_of_probability_or_logit_at_any_levels_are_right(slope, intercept, quantity, others, steps):
    edges = np.unique(np.round([-9.0, 0.0, 9.0, *others], 2))
    levels = decision_boundary_checks.values_of(quantity, edges)
    side = np.linspace(-2, 2, steps)
    contours = contours_of(
        lambda x, y: decision_boundary_checks.values_of(quantity, slope * x + y + intercept), levels, side=side
    )
    logit = decision_boundary_checks.logit_of(line([slope, 1.0], intercept))
    decision_boundary_checks.expect_bands(contours, logit, SQUARE)
    decision_boundary_checks.expect_boundary_level(contours, logit, SQUARE)


# Contours as data


def test_a_hole_in_a_band_belongs_to_the_next_band():
    contours = contours_of(lambda x, y: x**2 + y**2, [0, 1, 4, 9])
    places = np.array([[0.0, 0.0], [0.9, 0.0], [1.5, 0.0], [0.0, -1.9], [1.9, 1.9], [3.0, 0.0]])
    assert decision_boundary_checks.bands_at(contours, places).tolist() == [0, 0, 1, 1, 2, -1]


def test_extended_contours_have_a_band_below_and_above():
    contours = contours_of(lambda x, y: x, [-1, 0, 1], extend="both")
    assert decision_boundary_checks.bands_at(
        contours, np.array([[-1.5, 0.1], [-0.5, 0.1], [0.5, 0.1], [1.5, 0.1]])
    ).tolist() == [0, 1, 2, 3]
    decision_boundary_checks.expect_bands(contours, decision_boundary_checks.logit_of(line([1.0, 0.0])), SQUARE)
    decision_boundary_checks.expect_filled(contours, SQUARE)


@pytest.mark.parametrize(
    ("values", "levels", "message"),
    [
        (lambda x, y: -x - 2 * y, [-9, 0, 9], "class 0"),
        (lambda x, y: y + 2 * x, [-9, 0, 9], "exchanged"),
        (lambda x, y: x + 2 * y + 1, [-9, 0, 9], "the place lies in the band 0 to 9"),
        (lambda x, y: x + 2 * y, [-9, 9], "No level lies between"),
        (lambda x, y: (x + 2 * y) ** 3, [-999, -0.2, 0, 0.2, 999], "network's logit is"),
    ],
)
def test_wrong_bands_are_refused_with_what_explains_them(values, levels, message):
    with pytest.raises(AssertionError, match=message):
        decision_boundary_checks.expect_bands(
            contours_of(values, levels), decision_boundary_checks.logit_of(line([1.0, 2.0])), SQUARE
        )


def test_missing_contours_lines_and_white_patches_are_refused():
    logit = decision_boundary_checks.logit_of(line([1.0, 2.0]))
    with pytest.raises(AssertionError, match="the contour set that"):
        decision_boundary_checks.expect_bands(None, logit, SQUARE)
    lines = dataclasses.replace(contours_of(lambda x, y: x + 2 * y, [-1, 0, 1]), filled=False)
    with pytest.raises(AssertionError, match="got contour lines"):
        decision_boundary_checks.expect_bands(lines, logit, SQUARE)
    with pytest.raises(AssertionError, match="Nothing is filled at"):
        decision_boundary_checks.expect_filled(contours_of(lambda x, y: x + 2 * y, [-1, 0, 1]), SQUARE)


def test_a_missing_boundary_level_is_named():
    contours = contours_of(lambda x, y: 1 / (1 + np.exp(-x - 2 * y)), [0, 0.4, 1])
    with pytest.raises(AssertionError, match=r"probability 0\.5, is not among the levels 0, 0\.4, 1"):
        decision_boundary_checks.expect_boundary_level(
            contours, decision_boundary_checks.logit_of(line([1.0, 2.0])), SQUARE
        )


@pytest.mark.parametrize(
    ("side", "message"),
    [
        (np.linspace(-2, 2, 100), ""),
        (np.sort(np.append(np.linspace(-2, 2, 100), [-0.501, 0.777])), ""),
        (np.linspace(-2, 2, 99), "Along x the filled picture has 99 points"),
        (np.linspace(-1.5, 1.5, 121), "does not reach beyond"),
        (np.linspace(-5, 5, 121), "3.33 times as wide"),
    ],
)
@pytest.mark.parametrize("extend", ["neither", "both"])
def test_a_grid_is_judged_by_the_contours(side, message, extend):
    levels = [-20, 0, 20] if extend == "neither" else [-0.1, 0, 0.1]
    contours = contours_of(lambda x, y: np.tanh(x) + 2 * y, levels, extend, side)
    if not message:
        decision_boundary_checks.expect_grid(contours, SQUARE)
        return
    with pytest.raises(AssertionError, match=message):
        decision_boundary_checks.expect_grid(contours, SQUARE)


# Points as data


def drawn_points(draw):
    ax = Figure().add_subplot()
    draw(ax)
    return contours_checks.points_as_data(ax)


X, Y = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 4.0]]), np.array([0, 1, 0])


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: ax.scatter(*X.T, c=Y),
        lambda ax: ax.scatter(*X.T, c=["r", "b", "r"], alpha=0.5),
        lambda ax: ax.scatter(*X.T, facecolors="none", edgecolors=["r", "b", "r"]),
        lambda ax: ax.scatter(*X.T, c=["r", "b", "r"], marker="x"),
        lambda ax: [ax.plot(*X[k == Y].T, "o", color=f"C{k}") for k in (0, 1)],
        lambda ax: [ax.scatter(*X[k == Y].T, color=f"C{k}", label=k) for k in (0, 1)],
        lambda ax: (ax.scatter(*X.T, color="w"), ax.scatter(*X.T, c=Y)),
        lambda ax: (ax.contourf(np.eye(5)), ax.scatter(*X.T, c=Y)),
        lambda ax: (ax.scatter(*X.T, c=Y), ax.contourf(np.eye(5), alpha=0.3)),
        lambda ax: (ax.scatter(*X.T, c=Y, zorder=2), ax.contourf(np.eye(5))),
        lambda ax: [ax.add_patch(plt.Circle(row, 0.1, color=f"C{k}")) for row, k in zip(X, Y, strict=True)],
        lambda ax: [ax.text(*row, str(k), color=f"C{k}") for row, k in zip(X, Y, strict=True)],
    ],
)
def test_points_are_found_however_they_are_drawn(draw):
    decision_boundary_checks.expect_class_colours(drawn_points(draw), X, Y)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda ax: None, "no point at"),
        (lambda ax: ax.scatter(*X[:2].T, c=Y[:2]), r"no point at \(4, 4\)"),
        (lambda ax: ax.plot(*X.T), "no point at"),
        (lambda ax: ax.scatter(*X.T, color="r"), "have the same colour"),
        (lambda ax: ax.scatter(*X.T, c=["r", "b", "g"]), "have different colours"),
        (lambda ax: (ax.scatter(*X.T, c=Y), ax.scatter(*X.T, color="w")), "have the same colour"),
        (lambda ax: (ax.scatter(*X.T, c=Y), ax.contourf(np.eye(5))), "contours cover it"),
        (lambda ax: ax.scatter(*X.T, c=Y, visible=False), "no point at"),
        (lambda ax: ax.scatter(*X.T, c=["#ff0000", "#fe0000", "#ff0000"]), "have the same colour"),
    ],
)
def test_missing_or_miscoloured_points_are_refused(draw, message):
    with pytest.raises(AssertionError, match=message):
        decision_boundary_checks.expect_class_colours(drawn_points(draw), X, Y)


# Networks


def hook(model):
    model[0].register_forward_hook(lambda *_: None)


def backward(model):
    model(torch.ones(1, 2)).sum().backward()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (hook, "hook stays behind"),
        (backward, "hold a gradient"),
        (lambda model: model[0].weight.requires_grad_(False), "cannot be trained"),
        (lambda model: model[0].weight.data.add_(1e-6), "have changed"),
        (lambda model: model.double(), "have changed"),
        (lambda model: model.__setitem__(-1, nn.Identity()), "other layers"),
        (lambda model: torch.set_grad_enabled(False), "no longer records gradients"),
        (lambda model: torch.set_default_dtype(torch.float64), "for all of torch: default dtype"),
    ],
)
def test_what_a_function_does_to_a_network_is_seen(change, message):
    model = decision_boundary.network((2, 3, 1), nn.Tanh())
    decision_boundary.expect_untouched(model, lambda model, X: model(torch.ones(1, 2)), np.ones((1, 2)))
    with pytest.raises(AssertionError, match=message):
        decision_boundary.expect_untouched(model, lambda model, X: change(model), np.ones((1, 2)))
    assert torch.get_default_dtype() == torch.float32


def test_a_changed_mode_and_a_changed_input_are_seen():
    model = decision_boundary.network_in_training()

    def state(function):
        return networks.state_after_call(function, model, np.ones((2, 2)))

    before = networks.network_state(model)
    with pytest.raises(AssertionError, match="was in training mode"):
        decision_boundary.expect_same_mode(before, state(lambda model, X: model[5].eval()))
    with pytest.raises(AssertionError, match="writes into X"):
        decision_boundary.expect_untouched(model, lambda model, X: X.fill(0), np.ones((2, 2)))


# Drawing and exploring


def test_a_figure_of_a_test_is_closed_and_leaves_others_open():
    mine = plt.figure()
    decision_boundary_checks.boundary_picture_of(lambda *_: plt.figure(), line([1.0, 2.0]), X, Y)
    assert plt.get_fignums() == [mine.number]
    plt.close(mine)


def test_only_contours_in_the_given_axes_count():
    def elsewhere(model, X, y, ax):
        return plt.contourf(np.eye(3))

    def inside(model, X, y, ax):
        return ax.contourf(np.eye(3))

    assert not decision_boundary_checks.boundary_picture_of(elsewhere, line([1.0, 2.0]), X, Y).in_axes
    assert decision_boundary_checks.boundary_picture_of(inside, line([1.0, 2.0]), X, Y).in_axes


def test_what_is_drawn_into_another_figure_is_told():
    def titled(model, X, y, ax):
        plt.title("boundary")
        return ax.contourf(np.eye(3))

    drawn = decision_boundary_checks.boundary_picture_of(titled, line([1.0, 2.0]), X, Y)
    with pytest.raises(AssertionError, match="another figure"):
        decision_boundary_checks.expect_in_axes(drawn)


@pytest.mark.parametrize("clears", [True, False])
def test_an_output_that_keeps_old_pictures_is_seen(clears):
    def piling(data):
        dropdown = widgets.Dropdown(options=["a", "b"], description="activation")
        out = widgets.Output()

        def redraw(change):
            if clears:
                out.outputs = ()
            with out:
                plot_boundary(line([1.0, data]), None, None, plt.figure().add_subplot())

        dropdown.observe(redraw, "value")
        redraw(None)
        return widgets.VBox([dropdown, out])

    first, second, third = decision_boundary_checks.exploration_of(piling, 1.0).pictures
    assert (first.stale, second.stale, third.stale) == (False, not clears, not clears)


def test_a_picture_in_a_new_output_each_time_is_in_the_widget():
    def renewing(data):
        dropdown = widgets.Dropdown(options=["a", "b"], description="activation")
        box = widgets.VBox([dropdown])

        def redraw(change):
            out = widgets.Output()
            box.children = [dropdown, out]
            with out:
                plot_boundary(line([1.0, data]), None, None, plt.figure().add_subplot())

        dropdown.observe(redraw, "value")
        redraw(None)
        return box

    assert all(p.visible and not p.stale for p in decision_boundary_checks.exploration_of(renewing, 1.0).pictures)


def explorer(data):
    """What students write, in this module's namespace."""
    dropdown = widgets.Dropdown(options=["a", "b", "c"], value="b", description="activation")
    out = widgets.Output()

    def redraw(change):
        with out:
            ax = plt.figure().add_subplot()
            plot_boundary(line([1.0, data]), None, None, ax)

    dropdown.observe(redraw, "value")
    redraw(None)
    return widgets.VBox([widgets.HBox([dropdown]), out])


def plot_boundary(*_):
    raise AssertionError("the stand-in is to be called")


def test_the_dropdown_goes_through_all_options_and_back():
    report = decision_boundary_checks.exploration_of(explorer, 1.0, others=[2.0])
    assert [picture.choice for picture in report.pictures] == ["b", "c", "a", "b"]
    assert all(picture.visible and not picture.foreign for picture in report.pictures)
    assert all(picture.layers == picture.axes == 1 for picture in report.pictures)
    for picture in report.pictures:
        decision_boundary_checks.expect_picture(picture, decision_boundary_checks.logit_of(line([1.0, 1.0])), SQUARE)
    assert len(decision_boundary_checks.exploration_of(explorer, 1.0, 1).pictures) == 2


def test_nothing_is_left_behind_by_an_exploration():
    contourf, enter, own, show = plt.Axes.contourf, widgets.Output.__enter__, plot_boundary, plt.show
    decision_boundary_checks.exploration_of(explorer, 1.0)
    assert (plt.Axes.contourf, widgets.Output.__enter__, plot_boundary, plt.show) == (contourf, enter, own, show)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("inside", [True, False])
def test_an_error_in_one_redraw_is_told_and_costs_that_picture(inside):
    def fragile(data):
        dropdown = widgets.Dropdown(options=["a", "b"], description="activation")
        out = widgets.Output()

        def redraw(change):
            if inside:
                with out:
                    raise KeyError("slip")
            else:
                raise KeyError("slip")

        dropdown.observe(redraw, "value")
        plt.figure().add_subplot().contourf(np.eye(3))
        return widgets.VBox([dropdown, out])

    first, second, _ = decision_boundary_checks.exploration_of(fragile, 1.0).pictures
    assert first.contours
    assert not first.error
    with pytest.raises(AssertionError, match="With 'b' chosen: KeyError: 'slip'"):
        decision_boundary_checks.expect_picture(second, decision_boundary_checks.logit_of(line([1.0, 1.0])), SQUARE)


def test_an_explorer_that_fails_says_why():
    def broken(data):
        raise KeyError("tanh")

    with pytest.raises(KeyError, match="tanh"):
        decision_boundary_checks.exploration_of(broken, 1.0)


# The notebook


def test_training_gives_the_same_network_each_time_and_to_each_its_own():
    names = given_names()
    one, two = (names["train"]("tanh", names["DATA"]) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    one[0].weight.data.zero_()
    assert names["train"]("tanh", names["DATA"])[0].weight.any()
    assert not any(p.grad is not None for p in two.parameters())


def test_the_networks_tell_the_moons_apart_as_the_text_says():
    names = given_names()
    X, y = names["DATA"]
    wrong = {name: sum((reference.logits(names["train"](name, (X, y)), X) > 0) != y) for name in names["ACTIVATIONS"]}
    assert wrong["tanh"] == 4  # the picture's alt text
    assert wrong["identity"] > 2 * max(wrong["tanh"], wrong["ReLU"], wrong["GELU"])


def test_the_networks_of_the_hidden_checks_have_what_they_are_for():
    X, _ = decision_boundary.far_data()
    places = X.min(axis=0) + np.ptp(X, axis=0) * np.random.default_rng(0).uniform(size=(500, 2))
    gentle = reference.logits(decision_boundary.curved_network(X), places)
    sure = reference.logits(decision_boundary.curved_network(X, steepness=12.0), places)
    assert 0.3 < (gentle > 0).mean() < 0.7
    assert np.abs(gentle).max() < 4 < 20 < np.abs(sure).max()


def test_points_add_up_and_the_text_says_so():
    cells = notebook("source").cells
    points = {marks(cell)["grade_id"]: marks(cell)["points"] for cell in cells if "points" in marks(cell)}
    assert sum(points.values()) == 35
    said = re.search(r"\*\*Points\*\* (\d+): (\d+) .*?(\d+) .*?(\d+) .*?(\d+) .*?(\d+)", cells[0].source, re.DOTALL)
    assert [int(number) for number in said.groups()] == [35, *points.values()]


def marks(cell):
    return cell.metadata.get("nbgrader", {})


def test_the_mark_scheme_is_for_graders_alone_and_the_task_waits_for_a_person():
    for step, there in (("source", True), ("release", False)):
        task = next(cell for cell in notebook(step).cells if marks(cell).get("task"))
        assert ("MARK SCHEME" in task.source) == there
        assert ("2 points, the picture or the words" in task.source) == there
        assert marks(task)["points"] == 6
        assert not marks(task)["grade"]


def test_a_pasted_screenshot_survives_what_makes_cells_harmless():
    png = (Path(ROOT) / "release" / ASSIGNMENT / "boundary.png").read_bytes()
    cell = nbformat.v4.new_markdown_cell("**My picture** ![image.png](attachment:3f0c-a1.png)")
    cell.attachments = {"3f0c-a1.png": {"image/png": base64.b64encode(png).decode()}}
    sanitise_cell(cell, Pictures())
    [(name, data)] = cell.attachments.items()
    assert base64.b64decode(data["image/png"]) == png
    assert f"![image.png](attachment:{name})" in cell.source


@pytest.mark.parametrize("levels", [[0.5], [0.1, 0.5, 0.9], [0.9, 0.1, 0.5, 0.5]])
def test_the_level_nearest_to_a_value_is_found_without_a_table_of_pairs(levels):
    values = np.random.default_rng(0).uniform(-1, 2, 300)
    away = np.abs(values[:, np.newaxis] - np.sort(levels))
    np.testing.assert_array_equal(decision_boundary.nearest(levels, values), np.sort(levels)[away.argmin(axis=1)])
    many = np.linspace(0, 1, 120_000)  # all pairs would take 100 GiB
    np.testing.assert_array_equal(decision_boundary.nearest(many, many), many)


def test_a_slip_in_the_figure_costs_nothing_in_the_explorer():
    scores = grade(ASSIGNMENT, {"plot_boundary": "def plot_boundary(model, X, y, ax):\n    raise ValueError('slip')"})
    assert [float(score) for score in scores.values()] == [7.0, 0.0, 5.0, 7.0]


def test_a_slip_in_the_features_costs_nothing_in_their_plane():
    scores = grade(ASSIGNMENT, {"hidden_features": "def hidden_features(model, X):\n    raise ValueError('slip')"})
    assert [float(score) for score in scores.values()] == [0.0, 10.0, 5.0, 7.0]


def test_a_contour_set_made_up_from_a_class_is_none():
    class QuadContourSet:
        filled, levels, extend, allsegs = True, [0.0, 0.5, 1.0], "neither", [[], []]

    drawn = decision_boundary_checks.boundary_picture_of(lambda *_: QuadContourSet(), line([1.0, 2.0]), X, Y)
    assert drawn.contours is None
    checks = Checks("plot", points=1)
    decision_boundary.check_plot_boundary(checks, lambda *_: QuadContourSet(), needs=[])
    assert checks.score() == 0
