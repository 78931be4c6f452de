# mypy: disable-error-code="no-untyped-call"
# (IPython has no types for most of what is called here)
"""Replays a notebook where most packages are not there, leaving out the statements that want them.

Cells run statement by statement. A statement that fails for want of what is not there is left out, and the names it
would have defined are *lacking*: using one says so, and an older value is not used in its place. Python files handed
in are run in the same way when they are imported, and so is what `%run`, `%%time` and the like run.
"""

from __future__ import annotations

import _thread
import ast
import asyncio
import contextlib
import importlib.machinery
import inspect
import io
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from IPython.core.magic import no_var_expand
from IPython.utils.capture import capture_output

from course.handing_in.lenient import single_imports, wants_what_is_not_there

_FLAGS = annotations.compiler_flag | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
"""Annotations are not evaluated: `def selu(x: torch.Tensor)` wants no torch."""

MOST_SECONDS = 2.0
"""Of processor time, for a statement that defines nothing: a plot, a measurement, a printed comparison.

No function needs them. Processor time, because what else the machine does must not decide what is left out.
"""

_GLANCE_SECONDS = 0.05

_lacking_in_files: dict[str, str] = {}
_lacking = [_lacking_in_files]  # and that of each `Namespace`
_lacking_attributes: dict[str, str] = {}


class NotThere(NameError):
    """Something is wanted that is not there."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not there in this exercise")
        self.what = what


class _TookTooLong(BaseException):
    """A statement that defines nothing has taken its time."""


class Namespace(dict[str, Any]):
    """A notebook's variables. One that is lacking says what for, and does not fall back on a built-in function."""

    def __init__(self) -> None:
        super().__init__()
        self.lacking: dict[str, str] = {}
        """By name, what its latest statement wanted; counts for names that have no value."""
        _lacking.append(self.lacking)

    def __missing__(self, name: str) -> Any:
        if name in self.lacking:
            raise NotThere(self.lacking[name])
        raise KeyError(name)


def not_there(error: BaseException) -> NotThere | None:
    """Return what an exception, or one that led to it, wanted and did not find; None if that is not why it came."""
    seen: list[BaseException] = []
    found: BaseException | None = error
    while found is not None and found not in seen:
        if isinstance(found, NotThere):
            return found
        if isinstance(found, ModuleNotFoundError) and found.name:
            return NotThere(found.name)
        if isinstance(found, NameError):
            for lacking in _lacking:
                if found.name in lacking:
                    return NotThere(lacking[found.name])
        if isinstance(found, AttributeError) and found.name in _lacking_attributes:
            return NotThere(_lacking_attributes[found.name])
        seen.append(found)
        found = found.__cause__ or found.__context__
    return None


class Notebook:
    """The notebook of one room, as far as it has been replayed.

    Parameters
    ----------
    shell : InteractiveShell
        Whose `user_ns` is a `Namespace`.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self.names: Namespace = shell.user_ns
        """The notebook's variables."""
        self._ended_well = True
        cells = {"time": self._code, "prun": self._code, "timeit": self._nothing, "capture": self._capture}
        lines = {"time": self._line, "prun": self._line, "timeit": self._nothing, "run": self._file}
        for kind, magics in (("cell", cells), ("line", lines)):
            for name, run in magics.items():
                shell.register_magic_function(run, magic_kind=kind, magic_name=name)
        sys.meta_path.insert(0, _FilesHandedIn())

    def lacks(self, name: str) -> bool:
        """Return whether the name's latest statement was left out."""
        return name not in self.names and name in self.names.lacking

    def replay(self, source: str, *, ended_well: bool) -> None:
        """Run a cell.

        Parameters
        ----------
        source : str
            As it stands in the notebook.
        ended_well : bool
            Whether the cell ran to its end where everything was there. If so, whatever fails here fails for want of
            something; if not, the cell ends where it fails for another reason.
        """
        self._ended_well = ended_well
        with contextlib.redirect_stdout(_Nowhere()), contextlib.redirect_stderr(_Nowhere()):
            try:
                self._replay_text(source)
            except (_Ended, SyntaxError):
                return

    def _replay_text(self, source: str) -> Any:
        """Run text in IPython's language; return the value of its last expression."""
        return self._replay_code(self._shell.transform_cell(source))

    def _replay_code(self, code: str) -> Any:
        name = self._shell.compile.cache(code)
        return _Statements(self.names, self.names.lacking, name, strict=not self._ended_well).run(code)

    # Magics that run code: it is replayed like any other

    @no_var_expand
    def _nothing(self, *_: str) -> None:
        """Measure nothing: what is measured defines no name."""

    @no_var_expand
    def _line(self, line: str) -> Any:
        return self._replay_text(line)

    @no_var_expand
    def _code(self, _line: str, cell: str) -> Any:
        return self._replay_text(cell)

    def _capture(self, line: str, cell: str) -> None:
        with capture_output() as captured:
            self._replay_text(cell)
        for name in line.split():
            if name.isidentifier():
                self.names[name] = captured

    def _file(self, line: str) -> None:
        """Run a file in this namespace."""
        words = [word for word in line.split() if not word.startswith("-")]
        if not words:
            return
        path = Path(words[0].strip("'\"")).expanduser()
        path = path if path.suffix else path.with_suffix(".py")
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".ipynb":
            run = self._replay_text if path.suffix == ".ipy" else self._replay_code
            run(text)
            return
        for cell in json.loads(text)["cells"]:
            if cell["cell_type"] == "code":
                self._replay_text("".join(cell["source"]))


