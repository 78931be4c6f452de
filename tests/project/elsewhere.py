"""Runs code as if this were Windows or macOS: what only Linux has is gone. Used as a script, in a process of its own.

python -m tests.project.elsewhere SYSTEM PROGRAM…, where SYSTEM is Windows or Darwin, and PROGRAM one of `PROGRAMS`; or
python -m tests.project.elsewhere SYSTEM autograder JSON, with a list of lists of arguments.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import io
import json
import os
import pkgutil
import platform
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

MODULES = {"seccomp", "pyseccomp"}
"""Not on Windows and not on macOS."""

UNIX_MODULES = {"fcntl", "resource", "termios", "tty", "pwd", "grp", "pty", "posix", "syslog"}
OS = """
    sched_getaffinity sched_setaffinity sched_setscheduler pidfd_open memfd_create eventfd splice copy_file_range
    getrandom getxattr setxattr listxattr removexattr setresuid setresgid unshare setns posix_fadvise
""".split()
UNIX_OS = """
    fork forkpty getuid geteuid getgid getegid getgroups setuid setgid setsid getsid setpgid getpgid getpgrp killpg nice
    wait3 wait4 mkfifo mknod chroot chown lchown fchown uname getloadavg sysconf statvfs openpty register_at_fork
    posix_spawn pread pwrite sendfile getpriority setpriority ctermid
""".split()
UNIX_SIGNALS = """
    SIGKILL SIGALRM SIGPROF SIGCHLD SIGUSR1 SIGUSR2 SIGSTOP SIGHUP SIGXCPU alarm setitimer getitimer ITIMER_PROF
    pthread_kill
