"""The clock counts what nobody waits for."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.errors import UserError
from benchmarks import accounting
from benchmarks.accounting import CountingGroup, Samples, open_account
from benchmarks.measure import measure

ROOT = Path(__file__).parents[2]

BURNED = 1.0
"""CPU seconds that a process burns in a namespace that is killed."""

# The first process of a PID namespace starts one that burns and then waits; it is killed by the one outside.
KILLED = f"""
import os, signal, subprocess, sys, time
inside = '''
import os, time
if os.fork() == 0:
    while time.process_time() < {BURNED}: pass
    print("burned", flush=True)
    time.sleep(60)
os.wait()
'''
command = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", sys.executable, "-c", inside]
namespace = subprocess.Popen(command, stdout=subprocess.PIPE)
assert namespace.stdout.readline() == b"burned\\n"
time.sleep(1.5)  # who looks every tenth of a second looks at least once, on a busy machine too
namespace.kill()
namespace.wait()
"""


def groups() -> list[Callable[[], CountingGroup]]:
    """Which control groups can be made here."""
    made = []
    for kind in (accounting.group_of_version_1, accounting.group_of_version_2):
        with contextlib.suppress(OSError, LookupError):
            kind().close()
            made.append(kind)
    return made


def has_namespaces() -> bool:
    probe = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "true"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


# In a process of its own: samples are of all that runs below the process that measures.
MEASURE = """
import contextlib, sys
from pathlib import Path
from benchmarks import accounting, measure

@contextlib.contextmanager
def opened():
    yield getattr(accounting, sys.argv[1])()

measure.open_account = opened
found = measure.measure([sys.executable, "-c", sys.argv[2]], Path())
print(found.cpu_s, found.clock)
"""


def measured(kind: str, code: str) -> tuple[float, str]:
    command = [sys.executable, "-c", MEASURE, kind, code]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    seconds, _, clock = said.partition(" ")
    return float(seconds), clock


@pytest.mark.skipif(not has_namespaces(), reason="this machine lets nobody make namespaces")
@pytest.mark.parametrize("kind", [*(kind.__name__ for kind in groups()), "Samples"])
def test_what_burns_in_a_killed_namespace_is_counted(kind: str) -> None:
    seconds, _ = measured(kind, KILLED)
    assert BURNED <= seconds < 2 * BURNED


def test_a_group_is_gone_afterwards_and_this_process_is_back() -> None:
    before = Path("/proc/self/cgroup").read_text()
    with open_account() as account, account.counting():
        subprocess.run([sys.executable, "-c", ""], check=True)
    assert Path("/proc/self/cgroup").read_text() == before
    if isinstance(account, CountingGroup):
        assert not account.folder.exists()


def test_where_no_group_can_be_made_samples_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> CountingGroup:
        raise PermissionError

    monkeypatch.setattr(accounting, "group_of_version_1", refused)
    monkeypatch.setattr(accounting, "group_of_version_2", refused)
    with open_account() as account:
        assert isinstance(account, Samples)


def test_samples_count_and_the_method_says_what_may_be_missing() -> None:
    seconds, clock = measured("Samples", "while __import__('time').process_time() < 0.3: pass")
    assert seconds >= 0.3
    assert clock.startswith("at least")


AGAIN = """
import subprocess, sys
from benchmarks.accounting import Samples
samples = Samples()
for _ in range(2):
    with samples.counting():
        subprocess.run([sys.executable, "-c", "while __import__('time').process_time() < 0.3: pass"], check=True)
print(samples.seconds(), Samples().seconds())
"""


def test_samples_may_be_entered_again_and_closed_without() -> None:
    said = subprocess.run([sys.executable, "-c", AGAIN], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    both, _ = map(float, said.split())
    assert both >= 0.6


def test_a_command_that_fails_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="status 3: no luck"):
        measure([sys.executable, "-c", "print('no luck'); raise SystemExit(3)"], tmp_path)
