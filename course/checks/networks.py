"""What the judges of several subjects say of networks: which weight differs, and where in a network something is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor


def first_difference(expected: Mapping[str, Tensor], actual: Mapping[str, Any]) -> str:
    """Return the name of the first tensor that `actual` misses or has with other values; empty if there is none."""
    for name, tensor in expected.items():
        other = actual.get(name)
        if not isinstance(other, Tensor) or other.dtype != tensor.dtype or not torch.equal(tensor, other):
            return name
    return ""


def place(name: str) -> str:
    """Return how messages call a place of `state_after_call`: a module by its name, or all modules of a kind."""
    if name.startswith("every "):
        return name
    return f"layer {name}" if name else "the network itself"
