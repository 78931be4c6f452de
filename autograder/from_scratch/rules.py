"""What code written from scratch may use: mathematics of NumPy, torch and SciPy, and Python without back doors.

Two things are refused. A library's activation, under whatever name it was imported. And what could reach one
unseen: code in strings, attributes spelled at run time, modules handed around as values, other files and processes.
Everything else passes, so the rules ask for no style.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

from autograder.from_scratch.slicing import global_names

ACTIVATIONS = frozenset(
    "celu elu gelu glu hardshrink hardsigmoid hardswish hardtanh hard_sigmoid hard_swish leaky_relu leakyrelu "
    "log_sigmoid log_softmax logsigmoid logsoftmax mish prelu relu relu6 rrelu selu sigmoid silu softmax "
    "softmin softplus softshrink softsign swish tanhshrink expit log_expit logistic cross_entropy nll_loss logsumexp "
    "logcumsumexp scaled_dot_product_attention".split()
)
"""Names, in lower case, under which libraries offer activations and losses. ``tanh`` is not one: it is mathematics."""

LIBRARIES = frozenset({"numpy", "torch", "scipy"})
"""Packages whose mathematics may be used."""

SUBMODULES = frozenset(
    "numpy.linalg numpy.random numpy.ma numpy.typing scipy.special torch.special torch.linalg torch.autograd "
    "torch.autograd.functional torch.func".split()
)
"""Modules of these packages that may be used; the others hold activations, or ways to files and code."""

PLAIN_MODULES = frozenset(
    "__future__ abc cmath collections collections.abc dataclasses decimal enum fractions functools itertools math "
    "numbers operator random statistics typing warnings".split()
)
"""Modules of the standard library that may be used."""

FORBIDDEN_BUILTINS = frozenset(
    "__import__ breakpoint compile delattr eval exec exit get_ipython globals help input locals memoryview open quit "
    "setattr vars".split()
)
"""Built-in functions that run text, read files, or reach names that the source does not show."""

FORBIDDEN_ATTRIBUTES = frozenset(
    "attrgetter ctypes ctypeslib cr_frame dump dumps eval exec f_back f_builtins f_globals f_locals from_file fromfile "
    "genfromtxt get_type_hints gi_frame load loads loadtxt memmap methodcaller save savetxt savez "
    "savez_compressed tb_frame tofile".split()
)
"""Attributes that read or write files, run text, or lead out of the function."""

_TORCH_FUNCTIONS = frozenset(
    "Tensor Size device dtype Generator FloatTensor DoubleTensor tensor as_tensor asarray from_numpy is_tensor finfo "
    "iinfo no_grad enable_grad set_grad_enabled inference_mode manual_seed vmap get_default_dtype "
    "set_default_dtype".split()
)
"""What may be used of torch itself, in addition to the operators on tensors."""

_DUNDERS = frozenset({"__name__", "__doc__", "__init__", "__call__", "__class__", "__new__"})
_MISSING = object()


def violations(statements: Sequence[ast.stmt]) -> list[str]:
    """Return what the code uses although it may not.

    Parameters
    ----------
    statements : Sequence[ast.stmt]
        What `slicing.slice_of` returns.

    Returns
    -------
    list of str
        Dotted paths as `torch.nn.functional.selu`, or names as `eval`, in order of appearance, without repeats.
    """
    meanings = _meanings(statements)
    found: dict[str, None] = {}
    for statement in statements:
        found |= dict.fromkeys(_forbidden_names(statement))
        found |= dict.fromkeys(_Uses(meanings).in_statement(statement))
    return list(found)


def _meanings(statements: Sequence[ast.stmt]) -> dict[str, set[str]]:
    """Return what each imported name may stand for, as dotted paths; aliases such as `F = torch.nn` included."""
    nodes = [node for statement in statements for node in ast.walk(statement)]
    meanings: dict[str, set[str]] = {}
    for node in nodes:
        for name, path in _imports(node):
            meanings.setdefault(name, set()).add(path)
    grown = True
    while grown:  # an alias of an alias, in whatever order they stand
        before = sum(map(len, meanings.values()))
        for node in nodes:
            if isinstance(node, ast.Assign) and (paths := _paths(node.value, meanings)):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        meanings.setdefault(target.id, set()).update(paths)
        grown = sum(map(len, meanings.values())) > before
    return meanings


def _imports(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the names that an import binds, each with the dotted path it stands for."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            top = alias.name.partition(".")[0]
            yield (alias.asname, alias.name) if alias.asname else (top, top)
    elif isinstance(node, ast.ImportFrom):
        module = node.module or "."
        names = [(alias.name, alias.asname or alias.name) for alias in node.names]
        if names == [("*", "*")]:
            names = [(name, name) for name in dir(_resolve(module)) if not name.startswith("_")]
        yield from ((bound, f"{module}.{name}") for name, bound in names)


def _forbidden_names(statement: ast.stmt) -> list[str]:
    """Return the built-in names that a statement reads and may not; its own variables may be called the same."""
    return [
        name
        for name in global_names(statement)
        if name in FORBIDDEN_BUILTINS or (name.startswith("__") and name not in _DUNDERS)
    ]


def _paths(node: ast.AST, meanings: Mapping[str, set[str]]) -> set[str]:
    """Return the dotted paths that an expression may stand for; none if it does not start at an import."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return set()
    return {".".join([path, *reversed(parts)]) for path in meanings.get(node.id, ())}


