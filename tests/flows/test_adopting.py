"""docs/adopting.md, as it stands: its commands on nbgrader's documentation course, and grades equal to stock's."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "adopting.md"
INSTALL, *TRIED = re.findall(r"^```bash\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def run(script: str, folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run commands as a person would who has no settings of nbgrader."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "NBGRADER"))}
    environment |= {"HOME": str(home), "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    command = ["bash", "-e", "-c", script]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.thorough(
    reason="stock nbgrader takes half a minute; test_parity compares more submissions of the same course"
)
def test_the_commands_of_the_page_give_the_grades_of_stock_nbgrader(tmp_path: Path) -> None:
    assert INSTALL.splitlines()[0].endswith("[grading]'")
    assert "diff ../stock.csv ../ours.csv" in "".join(TRIED)
    home = tmp_path / "home"
    home.mkdir()
    done = run("\n".join(TRIED), tmp_path, home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 graded, 0 unchanged since they were graded, 0 could not be graded." in done.stdout
    grades = [list(csv.DictReader((tmp_path / f"{name}.csv").open())) for name in ("stock", "ours", "outside")]
    assert grades[0] == grades[1] == grades[2]
    scores = {row["student_id"]: float(row["raw_score"]) for row in grades[0]}
    assert scores == {"bitdiddle": 1.5, "hacker": 3.0}
    assert (tmp_path / "course101" / "reports" / "ps1.html").is_file()
    assert (tmp_path / "course101" / "feedback" / "hacker" / "ps1" / "problem1.html").is_file()
