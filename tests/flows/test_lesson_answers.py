"""Beside each demo's questions stands a folded answer to each, and its numbers are those that the demo shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from course.computations.experiments import Runs, confidence_interval, make_task
from course.computations.functions import evaluate, flat_zones, grid
from course.computations.over_training import EVERY as EVERY_RECORD
from course.computations.over_training import UNITS, watch
from course.computations.unfolding import EVERY, fewest_wrong, record
from course.demos import all_demos
from course.demos.calibration import TEMPERATURES, held_out_outputs, nll, reliability
from course.demos.dead_neurons import SPELL, Story
from course.demos.dip import minimum
from course.demos.double_softmax import Race
from course.demos.gelu_forms import errors
from course.demos.training_race import TUNED
from tests.support import lessons

DEMOS = {kind.__name__: kind for kind in all_demos().values()}
_ITEM = re.compile(r"^\d+\. ", re.MULTILINE)
_DETAILS = "<details><summary>Answers</summary>"
_DECIMAL = re.compile(r"(\d+\.\d+|\d(?=·10⁻))(?:·10⁻([⁰¹²³⁴-⁹]+))?")
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(?:·10([⁻⁰¹²³⁴-⁹]+))?")
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@dataclass(frozen=True)
class Asked:
    """A demo in a lesson, the questions in front of it, and the folded answers behind it."""

    lesson: str
    demo: str
    questions: list[str]
    answers: list[str]


def _items(text: str) -> list[str]:
    return [" ".join(item.split()) for item in _ITEM.split(text)[1:]]


def asked(name: str) -> Iterator[Asked]:
    """The demos of a lesson that have numbered questions or answers."""
    before, pending = "", None
    for cell in lessons.read(name).cells:
        if cell.cell_type == "markdown":
            folded = cell.source.startswith(_DETAILS)
            if pending is not None:
                answers = _items(cell.source.removesuffix("</details>")) if folded else []
                if pending[1] or answers:
                    yield Asked(name, *pending, answers)
                pending = None
            before += "" if folded else cell.source + "\n\n"
        else:
            assert pending is None or not pending[1], f"{name}: no answers behind {pending}"
            made = [demo for demo in DEMOS if re.search(rf"^(\w+ = )?{demo}\(", cell.source, re.MULTILINE)]
            pending = (made[0], _items(before)) if made else None
            before = ""


ASKED = [entry for name in lessons.NAMES for entry in asked(name)]
IDS = [f"{lessons.number(entry.lesson)}-{entry.demo}" for entry in ASKED]


@pytest.mark.parametrize("entry", ASKED, ids=IDS)
def test_each_question_has_its_answer(entry: Asked) -> None:
    assert len(entry.answers) == len(entry.questions) > 0
    assert all(len(answer.split()) >= 3 for answer in entry.answers)


def test_every_demo_that_asks_is_counted() -> None:
    """As many as there are numbered lines with a question mark in front of demos, and not a handful."""
    assert len({(entry.lesson, entry.demo) for entry in ASKED}) == len(ASKED) == len(SHOWN)
    assert sum(len(entry.questions) for entry in ASKED) >= 60


def _explorer() -> list[float]:
    """Where the slopes of sigmoid and tanh cross, and where each becomes flat."""
    x = np.linspace(1, 3, 20_001)
    gap = np.abs(evaluate("tanh", x)[1] - evaluate("sigmoid", x)[1])
    wide = grid(-6, 6, points=4801)
    return [x[gap.argmin()], *(flat_zones(wide, evaluate(name, wide)[1])[0][1] for name in ("sigmoid", "tanh"))]


def _selu() -> list[float]:
    """The α of torch's SELU, from its limit on the left and its slope on the right."""
    limit, slope = evaluate("selu", -60.0)[0], evaluate("selu", 1.0)[1]
    return [float(limit / slope)]


def _mish() -> list[float]:
    x = np.linspace(-1, 0, 100_001)
    softplus = np.log1p(np.exp(x))
    half = np.abs(np.tanh(softplus) - 0.5).argmin()
    return [x[half], softplus[half]]


def _gelu() -> list[float]:
    k, x = np.arange(1.5, 2.0, 0.001), np.linspace(0, 6, 601)
    size = [errors("function", x, k=value)["gelu_sigmoid"].max() for value in k]
    return [k[int(np.argmin(size))], min(size)]


