"""A notebook exported as a page shows, without a network, the picture and the words of each widget."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, writes

from course.lab.command import JUPYTER
from tests.support.graded_class import PICTURE, ROOT

NAME = "jupyter_config.json"


def shown(**data: str) -> list[object]:
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "a", "version_major": 2, "version_minor": 0}}
    kinds = {"png": "image/png", "plain": "text/plain"}
    return [new_output("display_data", view | {kinds[kind]: content for kind, content in data.items()})]


def test_what_a_widget_shows_without_a_kernel_is_in_the_page(tmp_path: Path) -> None:
    (tmp_path / "still.png").write_bytes(base64.b64decode(PICTURE))
    cells = [
        new_markdown_cell("![A still.](still.png)"),
        new_code_cell("OneNeuron()", outputs=shown(png=PICTURE, plain="the demo in words")),
        new_code_cell("Quiz('x')", outputs=shown(plain="1. Which? ( ) one")),
    ]
    # What `--execute` leaves: nbconvert's own choice is then the widget, whose code comes from a server on the net.
    state = {"state": {"a": {"model_name": "VBoxModel", "state": {}}}, "version_major": 2, "version_minor": 0}
    metadata = {"widgets": {"application/vnd.jupyter.widget-state+json": state}}
    (tmp_path / "lesson.ipynb").write_text(writes(new_notebook(cells=cells, metadata=metadata)))
    command = [sys.executable, "-m", "nbconvert", "--to", "html", f"--config={JUPYTER / 'everyone' / NAME}"]
    command += ["--output-dir", str(tmp_path / "out"), str(tmp_path / "lesson.ipynb")]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    page = (tmp_path / "out" / "lesson.html").read_text()
    assert page.count(f"data:image/png;base64,{PICTURE}") == 2
    assert "1. Which? ( ) one" in page
    assert "still.png" not in page


def test_the_documents_say_how() -> None:
    assert f"--config=course/lab/jupyter/everyone/{NAME}" in (ROOT / "docs" / "students.md").read_text()
