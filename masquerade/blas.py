"""Matrix products on one thread, where they are many and small: two threads would wait for each other."""

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController

_libraries = cache(ThreadpoolController)
"""Looking for them takes longer than a hundred small products."""


def one_thread() -> AbstractContextManager:
    """Limit the threads of NumPy's matrix products in a block."""
    return _libraries().limit(limits=1, user_api="blas")
