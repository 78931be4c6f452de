"""Cells and values of a student room that behaves."""

from __future__ import annotations

import builtins
import json
import os
import random
import signal

import cloudpickle
import numpy as np
import pytest
import torch

from autograder.room.errors import (
    NotStarted,
    RoomDied,
    RoomError,
    RoomNameError,
    RoomTimeout,
    SandboxUnavailable,
    StudentCodeError,
    ValueRefused,
)
from autograder.room.inside.questions import QuestionChannel
from autograder.room.inside.wire import RemoteRef
from autograder.room.session import RoomFactory, StudentRoom
from autograder.room.walls import Start, Unprotected
from autograder.room.zmtp import Connection


def text_of(run):
    """Everything a cell printed to its standard output."""
    return "".join(out.text for out in run.outputs if out.output_type == "stream" and out.name == "stdout")


def ask(room: StudentRoom, source: str) -> str:
    run = room.run_cell(source)
    assert run.ended == "ok", run
    return text_of(run)


def test_output_of_each_kind_in_order(room):
    run = room.run_cell(
        "import sys\nprint('out')\nprint('err', file=sys.stderr)\n"
        "from IPython.display import display, HTML\ndisplay(HTML('<b>x</b>'))\n1 + 1"
    )
    assert run.ended == "ok"
    assert [out.output_type for out in run.outputs] == ["stream", "stream", "display_data", "execute_result"]
    assert run.outputs[2].data["text/html"] == "<b>x</b>"
    assert run.outputs[3].data == {"text/plain": "2"}
    assert run.outputs[3].execution_count == 1


def test_error_has_the_students_traceback(room):
    run = room.run_cell("def f():\n    raise ValueError('no')\nf()")
    assert run.ended == "error"
    assert run.outputs[-1].ename == "ValueError"
    assert run.outputs[-1].evalue == "no"
    assert "raise ValueError('no')" in "\n".join(run.outputs[-1].traceback)


def test_syntax_error_is_an_error_and_the_next_cell_runs(room):
    assert room.run_cell("x = (").ended == "error"
    assert ask(room, "print(7)") == "7\n"


def test_figures_of_a_cell_are_shown_as_in_jupyter(room):
    run = room.run_cell("import matplotlib.pyplot as plt\nplt.plot([0, 1])")
    assert run.ended == "ok"
    images = [out for out in run.outputs if out.output_type == "display_data"]
    assert len(images) == 1
    assert "image/png" in images[0].data
    assert room.run_cell("%matplotlib inline\nplt.plot([1, 0]); plt.show()").outputs[-1].data["image/png"]


def test_updates_and_clears_change_earlier_outputs(room):
    run = room.run_cell(
        "from IPython.display import display, clear_output, update_display\n"
        "print('gone')\nclear_output()\ndisplay('old', display_id='d')\nupdate_display('new', display_id='d')"
    )
    assert [out.data["text/plain"] for out in run.outputs] == ["'new'"]


def test_history_await_subprocess_and_environment(room):
    room.run_cell("first = 1")
    assert ask(room, "print(repr(In[1]))") == "'first = 1'\n"
    assert ask(room, "import asyncio\nawait asyncio.sleep(0)\nprint('awaited')") == "awaited\n"
    assert "from a shell" in ask(
        room, "import subprocess\nprint(subprocess.check_output('echo from a shell', shell=True))"
    )
    assert (
        ask(room, "import os\nprint(os.environ['NBGRADER_EXECUTION'], os.environ['OMP_NUM_THREADS'])")
        == "autograde 1\n"
    )


def test_multiprocessing_and_torch_work_in_a_room(room):
    source = (
        "import multiprocessing, torch\n"
        "with multiprocessing.Pool(2) as pool:\n    print(pool.map(abs, [-1, 2]))\n"
        "layer = torch.nn.Linear(2, 1)\nopt = torch.optim.Adam(layer.parameters())\n"
        "layer(torch.ones(1, 2)).sum().backward()\nopt.step()\n"
        "data = torch.utils.data.TensorDataset(torch.arange(4.))\n"
        "print(sum(len(batch[0]) for batch in torch.utils.data.DataLoader(data, num_workers=1)))"
    )
    assert ask(room, source) == "[1, 2]\n4\n"


def test_a_room_has_its_files_the_course_and_the_packages_named(room):
    assert ask(room, "print(open('data/numbers.txt').read(), end='')") == "1 2 3\n"
    assert ask(room, "import course.checks, extra\nprint(extra.GREETING)") == "hello\n"


