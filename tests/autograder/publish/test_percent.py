"""What an author writes comes back from the text twin, cell by cell, whatever its lines look like."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

import jupytext
import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.publish import percent
from autograder.publish.notebooks import TEXT_FORMAT, build_notebook

ROOT = Path(__file__).parents[3]
PAIRED = {"notebook_metadata_filter": "-all", "cell_metadata_filter": "nbgrader,tags,jupyter"}
LIKE_MARKERS = [
    "# %% data",
    "# %%",
    "#%% data",
    "#  %%  ",
    "# %%%% part of a part",
    "# # %% data",
    "# # # %%",
    "    # %% indented",
    "# %% [markdown]",
    '# %% nbgrader={"grade_id": "other"}',
    "# <codecell>",
    "# In[3]:",
    "# In [3]:",
]
CODE = [
    *LIKE_MARKERS,
    "x = 1",
    "def f():\n    # %% inside\n    return 1",
    'text = """\n# %% in a string\n# # %% in a string\n"""',
    "text = '# %%'",
    'it = "it\'s"  # %% not at the beginning',
    "%time x \\\n# %% goes on",
    "# %%time",
    "%%time",
    "!ls",
    "",
]
TEXT = [*LIKE_MARKERS, "%% a comment of mermaid", "%%", "```mermaid\n%% a comment\n```", "words", "# Heading", ""]


@pytest.fixture(autouse=True)
def _registered() -> None:
    percent.register()


def sources(lines: list[str]) -> st.SearchStrategy[str]:
    """Texts of cells; blank lines at their ends separate cells in the twin."""
    return st.lists(st.sampled_from(lines), min_size=1, max_size=5).map("\n".join).map(lambda text: text.strip("\n"))


# At the beginning of a text, jupytext takes %% for the magic of a language.
WORDS = sources(TEXT).map(lambda text: f"words\n{text}" if text.startswith("%%") else text)
NOTEBOOKS = st.lists(
    st.tuples(st.just("code"), sources(CODE)) | st.tuples(st.just("markdown"), WORDS), min_size=1, max_size=4
)


def notebook_of(cells: list[tuple[str, str]]) -> nbformat.NotebookNode:
    made = [
        (new_code_cell if kind == "code" else new_markdown_cell)(
            source, metadata={"nbgrader": {"grade_id": f"cell-{number}", "locked": True}}
        )
        for number, (kind, source) in enumerate(cells)
    ]
    return new_notebook(cells=made, metadata={"jupytext": PAIRED})


@given(NOTEBOOKS)
def test_every_cell_comes_back_from_its_twin(cells: list[tuple[str, str]]) -> None:
    twin = jupytext.writes(notebook_of(cells), fmt=TEXT_FORMAT)
    built = nbformat.reads(build_notebook(twin, name="twin.py"), as_version=4)
    assert [(cell.cell_type, cell.source) for cell in built.cells] == cells
    assert [cell.metadata.nbgrader.grade_id for cell in built.cells] == [f"cell-{n}" for n in range(len(cells))]
    built.metadata["jupytext"] = PAIRED
    assert jupytext.writes(built, fmt=TEXT_FORMAT) == twin


def test_a_string_is_left_as_it_is() -> None:
    cells = [("code", 'text = """\n# %% in a string\n"""')]
    assert cells[0][1] in jupytext.writes(notebook_of(cells), fmt=TEXT_FORMAT)


def test_jupyterlab_started_in_the_course_keeps_such_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Saving the notebook writes the twin, and opening the newer twin gives the same cells."""
    monkeypatch.setattr(percent.get_format_implementation(".py", "percent"), "cell_exporter_class", None)
    runpy.run_path(str(ROOT / "jupyter_server_config.py"))
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "jupytext.toml").write_text((ROOT / "source" / "jupytext.toml").read_text())
    manager = jupytext.TextFileContentsManager()
    manager.root_dir = str(tmp_path)
    cells = [("code", "x = 1\n# %% data\ny = 2"), ("code", "z = 3")]
    content = notebook_of(cells)
    del content.metadata["jupytext"]
    manager.save({"type": "notebook", "format": "json", "content": content}, "source/x.ipynb")
    twin = tmp_path / "source" / "x.py"
    os.utime(twin, (twin.stat().st_mtime + 3600,) * 2)
    opened = manager.get("source/x.ipynb")["content"]
    assert [(cell.cell_type, cell.source) for cell in opened.cells] == cells
