"""What the elements of a page show, out of the messages to the browser."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def contents(app: AppTest, name: str) -> list[dict[str, Any]]:
    """What each element of this kind draws, see ``ui.elements``."""
    messages = (element.proto for element in app.get("bidi_component"))
    return [json.loads(message.bytes) for message in messages if message.component_name == name]


def cards(app: AppTest) -> dict[str, dict[str, Any]]:
    """The KPI cards of a page by name."""
    return {card["name"]: card for shown in contents(app, "kpi_cards") for card in shown["cards"]}
