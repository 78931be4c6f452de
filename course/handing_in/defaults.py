"""The settings of a process that checks find as a fresh kernel has them, whatever a cell did to them."""

from __future__ import annotations

import contextlib
import random
import sys
import warnings
from collections.abc import Iterator

import numpy as np


class Defaults:
    """The settings of the whole process that each question finds as a fresh kernel has them.

    What a cell did to NumPy's error state or to the filters of warnings is thereby no part of an answer.
    """

    def __init__(self, *, seeds: bool) -> None:
        self._errors = np.geterr()
        self._filters = list(warnings.filters)
        self._seeds = seeds

    def restore(self) -> None:
        """Put them back; the seeds too, if they are among them."""
        np.seterr(**self._errors)
        warnings.resetwarnings()
        warnings.filters.extend(self._filters)  # type: ignore[attr-defined]
        if self._seeds:
            random.seed(0)
            np.random.seed(0)  # noqa: NPY002 - the generator that students who do not make one use


@contextlib.contextmanager
def default_dtype(*, double: bool) -> Iterator[None]:
    """Compute with torch's default dtype as a fresh kernel has it, or with float64; a cell's own comes back."""
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64 if double else torch.float32)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
