"""Signing in by an OpenID provider: a real one in a browser, and forged answers of one that is none."""

from __future__ import annotations

import json
import re
import shutil
import time
import tomllib
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from html import escape, unescape
from http.client import HTTPConnection
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urljoin, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderParameter
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, make_url, select
from starlette.requests import Request

from data_access.access import UNRESTRICTED
from data_access.accounts import administering
from data_access.accounts.__main__ import main
from data_access.accounts.tables import account
from data_access.audit.tables import deed
from data_access.database import engine_for
from data_access.problems import Problem
from tests.browser import SCREENSHOTS, Server, free_port, settle, title
from tests.counties import sqlite_url, three_townships
from tests.openid_provider import CLIENT_ID, CLIENT_SECRET, ForgingProvider, OpenIDProvider
from tests.page_contents import ROOT, in_a_loop
from ui.server import sessions
from ui.server.identity_provider import (
    REFUSALS,
    SignInRefused,
    authorization_url,
    end_session_url,
    new_attempt,
    provider_settings,
    signed_in_name,
)
from ui.server.oidc_sign_in import oidc_routes
from ui.server.sessions import COOKIE, begun, written

ATTEMPT = "dashboard_oidc_"
SIGNING_KEY = "a key of thirty-two characters and more"
# What must be in no page, log or address
PASSWORD = "nobody asks what it is"  # noqa: S105
ZH = {code: zh for code, (_, zh, _) in REFUSALS.items()}


def settings_of(issuer: str, **more: str) -> dict[str, str]:
    return {
        "IDENTITY": "oidc",
        "OIDC_ISSUER": issuer,
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "DASHBOARD_SECRET": SIGNING_KEY,
        **more,
    }


