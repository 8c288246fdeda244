"""Who may ask what: everybody, nobody, a wall and ended sessions, at every route and page of a running server."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from sqlalchemy import select
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from data_access.access import RIGHTS
from data_access.areas.petitions.tables import petition
from tests.office import STRANGERS, Office
from tests.raw_clients import PAGE, SOCKET, answer, open_page, said, status
from tests.roles import OWN, ROLES, VIEWERS
from ui.frame.pages import PAGES
from ui.server.rules import ANYBODY, NOBODY, OF_STREAMLIT, SIGNED_IN, WALLS, RuledRoute

OTHER = "370883001"


# --- Routes -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def routed(office: Office) -> list[BaseRoute]:
    """What the application routes, Streamlit's own included."""
    import dashboard

    return list(dashboard.app._build_starlette_app().routes)


def path_of(route: BaseRoute) -> str:
    assert isinstance(route, Route | WebSocketRoute | Mount)
    # What is mounted at the root takes what no other route takes.
    return route.path or "/{path:path}"


def rule_of(route: BaseRoute) -> str | None:
    return route.rule if isinstance(route, RuledRoute) else OF_STREAMLIT.get(path_of(route))


def test_every_route_has_a_rule(routed: list[BaseRoute]) -> None:
    assert [path_of(route) for route in routed if rule_of(route) is None] == []
    assert {rule_of(route) for route in routed} <= {ANYBODY, WALLS, SIGNED_IN, NOBODY, *RIGHTS}
    streamlits = {path_of(route) for route in routed if not isinstance(route, RuledRoute)}
    assert streamlits == set(OF_STREAMLIT)


def refusal(rule: str, who: str) -> int | None:
    """With what status whoever asks is refused; None: they are answered."""
    if rule == ANYBODY or (rule == WALLS and who == "wall"):
        return None
    if who not in ROLES:
        return 401
    return 403 if rule == NOBODY or (rule in RIGHTS and rule not in ROLES[who]) else None


EVERYBODY = [*ROLES, *STRANGERS, "wall"]


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_route_answers_whom_its_rule_lets_in(who: str, office: Office, routed: list[BaseRoute]) -> None:
    # Each from a computer of their own: one may try so many passwords in a minute.
    sent = {"Cookie": office.cookies.get(who, ""), "X-Forwarded-For": f"10.0.0.{EVERYBODY.index(who)}"}
    told, expected = {}, {}
    for route in routed:
        rule = rule_of(route)
        assert rule is not None
        methods = route.methods if isinstance(route, Route) and route.methods else {"GET"}
        path = path_of(route).replace("{path:path}", "petitions").replace("{file_id:path}", "x")
        for name in ("token", "session_id", "file_id"):
            path = path.replace(f"{{{name}}}", "x")
        for method in methods:
            socket = SOCKET if isinstance(route, WebSocketRoute) else {}
            told[method, path] = answer(office.server, path, {**socket, **sent}, method=method).status
            expected[method, path] = refusal(rule, who)
    assert {cell: one for cell, one in told.items() if expected[cell] or one in (401, 403, 500)} == {
        cell: one for cell, one in expected.items() if one
    }


# --- Pages ------------------------------------------------------------------------------------------


def alerts(heard: list[ForwardMsg]) -> list[str]:
    return [one.delta.new_element.alert.body for one in heard if one.delta.new_element.HasField("alert")]


@pytest.mark.parametrize("who", ROLES)
def test_a_page_opens_to_whom_its_rule_lets_in_however_it_is_asked_for(who: str, office: Office) -> None:
    """By its name in an address, and by the hash that a page's own navigation sends."""
    with open_page(office.server, office.cookies[who]) as page:
        (navigation,) = (one.navigation for one in page.run() if one.WhichOneof("type") == "navigation")
        hashes = {one.url_pathname: one.page_script_hash for one in navigation.app_pages}
        for name, of_page in PAGES.items():
            skipping = BackMsg()
            skipping.rerun_script.page_script_hash = hashes[name]
            for heard in (page.run(name), page.run(message=skipping)):
                refused = not of_page.opens_to(VIEWERS[who])
                assert (RIGHTS[of_page.right or "cases"][0] in "".join(alerts(heard))) == refused, name
                kinds = {one.delta.new_element.WhichOneof("type") for one in heard}
                # Of a page that is not shown nothing is.
                assert not (refused and kinds & {"arrow_data_frame", "button", "download_button", "text_input"}), name


@pytest.mark.parametrize("who", [*STRANGERS, "wall"])
def test_no_page_is_sent_to_a_stranger(who: str, office: Office) -> None:
    cookie = office.cookies.get(who, "")
    for name in PAGES:
        told = answer(office.server, f"/{name}", {**PAGE, "Cookie": cookie})
        assert (told.status, told.text) == (303, ""), name  # type: ignore[attr-defined]
    assert status(office.server, "/_stcore/stream", **SOCKET, Cookie=cookie) == 401


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("township", [*sorted(OWN), OTHER])
def test_a_case_is_shown_to_whom_its_township_is_open(township: str, who: str, office: Office) -> None:
    with office.engine.connect() as connection:
        case_no, title, petitioner, phone = connection.execute(
            select(petition.c.case_no, petition.c.title, petition.c.petitioner, petition.c.phone)
            .where(petition.c.township_code == township, petition.c.petitioner != "", petition.c.title != "")
            .order_by(petition.c.received_at)
            .limit(1)
        ).one()
    may_see = "cases" in ROLES[who] and (who != "township_official" or township in OWN)
    key = quote(f"{township}/{case_no}")
    with open_page(office.server, office.cookies[who]) as page:
        for name, query in (
            ("petitions", f"tab=rows&state=open&case={key}"),
            ("explore", f"count=received&rows=received&case={key}"),
        ):
            told = said(page.run(name, query))
            assert (title in told) == may_see, name
            assert petitioner not in told
            assert phone not in told
