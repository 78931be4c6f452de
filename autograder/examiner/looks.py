"""Finds lines of a student's code that a person should look at: those that reach for what a grader is made of.

Code that digs through frames, the collector, the kernel or our modules can make its own process say anything. Nothing
is refused for it and no points are lost; the class report lists cell and line. Whoever hides what he does (in an
`exec` of a text put together, say) is not found.
"""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from autograder.examiner.verdict import Look

MOST_LOOKS = 20
"""Lines listed of one submission."""
MOST_ALIKE = 3
"""Lines of one cell that reach for the same."""
MOST_CHARACTERS = 200_000
"""Of one cell or file. What is longer is listed itself: nobody types as much."""
MOST_CHARACTERS_IN_ALL = 1_000_000
CODE_SHOWN = 120
"""Characters of a line that are shown."""
MOST_PARTS = 12
"""Of a dotted name."""
MOST_NESTED = 3
"""Texts of code within texts of code (`exec`) that are looked into."""

FRAMES = "reaches for frames of running code"
COLLECTOR = "asks the garbage collector for objects"
KERNEL = "reaches into the kernel"
NATIVE = "calls native code or memory by hand"
PROCESSES = "reaches for other processes, or ends its own"
OURS = "uses a module of the checks or of the grader"
MAIN = "reaches for `__main__` or changes `sys.modules`"
PATCHES = "replaces a part of a module"
TRACES = "watches or changes how code runs"
TOO_LONG = "is too long to be looked through"

_ATTRIBUTES = {
    **dict.fromkeys(
        "_getframe _getframemodulename _current_frames currentframe getouterframes getinnerframes tb_frame f_back "
        "f_globals f_locals f_builtins gi_frame cr_frame ag_frame __traceback__".split(),
        FRAMES,
    ),
    **dict.fromkeys("get_objects get_referrers get_referents".split(), COLLECTOR),
    **dict.fromkeys("settrace setprofile addaudithook _settraceallthreads".split(), TRACES),
    **dict.fromkeys("killpg ptrace pidfd_send_signal pidfd_open _exit".split(), PROCESSES),
}
"""Attributes that hardly anything else is called, by what they reach for."""

_NAMES = {
    **dict.fromkeys(("inspect.stack", "inspect.trace"), FRAMES),
    **dict.fromkeys(("os.kill", "os.abort", "os.getppid", "signal.pthread_kill"), PROCESSES),
    "IPython.core.interactiveshell": KERNEL,
}
"""Dotted names, complete or the beginning of one."""

_MODULES = {
    **dict.fromkeys(("ctypes", "_ctypes", "cffi"), NATIVE),
    **dict.fromkeys(("ipykernel", "zmq", "jupyter_client"), KERNEL),
    **dict.fromkeys(("autograder", "course.checks.beside", "course.checks.student_side"), OURS),
    "__main__": MAIN,
}
"""Modules whose import is listed, with all that is in them."""

_WATCHED = ("builtins", "course", "autograder", "IPython", "ipykernel", "ipywidgets", "matplotlib", "inspect")
"""Packages whose parts are listed when they are replaced: what looks at an answer is made of them."""
_COMPUTING = ("numpy", "torch")
"""Packages whose functions are listed when they are replaced; a patched `forward` of a class solves some exercises."""

_ORDINARY_OF_SHELL = frozenset(
    "run_line_magic run_cell_magic magic system getoutput __class__ config set_next_input enable_matplotlib".split()
)
"""What notebooks commonly ask of `get_ipython()`; the first ones are what lines with `%` and `!` are short for."""

_OTHERS_IN_PROC = re.compile(r"/proc/(?!(self/)?(status|statm?|cpuinfo|meminfo|version|uptime|loadavg)\b)")

_PYTHON_MAGIC = re.compile(
    r"\s*%%(time|timeit|capture|prun|python3?|memit|mprun|lprun)\b|\s*%%writefile\b[^\n]*\.py\s*$"
)
_LINE_MAGIC = re.compile(r"(?P<indent>\s*)(?:%(?P<timed>time|timeit|prun)\s+(?:-\w+\s+(?:\d+\s+)?)*|[%!?])(?P<rest>.*)")
_HELP = re.compile(r"(\s*)[\w.%]+\?{1,2}\s*")
_LINE_END = re.compile(r"\r\n|\r|\n")

_WORDS = {word: what for word, what in (_ATTRIBUTES | _NAMES | _MODULES).items() if word != "autograder"}
"""What is looked for in code that is no Python; one of them is a word of English too."""
_WORD = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, _WORDS))})(?!\w)")


@dataclass(frozen=True)
class OwnCode:
    """Code that a student wrote."""

    where: str
    """The cell's nbgrader id, its number in the notebook, or the name of a file beside it."""
    source: str


