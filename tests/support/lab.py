"""A JupyterLab server of its own, Chromium, and a page object for a notebook open in it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, sync_playwright

from autograder.errors import UserError
from autograder.machine.system_packages import CHROMIUM, find_chromium, message
from course.progress.store import FOLDER_VARIABLE

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_SECONDS = 120
RUN_SECONDS = 120
QUIET_MS = 200  # time for the page to draw what came, and for the kernel to begin to look ahead
# Settings that tests and benchmarks need: no question about news, every cell in the page at once, no save dialogs.
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
    "docmanager-extension/plugin": {"autosave": False},
}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Headless Chromium; UserError if there is none."""
    program = find_chromium()
    if program is None:
        raise UserError(message([CHROMIUM]))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


def free_port() -> int:
    """A port of the loopback interface that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LabServer:
    """A JupyterLab server on a free loopback port, with configuration and data folders of its own.

    Parameters
    ----------
    root : Path
        The folder it serves. It comes first on the kernels' PYTHONPATH, so a copied `course` is the one used.
    home : Path
        An empty folder for configuration, data, workspaces and the log.
    as_student : bool
        Start it as a student does, in the working copy that `python -m course.lab` makes in the folder, and without the
        settings that tests need otherwise.
    """

    def __init__(self, root: Path, home: Path, *, as_student: bool = False) -> None:
        self.root, self.home, self._as_student = root, home, as_student
        self.url = f"http://127.0.0.1:{free_port()}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> LabServer:
        for name, values in () if self._as_student else SETTINGS.items():
            path = self.home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
        start = ["course.lab"] if self._as_student else ["jupyterlab", f"--ServerApp.root_dir={self.root}"]
        command = [
            sys.executable, "-m", *start, "--no-browser", "--allow-root", "--expose-app-in-browser",
            "--JupyterNotebookApp.expose_app_in_browser=True",
            f"--ServerApp.port={self.url.rsplit(':', 1)[1]}", "--ServerApp.port_retries=0",
            "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True",
        ]  # fmt: skip
        with (self.home / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=self.root, env=self._environment(), stdout=log, stderr=subprocess.STDOUT
            )
        self._wait_until_it_answers()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server and its kernels."""
        assert self._process is not None
        self._process.terminate()  # it shuts its kernels down
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _environment(self) -> dict[str, str]:
        own = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_CONFIG_PATH": "config",  # before the folders of this machine, which may name an exchange
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
            FOLDER_VARIABLE: "progress",
        }
        # The interpreter's own folder comes first, so that kernels start from this environment.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        return (
            dict(os.environ)
            | {name: str(self.home / folder) for name, folder in own.items()}
            | {"PATH": path, "PYTHONPATH": str(self.root)}
        )

    def _wait_until_it_answers(self) -> None:
        assert self._process is not None
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/api/status", timeout=2):
                    return
            except OSError:
                time.sleep(0.2)
        log = (self.home / "server.log").read_text(errors="replace")[-3000:]
        self.close()
        raise RuntimeError(f"JupyterLab did not start:\n{log}")


