"""Fairness of ps5, and tests of its references, its probes and the claims its text makes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograder.answers import load_answers
from autograder.hidden_checks.elementwise import FLOAT32_RTOL, FLOAT64_RTOL
from autograder.hidden_checks.outputs import ATOL, TEMPERATURE_RTOL, TRAINING_TOL
from autograder.reference import numpy_reference, outputs
from course.checks import expect_array, expect_close
from course.checks import outputs as checks
from course.checks.elementwise import Observed
from tests.support.notebook_runner import ROOT, grade, notebook_cells, score_of

ASSIGNMENT = "ps5_outputs_and_losses"
ANSWERS = load_answers(ROOT / "autograder" / "practice" / "answers", ASSIGNMENT)
RIGHT = [answer for answer in ANSWERS if answer.right]
VISIBLE = {"softmax": 6, "log_softmax": 5, "cross_entropy": 5}
"""How many checks of the exercises from scratch a student sees."""
BY_HAND = tuple(VISIBLE)
CELLS = {cell.grade_id: cell for cell in notebook_cells("source", ASSIGNMENT)}
GIVEN = "\n".join(CELLS[name].source for name in ("setup", "held_out", "script"))


def right(exercise):
    return [pytest.param(answer, id=answer.name) for answer in RIGHT if answer.exercise == exercise]


def wrong(exercise, words):
    found = [a for a in ANSWERS if not a.right and a.exercise == exercise and words in a.name]
    assert found
    return found


def notebook_with(source):
    """Return the names of a notebook with the given cells, the instructor's log_softmax and an answer."""
    namespace = {"__name__": "__main__"}
    for text in (GIVEN, CELLS["log_softmax"].source, source):
        exec(text, namespace)
    return namespace


def function_of(answer):
    return notebook_with(answer.source)[answer.exercise]


# Fairness ----------------------------------------------------------------------------------------------


@st.composite
def logits(draw, dims=(1, 3)):
    """Draw logits up to 1000 in float64, and up to 20 in float32, where z / T at 1000 has no digits left."""
    dtype, width, size = draw(st.sampled_from([(np.float32, 32, 20), (np.float64, 64, 1000)]))
    shape = draw(arrays.array_shapes(min_dims=dims[0], max_dims=dims[1], min_side=1, max_side=4))
    return draw(arrays.arrays(dtype, shape, elements=st.floats(-size, size, width=width)))


def tolerances(z):
    wide = {"rtol": FLOAT32_RTOL, "atol": 1e-6}
    return wide if z.dtype == np.float32 else {"rtol": FLOAT64_RTOL, "atol": ATOL}


def expect_no_trace(function, z):
    watched = Observed(function)
    watched(z)
    watched.expect_no_warning()
    watched.expect_arguments_unchanged()


@pytest.mark.parametrize("answer", right("softmax"))
def test_a_right_softmax_agrees_with_the_reference_on_any_logits(answer):
    softmax = function_of(answer)

    @settings(max_examples=25, deadline=None)
    @given(logits(), st.floats(0.5, 50), st.data())
    def agrees(z, T, data):
        axis = data.draw(st.integers(-z.ndim, z.ndim - 1))
        expected = numpy_reference.softmax(z, axis=axis, temperature=T)
        actual = expect_array(softmax(z.copy(), T=T, axis=axis), shape=z.shape, dtype=z.dtype)
        expect_close(actual, expected, x=z, **tolerances(z))
        expect_no_trace(softmax, z)

    agrees()


@pytest.mark.parametrize("answer", right("log_softmax"))
def test_a_right_log_softmax_agrees_with_the_reference_on_any_logits(answer):
    log_softmax = function_of(answer)

    @settings(max_examples=25, deadline=None)
    @given(logits(), st.data())
    def agrees(z, data):
        axis = data.draw(st.integers(-z.ndim, z.ndim - 1))
        actual = expect_array(log_softmax(z.copy(), axis=axis), shape=z.shape, dtype=z.dtype)
        expect_close(actual, numpy_reference.log_softmax(z, axis=axis), x=z, **tolerances(z))
        expect_no_trace(log_softmax, z)

    agrees()


