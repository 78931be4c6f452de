"""One course folder, one world around it and one warm process for all attacks."""

from collections.abc import Iterator

import pytest

from autograder.examiner.warm import close_warm_processes
from tests.adversarial.ours import Ours, copy_of_the_course
from tests.adversarial.world import World


@pytest.fixture(scope="session")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ours]:
    """Return this project's grader, with secrets about it that a submission may not reach."""
    folder = tmp_path_factory.mktemp("adversarial")
    course = copy_of_the_course(folder / "course", stock=False)
    home = folder / "home"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch, World(course.root, home) as world:
        # The sandbox has none of it, whichever the variable is called.
        patch.setenv("GRADER_SECRET", "secret-in-the-environment")
        yield Ours(course, world)
        close_warm_processes()
