"""The leak gate: proves that files for students hold nothing of the instructor's.

Three kinds of secret are looked for.

- Marks that only instructor files have: nbgrader's region markers, a quiz's key.
- Phrases: every line of an assignment's solutions, hidden tests and mark schemes, in the files of that
  assignment; every feedback text of a quiz, everywhere. Text that the visible part of the same assignment has
  too is not a secret.
- Passages, everywhere: runs of consecutive lines of any solution, hidden test or catalogued answer, and of
  any file in `autograder/` and `tests/`. Single lines are not compared there, since a lesson and a test may both
  well say `x = np.linspace(-3, 3, 101)`.

White space and comment signs do not count, so reindented or commented-out text is found as well.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import nbformat

from autograder.answers import parse_answers
from course.lab import settings

MARKS = {
    "solution marker": re.compile(r"(BEGIN|END) SOLUTION"),
    "hidden test marker": re.compile(r"(BEGIN|END) HIDDEN TESTS"),
    "mark scheme marker": re.compile(r"(BEGIN|END) MARK SCHEME"),
    "quiz key": re.compile(r'^\s*"?correct"?\s*[:=]\s*true', re.IGNORECASE),
    "pairing with a text twin": re.compile(r"\bpy:percent\b"),
    "instructor module": re.compile(r"^\s*(from|import) autograder\b"),
}
REGIONS = {"SOLUTION": "solution", "HIDDEN TESTS": "hidden test", "MARK SCHEME": "mark scheme"}
_REGION_EDGE = re.compile(rf"(BEGIN|END) ({'|'.join(REGIONS)})")

PHRASE_LENGTH = 8
"""Shortest line, in characters without white space, that counts as a secret in the same assignment."""

PASSAGE_LINES = 3
"""A passage has this many lines; of a shorter solution, hidden test or answer, it has them all."""

PASSAGE_LENGTH = 40
FILE_PASSAGE_LENGTH = 60
"""Shortest passage of an answer, and of a file, where three short lines can be alike by chance."""

FEEDBACK_LENGTH = 20
"""Shortest feedback that is compared; "Yes." is not a secret."""

_STUDENTS_SETTINGS = tuple(f"c.{section}.{name} = " for section, name in settings.FOR_STUDENTS)

STUDENT_ENTRIES = {
    "course", "release", "README.md", "LICENSE", "Makefile", "pyproject.toml", "constraints.txt", "environment.yml",
    settings.NAME,
}  # fmt: skip
"""All that a student's folder may hold at its top."""


@dataclass(frozen=True)
class Leak:
    """Something of the instructor's in a file for students."""

    file: str
    where: str
    kind: str
    excerpt: str

    def __str__(self) -> str:
        return f"{self.file}, {self.where}: {self.kind}: {self.excerpt}"


