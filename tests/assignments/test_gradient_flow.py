"""ps3: fairness on networks and figures nobody chose, its probes one by one, and the numbers its text claims.

`python -m tests.assignments.test_gradient_flow` draws the notebook's picture anew.
"""

from __future__ import annotations

import ast
import functools
import io
import itertools
import re

import matplotlib
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from torch import nn

from autograder.answers import load_answers
from autograder.hidden_checks import gradient_flow
from autograder.reference import numpy_reference
from autograder.reference.gradient_flow import gradient_norms
from course.checks import figures
from course.checks import gradient_flow as checks
from course.checks.beside import gradient_flow as gradient_flow_beside
from course.checks.beside.networks import network_state
from course.checks.figures import picture_of
from course.checks.gradient_flow import expect_model_unchanged, expect_norms
from tests.support.notebook_runner import ROOT, notebook_cells, score_of

ASSIGNMENT = "ps3_gradient_flow"
ANSWERS = load_answers(ROOT / "autograder" / "practice" / "answers", ASSIGNMENT)
RIGHT = [answer for answer in ANSWERS if answer.right]
PICTURE = ROOT / "source" / ASSIGNMENT / "images" / "example.png"
DPI = 110
TOLD_APART = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU, "gelu": nn.GELU, "tanh": nn.Tanh}


@pytest.fixture(autouse=True)
def _figures_closed():
    yield
    plt.close("all")


def named(answer):
    return f"{answer.exercise}: {answer.name}"


def right(exercise):
    return [answer for answer in RIGHT if answer.exercise == exercise]


def notebook_names(**answers):
    """Names that the notebook defines, with the instructor's solutions or these answers."""
    namespace = {"__name__": "__main__"}
    for cell in notebook_cells("source", ASSIGNMENT):
        if cell.solution or cell.grade_id in ("setup", "experiment"):
            exec(answers.get(cell.grade_id, cell.source), namespace)
    return namespace


def function_of(answer):
    return notebook_names(**{answer.exercise: answer.source})[answer.exercise]


@functools.cache
def solution():
    return notebook_names()


def measured_medians(activations, **network):
    names = notebook_names()
    names["deep_network"] = functools.partial(names["deep_network"], **network)
    return names["compare_activations"](
        names["gradient_per_layer"], activations, names["X"], names["y"], seeds=range(5)
    )


# The reference -----------------------------------------------------------------------------------------


def backpropagated_norms(model, X, y, activation):
    """The same norms by backpropagation written out in NumPy, for Linear layers with one activation between them."""
    f, slope = getattr(numpy_reference, activation), getattr(numpy_reference, f"{activation}_derivative")
    layers = [(m.weight.detach().numpy(), m.bias.detach().numpy()) for m in model if isinstance(m, nn.Linear)]
    inputs, before = [X.numpy()], []
    for weight, bias in layers:
        before.append(inputs[-1] @ weight.T + bias)
        inputs.append(f(before[-1]))
    delta = (numpy_reference.sigmoid(before[-1]) - y.numpy()[:, None]) / len(y)
    norms = []
    for number in range(len(layers) - 1, -1, -1):
        norms.insert(0, np.linalg.norm(delta.T @ inputs[number]))
        if number:
            delta = (delta @ layers[number][0]) * slope(before[number - 1])
    return norms


def mlp(sizes, activation, *, seed, rows=7, dtype=torch.float64):
    torch.manual_seed(seed)
    layers = [module for i, o in itertools.pairwise(sizes) for module in (nn.Linear(i, o), activation())]
    model = nn.Sequential(*layers[:-1]).to(dtype)
    return model, torch.randn(rows, sizes[0], dtype=dtype), torch.randint(0, 2, (rows,)).to(dtype)


@pytest.mark.parametrize("activation", TOLD_APART)
@pytest.mark.parametrize("sizes", [[3, 1], [2, 5, 1], [4, 6, 3, 6, 6, 1]])
def test_the_reference_agrees_with_backpropagation_by_hand(activation, sizes):
    model, X, y = mlp(sizes, TOLD_APART[activation], seed=1)
    np.testing.assert_allclose(gradient_norms(model, X, y), backpropagated_norms(model, X, y, activation), rtol=1e-10)


