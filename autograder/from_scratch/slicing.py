"""The part of a notebook that one of its names depends on."""

from __future__ import annotations

import ast
import contextlib
import symtable
from collections.abc import Iterator, Sequence

from IPython.core.inputtransformer2 import TransformerManager


def slice_of(sources: Sequence[str], name: str) -> list[ast.stmt]:
    """Return the top-level statements, in their order, that define `name` and all it is made of.

    A statement belongs to it if it gives a needed name a value, or changes the value of one in place
    (`table[0] = 1`, `values.append(1)`). Statements that only use it, such as a plot of the function, do not.

    Parameters
    ----------
    sources : Sequence[str]
        Sources of notebook cells, oldest first; cells that do not parse are passed over, since they cannot have defined
        anything.
    name : str
        Where to start.

    Returns
    -------
    list of statement
        Empty if the notebook does not define the name.
    """
    statements = [statement for source in sources for statement in parsed(source)]
    binders = _binders(statements)
    kept: set[int] = set()
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        needed = waiting.pop()
        if needed not in seen:
            seen.add(needed)
            found = set(binders.get(needed, binders.get("*", []))) - kept
            kept |= found
            waiting += [read for number in found for read in global_names(statements[number])]
    return _in_effect([statements[number] for number in sorted(kept)])


def _binders(statements: Sequence[ast.stmt]) -> dict[str, list[int]]:
    """Return, by name, the numbers of the statements that give it a value; `*` is for what comes by `import *`."""
    binders: dict[str, list[int]] = {}
    modules = {
        name
        for statement in statements
        for node in _outside_functions(statement)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in _imported(node)
    }
    for number, statement in enumerate(statements):
        # np.random.seed(0) does not make np another thing.
        for bound in {*_bound(statement), *(set(_changed(statement)) - modules)}:
            binders.setdefault(bound, []).append(number)
    return binders


def parsed(source: str) -> list[ast.stmt]:
    """Return the statements of a cell, also if it uses IPython's syntax; none if it cannot run at all."""
    try:
        with contextlib.suppress(SyntaxError):
            return ast.parse(source).body
        # The body of a cell magic such as %%time is code of the notebook too.
        body = source.lstrip().partition("\n")[2] if source.lstrip().startswith("%%") else source
        return ast.parse(TransformerManager().transform_cell(body)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def global_names(statement: ast.stmt) -> list[str]:
    """Return the names of the notebook that a statement reads, without a function's own variables."""
    top = symtable.symtable(ast.unparse(statement), "<cell>", "exec")
    names = [symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced()]
    waiting = list(top.get_children())
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        names += [symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()]
    return names


def _in_effect(statements: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Leave out definitions and imports that a later definition or import of the same name replaces.

    Else a student who compared with a library's function first, and then defined their own, would seem to use it.
    """
    last: dict[str, int] = {}
    for number, statement in enumerate(statements):
        last |= dict.fromkeys(_plainly_defined(statement), number)
    return [
        statement
        for number, statement in enumerate(statements)
        if not (names := _plainly_defined(statement))
        or any(last[name] == number or _reads_between(statements, name, number, last[name]) for name in names)
    ]


def _plainly_defined(statement: ast.stmt) -> list[str]:
    """Return the names that a statement defines and does nothing else: a `def`, a `class`, an import."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return _imported(statement)
    return []


def _reads_between(statements: Sequence[ast.stmt], name: str, first: int, last: int) -> bool:
    """Tell whether what runs between two definitions of a name uses the first one.

    The body of a function runs later and sees the second; a decorator, a default and plain code see the first.
    """
    return any(name in _names_read_at_once(statement) for statement in statements[first + 1 : last + 1])


def _names_read_at_once(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        parts: list[ast.AST] = [*statement.decorator_list, *statement.args.defaults]
        parts += [default for default in statement.args.kw_defaults if default is not None]
    else:
        parts = [statement]
    return {node.id for part in parts for node in ast.walk(part) if isinstance(node, ast.Name)}


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Yield the names of the notebook that a statement gives a value."""
    for node in _outside_functions(statement):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imported(node)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest


def _changed(statement: ast.stmt) -> Iterator[str]:
    """Yield the names whose value a statement may change in place: `table` in `table[0] = 1`."""
    for node in _outside_functions(statement):
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
            yield from _base(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield from _base(node.value.func)


def _base(node: ast.expr) -> Iterator[str]:
    """Yield `table` for `table.rows[0].add`, and nothing for a name alone."""
    alone = isinstance(node, ast.Name)
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name) and not alone:
        yield node.id


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [alias.asname or alias.name.partition(".")[0] for alias in node.names]


def _outside_functions(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the nodes of a statement that run with it, not those inside the functions and classes it defines."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
