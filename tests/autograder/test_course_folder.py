"""The folders of a course have one name each, and its settings decide where nbgrader's are."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbgrader.apps import AutogradeApp
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config

from autograder.course_folder import CourseFolder, copy_settings
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


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a user's Jupyter settings."""
    folder = tmp_path / "jupyter"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(folder))
    return folder


def test_settings_come_from_jupyters_folders_and_the_course_wins(tmp_path: Path, home: Path) -> None:
    home.joinpath("jupyter_config.py").write_text(
        "c.Autograde.create_student = False\nc.LateSubmissionPlugin.penalty_method = 'none'\n"
        "c.CourseDirectory.ignore = ['*.tmp']\n"
    )
    home.joinpath("nbgrader_config.json").write_text(
        '{"LateSubmissionPlugin": {"penalty_method": "zero"}, "CourseDirectory": {"course_id": "theirs"}}'
    )
    config = write_course(tmp_path / "course", "\nc.CourseDirectory.groupshared = True\n").config
    assert config.LateSubmissionPlugin.penalty_method == "zero"
    assert config.Autograde.create_student is False
    course = CourseFolder.load(tmp_path / "course")
    assert (course.directory.course_id, course.directory.groupshared) == ("activations", True)
    assert course.directory.ignore == ["*.tmp"]


def test_the_same_settings_as_nbgraders(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.joinpath("nbgrader_config.py").write_text(
        "c.NbGrader.db_url = 'sqlite:////tmp/old.db'\nc.TransferApp.timezone = 'Europe/Berlin'\n"
        "c.AutogradeApp.create_student = False\n"
    )
    root = write_course(tmp_path / "course").root
    monkeypatch.chdir(root)
    app = AutogradeApp()
    app.initialize([])
    ours = CourseFolder.load(root).config
    for section in ("CourseDirectory", "Exchange", "Autograde", "ExchangeFactory", "GenerateFeedback"):
        theirs = {key: value for key, value in app.config[section].items() if key != "ignore"}
        assert {key: value for key, value in ours[section].items() if key != "ignore"} == theirs, section
    assert ours.CourseDirectory.db_url == "sqlite:////tmp/old.db"
    assert ours.Exchange.timezone == "Europe/Berlin"


def test_a_plugin_may_lie_in_the_course_folder(tmp_path: Path, home: Path) -> None:
    tmp_path.joinpath("own_penalty_of_this_test.py").write_text(
        "from nbgrader.plugins import LateSubmissionPlugin\nclass Mine(LateSubmissionPlugin):\n    pass\n"
    )
    course = write_course(tmp_path, "\nc.AssignLatePenalties.plugin_class = 'own_penalty_of_this_test.Mine'\n")
    late = AssignLatePenalties(config=course.config)
    assert late.plugin_class.__name__ == "Mine"


def test_a_course_that_only_jupyters_folders_name(tmp_path: Path, home: Path) -> None:
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    with pytest.raises(UserError, match=r"No nbgrader_config.py in .*nowhere"):
        CourseFolder.find(nowhere)
    home.joinpath("nbgrader_config.py").write_text("c.CourseDirectory.root = '~/course'\n")
    with pytest.raises(UserError, match=r"CourseDirectory.root in Jupyter's settings is ~/course, which is no folder"):
        CourseFolder.find(nowhere)
    (tmp_path / "course" / "source").mkdir(parents=True)
    home.joinpath("nbgrader_config.py").write_text(f"c.CourseDirectory.root = {str(tmp_path / 'course')!r}\n")
    assert CourseFolder.find(nowhere).root == tmp_path / "course"


def test_settings_that_cannot_be_read_are_named(tmp_path: Path, home: Path) -> None:
    home.joinpath("nbgrader_config.py").write_text("c.CourseDirectory = (")
    with pytest.raises(UserError, match=r"jupyter/nbgrader_config.py cannot be read \(SyntaxError"):
        write_course(tmp_path / "course")


def test_students_in_folders_of_any_structure(tmp_path: Path) -> None:
    settings = (
        "\nc.CourseDirectory.directory_structure = '{nbgrader_step}/{assignment_id}.d/{student_id}'\n"
        "c.CourseDirectory.submitted_directory = 'in [1]'\n"
    )
    course = write_course(tmp_path / "a course [2]", settings)
    for name in ("ada", "two\nlines", "*", ".hidden", "__MACOSX"):
        course.folder("submitted", "ps(1)", name).mkdir(parents=True)
    assert (tmp_path / "a course [2]" / "in [1]" / "ps(1).d" / "ada").is_dir()
    assert course.students("ps(1)") == ["*", "ada", "two\nlines"]
    assert course.students("ps2") == []


def test_copied_settings_name_a_gradebook_of_their_own(tmp_path: Path) -> None:
    """A sample class, or a release that is only being built, has no business in the gradebook of a real one."""
    course = write_course(tmp_path / "course", "\nc.CourseDirectory.db_url = 'postgresql+psycopg://me@host/grades'\n")
    copy = tmp_path / "copy"
    copy.mkdir()
    copy_settings(course.root, copy)
    assert CourseFolder.load(copy).db_url == f"sqlite:///{copy}/gradebook.db"
    assert CourseFolder.load(copy).config.Examiner == course.config.Examiner


@pytest.mark.parametrize(
    "structure",
    [
        "{nbgrader_step}/{student_id}/{assignment_id}",
        "class/{assignment_id}/{student_id}/{nbgrader_step}",
        "{nbgrader_step}/of-{student_id}/{assignment_id}",
        "{nbgrader_step}/{student_id[0]}/{student_id}/{assignment_id}",
        "{nbgrader_step}/{student_id:>9}/{assignment_id}",
        "{nbgrader_step}/{assignment_id}",
    ],
)
def test_the_folders_of_a_class_are_those_of_its_students(structure: str, tmp_path: Path) -> None:
    course = CourseFolder(tmp_path, Config({"CourseDirectory": {"directory_structure": structure}}))
    folders = course.folders("feedback", "ps1")
    for student in ("ada", "ben {0} ä", "a\\b"):
        assert folders(student) == course.folder("feedback", "ps1", student)
