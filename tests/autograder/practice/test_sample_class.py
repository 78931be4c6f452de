"""The sample class: its size and mix, that it is the same every time, and what each kind of student hands in."""

from __future__ import annotations

import ast
import csv
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from nbgrader import utils
from nbgrader.utils import parse_utc

from autograder.answers import load_answers
from autograder.course_folder import CourseFolder
from autograder.errors import UserError
from autograder.practice.sample_class import HARMFUL, Kind, SampleStudent, make_sample_class
from tests.support.graded_class import CATALOGUE, PS1, copy_course

PS2 = "ps2_written"
SPECIAL = [kind for kind in Kind if kind not in (Kind.RIGHT, Kind.HALF, Kind.WRONG, Kind.EMPTY)]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> CourseFolder:
    return copy_course(tmp_path_factory.mktemp("sample") / "course")


@pytest.fixture(scope="module")
def made(course: CourseFolder) -> dict[Kind, list[SampleStudent]]:
    students = make_sample_class(course, CATALOGUE, course.root / "submitted")
    return {kind: [s for s in students if s.kinds[PS1] == kind] for kind in Kind}


def path_of(course: CourseFolder, student: SampleStudent, assignment: str = PS1) -> Path:
    return course.folder("submitted", assignment, student.id) / f"{assignment}.ipynb"


def answers_of(course: CourseFolder, student: SampleStudent) -> dict[str, str]:
    """Return what a student wrote, by exercise."""
    notebook = nbformat.read(path_of(course, student), as_version=4)
    return {c.metadata.nbgrader.grade_id: c.source for c in notebook.cells if utils.is_solution(c)}


def test_thirty_students_of_every_kind(made: dict[Kind, list[SampleStudent]]) -> None:
    assert sum(map(len, made.values())) == 30
    assert [kind for kind in SPECIAL if len(made[kind]) != 1] == []
    assert min(len(made[kind]) for kind in (Kind.RIGHT, Kind.HALF, Kind.WRONG, Kind.EMPTY)) >= 2


def test_same_seed_same_files(course: CourseFolder, tmp_path: Path, made: dict[Kind, list[SampleStudent]]) -> None:
    again = tmp_path / "again" / "submitted"
    make_sample_class(course, CATALOGUE, again)
    first = course.root / "submitted"
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert [file for file in files if (first / file).read_bytes() != (again / file).read_bytes()] == []
    make_sample_class(course, CATALOGUE, tmp_path / "other" / "submitted", seed=1)
    assert (tmp_path / "other" / "class.csv").read_bytes() != (again.parent / "class.csv").read_bytes()


def test_who_stays_away_changes_nothing_for_the_others(
    course: CourseFolder, tmp_path: Path, made: dict[Kind, list[SampleStudent]]
) -> None:
    harmless = make_sample_class(course, CATALOGUE, tmp_path / "submitted", without=HARMFUL)
    absent = {student.id for kind in HARMFUL for student in made[kind]}
    assert len(absent) == len(HARMFUL)
    assert {student.id for student in harmless} == {s.id for students in made.values() for s in students} - absent
    for student in harmless:
        folders = [root / student.id for root in (course.root / "submitted", tmp_path / "submitted")]
        files = [[path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()] for folder in folders]
        assert files[0] == files[1]


def test_class_list(course: CourseFolder, made: dict[Kind, list[SampleStudent]]) -> None:
    with (course.root / "class.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    students = [student for students in made.values() for student in students]
    assert {s.id: (s.first_name, s.last_name, s.note) for s in students} == {
        name: (row["first_name"], row["last_name"], row["note"]) for name, row in rows.items()
    }
    assert all(name.isascii() and name.isalnum() and name.islower() for name in rows)
    assert made[Kind.LOOP][0].note == f"an endless loop ({PS1})"


@pytest.mark.parametrize(("kind", "right"), [(Kind.RIGHT, True), (Kind.WRONG, False)])
def test_answers_come_from_the_catalogue(
    course: CourseFolder, made: dict[Kind, list[SampleStudent]], kind: Kind, right: bool
) -> None:
    known = {(answer.exercise, answer.source) for answer in load_answers(CATALOGUE, PS1) if answer.right == right}
    for student in made[kind]:
        assert set(answers_of(course, student).items()) <= known


def test_half_right_is_neither(course: CourseFolder, made: dict[Kind, list[SampleStudent]]) -> None:
    right = {(answer.exercise, answer.source) for answer in load_answers(CATALOGUE, PS1) if answer.right}
    shares = [len(right & set(answers_of(course, s).items())) / 6 for s in made[Kind.HALF]]
    assert 0.2 < sum(shares) / len(shares) < 0.9


def test_empty_is_the_released_notebook(course: CourseFolder, made: dict[Kind, list[SampleStudent]]) -> None:
    released = nbformat.read(course.folder("release", PS1) / f"{PS1}.ipynb", as_version=4)
    for student in made[Kind.EMPTY]:
        assert nbformat.read(path_of(course, student), as_version=4) == released


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (Kind.LOOP, "while True:"),
        (Kind.CRASH, "os._exit(1)"),
        (Kind.SEGFAULT, "ctypes.string_at(0)"),
        (Kind.MEMORY, "2**26"),
        (Kind.EXIT, "sys.exit()"),
    ],
)
def test_a_mishap_spoils_one_exercise(
    course: CourseFolder, made: dict[Kind, list[SampleStudent]], kind: Kind, line: str
) -> None:
    answers = answers_of(course, made[kind][0]).values()
    spoilt = [answer for answer in answers if line in answer]
    assert len(spoilt) == 1
    assert spoilt[0].index(line) < spoilt[0].index("def ")


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (Kind.CHEAT_TESTING, "np.testing.assert_allclose ="),
        (Kind.CHEAT_TRANSFORMER, "input_transformers_cleanup.append"),
        (Kind.CHEAT_EQUAL, "def __eq__"),
    ],
)
def test_a_cheat_solves_nothing(
    course: CourseFolder, made: dict[Kind, list[SampleStudent]], kind: Kind, line: str
) -> None:
    answers = answers_of(course, made[kind][0])
    assert sum(line in answer for answer in answers.values()) == 1
    assert not set(answers.values()) & {answer.source for answer in load_answers(CATALOGUE, PS1)}
    for exercise, answer in answers.items():
        assert exercise in {node.name for node in ast.parse(answer).body if isinstance(node, ast.FunctionDef)}


