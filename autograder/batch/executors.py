"""Where tasks run: processes on this machine, or a Dask cluster."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import Any

from autograder.errors import UserError
from autograder.examiner.workers import close_workers, start_workers

CONNECT_SECONDS = 10

ALONE_SECONDS = 300
"""How long a run waits for workers when all have gone: a cluster may have others soon."""

_TALKATIVE = ("distributed", "distributed.client", "distributed.core", "tornado.application", "asyncio")
_UNREACHABLE = (OSError, ValueError, TimeoutError, RuntimeError, AttributeError)
"""What Dask raises where the scheduler has gone, by what it was about to do."""


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
    """Return a function that makes executors of `workers` processes, which begin to import now."""
    start_workers(workers)
    return lambda: LocalExecutor(workers)


class _Lent(Executor):
    """An executor for one run of several, which the others find as it is; a run that is stopped stops it."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have one of its processes do it."""
        return self._executor.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave it to the next run, unless this one does not wait."""
        if not wait:
            self._executor.shutdown(wait=False, cancel_futures=cancel_futures)


@contextlib.contextmanager
def lent_executor(workers: int) -> Iterator[Callable[[], Executor]]:
    """Yield a function that returns the same `workers` processes each time; they end with the context."""
    executor = LocalExecutor(workers)
    start_workers(workers)
    try:
        yield lambda: _Lent(executor)
    finally:
        executor.shutdown(wait=False)


class ClusterExecutor(Executor):
    """A Dask cluster, which may lose its workers and get others."""

    def __init__(self, client: Any, address: str, tell: Callable[[str], object]) -> None:
        self._client, self._address, self._tell = client, address, tell
        # pure=False: the same submission handed in twice is two pieces of work, each with a result of its own.
        self._executor = client.get_executor(pure=False)
        self._alone_since: float | None = None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have one of the workers do it."""
        future: Future[Any] = self._executor.submit(fn, *args, **kwargs)
        return future

    def look(self) -> None:
        """Say so if all workers have gone, and give up if none comes back."""
        now = time.monotonic()
        if _workers_of(self._client):
            if self._alone_since is not None:
                self._tell("The cluster has workers again.")
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now
            self._tell(
                f"All workers of the Dask scheduler at {self._address} have gone; waiting up to "
                f"{ALONE_SECONDS // 60} minutes for others. Start some with 'dask worker {self._address}'."
            )
        elif now - self._alone_since > ALONE_SECONDS:
            raise UserError(
                f"The Dask scheduler at {self._address} has had no worker for {ALONE_SECONDS // 60} minutes. "
                f"What was graded is saved. Start some with 'dask worker {self._address}', and run this again."
            )

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster, after the work that is under way or at once."""
        with contextlib.suppress(*_UNREACHABLE):
            self._executor.shutdown(wait=wait)  # without waiting it cancels them
        with contextlib.suppress(*_UNREACHABLE):
            self._client.close(timeout=CONNECT_SECONDS)


def cluster_executor(address: str, tell: Callable[[str], object] = print) -> tuple[Callable[[], Executor], int]:
    """Return a function that makes executors on a Dask cluster, and the number of its workers.

    Parameters
    ----------
    address : str
        Of the scheduler.
    tell : Callable[[str], object], optional
        Gets a line when all workers have gone.

    Raises
    ------
    UserError
        If Dask is not installed or no scheduler answers at the address.
    """
    try:
        from distributed import Client
    except ImportError:
        raise UserError("--scheduler needs Dask: pip install 'activation-course[cluster]'.") from None
    for name in _TALKATIVE:  # a traceback for each connection that is lost
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UserError(f"No Dask scheduler answers at {address} ({error}). Is 'dask scheduler' running?") from None
    workers = _workers_of(client)
    if workers == 0:
        raise UserError(f"The Dask scheduler at {address} has no workers. Start some with 'dask worker {address}'.")
    return lambda: ClusterExecutor(client, address, tell), workers


def _workers_of(client: Any) -> int:
    """Return how many workers a cluster has; none if its scheduler has gone."""
    try:
        return len(client.scheduler_info(n_workers=-1)["workers"])
    except _UNREACHABLE:
        return 0