def find_looks(own: Iterable[OwnCode], given: Iterable[str] = ()) -> list[Look]:
    """Return the lines that a person should look at, in order, at most `MOST_LOOKS`.

    Parameters
    ----------
    own : Iterable[OwnCode]
        The student's cells and files.
    given : Iterable[str], optional
        Sources of given cells, for the names that they import.
    """
    names = _Names(given)
    found: list[Look] = []
    left = MOST_CHARACTERS_IN_ALL
    for code in own:
        left -= len(code.source)
        if len(code.source) > MOST_CHARACTERS or left < 0:
            found.append(Look(code.where, 1, TOO_LONG, _shown(code.source[: CODE_SHOWN * 4], 1)))
            continue
        alike: Counter[str] = Counter()
        for line, what in sorted(set(names.reached(code.source))):
            alike[what] += 1
            if alike[what] <= MOST_ALIKE:
                found.append(Look(code.where, line, what, _shown(code.source, line)))
        if len(found) >= MOST_LOOKS:
            break
    return found[:MOST_LOOKS]


def python_files(files: Mapping[str, bytes]) -> list[OwnCode]:
    """Return the Python files among those handed in."""
    return [
        OwnCode(name, content[: MOST_CHARACTERS + 1].decode("utf-8", "replace"))
        for name, content in sorted(files.items())
        if PurePosixPath(name).suffix == ".py"
    ]


def _shown(source: str, line: int) -> str:
    """Return a line of the source, in short, as text that can be printed."""
    whole = "".join(_LINE_END.split(source)[line - 1 : line])
    text = "".join(letter if letter.isprintable() else " " for letter in whole).strip()
    return text if len(text) <= CODE_SHOWN else text[: CODE_SHOWN - 1] + "…"


