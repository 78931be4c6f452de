"""One fork server for all tests of the student room, with limits that are quick to reach."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.room.inside.limits import MIB, Limits
from autograder.room.session import RoomFactory, StudentRoom
from autograder.room.walls import NAMES, problems

SMALL = Limits(
    cell_seconds=60,  # no test waits for these two: each that ends by time says after how many seconds
    submission_seconds=600,
    grace_seconds=10,  # for a kernel that obeys on a machine that has a lot else to do
    memory_bytes=512 * MIB,
    file_bytes=4 * MIB,
    scratch_bytes=16 * MIB,
    output_bytes=100_000,
    flood_bytes=8 * MIB,
    reply_bytes=4 * MIB,
)


FIRST, *OTHERS = sorted(NAMES, key=lambda name: bool(problems(name)))
ONCE_MORE = pytest.mark.thorough(
    reason="once more behind the second wall: a machine grades behind the first that it can build"
)


@pytest.fixture(scope="session", params=[FIRST, *(pytest.param(name, marks=ONCE_MORE) for name in OTHERS)])
def warm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RoomFactory]:
    """A fork server behind each wall that this machine can build."""
    if found := problems(request.param):
        pytest.skip(f"the wall of {request.param} cannot be built here: {found[0].what}")
    extra = tmp_path_factory.mktemp("project") / "extra"
    extra.mkdir()
    (extra / "__init__.py").write_text("GREETING = 'hello'\n")
    with RoomFactory(limits=SMALL, wall=request.param, packages={"extra": extra}) as process:
        yield process


@pytest.fixture
def room(warm: RoomFactory) -> Iterator[StudentRoom]:
    with warm.open_room({"data/numbers.txt": b"1 2 3\n"}) as opened:
        yield opened
