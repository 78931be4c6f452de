"""Where tasks run: processes on this machine, or a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import Any

from autograder.errors import UserError
from autograder.examiner.workers import close_workers

CONNECT_SECONDS = 10


class LocalExecutor(ThreadPoolExecutor):
    """Threads that each have a process of their own to grade in, and only wait for it.

    Shut down without waiting, it ends these processes at once, whatever they are doing.
    """

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self._under_way: set[Future[Any]] = set()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a process of one of the threads do it."""
        future = super().submit(fn, *args, **kwargs)
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes, after the work that is under way or at once."""
        if not wait:
            super().shutdown(wait=False, cancel_futures=True)
            while under_way := set(self._under_way):  # one may be about to start its process
                close_workers()
                wait_for(under_way, timeout=0.1)
        super().shutdown(wait=True, cancel_futures=cancel_futures or not wait)
        close_workers()


def local_executor(workers: int) -> Callable[[], Executor]:
    """Return a function that makes executors of `workers` processes."""
    return lambda: LocalExecutor(workers)


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
