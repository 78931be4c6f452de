"""Whatever a student hands in, a rehearsal says what the grader will say; all of it in one notebook, run once."""

from __future__ import annotations

from pathlib import Path

import pytest

from course.handing_in.files import MAX_FILES_BYTES
from course.handing_in.reading import MAX_NOTEBOOK_BYTES
from course.rehearse.rehearsal import Exercise, NotFound, Ran, Rehearsal, Rehearsing
from course.rehearse.released import CannotRehearse
from tests.course.rehearse.paper import Paper, named, own, right, save

FUNCTIONS = "good late wrong given_up kit_inside kit_beside dies files"
SCRATCH = "good kit_inside kit_beside files"
SECONDS = 10.0
"""An endless loop takes all of them, and nothing else on a busy machine."""

ANSWERS = {name: right(name) for name in FUNCTIONS.split()} | {
    "late": "def late(x):\n    return twice(x)",
    "wrong": "def wrong(x):\n    return x + 1",
    "given_up": "def given_up(x):\n    raise NotImplementedError",
    "kit_inside": "import PIL\ndef kit_inside(x):\n    return 2 * x if PIL.__version__ else x",
    "kit_beside": "import html, PIL\nprint(PIL.__version__)\ndef kit_beside(x: PIL.__version__):\n    return 2 * x",
    "dies": "import os\ndef dies(x):\n    return 2 * x if x[0] < 2 else os._exit(3)",
    "files": "from helper import twice as files",
    "essay": "I wrote this.",
}


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    folder = tmp_path_factory.mktemp("rehearsal")
    paper = Paper(folder / "release", FUNCTIONS, SCRATCH)
    notebook = paper.answered(ANSWERS)
    notebook.cells[named(notebook, "late") : named(notebook, "late")] = [
        own("before = twice(1)"),
        own("nobody_defined_it"),
        own("[][0]"),
        own("import no_such_package\nafter = 1\nassert input()"),
        own("assert after == 1"),
    ]
    notebook.cells.insert(named(notebook, "wrong"), own("while True: pass"))
    skipped, on_purpose = own("1 / 0"), own("1 / 0")
    skipped.metadata.tags, on_purpose.metadata.tags = ["skip-execution"], ["raises-exception"]
    notebook.cells[named(notebook, "dies") : named(notebook, "dies")] = [skipped, on_purpose]
    notebook.cells.insert(0, own("open('written_by_the_notebook.txt', 'w').close()"))
    del notebook.cells[named(notebook, "test_given_up")]
    notebook.cells.append(own("def twice(x):\n    return 2 * x"))
    (folder / "mine").mkdir()
    (folder / "mine" / "helper.py").write_text("import PIL\n\n\ndef twice(x):\n    return 2 * x\n")
    rehearsing = Rehearsing(save(notebook, folder / "mine"), folder / "release", SECONDS)
    assert [exercise.name for exercise in rehearsing.run()] == FUNCTIONS.split()
    assert sorted(path.name for path in (folder / "mine").iterdir()) == ["helper.py", "mini.ipynb"]
    return rehearsing.result


def of(rehearsal: Rehearsal, name: str) -> Exercise:
    return next(exercise for exercise in rehearsal.exercises if exercise.name == name)


def failed(rehearsal: Rehearsal, name: str) -> dict[str, str]:
    assert not of(rehearsal, name).reason
    return {check: message for check, message in of(rehearsal, name).checks if message}


def cells_of(rehearsal: Rehearsal, name: str) -> list[Ran]:
    return [ran for ran in of(rehearsal, name).cells if ran.name.startswith("cell")]


@pytest.mark.parametrize("name", ["good", "kit_beside", "files"])
def test_right_answers_pass_in_both_kernels(rehearsal: Rehearsal, name: str) -> None:
    assert of(rehearsal, name).passes
    assert len(of(rehearsal, name).checks) == 2


def test_a_failed_check_has_its_message(rehearsal: Rehearsal) -> None:
    assert failed(rehearsal, "wrong") == {"right at 3": "got 4, expected 6."}
    assert set(failed(rehearsal, "given_up").values()) == {"Not written yet."}


