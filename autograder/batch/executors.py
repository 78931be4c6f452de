"""Where tasks run: a process pool on this machine, or a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor

from autograder.errors import UserError


def local_executor(workers: int) -> Callable[[], Executor]:
    """Return a maker of pools of so many worker processes, forked from one that has everything imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["autograder.batch.task"])
    # Threads of the numeric libraries would fight the other workers for the cores, and do not survive a fork.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

    def make() -> Executor:
        return ProcessPoolExecutor(workers, mp_context=context, initializer=_end_on_interrupt)

    return make


def _end_on_interrupt() -> None:
    """End at Ctrl-C without a traceback; the coordinator has saved what was ready."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def cluster_executor(address: str) -> tuple[Callable[[], Executor], int]:
    """Return a maker of executors on a Dask cluster, and the number of its workers.

    Raises
    ------
    UserError
        If Dask is not installed or no scheduler answers at the address.
    """
    try:
        from distributed import Client
    except ImportError:
        raise UserError("--scheduler needs Dask: pip install 'activation-course[cluster]'.") from None
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError, TimeoutError) as error:
        raise UserError(f"No Dask scheduler answers at {address} ({error}). Is 'dask scheduler' running?") from None
    workers = len(client.scheduler_info(n_workers=-1)["workers"])
    if workers == 0:
        raise UserError(f"The Dask scheduler at {address} has no workers. Start some with 'dask worker {address}'.")
    # pure=False: the same submission handed in twice is two pieces of work, each with a result of its own.
    return lambda: client.get_executor(pure=False), workers
