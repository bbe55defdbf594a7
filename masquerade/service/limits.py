"""How often a token or a subject may be used. The clock is one that nobody can move."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

LARGEST = 100_000
"""Keys that are remembered; then the one that was used longest ago is forgotten."""


class Rate:
    """At most ``count`` uses of a key in ``seconds``, evenly or at once (GCRA: ITU-T I.371).

    Args:
        clock: seconds; it may not go back.
    """

    def __init__(self, count: int, seconds: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._gap, self._clock = seconds / count, clock
        self._burst = seconds - self._gap
        self._due: OrderedDict[str, float] = OrderedDict()

    def wait(self, key: str) -> float:
        """Count one use and return 0, or count none and return the seconds until there may be one."""
        now = self._clock()
        due = max(self._due.get(key, now), now)
        early = due - now - self._burst
        if early > 1e-6:
            return early
        self._due[key] = due + self._gap
        _trim(self._due, key)
        return 0.0


class LockOut:
    """At most ``count`` failures of a key in ``seconds``. A try is a failure until it is forgiven, so many at once are.

    A success forgives itself and no earlier failure: whoever mixes tries that succeed with others gains nothing.

    Args:
        clock: seconds; it may not go back.
    """

    def __init__(self, count: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._count, self._seconds, self._clock = count, seconds, clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Count one try and return 0, or count none and return the seconds until there may be one."""
        now = self._clock()
        failures = self._failures.setdefault(key, deque())
        while failures and failures[0] <= now - self._seconds:
            failures.popleft()
        if len(failures) >= self._count:
            return failures[0] + self._seconds - now
        failures.append(now)
        _trim(self._failures, key)
        return 0.0

    def forgive(self, key: str) -> None:
        """Take the last try back: it succeeded, or nothing was compared."""
        if self._failures.get(key):
            self._failures[key].pop()


def _trim(keys: OrderedDict, used: str) -> None:
    keys.move_to_end(used)
    while len(keys) > LARGEST:
        keys.popitem(last=False)
