"""Checks that pass in a lesson count as done; seen from beside, in a kernel, and only if somebody works in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_client.manager import KernelManager

from course.checks import Checks, Score
from course.progress import contents, store
from course.progress.contents import CheckCell, Lesson
from course.progress.follow import after_cell
from course.progress.store import FOLDER_VARIABLE, Store
from tests.support import lessons

CELL = CheckCell("double", ("right for 2",))


def score(value: int, title: str = "double") -> Score:
    checks = Checks(title, points=1)
    with checks("right for 2"):
        assert value == 4
    return checks.score()


@pytest.fixture
def one_lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "lessons", lambda: (Lesson("lesson", "A lesson", 5, checks=(CELL,)),))


@pytest.mark.usefixtures("one_lesson")
def test_what_passes_counts_and_nothing_else(kept_in: Path) -> None:
    for result in (None, 4.0, score(5), score(4, "of an assignment")):
        after_cell(SimpleNamespace(result=result))
        assert store.here().items() == {}
    after_cell(SimpleNamespace(result=score(4)))
    after_cell(SimpleNamespace(result=score(5)))
    assert Store(kept_in).get("lesson", "checks", CELL.item) == {"passed": True}, "once passed, it stays"


@pytest.mark.usefixtures("one_lesson")
def test_what_is_wrong_with_the_file_is_one_line_below_the_cell(
    kept_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept_in.write_text("in the way")
    after_cell(SimpleNamespace(result=score(4)))
    after_cell(SimpleNamespace(result=score(4)))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert "cannot be kept" in lines[0]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A kernel with a folder of its own for progress."""
    folder = tmp_path_factory.mktemp("kernel")
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(lessons.ROOT), env=dict(os.environ) | {FOLDER_VARIABLE: str(folder / "kept")})
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=300)

    def run(source: str, *, somebody: bool) -> str:
        """Run a cell as JupyterLab does for somebody, or as nbconvert and graders do for nobody."""
        reply = client.execute_interactive(source, allow_stdin=somebody, output_hook=lambda _: None, timeout=300)
        return str(reply["content"]["status"])

    yield SimpleNamespace(run=run, folder=folder / "kept")
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_in_a_kernel_that_runs_for_nobody_nothing_is_kept_and_for_somebody_it_is(kernel: SimpleNamespace) -> None:
    cells = [cell.source for cell in lessons.read("00_start_here").cells if cell.cell_type == "code"]
    (shipped,) = [source for source in cells if source.startswith("def neuron(")]
    (checks,) = [source for source in cells if source.startswith("checks = ")]
    imports = "import sys\nimport numpy as np\nfrom course.checks import Checks, expect_array, expect_close"
    widget = "from course.widgets.predict import Prediction"
    answer = "guess = Prediction('?')\nguess.field.value = '1'\nguess.button.click()"
    again = (
        "for name in [name for name in sys.modules if name.startswith('course.widgets')]:\n    del sys.modules[name]"
    )
    mended = shipped.replace("x - b", "x + b")
    for source in (imports, widget, answer, mended, checks, again):
        assert kernel.run(source, somebody=False) == "ok"
    assert not kernel.folder.exists()
    for source in (widget, answer, shipped, checks):
        assert kernel.run(source, somebody=True) == "ok"
    (cell,) = contents.lessons()[0].checks
    kept = Store(kernel.folder)
    assert [len(kinds) for kinds in kept.items().values()] == [1]
    assert kept.get("00_start_here", "checks", cell.item) == {}
    assert kernel.run(mended, somebody=True) == kernel.run(checks, somebody=True) == "ok"
    assert kept.get("00_start_here", "checks", cell.item) == {"passed": True}
