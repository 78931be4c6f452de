"""Exercises from scratch: points come from the bare room, messages on visible checks from the ordinary one."""

from __future__ import annotations

import numpy as np
import pytest

from course.handing_in.cellcode import is_from_scratch
from course.handing_in.celltext import visible_part

GIVEN = "import numpy as np\nfrom course.checks import Checks, expect_close"
TEST = """checks = Checks("f", points=4, from_scratch=True)
with checks("at 0"):
    expect_close(f(np.zeros(2)), [1, 1])
### BEGIN HIDDEN TESTS
with checks("at 1"):
    expect_close(f(np.ones(2)), [np.e, np.e])
with checks("at -1", needs="at 1"):
    expect_close(f(-np.ones(2)), [1 / np.e, 1 / np.e])
with checks("no writing"):
    from course.checks.elementwise import Observed
    watched = Observed(f)
    watched(np.ones(2))
    watched.expect_arguments_unchanged()
### END HIDDEN TESTS
checks.score()"""
OWN = "def f(x): return np.exp(x)"


@pytest.fixture
def verdict(grade):
    """Return a function that grades one answer and gives its verdict."""
    return lambda answer, **given: grade(TEST, answer, given=GIVEN)[1].cells[0]


def messages(cell):
    return {check.name: check.message for check in cell.checks}


def test_a_function_of_ones_own_earns_everything(verdict):
    cell = verdict(
        f"import torch, matplotlib.pyplot as plt\nt = torch.exp(torch.ones(2))\n{OWN}\nplt.plot(t, f(t.numpy()))"
    )
    assert (cell.points, cell.reason) == (4, "")
    assert all(check.passed for check in cell.checks)


@pytest.mark.parametrize(
    "answer",
    [
        "import torch\ndef f(x): return torch.exp(torch.as_tensor(x)).numpy()",
        "def f(x):\n    import torch\n    return torch.exp(torch.as_tensor(x)).numpy()",
        "import torch\nf = lambda x: torch.as_tensor(x).exp().numpy()",
        f"{OWN}\nimport torch\nf = torch.compiler.disable(lambda x: torch.as_tensor(x).exp().numpy())",
    ],
    ids=["name", "import inside", "lambda", "an older function of one's own"],
)
def test_a_librarys_function_earns_nothing_and_is_told_why(verdict, answer):
    cell = verdict(answer)
    assert cell.points == 0
    assert messages(cell) == dict.fromkeys(
        ["at 0", "at 1", "at -1", "no writing"], "torch is not there in this exercise: write f with NumPy."
    )


def test_a_visible_check_that_fails_says_what_jupyterlab_says(verdict):
    cell = verdict("import torch\ndef f(x): return torch.ones(2).numpy() * 2")
    assert messages(cell)["at 0"] == "Got 2, expected 1." or "got 2, expected 1" in messages(cell)["at 0"]
    assert messages(cell)["at 1"] == "torch is not there in this exercise: write f with NumPy."


def test_a_function_that_is_right_only_where_torch_is_there_earns_nothing_for_what_is_seen(verdict):
    cell = verdict(
        "try:\n    import torch\nexcept ImportError:\n    torch = None\n"
        "def f(x): return np.exp(x) if torch else np.zeros(2)"
    )
    assert cell.points == pytest.approx(1)  # it leaves its argument alone
    assert "expected 1" in messages(cell)["at 0"]


def test_a_function_that_is_right_only_where_torch_is_not_there_fails_what_is_seen(verdict):
    cell = verdict(
        "try:\n    import torch\nexcept ImportError:\n    torch = None\n"
        "def f(x): return np.zeros(2) if torch else np.exp(x)"
    )
    assert cell.points == pytest.approx(3)
    assert [check.name for check in cell.checks if not check.passed] == ["at 0"]


def test_a_function_that_is_not_defined_is_named(verdict):
    cell = verdict("def g(x): return x")
    assert cell.points == 0
    assert set(messages(cell).values()) == {"NameError: name 'f' is not defined in the notebook"}


