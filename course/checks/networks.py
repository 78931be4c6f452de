"""The one judge of what a call did to a network: which weight differs, what was left on it, and where that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from course.checks.beside.networks import RECORDING


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], *, in_training: bool = False
) -> dict[str, list[str]]:
    """Return in which ways a network is not as it was before a call, and where.

    Parameters
    ----------
    before : Mapping[str, Any]
        `network_state` of the network that was handed over.
    after : Mapping[str, Any]
        `state_after_call`.
    in_training : bool, optional
        As for `state_after_call`: each parameter had a gradient of ones.

    Returns
    -------
    dict[str, list[str]]
        A kind for each way in which there is a difference, with the names of what differs: `layers`, `modes` and, by
        `place`, `hooks left`, `hooks lost` and `methods`; of parameters, `weights`, `trainable` and `gradients`;
        `buffers`; of torch, `recording` and all `switches`, this one among them.
    """
    gradients = before["gradients"]
    if in_training:
        gradients = {name: torch.ones_like(before["values"][name]) for name in gradients}
    values = _unequal(before["values"], after["values"], more=False)
    more_hooks, switched = after["more_hooks"].items(), after["switched"]
    found = {
        "layers": _unequal(before["layers"], after["layers"]),
        "modes": _unequal(before["modes"], after["modes"]),
        "weights": [name for name in values if name in before["trainable"]],
        "buffers": [name for name in values if name not in before["trainable"]],
        "trainable": _unequal(before["trainable"], after["trainable"]),
        "gradients": _unequal(gradients, after["gradients"]),
        "hooks left": [place(name) for name, more in more_hooks if more > 0],
        "hooks lost": [place(name) for name, more in more_hooks if more < 0],
        "methods": [place(name) for name in after["new_methods"]],
        "recording": [name for name in switched if name == RECORDING],
        "switches": switched,
    }
    return {kind: where for kind, where in found.items() if where}


def expect_none_of(found: Mapping[str, list[str]], sentences: Mapping[str, str]) -> None:
    """Expect that none of these kinds is among the differences.

    Parameters
    ----------
    found : Mapping[str, list[str]]
        `differences`.
    sentences : Mapping[str, str]
        What to say of each kind, the most telling first; `{first}` and `{all}` stand for the names of what differs.

    Raises
    ------
    AssertionError
        With the first sentence that holds.
    """
    for kind, sentence in sentences.items():
        if kind in found:
            raise AssertionError(sentence.format(first=found[kind][0], all=", ".join(found[kind])))


def first_difference(expected: Mapping[str, Tensor], actual: Mapping[str, Any]) -> str:
    """Return the name of the first tensor that `actual` misses or has with other values; empty if there is none."""
    return next(iter(_unequal(expected, actual, more=False)), "")


def place(name: str) -> str:
    """Return how messages call a place of `state_after_call`: a module by its name, or all modules of a kind."""
    if name.startswith("every "):
        return name
    return f"layer {name}" if name else "the network itself"


def _unequal(before: Mapping[str, Any], after: Mapping[str, Any], *, more: bool = True) -> list[str]:
    """Return the names under which there is something else than before, or nothing any more; or, with `more`, newly."""
    names = {**before, **after} if more else before
    return [name for name in names if not _same(before.get(name), after.get(name))]


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, Tensor):
        return isinstance(after, Tensor) and before.dtype == after.dtype and torch.equal(before, after)
    return type(after) is type(before) and bool(after == before)
