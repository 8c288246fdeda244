"""Nobody is let in of whom it is not known who they are: a running server, raw requests and raw websocket handshakes."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from sqlalchemy import Engine, text
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from data_access.access import UNRESTRICTED
from data_access.accounts import administering, wall_keys
from data_access.accounts.passwords import hashed
from data_access.accounts.signing_in import Account, signed_in
from data_access.problems import Problem
from tests.browser import ROOT, Server, free_port, until
from tests.counties import sqlite_url, three_townships
from tests.raw_clients import PAGE, SOCKET, answer, cookie_of, handshake, status
from ui.asking.viewer import SessionEnded, viewer_of
from ui.server import sessions
from ui.server.identity import Identity
from ui.server.identity_settings import identity, require_known_viewers, session_seconds
from ui.server.sessions import COOKIE, HANDED_ON, WALL_COOKIE, Session, begun, read, written
from ui.server.sign_in import Asked

PASSWORD, OTHER = "correct horse 7", "staple battery 8"
SECRET, PROOF = "a key of thirty-two characters and more", "a secret that only two know"
HERE = "127.0.0.1"
# All that there is but what tells only whether the server lives
GUARDED = (
    "/",
    "/petitions",
    "/data_import",
    "/version",
    "/find",
    "/screen",
    "/screen/content",
    "/export/x",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/_stcore/health/",
    "//health",
    "/sign-in/",
    "/password",
    "/sign-out",
    "/static/index.html",
    "/plotly-cartesian-4.1.1.min.js",
)


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    with three_townships(tmp_path) as made:
        administering.add(made, UNRESTRICTED, "wang", "王一", "administrator", None)
        administering.add(made, UNRESTRICTED, "li", "李二", "viewer", None)
        with made.begin() as connection:
            # The hash of one password, so that tests need not make it anew
            kept = {"kept": _hash(), "no": False}
            connection.execute(text("UPDATE account SET password_hash = :kept, must_change = :no"), kept)
        monkeypatch.setenv("DASHBOARD_SECRET", SECRET)
        monkeypatch.setenv("IMPORT_MAPPINGS", str(tmp_path / "mappings"))
        monkeypatch.setenv("DATABASE_URL", sqlite_url(tmp_path / "county.sqlite"))
        sessions._known.clear()
        yield made
        sessions._known.clear()


@cache
def _hash() -> str:
    return hashed(PASSWORD)


@pytest.fixture
def started(engine: Engine, serve: Callable[[str], Server], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Server]:
    def start(**settings: str) -> Server:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        return serve(os.environ["DATABASE_URL"])

    return start


@pytest.fixture
def server(started: Callable[..., Server]) -> Server:
    return started(IDENTITY="accounts")


def set_cookies(told: HTTPResponse) -> dict[str, str]:
    """The cookies of an answer with what is said of them."""
    return {one.partition("=")[0]: one for one in told.headers.get_all("set-cookie") or ()}


def kept_cookie(told: HTTPResponse, name: str = COOKIE) -> str:
    return set_cookies(told)[name].partition(";")[0]


class Inputs(HTMLParser):
    """What a form has in it before anybody types."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input":
            self.values[given["name"] or ""] = given.get("value") or ""


def filled_in(server: Server, path: str, cookie: str = "", **typed: str) -> HTTPResponse:
    """A form as a browser fetches it, fills it in and sends it."""
    page = answer(server, path, {**PAGE, "Cookie": cookie})
    form = Inputs(page.text).values  # type: ignore[attr-defined]
    kept = f"{kept_cookie(page, 'dashboard_form')}; {cookie}"
    return answer(server, urlsplit(path).path, {"Cookie": kept}, {**form, **typed})


# --- Without a session ------------------------------------------------------------------------------


