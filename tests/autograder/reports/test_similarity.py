"""Nearly the same code: found through other names, comments and layout, never in what the assignment gives."""

from __future__ import annotations

import random
import time

from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.results import ClassResults, StudentResult
from autograder.reports.similarity import LONGEST, SHORTEST, likeness, near_identical, tokens

PROGRAM = """
def selu(x):
    below = alpha * (np.exp(np.minimum(x, 0)) - 1)
    return scale * np.where(x > 0, x, below)

def softplus(x):
    large = np.maximum(x, 0)
    return large + np.log1p(np.exp(-np.abs(x)))

def hardswish(x):
    return x * np.clip(x + 3, 0, 6) / 6
"""
RENAMED = f"# my own work\n{PROGRAM}".replace("below", "left").replace("(x", "(value").replace(" * ", "*")
OTHER = """
def selu(x):
    out = np.empty_like(x)
    for i, one in enumerate(x):
        if one > 0:
            out[i] = scale * one
        else:
            out[i] = scale * alpha * (math.exp(one) - 1)
    return out

def softplus(x):
    return np.logaddexp(0, x)

def hardswish(x):
    return np.where(x < -3, 0, np.where(x > 3, x, x * (x + 3) / 6))
"""


def student(name: str, code: str) -> StudentResult:
    return StudentResult(name, "", 0.0, (), code={"ps1/selu": code})


def results(**codes: str) -> ClassResults:
    return ClassResults("x", 5.0, tuple(student(name, code) for name, code in codes.items()), ())


def test_a_copy_is_found_whatever_its_names_and_another_solution_is_not() -> None:
    [group] = near_identical(results(ada=PROGRAM, ben=RENAMED, cleo=OTHER))
    assert group.students == ("ada", "ben")
    assert group.least > 95
    assert group.tokens == min(len(tokens(PROGRAM)), len(tokens(RENAMED)))


def test_equal_programs_are_one_group_and_the_largest_comes_first() -> None:
    other = OTHER.replace("np.logaddexp(0, x)", "np.logaddexp(x, 0)")
    groups = near_identical(results(a=OTHER, b=PROGRAM, c=PROGRAM, d=PROGRAM, e=other))
    assert [(group.students, group.least == 100) for group in groups] == [(("b", "c", "d"), True), (("a", "e"), False)]


def test_short_programs_and_none_are_not_compared() -> None:
    short = "return np.logaddexp(0, x)"
    assert len(tokens(short)) < SHORTEST
    assert near_identical(results(ada=short, ben=short)) == []
    assert near_identical(results()) == []


def test_of_endless_code_only_the_beginning_is_compared() -> None:
    [group] = near_identical(results(ada="x = 1\n" * 20_000, ben="x = 1\n" * 20_001))
    assert (group.tokens, group.least) == (LONGEST, 100.0)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_has_tokens_and_a_likeness(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, one) == 1
    assert len(tokens(one)) <= len(one)


def test_comments_docstrings_and_layout_do_not_count() -> None:
    assert tokens('def f(x):\n    """Say "it"."""\n    return 1  # one') == tokens("def f( y ):\n  return 1")
    assert tokens("np.where") != tokens("np.clip")


def test_a_thousand_students_take_a_few_seconds() -> None:
    words = random.Random(1)
    lines = PROGRAM.splitlines() + OTHER.splitlines()
    codes = {f"s{n}": "\n".join(words.choices(lines, k=40)) for n in range(1000)}
    start = time.process_time()
    near_identical(results(**codes))
    assert time.process_time() - start < 20  # it takes about two; all pairs by difflib take an hour
