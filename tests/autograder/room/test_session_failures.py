"""Student code that loops, dies, floods or eats: the room says so, and the next room is as good as new."""

from __future__ import annotations

import time
import traceback

import pytest

from autograder.room.errors import RoomDied
from autograder.room.numerics import SAME_EVERYWHERE
from tests.autograder.room.test_session import ask, text_of

LOOP = "while True:\n    pass"
SWALLOW = "while True:\n    try:\n        while True: pass\n    except BaseException:\n        pass"
DEAF = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
ALLOCATE = "blocks = []\nwhile True:\n    blocks.append(bytearray(b'x') * 2**24)"
CHILDREN = (
    "import os, time\nfor _ in range(6):\n    if os.fork() == 0:\n"
    "        block = bytearray(b'x') * (150 * 2**20)\n        time.sleep(60)\ntime.sleep(60)"
)
CRASH = "import ctypes\nctypes.string_at(0)"

ENDINGS = {
    "loop": (LOOP, "timeout", "stopped after 0.5 s", True),
    "sleep": ("import time\ntime.sleep(60)", "timeout", "stopped after 0.5 s", True),
    "await": ("import asyncio\nawait asyncio.sleep(60)", "timeout", "stopped after 0.5 s", True),
    "swallowed interrupt": (SWALLOW, "timeout", "stopped after 0.5 s", None),
    "ignored interrupt": (DEAF, "timeout", "did not react to the interrupt", False),
    "segmentation fault": (CRASH, "died", "SIGSEGV", False),
    "os._exit": ("import os\nos._exit(3)", "died", "exit status 3", False),
    "abort": ("import os\nos.abort()", "died", "killed by signal", False),
    "exit()": ("exit()", "died", "shut down by the student's code", False),
    "quit()": ("quit()", "died", "shut down by the student's code", False),
    "do_shutdown": ("get_ipython().kernel.do_shutdown(False)", "died", "shut down by the student's code", False),
    # The kernel ends at once; whether its last reply still gets out is chance.
    "loop stopped": ("import asyncio\nasyncio.get_event_loop().stop()", "ok or died", "", None),
    "sys.exit": ("import sys\nsys.exit(1)", "error", "", True),
    "recursion": ("def f(): f()\nf()", "error", "", True),
    "input": ("input()", "error", "", True),
    "fds closed": ("import os\nos.closerange(0, 256)", "died", "", False),
}

SECONDS = {"ignored interrupt": 5}
"""For a cell that has to get somewhere before its time is up, on a busy machine too."""


@pytest.mark.parametrize("name", ENDINGS)
def test_what_ends_a_cell(warm, name):
    source, ended, note, alive = ENDINGS[name]
    with warm.open_room({}) as room:
        run = room.run_cell(source, seconds=SECONDS.get(name, 0.5) if ended == "timeout" else None)
        assert run.ended in ended.split(" or "), run
        assert note in run.note
        if alive is not None:
            assert room.alive is alive
        if alive:
            assert ask(room, "print(1)") == "1\n"
    with warm.open_room({}) as room:
        assert ask(room, "print(2)") == "2\n"


END = "get_ipython().kernel.do_shutdown(False)"


def test_a_cell_that_asked_for_the_end_and_was_stopped_costs_no_other(warm):
    with warm.open_room({}) as room:
        assert room.run_cell(f"{END}\nimport time\ntime.sleep(60)", seconds=0.5).ended == "timeout"
        assert ask(room, "import time; time.sleep(0.3); print(1)") == "1\n"
        assert ask(room, "print(2)") == "2\n"


@pytest.mark.parametrize("end", [END, "exit()"])
def test_a_function_that_asks_for_the_end_costs_no_other(warm, end):
    with warm.open_room({}) as room:
        room.run_cell(f"def f(x):\n    {end}\n    return x")
        assert room.call(room.get("f"), (1,)) == 1
        time.sleep(0.3)  # ipykernel would stop the kernel 0.1 s after the call
        assert room.call(room.get("f"), (2,)) == 2
        assert ask(room, "print(3)") == "3\n"


def test_one_process_cannot_have_more_memory(room):
    run = room.run_cell(ALLOCATE)
    assert run.ended in ("error", "memory")
    assert run.ended == "memory" or run.outputs[-1].ename == "MemoryError"


