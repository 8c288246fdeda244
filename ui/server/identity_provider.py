"""The OpenID provider that signs people in (IDENTITY=oidc): the way to it, and what it has to prove of whom it names.

Authorization code flow with PKCE. What it publishes (its endpoints and keys) is asked of it each time: few sign in in a minute,
and nothing that is kept grows old.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from urllib3 import PoolManager, Timeout, make_headers
from urllib3.exceptions import HTTPError

from data_access.accounts.problems import NoAccount
from data_access.problems import Problem
from ui.server.identity_settings import is_this_machine

_SETTINGS = (
    "OIDC_ISSUER",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_CLIENT_SECRET_FILE",
    "OIDC_NAME_CLAIM",
    "OIDC_ADDRESS",
    "OIDC_SIGN_OUT",
)
_DISCOVERY = "/.well-known/openid-configuration"
# Signatures that only the provider can make: none at all is no signature, and of HMAC whoever has the secret can make one.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
_CURVES = ("P-256", "P-384", "P-521")
# How far the clocks of provider and dashboard may be apart
_LEEWAY_SECONDS = 60
_LONGEST_ANSWER = 1_000_000
# What a provider may say is wrong (RFC 6749, OpenID Connect Core): a log tells these, and nothing that anybody writes there.
_ERRORS = (
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "invalid_client",
    "invalid_request",
    "invalid_scope",
    "login_required",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
)
_NOT_THERE = ("server_error", "temporarily_unavailable")

_pool = PoolManager(timeout=Timeout(connect=5, read=10), retries=False)


@dataclass(frozen=True)
class ProviderSettings:
    """The provider and what the dashboard is to it; ``address``: the dashboard's public one, empty for that of the request.

    ``name_claim``: what of a person is the name of their account. ``ends_there``: whether signing out ends the provider's session.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name_claim: str
    address: str
    ends_there: bool


def provider_settings() -> ProviderSettings:
    """The settings ``OIDC_…`` of the environment. Raises Problem for what is missing or cannot be meant."""
    return _provider_settings(*(os.environ.get(name, "").strip() for name in _SETTINGS))


@lru_cache(maxsize=1)
def _provider_settings(
    issuer: str, client_id: str, secret: str, secret_file: str, name_claim: str, address: str, sign_out: str
) -> ProviderSettings:
    if not _is_safe(issuer):
        raise Problem(
            "IDENTITY=oidc 要设 OIDC_ISSUER：统一身份认证的 issuer，形如 https://sso.example.gov.cn/realms/county，"
            "要用 https（只有本机可以用 http）。",
            "IDENTITY=oidc needs OIDC_ISSUER, the issuer of the OpenID provider, like "
            "https://sso.example.gov.cn/realms/county: by https (http for this machine only).",
        )
    if secret_file:
        try:
            secret = Path(secret_file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "UTF-8"
            raise Problem(
                f"读不了 OIDC_CLIENT_SECRET_FILE（{why}）。", f"OIDC_CLIENT_SECRET_FILE cannot be read ({why})."
            ) from None
    if not client_id or not secret:
        raise Problem(
            "IDENTITY=oidc 要设 OIDC_CLIENT_ID 和 OIDC_CLIENT_SECRET（或 OIDC_CLIENT_SECRET_FILE）。",
            "IDENTITY=oidc needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET (or OIDC_CLIENT_SECRET_FILE).",
        )
    if address and not re.fullmatch(r"https?://[a-z0-9.:\[\]-]+(/[\w./~-]*)?", address, re.IGNORECASE):
        raise Problem(
            f"OIDC_ADDRESS={address} 不对，应是大家打开看板的网址，形如 https://dashboard.example.gov.cn。",
            f"OIDC_ADDRESS={address} should be where people open the dashboard, like https://dashboard.example.gov.cn.",
        )
    if sign_out not in ("", "here"):
        raise Problem(
            f"OIDC_SIGN_OUT={sign_out} 不对，只能是 here，或不设。",
            f"OIDC_SIGN_OUT={sign_out} should be here, or not set.",
        )
    return ProviderSettings(
        issuer, client_id, secret, name_claim or "preferred_username", address.rstrip("/"), ends_there=not sign_out
    )


def _is_safe(url: object) -> bool:
    """Whether nobody on the way can read or change what is asked there."""
    if not isinstance(url, str) or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host)))