def _parsed(source: str) -> ast.Module | None:
    """Return the code of a cell as a tree, without IPython's own lines; None if it is no Python."""
    for text in (source, _without_magics(source)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a student's "\d"
                return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _without_magics(source: str) -> str:
    """Return IPython's language as Python with the same line numbers; lines of magics do nothing.

    IPython's own translation takes long where there are thousands of magics.
    """
    lines = _LINE_END.split(source)
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if lines[first].lstrip().startswith("%%"):
        if not _PYTHON_MAGIC.match(lines[first]):
            return ""
        lines[first] = ""
    return "\n".join(map(_without_magic, lines))


def _without_magic(line: str) -> str:
    if match := _LINE_MAGIC.fullmatch(line):
        return match["indent"] + (match["rest"] if match["timed"] else "pass")
    target, equals, value = line.partition("=")
    if equals and value.lstrip()[:1] in ("%", "!"):
        return f"{target}= None"
    return f"{match[1]}pass" if (match := _HELP.fullmatch(line)) else line


class _Names:
    """The names of a notebook that stand for modules, for parts of them, or for IPython's shell."""

    def __init__(self, given: Iterable[str]) -> None:
        self._full = {"__builtins__": "builtins"}
        """Dotted names by the name in the notebook."""
        for tree in filter(None, map(_parsed, given)):
            for node in ast.walk(tree):
                self._note(node)
        self._given = frozenset(self._full.values())

    def reached(self, source: str, nested: int = 0) -> Iterator[tuple[int, str]]:
        """Yield line and kind of everything in a cell that a person should look at."""
        tree = _parsed(source)
        if tree is None:
            for number, line in enumerate(_LINE_END.split(source), 1):
                for word in _WORD.findall(line):
                    yield number, _WORDS[word]
            return
        nodes = list(ast.walk(tree))
        for name in filter(None, map(_bound, nodes)):  # what an earlier cell imported under this name
            self._full.pop(name, None)
        for node in nodes:
            self._note(node)
        for node in nodes:
            at: int = getattr(node, "lineno", 1)
            yield from ((at, what) for what in self._of(node))
            for text in _texts_of_code(node) if nested < MOST_NESTED else ():
                yield from ((at, what) for _, what in self.reached(text, nested + 1))

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                self._full[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            self._full |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and (full := self._dotted(node.value)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            self._full |= {target.id: full for target in targets if isinstance(target, ast.Name)}

    def _dotted(self, node: ast.AST | None) -> str:
        """Return the full dotted name of an expression that begins with something imported, or ""."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute) and len(parts) < MOST_PARTS:
            parts.append(node.attr)
            node = node.value
        root = ""
        if isinstance(node, ast.Name):
            root = self._full.get(node.id, "")
        elif isinstance(node, ast.Call):
            root = self._made(node)
        elif isinstance(node, ast.Subscript) and self._is_modules(node.value):
            root = _constant(node.slice)
        return ".".join([root, *reversed(parts)]) if root else ""

    def _is_modules(self, node: ast.AST) -> bool:
        """Tell whether this is `sys.modules`; without recursion, whatever it is."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return f"{self._full.get(node.value.id)}.{node.attr}" == "sys.modules"
        return isinstance(node, ast.Name) and self._full.get(node.id) == "sys.modules"

    def _made(self, call: ast.Call) -> str:
        """Return what a call gives: a module, an attribute named by a text, a namespace, or IPython's shell; or ""."""
        name = _called(call)
        text = _constant(call.args[0]) if call.args else ""
        if name in ("__import__", "import_module") and text:
            return text
        if name == "getattr" and len(call.args) > 1 and (attribute := _constant(call.args[1])):
            return f"{self._dotted(call.args[0]) or '?'}.{attribute}"
        if name == "type" and call.args:  # of the shell: whoever replaces a method does so for the shell
            return self._dotted(call.args[0])
        if name == "vars" and call.args and (full := self._dotted(call.args[0])):
            return f"{full}.__dict__"
        return "get_ipython()" if name == "get_ipython" else ""

    def _of(self, node: ast.AST) -> Iterator[str]:
        """Yield what a node reaches for."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from self._of_name(alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield from self._of_name(f"{node.module}.{alias.name}")
                if alias.name in _ATTRIBUTES:
                    yield _ATTRIBUTES[alias.name]
        elif isinstance(node, ast.Attribute):
            if node.attr in _ATTRIBUTES:
                yield _ATTRIBUTES[node.attr]
            yield from self._of_name(self._dotted(node))
        elif isinstance(node, ast.Name | ast.Subscript) and isinstance(node.ctx, ast.Load):
            yield from self._of_name(self._dotted(node))
        elif isinstance(node, ast.Call):
            yield from self._of_call(node)
        elif _OTHERS_IN_PROC.search(_constant(node)):
            yield PROCESSES
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            yield from self._of_target(node)

    def _of_name(self, full: str) -> Iterator[str]:
        """Yield what a dotted name, of something imported, reaches for; nothing for what a given cell imports."""
        if full.startswith("get_ipython()."):
            if full.split(".")[1] not in _ORDINARY_OF_SHELL:
                yield KERNEL
        elif full not in self._given:
            yield from {what for name, what in (_NAMES | _MODULES).items() if _begins(full, name)}

    def _of_call(self, call: ast.Call) -> Iterator[str]:
        name = _called(call)
        yield from self._of_name(self._made(call))
        named = {_constant(argument) for argument in call.args[1:2]} if name.endswith("attr") else set()
        yield from (_ATTRIBUTES[text] for text in named & _ATTRIBUTES.keys())
        if name in ("setattr", "delattr", "object") and call.args:
            yield from _of_replaced(self._dotted(call.args[0]), _constant(call.args[1]) if len(call.args) > 1 else "")
        elif name == "patch" and call.args:
            yield from _of_replaced(*_constant(call.args[0]).rpartition(".")[::2])
        elif name in ("pop", "update", "setdefault", "clear", "__setitem__") and isinstance(call.func, ast.Attribute):
            yield from _of_mapping(self._dotted(call.func.value))

    def _of_target(self, node: ast.Attribute | ast.Subscript) -> Iterator[str]:
        if isinstance(node, ast.Attribute):
            owner = self._dotted(node.value)
            yield from _of_replaced(owner, node.attr)
            if _is_function_of_computing(owner, node.attr):
                yield PATCHES
        else:
            yield from _of_mapping(self._dotted(node.value))


def _bound(node: ast.AST) -> str:
    """Return the name that a node gives a new meaning without an import, or ""."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    if isinstance(node, ast.arg):
        return node.arg
    return node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else ""


def _texts_of_code(node: ast.AST) -> Iterator[str]:
    """Yield texts that are written out in a call which runs them."""
    if isinstance(node, ast.Call):
        place = {"exec": 0, "eval": 0, "compile": 0, "run_cell": 0, "run_cell_magic": 2}.get(
            _called(node), len(node.args)
        )
        yield from filter(None, map(_constant, node.args[place : place + 1]))


def _constant(node: ast.AST) -> str:
    """Return a text that is written out, or ""."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _called(call: ast.Call) -> str:
    """Return the last part of the name of what is called."""
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _begins(name: str, beginning: str) -> bool:
    return name == beginning or name.startswith(f"{beginning}.")


def _of_replaced(owner: str, attribute: str) -> Iterator[str]:
    """Yield `PATCHES` if an attribute of this owner is a part of a watched package."""
    full = f"{owner}.{attribute}"  # `matplotlib.rcParams` and the like are settings
    if owner.partition(".")[0] in _WATCHED and ".rcParams" not in full:
        yield PATCHES


def _is_function_of_computing(owner: str, attribute: str) -> bool:
    """Tell whether this is a part of a module of `_COMPUTING`; NumPy's old names of Python's types are put back."""
    package, module = owner.partition(".")[0], owner.rpartition(".")[2]
    if package not in _COMPUTING or not module.islower():  # a class begins with a capital
        return False
    return not hasattr(builtins, attribute) and not _begins(owner, "torch.backends")


def _of_mapping(full: str) -> Iterator[str]:
    """Yield what changing an entry of this mapping means."""
    if full == "sys.modules":
        yield MAIN
    elif full.endswith("__dict__") or full == "builtins":
        yield from _of_replaced(full.removesuffix(".__dict__"), "")
