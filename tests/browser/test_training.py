"""Training in a real JupyterLab: it runs while the page stays alive, shows progress, stops, and starts again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, TimeoutError

from tests.support.lab import NotebookPage

pytestmark = pytest.mark.browser


IMPORTS = """
import time
from course.demos.dead_neurons import DeadNeuronLab, Story
from course.demos.relu_family import ReluFamily

def slowly(self, steps=Story.steps):  # a hand that presses Stop needs seconds, on a busy machine above all
    for loss in steps(self):
        time.sleep(0.05)
        yield loss

Story.steps = slowly
"""


def press(cell: Locator, name: str, says: str) -> None:
    """Press a toggle button by the keyboard and wait for what the demo says.

    On a busy machine JupyterLab takes the focus away while it lays out the notebook's other cells, and with it the key,
    or half of it. So a key without effect is pressed again; where it had one half, the next takes that back.
    """
    button = cell.get_by_role("button", name=name).element_handle()
    for _ in range(9):
        button.press("Space")
        try:
            cell.get_by_text(says).wait_for(timeout=8_000)
            return
        except TimeoutError:
            continue
    raise AssertionError(f"{says!r} does not appear")


def test_train_stop_and_train_again(
    open_notebook: Callable[[str], NotebookPage], write_notebook: Callable[..., str]
) -> None:
    notebook = open_notebook(write_notebook("training.ipynb", IMPORTS, "ReluFamily()", "DeadNeuronLab()"))
    notebook.run_all()
    cell = notebook.cell("DeadNeuronLab()")
    cell.scroll_into_view_if_needed()
    before = notebook.pixels(cell)

    press(cell, "Train", "Training: 300 steps.")
    press(cell, "Stop", "Stopped after step")
    notebook.wait_until_idle()

    press(cell, "Train", "Training: 300 steps.")
    # A slider of another demo follows while the training goes on.
    other = notebook.cell("ReluFamily()")
    notebook.slider(other, "α of ELU").press("End")
    other.locator(".demo-readout").filter(has_text="ELU, α = 2.00").wait_for()
    cell.get_by_text("Trained: step 300.").wait_for()
    notebook.wait_until_idle()
    assert notebook.pixels(cell) != before
    assert "300 " in cell.locator(".demo-readout").inner_text()

    # A slider of this demo ends a run.
    press(cell, "Train", "Training: 300 steps.")
    notebook.slider(cell, "bias at the start").press("ArrowLeft")
    cell.get_by_text("Shown: the first 2 steps. Train takes 300.").wait_for()
    assert notebook.problems == []
