"""The rules of the two rooms, each shown with a real kernel."""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import replace

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbgrader.utils import determine_grade

from autograder.examiner.examine import examine
from autograder.examiner.student import MAX_DEATHS_IN_CELL
from autograder.examiner.verdict import Look, Verdict
from course.handing_in.restore import restore
from course.handing_in.sourcecells import ReleasedCell, SourceCell, SourceNotebook
from tests.autograder.examiner.conftest import KERNEL, LIMITS, Paper
from tests.autograder.examiner.drawn import drawn, jpeg, png

SELU_LIKE = "assert answer(2) == 4"


def points(verdict):
    return [cell.points for cell in verdict.cells]


def reason(verdict):
    return verdict.cells[0].reason


def test_a_right_answer_and_a_wrong_one(grade):
    assert points(grade(SELU_LIKE, "def answer(x): return 2 * x")[1]) == [4.0]
    assert points(grade(SELU_LIKE, "def answer(x): return x")[1]) == [0.0]


def test_a_missing_answer_is_named(grade):
    _, verdict = grade(SELU_LIKE, "")
    assert points(verdict) == [0.0]
    assert reason(verdict) == "NameError: name 'answer' is not defined in the notebook"


def test_nbgrader_reads_the_same_score_from_the_notebook(grade):
    for answer in ["def answer(x): return 2 * x", "def answer(x): return x", "", "answer ="]:
        notebook, verdict = grade(SELU_LIKE, answer)
        tests = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
        assert [determine_grade(cell)[0] for cell in tests] == points(verdict)
        assert all(len(cell.outputs) == 1 for cell in tests)
        nbformat.validate(notebook)


def test_partial_credit_with_names_and_messages(grade):
    test = (
        "from course.checks import Checks\n"
        "checks = Checks('double', points=4)\n"
        "with checks('two'): assert answer(2) == 4\n"
        "with checks('three', weight=3): assert answer(3) == 6, 'three is six'\n"
        "checks.score()"
    )
    notebook, verdict = grade(test, "def answer(x): return 4")
    assert points(verdict) == [1.0]
    assert [(check.name, check.points, check.message) for check in verdict.cells[0].checks] == [
        ("two", 1.0, ""),
        ("three", 0.0, "three is six"),
    ]
    assert "three is six" in notebook.cells[2].outputs[0].data["text/html"]
    assert notebook.cells[2].metadata["autograder"]["checks"][1]["name"] == "three"


FIGURE = """
from course.checks import Checks, figures
checks = Checks("plot", points=4)
with checks("drawn"):
    picture = checks.drawn_again(figures.picture_of(answer, [1.0, 2.0]))
    figures.expect_joined(picture, ["a"])
with checks("never", weight=3): assert False, "no"
checks.score()
"""

DRAWS = """
import matplotlib.pyplot as plt
def answer(values):
    ax = plt.figure().add_subplot()
    ax.plot(values, label="a")
    ax.set_ylabel("<b>")
    return ax
"""


def test_a_figure_is_drawn_again_below_the_checks_and_changes_no_score(grade):
    notebook, verdict = grade(FIGURE, DRAWS)
    assert points(verdict) == [1.0]
    cell = notebook.cells[2]
    assert determine_grade(cell)[0] == 1.0
    table, caption, figure = cell.outputs
    assert [output.output_type for output in cell.outputs] == ["execute_result", "display_data", "display_data"]
    assert "never" in table.data["text/html"]
    assert caption.data["text/html"] == "<p>Drawn again from what your figure reported:</p>"
    assert base64.b64decode(figure.data["image/png"]).startswith(b"\x89PNG")
    assert "'a' at 1, 2" in figure.metadata["image/png"]["alt"]
    assert "figures" not in cell.metadata["autograder"]
    assert Verdict.from_dict(json.loads(json.dumps(verdict.to_dict()))) == verdict
    nbformat.validate(notebook)


FORGES = """
import sys
def answer(values):
    look = {"colour": "#ff0000", "dashes": "-", "marker": "o", "width": "2"}
    line = {"name": "a", "x": [1.0, 2.0], "shown": [1.0, 2.0], "y": [5.0, 6.0], "look": look}
    report = {"returned": "Axes", "scales": ("linear", "log"), "labels": ("", ""), "limits": ((0, 3), (1, 9)),
              "legend": [], "lines": [line]}
    sys._getframe(1).f_globals["_facts"] = lambda *args: report
"""