def test_the_reference_leaves_the_model_alone_and_ignores_old_gradients():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 1))
    X, y = torch.randn(6, 3), torch.tensor([0.0, 1, 1, 0, 1, 0])
    expected = gradient_norms(model, X, y)
    model(X).sum().backward()
    before = network_state(model)
    assert gradient_norms(model, X, y) == expected
    after = network_state(model)
    for part in ("values", "gradients"):
        torch.testing.assert_close(after.pop(part), before.pop(part), rtol=0, atol=0)
    assert after == before
    expect_model_unchanged(gradient_norms, model, X, y)


def test_float32_is_good_enough_for_the_tolerance_on_every_network_of_the_checks():
    for cases in gradient_flow.cases_by_check().values():
        for model, X, y in cases:
            exact = gradient_norms(model.double(), X.double(), y.double())
            single = gradient_norms(model.float(), X.float(), y.float())
            np.testing.assert_allclose(single, exact, rtol=checks.RTOL / 10)
    gradient_flow.cases_by_check.cache_clear()  # the networks were cast


# Fairness ----------------------------------------------------------------------------------------------


@st.composite
def networks(draw):
    sizes = [*draw(st.lists(st.integers(1, 9), min_size=1, max_size=6)), 1]
    activation = draw(st.sampled_from([nn.Sigmoid, nn.Tanh, nn.ReLU, nn.GELU, nn.SiLU]))
    dtype = draw(st.sampled_from([torch.float32, torch.float64]))
    return mlp(sizes, activation, seed=draw(st.integers(0, 10**6)), rows=draw(st.integers(1, 9)), dtype=dtype)


@pytest.mark.parametrize("answer", right("gradient_per_layer"), ids=named)
def test_right_measurements_agree_with_the_reference_on_any_network(answer):
    function = function_of(answer)

    @settings(max_examples=15)
    @given(networks())
    def agrees(case):
        expect_norms(function(*case), gradient_norms(*case))
        expect_model_unchanged(function, *case)

    agrees()


@pytest.mark.parametrize("answer", right("compare_activations"), ids=named)
def test_right_comparisons_agree_with_the_reference_for_any_seeds(answer):
    function, names = function_of(answer), solution()

    def weights(model, X, y):
        return [layer.weight.sum().item() + X.sum().item() for layer in model if isinstance(layer, nn.Linear)]

    @settings(max_examples=5)
    @given(st.lists(st.integers(0, 2**31), min_size=1, max_size=4), st.sampled_from(sorted(TOLD_APART)))
    def agrees(seeds, name):
        task = weights, {name: TOLD_APART[name]}, names["X"], names["y"], seeds
        expected = gradient_flow.comparison(names["deep_network"], *task)
        expect_norms(function(*task)[name], expected[name])

    agrees()


@pytest.mark.parametrize("answer", right("plot_gradients"), ids=named)
def test_right_pictures_show_any_norms(answer):
    function = function_of(answer)
    norm = st.one_of(st.just(0.0), st.floats(1e-12, 1e3))

    @settings(max_examples=8)
    @given(st.dictionaries(st.sampled_from("ABCDEF"), st.lists(norm, min_size=2, max_size=15), min_size=1))
    def shows(series):
        if not any(sum(norms) for norms in series.values()):
            return  # no number at all has a place on the axis
        picture = picture_of(function, series)
        figures.expect_axes_returned(picture)
        figures.expect_lines(picture, series)
        figures.expect_scales(picture, "linear", "log")
        figures.expect_labels(picture, "layer", "gradient")
        figures.expect_legend(picture, series)
        figures.expect_told_apart(picture, series)
        figures.expect_inside(picture, series)
        if all(min(norms) > 0 for norms in series.values()):
            figures.expect_numbered_from_one(picture, series)

    shows()


@pytest.mark.parametrize("exercise", ["gradient_per_layer", "compare_activations", "plot_gradients"])
def test_a_table_of_the_visible_answers_earns_half_at_most(exercise):
    tables = [answer for answer in ANSWERS if answer.exercise == exercise and answer.name.startswith("knows")]
    assert tables
    for answer in tables:
        score = score_of(answer)
        assert score <= 0.5 * sum(check.max_points for check in score.checks)