def _double() -> list[float]:
    found = []
    for rate in (0.5, 1.5, 2.0):
        race = Race(classes=10, rate=rate).run()
        found += [losses[-1] for losses in race.losses]
        found += [100 * share for record in race.records if record.step in (50, 120) for share in record.right]
    return [*found, 1.0 / 0.00028]


def _calibration() -> list[float]:
    return [
        TEMPERATURES[int(np.argmin([measure(outputs, float(T)) for T in TEMPERATURES]))]
        for outputs in held_out_outputs()
        for measure in (nll, lambda outputs, T: reliability(outputs, T).ece)
    ]


def _race() -> list[float]:
    """What Train leads to, for those whom the answers name."""
    found = []

    def end(task: str, name: str, rate: float = 0.0, step: int = 200) -> Any:
        runs = Runs(make_task(task), name, [rate or TUNED[task][name]], range(10), every=step).train(step)
        record = runs.records[-1]
        found.extend([float(np.median(record.loss[0])), 100 * record.accuracy[0].mean()])
        return 100 * record.accuracy[0]

    end("digits", "identity", step=20)
    tuned = {name: end("digits", name) for name in ("sigmoid", "tanh", "relu")}
    found.extend(confidence_interval((tuned[name] - tuned["relu"])[:2]).mean for name in ("sigmoid", "tanh"))
    slow = end("digits", "sigmoid", 0.01) - end("digits", "relu", 0.01)
    found.append(slow.mean())
    for task, name, rate in (
        ("digits", "sigmoid", 0.3), ("digits", "tanh", 0.3), ("spirals", "identity", 0.0),
        ("linear rule", "identity", 0.0), ("linear rule", "tanh", 0.0), ("linear rule", "relu", 0.0),
    ):  # fmt: skip
        end(task, name, rate)
    return found