def test_all_processes_together_cannot_have_more_memory(warm):
    with warm.open_room({}) as room:
        run = room.run_cell(CHILDREN)
        assert run.ended == "memory"
        assert run.note == "the kernel was killed: it used more than 0.5 GiB of memory"
    with warm.open_room({}) as room:
        assert ask(room, "print(2)") == "2\n"


def test_shared_memory_that_no_process_is_charged_for_is_refused(room):
    run = room.run_cell("import mmap\nmmap.mmap(-1, 2**20)")
    assert run.outputs[-1].ename == "PermissionError"
    run = room.run_cell("import os\nos.memfd_create('x')")
    assert run.outputs[-1].ename == "PermissionError"


def test_fork_bomb(warm):
    with warm.open_room({}) as room:
        run = room.run_cell("import os\nwhile True:\n    os.fork()", seconds=3)
        assert run.ended in ("error", "timeout", "memory", "died")
    with warm.open_room({}) as room:
        assert ask(room, "print(2)") == "2\n"


def test_processes_are_counted_by_room(room):
    source = (
        "import os, time\nstarted = 0\ntry:\n    while started < 200:\n        if os.fork() == 0:\n"
        "            time.sleep(60); os._exit(0)\n        started += 1\n"
        "except BlockingIOError:\n    pass\nprint(started)"
    )
    assert 40 < int(ask(room, source)) < 64


def test_threads_are_counted_too(room):
    run = room.run_cell(
        "import threading\nwait = threading.Event()\n"
        "for _ in range(200): threading.Thread(target=wait.wait, daemon=True).start()"
    )
    assert run.outputs[-1].ename == "RuntimeError"
    assert ask(room, "print(1)") == "1\n"


def test_a_file_can_only_be_so_large(room):
    run = room.run_cell("with open('big', 'wb') as f: f.write(bytes(5 * 2**20))")
    assert run.outputs[-1].ename == "OSError"
    assert "File too large" in run.outputs[-1].evalue


FOLDERS = {"namespaces": (".", "/tmp", "/dev/shm", "/home/student"), "landlock": (".", "~", "$TMPDIR")}
"""Where a room may write, by the wall it is behind."""

FILL = "import os\nfolder = os.path.expanduser(os.path.expandvars(FOLDER))\nfor i in range(20):\n"
NAMED = "    with open(f'{folder}/f{i}', 'wb') as f: f.write(bytes(2**21))\nimport time\ntime.sleep(5)"
DELETED = (
    "    f = open(f'{folder}/f', 'wb'); f.write(bytes(2**21)); f.flush(); os.unlink(f'{folder}/f')\n"
    "    kept = [*globals().get('kept', []), f]\nimport time\ntime.sleep(5)"
)
MAPPED = (
    "    with open(f'{folder}/f', 'wb+') as f:\n        f.write(bytes(2**21)); f.flush()\n"
    "        kept = [*globals().get('kept', []), mmap.mmap(f.fileno(), 2**21)]\n    os.unlink(f'{folder}/f')\n"
    "import time\ntime.sleep(5)"
)


@pytest.mark.parametrize("number", range(4))
def test_all_files_together_can_only_be_so_large(warm, room, number):
    folders = FOLDERS[warm.wall.name]
    run = room.run_cell(f"FOLDER = {folders[number % len(folders)]!r}\n{FILL}{NAMED}")
    if warm.wall.name == "namespaces":
        assert run.outputs[-1].ename == "OSError"
        assert "No space left" in run.outputs[-1].evalue
    else:
        assert run.ended == "died"
        assert run.note == "the kernel was killed: its files took more than 16 MiB"


@pytest.mark.parametrize("source", [DELETED, MAPPED], ids=["deleted", "mapped"])
def test_files_without_a_name_count_too(warm, room, source):
    run = room.run_cell(f"import mmap\nFOLDER = '.'\n{FILL}{source}")
    if warm.wall.name == "namespaces":
        assert "No space left" in run.outputs[-1].evalue
    else:
        assert run.note == "the kernel was killed: its files took more than 16 MiB"