# Norms and models --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        [1.0, 2.0],
        (1, 2),
        [torch.tensor(1.0), torch.tensor([2.0])],
        [torch.tensor([1.0]), torch.tensor([2.0])],
        [torch.tensor(1.0, requires_grad=True), 2],
        np.array([1, 2]),
        np.array([[1], [2]]),
        torch.tensor([1.0, 2.0]),
        nn.Parameter(torch.tensor([[1.0], [2.0]])),
    ],
    ids=["list", "tuple", "tensors", "one-element tensors", "tensor", "array", "column", "tensor", "parameter"],
)
def test_numbers_of_any_kind_are_compared(value):
    expect_norms(value, [1.0, 2.0])
    with pytest.raises(AssertionError, match=r"^Layer 2 of 2: got 2, expected 3\.$"):
        expect_norms(value, [1.0, 3.0])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "got None"),
        ({"a": 1.0}, "got a value of type dict"),
        (3.0, "got a value of type float"),
        ([[1.0], [2.0, 3.0]], "no single number"),
        (["one", "two"], "no single number"),
        ([None, 1.0], "no single number"),
        (np.ones((2, 2)), "no single number"),
        ([[1.0, 2.0]], "no single number"),
        (["1.0", "2.0"], "no single number"),
        ([1.0], "Expected 2 numbers, one for each nn.Linear, got 1"),
        ([float("nan"), 2.0], "Layer 1 of 2: got nan"),
    ],
)
def test_what_is_no_list_of_the_right_length_is_refused(value, message):
    with pytest.raises(AssertionError, match=re.escape(message)):
        expect_norms(value, [1.0, 2.0])


def test_the_tolerance_is_relative_and_zero_must_be_zero():
    expect_norms([1e-20 * (1 + 0.9e-4), 0.0], [1e-20, 0.0])
    for wrong in ([1e-20 * (1 + 1.1e-4), 0.0], [1e-20, 1e-30]):
        with pytest.raises(AssertionError):
            expect_norms(wrong, [1e-20, 0.0])


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ([0.5, 0.3, 0.1], "in the reverse order"),
        ([0.01, 0.09, 0.25], "squares of the norms"),
        ([0.8, 2.4, 4.0], "Every layer is 8 times what it should be"),
        ([0.1, 0.3, 0.4], "expected 0.5.$"),
        ([0.0, 0.0, 0.0], "expected 0.1.$"),
    ],
)
def test_the_message_names_the_slip_where_it_shows(value, hint):
    with pytest.raises(AssertionError, match=hint):
        expect_norms(value, [0.1, 0.3, 0.5])


def change_weight(model, X, y):
    with torch.no_grad():
        model[0].weight[0, 0] += 1


def change_running_statistics(model, X, y):
    model.train()(X)
    model.eval()


MEDDLERS = {
    "the weights": change_weight,
    "which weights need a gradient": lambda model, X, y: model[0].bias.requires_grad_(False),
    "the buffers": change_running_statistics,
    "the mode (train or eval)": lambda model, X, y: model[1].train(),
    "the layers": lambda model, X, y: model.__setitem__(3, nn.Identity().eval()),
    "the number of hooks": lambda model, X, y: model[0].register_full_backward_pre_hook(lambda *args: None),
    "the methods of the model": lambda model, X, y: setattr(model[2], "forward", model[0].forward),
    "what is set for all of torch (anomaly detection)": lambda *args: torch.autograd.set_detect_anomaly(True),
    "X": lambda model, X, y: X.mul_(2),
    "y": lambda model, X, y: y.zero_(),
}


@pytest.mark.parametrize("what", MEDDLERS)
def test_each_thing_that_a_call_changes_is_named(what):
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1), nn.Flatten()).eval()
    with pytest.raises(AssertionError, match=rf"^Not as before the call: {re.escape(what)}\.$"):
        expect_model_unchanged(MEDDLERS[what], model, torch.ones(2, 3), torch.ones(2))


def test_gradients_left_behind_are_no_change():
    model = nn.Sequential(nn.Linear(3, 1))
    left = []

    def measure(model, X, y):
        model(X).sum().backward()
        left.append(model[0].weight.grad)

    expect_model_unchanged(measure, model, torch.ones(2, 3), torch.ones(2))
    assert left[0] is not None
    assert model[0].weight.grad is None, "the call gets a copy"


