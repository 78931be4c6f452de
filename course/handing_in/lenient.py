# mypy: disable-error-code="no-untyped-call"
# (IPython has no types for most of what is called here)
"""Lets a cell go on below a statement that wants a package, a magic or an answer that grading does not have.

An import for a plot, a line that installs something or a question above an answer are no part of it. Any other error
ends the cell, as in JupyterLab.
"""

from __future__ import annotations

import ast
import dis
import linecache
import time
from types import CodeType
from typing import Any

from IPython.core.error import StdinNotImplementedError, UsageError

NO_ANSWER = "input() asks a question that nobody answers at grading"
_INSTALLERS = ("conda", "mamba", "micromamba")
"""Magics that fail where Python does not come from conda."""


class Lenient:
    """Goes on in the cells of one shell.

    Parameters
    ----------
    shell : InteractiveShell
        It runs the statements of a cell one by one, each with `run_code`.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._run_code = shell.run_code
        self._lacking: set[str] = set()
        shell.run_code = self._go_on
        shell.ast_transformers.append(SingleImports())
        for name in _INSTALLERS:
            shell.register_magic_function(_installs_nothing, "line", name)
        shell.register_magic_function(self._timed, "cell", "time")

    async def _go_on(self, code: CodeType, result: Any = None, *, async_: bool = False) -> bool:
        """Run one statement; return whether the cell ends here."""
        failed: bool = await self._run_code(code, result, async_=async_)
        if failed and result is not None and self._wants(result.error_in_exec):
            plain = _without_annotations(code)
            failed = plain is None or await self._run_code(plain, result, async_=async_)
        stored = {found.argval for found in dis.get_instructions(code) if found.opname == "STORE_NAME"}
        if not failed:
            self._lacking -= stored
            return False
        if result is None or not self._wants(result.error_in_exec):
            return True
        self._lacking |= stored
        return False

    def _timed(self, _line: str, cell: str) -> None:
        """Run a cell like any other, and print how long that takes; IPython's own would run it as one statement."""
        start, used = time.perf_counter(), time.process_time()
        self._shell.run_cell(cell)
        print(f"CPU times: {time.process_time() - used:.3g} s\nWall time: {time.perf_counter() - start:.3g} s")

    def _wants(self, error: BaseException) -> bool:
        """Tell whether a statement failed for want of something, or of what such a statement would have defined."""
        if isinstance(error, NameError):
            return error.name in self._lacking and error.name not in self._shell.user_ns
        return wants_what_is_not_there(error)


def wants_what_is_not_there(error: BaseException) -> bool:
    """Tell whether an exception says that a package, a magic, or somebody who answers, is not there."""
    if isinstance(error, UsageError):
        return "magic function" in str(error) and "not found" in str(error)
    return isinstance(error, ImportError | StdinNotImplementedError)


def _without_annotations(code: CodeType) -> CodeType | None:
    """Return the code of a statement that does not evaluate its annotations; None if it has none."""
    first = min((line for _, _, line in code.co_lines() if line), default=0)
    tree = ast.parse("".join(linecache.getlines(code.co_filename)))
    for statement in tree.body:
        decorators = getattr(statement, "decorator_list", [])
        if min([statement.lineno, *(decorator.lineno for decorator in decorators)]) == first and any(
            getattr(node, "annotation", None) or getattr(node, "returns", None) for node in ast.walk(statement)
        ):
            module = ast.Module([statement], [])
            return compile(module, code.co_filename, "exec", annotations.compiler_flag, dont_inherit=True)
    return None


def _installs_nothing(_line: str) -> None:
    print("Packages are not installed at grading.")


class SingleImports(ast.NodeTransformer):
    """Imports each module by a statement of its own, so that one that is not there does not cost the others."""

    def visit_Module(self, module: ast.Module) -> ast.Module:
        """Return the module with the imports at its outermost level taken apart."""
        module.body = [part for statement in module.body for part in single_imports(statement)]
        return module


def single_imports(statement: ast.stmt) -> list[ast.stmt]:
    """Return a statement, or the statements that import one name each in the place of one that imports several."""
    if isinstance(statement, ast.Import):
        return [ast.copy_location(ast.Import([alias]), statement) for alias in statement.names]
    if isinstance(statement, ast.ImportFrom):
        return [
            ast.copy_location(ast.ImportFrom(statement.module, [alias], statement.level), statement)
            for alias in statement.names
        ]
    return [statement]
