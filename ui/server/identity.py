"""Lets nobody in of whom it is not known who they are, and tells the pages and routes behind it who it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from anyio import to_thread
from google.protobuf.message import DecodeError
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from data_access.access import RIGHTS, NotAllowed, Viewer
from data_access.accounts.problems import NoAccount
from data_access.accounts.signing_in import Account
from data_access.database import DatabaseProblem
from ui.asking.viewer import SECRET_HEADER, SessionEnded, TrustedProxy, trusted_proxy
from ui.frame.data_watch import KEY
from ui.server import sessions
from ui.server.identity_settings import OIDC, WITH_SESSIONS
from ui.server.rules import ANYBODY, NOBODY, WALLS, RuledRoute, rules_by_path
from ui.server.sessions import HANDED_ON, Session

SIGN_IN, PASSWORD, SIGN_OUT = "/sign-in", "/password", "/sign-out"
# To the OpenID provider and back
START, CALLBACK = "/sign-in/start", "/sign-in/callback"
# Where a wall is opened by its key
_WALL = "/screen"
# What a page asks for by itself: nobody is there because of it.
_POLLS = frozenset({"/version", "/screen/content"})
_UNKEPT = {"Cache-Control": "no-store"}
# How Streamlit calls the button that sends a form, and what tells a browser to connect anew (RFC 6455: service restart)
_FORM_SENT, _BEGIN_ANEW = "FormSubmitter:", 1012


class Identity:
    """ASGI middleware, in front of all that tells anything of the county."""

    def __init__(self, app: ASGIApp, kind: str, routes: Iterable[RuledRoute]) -> None:
        self._app = app
        self._has_sessions = kind in WITH_SESSIONS
        # The kind of sessions that open the dashboard: by what was a way in before, nobody comes in.
        self._kind = sessions.OIDC if kind == OIDC else sessions.ACCOUNT
        self._rules = rules_by_path(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        given = HTTPConnection(scope)
        proxy = None if self._has_sessions else trusted_proxy()
        scope = _without(scope, [HANDED_ON, *([SECRET_HEADER, proxy.header] if proxy else [])])
        rule = next((rule for pattern, rule in self._rules if pattern.match(scope["path"])), NOBODY)
        if rule == ANYBODY:
            await self._app(scope, receive, send)
            return
        try:
            answer = await self._answer(given, proxy, rule)
            if not isinstance(answer, Response):
                await _require(rule, *answer)
        except DatabaseProblem as problem:
            answer = _sentence(503, problem.zh, problem.en)
        except NotAllowed as problem:
            answer = _sentence(403, problem.zh, problem.en)
        if isinstance(answer, Response):
            # Of a websocket this refuses the handshake.
            await answer(scope, receive, send)
        else:
            await self._pass_on(answer, scope, receive, send)

    async def _answer(
        self, given: HTTPConnection, proxy: TrustedProxy | None, rule: str
    ) -> tuple[Session, float] | Response:
        """Whose request it is and when they last did something, or what is answered instead."""
        path = given.scope["path"]
        if path == _WALL and "key" in given.query_params:
            return await _wall_answer(given)
        if proxy is not None and _claims_a_name(given.headers, proxy):
            return await _proxys_answer(given, proxy)
        opened = sessions.read(given.cookies.get(sessions.COOKIE)) if self._has_sessions else None
        account = await _account_in(*opened) if opened and opened[0].kind == self._kind else None
        if opened and account:
            if account.must_change and self._kind == sessions.ACCOUNT and path not in (PASSWORD, SIGN_OUT):
                return _sent_to(PASSWORD, given) or _sentence(403, "请先更改口令。", "Change your password first.")
            return opened
        if rule == WALLS:
            wall = sessions.read(given.cookies.get(sessions.WALL_COOKIE))
            if wall and wall[0].kind == sessions.WALL and await _account_in(*wall):
                return wall
        if not self._has_sessions:
            return _sentence(403, "请从单位的登录入口进入看板。", "Come in by your organisation's sign-in.")
        ended = _sentence(401, "登录已结束，请重新登录。", "The session has ended; sign in again.")
        return _sent_to(SIGN_IN, given) or ended

    async def _pass_on(self, opened: tuple[Session, float], scope: Scope, receive: Receive, send: Send) -> None:
        session, dated = opened
        if scope["path"] not in _POLLS:
            sessions.use(session)
        handed_on = (HANDED_ON.lower().encode(), sessions.written(session).encode())
        scope = {**scope, "headers": [*scope["headers"], handed_on]}
        has_begun = is_closed = False

        async def send_dated(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            if is_closed:
                return
            if message["type"] == "http.response.start" and session.kind != sessions.PROXY:
                _date_anew(MutableHeaders(scope=message), session, dated, is_secure=came_by_tls(scope))
            await send(message)

        async def receive_checked() -> Message:
            nonlocal is_closed
            while True:
                message = await receive()
                if message["type"] != "websocket.receive" or await _still_holds(*opened):
                    return message
                if _is_resumed(sent := message.get("bytes") or b""):
                    # The browser connects anew, with the session that has begun since.
                    is_closed = True
                    await send({"type": "websocket.close", "code": _BEGIN_ANEW})
                    return {"type": "websocket.disconnect", "code": _BEGIN_ANEW}
                if asked := _page_alone(sent):
                    return {**message, "bytes": asked}

        try:
            await self._app(scope, receive_checked, send_dated)
        except SessionEnded as ended:
            # Since it was looked at a moment ago.
            if has_begun:
                raise
            await _sentence(401, ended.zh, ended.en)(scope, receive, send)


async def _account_in(session: Session, dated: float) -> Account | None:
    if sessions.is_known(session.kind, session.name, session.epoch):
        return sessions.account_in(session, dated)
    return await to_thread.run_sync(sessions.account_in, session, dated)


async def _require(rule: str, session: Session, dated: float) -> None:
    """Raise NotAllowed where a rule lets nobody in, or takes a right that the session's owner has not."""
    if rule == NOBODY:
        raise NotAllowed("这个网址不开放。", "This address is not open.")
    if rule in RIGHTS:
        account = await _account_in(session, dated)
        (account.viewer if account else Viewer(rights=frozenset())).require(rule)