def test_damaged_files(course: CourseFolder, made: dict[Kind, list[SampleStudent]]) -> None:
    [half] = made[Kind.TRUNCATED]
    with pytest.raises(nbformat.reader.NotJSONError):
        nbformat.read(path_of(course, half), as_version=4)
    [renamed] = made[Kind.RENAMED]
    assert not path_of(course, renamed).exists()
    assert [p.name for p in path_of(course, renamed).parent.glob("*.ipynb")] == [f"{PS1} (final version).ipynb"]
    [deleted] = made[Kind.DELETED]
    cells = nbformat.read(path_of(course, deleted), as_version=4).cells
    assert sum(utils.is_grade(cell) for cell in cells) == 5
    [script] = made[Kind.CHEAT_SCRIPT]
    assert "<script>" in nbformat.read(path_of(course, script), as_version=4).cells[-1].source


def test_time_stamps_are_nbgraders(course: CourseFolder, made: dict[Kind, list[SampleStudent]]) -> None:
    stamps = [path.read_text().strip() for path in (course.root / "submitted").glob("*/*/timestamp.txt")]
    assert len(stamps) == 30
    assert all(parse_utc(stamp).year == 2026 for stamp in stamps)


def test_two_assignments_one_with_written_answers(tmp_path: Path) -> None:
    course = copy_course(tmp_path / "course")
    notebook = nbformat.read(course.folder("release", PS1) / f"{PS1}.ipynb", as_version=4)
    cell = nbformat.v4.new_markdown_cell("YOUR ANSWER HERE")
    cell.metadata["nbgrader"] = {"grade_id": "why", "grade": True, "solution": True, "locked": False, "points": 3}
    notebook.cells.append(cell)
    for step in ("source", "release"):
        folder = course.folder(step, PS2)
        folder.mkdir()
        nbformat.write(notebook, folder / f"{PS2}.ipynb")
    catalogue = tmp_path / "catalogue"
    for assignment in (PS1, PS2):
        (catalogue / assignment).mkdir(parents=True)
        for file in (CATALOGUE / PS1).glob("*.py"):
            (catalogue / assignment / file.name).write_bytes(file.read_bytes())
    students = make_sample_class(course, catalogue, course.root / "submitted", students=40)
    kinds = Counter(kind for student in students for kind in student.kinds.values())
    assert len(students) == len({student.id for student in students}) == 40
    assert all(kinds[kind] >= 1 for kind in Kind)
    assert all(sum(kind in SPECIAL for kind in student.kinds.values()) <= 1 for student in students)
    essays: Counter[str] = Counter()
    for student in students:
        if student.kinds[PS2] in (Kind.RIGHT, Kind.WRONG, Kind.EMPTY):
            essays[nbformat.read(path_of(course, student, PS2), as_version=4).cells[-1].source] += 1
    assert len(essays) == 3
    assert essays["YOUR ANSWER HERE"] >= 2


def test_a_task_is_answered_below_it(course: CourseFolder) -> None:
    path = course.folder("release", PS1) / f"{PS1}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for name in ("with a place", "without"):
        task = nbformat.v4.new_markdown_cell("Why?")
        task.metadata["nbgrader"] = {"grade_id": name, "grade": False, "solution": False, "locked": True, "task": True}
        task.metadata["nbgrader"] |= {"points": 3, "schema_version": 3}
        notebook.cells.append(task)
        if name == "with a place":
            notebook.cells.append(nbformat.v4.new_markdown_cell("Write here."))
    nbformat.write(notebook, path)
    student = make_sample_class(course, CATALOGUE, course.root / "submitted", students=1)[0]
    assert student.kinds[PS1] is Kind.RIGHT
    *_, first, answer, second, other = nbformat.read(path_of(course, student), as_version=4).cells
    assert (first.source, second.source) == ("Why?", "Why?")
    assert answer.source.startswith("I predicted")
    assert other.source.startswith("I predicted")


def test_clear_errors(course: CourseFolder, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="1 to 1600 students, not 0"):
        make_sample_class(course, CATALOGUE, tmp_path, students=0)
    with pytest.raises(UserError, match="There is no catalogue of answers in"):
        make_sample_class(course, tmp_path / "none", tmp_path / "submitted", students=1)
    thin = tmp_path / "catalogue" / PS1
    thin.mkdir(parents=True)
    (thin / "selu.py").write_text("# %% right: it\ndef selu(x): ...\n")
    with pytest.raises(UserError, match=r"The catalogue has no .* answer to"):
        make_sample_class(course, thin.parent, tmp_path / "submitted", students=5)


def test_nothing_released(tmp_path: Path) -> None:
    course = copy_course(tmp_path / "course")
    (course.folder("release", PS1) / f"{PS1}.ipynb").unlink()
    with pytest.raises(UserError, match="run `make release` first"):
        make_sample_class(course, CATALOGUE, tmp_path / "submitted")
