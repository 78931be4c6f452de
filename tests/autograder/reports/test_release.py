"""`nbgrader release_feedback` names what was collected by hand and releases the rest."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from nbgrader.utils import notebook_hash

from autograder.course_folder import CourseFolder
from autograder.reports.release import ReleaseFeedback
from tests.support.classroom import ROOT


def test_those_by_hand_are_named_and_the_others_released(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root, exchange = tmp_path / "course", tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    for student in ("ada", "by hand", "zoe", "[z]*", "excluded"):
        folder = root / "feedback" / student / "mini"
        folder.mkdir(parents=True)
        folder.joinpath("mini.html").write_text(f"for {student}")
        if student != "by hand":
            folder.joinpath("timestamp.txt").write_text("2026-03-01 10:00:00 UTC")
            folder.joinpath("submission_secret.txt").write_text(f"secret of {student}")
    directory = CourseDirectory(
        root=str(root), course_id="activations", assignment_id="mini", student_id_exclude="excluded"
    )
    config = CourseFolder.load(ROOT).config.copy()
    config.Exchange.root = str(exchange)
    factory = ExchangeFactory(config=config)
    release = factory.ReleaseFeedback(coursedir=directory, authenticator=Authenticator())
    assert type(release) is ReleaseFeedback
    with caplog.at_level(logging.WARNING):
        release.log = logging.getLogger("release")
        release.start()
    pages = {path.read_text(): path.name for path in (exchange / "activations" / "feedback").iterdir()}
    assert pages == {
        f"for {student}": f"{notebook_hash(secret=f'secret of {student}', notebook_id='mini')}.html"
        for student in ("ada", "zoe", "[z]*")
    }
    said = [record.getMessage() for record in caplog.records]
    assert [line for line in said if "by hand" in line] == said[:1]
    assert len(said) == 1