def test_so_do_very_many_and_very_deep_ones(warm):
    for source in (
        "for i in range(25_000): open(str(i), 'w').close()\nimport time\ntime.sleep(5)",
        "import os\nfor i in range(6000):\n    os.mkdir('d'); os.chdir('d')\nimport time\ntime.sleep(5)",
    ):
        with warm.open_room({}) as room:
            run = room.run_cell(source)
            assert run.ended == ("died" if warm.wall.name == "landlock" else "error" if "25_000" in source else "ok")
        with warm.open_room({}) as room:
            assert ask(room, "import os\nprint(os.listdir())") == "[]\n"


def test_output_is_cut_with_a_note(room):
    run = room.run_cell("print('x' * 1_000_000)\nprint('later')")
    assert run.ended == "ok"
    assert text_of(run) == "x" * 100_000 + "[output cut: a cell keeps 100000 bytes of it]\n"


def test_output_flood_is_stopped(warm):
    with warm.open_room({}) as room:
        run = room.run_cell("while True: print('x' * 1000)")
        assert run.ended == "output"
        assert run.note.startswith("stopped: it wrote too much output")
        assert len(text_of(run)) < 101_000
    with warm.open_room({}) as room:
        assert ask(room, "print(2)") == "2\n"


def test_one_giant_print_is_stopped_and_one_giant_display_ends_the_room(warm):
    with warm.open_room({}) as room:
        assert room.run_cell("print('x' * 30_000_000)").ended == "output"
        assert room.alive
        run = room.run_cell("from IPython.display import display, HTML\ndisplay(HTML('x' * 30_000_000))")
        assert run.ended == "died"
        assert "message of more than" in run.note


def test_flood_of_small_messages(room):
    run = room.run_cell("from IPython.display import display\nwhile True: display(1)")
    assert run.ended == "output"


def test_flood_during_a_call(room):
    room.run_cell("def f():\n    while True: print('x' * 10000)")
    assert room.get("f")
    from autograder.room.errors import RoomDied

    with pytest.raises(RoomDied, match="too much output"):
        room.call(room.get("f"))


def test_nothing_survives_its_room(warm):
    leave = (
        "import os, time\nchild = os.fork()\n"
        "if child == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(600)\n    os._exit(0)\n"
        "os.waitpid(child, 0)  # what is left is the daemon alone\n"
        "for folder in FOLDERS: open(os.path.expanduser(os.path.expandvars(folder)) + '/left', 'w').close()\n"
        "import numpy\nnumpy.left = 1"
    )
    folders = FOLDERS[warm.wall.name]
    from autograder.room.inside.family import process_tree

    with warm.open_room({}) as room:
        alone = len(process_tree(warm.server.pid))
        assert room.run_cell(f"FOLDERS = {folders!r}\n{leave}").ended == "ok"
        assert len(process_tree(warm.server.pid)) == alone + 1
    assert len(process_tree(warm.server.pid)) == alone - 1
    with warm.open_room({}) as room:
        found = ask(
            room,
            f"import os, numpy\nfolders = {folders!r}\n"
            "folders = [os.path.expanduser(os.path.expandvars(f)) for f in folders]\n"
            "print([f for f in folders if 'left' in os.listdir(f)], hasattr(numpy, 'left'))",
        )
        assert found == "[] False\n"


def test_a_kept_error_keeps_no_reply(room):
    """Python 3.13's contextlib keeps exceptions until the next collection: replies would add up."""
    room.run_cell("def answer(content, payload): return 0, bytes([99]) * 3_000_000")
    room.run_cell("get_ipython().kernel._requests.answer = answer")
    with pytest.raises(RoomDied, match="cannot be read") as caught:
        room.get("answer")
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    cause = caught.value.__context__
    frames += [frame for frame, _ in traceback.walk_tb(cause.__traceback__)]
    kept = [value for frame in frames for value in frame.f_locals.values() if type(value) is bytes]
    assert max(map(len, kept), default=0) < 1_000_000


def test_a_room_computes_as_on_every_processor(room):
    room.run_cell("import os, torch\nfound = torch.backends.cpu.get_cpu_capability(), dict(os.environ)")
    capability, environment = room.get("found")
    assert capability == "DEFAULT"
    assert SAME_EVERYWHERE.items() <= environment.items()