""".split()
FOLDERS = ("/proc", "/sys", "/dev/shm", "/run")
"""What no file is opened in on another system."""


OURS = ("course", "autograder")
"""Packages to which modules are refused."""


def pretend(system: str) -> None:
    """Take away what the other system lacks.

    Modules are refused to our own packages alone: libraries have other branches on other systems, which are not what
    is tried here. What is taken from `os`, `signal` and the file system is gone for everybody.

    Parameters
    ----------
    system : str
        Windows or Darwin.
    """
    windows = system == "Windows"
    refused = MODULES | (UNIX_MODULES if windows else set())
    sys.platform = "win32" if windows else "darwin"
    platform.system = lambda: system
    for name in [*OS, *(UNIX_OS if windows else [])]:
        if hasattr(os, name):
            delattr(os, name)
    for name in UNIX_SIGNALS if windows else []:
        delattr(signal, name)
    if windows:
        shutil._USE_CP_SENDFILE = False  # type: ignore[attr-defined]  # it looked for os.sendfile when it was imported
    real = builtins.__import__

    def importing(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        by = str((globals or {}).get("__name__", ""))
        if level == 0 and name.partition(".")[0] in refused and by.partition(".")[0] in (*OURS, "__main__"):
            raise ModuleNotFoundError(f"No module named {name!r} on {system}", name=name)
        return real(name, globals, locals, fromlist, level)

    builtins.__import__ = importing

    def opening(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(FOLDERS):
            raise FileNotFoundError(2, f"No such file on {system}", arguments[0])

    sys.addaudithook(opening)


def load_libraries() -> None:
    """Load what the course is built on, as this system has it."""
    for name in (
        "anywidget numpy torch torch.nn.functional matplotlib.pyplot matplotlib.backends.backend_agg ipywidgets "
        "IPython.core.interactiveshell IPython.display jupytext nbformat sklearn.datasets sklearn.linear_model psutil "
        "torch._inductor.utils torch.optim filelock platformdirs "
        "nbgrader.apps typer rich.console jupyter_client.manager ipykernel.kernelapp"
    ).split():
        importlib.import_module(name)


def modules() -> str:
    """Import every module of the course."""
    import course

    names = [each.name for each in pkgutil.walk_packages(course.__path__, "course.") if ".lessons" not in each.name]
    for name in names:
        importlib.import_module(name)
    return f"{len(names)} modules"


def demos() -> str:
    """Build every demo and move a control of it."""
    from course.demos import all_demos

    found = all_demos()
    for make in found.values():
        demo = make()
        control = next(iter(demo.controls.values()))
        if hasattr(control, "min"):
            control.value = control.min
        assert not demo.error, demo.error
        demo.canvas.figure.canvas.draw()
    return f"{len(found)} demos"


def checks() -> str:
    """Score a right and a wrong answer."""
    import numpy as np

    from course.checks import Checks, expect_close

    scores = []
    answers: tuple[Callable[[Any], Any], ...] = (lambda x: np.maximum(x, 0), lambda x: x)
    for answer in answers:
        check = Checks("relu", points=2)
        with check("right below 0"):
            expect_close(answer(np.array([-1.0])), [0.0])
        with check("right above 0"):
            expect_close(answer(np.array([2.0])), [2.0])
        scores.append(float(check.score()))
    assert scores == [2.0, 1.0], scores
    return "checks score"


class InThisProcess:
    """A kernel of a rehearsal without a process of its own: how libraries start one is not what is tried here."""

    alive = True

    def __init__(self, folder: Path, home: Path, *, bare: bool = False) -> None:
        from IPython.core.interactiveshell import InteractiveShell

        from course.handing_in.replay import Namespace
        from course.rehearse import beside

        self.shell = InteractiveShell(user_ns=Namespace() if bare else {})
        if bare:
            os.environ["HOME"] = str(folder)
        self._beside, self._here = beside, list(beside.here)

    def run(self, code: str, seconds: float) -> Any:
        from course.rehearse.kernel import Outcome

        result = self.shell.run_cell(code)
        error = result.error_before_exec or result.error_in_exec
        return Outcome("error", 0.1, f"{type(error).__name__}: {error}") if error else Outcome("ok", 0.1)

    def ask(self, expression: str, seconds: float) -> Any:
        from course.rehearse.kernel import Outcome

        self._beside.here[:] = self._here
        self._beside.get_ipython = lambda: self.shell  # type: ignore[attr-defined]
        answer = eval(expression)
        self._here = list(self._beside.here)
        return Outcome("ok", 0.1, answer=answer)

    def close(self) -> None:
        pass


def rehearsal() -> str:
    """Rehearse an assignment of which one exercise is solved, from scratch, with a statement that does not end."""
    import tempfile

    import nbformat

    from course.handing_in import replay
    from course.rehearse import sides
    from course.rehearse.__main__ import main
    from course.rehearse.bare import OnlyNumPy

    sides.Kernel = InThisProcess  # type: ignore[misc, assignment]
    replay.MOST_SECONDS = 0.5
    name = "ps1_from_scratch"
    notebook = nbformat.read(Path(__file__).resolve().parents[2] / "release" / name / f"{name}.ipynb", as_version=4)
    answer = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "selu")
    answer.source = (
        "import torch\nfor n in range(4): torch.ones(n)\n"
        "def selu(x):\n    return (LAMBDA * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0)))).astype(x.dtype)"
    )
    said = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(said):
        nbformat.write(notebook, Path(folder, f"{name}.ipynb"))
        status = main([str(Path(folder, f"{name}.ipynb"))])
    finder = OnlyNumPy(tuple(sys.meta_path))
    assert finder.find_spec("torch") is None
    assert finder.find_spec("numpy") is not None
    blocks = [block.splitlines()[0] for block in said.getvalue().split("\n\n")]
    return f"status {status}, {blocks[1]}, {blocks[2]}"


def lessons() -> str:
    """Run every cell of every lesson."""
    import jupytext
    from IPython.core.interactiveshell import InteractiveShell

    folder = Path(__file__).resolve().parents[2] / "course" / "lessons"
    paths = sorted(folder.glob("*.py"))
    for path in paths:
        shell = InteractiveShell()
        for cell in jupytext.read(path).cells:
            if cell.cell_type == "code" and "raises-exception" not in cell.metadata.get("tags", []):
                shell.run_cell(cell.source).raise_error()
    return f"{len(paths)} lessons"


def planted(source: str) -> Callable[[], str]:
    """Return a program that uses what is not there, in a module that says it is the course's: it must be refused."""

    def program() -> str:
        try:
            exec(compile(source, "planted", "exec"), {"__name__": "course.planted"})
        except (AttributeError, ImportError, OSError) as error:
            return f"refused: {error}"
        return "nothing was refused"

    return program


PROGRAMS: dict[str, Callable[[], str]] = {
    "modules": modules,
    "demos": demos,
    "checks": checks,
    "lessons": lessons,
    "rehearsal": rehearsal,
    "planted_fork": planted("import os; os.fork"),
    "planted_fcntl": planted("import fcntl"),
    "planted_affinity": planted("import os; os.sched_getaffinity(0)"),
    "planted_proc": planted("open('/proc/self/status')"),
}


def commands(argument_lists: list[list[str]]) -> list[tuple[int | str | None, str, str]]:
    """Run the instructors' command once for each list of arguments.

    Returns
    -------
    exit status, standard output, standard error
    """
    from autograder.cli import main

    results: list[tuple[int | str | None, str, str]] = []
    for arguments in argument_lists:
        sys.argv = ["autograder", *arguments]
        out, err = io.StringIO(), io.StringIO()
        status: int | str | None = 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main()
            except SystemExit as end:
                status = end.code
            except BaseException:
                status = traceback.format_exc()
        results.append((status, out.getvalue(), err.getvalue()))
    return results


if __name__ == "__main__":
    load_libraries()
    pretend(sys.argv[1])
    if sys.argv[2] == "autograder":
        print(json.dumps(commands(json.loads(sys.argv[3]))))
    else:
        for program in sys.argv[2:]:
            print(f"{program}: {PROGRAMS[program]()}", flush=True)
