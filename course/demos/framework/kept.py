"""What the page keeps of the pictures that it has got, and which of them it drops when they become too many."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

MOST = 4_000_000
"""Bytes of compressed pictures that a page keeps for one demo."""


@dataclass(frozen=True)
class Picture:
    """A picture that the page keeps.

    Attributes
    ----------
    number : int
        What the page calls it.
    size : int
        Its bytes.
    digest : int
        A hash of them.
    values : mapping
        The exact values of the controls that it shows.
    """

    number: int
    size: int
    digest: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)


class Kept:
    """The kernel's account of the pictures in the page, by the state of the controls; never more than `most` bytes."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._pictures: dict[Hashable, Picture] = {}

    def __contains__(self, key: Hashable) -> bool:
        """Tell whether the page has a picture of this state."""
        return key in self._pictures

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._pictures)

    @property
    def size(self) -> int:
        """Bytes of all pictures."""
        return sum(picture.size for picture in self._pictures.values())

    def get(self, key: Hashable) -> Picture | None:
        """Return the picture of a state, None if there is none."""
        return self._pictures.get(key)

    def clear(self) -> None:
        """Forget all of them."""
        self._pictures.clear()

    def put(
        self, key: Hashable, picture: Picture, rank: Callable[[Hashable], float], *, must: bool = False
    ) -> list[Picture] | None:
        """Enter a picture, and make room by dropping those that are less useful.

        Parameters
        ----------
        key : hashable
            The state that it shows. An earlier picture of that state is dropped.
        picture : Picture
        rank : callable
            Takes a key; the higher, the less useful.
        must : bool
            Enter it however useful the others are, and however large it is.

        Returns
        -------
        list of Picture, or None
            What the page is to drop; None if there is no room for this one, and then nothing has changed.
        """
        room = self._most - picture.size
        stay = {other: held for other, held in self._pictures.items() if other != key}
        total, worst_first = sum(held.size for held in stay.values()), sorted(stay, key=rank, reverse=True)
        dropped = [self._pictures[key]] if key in self._pictures else []
        for other in worst_first:
            if total <= room:
                break
            if not must and rank(other) <= rank(key):
                return None
            dropped.append(stay.pop(other))
            total -= dropped[-1].size
        if total > room and not must:
            return None
        self._pictures = {**stay, key: picture}
        return dropped