@pytest.fixture(scope="module")
def county(sample_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample with two accounts, which have no password."""
    folder = tmp_path_factory.mktemp("oidc")
    shutil.copy(make_url(sample_url).database or "", folder / "county.sqlite")
    engine = engine_for(sqlite_url(folder / "county.sqlite"))
    administering.add(engine, UNRESTRICTED, "wang", "王一", "administrator", None)
    administering.add(engine, UNRESTRICTED, "li", "李二", "viewer", None)
    return folder


@pytest.fixture(scope="module")
def engine(county: Path) -> Engine:
    return engine_for(sqlite_url(county / "county.sqlite"))


def started(county: Path, name: str, settings: dict[str, str]) -> Server:
    with pytest.MonkeyPatch.context() as environment:
        for setting, value in settings.items():
            environment.setenv(setting, value)
        return Server(sqlite_url(county / "county.sqlite"), county / f"{name}.log")


# --- A real provider, in a browser ------------------------------------------------------------------


@pytest.fixture(scope="module")
def issuer() -> str:
    # By another name than the dashboard's, so that browsers take them for two sites.
    return f"http://localhost:{free_port()}"


@pytest.fixture(scope="module")
def dashboard(county: Path, issuer: str) -> Iterator[Server]:
    secret = county / "secret"
    secret.write_text(f"{CLIENT_SECRET}\n", "utf-8")
    server = started(county, "server", settings_of(issuer, OIDC_CLIENT_SECRET="", OIDC_CLIENT_SECRET_FILE=str(secret)))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def provider(openid_program: Path, issuer: str, dashboard: Server, county: Path) -> Iterator[OpenIDProvider]:
    running = OpenIDProvider(openid_program, issuer, dashboard.url, county / "provider.log")
    yield running
    running.stop()


@pytest.fixture
def opened(browser: Browser, provider: OpenIDProvider, dashboard: Server) -> Iterator[Callable[..., Page]]:
    """Opens a path of the dashboard in a browser of its own; afterwards nothing must have gone wrong in it."""
    contexts, problems = [], []

    def open_page(path: str, scheme: str = "light") -> Page:
        context = browser.new_context(viewport={"width": 1366, "height": 768}, color_scheme=scheme)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto(dashboard.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not problems


def sign_in_there(page: Page, name: str) -> None:
    """At the provider: who one is, and that the dashboard may know it."""
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def cookies_of(page: Page) -> str:
    return "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())  # type: ignore[typeddict-item]


def test_by_the_provider_to_the_page_that_was_asked_for_and_out_again(
    opened: Callable[..., Page], dashboard: Server, issuer: str, engine: Engine
) -> None:
    page = opened("/petitions?lang=en&to=2023-05&from=2023-02")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("link", name="Sign in").click()
    assert page.url.startswith(issuer)
    sign_in_there(page, "li")
    settle(page)
    expect(title(page)).to_contain_text("Petitions")
    expect(page.locator(".who")).to_have_text("李二")
    assert page.url.startswith(f"{dashboard.url}/petitions?")
    assert "from=2023-02" in page.url
    kept = {one["name"]: one for one in page.context.cookies(dashboard.url)}  # type: ignore[typeddict-item]
    assert kept[COOKIE]["httpOnly"]  # type: ignore[typeddict-item]
    assert kept[COOKIE]["sameSite"] == "Lax"  # type: ignore[typeddict-item]
    assert not [name for name in kept if name.startswith(ATTEMPT)]
    # There is no password of the dashboard's to change.
    expect(page.get_by_role("link", name="Change password")).to_have_count(0)
    session = cookies_of(page)
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.url.startswith(f"{dashboard.url}/sign-in")
    assert Visitor(dashboard, session).get("/version", Accept="*/*").status == 401
    # The provider asks anew.
    page.get_by_role("link", name="Sign in").click()
    expect(page.locator("input[name=login]")).to_be_visible()
    with engine.connect() as connection:
        deeds = connection.execute(select(deed.c.kind).where(deed.c.done_by == "li").order_by(deed.c.number)).scalars()
        assert list(deeds)[-2:] == ["signed-in", "signed-out"]
        assert connection.scalar(select(account.c.signed_in_at).where(account.c.name == "li"))


def test_an_open_page_whose_session_ends_leads_back_by_the_provider(opened: Callable[..., Page]) -> None:
    page = opened("/cameras")
    page.get_by_role("link", name="登录").click()
    sign_in_there(page, "li")
    settle(page)
    other = page.context.new_page()
    other.goto(page.url)
    settle(other)
    other.get_by_role("link", name="退出").click()
    other.get_by_role("button", name="在所有电脑上退出").click()
    # Whoever is asked there and does not answer is out here all the same.
    expect(other.get_by_role("button", name="Yes, sign me out")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_text("登录已结束，请重新登录。")
    page.get_by_role("link", name="去登录").click()
    page.get_by_role("link", name="登录").click()
    # The provider knows them still.
    settle(page)
    expect(title(page)).to_contain_text("雪亮监控")


def test_who_has_no_account_is_told_so_and_may_come_as_somebody_else(
    opened: Callable[..., Page], dashboard: Server, engine: Engine
) -> None:
    page = opened("/cameras")
    page.get_by_role("link", name="登录").click()
    sign_in_there(page, "stranger")
    expect(page.get_by_role("alert")).to_have_text(ZH["nobody"])
    assert COOKIE not in cookies_of(page)
    page.get_by_role("link", name="重新登录").click()
    sign_in_there(page, "wang")
    settle(page)
    expect(title(page)).to_contain_text("雪亮监控")
    with engine.connect() as connection:
        failed = select(deed.c.subject).where(deed.c.kind == "sign-in-failed").order_by(deed.c.number.desc())
        # Who is nobody here is not named.
        assert connection.scalar(failed) == ""
    assert "stranger" not in dashboard.log.read_text("utf-8")


def test_a_callback_is_good_once_for_the_browser_that_asked(opened: Callable[..., Page], dashboard: Server) -> None:
    page = opened("/sign-in")
    page.get_by_role("link", name="登录").click()
    came_back: list[str] = []
    page.on("request", lambda request: came_back.append(request.url) if "/callback?" in request.url else None)
    page.locator("input[name=login]").fill("li")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign-in").click()
    kept = cookies_of(page)
    assert ATTEMPT in kept
    page.get_by_role("button", name="Continue").click()
    settle(page)
    (url,) = came_back
    path = url.removeprefix(dashboard.url)
    # Another browser, the same one again, and one that kept the cookie of before
    for cookie in ("", cookies_of(page), kept):
        told = Visitor(dashboard, cookie).get(path)
        assert (told.status, told.alert) == (400, ZH["stale"])
        assert COOKIE not in told.cookies
    page.goto(url)
    expect(page.get_by_role("alert")).to_have_text(ZH["stale"])
    assert parse_qs(urlsplit(url).query)["code"][0] not in dashboard.log.read_text("utf-8")


def test_who_cancels_at_the_provider_is_told_so(opened: Callable[..., Page]) -> None:
    page = opened("/sign-in?lang=en")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("alert")).to_have_text(REFUSALS["denied"][2])
    page.get_by_role("link", name="中文").click()
    expect(page.get_by_role("alert")).to_have_text(ZH["denied"])


def test_while_the_provider_is_away_a_page_says_so(
    opened: Callable[..., Page], provider: OpenIDProvider, dashboard: Server
) -> None:
    page = opened("/sign-in?next=cameras")
    provider.stop()
    page.get_by_role("link", name="登录").click()
    expect(page.get_by_role("alert")).to_have_text(ZH["away"])
    assert Visitor(dashboard).get("/sign-in/start").status == 503
    provider.start_again()
    page.get_by_role("link", name="重新登录").click()
    sign_in_there(page, "wang")
    settle(page)
    expect(title(page)).to_contain_text("雪亮监控")
    provider.stop()
    # Who is signed in works on, and signs out of the dashboard.
    page.reload()
    settle(page)
    page.get_by_role("link", name="退出").click()
    page.get_by_role("button", name="退出", exact=True).click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    provider.start_again()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_are_whole_in_both_themes(opened: Callable[..., Page], scheme: str, lang: str) -> None:
    page = opened(f"/sign-in?lang={lang}", scheme)
    SCREENSHOTS.mkdir(exist_ok=True)
    themes = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    for code in ("", *REFUSALS):
        answer = page.goto(f"{page.url.partition('?')[0]}?lang={lang}&problem={code}")
        assert answer
        assert answer.status == (REFUSALS[code][0] if code else 200)
        if code:
            expect(page.get_by_role("alert")).to_have_text(REFUSALS[code][1 if lang == "zh" else 2])
        button = page.locator("a.button")
        expect(button).to_be_visible()
        accent = bytes.fromhex(themes[scheme]["primaryColor"].removeprefix("#"))
        drawn = f"rgb({', '.join(map(str, accent))})"
        assert button.evaluate("one => getComputedStyle(one).backgroundColor") == drawn
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        page.screenshot(path=SCREENSHOTS / f"oidc-{code or 'sign-in'}-{lang}-{scheme}.png")


# --- Forged answers ---------------------------------------------------------------------------------


class Told:
    """An answer of the dashboard."""

    def __init__(self, status: int, location: str, cookies: dict[str, str], page: str) -> None:
        self.status = status
        self.location = location
        self.cookies = cookies
        self.page = page

    @property
    def alert(self) -> str:
        return self.page.partition("<p role='alert'>")[2].partition("</p>")[0]


class Visitor:
    """A client without a browser, which keeps its cookies."""

    def __init__(self, server: Server, cookies: str = "") -> None:
        self._netloc = urlsplit(server.url).netloc
        self.cookies = dict(one.split("=", 1) for one in filter(None, cookies.split("; ")))

    def get(self, path: str, **headers: str) -> Told:
        with closing(HTTPConnection(self._netloc, timeout=60)) as connection:
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            sent = {"Accept": "text/html", **({"Cookie": cookie} if cookie else {})}
            connection.request("GET", path, headers={**sent, **{n.replace("_", "-"): v for n, v in headers.items()}})
            answer = connection.getresponse()
            set_now = {one.partition("=")[0]: one for one in answer.headers.get_all("set-cookie") or ()}
            for name, one in set_now.items():
                self.cookies[name] = one.partition("=")[2].partition(";")[0]
                if "Max-Age=0" in one:
                    del self.cookies[name]
            page = answer.read().decode("utf-8", "replace")
            return Told(answer.status, answer.headers["location"] or "", set_now, page)


KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}) for _ in range(2))
CURVE_KEY = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"})


def signed(claims: dict[str, Any], key: Any = KEY, alg: str = "RS256", **header: Any) -> str:
    registry = JWSRegistry({"own": HeaderParameter("of the tests", "str")}, [alg])
    return jwt.encode({"alg": alg, "kid": "one", **header}, claims, key, registry=registry)


def without_signature(claims: dict[str, Any], alg: str = "none") -> str:
    parts = (json.dumps(one).encode() for one in ({"alg": alg, "kid": "one"}, claims))
    return ".".join(urlsafe_b64encode(one).rstrip(b"=").decode() for one in parts) + "."


class Forging:
    """The way of a visitor to a provider that does as a test says, and back."""

    def __init__(self, provider: ForgingProvider, server: Server) -> None:
        self.provider, self.server = provider, server
        issuer = provider.issuer
        self.document: dict[str, Any] = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize?tenant=county",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
            "userinfo_endpoint": f"{issuer}/userinfo",
        }
        self.keys: Any = {"keys": [KEY.as_dict(private=False), CURVE_KEY.as_dict(private=False), {"kty": "SM2"}]}
        self.userinfo: dict[str, Any] = {}
        # What the dashboard sent to where tokens are made, and to where a token tells who somebody is
        self.posted: tuple[dict[str, str], dict[str, str]] = ({}, {})
        self.bearer = ""
        self.visitor = Visitor(server)
        self.token = ""
        self.answer: tuple[int, Any] = (200, {})
        provider.answers = {
            "/.well-known/openid-configuration": lambda _given, _headers: (200, self.document),
            "/keys": lambda _given, _headers: (200, self.keys),
            "/token": self._answer,
            "/userinfo": self._userinfo,
        }

    def _answer(self, given: dict[str, str], headers: Any) -> tuple[int, Any]:
        self.posted = (given, {name.title(): value for name, value in headers.items()})
        return self.answer

    def _userinfo(self, _given: dict[str, str], headers: Any) -> tuple[int, Any]:
        self.bearer = headers["Authorization"]
        return 200, self.userinfo

    def begin(self, path: str = "/sign-in/start", **headers: str) -> dict[str, str]:
        """What the provider is asked."""
        told = self.visitor.get(path, **headers)
        assert told.status == 303, told.page
        assert told.location.startswith(f"{self.provider.issuer}/authorize?tenant=county&")
        return {name: values[0] for name, values in parse_qs(urlsplit(told.location).query).items()}

    def claims(self, nonce: str) -> dict[str, Any]:
        now = int(time.time())
        about = {"iss": self.provider.issuer, "aud": CLIENT_ID, "sub": "7", "exp": now + 60, "iat": now}
        return {**about, "nonce": nonce, "preferred_username": "wang"}

    def come_back(self, asked: dict[str, str], token: Callable[[dict[str, Any]], str] = signed, **answer: Any) -> Told:
        """Back with a code, for which the provider gives this token, or answers something else."""
        self.token = token(self.claims(asked["nonce"]))
        self.answer = answer.get("answer", (200, {"id_token": self.token, "access_token": "kept by nobody"}))
        return self.visitor.get(f"/sign-in/callback?state={asked['state']}&code=4711")


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A little county, which has no accounts at first."""
    with three_townships(tmp_path_factory.mktemp("few")) as made:
        yield made


@pytest.fixture(scope="module")
def believing(few: Engine, forging_provider: ForgingProvider) -> Iterator[Server]:
    """A dashboard for which the provider that is none signs people in; its accounts are made as it says itself."""
    folder = Path(few.url.database or "").parent
    server = started(folder, "forged", settings_of(forging_provider.issuer))
    log = server.log.read_text("utf-8")
    (command,) = (line for line in log.splitlines() if "python -m data_access.accounts" in line)
    words = command.partition("python -m data_access.accounts ")[2]
    for name in ("wang", "li", "zhao"):
        assert main([*words.replace("NAME", name).split(), "--url", server.database_url]) == 0
    administering.lock(few, UNRESTRICTED, "zhao")
    yield server
    server.stop()


@pytest.fixture
def forging(forging_provider: ForgingProvider, believing: Server) -> Forging:
    return Forging(forging_provider, believing)


def test_what_a_true_provider_answers_begins_a_session(forging: Forging) -> None:
    asked = forging.begin("/sign-in/start?next=petitions%3Fstate%3Dopen&lang=en")
    assert asked["scope"] == "openid profile"
    assert asked["redirect_uri"] == f"{forging.server.url}/sign-in/callback"
    assert asked["code_challenge_method"] == "S256"
    told = forging.come_back(asked)
    assert (told.status, told.location) == (303, "../petitions?state=open")
    assert "HttpOnly" in told.cookies[COOKIE]
    assert "SameSite=lax" in told.cookies[COOKIE]
    assert set(forging.visitor.cookies) == {COOKIE}
    assert forging.visitor.get("/version").status == 200
    posted, headers = forging.posted
    challenge = urlsafe_b64encode(sha256(posted["code_verifier"].encode()).digest()).rstrip(b"=").decode()
    assert challenge == asked["code_challenge"]
    assert posted["code"] == "4711"
    assert posted["redirect_uri"] == asked["redirect_uri"]
    basic = b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
    assert [unquote(one) for one in basic.split(":")] == [CLIENT_ID, CLIENT_SECRET]
    # The name was in the token: nobody was asked for more.
    assert forging.bearer == ""


def test_each_way_has_its_own_secrets(forging: Forging) -> None:
    first, second = forging.begin(), forging.begin()
    assert not {first[name] for name in ("state", "nonce", "code_challenge")} & set(second.values())
    # Two pages that are signed in from at the same time both come back.
    assert forging.come_back(first).status == 303
    assert forging.come_back(second).status == 303


def test_ways_that_nobody_came_back_from_are_let_go_of(forging: Forging) -> None:
    asked = [forging.begin() for _ in range(9)]
    assert len(forging.visitor.cookies) == 6
    assert forging.come_back(asked[-5]).status == 303
    assert forging.come_back(asked[0]).alert == ZH["stale"]
    # Not one that only looks like them
    assert forging.visitor.get("/sign-in/start", Cookie=f"{ATTEMPT}a=1; " + f"{ATTEMPT}a[]=1; " * 9).status == 303


def test_a_very_long_address_does_not_keep_anybody_out(forging: Forging) -> None:
    # Nothing that could be pressed together
    wanted = f"explore?where={token_urlsafe(6_000)}"
    told = forging.come_back(forging.begin(f"/sign-in/start?next={quote(wanted, '')}"))
    assert (told.status, told.location) == (303, "../")
    wanted = f"explore?{urlencode({'where': '未解决且不满意' * 99})}"
    told = forging.come_back(forging.begin(f"/sign-in/start?next={quote(wanted, '')}"))
    assert told.location == f"../{wanted}"


def test_a_provider_may_want_the_secret_in_the_form_and_tell_the_name_elsewhere(forging: Forging) -> None:
    forging.document["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    forging.userinfo = {"sub": "7", "preferred_username": "li"}

    def nameless(claims: dict[str, Any]) -> str:
        del claims["preferred_username"]
        return signed(claims, CURVE_KEY, "ES256", kid="two")

    assert forging.come_back(forging.begin(), nameless).status == 303
    posted, headers = forging.posted
    assert (posted["client_id"], posted["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
    assert "Authorization" not in headers
    assert forging.bearer == "Bearer kept by nobody"
    # Of another person's nothing is taken.
    forging.userinfo["sub"] = "8"
    told = forging.come_back(forging.begin(), nameless)
    assert (told.status, told.alert) == (502, ZH["wrong"])


def test_by_tls_of_a_proxy_all_is_secure(forging: Forging) -> None:
    asked = forging.begin(X_Forwarded_Proto="https", Host="localhost:8443")
    assert asked["redirect_uri"] == "https://localhost:8443/sign-in/callback"
    told = forging.visitor.get("/sign-in/start", X_Forwarded_Proto="https")
    assert all("Secure" in one and "HttpOnly" in one for one in told.cookies.values())


def but(**changed: Any) -> Callable[[dict[str, Any]], str]:
    """A token that is right but for these claims; None for none."""
    return lambda claims: signed({n: v for n, v in {**claims, **changed}.items() if v is not None})


def of_secret(claims: dict[str, Any]) -> str:
    return signed(claims, OctKey.import_key(CLIENT_SECRET), "HS256")


def of_public_key(claims: dict[str, Any]) -> str:
    """The old trick: the public key taken for the secret of an HMAC."""
    return signed(claims, OctKey.import_key(json.dumps(KEY.as_dict(private=False))), "HS256")


def altered(claims: dict[str, Any]) -> str:
    header, _, signature = signed(claims).split(".")
    return ".".join((header, without_signature({**claims, "preferred_username": "li"}).split(".")[1], signature))


FORGED: dict[str, Callable[[dict[str, Any]], str]] = {
    "no algorithm": without_signature,
    "algorithm in other letters": lambda claims: without_signature(claims, "nOnE"),
    "no signature": lambda claims: without_signature(claims, "RS256"),
    "another key": lambda claims: signed(claims, OTHER_KEY),
    "a key that is not published": lambda claims: signed(claims, OTHER_KEY, kid="three"),
    "its own key in the header": lambda claims: signed(
        claims, OTHER_KEY, jwk=OTHER_KEY.as_dict(private=False), kid="x"
    ),
    "the secret": of_secret,
    "the public key as a secret": of_public_key,
    "altered": altered,
    "critical header": lambda claims: signed(claims, crit=["own"], own="x"),
    "another audience": but(aud="another"),
    "no audience": but(aud=None),
    "audiences, not made for us": but(aud=[CLIENT_ID, "another"]),
    "audiences, made for another": but(aud=[CLIENT_ID, "another"], azp="another"),
    "made for another": but(azp="another"),
    "another issuer": but(iss="https://evil.example"),
    "no issuer": but(iss=None),
    "expired": but(exp=int(time.time()) - 3600),
    "no end": but(exp=None),
    "an end that is none": but(exp="later"),
    "issued tomorrow": but(iat=int(time.time()) + 86_400),
    "not yet": but(nbf=int(time.time()) + 3600),
    "an old nonce": but(nonce="of before"),
    "no nonce": but(nonce=None),
    "nobody": but(sub=None),
    "no name": but(preferred_username=None),
    "an empty name": but(preferred_username=" "),
    "a name that nobody can write": but(preferred_username="wang\0"),
    "a name that is none": but(preferred_username=["wang"]),
    "no token": lambda _claims: "",
    "not a token": lambda _claims: "4711",
}


@pytest.mark.parametrize("how", FORGED)
def test_a_token_that_is_not_true_signs_nobody_in(forging: Forging, how: str) -> None:
    before = len(forging.server.log.read_text("utf-8"))
    told = forging.come_back(forging.begin(), FORGED[how])
    assert (told.status, told.alert) == (502, ZH["wrong"])
    assert COOKIE not in told.cookies
    assert not forging.visitor.cookies
    # Whoever runs the server reads why; of the token or the secret neither log nor page has anything.
    log = forging.server.log.read_text("utf-8")[before:]
    assert "OpenID sign-in: " in log
    for kept in (*forging.token.split("."), CLIENT_SECRET, "wang", "4711"):
        assert not kept or kept not in log + told.page


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((400, {"error": "invalid_grant"}), "stale"),
        ((401, {"error": "invalid_client", "error_description": "wang 13800000000"}), "wrong"),
        ((400, {"error": "wang 13800000000"}), "wrong"),
        ((200, {"error": "temporarily_unavailable"}), "away"),
        ((200, {"access_token": "only"}), "wrong"),
        ((200, ["a", "list"]), "wrong"),
        ((200, b"<html>"), "wrong"),
        ((302, b""), "wrong"),
        ((503, {}), "away"),
    ],
)
def test_what_goes_wrong_where_tokens_are_made_is_told(forging: Forging, answer: tuple[int, Any], code: str) -> None:
    told = forging.come_back(forging.begin("/sign-in/start?lang=en"), answer=answer)
    assert (told.status, told.alert) == (REFUSALS[code][0], escape(REFUSALS[code][2]))
    assert "13800000000" not in told.page + forging.server.log.read_text("utf-8")
    assert COOKIE not in told.cookies


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("access_denied", "denied"),
        ("temporarily_unavailable", "away"),
        ("login_required", "wrong"),
        ("<script>13800000000</script>", "wrong"),
    ],
)
def test_an_error_that_the_provider_sends_back_is_told(forging: Forging, error: str, code: str) -> None:
    asked = forging.begin()
    back = {"state": asked["state"], "error": error, "error_description": "13800000000", "code": "4711"}
    told = forging.visitor.get(f"/sign-in/callback?{urlencode(back)}")
    assert (told.status, told.alert) == (REFUSALS[code][0], ZH[code])
    assert "13800000000" not in told.page + forging.server.log.read_text("utf-8")
    # It was an answer: there is no second one.
    assert forging.come_back(asked).alert == ZH["stale"]


