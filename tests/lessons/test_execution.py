"""Every lesson runs from top to bottom by itself: headless, without a network, with nobody answering."""

from __future__ import annotations

import copy
import functools
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.lessons import notebooks
from tests.lessons.notebooks import LESSONS, NAMES, ROOT

# An audit hook cannot be taken off again and sees every socket of the process; the kernel's own are loopback.
NO_NETWORK = """
import sys as _sys
def _refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        target = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
        host = target[0] if isinstance(target, tuple) else target
        if host not in ("127.0.0.1", "::1", "localhost", None) and not str(host).startswith("/"):
            raise OSError(f"a lesson must not use the network: {event} {host}")
_sys.addaudithook(_refuse)
"""


def run(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    """Execute a copy of `notebook` with `folder` as the working directory; raises on the first error."""
    guarded = copy.deepcopy(notebook)
    guarded.cells.insert(0, nbformat.v4.new_code_cell(NO_NETWORK))
    client = NotebookClient(guarded, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    client.execute(env=dict(os.environ) | {"PYTHONPATH": str(ROOT)})
    return guarded


@functools.cache
def executed(name: str) -> nbformat.NotebookNode:
    """Run a lesson, once for all tests of this module."""
    return run(notebooks.read(name), LESSONS)


@pytest.mark.parametrize("name", NAMES)
def test_runs_without_error_or_noise(name: str) -> None:
    for cell in executed(name).cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_has_an_alt_text_and_a_widget_has_text_beside_it(name: str) -> None:
    for cell in executed(name).cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                assert len(output.metadata["image/png"]["alt"].split()) >= 10
            if "application/vnd.jupyter.widget-view+json" in output.get("data", {}):
                assert len(output.data["text/plain"].split()) >= 4


@pytest.mark.parametrize(
    "attempt", ["socket.create_connection(('192.0.2.1', 80), 1)", "socket.getaddrinfo('example.org', 80)"]
)
def test_a_lesson_that_uses_the_network_is_caught(attempt: str, tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"import socket\n{attempt}")])
    with pytest.raises(CellExecutionError, match="must not use the network"):
        run(notebook, tmp_path)
