"""Thresholds of checks that rest on training lie far from the reference, and the page says how far."""

from __future__ import annotations

import re

import pytest

from tests.assignments import margins
from tests.support.notebook_runner import notebook_cells


def rows() -> dict[str, tuple[float, float]]:
    """Return threshold and distance in spreads of each check of the page."""
    found = {}
    for line in margins.PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5 and re.match(r"\w+: ", cells[0]):
            found[cells[0]] = float(cells[1]), float(cells[4].replace("no spread", "inf"))
    return found


def test_the_page_has_every_check_with_the_threshold_of_today(monkeypatch):
    monkeypatch.setattr(margins, "RUNS", 8)
    measured = margins.margins()
    assert {name: row[0] for name, row in rows().items()} == {
        margin.check: pytest.approx(margin.threshold, rel=1e-3) for margin in measured
    }
    assert {margin.check: margin.away for margin in measured if margin.away < margins.ENOUGH} == {}


def test_no_threshold_of_the_page_is_near():
    assert {name: row for name, row in rows().items() if row[1] < margins.ENOUGH} == {}


def test_thresholds_of_visible_checks_are_those_of_the_notebooks():
    cells = {
        cell.grade_id: cell.source
        for assignment in ("ps5_outputs_and_losses", "ps6_design_your_own")
        for cell in notebook_cells("source", assignment)
    }
    assert f"losses[-1] < {margins.FALLS_BELOW}" in cells["test_train"]
    assert f"found <= {margins.NO_BEND}" in cells["test_compare"]
    assert "[1.0, 1.0], atol=0.05" in cells["test_compare"]


def test_a_threshold_within_five_spreads_is_near():
    assert margins.Margin("a", 1.0, 1.4, 0.1, "seeds").away == pytest.approx(4)
    assert margins.Margin("a", 1.0, 1.4, 0.0, "seeds").row() == "| a | 1 | 1.4 | 0 (seeds) | no spread |"
