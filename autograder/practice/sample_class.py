"""Makes a class of invented students whose submissions have everything that a real class's have.

The answers come from the catalogue, so what each deserves is known. Equal arguments give equal files.
"""

from __future__ import annotations

import ast
import csv
import io
import random
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import product
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook

from autograder.answers import Answer, load_answers
from autograder.course_folder import CourseFolder
from autograder.errors import UserError

CLASS_LIST = "class.csv"
SEED = 2026


class Kind(StrEnum):
    """What a student handed in."""

    RIGHT = "right"
    HALF = "half right"
    WRONG = "wrong"
    EMPTY = "nothing written"
    LOOP = "an endless loop"
    CRASH = "ends the process (os._exit)"
    SEGFAULT = "crashes the process (ctypes)"
    MEMORY = "eats memory"
    EXIT = "calls sys.exit"
    DELETED = "deleted a test cell"
    RENAMED = "renamed the notebook"
    TRUNCATED = "half a file"
    CHEAT_TESTING = "cheats: replaces the comparisons"
    CHEAT_TRANSFORMER = "cheats: empties every later cell"
    CHEAT_EQUAL = "cheats: returns what equals everything"
    CHEAT_SCRIPT = "cheats: a script in the text"


_PATTERN = (
    *[Kind.RIGHT] * 6,
    *[Kind.HALF] * 7,
    *[Kind.WRONG] * 3,
    *[Kind.EMPTY] * 2,
    *[kind for kind in Kind if kind not in (Kind.RIGHT, Kind.HALF, Kind.WRONG, Kind.EMPTY)],
)
"""Thirty kinds of student, the ordinary ones first; a larger class goes round."""

_ORDINARY = {Kind.RIGHT, Kind.HALF, Kind.WRONG, Kind.EMPTY}

HARMFUL = frozenset({Kind.MEMORY, Kind.SEGFAULT})
"""What a machine feels where no wall stands around student code: memory that is taken before anybody notices, a crash
that the system reports. A loop or a process that ends itself is stopped there too, and the cheats reach no further
than their own process."""

_SPOILERS = {
    Kind.LOOP: "while True:\n    pass\n",
    Kind.CRASH: "import os\n\nos._exit(1)\n",
    Kind.SEGFAULT: "import ctypes\n\nctypes.string_at(0)\n",
    # 4 GiB: over any sane limit, and bounded for the one who grades without a sandbox.
    Kind.MEMORY: "blocks = [b'x' * 2**26 for _ in range(64)]\n",
    Kind.EXIT: "import sys\n\nsys.exit()\n",
}
"""Lines above an otherwise right answer."""

_CHEATS = {
    Kind.CHEAT_TESTING: (
        "import course.checks\n\n"
        "np.testing.assert_allclose = np.testing.assert_array_equal = lambda *args, **options: None\n"
        "course.checks.expect_close = expect_close = lambda *args, **options: None\n"
    ),
    Kind.CHEAT_TRANSFORMER: (
        'get_ipython().input_transformers_cleanup.append(lambda lines: ["pass\\n"])  # noqa: F821\n'
    ),
}
"""Lines below the first untouched stub."""

_EQUAL = """class Equal(float):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __array__(self, *args, **options):
        return self

    def __getattr__(self, name):
        return self

    def __call__(self, *args, **options):
        return self

"""

_SCRIPT = """<script>document.title = "full marks"</script>

<img src="x" onerror="document.title = 'full marks'">

[my figure](javascript:alert(1))
"""

_ESSAYS = {
    True: "I predicted the result before I ran the cell and was wrong about the deep layers. The numbers above "
    "show why: each layer multiplies the signal by its slope, so what is below 1 shrinks with depth. I repeated "
    "the run with another seed and the order stayed the same.\n",
    False: "It works better because the function is better.\n",
}
"""Written answers for a person to grade: a careful one and a careless one."""

_FIRST_NAMES = (
    "Ada Alan Amina Anaïs Asha Björn Chen Chidi Dmitri Elif Emeka Farah Grace Hana Hugo Ines Ivan Jana Jonas "
    "Kofi Lars Leila Linh Lucía Mei Mateo Nadia Noor Olga Omar Priya Rafael Ravi Sara Sofía Tariq Tomás Uma Yuki Zofia"
).split()
_LAST_NAMES = (
    "Abebe Almeida Andersson Baker Bianchi Castillo Chaudhry Cohen Dubois Eriksen Farouk Fischer García Haddad "
    "Horváth Ito Jansen Kaya Kim Kowalska Laurent Li Mensah Moreau Müller Nakamura Nguyen Novák O'Brien Okafor "
    "Papadopoulos Patel Petrov Rossi Santos Schneider Singh Tanaka Weber Yılmaz"
).split()


