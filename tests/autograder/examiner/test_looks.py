"""Lines that a person should look at: what is listed, what is not, and that no code breaks the search."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.answers import load_answers
from autograder.examiner import looks
from autograder.examiner.looks import OwnCode, find_looks, python_files
from tests.support.notebook_runner import ROOT, notebook_cells

GIVEN = [
    "import matplotlib.pyplot as plt\nimport numpy as np\nimport torch\nfrom torch import nn\n"
    "from course.checks import Checks, student_side\nfrom course.checks.beside.design import accuracies"
]
CATALOGUE = ROOT / "autograder" / "practice" / "answers"


def found(source):
    return [(look.line, look.what) for look in find_looks([OwnCode("cell", source)], GIVEN)]


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import sys\nsys._getframe(1).f_back", looks.FRAMES),
        ("from sys import _getframe as look", looks.FRAMES),
        ("import inspect as i\ni.stack()", looks.FRAMES),
        ("from inspect import currentframe", looks.FRAMES),
        ("f = getattr(sys, '_getframe')", looks.FRAMES),
        ("try:\n    1 / 0\nexcept Exception as e:\n    e.__traceback__.tb_frame", looks.FRAMES),
        ("generator.gi_frame", looks.FRAMES),
        ("import gc\ngc.get_objects()", looks.COLLECTOR),
        ("from gc import get_referrers", looks.COLLECTOR),
        ("get_ipython().kernel.session", looks.KERNEL),
        ("shell = get_ipython()\nshell.user_ns['checks'] = None", looks.KERNEL),
        ("type(get_ipython()).run_cell = later", looks.KERNEL),
        ("from ipykernel.kernelapp import IPKernelApp", looks.KERNEL),
        ("import IPython.core.interactiveshell", looks.KERNEL),
        ("import ctypes", looks.NATIVE),
        ("c = __import__('ctypes')", looks.NATIVE),
        ("import importlib\nimportlib.import_module('_ctypes')", looks.NATIVE),
        ("import os\nos.kill(1, 9)", looks.PROCESSES),
        ("import os\nos._exit(0)", looks.PROCESSES),
        ("open(f'/proc/{pid}/mem')", looks.PROCESSES),
        ("import autograder.room", looks.OURS),
        ("from course.checks.beside import figures", looks.OURS),
        ("from course.checks.beside.figures import drawn", looks.OURS),
        ("student_side.switch(None)", looks.OURS),
        ("import __main__", looks.MAIN),
        ("import sys\nsys.modules['__main__']", looks.MAIN),
        ("import sys\nsys.modules['numpy'] = object()", looks.MAIN),
        ("from sys import modules\nmodules['__main__']", looks.MAIN),
        ("import sys\ndel sys.modules['numpy']", looks.MAIN),
        ("import sys\nsys.modules.pop('numpy')", looks.MAIN),
        ("import course.checks.figures as f\nf.picture_of = later", looks.PATCHES),
        ("import sys\nsys.modules['course.checks.figures'].drawn = later", looks.PATCHES),
        ("import builtins\nbuiltins.len = later", looks.PATCHES),
        ("import builtins\nsetattr(builtins, 'len', later)", looks.PATCHES),
        ("import builtins\nvars(builtins)['len'] = later", looks.PATCHES),
        ("__builtins__['len'] = later", looks.PATCHES),
        ("from matplotlib.axes import Axes\nAxes.contourf = later", looks.PATCHES),
        ("from unittest.mock import patch\nwith patch('course.checks.scoring.describe'): pass", looks.PATCHES),
        ("from unittest import mock\nwith mock.patch.object(plt, 'show'): pass", looks.PATCHES),
        ("np.asarray = later", looks.PATCHES),
        ("nn.functional.relu = later", looks.PATCHES),
        ("import sys\nsys.settrace(later)", looks.TRACES),
        ("exec('import gc\\ngc.get_objects()')", looks.COLLECTOR),
        ("exec('exec(\"import ctypes\")')", looks.NATIVE),
        ("%%time\nimport ctypes", looks.NATIVE),
        ("%%writefile helper.py\nimport ctypes", looks.NATIVE),
        ("%time import ctypes", looks.NATIVE),
        ("!pip list\nimport ctypes", looks.NATIVE),
        ("files = !ls\nnp.exp?\nimport ctypes", looks.NATIVE),
        ("def f(:\n    sys._getframe()", looks.FRAMES),
    ],
)
def test_what_is_listed_is_named_with_its_line(source, what):
    assert (source.count("\n") + 1, what) in found(source)


@pytest.mark.parametrize(
    "source",
    [
        "import sys, gc, os, inspect, copy\ngc.collect()\nsys.modules['torch']\n'torch' in sys.modules",
        "inspect.signature(f)\nnp.stack([1])\nos.getpid()\nprint(sys.exc_info())",
        "%matplotlib inline\nplt.rcParams['figure.dpi'] = 80\nplt.rcParams.update({'axes.grid': True})\nplt.show()",
        "get_ipython().run_line_magic('matplotlib', 'inline')\nget_ipython().system('ls')\nget_ipython().__class__",
        "if 'IPKernelApp' in get_ipython().config: pass",
        "!kill -9 1\n%pip install ctypes",
        "%%bash\nimport ctypes",
        "if __name__ == '__main__': pass",
        "np.float = float\ntorch.backends.cudnn.deterministic = True\nnn.ReLU.forward = f\nplt.style.use('ggplot')",
        "from course.checks import Checks, student_side, expect_close\nChecks('a', 1)",
        "from course.checks.beside.design import accuracies\naccuracies",
        "accuracies = []\naccuracies.append(1)",
        "class Own:\n    def show(self): self.plt = 1\nOwn.show = 2\nOwn().kernel",
        "open('/proc/cpuinfo')\nopen('/proc/self/status')",
        "I kill the frame of the autograder, in plain words (unfinished",
        "fig, ax = plt.subplots()\nax.title = 'a'\nmodel.weight.data = 0\nnp.array([1]).shape = (1,)",
        "",
    ],
)
def test_what_honest_people_write_is_not_listed(source):
    assert found(source) == []


def test_no_right_answer_of_the_catalogue_is_listed():
    listed, looked = [], 0
    for folder in sorted(CATALOGUE.iterdir()):
        cells = notebook_cells("source", folder.name)
        given_cells = [cell.source for cell in cells if not cell.solution and not cell.points]
        for answer in load_answers(CATALOGUE, folder.name):
            looked += answer.right
            if answer.right:
                listed += find_looks([OwnCode(answer.name, answer.source)], given_cells)
    assert listed == []
    assert looked > 100


def test_where_it_stands_and_the_line_in_short():
    long = f"import ctypes; a = '{'é' * 300}\x1b'"
    [look] = find_looks([OwnCode("selu", "x = 1\n\n  \t\n" + long)])
    assert (look.cell, look.line, look.what) == ("selu", 4, looks.NATIVE)
    assert len(look.code) == looks.CODE_SHOWN
    assert look.code.startswith("import ctypes; a = 'éé")
    assert look.code.endswith("é…")


def test_few_lines_of_one_kind_and_of_one_submission():
    many = OwnCode("many", "import ctypes\n" * 50)
    assert [look.line for look in find_looks([many])] == [1, 2, 3]
    assert len(find_looks([many] * 50)) == looks.MOST_LOOKS


def test_a_name_is_known_in_later_cells_until_it_means_something_else():
    cells = [
        OwnCode("1", "import inspect as look"),
        OwnCode("2", "look.stack()"),
        OwnCode("3", "look = []\nlook.stack"),
    ]
    assert [look.cell for look in find_looks(cells)] == ["2"]


def test_what_is_too_long_is_listed_itself_and_not_looked_through():
    too_long = OwnCode("a", "x = 1\n" * looks.MOST_CHARACTERS)
    assert [(look.what, look.code) for look in find_looks([too_long])] == [(looks.TOO_LONG, "x = 1")]
    cells = [OwnCode(str(n), "# " + "a" * (looks.MOST_CHARACTERS - 2)) for n in range(6)]
    assert [look.cell for look in find_looks(cells)] == ["5"]


def test_the_files_that_are_python():
    files = {"b.py": b"import ctypes", "data.csv": b"import ctypes", "a/c.py": "é\n".encode("latin-1") + b"import gc"}
    assert [code.where for code in python_files(files)] == ["a/c.py", "b.py"]
    assert [(look.cell, look.line) for look in find_looks(python_files(files))] == [("b.py", 1)]


@pytest.mark.parametrize(
    "source",
    [
        "(" * 150_000,
        "x" + ".a" * 90_000,
        "x" + "[0]" * 60_000,
        "x" + "[0].a" * 700,
        "x = " + "-" * 190_000 + "1",
        "a = 1 + " * 20_000 + "1",
        " " * 190_000 + "=",
        "%time " + "-n 1 " * 30_000,
        "%x\n" * 60_000,
        "\ud800 = 1",
        "\0",
        "getattr(" * 90 + "x" + ", 'a')" * 90,
    ],
    ids=[
        "brackets",
        "attributes",
        "subscripts",
        "both",
        "signs",
        "sum",
        "blanks",
        "options",
        "magics",
        "half",
        "nul",
        "calls",
    ],
)
def test_code_that_is_hard_to_read_ends_the_search_for_no_other_cell(source):
    assert [look.cell for look in find_looks([OwnCode("odd", source), OwnCode("next", "import ctypes")])] == ["next"]


PIECES = st.sampled_from(
    'import ctypes|sys|.|_getframe|(|)|\'|"""|\n|    |%%time|%time|!ls|?|=|exec|getattr|gc|def f():|:|[|]|\\|\x0c|\r|'
    "get_ipython()|.kernel|in|lambda|\u2028|é|\x00|# |sys.modules|'__main__'".split("|")
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=40).map("".join))
def test_any_text_is_searched_and_lines_are_those_of_the_text(source):
    for look in find_looks([OwnCode("cell", source)], GIVEN):
        lines = re.split(r"\r\n|\r|\n", source)
        assert 1 <= look.line <= len(lines)
        assert look.code.isprintable()