@pytest.mark.parametrize("answer", right("cross_entropy"))
def test_a_right_cross_entropy_agrees_with_the_reference_on_any_logits(answer):
    cross_entropy = function_of(answer)

    @settings(max_examples=25, deadline=None)
    @given(logits(dims=(2, 2)), st.data())
    def agrees(z, data):
        labels = st.integers(0, z.shape[1] - 1)
        y = data.draw(
            arrays.arrays(data.draw(st.sampled_from([np.int64, np.int32, np.uint8])), len(z), elements=labels)
        )
        expect_close(cross_entropy(z.copy(), y), outputs.cross_entropy(z, y), **tolerances(z))
        watched = Observed(cross_entropy)
        watched(z, y)
        watched.expect_arguments_unchanged()

    agrees()


@pytest.mark.parametrize("answer", right("fit_temperature"))
def test_a_right_temperature_is_within_the_tolerance_on_any_data(answer):
    fit_temperature = function_of(answer)

    @settings(max_examples=3, deadline=None)
    @given(st.integers(0, 1000), st.integers(2, 5), st.floats(0.15, 6))
    def agrees(seed, classes, factor):
        z, y = overconfident(seed, classes, factor)
        expect_close(fit_temperature(z.copy(), y), outputs.best_temperature(z, y), rtol=TEMPERATURE_RTOL)

    agrees()


@pytest.mark.parametrize("answer", right("train"))
def test_right_trainings_differ_by_roundings_only(answer):
    """The tolerance is a hundred times what another formula, right on paper, makes of 40 steps."""
    names = notebook_with(answer.source)
    expected = notebook_with(CELLS["train"].source)["train"](names["points"], names["labels"], steps=40)
    found = names["train"](names["points"], names["labels"], steps=40)
    assert np.allclose(found["losses"], expected["losses"], atol=TRAINING_TOL / 100)


# What wrong answers may keep ---------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", BY_HAND)
@pytest.mark.parametrize("library", ["torch's", "SciPy's"])
def test_a_library_call_earns_no_hidden_check(exercise, library):
    for answer in wrong(exercise, library):
        score = score_of(answer)
        assert [check.name for check in score.checks[VISIBLE[exercise] :] if check.passed] == []


@pytest.mark.parametrize("exercise", BY_HAND)
def test_a_table_of_the_visible_answers_earns_less_than_half(exercise):
    for answer in wrong(exercise, "knows only the visible inputs"):
        score = score_of(answer)
        assert score < 0.5 * sum(check.max_points for check in score.checks)


def test_a_constant_output_layer_earns_the_one_task_it_fits():
    (answer,) = wrong("output_layer", "a constant")
    assert [check.name for check in score_of(answer).checks if check.passed] == ["binary classification"]


def test_the_script_with_the_bug_earns_nothing():
    for words in ("the script as it is", "calls the script with the bug"):
        assert [score_of(answer) for answer in wrong("train", words)] == [0]


def test_invented_numbers_earn_less_than_a_training_with_another_optimiser():
    (invented,), (trained,) = wrong("train", "only look like"), wrong("train", "with Adam")
    assert score_of(invented) < score_of(trained)


# The references ----------------------------------------------------------------------------------------