def test_a_callback_that_nobody_asked_for_signs_nobody_in(forging: Forging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHBOARD_SECRET", SIGNING_KEY)
    asked = forging.begin()
    state, kept = asked["state"], dict(forging.visitor.cookies)
    (cookie,) = kept.values()
    forging.answer = (200, {"id_token": signed(forging.claims(asked["nonce"]))})
    forged: tuple[tuple[str, dict[str, str]], ...] = (
        (f"state={state}&code=4711", {}),
        ("state=another&code=4711", kept),
        ("state=another&code=4711", {f"{ATTEMPT}another": cookie}),
        (f"state={state}&code=4711", {ATTEMPT + state: cookie[:-1]}),
        (f"state={state}&code=4711", {ATTEMPT + state: written(sessions.Session("oidc", "wang", 0, "x", 0))}),
        ("code=4711", kept),
        ("", kept),
        ("error=access_denied", kept),
        (f"state={quote('a;b=c' + chr(10))}&code=4711", kept),
    )
    for query, cookies in forged:
        visitor = Visitor(forging.server)
        visitor.cookies = dict(cookies)
        told = visitor.get(f"/sign-in/callback?{query}")
        assert (told.status, told.alert) == (400, ZH["stale"]), query
        assert COOKIE not in told.cookies
    # What is kept for the way back is no session.
    visitor = Visitor(forging.server)
    visitor.cookies = {COOKIE: cookie}
    assert visitor.get("/petitions").status == 303
    assert forging.come_back(asked).status == 303


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "a\r\nb", "..//evil.example"]
)
def test_the_way_back_leads_to_own_pages_only(forging: Forging, wanted: str) -> None:
    told = forging.come_back(forging.begin(f"/sign-in/start?next={quote(wanted, '')}"))
    led = urlsplit(urljoin(f"{forging.server.url}/sign-in/callback", told.location))
    assert f"http://{led.netloc}" == forging.server.url


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": None},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"end_session_endpoint": ["https://evil.example"]},
    ],
)
def test_a_discovery_document_that_cannot_be_meant_is_not_followed(forging: Forging, changed: dict[str, Any]) -> None:
    forging.document |= changed
    told = forging.visitor.get("/sign-in/start")
    assert (told.status, told.alert) == (502, ZH["wrong"])
    assert told.location == ""


