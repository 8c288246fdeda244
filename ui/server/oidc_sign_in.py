"""The pages of signing in by an OpenID provider (IDENTITY=oidc): to it, back from it, and out again."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple, replace
from html import escape

from anyio import CapacityLimiter, to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from data_access.accounts.problems import NoAccount
from data_access.accounts.signing_in import signed_in_elsewhere
from data_access.database import DatabaseProblem, database_url, engine_for, parsed_url, unreachable
from data_access.problems import Problem
from ui.server import sessions
from ui.server.identity import CALLBACK, SIGN_IN, SIGN_OUT, START, came_by_tls, set_cookie
from ui.server.identity_provider import (
    REFUSALS,
    Attempt,
    SignInRefused,
    authorization_url,
    end_session_url,
    new_attempt,
    provider_settings,
    refused_by,
    signed_in_name,
)
from ui.server.rules import ANYBODY, SIGNED_IN, RuledRoute
from ui.server.sign_in import Asked, document, query, route, sign_out_page, signed_out_page

_log = logging.getLogger(__name__)
# One for each attempt: a browser that opens several pages signs in from each.
_ATTEMPT_COOKIE = "dashboard_oidc_"
_ATTEMPT_SECONDS = 600
_MOST_ATTEMPTS = 5
# Browsers drop longer ones, with what is said of them.
_LONGEST_COOKIE = 3_800
# A provider that is slow to answer keeps those waiting who sign in, and nobody else.
_asking = CapacityLimiter(8)


def _address(request: Request) -> str:
    """That of the dashboard, as the provider and browsers know it."""
    scheme = "https" if came_by_tls(request.scope) else "http"
    return provider_settings().address or f"{scheme}://{request.headers.get('host', '')}"


def _page(asked: Asked, below: str, problem: Problem | None = None, status: int = 200, code: str = "") -> Response:
    """The one with the way to the provider; ``below``: from here to where the dashboard is, ``code``: what keeps the problem."""
    if problem:
        title, words = asked.say("没有登录", "Not signed in"), asked.say("重新登录", "Sign in again")
        body = f"<p role='alert'>{escape(asked.say(problem.zh, problem.en))}</p>"
    else:
        title = words = asked.say("登录", "Sign in")
        note = asked.say("用单位的统一身份认证登录。", "By the identity service of your organisation.")
        body = f"<p><small>{escape(note)}</small></p>"
    wanted = {"next": asked.given["next"]} if asked.given.get("next") else {}
    here, other = ("en", "zh") if asked.is_english else ("zh", "en")
    # Whom the provider has signed in already and who is nobody here may be somebody under another name.
    anew = {"prompt": "login"} if code == "nobody" else {}
    way = f"{below}{START}?{query({**wanted, 'lang': here, **anew})}"
    in_other = f"{below}{SIGN_IN}?{query({**wanted, **({'problem': code} if code else {}), 'lang': other})}"
    return document(asked, title, in_other, f"{body}<a class='button' href='{escape(way)}'>{words}</a>", status=status)


def _refused_page(asked: Asked, below: str, refused: SignInRefused) -> Response:
    return _page(asked, below, refused, refused.status, refused.code)


def _sign_in_page(asked: Asked) -> Response:
    code = asked.given.get("problem", "")
    return _refused_page(asked, ".", SignInRefused(code)) if code in REFUSALS else _page(asked, ".")


def _start(asked: Asked) -> Response:
    """To the provider; the browser keeps what its answer has to fit."""
    request = asked.request
    attempt = new_attempt(_address(request) + CALLBACK, asked.given.get("next", ""), "en" if asked.is_english else "zh")
    url = authorization_url(attempt, anew=asked.given.get("prompt") == "login")
    answer = RedirectResponse(url, 303, {"Cache-Control": "no-store"})
    kept = sessions.signed(astuple(attempt), "oidc")
    if len(kept) > _LONGEST_COOKIE:
        # Rather to the first page than not at all
        kept = sessions.signed(astuple(replace(attempt, wanted="")), "oidc")
    answer.set_cookie(
        _ATTEMPT_COOKIE + attempt.state,
        kept,
        _ATTEMPT_SECONDS,
        path="/",
        secure=came_by_tls(request.scope),
        httponly=True,
        samesite="lax",
    )
    # Those that nobody came back from: servers and proxies take only so much of cookies.
    left = [name for name in request.cookies if re.fullmatch(_ATTEMPT_COOKIE + r"[\w-]+", name, re.ASCII)]
    for name in left[:-_MOST_ATTEMPTS]:
        answer.delete_cookie(name, path="/")
    return answer


def _attempt_of(request: Request) -> Attempt | None:
    state = request.query_params.get("state", "")
    kept = sessions.unsigned(request.cookies.get(_ATTEMPT_COOKIE + state), "oidc", _ATTEMPT_SECONDS)
    attempt = Attempt(*kept) if kept else None
    return attempt if attempt and attempt.state == state else None


def _come_back(asked: Asked) -> Response:
    """Back from the provider: a session for whom it names, if it proves that it does, and if they have an account."""
    request = asked.request
    attempt = _attempt_of(request)
    if attempt is None:
        raise SignInRefused("stale")
    asked.given = {"next": attempt.wanted, "lang": attempt.language}
    asked.is_english = attempt.language == "en"
    if error := request.query_params.get("error"):
        raise refused_by(error)
    name = signed_in_name(request.query_params.get("code", ""), attempt)
    try:
        account = signed_in_elsewhere(engine_for(database_url()), name, asked.address)
    except NoAccount:
        raise SignInRefused("nobody") from None
    sessions.forget(name)
    answer = RedirectResponse(f".{asked.back}", 303, {"Cache-Control": "no-store"})
    set_cookie(answer.headers, sessions.begun(account, sessions.OIDC), is_secure=came_by_tls(request.scope))
    return answer


def _signed_out_page(asked: Asked) -> Response:
    """Out of the dashboard, and on to where the provider's session is ended too."""
    answer = signed_out_page(asked)
    url = ""
    with suppress(SignInRefused):
        url = end_session_url(_address(asked.request) + SIGN_IN, "en" if asked.is_english else "zh")
    if not url:
        return answer
    # Not as the answer to the form: browsers let forms of the dashboard lead nowhere else (form-action).
    words = asked.say("正在退出统一身份认证。", "Signing out of the identity service too.")
    body = f"<p>{escape(words)}</p><a class='button' href='{escape(url)}'>{asked.say('继续', 'Go on')}</a>"
    title, other = asked.say("已退出看板", "Signed out of the dashboard"), "zh" if asked.is_english else "en"
    page = document(asked, title, f".{SIGN_IN}?lang={other}", body, goes_on_to=url)
    page.headers.append("set-cookie", answer.headers["set-cookie"])
    return page


