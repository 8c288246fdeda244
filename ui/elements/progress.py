"""How far work beside the page is."""

from __future__ import annotations

from typing import Any

import streamlit as st

from data_access.background import Task
from ui import text
from ui.text import plain, say


def show_running(task: Task[Any]) -> None:
    """How far a task is, with a button to stop it."""
    progress = task.progress
    if progress.phase == "waiting":
        words = say(
            f"{task.label}：服务器正在处理别的文件，轮到时自动开始",
            f"{task.label}: the server is at other files; this begins by itself when it is its turn",
        )
    elif progress.phase == "rollups":
        words = say(f"{task.label}：正在汇总 {progress.rows:,} 行", f"{task.label}: summing up {progress.rows:,} rows")
    else:
        rate = text.number(task.rows_per_second)
        words = say(
            f"{task.label}：{progress.rows:,} 行，每秒 {rate} 行",
            f"{task.label}: {progress.rows:,} rows, {rate} a second",
        )
        if (left := task.seconds_left) is not None:
            words += say(f"，还需约 {_duration(left)}", f", about {_duration(left)} left")
    st.progress(min(progress.share or 0.0, 1.0), plain(words))
    if task.is_cancelled:
        st.caption(say("正在停下……", "Stopping …"))
    else:
        st.button(say("取消", "Cancel"), icon=":material/close:", on_click=task.cancel, key="cancel task")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return say(f"{seconds:.0f} 秒", f"{seconds:.0f} s")
    return say(f"{seconds / 60:.0f} 分钟", f"{seconds / 60:.0f} min")
