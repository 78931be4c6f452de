"""In CI no test is skipped: what is never run there is not known to hold."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import pytest_collection_modifyitems

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parents[2]
FILE = """
import pytest
@pytest.mark.skipif(True, reason="no such machine")
def test_skipped(): pass
def test_skipped_inside(): pytest.skip("no such wall")
@pytest.mark.xfail
def test_expected_to_fail(): assert False
def test_passes(): pass
"""


MARKED = """
import pytest
@pytest.mark.{}
def test_it(): pass
"""


def run(folder, source, ci):
    (folder / "test_it.py").write_text(source)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-p", "tests.conftest", "-p", "no:cacheprovider", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "CI": ci},
    )


@pytest.mark.parametrize(
    ("ci", "counts"), [("", "1 passed, 2 skipped, 1 xfailed"), ("1", "1 failed, 1 passed, 1 xfailed, 1 error")]
)
def test_a_skip_fails_in_ci(tmp_path, ci, counts):
    done = run(tmp_path, FILE, ci)
    assert counts in done.stdout, done.stdout + done.stderr
    if ci:
        assert "skipped in CI, where nothing may be: Skipped: no such wall" in done.stdout


@pytest.mark.parametrize("mark", ["thorough", "thorough('slow')", "thorough(why='slow')"])
def test_what_is_kept_out_of_make_test_says_why(pytester, mark):
    items = pytester.getitems(MARKED.format(mark))
    with pytest.raises(pytest.UsageError, match=r'::test_it: write @pytest\.mark\.thorough\(reason="…"\)'):
        pytest_collection_modifyitems(items)


def test_what_says_why_is_kept_out(pytester):
    [item] = pytester.getitems(MARKED.format("thorough(reason='slow')"))
    pytest_collection_modifyitems([item])
    assert item.get_closest_marker("thorough").kwargs == {"reason": "slow"}


def test_a_file_that_is_skipped_as_a_whole_fails_in_ci(tmp_path):
    done = run(tmp_path, "import pytest\npytest.importorskip('no_such_module')\n", "1")
    assert done.returncode != 0
    assert "skipped in CI" in done.stdout
