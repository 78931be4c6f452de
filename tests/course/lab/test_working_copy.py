"""The student's working copy: made whole, brought up to date, and never at the cost of what a student wrote."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.lab.working_copy import digest, refresh

ROOT = Path(__file__).resolve().parents[3]
LESSON = "lessons/00_start.ipynb"
TASK = "ps1/ps1.ipynb"


def notebook(*sources: str, run: bool = False) -> bytes:
    cells = [
        nbformat.v4.new_code_cell(
            source, id=f"cell-{number}", outputs=[nbformat.v4.new_output("stream", text="run")] if run else []
        )
        for number, source in enumerate(sources)
    ]
    metadata = {"language_info": {"name": "python", "version": "3.11.7"}} if run else {}
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells, metadata=metadata)).encode()


def put(path: Path, data: bytes | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """What was handed out: a lesson with its picture and its twin, an assignment with a picture."""
    root = tmp_path / "handed out"
    put(root / "course" / LESSON, notebook("one [task](../../release/ps1/ps1.ipynb)"))
    put(root / "course/lessons/00_start.py", "# %%\n1")
    put(root / "course/lessons/images/a.png", b"old picture")
    put(root / "course/lessons/.ipynb_checkpoints/00_start-checkpoint.ipynb", notebook("kept by JupyterLab"))
    put(root / "course/README.md", "[start](lessons/00_start.ipynb)")
    put(root / "release" / TASK, notebook("raise NotImplementedError"))
    put(root / "release/ps1/task.png", b"task")
    put(root / "nbgrader_config.py", 'c = get_config()\nc.CourseDirectory.course_id = "acts"\nc.Examiner.memory = 1\n')
    return root


def files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def sources(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


def test_lessons_and_assignments_lie_where_the_links_and_nbgrader_look(course: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert refresh(course, copy) == []
    assert files(copy) == [
        ".lab/copied.json", "README.md", LESSON, "lessons/images/a.png", "nbgrader_config.py", TASK, "ps1/task.png",
    ]  # fmt: skip
    assert sources(copy / LESSON) == ["one [task](../ps1/ps1.ipynb)"]
    settings = (copy / "nbgrader_config.py").read_text()
    assert 'c.CourseDirectory.course_id = "acts"'.replace('"', "'") in settings
    assert "memory" not in settings


def test_what_is_handed_out_anew_takes_the_place_of_what_was_only_run(course: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    refresh(course, copy)
    put(copy / LESSON, notebook("one [task](../ps1/ps1.ipynb)", run=True))
    put(copy / TASK, notebook("raise NotImplementedError", run=True))
    ran = (copy / LESSON).read_bytes()
    assert refresh(course, copy) == []
    assert (copy / LESSON).read_bytes() == ran, "nothing is new, so the results stay"
    put(course / "course" / LESSON, notebook("two"))
    put(course / "course/lessons/images/a.png", b"new picture")
    put(course / "release" / TASK, notebook("raise NotImplementedError", "more"))
    assert refresh(course, copy) == []
    assert sources(copy / LESSON) == ["two"]
    assert (copy / "lessons/images/a.png").read_bytes() == b"new picture"
    assert sources(copy / TASK) == ["raise NotImplementedError", "more"]


def test_what_a_student_changed_stays_with_the_newer_version_beside_it_once(course: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    refresh(course, copy)
    put(copy / LESSON, notebook("my own"))
    put(copy / TASK, notebook("return x"))
    assert refresh(course, copy) == [], "nothing is new"
    put(course / "course" / LESSON, notebook("two"))
    put(course / "release" / TASK, notebook("raise NotImplementedError", "more"))
    assert refresh(course, copy) == [
        f"There is a newer {name}. You changed yours, so it stays as it is; the new one is {newer}."
        for name, newer in ((LESSON, "lessons/00_start_new.ipynb"), ("ps1", "ps1_new"))
    ]
    assert sources(copy / LESSON) == ["my own"]
    assert sources(copy / TASK) == ["return x"]
    said, *rest = sources(copy / "ps1_new/ps1.ipynb")
    assert said == "**This is the newer version of ps1.** You changed yours, so it stayed as it is."
    assert rest == ["raise NotImplementedError", "more"]
    assert (copy / "ps1_new/task.png").read_bytes() == b"task"
    nbformat.validate(nbformat.read(copy / "lessons/00_start_new.ipynb", as_version=4))
    assert refresh(course, copy) == [], "it is said once"

    put(copy / "ps1_new/ps1.ipynb", notebook("I went on in the new one"))
    put(course / "release" / TASK, notebook("third"))
    [line] = refresh(course, copy)
    assert line.endswith("the new one is ps1_new2.")
    assert sources(copy / "ps1_new/ps1.ipynb") == ["I went on in the new one"]
    assert sources(copy / "ps1_new2/ps1.ipynb")[1:] == ["third"]


def test_a_notebook_that_is_deleted_is_begun_again(course: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    refresh(course, copy)
    put(copy / LESSON, notebook("broken"))
    (copy / LESSON).unlink()
    assert refresh(course, copy) == []
    assert sources(copy / LESSON) == ["one [task](../ps1/ps1.ipynb)"]


def test_an_assignment_from_the_exchange_is_left_alone(course: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    put(copy / TASK, notebook("as the exchange has it"))
    for text in ("raise NotImplementedError", "newer"):
        put(course / "release" / TASK, notebook(text))
        assert refresh(course, copy) == []
        assert sources(copy / TASK) == ["as the exchange has it"]
    assert not (copy / "ps1/task.png").exists()


def test_what_is_no_longer_handed_out_goes_unless_it_was_changed(course: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    put(course / "release/ps2/ps2.ipynb", notebook("raise NotImplementedError"))
    refresh(course, copy)
    put(copy / TASK, notebook("return x"))
    for path in ("release/ps1/ps1.ipynb", "release/ps1/task.png", "release/ps2/ps2.ipynb"):
        (course / path).unlink()
    assert refresh(course, copy) == []
    assert files(copy / "ps1") == ["ps1.ipynb"]
    assert not (copy / "ps2").exists()
    assert refresh(course, copy) == []
    assert sources(copy / TASK) == ["return x"]


@pytest.mark.parametrize("record", [b"", b"[]", b"\xff", b"{}", b'{"copied": 1}'])
def test_without_a_record_nothing_of_the_students_is_lost(course: Path, tmp_path: Path, record: bytes) -> None:
    copy = tmp_path / "copy"
    refresh(course, copy)
    put(copy / TASK, notebook("return x"))
    put(copy / ".lab/copied.json", record)
    put(course / "release" / TASK, notebook("newer"))
    refresh(course, copy)
    assert sources(copy / TASK) == ["return x"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["cells", "source", "x"]), inner),
)


@given(data=st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode()) | st.just(b"[" * 100_000))
def test_any_bytes_have_a_digest(data: bytes) -> None:
    assert digest("x.ipynb", data) == digest("x.ipynb", data)
    assert digest("x.ipynb", data) != digest("x.ipynb", data + b"x")


def test_this_courses_copy_has_every_lesson_and_assignment_and_links_that_lead_somewhere(tmp_path: Path) -> None:
    refresh(ROOT, tmp_path)
    lessons = sorted((ROOT / "course/lessons").glob("*.ipynb"))
    assert sorted(path.name for path in (tmp_path / "lessons").glob("*.ipynb")) == [path.name for path in lessons]
    for path in [*(tmp_path / "lessons").glob("*.ipynb"), tmp_path / "README.md"]:
        text = path.read_text(encoding="utf-8")
        for target in (part.partition(")")[0] for part in text.split("](")[1:]):
            if target.endswith((".ipynb", ".md", ".png")) and "://" not in target:
                assert (path.parent / target).is_file(), f"{path.name}: {target}"
    for lesson, after in itertools.pairwise(lessons):
        assert f"]({after.name})" in (tmp_path / "lessons" / lesson.name).read_text(encoding="utf-8"), lesson.name
