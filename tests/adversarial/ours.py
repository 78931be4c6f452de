"""Grades attacks with this project's grader: all of them, and an honest submission after each, with one fork server."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.course_folder import CourseFolder
from autograder.examiner.rooms import RoomSettings, room_factory
from autograder.examiner.sourcecells import source_notebooks
from autograder.examiner.task import Graded, Task, grade_task
from autograder.room.inside.limits import MIB, Limits
from benchmarks.honest import make_course
from course.handing_in.files import MAX_FILES, read_files
from course.handing_in.sourcecells import SourceNotebook
from tests.adversarial.attack import Attack, filled
from tests.adversarial.evidence import Outcome
from tests.adversarial.world import World

ASSIGNMENT = "ps1_from_scratch"
ROOT = Path(__file__).resolve().parents[2]
LIMITS = Limits(cell_seconds=4, submission_seconds=20, grace_seconds=0.5, memory_bytes=512 * MIB)
MEMORY_OF_THE_GRADER = 600 * MIB
"""What grading one submission may add to the grader's own memory; a reply may be 64 MiB and is decoded once."""


def copy_of_the_course(folder: Path, *, stock: bool) -> CourseFolder:
    """Make a course folder with ps1 released and one honest submission, that of another student."""
    course = make_course(
        CourseFolder.find(ROOT), folder, ASSIGNMENT, ROOT / "autograder" / "practice" / "answers", 1, stock=stock
    )
    path = honest_path(course)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("# secret-of-another-student"))
    nbformat.write(notebook, path)
    return course


def honest_path(course: CourseFolder) -> Path:
    """Return where the other student's notebook is."""
    return course.folder("submitted", ASSIGNMENT, "student0000") / f"{ASSIGNMENT}.ipynb"


def released(course: CourseFolder) -> NotebookNode:
    """Return the notebook that students start from."""
    notebook: NotebookNode = nbformat.read(course.folder("release", ASSIGNMENT) / f"{ASSIGNMENT}.ipynb", as_version=4)
    return notebook


class Ours:
    """Grades one attack after the other behind one wall, and tells what each achieved."""

    def __init__(self, course: CourseFolder, world: World, wall: str) -> None:
        self.settings = RoomSettings(limits=LIMITS, wall=wall)
        with Gradebook(course.db_url) as gradebook:
            self._source: SourceNotebook = source_notebooks(gradebook, ASSIGNMENT)[ASSIGNMENT]
        self._world = world
        self._deserved: dict[bytes, float] = {}
        self._released = released(course)
        self._honest = _shortened(nbformat.read(honest_path(course), as_version=4), self._released)
        self._undisturbed = self.grade(self._honest).verdict

    def grade(self, raw: bytes, files: dict[str, bytes] | None = None) -> Graded:
        """Grade one notebook."""
        return grade_task(Task(raw, self._source.text, files or {}, self.settings, "examiner"))

    def deserved(self, attack: Attack) -> float:
        """Return the points of the same submission without the attack."""
        if not attack.without:
            return 0.0
        honest = json.dumps(filled(self._released, attack.without)).encode()
        if honest not in self._deserved:  # many attacks hide behind the same answers
            self._deserved[honest] = points(self.grade(honest))
        return self._deserved[honest]

    def outcome(self, attack: Attack) -> Outcome:
        """Grade an attack and, after it, the honest submission."""
        submission = attack.hand_in(self._released, self._world.prelude())
        before, warm = _reset_peak_memory(), self._warm_pid()
        self._world.watch(warm, "the process that rooms come from")
        graded = self.grade(submission.raw(), _as_read(submission.files))
        effects = self._world.effects()
        if _peak_memory() - before > MEMORY_OF_THE_GRADER:
            effects.append(f"took {(_peak_memory() - before) / MIB:.0f} MiB of the grader's memory")
        after = self.grade(self._honest)
        if self._warm_pid() != warm:
            effects.append("ended the fork server")
        return Outcome(
            points=points(graded),
            notebook=nbformat.reads(graded.notebook.decode(), as_version=4),
            honest_unchanged=after.verdict == self._undisturbed,
            effects=effects + self._world.effects(),
        )

    def _warm_pid(self) -> int:
        server = room_factory(self.settings).server
        assert server is not None
        return server.pid


def _as_read(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return what the grader reads of the files that are handed in beside a notebook."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        return read_files(Path(folder), (), MAX_FILES)[0]


def _shortened(honest: NotebookNode, stubs: NotebookNode) -> bytes:
    """Return an honest submission with one exercise solved: whatever an attack left behind, that one would show it."""
    given = {cell.metadata.nbgrader.grade_id: cell.source for cell in stubs.cells if "nbgrader" in cell.metadata}
    _, *others = [cell for cell in honest.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    for cell in others:
        cell.source = given[cell.metadata.nbgrader.grade_id]
    return nbformat.writes(honest).encode()


def points(graded: Graded) -> float:
    """Return the points of a graded submission."""
    return float(sum(cell["points"] for cell in json.loads(graded.verdict)["cells"]))


def _reset_peak_memory() -> int:
    Path("/proc/self/clear_refs").write_text("5")
    return _peak_memory()


def _peak_memory() -> int:
    """Return the largest resident memory of this process since the last reset, in bytes (proc(5), VmHWM)."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) * 1024
