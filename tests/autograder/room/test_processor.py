"""Processor time is counted for processes that have ended, whoever waits for them, and never too high."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.room import processor
from autograder.room.inside.family import process_tree
from autograder.room.processor import ProcessorTime, SeenTimes, Used, used_by

BURNED = 0.1


def burn() -> None:
    while time.process_time() < BURNED:
        pass


class Family:
    """A process with a child that burns; both wait for us where they say so."""

    def __init__(self, *, ignores: bool) -> None:
        told, tells = os.pipe()
        self._goes_on, goes = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            if ignores:
                signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            child = os.fork()
            if child == 0:
                burn()
                os.write(tells, b"burned")
                os.read(self._goes_on, 1)
                os._exit(0)
            with contextlib.suppress(ChildProcessError):  # it is gone, and the kernel has forgotten what it used
                os.waitpid(child, 0)
            os.write(tells, b"waited")
            signal.pause()
        self._told, self._goes = told, goes

    def hears(self) -> bytes:
        return os.read(self._told, 6)

    def end_child(self) -> None:
        os.write(self._goes, b".")
        assert self.hears() == b"waited"

    def end(self) -> None:
        for pid in process_tree(self.pid):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


@pytest.fixture(params=[True, False], ids=["ignored", "waited for"])
def family(request: pytest.FixtureRequest) -> Iterator[Family]:
    made = Family(ignores=request.param)
    yield made
    made.end()


def test_a_child_that_has_ended_is_counted_whoever_waits_for_it(family: Family) -> None:
    assert family.hears() == b"burned"
    seen = SeenTimes()
    seen.look(process_tree(family.pid))
    assert seen.seconds >= BURNED - 0.02  # the kernel counts in hundredths
    before = seen.seconds
    family.end_child()
    seen.look(process_tree(family.pid))
    assert seen.seconds >= before


def test_a_process_may_have_any_name() -> None:
    told, tells = os.pipe()
    pid = os.fork()
    if pid == 0:
        ctypes.CDLL(None).prctl(15, b") R 1 (\xff\n)", 0, 0, 0)  # PR_SET_NAME
        burn()
        os.write(tells, b".")
        signal.pause()
    os.read(told, 1)
    used = used_by(pid)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert used is not None
    assert used.own >= BURNED - 0.02
    assert used.threads == 1
    assert used_by(pid) is None


class Told:
    """A family of processes as a story tells it, with what it has truly used."""

    def __init__(self) -> None:
        self.truth = 0.0
        self.alive: dict[int, float] = {0: 0.0}
        self.waited_for = 0.0
        self._next = 1

    def look(self, pid: int) -> Used | None:
        if pid not in self.alive:
            return None
        return Used(started=pid, own=self.alive[pid], waited_for=self.waited_for if pid == 0 else 0.0, threads=1)

    def happens(self, what: str, which: int) -> None:
        pids = sorted(self.alive)
        pid = pids[which % len(pids)]
        if what == "starts":
            self.alive[self._next] = 0.0
            self._next += 1
        elif what == "works":
            self.alive[pid] += 1
            self.truth += 1
        elif pid:  # the first one stays
            used = self.alive.pop(pid)
            if what == "ends":
                self.waited_for += used


STORY = st.lists(st.tuples(st.sampled_from(["starts", "works", "ends", "vanishes", "look"]), st.integers(0, 20)))


@given(story=STORY)
def test_no_story_is_counted_too_high_and_none_goes_back(story: list[tuple[str, int]]) -> None:
    told, seen = Told(), SeenTimes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processor, "used_by", told.look)
        for what, which in [*story, ("look", 0)]:
            if what != "look":
                told.happens(what, which)
                continue
            before = seen.seconds
            seen.look(list(told.alive))
            assert before <= seen.seconds <= told.truth
            assert seen.seconds >= sum(told.alive.values()) + told.waited_for


def test_what_is_forgotten_stays_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A room may start processes for as long as it likes; what is remembered of them is bounded."""
    seen = SeenTimes()
    for pid in range(5000):
        monkeypatch.setattr(processor, "used_by", lambda pid: Used(started=pid, own=1.0, waited_for=0.0, threads=1))
        seen.look([pid])
    assert seen.seconds == 5000


def test_the_rooms_of_a_submission_share_their_time() -> None:
    time_of_all = ProcessorTime(10)
    time_of_all.note("ordinary", 6)
    time_of_all.note("ordinary", 7)
    assert not time_of_all.used_up
    time_of_all.note("bare", 4)
    assert time_of_all.used_up