async def _still_holds(session: Session, dated: float) -> bool:
    try:
        return await _account_in(session, dated) is not None
    except DatabaseProblem:
        return False


def _page_alone(sent: bytes) -> bytes:
    """Of what a page sends to Streamlit the wish to see the page, whose script says who looks; empty where it is another.

    What was clicked is done before the script runs; a part of the page (fragment) and a file to download without it. A form
    that is sent stays in the browser as it is (ui/frame/data_watch.py): the page would run without it.
    """
    message = _run_asked(sent)
    if message is None or any(_FORM_SENT in widget.id for widget in message.rerun_script.widget_states.widgets):
        return b""
    for name in ("widget_states", "fragment_id"):
        message.rerun_script.ClearField(name)
    return bytes(message.SerializeToString())


def _is_resumed(sent: bytes) -> bool:
    """Whether a page that waited, half filled in, has heard that somebody is signed in again."""
    message = _run_asked(sent)
    widgets = message.rerun_script.widget_states.widgets if message else ()
    return any(KEY in widget.id and '"resumed"' in widget.json_trigger_value for widget in widgets)


def _run_asked(sent: bytes) -> BackMsg | None:
    """The wish of a page that its script runs; None for what is another."""
    message = BackMsg()
    try:
        message.ParseFromString(sent)
    except DecodeError:
        return None
    return message if message.WhichOneof("type") == "rerun_script" else None


def _claims_a_name(headers: Headers, proxy: TrustedProxy) -> bool:
    claims = {proxy.header.lower(), SECRET_HEADER.lower()}
    return any(name.replace("_", "-") in claims and value for name, value in headers.items())