# --- What can go wrong ----------------------------------------------------------------------------


class SignInRefused(Problem):
    """Nobody is signed in: ``code``, of REFUSALS, says why to the person; ``reason`` to the administrator, without any value."""

    def __init__(self, code: str, reason: str = "") -> None:
        self.code = code
        self.reason = reason
        self.status, zh, en = REFUSALS[code]
        super().__init__(zh, en)


# Status, and the sentence with what to do
REFUSALS = {
    "denied": (
        403,
        "统一身份认证没有放行，或您取消了登录。可以重新登录；仍不行请联系管理员。",
        "The identity service did not let you in, or you cancelled. Sign in again, or ask your administrator.",
    ),
    "stale": (
        400,
        "这次登录已过期或已用过，没有让您登录。请重新登录。",
        "This sign-in is too old or has been used already. Please sign in again.",
    ),
    "away": (
        503,
        "现在连不上统一身份认证。请稍后重新登录；仍不行请联系管理员。",
        "The identity service cannot be reached now. Sign in again later, or ask your administrator.",
    ),
    "wrong": (
        502,
        "统一身份认证给的登录结果不对，没有让您登录。可以重新登录；仍不行请联系管理员，原因在服务器日志里。",
        "What the identity service answered is not right, so you are not signed in. Sign in again, or ask your "
        "administrator: the server's log has the reason.",
    ),
    "nobody": (403, NoAccount().zh, NoAccount().en),
}


def refused_by(error: str | None) -> SignInRefused:
    """What an error means that a provider tells."""
    known = error if error in _ERRORS else "an error that no standard names"
    if error in _NOT_THERE:
        return SignInRefused("away", f"it answered {known}")
    return SignInRefused("denied" if error == "access_denied" else "wrong", f"it answered {known}")


# --- Asking it ------------------------------------------------------------------------------------


def _asked(method: str, url: str, **given: Any) -> tuple[int, dict[str, Any]]:
    """The status and the JSON object that the provider answers, an empty one for anything else."""
    try:
        answer = _pool.request(method, url, redirect=False, preload_content=False, **given)
        try:
            body = answer.read(_LONGEST_ANSWER)
        finally:
            answer.close()
    except (HTTPError, ValueError) as error:
        # ValueError: what the provider gave cannot be sent in a header
        raise SignInRefused("away", f"{type(error).__name__} at {urlsplit(url).path}") from None
    if answer.status >= 500:
        raise SignInRefused("away", f"status {answer.status} at {urlsplit(url).path}")
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    return answer.status, told if isinstance(told, dict) else {}


@dataclass(frozen=True)
class _Endpoints:
    takes_basic: bool
    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str
    end_session: str


def _endpoints() -> _Endpoints:
    issuer = provider_settings().issuer.rstrip("/")
    status, told = _asked("GET", issuer + _DISCOVERY)
    if status != 200:
        raise SignInRefused("wrong", f"status {status} at {urlsplit(issuer).path}{_DISCOVERY}")
    if str(told.get("issuer")).rstrip("/") != issuer:
        raise SignInRefused("wrong", "its discovery document names another issuer than OIDC_ISSUER")
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    offered = {name: told.get(name) for name in (*needed, "userinfo_endpoint", "end_session_endpoint")}
    if unsafe := [name for name, url in offered.items() if (url or name in needed) and not _is_safe(url)]:
        raise SignInRefused("wrong", f"its discovery document has no {unsafe[0]} by https")
    methods = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    urls = (str(url or "") for url in offered.values())
    return _Endpoints("client_secret_basic" in methods, told["issuer"], *urls)


# --- The way there and back -----------------------------------------------------------------------


