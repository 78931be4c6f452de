"""Where tasks run: a process pool on this machine, or a Dask cluster."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import forkserver
from multiprocessing.context import BaseContext
from pathlib import Path

from autograder.batch.scratch import own_folder
from autograder.errors import UserError
from autograder.room.numerics import SAME_EVERYWHERE

CONNECT_SECONDS = 10


class WorkerPool(ProcessPoolExecutor):
    """A process pool whose workers end with this process, however it ends.

    Shut down without waiting, it ends them at once, whatever they are doing.
    """

    def __init__(self, workers: int, context: BaseContext) -> None:
        super().__init__(workers, mp_context=context, initializer=_become_worker, initargs=(str(own_folder()),))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers, after the work that is under way or at once."""
        super().shutdown(wait=wait, cancel_futures=cancel_futures or not wait)
        if not wait:
            for worker in multiprocessing.active_children():
                worker.terminate()
                worker.join()


def local_executor(workers: int) -> Callable[[], Executor]:
    """Return a function that makes pools of `workers` processes, forked from one that has everything imported."""
    # Threads of the numeric libraries would fight the other workers for the cores, and do not survive a fork.
    os.environ.update(SAME_EVERYWHERE, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["torch", "autograder.batch.task", "autograder.hidden_checks.elementwise"])
    with _temporary_files_in(own_folder()):
        forkserver.ensure_running()
    return lambda: WorkerPool(workers, context)


@contextlib.contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _become_worker(scratch: str) -> None:
    # End at Ctrl-C without a traceback; the coordinator has saved what was ready.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    tempfile.tempdir = scratch
    threading.Thread(target=_end_with_coordinator, daemon=True).start()


def _end_with_coordinator() -> None:
    """End this worker when the coordinator is killed; otherwise it would wait for work forever."""
    coordinator = multiprocessing.parent_process()
    if coordinator is not None:
        coordinator.join()
        os._exit(1)


def cluster_executor(address: str) -> tuple[Callable[[], Executor], int]:
    """Return a function that makes executors on a Dask cluster, and the number of its workers.

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
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError, TimeoutError) as error:
        raise UserError(f"No Dask scheduler answers at {address} ({error}). Is 'dask scheduler' running?") from None
    workers = len(client.scheduler_info(n_workers=-1)["workers"])
    if workers == 0:
        raise UserError(f"The Dask scheduler at {address} has no workers. Start some with 'dask worker {address}'.")
    # pure=False: the same submission handed in twice is two pieces of work, each with a result of its own.
    return lambda: client.get_executor(pure=False), workers
