"""The student bundle, unzipped, works by itself: its lessons run, its checks run, and it can be installed."""

from __future__ import annotations

import ast
import copy
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.errors import UserError
from autograder.publish import bundle
from autograder.publish.bundle import build_bundle
from autograder.publish.leaks import Leak
from course.lab.working_copy import refresh

ROOT = Path(__file__).resolve().parents[3]
NAME = "activation-course"
ASSIGNMENTS = sorted(path.name for path in (ROOT / "release").iterdir() if path.is_dir())
# Without site packages' .pth files, so without the editable install of this repository.
ISOLATED = [sys.executable, "-I", "-S", "-c"]


@pytest.fixture(scope="module")
def unzipped(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(build_bundle(ROOT, folder / "bundle.zip")) as archive:
        archive.extractall(folder)
    return folder / NAME


def test_unzipped_over_an_older_one_it_leaves_the_students_work_alone(unzipped: Path, tmp_path: Path) -> None:
    older = tmp_path / NAME
    shutil.copytree(unzipped, older)
    copy = older / "my_course"
    refresh(older, copy)
    work = copy / ASSIGNMENTS[0] / f"{ASSIGNMENTS[0]}.ipynb"
    mine = nbformat.read(work, as_version=4)
    mine.cells[-1].source = "my work"
    nbformat.write(mine, work)
    (copy / "notes.txt").write_text("my notes")
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    release = unzipped / "release" / ASSIGNMENTS[0] / f"{ASSIGNMENTS[0]}.ipynb"
    newer = nbformat.read(release, as_version=4)
    newer.cells[0].source += " A newer version."

    shutil.copytree(unzipped, older, dirs_exist_ok=True)
    nbformat.write(newer, older / release.relative_to(unzipped))
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before
    (told,) = refresh(older, copy)
    assert f"There is a newer {ASSIGNMENTS[0]}. You changed yours, so it stays as it is" in told
    assert work.read_bytes() == before[work]
    assert (copy / "notes.txt").read_text() == "my notes"


@pytest.fixture(scope="module")
def prelude(unzipped) -> str:
    """Python that leaves the bundle's `course` as the only part of the project that can be imported."""
    paths = [str(unzipped), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    return f"import sys; sys.path += {paths!r}; "


@pytest.fixture(scope="module")
def student_kernel(prelude, tmp_path_factory) -> Iterator[str]:
    """The name of a kernel that sees the bundle and not the repository."""
    share = tmp_path_factory.mktemp("jupyter")
    spec = share / "kernels" / "student"
    spec.mkdir(parents=True)
    start = prelude + "from ipykernel.kernelapp import main; main()"
    argv = [*ISOLATED, start, "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "student", "language": "python"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(share))
        yield spec.name


def run(notebook: nbformat.NotebookNode, folder: Path, kernel: str, *, allow_errors: bool = False) -> None:
    NotebookClient(
        notebook, kernel_name=kernel, timeout=120, allow_errors=allow_errors, resources={"metadata": {"path": folder}}
    ).execute()


def test_same_course_same_bytes_and_nothing_half_written(tmp_path, unzipped):
    again = build_bundle(ROOT, tmp_path / "new folder" / "again.zip")
    assert again.read_bytes() == (unzipped.parent / "bundle.zip").read_bytes()
    assert [path.name for path in again.parent.iterdir()] == ["again.zip"]


def test_its_files_have_the_last_commits_date_or_that_of_the_build(tmp_path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    now = datetime.now(UTC)
    assert now - timedelta(seconds=2) < bundle.date_of(tmp_path) < now + timedelta(minutes=5)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@y", "-C", str(tmp_path)]
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    date = {"GIT_COMMITTER_DATE": "2026-03-04T05:06:07Z", "PATH": os.environ["PATH"]}
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", "x"], check=True, env=date)
    assert bundle.date_of(tmp_path) == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert bundle.date_of(tmp_path) == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    target = build_bundle(ROOT, tmp_path / "x.zip")
    # As it is twelve hours west of Greenwich, so that no clock of a student is behind it.
    assert {entry.date_time for entry in zipfile.ZipFile(target).infolist()} == {(2023, 11, 14, 10, 13, 20)}


def test_make_lab_installs_once_and_again_when_packages_change(unzipped, tmp_path):
    folder = tmp_path / "bundle"
    shutil.copytree(unzipped, folder)
    python = tmp_path / "python"  # makes an environment whose Python says what it is called with
    python.write_text(
        '#!/bin/sh\n[ "$1 $2" = "-m venv" ] || exit 0\nmkdir -p .venv/bin\n'
        "printf '#!/bin/sh\\necho \"$*\"\\n' > .venv/bin/python\nchmod +x .venv/bin/python\n"
    )
    python.chmod(0o755)

    def make_lab() -> list[str]:
        command = ["make", "lab", f"PYTHON={python}", "OPTIONS=--port=9"]
        lines = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.splitlines()
        return [line.split()[1] for line in lines if line.startswith("-m ")]

    assert make_lab() == ["pip", "course.lab"]
    assert make_lab() == ["course.lab"]
    with (folder / "constraints.txt").open("a") as constraints:
        constraints.write("# newer\n")
    os.utime(folder / "constraints.txt", (0, 0))  # the newer course was made before the older was installed
    assert make_lab() == ["pip", "course.lab"]


def test_where_students_fetch_assignments_it_has_none(tmp_path):
    whole, without = bundle.bundle_files(ROOT), bundle.bundle_files(ROOT, assignments=False)
    left_out = whole.keys() - without.keys()
    assert {path for path in left_out if not path.startswith(f"{bundle.COPIES}/")} == {
        path for path in whole if path.startswith("release/")
    }
    assert "Assignment List" in without["README.md"].decode()
    assert ASSIGNMENTS[0] in whole["README.md"].decode()
    assert ASSIGNMENTS[0] not in without["README.md"].decode()


def test_it_knows_the_course_and_the_exchange_that_the_course_names(tmp_path, monkeypatch):
    machine, course = tmp_path / "machine", tmp_path / "course"
    for folder in (machine, course):
        folder.mkdir()
    machine.joinpath("nbgrader_config.py").write_text("c = get_config()\nc.Exchange.root = '/srv/of-this-machine'\n")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(machine))
    for name in ("course", "nbgrader_config.py", "pyproject.toml", *bundle.COPIED):
        (course / name).symlink_to(ROOT / name)

    def told() -> list[str]:
        text = bundle.bundle_files(course, assignments=False)["nbgrader_config.py"].decode()
        return [line for line in text.splitlines() if line.startswith("c.")]

    assert told() == ["c.CourseDirectory.course_id = 'activations'"]  # a student's machine has settings of its own
    assert bundle.unnamed_exchange(course) == "/srv/of-this-machine"
    own = (course / "nbgrader_config.py").read_text() + "c.TransferApp.exchange_directory = '/srv/of-the-course'\n"
    (course / "nbgrader_config.py").unlink()
    (course / "nbgrader_config.py").write_text(own)  # by the name that it had in earlier versions
    assert told() == ["c.CourseDirectory.course_id = 'activations'", "c.Exchange.root = '/srv/of-the-course'"]
    assert bundle.unnamed_exchange(course) is None


def test_nothing_of_the_instructors_is_in_it(unzipped):
    assert sorted(path.name for path in unzipped.iterdir()) == [
        "LICENSE", "Makefile", "README.md", "constraints.txt", "course", "environment.yml", "nbgrader_config.py",
        "pyproject.toml", "release",
    ]  # fmt: skip
    assert list((unzipped / "course" / "lessons").glob("*.py")) == []
    assert list((unzipped / "release").rglob("*.py")) == []
    assert not any("{{" in path.read_text() for path in unzipped.iterdir() if path.is_file())


def test_a_leak_stops_it_and_the_old_bundle_stays(tmp_path, monkeypatch):
    target = tmp_path / "bundle.zip"
    target.write_bytes(b"old")
    monkeypatch.setattr(bundle, "find_leaks", lambda root, files: [Leak("course/x.py", "line 1", "solution", "x = 1")])
    with pytest.raises(UserError, match=r"1 leaks to students.\n- course/x.py, line 1: solution: x = 1"):
        build_bundle(ROOT, target)
    assert target.read_bytes() == b"old"


@pytest.mark.parametrize(("missing", "message"), [("LICENSE", "needs .*LICENSE"), ("release", "make release")])
def test_a_missing_part_is_one_clear_line(tmp_path, missing, message):
    for name in ("pyproject.toml", "constraints.txt", "LICENSE", "course/a.py", "release/ps/ps.ipynb"):
        if not name.startswith(missing):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes((ROOT / name).read_bytes() if (ROOT / name).exists() else b"")
    with pytest.raises(UserError, match=message):
        build_bundle(tmp_path, tmp_path / "bundle.zip")


def test_it_installs_with_the_student_dependencies_only(unzipped, tmp_path):
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    copy_of_it, target = tmp_path / "copy", tmp_path / "target"
    shutil.copytree(unzipped, copy_of_it)  # to build leaves files behind
    subprocess.run([*pip, "--target", str(target), str(copy_of_it)], check=True, capture_output=True)
    assert sorted(path.name for path in target.iterdir() if path.suffix != ".dist-info") == ["course"]
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert tomllib.loads((unzipped / "pyproject.toml").read_text())["project"]["dependencies"] == wanted


def test_a_lesson_runs(unzipped, student_kernel):
    lesson = unzipped / "course" / "lessons" / "02_classic_activations.ipynb"
    run(nbformat.read(lesson, as_version=4), lesson.parent, student_kernel)


def test_every_notebook_finds_its_modules_pictures_and_quiz(unzipped, prelude):
    lessons = sorted((unzipped / "course" / "lessons").glob("*.ipynb"))
    assignments = sorted((unzipped / "release").rglob("*.ipynb"))
    assert len(assignments) == len(ASSIGNMENTS)
    imports = set()
    for lesson in lessons + assignments:
        for cell in nbformat.read(lesson, as_version=4).cells:
            if cell.cell_type == "code":
                nodes = ast.walk(ast.parse(cell.source))
                imports |= {ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)}
            for picture in cell.get("source").split("](images/")[1:]:
                assert (lesson.parent / "images" / picture.partition(")")[0]).is_file()
    quizzes = [path.stem for path in (ROOT / "autograder" / "publish" / "quiz_sources").glob("*.toml")]
    imports.add(f"from course.widgets.quiz import Quiz; [Quiz(name) for name in {quizzes!r}]")
    imports.add("import course, pathlib; print(pathlib.Path(course.__file__).parent)")
    done = subprocess.run(
        [*ISOLATED, prelude + "; ".join(sorted(imports))], capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.stdout.strip()) == ("", str(unzipped / "course"))
    alone = subprocess.run([*ISOLATED, prelude + "import autograder"], capture_output=True, text=True, check=False)
    assert "No module named 'autograder'" in alone.stderr


# The browser tests do this for every assignment; here it is that the bundle has what a test cell needs.
def test_visible_checks_fail_on_the_stub_and_pass_on_the_solution(unzipped, student_kernel):
    assignment = ASSIGNMENTS[0]
    folder = unzipped / "release" / assignment
    stub = nbformat.read(folder / f"{assignment}.ipynb", as_version=4)
    solved = nbformat.from_dict(copy.deepcopy(stub))
    source = nbformat.read(ROOT / "source" / assignment / f"{assignment}.ipynb", as_version=4)
    solutions = {cell.id: cell.source for cell in source.cells if is_solution(cell)}
    for cell in solved.cells:
        cell.source = solutions.get(cell.id, cell.source)
        cell.id = f"{cell.id}-solved"
    # One kernel for both: starting one takes longer than the checks.
    both = nbformat.v4.new_notebook(cells=[*stub.cells, *solved.cells])
    run(both, folder, student_kernel, allow_errors=True)
    half = len(stub.cells)
    stub_tests = [cell for cell in both.cells[:half] if is_test(cell)]
    solved_tests = [cell for cell in both.cells[half:] if is_test(cell)]
    assert stub_tests
    assert {outcome(cell) for cell in stub_tests} <= {0.0, "error"}
    assert [outcome(cell) for cell in solved_tests] == [cell.metadata.nbgrader.points for cell in solved_tests]


def test_a_student_rehearses_the_grading_with_it(unzipped, prelude, tmp_path):
    """What is in `release/` may be worked in: the released notebook is kept elsewhere."""
    assignment = ASSIGNMENTS[0]
    handed_out = unzipped / "release" / assignment / f"{assignment}.ipynb"
    notebook = nbformat.read(handed_out, as_version=4)
    source = nbformat.read(ROOT / "source" / assignment / f"{assignment}.ipynb", as_version=4)
    solutions = {cell.id: cell.source for cell in source.cells if is_solution(cell)}
    for cell in notebook.cells:
        cell.source = solutions.get(cell.id, cell.source)
    notebook.cells = [cell for cell in notebook.cells if not is_test(cell)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path))
        path = shutil.copytree(unzipped, tmp_path / "bundle") / "release" / assignment / f"{assignment}.ipynb"
        nbformat.write(notebook, path)
        program = prelude.replace(str(unzipped), str(tmp_path / "bundle")) + (
            f"from course.rehearse.__main__ import main; sys.exit(main([{str(path)!r}]))"
        )
        done = subprocess.run([*ISOLATED, program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    tests = [cell for cell in source.cells if is_test(cell)]
    assert f"{len(tests)} of {len(tests)} exercises pass all their visible checks." in done.stdout
    assert done.stdout.count("was missing; it was put back") == len(tests)


def is_solution(cell: nbformat.NotebookNode) -> bool:
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def is_test(cell: nbformat.NotebookNode) -> bool:
    settings = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and settings.get("grade", False) and not settings.get("solution", False)


def outcome(cell: nbformat.NotebookNode) -> float | str:
    """The score that a test cell showed, or "error"."""
    if any(output.output_type == "error" for output in cell.outputs):
        return "error"
    [result] = [output for output in cell.outputs if output.output_type == "execute_result"]
    return float(result.data["text/plain"])
