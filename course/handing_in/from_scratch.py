"""Which packages are there when a from-scratch function runs: NumPy, what a kernel needs, and no other."""

from __future__ import annotations

import importlib.metadata as metadata
from collections.abc import Iterable

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

WANTED = ("numpy", "ipykernel", "cloudpickle", "msgpack")
"""Distributions that are there, with all that they require."""


def required(names: Iterable[str]) -> list[metadata.Distribution]:
    """Return the distributions of these names, and all that they require here."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # an optional part of this platform's; the room says so when it is missed
        for text in found[name].requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    return list(found.values())


def top_names(distribution: metadata.Distribution) -> set[str]:
    """Return the first parts of the paths of a distribution's files; distributors may leave the record away."""
    if distribution.files is not None:
        names = {path.parts[0] for path in distribution.files}
    else:
        listed = distribution.read_text("top_level.txt") or distribution.metadata["Name"].replace("-", "_")
        names = {name for stem in listed.split() for name in (stem, f"{stem}.py")}
    return names - {"..", "__pycache__"}
