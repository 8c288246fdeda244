"""The pages where one signs in, chooses a password and signs out: plain HTML, which needs no script."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

from anyio import to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from data_access.accounts.administering import add_first, any_accounts
from data_access.accounts.passwords import SHORTEST
from data_access.accounts.problems import AccountProblem
from data_access.accounts.signing_in import Account, change_password, sign_out, signed_in
from data_access.database import database_url, engine_for, parsed_url, unreachable
from data_access.problems import Problem
from ui.asking.viewer import viewer_of
from ui.server import sessions
from ui.server.admission import is_own
from ui.server.identity import PASSWORD, SIGN_IN, SIGN_OUT, came_by_tls, set_cookie
from ui.server.response_headers import content_policy
from ui.server.rules import ANYBODY, SIGNED_IN, RuledRoute

_STYLE = Path(__file__).resolve().parents[1] / "browser" / "sign_in.css"
_FORM_COOKIE = "dashboard_form"
_LONGEST_BODY = 10_000
# Until there is an account: what whoever reads the server's terminal proves themselves by
_first_token = secrets.token_urlsafe(24)


def first_link(address: str) -> str | None:
    """Where the first administrator is made; None where there is an account already."""
    with engine_for(database_url()).connect() as connection:
        return None if any_accounts(connection) else f"{address}{SIGN_IN}?first={_first_token}"


class Asked:
    """A request of one of these pages: what it gives, and the language it wants."""

    def __init__(self, request: Request, given: Mapping[str, str]) -> None:
        self.request = request
        self.given = given
        self.is_english = given.get("lang") == "en"
        self.address = request.client.host if request.client else ""
        self.nonce = request.cookies.get(_FORM_COOKIE) or secrets.token_urlsafe(24)

    def say(self, zh: str, en: str) -> str:
        """The words in the language of the page."""
        return en if self.is_english else zh

    @property
    def back(self) -> str:
        """Where to go afterwards: a page of the dashboard, whatever is asked for."""
        wanted = self.given.get("next", "")
        parts = urlsplit(wanted)
        if parts.scheme or parts.netloc or wanted.startswith(("/", "\\")) or not wanted.isprintable():
            wanted = ""
        # Behind the point nothing leads to another host.
        return "./" + quote(wanted, safe="/?&=%+,:@~-._!$'()*;")

    def require_own(self) -> None:
        """Raise AccountProblem for a form that is not of a page of ours."""
        told, kept = self.given.get("form", ""), self.request.cookies.get(_FORM_COOKIE, "")
        if not is_own(self.request.headers) or not kept or not secrets.compare_digest(told.encode(), kept.encode()):
            raise AccountProblem("这一页过期了，请再填一次。", "This page is too old; please fill it in again.")


@dataclass(frozen=True)
class _Field:
    name: str
    zh: str
    en: str
    kind: str = "text"
    complete: str = "off"


_NAME = _Field("name", "账号", "Account", complete="username")
_CURRENT = _Field("password", "口令", "Password", "password", "current-password")
_NEW = (
    _Field(
        "new",
        f"新口令（至少 {SHORTEST} 个字符）",
        f"New password ({SHORTEST} characters or more)",
        "password",
        "new-password",
    ),
    _Field("again", "再输一次新口令", "New password again", "password", "new-password"),
)
_FULL_NAME = _Field("full_name", "姓名", "Full name", complete="name")


@cache
def _style() -> str:
    return _STYLE.read_text("utf-8")


def document(asked: Asked, title: str, way: str, body: str, *, status: int = 200, goes_on_to: str = "") -> Response:
    """A page, ``body`` being HTML; ``way``: where it is in the other language, as a path and what it is given.

    ``goes_on_to``: an address that the browser goes to by itself.
    """
    product = asked.say("镇街治理绩效看板", "Township performance dashboard")
    going_on = f"<meta http-equiv='refresh'{_attribute(f'0;url={goes_on_to}', 'content')}>" if goes_on_to else ""
    html = (
        f"<!doctype html><html lang='{'en' if asked.is_english else 'zh-CN'}'><head><meta charset='utf-8'>{going_on}"
        "<meta name='viewport' content='width=device-width'><meta name='robots' content='noindex'>"
        f"<title>{escape(f'{title} · {product}')}</title><link rel='icon' href='data:,'><style>{_style()}</style></head>"
        f"<body><main><header><span>{escape(product)}</span><a href='{escape(way)}' "
        f"lang='{'zh' if asked.is_english else 'en'}'>{'中文' if asked.is_english else 'English'}</a></header>"
        f"<h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    return HTMLResponse(html, status, {"Cache-Control": "no-store", "Content-Security-Policy": content_policy(())})


def _form_page(
    asked: Asked,
    path: str,
    title: str,
    fields: Sequence[_Field],
    buttons: Sequence[tuple[str, str]],
    *,
    note: str = "",
    problem: Problem | None = None,
) -> Response:
    """A form; what was typed stays but for passwords. ``buttons``: what each sends as ``do``, and its words."""
    kept = {name: asked.given.get(name, "") for name in ("next", "first")}
    other = {name: value for name, value in (*kept.items(), ("lang", "zh" if asked.is_english else "en")) if value}
    hidden = {**kept, "lang": "en" if asked.is_english else "zh", "form": asked.nonce}
    inputs = "".join(
        f"<label>{escape(asked.say(field.zh, field.en))}<input name='{field.name}' type='{field.kind}' "
        f"autocomplete='{field.complete}' required maxlength='200'"
        f"{'' if field.kind == 'password' else _attribute(asked.given.get(field.name, ''))}"
        f"{' autofocus' if field is fields[0] else ''}></label>"
        for field in fields
    )
    body = (
        (f"<p><small>{escape(note)}</small></p>" if note else "")
        + (f"<p role='alert'>{escape(asked.say(problem.zh, problem.en))}</p>" if problem else "")
        + f"<form method='post' action='.{path}'>"
        + "".join(f"<input type='hidden' name='{name}'{_attribute(value)}>" for name, value in hidden.items())
        + inputs
        + "".join(
            f"<button name='do' value='{do}'{' class=second' if at else ''}>{escape(words)}</button>"
            for at, (do, words) in enumerate(buttons)
        )
        + "</form>"
    )
    answer = document(asked, title, f".{path}?{query(other)}", body, status=400 if problem else 200)
    answer.set_cookie(
        _FORM_COOKIE, asked.nonce, path="/", secure=came_by_tls(asked.request.scope), httponly=True, samesite="lax"
    )
    return answer


def _attribute(value: str, name: str = "value") -> str:
    return f' {name}="{escape(value)}"'


def query(given: Mapping[str, str]) -> str:
    """What is given to an address, as it is written there."""
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in given.items())


def _signed_in_page(asked: Asked, account: Account) -> Response:
    """On to the page that was asked for, with a session that nobody knew before."""
    sessions.forget(account.name)
    answer = RedirectResponse(asked.back, 303, {"Cache-Control": "no-store"})
    set_cookie(answer.headers, sessions.begun(account), is_secure=came_by_tls(asked.request.scope))
    return answer


# --- Signing in -----------------------------------------------------------------------------------


def _sign_in_page(asked: Asked, problem: Problem | None = None) -> Response:
    if _is_first(asked):
        return _form_page(
            asked,
            SIGN_IN,
            asked.say("建第一个管理员账号", "Make the first administrator"),
            (_NAME, _FULL_NAME, *_NEW),
            [("first", asked.say("建账号并登录", "Make the account and sign in"))],
            note=asked.say("以后的账号由这位管理员建。", "Further accounts are made by this administrator."),
            problem=problem,
        )
    if asked.given.get("first") and problem is None:
        problem = AccountProblem(
            "这个链接已经用过或过期，请登录。", "This link has been used, or is too old: please sign in."
        )
    words = asked.say("登录", "Sign in")
    return _form_page(asked, SIGN_IN, words, (_NAME, _CURRENT), [("sign-in", words)], problem=problem)


def _is_first(asked: Asked) -> bool:
    if not secrets.compare_digest(asked.given.get("first", "").encode(), _first_token.encode()):
        return False
    with engine_for(database_url()).connect() as connection:
        return not any_accounts(connection)


def _sign_in(asked: Asked) -> Response:
    given = asked.given
    engine = engine_for(database_url())
    if _is_first(asked):
        _require_same(given)
        add_first(engine, given.get("name", ""), given.get("full_name", ""), given.get("new", ""), asked.address)
        return _signed_in_page(asked, signed_in(engine, given["name"], given["new"], asked.address))
    return _signed_in_page(asked, signed_in(engine, given.get("name", ""), given.get("password", ""), asked.address))


def _require_same(given: Mapping[str, str]) -> None:
    if given.get("new", "") != given.get("again", ""):
        raise AccountProblem("两次输入的新口令不同。", "The two new passwords differ.")


# --- Choosing a password --------------------------------------------------------------------------


def _password_page(asked: Asked, problem: Problem | None = None) -> Response:
    words = asked.say("更改口令", "Change password")
    note = asked.say(
        "改好后，在别处的登录都会结束。首次登录和重设之后要先改口令。",
        "Sessions elsewhere end with it. After the first sign-in or a reset, it has to be changed first.",
    )
    current = _Field("password", "现在的口令", "Current password", "password", "current-password")
    return _form_page(asked, PASSWORD, words, (current, *_NEW), [("change", words)], note=note, problem=problem)


def _password(asked: Asked) -> Response:
    given, name = asked.given, viewer_of(asked.request).name
    _require_same(given)
    engine = engine_for(database_url())
    changed = change_password(engine, name, given.get("password", ""), given.get("new", ""), asked.address)
    return _signed_in_page(asked, changed)


# --- Signing out ----------------------------------------------------------------------------------


def sign_out_page(asked: Asked, problem: Problem | None = None) -> Response:
    """Where one signs out, here or everywhere."""
    here, everywhere = asked.say("退出", "Sign out"), asked.say("在所有电脑上退出", "Sign out everywhere")
    name = viewer_of(asked.request).name
    note = asked.say(f"已登录的账号：{name}", f"Signed in as {name}")
    return _form_page(
        asked, SIGN_OUT, here, (), [("here", here), ("everywhere", everywhere)], note=note, problem=problem
    )


def signed_out_page(asked: Asked) -> Response:
    """To the sign-in page, the session being ended, here or everywhere as the form says."""
    by, everywhere = viewer_of(asked.request), asked.given.get("do") == "everywhere"
    sign_out(engine_for(database_url()), by, everywhere=everywhere)
    sessions.forget(by.name)
    if opened := sessions.read(asked.request.cookies.get(sessions.COOKIE)):
        sessions.end(opened[0])
    answer = RedirectResponse(
        f".{SIGN_IN}" + ("?lang=en" if asked.is_english else ""), 303, {"Cache-Control": "no-store"}
    )
    answer.delete_cookie(sessions.COOKIE, path="/")
    return answer


# --- Routes ---------------------------------------------------------------------------------------


def route(path: str, rule: str, page: Callable[..., Response], act: Callable[[Asked], Response]) -> RuledRoute:
    """Answers a path with the ``page``, and what is sent by its form with what ``act`` makes of it."""

    def answer(asked: Asked) -> Response:
        if asked.request.method != "POST":
            return page(asked)
        try:
            asked.require_own()
            return act(asked)
        except AccountProblem as problem:
            return page(asked, problem)

    def told(asked: Asked) -> Response:
        try:
            return answer(asked)
        except SQLAlchemyError as error:
            away = unreachable(error, parsed_url(database_url()))
            return _form_page(
                asked, path, asked.say("数据库用不了", "The database cannot be used"), (), [], problem=away
            )

    async def endpoint(request: Request) -> Response:
        given = dict(request.query_params)
        if request.method == "POST":
            given = dict(parse_qsl((await _body(request)).decode("utf-8", "replace")))
        return await to_thread.run_sync(told, Asked(request, given))

    return RuledRoute(path, endpoint, rule, ["GET", "POST"])


async def _body(request: Request) -> bytes:
    """The form, which is short; of a longer one nothing."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_BODY:
            return b""
    return body


sign_in_routes = [
    route(SIGN_IN, ANYBODY, _sign_in_page, _sign_in),
    route(PASSWORD, SIGNED_IN, _password_page, _password),
    route(SIGN_OUT, SIGNED_IN, sign_out_page, signed_out_page),
]