def test_the_probe_calls_twice():
    case = mlp([2, 3, 1], nn.Tanh, seed=2)
    calls = []
    gradient_flow_beside.result_of_second_call(lambda *args: calls.append(args[0][0].weight.grad), *case)
    assert calls == [None, None]


@pytest.mark.parametrize("leave", [lambda t: t.requires_grad_(), lambda t: setattr(t, "grad", torch.ones_like(t))])
@pytest.mark.parametrize("which", [1, 2])
def test_an_argument_that_asks_for_a_gradient_has_changed(leave, which):
    model, X, y = mlp([2, 1], nn.Tanh, seed=2)
    with pytest.raises(AssertionError, match=rf"Not as before the call: {'?Xy'[which]}\."):
        expect_model_unchanged(lambda *args: leave(args[which]), model, X, y)


# Figures -----------------------------------------------------------------------------------------------

SERIES = {"tanh": [0.2, 0.3, 0.5], "sigmoid": [1e-5, 2e-4, 7e-3]}


def drawing(change=lambda ax: None, **options):
    def draw(series):
        _, ax = plt.subplots()
        for name, norms in series.items():
            ax.semilogy(range(1, len(norms) + 1), norms, **{"label": name, **options})
        ax.legend()
        ax.set(xlabel="layer", ylabel="gradient")
        return change(ax) or ax

    return draw


def test_a_picture_is_read_as_drawn():
    picture = picture_of(drawing(), SERIES)
    assert (picture.returned, picture.scales, picture.labels) == ("Axes", ("linear", "log"), ("layer", "gradient"))
    assert picture.legend == [(line.name, line.look) for line in picture.lines]
    line = picture.line("sigmoid")
    assert (line.x, line.shown, line.y) == ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], SERIES["sigmoid"])
    assert picture.limits[1][0] < 1e-5
    assert picture.limits[1][1] > 0.5


def test_probing_closes_its_figures_and_leaves_others_and_show_alone():
    mine, show = plt.figure(), plt.show
    for draw in (drawing(), drawing(lambda ax: plt.figure())):
        picture_of(draw, SERIES)
    with pytest.raises(ZeroDivisionError):
        picture_of(drawing(lambda ax: 1 / 0), SERIES)
    assert plt.get_fignums() == [mine.number]
    assert plt.show is show


def test_two_calls_into_the_current_figure_do_not_mix():
    def draw(series):
        for name, norms in series.items():
            plt.semilogy(norms, label=name)
        return plt.gca()

    plt.semilogy([1, 2], label="older")
    for _ in range(2):
        assert [line.name for line in picture_of(draw, SERIES).lines] == ["tanh", "sigmoid"]


@pytest.mark.parametrize(
    ("change", "returned"),
    [(lambda ax: ax.figure, "Figure"), (lambda ax: 3, "int"), (lambda ax: ax.lines, "ArtistList")],
)
def test_what_was_drawn_is_read_whatever_comes_back(change, returned):
    picture = picture_of(drawing(change), SERIES)
    figures.expect_lines(picture, SERIES)
    with pytest.raises(AssertionError, match=rf"got a value of type {returned}\.$"):
        figures.expect_axes_returned(picture)


def test_drawing_nothing_is_no_crash():
    for nothing in (lambda series: None, lambda series: Figure()):
        with pytest.raises(AssertionError, match="Lines drawn: none at all"):
            figures.expect_lines(picture_of(nothing, SERIES), SERIES)


def test_a_line_is_named_by_its_label_or_by_a_legend_entry_of_its_looks():
    def by_legend(ax):
        for line in ax.lines:
            line.set_label("_nolegend_")
        ax.legend(ax.lines[::-1], ["sigmoid", "tanh"])

    figures.expect_lines(picture_of(drawing(by_legend), SERIES), SERIES)


