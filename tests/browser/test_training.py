"""Training in a real JupyterLab: it runs while the page stays alive, shows progress, stops, and starts again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.lab import NotebookPage

pytestmark = pytest.mark.browser


IMPORTS = """
import time
from course.demos.dead_neurons import DeadNeuronLab, Story
from course.demos.relu_family import ReluFamily

def slowly(self, steps=Story.steps):  # a hand that presses Stop needs seconds, on a busy machine above all
    for loss in steps(self):
        time.sleep(0.03)
        yield loss

Story.steps = slowly
"""


def test_train_stop_and_train_again(
    open_notebook: Callable[[str], NotebookPage], write_notebook: Callable[..., str]
) -> None:
    notebook = open_notebook(write_notebook("training.ipynb", IMPORTS, "ReluFamily()", "DeadNeuronLab()"))
    notebook.run_all()
    cell = notebook.cell("DeadNeuronLab()")
    cell.scroll_into_view_if_needed()
    before = notebook.pixels(cell)

    cell.get_by_role("button", name="Train").press("Space")
    cell.get_by_text("Training: 300 steps.").wait_for()
    cell.get_by_role("button", name="Stop").press("Space")
    cell.get_by_text("Stopped after step").wait_for()
    notebook.wait_until_idle()

    cell.get_by_role("button", name="Train").press("Space")
    # A slider of another demo follows while the training goes on.
    other = notebook.cell("ReluFamily()")
    notebook.slider(other, "α of ELU").press("End")
    other.locator(".demo-readout").filter(has_text="ELU, α = 2.00").wait_for()
    cell.get_by_text("Trained: step 300.").wait_for()
    notebook.wait_until_idle()
    assert notebook.pixels(cell) != before
    assert "300 " in cell.locator(".demo-readout").inner_text()

    # A slider of this demo ends a run.
    cell.get_by_role("button", name="Train").press("Space")
    notebook.slider(cell, "bias at the start").press("ArrowLeft")
    cell.get_by_text("Not trained yet with these settings.").wait_for()
    assert notebook.problems == []
