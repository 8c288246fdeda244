"""Every page, tab and look by its address, for whatever opens them all."""

from __future__ import annotations

from data_access.todo.registry import TO_DO
from ui.asking.address import OWN, STATES, TABS
from ui.explore.choice import LOOKS
from ui.frame.pages import PAGES

_COUNTED = "/explore?count=received&count=on_time_rate"
# Questions to every kind of rows, drawn in every way
QUESTIONS = (
    f"{_COUNTED}&by=township_code",
    f"{_COUNTED}&by=category_1&show=bars",
    f"{_COUNTED}&by=category_1&by=channel&show=heatmap",
    f"{_COUNTED}&by=month&by=category_2&show=line",
    f"{_COUNTED}&by=village_code&by=category_3",
    "/explore?count=handling_days&by=department",
    "/explore?count=received&by=village_code&text=路灯",
    "/explore?count=outages&by=cause",
    "/explore?count=projects&by=responsible",
    "/explore?count=received&rows=received",
)


def _of_page(name: str) -> list[str]:
    """A page, and its tabs, states and looks."""
    path = "/" if name == "overview" else f"/{name}"
    if name == "explore":
        return [path, *(f"{path}?look={look}" for look in LOOKS), *QUESTIONS]
    own = {parameter.name for parameter in OWN.get(name, ())}
    tabs = [f"{path}?tab={tab}" for tab in TABS] if "tab" in own else []
    states = [f"{path}?tab=rows&state={state}" for state in STATES] if "state" in own else []
    to_do = [f"{path}?todo={code}" for code in TO_DO] if "todo" in own else []
    return [path, *tabs, *states, *to_do]


ADDRESSES = tuple(address for name in PAGES for address in _of_page(name))
