"""A kernel for a rehearsal: a real one, started for it, with the grader's limits on time."""

from __future__ import annotations

import ast
import contextlib
import queue
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager

from course.handing_in.allowed import GRACE_SECONDS
from course.rehearse.environment import with_course

START_SECONDS = 120.0
"""For a kernel to start, and for what it imports before the first cell."""

_GLANCE_SECONDS = 0.25
_MOST_SAID = 100  # messages of the standard error that are kept
_OPTIONS = ("-f", "{connection_file}", "--HistoryManager.enabled=False", "--InteractiveShell.colors=nocolor")
_COMMANDS = {False: "ipykernel_launcher", True: "course.rehearse.bare"}

Ending = Literal["ok", "error", "stopped", "died"]


@dataclass(frozen=True)
class Outcome:
    """What became of one cell."""

    ended: Ending
    seconds: float
    error: str = ""
    """Name of the exception, and its text."""
    said: str = ""
    """What stood in the standard error."""
    answer: Any = None
    """The value that was asked for, if it ended well."""


class Kernel:
    """A kernel in a folder, with this Python.

    Parameters
    ----------
    folder : Path
        Where it runs.
    home : Path
        Where it finds neither a student's settings nor history.
    bare : bool, optional
        Whether NumPy is the only package that can be imported.
    """

    def __init__(self, folder: Path, home: Path, *, bare: bool = False) -> None:
        command = [sys.executable, "-P", "-m", _COMMANDS[bare]] if bare else [sys.executable, "-m", _COMMANDS[bare]]
        self._manager = KernelManager(kernel_spec_manager=_OneKernel([*command, *_OPTIONS]), kernel_name="rehearsal")
        self._manager.start_kernel(
            cwd=str(folder),
            env=_environment(folder, home, bare=bare),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.alive = True
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        try:
            self._client.wait_for_ready(timeout=START_SECONDS)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End it."""
        if self.alive:
            self.alive = False
            self._client.stop_channels()
            self._manager.shutdown_kernel(now=True)

    def run(self, code: str, seconds: float) -> Outcome:
        """Run a cell; one that takes too long is interrupted, and what does not react to that is ended."""
        return self._execute(code, seconds, {}, silent=False)

    def ask(self, expression: str, seconds: float) -> Outcome:
        """Return the value of an expression, which must be a constant, within the same limits."""
        return self._execute("", seconds, {"answer": expression}, silent=True)

    def _execute(self, code: str, seconds: float, expressions: dict[str, str], *, silent: bool) -> Outcome:
        start = time.monotonic()
        request = self._client.execute(
            code, silent=silent, user_expressions=expressions, allow_stdin=False, stop_on_error=False
        )
        said: list[str] = []
        in_time = self._wait_until_idle(request, start + seconds, said)
        if in_time is False:
            self._manager.interrupt_kernel()
            if not self._wait_until_idle(request, time.monotonic() + GRACE_SECONDS, said):
                self.close()
            else:
                self._reply(request)
            return Outcome("stopped", time.monotonic() - start)
        reply = self._reply(request) if in_time else None
        took = time.monotonic() - start
        if reply is None:
            self.close()
            return Outcome("died", took)
        if reply["status"] != "ok":
            return Outcome("error", took, f"{reply['ename']}: {reply['evalue']}", "".join(said))
        return self._answered(reply, took, "".join(said))

    def _answered(self, reply: dict[str, Any], took: float, said: str) -> Outcome:
        found = reply["user_expressions"].get("answer")
        if found is None:
            return Outcome("ok", took, said=said)
        if found["status"] != "ok":
            return Outcome("error", took, f"{found['ename']}: {found['evalue']}")
        return Outcome("ok", took, answer=ast.literal_eval(found["data"]["text/plain"]))

    def _wait_until_idle(self, request: str, deadline: float, said: list[str]) -> bool | None:
        """Return whether a request ended before the deadline; None if the kernel did."""
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            try:
                message = self._client.get_iopub_msg(timeout=min(left, _GLANCE_SECONDS))
            except queue.Empty:
                if not self._manager.is_alive():
                    return None
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            if message["msg_type"] == "stream" and content["name"] == "stderr" and len(said) < _MOST_SAID:
                said.append(content["text"])
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return True

    def _reply(self, request: str) -> dict[str, Any] | None:
        with contextlib.suppress(queue.Empty):
            while True:
                message = self._client.get_shell_msg(timeout=GRACE_SECONDS)
                if message["parent_header"].get("msg_id") == request:
                    content: dict[str, Any] = message["content"]
                    return content
        return None


class _OneKernel(KernelSpecManager):
    """Knows one kernel: the one that is started by a command."""

    def __init__(self, command: Sequence[str]) -> None:
        super().__init__()
        self._spec = KernelSpec(argv=list(command), display_name="Rehearsal", language="python")

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return it, whatever its name."""
        return self._spec


def _environment(folder: Path, home: Path, *, bare: bool) -> dict[str, str]:
    """Return this process's variables, with those of the grader's rooms that make a difference."""
    environment = with_course() | {
        "IPYTHONDIR": str(home),
        "NBGRADER_EXECUTION": "autograde",
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
    }
    environment.pop("MPLBACKEND", None)
    if bare:
        environment["HOME"] = str(folder)  # what lies there was handed in, for `replay`
    return environment