@dataclass(frozen=True)
class SampleStudent:
    """An invented student and what they handed in for each assignment."""

    id: str
    first_name: str
    last_name: str
    kinds: Mapping[str, Kind]
    """By assignment."""

    @property
    def email(self) -> str:
        """An address that nobody has (RFC 2606)."""
        return f"{self.id}@example.org"

    @property
    def note(self) -> str:
        """What is special about this student, in one line."""
        special = [f"{kind} ({assignment})" for assignment, kind in self.kinds.items() if kind not in _ORDINARY]
        return "; ".join(special) or ", ".join(dict.fromkeys(self.kinds.values()))


def make_sample_class(
    course: CourseFolder,
    catalogue: Path,
    submitted: Path,
    *,
    students: int = 30,
    seed: int = SEED,
    without: Collection[Kind] = (),
) -> list[SampleStudent]:
    """Write the submissions of a class to `submitted/<student>/<assignment>/` and `class.csv` beside it.

    `class.csv` has the columns that `nbgrader db student import` reads, and a note on each student.

    Parameters
    ----------
    course : CourseFolder
        Its released notebooks are what the students fill in.
    catalogue : Path
        Holds a folder of answers for each assignment.
    submitted : Path
        The folder to write to.
    students : int, optional
        How many, from 1 to 1600.
    seed : int, optional
        Of everything that is drawn.
    without : Collection[Kind], optional
        Kinds of student who stay away; nothing changes for the others.

    Returns
    -------
    list of SampleStudent
        In the order of their ids.

    Raises
    ------
    UserError
        If there is no assignment, or one has no released notebook or no right and wrong answers.
    """
    if not 1 <= students <= len(_FIRST_NAMES) * len(_LAST_NAMES):
        raise UserError(f"A sample class has 1 to {len(_FIRST_NAMES) * len(_LAST_NAMES)} students, not {students}.")
    assignments = course.assignments()
    if not assignments:
        raise UserError(f"There is no assignment in {course.root / 'source'} to make a sample class for.")
    enrolled = _enrol(assignments, students, random.Random(seed))
    made = [student for student in enrolled if not set(without) & set(student.kinds.values())]
    for assignment in assignments:
        released = _released_notebook(course, assignment)
        answers = load_answers(catalogue, assignment)
        for student in made:
            draw = random.Random(f"{seed} {student.id} {assignment}")
            _hand_in(student, assignment, released, answers, submitted, draw)
    submitted.parent.joinpath(CLASS_LIST).write_text(_class_list(made), encoding="utf-8")
    return made


def _enrol(assignments: Sequence[str], count: int, draw: random.Random) -> list[SampleStudent]:
    names = draw.sample(list(product(_FIRST_NAMES, _LAST_NAMES)), count)
    made: dict[str, SampleStudent] = {}
    for number, (first, last) in enumerate(names):
        base = _ascii(first)[0] + _ascii(last)
        taken = sum(re.fullmatch(rf"{base}\d*", other) is not None for other in made)
        student = f"{base}{taken + 1 if taken else ''}"
        made[student] = SampleStudent(student, first, last, _kinds(number, assignments))
    return [made[student] for student in sorted(made)]


def _ascii(name: str) -> str:
    """Return a name as it stands in a login: ASCII letters in lower case."""
    plain = unicodedata.normalize("NFKD", name.replace("ı", "i")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z]", "", plain.lower())


def _kinds(number: int, assignments: Sequence[str]) -> dict[str, Kind]:
    """Return what a student hands in: a mishap happens in one assignment, in turn; the others are half right."""
    kind = _PATTERN[number % len(_PATTERN)]
    if kind in _ORDINARY:
        return dict.fromkeys(assignments, kind)
    where = assignments[number % len(assignments)]
    return {assignment: kind if assignment == where else Kind.HALF for assignment in assignments}


def _released_notebook(course: CourseFolder, assignment: str) -> NotebookNode:
    path = course.folder("release", assignment) / f"{assignment}.ipynb"
    if not path.is_file():
        raise UserError(f"There is no {path}: run `make release` first.")
    released: NotebookNode = nbformat.read(path, as_version=4)
    return released


