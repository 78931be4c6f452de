"""Drawing ahead takes half a core at most, waits for cells, and one demo goes first."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.testing.globalipapp import start_ipython

from course.demos.framework.pace import LEAST_S, TURN_S, Pace


class Machine:
    """A clock and a CPU, both of which the test sets going."""

    def __init__(self) -> None:
        self.time = self.cpu = 1000.0

    def pace(self) -> Pace:
        return Pace(lambda: self.time, lambda: self.cpu)

    def work(self, seconds: float, wall: float | None = None) -> None:
        self.cpu += seconds
        self.time += seconds if wall is None else wall


@given(costs=st.lists(st.tuples(st.floats(0.0005, 0.2), st.floats(0, 0.005), st.floats(0.5, 3)), min_size=1))
def test_from_picture_to_picture_half_a_core_at_most(costs: list[tuple[float, float, float]]) -> None:
    machine, demo = Machine(), object()
    pace = machine.pace()
    for cost, beside, threads in costs:
        began, used = machine.time, machine.cpu
        pace.begin()
        machine.work(cost * threads, wall=cost)
        pace.end()
        machine.cpu += beside  # sending it, for example
        while wait := pace.wait(demo):
            assert wait >= LEAST_S
            machine.time += wait
        assert machine.cpu - used <= (machine.time - began) / 2 + 1e-9


def test_while_others_work_nothing_is_drawn_and_soon_afterwards_it_goes_on() -> None:
    machine, demo = Machine(), object()
    pace = machine.pace()
    machine.work(60.0)  # importing, before the first picture
    assert pace.wait(demo) == TURN_S
    for _ in range(50):
        machine.work(TURN_S)
        assert pace.wait(demo) > 0
    machine.time += 2 * TURN_S
    assert pace.wait(demo) == 0.0


def test_one_demo_goes_first_while_it_has_something_to_draw() -> None:
    pace, first, other = Machine().pace(), SimpleNamespace(busy=True), SimpleNamespace(busy=True)
    pace.lead(first)
    assert pace.wait(first) == 0.0
    assert pace.wait(other) == TURN_S
    first.busy = False
    assert pace.wait(other) == 0.0


def test_while_a_cell_runs_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = start_ipython()
    assert shell is not None
    monkeypatch.setattr("course.demos.framework.pace.get_ipython", lambda: shell)
    pace, demo = Machine().pace(), object()
    pace.follow_cells()
    pace.follow_cells()
    found: list[float] = []
    shell.user_ns["ask"] = lambda: found.append(pace.wait(demo))
    shell.run_cell("ask()")
    assert found == [TURN_S]
    assert pace.wait(demo) == 0.0
    shell.run_cell("ask(); 1 / 0")
    assert found == [TURN_S] * 2
    assert pace.wait(demo) == 0.0
