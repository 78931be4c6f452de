"""Writes down what there is to do in each lesson: what `course.progress` holds a student's progress against."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.errors import UserError
from autograder.files import write_atomically
from course.progress.contents import FILE, item_id


class ContentsError(UserError):
    """A lesson asks for something in a way that cannot be read. The message is one line: file, line, what to do."""


def build_contents(root: Path, target: Path | None = None) -> Path:
    """Write the contents of the lessons under `root` to `target`, or to where the course has them; return the file.

    Raises
    ------
    ContentsError
        If a lesson has no title or no minutes, or a question is not there in plain words. Nothing is written then.
    """
    twins = sorted((root / "course" / "lessons").glob("[0-9]*.py"))
    lessons = [read_lesson(twin.read_text(encoding="utf-8"), twin.stem) for twin in twins]
    target = target or root / "course" / "progress" / FILE.name
    text = json.dumps({"lessons": lessons}, ensure_ascii=False, indent=1) + "\n"
    write_atomically(target, text.encode())
    return target


def read_lesson(text: str, name: str) -> dict[str, Any]:
    """Return what there is to do in the lesson with this text twin, as plain data."""
    title = re.search(r"^# # (.+)$", text, re.MULTILINE)
    minutes = re.search(r"^# \*\*Time\.\*\* (\d+) minutes", text, re.MULTILINE)
    if title is None or minutes is None:
        raise ContentsError(f"{name}.py: needs a heading and a line **Time.** N minutes")
    tree = ast.parse(text)
    return {
        "name": name,
        "title": title[1].strip(),
        "minutes": int(minutes[1]),
        "predictions": [item_id(_plain(name, call, call.args[0])) for call in _calls(tree, "Prediction")],
        "cards": [item_id(_plain(name, call, call.args[1]), *_points(name, call)) for call in _calls(tree, "card")],
        "checks": list(_checks(tree)),
    }


def _calls(tree: ast.AST, function: str) -> list[ast.Call]:
    """Return the calls of `function`, or of a method with this name, in the order of the file."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    named = [call for call in calls if getattr(call.func, "id", getattr(call.func, "attr", None)) == function]
    return sorted(named, key=lambda call: (call.lineno, call.col_offset))


def _plain(name: str, call: ast.Call, argument: ast.expr) -> str:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    raise ContentsError(f"{name}.py, line {call.lineno}: write the question here as plain text, not as an expression")


def _points(name: str, call: ast.Call) -> list[str]:
    found = [keyword.value for keyword in call.keywords if keyword.arg == "points"]
    points = found[0].elts if found and isinstance(found[0], ast.List) else []
    return [_plain(name, call, point) for point in points]


def _checks(tree: ast.AST) -> Iterator[dict[str, Any]]:
    """Yield each cell of checks: its title, and those names of checks that stand there in plain words."""
    starts = [call for call in _calls(tree, "Checks") if _text(call)]
    withs = [item.context_expr for node in ast.walk(tree) if isinstance(node, ast.With) for item in node.items]
    named = sorted((call.lineno, call.col_offset, text) for call in withs if (text := _text(call)))
    for number, start in enumerate(starts):
        end = starts[number + 1].lineno if number + 1 < len(starts) else math.inf
        yield {"title": _text(start), "names": [text for line, _, text in named if start.lineno < line < end]}


def _text(node: ast.expr) -> str:
    """Return the plain text that a call begins with, "" if it does not."""
    first = node.args[0] if isinstance(node, ast.Call) and node.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
