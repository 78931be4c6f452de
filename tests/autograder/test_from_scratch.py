"""Functions written from scratch: the slice of the notebook, the rules for it, and the function run by itself."""

from __future__ import annotations

import ast

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autograder.from_scratch.check import from_scratch
from autograder.from_scratch.rules import violations
from autograder.from_scratch.slicing import slice_of
from course.checks import student_side
from course.checks.beside.calls import without_library_activations

OWN = "def selu(x):\n    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))\n"


def used(*sources, name="selu"):
    return violations(slice_of(sources, name))


def text_of(*sources, name="f"):
    return ast.unparse(ast.Module(slice_of(sources, name), []))


class Cells(student_side.SameKernel):
    def __init__(self, *sources):
        self._sources = sources

    def sources(self):
        return self._sources


@pytest.fixture
def cells():
    """Return a function that makes sources the cells of the notebook."""
    before = student_side.switch(Cells())
    yield lambda *sources: student_side.switch(Cells(*sources))
    student_side.switch(before)


# The slice

SLICES = {
    "a function and what it calls": (
        ["import numpy as np", "def g(x): return x", "def h(x): return 2", "def f(x): return g(np.exp(x))"],
        ["import numpy as np", "def g(x)", "def f(x)"],
    ),
    "a constant, and the constant it is made of": (
        ["A = 2\nB = A * 3\nC = 1", "def f(x): return x * B"], ["A = 2", "B = A * 3", "def f(x)"],
    ),
    "a table filled in place": (
        ["t = {}\nu = {}", "t['a'] = 1\nt.update(b=2)\nu['a'] = 3", "def f(x): return t[x]"],
        ["t = {}", "t['a'] = 1", "t.update(b=2)", "def f(x)"],
    ),
    "a table filled in a loop": (
        ["t = []\nfor i in range(3):\n    t.append(i)", "def f(x): return t"],
        ["t = []", "for i in range(3)", "def f(x)"],
    ),
    "not what only uses it": (["def f(x): return x", "print(f(1))\ny = f(2)\nassert y"], ["def f(x)"]),
    "not calls on a module": (["import math\nmath.exp(1)\ndef f(x): return math.exp(x)"], ["import math", "def f(x)"]),
    "the last definition": (["def f(x): return 1", "def f(x): return 2"], ["return 2"]),
    "a definition that the next one wraps": (
        ["def f(x): return 1", "g = f\ndef f(x): return g(x)"], ["return 1", "g = f", "return g(x)"],
    ),
    "a decorator and what it reads": (
        ["def twice(g): return lambda x: 2 * g(x)", "@twice\ndef f(x): return x"], ["def twice(g)", "@twice"],
    ),
    "a default": (["A = 1", "def f(x, a=A): return x + a"], ["A = 1", "def f(x, a=A)"]),
    "a definition under if": (["if True:\n    def f(x): return x"], ["if True:"]),
    "unpacking": (["a, b = 1, 2\ndef f(x): return a"], ["a, b = ", "def f(x)"]),
    "a class": (["class F:\n    def __call__(self, x): return x\nf = F()"], ["class F", "f = F()"]),
    "a star import": (["from math import *\ndef f(x): return exp(x)"], ["from math import *", "def f(x)"]),
    "not the function's own variables": (["x = y = 5\ndef f(x):\n    y = x\n    return y"], ["def f(x)"]),
}  # fmt: skip


@pytest.mark.parametrize("case", SLICES.values(), ids=SLICES)
def test_the_slice_has_what_the_function_needs_and_nothing_else(case):
    sources, expected = case
    text = text_of(*sources)
    assert all(part in text for part in expected), text
    assert len(slice_of(sources, "f")) == len(expected)


def test_a_name_that_nothing_defines_has_no_slice():
    assert slice_of(["x = 1", "def broken(:"], "f") == []


@given(st.lists(st.sampled_from(["a = 1", "b = a", "def f(x): return a", "def f(x): return b", "a = b", "f(1)"])))
def test_the_slice_defines_the_function_as_the_notebook_does(cells):
    whole = {}
    for cell in cells:
        try:
            exec(cell, whole)
        except NameError:
            return  # a cell that fails in the notebook is the notebook's own affair
    alone = {}
    exec(text_of(*cells), alone)
    assert ("f" in alone) == ("f" in whole)
    if "f" in whole and {"a", "b"} <= set(whole):
        assert alone["f"](0) == whole["f"](0)


