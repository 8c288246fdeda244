"""What 总览 and 群众诉求 show for an address, for the systems that ours is compared with: the same figures and words.

``python -m benchmarks.peers.contents FILE`` writes the states that are measured: page -> query -> content. A content has
``figures`` (title, height in pixels, figure in the light theme), ``parts`` (class -> what ours draws) and their ``html``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

from data_access import cache
from data_access.access import UNRESTRICTED
from data_access.areas import OVERVIEW
from data_access.kept_results import kept
from ui.asking import address
from ui.asking.view import View
from ui.cards import attention, county_map, indicators, overview
from ui.charts.marks import HALF
from ui.text import written_in

Content = dict[str, Any]
TOWNSHIP, KIND, INDICATOR = "钢山街道", "街道", OVERVIEW.ranked
TITLES = {"overview": "总览", "petitions": "群众诉求"}
# By page: the charts that are clicked, by position, and what each narrows
NARROWING = {"overview": {0: "street"}, "petitions": {1: "category", 2: "channel"}}
CSS = Path(__file__).with_name("page.css").read_text("utf-8")
CONFIG = {"displayModeBar": False, "doubleClick": False, "scrollZoom": False, "showTips": False, "responsive": True}
_FONT = {"family": "sans-serif", "size": 11, "color": "#1F2933"}
_AXIS = dict.fromkeys(("gridcolor", "zerolinecolor", "tickcolor"), "#E3E8EE")
_AXIS = {**_AXIS, "tickfont": _FONT, "title": {"font": _FONT}}
_TEMPLATE = {
    "layout": {
        "font": _FONT,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {**_AXIS, "showgrid": False, "zeroline": False},
        "yaxis": _AXIS,
        "margin": {"pad": 6},
        "hoverlabel": {"bgcolor": "#FFFFFF", "bordercolor": "#E3E8EE", "font": {**_FONT, "size": 12}},
        "legend": {"font": _FONT},
    }
}


def given(query: str) -> dict[str, list[str]]:
    """What a query (with or without ``?``) asks."""
    return parse_qs(query.removeprefix("?"))


def query(asked: Mapping[str, Sequence[str]]) -> str:
    """The query of what is asked, empty or from ``?``."""
    told = urlencode({name: list(values) for name, values in asked.items() if values}, doseq=True)
    return f"?{told}" if told else ""


def narrowed(search: str, name: str, values: Sequence[str]) -> str:
    """The query with other values of a parameter; those that it has already are taken back, as a second click does."""
    asked = given(search)
    return query({**asked, name: [] if asked.get(name) == list(values) else list(values)})


def kinds() -> dict[str, list[str]]:
    """The townships of each button, none for all."""
    county = cache.county(UNRESTRICTED)
    return {"全部": [], **{kind: [county.names[code] for code in codes] for kind, codes in county.kinds.items()}}


def choices() -> dict[str, dict[str, str]]:
    """The options of each filter with their names."""
    county = cache.county(UNRESTRICTED)
    months = {month: month for month in county.months}
    with written_in("zh"):
        named = {code: county.indicator(code).zh for code in OVERVIEW.headlines}
    compare = dict(zip(address.COMPARISONS, ("上年同期", "上一时段", "不对比"), strict=True))
    streets = {name: name for name in county.names.values()}
    return {"street": streets, "from": months, "to": months, "compare": compare, "indicator": named}


def chosen(search: str) -> dict[str, Any]:
    """The values of the filters."""
    county = cache.county(UNRESTRICTED)
    values = address.in_county(address.read(address.FILTERS, given(search))[0], county)[0]
    return {**values, "indicator": given(search).get("indicator", [INDICATOR])[0]}


_states: dict[str, dict[str, Content]] = {}


def read_states(file: Path) -> None:
    """Know 群众诉求 as this program wrote it."""
    _states.update(json.loads(file.read_text("utf-8")))


def of(page: str, search: str) -> Content:
    """What a page shows for a query; of 群众诉求 what is measured alone."""
    return _overview(cache.data_key(), search) if page == "overview" else _states[page][search]


@kept(1000)
def _overview(data: int, search: str) -> Content:
    values = chosen(search)
    with written_in("zh"):
        county = cache.county(UNRESTRICTED)
        scope = address.scope_of(values, county, UNRESTRICTED)
        view = View(county, data, "zh", scope, values["compare"])
        made = (
            indicators._cards(view, OVERVIEW.headlines),
            county_map.map_of(view, values["indicator"]),
            indicators._trend(view, values["indicator"], 240, HALF),
            overview._league(view, values["indicator"]),
            attention._attention(view),
        )
        cards, tiles, trend, league, items = map(json.loads, made)
    return _content([tiles, trend], kpi_cards=cards, league_table=league, attention=items)


def _content(figures: list[dict[str, Any]], **parts: dict[str, Any]) -> Content:
    for one in figures:
        one["figure"]["layout"] |= {"template": _TEMPLATE, "autosize": True}
    drawn = {"kpi_cards": _cards, "league_table": _league, "attention": _attention}
    return {
        "figures": [{name: one[name] for name in ("title", "height", "figure")} for one in figures],
        "html": {name: drawn[name](part) for name, part in parts.items()},
        "parts": parts,
    }


# --- As HTML --------------------------------------------------------------------------------------


def sparkline(line: Mapping[str, Any]) -> str:
    """The last months of a card as SVG."""
    low, high = line["scale"]
    step = 100 / (len(line["values"]) - 1)
    points = [
        f"{index * step:.1f},{34 - (value - low) / (high - low) * 32:.1f}"
        for index, value in enumerate(line["values"])
        if value is not None
    ]
    return (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 100 36' preserveAspectRatio='none'>"
        f"<polygon points='0,36 {' '.join(points)} 100,36' fill='#2F80C2' opacity='.14'/>"
        f"<polyline points='{' '.join(points)}' fill='none' stroke='#2F80C2' vector-effect='non-scaling-stroke'/>"
        + "".join(
            f"<rect x='{(index - 0.5) * step:.1f}' width='{step:.1f}' height='36' fill='transparent'>"
            f"<title>{escape(label)}\n{escape(line['range'])}</title></rect>"
            for index, label in enumerate(line["labels"])
        )
        + "</svg>"
    )


def _cards(content: dict[str, Any]) -> str:
    return "".join(
        f"<section class='kpi'><div class='name' title='{escape(card['help'])}'>{escape(card['name'])} <i>?</i></div>"
        f"<div class='value'>{escape(card['value'])} <small>{escape(card.get('unit') or '')}</small></div>"
        f"<div class='change {card['tone']}'>{escape(card.get('change') or '')}</div>"
        f"{sparkline(card['line']) if 'line' in card else ''}"
        f"<p class='quiet'><b>{escape(card.get('verdict') or '')}</b> {escape(card['target'] or '')}</p></section>"
        for card in content["cards"]
    )


def _league(content: dict[str, Any]) -> str:
    headings = "".join(f"<th>{escape(column['title'])}</th>" for column in content["columns"])
    rows = "".join(
        f"<tr data-key='{escape(row['key'])}' class='{'chosen' if row['key'] == content['chosen'] else ''}'>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in row["cells"])
        + "</tr>"
        for row in content["rows"]
    )
    return (
        f"<p class='title'>{escape(content['title'])}</p><div class='frame'><table><thead><tr>{headings}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div><p class='quiet'>{escape(content['note'])}</p>"
    )


def _attention(content: dict[str, Any]) -> str:
    return f"<p class='title'>{escape(content['title'])}</p>" + "".join(
        f"<section class='item'><p>{escape(item['found'])}</p><p class='quiet'>{escape(item.get('detail', ''))}</p>"
        f"<a href='{item['way']['path']}?{escape(item['way']['query'])}'>{escape(item.get('label', ''))}</a>"
        + "</section>"
        for item in content["items"]
    )


# --- The states that are measured -----------------------------------------------------------------


def _of_petitions(asked: Mapping[str, list[str]]) -> Content:
    """群众诉求 as the page itself makes it."""
    import pytest

    from tests.page_contents import contents, page

    with pytest.MonkeyPatch.context() as patch:
        app = page("petitions", os.environ["DATABASE_URL"], patch, **asked)
    return _content(contents(app, "figure"), kpi_cards=contents(app, "kpi_cards")[0])


def states() -> dict[str, dict[str, Content]]:
    """Both pages as they are opened, and in what each click that is measured leads to."""
    whole = _of_petitions({})
    petitions = {"": whole}
    for position, name in NARROWING["petitions"].items():
        asked = {name: [str(first_key(whole["figures"][position]))]}
        petitions[query(asked)] = _of_petitions(asked)
    streets = (None, kinds()[KIND], [TOWNSHIP])
    searches = [query({"street": names} if names else {}) for names in streets]
    return {"overview": {search: of("overview", search) for search in searches}, "petitions": petitions}


def first_key(shown: dict[str, Any]) -> str:
    """What the first mark of a chart that can be clicked stands for."""
    return next(str(trace["customdata"][0]) for trace in shown["figure"]["data"] if "customdata" in trace)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(states(), ensure_ascii=False), "utf-8")
