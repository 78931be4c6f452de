"""Variables under which numeric libraries compute the same on every x86 processor, to the last bit.

torch, NumPy's BLAS, MKL and oneDNN choose their code by the processor, and each code sums in an order of its own. A
training that a wrong answer makes unstable turns a last bit into another loss, and a message about it into another
message. The variables count only where they are set before these libraries are loaded.
"""

from __future__ import annotations

import platform

_X86 = {
    "OPENBLAS_CORETYPE": "Prescott",  # SSE3, which every x86-64 processor has: nothing later is asked for
    "MKL_CBWR": "COMPATIBLE",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
}

SAME_EVERYWHERE: dict[str, str] = {
    "ATEN_CPU_CAPABILITY": "default",
    **(_X86 if platform.machine() in ("x86_64", "AMD64") else {}),
}
"""To be part of the environment of every room, and of every process that examines."""