# The rules

FOUND = {
    "the full name": ("import torch\ndef selu(x): return torch.nn.functional.selu(x)", "torch.nn.functional.selu"),
    "a module under another name": ("import torch.nn.functional as F\ndef selu(x): return F.selu(x)",
                                    "torch.nn.functional.selu"),
    "the function itself": ("from torch.nn.functional import selu", "torch.nn.functional.selu"),
    "the function under another name": ("from torch import selu as s\ndef selu(x): return s(x)", "torch.selu"),
    "a package under another name": ("import torch as th\ndef selu(x): return th.selu(x)", "torch.selu"),
    "a star import": ("from scipy.special import *\ndef selu(x): return expit(x)", "scipy.special.expit"),
    "a module class": ("from torch import nn\ndef selu(x): return nn.SELU()(x)", "torch.nn.SELU"),
    "a method of a tensor": ("def selu(x): return x.sigmoid_()", "sigmoid_"),
    "a method of a class": ("import torch\ndef selu(x): return torch.Tensor.sigmoid(x)", "torch.Tensor.sigmoid"),
    "a loss": ("import torch\ndef selu(x): return torch.nn.functional.cross_entropy(x, x)",
               "torch.nn.functional.cross_entropy"),
    "a distribution": ("from scipy import stats\ndef selu(x): return stats.logistic.cdf(x)",
                       "scipy.stats.logistic.cdf"),
    "an instance made outside": ("from torch import nn\nlayer = nn.SELU()\ndef selu(x): return layer(x)",
                                 "torch.nn.SELU"),
    "getattr": ("import torch\ndef selu(x): return getattr(torch, 'selu')(x)", "torch.selu"),
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
    "the course's own demos": ("from course.computations import functions\ndef selu(x): return 1 * functions.selu(x)",
                               "course.computations"),
}  # fmt: skip


