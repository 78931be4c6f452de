"""What a fork server has imported before the first room asks for it."""

from __future__ import annotations

import pytest

from autograder.examiner.rooms import preload_for
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
         ("matplotlib.pyplot", "torch._dynamo")),
    ],
)  # fmt: skip
def test_slow_modules_are_imported_for_the_assignments_that_name_them(sources, modules):
    assert preload_for([notebook(*sources)]) == modules


def test_one_warm_process_serves_all_notebooks_of_an_assignment():
    both = preload_for([notebook("import ipywidgets"), notebook("import sklearn")])
    assert both == ("ipywidgets", "sklearn.datasets")
