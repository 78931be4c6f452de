"""The line that says, before grading, that a function leads to what will not be there."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from course.checks import Checks, hints
from course.checks.hints import packages_not_there


def defined(source, name="f"):
    namespace = {"__name__": "__main__"}
    exec("import numpy as np\n" + source, namespace)
    return namespace[name]


LEADS = {
    "a module": "import torch\ndef f(x): return torch.selu(x)",
    "a module under another name": "import torch.nn.functional as F\ndef f(x): return F.selu(x)",
    "a function": "from torch.nn.functional import softplus as s\ndef f(x): return s(x)",
    "a built-in function": "from torch import exp\ndef f(x): return exp(x)",
    "the function itself": "import torch\nf = torch.selu",
    "a module's instance": "from torch import nn\nlayer = nn.SELU()\ndef f(x): return layer(x)",
    "an import inside": "def f(x):\n    import torch\n    return torch.selu(x)",
    "an inner function": "import torch\ndef f(x):\n    def g(y): return torch.selu(y)\n    return g(x)",
    "a helper": "import torch\ndef g(x): return torch.selu(x)\ndef f(x): return g(x)",
    "a closure": "import torch\ndef make(m):\n    return lambda x: m.selu(x)\nf = make(torch)",
    "a default": "import torch\ndef f(x, t=torch): return t.selu(x)",
    "a callable object": "import torch\nclass S:\n    def __call__(self, x): return torch.selu(x)\nf = S()",
    "an attribute": "import torch\nclass S:\n    def __init__(self): self.t = torch\n    def go(self): 0\nf = S().go",
    "a table": "import torch\ntools = {'s': [torch.selu]}\ndef f(x): return tools['s'][0](x)",
    "a base class": "from torch import nn\nclass S(nn.Module): pass\nf = S()",
    "a vectorised function": "import torch\nf = np.vectorize(lambda x: torch.selu(x))",
    "partial": "import functools, torch\nf = functools.partial(lambda t, x: x, torch)",
}


@pytest.mark.parametrize("source", LEADS.values(), ids=LEADS)
def test_a_package_that_will_not_be_there_is_found(source):
    assert packages_not_there(defined(source)) == ["torch"]


CLEAN = {
    "NumPy": "def f(x): return np.exp(x)",
    "the standard library": "import math, decimal\nfrom collections import namedtuple\nP = namedtuple('P', 'a')\n"
    "def f(x): return math.exp(decimal.Decimal(P(x).a))",
    "torch beside it": "import torch\nt = torch.ones(1)\ndef g(x): return torch.selu(x)\ndef f(x): return np.exp(x)",
    "an annotation": "import torch\ndef f(x: torch.Tensor) -> torch.Tensor: return np.exp(x)",
    "recursion": "def f(x): return f(x - 1) if x else 0",
    "the checks": "from course.checks import expect_close\ndef f(x): return expect_close(x, x)",
    "nothing": "f = None",
}


@pytest.mark.parametrize("source", CLEAN.values(), ids=CLEAN)
def test_a_function_that_will_work_is_let_alone(source):
    assert packages_not_there(defined(source)) == []


def test_the_demos_of_the_course_will_not_be_there():
    source = "from course.computations import functions\ndef f(x): return functions.selu(x)"
    assert packages_not_there(defined(source)) == ["course.computations"]


@pytest.fixture
def notebook(monkeypatch):
    """Return a function that makes an object the notebook's `f`."""
    return lambda value: monkeypatch.setattr(sys.modules["__main__"], "f", value, raising=False)


def score(**given):
    checks = Checks("f", points=2, **given)
    with checks("any"):
        assert np.exp(0) == 1
    return checks.score()


def test_the_line_stands_below_the_table_and_costs_nothing(notebook):
    notebook(defined("import torch\ndef f(x): return torch.selu(x)"))
    found = score(from_scratch=True)
    assert found == 2
    shown = found._repr_html_()
    assert shown.index("</table>") < shown.index("f uses torch, so write that part with NumPy")
    assert "f uses" not in score()._repr_html_()


def test_no_line_where_there_is_nothing_to_say(notebook):
    notebook(np.exp)
    assert score(from_scratch=True).hint == ""


def test_an_object_that_cannot_be_looked_at_breaks_nothing(notebook):
    class Odd:
        def __getattribute__(self, name):
            raise RuntimeError(name)

    notebook(Odd())
    assert hints.hint_for("f") == ""
    assert hints.hint_for("no_such_name") == ""
