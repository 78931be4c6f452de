"""Attacks from inside a room: on files, processes, the network, the fork server and our own client."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from pathlib import Path

import pytest

from autograder.room.errors import RoomError
from tests.autograder.room.test_session import ask

REFUSED = {
    "shadow": "open('/etc/shadow')",
    "project": "open(PROJECT + '/pyproject.toml')",
    "source": "import os; os.listdir(PROJECT + '/source')",
    "host home": "open(HOME_FILE)",
    "write into the interpreter": "import sys; open(sys.prefix + '/planted', 'w')",
    "write to /": "open('/planted', 'w')",
    "write to /dev": "open('/dev/planted', 'w')",
    "write to the course": "import course; open(course.__file__, 'a')",
    "import the grader": "import autograder.room",
    "tcp": "import socket; socket.socket()",
    "udp": "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "ipv6": "import socket; socket.socket(socket.AF_INET6)",
    "netlink": "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "dns": "import socket; socket.getaddrinfo('example.org', 80)",
    "abstract socket of the host": "import socket; socket.socket(socket.AF_UNIX).connect('\\0' + ABSTRACT)",
    "unix socket of the host": "import socket; socket.socket(socket.AF_UNIX).connect(PATH)",
    "fork server's files": "open('/proc/1/environ')",
    "own maps": "open('/proc/self/maps')",
    "signal the fork server": "import os; os.kill(WARM, 9)",
    "signal everything": "import os; os.kill(-1, 9)",
    "ptrace": "import ctypes; check(ctypes.CDLL(None, use_errno=True).ptrace(16, WARM, 0, 0))",
    "read another's memory": "check(ctypes.CDLL(None, use_errno=True).process_vm_readv(WARM, 0, 0, 0, 0, 0))",
    "new user namespace": "check(ctypes.CDLL(None, use_errno=True).unshare(0x10000000))",
    "mount": "check(ctypes.CDLL(None, use_errno=True).mount(b'a', b'/tmp', b'tmpfs', 0, 0))",
    "unmount /proc": "check(ctypes.CDLL(None, use_errno=True).umount2(b'/proc', 2))",
    "chroot": "import os; os.chroot('/tmp')",
    "become root": "import os; os.setuid(0); open('/etc/shadow')",
    "shared memory segment": "check(ctypes.CDLL(None, use_errno=True).shmget(0, 4096, 0o1600))",
    "message queue": "check(ctypes.CDLL(None, use_errno=True).mq_open(b'/q', 0o102, 0o600, 0))",
    "raise a limit": "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2**40, 2**40))",
}
CHECK = "import ctypes, os\ndef check(result):\n    if result == -1: raise OSError(ctypes.get_errno(), 'refused')\n"


@pytest.mark.parametrize("name", REFUSED)
def test_a_room_cannot(warm, room, tmp_path, name):
    abstract = f"room-test-{os.getpid()}"
    with (
        socket.socket(socket.AF_UNIX) as in_files,
        socket.socket(socket.AF_UNIX) as in_memory,
        tempfile.NamedTemporaryFile(dir=Path.home()) as at_home,
    ):
        in_files.bind(str(tmp_path / "s"))
        in_memory.bind("\0" + abstract)
        in_files.listen()
        in_memory.listen()
        names = {"PROJECT": str(Path(__file__).parents[3]), "PATH": str(tmp_path / "s"), "ABSTRACT": abstract}
        names["HOME_FILE"] = at_home.name
        setup = "".join(f"{key} = {value!r}\n" for key, value in (names | {"WARM": warm.server.pid}).items())
        assert room.run_cell(setup + CHECK).ended == "ok"
        run = room.run_cell(REFUSED[name])
    assert run.ended == "error", run
    assert run.outputs[-1].ename in (
        *("PermissionError", "FileNotFoundError", "ModuleNotFoundError", "OSError", "ProcessLookupError"),
        *("ConnectionRefusedError", "gaierror", "ValueError"),
    )
    assert room.alive
    assert warm.server.alive


def test_no_descriptor_of_the_host_is_open(room):
    found = ask(
        room,
        "import os, stat\nkinds = []\nfor fd in range(256):\n"
        "    try: kinds.append((fd, stat.S_IFMT(os.fstat(fd).st_mode)))\n    except OSError: pass\n"
        "print([fd for fd, kind in kinds if kind in (stat.S_IFDIR, stat.S_IFREG)])",
    )
    assert found == "[]\n"


def test_rooms_see_neither_host_processes_nor_each_others_files(warm):
    with warm.open_room({"secret.txt": b"mine"}):
        pass
    listings = "os.listdir(), os.listdir(tempfile.gettempdir())"
    with warm.open_room({}) as room:
        assert ask(room, f"import os, tempfile\nprint({listings})") == "[] []\n"
        seen = room.run_cell("print([name for name in os.listdir('/proc') if name.isdigit()])")
    if warm.wall.name == "namespaces":
        assert seen.outputs[0].text == "[]\n"
    else:
        assert seen.outputs[-1].ename == "PermissionError"


SEND = "k = get_ipython().kernel\ns = k.session\npub = k.iopub_socket.socket\nparent = k.get_parent()\n"
FORGED = {
    "no delimiter": "pub.send_multipart([b'x', b'y'])",
    "empty message": "pub.send_multipart([b''])",
    "bad json": "pub.send_multipart([b'<IDS|MSG>', b'', b'{', b'{}', b'{}', b'{}'])",
    "bad utf-8": "pub.send_multipart([b'<IDS|MSG>', b'', b'\\xff\\xfe\\xfa', b'{}', b'{}', b'{}'])",
    "deep json": "pub.send_multipart([b'<IDS|MSG>', b'', b'[' * 10**6, b'{}', b'{}', b'{}'])",
    "deep display": "deep = eval('[' * 90 + ']' * 90)\n"
    "s.send(pub, 'display_data', {'data': {'application/json': deep}, 'metadata': {}}, parent=parent)",
    "lists for dicts": "pub.send_multipart([b'<IDS|MSG>', b'', b'[]', b'[]', b'[]', b'[]'])",
    "huge number": "pub.send_multipart([b'<IDS|MSG>', b'', b'9' * 10**5, b'{}', b'{}', b'{}'])",
    "wrong types": "s.send(pub, 'stream', {'name': ['stdout'], 'text': 3}, parent=parent)",
    "stream nowhere": "s.send(pub, 'stream', {'name': 'x', 'text': 'y'}, parent=parent)",
    "surrogates": "import json\npub.send_multipart([b'<IDS|MSG>', b'', *(json.dumps(part).encode() for part in ("
    "{'msg_type': 'stream'}, {'msg_id': parent['header']['msg_id']}, {}, {'name': 'stdout', 'text': chr(0xd800)}))])",
    "display of a number": "s.send(pub, 'display_data', {'data': {'text/plain': 3}, 'metadata': {}}, parent=parent)",
    "strange clear": "s.send(pub, 'clear_output', {'wait': [1]}, parent=parent)",
    "another's idle": "s.send(pub, 'status', {'execution_state': 'idle'}, parent={'header': {'msg_id': 'x'}})",
    "reply to another": "other = {'header': {'msg_id': 'host-999'}}\n"
    "s.send(k.shell_stream, 'execute_reply', {'status': 'ok'}, ident=k._shell_parent_ident.get(), parent=other)",
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_messages_do_not_reach_the_caller(room, name):
    run = room.run_cell(SEND + FORGED[name])
    assert run.ended == "ok", run
    assert json.dumps(run.outputs, ensure_ascii=False, allow_nan=False).encode() is not None
    assert ask(room, "print('next')") == "next\n"


def test_a_message_without_end_stops_at_the_limit(room):
    run = room.run_cell(SEND + "import zmq\nwhile True: pub.send(bytes(10**5), zmq.SNDMORE)")
    assert run.ended == "memory"  # libzmq keeps it in the room; a peer that sends it: test_room_zmtp


# Written into the channel for questions by the function that question number 1 calls.
REPLIES = {
    "junk value": "struct.pack('!QQB', 2, 1, 0) + b'\\xc1\\xc1'",
    "unknown status": "struct.pack('!QQB', 1, 1, 77) + b'\\x00'",
    "error without parts": "struct.pack('!QQB', 1, 1, 1) + b'\\x00'",
    "no value": "struct.pack('!QQB', 0, 1, 0)",
    "longer than allowed": "struct.pack('!QQB', 2**40, 1, 0)",
    "longer than there is": "struct.pack('!QQB', 2**20, 1, 0)",
    "noise": "bytes(range(256)) * 10",
}


@pytest.mark.parametrize("name", REPLIES)
def test_a_forged_reply_ends_the_room_with_a_reason(warm, name):
    with warm.open_room({}) as room:
        room.run_cell(f"import struct\ndef forge(): get_ipython().kernel._questions.sendall({REPLIES[name]})")
        forge = room.get("forge")
        with pytest.raises(RoomError):
            room.call(forge, seconds=0.5)
    with warm.open_room({}) as room:
        assert room.run(lambda: 1) == 1


def test_answers_that_nobody_asked_for_are_ignored(room):
    room.run_cell("import struct\nget_ipython().kernel._questions.sendall(struct.pack('!QQB', 1, 99, 0) + b'\\x00')")
    assert room.run(lambda: 1) == 1
