"""Students take turns, one submission of each at a time; who submits often keeps nobody else waiting."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.watch.queue import Arrival, Queue

START = datetime(2027, 1, 4, 12)


def arrival(student: str, second: int = 0, assignment: str = "ps1") -> Arrival:
    moment = START + timedelta(seconds=second)
    return Arrival(student, assignment, f"{student}+{assignment}+{second}", moment, moment)


def at_once(arrival: Arrival) -> datetime:
    return START


def take(queue: Queue) -> Arrival | None:
    return queue.take(START, at_once)


def test_students_take_turns_and_a_second_one_comes_after_the_others() -> None:
    queue = Queue(4)
    for assignment in ("ps1", "ps2", "ps3"):
        queue.add(arrival("ada", 0, assignment))
    queue.add(arrival("ben", 5))
    order = []
    while (taken := take(queue)) is not None:
        order.append((taken.student, taken.assignment))
        queue.done(taken.student)
    assert order == [("ada", "ps1"), ("ben", "ps1"), ("ada", "ps2"), ("ada", "ps3")]


def test_a_student_has_one_at_a_time() -> None:
    queue = Queue(4)
    queue.add(arrival("ada", 0, "ps1"))
    queue.add(arrival("ada", 0, "ps2"))
    assert take(queue) is not None
    assert take(queue) is None
    queue.done("ada")
    assert take(queue) is not None


def test_a_newer_one_takes_the_place_of_an_older_one_in_whatever_order_they_are_seen() -> None:
    for seen in ((0, 9), (9, 0)):
        queue = Queue(1)
        replaced = [queue.add(arrival("ada", second)) for second in seen]
        assert [each.stamp for each in replaced if each] == [START]
        assert take(queue) == arrival("ada", 9)
        assert len(queue) == 0


def test_what_was_added_twice_waits_once() -> None:
    queue = Queue(1)
    assert queue.add(arrival("ada")) is None
    assert queue.add(arrival("ada")) is None
    assert len(queue) == 1


def test_whoever_has_to_wait_holds_back_nobody() -> None:
    queue = Queue(1)
    queue.add(arrival("ada"))
    queue.add(arrival("ben"))
    later = START + timedelta(minutes=2)

    def not_before(arrival: Arrival) -> datetime:
        return later if arrival.student == "ada" else START

    taken = queue.take(START, not_before)
    assert taken is not None
    assert taken.student == "ben"
    queue.done("ben")
    assert queue.take(START, not_before) is None
    assert queue.take(later, not_before) == arrival("ada")


def test_students_whose_work_takes_long_leave_a_worker_to_the_others() -> None:
    queue = Queue(2)
    for student in ("ada", "ben"):
        queue.add(arrival(student))
        assert take(queue) is not None
        queue.done(student, slow=True)
    for student in ("ada", "ben", "cleo"):
        queue.add(arrival(student, 10))
    assert [taken.student for taken in (take(queue), take(queue)) if taken] == ["ada", "cleo"]
    queue.done("cleo")
    assert take(queue) is None
    queue.done("ada")
    assert take(queue) == arrival("ben", 10)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 50), st.sampled_from(["ps1", "ps2"])), max_size=60),
    st.integers(1, 4),
    st.randoms(use_true_random=False),
)
def test_none_is_forgotten_and_none_is_graded_twice(
    submitted: list[tuple[str, int, str]], workers: int, chance: object
) -> None:
    queue = Queue(workers)
    busy: list[Arrival] = []
    graded: Counter[str] = Counter()
    replaced: set[str] = set()
    shuffled = chance.random  # type: ignore[attr-defined] # hypothesis's own generator

    def one_is_done() -> None:
        done = busy.pop(int(shuffled() * len(busy)))
        graded[done.name] += 1
        queue.done(done.student, slow=shuffled() < 0.3)

    for student, second, assignment in submitted:
        new = arrival(student, second, assignment)
        if new.name in graded or new.name in replaced or new in busy:
            continue
        if out := queue.add(new):
            replaced.add(out.name)
        while (taken := take(queue)) is not None:
            busy.append(taken)
            assert len(busy) <= workers
            assert len({each.student for each in busy}) == len(busy)
        if busy and shuffled() < 0.5:
            one_is_done()
    while busy or len(queue):
        while (taken := take(queue)) is not None:
            busy.append(taken)
        assert busy
        one_is_done()
    assert set(graded.values()) <= {1}
    names = {arrival(*each).name for each in submitted}
    assert graded.keys() | replaced == names
    assert not graded.keys() & replaced


@given(st.integers(1, 200))
def test_a_student_who_submits_every_second_slows_down_nobody_else(times: int) -> None:
    queue = Queue(1)
    for second in range(times):
        queue.add(arrival("ada", second))
    queue.add(arrival("ben", times))
    first, _ = take(queue), queue.done("ada")
    for second in range(times, 2 * times):
        queue.add(arrival("ada", second))
    assert first is not None
    assert take(queue) == arrival("ben", times)
