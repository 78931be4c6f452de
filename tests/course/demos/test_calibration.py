"""Calibration: NLL, ECE and the reliability diagram counted by hand, and the temperature against the reference."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from autograder.reference import numpy_reference
from autograder.reference import outputs as reference
from course.computations.data import noisy_digits
from course.demos.calibration import (
    HELD_OUT,
    LEARNED,
    STEP,
    TEMPERATURES,
    Calibration,
    Outputs,
    best_on_grid,
    held_out_outputs,
    nll,
    reliability,
    sweep,
)


def by_hand(outputs: Outputs, temperature: float, bins: int) -> tuple[dict[int, tuple[float, float, float]], float]:
    """Confidence, accuracy and share of each bin that is not empty, and the ECE; digit by digit."""
    found: dict[int, list[tuple[float, bool]]] = {}
    for z, y in zip(outputs.logits.numpy(), outputs.y.numpy(), strict=True):
        p = numpy_reference.softmax(z, temperature=temperature)
        found.setdefault(min(int(p.max() * bins), bins - 1), []).append((p.max(), p.argmax() == y))
    table = {}
    for index, entries in found.items():
        confidence, right = np.mean(entries, axis=0)
        table[index] = (float(confidence), float(right), len(entries) / len(outputs.y))
    return table, sum(share * abs(right - confidence) for confidence, right, share in table.values())


@pytest.mark.parametrize(("temperature", "bins"), [(0.3, 4), (1.0, 10), (2.8, 10), (6.0, 25)])
def test_the_diagram_is_counted_right(temperature: float, bins: int) -> None:
    _, test = held_out_outputs()
    counted, (table, ece) = reliability(test, temperature, bins), by_hand(test, temperature, bins)
    assert counted.ece == pytest.approx(ece)
    assert sweep(test).ece(bins)[round(temperature / STEP) - round(TEMPERATURES[0] / STEP)] == pytest.approx(ece)
    for index in range(bins):
        if index in table:
            assert (counted.confidence[index], counted.accuracy[index], counted.share[index]) == pytest.approx(
                table[index]
            )
        else:
            assert counted.share[index] == 0
            assert np.isnan(counted.confidence[index])


def test_nll_is_the_reference_cross_entropy() -> None:
    fitting, _ = held_out_outputs()
    tried = sweep(fitting)
    for index in (0, 14, 50, -1):
        temperature = float(TEMPERATURES[index])
        wanted = reference.cross_entropy(fitting.logits.numpy() / temperature, fitting.y.numpy())
        assert nll(fitting, temperature) == pytest.approx(wanted)
        assert tried.nll[index] == pytest.approx(wanted)


@pytest.mark.parametrize(("seed", "steps"), [(0, 150), (1, 8)])
def test_the_best_temperature_is_the_grid_point_nearest_to_the_reference(seed: int, steps: int) -> None:
    """The lesson: above 1 for a network trained for long, below 1 for one that was stopped early."""
    fitting, test = held_out_outputs(seed, steps)
    best = best_on_grid(fitting)
    assert best == pytest.approx(reference.best_temperature(fitting.logits.numpy(), fitting.y.numpy()), abs=STEP)
    assert (best > 1) == (steps > 100)
    assert nll(test, best) < nll(test, 1.0)
    assert reliability(test, best).ece < reliability(test, 1.0).ece / 2


def test_no_digit_is_in_two_parts_and_every_part_has_all_classes() -> None:
    x, y = noisy_digits()
    fitting, test = held_out_outputs()
    assert len(fitting.y) == HELD_OUT
    assert len(fitting.y) + len(test.y) + LEARNED == len(x)
    torch.testing.assert_close(torch.cat([y[:LEARNED], fitting.y, test.y]), y)
    assert all(set(part.tolist()) == set(range(10)) for part in (y[:LEARNED], fitting.y, test.y))


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize(("temperature", "bins"), [(1.0, 10), (2.8, 15), (6.0, 4)])
def test_every_artist_follows(part: int, temperature: float, bins: int) -> None:
    demo = Calibration()
    demo.set(part=part, temperature=temperature, bins=bins)
    assert demo.error == ""
    outputs = held_out_outputs()
    shown = reliability(outputs[part], temperature, bins)
    np.testing.assert_allclose(demo.bins.get_xdata(), shown.confidence)
    np.testing.assert_allclose(demo.bins.get_ydata(), shown.accuracy)
    np.testing.assert_allclose(demo.gaps.get_ydata()[::3], shown.confidence)
    np.testing.assert_allclose(demo.gaps.get_ydata()[1::3], shown.accuracy)
    np.testing.assert_allclose(demo.share.get_ydata()[1::3], shown.share)
    for index, data in enumerate(outputs):
        np.testing.assert_allclose(demo.nll[index].get_ydata(), sweep(data).nll)
        np.testing.assert_allclose(demo.ece[index].get_ydata(), sweep(data).ece(bins))
        assert f"{nll(data, temperature):.3f}" in demo.readout
        assert f"{reliability(data, temperature, bins).ece:.3f}" in demo.readout
    best = best_on_grid(outputs[0])
    assert [star.get_xdata()[0] for star in demo.fitted] == [best, best]
    assert demo.fitted[0].get_ydata()[0] == pytest.approx(sweep(outputs[0]).nll.min())
    assert all(list(cursor.get_xdata()) == [temperature] * 2 for cursor in demo.cursors)


def test_the_temperature_changes_no_prediction() -> None:
    demo, right = Calibration(), set()
    for temperature in (0.3, 1.0, 6.0):
        demo.set(temperature=temperature)
        right.add(tuple(row.split()[-1] for row in demo.readout.splitlines()[1:3]))
    assert len(right) == 1
