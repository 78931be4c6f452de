"""Named checks: what earns points, what a student is told, what nbgrader reads."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell

from course.checks import MESSAGE_LIMIT, CheckResult, Checks, Score, expect_array, expect_close, told_apart
from course.checks.scoring import BAD, GOOD


def outcome(error: BaseException | None = None) -> CheckResult:
    """Return what becomes of a check whose block raises `error`."""
    checks = Checks("f", points=1)
    with checks("it works"):
        if error is not None:
            raise error
    return checks.score().checks[0]


def test_every_check_that_passes_earns_its_share_by_weight():
    checks = Checks("f", points=6)
    with checks("a"):
        pass
    with checks("b", weight=2):
        raise AssertionError("no")
    score = checks.score()
    assert score == 2.0
    assert [(check.name, check.points, check.max_points, check.passed) for check in score.checks] == [
        ("a", 2.0, 2.0, True),
        ("b", 0.0, 4.0, False),
    ]


def test_a_failed_check_does_not_stop_the_ones_below_it():
    checks = Checks("f", points=2)
    ran = []
    for name in "ab":
        with checks(name):
            ran.append(name)
            raise ValueError(name)
    assert ran == ["a", "b"]
    assert checks.score() == 0


def test_a_check_that_needs_another_counts_once_one_of_them_passes():
    checks = Checks("f", points=4)
    with checks("a"):
        raise AssertionError("no")
    with checks("b"):
        pass
    with checks("needs a", needs="a"):
        pass
    with checks("needs a or b", needs=("a", "b")):
        pass
    score = checks.score()
    assert [check.passed for check in score.checks] == [False, True, False, True]
    assert score.checks[2].message == "Counts once 'a' passes."


def test_a_check_tells_its_own_failure_before_the_one_it_needs():
    checks = Checks("f", points=2)
    with checks("a"):
        raise AssertionError("no")
    with checks("b", needs="a"):
        raise AssertionError("own reason")
    assert checks.score().checks[1].message == "own reason"


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a", {}, "two checks of 'f' are called 'a'"),
        ("b", {"weight": 0}, "weight of check 'b' must be above 0, not 0"),
        ("b", {"weight": math.nan}, "weight of check 'b' must be above 0, not nan"),
        ("b", {"needs": "c"}, "check 'b' needs 'c', which is not a check above it"),
        ("b", {"needs": "b"}, "check 'b' needs 'b', which is not a check above it"),
    ],
)
def test_mistakes_of_the_author_are_refused(name, options, message):
    checks = Checks("f", points=1)
    with checks("a"):
        pass
    with pytest.raises(ValueError, match=message), checks(name, **options):
        pass


@pytest.mark.parametrize("points", [0, -1, math.nan])
def test_points_must_be_above_zero(points):
    with pytest.raises(ValueError, match="points of 'f' must be above 0"):
        Checks("f", points=points)


def test_a_cell_without_checks_has_no_score():
    with pytest.raises(ValueError, match="'f' has no check"):
        Checks("f", points=1).score()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (NotImplementedError("write me"), "Not written yet."),
        (AssertionError("At x = 1: got 2, expected 3."), "At x = 1: got 2, expected 3."),
        (AssertionError(), "What the check asked for does not hold."),
        (SystemExit(1), "The code ended the program (sys.exit)."),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
        (RecursionError(), "RecursionError was raised."),
    ],
)
def test_a_failure_is_told_in_words_for_a_student(error, message):
    assert outcome(error).message == message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("assert f(-1) == 1", "AssertionError: an assert in your code does not hold."),
        ("assert f(1) == 2", "What the check asked for does not hold."),
        ("assert np.testing.assert_equal(f(1), 1) is not None", "What the check asked for does not hold."),
    ],
)
def test_whose_assert_without_words_it_was(body, message):
    checks = Checks("f", points=1)
    cells = "def f(x):\n    assert x > 0\n    return x\n", f"with checks('it works'):\n    {body}\n"
    notebook = {"__name__": "__main__", "checks": checks, "np": np}
    for cell in cells:
        exec(cell, notebook)
    assert checks.score().checks[0].message == message


def test_an_error_that_carries_the_name_it_had_elsewhere_is_told_by_that_name():
    error = RuntimeError("nothing there")
    error.ename = "LookupError"
    assert outcome(error).message == "LookupError: nothing there"


def test_a_long_message_is_cut():
    message = outcome(AssertionError("x" * 10_000)).message
    assert len(message) == MESSAGE_LIMIT
    assert message.endswith("…")


def test_stopping_the_cell_by_hand_is_not_a_failed_check():
    checks = Checks("f", points=1)
    with pytest.raises(KeyboardInterrupt), checks("a"):
        raise KeyboardInterrupt


@given(
    points=st.integers(1, 100) | st.floats(0.5, 100),
    outcomes=st.lists(st.tuples(st.floats(0.1, 10), st.booleans()), min_size=1, max_size=20),
)
def test_the_score_is_the_sum_of_the_checks_that_pass_and_within_the_points(points, outcomes):
    checks = Checks("f", points=points)
    for number, (weight, passes) in enumerate(outcomes):
        with checks(str(number), weight=weight):
            assert passes
    score = checks.score()
    share = sum(weight for weight, passes in outcomes if passes) / sum(weight for weight, _ in outcomes)
    assert 0 <= score <= points
    assert score == pytest.approx(points * share, abs=1e-4)
    assert score == pytest.approx(sum(check.points for check in score.checks), abs=1e-4)
    if all(passes for _, passes in outcomes):
        assert score == points  # exactly: rounding must not cost a full mark
    if not any(passes for _, passes in outcomes):
        assert score == 0


def test_nbgrader_reads_the_score_as_a_plain_float():
    checks = Checks("f", points=3)
    for name in "abc":
        with checks(name):
            assert name != "b"
    score = checks.score()
    assert isinstance(score, float)
    assert repr(score) == str(score) == "2.0"


def test_the_table_names_every_check_and_escapes_what_a_student_wrote():
    checks = Checks("<f>", points=2)
    with checks("x < 0"):
        raise AssertionError("<script>alert(1)</script>")
    with checks("x > 0"):
        pass
    table = checks.score()._repr_html_()
    assert "&lt;f&gt;: 1 of 2 checks pass" in table
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in table
    assert "<script>" not in table
    assert "x &lt; 0" in table
    assert "x &gt; 0" in table


def test_validate_shows_failed_checks_as_an_error(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    checks = Checks("f", points=2)
    with checks("right"):
        raise AssertionError("got 1, expected 2.")
    with checks("shape"):
        pass
    with pytest.raises(AssertionError) as caught:
        checks.score()
    assert str(caught.value) == "1 of 2 checks fail:\n- right: got 1, expected 2."


def test_validate_shows_the_failed_checks_and_no_traceback(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    shell = InteractiveShell()
    cell = "from course.checks import Checks\nc = Checks('f', 1)\nwith c('right'):\n    assert False, 'no'\nc.score()"
    shown = []
    monkeypatch.setattr(shell, "_showtraceback", lambda kind, error, lines: shown.extend(lines))
    shell.run_cell(cell)
    assert shown == ["1 of 1 checks fail:\n- right: no"]


def test_passed_and_failed_differ_in_colour_too():
    checks = Checks("f", points=1)
    with checks("good"):
        pass
    with checks("bad"):
        raise AssertionError("no")
    table = checks.score()._repr_html_()
    good, bad = (part.partition("<td")[2] for part in table.split("<tr>")[2:])
    assert GOOD in good
    assert "✓ passed" in good
    assert BAD in bad
    assert "✗ failed" in bad


def test_validate_is_content_when_all_checks_pass(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    checks = Checks("f", points=2)
    with checks("right"):
        pass
    assert checks.score() == 2


def test_grading_gives_partial_credit_and_no_error(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    checks = Checks("f", points=2)
    with checks("right"):
        raise AssertionError("no")
    with checks("shape"):
        pass
    assert checks.score() == 1


def test_rounding_keeps_a_tiny_share_within_the_points():
    results = [CheckResult(str(n), 1 / 3, 1 / 3) for n in range(2)] + [CheckResult("no", 0.0, 1 / 3, "no")]
    assert Score("f", 1.0, results) == 0.6667


@pytest.mark.parametrize(
    ("actual", "message"),
    [
        ([1.0, 2.0], "Expected a NumPy array, got a value of type list."),
        (None, "Expected a NumPy array, got None."),
        (1.0, "Expected a NumPy array, got a value of type float."),
        (torch.zeros(2), "Expected a NumPy array, got a value of type Tensor."),
        (np.zeros(3), r"Expected shape \(2,\), got \(3,\)."),
        (np.zeros(2, dtype=np.float32), "Expected dtype float64, got float32."),
    ],
)
def test_expect_array_says_what_came_and_what_was_expected(actual, message):
    with pytest.raises(AssertionError, match=message):
        expect_array(actual, shape=(2,), dtype=np.float64)


@pytest.mark.parametrize("actual", [np.zeros(()), np.float64(0)], ids=["0-d array", "NumPy scalar"])
def test_expect_array_takes_either_kind_of_a_single_value(actual):
    assert expect_array(actual, shape=(), dtype=np.float64).shape == ()


def test_expect_array_asks_for_no_dtype_unless_told():
    assert expect_array(np.zeros(2, dtype=np.float16), shape=(2,)).dtype == np.float16


@pytest.mark.parametrize(
    "actual",
    [[1.0, 2.0], (1, 2), np.array([1, 2]), torch.tensor([1.0, 2.0], requires_grad=True), [True, 2]],
    ids=["list", "tuple", "array", "tensor", "bool and int"],
)
def test_expect_close_takes_numbers_in_any_container(actual):
    expect_close(actual, [1.0, 2.0])


@pytest.mark.parametrize("actual", [None, "1", object(), [[1], [1, 2]], np.array(["1"]), [1j]])
def test_expect_close_refuses_what_is_no_number(actual):
    with pytest.raises(AssertionError, match="Expected numbers, got "):
        expect_close(actual, [1.0])


def test_expect_close_refuses_another_shape_that_would_broadcast():
    with pytest.raises(AssertionError, match=r"Expected shape \(2,\), got \(\)."):
        expect_close(1.0, [1.0, 1.0])


@pytest.mark.parametrize(
    ("actual", "expected", "close"),
    [
        (1.0 + 0.9e-6, 1.0, True),
        (1.0 + 1.1e-6, 1.0, False),
        (1e-9, 0.0, False),
        (math.nan, math.nan, True),
        (math.nan, 1.0, False),
        (1.0, math.nan, False),
        (math.inf, math.inf, True),
        (-math.inf, math.inf, False),
        (math.inf, 1.0, False),
        (1.0, math.inf, False),
    ],
)
def test_expect_close_holds_to_the_relative_tolerance_and_to_special_values(actual, expected, close):
    if close:
        expect_close(actual, expected, rtol=1e-6)
    else:
        with pytest.raises(AssertionError):
            expect_close(actual, expected, rtol=1e-6)


def test_expect_close_allows_an_absolute_tolerance_near_zero():
    expect_close(1e-13, 0.0, atol=1e-12)


@pytest.mark.parametrize("worst", [0, 1, 2])
def test_expect_close_names_the_worst_place_only(worst):
    x = np.array([10.0, 20.0, 30.0])
    actual = np.array([1.01, 1.01, 1.01])
    actual[worst] = 5.0
    with pytest.raises(AssertionError) as caught:
        expect_close(actual, np.ones(3), x=x)
    assert str(caught.value) == f"At x = {x[worst]:g}: got 5, expected 1."


def test_expect_close_counts_nan_as_the_worst():
    with pytest.raises(AssertionError, match=r"^At x = 2: got nan, expected 1\.$"):
        expect_close([1e9, math.nan], [1.0, 1.0], x=[1.0, 2.0])


@given(st.floats(-1e300, 1e300), st.floats(-1e-7, 1e-7))
def test_expect_close_agrees_with_its_formula(expected, relative):
    actual = expected * (1 + relative)
    if abs(actual - expected) <= 5e-8 * abs(expected):
        expect_close(actual, expected, rtol=5e-8)
    else:
        with pytest.raises(AssertionError):
            expect_close(actual, expected, rtol=5e-8)


@pytest.mark.parametrize(
    ("got", "expected", "told"),
    [
        (3.0, 6.0, ("3", "6")),
        (1.0507009, 1.05, ("1.051", "1.05")),
        (1.05070098, 1.0507, ("1.05070098", "1.0507")),
        (1.0 + 2**-52, 1.0, ("1.0000000000000002", "1.0")),
        (1.71854, 0.0533598, ("1.719", "0.05336")),
        (1.71854, 0.0533603, ("1.719", "0.05336")),
        (1.1781e-06, 0.42122, ("about 0", "0.4212")),
        (2.8363e-06, 0.42122, ("about 0", "0.4212")),
        (0.00123456, 0.42122, ("0.0012", "0.4212")),
        (1234567.0, 3.0, ("1.235e+06", "3")),
        (0.0, 1e-9, ("0", "1e-09")),
        (1e-9, 0.0, ("1e-09", "0")),
        (float("nan"), 1.0, ("nan", "1")),
        (1.0, float("inf"), ("1", "inf")),
        (-2.0, 2.0, ("-2", "2")),
    ],
)
def test_two_numbers_are_told_apart_by_few_digits(got, expected, told):
    """What is left out is what another processor rounds in another way."""
    assert told_apart(got, expected) == told


def test_a_cell_says_how_many_checks_come_at_grading_until_they_have_come():
    checks = Checks("selu", points=5)
    with checks("first"):
        pass
    checks.at_grading(2, "small numbers <1")
    assert "At grading, 2 more checks follow: small numbers &lt;1." in checks.score()._repr_html_()
    for name in ("second", "third"):
        with checks(name):
            pass
    assert "At grading" not in checks.score()._repr_html_()


def test_a_report_to_draw_again_is_given_back_and_kept_with_the_score():
    checks = Checks("plot", points=1)
    report = object()
    with checks("there"):
        assert checks.drawn_again(report) is report
    score = checks.score()
    assert score.figures == (report,)
    assert score._repr_html_().count("<img") == 0
    assert Score("plot", 1, []).figures == ()