def test_nothing_is_told_to_whom_nobody_knows(server: Server, engine: Engine) -> None:
    account_cookie = cookie_of(engine)
    for path in GUARDED:
        told = answer(server, path, PAGE)
        assert told.status == 303, path
        assert urljoin(f"{server.url}{path}", told.headers["location"]).startswith(f"{server.url}/sign-in"), path
        assert told.text == ""  # type: ignore[attr-defined]
        assert status(server, path) == 401, path
    assert handshake(server) == 401
    assert handshake(server, Accept="text/html") == 401
    for method in ("POST", "PUT", "DELETE", "HEAD", "OPTIONS"):
        with closing(HTTPConnection(urlsplit(server.url).netloc, timeout=60)) as connection:
            connection.request(method, "/upload/x", headers=PAGE)
            assert connection.getresponse().status == 401, method
    for path in ("/health", "/_stcore/health", "/sign-in"):
        assert status(server, path) == 200, path
    assert status(server, Cookie=account_cookie) == 200
    assert handshake(server, Cookie=account_cookie) == 101
    assert handshake(server, Cookie=account_cookie, Origin="http://evil.example") == 403


def test_a_cookie_that_is_forged_altered_old_or_of_something_else_opens_nothing(server: Server, engine: Engine) -> None:
    good = cookie_of(engine)
    name, _, value = good.partition("=")
    payload, dated, signature = value.rsplit(".", 2)
    with engine.connect() as connection:
        account = sessions.account_named(connection, "wang")
    assert account
    wall = Session(sessions.WALL, "x", 0, "", 0)
    forged = [
        "x",
        f"{payload}.{dated}",
        f"{payload}x.{dated}.{signature}",
        f"{payload}.{dated[::-1]}.{signature}",
        f"{payload}.{dated}.{signature[::-1]}",
        written(replace(begun(account), since=int(time.time()) - 13 * 3600)),
        written(replace(begun(account), epoch=account.epoch + 1)),
        written(replace(begun(account), name="nobody")),
        written(begun(account, sessions.PROXY)),
        written(begun(account, sessions.OIDC)),
        written(wall),
        sessions.URLSafeTimedSerializer("another key", salt="session").dumps(["account", "wang", 0, "x", 9e9]),
    ]
    for one in forged:
        assert status(server, Cookie=f"{name}={one}") == 401, one
        assert handshake(server, Cookie=f"{name}={one}") == 401, one
        for handed_on in ("X-Dashboard-Identity", "X_Dashboard_Identity", "x-Dashboard_identity"):
            assert answer(server, "/version", {handed_on: one}).status == 401
    # Not even the right one is taken from where only the server itself puts it.
    assert answer(server, "/version", {HANDED_ON: value}).status == 401
    assert answer(server, "/version", {HANDED_ON.replace("-", "_"): value}).status == 401
    assert status(server, Cookie=good) == 200


def test_the_identity_that_is_handed_on_is_the_servers_own(server: Server, engine: Engine) -> None:
    others = written(begun(_account(engine, "wang")))
    for handed_on in (HANDED_ON, HANDED_ON.replace("-", "_"), HANDED_ON.upper()):
        told = answer(server, "/sign-out", {handed_on: others, "Cookie": cookie_of(engine, "li")})
        assert "：li" in told.text  # type: ignore[attr-defined]


def _account(engine: Engine, name: str) -> Account:
    with engine.connect() as connection:
        found = sessions.account_named(connection, name)
    assert found
    return found


# --- Sessions ---------------------------------------------------------------------------------------


def test_who_signs_in_gets_a_cookie_that_no_script_reads(server: Server) -> None:
    told = filled_in(server, "/sign-in?next=petitions%3Fstate%3Dopen&lang=en", name="wang", password=PASSWORD)
    assert told.status == 303
    assert urljoin(f"{server.url}/sign-in", told.headers["location"]) == f"{server.url}/petitions?state=open"
    kept = set_cookies(told)[COOKIE]
    assert "HttpOnly" in kept
    assert "SameSite=lax" in kept
    assert "Secure" not in kept
    assert status(server, Cookie=kept_cookie(told)) == 200
    page = answer(server, "/sign-in", {**PAGE, "X-Forwarded-Proto": "https"})
    assert "Secure" in set_cookies(page)["dashboard_form"]
    assert PASSWORD not in server.log.read_text("utf-8")


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:1",
        "///evil.example",
        "a\r\nSet-Cookie: x=1",
        "\t//evil.example",
        "/%09/evil.example",
        "..//evil.example",
    ],
)
def test_the_way_back_leads_to_own_pages_only(wanted: str) -> None:
    request = Request({"type": "http", "headers": [], "client": None})
    back = Asked(request, {"next": wanted}).back
    assert back.isprintable()
    for below in ("", "county/"):
        led = urlsplit(urljoin(f"http://dashboard.county/{below}sign-in", back))
        assert (led.scheme, led.netloc) == ("http", "dashboard.county")
    assert back.startswith("./")


