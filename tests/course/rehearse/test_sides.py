"""A kernel that ends is replaced, and the cells before it run again, without the one that ended it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from course.rehearse import sides
from course.rehearse.sides import Side

LONG = 60.0
KILLS = "import os\nos._exit(1)"
ENDS_THE_BARE_ONE = "import os, sys\n'OnlyNumPy' in repr(sys.meta_path) and os._exit(1)"


@pytest.fixture
def side_in(tmp_path: Path) -> Iterator[Callable[..., Side]]:
    made: list[Side] = []

    def make(**options: object) -> Side:
        made.append(Side(tmp_path, tmp_path, LONG, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for side in made:
        side.__exit__(None, None, None)


def passes(side: Side, source: str) -> bool:
    answer = side.check("test", source, 1.0, {}).answer
    return bool(json.loads(answer)["passed"])


def test_what_ran_before_runs_again(side_in: Callable[..., Side]) -> None:
    side = side_in(preload=("wave", "no_such_module"))
    assert side.run("import sys\nassert 'wave' in sys.modules\na = 1", given=False).ended == "ok"
    assert side.run("EXPECTED = 2", given=True).ended == "ok"
    assert side.run("EXPECTED = 3\nb = 2\n1 / 0", given=False).ended == "error"
    assert side.run(f"a = 5\n{KILLS}", given=False).ended == "died"
    assert passes(side, "assert (a, b, EXPECTED) == (1, 2, 2)")
    assert [step.ended_well for step in side.steps] == [True, True, False]


def test_another_side_follows_and_leaves_out_what_ends_it(side_in: Callable[..., Side]) -> None:
    side, bare = side_in(), side_in(bare=True)
    side.run("a = 1", given=False)
    bare.follow(side.steps)
    side.run("b = 2", given=False)
    side.run(ENDS_THE_BARE_ONE, given=False)
    side.run("c = 3", given=False)
    bare.follow(side.steps)
    bare.follow(side.steps)
    assert passes(bare, "assert (a, b, c) == (1, 2, 3)")
    assert len(side.steps) == 4
    assert len(bare.steps) == 3


def test_after_too_many_ends_nothing_is_run(side_in: Callable[..., Side], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sides, "MOST_DEATHS", 0)
    side = side_in()
    assert side.run(KILLS, given=False).ended == "died"
    assert side.run("a = 1", given=False).ended == "died"
    assert side.check("test", "a", 1.0, {}).ended == "died"
    assert side.steps == []
