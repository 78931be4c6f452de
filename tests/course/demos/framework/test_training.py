"""The shared training loop: the same steps with and without an event loop, progress, and a stop that is obeyed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import ipywidgets as widgets
import pytest
import torch
from matplotlib.figure import Figure
from torch import nn

from course.computations.training import batches, descend, one_thread
from course.demos.framework.base import Demo
from course.demos.framework.training import SLICE_S, Training

STEPS = 12


class Probe(Demo):
    """A demo as small as can be: trains for STEPS steps of SLICE_S each, draws how many there were."""

    title = "Probe"

    def make_controls(self) -> dict[str, Any]:
        self.training = Training(self.train, steps=STEPS, show=self.set)
        self.settings: float | None = None
        self.fail_at: int | None = None
        self.drawn: list[int] = []
        return {"rate": widgets.FloatSlider(description="rate"), "train": self.training.button}

    def layout_controls(self) -> widgets.Widget:
        return self.training.widget

    def build(self, figure: Figure) -> None:
        (self.line,) = figure.subplots().plot([], [])

    def train(self) -> Iterator[int]:
        self.steps_taken: list[float] = []
        for step in range(STEPS):
            if step == self.fail_at:
                raise ArithmeticError("no such step")
            time.sleep(SLICE_S)
            self.steps_taken.append(step)
            yield step

    def update(self) -> None:
        if self.controls["rate"].value != self.settings:
            self.training.cancel()
            self.settings = self.controls["rate"].value
        self.training.follow_button()
        self.drawn.append(self.training.done)

    def describe(self) -> tuple[str, str]:
        return f"{self.training.done} steps", "nothing"


async def until(demo: Probe, steps: int) -> None:
    while demo.training.done < steps:
        await asyncio.sleep(0.001)


async def until_still(demo: Probe) -> None:
    while demo.training.running:
        await asyncio.sleep(0.001)


def test_without_an_event_loop_the_training_is_done_when_the_button_is_pressed() -> None:
    demo = Probe()
    demo.set(train=True)
    assert demo.steps_taken == list(range(STEPS))
    assert demo.training.message == f"Trained: step {STEPS}."
    assert demo.readout == f"{STEPS} steps"
    assert demo.training.bar.value == demo.training.bar.max == STEPS
    assert not demo.training.button.value


def test_with_an_event_loop_the_page_stays_alive_and_sees_progress() -> None:
    async def watch() -> tuple[Probe, int]:
        demo, turns = Probe(), 0
        demo.controls["train"].value = True
        assert demo.training.done == 0  # it came back at once
        assert demo.training.button.description == "Stop"
        while demo.training.running:
            turns += 1
            await asyncio.sleep(0)
        return demo, turns

    demo, turns = asyncio.run(watch())
    assert demo.steps_taken == list(range(STEPS))
    assert turns >= STEPS // 2
    assert len(set(demo.drawn)) > 2  # pictures on the way, not at the ends alone
    assert demo.drawn[-1] == STEPS
    assert demo.training.button.description == "Train"


def test_stop_is_obeyed_and_a_stopped_training_starts_again_from_the_first_step() -> None:
    async def stop_and_start() -> Probe:
        demo = Probe()
        demo.controls["train"].value = True
        await until(demo, 3)
        demo.controls["train"].value = False
        stopped = demo.training.done
        assert demo.training.message.startswith(f"Stopped after step {stopped} of {STEPS}.")
        await asyncio.sleep(5 * SLICE_S)
        assert demo.training.done == stopped < STEPS
        demo.controls["train"].value = True
        await until_still(demo)
        return demo

    demo = asyncio.run(stop_and_start())
    assert demo.steps_taken == list(range(STEPS))
    assert demo.training.message == f"Trained: step {STEPS}."


def test_stop_and_start_in_one_turn_leaves_one_run() -> None:
    async def quickly() -> Probe:
        demo = Probe()
        for pressed in (True, False, True):
            demo.controls["train"].value = pressed
        await until_still(demo)
        return demo

    demo = asyncio.run(quickly())
    assert demo.steps_taken == list(range(STEPS))
    assert demo.training.done == STEPS


def test_other_settings_end_the_run() -> None:
    async def change() -> Probe:
        demo = Probe()
        demo.controls["train"].value = True
        await until(demo, 3)
        demo.controls["rate"].value = 1.0
        assert not demo.training.running
        assert not demo.training.button.value
        await asyncio.sleep(5 * SLICE_S)
        return demo

    demo = asyncio.run(change())
    assert demo.training.done == 0
    assert demo.training.message == "Not trained yet with these settings."


def test_what_is_shown_without_training_is_said() -> None:
    training = Training(lambda: iter(range(9)), steps=9, show=lambda: None, shown=2)
    assert training.message == "Shown: the first 2 steps. Train takes 9."
    assert Training(lambda: iter(()), steps=9, show=lambda: None).message == "Not trained yet with these settings."


def test_settings_and_start_in_one_change() -> None:
    demo = Probe()
    demo.set(rate=2.0, train=True)
    assert demo.training.done == STEPS


def test_a_failure_is_shown_and_the_button_is_ready_again() -> None:
    demo = Probe()
    demo.fail_at = 2
    with pytest.raises(ArithmeticError):
        demo.set(train=True)
    assert demo.training.message == "The training failed: no such step"
    assert not demo.training.button.value
    demo.fail_at = None
    demo.set(train=True)
    assert demo.training.done == STEPS


def test_batches_pass_through_all_rows_before_they_repeat_one() -> None:
    x = torch.arange(10.0)
    given = list(batches(x, -x, steps=6, size=4, seed=1))
    assert [len(rows) for rows, _ in given] == [4, 4, 2, 4, 4, 2]
    for start in (0, 3):
        assert torch.cat([rows for rows, _ in given[start : start + 3]]).sort()[0].equal(x)
    assert all(rows.equal(-targets) for rows, targets in given)
    again = list(batches(x, -x, steps=6, size=4, seed=1))
    assert all(a.equal(b) for (a, _), (b, _) in zip(given, again, strict=True))
    assert [len(rows) for rows, _ in batches(x, x, steps=2)] == [10, 10]


def test_descend_is_gradient_descent_and_yields_the_loss_before_each_step() -> None:
    torch.manual_seed(0)
    x, y = torch.randn(20, 1, dtype=torch.float64), torch.randn(20, 1, dtype=torch.float64)
    model = nn.Linear(1, 1, bias=False, dtype=torch.float64)
    weight = model.weight.item()
    losses = list(
        descend(model, nn.functional.mse_loss, batches(x, y, steps=5), torch.optim.SGD(model.parameters(), 0.1))
    )
    for loss in losses:
        error = weight * x - y
        assert loss == pytest.approx((error**2).mean().item())
        weight -= 0.1 * (2 * error * x).mean().item()
    assert model.weight.item() == pytest.approx(weight)


def test_descend_ends_with_a_loss_that_is_not_finite_and_takes_no_step_then() -> None:
    model = nn.Linear(1, 1)
    before = model.weight.item()
    infinite = torch.full((4, 1), torch.inf)
    samples = batches(torch.ones(4, 1), infinite, steps=5)
    losses = list(descend(model, nn.functional.mse_loss, samples, torch.optim.SGD(model.parameters(), 0.1)))
    assert losses == [torch.inf]
    assert model.weight.item() == before


def test_one_thread_gives_the_threads_back() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with one_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
