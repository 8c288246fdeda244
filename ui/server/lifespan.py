"""What is done once, when the server starts and when it stops."""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from data_access.importing import kept_files
from data_access.private_files import keep_private, private_folder, remove_private_folders
from ui.frame.kept_theme import keep_theme
from ui.server.kept_sessions import let_go_of_left_sessions
from ui.server.outside_address import ask_nobody_outside
from ui.server.prompt_sending import send_at_once


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Keep what the server writes from everybody else, and remove what it keeps for a while, left by killed ones too.

    Keep the garbage collector away from what never becomes garbage: the modules loaded now, most of all objects.
    """
    from ui.server.told_downloads import tell_why

    os.umask(0o077)
    for mapping in kept_files.folder().glob("*.toml"):
        keep_private(mapping)
    for name in ("uploads", "exports", "checks"):
        private_folder(name)
    # Libraries leave files there too: openpyxl the rows of a workbook, which it forgets where the writing was stopped.
    tempfile.tempdir = str(private_folder("temporary"))
    ask_nobody_outside()
    send_at_once()
    tell_why()
    keep_theme()
    gc.collect()
    gc.freeze()
    # A search through everything stops all viewers for 50 ms: far less often than Python would. Few objects need it.
    gc.set_threshold(10_000, 20, 100)
    letting_go = asyncio.create_task(let_go_of_left_sessions())
    try:
        yield
    finally:
        letting_go.cancel()
        tempfile.tempdir = None
        remove_private_folders()