EVASIONS = {
    "eval": ("def selu(x): return eval('x')", "eval"),
    "exec through an alias": ("run = exec\nrun('selu = 1')\ndef selu(x): return run", "exec"),
    "eval as a default": ("def selu(x, eval=eval): return eval('x')", "eval"),
    "a built-in as a closure": ("def outer():\n    e = eval\n    return lambda x: e('x')\nselu = outer()", "eval"),
    "getattr with a spelled name": ("import torch\ndef selu(x): return getattr(torch, 'se' + 'lu')(x)", "getattr"),
    "getattr handed around": ("import functools\ng = functools.partial(getattr)\ndef selu(x): return g(x, 'a')",
                              "getattr"),
    "getattr of a private name": ("def selu(x): return getattr(x, '__class__.__mro__')", "__class__.__mro__"),
    "globals": ("def selu(x): return globals()['f'](x)", "globals"),
    "vars of a module": ("import torch\ndef selu(x): return vars(torch)['selu'](x)", "vars"),
    "the built-ins by name": ("def selu(x): return __builtins__", "__builtins__"),
    "a module as a value": ("import torch\ndef g(m): return m.inspect\ndef selu(x): return g(torch)", "torch"),
    "a module in a list": ("import torch\nm = [torch]\ndef selu(x): return m[0]", "torch"),
    "a module as a default": ("import torch\ndef selu(x, m=torch): return m", "torch"),
    "a module by a walrus": ("import torch\ndef selu(x): return (m := torch) and m", "torch"),
    "one name for two modules": ("def g():\n    import torch as F\n    return F.inspect\n"
                                 "def h():\n    import math as F\ndef selu(x): return g(), h()", "torch.inspect"),
    "an alias of an alias, the wrong way round": ("def selu(x):\n    a = b\n    return a.inspect\n"
                                                  "import torch\nb = torch", "torch.inspect"),
    "a module in another one": ("import torch\ndef selu(x): return torch.importlib.import_module('a')",
                                "torch.importlib.import_module"),
    "a module of the standard library": ("import subprocess\ndef selu(x): return subprocess.run(x)", "subprocess"),
    "importlib": ("import importlib\ns = importlib.import_module('a')\ndef selu(x): return s", "importlib"),
    "a file beside the notebook": ("import helper\ndef selu(x): return helper.f(x)", "helper"),
    "a relative import": ("from . import helper\ndef selu(x): return helper.f(x)", "."),
    "torch's compiler": ("import torch\ndef selu(x): return torch.jit.script(x)", "torch.jit.script"),
    "torch's loader": ("import torch\ndef selu(x): return torch.load(x)", "torch.load"),
    "torch's unit of compiled text": ("import torch\ndef selu(x): return torch.CompilationUnit(x)",
                                      "torch.CompilationUnit"),
    "torch's operators by name": ("import torch\ndef selu(x): return torch.ops.aten(x)", "torch.ops.aten"),
    "torch's private parts": ("import torch\ndef selu(x): return torch._C._nn(x)", "torch._C._nn"),
    "torch's Python versions": ("import torch, torch._refs\ndef selu(x): return torch._refs.f(x)", "torch._refs.f"),
    "a pickle": ("import numpy as np\ndef selu(x): return np.load('a', allow_pickle=True)", "np.load"),
    "a file written": ("def selu(x):\n    x.tofile('a')\n    return x", "tofile"),
    "a special attribute": ("def selu(x): return selu.__globals__", "__globals__"),
    "a private attribute": ("import typing\ndef selu(x): return typing.ForwardRef('x')._evaluate()", "_evaluate"),
    "a frame": ("def selu(x): return (i for i in x).gi_frame", "gi_frame"),
    "a pattern": ("def selu(x):\n    match x:\n        case object(softplus=f): return f(x)", "softplus"),
    "attrgetter": ("from operator import attrgetter\ndef selu(x): return attrgetter('a')(x)", "operator.attrgetter"),
    "methodcaller": ("import operator\ndef selu(x): return operator.methodcaller('a')(x)", "operator.methodcaller"),
    "the shell": ("shell = get_ipython()\ndef selu(x): return shell.ev('x')", "get_ipython"),
    "open": ("def selu(x): return open('/proc/self/mem')", "open"),
}  # fmt: skip


@pytest.mark.parametrize("case", EVASIONS.values(), ids=EVASIONS)
def test_what_could_reach_a_library_unseen_is_refused(case):
    source, name = case
    assert name.replace("np.", "numpy.") in used(source)


@pytest.mark.parametrize("case", FOUND.values(), ids=FOUND)
def test_a_library_call_is_found_in_the_source(case):
    source, name = case
    assert used(source) == [name]


@pytest.mark.parametrize("case", FOUND.values(), ids=FOUND)
def test_a_library_call_is_found_over_several_cells(case):
    source, name = case
    assert name in used("import numpy as np", source, "print('after')")


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
    "star import of mathematics": "from numpy import *\ndef selu(x): return where(x > 0, x, expm1(x))",
    "autograd through one's own function":
        "import torch\ndef f(t): return torch.log1p(torch.exp(t)).sum()\ndef selu(x):\n"
        "    t = torch.tensor(x, requires_grad=True)\n    return torch.autograd.grad(f(t), t)[0].numpy()",
    "torch.func": "from torch.func import grad, vmap\ndef selu(x): return vmap(grad(lambda t: t * t))(x)",
    "SciPy's plain mathematics": "from scipy import special\ndef selu(x): return special.log1p(special.erf(x))",
    "a module assigned to a short name": "import torch\nth = torch\ndef selu(x): return th.exp(x)",
    "linear algebra": "def selu(x): return np.linalg.norm(x)",
    "a class with private parts": "class S:\n    def __init__(self): self._a = 1\n    def __call__(self, x):\n"
                                  "        return self._a * self.relu(x)\n    def relu(self, x): return x\nselu = S()",
    "a variable called like a built-in": "def selu(x):\n    input = x\n    help = input + 1\n    return help",
    "types, partial and reduce": "import functools, typing, operator\nadd = functools.partial(operator.add, 1)\n"
                                 "def selu(x: typing.Any): return functools.reduce(operator.mul, [add(x)])",
    "a dtype and a constant": "import torch\ndef selu(x): return torch.tensor(x, dtype=torch.float64) * torch.pi",
    "finfo, errstate and isinstance": "def selu(x):\n    assert isinstance(x, np.ndarray)\n"
        "    with np.errstate(over='ignore'):\n        return x.clip(np.finfo(x.dtype).min).astype(x.dtype)",
    "nothing at all": "",
}  # fmt: skip


