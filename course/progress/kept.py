"""One item of a lesson and what was done with it, for the widget that shows it."""

from __future__ import annotations

from course.progress import contents, store
from course.progress.store import Value


class Kept:
    """What was done with one item.

    Parameters
    ----------
    kind : str
        "predictions", "quiz" or "cards".
    texts : str
        What makes it this item: its question, and whatever an answer depends on.
    lesson : str, optional
        Its lesson; looked up if not given.
    """

    def __init__(self, kind: str, *texts: str, lesson: str | None = None) -> None:
        self._store = store.here()
        self._kind, self._item = kind, contents.item_id(*texts)
        self._lesson = contents.lesson_of(self._item) if lesson is None else lesson

    def value(self) -> Value:
        """Return what was kept, nothing if there is nothing."""
        return self._store.get(self._lesson, self._kind, self._item)

    def keep(self, value: Value) -> None:
        """Keep this from now on."""
        self._store.put(self._lesson, self._kind, self._item, value)

    def note(self) -> str:
        """Return a line for the student on the file, "" if there is none to see."""
        return self._store.note()
