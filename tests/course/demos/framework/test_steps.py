"""Which steps of a slider are drawn ahead: all of them, each once, near ones first and far ones sparsely."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.demos.framework.steps import FIRST_REACH, LIMIT, on_slider, steps_ahead

COUNTS = st.integers(1, 400)


@given(count=COUNTS, data=st.data(), low=st.sampled_from([-6.0, 0.0, -0.35, 1.0]), step=st.sampled_from([0.05, 1.0, 7]))
def test_without_a_limit_every_step_but_the_present_one_once(
    count: int, data: st.DataObject, low: float, step: float
) -> None:
    at, direction = data.draw(st.integers(0, count)), data.draw(st.sampled_from([1, -1]))
    high = low + count * step
    values = steps_ahead(on_slider(at, low, high, step), low, high, step, direction, limit=10_000)
    assert sorted(values) == pytest.approx([low + n * step for n in range(count + 1) if n != at])
    assert len(steps_ahead(on_slider(at, low, high, step), low, high, step, direction)) == min(count, LIMIT)


@given(count=COUNTS, data=st.data())
def test_a_hand_as_fast_as_it_is_far_finds_pictures_close_enough(count: int, data: st.DataObject) -> None:
    """Once all of the first reach are there: each step so far, every second twice as far, every fourth four times."""
    at, drawn = data.draw(st.integers(0, count)), data.draw(st.integers(1, LIMIT))
    found = {round(value) for value in steps_ahead(at, 0, count, 1, limit=drawn)}
    missing = set(range(count + 1)) - found - {at}
    dense = min((abs(n - at) for n in missing), default=count) - bool(missing)
    reach = dense // 2 if dense > FIRST_REACH else 0
    for spacing in (2, 4):
        wanted = {n for n in range(count + 1) if abs(n - at) <= spacing * reach and (n - at) % spacing == 0}
        assert wanted - {at} <= found


@given(value=st.floats(0, 10), direction=st.sampled_from([1, -1]))
def test_a_value_between_two_steps_has_both_first(value: float, direction: int) -> None:
    first, second = steps_ahead(value, 0, 10, 0.25, direction)[:2] if 0.25 < value < 9.75 else (0.0, 0.0)
    for near in (first, second):
        assert abs(near - value) <= 0.2500001 or not 0.25 < value < 9.75
    assert (first - second) * direction >= 0


@pytest.mark.parametrize(
    ("value", "direction", "first"),
    [(2, 1, [3, 1]), (2, -1, [1, 3]), (0, -1, [1, 2]), (9, 1, [8, 7])],
)
def test_the_direction_decides_between_two_neighbours(value: int, direction: int, first: list[int]) -> None:
    assert steps_ahead(value, 0, 9, 1, direction)[:2] == pytest.approx(first)


def test_near_before_far() -> None:
    assert [round(value) for value in steps_ahead(0, 0, 100, 1)[:14]] == [
        1,
        2,
        3,
        4,
        6,
        8,
        12,
        16,
        5,
        7,
        10,
        14,
        20,
        24,
    ]


def test_values_are_those_of_the_page() -> None:
    """noUiSlider goes by percent; taken from a page whose slider goes from -0.35 to 0.15 by 0.005."""
    low, high, step = -0.35, 0.15, 0.005
    percent = 47 * (step * 100 / (high - low))
    assert on_slider(47, low, high, step) == percent * (high - low) / 100 + low
    assert on_slider(100, 0.0, 1.0, 0.01) == 1.0
    assert on_slider(0, low, high, step) == low