@pytest.mark.parametrize("name", ["../escape", "/etc/x", "a/../../escape", "."])
def test_files_stay_inside_the_working_folder(warm, name):
    with pytest.raises(RoomError, match="not a path inside"):
        warm.open_room({name: b""})
    with warm.open_room({}) as room:
        assert ask(room, "print(1)") == "1\n"
        assert room.run_cell("import os; os._exit(7)").note.endswith("exit status 7")


def test_two_rooms_at_once_are_apart_and_each_reports_its_own_end(warm, room):
    with warm.open_room({}) as other:
        other.run_cell("x = 1\nopen('/tmp/mine', 'w').close()")
        with pytest.raises(RoomNameError):
            room.get("x")
        assert ask(room, "import os; print(os.path.exists('/tmp/mine'), os.listdir())") == "False ['data']\n"
        assert room.run_cell("os._exit(7)").note.endswith("exit status 7")
        assert other.get("x") == 1
        assert other.run_cell("import os; os._exit(8)").note.endswith("exit status 8")


def test_a_value_that_fails_while_it_is_read_is_refused_at_once(room):
    room.run_cell("import torch\ntorch.Tensor.numel = lambda self: 1 / 0\nt = torch.ones(2)")
    with pytest.raises(ValueRefused, match="division by zero"):
        room.get("t")
    assert room.alive


def test_values_come_back_as_plain_data(room):
    room.run_cell("import numpy as np, torch\nv = [1, 2.5, 'a', (None, {'k': {3}})]\na = np.eye(2)\nt = torch.ones(2)")
    assert room.get("v") == [1, 2.5, "a", (None, {"k": {3}})]
    np.testing.assert_array_equal(room.get("a"), np.eye(2))
    torch.testing.assert_close(room.get("t"), torch.ones(2))


def test_missing_names(room):
    with pytest.raises(RoomNameError, match="name 'nothing' is not defined"):
        room.get("nothing")


def test_the_namespace_holds_nothing_of_ours(room):
    names = set(room.run(lambda: list(dir(__import__("__main__")))))
    assert names <= {
        *(
            "In",
            "Out",
            "_",
            "__",
            "___",
            "_dh",
            "_i",
            "_ih",
            "_ii",
            "_iii",
            "_oh",
            "get_ipython",
            "exit",
            "quit",
            "open",
        ),
        *("__builtin__", "__builtins__", "__doc__", "__loader__", "__name__", "__package__", "__spec__"),
        *("_sh", "__pandas", "_i1"),
    }


def test_objects_stay_inside_behind_references(room):
    room.run_cell(
        "class Adder:\n    def __init__(self, n): self.n = n\n    def __call__(self, x): return x + self.n\n"
        "class Always:\n    __eq__ = lambda self, other: True\nadd = Adder(2)\nliar = Always()"
    )
    add = room.get("add")
    assert add == RemoteRef(add.id, "Adder")
    assert room.get("add") == add
    assert room.call(add, (40,)) == 42
    assert room.getattr(add, "n") == 2
    assert room.get("liar").type_name == "Always"
    assert [type(part) for part in room.run(lambda a, b: [a, b, 1], (add, room.get("liar")))] == [
        RemoteRef,
        RemoteRef,
        int,
    ]


def test_helpers_run_inside_on_the_real_objects(room):
    room.run_cell("import torch\ndef square(x): return x * x")

    def slope(function, at):
        import torch

        x = torch.tensor(at, requires_grad=True)
        function(x).backward()
        return float(x.grad)

    cloudpickle.register_pickle_by_value(__import__(__name__))
    assert room.run(slope, (room.get("square"),), {"at": 3.0}) == 6.0


def test_arguments_of_a_helper_may_hold_a_thing_twice(room):
    """The pickle of the helper comes first; what the arguments refer back to is theirs, not the helper's."""

    def joined(parts, again):
        return "-".join(parts) + "/" + "-".join(again)

    cloudpickle.register_pickle_by_value(__import__(__name__))
    parts = ["left", "right", "left"]
    assert room.run(joined, (parts, parts)) == "left-right-left/left-right-left"


def test_student_errors_carry_their_builtin_bases(room):
    room.run_cell("class Bad(KeyError, ValueError):\n    pass\ndef f(): raise Bad('why')")
    with pytest.raises(StudentCodeError) as caught:
        room.call(room.get("f"))
    error = caught.value
    assert error.ename == "Bad"
    assert error.builtin_bases == ("KeyError", "LookupError", "ValueError", "Exception", "BaseException")
    assert all(hasattr(builtins, name) for name in error.builtin_bases)
    assert error.message == "'why'"
    assert "raise Bad('why')" in error.traceback_text
    assert "agent.py" not in error.traceback_text


