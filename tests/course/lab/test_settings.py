"""What students learn of a course's settings."""

from __future__ import annotations

from pathlib import Path

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from course.lab.settings import NAME, for_students


def read(text: str, folder: Path) -> Config:
    (folder / NAME).write_text(text)
    return PyFileConfigLoader(NAME, path=str(folder)).load_config()


def test_students_get_the_course_and_the_exchange_and_nothing_else(tmp_path: Path) -> None:
    full = Config()
    full.CourseDirectory.course_id = 'it\'s "acts"'
    full.CourseDirectory.db_url = "postgresql://secret"
    full.Exchange.root = "/srv/exchange"
    found = read(for_students(full), tmp_path)
    assert found == {"CourseDirectory": {"course_id": 'it\'s "acts"'}, "Exchange": {"root": "/srv/exchange"}}


def test_a_course_without_settings_gives_settings_without_content(tmp_path: Path) -> None:
    assert read(for_students(Config()), tmp_path) == {}
