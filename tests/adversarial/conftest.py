"""One course folder, one world around it, and one fork server for each wall, for all attacks."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from autograder.course_folder import CourseFolder
from autograder.examiner.rooms import close_room_factories
from tests.adversarial.behind import lacks
from tests.adversarial.ours import Ours, copy_of_the_course
from tests.adversarial.world import World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return what is around the grader, with secrets about it that a submission may not reach."""
    folder = tmp_path_factory.mktemp("adversarial")
    course = copy_of_the_course(folder / "course", stock=False)
    home = folder / "home"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch, World(course.root, home) as world:
        # The sandbox has none of it, whichever the variable is called.
        patch.setenv("GRADER_SECRET", "secret-in-the-environment")
        patch.setenv("TMPDIR", str(world.temporary))
        patch.setattr(tempfile, "tempdir", None)
        yield world


@pytest.fixture(scope="session")
def grader(world: World) -> Iterator[Callable[[str], Ours]]:
    """Return this project's grader behind the wall that is asked for, if this machine can build that one."""
    made = cache(lambda wall: Ours(CourseFolder.load(world.course), world, wall))

    def behind(wall: str) -> Ours:
        if reason := lacks(wall):
            pytest.skip(f"this machine cannot build the wall {wall}: {reason}")
        return made(wall)

    yield behind
    close_room_factories()
