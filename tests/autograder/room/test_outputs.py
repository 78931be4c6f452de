"""Outputs of a room are valid notebook outputs, whatever its messages hold."""

from __future__ import annotations

import math
from typing import Any

import nbformat
import pytest

from autograder.room import outputs as outputs_module
from autograder.room.outputs import Outputs

DATA = {"text/plain": "5", "application/json": {"a": [1, None]}}
MESSAGES = {
    "stream": {"name": "stdout", "text": "hello"},
    "display_data": {"data": DATA, "metadata": {"width": 5}},
    "execute_result": {"data": DATA, "metadata": {}, "execution_count": 3},
    "error": {"ename": "ValueError", "evalue": "no", "traceback": ["line", "line"]},
}


def outputs_of(kind: str, content: dict[str, Any], limit: int = 1000) -> list[Any]:
    outputs = Outputs(limit)
    outputs.add(kind, content, 10)
    return outputs.finished()


@pytest.mark.parametrize("kind", MESSAGES)
def test_an_output_is_what_nbformat_makes_of_it(kind: str) -> None:
    (output,) = outputs_of(kind, MESSAGES[kind])
    assert output == nbformat.v4.new_output(kind, **MESSAGES[kind])


@pytest.mark.parametrize("count", [-1, math.inf, math.nan, "many", None])
def test_a_count_that_is_none_is_no_output(count: object) -> None:
    assert outputs_of("execute_result", {**MESSAGES["execute_result"], "execution_count": count}) == []


def test_pictures_do_not_count_as_text_and_have_a_limit_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs_module, "MAX_RICH_BYTES", 100)
    outputs = Outputs(30)
    for size in (60, 70, 40):
        data = {"image/png": "A" * size, "text/plain": "figure"}
        outputs.add("display_data", {"data": data}, size + 8)
    sizes = [len(output.data["image/png"]) for output in outputs.finished()]
    assert sizes == [60, 0, 40]


def test_what_is_cut_says_so() -> None:
    *_, note = outputs_of("stream", {"name": "stdout", "text": "x" * 50}, limit=20)
    assert note.text == "[output cut: a cell keeps 20 bytes of it]\n"
    assert note == nbformat.v4.new_output("stream", name="stdout", text=note.text)
