"""The globals of cells that are not the student's: what they lack is looked up in the notebook."""

from __future__ import annotations

import builtins
from abc import abstractmethod
from typing import Any


class Names(dict[str, Any]):
    """Globals of given cells and checks; a name that they lack is one of Python's, or the notebook's."""

    def __init__(self, **given: Any) -> None:
        super().__init__(__name__="__main__", **given)
        self.deleted: set[str] = set()
        """Names that are no longer in the notebook."""

    @abstractmethod
    def find(self, name: str) -> Any:
        """Return a variable of the notebook."""

    @abstractmethod
    def take_away(self, name: str) -> None:
        """Delete a variable of the notebook."""

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            return getattr(builtins, name)
        if name.startswith("__"):
            raise KeyError(name)
        return self.find(name)

    def __delitem__(self, name: str) -> None:
        """Delete a name here, or in the notebook: a test sees thereby whether another function needs it."""
        if name in self:
            super().__delitem__(name)
            return
        self.take_away(name)
        self.deleted.add(name)
