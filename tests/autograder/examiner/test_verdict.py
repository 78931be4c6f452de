"""A verdict is read from a cell's metadata only where it is the examiner's, of that cell."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.examiner.verdict import METADATA_KEY, CellVerdict, verdict_in

VERDICT = CellVerdict("test_selu", 3.0, 5.0)


def test_the_examiners_is_read() -> None:
    assert verdict_in({METADATA_KEY: VERDICT.to_dict(), "nbgrader": {"grade_id": "test_selu"}}) == VERDICT


@pytest.mark.parametrize("told", [None, 3, {}, {"grade_id": "test_selu"}, VERDICT.to_dict() | {"more": 1}])
def test_what_stands_there_instead_is_none(told: Any) -> None:
    assert verdict_in({METADATA_KEY: told, "nbgrader": {"grade_id": "test_selu"}}) is None


@pytest.mark.parametrize("marks", [{}, {"nbgrader": {"grade_id": "test_softplus"}}])
def test_nor_is_that_of_another_cell(marks: dict[str, Any]) -> None:
    assert verdict_in({METADATA_KEY: VERDICT.to_dict(), **marks}) is None
