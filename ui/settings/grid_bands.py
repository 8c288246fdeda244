"""The bands that grids are put in by the month, and what each is worth."""

from __future__ import annotations

from functools import partial

import streamlit as st

from data_access.access import Viewer
from data_access.areas.grid.bands import Band
from data_access.cache import engine
from data_access.queries import County
from data_access.settings.changing import Changed, SettingProblem
from data_access.settings.kept import grid_bands
from data_access.settings.lists import set_grid_bands
from ui.settings.subject import Changes, form, save, save_button, subject
from ui.text import say

_CODE = "grid_bands"


def show_grid_bands(county: County, changes: Changes, by: Viewer) -> None:
    """The bands of the grids' month, and a form for them."""
    last, bands = changes.get(_CODE), grid_bands(county.settings)
    told = say("；", "; ").join(
        say(
            f"{band.name} ≥{band.at_least:g}%，{band.yuan:,.10g} 元",
            f"{band.name} ≥{band.at_least:g}%, {band.yuan:,.10g} yuan",
        )
        for band in bands
    )
    now = form(_CODE, last, bands)
    key = f"grid bands {now.key}"
    with (
        subject(
            _CODE,
            say("网格考评等次", "Bands of grids"),
            told or say("没有设：不出月度考评表", "none: no monthly sheet"),
            last,
        ),
        st.form(key, border=False, enter_to_submit=False),
    ):
        st.text_area(
            say(
                "一行一个等次，从高到低：名称 按期办结率起点（%） 每个网格奖补（元）。如：优秀 95 300。最后一行起点写 0",
                "A band in a line, from the best: name, lowest share on time (%), bonus of a grid (yuan). The last begins at 0",
            ),
            "\n".join(map(str, now.draft)),
            height=120,
            key=f"{key} lines",
        )
        save_button("grid bands", _save, (key, now.seen, by))


def bands_in(lines: str) -> tuple[Band, ...]:
    """The bands that lines say. Raises SettingProblem for a line that says none."""
    found = []
    for line in filter(str.strip, lines.replace("，", " ").replace("％", "%").splitlines()):
        try:
            name, least, yuan = line.split()
            found.append(Band(name, float(least.removesuffix("%")), float(yuan.removesuffix("元"))))
        except ValueError:
            raise SettingProblem(
                f"“{line.strip()[:20]}”要写成：优秀 95 300。", f"“{line.strip()[:20]}” is written as: name 95 300."
            ) from None
    return tuple(found)


def _save(key: str, seen: int, by: Viewer) -> None:
    save(_CODE, partial(_keep, st.session_state[f"{key} lines"], seen, by))


def _keep(lines: str, seen: int, by: Viewer) -> Changed | None:
    return set_grid_bands(engine(), by, bands_in(lines), seen)
