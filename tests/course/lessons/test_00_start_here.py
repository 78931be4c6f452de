"""Lesson 00: the answer with a mistake fails kindly as shipped, and turns green once it is mended."""

from __future__ import annotations

import numpy as np

from course.checks import Checks, Score, expect_array, expect_close
from tests.support import lessons


def score(mended: bool) -> Score:
    """What the cell of checks returns for the answer as shipped, or mended."""
    sources = [cell.source for cell in lessons.read("00_start_here").cells if cell.cell_type == "code"]
    (answer,) = [source for source in sources if source.startswith("def neuron(")]
    (test,) = [source for source in sources if source.startswith("checks = Checks(")]
    if mended:
        assert "x - b" in answer
        answer = answer.replace("x - b", "x + b")
    names = {"np": np, "Checks": Checks, "expect_array": expect_array, "expect_close": expect_close}
    exec(answer, names)
    *rest, last = test.splitlines()
    exec("\n".join(rest), names)
    return eval(last, names)


def test_as_shipped_one_check_fails_and_says_where() -> None:
    result = score(mended=False)
    failed = [check for check in result.checks if not check.passed]
    assert [check.name for check in failed] == ["right with bias −1"]
    assert failed[0].message == "At x = 1: got 3, expected 1."
    assert 0 < float(result) < 3


def test_mended_all_checks_pass() -> None:
    assert float(score(mended=True)) == 3.0
