"""Nearly the same code: found through other names, comments and layout, never in what the assignment gives."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz, process

from autograder.examiner.summary import letter, tokens
from autograder.reports.results import ClassResults, StudentResult
from autograder.reports.similarity import ALIKE, LONGEST, SHORTEST, likeness, near_identical, pairs
from tests.support.graded_class import code_of

cpdist = process.cpdist
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
    return StudentResult(name, "", 0.0, (), code={"ps1/selu": code_of(code)})


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
    assert 0 <= likeness(tokens(one), tokens(other)) <= 1
    assert likeness(tokens(one), tokens(one)) == 1


def edited(draw: random.Random, program: list[str], kinds: int) -> list[str]:
    """A program with some tokens taken out, put in and replaced."""
    program = list(program)
    for _ in range(draw.randrange(12)):
        at = draw.randrange(len(program) + 1)
        program[at : at + draw.randrange(3)] = [letter(draw.randrange(kinds))] * draw.randrange(3)
    return program


@given(st.integers(0, 2**32), st.integers(1, 60), st.sampled_from([3, 40, 200]), st.integers(1, 120))
def test_no_pair_is_missed_and_none_is_made_up(seed: int, count: int, kinds: int, length: int) -> None:
    draw = random.Random(seed)
    first = [letter(draw.randrange(kinds)) for _ in range(length)]
    family = [first]
    for _ in range(count):
        family.append(edited(draw, draw.choice(family) or first, kinds))
    texts = ["".join(program) for program in family if program]
    one, other, shares = pairs(texts)
    found = {(a, b): share for a, b, share in zip(one.tolist(), other.tolist(), shares.tolist(), strict=True)}
    all_of_them = {pair: fuzz.ratio(*(texts[each] for each in pair)) for pair in combinations(range(len(texts)), 2)}
    assert found == {pair: pytest.approx(share) for pair, share in all_of_them.items() if share >= ALIKE}


def test_a_chain_of_programs_is_one_group_and_the_least_alike_neighbours_tell() -> None:
    lines = [f"a{n} = np.m{n}(x{n}, {n})" for n in range(40)]
    codes = {}
    for step in range(5):
        codes[f"s{step}"] = "\n".join([f"np.other{n}()" if n < step else line for n, line in enumerate(lines)])
    [group] = near_identical(results(**codes))
    assert group.students == tuple(codes)
    assert 95 <= group.least < 99


def test_of_a_thousand_students_few_pairs_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    words = random.Random(1)
    lines = PROGRAM.splitlines() + OTHER.splitlines()
    codes = {f"s{n}": "\n".join(words.choices(lines, k=40)) for n in range(1000)}
    compared = []
    monkeypatch.setattr(
        process, "cpdist", lambda some, others, **how: compared.append(len(some)) or cpdist(some, others, **how)
    )
    near_identical(results(**codes))
    assert sum(compared) < 5_000  # of half a million