async def _proxys_answer(given: HTTPConnection, proxy: TrustedProxy) -> tuple[Session, float] | Response:
    name = proxy.names(given.headers, given.client.host if given.client else None)
    several = any(len(given.headers.getlist(one)) > 1 for one in (proxy.header, SECRET_HEADER))
    if not name or several:
        return _sentence(403, "请从单位的登录入口进入看板。", "Come in by your organisation's sign-in.")
    account = await to_thread.run_sync(sessions.account_of, sessions.PROXY, name)
    if account is None:
        return _sentence(403, NoAccount().zh, NoAccount().en)
    session = sessions.begun(account, sessions.PROXY)
    return session, float(session.since)


async def _wall_answer(given: HTTPConnection) -> Response:
    """A cookie for the key, and the same address without it: addresses are kept by browsers and shown on walls."""
    wall = await to_thread.run_sync(sessions.wall_with, given.query_params["key"])
    if wall is None or given.scope["type"] != "http":
        return _sentence(403, "墙屏密钥不对，或已吊销。", "The wall's key is wrong or has been revoked.")
    rest = urlencode([pair for pair in given.query_params.multi_items() if pair[0] != "key"])
    answer = RedirectResponse(f".{_WALL}" + (f"?{rest}" if rest else ""), 303, _UNKEPT)
    set_cookie(answer.headers, wall, is_secure=came_by_tls(given.scope))
    return answer


def _sent_to(path: str, given: HTTPConnection) -> Response | None:
    """The way of a page to where one signs in, and back; None for what is no page.

    Relative, because a proxy may have put the dashboard below a path of its own.
    """
    scope = given.scope
    if scope["type"] != "http" or scope["method"] != "GET" or "text/html" not in given.headers.get("accept", ""):
        return None
    asked, query = scope["path"].lstrip("/"), scope["query_string"].decode("latin-1")
    back = {"next": asked + (f"?{query}" if query else "")} if asked or query else {}
    language = {"lang": "en"} if dict(parse_qsl(query)).get("lang") == "en" else {}
    up = "../" * (scope["path"].count("/") - 1) or "./"
    told = urlencode({**back, **language})
    return RedirectResponse(f"{up}{path[1:]}" + (f"?{told}" if told else ""), 303, _UNKEPT)


def _sentence(status: int, zh: str, en: str) -> Response:
    return PlainTextResponse(f"{zh} {en}", status, _UNKEPT)


def _without(scope: Scope, names: list[str]) -> Scope:
    """The request without headers of these names, in whatever spelling: servers and programs take - and _ for the same."""
    taken = {name.lower().replace("_", "-").encode() for name in names}
    kept = [pair for pair in scope["headers"] if pair[0].lower().replace(b"_", b"-") not in taken]
    return {**scope, "headers": kept}


# --- Cookies --------------------------------------------------------------------------------------


def came_by_tls(scope: Mapping[str, Any]) -> bool:
    """Whether the browser asked by TLS, of this server or of the proxy in front."""
    told = Headers(scope=dict(scope)).get("x-forwarded-proto", "")
    return "https" in (scope.get("scheme"), told.strip().lower()) or scope.get("scheme") == "wss"


def set_cookie(headers: MutableHeaders, session: Session, *, is_secure: bool) -> None:
    """Let the browser keep the session until it is closed; a wall's for good."""
    name, age = (
        (sessions.WALL_COOKIE, sessions.WALL_SECONDS) if session.kind == sessions.WALL else (sessions.COOKIE, None)
    )
    answer = Response()
    answer.set_cookie(name, sessions.written(session), age, path="/", secure=is_secure, httponly=True, samesite="lax")
    headers.append("set-cookie", answer.headers["set-cookie"])


def _date_anew(headers: MutableHeaders, session: Session, dated: float, *, is_secure: bool) -> None:
    """Write the cookie again where its owner has done something since; never into what proxies keep for others."""
    is_due = sessions.last_used(session, dated) > dated + sessions.REDATED_SECONDS
    if is_due and "set-cookie" not in headers and "public" not in headers.get("cache-control", ""):
        set_cookie(headers, session, is_secure=is_secure)