@pytest.mark.parametrize(
    "statement",
    [
        "raise SystemExit(3)",
        "raise KeyboardInterrupt",
        "f()",
        "raise type('E', (Exception,), {'__str__': lambda s: 1/0})",
    ],
)
def test_any_exception_of_a_call_is_reported(room, statement):
    room.run_cell(f"def f():\n    {statement}")
    with pytest.raises(StudentCodeError):
        room.call(room.get("f"))
    assert ask(room, "print(1)") == "1\n"


def test_values_that_cannot_leave(room):
    room.run_cell("loop = []\nloop.append(loop)\nbig = bytes(5 * 2**20)\ndeep = 1\nfor _ in range(100): deep = [deep]")
    for name, reason in (("loop", "contains itself"), ("big", "larger than"), ("deep", "deeper than")):
        with pytest.raises(ValueRefused, match=reason):
            room.get(name)


def test_our_own_code_cannot_enter(room):
    from autograder.room.inside import limits

    room.run_cell("def f(x): return x")
    f = room.get("f")
    for private in (limits, limits.Limits, limits.Limits(), [{"deep": limits.Limits}], lambda: limits.MIB):
        with pytest.raises(ValueRefused, match="must not enter the student room"):
            room.call(f, (private,))
    assert room.call(f, (1,)) == 1


def test_a_slow_call_is_interrupted_and_the_room_goes_on(room):
    room.run_cell("import time\ndef slow(): time.sleep(60)")
    with pytest.raises(RoomTimeout, match=r"0\.3 s"):
        room.call(room.get("slow"), seconds=0.3)
    assert room.alive
    assert ask(room, "print(1)") == "1\n"


def test_requests_after_the_end_say_why(room):
    room.close()
    assert not room.alive
    with pytest.raises(RoomDied, match="closed"):
        room.get("x")
    assert room.run_cell("1").ended == "died"


def test_a_warm_process_that_dies_is_replaced(warm):
    os.kill(warm.server.pid, signal.SIGKILL)
    with warm.open_room({}) as room:
        assert ask(room, "print(1)") == "1\n"


def test_a_warm_process_that_dies_while_it_opens_a_room_is_replaced(warm, monkeypatch):
    def ended(*arguments: object) -> tuple[bytes, int]:
        monkeypatch.undo()
        os.kill(warm.server.pid, signal.SIGKILL)
        return b"", 0

    monkeypatch.setattr("autograder.room.server.channel.receive_with_sender", ended)
    with warm.open_room({}) as room:
        assert ask(room, "print(1)") == "1\n"


def test_threads_and_tasks_left_behind_do_not_block(room):
    source = (
        "import threading, time, asyncio\n"
        "threading.Thread(target=lambda: [time.sleep(0.01) for _ in range(10**6)]).start()\n"
        "async def tick():\n    while True: await asyncio.sleep(0.01)\n"
        "task = asyncio.ensure_future(tick())"
    )
    assert room.run_cell(source).ended == "ok"
    assert ask(room, "print(1)") == "1\n"
    assert room.get("task").type_name == "Task"


def test_the_budget_of_a_submission(warm):
    with warm.open_room({}) as room:
        room.seconds_left = 0.2
        run = room.run_cell("import time; time.sleep(30)")
        assert run.ended == "timeout"
        assert run.note == "stopped after 0.2 s"
        assert room.run_cell("1").ended == "timeout"


def test_what_is_preloaded_is_there_at_once_and_what_is_missing_is_left_out():
    with RoomFactory(preload=("wave", "no_such_module")) as process, process.open_room({}) as room:
        assert ask(room, "import sys; print('wave' in sys.modules, 'sndhdr' in sys.modules)") == "True False\n"


def test_a_cell_sends_its_output_and_that_it_is_done(room, monkeypatch):
    kinds = []
    receive = Connection.receive

    def received(connection):
        messages = receive(connection)
        kinds.extend(json.loads(frames[frames.index(b"<IDS|MSG>") + 2])["msg_type"] for frames in messages)
        return messages

    monkeypatch.setattr(Connection, "receive", received)
    assert room.run_cell("x = 1").ended == "ok"
    assert room.run_cell("print(x)\nx").ended == "ok"
    assert [kind for kind in kinds if kind != "execute_reply"] == ["status", "stream", "execute_result", "status"]


