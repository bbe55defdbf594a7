"""The one thread in which the model runs: Keras is not made for several, and the event loop answers meanwhile."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

from starlette.exceptions import HTTPException

T = TypeVar("T")


class Worker:
    """Does one thing after the other.

    Args:
        waiting: how many may wait.
    """

    def __init__(self, waiting: int) -> None:
        self._places = BoundedSemaphore(waiting + 1)
        self._thread = ThreadPoolExecutor(1, "model")

    async def run(self, work: Callable[[], T]) -> T:
        """Do this in the thread. What has begun is done to its end, even if nobody waits for it any more.

        Raises:
            HTTPException: 503, too many wait already.
        """
        if not self._places.acquire(blocking=False):
            raise HTTPException(503, "the service is busy: try again in a second", {"Retry-After": "1"})
        future = self._thread.submit(work)
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Wait for the last one."""
        self._thread.shutdown()
