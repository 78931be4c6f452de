"""Answers to `selu` of ps1, which run where NumPy and the standard library are all there is."""

from __future__ import annotations

from tests.flows.corpus.case import Case, above, insert, together, write
from tests.flows.corpus.running import ABOVE, DEATH

SELU = """\
def selu(x):
    negative = ALPHA * np.expm1(np.minimum(x, 0))
    return (LAMBDA * np.where(x > 0, x, negative)).astype(x.dtype)
"""
ONE_BY_ONE = """\
import math

one = np.vectorize(lambda v: LAMBDA * v if v > 0 else LAMBDA * ALPHA * math.expm1(v), otypes=[float])

def selu(x):
    return one(x).astype(x.dtype)
"""
CONSTANTS = "ALPHA, LAMBDA = 1.6732632423543772, 1.0507009873554805"
ALL = 30.0
WITHOUT = 25.0
"""What is left where `selu` is lost."""


REPLAYED = {
    *("import and its use", "import among others", "Colab", "pip", "conda", "a magic that is not there"),
    *("a question", "a password", "breakpoint", "a slip", "NumPy raises", "names of built-ins", "output elsewhere"),
    *("await", "a task", "float64"),
}
"""Those of `ABOVE` that the replay could get wrong."""


def returning(expression: str) -> Case:
    """Return `selu` with the right values as something else."""
    return Case(write("selu", f"{SELU.replace('selu', 'right')}\n\ndef selu(x):\n    return {expression}\n"), ALL)


FROM_SCRATCH: dict[str, Case] = {
    **{
        f"above {name}": Case(
            above("selu", text), ALL if points == 6 else WITHOUT, **{"note" if points == 6 else "why": said}
        )
        for name, (text, points, said) in ABOVE.items()
        if name in REPLAYED
    },
    "torch above": Case(above("selu", "import torch\nfrom torch import nn\nF = nn.functional"), ALL),
    "SciPy and torch beside NumPy": Case(above("selu", "import scipy.special, numpy as np, torch, math"), ALL),
    "compared with torch": Case(
        insert("selu", "import torch\nprint(torch.selu(torch.ones(3)), selu(np.ones(3)))"), ALL
    ),
    "all in one cell": Case(
        write(
            "selu",
            f"import torch\n{SELU}\nassert np.allclose(selu(np.ones(2)), torch.selu(torch.ones(2)).numpy())",
        ),
        ALL,
    ),
    "annotated": Case(write("selu", "import torch\n" + SELU.replace("(x)", "(x: torch.Tensor)", 1)), ALL),
    "import in the given cell": Case(
        together(write("setup", "<>\nimport math"), write("selu", SELU.replace("ALPHA", "math.exp(math.log(ALPHA))"))),
        ALL,
        note="'setup'",
    ),
    "constants renamed": Case(
        together(
            write("selu_constants", "a, s = 1.6732632423543772, 1.0507009873554805"),
            write("selu", SELU.replace("ALPHA", "a").replace("LAMBDA", "s")),
        ),
        ALL,
        note="'selu_constants'",
    ),
    "helper in the cell of checks": Case(
        together(above("test_selu", SELU.replace("selu", "mine")), write("selu", "def selu(x):\n    return mine(x)")),
        ALL,
        note="'test_selu'",
    ),
    "written module": Case(
        together(
            insert(
                "setup",
                f"%%writefile mine.py\nimport numpy as np\n{CONSTANTS}\n{SELU}",
            ),
            write("selu", "from mine import selu"),
        ),
        ALL,
    ),
    "timed": Case(write("selu", f"%%time\n{SELU}"), ALL),
    "captured": Case(write("selu", f"%%capture\n{SELU}"), ALL),
    "the kernel's end": Case(insert("selu", DEATH), ALL, incident=True),
    "array subclass": returning("right(x).view(type('Array', (np.ndarray,), {}))"),
    "masked array": returning("np.ma.masked_array(right(x))"),
    "memory order": returning("np.asarray(right(x), order='F')"),
    "a view backwards": returning("right(x[..., ::-1])[..., ::-1] if x.ndim else right(x)"),
    "read-only": returning("np.broadcast_to(right(x), x.shape)"),
    "vectorize": Case(
        write(
            "selu",
            ONE_BY_ONE,
        ),
        ALL,
    ),
    "a missing package in a function": Case(
        write(
            "selu",
            SELU.replace(
                "    negative",
                "    try:\n        import no_such\n    except ImportError:\n        pass\n    negative",
                1,
            ),
        ),
        ALL,
    ),
}
"""Points are those of the whole assignment."""