def test_whoever_forges_a_report_has_drawn_its_picture_and_is_listed(grade):
    notebook, verdict = grade(FIGURE, FORGES)
    assert points(verdict) == [1.0]
    assert "'a' at 5, 6" in notebook.cells[2].outputs[2].metadata["image/png"]["alt"]
    assert [(look.cell, look.line) for look in verdict.looks] == [("answer", 8)]
    assert notebook.metadata["autograder"]["looks"][0]["code"].startswith("sys._getframe(1).f_globals")


def test_a_report_that_is_no_picture_costs_nothing_and_says_so(grade):
    notebook, verdict = grade(FIGURE.replace("checks.score()", "checks.drawn_again(7)\nchecks.score()"), DRAWS)
    assert points(verdict) == [1.0]
    assert "is no picture" in notebook.cells[2].outputs[3].data["text/html"]
    assert len(notebook.cells[2].outputs) == 4


def test_lines_that_need_a_look_cost_no_points_and_given_cells_have_none(grade):
    answer = "def answer(x):\n    import sys\n    sys._getframe()\n    return 2 * x"
    _, verdict = grade(SELU_LIKE, answer, given="import ctypes")
    assert points(verdict) == [4.0]
    assert verdict.looks == [Look("answer", 3, "reaches for frames of running code", "sys._getframe()")]
    assert Verdict.from_dict({"cells": [], "incidents": [], "notes": []}).looks == []


@pytest.mark.parametrize(
    "value",
    ["None", "True", "3", "2.5", "1j", "'a'", "b'a'", "[1, (2, {3})]", "{'a': 1.5}", "10**40", "float('inf')"],
)
def test_plain_values_come_over_as_they_are(grade, value):
    test = f"assert answer == {value} and type(answer) is type({value})"
    assert points(grade(test, f"answer = {value}")[1]) == [4.0]


def test_arrays_and_tensors_come_over_with_dtype_and_shape(grade):
    test = (
        "import numpy as np, torch\n"
        "a, t = answer(np.ones((2, 3), dtype=np.float32))\n"
        "assert a.dtype == np.float32 and a.shape == (2, 3) and (a == 2).all()\n"
        "assert t.dtype == torch.float64 and t.tolist() == [1.0, 2.0]"
    )
    answer = "import torch\ndef answer(x): return x * 2, torch.tensor([1.0, 2.0], dtype=torch.float64)"
    assert points(grade(test, answer)[1]) == [4.0]


FLATTERER = """
class Flatterer:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __bool__(self): return True
    def __len__(self): return 3
    def __iter__(self): return iter([1, 2, 3])
    def __contains__(self, item): return True
    def __getattr__(self, name): return self
    def __add__(self, other): return self
    __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __abs__ = __add__
    def __getitem__(self, index): return self
    def __hash__(self): return 0
    def __call__(self, *args, **kwargs): return self
    def __array__(self, *args, **kwargs):
        import numpy
        return numpy.array([1.0, 2.0, 3.0])
    __array_priority__ = 1e9
answer = Flatterer()
"""


@pytest.mark.parametrize(
    "test",
    [
        "assert answer == 1",
        "assert answer",
        "assert not answer != 1",
        "assert answer < 2",
        "assert abs(answer - 1) < 0.1",
        "assert len(answer) == 3",
        "assert 2 in answer",
        "assert list(answer) == [1, 2, 3]",
        "assert answer[0] == 1",
        "assert answer(3) == 6",
        "assert answer.value == 6",
        "import numpy as np\nassert np.allclose(answer, [1, 2, 3])",
        "import numpy as np\nassert (np.asarray(answer) == [1, 2, 3]).all()",
        "import numpy as np\nnp.testing.assert_array_equal(answer, [1, 2, 3])",
        "import torch\nassert torch.allclose(torch.as_tensor(answer), torch.ones(3))",
        "import math\nassert math.isclose(answer, 1)",
        "assert float(answer) == 1.0",
        "assert isinstance(answer, float)",
        "assert f'{answer}' == '1.0'",
        "from course.checks import expect_close\nexpect_close(answer, [1, 2, 3])",
        "{1: 'a'}[answer]",
        "assert sum([answer, 1]) == 2",
    ],
)
def test_an_object_that_equals_everything_proves_nothing(grade, test):
    assert points(grade(test, FLATTERER)[1]) == [0.0]


