r"""Compile the quiz sources, which hold the keys, into the files students get, which hide them.

A source is a TOML file, one per lesson:

    [[question]]
    id = "sigmoid-slope"                  # unique in the file; part of the seal
    text = "What is $\\sigma'(0)$?"        # may hold LaTeX

    [[question.choice]]
    text = "0.25"
    correct = true                        # exactly one per question
    feedback = "Why it is right."         # every choice has its own

Choices are shown in an order drawn from the question's id, so a source may list them as it reads best.

The seal keeps verdict and feedback from a glance, not from a determined reader: see `course.widgets.quiz`.
"""

from __future__ import annotations

import json
import tomllib
from base64 import b64encode
from pathlib import Path
from typing import Any

from autograder.errors import UserError
from course.widgets.quiz import key_stream

_DRAWN = 8  # bytes that decide the place of a choice: always the same ones, and none like another
_BLOCK = 256  # sealed verdicts are padded to multiples of this, so that length tells little


class QuizError(UserError):
    """A quiz source is wrong. The message is one line: file, question, what to do."""


def build_quizzes(source_dir: Path, target_dir: Path) -> list[Path]:
    """Compile every `source_dir/*.toml` to `target_dir/*.json`; the same source gives the same bytes.

    Returns
    -------
    list of Path
        The files written, sorted.

    Raises
    ------
    QuizError
        If a source is not TOML or not a quiz. Nothing is written then.
    """
    compiled = {path.stem: _compile(path) for path in sorted(source_dir.glob("*.toml"))}
    target_dir.mkdir(parents=True, exist_ok=True)
    written = []
    for stem, quiz in compiled.items():
        target = target_dir / f"{stem}.json"
        target.write_text(json.dumps(quiz, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        written.append(target)
    return written


def seal(question_id: str, choice: str, *, correct: bool, feedback: str) -> str:
    """Hide a verdict; `course.widgets.quiz.unseal` is the inverse. Returns base64 text."""
    plain = json.dumps({"correct": correct, "feedback": feedback}).encode()
    plain += b" " * (-len(plain) % _BLOCK)
    key = key_stream(question_id, choice, len(plain))
    return b64encode(bytes(a ^ b for a, b in zip(plain, key, strict=True))).decode("ascii")


def _compile(path: Path) -> dict[str, Any]:
    try:
        source = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise QuizError(f"{path.name}: not valid TOML: {problem}") from None
    entries = source.get("question")
    if not isinstance(entries, list) or not entries:
        raise QuizError(f"{path.name}: no question; write each under a line [[question]]")
    questions = [_question(entry, f"{path.name}, question {n}") for n, entry in enumerate(entries, start=1)]
    ids = [question["id"] for question in questions]
    for n, identifier in enumerate(ids, start=1):
        if identifier in ids[: n - 1]:
            raise QuizError(f"{path.name}, question {n}: the id {identifier!r} is used twice; choose another")
    return {"questions": questions}


def _question(entry: Any, where: str) -> dict[str, Any]:
    identifier, text = _text(entry, "id", where), _text(entry, "text", where)
    where += f" ({identifier})"
    choices = entry.get("choice")
    if not isinstance(choices, list) or len(choices) < 2:
        raise QuizError(f"{where}: needs at least two choices, each under a line [[question.choice]]")
    labels = [_text(choice, "text", f"{where}, choice {n}") for n, choice in enumerate(choices, start=1)]
    if len(set(labels)) < len(labels):
        raise QuizError(f"{where}: two choices have the same text; make each different")
    right = sum(_is_correct(choice, f"{where}, choice {n}") for n, choice in enumerate(choices, start=1))
    if right != 1:
        raise QuizError(f"{where}: {right} choices have correct = true; exactly one must have it")
    sealed = [
        {
            "text": label,
            "sealed": seal(
                identifier,
                label,
                correct=choice.get("correct", False),
                feedback=_text(choice, "feedback", f"{where}, choice {label!r}"),
            ),
        }
        for label, choice in zip(labels, choices, strict=True)
    ]
    sealed.sort(key=lambda choice: key_stream(identifier, choice["text"], _DRAWN))
    return {"id": identifier, "text": text, "choices": sealed}


def _text(entry: Any, key: str, where: str) -> str:
    value = entry.get(key) if isinstance(entry, dict) else None
    if not isinstance(value, str) or not value.strip():
        raise QuizError(f'{where}: {key} is missing; write {key} = "..."')
    return value.strip()


def _is_correct(choice: dict[str, Any], where: str) -> bool:
    value = choice.get("correct", False)
    if not isinstance(value, bool):
        raise QuizError(f"{where}: correct must be true or false, not {value!r}")
    return value