@pytest.mark.parametrize("source", CLEAN.values(), ids=CLEAN)
def test_a_function_of_ones_own_is_let_through(source):
    assert used("import numpy as np", source) == []


def test_a_cell_that_does_not_run_hides_nothing_and_stops_nothing():
    assert used("import numpy as np", "def broken(:", "\x00", OWN) == []
    assert used("def broken(:", "import torch\nselu = torch.selu") == ["torch.selu"]


def test_each_library_call_is_named_once_in_order_of_discovery():
    source = "import torch\ndef selu(x): return torch.selu(x) + torch.celu(x) + torch.selu(-x)"
    assert used(source) == ["torch.selu", "torch.celu"]


def test_a_helper_that_another_function_uses_does_not_count():
    source = "import torch\ndef helper(x): return torch.selu(x)\ndef other(x): return helper(x)\n" + OWN
    assert used("import numpy as np", source) == []
    assert used(source, name="other") == ["torch.selu"]


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
    watched = without_library_activations(lambda x: function(torch.from_numpy(x)).numpy())
    with pytest.raises(AssertionError, match=r"^Write it yourself, without torch's "):
        watched(np.array([-1.5, 0.5]))


def test_autograd_through_a_library_function_is_seen():
    def derivative(x):
        t = torch.tensor(x, requires_grad=True)
        torch.nn.functional.softplus(t).sum().backward()
        return t.grad.numpy()

    with pytest.raises(AssertionError, match="without torch's softplus"):
        without_library_activations(derivative)(np.ones(2))


def test_plain_mathematics_of_torch_is_no_library_operation():
    def own(x):
        t = torch.tensor(x, requires_grad=True)
        y = torch.where(t > 0, t, torch.expm1(t.clamp(max=0))) + torch.tanh(t) + torch.logaddexp(t, -t).abs()
        y.sum().backward()
        return t.grad.numpy()

    x = np.array([-1.5, 0.5])
    assert np.array_equal(without_library_activations(own)(x), own(x))


def test_what_the_notebook_did_with_torch_before_does_not_count():
    torch.selu(torch.ones(1))
    assert without_library_activations(np.exp)(0.0) == 1


# The function by itself


def test_a_function_from_scratch_comes_back(cells):
    cells("import numpy as np", OWN)
    assert from_scratch("selu")(np.array([2.0])) == [2.0]


def test_what_other_cells_did_to_names_and_libraries_is_not_there(cells):
    cells("import numpy as np", OWN, "globals()['selu'] = None", "np.where = None if False else np.where")
    assert from_scratch("selu")(np.array([2.0])) == [2.0]


def test_the_message_names_what_the_source_shows(cells):
    cells("import torch\ndef selu(x): return torch.selu(x)")
    with pytest.raises(AssertionError, match=r"^Write selu yourself, without torch\.selu\.$"):
        from_scratch("selu")


def test_the_message_names_what_only_running_shows(cells):
    # torch's own cell of a recurrent network, which no rule names, computes sigmoids.
    cells("import torch\ndef selu(x):\n    w = torch.ones(3, 1)\n    return torch.gru_cell(x, x, w, w)")
    with pytest.raises(AssertionError, match=r"^Write it yourself, without torch's sigmoid\.$"):
        from_scratch("selu")(torch.ones(1, 1))


def test_a_function_that_no_cell_defines_by_name(cells):
    cells("globals()['se' + 'lu'] = abs")
    with pytest.raises(AssertionError, match=r"^No cell defines selu by that name\.$"):
        from_scratch("selu")


def test_an_error_of_the_student_comes_through(cells):
    cells("import math\ndef selu(x): return math.log(-1)")
    with pytest.raises(ValueError, match="math domain error"):
        from_scratch("selu")(1)
