"""Finding library calls: what the source says, and what torch carries out."""

import math

import numpy as np
import pytest
import torch

from course import student_side
from course.from_scratch import expect_from_scratch, library_names, library_operations

OWN = "def selu(x):\n    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))\n"


class Cells(student_side.SameKernel):
    def __init__(self, *sources):
        self._sources = sources

    def sources(self):
        return self._sources


@pytest.fixture
def cells():
    """Return a function that makes sources the cells of the student."""
    before = student_side.use(Cells())
    yield lambda *sources: student_side.use(Cells(*sources))
    student_side.use(before)


FOUND = {
    "the full name": ("import torch\ndef selu(x): return torch.nn.functional.selu(x)", "torch.nn.functional.selu"),
    "a module under another name": ("import torch.nn.functional as F\ndef selu(x): return F.selu(x)",
                                    "torch.nn.functional.selu"),
    "the function itself": ("from torch.nn.functional import selu", "torch.nn.functional.selu"),
    "the function under another name": ("from torch import selu as s\ndef selu(x): return s(x)", "torch.selu"),
    "a package under another name": ("import torch as th\ndef selu(x): return th.selu(x)", "torch.selu"),
    "a star import": ("from scipy.special import *\ndef selu(x): return expit(x)", "scipy.special.expit"),
    "a module class": ("from torch import nn\ndef selu(x): return nn.SELU()(x)", "torch.nn.SELU"),
    "an instance made outside": ("from torch import nn\nlayer = nn.SELU()\ndef selu(x): return layer(x)",
                                 "torch.nn.SELU"),
    "getattr": ("import torch\ndef selu(x): return getattr(torch, 'selu')(x)", "selu"),
    "an import inside": ("def selu(x):\n    from torch import selu as s\n    return s(x)", "torch.selu"),
    "an import of SciPy inside": ("def selu(x):\n    import scipy.special as sc\n    return sc.expit(x)",
                                  "scipy.special.expit"),
    "a lambda": ("import torch\nselu = lambda x: torch.selu(x)", "torch.selu"),
    "a bare assignment": ("import torch\nselu = torch.selu", "torch.selu"),
    "a package assigned to a name": ("import scipy\nsp = scipy.special\ndef selu(x): return sp.expit(x)",
                                     "scipy.special.expit"),
    "a function assigned to a name": ("import scipy.special\nf = scipy.special.expit\ndef selu(x): return f(x)",
                                      "scipy.special.expit"),
    "a package assigned inside": ("import scipy\ndef selu(x):\n    s = scipy.special\n    return s.expit(x)",
                                  "scipy.special.expit"),
    "a callable object": ("import torch\nclass S:\n    def __call__(self, x): return torch.selu(x)\nselu = S()",
                          "torch.selu"),
    "a base class": ("import torch\nclass S(torch.nn.SELU):\n    pass\ndef selu(x): return S()(x)", "torch.nn.SELU"),
    "a decorator": ("import torch\ndef d(f): return torch.selu\n@d\ndef selu(x): return x", "torch.selu"),
    "a default argument": ("import torch\ndef selu(x, f=torch.selu): return f(x)", "torch.selu"),
    "a helper of a helper": ("import torch\ndef a(x): return torch.selu(x)\ndef b(x): return a(x)\n"
                             "def selu(x): return b(x)", "torch.selu"),
    "a container": ("import torch\ntools = {'f': torch.selu}\ndef selu(x): return tools['f'](x)", "torch.selu"),
    "a definition under if": ("import torch\nif True:\n    def selu(x): return torch.selu(x)", "torch.selu"),
    "a definition under try": ("try:\n    from torch import selu as s\nexcept ImportError:\n    s = None\n"
                               "def selu(x): return s(x)", "torch.selu"),
    "a decoy that never runs": ("from scipy.special import expit\nif 0:\n    def expit(x): return x\n"
                                "def selu(x): return expit(x)", "scipy.special.expit"),
    "a definition under with": ("import torch\nwith torch.no_grad():\n    s = torch.selu\ndef selu(x): return s(x)",
                                "torch.selu"),
    "an import that replaces the own function": (OWN + "from torch import selu", "torch.selu"),
    "a cell with a magic": ("%matplotlib inline\nimport torch\ndef selu(x): return torch.selu(x)", "torch.selu"),
    "a cell under a cell magic": ("%%time\nimport torch\ndef selu(x): return torch.selu(x)", "torch.selu"),
    "a cell with a shell command": ("files = !ls\nimport torch\ndef selu(x): return torch.selu(x)", "torch.selu"),
    "a percent sign that starts a line": ("import scipy\nn = (5\n% 3)\ndef selu(x): return scipy.special.expit(x)",
                                          "scipy.special.expit"),
    "the course's own demos": ("from course.demos import functions\ndef selu(x): return functions.selu(x)",
                               "course.demos.functions.selu"),
}  # fmt: skip


@pytest.mark.parametrize("source", FOUND.values(), ids=FOUND)
def test_a_library_call_is_found_in_the_source(source):
    text, name = source
    assert library_names([text], "selu") == [name]


@pytest.mark.parametrize("source", FOUND.values(), ids=FOUND)
def test_a_library_call_is_found_over_several_cells(source):
    text, name = source
    assert name in library_names(["import numpy as np", text, "print('after')"], "selu")