def test_a_students_exception_is_an_instance_of_the_same_builtin(grade):
    test = (
        "import pytest\n"
        "with pytest.raises(ValueError, match='negative'):\n"
        "    answer(-1)\n"
        "with pytest.raises(KeyError):\n"
        "    answer('a')"
    )
    answer = (
        "class Negative(ValueError): pass\n"
        "def answer(x):\n"
        "    if x == 'a': raise KeyError(x)\n"
        "    raise Negative('negative number')"
    )
    assert points(grade(test, answer)[1]) == [4.0]


def test_a_students_own_assert_is_told_as_theirs(grade):
    test = (
        "from course.checks import Checks\nchecks = Checks('answer', points=4)\n"
        "with checks('positive'):\n    assert answer(-1) == 1\nchecks.score()"
    )
    _, verdict = grade(test, "def answer(x):\n    assert x > 0\n    return x")
    assert verdict.cells[0].checks[0].message == "AssertionError: an assert in your code does not hold."


@pytest.mark.parametrize("ending", ["SystemExit(0)", "KeyboardInterrupt()", "GeneratorExit()", "BaseException()"])
def test_no_exception_of_the_student_ends_the_examiner(grade, ending):
    _, verdict = grade(SELU_LIKE, f"def answer(x): raise {ending}")
    assert points(verdict) == [0.0]
    assert ending.split("(")[0] in reason(verdict)


def test_stderr_and_warnings_cost_nothing(grade):
    answer = "import sys, warnings\ndef answer(x):\n    print('!', file=sys.stderr); warnings.warn('!'); return 2 * x"
    assert points(grade(SELU_LIKE, answer)[1]) == [4.0]


def test_a_function_that_always_ends_the_kernel_costs_its_own_cell_only(grade):
    many = (
        "from course.checks import Checks\nchecks = Checks('many', points=4)\n"
        "for number in range(40):\n    with checks(f'check {number}'):\n        assert {name}(number) == number\n"
        "checks.score()"
    )
    names = ["first", "second", "third"]
    deadly = "import os\ndef {name}(x): os._exit(1)"
    answers = {name: deadly.format(name=name) for name in names[:2]} | {"third": "def third(x): return x"}
    _, verdict = grade({name: many.replace("{name}", name) for name in names}, answers)
    assert points(verdict) == [0.0, 0.0, 4.0]
    messages = [check.message for check in verdict.cells[0].checks]
    assert sum("exit status 1" in message for message in messages) == MAX_DEATHS_IN_CELL
    assert sum("no more were tried" in message for message in messages) == 40 - MAX_DEATHS_IN_CELL


def test_a_helper_of_the_course_runs_as_it_was_sent(grade):
    test = "from course.checks.elementwise import Observed\nimport numpy as np\nwatched = Observed(answer)\n"
    test += "watched(np.ones(3))\nwatched.expect_arguments_unchanged()"
    answer = (
        "import course.checks.beside.calls\n"
        "course.checks.beside.calls.observed = lambda function, arguments, options, layout='': (None, [], arguments)\n"
    )
    answer += "def answer(x): x[:] = 0"
    _, verdict = grade(test, answer)
    assert points(verdict) == [0.0]
    assert "work on a copy" in reason(verdict)


def test_test_code_and_reference_never_enter_the_room(grade):
    test = "secret_of_the_test = 77\nfrom autograder.reference import numpy_reference\nassert answer() == []"
    answer = """
import gc, sys
def answer():
    names = [name for name in sys.modules if name.startswith("autograder")]
    texts = [o for o in gc.get_objects() if isinstance(o, dict) and "secret_of_the_test" in o]
    try:
        import autograder
        names.append("importable")
    except ImportError:
        pass
    return names + ["found" for _ in texts]
"""
    assert points(grade(test, answer)[1]) == [4.0]


def test_a_helper_runs_in_the_room_and_may_not_bring_the_reference(grade):
    test = "from course.checks import student_side\nassert student_side.run(lambda f, x: f(x) + 1, answer, 2) == 5"
    assert points(grade(test, "def answer(x): return 2 * x")[1]) == [4.0]
    smuggler = (
        "from course.checks import student_side\nfrom autograder.reference import numpy_reference\n"
        "student_side.run(lambda f, g: True, answer, numpy_reference.selu)"
    )
    _, verdict = grade(smuggler, "def answer(x): return 2 * x")
    assert points(verdict) == [0.0]
    assert "must not enter the student room" in reason(verdict)


def test_given_cells_run_on_both_sides(grade):
    assert points(grade("assert answer(1) == K", "def answer(x): return K * x", given="K = 7")[1]) == [4.0]


