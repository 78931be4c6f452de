"""The benchmark of the demos without a browser: what is pressed, what is compared, what is written down."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from rich.console import Console

from autograder.course_folder import CourseFolder
from benchmarks import Part, demos, run
from benchmarks.demos import (
    FILMED,
    GAP_MS,
    MOVED,
    ON_A_GRID,
    P95_GAP_MS,
    PER_SECOND,
    WARM_UP,
    demos_page,
    demos_sections,
    film_statistics,
    goal,
    smooth,
    statistics,
    walk,
)
from benchmarks.film import Film
from benchmarks.grading import grading_page
from benchmarks.run import run_bench
from benchmarks.stopwatch import Lap
from benchmarks.versions import first_slider, redrawn
from benchmarks.walls import walls_page
from course.demos import all_demos
from course.demos.framework.canvas import DPI

ROOT = Path(__file__).parents[2]
DEMOS = all_demos()
RIGHT, LEFT = "ArrowRight", "ArrowLeft"


def saved(figure: Figure) -> np.ndarray[Any, Any]:
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=DPI)
    return np.asarray(Image.open(png).convert("RGB"))


@pytest.mark.thorough(reason="what the benchmark alone needs: its plain versions draw what the demos draw")
@pytest.mark.parametrize("name", sorted(DEMOS))
def test_interact_shows_the_same_picture(name: str) -> None:
    ours, plain = DEMOS[name](), redrawn(DEMOS[name])
    slider = first_slider(ours.controls)
    ours.controls[slider].value = ours.controls[slider].max
    figure = plain.redraw(slider, ours.controls[slider].max)
    # Both drawn by Matplotlib as a whole: on the live canvas, what moves is drawn last.
    np.testing.assert_array_equal(saved(figure), saved(ours.canvas.figure))
    plt.close(figure)


def test_the_plain_version_draws_only_when_asked() -> None:
    plain = redrawn(DEMOS["dip"])
    before = plain.readout
    slider = plain.controls[first_slider(plain.controls)]
    slider.value = slider.max
    assert plain.readout == before


def test_the_first_slider_is_pressed() -> None:
    controls = {"on": widgets.Checkbox(), "n": widgets.IntSlider(), "x": widgets.FloatSlider()}
    assert first_slider(controls) == "n"
    with pytest.raises(LookupError):
        first_slider({"on": widgets.Checkbox()})


@pytest.mark.parametrize(
    ("slider", "keys"),
    [
        (widgets.IntSlider(value=0, min=0, max=9), [RIGHT] * 4),
        (widgets.IntSlider(value=2, min=0, max=3), [RIGHT, LEFT, LEFT, LEFT, RIGHT]),
        (widgets.FloatSlider(value=1.0, min=0.0, max=1.0, step=0.1), [LEFT, LEFT]),
    ],
)
def test_keys_walk_and_turn_at_the_ends(slider: Any, keys: list[str]) -> None:
    assert walk(slider, len(keys)) == keys


def test_statistics() -> None:
    ours = [Lap(1.0, milliseconds, 2.0) for milliseconds in range(11)]
    ahead = [Lap(0.0, 0.0, 7.0, ahead=True), Lap(0.0, 0.0, 9.0, ahead=True), Lap(1.0, 3.0, 4.0), Lap(1.0, 3.0, 4.0)]
    found = statistics({"ours": ahead, "asked_only": ours, "interact": [Lap(0.0, 200.04, 0.0)]})
    assert found == {
        "ahead_percent": 50.0, "ours_ms": 8.0, "ours_p90_ms": 8.7,
        "asked_only_ms": 8.0, "asked_only_p90_ms": 12.0, "interact_ms": 200.0, "interact_p90_ms": 200.0,
        "to_kernel_ms": 1.0, "kernel_ms": 5.0, "to_pixels_ms": 2.0,
    }  # fmt: skip


SMOOTH = Film(1000.0, 2500.0, tuple(1000.0 + 20 * n for n in range(1, 75)))
"""A second and a half with a picture each 20 ms."""


def test_statistics_of_a_film() -> None:
    found = film_statistics({("drag", "ours"): Film(100.0, 300.0, (120.0, 140.0, 240.0)), ("held", "ours"): SMOOTH})
    assert found == {
        "drag_ours_gap_ms": 40.0, "drag_ours_p95_gap_ms": 94.0, "drag_ours_per_second": 15.0,
        "held_ours_gap_ms": 20.0, "held_ours_p95_gap_ms": 20.0, "held_ours_per_second": 49.3,
    }  # fmt: skip


@pytest.mark.parametrize("missed", ["gap_ms", "p95_gap_ms", "per_second"])
def test_a_film_must_reach_each_of_its_goals(missed: str) -> None:
    row = {"drag_ours_gap_ms": GAP_MS, "drag_ours_p95_gap_ms": P95_GAP_MS, "drag_ours_per_second": PER_SECOND}
    assert smooth(row, "drag") == "reached"
    worse = -1 if missed == "per_second" else 1
    assert smooth(row | {f"drag_ours_{missed}": row[f"drag_ours_{missed}"] + worse}, "drag") == "missed"


def test_goals() -> None:
    assert set(DEMOS) >= ON_A_GRID
    assert {name: goal(name) for name in ("dip", "decision_boundary")} == {"dip": 50, "decision_boundary": 100}


def a_result(**milliseconds: float) -> dict[str, Any]:
    """What `measure_demos` returns, with these medians of ours."""
    numbers = statistics(
        {"ours": [Lap(0, 0, 3.0, ahead=True)], "asked_only": [Lap(1.0, 2.0, 3.0)], "interact": [Lap(0.0, 200.0, 0.0)]}
    )
    films = film_statistics({(moved, version): SMOOTH for moved in MOVED for version in FILMED})
    measured = {
        name: numbers | films | {"kept": 101, "control": "x", "goal_ms": goal(name), "ours_ms": ours}
        for name, ours in milliseconds.items()
    }
    return {"presses": 1, "machine": {"cores": 2, "processor": "p", "python": "3"}, "measured": measured}


def test_the_table_says_which_goals_are_reached() -> None:
    result = a_result(dip=50.0, zigzag=50.1, decision_boundary=80.0)
    speed, dragged, held, parts = demos_sections(result)
    assert [(*row[:3], *row[-4:]) for row in speed.rows] == [
        ("dip", "x", "50.0", "4.0", "100", "at most 50", "reached"),
        ("zigzag", "x", "50.1", "4.0", "100", "at most 50", "missed"),
        ("decision_boundary", "x", "80.0", "2.5", "100", "at most 100", "reached"),
    ]
    assert parts.rows[0] == ("dip", "1.0", "2.0", "3.0")
    for section in (dragged, held):
        assert section.rows[0] == ("dip", "101", "20.0", "20.0", "49.3", "20.0", "20.0", "49.3", "reached")
    page = demos_page(result)
    assert "| dip | x | 50.0 | 3.0 | 6.0 | 6.0 | 200.0 | 200.0 | 4.0 | 100 | at most 50 | reached |" in page
    assert f"The first {WARM_UP} press " in page


def test_a_part_measured_alone_leaves_the_other_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grading = {
        key: value
        for key, value in json.loads((ROOT / "docs" / "measured" / "bench.json").read_text()).items()
        if key != "demos"
    }
    monkeypatch.setattr(run, "measure_grading", lambda *_, **__: grading)
    monkeypatch.setattr(demos, "measure_demos", lambda *_, **__: a_result(dip=40.0))

    def bench(part: Part) -> dict[str, Any]:
        run_bench(
            CourseFolder.load(ROOT), tmp_path / "bench.json", tmp_path, Console(quiet=True), parts=[part],
            ours=2, stock=1, scale=[2], presses=1,
        )  # fmt: skip
        return json.loads((tmp_path / "bench.json").read_text())

    assert bench(Part.DEMOS) == {"demos": a_result(dip=40.0)}
    assert bench(Part.GRADING) == grading | {"demos": a_result(dip=40.0)}
    assert bench(Part.DEMOS) == grading | {"demos": a_result(dip=40.0)}
    assert {path.name for path in tmp_path.iterdir()} == {"bench.json", "bench.md", "demos_speed.md"}


def test_the_pages_say_what_the_json_says() -> None:
    result = json.loads((ROOT / "docs" / "measured" / "bench.json").read_text())
    assert (ROOT / "docs" / "measured" / "bench.md").read_text() == grading_page(result)
    assert (ROOT / "docs" / "measured" / "demos_speed.md").read_text() == demos_page(result["demos"])
    assert (ROOT / "docs" / "measured" / "walls_speed.md").read_text() == walls_page(result["walls"])
