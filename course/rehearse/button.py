"""The button that rehearses the notebook in which it stands."""

from __future__ import annotations

import html
import subprocess
import sys
import threading
from pathlib import Path

import ipywidgets as widgets

from course.rehearse.environment import with_course
from course.widgets.markup import bundle, status

TEXT = "Rehearse the grading"
_SAVE = "Save the notebook first (Ctrl+S, on macOS ⌘S): what is saved is rehearsed."


class RehearseButton:
    """A button that runs `python -m course.rehearse` on a notebook and shows what that says, as it says it.

    Parameters
    ----------
    notebook : str
        The notebook's name without its suffix; it lies in the folder of the kernel.
    """

    def __init__(self, notebook: str) -> None:
        self.path = Path(f"{notebook}.ipynb").absolute()
        self.button = widgets.Button(description=TEXT, tooltip=_SAVE, layout={"width": "max-content"})
        self.state = widgets.HTML(status(_SAVE))
        self.said = widgets.HTML()
        self.box = widgets.VBox([self.button, self.state, self.said])
        self.running: threading.Thread | None = None
        self.button.on_click(self._start)

    def _start(self, _button: widgets.Button) -> None:
        self.button.disabled = True
        self.state.value = status("Rehearsing; this takes as long as running all cells, and a little more …")
        self.said.value = ""
        self.running = threading.Thread(target=self._run, daemon=True)
        self.running.start()

    def _run(self) -> None:
        """Run the rehearsal in a process of its own, so that this kernel stays free."""
        lines: list[str] = []
        command = [sys.executable, "-m", "course.rehearse", str(self.path)]
        environment = with_course() | {"PYTHONUTF8": "1"}
        status_of_it = None
        try:
            with subprocess.Popen(
                command,
                encoding="utf-8",
                errors="replace",
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            ) as process:
                assert process.stdout is not None
                for line in process.stdout:
                    lines.append(line)
                    self.said.value = _shown(lines)
            status_of_it = process.returncode
        except OSError as error:
            self.said.value = _shown([str(error)])
        finally:
            self.state.value = status(_RESULTS.get(status_of_it, "The rehearsal did not come to its end."))
            self.button.disabled = False

    def _repr_mimebundle_(self, **_options: object) -> dict[str, object]:
        return bundle(self.box, f"{TEXT}: python -m course.rehearse {self.path.name}")


_RESULTS: dict[int | None, str] = {
    0: "All visible checks pass, and there is nothing to mend.",
    1: "There is something to mend; it is listed below.",
    2: "The notebook could not be run.",
}
"""By exit status."""


def _shown(lines: list[str]) -> str:
    text = html.escape("".join(lines))
    return f'<pre style="white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;line-height:1.4">{text}</pre>'