class _Ended(BaseException):
    """A cell ends here, as it did where everything was there."""

    def __init__(self, reason: BaseException) -> None:
        super().__init__()
        self.reason = reason


class _Nowhere(io.TextIOBase):
    """Takes what is printed."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


class _Statements:
    """Runs statements one by one in a namespace.

    Parameters
    ----------
    names : dict
        The namespace.
    lacking : dict
        Is told, by name, what a left out statement wanted that would have defined it.
    file : str
        Named in tracebacks.
    strict : bool
        Whether a statement that fails for another reason ends the rest.
    """

    def __init__(self, names: dict[str, Any], lacking: MutableMapping[str, str], file: str, *, strict: bool) -> None:
        self._names = names
        self._lacking = lacking
        self._file = file
        self._strict = strict

    def run(self, code: str) -> Any:
        """Run the statements of Python code; return the value of the last one, if that is an expression."""
        return self._run_all(ast.parse(code, self._file).body)

    def _run_all(self, statements: Sequence[ast.stmt]) -> Any:
        value = None
        for statement in (part for whole in statements for part in single_imports(whole)):
            value = self._run_or_leave_out(statement)
        return value

    def _run_or_leave_out(self, statement: ast.stmt) -> Any:
        try:
            with _limit_of(statement):
                if isinstance(statement, ast.If):
                    test = self._value(statement.test)
                    return self._run_all(statement.body if test else statement.orelse)
                if isinstance(statement, ast.Expr):
                    return self._value(statement.value)
                self._execute(compile(ast.Module([statement], []), self._file, "exec", _FLAGS, dont_inherit=True))
        except (KeyboardInterrupt, _Ended):
            raise
        except _TookTooLong:
            return None
        except BaseException as error:
            wanted = not_there(error)
            if wanted is None and self._strict and not wants_what_is_not_there(error):
                raise _Ended(error) from error
            self._leave_out(statement, wanted.what if wanted else "what it needs")
        return None

    def _value(self, expression: ast.expr) -> Any:
        code = compile(ast.Expression(expression), self._file, "eval", _FLAGS, dont_inherit=True)
        return self._execute(code)

    def _execute(self, code: CodeType) -> Any:
        """Run code; what awaits something runs in a thread of its own, since here a loop is running already."""
        value = eval(code, self._names)
        if not code.co_flags & inspect.CO_COROUTINE:
            return value
        ended: list[Callable[[], Any]] = []

        def wait() -> None:
            try:
                result = asyncio.run(value)
                ended.append(lambda: result)
            except BaseException as error:
                failure = error
                ended.append(lambda: _raise(failure))

        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
        return ended[0]()

    def _leave_out(self, statement: ast.stmt, wanted: str) -> None:
        for name in defined_by(statement):
            self._names.pop(name, None)
            self._lacking[name] = wanted
        for node in ast.walk(statement):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                _lacking_attributes[node.attr] = wanted


def _raise(error: BaseException) -> Any:
    raise error


@contextlib.contextmanager
def _limit_of(statement: ast.stmt) -> Iterator[None]:
    """Give a statement that defines nothing `MOST_SECONDS`; code that a magic runs has limits of its own."""
    free = any(defined_by(statement)) or isinstance(statement, ast.If) or _calls_ipython(statement)
    if free or threading.current_thread() is not threading.main_thread() or _limited:
        yield
        return
    limit = _limited_by_timer if hasattr(signal, "setitimer") else _limited_by_thread
    _limited.append(statement)
    try:
        with limit(MOST_SECONDS):
            yield
    finally:
        _limited.clear()


_limited: list[ast.stmt] = []
"""The statement that has a limit now, if one has; those that it runs are within it."""


def _stop(_signal: int, _frame: Any) -> None:
    raise _TookTooLong


@contextlib.contextmanager
def _limited_by_timer(seconds: float) -> Iterator[None]:
    before = signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextlib.contextmanager
def _limited_by_thread(seconds: float) -> Iterator[None]:
    """Limit what runs in the context where the system has no such timer, as Windows."""
    ended = threading.Event()
    latest = time.process_time() + seconds

    def watch() -> None:
        while not ended.wait(_GLANCE_SECONDS):
            if time.process_time() > latest:
                _thread.interrupt_main(signal.SIGINT)
                return

    before = signal.signal(signal.SIGINT, _stop)
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
        signal.signal(signal.SIGINT, before)


def _calls_ipython(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "get_ipython" for node in ast.walk(statement))


def defined_by(statement: ast.stmt) -> Iterator[str]:
    """Yield the names to which a statement gives a value, or a new content: `table` in `table[0] = 1`."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
            waiting += node.decorator_list
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names if alias.name != "*")
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            if isinstance(node.value, ast.Name):
                yield node.value.id
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest
        waiting += ast.iter_child_nodes(node)


# Files that were handed in


class _Lenient(importlib.machinery.SourceFileLoader):
    """Runs a module statement by statement, leaving out what wants something that is not there."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's file."""
        names = module.__dict__
        try:
            _Statements(names, _lacking_in_files, self.path, strict=True).run(self.get_data(self.path).decode())
        except _Ended as ended:
            raise ended.reason from None


class _FilesHandedIn(MetaPathFinder):
    """Finds modules where Python does, and loads those leniently that lie where rooms can write."""

    def __init__(self) -> None:
        self._place = f"{os.path.realpath(os.environ['HOME'])}/"

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> Any:
        """Return the spec of a module among the files handed in; None for any other."""
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.origin is None or not isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            return None
        if not os.path.realpath(spec.origin).startswith(self._place):
            return None
        spec.loader = _Lenient(spec.loader.name, spec.loader.path)
        return spec
