"""The gradebook on a PostgreSQL server holds what it holds in SQLite."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.machine.system_packages import find_postgresql
from autograder.reports.export import export_grades
from autograder.reports.overview import write_all
from autograder.room.walls.landlock import may_change_user
from tests.support.classroom import CRASH, HALF, MINI, RIGHT, Classroom, content_of_gradebook


@pytest.fixture
def address() -> Iterator[str]:
    """The address of a new database on a server of our own, reachable through a socket in its folder only."""
    programs = find_postgresql()
    assert programs is not None, "PostgreSQL is missing: sudo apt install postgresql"
    if os.geteuid() == 0 and not may_change_user():
        pytest.skip("PostgreSQL refuses to run as root, and the root of this namespace cannot become anybody else")
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())  # it refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="postgresql-", dir="/tmp"))
    try:
        os.chown(folder, user.pw_uid, user.pw_gid)
        identity = {"user": user.pw_uid, "group": user.pw_gid, "cwd": folder} if os.geteuid() == 0 else {"cwd": folder}
        data, log = f"--pgdata={folder / 'data'}", folder / "log"
        initdb = [f"{programs}/initdb", data, "--auth=trust", "--username=grader", "--no-sync", "--encoding=UTF8"]
        subprocess.run([*initdb, "--no-locale"], check=True, capture_output=True, **identity)
        settings = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        pg_ctl = [f"{programs}/pg_ctl", data, f"--log={log}", "--wait", "--silent"]
        subprocess.run([*pg_ctl, f"--options={settings}", "start"], check=True, **identity)
        try:
            yield f"postgresql+psycopg://grader@/postgres?host={folder}"
        finally:
            subprocess.run([*pg_ctl, "--mode=immediate", "stop"], check=True, **identity)
    finally:
        shutil.rmtree(folder)


@pytest.mark.slow
def test_the_same_content_as_in_sqlite(released: Classroom, tmp_path: Path, address: str) -> None:
    sqlite = released.copy(tmp_path / "sqlite")
    server = released.copy(tmp_path / "server", f"\nc.CourseDirectory.db_url = {address!r}\n")
    (server.course.root / "gradebook.db").unlink()
    for room in (sqlite, server):
        for name, answers in {"ada": RIGHT, "Zoë": HALF, "x" * 128: CRASH, "y" * 129: RIGHT}.items():
            room.hand_in(name, answers)
        room.hand_in(
            "nul", {"double": "def double(x):\n    raise ValueError(chr(0) + chr(0xd800))\n", "essay": "\ud800"}
        )
        room.hand_in("odd", b"{")
        room.grade()
        again = room.grade()
        assert (again.graded, again.skipped) == (0, 5)
        assert (list(again.problems), list(again.refused)) == (["odd"], ["y" * 129])
    assert content_of_gradebook(server.course, MINI) == content_of_gradebook(sqlite.course, MINI)
    assert server.graded_files() == sqlite.graded_files()
    exported = [export_grades(room.course, tmp_path / "grades.csv").read_bytes() for room in (server, sqlite)]
    assert exported[0] == exported[1]
    assert [len(write_all(room.course)) for room in (server, sqlite)] == [2, 2]
    assert not (server.course.root / "gradebook.db").exists()