@dataclass(frozen=True)
class _Region:
    """Consecutive lines that students may not see."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class _Text:
    """One cell, or one file that is not a notebook."""

    where: str
    text: str


class _Line(NamedTuple):
    number: int
    squeezed: str
    text: str


@dataclass
class _Secrets:
    phrases: dict[str, dict[str, str]] = field(default_factory=dict)
    """For each assignment, and for "" everywhere: squeezed text to kind."""
    passages: dict[tuple[str, ...], str] = field(default_factory=dict)
    """Squeezed consecutive lines to kind."""


def find_leaks(root: Path, files: Mapping[str, bytes]) -> list[Leak]:
    """Return what leaks from `files`.

    Parameters
    ----------
    root : Path
        The course folder, which holds the secrets.
    files : Mapping[str, bytes]
        Path relative to the students' folder (`release/ps1/ps1.ipynb`) -> contents.
    """
    secrets = secrets_of(root)
    leaks: list[Leak] = []
    for path, data in sorted(files.items()):
        leaks += _misplaced(path, files)
        assignment = PurePosixPath(path).parts[1] if path.startswith("release/") else ""
        phrases = secrets.phrases.get("", {}) | secrets.phrases.get(assignment, {})
        for text in _texts(path, data):
            leaks += [Leak(path, *found) for found in _marks(text)]
            leaks += [Leak(path, *found) for found in _phrases(text, phrases)]
            leaks += [Leak(path, *found) for found in _passages(text, secrets.passages)]
    return leaks


# The files of students ---------------------------------------------------------------------------------


def _misplaced(path: str, files: Mapping[str, bytes]) -> Iterator[Leak]:
    """Yield a leak if students may not have a file of this name at all."""
    pure = PurePosixPath(path)
    if pure.parts[0] not in STUDENT_ENTRIES:
        yield Leak(path, "its place", "not for students", f"{pure.parts[0]} is not one of the entries students have")
    if pure.suffix == ".py" and str(pure.with_suffix(".ipynb")) in files:
        yield Leak(path, "its name", "text twin", f"beside {pure.with_suffix('.ipynb').name}")
    if pure.name in ("jupyter_server_config.py", "jupytext.toml") or (pure.name == settings.NAME != path):
        yield Leak(path, "its name", "instructor settings", pure.name)
    if path == settings.NAME:
        for number, line in enumerate(files[path].decode().splitlines(), start=1):
            if line.startswith("c.") and not line.startswith(_STUDENTS_SETTINGS):
                yield Leak(path, f"line {number}", "instructor settings", _excerpt(line))


def _texts(path: str, data: bytes) -> list[_Text]:
    """Return what a file says: the cells of a notebook, the strings of other JSON, the text of a text file."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return []  # a picture
    if path.endswith(".ipynb"):
        return _cells(json.loads(text))
    if path.endswith(".json"):
        return [_Text("its strings", _joined(json.loads(text)))]
    return [_Text("its text", text)]


def _cells(notebook: dict[str, Any]) -> list[_Text]:
    texts = []
    for number, cell in enumerate(notebook["cells"], start=1):
        where = f"cell {number} ({cell.get('id', 'no id')})"
        rest = {key: value for key, value in cell.items() if key not in ("source", "id", "cell_type")}
        texts += [_Text(where, "".join(cell["source"])), _Text(f"{where}, not its source", _joined(rest))]
    return [*texts, _Text("its metadata", _joined(notebook.get("metadata", {})))]


def _joined(value: Any) -> str:
    return "\n".join(_strings(value))


def _strings(value: Any) -> Iterator[str]:
    """Yield every string in a JSON value, keys of objects with their plain values included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            yield "".join(value)  # notebooks keep a text as a list of its lines
        else:
            for item in value:
                yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield f"{key}: {json.dumps(item)}" if isinstance(item, bool | int | float | None) else str(key)
            yield from _strings(item)


def _marks(text: _Text) -> Iterator[tuple[str, str, str]]:
    for number, line in enumerate(text.text.splitlines(), start=1):
        for kind, mark in MARKS.items():
            if mark.search(line):
                yield f"{text.where}, line {number}", kind, _excerpt(line)


def _phrases(text: _Text, phrases: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    whole = squeeze(text.text)
    for phrase, kind in phrases.items():
        if phrase in whole:
            lines = enumerate(text.text.splitlines(), start=1)
            number, line = next(((n, line) for n, line in lines if phrase in squeeze(line)), (1, phrase))
            yield f"{text.where}, line {number}", kind, _excerpt(line)


def _passages(text: _Text, passages: Mapping[tuple[str, ...], str]) -> Iterator[tuple[str, str, str]]:
    lines = _telling_lines(text.text.splitlines())
    for size in range(1, PASSAGE_LINES + 1):
        for window in _windows(lines, size):
            kind = passages.get(tuple(line.squeezed for line in window))
            if kind:
                yield f"{text.where}, line {window[0].number}", kind, _excerpt(window[0].text)


def _excerpt(line: str) -> str:
    line = line.strip()
    return line if len(line) <= 80 else f"{line[:79]}…"


# The secrets -------------------------------------------------------------------------------------------


def secrets_of(root: Path) -> _Secrets:
    """Return what only the instructors of the course in `root` may see."""
    secrets = _Secrets()
    for notebook in sorted((root / "source").glob("*/*.ipynb")):
        regions, public = _split(nbformat.read(notebook, as_version=4))
        _add_phrases(secrets, notebook.parent.name, regions, public)
        regions += _right_answers(root, notebook.parent.name)
        for region in regions:
            _add_passages(secrets, region, public)
    for quiz in sorted((root / "autograder" / "publish" / "quiz_sources").glob("*.toml")):
        secrets.phrases.setdefault("", {}).update(dict.fromkeys(_feedback(quiz), "quiz feedback"))
    for folder in ("autograder", "tests"):
        for path in sorted((root / folder).rglob("*.py")):
            _add_file(secrets, path, root)
    return secrets


def _split(notebook: nbformat.NotebookNode) -> tuple[list[_Region], str]:
    """Return the secret regions of an instructor notebook, and the squeezed rest."""
    regions, public = [], []
    for cell in notebook.cells:
        found, rest = _cell_regions(cell.source)
        answer = cell.metadata.get("nbgrader", {}).get("solution", False)
        if answer and not any(region.kind == "solution" for region in found):
            found, rest = [*found, _Region("solution", tuple(rest))], []
        regions += found
        public += rest
    return regions, squeeze("\n".join(public))


def _cell_regions(source: str) -> tuple[list[_Region], list[str]]:
    """Return the regions between nbgrader's markers, and the lines outside them."""
    regions: list[_Region] = []
    rest: list[str] = []
    lines: list[str] = []
    inside: str | None = None
    for line in source.splitlines():
        edge = _REGION_EDGE.search(line)
        if edge and edge[1] == "BEGIN":
            inside, lines = REGIONS[edge[2]], []
        elif edge and inside:
            regions.append(_Region(inside, tuple(lines)))
            inside = None
        else:
            (lines if inside else rest).append(line)
    return regions, rest