@pytest.mark.parametrize(
    "code",
    ["np.seterr(all='raise')", "import warnings\nwarnings.simplefilter('error')", "np.exp = None if False else np.exp"],
)
def test_global_switches_cost_nothing(verdict, code):
    assert verdict(f"{code}\ndef f(x):\n    np.exp(np.array(-1000.0))\n    return np.exp(x)").points == 4


def test_what_another_cell_did_to_a_library_is_not_there(grade):
    test = TEST.replace("f(", "g(").replace("(f)", "(g)").replace('"f"', '"g"')
    _, verdict = grade(
        {"one": TEST, "two": test},
        {"one": OWN, "two": "import torch\nnp.exp2 = torch.exp\ndef g(x): return np.exp2(torch.as_tensor(x)).numpy()"},
        given=GIVEN,
    )
    assert verdict.cells[0].points == 4
    assert verdict.cells[1].points == 0


def test_a_function_that_ends_its_kernel_costs_its_own_exercise_only(grade):
    test = TEST.replace("f(", "g(").replace("(f)", "(g)").replace('"f"', '"g"')
    _, verdict = grade(
        {"one": TEST, "two": test},
        {"one": "import os\ndef f(x): os._exit(0)", "two": "def g(x): return np.exp(x)"},
        given=GIVEN,
    )
    assert [cell.points for cell in verdict.cells] == [0, 4]


def test_a_function_that_ends_its_kernel_in_the_bare_room_alone_costs_its_own_exercise_only(grade):
    test = TEST.replace("f(", "g(").replace("(f)", "(g)").replace('"f"', '"g"')
    guard = "try:\n    import torch\nexcept ImportError:\n    import os\n    os._exit(0)\n"
    _, verdict = grade(
        {"one": TEST, "two": test, "three": TEST},
        {"one": f"{guard}{OWN}", "two": "def g(x): return np.exp(x)", "three": OWN},
        given=GIVEN,
    )
    assert [cell.points for cell in verdict.cells] == [0, 4, 4]


def test_cells_that_were_stopped_or_died_are_left_out(grade):
    test = TEST.replace("f(", "g(").replace("(f)", "(g)").replace('"f"', '"g"')
    _, verdict = grade(
        {"one": TEST, "two": test, "three": TEST},
        {"one": f"{OWN}\nimport os\nos._exit(0)", "two": "def g(x): return np.exp(x)\nwhile True: pass", "three": OWN},
        given=GIVEN,
    )
    assert [cell.points for cell in verdict.cells] == [0, 0, 4]


def test_magics_and_files_work(verdict):
    assert verdict(f"%%time\nimport torch\n{OWN}").points == 4
    assert verdict(f"%%writefile kit.py\nimport torch\nimport numpy as np\n{OWN}").points == 0  # nothing runs it
    shell = "get_ipython().run_cell_magic('writefile', 'kit.py', 'import torch, numpy as np\\n" + OWN + "')\n"
    assert verdict(f"{shell}from kit import f").points == 4
    assert verdict(f"{shell}%run kit.py").points == 4


def test_the_two_parts_of_a_test_cell():
    assert is_from_scratch(TEST)
    assert not is_from_scratch(TEST.replace(", from_scratch=True", ""))
    assert not is_from_scratch(TEST.replace("from_scratch=True", "from_scratch=False"))
    assert "HIDDEN" not in visible_part(TEST)
    assert visible_part(TEST).endswith("checks.score()")
    assert "at 0" in visible_part(TEST)
    assert "at 1" not in visible_part(TEST)
    assert np.exp(0) == 1


HANDED_ON = """checks = Checks("f", points=4, from_scratch=True)
from course.checks.student_side import run
with checks("in a list"):
    run(lambda functions: functions[0](1.0), [f])
with checks("by name"):
    run(lambda function: function(1.0), function=f)
with checks("in a dict"):
    run(lambda functions: functions["f"](1.0), {"f": f})
checks.score()"""


def test_a_function_that_lacks_something_says_so_wherever_it_is_handed(grade):
    answer = f"{OWN}\nimport torch\nf = lambda x: torch.as_tensor(x).exp().item()"
    cell = grade(HANDED_ON, answer, given=GIVEN)[1].cells[0]
    told = dict.fromkeys(messages(cell), "torch is not there in this exercise: write f with NumPy.")
    assert len(told) == 3
    assert messages(cell) == told
