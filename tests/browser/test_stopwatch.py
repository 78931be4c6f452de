"""The stopwatch of the benchmark, in a real JupyterLab: it stops at new pixels of either version, and at no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from autograder.bench.demos import bench_notebook
from autograder.bench.lab import NotebookPage
from autograder.bench.stopwatch import time_key

pytestmark = pytest.mark.browser


def test_it_stops_at_new_pixels(course_copy: Path, open_notebook: Callable[[str], NotebookPage]) -> None:
    nbformat.write(bench_notebook(), course_copy / "demos.ipynb")
    notebook = open_notebook("demos.ipynb")
    notebook.run_all()
    for index, version in enumerate(("ours", "interact"), start=1):
        cell = notebook.run_cell(index, f"show_{version}('dip')")
        handle, output = notebook.slider(cell, "output level"), notebook.output(cell)
        picture = output.locator("canvas, img").first
        before = picture.screenshot()

        lap = time_key(handle, "ArrowRight", output)
        assert lap is not None
        assert min(lap.to_kernel, lap.kernel, lap.to_pixels) > 0
        assert picture.screenshot() != before

        notebook.wait_until_idle()
        assert time_key(handle, "Shift", output, limit_ms=300) is None
    assert notebook.problems == []