def test_a_student_cannot_change_what_the_examiner_was_given(grade):
    assert points(grade("assert answer() == K", "K = 0\ndef answer(): return 0", given="K = 7")[1]) == [0.0]


def test_line_magics_of_given_cells_do_not_stop_the_examiner(grade):
    given = "%matplotlib inline\nK = 7"
    assert points(grade("assert answer == K", "answer = 7", given=given)[1]) == [4.0]


@pytest.mark.parametrize("last", ["float('nan')", "-1", "5", "True", "float('inf')"])
def test_a_test_cell_that_gives_an_impossible_number_gives_nothing(grade, last):
    assert points(grade(f"assert answer\n{last}", "answer = 1")[1]) == [0.0]


def test_a_test_deletes_a_function_to_see_whether_another_needs_it(grade):
    test = """
kept = helper
del helper
try:
    answer(2)
except NameError:
    pass
else:
    raise AssertionError("answer does not use helper")
finally:
    helper = kept
assert answer(2) == 4 and helper(1) == 2
"""
    needs = "def helper(x): return 2 * x\ndef answer(x): return helper(x)"
    assert points(grade(test, needs)[1]) == [4.0]
    _, verdict = grade(test, "def helper(x): return 2 * x\ndef answer(x): return 2 * x")
    assert reason(verdict) == "answer does not use helper"


def test_a_test_that_replaces_a_function_is_named_where_points_are_missing(grade):
    test = "assert helper(1) == 2\ncalled = []\ndef helper(x): called.append(x)\nanswer(2)\nassert called, 'not used'"
    _, verdict = grade(test, "def helper(x): return 2 * x\ndef answer(x): return helper(x)")
    assert "not used" in reason(verdict)
    assert "replaces helper" in reason(verdict)
    assert "in-kernel mode" in reason(verdict)


REPLACING = {
    "an answer by name, unread": ("def helper(x): raise KeyError\nassert not answer(2)", "helper"),
    "with nothing": ("kept = helper\nhelper = None\nassert not answer(2)", "helper"),
    "what asks": ("def input(prompt=''): return '7'\nassert answer(2) == 7", "input"),
    "what prints": ("said = []\nprint = said.append\nanswer(2)\nassert said", "print"),
}


@pytest.mark.parametrize("what", REPLACING)
def test_whatever_a_test_replaces_is_named(warm, what):
    test, name = REPLACING[what]
    paper = Paper("print = print", {"helper": "assert helper(1) == 3", "answer": test})
    released = dict.fromkeys(["helper", "answer"], "def {}(x):\n    raise NotImplementedError\n")
    cells = [
        replace(cell, source=released[cell.name].format(cell.name)) if cell.name in released else cell
        for cell in paper.source.cells
    ]
    source = replace(paper.source, cells=tuple(cells))
    answers = {"helper": "def helper(x): return 2 * x", "answer": "def answer(x): return helper(x)"}
    notebook, _ = restore(paper.handed_in(answers), source)
    failed, replaced = examine(notebook, source, warm, {}, LIMITS).cells
    assert "replaces" not in failed.reason  # what a given cell defines, both sides have
    assert f"The test replaces {name}, which the notebook's code sees in in-kernel mode only." in replaced.reason


def test_checks_compute_in_float64_where_the_student_left_it_on(grade):
    test = "import torch\nassert answer(torch.tensor([1.0, 2.0])).tolist() == [3.0, 6.0]"
    answer = (
        "import torch\ntorch.set_default_dtype(torch.float64)\nlayer = torch.nn.Linear(2, 2, bias=False)\n"
        "def answer(x):\n    layer(x)\n    return 3 * x"
    )
    again = "import torch\nassert torch.get_default_dtype() is torch.float32"
    _, verdict = grade(
        {"answer": test, "again": again},
        {"answer": answer, "again": "torch.set_default_dtype(torch.float32)"},
    )
    assert points(verdict) == [4.0, 4.0]


MODULES = {
    "helpers": "from tools import half\ndef helpers(): return half(4)",
    "written": "%%writefile mine.py\nVALUE = 2",
    "read": "import mine\ndef written(): return mine.VALUE\nread = written",
}


def test_a_module_beside_the_notebook_can_be_imported(warm):
    paper = Paper("from tools import half", {name: f"assert {name}() == 2" for name in MODULES})
    answers = {**MODULES, "written": MODULES["written"]}
    notebook, _ = restore(paper.handed_in(answers), paper.source)
    files = {"tools.py": b"def half(x): return x / 2"}
    verdict = examine(notebook, paper.source, warm, files, LIMITS)
    assert points(verdict) == [4.0, 0.0, 4.0]  # the second has written no function yet when it is asked