def test_from_scratch_there_is_numpy_alone(rehearsal: Rehearsal) -> None:
    assert set(failed(rehearsal, "kit_inside").values()) == {
        "PIL is not there in this exercise: write kit_inside with NumPy."
    }


def test_what_an_earlier_run_left_behind_is_not_there(rehearsal: Rehearsal) -> None:
    too_early, nowhere, *_ = cells_of(rehearsal, "late")
    where = too_early.not_found
    assert where is not None
    assert (where.name, where.below.startswith("cell ")) == ("twice", True)
    assert nowhere.not_found == NotFound("nobody_defined_it")
    assert of(rehearsal, "late").not_found == (where,)
    assert set(failed(rehearsal, "late").values()) == {"NameError: name 'twice' is not defined"}


def test_an_error_ends_a_cell_unless_it_is_for_want_of_something(rehearsal: Rehearsal) -> None:
    _, _, index, wants, after = cells_of(rehearsal, "late")
    assert index.outcome.error.startswith("IndexError: ")
    assert wants.outcome.error.startswith("StdinNotImplementedError: ")
    assert after.outcome.ended == "ok"


def test_what_does_not_end_is_stopped_and_costs_nothing_else(rehearsal: Rehearsal) -> None:
    (endless,) = cells_of(rehearsal, "wrong")
    assert endless.outcome.ended == "stopped"
    assert endless.outcome.seconds >= SECONDS


def test_the_end_of_a_kernel_costs_nothing_else(rehearsal: Rehearsal) -> None:
    assert of(rehearsal, "dies").reason == "The kernel ended while the checks ran."
    assert of(rehearsal, "files").passes


def test_tags_are_heeded(rehearsal: Rehearsal) -> None:
    (on_purpose,) = cells_of(rehearsal, "dies")
    assert on_purpose.outcome.ended == "ok"


def test_what_was_put_right_is_noted_and_texts_are_looked_at(rehearsal: Rehearsal) -> None:
    assert rehearsal.notes == ["cell 'test_given_up' was missing; it was put back"]
    assert (rehearsal.written, rehearsal.untouched) == (["essay"], [])
    assert rehearsal.wrong_name == ""
    assert [ran.outcome.ended for ran in rehearsal.rest] == ["ok"]
    assert rehearsal.seconds >= SECONDS


def test_a_notebook_under_another_name_from_windows_is_read(tmp_path: Path) -> None:
    paper = Paper(tmp_path / "release", "good late")
    notebook = paper.answered({"good": right("good")})
    path = save(notebook, tmp_path, "mini (2)")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    result = Rehearsing(path, tmp_path / "release").result
    assert (result.wrong_name, result.source.name, result.notes) == ("mini (2).ipynb", "mini", [])
    assert (result.written, result.untouched) == ([], ["essay"])


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"PK\x03\x04", "mini.ipynb cannot be read: it is an archive (ZIP), not a notebook. Save it with JupyterLab"),
        (b"", "mini.ipynb cannot be read: it is empty"),
        (None, "mini.ipynb cannot be read: No such file or directory."),
        (b"{}", "mini.ipynb cannot be read: it is not a Jupyter notebook: it has no cells"),
    ],
)
def test_what_nobody_can_read_is_one_line(tmp_path: Path, content: bytes | None, line: str) -> None:
    path = tmp_path / "mini.ipynb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CannotRehearse) as caught:
        Rehearsing(path)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_too_large_is_left_out_or_refused(tmp_path: Path) -> None:
    paper = Paper(tmp_path / "release", "good")
    path = save(paper.answered({}), tmp_path / "mine")
    with (tmp_path / "mine" / "data.bin").open("wb") as file:
        file.truncate(MAX_FILES_BYTES + 1)
    assert Rehearsing(path, tmp_path / "release").result.notes == [
        "the file data.bin was left out: the files of a submission may have 64 MiB together"
    ]
    with path.open("wb") as file:
        file.truncate(MAX_NOTEBOOK_BYTES + 1)
    with pytest.raises(CannotRehearse, match=r"mini.ipynb has 128 MiB; at most 128 are read. Please clear its outputs"):
        Rehearsing(path, tmp_path / "release")
