"""ps6: the gallery of known functions, the hidden checks on functions made for them, and the stated numbers."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.answers import load_answers
from autograder.hidden_checks import design
from autograder.hidden_checks.design import (
    RELU_ACCURACY,
    SEEDS,
    accuracies_over_seeds,
    check_properties,
    check_use,
    find_kinks,
    value_and_gradient,
)
from course.checks import Checks
from course.checks.beside.design import value_and_slope
from course.checks.design import bend, expect_tensor
from course.checks.elementwise import Observed
from tests.assignments import gallery
from tests.support.notebook_runner import ROOT, grade, notebook_cells, score_of

ASSIGNMENT = gallery.ASSIGNMENT
FUNCTIONS = gallery.load()
ANSWERS = load_answers(ROOT / "autograder" / "practice" / "answers", ASSIGNMENT)
RIGHT = [a for a in ANSWERS if a.right and a.exercise != "compare"]
WITHOUT = "Counts once"


def named(thing):
    return thing.name


# The gallery ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", FUNCTIONS, ids=named)
def test_the_checks_agree_with_every_verdict_of_the_gallery(function):
    score = grade(ASSIGNMENT, {"my_activation": function.code}, only={"test_my_activation"})["test_my_activation"]
    # What only waits for another check has the property.
    failed = {check.name for check in score.checks if check.message and not check.message.startswith(WITHOUT)}
    judged = {check: key for key, (_, check) in gallery.PROPERTIES.items()}
    assert {judged[name] for name in failed & set(judged)} == {
        key for key, verdict in function.verdicts.items() if not verdict.holds
    }
    about_a_property = {"no kink at 0", "rises from 20 to 21", "hardly sinks from -100 to -200"}
    assert failed - set(judged) <= about_a_property


@pytest.mark.parametrize("function", FUNCTIONS, ids=named)
def test_accuracies_of_the_gallery_are_what_a_run_gives(function):
    # Another build of torch rounds differently; a mean of five seeds has a standard deviation of 0.004.
    assert statistics.mean(gallery.measured(function)) == pytest.approx(function.accuracy, abs=0.01)


def test_the_gallery_has_functions_with_and_without_each_property():
    assert len(FUNCTIONS) >= 16
    for key in set(gallery.PROPERTIES) - {"finite", "trains"}:
        assert {function.verdicts[key].holds for function in FUNCTIONS} == {True, False}


def test_the_page_is_the_one_that_the_data_give():
    assert gallery.PAGE.read_text(encoding="utf-8") == gallery.page()


# Numbers stated in the assignment -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def given_names():
    return gallery.given_names()


def relu(x):
    return x.clamp(min=0), (x > 0).to(x.dtype)


def test_mean_and_spread_of_relu_are_as_stated(given_names):
    shares = accuracies_over_seeds(relu, given_names["DIGITS"], range(50))
    assert statistics.mean(shares) == pytest.approx(RELU_ACCURACY, abs=0.004)
    assert statistics.stdev(shares) == pytest.approx(0.009, abs=0.003)


def test_training_side_by_side_is_the_training_of_the_notebook(given_names):
    data = given_names["DIGITS"]
    expected = []
    for seed in SEEDS[:3]:
        torch.manual_seed(seed)
        network = given_names["Network"](torch.tanh)
        given_names["train"](network, data[0], data[1])
        expected.append((network(data[2]).argmax(1) == data[3]).double().mean().item())
    found = accuracies_over_seeds(lambda x: (x.tanh(), 1 - x.tanh() ** 2), data, SEEDS[:3])
    assert found == pytest.approx(expected, abs=2 / 600)


def test_training_leaves_the_random_generator_alone(given_names):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    accuracies_over_seeds(relu, given_names["DIGITS"], [7])
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize(("function", "expected"), [(torch.relu, 0.25), (torch.clone, 0.0), (torch.zeros_like, 0.0)])
def test_bend_is_the_share_of_the_range_that_the_assignment_names(function, expected):
    assert bend(function) == pytest.approx(expected, abs=1e-3)


# Kinks ----------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(place=st.floats(-99, 99), jump=st.floats(0.02, 3), sign=st.sampled_from([-1, 1]))
def test_a_kink_is_found_wherever_it_is(place, jump, sign):
    [kink] = find_kinks(lambda x: np.sin(x) + sign * jump * np.maximum(x - place, 0))
    assert kink.x == pytest.approx(place, abs=1e-4)
    assert kink.right - kink.left == pytest.approx(sign * jump, abs=0.01)
    assert not kink.value_jumps


@settings(max_examples=40)
@given(place=st.floats(-99, 99), height=st.floats(0.01, 3))
def test_a_jump_of_the_function_is_found_and_called_so(place, height):
    [kink, *_] = find_kinks(lambda x: np.cos(x) + height * (x > place))
    assert kink.x == pytest.approx(place, abs=1e-4)
    assert "the function itself jumps" in str(kink)


@settings(max_examples=40)
@given(place=st.floats(-20, 20), sharpness=st.floats(0.1, 3000))
def test_a_smooth_bend_is_no_kink_however_sharp(place, sharpness):
    assert find_kinks(lambda x: np.logaddexp(0, sharpness * (x - place)) / sharpness) == []


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.abs(x - 0.3) ** 1.5,
        lambda x: x**4,
        lambda x: np.sin(9 * x) + x,
        lambda x: np.where(x > 1, 2 * x - 1, x**2),
    ],
    ids=["infinite curvature", "large values", "many bends", "pieces that fit"],
)
def test_continuous_slopes_of_other_kinds_are_no_kinks(function):
    assert find_kinks(function) == []


def test_all_kinks_are_found_the_largest_first():
    kinks = find_kinks(lambda x: np.maximum(x, 0) + 3 * np.maximum(x + 2, 0) + 0.5 * np.maximum(x - 2, 0))
    assert [round(kink.x, 3) + 0.0 for kink in kinks] == [-2, 0, 2]


def test_a_value_that_is_not_finite_is_named():
    with pytest.raises(AssertionError, match=r"^At x = -50 the value is nan\.$"):
        find_kinks(lambda x: np.where(x == -50, np.nan, x))


# Properties and use ---------------------------------------------------------------------------------------


def messages(check, function):
    checks = Checks("f", points=1)
    with checks("gate"):
        pass
    check(checks, function, needs="gate")
    return {result.name: result.message for result in checks.score().checks}


def properties(function):
    return messages(check_properties, function)


@pytest.mark.parametrize(
    ("tail", "bounded"),
    [
        (lambda t: torch.exp(-t), True),
        (lambda t: -1 + 1 / (1 + t), True),
        (lambda t: -1 + 1 / torch.sqrt(1 + t), True),
        (lambda t: torch.sin(t), True),
        (lambda t: t, True),
        (lambda t: -torch.log1p(t), False),
        (lambda t: -torch.log1p(torch.log1p(t)), False),
        (lambda t: -torch.sqrt(t), False),
        (lambda t: -1e-5 * t, False),
        (lambda t: -torch.relu(t - 2000), False),
    ],
    ids="exponential hyperbola root wave rising logarithm iterated-logarithm square-root tiny-leak late-leak".split(),
)
def test_tails_that_level_off_are_bounded_and_others_are_not(tail, bounded):
    message = properties(lambda x: torch.where(x > 0, x, tail((-x).clamp(min=0))))["bounded below"]
    assert bool(message) is not bounded


@pytest.mark.parametrize(("slope", "enough"), [(0.051, True), (0.049, False), (-1.0, False)])
def test_the_slope_on_the_right_has_a_limit(slope, enough):
    message = properties(lambda x: slope * torch.nn.functional.softplus(x))["slope at least 0.05 from 10 to 10^4"]
    assert bool(message) is not enough


def test_a_function_that_answers_differently_when_a_gradient_is_wanted_is_told():
    found = properties(lambda x: torch.nn.functional.softplus(x) + 0.1 * x.requires_grad)
    assert "other values than without" in found["autograd gives the slope of the values"]


def test_a_value_that_is_nan_far_out_is_told():
    found = properties(lambda x: torch.where(x > 0, x, torch.exp(x) * torch.exp(-x.clamp(max=0)) - 1 + 0 * x))
    assert found["autograd gives the slope of the values"] == "At x = -1000 the value is nan."


@pytest.mark.parametrize("pieces", [800, 20_000])
def test_a_slope_in_many_small_steps_is_told(pieces):
    knots = torch.linspace(-12.003, 12.011, pieces, dtype=torch.float64)
    heights = torch.nn.functional.softplus(knots)

    def table(x):
        i = (torch.bucketize(x.detach(), knots) - 1).clamp(0, pieces - 2)
        slope = (heights[i + 1] - heights[i]) / (knots[i + 1] - knots[i])
        return torch.where(x > knots[-1], x, torch.where(x < knots[0], 0 * x, heights[i] + slope * (x - knots[i])))

    assert "slope" in properties(table)["continuous slope from -100 to 100"]


def test_a_leak_that_begins_far_out_is_told():
    found = properties(lambda x: torch.nn.functional.silu(x) - 0.1 * torch.nn.functional.softplus(-x - 2e4))
    assert found["bounded below"]


def test_a_slope_that_lies_between_those_of_both_sides_is_right():
    found = properties(lambda x: 0.4 * torch.relu(x) ** 1.5)
    assert found["autograd gives the slope of the values"] == ""


@pytest.mark.parametrize("answer", RIGHT, ids=named)
def test_right_answers_treat_any_input_element_by_element(answer):
    function = gallery.activation_of(answer.source)

    @settings(max_examples=25)
    @given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=12), st.sampled_from([torch.float32, torch.float64]))
    def holds(numbers, dtype):
        x = torch.tensor(numbers, dtype=dtype)
        values, slopes = value_and_gradient(function, x)
        assert values.isfinite().all()
        assert slopes.isfinite().all()
        one = torch.cat([expect_tensor(function(x[i : i + 1]), like=x[i : i + 1]) for i in range(len(x))])
        assert torch.allclose(values, one, rtol=1e-4 if dtype is torch.float32 else 1e-9, atol=1e-5)
        watched = Observed(function)
        watched(x)
        watched.expect_arguments_unchanged()

    holds()


def test_double_precision_is_told_from_single():
    def single(x):
        return torch.nn.functional.silu(x.float()).to(x.dtype)

    name = "float64 is computed in float64"
    assert "float32" in messages(check_use, single)[name]
    assert messages(check_use, lambda x: torch.nn.functional.softplus(x, beta=7))[name] == ""


def test_an_error_of_the_function_fails_each_check_and_stops_none():
    def broken(x):
        raise RuntimeError("broken")

    found = properties(broken) | messages(check_use, broken)
    assert {message for name, message in found.items() if name != "gate"} == {"RuntimeError: broken"}


# What runs beside the student's code ----------------------------------------------------------------------


def test_value_and_slope_of_a_known_function():
    x = torch.tensor([[-1.0, 0.5], [2.0, 3.0]])
    values, slopes = value_and_slope(torch.tanh, x)
    assert torch.allclose(values, x.tanh())
    assert torch.allclose(slopes, 1 - x.tanh() ** 2)
    assert not values.requires_grad
    assert not x.requires_grad


def test_value_and_slope_take_functions_that_work_in_place_and_forgotten_no_grad():
    x = torch.tensor([-1.0, 2.0])
    with torch.no_grad():
        values, slopes = value_and_slope(lambda t: t.mul_(t.sigmoid()), x)
    assert torch.allclose(values, torch.nn.functional.silu(x))
    assert slopes is not None
    assert x.tolist() == [-1.0, 2.0]


@pytest.mark.parametrize("function", [torch.zeros_like, torch.Tensor.detach, lambda t: torch.ones(2).requires_grad_()])
def test_no_gradient_is_none(function):
    assert value_and_slope(function, torch.ones(2))[1] is None


def test_what_is_no_tensor_comes_back_as_it_is():
    assert value_and_slope(lambda t: "text", torch.ones(2)) == ("text", None)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "Expected a torch tensor, got None."),
        (np.ones(2), "Expected a torch tensor, got a value of type ndarray."),
        (torch.ones(3), "Expected shape (2,), got (3,)."),
        (torch.ones(2, dtype=torch.float64), "Expected dtype torch.float32, got torch.float64."),
    ],
)
def test_expect_tensor_says_what_came(value, message):
    with pytest.raises(AssertionError) as error:
        expect_tensor(value, like=torch.zeros(2))
    assert str(error.value) == message


def test_numbers_made_up_earn_no_more_than_the_visible_checks():
    made_up = [answer for answer in ANSWERS if "made up" in answer.name]
    assert made_up
    [released] = [cell.source for cell in notebook_cells("release", ASSIGNMENT) if cell.grade_id == "test_compare"]
    for answer in made_up:
        assert [c.name for c in score_of(answer).checks if c.passed and f'"{c.name}"' not in released] == []


def test_the_tolerance_of_equal_accuracies_is_two_of_the_rows_that_are_counted():
    rows = len(design.mixed_up_data()[3])
    assert design.agree(0.5, 0.5 + 2 / rows)
    assert not design.agree(0.5, 0.5 + 3 / rows)


def test_the_reference_is_far_from_the_thresholds_of_the_comparison(given_names):
    data, seeds = design.mixed_up_data(), design.MIXED_UP_SEEDS
    shares = accuracies_over_seeds(relu, data, seeds)
    assert np.ptp(shares) > 5 * design.SEED_MATTERS
    for steps, least in [(50, -1.0), (100, 5 * design.TRAINED)]:
        torch.manual_seed(seeds[0])
        network = given_names["Network"](torch.relu)
        given_names["train"](network, data[0], data[1], steps=steps)
        off = abs((network(data[2]).argmax(1) == data[3]).double().mean().item() - shares[0])
        assert off > least
        assert off <= 0.5 * design.TRAINED or steps == 100


def test_a_mean_over_classes_is_no_share_of_rows(given_names):
    (_, _, _, labels), share = design.mostly_relabelled(given_names["corners"](100))
    expected = [(labels == k).double().mean().item() for k in (0, 1)]
    assert min(expected) > 0.1
    assert share < 0.3