SHOWN: dict[tuple[str, str], tuple[list[dict[str, Any]], Callable[[], list[float]] | None]] = {
    ("00", "OneNeuron"): (
        [{}, {"bias": 1.0}, {"weight": -1.0}, {"activation": "sigmoid", "weight": 2.0, "bias": 0.0, "x": 3.0},
         {"activation": "tanh"}], None,
    ),
    ("01", "LinearCollapse"): (
        [{"share": 0.0, "depth": 5}, {"share": 0.02}, *({"share": 1.0, "depth": n} for n in (1, 2, 6, 24))], None,
    ),
    ("01", "FoldedPlane"): ([{"share": s} for s in (0.0, 0.05, 0.5, 1.0)], None),
    ("01", "CurveFit"): (
        [*({"units": n} for n in (8, 16, 32)), {"waves": 3.0}, {"activation": "identity", "waves": 1.5, "units": 64}],
        None,
    ),
    ("01", "Unfolding"): (
        [{"data": "xor", "start": 3, "step": 50}, {"step": 300}, {"data": "circles", "start": 1},
         {"activation": "relu", "start": 3}, {"activation": "gelu", "start": 2}, {"activation": "identity"}], None,
    ),
    ("02", "ActivationExplorer"): (
        [{"x": 1.65}, {"x": 1.7}, {"relu": True, "softplus": True, "x": 4.6}, {"x": -4.6}], _explorer,
    ),
    ("03", "DeadNeuronLab"): (
        [*({"bias": b, "scale": s} for b, s in ((-1, 1), (-2, 1), (-4, 1), (-1, 0.4))), {"slope": 0.3}], None,
    ),
    ("03", "ReluFamily"): ([{"alpha": a} for a in (1.0, 1.67, 1.68)], _selu),
    ("03", "ActivationExplorer"): (
        [{"tanh": True, "relu": True, "leaky_relu": True, "elu": True, "x": x} for x in (-6.0, 6.0)], None,
    ),
    ("04", "SelfGated"): ([{"x": -0.3}, {"x": -0.35}], _mish),
    ("04", "GeluForms"): (
        [{}, {"kind": "gate"}, {"kind": "function", "k": 1.773}, {"k": 1.702, "c": 0.0}], _gelu,
    ),
    ("04", "Dip"): ([{"level": -0.2}], None),
    ("05", "GradientFlow"): (
        [{"initialisation": name} for name in ("default", "xavier", "he")]
        + [{"initialisation": "default", "scale": 2.45}], None,
    ),
    ("05", "PreActivations"): (
        [{"scale": 2.5}, {"activation": "relu", "initialisation": "default", "scale": 1.0},
         {"activation": "sigmoid", "initialisation": "xavier"}], None,
    ),
    ("05", "OverTraining"): (
        [{"rate": 0.1, "step": 20}, {"activation": "relu"}, {"rate": 0.002},
         *({"activation": "tanh", "scale": scale, "step": step} for scale in (1.0, 3.0) for step in (2, 80))],
        lambda: [UNITS**-0.5, float(np.log10(0.002 * UNITS**0.5)), float(np.log10(3.0))],
    ),
    ("05", "GainMap"): (
        [{"gain": 1.4}, *({"activation": "tanh", "quantity": "spread", "gain": g} for g in (0.5, 1.0, 2.0)),
         {"activation": "sigmoid", "quantity": "gradient", "gain": 3.0}], None,
    ),
    ("06a", "SoftmaxSliders"): (
        [{}, {"D": 1.0}, dict.fromkeys("ABCD", 5.0), dict.fromkeys("ABCD", -5.0),
         dict(zip("ABCD", (3.0, 2.0, 1.5, 0.0), strict=True))], None,
    ),
    ("06a", "StableSoftmax"): (
        [*({"shift": c} for c in (87, -95, -101, -105)), *({"kind": "float16", "shift": c} for c in (-16, 9, 10, -20)),
         {"kind": "float32", "shift": 0, "spread": 40.0}], None,
    ),
    ("06a", "DoubleSoftmax"): ([{"margin": -6.0}, {"margin": 0.0, "classes": 2}], _double),
    ("06b", "Calibration"): ([{}, {"temperature": 6.0}, {"temperature": 1.0, "bins": 4}, {"bins": 25}], _calibration),
    ("07a", "FlowChart"): ([{}], None),
    ("07a", "MemoryGate"): (
        [*({"forget": z, "take": 0.5} for z in (4.0, 4.4)), {"forget": 5.0, "take": -3.0},
         *({"gate": "relu", "forget": z, "take": 0.5} for z in (1.0, 1.1))], None,
    ),
    ("07a", "Glu"): ([{"variant": name} for name in ("GLU", "ReGLU", "GEGLU", "SwiGLU", "bilinear")], None),
    ("08", "TrainingRace"): ([], _race),
    ("10", "ClaimExplorer"): (
        [{"view": "range", "x": 1.0}, {"view": "elu", "x": 1.0}, {"view": "temperature", "x": 0.5}, {"x": 2.0},
         {"x": 5.0}], lambda: [minimum("gelu")[0]],
    ),
    ("11", "GatedPlane"): (
        [{}, *({"variant": name} for name in ("GEGLU", "bilinear", "ReGLU", "GLU")), {"variant": "ReGLU", "angle": 0.0},
         {"variant": "SwiGLU", "angle": 90.0, "length": 6.0}], None,
    ),
    ("11", "BackwardMemory"): (
        [{}, {"segment": 2}, *({"recompute": False, "kind": name} for name in ("relu", "gelu_by_hand", "swiglu"))],
        None,
    ),
}  # fmt: skip
"""Lesson and demo -> what to set, one after the other; and a function for numbers that no readout has."""


def shown(demo: str, settings: list[dict[str, Any]]) -> list[float]:
    """All numbers of the readouts, one state after the other, and of the settings themselves."""
    found: list[float] = []
    live = DEMOS[demo]() if settings else None
    for values in settings:
        assert live is not None
        live.set(**values)
        assert live.error == ""
        numbers = _NUMBER.findall(live.readout)
        found += [float(f"{factor}e{power.translate(_RAISED) or 0}") for factor, power in numbers]
        found += [abs(float(value)) for value in values.values() if isinstance(value, int | float)]
    return found


def told(answer: str) -> Iterator[tuple[str, float, float]]:
    """The decimal numbers of an answer: as written, the value, and half a unit of its last digit."""
    text = re.sub(
        r"\\cdot 10\^\{-(\d+)\}", lambda m: "·10⁻" + m[1].translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")), answer
    )
    for match in _DECIMAL.finditer(text):
        scale = 10.0 ** -int(match[2].translate(_RAISED)) if match[2] else 1.0
        digits = len(match[1].partition(".")[2])
        yield match[0], float(match[1]) * scale, 0.5 * 10.0**-digits * scale