def _right_answers(root: Path, assignment: str) -> list[_Region]:
    files = sorted((root / "autograder" / "practice" / "answers" / assignment).glob("*.py"))
    answers = [answer for file in files for answer in parse_answers(file.read_text(encoding="utf-8"), file)]
    return [_Region("catalogued answer", tuple(answer.source.splitlines())) for answer in answers if answer.right]


def _feedback(quiz: Path) -> Iterator[str]:
    for question in tomllib.loads(quiz.read_text(encoding="utf-8"))["question"]:
        for choice in question["choice"]:
            if len(squeeze(choice["feedback"])) >= FEEDBACK_LENGTH:
                yield squeeze(choice["feedback"])


def _add_phrases(secrets: _Secrets, assignment: str, regions: Sequence[_Region], public: str) -> None:
    phrases = secrets.phrases.setdefault(assignment, {})
    for region in regions:
        for line in map(squeeze, region.lines):
            if len(line) >= PHRASE_LENGTH and line not in public:
                phrases[line] = region.kind


def _add_passages(secrets: _Secrets, region: _Region, public: str) -> None:
    lines = [line for line in _telling_lines(region.lines) if line.squeezed not in public]
    _enter(secrets, region.kind, _windows(lines, min(PASSAGE_LINES, len(lines))), PASSAGE_LENGTH)


def _add_file(secrets: _Secrets, path: Path, root: Path) -> None:
    lines = _telling_lines(path.read_text(encoding="utf-8").splitlines())
    kind = f"text of {path.relative_to(root).as_posix()}"
    _enter(secrets, kind, _windows(lines, PASSAGE_LINES), FILE_PASSAGE_LENGTH)


def _enter(secrets: _Secrets, kind: str, windows: Iterable[Sequence[_Line]], shortest: int) -> None:
    for window in windows:
        passage = tuple(line.squeezed for line in window)
        if sum(map(len, passage)) >= shortest:
            secrets.passages.setdefault(passage, kind)


# Comparing text ----------------------------------------------------------------------------------------


def squeeze(text: str) -> str:
    """Return `text` without white space and comment signs."""
    return re.sub(r"[\s#]+", "", text)


def _telling_lines(lines: Sequence[str]) -> list[_Line]:
    """Return the lines that say something: no imports, no lone brackets."""
    numbered = [_Line(number, squeeze(text), text) for number, text in enumerate(lines, start=1)]
    return [line for line in numbered if len(line.squeezed) > 3 and not re.match(r"\s*(import|from)\s", line.text)]


def _windows(lines: Sequence[_Line], size: int) -> Iterator[Sequence[_Line]]:
    if size:
        for start in range(len(lines) - size + 1):
            yield lines[start : start + size]
