"""Whatever is handed in: a clear line, a zero where nothing can be graded, and the rest of the class graded."""

from __future__ import annotations

import json
import os
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from autograder.batch import submissions
from autograder.examiner.bounded import GraderFailed
from autograder.examiner.workers import TRIES
from course.handing_in.sourcecells import SourceNotebook
from tests.support.classroom import HALF, MINI, RIGHT, Classroom

FILE = f"{MINI}.ipynb"


def sparse(path: Path) -> None:
    path.unlink()
    with path.open("wb") as file:
        file.truncate(200 * 1024**2)


def renamed(path: Path) -> None:
    path.rename(path.with_name("mini (x) \x1b[31m.ipynb"))
    path.with_name("mini (1).ipynb").write_text("{}")


def old_format(path: Path) -> None:
    cells = [{"cell_type": "code", "input": "x = 1", "language": "python", "outputs": [], "metadata": {}}]
    worksheet = {"cells": cells, "metadata": {}}
    path.write_text(json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [worksheet]}))


def rewrite(path: Path, **fields: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def replaced(make: Callable[[Path], object]) -> Callable[[Path], object]:
    def replace(path: Path) -> None:
        path.unlink()
        make(path)

    return replace


def link_to_elsewhere(path: Path) -> None:
    path.symlink_to(path.parents[3] / "source" / MINI / FILE)


def linked_folder(path: Path) -> None:
    elsewhere = path.parents[2] / "elsewhere"
    path.parent.rename(elsewhere)
    path.parent.symlink_to(elsewhere)


def linked_student(path: Path) -> None:
    elsewhere = path.parents[3] / "elsewhere"
    path.parents[1].rename(elsewhere)
    path.parents[1].symlink_to(elsewhere)


def folder_with_files(path: Path) -> None:
    path.mkdir()
    path.joinpath("file.txt").write_text("not a notebook")


def many_cells(path: Path) -> None:
    cells = [{"cell_type": "markdown", "id": f"x{number}", "metadata": {}, "source": "x"} for number in range(5000)]
    rewrite(path, cells=json.loads(path.read_text())["cells"] + cells)


NOTHING_TO_GRADE = {
    "truncated": (lambda p: p.write_bytes(p.read_bytes()[:500]), "it is not JSON; perhaps the file was cut off"),
    "empty file": (lambda p: p.write_bytes(b""), "mini.ipynb cannot be read: it is empty."),
    "not a notebook": (lambda p: p.write_text("[1, 2]"), "it is not a Jupyter notebook"),
    "no cells": (lambda p: p.write_text("{}"), "it is not a Jupyter notebook"),
    "a number": (lambda p: p.write_text("1e400"), "it is not a Jupyter notebook"),
    "cells is text": (lambda p: rewrite(p, cells="none"), "it is not a Jupyter notebook"),
    "deep": (lambda p: rewrite(p, cells=[{"source": json.loads("[" * 900 + "]" * 900)}]), "it is nested too deeply"),
    "200 MB": (sparse, "mini.ipynb has 200 MiB; at most 128 are read. Please clear its outputs"),
    "missing": (Path.unlink, "There is no mini.ipynb in the submission."),
    "renamed": (renamed, "There is no mini.ipynb in the submission; there is mini (1).ipynb, mini (x) �[31m.ipynb."),
    "a link": (replaced(link_to_elsewhere), "mini.ipynb cannot be read: a symbolic link."),
    "a dangling link": (replaced(lambda p: p.symlink_to("nowhere")), "mini.ipynb cannot be read: a symbolic link."),
    "a linked folder": (linked_folder, "is a symbolic link; a submission must be a folder."),
    "a linked student": (linked_student, "is a symbolic link; a submission must be a folder."),
    "a FIFO": (replaced(os.mkfifo), "mini.ipynb is not a file."),
    "a folder": (replaced(folder_with_files), "mini.ipynb is not a file."),
    "5000 cells": (many_cells, "it has more than 2,000 cells."),
}


@pytest.mark.parametrize("kind", NOTHING_TO_GRADE)
def test_what_cannot_be_graded_gets_a_zero_that_says_why(room: Classroom, kind: str) -> None:
    spoil, reason = NOTHING_TO_GRADE[kind]
    for student in ("ada", "odd", "zoe"):
        room.hand_in(student)
    spoil(room.folder("odd") / FILE)
    summary = room.grade()
    assert list(summary.problems) == ["odd"]
    assert reason in summary.problems["odd"]
    assert summary.problems["odd"].isprintable()
    assert room.scores() == {"ada": 6, "odd": 0, "zoe": 6}
    with room.gradebook() as gradebook:
        grades = gradebook.find_submission_notebook(MINI, MINI, "odd").grades
        assert [(grade.auto_score, grade.needs_manual_grade) for grade in grades] == [(0, False)] * 3
    graded = nbformat.read(room.folder("odd", "autograded") / FILE, as_version=4)
    assert graded.cells[0].source.startswith("**This submission was not graded.**")
    again = room.grade()
    assert (again.graded, again.skipped, again.problems) == (0, 3, summary.problems)


def edit(change: Callable[[list[nbformat.NotebookNode]], object]) -> Callable[[Classroom], nbformat.NotebookNode]:
    def make(room: Classroom) -> nbformat.NotebookNode:
        notebook = room.notebook()
        change(notebook.cells)
        return notebook

    return make


def duplicate(cells: list[nbformat.NotebookNode]) -> None:
    wrong = nbformat.from_dict(cells[1])
    wrong.source = "def double(x):\n    return 0\n"
    cells.insert(0, wrong)


def change_roles(cells: list[nbformat.NotebookNode]) -> None:
    cells[2].metadata.nbgrader.update(points=1000, grade=False, locked=False)
    cells[2].source = "1000"
    cells[4].metadata.nbgrader.update(solution=True, points="many")


ODD_BUT_GRADED = {
    "duplicated cell": (
        edit(duplicate),
        6,
        ["cell 'double' was there 2 times: all ran, in their order, and number 2 counted"],
    ),
    "deleted test": (edit(lambda cells: cells.pop(2)), 6, ["cell 'test_double' was missing; it was put back"]),
    "deleted answer": (edit(lambda cells: cells.pop(1)), 2, ["cell 'double' was missing; it was put back"]),
    "deleted all": (edit(lambda cells: cells.clear()), 0, ["cell 'given' was missing; it was put back"]),
    "changed roles": (
        edit(change_roles),
        6,
        [
            "the points of cell 'test_double' were changed to 1000; they are 4",
            "the points of cell 'test_mean' were changed to many; they are 2",
        ],
    ),
    "metadata of another kind": (
        edit(lambda cells: cells[1].metadata.update(nbgrader="mine")),
        6,
        ["nbgrader's marks were lost in 1 of the cells"],
    ),
    "other cell type": (
        edit(
            lambda cells: cells[2].update(cell_type="raw") or [cells[2].pop(k) for k in ("outputs", "execution_count")]
        ),
        6,
        ["cell 'test_double' was made a raw cell; it is a code cell again"],
    ),
    "half a surrogate pair": (edit(lambda cells: cells[5].update(source="\ud800")), 6, ["cell 6: half a character"]),
}


@pytest.mark.parametrize("kind", ODD_BUT_GRADED)
def test_what_can_be_graded_is_graded(room: Classroom, kind: str) -> None:
    make, score, notes = ODD_BUT_GRADED[kind]
    room.hand_in("ada")
    room.hand_in("odd", make(room))
    summary = room.grade()
    assert not summary.problems
    assert room.scores() == {"ada": 6, "odd": score}
    said = summary.notes.get("odd", [])
    assert [note for note in notes if not any(note in line for line in said)] == []
    assert bool(said) == bool(notes)


@pytest.mark.parametrize(
    "spec",
    [{"name": "julia-1.11", "display_name": "Julia", "language": "julia"}, {"name": 5}, "python", None],
    ids=str,
)
def test_the_kernel_is_the_assignments(room: Classroom, spec: object) -> None:
    path = room.hand_in("odd")
    rewrite(path, metadata={"kernelspec": spec} if spec else {})
    room.grade()
    assert room.scores() == {"odd": 6} or "it is not a Jupyter notebook" in room.problems()["odd"]


def test_an_old_format_is_read(room: Classroom) -> None:
    old_format(room.hand_in("odd"))
    summary = room.grade()
    assert not summary.problems
    assert room.scores() == {"odd": 0}
    assert "cell 'test_double' was missing; it was put back" in summary.notes["odd"]


def test_links_and_pipes_beside_a_notebook_are_left_out(room: Classroom) -> None:
    folder = room.hand_in("odd").parent
    (folder / "answers").symlink_to(room.course.root / "source")
    (folder / "gradebook.db").symlink_to(room.course.root / "gradebook.db")
    os.mkfifo(folder / "pipe")
    (folder / "more.ipynb").mkdir()
    (folder / "more.ipynb" / "file.txt").write_text("hidden")
    (folder / "timestamp.txt").symlink_to(room.course.root / "nbgrader_config.py")
    room.grade()
    assert room.scores() == {"odd": 6}
    assert sorted(room.graded_files()) == ["odd/mini/data/numbers.csv", "odd/mini/mini.ipynb"]


def test_a_file_in_the_way_of_a_given_one_gives_way(room: Classroom) -> None:
    room.hand_in("odd").with_name("data").write_text("a file where the assignment has a folder")
    (room.hand_in("new").parent / "data" / "numbers.csv").mkdir(parents=True)
    (room.folder("new") / "data" / "numbers.csv" / "x").write_text("a folder where the assignment has a file")
    room.grade()
    assert room.scores() == {"new": 6, "odd": 6}


def test_file_names_that_cannot_be_printed(room: Classroom) -> None:
    folder = room.hand_in("odd").parent
    Path(os.fsdecode(bytes(folder) + b"/caf\xe9.txt")).write_text("latin-1")
    folder.joinpath("two\nlines.txt").write_text("")
    folder.joinpath("日本 'x' [a]*.txt").write_text("fine")
    summary = room.grade()
    assert room.scores() == {"odd": 6}
    left_out = ["the file caf�.txt was left out: its name cannot be printed"]
    left_out.append("the file two�lines.txt was left out: its name cannot be printed")
    assert summary.notes["odd"] == left_out
    assert "odd/mini/日本 'x' [a]*.txt" in room.graded_files()


NAMES = [
    "Ada Lovelace",
    "Zoë",
    "日本",
    "O'Brien",
    'quo"te',
    "Doe, Jane",
    "two\nlines",
    "tab\tand\rreturn",
    "👩\u200d🔬",
    "[a]",
    "a*",
    "?",
    "-dash",
    "--force",
    "=cmd|' C'!A0",
    "{student}",
    "%s",
    "a;b&c",
]


def test_names_of_students(room: Classroom) -> None:
    for name in NAMES:
        room.hand_in(name)
    summary = room.grade()
    assert not summary.problems
    assert not summary.refused
    assert room.scores() == dict.fromkeys(NAMES, 6)
    assert room.grade(student="[a]").skipped == 1
    assert room.grade(student="-dash", force=True).graded == 1


def test_names_that_no_gradebook_holds(room: Classroom) -> None:
    room.hand_in("ada")
    impossible = [os.fsdecode(b"caf\xe9"), "\x1b[31mred", "x" * 129]
    for name in impossible:
        room.hand_in(name)
    summary = room.grade()
    assert room.scores() == {"ada": 6}
    assert not summary.problems
    assert sorted(summary.refused) == sorted(impossible)
    assert all("rename it to the student's id" in problem for problem in summary.refused.values())


def test_a_macs_umlauts_are_the_gradebooks(room: Classroom) -> None:
    """A folder from a Mac spells é as e and an accent; whoever stands in the gradebook is meant."""
    composed, decomposed = (unicodedata.normalize(form, "José") for form in ("NFC", "NFD"))
    with room.gradebook() as gradebook:
        gradebook.add_student(composed, first_name="José")
    room.hand_in(decomposed)
    room.hand_in(unicodedata.normalize("NFD", "Zoë"))
    room.hand_in("Łukasz")
    assert room.grade().graded == 3
    assert room.scores() == {composed: 6, unicodedata.normalize("NFC", "Zoë"): 6, "Łukasz": 6}
    assert room.grade().skipped == 3
    assert room.grade(student=composed, force=True).graded == 1
    room.hand_in(composed, b"{")
    summary = room.grade()
    assert list(summary.problems) == [composed]
    assert "another folder has the same name" in summary.refused[decomposed]


def test_what_archives_and_systems_leave_behind_is_no_student(room: Classroom) -> None:
    for name in ("ada", "__MACOSX", ".Trash", "@eaDir", "lost+found", ".ipynb_checkpoints"):
        room.hand_in(name)
    summary = room.grade()
    assert (summary.graded, summary.refused) == (1, {})
    assert room.scores() == {"ada": 6}


def test_files_that_may_not_be_read(room: Classroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the refusal is made up."""

    def refuse(path: Path) -> bytes:
        if path.name == "secret.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return original(path)

    original = Path.read_bytes
    room.hand_in("odd").with_name("secret.txt").write_text("mine")
    room.hand_in("zoe")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    summary = room.grade()
    assert summary.problems == {"odd": "secret.txt cannot be read: Permission denied."}
    assert room.scores() == {"odd": 0, "zoe": 6}


def test_solutions_do_not_go_along(room: Classroom) -> None:
    source = room.course.folder("source", MINI)
    source.joinpath(f"{MINI}.py").write_text("the answers")
    source.joinpath("helper.py").write_text("fine = 1")
    shutil.copy(source / FILE, source / "other.ipynb")
    source.joinpath("other.py").write_text("the other answers")
    room.hand_in("ada")
    room.grade()
    assert sorted(room.graded_files()) == [f"ada/mini/{name}" for name in ("data/numbers.csv", "helper.py", FILE)]


def test_a_failure_of_the_grader_costs_nobody_a_grade_and_is_tried_again(
    room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.batch import dispatch

    tried = []

    def fail(task: object) -> None:
        tried.append(task)
        raise GraderFailed("no space left")

    room.hand_in("ada")
    room.grade()
    room.hand_in("ada", HALF)
    room.hand_in("ben", RIGHT)
    with monkeypatch.context() as patch:
        patch.setattr(dispatch, "grade", fail)
        summary = room.grade()
    assert (summary.ungraded, summary.problems) == ({"ada": "no space left", "ben": "no space left"}, {})
    assert len(tried) == 2 * TRIES
    assert room.scores() == {"ada": 6}
    summary = room.grade()
    assert (summary.graded, summary.skipped, summary.ungraded) == (2, 0, {})
    assert room.scores() == {"ada": 2, "ben": 6}


def test_of_a_large_notebook_only_a_part_is_searched_for_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[int] = []
    monkeypatch.setattr(submissions, "names_imported", lambda text: searched.append(len(text)) or frozenset())
    source = SourceNotebook(MINI, MINI, None, ())
    large = submissions.Submission("ada", source, raw=b"x" * (submissions.MAX_BYTES_SEARCHED + 5))
    changed = submissions.Submission("ada", source, raw=large.raw[:-1] + b"y")
    assert large.fingerprint("") != changed.fingerprint("")  # all of it is hashed
    assert max(searched) == submissions.MAX_BYTES_SEARCHED