ABOVE = {
    "a package that is not there": ("import no_such_package as pd", "No module named 'no_such_package'"),
    "what a package was to give": ("from no_such.colab import drive\ndrive.mount('/x')", "No module named 'no_such'"),
    "others in the same import": ("import no_such_package, sys, os\nassert os and sys", "no_such_package"),
    "annotations": (
        "import no_such_package as pd\ndef g(x: pd.Series) -> pd.Series: return x\nassert g(1) == 1",
        "No module named 'no_such_package'",
    ),
    "a package in a cell that is timed": ("%%time\nimport no_such_package", "No module named 'no_such_package'"),
    "a question": ("name = input('Name: ')\nprint(name)", "input() asks a question"),
    "a password": ("import getpass\nkey = getpass.getpass()", "input() asks a question"),
    "a magic": ("%no_such 2.x", "Line magic function `%no_such` not found"),
    "an installer": ("%conda install -y no_such", ""),
    "a magic for the cell": ("%%no_such", None),
    "a style": ("import matplotlib.pyplot as plt\nplt.style.use('no style')", None),
    "a slip": ("1 / 0", None),
    "threads": ("import torch\ntorch.set_num_threads(64)\ntorch.ones(999, 999) @ torch.ones(999, 999)", ""),
    "a loop": ("while True: pass", None),
}
SAYS = {
    "a magic for the cell": "UsageError: Cell magic `%%no_such` not found",
    "a style": "'no style' is not",
    "a slip": "ZeroDivisionError: division by zero",
    "a loop": "stopped after 10 s",
}


def test_what_fails_above_an_answer_is_named_or_costs_nothing(grade):
    answers = {f"f{number}": f"{top}\ndef f{number}(x): return 2 * x" for number, (top, _) in enumerate(ABOVE.values())}
    notebook, verdict = grade({name: f"assert {name}(2) == 4" for name in answers}, answers)
    for name, what, cell in zip(answers, ABOVE, verdict.cells, strict=True):
        note = ABOVE[what][1]
        if note is None:
            assert cell.points == 0.0
            assert cell.reason.startswith(f"{name} is not defined: its cell ended with ")
            assert SAYS[what] in cell.reason
            continue
        assert (what, cell.points) == (what, 4.0)
        noted = [text for text in verdict.notes if f"cell '{name}'" in text]
        assert note in noted[0] if note else noted == []
    frames = [line for cell in notebook.cells for o in cell.get("outputs", []) for line in o.get("traceback", [])]
    assert not [line for line in frames if "student_room" in line or sys.prefix in line]


def test_a_cell_of_the_students_own_is_called_by_its_number(warm):
    paper = Paper("", {"answer": "assert answer == 1"})
    submitted = paper.handed_in({"answer": "answer = 1"})
    submitted.cells.insert(0, nbformat.v4.new_code_cell("from google.colab import drive"))
    notebook, _ = restore(submitted, paper.source)
    note = examine(notebook, paper.source, warm, {}, LIMITS).notes[0]
    assert note.startswith("cell 1: what stands below the line that failed ran all the same (ModuleNotFoundError: ")


def test_a_cell_that_is_not_to_be_run_is_not(warm):
    paper = Paper("", {"answer": "assert answer == 1"})
    submitted = paper.handed_in({"answer": "answer = 1"})
    submitted.cells.insert(2, nbformat.v4.new_code_cell("answer = 2", metadata={"tags": ["skip-execution"]}))
    submitted.cells[3].metadata["tags"] = ["skip-execution"]
    notebook, _ = restore(submitted, paper.source)
    assert points(examine(notebook, paper.source, warm, {}, LIMITS)) == [4.0]


CULPRITS = {
    "a loop": ("while True: pass", "10 s"),
    "a loop that is timed": ("%%time\nwhile True: pass", "10 s"),
    "a loop that swallows interrupts": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "10 s",
    ),
    "os._exit": ("import os; os._exit(0)", ""),
    "a segmentation fault": ("import ctypes; ctypes.string_at(0)", ""),
    "the kernel shut down": ("get_ipython().kernel.do_shutdown(False); import time; time.sleep(60)", ""),
    "deep recursion in C": ("import sys; sys.setrecursionlimit(10**9)\ndef f(): f()\nf()", ""),
}


