"""The training race: what is drawn against the records, playback, stop and restart, and the tuned rates."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from course.computations.experiments import Runs, confidence_interval, make_task
from course.demos.training_race import (
    CONTESTANTS,
    DATA,
    EVERY,
    GRID,
    PREVIEW,
    RATES,
    SEEDS,
    SMALLEST,
    START,
    STEPS,
    TUNED,
    Race,
    TrainingRace,
    preview,
)
from course.widgets.markup import typeset


@pytest.fixture(scope="module")
def raced() -> TrainingRace:
    demo = TrainingRace()
    demo.set(train=True)
    return demo


def test_it_opens_with_a_preview_and_room_on_both_sides_of_the_slider() -> None:
    demo = TrainingRace()
    slider = demo.controls["step"]
    assert (slider.min, slider.value, slider.max) == (0, START, PREVIEW)
    assert f"step {START} of {PREVIEW} recorded, 10 seeds" in demo.readout


def test_the_race_goes_on_where_the_preview_ends(raced: TrainingRace) -> None:
    records = PREVIEW // EVERY + 1
    for name in CONTESTANTS:
        early = preview("digits", 0.0)
        np.testing.assert_allclose(raced.race.loss(name)[:records], early.loss(name), rtol=1e-9)
        assert len(raced.race.loss(name)) == STEPS // EVERY + 1
    assert raced.controls["step"].value == raced.controls["step"].max == STEPS


@pytest.mark.parametrize(("step", "seeds"), [(0, 10), (85, 3), (STEPS, 2)])
def test_curves_dots_and_intervals_are_those_of_the_runs(raced: TrainingRace, step: int, seeds: int) -> None:
    raced.set(step=step, seeds=seeds)
    steps = np.arange(0, STEPS + 1, EVERY)
    base = raced.race.runs["relu"].records[step // EVERY].accuracy[0, :seeds]
    for row, name in enumerate(CONTESTANTS):
        records = raced.race.runs[name].records
        loss = np.array([record.loss[0, :seeds] for record in records])
        error = np.array([1 - record.accuracy[0, :seeds] for record in records])
        for line, band, y in zip(
            (raced.losses[name], raced.errors[name]), raced.bands[name], (loss, error), strict=True
        ):
            drawn = np.maximum(y, SMALLEST)
            np.testing.assert_array_equal(line.get_xdata(), steps)
            np.testing.assert_allclose(line.get_ydata(), np.median(drawn, axis=1))
            corners = band.get_xy()[: 2 * len(steps)]
            np.testing.assert_allclose(corners[: len(steps), 1], drawn.min(axis=1))
            np.testing.assert_allclose(corners[len(steps) :, 1][::-1], drawn.max(axis=1))
        pairs = 100 * (records[step // EVERY].accuracy[0, :seeds] - base)
        np.testing.assert_allclose(raced.points[name].get_xdata(), pairs)
        np.testing.assert_allclose(raced.intervals[name].get_xdata(), confidence_interval(pairs)[1:])
        assert list(raced.intervals[name].get_ydata()) == [row, row]
    assert {line.get_xdata()[0] for line in raced.cursors} == {step}


def test_the_readout_says_whether_the_interval_holds_zero(raced: TrainingRace) -> None:
    raced.set(step=STEPS, seeds=10)
    for name in set(CONTESTANTS) - {"relu"}:
        mean, low, high = confidence_interval(100 * (raced.race.accuracy(name)[-1] - raced.race.accuracy("relu")[-1]))
        word = "holds 0" if low <= 0 <= high else "without 0"
        assert typeset(f"{mean:+.2f} [{low:+.2f}, {high:+.2f}] {word}") in raced.readout


def test_who_is_not_ticked_is_not_shown(raced: TrainingRace) -> None:
    raced.set(**{name: name == "tanh" for name in CONTESTANTS})
    for name in CONTESTANTS:
        assert {part.get_visible() for part in raced.artists(name)} == {name == "tanh"}
    raced.controls["tanh"].value = False
    assert raced.error == ""
    assert "No activation is ticked." in raced.readout
    raced.set(**dict.fromkeys(CONTESTANTS, True))


def test_a_new_setting_ends_the_race_and_shows_its_own_preview() -> None:
    async def change() -> TrainingRace:
        demo = TrainingRace()
        demo.controls["train"].value = True
        while demo.training.done < 3:
            await asyncio.sleep(0.001)
        demo.controls["data"].value = "spirals"
        assert not demo.training.running
        return demo

    demo = asyncio.run(change())
    assert demo.race is preview("spirals", 0.0)
    assert demo.training.message == f"Shown: the first {PREVIEW} steps. Train takes {STEPS}."
    assert demo.controls["step"].max == PREVIEW


def test_a_stopped_race_can_be_walked_through_and_starts_again_from_the_first_step() -> None:
    async def stop_and_start() -> TrainingRace:
        demo = TrainingRace()
        demo.controls["train"].value = True
        while demo.training.done < 2 * EVERY:
            await asyncio.sleep(0.001)
        demo.controls["train"].value = False
        stopped = demo.training.done
        assert demo.controls["step"].value == demo.controls["step"].max == stopped // EVERY * EVERY
        demo.controls["step"].value = EVERY
        assert f"step {EVERY} of" in demo.readout
        demo.controls["train"].value = True
        while demo.training.done > stopped or demo.training.done < EVERY:
            await asyncio.sleep(0.001)
        demo.controls["train"].value = False
        return demo

    demo = asyncio.run(stop_and_start())
    assert demo.race.loss("relu")[0] == pytest.approx(preview("digits", 0.0).loss("relu")[0])
    assert demo.error == ""


def test_a_race_stopped_before_its_first_record_stays_at_step_0() -> None:
    async def start_and_stop() -> TrainingRace:
        demo = TrainingRace()
        demo.controls["train"].value = True
        while demo.training.done < 1:
            await asyncio.sleep(0)
        demo.controls["train"].value = False
        return demo

    demo = asyncio.run(start_and_stop())
    demo.controls["step"].value = demo.controls["step"].max
    assert demo.error == ""
    assert "step 0 of 0 recorded" in demo.readout


def test_a_race_that_diverges_is_drawn_and_told() -> None:
    race = Race("spirals", 1e4)
    for _ in race.steps(2 * EVERY):
        pass
    demo = TrainingRace()
    demo.race = race
    demo.controls["seeds"].value = 5
    assert demo.error == ""
    assert np.isfinite(demo.losses["identity"].get_ydata()).all()
    assert "nan" in demo.readout


def test_the_menu_of_rates_has_what_the_tasks_need() -> None:
    assert set(TUNED) == set(DATA.values())
    for rates in TUNED.values():
        assert tuple(rates) == CONTESTANTS
        assert set(rates.values()) <= set(GRID)
    assert 0.0 in RATES.values()


@pytest.mark.parametrize("name", CONTESTANTS)
def test_the_tuned_rates_come_from_a_sweep_with_other_seeds(name: str) -> None:
    tuned, seeds = TUNED["digits"][name], range(100, 105)
    assert not set(seeds) & set(SEEDS)
    place = GRID.index(tuned)
    assert 0 < place < len(GRID) - 1  # the best rate must not lie at an end of the grid
    sweep = Runs(make_task("digits"), name, GRID[place - 1 : place + 2], seeds, every=STEPS).train(STEPS)
    assert sweep.rates[sweep.records[-1].accuracy.mean(axis=1).argmax()] == tuned  # of equals the smallest
