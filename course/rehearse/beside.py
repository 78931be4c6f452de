"""What a rehearsal runs in its kernels, beside the student's code: given cells, and cells of checks.

As in the grader, these have a namespace of their own, and what they lack is looked up in the notebook.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import getpass
import importlib
import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from IPython import get_ipython
from IPython.core.error import StdinNotImplementedError

from course.checks import Score, describe
from course.checks.student_side import seed_generators
from course.handing_in.cellcode import execute, parse
from course.handing_in.defaults import Defaults, default_dtype
from course.handing_in.lenient import NO_ANSWER, Lenient, single_imports
from course.handing_in.names import Names
from course.handing_in.replay import Notebook, NotThere, not_there


class Lacks(AssertionError):
    """A function wants what is not there in a from-scratch exercise."""


class CellFailed(AssertionError, NameError):
    """A name is not there because the cell that was to define it failed."""


class NotebookNames(Names):
    """Globals of given cells and checks in the student's own process.

    Parameters
    ----------
    notebook : dict
        The student's variables.
    bare : bool
        Whether they may lack what is not there.
    """

    def __init__(self, notebook: dict[str, Any], *, bare: bool) -> None:
        super().__init__()
        self._notebook = notebook
        self._bare = bare
        self.failed: Mapping[str, str] = {}
        """Why the cell that was to define a name ended early, by name."""

    def find(self, name: str) -> Any:
        """Return a variable of the notebook."""
        try:
            value = self._notebook[name]
        except KeyError:
            if name in self.failed:
                raise CellFailed(f"{name} is not defined: its cell ended with {self.failed[name]}") from None
            raise NameError(f"name {name!r} is not defined in the notebook", name=name) from None
        except NotThere as error:
            raise Lacks(f"{error}: write {name} with NumPy.") from None
        return _saying_what_it_lacks(name, value) if self._bare and callable(value) else value

    def take_away(self, name: str) -> None:
        """Delete a variable of the notebook."""
        del self._notebook[name]

    def __setitem__(self, name: str, value: Any) -> None:
        """Set a name here, or put it back into the notebook if it was taken from there."""
        if name not in self.deleted:
            super().__setitem__(name, value)
            return
        self.deleted.discard(name)
        self._notebook[name] = value


def _saying_what_it_lacks(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            if wanted := not_there(error):
                raise Lacks(f"{wanted}: write {name} with NumPy.") from None
            raise

    return call


class _Beside:
    """The state of one kernel."""

    def __init__(self, *, bare: bool, preload: Sequence[str]) -> None:
        shell: Any = get_ipython()
        for name in preload:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        Lenient(shell)
        self.notebook = Notebook(shell) if bare else None
        self.names = NotebookNames(shell.user_ns, bare=bare)
        self.defaults = Defaults(seeds=bare)
        builtins.input = getpass.getpass = _nobody_answers
        seed_generators()


here: list[_Beside] = []
"""The state of this kernel, once it has begun."""


def _nobody_answers(*_args: Any, **_options: Any) -> NoReturn:
    raise StdinNotImplementedError(NO_ANSWER)


def begin(bare: bool, preload: Sequence[str]) -> None:
    """Prepare this kernel, before its first cell, and import what takes long."""
    here[:] = [_Beside(bare=bare, preload=preload)]


def replay(source: str, ended_well: bool) -> None:
    """Run a student's cell in the bare kernel, less what wants what is not there."""
    notebook = here[0].notebook
    assert notebook is not None
    notebook.replay(source, ended_well=ended_well)


def given(source: str) -> None:
    """Run a given cell for the names that it defines, statement by statement: one that fails costs no other."""
    with _quietly(), contextlib.suppress(SyntaxError):
        for statement in (part for whole in parse(source, "<given cell>").body for part in single_imports(whole)):
            with contextlib.suppress(Exception, SystemExit):
                exec(compile(ast.Module([statement], []), "<given cell>", "exec"), here[0].names)


def check(name: str, source: str, points: float, failed: Mapping[str, str]) -> str:
    """Run a cell of checks; return what became of them as JSON.

    Parameters
    ----------
    name : str
        The cell's.
    source : str
        Its visible part.
    points : float
        What it is worth.
    failed : Mapping[str, str]
        Why cells ended early, by the names that they were to define.
    """
    state = here[0]
    state.names.failed = failed
    state.defaults.restore()
    torch = sys.modules.get("torch")
    double = torch is not None and torch.get_default_dtype() is torch.float64
    found = _checked(name, source, points, double=False)
    if double and not found["passed"]:  # as the grader does: the cell may be meant for what was made in float64
        again = _checked(name, source, points, double=True)
        found = max(found, again, key=lambda each: each["points"])
    return json.dumps(found)


def _checked(name: str, source: str, points: float, *, double: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"passed": False, "points": 0.0, "checks": [], "reason": ""}
    try:
        with _quietly(), default_dtype(double=double):
            result = execute(source, f"<{name}>", here[0].names)
    except KeyboardInterrupt:  # it takes too long
        raise
    except BaseException as error:  # pytest.fail raises no Exception either
        return found | {"reason": describe(error)}
    if isinstance(result, Score):
        found["checks"] = [[each.name, each.message] for each in result.checks]
    if isinstance(result, int | float):
        gave = float(result)
        return found | {"points": gave, "passed": gave == points}
    return found | {"points": points, "passed": True}


@contextlib.contextmanager
def _quietly() -> Any:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield
