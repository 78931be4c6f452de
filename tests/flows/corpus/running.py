"""What honest cells do while they run, and what honest answers are and return."""

from __future__ import annotations

import nbformat
from nbformat.v4 import new_notebook

from tests.flows.corpus.case import ALL, ONLY_MEAN, Case, above, insert, named, own, together, write
from tests.flows.corpus.cells import WRONG

# What stands above an answer, or in cells between

MISSING = "No module named 'no_such"
ABOVE: dict[str, tuple[str, float, str]] = {
    "import": ("import no_such", ALL, MISSING),
    "import as": ("import no_such as ns", ALL, MISSING),
    "import of a part": ("import no_such.part.more as ns", ALL, MISSING),
    "import from": ("from no_such import one, two as three", ALL, MISSING),
    "import from over lines": ("from no_such.part import (\n    one,\n    two,\n)", ALL, MISSING),
    "import of everything": ("from no_such import *", ALL, MISSING),
    "import among others": ("import os, no_such, sys; import math", ALL, MISSING),
    "import of a name that is not there": ("from math import no_such", ALL, "cannot import name"),
    "import from beside": ("from . import no_such", ALL, "relative import"),
    "import in try": ("try:\n    import no_such\nexcept ImportError:\n    no_such = None", ALL, ""),
    "import in if": ("if True:\n    import no_such", ALL, MISSING),
    "import in with": ("import warnings\nwith warnings.catch_warnings():\n    import no_such", ALL, MISSING),
    "import in a loop": ("for name in ['no_such']:\n    __import__(name)", ALL, MISSING),
    "import in a function": ("def plot():\n    import no_such\nplot()", ALL, MISSING),
    "import by importlib": ("import importlib\nns = importlib.import_module('no_such')", ALL, MISSING),
    "import and its use": (
        "import no_such as ns\nns.theme('x')\nns.a.b = 3\nt = ns.read()\nfor r in t:\n    print(r)",
        ALL,
        MISSING,
    ),
    "import and its use in an expression": ("import no_such as ns; print(ns.__version__)\nns", ALL, MISSING),
    "import and its use in with": ("import no_such as ns\nwith ns.open() as f:\n    f.read()", ALL, MISSING),
    "a class made of it": ("import no_such as ns\nclass Net(ns.Module):\n    pass\nnet = Net()", ALL, MISSING),
    "a decorated answer": (
        "import no_such\n@no_such.jit\ndef double(x):\n    return x + x\ndel double",
        ALL,
        MISSING,
    ),
    "Colab": ("from google.colab import drive\ndrive.mount('/content/drive')\n%cd /content/drive", ALL, "'google"),
    "pip": ("!pip install -q no_such\nimport no_such", ALL, MISSING),
    "pip as a magic": ("%pip install no_such", ALL, ""),
    "pip by the interpreter": ("import sys\n!{sys.executable} -m pip install -q no_such", ALL, ""),
    "conda": ("%conda install no_such -y", ALL, ""),
    "other programs": ("!apt-get install -y x\n!wget -q https://example.org/x\n!nvidia-smi\n!ls", ALL, ""),
    "the network": (
        "from urllib.request import urlopen\ntry: urlopen('https://example.org')\nexcept OSError as e: print(e)",
        ALL,
        "",
    ),
    "cd": ("%cd data\n%pwd\n%cd ..", ALL, ""),
    "cd to where nothing is": ("%cd /content", ALL, ""),
    "magics": (
        "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n%config InlineBackend.figure_format = 'svg'\n%who",
        ALL,
        "",
    ),
    "an extension that is not there": ("%load_ext no_such\n%no_such 1", ALL, MISSING),
    "a magic that is not there": ("%no_such", ALL, "magic function `%no_such` not found"),
    "a window for figures": ("%matplotlib qt", ALL, ""),
    "a backend for figures": ("import matplotlib\nmatplotlib.use('TkAgg')\nimport matplotlib.pyplot as plt", ALL, ""),
    "help": ("print?\nlen??\nhelp(print)", ALL, ""),
    "time": ("%timeit -n 1 -r 1 1 + 1\n%time 1 + 1", ALL, ""),
    "a question": ("name = input('Name: ')\nprint(name.upper())", ALL, "input()"),
    "a question for a number": ("n = int(input())\nm = n + 1", ALL, "input()"),
    "a password": ("from getpass import getpass\nkey = getpass('Key: ')", ALL, "input()"),
    "a question in try": ("try:\n    name = input()\nexcept Exception:\n    name = ''", ALL, ""),
    "breakpoint": ("breakpoint()", ALL, "input()"),
    "a style that is not there": ("import matplotlib.pyplot as plt\nplt.style.use('seaborn')", ONLY_MEAN, "'seaborn'"),
    "a file that is not there": ("open('no_such.csv')", ONLY_MEAN, "no_such.csv"),
    "a folder that is not there": ("import os\nos.chdir('/content')", ONLY_MEAN, "/content"),
    "a slip": ("1 / 0", ONLY_MEAN, "ZeroDivisionError"),
    "an exit": ("raise SystemExit", ONLY_MEAN, "SystemExit"),
    "float64": ("import torch\ntorch.set_default_dtype(torch.float64)", ALL, ""),
    "threads": ("import torch\ntorch.set_num_threads(64)\ntorch.ones(500, 500) @ torch.ones(500, 500)", ALL, ""),
    "no gradients": ("import torch\ntorch.set_grad_enabled(False)", ALL, ""),
    "NumPy raises": (
        "import numpy as np\nnp.seterr(all='raise')\nimport warnings\nwarnings.filterwarnings('error')",
        ALL,
        "",
    ),
    "a warning": ("import warnings\nwarnings.warn('mind this')", ALL, ""),
    "names of built-ins": ("list = [1]\nlen = 3\nstr = 'a'\nprint = None\ntype = 2\ndict = set = tuple = 0", ALL, ""),
    "a setting of the interpreter": ("import sys\nsys.setrecursionlimit(10**6)\nsys.excepthook = print", ALL, ""),
    "output elsewhere": ("import sys\nsys.stdout = open('log.txt', 'w')\nsys.stderr = sys.stdout\nprint('x')", ALL, ""),
    "logging": ("import logging\nlogging.basicConfig(level=logging.DEBUG, force=True)\nlogging.debug('x')", ALL, ""),
    "a thread": (
        "import threading, time\nthreading.Thread(target=lambda: time.sleep(3600), daemon=True).start()",
        ALL,
        "",
    ),
    "a thread that is no daemon": (
        "import threading, time\nthreading.Thread(target=lambda: time.sleep(3600)).start()",
        ALL,
        "",
    ),
    "await": ("import asyncio\nawait asyncio.sleep(0)", ALL, ""),
    "a task": (
        "import asyncio\nasync def f():\n    while True: await asyncio.sleep(0.01)\ntask = asyncio.ensure_future(f())",
        ALL,
        "",
    ),
    "nested loops": ("import asyncio, nest_asyncio2\nnest_asyncio2.apply()\nasyncio.run(asyncio.sleep(0))", ALL, ""),
    "processes": ("from multiprocessing import Pool\nwith Pool(2) as pool:\n    print(pool.map(abs, [-1]))", ALL, ""),
    "a table": (
        "class Table:\n    def _repr_html_(self):\n        return '<table><tr><td>1</td></tr></table>'\nTable()",
        ALL,
        "",
    ),
}
"""What stands above the answer `double`, what that is worth, and what the note on it says.

Where points are missing it is the message that says so.
"""

DEATH = "import os\nos._exit(1)"
MODULE = "def twice(x):\n    return x + x\n"
IMPORTS = "from mine import twice\n\n\ndef double(x):\n    return twice(x)\n"
RUN = "%run mine.py\n\n\ndef double(x):\n    return twice(x)\n"


def notebook_of(*sources: str) -> bytes:
    return nbformat.writes(new_notebook(cells=own(*sources))).encode()


BETWEEN: dict[str, Case] = {
    "time of the answer": Case(write("double", "%%time\n<>")),
    "time of the answer below an import": Case(write("double", "%%time\nimport no_such\n<>"), note=MISSING),
    "capture of the answer below an import": Case(write("double", "%%capture\nimport no_such\n<>"), note=MISSING),
    "annotations of a package": Case(
        write("double", "import no_such as pd\n\ndef double(x: pd.Series) -> pd.Series:\n    return 2 * x\n"),
        note=MISSING,
    ),
    "a class with annotations of a package": Case(
        above(
            "double",
            "import no_such\nfrom dataclasses import dataclass\n\n@dataclass\nclass A:\n    x: no_such.X = 1\nA().x",
        ),
        note=MISSING,
    ),
    "a decorator of a package": Case(
        write("double", "from no_such import jit\n\n@jit\n<>"), ONLY_MEAN, note=MISSING, why=MISSING
    ),
    "a default of a package": Case(
        write("double", "import no_such\n\ndef double(x: int, y=no_such.NA):\n    return 2 * x"),
        ONLY_MEAN,
        note=MISSING,
        why=MISSING,
    ),
    "capture": Case(write("double", "%%capture out\n<>\nprint('x')")),
    "capture without a name": Case(write("double", "%%capture\n<>")),
    "profile": Case(write("double", "%%prun -q\n<>")),
    "shell cells": Case(
        insert(
            "given",
            "%%bash\nls",
            "%%sh\nexit 3",
            "%%script no_such\nx",
            "%%html\n<b>x</b>",
            "%%latex\n$x$",
            "%%javascript\n1",
            "%%markdown\nx",
            "%%svg\n<svg/>",
        )
    ),
    "a cell magic that is not there": Case(insert("given", "%%no_such\nx")),
    "measured": Case(
        insert("double", "%%timeit -n 1 -r 1\ndouble(3)", "%timeit -n 1 -r 1 double(3)", "%prun -q double(3)")
    ),
    "writefile and import": Case(together(insert("given", f"%%writefile mine.py\n{MODULE}"), write("double", IMPORTS))),
    "writefile in the answer's cell above": Case(
        together(insert("given", f"%%file mine.py\n{MODULE}"), write("double", RUN))
    ),
    "module handed in": Case(write("double", IMPORTS), files={"mine.py": MODULE.encode()}),
    "package handed in": Case(
        write("double", IMPORTS.replace("mine", "pack.mine")),
        files={"pack/__init__.py": b"", "pack/mine.py": MODULE.encode()},
    ),
    "module handed in, import of everything": Case(
        write("double", IMPORTS.replace("twice\n", "*\n", 1)), files={"mine.py": MODULE.encode()}
    ),
    "module that wants a package": Case(write("double", IMPORTS), files={"mine.py": f"import os\n{MODULE}".encode()}),
    "script handed in and run": Case(write("double", RUN), files={"mine.py": MODULE.encode()}),
    "notebook handed in and run": Case(
        write("double", RUN.replace("mine.py", "mine.ipynb")), files={"mine.ipynb": notebook_of(MODULE)}
    ),
    "data handed in": Case(
        write(
            "double", "import json\nFACTOR = json.load(open('my data.json'))\n\ndef double(x):\n    return FACTOR * x\n"
        ),
        files={"my data.json": b"2"},
    ),
    "skipped cell": Case(insert("double", "import time\ntime.sleep(3600)", tags=["skip-execution"])),
    "skipped exit": Case(insert("double", "raise SystemExit", WRONG, tags=["skip-execution"])),
    "skipped answer": Case(
        lambda nb: named(nb, "double").metadata.update(tags=["skip-execution"]), ONLY_MEAN, why="not defined"
    ),
    "skipped checks and given cell": Case(
        lambda nb: [named(nb, name).metadata.update(tags=["skip-execution"]) for name in ("given", "test_double")]
    ),
    "expected error": Case(insert("double", "double('a', 'b')", tags=["raises-exception"])),
    "tags": Case(
        lambda nb: [cell.metadata.update(tags=["remove-cell", "hide-input", "parameters"]) for cell in nb.cells]
    ),
    "an error named Stopped": Case(
        insert("double", "class Stopped(Exception):\n    pass\n\nraise Stopped('stopped after 30 s')")
    ),
    "an error named Stopped in an answer": Case(
        write(
            "double", "class Stopped(Exception):\n    pass\n\ndef double(x):\n    raise Stopped('stopped after 30 s')"
        ),
        ONLY_MEAN,
        why="Stopped",
    ),
    "errors of all kinds": Case(
        insert(
            "double",
            "1 +",
            "raise SystemExit",
            "raise KeyboardInterrupt",
            "import sys; sys.exit(1)",
            "assert False",
            "raise BaseException",
            "raise BaseExceptionGroup('x', [ValueError()])",
            "  x = 1",
            "def f(:",
            "print 'x'",
            "for",
        )
    ),
    "exit": Case(insert("double", "exit()"), incident=True),
    "quit": Case(insert("test_mean", "quit()"), incident=True),
    "exit above": Case(insert("given", "exit"), incident=True),
    "reset": Case(insert("given", "%reset -f"), points=4, why="'numbers' is not defined"),
    "the kernel's end": Case(insert("double", DEATH), incident=True),
    "a question in the answer": Case(
        write("double", "def double(x):\n    return 2 * int(input())"), ONLY_MEAN, why="input() asks"
    ),
    "a name deleted": Case(insert("double", "x = 1\ndel x")),
    "a name of the test": Case(insert("given", "checks = Checks = LIMIT = expect = 3")),
    "plot": Case(
        insert(
            "double",
            "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('激活函数 ä')\nplt.show()",
            "plt.ion()\nfig, ax = plt.subplots()\nax.plot([1])\nfig",
            "plt.figure()",
        )
    ),
    "input in a cell of one's own": Case(
        insert("double", "input()", "import getpass\ngetpass.getpass()"), note="input() asks"
    ),
    "debugger": Case(
        insert("double", "1 / 0", "%debug", "%pdb on", "1 / 0", "import pdb; pdb.set_trace()", "import pdb; pdb.pm()"),
        note="input() asks",
    ),
    "empty cells": Case(insert("double", "", "\n", "   ", "# nothing", "!", "?", "pass")),
    "a cell of tabs and odd blanks": Case(write("double", "def double(x):\n\treturn x\xa0+ x\n".replace("\xa0", " "))),
    "Windows line ends": Case(lambda nb: [cell.update(source=cell.source.replace("\n", "\r\n")) for cell in nb.cells]),
    "old line ends": Case(lambda nb: [cell.update(source=cell.source.replace("\n", "\r")) for cell in nb.cells]),
    "typed quotes in a comment": Case(above("double", "# “double” – 加倍 🎉 \u2028 \x0c")),
    "half a surrogate pair": Case(above("double", "# \ud83d"), note="half a character"),
    "long output": Case(insert("double", "for n in range(3000): print(n, 'x' * 100)")),
    "progress": Case(
        insert(
            "double",
            "from IPython.display import clear_output, display, HTML",
            "for n in range(20):\n    clear_output(wait=True)\n    print(n)\ndisplay(HTML('<b>x</b>'))",
        )
    ),
    "widgets": Case(
        insert(
            "double", "import ipywidgets\nipywidgets.interact(lambda x: double(x), x=(0, 5));", "ipywidgets.IntSlider()"
        )
    ),
}
"""Cells of one's own, and what runs in an answer's."""

FORMS: dict[str, str] = {
    "lambda": "double = lambda x: 2 * x",
    "partial": "import functools, operator\ndouble = functools.partial(operator.mul, 2)",
    "cache": "import functools\n@functools.lru_cache\ndef double(x):\n    return 2 * x",
    "class": "class Double:\n    def __call__(self, x):\n        return 2 * x\ndouble = Double()",
    "method": "class Tools:\n    def double(self, x):\n        return 2 * x\ndouble = Tools().double",
    "type": "class double(int):\n    def __new__(cls, x):\n        return super().__new__(cls, 2 * x)",
    "decorated": "def plain(f):\n    return lambda x: f(x)\n@plain\ndef double(x):\n    return 2 * x",
    "recursive": "def double(x):\n    return 0 if x == 0 else 2 + double(x - 1)",
    "annotated": "def double(x: 'np.ndarray', *more: int, **rest) -> float:\n    return 2 * x",
    "printing": "import sys\ndef double(x):\n    print(x)\n    print(x, file=sys.stderr)\n    return 2 * x",
    "warning": "import warnings\ndef double(x):\n    warnings.warn('x')\n    return 2 * x",
    "vectorize": "import numpy as np\ndouble = np.vectorize(lambda x: 2 * x)",
    "frompyfunc": "import numpy as np\ndouble = np.frompyfunc(lambda x: 2 * x, 1, 1)",
    "module": "import torch\nclass Double(torch.nn.Module):\n    def forward(self, x): return 2 * x\ndouble = Double()",
    "scripted": "import torch\n@torch.jit.script\ndef double(x: int) -> int:\n    return 2 * x",
    "no gradient": "import torch\n@torch.no_grad()\ndef double(x):\n    return torch.tensor(2 * x)",
}
"""Other forms of the answer `double`."""

RETURNED: dict[str, str] = {
    "float": "2.0 * x",
    "bool subclass": "__import__('enum').IntEnum('E', {'a': 2 * x}).a",
    "complex": "complex(2 * x)",
    "fraction": "__import__('fractions').Fraction(2 * x)",
    "decimal": "__import__('decimal').Decimal(2 * x)",
    "sympy": "__import__('sympy').Integer(2 * x)",
    "int subclass": "type('Int', (int,), {})(2 * x)",
    "float subclass": "type('Float', (float,), {})(2 * x)",
    "NumPy int": "np.int64(2 * x)",
    "NumPy bytes": "np.uint8(2 * x)",
    "float16": "np.float16(2 * x)",
    "longdouble": "np.longdouble(2 * x)",
    "array": "np.array(2 * x)",
    "array of one": "np.array([2 * x])",
    "object array": "np.array(2 * x, dtype=object)",
    "array subclass": "np.array(2.0 * x).view(type('Array', (np.ndarray,), {}))",
    "matrix": "np.asmatrix(2 * x)",
    "masked array": "np.ma.masked_invalid(np.array(2.0 * x))",
    "masked array of one": "np.ma.array([2.0 * x], mask=[False])",
    "memory map": "np.broadcast_to(2 * x, (1,))",
    "tensor": "torch.tensor(2 * x)",
    "tensor with a gradient": "torch.tensor(2.0 * x, requires_grad=True)",
    "tensor of a calculation": "torch.tensor(1.0 * x, requires_grad=True) * 2",
    "parameter": "torch.nn.Parameter(torch.tensor(2.0 * x))",
    "buffer": "torch.nn.Buffer(torch.tensor(2.0 * x))",
    "tensor subclass": "torch.tensor(2.0 * x).as_subclass(type('Mine', (torch.Tensor,), {}))",
    "bfloat16": "torch.tensor(2.0 * x, dtype=torch.bfloat16)",
    "sparse tensor": "torch.tensor([2.0 * x]).to_sparse().sum()",
    "xarray of scipy": "__import__('scipy.sparse').sparse.csr_array([[2 * x]]).sum()",
}
"""What the answer `double` returns, each equal to 2 * x as JupyterLab shows it."""


def returning(expression: str) -> Case:
    return Case(write("double", f"import numpy as np\nimport torch\n\n\ndef double(x):\n    return {expression}\n"))


RUNNING: dict[str, Case] = {
    **{
        f"above {name}": Case(above("double", text), points, **{"note" if points == ALL else "why": said})
        for name, (text, points, said) in ABOVE.items()
    },
    "all that in cells of one's own": Case(insert("given", *(text for text, _, _ in ABOVE.values())), note=MISSING),
    **BETWEEN,
    **{f"form {name}": Case(write("double", text)) for name, text in FORMS.items()},
    **{f"returns {name}": returning(text) for name, text in RETURNED.items()},
}
