"""Notebooks that were made to wear the grader out, and what grading each of them takes."""

from __future__ import annotations

import base64
import json
import struct
import time
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from autograder.examiner import bounded
from autograder.examiner.bounded import grade_bounded
from autograder.examiner.rooms import room_factory
from autograder.examiner.task import Graded, Task, grade_task

Notebook = dict[str, Any]
MIB = 1024**2


def written(notebook: Any) -> bytes:
    return json.dumps(notebook).encode()


# What is in the file --------------------------------------------------------------------------------------------------


def empties(megabytes: int, *, in_cells: bool) -> Callable[[Notebook], bytes]:
    """Metadata full of `{}`."""

    def make(nb: Notebook) -> bytes:
        places = [cell["metadata"] for cell in nb["cells"]] if in_cells else [nb["metadata"]]
        for place in places:
            place["x"] = "here"
        many = b"[" + b",".join([b"{}"] * (megabytes * 10**6 // 3 // len(places))) + b"]"
        return written(nb).replace(b'"here"', many)

    return make


def unknown_outputs(nb: Notebook) -> bytes:
    for cell in nb["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "x", "y": {}} for _ in range(1_300_000 // 5 // 35)]
    return written(nb)


def nested(levels: int) -> Callable[[Notebook], bytes]:
    def make(nb: Notebook) -> bytes:
        nb["metadata"]["deep"] = "here"
        nb["cells"][1]["metadata"]["deep"] = "here"
        return written(nb).replace(b'"here"', b'{"a":[' * levels + b"]}" * levels)

    return make


def with_essay(text: str, attachments: Any = None) -> Callable[[Notebook], bytes]:
    def make(nb: Notebook) -> bytes:
        cell = next(cell for cell in nb["cells"] if cell["cell_type"] == "markdown")
        cell["source"] = text
        cell["attachments"] = attachments or {}
        return written(nb)

    return make


def png(*chunks: bytes) -> bytes:
    """A picture of one pixel with other chunks in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack("!IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    made = b"".join(chunk(b"zTXt", b"Comment\0\0" + data) for data in chunks)
    return b"\x89PNG\r\n\x1a\n" + header + made + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


PACKED = base64.b64encode(png(*[zlib.compress(bytes(MIB - 1), 9)] * 60)).decode()
GROUPS = "<svg xmlns='http://www.w3.org/2000/svg'>" + "<g>" * 20_000 + "</g>" * 20_000 + "</svg>"


def attached(mime: str, content: bytes) -> Callable[[Notebook], bytes]:
    names = [f"x{number}" for number in range(20)]
    attachments = {name: {mime: base64.b64encode(content).decode()} for name in names}
    return with_essay("\n".join(f"![](attachment:{name})" for name in names), attachments)


def many_cells(source: str, count: int, kind: str = "code") -> Callable[[Notebook], bytes]:
    """Cells of the student's own, above the first answer."""

    def make(nb: Notebook) -> bytes:
        own: Any = {"cell_type": kind, "metadata": {}, "source": source}
        if kind == "code":
            own |= {"outputs": [], "execution_count": None}
        nb["cells"][1:1] = [{**own, "id": f"own-{number}"} for number in range(count)]
        return written(nb)

    return make


# What is in the answers ----------------------------------------------------------------------------------------------


def above(source: str, *, given: bool = False) -> Callable[[Notebook], bytes]:
    """Write more into the first answer's cell, or into the given cell above it."""

    def make(nb: Notebook) -> bytes:
        cell = nb["cells"][0 if given else 1]
        cell["source"] = source + "\n" + cell["source"]
        return written(nb)

    return make


def returns(source: str) -> Callable[[Notebook], bytes]:
    """Have the answer return something."""

    def make(nb: Notebook) -> bytes:
        nb["cells"][1]["source"] = f"def double(x):\n    {source}\n"
        return written(nb)

    return make


MANY = 8_000
PRINTERS = """\
import os
for _ in range(40):
    if os.fork() == 0:
        while True:
            os.write(1, b"x" * 65536)
"""
THREADS = """\
import threading
def shout():
    while True:
        print("x" * 1000)
for _ in range(20):
    threading.Thread(target=shout, daemon=True).start()
"""

HOSTILE: dict[str, Callable[[Notebook], bytes]] = {
    "9 MB of {} in the metadata": empties(9, in_cells=False),
    "31 MB of {} in the metadata": empties(31, in_cells=False),
    "31 MB of {} in cells' metadata": empties(31, in_cells=True),
    "1.3 MB of unknown outputs": unknown_outputs,
    "metadata of 90 levels": nested(45),
    "metadata of 200,000 levels": nested(100_000),
    "line magics": above("%matplotlib inline\n" * MANY),
    "line magics in a given cell": above("%matplotlib inline\n" * MANY, given=True),
    "assigned magics": above("x = %pwd\n" * MANY),
    "shell commands": above("".join(f"x{n} = !true\n" for n in range(2000))),
    "aliases": above("".join(f"import os as a{n}\n" for n in range(MANY))),
    "aliases of aliases": above("import numpy as n0\n" + "".join(f"n{n + 1} = n{n}\n" for n in range(MANY))),
    "names imported": above("".join(f"from m{n} import f{n} as g{n}\n" for n in range(MANY))),
    "definitions": above("".join(f"def f{n}(x=1): return x\n" for n in range(MANY))),
    "definitions in a given cell": above("".join(f"def f{n}(x=1): return x\n" for n in range(MANY)), given=True),
    "nested brackets": above("(" * 50_000),
    "an expression of 50,000 terms": above("x = 1" + " + 1" * 50_000),
    "a line of 5 MB": above(f"x = '{'y' * 5_000_000}'"),
    "a comment of 5 MB": above("#" + "y" * 5_000_000),
    "a PNG that unpacks, pasted": attached("image/png", base64.b64decode(PACKED)),
    "a PNG that unpacks, displayed": above(
        f"import base64\nfrom IPython.display import Image, display\ndata = base64.b64decode('{PACKED}')\n"
        "for _ in range(20): display(Image(data))"
    ),
    "an SVG of 20,000 levels, pasted": attached("image/svg+xml", GROUPS.encode()),
    "an SVG of 20,000 levels, displayed": above(f"from IPython.display import SVG, display\ndisplay(SVG({GROUPS!r}))"),
    "HTML of 100,000 levels": above("from IPython.display import HTML, display\ndisplay(HTML('<div>' * 100_000))"),
    "Markdown of 10,000 levels": above(
        "from IPython.display import Markdown, display\ndisplay(Markdown('> ' * 10_000 + 'x'))"
    ),
    "an essay of 10,000 levels": with_essay("> " * 10_000 + "x"),
    "an essay of 5 MB": with_essay("*_[" * 1_700_000),
    "an essay of pictures": with_essay("![](x.png)\n" * 100_000),
    "HTML with 60,000 attributes": above(
        "from IPython.display import HTML, display\n"
        "for _ in range(30): display(HTML('<p ' + ' '.join(f'a{n}' for n in range(60_000)) + '>x'))"
    ),
    "colours": above("for _ in range(50): print('\x1b[31mx\x1b[0m' * 10_000)"),
    "a hundred cells of 1 MiB of output": many_cells("print('x' * 2**20)", 100),
    "a hundred cells of 1 MiB of HTML": many_cells(
        "from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>' * 131_000))", 100
    ),
    "a cell of many outputs": above("from IPython.display import display\nfor n in range(20_000): display(n)"),
    "2,500 cells": many_cells("1", 2500),
    "1,900 cells of text": many_cells("*a*", 1900, "markdown"),
    "printing processes": above(PRINTERS),
    "printing threads": above(THREADS),
    "a printed line of 20 MB": above("print('x' * 20_000_000)"),
    "an error of 5 MB": above("raise ValueError('x' * 5_000_000)"),
    "an error of 5 MB from the answer": returns("raise ValueError('x' * 5_000_000)"),
    "an error with a name of 1 MB": returns("raise type('E' * 1_000_000, (ValueError,), {})('no')"),
    "errors in errors": returns("return double(x)"),
    "millions of small values": returns("return [0] * 6_000_000"),
    "millions of small lists": returns("return [[] for _ in range(4_000_000)]"),
    "millions of keys": returns("return {n: n for n in range(3_000_000)}"),
    "a value of 1,000 levels": returns("v = []\n    for _ in range(1000): v = [v]\n    return v"),
    "a value of 100,000 levels": returns("v = []\n    for _ in range(100_000): v = [v]\n    return v"),
    "a huge integer": returns("return 7 ** 20_000_000"),
    "a long text": returns("return 'x' * 60_000_000"),
    "a large array": returns("import numpy\n    return numpy.zeros((7000, 1000))"),
}


# What grading takes --------------------------------------------------------------------------------------------------


@dataclass
class Took:
    """What the trusted child used for one submission."""

    memory_mib: float = 0.0
    """More than the process had that it was forked from."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Processor seconds, by stage."""

    @property
    def reading_and_writing(self) -> float:
        return self.seconds.get("reading", 0) + self.seconds.get("writing", 0)


class Measured(Executor):
    """Grades one submission after the other within its bounds, in children of this process that say what they used."""

    def __init__(self, names: Mapping[bytes, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take names by the bytes that were handed in, and a folder for what the children say."""
        self._names, self._folder = names, folder
        self._now = ""
        monkeypatch.setattr(bounded, "grade_task", self._grade_task)

    def submit(self, _fn: Callable[..., Any], task: Task, /, *_args: Any, **_kwargs: Any) -> Future[Graded]:  # type: ignore[override]
        future: Future[Graded] = Future()
        self._now = self._names[task.submission]
        room_factory(task.settings).revive()
        try:
            future.set_result(grade_bounded(task))
        except Exception as error:
            future.set_exception(error)
        return future

    def _grade_task(self, task: Task, begin: Callable[[str, str], None]) -> Graded:
        """Run in the child."""
        Path("/proc/self/clear_refs").write_text("5")  # the peak is from now on
        before, stage, since = _peak_mib(), "reading", time.process_time()
        seconds: Counter[str] = Counter()

        def note() -> None:
            nonlocal since
            now = time.process_time()
            seconds[stage] += now - since
            since = now
            took = Took(_peak_mib() - before, dict(seconds))
            self._folder.joinpath(self._now).write_text(json.dumps(vars(took)))

        def told(name: str, where: str) -> None:
            nonlocal stage
            if name != stage:
                note()
            stage = name
            begin(name, where)

        try:
            return grade_task(task, told)
        finally:
            note()

    def took(self, name: str) -> Took:
        return Took(**json.loads(self._folder.joinpath(name).read_text()))


def _peak_mib() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