@dataclass(frozen=True)
class Attempt:
    """A sign-in under way: what proves that the answer is to this question of this browser, and what was asked for."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    wanted: str
    language: str


def new_attempt(redirect_uri: str, wanted: str, language: str) -> Attempt:
    """One that nobody can guess."""
    state, nonce, verifier = (secrets.token_urlsafe(size) for size in (16, 24, 48))
    return Attempt(state, nonce, verifier, redirect_uri, wanted, language)


def authorization_url(attempt: Attempt, *, anew: bool) -> str:
    """Where the browser is sent; ``anew``: to sign in whoever is signed in there already. Raises SignInRefused."""
    settings = provider_settings()
    given = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": attempt.redirect_uri,
        "scope": "openid profile" + (" email" if settings.name_claim == "email" else ""),
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": urlsafe_b64encode(sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        **({"prompt": "login"} if anew else {}),
    }
    return _with_query(_endpoints().authorization, given)


def end_session_url(back: str, state: str) -> str:
    """Where the browser ends the provider's session, and comes ``back`` from; empty where there is none. Raises SignInRefused.

    The ID token, which could be given along, says who somebody is: it is not kept, and no address has it.
    """
    settings = provider_settings()
    url = _endpoints().end_session if settings.ends_there else ""
    given = {"client_id": settings.client_id, "post_logout_redirect_uri": back, "state": state}
    return _with_query(url, given) if url else ""


def _with_query(url: str, given: dict[str, str]) -> str:
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(given)}"


def signed_in_name(code: str, attempt: Attempt) -> str:
    """The name of the account of whom the provider has signed in. Raises SignInRefused."""
    settings, there = provider_settings(), _endpoints()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": attempt.redirect_uri,
        "code_verifier": attempt.verifier,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if there.takes_basic:
        # RFC 6749, 2.3.1: both are written like in a form first.
        headers |= make_headers(basic_auth=f"{quote(settings.client_id, '')}:{quote(settings.client_secret, '')}")
    else:
        form |= {"client_id": settings.client_id, "client_secret": settings.client_secret}
    status, told = _asked("POST", there.token, body=urlencode(form), headers=headers)
    if told.get("error") == "invalid_grant":
        raise SignInRefused("stale", "it does not take the code: used before, or too old")
    if status != 200 or "error" in told:
        raise refused_by(str(told.get("error")))
    claims = _proven(str(told.get("id_token")), there, attempt)
    if settings.name_claim not in claims and there.userinfo:
        bearer = {"Authorization": f"Bearer {told.get('access_token')}"}
        _, more = _asked("GET", there.userinfo, headers=bearer)
        # Of somebody else's nothing is taken.
        claims = {**more, **claims} if more.get("sub") == claims["sub"] else claims
    name = claims.get(settings.name_claim)
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise SignInRefused("wrong", f"it gives no {settings.name_claim} (OIDC_NAME_CLAIM)")
    if settings.name_claim == "email" and claims.get("email_verified") is not True:
        raise SignInRefused("wrong", "it has not verified the e-mail address")
    return name


def _proven(token: str, there: _Endpoints, attempt: Attempt) -> dict[str, Any]:
    """What an ID token says, if the provider signed it, for the dashboard, now, and for this attempt."""
    status, published = _asked("GET", there.keys)
    if status != 200 or not isinstance(published.get("keys"), list):
        raise SignInRefused("wrong", "it publishes no keys")
    client_id = provider_settings().client_id
    known = [one for one in published["keys"] if isinstance(one, dict) and one.get("crv", "P-256") in _CURVES]
    registry = jwt.JWTClaimsRegistry(
        leeway=_LEEWAY_SECONDS,
        iss={"essential": True, "value": there.issuer},
        aud={"essential": True, "value": client_id},
        nonce={"essential": True, "value": attempt.nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        # Headers that are not known are to be passed over (RFC 7515, 4.2), but for those that are critical.
        signed = JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False)
        keys = KeySet.import_key_set({"keys": known})
        claims: dict[str, Any] = jwt.decode(token, keys, algorithms=_ALGORITHMS, registry=signed).claims
        registry.validate(claims)
    except (JoseError, ValueError, TypeError) as error:
        # Of what it says only the claim's name, which is no value
        which = f" {error.claim}" if isinstance(error, ClaimError) else ""
        raise SignInRefused("wrong", f"its ID token does not hold: {type(error).__name__}{which}") from None
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims.get("azp", client_id if len(audiences) == 1 else None) != client_id:
        raise SignInRefused("wrong", "its ID token was made for another client (azp)")
    return claims
