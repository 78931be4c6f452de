"""A cell goes on below what wants something that is not there, in whatever form, and below nothing else."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
from IPython.core.interactiveshell import InteractiveShell

from course.handing_in.lenient import Lenient


@pytest.fixture(scope="module")
def shell():
    made = InteractiveShell(user_module=ModuleType("student"))  # else it takes the place of this process's __main__
    made.history_manager.enabled = False
    Lenient(made)
    yield made
    del sys.modules["student"]


def test_the_shell_leaves_this_process_its_main_module(shell):
    assert sys.modules["__main__"] is not shell.user_module
    assert hasattr(sys.modules["__main__"], "__spec__")


def ran(shell, source):
    """Run a cell in an empty namespace and return what it has defined."""
    shell.reset(new_session=False)
    shell.run_cell(source)
    return shell.user_ns


GOES_ON = {
    "import": "import no_such",
    "one of several": "import no_such, math\nassert math",
    "use": "import no_such as ns\nns.x.y()\nns.z = 1\nprint(ns)",
    "use of what a use was to give": "import no_such\na = no_such.a\nb = a + 1\nprint(b)",
    "magic": "%no_such 2.x",
    "installers": "%conda install x\n%mamba install x\n%micromamba install x",
    "annotations": "import no_such\ndef f(x: no_such.A, *y: no_such.B) -> no_such.C: return x\nassert f(1) == 1",
    "annotations of a decorated function": "import no_such\n@str\ndef f(x: no_such.A): pass\nassert 'function' in f",
    "annotations in a class": "import no_such\nclass A:\n    x: no_such.A = 1\n    def f(self) -> no_such.B: ...\nA",
    "annotations of a name": "import no_such\nx: no_such.A = 1\nassert x == 1",
    "timed": "%%time\nimport no_such",
}
ENDS = {
    "slip": "1 / 0",
    "a name that nothing was to define": "import no_such\nno_where",
    "a name that has a value again": "import no_such as ns\nns = 1\ndel ns\nns",
    "wrong use of a magic": "from IPython.core.error import UsageError\nraise UsageError('wrong')",
    "timed slip": "%%time\n1 / 0",
}


@pytest.mark.parametrize("source", GOES_ON.values(), ids=GOES_ON)
def test_what_stands_below_runs(shell, source, capsys):
    assert "below" in ran(shell, f"{source}\nbelow = 1")
    assert "AssertionError" not in capsys.readouterr().out


@pytest.mark.parametrize("source", ENDS.values(), ids=ENDS)
def test_what_stands_below_does_not_run(shell, source):
    assert "below" not in ran(shell, f"{source}\nbelow = 1")


@pytest.mark.parametrize(
    "use", ["@no_such.jit\ndef f(x: int): ...", "def f(x: int, y=no_such.A): ...", "class f(no_such.A): ..."]
)
def test_a_definition_that_needs_more_than_annotations_is_left_out(shell, use):
    assert "f" not in ran(shell, f"import no_such\n{use}\nbelow = 1")


def test_a_timed_cell_says_how_long_it_took_and_shows_its_value(shell, capsys):
    assert ran(shell, "%%time\na = 1\na + 41")["a"] == 1
    said = capsys.readouterr().out
    assert "42" in said
    assert "CPU times: " in said
    assert "Wall time: " in said