@pytest.mark.parametrize(
    "change",
    [
        lambda ax: ax.lines[0].set_visible(False),
        lambda ax: ax.lines[0].set_linestyle("None"),
        lambda ax: ax.lines[0].set_label("Tanh"),
        lambda ax: ax.plot([1, 2, 3], SERIES["tanh"], label="tanh")[0] and None,
    ],
    ids=["invisible", "neither line nor marker", "another name", "twice"],
)
def test_each_name_has_one_visible_line(change):
    with pytest.raises(AssertionError, match=r"Expected one line labelled 'tanh', found [02]"):
        figures.expect_lines(picture_of(drawing(change), SERIES), SERIES)


def series_drawn_as(y, wanted):
    def draw(series):
        _, ax = plt.subplots()
        ax.plot(range(1, len(y) + 1), y, label="A")
        return ax

    figures.expect_lines(picture_of(draw, {"A": wanted}), {"A": wanted})


ZERO = [0.0, 0.5, 0.1]


@pytest.mark.parametrize("y", [ZERO, [np.nan, 0.5, 0.1], [0.5, 0.1], [1e-12, 0.5, 0.1], np.ma.masked_equal(ZERO, 0)])
def test_a_zero_may_be_zero_masked_left_out_or_small(y):
    series_drawn_as(y, ZERO)


@pytest.mark.parametrize("y", [[0.2, 0.5, 0.1], [0.0, 0.5], [0.0, 0.0, 0.1], [0.0, 0.51, 0.1]])
def test_a_zero_is_no_excuse_for_the_other_points(y):
    with pytest.raises(AssertionError, match=r"^Line 'A'"):
        series_drawn_as(y, ZERO)


def test_a_line_of_zeros_alone_may_be_anything_small_or_empty():
    for y in ([0.0, 0.0], [], [1e-9, 1e-9]):
        series_drawn_as(y, [0.0, 0.0])


def test_a_line_from_the_last_layer_to_the_first_is_told():
    with pytest.raises(AssertionError, match="from the last layer to the first"):
        series_drawn_as([0.1, 0.2, 0.3], [0.3, 0.2, 0.1])


def test_layers_are_numbered_as_a_reader_sees_them():
    def from_zero(series, ticks):
        _, ax = plt.subplots()
        ax.plot(series["A"], label="A")
        ticks(ax)
        return ax

    series = {"A": [0.1, 0.2, 0.3]}
    labelled = picture_of(from_zero, series, lambda ax: ax.set_xticks([0, 1, 2], labels=["fc1", "fc2", "fc3"]))
    figures.expect_numbered_from_one(labelled, series)
    plain = picture_of(from_zero, series, lambda ax: None)
    with pytest.raises(AssertionError, match="at layers 1 to 3; got 3 points, from 0 to 2"):
        figures.expect_numbered_from_one(plain, series)


@pytest.mark.parametrize(
    ("expect", "change", "message"),
    [
        (lambda p: figures.expect_scales(p, "linear", "log"), lambda ax: ax.set_yscale("symlog"), "a symlog one"),
        (lambda p: figures.expect_scales(p, "linear", "log"), lambda ax: ax.set_xscale("log"), "linear x axis"),
        (lambda p: figures.expect_labels(p, "layer", "gradient"), lambda ax: ax.set_xlabel(""), "of the x axis"),
        (lambda p: figures.expect_labels(p, "layer", "gradient"), lambda ax: ax.set_ylabel("norm"), "'gradient'"),
        (lambda p: figures.expect_legend(p, SERIES), lambda ax: ax.get_legend().remove(), "it has no entry"),
        (lambda p: figures.expect_legend(p, SERIES), lambda ax: ax.legend(["a"]) and None, "has no 'tanh'"),
        (lambda p: figures.expect_inside(p, SERIES), lambda ax: ax.set_ylim(1e-4, 1) and None, "at y = 1e-05"),
        (lambda p: figures.expect_inside(p, SERIES), lambda ax: ax.set_xlim(1, 2) and None, "at x = 3"),
    ],
)
def test_each_expectation_says_what_is_missing(expect, change, message):
    expect(picture_of(drawing(), SERIES))
    with pytest.raises(AssertionError, match=message):
        expect(picture_of(drawing(change), SERIES))