def test_a_form_of_another_page_signs_nobody_in(server: Server, engine: Engine) -> None:
    typed = {"name": "wang", "password": PASSWORD}
    page = answer(server, "/sign-in", PAGE)
    form, kept = Inputs(page.text).values, kept_cookie(page, "dashboard_form")  # type: ignore[attr-defined]
    asked = (
        ({}, {**form, **typed}),
        ({"Cookie": kept}, typed),
        ({"Cookie": kept}, {**form, **typed, "form": "x"}),
        ({"Cookie": "dashboard_form="}, {**form, **typed, "form": ""}),
        ({"Cookie": kept, "Origin": "http://evil.example"}, {**form, **typed}),
        ({"Cookie": kept}, {**form, **typed, "more": "x" * 20_000}),
    )
    for headers, given in asked:
        told = answer(server, "/sign-in", headers, given)
        assert told.status == 400
        assert COOKIE not in set_cookies(told)
    # Nor does it sign anybody out.
    cookie = cookie_of(engine)
    assert answer(server, "/sign-out", {"Cookie": cookie}, {"do": "everywhere"}).status == 400
    assert status(server, Cookie=cookie) == 200


def test_signing_out_ends_the_session_here_and_everywhere(server: Server, engine: Engine) -> None:
    first, second, of_other = cookie_of(engine), cookie_of(engine), cookie_of(engine, "li")
    told = filled_in(server, "/sign-out", first, do="here")
    assert (told.status, told.headers["location"]) == (303, "./sign-in")
    assert status(server, Cookie=first) == 401
    assert handshake(server, Cookie=first) == 401
    assert status(server, Cookie=second) == 200
    third = cookie_of(engine)
    assert filled_in(server, "/sign-out", third, do="everywhere").status == 303
    for cookie in (second, third):
        assert status(server, Cookie=cookie) == 401
    assert status(server, Cookie=of_other) == 200
    assert status(server, Cookie=cookie_of(engine)) == 200


def test_who_is_locked_or_reset_is_out_within_a_minute(server: Server, engine: Engine) -> None:
    changes: tuple[tuple[str, Callable[[], None]], ...] = (
        ("wang", lambda: administering.lock(engine, UNRESTRICTED, "wang")),
        ("li", lambda: administering.change_role(engine, UNRESTRICTED, "li", "viewer")),
    )
    cookies = {name: cookie_of(engine, name) for name, _ in changes}
    for name, change in changes:
        assert status(server, Cookie=cookies[name]) == 200
        change()
    begun_at = time.monotonic()
    for cookie in cookies.values():
        until(lambda cookie=cookie: status(server, Cookie=cookie) == 401)  # type: ignore[misc]
    assert time.monotonic() - begun_at < 60


def test_who_has_to_choose_a_password_does_nothing_else_before(server: Server, engine: Engine) -> None:
    administering.reset(engine, UNRESTRICTED, "wang", OTHER)
    told = filled_in(server, "/sign-in", name="wang", password=OTHER)
    cookie = kept_cookie(told)
    for path in ("/", "/petitions", "/screen", "/version"):
        led = answer(server, path, {**PAGE, "Cookie": cookie})
        assert led.headers["location"].startswith("./password"), path
        assert status(server, path, Cookie=cookie) == 403
    assert handshake(server, Cookie=cookie) == 403
    refused = [
        filled_in(server, "/password", cookie, password=OTHER, new="1234567890", again="1234567890"),
        filled_in(server, "/password", cookie, password=OTHER, new=OTHER, again=OTHER),
        filled_in(server, "/password", cookie, password=OTHER, new=PASSWORD, again=PASSWORD + "x"),
        filled_in(server, "/password", cookie, password=PASSWORD, new=PASSWORD, again=PASSWORD),
    ]
    assert [one.status for one in refused] == [400] * 4
    assert all(OTHER not in one.text for one in refused)  # type: ignore[attr-defined]
    changed = filled_in(server, "/password?next=petitions", cookie, password=OTHER, new=PASSWORD, again=PASSWORD)
    assert (changed.status, changed.headers["location"]) == (303, "./petitions")
    assert status(server, Cookie=cookie) == 401
    assert handshake(server, Cookie=kept_cookie(changed)) == 101


