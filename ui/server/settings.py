"""What whoever runs the server sets in its environment: the names it goes by, who may frame the wall, how many may come."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from data_access.problems import Problem

_HOST = re.compile(r"[a-z0-9.-]+|\[[0-9a-f:]+\]", re.IGNORECASE)
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d+)?", re.IGNORECASE)


@dataclass(frozen=True)
class ServerSettings:
    """``hosts``: empty where none are set. ``framed_by``: origins. ``sessions``: pages that are open at the same time."""

    hosts: tuple[str, ...]
    framed_by: tuple[str, ...]
    sessions: int
    sessions_per_address: int
    searches_per_minute: int


def server_settings() -> ServerSettings:
    """The settings of the environment. Raises Problem for one that cannot be meant."""
    return ServerSettings(
        _listed("ALLOWED_HOSTS", _HOST, "dashboard.example.gov.cn"),
        _listed("SCREEN_FRAMED_BY", _ORIGIN, "https://portal.example.gov.cn"),
        _count("MOST_SESSIONS", 1_000),
        _count("MOST_SESSIONS_PER_ADDRESS", 250),
        _count("MOST_SEARCHES_PER_MINUTE", 1_200),
    )


def _listed(name: str, form: re.Pattern[str], example: str) -> tuple[str, ...]:
    given = tuple(filter(None, (one.strip().lower() for one in os.environ.get(name, "").split(","))))
    for one in given:
        if not form.fullmatch(one):
            raise Problem(
                f"{name} 里的“{one}”不对，应形如 {example}。", f"“{one}” in {name} should look like {example}."
            )
    return given


def _count(name: str, default: int) -> int:
    given = os.environ.get(name, "").strip() or str(default)
    if not (given.isascii() and given.isdigit() and int(given)):
        raise Problem(f"{name}={given} 应为大于 0 的整数。", f"{name}={given} should be a whole number above 0.")
    return int(given)
