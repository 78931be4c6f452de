"""What one student room may use."""

from dataclasses import dataclass

MIB = 1024**2
GIB = 1024**3


@dataclass(frozen=True)
class Limits:
    """Limits of one student room; each of them is enforced from outside the student's code.

    Attributes:
        cell_seconds: wall seconds for one cell or one request.
        submission_seconds: wall seconds for all cells and requests of one room.
        grace_seconds: seconds between the interrupt of an overdue cell and its kill.
        memory_bytes: memory of all the room's processes together, above that of a fresh kernel.
        processes: processes and threads, the kernel's own (about 8) included.
        open_files: open file descriptors of one process.
        file_bytes: size of one file.
        scratch_bytes: size of all files the room writes, in every folder it can write to.
        output_bytes: output kept of one cell; the rest is dropped and a note says so.
        flood_bytes: output of one cell or request after which it is stopped.
        reply_bytes: size of one value that comes back.
    """

    cell_seconds: float = 30.0
    submission_seconds: float = 300.0
    grace_seconds: float = 2.0
    memory_bytes: int = 2 * GIB
    processes: int = 64
    open_files: int = 256
    file_bytes: int = 64 * MIB
    scratch_bytes: int = 256 * MIB
    output_bytes: int = MIB
    flood_bytes: int = 64 * MIB
    reply_bytes: int = 64 * MIB