def test_so_many_passwords_of_an_address_in_a_minute(server: Server) -> None:
    tries = [answer(server, "/sign-in", {}, {}).status for _ in range(41)]
    assert tries[0] == 400
    assert set(tries) == {400, 429}
    assert answer(server, "/sign-in", {"X-Forwarded-For": "10.0.0.2"}, {}).status == 400


def test_the_first_link_makes_one_administrator(tmp_path: Path, started: Callable[..., Server], engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM account"))
    server = started(IDENTITY="accounts")
    link = next(line for line in server.log.read_text("utf-8").splitlines() if "?first=" in line)
    path = link.removeprefix(server.url)
    typed = {"name": "zhao", "full_name": "赵四", "new": PASSWORD, "again": PASSWORD}
    assert filled_in(server, "/sign-in?first=x", **typed).status == 400
    assert filled_in(server, path, **typed | {"new": "short", "again": "short"}).status == 400
    told = filled_in(server, path, **typed)
    assert told.status == 303
    assert status(server, Cookie=kept_cookie(told)) == 200
    assert _account(engine, "zhao").viewer.may("administer")
    assert filled_in(server, path, **typed | {"name": "qian"}).status == 400
    server.stop()
    server.start_again()
    assert server.log.read_text("utf-8").count("?first=") == 1


def test_what_is_clicked_on_a_page_whose_session_has_ended_is_not_done(engine: Engine) -> None:
    session = begun(_account(engine, "wang"))
    click = BackMsg()
    click.rerun_script.widget_states.widgets.add(id="undo", trigger_value=True)
    click.rerun_script.fragment_id = "part of the page"
    file = BackMsg()
    file.backend_operation_request.deferred_file.file_id = "made when it is asked for"
    sent = iter([click, file, click])
    heard: list[BackMsg] = []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        heard.append(BackMsg.FromString((await receive())["bytes"]))
        sessions.end(session)
        heard.append(BackMsg.FromString((await receive())["bytes"]))

    async def receive() -> Message:
        return {"type": "websocket.receive", "bytes": next(sent).SerializeToString()}

    async def send(_message: Message) -> None: ...

    cookie = (b"cookie", f"{COOKIE}={written(session)}".encode())
    scope = {"type": "websocket", "path": "/_stcore/stream", "query_string": b"", "headers": [cookie], "client": None}
    with ThreadPoolExecutor(1) as pool:
        # A thread of its own: a browser of other tests may have an event loop in this one.
        pool.submit(asyncio.run, Identity(app, "accounts", [])(scope, receive, send)).result()
    assert heard[0] == click
    assert heard[1].WhichOneof("type") == "rerun_script"
    assert not heard[1].rerun_script.widget_states.widgets
    assert not heard[1].rerun_script.fragment_id


def test_a_page_that_waited_connects_anew_and_a_sent_form_stays_in_the_browser(engine: Engine) -> None:
    session = begun(_account(engine, "wang"))
    form, resumed = BackMsg(), BackMsg()
    form.rerun_script.widget_states.widgets.add(id="$$ID-1-FormSubmitter:points-记入", trigger_value=True)
    resumed.rerun_script.widget_states.widgets.add(
        id="$$ID-2-data watch__events", json_trigger_value='{"resumed":true}'
    )
    sent, told = iter([form, resumed]), list[Message]()

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        sessions.end(session)
        assert (await receive())["type"] == "websocket.disconnect"
        await send({"type": "websocket.send", "bytes": b"too late"})

    async def receive() -> Message:
        return {"type": "websocket.receive", "bytes": next(sent).SerializeToString()}

    async def send(message: Message) -> None:
        told.append(message)

    cookie = (b"cookie", f"{COOKIE}={written(session)}".encode())
    scope = {"type": "websocket", "path": "/_stcore/stream", "query_string": b"", "headers": [cookie], "client": None}
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, Identity(app, "accounts", [])(scope, receive, send)).result()
    assert told == [{"type": "websocket.close", "code": 1012}]


