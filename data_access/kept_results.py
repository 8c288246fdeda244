"""Results kept for whoever asks for the same; what is being made is waited for rather than made twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class KeptResults:
    """The results last asked for, so many at ``most``, by key.

    An exception is raised to all who wait, and not kept; if whoever makes it is interrupted, another one does.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        # The one last used is the last
        self._results: OrderedDict[Hashable, Future[Any]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], R]) -> R:
        """What ``make`` returned for this key, or returns now."""
        while True:
            with self._lock:
                is_new = key not in self._results
                result: Future[R] = self._results.setdefault(key, Future())
                self._results.move_to_end(key)
                if len(self._results) > self._most:
                    self._results.popitem(last=False)
            if is_new:
                return self._made(key, make, result)
            try:
                return result.result()
            except CancelledError:
                continue

    def _made(self, key: Hashable, make: Callable[[], R], result: Future[R]) -> R:
        try:
            made = make()
        except BaseException as error:
            with self._lock:
                self._results.pop(key, None)
            # What is no Exception is meant for this thread alone: Streamlit's, that the viewer has clicked on.
            if isinstance(error, Exception):
                result.set_exception(error)
            else:
                result.cancel()
            raise
        result.set_result(made)
        return made


def kept(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Have a function's results kept, like ``functools.lru_cache``, which makes twice what two ask for at once."""

    def keeping(make: Callable[P, R]) -> Callable[P, R]:
        results = KeptResults(most)

        @wraps(make)
        def found(*args: P.args, **kwargs: P.kwargs) -> R:
            return results.get((args, *sorted(kwargs.items())), lambda: make(*args, **kwargs))

        return found

    return keeping
