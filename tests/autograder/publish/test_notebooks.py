"""The committed notebooks and student versions are what their text twins give, byte for byte."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import jupytext
import nbformat
import pytest

from autograder.publish.notebooks import TEXT_FORMAT, build_notebooks, build_release, twins
from autograder.publish.quizzes import build_quizzes

ROOT = Path(__file__).resolve().parents[3]
TWINS = [twin.relative_to(ROOT).as_posix() for twin in twins(ROOT)]
COMMITTED = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("course/lessons", "source", "release")
    for path in (ROOT / folder).rglob("*.ipynb")
    if ".ipynb_checkpoints" not in path.parts
)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path, less what JupyterLab leaves there."""
    paths = [path for path in folder.rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def out_of_step(built: dict[str, bytes], committed: dict[str, bytes]) -> list[str]:
    """The files that are not the same on both sides."""
    return sorted(path for path in built.keys() | committed.keys() if built.get(path) != committed.get(path))


def test_notebooks_are_built_from_their_twins(tmp_path):
    build_notebooks(ROOT, tmp_path)
    committed = {path: (ROOT / path).read_bytes() for path in COMMITTED if not path.startswith("release/")}
    assert out_of_step(contents(tmp_path), committed) == [], "run make notebooks"


def test_a_notebook_that_is_as_it_should_be_is_left_alone(tmp_path):
    build_notebooks(ROOT, tmp_path)
    notebooks = sorted(tmp_path.rglob("*.ipynb"))
    for notebook in notebooks:
        os.utime(notebook, (1, 1))
    notebooks[0].write_text("{}")
    build_notebooks(ROOT, tmp_path)
    assert [notebook.stat().st_mtime == 1 for notebook in notebooks] == [False] + [True] * (len(notebooks) - 1)


@pytest.mark.parametrize("newer", [".ipynb", ".py"])
def test_jupyterlab_opens_and_saves_every_pair(tmp_path, newer):
    """Whichever of the two is newer, as after a clone or a build: neither is refused, and saving changes no twin."""
    for folder in ("course/lessons", "source"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    manager = jupytext.TextFileContentsManager()
    manager.root_dir = str(tmp_path)
    for name in TWINS:
        twin = tmp_path / name
        notebook = Path(name).with_suffix(".ipynb")
        os.utime(Path(tmp_path / name).with_suffix(newer), (twin.stat().st_mtime + 3600,) * 2)
        model = manager.get(notebook.as_posix())
        assert len(model["content"]["cells"]) == len(nbformat.read(ROOT / notebook, as_version=4).cells)
        manager.save({"type": "notebook", "format": "json", "content": model["content"]}, notebook.as_posix())
        assert twin.read_text() == (ROOT / name).read_text()


def test_release_is_built_from_source(tmp_path):
    build_release(ROOT, tmp_path)
    assert out_of_step(contents(tmp_path), contents(ROOT / "release")) == [], "run make release"


def test_quizzes_are_built_from_their_keys(tmp_path):
    build_quizzes(ROOT / "autograder" / "publish" / "quiz_sources", tmp_path)
    assert out_of_step(contents(tmp_path), contents(ROOT / "course" / "quizzes")) == [], "run make notebooks"


def test_a_changed_twin_is_out_of_step(tmp_path):
    twin = ROOT / TWINS[0]
    changed = tmp_path / TWINS[0]
    changed.parent.mkdir(parents=True)
    changed.write_text(twin.read_text().replace("# # ", "# # New: ", 1))
    build_notebooks(tmp_path)
    notebook = changed.with_suffix(".ipynb").relative_to(tmp_path).as_posix()
    assert out_of_step({notebook: (tmp_path / notebook).read_bytes()}, {notebook: (ROOT / notebook).read_bytes()}) == [
        notebook
    ]


def test_a_changed_assignment_is_out_of_step(tmp_path):
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    twin = tmp_path / "source" / "ps1_from_scratch" / "ps1_from_scratch.py"
    twin.parent.mkdir(parents=True)
    twin.write_text((ROOT / twin.relative_to(tmp_path)).read_text().replace("# ## 1. SELU", "# ## 1. The SELU", 1))
    build_notebooks(tmp_path)
    build_release(tmp_path, tmp_path / "release")
    committed = {path: data for path, data in contents(ROOT / "release").items() if path.startswith("ps1")}
    assert out_of_step(contents(tmp_path / "release"), committed) == ["ps1_from_scratch/ps1_from_scratch.ipynb"]


@pytest.mark.parametrize("path", TWINS)
def test_a_notebook_saved_in_jupyterlab_gives_its_twin_back(path):
    twin = ROOT / path
    notebook = nbformat.read(twin.with_suffix(".ipynb"), as_version=4)
    notebook.metadata["jupytext"] = {
        "notebook_metadata_filter": "-all",
        "cell_metadata_filter": "nbgrader,tags,jupyter",
    }
    assert jupytext.writes(notebook, fmt=TEXT_FORMAT) == twin.read_text()


@pytest.mark.parametrize("path", COMMITTED)
def test_committed_notebooks_are_clean(path):
    notebook = nbformat.read(ROOT / path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert "jupytext" not in notebook.metadata
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
