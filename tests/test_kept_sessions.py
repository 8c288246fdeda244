"""The sessions of pages that were left go when their time is over, with the descriptors they hold."""

from __future__ import annotations

import weakref
from typing import Any

from streamlit.runtime.caching.ttl_cache import TTLCache
from streamlit.runtime.memory_session_storage import MemorySessionStorage

from ui.server.kept_sessions import let_go


class _Left:
    """Stands for what is kept of a page's session."""


def test_what_is_kept_too_long_goes_without_another_that_comes() -> None:
    now = 0.0
    storage = MemorySessionStorage()
    # With a clock of its own; else as Streamlit makes it
    assert isinstance(storage._cache, TTLCache)
    kept: TTLCache[str, Any] = TTLCache(maxsize=128, ttl=120, timer=lambda: now)
    storage._cache = kept
    left = _Left()
    held = weakref.ref(left)
    kept["a"] = left
    del left
    let_go(storage)
    assert held() is not None
    now = 121.0
    # Where this holds no more, ui/server/kept_sessions.py can go.
    assert storage.get("a") is None
    assert held() is not None
    let_go(storage)
    assert held() is None