@pytest.mark.parametrize("culprit", CULPRITS)
def test_one_bad_cell_costs_itself(grade, culprit):
    source, says = CULPRITS[culprit]
    notebook, verdict = grade(
        {"first": "assert first(2) == 4", "bad": "assert bad(2) == 4", "last": "assert last(2) == 4"},
        {
            "first": "def first(x): return 2 * x",
            "bad": f"{source}\ndef bad(x): return 2 * x",
            "last": "def last(x): return first(x)",
        },
    )
    assert points(verdict) == [4.0, 0.0, 4.0]
    assert [incident.cell for incident in verdict.incidents] == ["bad"]
    assert says in verdict.incidents[0].what
    assert notebook.metadata["autograder"]["incidents"][0]["cell"] == "bad"
    assert notebook.cells[3].outputs[-1].ename == "Stopped"


@pytest.mark.parametrize(
    "culprit", ["while True: pass", "import os; os._exit(0)", "import ctypes; ctypes.string_at(0)"]
)
def test_a_function_that_ends_the_kernel_costs_its_own_check(grade, culprit):
    test = (
        "from course.checks import Checks\n"
        "checks = Checks('double', points=4)\n"
        "with checks('two'): assert answer(2) == 4\n"
        "with checks('three'): assert answer(3) == 6\n"
        "with checks('four'): assert answer(4) == 8\n"
        "checks.score()"
    )
    answer = f"def answer(x):\n    if x == 3:\n        {culprit}\n    return 2 * x"
    _, verdict = grade({"answer": test, "other": "assert other == 1"}, {"answer": answer, "other": "other = 1"})
    passed = [check.passed for check in verdict.cells[0].checks]
    assert passed[:2] == [True, False]
    assert verdict.cells[1].points == 4.0
    # A loop uses up the time of its test cell; a death leaves time for the next check in a fresh room.
    assert passed[2] is not culprit.startswith("while")


def test_randomness_without_a_seed_is_the_same_each_time(grade):
    answer = (
        "import random, numpy as np, torch\nanswer = [random.random(), float(np.random.rand()), torch.rand(1).item()]"
    )
    test = "assert answer == []"
    seen = set()
    for _ in range(2):
        _, verdict = grade(test + ", str(answer)", answer)
        seen.add(reason(verdict))
    assert len(seen) == 1
    assert "0." in seen.pop()


def test_pictures_of_student_and_assignment_are_in_the_graded_notebook(warm):
    shot = png(3, 2)
    data = {"image/png": base64.b64encode(shot).decode()}
    cells = (
        SourceCell("given", "markdown", "![a](attachment:a.png) ![b](data/b.png)", "", True, False, False, False, 0.0),
        SourceCell("answer", "markdown", "Write here.", "", False, True, True, False, 3.0),
        SourceCell("code", "code", "", "", False, False, True, False, 0.0),
    )
    released = tuple(
        ReleasedCell(c.name, c.cell_type, c.source, attachments={"a.png": data} if c.name == "given" else {})
        for c in cells
    )
    source = SourceNotebook("ps", "ps", KERNEL, cells, released)
    given, answer, code = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("", metadata={"nbgrader": cells[0].metadata()}),
            nbformat.v4.new_markdown_cell(
                "![mine](attachment:my%20shot.png) ![made](made.png) <script>alert(1)</script>",
                metadata={"nbgrader": cells[1].metadata()},
                attachments={"my shot.png": data},
            ),
            nbformat.v4.new_code_cell(
                f"open('made.png', 'wb').write({jpeg(4, 4)!r});\n"
                "from IPython.display import HTML\nHTML('<img src=made.png>')",
                metadata={"nbgrader": cells[2].metadata()},
            ),
        ]
    ).cells
    notebook, _ = restore(nbformat.v4.new_notebook(cells=[given, answer, code]), source)
    examine(notebook, source, warm, {"data/b.png": shot}, LIMITS)
    nbformat.validate(notebook)
    page, _ = HTMLExporter(template_name="classic").from_notebook_node(notebook)
    address = f"data:image/png;base64,{data['image/png']}"
    assert page.count(f'src="{address}"') == 3
    assert page.count(drawn(jpeg(4, 4))) == 2
    assert "<script>alert" not in page
    assert notebook.cells[0].source == "![a](attachment:picture-1.png) ![b](attachment:picture-1.png)"


def test_a_page_does_not_grow_with_what_a_student_wrote(grade):
    notebook, verdict = grade(SELU_LIKE, f"def answer(x): return 2 * x\n{'#' * 2_000_000}")
    assert points(verdict) == [4.0]
    assert len(nbformat.writes(notebook)) < 500_000