def test_who_is_locked_is_told_like_who_is_nobody(forging: Forging, few: Engine) -> None:
    for name, noted in (("zhao", "zhao"), ("nobody", "")):
        told = forging.come_back(forging.begin(), but(preferred_username=name))
        assert (told.status, told.alert) == (403, ZH["nobody"])
        assert COOKIE not in told.cookies
        with few.connect() as connection:
            newest = connection.execute(select(deed.c.kind, deed.c.subject).order_by(deed.c.number.desc())).first()
        assert newest == ("sign-in-failed", noted)


def test_nothing_is_told_to_whom_nobody_knows(forging: Forging, few: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHBOARD_SECRET", SIGNING_KEY)
    visitor = Visitor(forging.server)
    for path in ("/", "/petitions", "/version", "/screen", "/password", "/sign-out", "/sign-in/", "/sign-in/other"):
        told = visitor.get(path)
        assert (told.status, told.page) == (303, ""), path
        assert visitor.get(path, Accept="*/*").status == 401, path
    with few.connect() as connection:
        known = sessions.account_named(connection, "wang")
    assert known
    # A session of accounts that had passwords, or one that a proxy vouched for, is none here.
    for kind, status in ((sessions.ACCOUNT, 303), (sessions.PROXY, 303), (sessions.OIDC, 200)):
        visitor.cookies = {COOKIE: written(begun(known, kind))}
        assert visitor.get("/petitions").status == status, kind


@pytest.fixture
def here(forging: Forging, monkeypatch: pytest.MonkeyPatch) -> Forging:
    """The provider asked by this process."""
    for name, value in settings_of(forging.provider.issuer).items():
        monkeypatch.setenv(name, value)
    return forging


@pytest.mark.parametrize(("is_verified", "is_let_in"), [(True, True), (False, False), ("true", False), (None, False)])
def test_an_address_is_a_name_only_where_it_is_verified(
    here: Forging, is_verified: object, is_let_in: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OIDC_NAME_CLAIM", "email")
    attempt = new_attempt("http://dashboard.county/sign-in/callback", "", "zh")
    assert "scope=openid+profile+email" in authorization_url(attempt, anew=False)
    token = signed({**here.claims(attempt.nonce), "email": "wang@county.example", "email_verified": is_verified})
    here.answer = (200, {"id_token": token})
    if is_let_in:
        assert signed_in_name("4711", attempt) == "wang@county.example"
    else:
        with pytest.raises(SignInRefused) as refused:
            signed_in_name("4711", attempt)
        assert "wang" not in refused.value.reason


def test_signing_out_goes_to_the_provider_where_it_has_a_way_and_shall(
    here: Forging, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = "https://dashboard.county/sign-in"
    assert end_session_url(back, "en") == ""
    here.document["end_session_endpoint"] = f"{here.provider.issuer}/logout"
    told = urlsplit(end_session_url(back, "en"))
    assert told.path == "/logout"
    assert parse_qs(told.query) == {
        "client_id": [CLIENT_ID],
        "post_logout_redirect_uri": [back],
        "state": ["en"],
    }
    monkeypatch.setenv("OIDC_SIGN_OUT", "here")
    assert end_session_url(back, "en") == ""


def test_the_dashboards_address_may_be_set(here: Forging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_ADDRESS", "https://portal.county/dashboard")
    (start,) = (route.endpoint for route in oidc_routes if route.path == "/sign-in/start")
    request = Request({"type": "http", "scheme": "http", "headers": [], "query_string": b"", "client": None})
    asked = parse_qs(urlsplit(in_a_loop(start(request)).headers["location"]).query)
    assert asked["redirect_uri"] == ["https://portal.county/dashboard/sign-in/callback"]


def test_every_way_is_below_where_a_proxy_has_the_dashboard(forging: Forging) -> None:
    asked = forging.begin()
    refused = forging.come_back(asked, without_signature)
    pages = (("sign-in?next=cameras", forging.visitor.get("/sign-in?next=cameras")), ("sign-in/callback", refused))
    for path, told in pages:
        ways = re.findall(r"href='(\.[^']*)'", told.page)
        assert len(ways) == 2
        for way in ways:
            led = urljoin(f"https://portal.county/dashboard/{path}", unescape(way))
            assert re.match(r"https://portal\.county/dashboard/sign-in(/start)?\?", led), led


# --- Settings ---------------------------------------------------------------------------------------


ISSUER = "https://sso.county.example/realms/county"


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"OIDC_ISSUER": ""}, "OIDC_ISSUER"),
        ({"OIDC_ISSUER": "http://sso.county.example"}, "OIDC_ISSUER"),
        ({"OIDC_ISSUER": "sso.county.example"}, "OIDC_ISSUER"),
        ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID"),
        ({"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET"),
        ({"OIDC_CLIENT_SECRET_FILE": "/nowhere"}, "OIDC_CLIENT_SECRET_FILE"),
        ({"OIDC_ADDRESS": "dashboard.county.example"}, "OIDC_ADDRESS"),
        ({"OIDC_SIGN_OUT": "yes"}, "OIDC_SIGN_OUT"),
    ],
)
def test_settings_that_cannot_be_meant_are_said(
    changed: dict[str, str], word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings_of(ISSUER, **changed).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Problem, match=word) as said:
        provider_settings()
    assert CLIENT_SECRET not in str(said.value)


def test_settings_never_show_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in settings_of(f"{ISSUER}/", OIDC_ADDRESS="https://dashboard.county.example/county/").items():
        monkeypatch.setenv(name, value)
    settings = provider_settings()
    assert settings.client_secret == CLIENT_SECRET
    assert CLIENT_SECRET not in repr(settings)
    assert settings.address == "https://dashboard.county.example/county"
    assert (settings.name_claim, settings.ends_there) == ("preferred_username", True)


@pytest.mark.parametrize("kind", ["oidc", "header"])
def test_an_account_needs_no_password_where_others_ask_for_it(
    kind: str, few: Engine, believing: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY", kind)
    assert main(["add", kind, "--role", "administrator", "--url", believing.database_url]) == 0
    with few.connect() as connection:
        # The first ones were made as the server said when it started.
        for name in ("wang", kind):
            made = select(account.c.role_code, account.c.password_hash, account.c.must_change)
            assert connection.execute(made.where(account.c.name == name)).one() == ("administrator", None, False)
    assert "?first=" not in believing.log.read_text("utf-8")
