"""Which of this program's files and which packages a verdict depends on, as a hash.

It follows imports: from what grades a notebook, and from what the assignment's cells and the submission import. So a
changed hidden check grades its assignment again, and a changed report, lesson or practice answer grades nothing.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import platform
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

import autograder
import course

FOLDERS: Mapping[str, Path] = {package.__name__: Path(package.__path__[0]) for package in (autograder, course)}
"""Our packages, whose files are hashed; of all others the versions are."""

ROOTS = ("autograder.examiner.server", "autograder.room")
"""What grades a notebook. All of the room is named, since what is mounted into it is started and not imported."""

# What is looked for stands first, the boundary before it after that: letters are found fast, boundaries are not.
_FROM = re.compile(r"from(?<=\bfrom)\s{1,9}([\w.]{1,200})\s{1,9}import\s{0,9}(?:\(([^()]{0,2000})|([\w ,]{0,2000}))")
_IMPORT = re.compile(r"import(?<=\bimport)[ \t]{1,9}([\w., \t]{1,2000})")

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
"""Where a statement has statements in it."""


def grader_fingerprint(names: Iterable[str]) -> str:
    """Return a hash of the files and packages behind a verdict.

    Parameters
    ----------
    names : Iterable[str]
        What the cells of the assignment and of the submission import, as `names_imported` finds it.
    """
    ours = _modules_here()
    known = _packages()
    return _fingerprint_of(
        frozenset(name if name in ours else name.partition(".")[0] for name in names) & (ours.keys() | known.keys())
    )


@cache
def _fingerprint_of(names: frozenset[str]) -> str:
    """Return the fingerprint for names that matter: a class has few sets of them, and each takes a while."""
    return fingerprint(*behind(names))


def fingerprint(files: Mapping[str, Path], packages: Iterable[str]) -> str:
    """Return a hash of the content of files, by module, and of the versions of packages."""
    digest = hashlib.sha256(platform.python_version().encode())
    for name, path in sorted(files.items()):
        content = path.read_bytes()
        digest.update(f"{name} {len(content)} ".encode() + content)
    for package in sorted(packages):
        digest.update(f"{package} {metadata.version(package)} ".encode())
    return digest.hexdigest()


def names_imported(text: str) -> frozenset[str]:
    """Return the dotted names that the code in a notebook's JSON imports, and some more where it cannot tell.

    The text may be a student's: it is not parsed, and every step takes bounded time.
    """
    text = text.replace("\\n", "\n").replace('"', " ")
    found = set()
    for match in _FROM.finditer(text):
        module, listed = match[1], match[2] or match[3] or ""
        found |= {module, *(f"{module}.{name}" for name in re.findall(r"\w+", listed))}
    for match in _IMPORT.finditer(text):
        found |= set(re.findall(r"[\w.]+", match[1]))
    return frozenset(found)


def behind(names: Iterable[str], folders: Mapping[str, Path] = FOLDERS) -> tuple[dict[str, Path], set[str]]:
    """Return our files, by module, and the packages that a verdict depends on.

    Parameters
    ----------
    names : Iterable[str]
        Dotted names imported by notebooks; what is no module is passed over.
    folders : Mapping[str, Path], optional
        Where our packages are.
    """
    modules = dict(_modules(folders))
    known = _packages()
    waiting = {name for name in modules if _is_within(name, ROOTS)} | set(names)
    files: dict[str, Path] = {}
    foreign: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name.partition(".")[0] not in folders:
            foreign.add(name.partition(".")[0])
        elif name in modules and name not in files:
            files[name] = modules[name]
            package = name if modules[name].name == "__init__.py" else name.rpartition(".")[0]
            waiting |= _imports(modules[name].read_bytes(), package)
            waiting |= {name.rpartition(".")[0]} - {""}  # importing a module runs the packages that it lies in
    return files, {package for top in foreign for package in known.get(top, ())}


@cache
def _packages() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


@cache
def _modules_here() -> Mapping[str, Path]:
    return dict(_modules(FOLDERS))


def _modules(folders: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    for package, folder in folders.items():
        for path in folder.rglob("*.py"):
            parts = path.relative_to(folder).with_suffix("").parts
            yield ".".join([package, *(parts[:-1] if parts[-1] == "__init__" else parts)]), path


def _is_within(name: str, packages: Iterable[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@cache
def _imports(content: bytes, package: str) -> frozenset[str]:
    """Return what a file in one of our packages imports, anywhere in it; of `from a import b` both `a` and `a.b`."""
    found = set()
    waiting: list[ast.AST] = [ast.parse(content)]
    while waiting:
        node = waiting.pop()
        for field in _BLOCKS:  # expressions hold no imports, and are most of a file
            waiting += getattr(node, field, ())
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(base, package) if node.level else base
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return frozenset(found)