def overconfident(seed, classes, factor, rows=300):
    """Return logits that are `factor` times those from whose softmax the labels are drawn."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 2, (rows, classes))
    p = numpy_reference.softmax(z)
    return factor * z, np.array([rng.choice(classes, p=row) for row in p])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_reference_cross_entropy_is_torch_s(dtype):
    rng = np.random.default_rng(0)
    for rows, classes, size in [(30, 5, 3), (1, 4, 1), (6, 1, 10), (20, 3, 1000)]:
        z, y = rng.normal(0, size, (rows, classes)).astype(dtype), rng.integers(0, classes, rows)
        expected = torch.nn.functional.cross_entropy(torch.from_numpy(z), torch.from_numpy(y)).item()
        assert outputs.cross_entropy(z, y) == pytest.approx(expected, rel=1e-5 if dtype is np.float32 else 1e-13)


def test_a_true_class_that_is_ruled_out_costs_infinitely_much_and_another_nothing():
    assert outputs.cross_entropy(np.array([[0.0, -np.inf]]), np.array([1])) == math.inf
    assert outputs.cross_entropy(np.array([[0.0, -np.inf]]), np.array([0])) == 0


@pytest.mark.parametrize(("classes", "factor"), [(2, 1.7), (3, 1.0), (4, 0.2), (5, 8.0)])
def test_no_temperature_beside_the_best_one_has_a_smaller_loss(classes, factor):
    z, y = overconfident(1, classes, factor)
    best = outputs.best_temperature(z, y)
    assert outputs.cross_entropy(z / best, y) < min(outputs.cross_entropy(z / (best * r), y) for r in (0.9999, 1.0001))
    assert best == pytest.approx(factor, rel=0.25)


def test_the_best_temperature_grows_with_the_logits_and_ignores_a_shift():
    z, y = overconfident(2, 3, 2.0)
    best = outputs.best_temperature(z, y)
    assert outputs.best_temperature(3 * z, y) == pytest.approx(3 * best, rel=1e-12)
    assert outputs.best_temperature(z + 1000, y) == pytest.approx(best, rel=1e-9)
    assert outputs.best_temperature(z.astype(np.float32), y) == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("y", [[0, 1, 0], [1, 0, 1]], ids=["always right", "always wrong"])
def test_logits_without_a_best_temperature_are_refused(y):
    with pytest.raises(ValueError, match="no temperature between"):
        outputs.best_temperature(np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 0.0]]), np.array(y))


def test_the_reference_training_is_torch_s():
    X, y = torch.randn(20, 3, generator=torch.Generator().manual_seed(0)), torch.arange(20) % 4
    model, twin = (torch.nn.Linear(3, 4) for _ in range(2))
    twin.load_state_dict(model.state_dict())
    found, probabilities = outputs.train_on_logits(model, X, y, steps=3, lr=0.1)
    sgd = torch.optim.SGD(twin.parameters(), lr=0.1)
    for loss in found:
        sgd.zero_grad()
        expected = torch.nn.functional.cross_entropy(twin(X), y)
        expected.backward()
        sgd.step()
        assert loss == pytest.approx(expected.item(), rel=1e-6)
    assert torch.allclose(probabilities, torch.softmax(twin(X), dim=1))


# The probes --------------------------------------------------------------------------------------------

X, Y = torch.zeros(4, 2), torch.tensor([0, 1, 1, 0])
FITTING = math.exp(-0.3)
"""The probability of the true class at which the loss is 0.3."""


def training(loss=0.3, probability=FITTING, rows=4):
    """Return a train function with the same loss and the same probability of the true class throughout."""

    def train(X, y, steps):
        p = torch.full((rows, 2), 1 - probability, dtype=torch.float64)
        p[torch.arange(rows), y[:rows]] = probability
        return {"losses": [loss] * steps, "probabilities": p}

    return train


def test_losses_that_fit_the_probabilities_pass():
    checks.expect_loss_of_probabilities(training(), X, Y, steps=0)
    checks.expect_loss_of_probabilities(training(), X, Y, steps=5)
    found, probabilities = checks.trained(training(), X, Y, 2)
    assert found.tolist() == [0.3, 0.3]
    assert probabilities.shape == (4, 2)


@pytest.mark.parametrize(
    ("loss", "probability", "shown"),
    [(0.31, FITTING, "0.3000"), (0.3, 0.5, "0.6931")],
)
def test_losses_that_do_not_fit_the_probabilities_are_told(loss, probability, shown):
    with pytest.raises(AssertionError, match=rf"After 2 steps the loss is .* probabilities is {shown}\.$"):
        checks.expect_loss_of_probabilities(training(loss, probability), X, Y, steps=2)


def test_a_loss_of_what_is_no_probability_is_told():
    with pytest.raises(AssertionError, match=r"^A probability is -1; it should be from 0 to 1\.$"):
        checks.expect_loss_of_probabilities(training(0.3, -1.0), X, Y, steps=2)


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "Expected a dict with 'losses' and 'probabilities', got None."),
        (([], []), "Expected a dict with 'losses' and 'probabilities', got a value of type tuple."),
        ({"losses": []}, "Expected a dict with 'losses' and 'probabilities', got a value of type dict."),
        ({"losses": [1.0], "probabilities": X}, "Expected 2 losses after 2 steps, got shape (1,)."),
        ({"losses": 1.0, "probabilities": X}, "Expected 2 losses after 2 steps, got shape ()."),
        ({"losses": "ab", "probabilities": X}, "Expected numbers as losses, got a value of type str."),
        ({"losses": [[1], [2, 3]], "probabilities": X}, "Expected numbers as losses, got a value of type list."),
        ({"losses": [1, 2], "probabilities": X[0]}, "Expected a row of probabilities for each of 4 inputs, got (2,)."),
        (
            {"losses": [1, 2], "probabilities": X[:3]},
            "Expected a row of probabilities for each of 4 inputs, got (3, 2).",
        ),
        ({"losses": [1, 2], "probabilities": None}, "Expected numbers as probabilities, got None."),
        ({"losses": [1, math.nan], "probabilities": X}, "Expected numbers as losses, all finite, got nan."),
        ({"losses": [1, 2], "probabilities": X / 0}, "Expected numbers as probabilities, all finite, got nan."),
    ],
)
def test_a_result_that_is_no_training_is_told(result, message):
    with pytest.raises(AssertionError) as caught:
        checks.trained(lambda X, y, steps: result, X, Y, 2)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[0.5, 0.5], [0.2, 0.9]], "A row of probabilities sums to 1.1, not to 1."),
        ([[1.5, -0.5]], "A probability is -0.5; it should be from 0 to 1."),
        ([[math.nan, 1.0]], "A probability is nan; it should be from 0 to 1."),
    ],
)
def test_rows_that_are_no_probabilities_are_told(rows, message):
    with pytest.raises(AssertionError) as caught:
        checks.expect_rows_sum_to_one(np.array(rows))
    assert str(caught.value) == message


def test_rows_that_sum_to_one_pass():
    checks.expect_rows_sum_to_one(np.array([[1.0, 0.0], [0.3, 0.7 + 5e-5]]))


def test_the_best_temperature_passes_beside_its_neighbours_and_one_far_off_is_told():
    z, y = overconfident(3, 4, 2.0)
    best = outputs.best_temperature(z, y)
    checks.expect_lower_loss_than_beside(best * (1 + TEMPERATURE_RTOL), z, y)
    checks.expect_lower_loss_than_beside(np.array(best / (1 + TEMPERATURE_RTOL)), z, y)
    for off, side in ((best * 1.04, "smaller"), (best / 1.04, "larger"), (50.0, "smaller"), (0.01, "larger")):
        with pytest.raises(AssertionError, match=f"it falls towards {side} T"):
            checks.expect_lower_loss_than_beside(off, z, y)


@pytest.mark.parametrize(
    ("T", "message"),
    [
        (None, "Expected numbers as temperature, got None."),
        ("2.0", "Expected numbers as temperature, got a value of type str."),
        (np.array([2.0]), "Expected a positive number, got an array."),
        (-2.0, "Expected a positive number, got -2."),
        (math.nan, "Expected a positive number, got nan."),
        (math.inf, "Expected a positive number, got inf."),
    ],
)
def test_what_is_no_temperature_is_told(T, message):
    with pytest.raises(AssertionError) as caught:
        checks.expect_lower_loss_than_beside(T, np.zeros((2, 2)), np.array([0, 1]))
    assert str(caught.value) == message


PAIR = [("sigmoid", "MSELoss"), ("sigmoid", "BCEWithLogitsLoss")]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (("softmax", "MSELoss"), "For t, the activation 'softmax' does not fit."),
        (("sigmoid", "NLLLoss"), "For t, the loss 'NLLLoss' does not fit."),
        (("a", "b"), "For t, the activation 'a' and the loss 'b' do not fit."),
        (["sigmoid", "MSELoss"], "Expected a tuple of two strings, got a value of type list."),
        (("sigmoid",), "Expected a tuple of two strings, got a value of type tuple."),
        (None, "Expected a tuple of two strings, got None."),
        ((1, 2), "Expected a tuple of two strings, got a value of type tuple."),
    ],
)
def test_an_output_layer_that_does_not_fit_is_told(answer, message):
    with pytest.raises(AssertionError) as caught:
        checks.expect_output_layer(lambda task: answer, "t", PAIR)
    assert str(caught.value) == message


def test_every_accepted_output_layer_passes():
    for pair in PAIR:
        checks.expect_output_layer(lambda task, pair=pair: pair, "t", PAIR)


def refuses_with(error):
    def output_layer(task):
        raise error

    return output_layer


def test_a_value_error_that_names_the_task_passes():
    checks.expect_refusal(refuses_with(ValueError("no task 'ranking'")), "ranking")


@pytest.mark.parametrize(
    ("output_layer", "message"),
    [
        (refuses_with(ValueError("unknown")), "does not name the task 'ranking'"),
        (refuses_with(KeyError("ranking")), "expected a ValueError, got KeyError"),
        (lambda task: ("identity", "MSELoss"), "no ValueError was raised"),
    ],
)
def test_a_missing_refusal_is_told(output_layer, message):
    with pytest.raises(AssertionError, match=message):
        checks.expect_refusal(output_layer, "ranking")


def test_an_output_layer_that_is_not_written_yet_is_no_refusal():
    with pytest.raises(NotImplementedError):
        checks.expect_refusal(refuses_with(NotImplementedError("write me")), "ranking")


# The claims of the text --------------------------------------------------------------------------------


def text_of(grade_id):
    twin = (ROOT / "source" / ASSIGNMENT / f"{ASSIGNMENT}.py").read_text(encoding="utf-8")
    (cell,) = [cell for cell in twin.split("# %%") if f'"{grade_id}"' in cell]
    return " ".join(line.removeprefix("#").strip() for line in cell.splitlines()[1:])


def test_the_losses_named_in_the_text_are_those_of_a_run():
    names = notebook_with(CELLS["train"].source)
    runs = [names[name](names["points"], names["labels"])["losses"] for name in ("train", "train_with_bug")]
    mended, bug = ([f"{outputs[0]:.3f}", f"{outputs[-1]:.3f}"] for outputs in runs)
    text = text_of("train_rules")
    assert f"from {mended[0]} before the first step to {mended[1]} before the last of {len(runs[0])} steps" in text
    assert f"goes from {bug[0]} to {bug[1]}" in text


def test_the_bound_of_the_double_softmax_is_the_one_in_the_text():
    perfect = np.eye(3)
    bound = outputs.cross_entropy(perfect, np.arange(3))
    assert bound == pytest.approx(math.log(1 + 2 / math.e))
    assert f"this is {bound:.3f}" in text_of("train_task")


def test_the_best_temperatures_of_the_hidden_data_lie_in_the_promised_range(monkeypatch):
    found = []
    best_temperature = outputs.best_temperature
    monkeypatch.setattr(outputs, "best_temperature", lambda *args: found.append(best_temperature(*args)) or found[-1])
    grade(ASSIGNMENT, {})
    assert len(found) >= 6
    assert 0.05 < min(found) < 0.5 < 2 < max(found) < 20


def test_the_points_of_the_exercises_are_those_named_in_the_text():
    expected = {"softmax": 6, "log_softmax": 5, "cross_entropy": 5, "fit_temperature": 5, "output_layer": 4, "train": 5}
    assert {name: CELLS[f"test_{name}"].points for name in expected} == expected
    assert sum(expected.values()) == 30
    about = text_of("about")
    assert "**Points** 30" in about
    assert "softmax 6, its logarithm 5, cross-entropy 5, temperature 5, output layers 4, the training script 5" in about
