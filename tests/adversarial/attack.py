"""One attack: what is handed in, and what it wants; read from the data files in `attacks/`."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from tests.adversarial.edits import EDITS
from tests.adversarial.watched import number_of

FOLDER = Path(__file__).parent / "attacks"
FUNCTIONS = ("selu", "selu_derivative", "softplus", "softplus_derivative", "hardswish", "hardswish_derivative")
"""The exercises of ps1, named like their solution cells."""


_STUB = 'def selu(x):\n    raise NotImplementedError("write me")\n'


@dataclass
class Submission:
    """A notebook and the files beside it."""

    notebook: NotebookNode
    files: dict[str, bytes] = field(default_factory=dict)

    def raw(self) -> bytes:
        """Return the notebook as it lies on the disk; in ASCII, so that it can hold what UTF-8 cannot."""
        return json.dumps(self.notebook, indent=1).encode("ascii")


@dataclass(frozen=True)
class Attack:
    """An attack on the grading of ps1. Solution cells it does not touch stay as released: they earn nothing."""

    group: str
    name: str
    wants: str
    """One sentence."""
    code: str = ""
    """Goes into the first solution cell."""
    body: str = ""
    """What each of the six functions does."""
    cells: Mapping[str, str] = field(default_factory=dict)
    """Other solution cells by name."""
    edit: str = ""
    """Name of a function of `edits` that changes the notebook, its metadata, or the files beside it."""
    files: Mapping[str, str] = field(default_factory=dict)
    without: Mapping[str, str] = field(default_factory=dict)
    """The same answers without the attack, if they deserve points; by default nothing is deserved."""
    not_on_stock: str = ""
    """Why it is not run without a sandbox."""
    open_behind: Mapping[str, str] = field(default_factory=dict)
    """By wall, why it succeeds there. It is a test's failure then if it does not."""
    not_everywhere: str = ""
    """Why it may fail without a sandbox too, on some machines."""

    def answers(self) -> dict[str, str]:
        """Return the solution cells by name."""
        sources = dict(self.cells)
        if self.body:
            body = "".join(f"    {line}\n" for line in self.body.splitlines())
            sources = {name: f"def {name}(x):\n{body}\n{sources.get(name, '')}" for name in FUNCTIONS}
        if self.code:
            stub = "" if "def selu(" in self.code else _STUB
            sources["selu"] = self.code + "\n" + sources.get("selu", stub)
        return sources

    def hand_in(self, released: NotebookNode, prelude: str) -> Submission:
        """Return the submission.

        Parameters
        ----------
        released : NotebookNode
            The student's notebook as released.
        prelude : str
            Assignments that tell the attack where to find what it is after.
        """
        submission = Submission(filled(released, self.answers()), {n: t.encode() for n, t in self.files.items()})
        if self.edit:
            EDITS[self.edit](submission)
        if self.code:
            cell = _solution(submission.notebook, "selu")
            cell.source = f"{prelude}\n{means(self.code)}{cell.source}"
        return submission


MEANS = '''
import contextlib, ctypes, os, tempfile
TMP = tempfile.gettempdir()
_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
def call(name, *arguments):
    """Return what the system call returns; -1 and a line about it if it fails."""
    wide = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    result = _libc.syscall(ctypes.c_long(NUMBERS.get(name, -1)), *wide)
    if result == -1: print(name, os.strerror(ctypes.get_errno()))
    return result
def attempt(act, *arguments, **options):
    try: return act(*arguments, **options)
    except Exception as error: print(getattr(act, "__name__", act), error)
def worked(what): print(what, "has worked")
'''


def means(code: str) -> str:
    """Return what attacks on the system call themselves by: numbers of calls, and functions to make them."""
    if not re.search(r"\b(call|attempt|worked|_libc|ctypes)\b", code):
        return ""
    numbers = {word: number_of(word) for word in sorted(set(re.findall(r"\w+", code)))}
    known = {word: number for word, number in numbers.items() if number is not None}
    return f"NUMBERS = {known!r}\n{MEANS}"


def filled(released: NotebookNode, answers: Mapping[str, str]) -> NotebookNode:
    """Return a copy of a released notebook with answers in its solution cells."""
    notebook = copy.deepcopy(released)
    for name, source in answers.items():
        _solution(notebook, name).source = source
    return notebook


def _solution(notebook: NotebookNode, name: str) -> NotebookNode:
    found = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name]
    return found[-1]


def load_attacks() -> list[Attack]:
    """Return all attacks, by group in the order of the files' numbers, then in file order."""
    attacks = []
    for path in sorted(FOLDER.glob("*.toml"), key=lambda path: int(path.name.split("_")[0])):
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        attacks += [Attack(group=content["group"], **entry) for entry in content["attack"]]
    return attacks
