"""Did the student write the function, or call a library's version of it?

Two looks, since each misses something the other sees: the source of the function and of all it uses
(`library_names`), and the operations torch really carries out while it runs (`library_operations`).
"""

from __future__ import annotations

import ast
import contextlib
import symtable
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from course import student_side

ACTIVATIONS = frozenset(
    "celu elu gelu glu hardshrink hardsigmoid hardswish hardtanh hard_sigmoid hard_swish leaky_relu leakyrelu "
    "log_sigmoid log_softmax logsigmoid logsoftmax mish prelu relu relu6 rrelu selu sigmoid silu softmax "
    "softmin softplus softshrink softsign swish tanhshrink expit log_expit".split()
)
"""Names, in lower case, under which libraries offer activations. ``tanh`` is not one: NumPy has it as mathematics."""

LIBRARIES = frozenset({"torch", "scipy", "sklearn", "course"})
"""Top-level packages whose activations may not be called."""


def expect_from_scratch(function_name: str, function: Callable[[Any], Any], x: Any) -> None:
    """Expect that the function, and all it uses, calls no library's activation.

    Parameters
    ----------
    function_name : the name the student gave it in the notebook
    function : the function itself
    x : an input to run it on

    Raises
    ------
    AssertionError
        Naming the call that was found.
    """
    found = library_names(student_side.sources(), function_name)
    if not found:
        found = student_side.run(library_operations, function, x)
    if found:
        raise AssertionError(f"Write it yourself: {function_name} uses {', '.join(found)}.")


def library_names(sources: Sequence[str], function_name: str) -> list[str]:
    """Return the library activations that a function's source mentions, directly or through its helpers.

    Parameters
    ----------
    sources : sources of notebook cells, oldest first; cells that do not parse are passed over, since
        they cannot have defined anything
    function_name : where to start

    Returns
    -------
    list of str
        Dotted names as ``torch.nn.functional.selu``, in order of discovery, without repeats.
    """
    definitions: dict[str, list[ast.stmt]] = {}
    meanings: dict[str, str] = {}
    for statement in _statements(sources):
        for name in _defined(statement):
            definitions.setdefault(name, []).append(statement)
            # The student's own definition replaces an import of that name, unless it is indented: under an
            # ``if`` or ``except`` it may never run.
            if statement.col_offset == 0:
                meanings.pop(name, None)
        meanings.update(_meanings(statement, meanings))
    found: dict[str, None] = {}
    seen: set[str] = set()
    waiting = [function_name]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if _is_library_activation(meanings.get(name, "")):
            found[meanings[name]] = None
        for statement in definitions.get(name, []):
            reads = _global_names(statement)
            names = {read: meanings[read] for read in reads if read in meanings}
            for node in ast.walk(statement):
                names.update(_meanings(node, names))
            for node in ast.walk(statement):
                found.update(dict.fromkeys(_library_uses(node, names)))
            waiting += reads
    return list(found)


def _statements(sources: Iterable[str]) -> Iterator[ast.stmt]:
    """Yield the simple statements and definitions of all cells, out of their ``if``, ``for``, ``with`` and ``try``."""
    for source in sources:
        waiting = list(reversed(_parsed(source)))
        while waiting:
            statement = waiting.pop()
            blocks = [] if _is_definition(statement) else list(_blocks(statement))
            waiting += [inner for block in reversed(blocks) for inner in reversed(block)]
            if not blocks:
                yield statement


def _parsed(source: str) -> list[ast.stmt]:
    """Return the statements of a cell, also if it uses IPython's syntax; none if it cannot run at all."""
    try:
        with contextlib.suppress(SyntaxError):
            return ast.parse(source).body
        # The body of a cell magic such as %%time is code of the notebook too.
        body = source.lstrip().partition("\n")[2] if source.lstrip().startswith("%%") else source
        return ast.parse(TransformerManager().transform_cell(body)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _is_definition(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for field in ("body", "orelse", "finalbody"):
        yield from filter(None, [getattr(statement, field, None)])
    for part in [*getattr(statement, "handlers", []), *getattr(statement, "cases", [])]:
        yield part.body


def _meanings(node: ast.AST, names: Mapping[str, str]) -> dict[str, str]:
    """Return the names that an import, or an assignment such as ``F = torch.nn.functional``, gives a meaning."""
    if isinstance(node, ast.Import):
        return {a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0] for a in node.names}
    if isinstance(node, ast.ImportFrom) and node.module:
        star = [a.name for a in node.names] == ["*"]
        imported = (
            [(name, name) for name in ACTIVATIONS] if star else [(a.asname or a.name, a.name) for a in node.names]
        )
        return {name: f"{node.module}.{original}" for name, original in imported}
    if isinstance(node, ast.Assign):
        dotted = _dotted(node.value, names)
        if dotted.partition(".")[0] in LIBRARIES:
            return {target.id: dotted for target in node.targets if isinstance(target, ast.Name)}
    return {}


def _defined(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    return [node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]


def _global_names(statement: ast.stmt) -> list[str]:
    """Names of the notebook that a statement reads; a function's own variables are not among them."""
    top = symtable.symtable(ast.unparse(statement), "<cell>", "exec")
    names = [symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced()]
    waiting = list(top.get_children())
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        names += [symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()]
    return names


def _library_uses(node: ast.AST, names: Mapping[str, str]) -> list[str]:
    if isinstance(node, ast.Attribute | ast.Name):
        return [name for name in [_dotted(node, names)] if _is_library_activation(name)]
    if isinstance(node, ast.ImportFrom | ast.Import):
        return [name for name in _meanings(node, names).values() if _is_library_activation(name)]
    # getattr(torch, "selu") spells the name as a string.
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
        return [
            argument.value
            for argument in node.args
            if isinstance(argument, ast.Constant)
            and isinstance(argument.value, str)
            and argument.value.lower() in ACTIVATIONS
        ]
    return []


def _dotted(node: ast.AST, names: Mapping[str, str]) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([names.get(node.id, node.id), *reversed(parts)])


def _is_library_activation(dotted: str) -> bool:
    package, _, rest = dotted.partition(".")
    return package in LIBRARIES and rest.rpartition(".")[2].lower() in ACTIVATIONS


def library_operations(function: Callable[[Any], Any], x: Any) -> list[str]:
    """Return the activations that torch carries out while ``function(x)`` runs, however they were reached.

    It looks below torch's Python functions, at the operators they dispatch to, so a function kept
    under another name is seen as well. Runs on the student's side.
    """
    from torch.utils._python_dispatch import TorchDispatchMode

    operators = {
        "celu", "elu", "gelu", "glu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu",
        "log_sigmoid_forward", "_log_softmax", "mish", "_prelu_kernel", "relu", "rrelu_with_noise", "selu",
        "sigmoid", "silu", "_softmax", "softplus", "softshrink",
    }  # fmt: skip
    found: dict[str, None] = {}

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            name = func.overloadpacket.__name__
            if name.rstrip("_") in operators:
                found[f"torch's {name.strip('_')}"] = None
            return func(*args, **(kwargs or {}))

    with Watch():  # type: ignore[no-untyped-call]
        function(x)
    return list(found)
