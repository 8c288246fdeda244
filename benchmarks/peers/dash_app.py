"""The same pages by Dash: ``python -m benchmarks.peers.dash_app PORT STATES``.

总览 is answered from the database (``DATABASE_URL``), 群众诉求 out of STATES, which ``benchmarks.peers.contents`` writes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import flask
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.exceptions import PreventUpdate
from waitress import serve

from benchmarks.peers import contents
from benchmarks.peers.contents import CONFIG, NARROWING, TITLES, Content

app = Dash(title="dash", compress=True, suppress_callback_exceptions=True, update_title=None)
app.index_string = app.index_string.replace("<html>", '<html lang="zh">').replace(
    "{%css%}", f"{{%css%}}<style>{contents.CSS}</style>"
)


def page_of(path: str) -> str:
    """The page of a path."""
    return path.strip("/") or "overview"


# --- What is shown --------------------------------------------------------------------------------


def filters(search: str) -> list[Any]:
    """The sidebar."""
    values = contents.chosen(search)
    boxes = [
        dcc.Dropdown(options, values[name], id={"filter": name}, multi=name == "street", clearable=False)
        for name, options in contents.choices().items()
    ]
    # Dash does not find the value of what has an identifier in Chinese.
    kinds = [html.Button(kind, id={"kind": index}) for index, kind in enumerate(contents.kinds())]
    links = [dcc.Link(title, href=f"/{path}") for path, title in TITLES.items()]
    return [*links, html.Div(kinds), *boxes]


def charts(content: Content) -> list[Any]:
    """Each figure under its title."""
    return [
        html.Div(
            [
                html.P(one["title"], id={"title": index}, className="figure-title"),
                dcc.Graph(
                    {"figure": index}, figure=one["figure"], config=CONFIG, style={"height": f"{one['height']}px"}
                ),
            ],
            className="figure",
        )
        for index, one in enumerate(content["figures"])
    ]


def cards(part: dict[str, Any]) -> list[Any]:
    """The cards of a page."""
    return [
        html.Section(
            [
                html.Div([card["name"], html.I(" ?")], title=card["help"], className="name"),
                html.Div([card["value"], html.Small(card.get("unit"))], className="value"),
                html.Div(card.get("change"), className=f"change {card['tone']}"),
                html.Img(src=f"data:image/svg+xml,{quote(contents.sparkline(card['line']))}")
                if "line" in card
                else None,
                html.P([html.B(card.get("verdict")), card["target"]], className="quiet"),
            ],
            className="kpi",
        )
        for card in part["cards"]
    ]


def attention(part: dict[str, Any]) -> list[Any]:
    """What needs a decision."""
    return [
        html.P(part["title"], className="title"),
        *(
            html.Section(
                [
                    html.P(item["found"]),
                    html.P(item.get("detail"), className="quiet"),
                    html.A(item.get("label"), href=f"/{item['way']['path']}?{item['way']['query']}"),
                ]
            )
            for item in part["items"]
        ),
    ]


def rows(part: dict[str, Any]) -> list[list[Any]]:
    """The cells of as many rows as there are townships: rows stay, so that they can be listened to."""
    cells = [[html.Td(cell) for cell in row["cells"]] for row in part["rows"]]
    return cells + [[]] * (len(contents.choices()["street"]) - len(cells))


def league(part: dict[str, Any]) -> list[Any]:
    """The league table."""
    body = [html.Tr(cells, id={"row": index}) for index, cells in enumerate(rows(part))]
    head = html.Tr([html.Th(column["title"]) for column in part["columns"]], id={"part": "head"})
    table = html.Table([html.Thead(head), html.Tbody(body)])
    return [
        html.P(part["title"], className="title"),
        html.Div(table, className="frame"),
        html.P(part["note"], className="quiet"),
    ]


DRAWN = {
    "kpi_cards": cards,
    "attention": attention,
    "head": lambda part: [html.Th(column["title"]) for column in part["columns"]],
}


def main_part(path: str, search: str) -> list[Any]:
    """A page beside the sidebar."""
    name = page_of(path)
    content = contents.of(name, search)
    shown, parts = charts(content), content["parts"]
    top = [
        html.H1(TITLES[name]),
        html.Div(cards(parts["kpi_cards"]), id={"part": "kpi_cards"}, className="kpi_cards"),
    ]
    if name == "petitions":
        across = [html.Div(shown[begin : begin + 3], className="across three") for begin in (0, 3)]
        return [*top, *across, html.Div(shown[6:], className="across two")]
    beside = html.Div(attention(parts["attention"]), id={"part": "attention"}, className="attention")
    table = html.Div(league(parts["league_table"]), className="league_table")
    return [*top, html.Div([shown[0], table, beside], className="across"), shown[1]]


def layout() -> Any:
    """The page at the address that asks for it, so that its content need not be asked for after it."""
    path, search = urlsplit(flask.request.referrer or "")[2:4] if flask.has_request_context() else ("", "")
    search = f"?{search}" if search else ""
    return html.Div(
        [
            dcc.Location("url", pathname=path, search=search, refresh=False),
            html.Nav(filters(search), className="filters"),
            html.Main(main_part(path, search), id="main"),
        ],
        className="page",
    )


app.layout = layout


# --- What is clicked ------------------------------------------------------------------------------


@app.callback(Output("main", "children"), Input("url", "pathname"), State("url", "search"), prevent_initial_call=True)
def turn(path: str, search: str) -> list[Any]:
    """Go to another page."""
    return main_part(path, search)


@app.callback(
    Output({"figure": ALL}, "figure"),
    Output({"figure": ALL}, "clickData"),
    Output({"title": ALL}, "children"),
    Output({"part": ALL}, "children"),
    Output({"row": ALL}, "children"),
    Output({"filter": ALL}, "value"),
    Output("url", "search"),
    Input({"figure": ALL}, "clickData"),
    Input({"row": ALL}, "n_clicks"),
    Input({"filter": ALL}, "value"),
    Input({"kind": ALL}, "n_clicks"),
    Input("url", "search"),
    State("url", "pathname"),
    prevent_initial_call=True,
)
def show(*given: Any) -> tuple[Any, ...]:
    """Show what a click, a filter or the address asks for, and say it in the address."""
    before, path = given[-2:]
    name = page_of(path)
    # What has just been drawn tells so by an empty value.
    if not ctx.triggered[0]["value"] and ctx.triggered_id != "url":
        raise PreventUpdate
    search = asked(ctx.triggered_id, ctx.triggered[0]["value"], name, before)
    content = contents.of(name, search)
    figures = [one["figure"] for one in content["figures"]]
    if ctx.triggered_id != "url":
        # What is drawn already is not sent again.
        drawn = [one["figure"] for one in contents.of(name, before)["figures"]]
        figures = [no_update if one == other else one for one, other in zip(figures, drawn, strict=True)]
    values = contents.chosen(search)
    parts = [one["id"]["part"] for one in ctx.outputs_list[3]]
    league = content["parts"].get("league_table")
    return (
        figures,
        [None] * len(figures),
        [one["title"] for one in content["figures"]],
        [DRAWN[part](league if part == "head" else content["parts"][part]) for part in parts],
        rows(league) if league else [],
        [values[one["id"]["filter"]] for one in ctx.outputs_list[5]],
        no_update if search == before else search,
    )


def asked(trigger: Any, value: Any, page: str, search: str) -> str:
    """The query after a click."""
    match trigger:
        case {"figure": index}:
            return contents.narrowed(search, NARROWING[page][index], [str(value["points"][0]["customdata"])])
        case {"row": index}:
            return contents.narrowed(
                search, "street", [contents.of(page, search)["parts"]["league_table"]["rows"][index]["key"]]
            )
        case {"kind": index}:
            return contents.query({**contents.given(search), "street": list(contents.kinds().values())[index]})
        case {"filter": name}:
            return contents.query({**contents.given(search), name: value if isinstance(value, list) else [value]})
    return search


if __name__ == "__main__":
    contents.read_states(Path(sys.argv[2]))
    serve(app.server, host="127.0.0.1", port=int(sys.argv[1]), threads=8)
