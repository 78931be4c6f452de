"""Whoever stops the command gets one line and the exit status that shells expect, at every moment of its life."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def run(script: str) -> tuple[int, str, str]:
    """Run a script in which `stop()` sends the signal `number` to its own process."""
    # nohup may have started the tests, and what it has switched off stays so
    given = "import os, signal, sys, time\nsignal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
    given += "from autograder import interrupts\n"
    done = subprocess.run([sys.executable, "-c", given + script], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def stop(number: signal.Signals) -> str:
    return f"def stop(): os.kill(os.getpid(), {int(number)})\n"


@pytest.mark.parametrize("number", SIGNALS)
def test_while_the_command_is_imported_it_ends_at_once(number: signal.Signals) -> None:
    script = (
        stop(number) + "class Import:\n"
        "    def find_spec(self, name, *where):\n"
        "        if name == 'autograder.cli':\n"
        "            stop()\n"
        "sys.meta_path.insert(0, Import())\n"
        "from autograder.__main__ import main\n"
        "main()\n"
    )
    assert run(script) == (128 + number, "", "autograder: stopped.\n")


@pytest.mark.parametrize("number", SIGNALS)
def test_the_command_itself_is_interrupted_and_puts_things_in_order(number: signal.Signals) -> None:
    script = (
        stop(number) + "interrupts.watch()\n"
        "interrupts.begin()\n"
        "try:\n"
        "    stop()\n"
        "    time.sleep(60)\n"
        "except KeyboardInterrupt:\n"
        "    stop()\n"  # the same closed terminal once more
        "    print('in order')\n"
        "sys.exit(interrupts.exit_status())\n"
    )
    assert run(script) == (128 + number, "in order\n", "")


def test_a_second_one_ends_it_there_and_then() -> None:
    script = (
        stop(signal.SIGINT) + "interrupts.TOGETHER_SECONDS = -1\n"
        "interrupts.watch()\n"
        "interrupts.begin()\n"
        "try:\n"
        "    stop()\n"
        "except KeyboardInterrupt:\n"
        "    stop()\n"
        "    print('not reached')\n"
    )
    assert run(script) == (130, "", "autograder: stopped.\n")


def test_while_the_interpreter_shuts_down_there_is_no_traceback() -> None:
    script = (
        stop(signal.SIGTERM) + "import atexit\n"
        "atexit.register(stop)\n"
        "interrupts.watch()\n"
        "interrupts.begin()\n"
        "print('done', flush=True)\n"
        "interrupts.end()\n"
    )
    assert run(script) == (143, "done\n", "")


def test_one_that_python_can_only_print_ends_it() -> None:
    script = (
        stop(signal.SIGINT) + "class Odd:\n"
        "    def __del__(self):\n"
        "        stop()\n"
        "interrupts.watch()\n"
        "interrupts.begin()\n"
        "Odd()\n"
        "print('not reached')\n"
    )
    assert run(script) == (130, "", "autograder: stopped.\n")


def test_what_nohup_has_switched_off_stays_so() -> None:
    script = (
        stop(signal.SIGHUP) + "signal.signal(signal.SIGHUP, signal.SIG_IGN)\ninterrupts.watch()\nstop()\nprint('on')\n"
    )
    assert run(script) == (0, "on\n", "")


def test_a_terminal_that_is_gone_is_no_error() -> None:
    script = stop(signal.SIGHUP) + "interrupts.watch()\nos.close(2)\nstop()\n"
    assert run(script) == (129, "", "")