CLEAN = {
    "NumPy alone": OWN,
    "torch's plain mathematics": "import torch\ndef selu(x): return torch.where(x > 0, x, torch.expm1(x)).numpy()",
    "tanh and exp": "import torch\ndef selu(x): return torch.tanh(x) + torch.exp(x)",
    "a comparison in the same cell": OWN + "import torch\nassert torch.selu(torch.ones(1)) is not None",
    "a comparison kept in a variable": OWN + "import torch\nx = torch.selu(torch.ones(1))\ny = selu(x) - x",
    "a comparison in a function of its own": OWN + "import torch\ndef compare(x): return selu(x) - torch.selu(x)",
    "an import that the own function replaces": "from torch.nn.functional import selu\ntheirs = selu\n" + OWN,
    "own helper with a library's name": "def sigmoid(x): return 1 / (1 + np.exp(-x))\ndef selu(x): return sigmoid(x)",
    "own class with a library's name": "class SELU:\n    def __call__(self, x): return x\nselu = SELU()",
    "own local variable with a library's name":
        "from torch.nn.functional import relu\ndef selu(x):\n    relu = np.maximum(x, 0)\n    return relu",
    "own parameter with a library's name": "from torch import relu\ndef selu(x, relu=0):\n    return x + relu",
    "getattr of plain mathematics": "def selu(x): return getattr(np, 'expm1')(x)",
    "a library's name in a comment or text": "def selu(x):\n    'like torch.selu'\n    return x  # torch.selu(x)",
    "a keyword called like an activation": "def selu(x): return np.where(x > 0, x, dict(selu=1)['selu'])",
    "recursion": "def selu(x): return selu(-x) if x < 0 else x",
    "nothing at all": "",
}  # fmt: skip


@pytest.mark.parametrize("source", CLEAN.values(), ids=CLEAN)
def test_a_function_of_ones_own_is_let_through(source):
    assert library_names(["import numpy as np", source], "selu") == []


def test_a_cell_that_does_not_run_hides_nothing_and_stops_nothing():
    assert library_names(["def broken(:", "\x00", OWN], "selu") == []
    assert library_names(["def broken(:", "import torch\nselu = torch.selu"], "selu") == ["torch.selu"]


def test_each_library_call_is_named_once_in_order_of_discovery():
    source = "import torch\ndef selu(x): return torch.selu(x) + torch.celu(x) + torch.selu(-x)"
    assert sorted(library_names([source], "selu")) == ["torch.celu", "torch.selu"]


def test_a_helper_that_another_function_uses_does_not_count():
    source = "import torch\ndef helper(x): return torch.selu(x)\ndef other(x): return helper(x)\n" + OWN
    assert library_names([source], "selu") == []
    assert library_names([source], "other") == ["torch.selu"]


SAVED = {
    "selu": torch.selu, "celu": torch.celu, "relu": torch.relu, "sigmoid": torch.sigmoid,
    "expit": torch.special.expit, "softmax": lambda t: torch.softmax(t, 0),
    "log_softmax": lambda t: torch.log_softmax(t, 0), "softmin": lambda t: torch.nn.functional.softmin(t, 0),
    "relu in place": lambda t: t.clone().relu_(),
} | {
    name: getattr(torch.nn.functional, name)
    for name in ("elu", "gelu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "logsigmoid",
                 "mish", "relu6", "silu", "softplus", "softshrink")
}  # fmt: skip


@pytest.mark.parametrize("function", SAVED.values(), ids=SAVED)
def test_a_saved_reference_is_seen_while_it_runs(function):
    assert library_operations(lambda x: function(torch.from_numpy(x)).numpy(), np.array([-1.5, 0.5]))


def test_autograd_through_a_library_function_is_seen():
    def derivative(x):
        t = torch.tensor(x, requires_grad=True)
        torch.nn.functional.softplus(t).sum().backward()
        return t.grad.numpy()

    assert library_operations(derivative, np.ones(2)) == ["torch's softplus"]


def test_plain_mathematics_of_torch_is_no_library_operation():
    def own(x):
        t = torch.tensor(x, requires_grad=True)
        y = torch.where(t > 0, t, torch.expm1(t.clamp(max=0))) + torch.tanh(t) + torch.logaddexp(t, -t).abs()
        y.sum().backward()
        return t.grad.numpy()

    assert library_operations(own, np.array([-1.5, 0.5])) == []


def test_what_the_notebook_did_with_torch_before_does_not_count():
    torch.selu(torch.ones(1))
    assert library_operations(np.exp, np.ones(2)) == []


def test_a_function_from_scratch_passes(cells):
    cells(OWN)
    expect_from_scratch("selu", np.expm1, np.ones(2))


def test_the_message_names_the_call_that_the_source_shows(cells):
    cells("import torch\ndef selu(x): return torch.selu(x)")
    with pytest.raises(AssertionError, match=r"^Write it yourself: selu uses torch\.selu\.$"):
        expect_from_scratch("selu", np.exp, np.ones(2))


def test_the_message_names_the_call_that_only_running_shows(cells):
    cells("selu = tools['f']")
    with pytest.raises(AssertionError, match=r"^Write it yourself: selu uses torch's sigmoid\.$"):
        expect_from_scratch("selu", lambda x: torch.sigmoid(torch.from_numpy(x)), np.ones(2))


def test_an_error_of_the_student_comes_through(cells):
    cells(OWN)
    with pytest.raises(ValueError, match="math domain error"):
        expect_from_scratch("selu", lambda x: math.log(-1), np.ones(2))
