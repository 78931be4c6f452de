"""The five patients: each has its fault, and the quick checks of the lesson find it."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
import torch.nn.functional as F

from course.computations.patients import FAULTS, HIDDEN, admit


def fault(words: str) -> str:
    """The letter of the patient with this fault."""
    (name,) = [name for name, text in FAULTS.items() if text.startswith(words)]
    return name


def test_double_softmax_shows_in_the_outputs_and_in_the_floor_of_the_loss() -> None:
    for name in FAULTS:
        patient = admit(name)
        sums = patient.model(patient.x).sum(dim=1)
        assert torch.allclose(sums, torch.ones(()), atol=1e-4) == (name == fault("double softmax"))
    floor = math.log(1 + 9 / math.e)
    assert floor - 1e-4 < admit(fault("double softmax")).train(60, samples=20)[-1] < floor + 0.1
    assert admit(fault("nothing")).train(60, samples=20)[-1] < 0.1


def test_saturation_shows_at_the_start() -> None:
    flat = {name: admit(name).check_up()[0].flat for name in FAULTS}
    assert max(flat, key=lambda name: flat[name] or 0.0) == fault("saturating")
    assert flat[fault("saturating")] > 0.7


def test_wrong_initialisation_shows_in_the_spread_and_not_in_the_first_loss() -> None:
    patient = admit(fault("wrong initialisation"))
    spreads = [report.spread for report in patient.check_up()]
    for before, after in itertools.pairwise(spreads):
        assert 0.02 * 32**0.5 * 0.5 < after / before < 0.02 * 32**0.5 * 2
    assert F.cross_entropy(patient.model(patient.x), patient.y).item() == pytest.approx(math.log(10), abs=1e-3)
    sound = [report.spread for report in admit(fault("nothing")).check_up()]
    assert max(sound) < 3 * min(sound)


def test_dead_units_come_with_the_steps() -> None:
    patient = admit(fault("unseen dead units"))
    assert dead(patient.check_up()) < 10
    assert patient.check_up()[0].update > 10 * admit(fault("nothing")).check_up()[0].update
    patient.train(60)
    assert dead(patient.check_up()) > 20
    assert patient.accuracy() > 0.7


def dead(reports) -> int:  # type: ignore[no-untyped-def]
    assert len(reports) == HIDDEN + 1
    return sum(report.dead or 0 for report in reports)


def test_the_same_seed_gives_the_same_patient_and_training_starts_from_it() -> None:
    name = fault("nothing")
    assert admit(name, 1).train(3) == admit(name, 1).train(3)
    assert admit(name, 1).train(3) != admit(name, 2).train(3)
