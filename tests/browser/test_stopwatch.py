"""The stopwatch of the benchmark, in a real JupyterLab: it stops at new pixels of each version, and at no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from benchmarks.demos import VERSIONS, bench_notebook
from benchmarks.stopwatch import time_key
from tests.support.lab import NotebookPage

pytestmark = pytest.mark.browser


def test_it_stops_at_new_pixels(course_copy: Path, open_notebook: Callable[[str], NotebookPage]) -> None:
    nbformat.write(bench_notebook(), course_copy / "demos.ipynb")
    notebook = open_notebook("demos.ipynb")
    notebook.run_all()
    for index, version in enumerate(VERSIONS, start=1):
        cell = notebook.run_cell(index, f"show_{version}('dip')")
        handle, output = notebook.slider(cell, "output level"), notebook.output(cell)
        picture = output.locator("canvas, img").first
        before = picture.screenshot()

        handle.focus()
        notebook.wait_until_idle()  # coming near is what makes ours draw ahead
        lap = time_key(handle, "ArrowRight", output)
        assert lap is not None
        assert lap.ahead == (version == "ours")
        assert lap.to_pixels > 0
        assert (min(lap.to_kernel, lap.kernel) > 0) == (not lap.ahead)
        assert picture.screenshot() != before

        notebook.wait_until_idle()
        assert time_key(handle, "Shift", output, limit_ms=300) is None
    assert notebook.problems == []
