"""Lets go of the sessions of pages that were left, when the time for which they are kept is over."""

from __future__ import annotations

import asyncio
from typing import Any

from streamlit import runtime

_SECONDS = 30


async def let_go_of_left_sessions() -> None:
    """Look every half minute, for good.

    Streamlit 1.67 keeps a session for two minutes after its page went, for whom the network had left alone, and 128 of them;
    but it looks whose time is over only when the next page goes. Each holds three descriptors and what its page had read.
    """
    while True:
        await asyncio.sleep(_SECONDS)
        if runtime.exists():
            manager: Any = runtime.get_instance()._session_mgr
            let_go(manager._session_storage)


def let_go(storage: Any) -> None:
    """Let go of the sessions whose time is over."""
    storage._cache.expire()