def _hand_in(
    student: SampleStudent,
    assignment: str,
    released: NotebookNode,
    answers: Sequence[Answer],
    submitted: Path,
    draw: random.Random,
) -> None:
    kind = student.kinds[assignment]
    notebook = nbformat.from_dict(released)
    _fill(notebook, answers, _share_right(kind, draw), draw)
    _spoil(notebook, kind, draw)
    text = nbformat.writes(notebook, version=4) + "\n"
    folder = submitted / student.id / assignment
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{assignment} (final version)" if kind is Kind.RENAMED else assignment
    kept = text[: len(text) // 2] if kind is Kind.TRUNCATED else text
    folder.joinpath(f"{name}.ipynb").write_text(kept, encoding="utf-8")
    handed_in = datetime(2026, 3, 2, 18, tzinfo=UTC) - timedelta(minutes=draw.randrange(5 * 24 * 60))
    folder.joinpath("timestamp.txt").write_text(f"{handed_in:%Y-%m-%d %H:%M:%S.%f} UTC\n", encoding="utf-8")


def _share_right(kind: Kind, draw: random.Random) -> float | None:
    """Return the probability that an answer is right, or None where the stubs stay as they are."""
    if kind in (Kind.EMPTY, *_CHEATS, Kind.CHEAT_EQUAL):
        return None
    return {Kind.WRONG: 0.0, Kind.HALF: draw.uniform(0.3, 0.8)}.get(kind, 1.0)


def _fill(notebook: NotebookNode, answers: Sequence[Answer], share_right: float | None, draw: random.Random) -> None:
    """Put an answer of the catalogue into each of the student's cells."""
    if share_right is None:
        return
    for cell in _own_cells(notebook):
        right = draw.random() < share_right
        if utils.is_task(cell):
            _cell_below(notebook, cell).source = _ESSAYS[right]
            continue
        if cell.cell_type == "markdown":
            cell.source = _ESSAYS[right]
            continue
        exercise = cell.metadata["nbgrader"]["grade_id"]
        choices = [answer for answer in answers if answer.exercise == exercise and answer.right == right]
        if not choices:
            raise UserError(f"The catalogue has no {'right' if right else 'wrong'} answer to {exercise!r}.")
        cell.source = draw.choice(choices).source


def _cell_below(notebook: NotebookNode, task: NotebookNode) -> NotebookNode:
    """Return the cell for the answer to a task, which itself is locked: the one below it, if that is the student's."""
    place = notebook.cells.index(task) + 1
    below = notebook.cells[place] if place < len(notebook.cells) else None
    if below is None or below.cell_type != "markdown" or "nbgrader" in below.metadata:
        below = nbformat.v4.new_markdown_cell(id=f"answer-{place}")
        notebook.cells.insert(place, below)
    return below


def _own_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if utils.is_solution(cell) or utils.is_task(cell)]


def _spoil(notebook: NotebookNode, kind: Kind, draw: random.Random) -> None:
    """Turn a filled notebook into what this kind of student hands in."""
    code = [cell for cell in _own_cells(notebook) if cell.cell_type == "code"]
    if kind in _SPOILERS:
        spoilt = draw.choice(code)
        spoilt.source = f"{_SPOILERS[kind]}\n\n{spoilt.source}"
    elif kind in _CHEATS:
        code[0].source = f"{code[0].source.rstrip()}\n\n\n{_CHEATS[kind]}"
    elif kind in _SPECIAL:
        _SPECIAL[kind](notebook, draw)


def _delete_test(notebook: NotebookNode, draw: random.Random) -> None:
    notebook.cells.remove(draw.choice([cell for cell in notebook.cells if utils.is_grade(cell)]))


def _return_equal(notebook: NotebookNode, draw: random.Random) -> None:
    code = [cell for cell in _own_cells(notebook) if cell.cell_type == "code"]
    for cell in code:
        names = [node.name for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef)]
        cell.source = "\n\n".join(f"def {name}(*args, **options):\n    return Equal()\n" for name in names)
    code[0].source = _EQUAL + code[0].source


def _add_script(notebook: NotebookNode, draw: random.Random) -> None:
    cell = nbformat.v4.new_markdown_cell(_SCRIPT)
    cell["id"] = "my-figure"
    notebook.cells.append(cell)


_SPECIAL: dict[Kind, Callable[[NotebookNode, random.Random], None]] = {
    Kind.DELETED: _delete_test,
    Kind.CHEAT_EQUAL: _return_equal,
    Kind.CHEAT_SCRIPT: _add_script,
}


def enter_names(course: CourseFolder, students: Sequence[SampleStudent]) -> None:
    """Enter the students' names in the course's gradebook, as `nbgrader db student import` would."""
    with Gradebook(course.db_url, course.directory.course_id) as gradebook:
        for student in students:
            gradebook.update_or_create_student(
                student.id, first_name=student.first_name, last_name=student.last_name, email=student.email
            )


def _class_list(students: Sequence[SampleStudent]) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["id", "first_name", "last_name", "email", "note"])
    for student in students:
        table.writerow([student.id, student.first_name, student.last_name, student.email, student.note])
    return text.getvalue()
