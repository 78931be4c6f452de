"""The flow chart: every path ends in code that runs, and the picture shows the path that was chosen."""

from __future__ import annotations

import contextlib
import io
import itertools
import re
import warnings

import numpy as np
import pytest
import torch

from course.computations.recommendations import DEAD_LIMIT, ROLES, TABLE, Recommendation, recommend, situations
from course.demos.flow_chart import ROWS, FlowChart, boxes, route

LEAKY = [recommend(*key, dead=50.0) for key, path in TABLE.items() if path.activation == "ReLU"]
EVERY_PATH = [*TABLE.values(), *LEAKY]
WORDS = {
    "none": "Loss()", "sigmoid": "igmoid|LSTM", "tanh": "LSTM", "softmax": "softmax", "SwiGLU": "silu",
    "hard sigmoid": "Hardsigmoid", "Leaky ReLU": "LeakyReLU",
}  # fmt: skip
"""What the snippet of an activation must hold."""


def run(path: Recommendation) -> str:
    """What the snippet prints, run by itself; a warning is an error."""
    torch.manual_seed(0)
    with contextlib.redirect_stdout(io.StringIO()) as printed, warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(path.code, {"__name__": "__main__"})
    return printed.getvalue()


@pytest.mark.parametrize("path", EVERY_PATH, ids=lambda path: f"{path.role}: {path.situation}: {path.activation}")
def test_every_snippet_runs_and_uses_what_the_chart_says(path: Recommendation) -> None:
    printed = run(path)
    assert printed.strip()
    assert "nan" not in printed
    assert re.search(WORDS.get(path.activation, path.activation), path.code)
    assert path.reason.endswith(".")


def test_what_the_snippets_print_is_what_they_promise() -> None:
    numbers = {key: [float(n) for n in re.findall(r"-?\d+\.\d+", run(path))] for key, path in TABLE.items()}
    assert numbers["hidden", "deep, no normalisation"][0] == pytest.approx(1.0, abs=0.15)
    assert 0 < numbers["hidden", "recurrent"][0] < 1
    assert numbers["output", "one of many classes"][1:] == pytest.approx([1.0] * 4, abs=1e-6)
    assert numbers["gate", "attention"] == pytest.approx([1.0], abs=1e-6)


def test_each_role_has_its_answers_and_an_unknown_one_is_refused() -> None:
    assert [len(situations(role)) for role in ROLES] == [9, 6, 4]
    with pytest.raises(KeyError):
        recommend("hidden", "quantum")


def test_only_relu_gives_way_to_leaky_relu_and_only_above_the_limit() -> None:
    for key, path in TABLE.items():
        assert recommend(*key, dead=DEAD_LIMIT) is path
        assert recommend(*key, dead=100.0).activation == (
            "Leaky ReLU" if path.activation == "ReLU" else path.activation
        )
    assert {path.code.count('a=0.1, nonlinearity="leaky_relu"') for path in LEAKY} == {1}


def test_boxes_do_not_overlap() -> None:
    drawn = {tuple(corners.flat): corners for path in EVERY_PATH for corners in boxes(path)}
    assert len(drawn) == 1 + len(ROLES) + 2 * len(TABLE) + len(LEAKY)
    for a, b in itertools.combinations(drawn.values(), 2):
        apart = (a.max(axis=0) < b.min(axis=0)) | (b.max(axis=0) < a.min(axis=0))
        assert apart.any()


@pytest.mark.parametrize("path", EVERY_PATH, ids=lambda path: f"{path.situation}: {path.activation}")
def test_the_line_joins_the_boxes(path: Recommendation) -> None:
    line, places = route(path), boxes(path)
    assert line[0] == pytest.approx([places[0][:, 0].max(), places[0][:, 1].mean()])
    assert line[-1] == pytest.approx([places[-1][:, 0].min(), places[-1][:, 1].mean()])
    assert np.isnan(line).any(axis=1).sum() == (3 if path.activation == "Leaky ReLU" else 2)


def test_the_picture_and_the_words_follow_the_choice() -> None:
    demo = FlowChart()
    for path in TABLE.values():
        demo.set(role=path.role, **{path.role: path.situation})
        np.testing.assert_array_equal(demo.taken.get_xydata(), route(path))
        for frame, corners in zip(demo.frames, boxes(path), strict=True):
            np.testing.assert_array_equal(frame.get_xy()[:4], corners)
        assert demo.code == path.code
        assert path.code.strip() in demo.readout
        assert demo.readout.startswith(f"{ROLES[path.role]}, {path.situation}: {path.activation}")
        assert f"{path.situation} → {path.activation}" in demo.alt_text


def test_the_other_roles_are_dotted_and_named() -> None:
    demo = FlowChart()
    demo.set(role="gate", hidden="transformer", output="yes or no")
    assert "your hidden layer, transformer: GELU" in demo.readout
    assert "your output layer, yes or no: none" in demo.readout
    ends = [line.get_ydata()[-1] for line in demo.others]
    assert ends == [ROWS["hidden", "transformer"], ROWS["output", "yes or no"]]


def test_dead_units_move_the_gauge_and_the_last_box() -> None:
    demo = FlowChart()
    marks = []
    for dead in (0.0, 10.0, 11.0, 100.0):
        demo.set(dead=dead)
        marks.append(demo.marker.get_xdata()[0])
        assert demo.path.activation == ("Leaky ReLU" if dead > DEAD_LIMIT else "ReLU")
        assert f"counted dead: {dead:.0f} %" in demo.readout
    assert marks == sorted(marks)
    assert "nn.LeakyReLU(0.1)" in demo.code
    demo.set(dead=500.0)  # the slider keeps it within its range
    assert demo.dead == 100.0
    assert demo.error == ""
