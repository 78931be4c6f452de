"""The button rehearses the notebook in which it stands and shows what is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from course.rehearse.button import RehearseButton


def press(button: RehearseButton) -> None:
    button.button.click()
    assert button.running is not None
    button.running.join()


def test_what_is_said_is_shown_and_the_button_can_be_pressed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mini.ipynb").write_text("<b>no notebook</b>")
    monkeypatch.chdir(tmp_path)
    button = RehearseButton("mini")
    monkeypatch.chdir("/")  # as a cell may
    assert "Save the notebook first" in button.state.value
    for _ in range(2):
        press(button)
        assert "mini.ipynb cannot be read: it is a web page, not a notebook." in button.said.value
        assert "<b>" not in button.said.value
        assert button.state.value == '<p role="status">The notebook could not be run.</p>'
        assert not button.button.disabled


def test_without_widgets_the_command_stands_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = RehearseButton("mini")._repr_mimebundle_()
    assert shown["text/plain"] == "Rehearse the grading: python -m course.rehearse mini.ipynb"


def test_what_cannot_be_started_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    button = RehearseButton("mini")
    monkeypatch.setattr("sys.executable", str(tmp_path / "no_python"))
    press(button)
    assert button.state.value == '<p role="status">The rehearsal did not come to its end.</p>'
    assert "No such file or directory" in button.said.value
    assert not button.button.disabled