def _route_to(path: str, below: str, act: Callable[[Asked], Response]) -> RuledRoute:
    def told(asked: Asked) -> Response:
        try:
            return act(asked)
        except SignInRefused as refused:
            if refused.reason:
                _log.warning("OpenID sign-in: %s", refused.reason)
            return _refused_page(asked, below, refused)
        except DatabaseProblem as problem:
            return _page(asked, below, problem, 503)
        except SQLAlchemyError as error:
            return _page(asked, below, unreachable(error, parsed_url(database_url())), 503)

    async def endpoint(request: Request) -> Response:
        given = dict(request.query_params)
        # The provider gives the language back, as the state, where it sends somebody who has signed out.
        language = given.get("lang") or given.get("state", "")
        answer = await to_thread.run_sync(told, Asked(request, {**given, "lang": language}), limiter=_asking)
        if path == CALLBACK and (attempt := _attempt_of(request)):
            answer.delete_cookie(_ATTEMPT_COOKIE + attempt.state, path="/")
        return answer

    return RuledRoute(path, endpoint, ANYBODY)


oidc_routes = [
    _route_to(SIGN_IN, ".", _sign_in_page),
    _route_to(START, "..", _start),
    _route_to(CALLBACK, "..", _come_back),
    route(SIGN_OUT, SIGNED_IN, sign_out_page, _signed_out_page),
]
