"""nbgrader's settings are honoured, or refused in one line that names them."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbgrader.validator import Validator

from autograder.batch.settings import require_supported, without_effect
from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from tests.support.classroom import MINI, RIGHT, ROOT, Classroom, write_course


def test_ours_and_nbgraders_own_are_supported(tmp_path: Path) -> None:
    for course in (CourseFolder.load(ROOT), write_course(tmp_path)):
        require_supported(course)
        assert without_effect(course) == []


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("c.Autograde.pre_convert_hook = print", "Autograde.pre_convert_hook"),
        ("c.Autograde.post_convert_hook = print", "Autograde.post_convert_hook"),
        ("c.Autograde.autograde_preprocessors = ['mine.Count']", "autograde_preprocessors names mine.Count"),
        ("c.CourseDirectory.notebook_id = 'p1*'", "CourseDirectory.notebook_id is 'p1*'"),
        ("c.CourseDirectory.directory_structure = '{nbgrader_step}/{student_id}'", "has no {assignment_id}"),
    ],
)
def test_what_is_not_honoured_is_refused(released: Classroom, tmp_path: Path, setting: str, named: str) -> None:
    room = released.copy(tmp_path / "course", f"\n{setting}\n")
    with pytest.raises(UserError) as error:
        room.grade()
    assert named in str(error.value)
    assert "\n" not in str(error.value)


def test_what_has_no_effect_is_named(released: Classroom, tmp_path: Path) -> None:
    room = released.copy(tmp_path / "course", "\nc.Execute.timeout = 60\n")
    room.hand_in("ada")
    [remark] = room.grade().remarks
    assert "sets Execute.timeout, which has no effect here" in remark


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("Examiner.cell_second = 5", "Examiner has no setting 'cell_second', so it has no effect. Did you mean cell_"),
        ("CourseDirectory.courseid = 'x'", "CourseDirectory has no setting 'courseid', so it has no effect. Did you"),
        ("AssignLatePenalties.x = 1", "AssignLatePenalties has no setting 'x', so it has no effect. There are: "),
        ("LateSubmissionPlugin.penalty = 'zero'", "Did you mean penalty_method?"),
    ],
)
def test_what_is_no_setting_is_named(tmp_path: Path, setting: str, said: str) -> None:
    """Nobody would see that the limit, or the penalty, is still the one from before."""
    [line] = without_effect(write_course(tmp_path, f"\nc.{setting}\n"))
    assert said in line


def test_a_notebook_of_another_kernel_can_be_validated_with_this_course(room: Classroom, tmp_path: Path) -> None:
    """Colab, VS Code and conda write other names than `python3`."""
    notebook = room.notebook({**RIGHT, "essay": "Because."})
    notebook.metadata.kernelspec = {"name": "conda-env-x-py", "display_name": "x"}
    path = tmp_path / f"{MINI}.ipynb"
    nbformat.write(notebook, path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/numbers.csv").write_text("1\n2\n3\n")
    assert Validator(config=room.course.config).validate(str(path)) == {}


SETTINGS = """
c.CourseDirectory.directory_structure = "{nbgrader_step}/{assignment_id}/{student_id}"
c.CourseDirectory.submitted_directory = "handed in"
c.CourseDirectory.autograded_directory = "done"
c.CourseDirectory.student_id_exclude = "instructor, guest"
c.CourseDirectory.student_id = "[!t]*"
c.Autograde.create_student = False
c.Autograde.permissions = 440
c.Autograde.force = True
"""


def test_settings_that_are_honoured(released: Classroom, tmp_path: Path) -> None:
    room = Classroom(released.course).copy(tmp_path / "other", SETTINGS)
    with room.gradebook() as gradebook:
        for student in ("zoe", "instructor", "guest", "test1"):
            gradebook.add_student(student)
    given = released.notebook(RIGHT)
    for student in ("zoe", "instructor", "guest", "test1", "unknown"):
        room.hand_in(student, given)
    assert (tmp_path / "other" / "handed in" / MINI / "zoe" / f"{MINI}.ipynb").is_file()
    summary = room.grade()
    assert room.scores() == {"zoe": 6}
    assert list(summary.refused) == ["unknown"]
    assert "Autograde.create_student is off" in summary.refused["unknown"]
    graded = tmp_path / "other" / "done" / MINI / "zoe" / f"{MINI}.ipynb"
    assert graded.stat().st_mode & 0o777 == 0o440
    assert room.grade().graded == 1
