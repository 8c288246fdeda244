"""What the elements of a page show, out of the messages to the browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from streamlit.testing.v1 import AppTest

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent


def contents(app: AppTest, name: str) -> list[dict[str, Any]]:
    """What each element of this kind draws, see ``ui.elements``."""
    messages = (element.proto for element in app.get("bidi_component"))
    return [json.loads(message.bytes) for message in messages if message.component_name == name]


def cards(app: AppTest) -> dict[str, dict[str, Any]]:
    """The KPI cards of a page by name."""
    return {card["name"]: card for shown in contents(app, "kpi_cards") for card in shown["cards"]}


def page(name: str, url: str, monkeypatch: pytest.MonkeyPatch, **parameters: list[str]) -> AppTest:
    """The page as the frame shows it with these query parameters; an empty name is the viewer's first page."""
    monkeypatch.setenv("DATABASE_URL", url)
    # Without a browser it is a mock, which no database takes.
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.ip_address", "127.0.0.1")
    app = AppTest.from_file(str(ROOT / "ui" / "frame" / "app.py"), default_timeout=60)
    for key, value in parameters.items():
        app.query_params[key] = value
    if name:
        app.switch_page(f"../../pages/{name}.py")
    app.run()
    assert not app.exception
    return app


def in_a_loop(answer: Coroutine[Any, Any, T]) -> T:
    """What a route answers, in an event loop of its own: a browser of the tests before may run one in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, answer).result()
