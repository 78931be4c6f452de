"""The folders of a course have one name each, and its settings decide where nbgrader's are."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from tests.support.classroom import ROOT, write_course


def test_the_folders_of_this_course_are_there() -> None:
    course = CourseFolder.find(ROOT)
    for folder in (course.source, course.release, course.answers, course.quiz_sources, course.quizzes):
        assert any(folder.iterdir()), folder
    assert {path.name for path in course.answers.iterdir() if path.name[0] != "_"} == set(course.assignments())


def test_nbgraders_settings_move_its_folders(tmp_path: Path) -> None:
    settings = "\nc.CourseDirectory.source_directory = 'key'\nc.CourseDirectory.release_directory = '/given'\n"
    course = write_course(tmp_path, settings)
    assert (course.source, course.release) == (tmp_path / "key", Path("/given"))
    with pytest.raises(UserError, match=r"There is no .*/key: a course keeps its instructor notebooks there"):
        course.assignments()