class _Uses(ast.NodeVisitor):
    """Collects what a statement uses although it may not."""

    def __init__(self, meanings: Mapping[str, set[str]]) -> None:
        self._meanings = meanings
        self._found: list[str] = []

    def in_statement(self, statement: ast.stmt) -> list[str]:
        """Return it, in order of appearance."""
        self.visit(statement)
        return self._found

    def visit_Import(self, node: ast.Import) -> None:
        # Of the libraries, only what is used counts: `import torch.nn as nn` by itself does no harm.
        self._found += [alias.name for alias in node.names if not _is_known(alias.name)]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level or not _is_known(node.module or ""):
            self._found.append(f"{'.' * node.level}{node.module or ''}")
        elif [alias.name for alias in node.names] != ["*"]:
            paths = [f"{node.module}.{alias.name}" for alias in node.names]
            self._found += [path for path in paths if not _is_module(path) and not _is_allowed(path)]

    def visit_Assign(self, node: ast.Assign) -> None:
        # A module under another name is not a value that is handed around: `_meanings` follows it.
        paths = _paths(node.value, self._meanings)
        if not paths or not all(map(_is_module, paths)):
            self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load) and node.id == "getattr":
            self._found.append("getattr")
        self._check_path(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if _paths(node, self._meanings):
            self._check_path(node)
            return
        own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
        if not own and not _is_plain_attribute(node.attr):
            self._found.append(node.attr)
        self.visit(node.value)

    def visit_MatchClass(self, node: ast.MatchClass) -> None:
        self._found += [name for name in node.kwd_attrs if not _is_plain_attribute(name)]
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Read `getattr(x, "name")` as `x.name`; with a name that is not written out it stays forbidden."""
        spelled = isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) >= 2
        if spelled and isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str):
            self.visit(ast.Attribute(node.args[0], node.args[1].value, ast.Load()))
            for default in node.args[2:]:
                self.visit(default)
        else:
            self.generic_visit(node)

    def _check_path(self, node: ast.expr) -> None:
        if isinstance(getattr(node, "ctx", None), ast.Load):
            # Of a module that is not known, the import is named.
            known = [path for path in _paths(node, self._meanings) if _is_known(path.partition(".")[0])]
            self._found += sorted(path for path in known if not _is_allowed(path))


def _is_known(module: str) -> bool:
    return module in PLAIN_MODULES or module.partition(".")[0] in LIBRARIES


def _is_plain_attribute(name: str) -> bool:
    """Tell whether an attribute of a value is neither an activation nor a way out; `_private` ones are ways out."""
    if name.strip("_").lower() in ACTIVATIONS or name in FORBIDDEN_ATTRIBUTES:
        return False
    return name in _DUNDERS or not name.startswith("_")


def _is_module(path: str) -> bool:
    return isinstance(_resolve(path), types.ModuleType)


def _is_allowed(path: str) -> bool:
    """Tell whether a dotted path that starts at an import may be used as a value."""
    names = path.split(".")
    if not _is_known(names[0]):
        return False
    for end in range(1, len(names) + 1):
        prefix = ".".join(names[:end])
        found = _resolve(prefix)
        if not isinstance(found, types.ModuleType):
            inside, rest = names[: end - 1], names[end - 1 :]
            return all(map(_is_plain_attribute, rest)) and _is_allowed_member(".".join(inside), rest[0], found)
        if prefix not in LIBRARIES | SUBMODULES | PLAIN_MODULES:
            return False
    return False  # a module as a value could reach any of its members


def _is_allowed_member(module: str, name: str, value: Any) -> bool:
    """Of torch itself only operators on tensors and a list: it also holds compilers and loaders."""
    if module != "torch" or value is _MISSING or isinstance(value, torch.dtype | bool | int | float):
        return True
    operator = hasattr(torch._C._VariableFunctions, name) or getattr(value, "__module__", "") == "torch.functional"
    return operator or name in _TORCH_FUNCTIONS


@functools.cache
def _resolve(path: str) -> Any:
    """Return the object at a dotted path of a known module, or `_MISSING` if there is none."""
    module, _, name = path.rpartition(".")
    if not _is_known(path.partition(".")[0]):
        return _MISSING
    if not module:
        return importlib.import_module(path)
    value = getattr(_resolve(module), name, _MISSING)
    if value is _MISSING and isinstance(_resolve(module), types.ModuleType):
        with contextlib.suppress(ImportError):
            return importlib.import_module(path)
    return value
