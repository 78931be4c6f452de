"""Bare rooms: NumPy, the standard library, `course.checks` and the files handed in, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from autograder.room.errors import RoomNameError, StudentCodeError
from autograder.room.session import COURSE, RoomFactory, StudentRoom
from autograder.room.walls import NAMES, problems
from autograder.room.walls.bare import entries
from course.handing_in.replay import MOST_SECONDS
from tests.autograder.room.conftest import SMALL

HELPER = b"import torch\nimport numpy as np\n\ndef half(x):\n    return np.asarray(x) / 2\n"
FILES = {"helper.py": HELPER, "data/numbers.txt": b"1 2 3\n", "kit.so": b"\x7fELF and so on"}


@pytest.fixture(scope="module", params=NAMES)
def factory(request: pytest.FixtureRequest) -> Iterator[RoomFactory]:
    if found := problems(request.param):
        pytest.skip(f"the wall of {request.param} cannot be built here: {found[0].what}")
    with RoomFactory(limits=SMALL, wall=request.param) as ordinary:
        yield ordinary.bare()


@pytest.fixture
def room(factory: RoomFactory) -> Iterator[StudentRoom]:
    with factory.open_room(FILES) as opened:
        yield opened


def said(room: StudentRoom, source: str) -> str:
    run = room.run_cell(source)
    assert run.ended == "ok", run
    return "".join(out.text for out in run.outputs if out.output_type == "stream").strip()


def replayed(room: StudentRoom, *cells: str, ended_well: bool = True) -> StudentRoom:
    for cell in cells:
        room.replay(cell, ended_well=ended_well)
    return room


def value(room: StudentRoom, name: str, *arguments: object) -> object:
    found = room.get(name)
    return room.call(found, arguments) if arguments else found


def wants(room: StudentRoom, name: str, *arguments: object) -> str:
    """What the use of a name is told."""
    with pytest.raises(StudentCodeError) as caught:
        value(room, name, *arguments)
    assert caught.value.ename == "NotThere"
    return caught.value.message


# What is there


def test_numpy_the_standard_library_the_checks_and_the_files_are_there(room):
    code = (
        "import asyncio, ctypes, dataclasses, decimal, fractions, sqlite3, ssl, multiprocessing, numpy.fft, numpy.ma\n"
        "from course.checks import Checks\nimport helper_of_mine\n"
        "print(open('data/numbers.txt').read(), helper_of_mine.A)"
    )
    room.run_cell("%%writefile helper_of_mine.py\nA = 5")
    assert said(room, code) == "1 2 3\n 5"


@pytest.mark.parametrize("name", ["torch", "scipy", "mpmath", "sklearn", "matplotlib", "pip", "autograder"])
def test_no_other_package_can_be_imported(room, name):
    run = room.run_cell(f"import {name}")
    assert run.outputs[-1].ename == "ModuleNotFoundError"


@pytest.mark.parametrize("name", ["computations", "demos", "lessons", "rehearse", "widgets"])
def test_of_the_course_only_the_checks_and_the_replay_are_there(room, name):
    code = f"import importlib\nimportlib.import_module('course.{name}')"
    assert room.run_cell(code).outputs[-1].ename == "ModuleNotFoundError"


PATHS = {
    "torch": Path(torch.__file__),
    "torch's library": Path(torch.__file__).parent / "lib" / "libtorch_cpu.so",
    "the demos": COURSE / "demos" / "__init__.py",
    "the computations": COURSE / "computations" / "functions.py",
    "the references": COURSE.parent / "autograder" / "reference" / "numpy_reference.py",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_what_is_not_there_cannot_be_read_by_its_path(room, path):
    assert path.exists()
    run = room.run_cell(f"open({str(path)!r}, 'rb').read()")
    assert run.outputs[-1].ename in ("FileNotFoundError", "PermissionError")
    assert room.run_cell(f"import ctypes\nctypes.CDLL({str(path)!r})").outputs[-1].ename == "OSError"


def test_a_path_to_the_packages_makes_none_importable(room):
    folder = sysconfig.get_path("purelib")
    run = room.run_cell(f"import sys\nsys.path.insert(0, {folder!r})\nimport importlib; importlib.invalidate_caches()")
    assert run.ended == "ok"
    assert room.run_cell("import torch").ended == "error"
    assert room.run_cell("import site; site.main()\nimport torch").ended == "error"


def test_another_process_finds_no_more(room):
    code = "import subprocess, sys\nfor name in ('numpy', 'torch'):\n"
    code += "    print(subprocess.run([sys.executable, '-c', f'import {name}'], capture_output=True).returncode)"
    assert said(room, code) == "0\n1"


def test_the_machines_own_packages_are_hidden_too(room):
    there = [
        path
        for folder in ("/usr/lib/python3/dist-packages", "/usr/local/lib/python3.11/dist-packages")
        for path in sorted(Path(folder).glob("*.py"))[:1]
    ]
    for path in there:
        assert room.run_cell(f"open({str(path)!r}).read()").ended == "error"


def test_a_process_that_never_imported_more_is_what_rooms_come_from(room):
    code = "import sys\nprint([name for name in sys.modules if name.partition('.')[0] in ('torch', 'scipy', 'site')])"
    assert said(room, code) in ("['site']", "[]")


def test_native_code_among_the_files_does_not_arrive(room):
    assert said(room, "import os\nprint(sorted(os.listdir('.')))") == "['data', 'helper.py']"


def test_nobody_writes_where_packages_are(room):
    folder = entries()[0].parent
    assert room.run_cell(f"open({str(folder / 'torch.py')!r}, 'w')").ended == "error"


def test_native_code_written_in_the_room_cannot_be_loaded_behind_namespaces(room, factory):
    if factory.wall.name != "namespaces":
        return  # Landlock has no rule for it: docs/grading.md says so
    code = "import _decimal, shutil, ctypes\nshutil.copy(_decimal.__file__, 'mine.so')\nctypes.CDLL('./mine.so')"
    assert room.run_cell(code).outputs[-1].ename == "OSError"


def test_the_packages_of_a_bare_room_are_few():
    tops = {path.name for path in entries()}
    assert {"numpy", "IPython", "ipykernel", "zmq", "msgpack", "cloudpickle"} <= tops
    assert not tops & {"torch", "scipy", "matplotlib", "sklearn", "ipywidgets", "sympy", "mpmath"}


def test_without_a_wall_nothing_more_can_be_imported_either():
    with RoomFactory(limits=SMALL, protect=False, bare=True) as factory, factory.open_room({}) as room:
        assert room.run_cell("import torch").outputs[-1].ename == "ModuleNotFoundError"


def test_a_cold_bare_room_works():
    with RoomFactory(limits=SMALL, warm=False) as ordinary, ordinary.bare().open_room({}) as room:
        assert value(replayed(room, "import torch, math\ndef f(x): return math.exp(x)"), "f", 0.0) == 1.0


# Replay: honest notebooks

RIGHT = {
    "names of one import": ["import torch, math", "def f(x): return math.exp(x)"],
    "names of one from": ["from scipy import special\nfrom math import exp, no_such_name", "def f(x): return exp(x)"],
    "annotations": ["import torch", "import math\ndef f(x: torch.Tensor) -> torch.Tensor:\n    return math.exp(x)"],
    "an annotated variable": ["import math, torch\ne: torch.Tensor = math.e", "def f(x): return e ** x"],
    "a comparison before":
        ["import torch, math\nt = torch.selu(torch.ones(1))\nprint(t)\ndef f(x): return math.exp(x)"],
    "a comparison after": ["import torch, math\ndef f(x): return math.exp(x)\nassert torch.exp(torch.ones(1)) > f(1)"],
    "a try": ["try:\n    import torch\nexcept ImportError:\n    torch = None\nimport math\ndef f(x):\n"
              "    return math.exp(x) if torch is None else 5"],
    "the main guard": ["import math, torch\ndef f(x): return 0", "if __name__ == '__main__':\n    t = torch.ones(1)\n"
                       "    def f(x): return math.exp(x)"],
    "an else": ["import math\nif math.pi < 3:\n    pass\nelse:\n    import torch\n    def f(x): return math.exp(x)"],
    "a class with a library's name":
        ["import math\nclass Kit:\n    def selu(self, x): return math.exp(x)\nf = Kit().selu"],
    "private attributes":
        ["import math\nclass K:\n    __e = math.exp\n    def go(self, x): return K.__e(x)\nf = K().go"],
    "a decorator": ["import math\ndef twice(g): return lambda x: g(x) ** 2\n@twice\ndef f(x): return math.exp(x / 2)"],
    "a dataclass": ["import math, torch\nfrom dataclasses import dataclass, field\n@dataclass\nclass P:\n"
                    "    t: torch.Tensor = None\n    a: float = 1.0\n    b: list = field(default_factory=list)\n"
                    "def f(x): return math.exp(P(a=x).a)"],
    "a named tuple": ["import math, torch\nfrom typing import NamedTuple\nclass P(NamedTuple):\n    t: torch.Tensor\n"
                      "    a: float\ndef f(x): return math.exp(P(0, x).a)"],
    "decimal's context": ["import decimal\ndecimal.getcontext().prec = 50",
                          "def f(x): return float(decimal.Decimal(x).exp()) if decimal.getcontext().prec == 50 else 0"],
    "copy and sys": ["import copy, sys\ndef f(x): return copy.deepcopy([1.0])[0] + 0 * sys.float_info.max"],
    "a table": ["import math\nt = {}", "for i in range(3):\n    t[i] = math.exp(i)", "def f(x): return t[int(x)]"],
    "%%time": ["%%time\nimport torch, math\ndef f(x): return math.exp(x)"],
    "%%capture":
        ["%%capture out\nimport torch, math\nprint(5)\ndef f(x): return math.exp(x)", "assert '5' in out.stdout"],
    "%time": ["import math, torch", "%time torch.ones(1)\n%time f = math.exp"],
    "%timeit": ["import math\ndef f(x): return math.exp(x)", "%timeit f(1)\n%timeit -n 1 f(2)"],
    "%%writefile and import": ["%%writefile kit.py\nimport torch\nimport math\ndef g(x): return math.exp(x)",
                               "from kit import g\ndef f(x): return g(x)"],
    "%%writefile and %run": ["%%writefile kit.py\nimport torch, math\ntorch.ones(1)\ndef f(x): return math.exp(x)",
                             "%run kit.py"],
    "%run of a notebook": [
        "%%writefile kit.ipynb\n" + '{"cells": [{"cell_type": "markdown", "source": "text"}, {"cell_type": "code", '
        '"source": ["import torch, math\\n", "def f(x): return math.exp(x)"]}], "metadata": {}, "nbformat": 4, '
        '"nbformat_minor": 5}', "%run kit.ipynb"],
    "a helper that wants torch": ["import helper, math\ndef f(x): return math.exp(2 * helper.half(x))"],
    "a module built at run time":
        ["import math, types\nm = types.ModuleType('m')\nm.g = math.exp\ndef f(x): return m.g(x)"],
    "other magics":
        ["%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n!echo hello", "from math import exp as f"],
    "await":
        ["import asyncio, math\nawait asyncio.sleep(0)\ne = await asyncio.sleep(0.01, math.e)",
         "def f(x): return e ** x"],
    "defined again": ["import torch\nf = torch.exp", "import math\ndef f(x): return math.exp(x)"],
    "a plot":
        ["import matplotlib.pyplot as plt\nimport math\nplt.plot([1], [2])\nplt.show()\ndef f(x): return math.exp(x)"],
    "a global switch": ["import math, numpy as np, warnings\nnp.seterr(all='raise')\nwarnings.simplefilter('error')",
                        "def f(x):\n    assert np.exp(np.float64(-1000)) == 0 and np.exp(np.float64(1000)) == np.inf\n"
                        "    return math.exp(x)"],
    "NumPy's own": ["import numpy as np\nfrom numpy import *\ndef f(x): return exp(x)"],
}  # fmt: skip


@pytest.mark.parametrize("cells", RIGHT.values(), ids=RIGHT)
def test_honest_work_survives_the_replay(room, cells):
    assert value(replayed(room, *cells), "f", 0.0) == 1.0


# Replay: what is left out

WRONG = {
    "the library's function": (["import torch\nf = torch.selu"], "torch"),
    "the library's function inside": (["import torch\ndef f(x): return torch.selu(x)"], "torch"),
    "an import inside": (["def f(x):\n    from scipy.special import expit\n    return expit(x)"], "scipy"),
    "importlib": (["import importlib\ndef f(x): return importlib.import_module('tor' + 'ch').selu(x)"], "torch"),
    "an older value": (["import math\nf = math.exp", "import torch\nf = torch.exp"], "torch"),
    "an older function": (["def f(x): return 1.0", "import torch\n@torch.no_grad()\ndef f(x): return 1.0"], "torch"),
    "a built-in function": (["from torch import max\ndef f(x): return max(x, 0)"], "torch"),
    "a built-in function at once": (["from torch import exp as f, max\nm = max(1, 2)\ndef f(x): return m"], "torch"),
    "a default": (["import torch\ndef f(x, t=torch.float32): return 1.0"], "torch"),
    "a base class": (["import torch\nclass S(torch.nn.SELU):\n    pass\ndef f(x): return S()(x)"], "torch"),
    "an import in a class": (["class K:\n    import torch\ndef f(x): return K.torch.selu(x)"], "torch"),
    "a loss": (["from torch import nn\nloss = nn.CrossEntropyLoss()\ndef f(x): return loss(x, x)"], "torch"),
    "a table with the library's":
        (["import torch\nt = {'a': 1.0}\nt['b'] = torch.pi\ndef f(x): return t['a']"], "torch"),
    "the course's demos": (["from course.demos.framework import base\ndef f(x): return base"], "course.demos"),
    "a loop": (["import torch\nfor s in range(3):\n    e = torch.ones(s)\ndef f(x): return s"], "torch"),
    "%time": (["import math\nf = math.exp", "import torch\n%time f = torch.exp"], "torch"),
    "an evaluated annotation": (["import torch\ndef g(x: torch.selu): pass\nimport typing\n"
                                 "def f(x): return typing.get_type_hints(g)['x'](x)"], "torch"),
    "a dataclass field": (["import torch\nfrom dataclasses import dataclass, fields\n@dataclass\nclass P:\n"
                           "    a: torch.selu = 0\ndef f(x): return eval(fields(P)[0].type)(x)"], "torch"),
    "an error's object":
        (["import torch\ntry:\n    torch.nothing\nexcept AttributeError as error:\n    kit = error.obj\n"
                           "def f(x): return kit.selu(x)"], "torch"),
    "a helper's torch": (["import helper\ndef f(x): return helper.torch.selu(x)"], None),
    "an attribute": (["import torch\nclass K: pass\nk = K()\nk.t = torch\ndef f(x): return k.t.selu(x)"], "torch"),
    "a name of a helper": (["%%writefile kit.py\nimport torch\ndef g(x): return torch.selu(x)",
                            "import kit\ndef f(x): return kit.g(x)"], "torch"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_a_function_that_wants_what_is_not_there_says_so(room, case):
    cells, wanted = case
    replayed(room, *cells)
    if wanted is None:
        with pytest.raises(StudentCodeError):
            value(room, "f", 0.0)
    else:
        assert wants(room, "f", 0.0) == f"{wanted} is not there in this exercise"


def test_a_name_nobody_defined_is_only_not_defined(room):
    replayed(room, "import torch\ndef f(x): return g(x)")
    with pytest.raises(RoomNameError):
        room.get("g")
    with pytest.raises(StudentCodeError, match="name 'g' is not defined"):
        value(room, "f", 0.0)


def test_a_cell_that_failed_ends_where_it_did(room):
    replayed(room, "a = 1", "import torch\nb = 1\n[][0]\na = 2", ended_well=False)
    assert (value(room, "a"), value(room, "b")) == (1, 1)
    replayed(room, "def broken(:", ended_well=False)


def test_a_cell_that_asked_or_wanted_a_magic_goes_on(room):
    asks = "number = int(input())\nnext = number + 1\nimport getpass\nkey = getpass.getpass()\nbreakpoint()"
    replayed(room, f"{asks}\n%no_such\n%conda install x\na = 1", ended_well=False)
    assert value(room, "a") == 1
    replayed(room, "def f(): return input()")
    with pytest.raises(StudentCodeError, match="asks a question that nobody answers") as caught:
        room.call(room.get("f"))
    assert "NotImplementedError" not in caught.value.builtin_bases  # or it would count as not written yet


def test_what_takes_long_and_defines_nothing_is_left_out(room):
    replayed(room, "a = 1\nwhile True: pass", "a = 2")
    assert value(room, "a") == 2


def test_what_takes_long_and_defines_something_is_not(room):
    busy = f"while time.process_time() < start + {MOST_SECONDS + 0.5}: pass"
    replayed(room, f"import time\nstart = time.process_time()\nfor _ in range(1):\n    {busy}\na = 2")
    assert value(room, "a") == 2
    assert value(room, "_") == 0


def test_output_of_a_replay_goes_nowhere(room):
    replayed(room, f"for number in range(40):\n    print('x' * {SMALL.flood_bytes // 20})\na = 1")
    assert value(room, "a") == 1


def test_every_question_finds_the_same_seeds(room):
    replayed(room, "import random, numpy as np\ndef f(x): return random.random(), np.random.rand()")
    assert value(room, "f", 0) == value(room, "f", 0)


def test_help_and_exit_are_there_as_everywhere(room):
    assert said(room, "print(callable(help), callable(exit), copyright is not None)") == "True True True"


def test_values_travel_as_from_any_room(room):
    replayed(room, "import numpy as np\ndef f(x): return np.exp(x)")
    assert np.array_equal(value(room, "f", np.zeros(3, dtype=np.float32)), np.ones(3, dtype=np.float32))


def test_the_factory_of_bare_rooms_ends_with_the_other():
    script = (
        "from autograder.room.session import RoomFactory\n"
        "with RoomFactory(warm=True) as f:\n    b = f.bare()\n    assert b is f.bare()\n    s = b.server\n"
        "assert not s.alive\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