# --- Time -------------------------------------------------------------------------------------------


@pytest.fixture
def clock(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """The time that sessions see, to be put forward."""
    ahead = {"seconds": 0.0}
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + ahead["seconds"])
    monkeypatch.setattr(sessions, "_used", {})
    return ahead


def test_a_session_ends_after_half_an_hour_without_anything(clock: dict[str, float], engine: Engine) -> None:
    opened = read(written(begun(_account(engine, "wang"))))
    assert opened
    clock["seconds"] = 29 * 60
    assert sessions.account_in(*opened)
    clock["seconds"] = 31 * 60
    assert sessions.account_in(*opened) is None


def test_what_its_owner_does_goes_on_with_it_for_half_a_day_at_most(clock: dict[str, float], engine: Engine) -> None:
    opened = read(written(begun(_account(engine, "wang"))))
    assert opened
    for minutes in range(0, 12 * 60, 20):
        clock["seconds"] = minutes * 60
        assert sessions.account_in(*opened), minutes
        sessions.use(opened[0])
    clock["seconds"] = 12 * 3600 + 1
    assert sessions.account_in(*opened) is None


def test_the_poll_of_a_page_keeps_no_session_open(
    started: Callable[..., Server], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = started(IDENTITY="accounts", SESSION_MINUTES="30")

    def aged(minutes: int) -> str:
        real = time.time
        with monkeypatch.context() as earlier:
            earlier.setattr(time, "time", lambda: real() - 60 * minutes)
            return cookie_of(engine)

    assert status(server, Cookie=aged(31)) == 401
    cookie = aged(20)
    for path in ("/version", "/screen/content"):
        assert COOKIE not in set_cookies(answer(server, path, {"Cookie": cookie})), path
    told = answer(server, "/", {**PAGE, "Cookie": cookie})
    assert told.status == 200
    assert COOKIE in set_cookies(told)
    # What a run of a script did is told to the browser by the next poll.
    assert COOKIE in set_cookies(answer(server, "/version", {"Cookie": cookie}))
    assert COOKIE not in set_cookies(answer(server, "/plotly-cartesian-4.1.1.min.js", {"Cookie": aged(20)}))


def test_while_the_database_is_away_who_was_known_stays_so(engine: Engine, tmp_path: Path, clock: None) -> None:
    opened = read(written(begun(_account(engine, "wang"))))
    assert opened
    assert sessions.account_in(*opened)
    engine.dispose()
    (tmp_path / "county.sqlite").rename(tmp_path / "away.sqlite")
    key = ("account", "wang")
    sessions._known[key] = 0.0, sessions._known[key][1]
    assert sessions.account_in(*opened)
    with pytest.raises(Problem):
        sessions.account_of("account", "li")
    (tmp_path / "away.sqlite").rename(tmp_path / "county.sqlite")


# --- Walls ------------------------------------------------------------------------------------------


def test_a_wall_shows_figures_by_its_key_alone_until_that_is_revoked(server: Server, engine: Engine) -> None:
    key = wall_keys.make_key(engine, UNRESTRICTED, "大厅")
    told = answer(server, f"/screen?key={key}&every=20&lang=en", PAGE)
    assert (told.status, told.headers["location"]) == (303, "./screen?every=20&lang=en")
    kept = set_cookies(told)[WALL_COOKIE]
    assert "HttpOnly" in kept
    cookie = kept_cookie(told, WALL_COOKIE)
    assert answer(server, "/screen?every=20", {**PAGE, "Cookie": cookie}).status == 200
    # The little county has no months to show.
    assert status(server, "/screen/content", Cookie=cookie) == 400
    for path in GUARDED:
        if path not in ("/screen", "/screen/content"):
            assert status(server, path, Cookie=cookie) == 401, path
    assert handshake(server, Cookie=cookie) == 401
    assert status(server, "/screen", Cookie=cookie.replace(WALL_COOKIE, COOKIE)) == 401
    assert status(server, "/screen", Cookie=cookie_of(engine).replace(COOKIE, WALL_COOKIE)) == 401
    for wrong in (key + "x", "", "x"):
        assert status(server, f"/screen?key={wrong}") == 403
    assert status(server, f"/petitions?key={key}") == 401
    key_id = wall_keys.keys(engine.connect(), UNRESTRICTED)[0]["id"]
    wall_keys.revoke_key(engine, UNRESTRICTED, key_id)
    until(lambda: status(server, "/screen/content", Cookie=cookie) == 401)
    assert status(server, f"/screen?key={key}") == 403
    assert key not in server.log.read_text("utf-8")


def test_a_wall_has_no_right_but_to_figures(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY", "accounts")
    session = sessions.wall_with(wall_keys.make_key(engine, UNRESTRICTED, "大厅"))
    assert session
    headers = [(HANDED_ON.lower().encode(), written(session).encode())]
    viewer = viewer_of(Request({"type": "http", "client": ("10.0.0.9", 1), "headers": headers}))
    assert (viewer.rights, viewer.case_townships) == (frozenset(), frozenset())
    with pytest.raises(SessionEnded):
        viewer_of(Request({"type": "http", "client": ("10.0.0.9", 1), "headers": []}))


# --- A proxy's header -------------------------------------------------------------------------------


def test_a_proxy_alone_says_who_comes(started: Callable[..., Server], engine: Engine) -> None:
    server = started(IDENTITY="header", TRUSTED_PROXY="10.0.0.9", TRUSTED_PROXY_SECRET=PROOF)
    # uvicorn takes the address that this machine forwards for the sender's.
    from_proxy = {"X-Forwarded-For": "10.0.0.9"}
    proven = {"X-Proxy-Secret": PROOF, **from_proxy}
    assert answer(server, "/version", {"X-Forwarded-User": "wang", **proven}).status == 200
    assert answer(server, "/_stcore/stream", {**SOCKET, "X-Forwarded-User": "wang", **proven}).status == 101
    assert answer(server, "/health").status == 200
    refused: tuple[dict[str, str], ...] = (
        {},
        proven,
        {"X-Forwarded-User": "wang"},
        {"X-Forwarded-User": "wang", **from_proxy},
        {"X_Forwarded_User": "wang", **from_proxy},
        {"X_Forwarded_User": "wang", "X_Proxy_Secret": PROOF, **from_proxy},
        {"X-Forwarded-User": "wang", "X-Proxy-Secret": PROOF},
        {"X-Forwarded-User": "wang", "X-Proxy-Secret": PROOF, "X-Forwarded-For": "10.0.0.8"},
        {"X-Forwarded-User": "wang", "X-Proxy-Secret": PROOF[:-1], **from_proxy},
        {"X-Proxy-Secret": PROOF},
        {"X-Forwarded-User": "nobody", **proven},
        {"Cookie": cookie_of(engine)},
        {HANDED_ON: written(begun(_account(engine, "wang"), sessions.PROXY)), **from_proxy},
        {"Cookie": f"{COOKIE}={written(begun(_account(engine, 'wang'), sessions.PROXY))}"},
    )
    for headers in refused:
        for path in ("/", "/version", "/screen", "/sign-in"):
            assert answer(server, path, {**PAGE, **headers}).status == 403, (path, headers)
        assert answer(server, "/_stcore/stream", {**SOCKET, **headers}).status == 403, headers
    # A name of one's own before the one that the proxy puts there
    with closing(HTTPConnection(urlsplit(server.url).netloc, timeout=60)) as connection:
        connection.putrequest("GET", "/version")
        for name, value in (("X-Forwarded-User", "wang"), ("X-Forwarded-User", "li"), *proven.items()):
            connection.putheader(name, value)
        connection.endheaders()
        assert connection.getresponse().status == 403
    # A forged header beside a wall's key
    key = wall_keys.make_key(engine, UNRESTRICTED, "大厅")
    cookie = kept_cookie(answer(server, f"/screen?key={key}", PAGE), WALL_COOKIE)
    assert answer(server, "/screen", {"Cookie": cookie}).status == 200
    assert answer(server, "/screen", {"Cookie": cookie, "X-Forwarded-User": "wang"}).status == 403


# --- Settings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "starts"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("0.0.0.0", False),  # noqa: S104
        ("10.1.2.3", False),
        ("dashboard.county", False),
        ("", False),
        (None, False),
    ],
)
def test_where_nobody_is_asked_this_machine_alone_is_answered(
    address: str | None, starts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IDENTITY", raising=False)
    if starts:
        require_known_viewers(address)
    else:
        with pytest.raises(Problem, match="IDENTITY=accounts"):
            require_known_viewers(address)
        monkeypatch.setenv("IDENTITY_NONE_ANYWHERE", "yes")
        with pytest.raises(Problem):
            require_known_viewers(address)
    monkeypatch.setenv("IDENTITY_NONE_ANYWHERE", "I_KNOW")
    require_known_viewers(address)
    monkeypatch.delenv("IDENTITY_NONE_ANYWHERE")
    monkeypatch.setenv("IDENTITY", "accounts")
    require_known_viewers(address)


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({}, "IDENTITY"),
        ({"IDENTITY": "oidc?"}, "IDENTITY"),
        ({"IDENTITY": "header"}, "TRUSTED_PROXY"),
        ({"IDENTITY": "oidc"}, "OIDC_ISSUER"),
        ({"IDENTITY": "accounts", "SESSION_MINUTES": "0"}, "SESSION_MINUTES"),
        ({"IDENTITY": "accounts", "DASHBOARD_SECRET": "short"}, "DASHBOARD_SECRET"),
        ({"FREEZE_BY_TWO": "1"}, "FREEZE_BY_TWO"),
        ({"IDENTITY": "accounts", "FREEZE_BY_TWO": "yes"}, "FREEZE_BY_TWO"),
    ],
)
def test_a_server_that_would_let_strangers_in_does_not_start(
    settings: dict[str, str], word: str, engine: Engine
) -> None:
    address = [] if settings else ["--server.address", "0.0.0.0"]  # noqa: S104
    known = {name: value for name, value in os.environ.items() if not name.startswith(("IDENTITY", "TRUSTED_PROXY"))}
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "streamlit",
            "run",
            "dashboard.py",
            "--server.headless",
            "true",
            "--server.port",
            str(free_port()),
            *address,
        ],
        cwd=ROOT,
        env={**known, **settings},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode != 0
    assert word in ran.stdout + ran.stderr


def test_settings_that_cannot_be_meant_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY", "Accounts")
    with pytest.raises(Problem):
        identity()
    monkeypatch.setenv("SESSION_MINUTES", "half an hour")
    with pytest.raises(Problem):
        session_seconds()


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DASHBOARD_SECRET", raising=False)
    monkeypatch.setenv("IMPORT_MAPPINGS", str(tmp_path / "kept"))
    session = Session("account", "wang", 0, "x", 1)
    cookie = written(session)
    (key,) = (tmp_path / "kept").iterdir()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    sessions._signer_with.cache_clear()
    again = read(cookie)
    assert again
    assert again[0] == session
    sessions._signer_with.cache_clear()


def test_without_identity_nothing_is_asked(
    started: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    monkeypatch.delenv("IDENTITY", raising=False)
    server = started()
    for path in ("/", "/version", "/screen", "/petitions"):
        told = answer(server, path, PAGE)
        assert (told.status, set_cookies(told)) == (200, {}), path
    assert handshake(server) == 101
    assert signed_in(engine, "wang", PASSWORD, HERE)