SAMPLES = {
    "names in another order": lambda ax: ax.legend(["sigmoid", "tanh"]),
    "colours in another order": lambda ax: ax.legend(
        handles=[Patch(color="C1", label="tanh"), Patch(color="C0", label="sigmoid")]
    ),
    "both samples alike": lambda ax: ax.legend([ax.lines[0], ax.lines[0]], ["tanh", "sigmoid"]),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_legend_that_names_the_wrong_lines_is_seen(name):
    picture = picture_of(drawing(lambda ax: SAMPLES[name](ax) and None), SERIES)
    with pytest.raises(AssertionError, match=r"the sample beside '(tanh|sigmoid)' looks like the line of"):
        figures.expect_legend(picture, SERIES)


HONEST_SAMPLES = {
    "lines the other way round": lambda ax: ax.legend(ax.lines[::-1], ["sigmoid", "tanh"], loc="lower right"),
    "patches": lambda ax: ax.legend(
        handles=[Patch(color=line.get_color(), label=line.get_label()) for line in ax.lines]
    ),
    "samples without dashes": lambda ax: ax.legend(
        handles=[Line2D([], [], color=line.get_color(), lw=5, label=line.get_label()) for line in ax.lines]
    ),
    "an entry for something else": lambda ax: ax.axhline(0.1, label="0.1") and ax.legend(),
}


@pytest.mark.parametrize("name", HONEST_SAMPLES)
def test_samples_may_show_less_than_the_lines(name):
    picture = picture_of(drawing(lambda ax: HONEST_SAMPLES[name](ax) and None, linestyle="--"), SERIES)
    figures.expect_legend(picture, SERIES)


def test_a_line_may_be_filled_up_with_nan_at_its_end_and_nowhere_else():
    def padded(*fill):
        return picture_of(lambda series: drawing()({name: [*norms, *fill] for name, norms in series.items()}), SERIES)

    figures.expect_lines(padded(np.nan, np.nan), SERIES)
    figures.expect_numbered_from_one(padded(np.nan, np.nan), SERIES)
    for fill in ([np.nan, 0.1], [1e-300]):
        with pytest.raises(AssertionError, match="expected 3 points, got"):
            figures.expect_lines(padded(*fill), SERIES)
        with pytest.raises(AssertionError, match="at layers 1 to 3; got"):
            figures.expect_numbered_from_one(padded(*fill), SERIES)


def test_a_line_with_error_bars_has_their_label():
    def with_bars(series):
        _, ax = plt.subplots()
        for name, norms in series.items():
            ax.errorbar(range(1, len(norms) + 1), norms, yerr=1e-6, fmt="o-", label=name)
        ax.set_yscale("log")
        ax.legend()
        return ax

    picture = picture_of(with_bars, SERIES)
    figures.expect_lines(picture, SERIES)
    figures.expect_joined(picture, SERIES)
    figures.expect_legend(picture, SERIES)


def test_points_without_a_line_are_told():
    for options in ({"linestyle": "none", "marker": "o"}, {"linewidth": 0, "marker": "o"}):
        picture = picture_of(drawing(**options), SERIES)
        figures.expect_lines(picture, SERIES)
        with pytest.raises(AssertionError, match="points of 'tanh' are not joined"):
            figures.expect_joined(picture, SERIES)


LOGARITHMIC = {
    "symlog": lambda ax: ax.set_yscale("symlog", linthresh=1e-6),
    "a pair of functions": lambda ax: ax.set_yscale("function", functions=(np.log2, np.exp2)),
    "logarithm of another base": lambda ax: ax.set_yscale("log", base=2),
}


@pytest.mark.parametrize("name", LOGARITHMIC)
def test_an_axis_is_logarithmic_if_it_is_where_the_norms_are(name):
    figures.expect_scales(picture_of(drawing(LOGARITHMIC[name]), SERIES), "linear", "log")


@pytest.mark.parametrize("linthresh", [1e-4, 0.1, 2])
def test_an_axis_that_is_linear_among_the_norms_is_not(linthresh):
    picture = picture_of(drawing(lambda ax: ax.set_yscale("symlog", linthresh=linthresh)), SERIES)
    with pytest.raises(AssertionError, match="Expected a log y axis, got a symlog one"):
        figures.expect_scales(picture, "linear", "log")


def test_labels_and_legend_of_the_figure_count_too():
    def of_the_figure(ax):
        ax.set(xlabel="", ylabel="")
        ax.get_legend().remove()
        ax.figure.supxlabel("layer")
        ax.figure.supylabel("gradient")
        ax.figure.legend()

    picture = picture_of(drawing(of_the_figure), SERIES)
    figures.expect_labels(picture, "layer", "gradient")
    figures.expect_legend(picture, SERIES)


@pytest.mark.parametrize("options", [{"color": "k"}, {"color": "k", "linestyle": (0, (3, 1))}])
def test_lines_of_equal_looks_cannot_be_told_apart(options):
    with pytest.raises(AssertionError, match="have the same colour, style and marker"):
        figures.expect_told_apart(picture_of(drawing(**options), SERIES), SERIES)


@pytest.mark.parametrize(
    "change", [lambda line: line.set_linestyle((0, (3, 2))), lambda line: line.set_marker("s")], ids=["dash", "marker"]
)
def test_a_dash_or_a_marker_tells_lines_apart(change):
    picture = picture_of(drawing(lambda ax: change(ax.lines[0]), color="k", linestyle=(0, (3, 1))), SERIES)
    figures.expect_told_apart(picture, SERIES)


# What the notebook says --------------------------------------------------------------------------------


def source_of(grade_id):
    notebook = nbformat.read(ROOT / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)
    return next(cell.source for cell in notebook.cells if cell.id == grade_id)


def text_of(grade_id):
    return " ".join(source_of(grade_id).split())


def test_the_numbers_of_the_mark_scheme_come_from_the_experiment():
    medians = measured_medians(solution()["ACTIVATIONS"])
    ends = {name: (f"{norms[0]:.2g}", f"{norms[-1]:.2g}") for name, norms in medians.items()}
    assert ends == {"sigmoid": ("2.3e-06", "0.39"), "ReLU": ("0.17", "1"), "GELU": ("0.16", "0.59")}
    assert "sigmoid 2.3e-06 and 0.39, ReLU 0.17 and 1.0, GELU 0.16 and 0.59" in text_of("explanation")
    sigmoid = medians["sigmoid"]
    assert (sigmoid[0] / sigmoid[-1]) ** (1 / 9) == pytest.approx(0.26, abs=0.005)
    assert "measured about 0.26" in text_of("explanation")
    for name in ("ReLU", "GELU"):
        assert max(medians[name]) < 10 * min(medians[name])


def test_the_example_worked_by_hand_is_right():
    gradient = ((1 / (1 + np.exp(1)) - 1) * np.array([2, 4]) + 1 / (1 + np.exp(-2)) * np.array([6, 2])) / 2
    assert [f"{number:.4f}" for number in (*gradient, np.linalg.norm(gradient))] == ["1.9113", "-0.5813", "1.9978"]
    assert r"(1.9113, -0.5813)$, and its norm is $1.9978$" in text_of("gradient_per_layer_task")


def example_picture():
    """The picture of the task, as PNG, and the norms in it: those of the checks that students see.

    In the feedback it stands beside what the student's function made of them.
    """
    example = source_of("test_plot_gradients").splitlines()[0]
    norms = ast.literal_eval(example.removeprefix("example = "))
    axes = solution()["plot_gradients"](norms)
    axes.xaxis.get_major_locator().set_params(integer=True)  # there is no layer 1.5
    figure = axes.figure
    png = io.BytesIO()
    figure.savefig(png, dpi=DPI, metadata={"Software": None})
    plt.close(figure)
    return png.getvalue(), norms


def test_the_picture_in_the_notebook_is_what_the_solution_draws():
    png, norms = example_picture()
    drawn, kept = (matplotlib.image.imread(io.BytesIO(data)) for data in (png, PICTURE.read_bytes()))
    assert drawn.shape == kept.shape
    assert np.abs(drawn - kept).mean() < 0.01  # another FreeType may smooth letters in another way
    ends = [np.format_float_positional(line[layer]) for line in norms.values() for layer in (0, -1)]
    assert "from {} to {}; sigmoid, dashed vermillion, from {} to {}.".format(*ends) in text_of("plot_gradients_task")


if __name__ == "__main__":
    PICTURE.write_bytes(example_picture()[0])
