"""What one student room may use."""

from __future__ import annotations

from dataclasses import dataclass

from course.handing_in.allowed import CELL_SECONDS, GRACE_SECONDS, SUBMISSION_SECONDS

MIB = 1024**2
GIB = 1024**3

PROCESSORS = 8
"""How many a submission may keep busy for all of its wall seconds, unless an instructor says otherwise.

As many as the threads that a numeric library starts there (`OMP_THREAD_LIMIT`), so honest work does not meet it; and
the same on every machine.
"""


@dataclass(frozen=True)
class Limits:
    """Limits of one student room; each of them is enforced from outside the student's code.

    Attributes
    ----------
    cell_seconds : float
        Seconds for one cell or one request, by the room's clock (`autograder.room.clock`).
    submission_seconds : float
        The same for all cells and requests of one room.
    processor_seconds : float
        Processor seconds, of user and system, of all processes of a submission's rooms together.
    grace_seconds : float
        Seconds between the interrupt of an overdue cell and its kill.
    memory_bytes : int
        Memory of all the room's processes together, above that of a fresh kernel.
    processes : int
        Processes and threads, the kernel's own (about 8) included.
    open_files : int
        Open file descriptors of one process.
    file_bytes : int
        Size of one file.
    scratch_bytes : int
        Size of all files the room writes, in every folder it can write to.
    output_bytes : int
        Output kept of one cell; the rest is dropped and a note says so.
    all_output_bytes : int
        Output kept of all cells of a submission together.
    flood_bytes : int
        Output of one cell or request after which it is stopped.
    reply_bytes : int
        Size of one value that comes back.
    """

    cell_seconds: float = CELL_SECONDS
    submission_seconds: float = SUBMISSION_SECONDS
    processor_seconds: float = PROCESSORS * SUBMISSION_SECONDS
    grace_seconds: float = GRACE_SECONDS
    memory_bytes: int = 2 * GIB
    processes: int = 64
    open_files: int = 256
    file_bytes: int = 64 * MIB
    scratch_bytes: int = 256 * MIB
    output_bytes: int = MIB
    all_output_bytes: int = 16 * MIB
    flood_bytes: int = 64 * MIB
    reply_bytes: int = 64 * MIB
