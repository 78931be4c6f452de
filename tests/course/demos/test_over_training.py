"""Over training: histograms, curves and the picture of units and samples are those of the records."""

from __future__ import annotations

import numpy as np
import pytest

from course.computations.over_training import EDGES, EVERY, LAYERS, STEPS, watch
from course.demos.over_training import OverTraining


@pytest.fixture(scope="module")
def demo() -> OverTraining:
    return OverTraining()


@pytest.mark.parametrize(
    "state",
    [
        {"step": 0, "layer": 4},
        {"activation": "relu", "rate": 0.1, "step": 20, "layer": 2},
        {"activation": "sigmoid", "scale": 3.0, "rate": 0.002, "step": STEPS, "layer": 1},
    ],
)
def test_every_artist_shows_the_record(demo: OverTraining, state: dict[str, object]) -> None:
    demo.set(**state)
    assert demo.error == ""
    records = watch(demo.value("activation"), demo.value("scale"), demo.value("rate"))
    now = records[round(demo.value("step") / EVERY)]
    assert now.step == demo.value("step")
    for number in range(LAYERS):
        outline = demo.histograms[number].get_xy()
        heights = outline[1:-2:2, 1] - outline[0, 1]
        assert len(heights) == len(EDGES) - 1
        np.testing.assert_allclose(heights / heights.max(), now.counts[number] / now.counts[number].max(), atol=1e-9)
        steps, dead = demo.dead[number].get_data()
        assert list(steps) == [record.step for record in records]
        assert list(dead) == [np.median(record.dead[number]) for record in records]
        ratio = demo.ratios[number].get_ydata()
        assert np.isnan(ratio[0])
        np.testing.assert_allclose(ratio[1:], [np.log10(np.median(record.ratio[number])) for record in records[1:]])
    assert {x for cursor in demo.cursors for x in cursor.get_xdata()} == {now.step}
    picture = now.picture[demo.value("layer") - 1]
    np.testing.assert_array_equal(demo.picture.get_array(), picture)
    assert f"layer {demo.value('layer')}" in demo.heading.get_text()
    assert f"rows orange throughout {picture.all(axis=1).sum()}" in demo.readout


def test_the_shaded_zones_are_those_of_the_activation(demo: OverTraining) -> None:
    demo.set(activation="tanh", step=0)
    edges = sorted(edge for zone in demo.zones for edge in (zone.get_x(), zone.get_x() + zone.get_width()))
    assert edges == pytest.approx([-5.0, -1.818, 1.818, 5.0], abs=1e-3)  # tanh² = 0.9
    demo.set(activation="relu")
    assert sorted(zone.get_width() for zone in demo.zones) == pytest.approx([0.0, 5.0], abs=0.01)


def test_before_the_first_step_there_is_no_size_of_a_step(demo: OverTraining) -> None:
    demo.set(step=0)
    assert demo.readout.count("no step yet") == LAYERS
    demo.set(step=EVERY)
    assert "no step yet" not in demo.readout
