"""What a fork server has imported before the first room asks for it."""

from __future__ import annotations

import pytest

from autograder.examiner.rooms import preload_for, rooms_for
from autograder.room.session import RoomFactory
from course.handing_in.sourcecells import SourceCell, SourceNotebook


def notebook(*sources: str) -> SourceNotebook:
    cells = [
        SourceCell(f"cell{number}", "code", source, "", True, False, False, False, 0.0)
        for number, source in enumerate(sources)
    ]
    return SourceNotebook("ps", "ps", None, tuple(cells))


@pytest.mark.parametrize(
    ("sources", "modules"),
    [
        (["import numpy as np"], ()),
        (["import numpy as np", "from sklearn.datasets import load_digits"], ("sklearn.datasets",)),
        (["step = torch.optim.SGD(weights, lr=0.1)", "import matplotlib.pyplot as plt"],
         ("matplotlib.pyplot", "torch._dynamo", "torch")),
        (["from course.demos import dip"], ("torch",)),
        (["from course.checks import Checks", "from autograder.reference import torch_reference"], ()),
    ],
)  # fmt: skip
def test_slow_modules_are_imported_for_the_assignments_that_name_them(sources, modules):
    assert preload_for([notebook(*sources)]) == modules


def test_one_warm_process_serves_all_notebooks_of_an_assignment():
    both = preload_for([notebook("import ipywidgets"), notebook("import sklearn")])
    assert both == ("ipywidgets", "sklearn.datasets")


@pytest.mark.parametrize(
    ("code", "files", "with_torch"),
    [
        (["import numpy as np", "def selu(x): return x"], {"a.csv": b"torch"}, False),
        (["from course.checks import Checks", "from course.rehearse.button import RehearseButton"], {}, False),
        (["x = 1", "import torch"], {}, True),
        (["import importlib; importlib.import_module('torchvision')"], {}, True),
        (["from course.computations import functions"], {}, True),
        (["import mine"], {"mine.py": b"from torch import nn"}, True),
        (["%run other.ipynb"], {"other.ipynb": b'"source": "import torch"'}, True),
    ],
)
def test_rooms_have_torch_from_the_start_for_code_that_names_it(code, files, with_torch):
    class Factory:
        def with_torch(self):
            return "with torch"

    warm: RoomFactory = Factory()  # type: ignore[assignment]
    assert rooms_for(warm, code, files) == ("with torch" if with_torch else warm)
