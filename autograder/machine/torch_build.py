"""Chooses which build of PyTorch is installed: on x86 Linux without a card the one without CUDA, gigabytes smaller.

Standard library only, and written for Python 3.8: it runs before the virtual environment exists.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
from dataclasses import dataclass
from pathlib import Path

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
"""Where PyTorch has its builds without CUDA; the variable `TORCH_CPU_INDEX` names a mirror."""

INDEX_SECONDS = 3.0
"""How long that index may take to answer."""


@dataclass(frozen=True)
class TorchBuild:
    """A choice, and the reason for it.

    Attributes
    ----------
    index : str or None
        The index to take `requirement` from before everything else; None leaves it to pip.
    requirement : str
        The pinned version, as `torch==2.13.0`.
    with_cuda : bool
        Whether it may bring CUDA along.
    why : str
        One line for the person at the keyboard; empty where there was nothing to choose.
    """

    index: str | None
    requirement: str
    with_cuda: bool
    why: str


def choose_build(constraints: str) -> TorchBuild:
    """Choose for this machine.

    Parameters
    ----------
    constraints : str
        The text of constraints.txt, which pins torch.
    """
    pin = re.search(r"^torch==[\w.]+", constraints, re.MULTILINE)
    requirement = pin.group() if pin else "torch"
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return TorchBuild(None, requirement, False, "")
    if os.environ.get("TORCH_CPU") == "0":
        return TorchBuild(None, requirement, True, "TORCH_CPU=0: pip chooses the build of PyTorch.")
    if has_cuda_card():
        return TorchBuild(None, requirement, True, "There is an NVIDIA card: PyTorch comes with CUDA.")
    index = os.environ.get("TORCH_CPU_INDEX", CPU_INDEX)
    if index_has(index, requirement):
        why = "No NVIDIA card: PyTorch comes without CUDA, gigabytes smaller (TORCH_CPU=0 leaves the choice to pip)."
        return TorchBuild(index, requirement, False, why)
    why = f"{index} does not offer {requirement} now: pip chooses, and PyPI's build brings gigabytes of CUDA."
    return TorchBuild(None, requirement, True, why)


def has_cuda_card() -> bool:
    """Return whether there is a card that CUDA runs on, by what its driver leaves in the system."""
    if Path("/dev/nvidia0").exists() or any(Path("/proc/driver/nvidia/gpus").glob("*")):
        return True
    program = shutil.which("nvidia-smi") or shutil.which("/usr/lib/wsl/lib/nvidia-smi")
    if program is None:
        return False
    try:
        listed = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return listed.returncode == 0 and "GPU" in listed.stdout


def index_has(index: str, requirement: str, seconds: float = INDEX_SECONDS) -> bool:
    """Return whether an index says within `seconds` that it has a wheel without CUDA for this Python and machine."""
    page: list[str] = []

    def read() -> None:
        try:
            with urllib.request.urlopen(f"{index.rstrip('/')}/torch/", timeout=seconds) as answer:
                page.append(answer.read().decode("utf-8", "replace"))
        except (OSError, ValueError):
            pass

    # A thread, since looking up a name has no time limit of its own; set-up does not wait for it.
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(seconds)
    version = re.escape(requirement.replace("torch==", ""))
    python = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    wheel = rf"torch-{version}(%2B|\+)cpu-{python}-{python}-\w*linux\w*_x86_64\.whl"
    return any(re.search(wheel, text) for text in page)
