"""The mutation run itself: what it makes, what counts as killed, and that its page is of today's solutions."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.mutation.mutants import Mutant, change, mutants
from tests.mutation.table import INTRODUCTION, PAGE, explanations, render, survives
from tests.support.notebook_runner import ROOT, notebook_cells

PS1 = "ps1_from_scratch"
ASSIGNMENTS = sorted(path.name for path in (ROOT / "source").iterdir() if path.is_dir())


def mutant(source: str) -> Mutant:
    return Mutant(PS1, "softplus", "by hand", source, "a → b")


def test_each_solution_is_changed_in_many_ways_and_none_twice():
    changed = list(mutants(PS1))
    counts = Counter(made.exercise for made in changed)
    assert set(counts) == {cell.grade_id for cell in notebook_cells("source", PS1) if cell.solution}
    assert min(counts.values()) >= 5
    assert len({(made.exercise, made.source) for made in changed}) == len(changed)
    assert {"statement deleted", "NumberReplacer", "ReplaceBinaryOperator_Add_Sub"} <= {m.operator for m in changed}


def test_a_change_is_told_in_one_line():
    assert change("def f(x):\n    return x + 1\n", "def f(x):\n    return x - 1\n") == "return x + 1 → return x - 1"


@pytest.mark.parametrize(
    ("source", "survived"),
    [
        ("def softplus(x):\n    return np.logaddexp(0, x)\n", True),
        ("def softplus(x):\n    return np.maximum(x, 0) - np.log1p(np.exp(-np.abs(x)))\n", False),
        ("def softplus(x):\n    pass\n", False),
    ],
    ids=["equivalent", "wrong sign", "nothing"],
)
def test_what_gets_full_marks_survives(source, survived):
    assert survives(mutant(source)) is survived


def test_a_mutant_that_never_ends_is_killed(monkeypatch):
    monkeypatch.setattr("tests.mutation.table.SECONDS", 1)
    assert not survives(mutant("def softplus(x):\n    while True: pass\n"))


def test_the_page_counts_and_names_the_survivors():
    page = render([(mutant("1"), True), (mutant("2"), False)])
    assert "| ps1_from_scratch | `softplus` | 2 | 1 | 0 | 50.0% |" in page
    assert "| `softplus` | `a → b` | **not explained** |" in page


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_page_in_the_repository_is_of_these_solutions(assignment):
    page = PAGE.read_text()
    for exercise, count in Counter(made.exercise for made in mutants(assignment)).items():
        assert f"| {assignment} | `{exercise}` | {count} |" in page


def test_the_page_in_the_repository_explains_every_survivor():
    page = PAGE.read_text()
    assert page.startswith(INTRODUCTION)
    assert "not explained" not in page
    assert all(change.replace("|", "\\|") in page for _, change in explanations())