class NotebookPage:
    """A notebook open in JupyterLab.

    Parameters
    ----------
    page : Page
        A page of the browser: a new one, or one that shows JupyterLab and whose notebook has been put away; it opens
        the next one in a fraction of the time.
    server : LabServer
        Serves the notebook.
    path : str
        The notebook below the served folder.
    workspace : str
        A new name: in a workspace that was used before, JupyterLab opens the notebooks of then again.

    Attributes
    ----------
    page : Page
        Playwright's page, for whatever has no method here.
    problems : list of str
        Console errors and uncaught exceptions since the page was opened.
    """

    def __init__(self, page: Page, server: LabServer, path: str, workspace: str) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", self._note_error)
        new = page.evaluate("window.jupyterapp === undefined")
        if new:
            page.goto(f"{server.url}/lab/workspaces/{workspace}/tree/{path}", timeout=START_SECONDS * 1000)
        else:
            page.evaluate(
                "async path => { await window.jupyterapp.commands.execute('docmanager:open', {path}); }", path
            )
        page.wait_for_function(
            """path => {
              const widget = window.jupyterapp?.shell.currentWidget;
              return widget?.context?.path === path && widget.context.isReady
                && widget.sessionContext?.session?.kernel?.status === 'idle';
            }""",
            arg=path,
            timeout=START_SECONDS * 1000,
        )
        if new:
            page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
        page.evaluate(_FOLLOW)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"{message.text} ({message.location.get('url', '')})")

    def _note_error(self, error: Error) -> None:
        self.problems.append(str(error))

    def put_away(self) -> bool:
        """End the notebook's kernel, which would go on by itself, and close the notebook without saving it.

        Return whether another one may be opened in the page: not where a dialog is left, or a notebook.
        """
        self.page.remove_listener("console", self._note)
        self.page.remove_listener("pageerror", self._note_error)
        return bool(self.page.evaluate(_PUT_AWAY))

    def close(self) -> None:
        """Put the notebook away, and close the page."""
        self.put_away()
        self.page.close()

    def run_all(self) -> None:
        """Run every cell and wait until the kernel is idle again."""
        self.page.set_default_timeout(RUN_SECONDS * 1000)
        self.page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.page.wait_for_function(
            "(() => { const panel = window.jupyterapp.shell.currentWidget;"
            " return panel.content.widgets.every(c => c.model.type !== 'code'"
            "   || !c.model.sharedModel.source.trim() || c.model.executionCount !== null)"
            " && panel.sessionContext.session.kernel.status === 'idle'; })()"
        )
        self.wait_until_idle()  # widgets draw themselves after the last message

    def cells(self) -> list[dict[str, Any]]:
        """The notebook's cells as nbformat dictionaries, as the page holds them now."""
        cells = self.page.evaluate("window.jupyterapp.shell.currentWidget.content.model.toJSON().cells")
        return cast(list[dict[str, Any]], cells)

    def errors(self) -> list[str]:
        """Name and message of every error output."""
        return [
            f"{output['ename']}: {output['evalue']}"
            for cell in self.cells()
            for output in cell.get("outputs", [])
            if output["output_type"] == "error"
        ]

    def cell(self, containing: str) -> Locator:
        """The element of the first code cell whose source contains the text, with its output."""
        index = next(
            i for i, cell in enumerate(self.cells())
            if cell["cell_type"] == "code" and containing in _joined(cell["source"])
        )  # fmt: skip
        return self._cell_at(index)

    def run_cell(self, index: int, source: str) -> Locator:
        """Give a code cell another source, run it, and wait until its output is there; return its element."""
        self.page.evaluate(_RUN_CELL, [index, source])
        self.wait_until_idle()
        return self._cell_at(index)

    def _cell_at(self, index: int) -> Locator:
        return self.page.locator(f".jp-Notebook .jp-Cell[data-windowed-list-index='{index}']")

    def output(self, cell: Locator) -> Locator:
        """The element of a code cell's output."""
        return cell.locator(".jp-Cell-outputArea")

    def slider(self, cell: Locator, description: str) -> Locator:
        """The handle of the slider with this description, ready for the keyboard."""
        label = self.page.locator(f".widget-label:text-is('{description}')")
        return cell.locator(".widget-slider", has=label).locator(".noUi-handle")

    def press(self, target: Locator, *keys: str) -> None:
        """Focus an element, press keys as fast as they go, and wait until the kernel has dealt with them."""
        target.focus()
        for key in keys:
            self.page.keyboard.press(key)
        self.wait_until_idle()

    def wait_until_idle(self, quiet_ms: int = QUIET_MS) -> None:
        """Wait until the kernel has dealt with all messages, and none came or went for so many milliseconds."""
        self.page.evaluate(_QUIET, [quiet_ms, RUN_SECONDS * 1000])

    def kept(self, cell: Locator) -> int:
        """How many pictures the page keeps for the cell's demo."""
        return int(cell.locator("canvas.demo-figure").first.get_attribute("data-kept") or 0)

    def wait_until_kept(self, cell: Locator, pictures: int) -> None:
        """Wait until the page keeps so many pictures for the cell's demo."""
        canvas = cell.locator("canvas.demo-figure").first.element_handle()
        self.page.wait_for_function(
            "([canvas, pictures]) => Number(canvas.dataset.kept) >= pictures",
            arg=[canvas, pictures],
            timeout=RUN_SECONDS * 1000,
        )

    def pixels(self, cell: Locator) -> str:
        """A hash of what the cell's live figure shows."""
        canvas = cell.locator("canvas.demo-figure").first
        return cast(str, canvas.evaluate(_HASH))


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


# The kernel says of each message when it is done with it, on a slow machine too late for a wait that goes by silence.
# What demos draw ahead while all is quiet does not count, nor the page's answers to it.
_FOLLOW = """() => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const traffic = window.traffic = {undone: new Set(), last: performance.now()};
  const beside = new Set();
  kernel.anyMessage.connect((_, {direction, msg}) => {
    const own = msg.content.data?.content ?? {};
    if ('got' in own) beside.add(msg.header.msg_id);
    if ('ahead' in own || beside.has(msg.header.msg_id) || beside.has(msg.parent_header.msg_id)) return;
    traffic.last = performance.now();
    if (direction === 'send' && msg.channel !== 'stdin') traffic.undone.add(msg.header.msg_id);
    if (msg.content.execution_state === 'idle') traffic.undone.delete(msg.parent_header.msg_id);
  });
  kernel.statusChanged.connect((_, status) => { if (status.endsWith('restarting')) traffic.undone.clear(); });
}"""

_PUT_AWAY = """async () => {
  const widget = window.jupyterapp.shell.currentWidget;
  await widget?.sessionContext?.shutdown();
  widget?.dispose();
  return !document.querySelector('.jp-Dialog, .jp-Notebook');
}"""

_QUIET = """async ([quiet, limit]) => {
  const {traffic} = window, start = performance.now();
  while (traffic.undone.size || performance.now() - Math.max(traffic.last, start) < quiet) {
    if (performance.now() - start > limit) throw new Error('the kernel did not come to rest');
    await new Promise(resolve => setTimeout(resolve, 25));
  }
}"""

_RUN_CELL = """([index, source]) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = index;
  notebook.activeCell.model.sharedModel.setSource(source);
  return window.jupyterapp.commands.execute('notebook:run-cell');
}"""

_HASH = """canvas => {
  const data = new Uint32Array(
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  let hash = 2166136261;
  for (const pixel of data) hash = Math.imul(hash ^ pixel, 16777619);
  return String(hash >>> 0);
}"""