@pytest.mark.parametrize("entry", ASKED, ids=IDS)
def test_the_numbers_of_an_answer_are_those_of_the_demo(entry: Asked) -> None:
    settings, more = SHOWN[lessons.number(entry.lesson), entry.demo]
    numbers = shown(entry.demo, settings) + ([] if more is None else [abs(float(number)) for number in more()])
    for answer in entry.answers:
        for written, value, half in told(answer):
            near = any(abs(number - value) <= half * (1 + 1e-9) for number in numbers)
            assert near, f"{written} is not among what {entry.demo} shows: {answer}"


def test_units_of_the_lab_live_and_die_as_the_answer_says() -> None:
    (entry,) = [entry for entry in ASKED if entry.demo == "DeadNeuronLab"]
    ends = {slope: Story(rate=0.1, slope=slope) for slope in (0.1, 0.0, 0.3)}
    for story in ends.values():
        story.run()
    (before,) = {tuple(r.dead) for story in ends.values() for r in story.records if r.step == SPELL}
    after = {slope: story.records[-1].dead for slope, story in ends.items()}
    assert f"After 100 steps {before[1]} units of layer 2 and {before[2]} of layer 3 are dead" in entry.answers[2]
    assert after == {0.1: [0, 27, 0], 0.0: [0, 39, 15], 0.3: [0, 0, 0]}
    assert (
        "$\\alpha = 0.1$, 27 of layer 2 are; with $\\alpha = 0$ all of the 39 and 15; with $\\alpha = 0.3$ none"
        in entry.answers[2]
    )


def test_the_bumps_of_the_gate_are_equally_high_at_the_published_constant() -> None:
    x = np.linspace(0, 6, 60_001)
    error = errors("gate", x, k=1.702)["gelu_sigmoid"]
    peaks = error[1:-1][(error[1:-1] > error[:-2]) & (error[1:-1] > error[2:])]
    assert len(peaks) == 2  # and two more for negative x
    assert peaks[0] == pytest.approx(peaks[1], rel=0.01)


def _integers(answer: str) -> list[int]:
    return [int(number) for number in re.findall(r"(?<![\d.])\d+(?!\d|\.\d)", answer)]


def test_points_are_unfolded_as_the_answer_says() -> None:
    (entry,) = [entry for entry in ASKED if entry.demo == "Unfolding"]
    xor, at_50 = record("xor", "tanh"), 50 // EVERY
    best = {
        at: [fewest_wrong(places, xor.labels) for places in (xor.points, *xor.layers(at, 3, xor.points)[:2])]
        for at in (-1, at_50)
    }
    before, one, two = best[-1]
    assert _integers(entry.answers[0]) == [300, before, one, 1, two, 2, 50, *best[at_50]]
    ends = xor.wrong[-1]
    assert _integers(entry.answers[1]) == [3, ends[3], *(int(limit(np.delete(ends, 3))) for limit in (np.min, np.max))]
    circles = {name: record("circles", name).wrong[-1] for name in ("tanh", "relu", "gelu")}
    closed = np.flatnonzero(circles["gelu"] == 0)
    expected = [int(n) for name in ("tanh", "relu") for n in (circles[name].argmin(), circles[name].min())]
    assert _integers(entry.answers[2]) == [*expected, len(closed), *closed]
    plain = record("circles", "identity")
    (left,) = {fewest_wrong(places, plain.labels) for places in (plain.points, *plain.layers(-1, 1, plain.points)[:2])}
    assert _integers(entry.answers[3]) == [left]


def test_units_saturate_and_die_as_the_answer_says() -> None:
    (entry,) = [entry for entry in ASKED if entry.demo == "OverTraining"]
    trainings = (("tanh", 1.0, 0.1), ("relu", 1.0, 0.1), ("relu", 1.0, 0.002))
    tanh, relu, careful = (watch(*settings)[20 // EVERY_RECORD] for settings in trainings)
    share = [round(100 * number) for number in (np.median(tanh.flat[1]), tanh.flat[1].min(), tanh.flat[1].max())]
    assert _integers(entry.answers[0]) == share
    assert tanh.dead.max() == 0
    medians = [[int(np.median(layer)) for layer in record.dead] for record in (relu, careful)]
    assert medians[0][0] == 0
    assert _integers(entry.answers[1]) == [*medians[0][1:], 64, 2, 3, 4, 1, *medians[1]]


def test_a_wrong_number_is_found() -> None:
    """The check above can fail."""
    assert [value for _, value, _ in told("from 8·10⁻¹⁶ to 0.0076, below $10^{-15}$")] == [8e-16, 0.0076]
    (_, value, half), *_ = told("2.70")
    assert abs(2.71 - value) > half