def test_a_name_is_asked_for_again_only_after_it_may_mean_something_else(room, monkeypatch):
    questions = []
    send = QuestionChannel.send

    def sent(channel, question, *others):
        questions.append(question["operation"])
        return send(channel, question, *others)

    monkeypatch.setattr(QuestionChannel, "send", sent)

    def asked() -> list[str]:
        return [questions.pop(0) for _ in questions[:]]

    room.run_cell(
        "def f(new=False):\n    if new:\n        globals()['f'] = lambda: 'new'\n    return 'old'\n"
        "def fail(): raise ValueError\nnumbers = [1]\ndef grow(): numbers.append(2)"
    )
    f = room.get("f")
    assert room.call(f) == "old"
    assert room.get("f") == f
    assert asked() == ["get", "call"]
    assert room.call(f, (True,)) == "old"
    again = room.get("f")
    assert again != f
    assert room.call(again) == "new"
    assert asked() == ["call", "get", "call"]
    room.delete("f")
    with pytest.raises(RoomNameError):
        room.get("f")
    room.put("f", f)
    assert room.get("f") == f
    room.run_cell("def f(): return 'newest'")
    assert room.call(room.get("f")) == "newest"
    assert asked() == ["delete", "get", "put", "get", "get", "call"]
    assert room.get("numbers") == [1]
    room.call(room.get("grow"))
    assert room.get("numbers") == [1, 2]
    with pytest.raises(StudentCodeError):
        room.call(room.get("fail"))
    assert room.get("fail") == room.get("fail")
    room.run_cell("import time\ndef late():\n    global late\n    late = 1\n    time.sleep(600)")
    with pytest.raises(RoomTimeout):
        room.call(room.get("late"), seconds=0.5)
    assert room.get("late") == 1
    room.close()
    with pytest.raises(RoomDied):
        room.get("fail")


DRAWN = "import random, numpy as np\nprint(random.random(), np.random.rand())\n"


def test_rooms_without_torch_and_their_larger_ones_draw_the_same_numbers():
    with RoomFactory(torch=False) as light:
        larger = light.with_torch()
        assert larger.with_torch() is larger is light.with_torch()
        assert larger.bare() is light.bare()
        with light.open_room({}) as room, larger.open_room({}) as other:
            assert ask(room, "import sys; print('torch' in sys.modules)") == "False\n"
            assert ask(other, "import sys; print('torch' in sys.modules)") == "True\n"
            random.seed(0)
            assert ask(room, DRAWN) == ask(other, DRAWN) == f"{random.random()} {np.random.RandomState(0).rand()}\n"
            drawn = torch.rand(1, generator=torch.Generator().manual_seed(0)).item()
            assert ask(other, "import torch; print(torch.rand(1).item())") == f"{drawn}\n"
            assert ask(room, "import torch; print(torch.get_num_threads(), torch.ones(2).sum().item())") == "1 2.0\n"
            assert np.array_equal(room.run(lambda: torch.ones(2)), np.ones(2))
        server = larger.server
    assert server is not None
    assert not server.alive


def test_only_the_process_that_made_a_factory_starts_the_one_with_torch(monkeypatch):
    with RoomFactory(torch=False, warm=False) as light:
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(os, "getpid", lambda: 1)
            with pytest.raises(NotStarted):
                light.with_torch()
        assert light.with_torch() is not light


def test_a_long_temporary_folder_leaves_room_for_the_paths_of_sockets(tmp_path, monkeypatch):
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with RoomFactory(warm=False) as process, process.open_room({}) as room:
        assert ask(room, "print(1)") == "1\n"


@pytest.mark.parametrize("options", [{"protect": False}, {"warm": False}], ids=["unprotected", "cold"])
def test_other_modes_mean_the_same(options):
    with RoomFactory(**options) as process:
        for _ in range(2):
            with process.open_room({"a.txt": b"text"}) as room:
                assert ask(room, "print(open('a.txt').read())\nimport os; open('b.txt', 'w')") == "text\n"
                with process.open_room({}) as other:
                    assert ask(other, "import os; print(os.listdir())") == "[]\n"
                assert ask(room, "print(sorted(os.listdir()))") == "['a.txt', 'b.txt']\n"


class Broken(Unprotected):
    """A wall whose process says something and ends."""

    def start(self, *args, **kwargs):
        return Start(["/bin/sh", "-c", "echo broken; exit 3"])


def test_a_process_that_does_not_start_is_told_by_whoever_waits_for_it():
    with pytest.raises(SandboxUnavailable, match="did not start: broken"):
        RoomFactory(wall=Broken())
    with RoomFactory(wall=Broken(), wait=False) as factory:
        with pytest.raises(SandboxUnavailable, match="did not start: broken"):
            factory.revive()
        with pytest.raises(SandboxUnavailable, match="did not start: broken"):
            factory.open_room({})
