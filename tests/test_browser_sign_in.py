"""Signing in, choosing a password and signing out, in a browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import make_url, select, update

from data_access.access import UNRESTRICTED
from data_access.accounts import administering, wall_keys
from data_access.accounts.tables import account
from data_access.database import engine_for
from data_access.evaluation.tables import evaluation_item
from data_access.places.tables import township
from tests.browser import SCREENSHOTS, Server, settle, title
from tests.counties import sqlite_url

PASSWORD, OTHER = "correct horse 7", "staple battery 8"
# What is cut off, or stands outside of what a small screen shows
_CUT = """() => [...document.querySelectorAll("main *")].filter((one) => {
  const box = one.getBoundingClientRect();
  return box.right > innerWidth || box.bottom > innerHeight || one.scrollWidth > one.clientWidth + 1 && one.clientWidth;
}).map((one) => one.outerHTML)"""


@pytest.fixture(scope="module")
def with_accounts(sample_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The sample county behind accounts, of which there is none yet."""
    folder = tmp_path_factory.mktemp("accounts")
    shutil.copy(make_url(sample_url).database or "", folder / "county.sqlite")
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("IDENTITY", "accounts")
        server = Server(sqlite_url(folder / "county.sqlite"), folder / "server.log")
    yield server
    server.stop()


@pytest.fixture
def opened(browser: Browser, with_accounts: Server) -> Iterator[Callable[..., Page]]:
    contexts = []

    def open_page(path: str, scheme: str = "light") -> Page:
        context = browser.new_context(viewport={"width": 1366, "height": 768}, color_scheme=scheme)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.goto(with_accounts.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()


def fill_in(page: Page, **typed: str) -> None:
    for name, value in typed.items():
        page.locator(f"input[name={name}]").fill(value)
    page.locator("button").first.click()


@pytest.fixture
def li(with_accounts: Server) -> str:
    """Somebody who has a password that an administrator knows."""
    engine = engine_for(with_accounts.database_url)
    with engine.connect() as connection:
        there = {row["name"] for row in administering.listed(connection, UNRESTRICTED)}
    if "li" in there:
        administering.reset(engine, UNRESTRICTED, "li", PASSWORD)
    else:
        administering.add(engine, UNRESTRICTED, "li", "李二", "viewer", PASSWORD)
    return "li"


def test_from_the_first_link_to_the_first_page(with_accounts: Server, opened: Callable[..., Page]) -> None:
    link = re.search(r"/sign-in\?first=\S+", with_accounts.log.read_text("utf-8"))
    assert link
    page = opened(link[0])
    fill_in(page, name="zhang", full_name="张三", new=PASSWORD, again=OTHER)
    expect(page.get_by_role("alert")).to_contain_text("两次输入的新口令不同")
    expect(page.locator("input[name=full_name]")).to_have_value("张三")
    fill_in(page, new=PASSWORD, again=PASSWORD)
    settle(page)
    expect(title(page)).to_contain_text("总览")
    expect(page.locator(".who")).to_have_text("张三")
    assert "first=" not in page.url
    page.goto(with_accounts.url + link[0])
    expect(page.get_by_role("alert")).to_contain_text("已经用过")


def test_who_signs_in_comes_to_the_page_that_was_asked_for(opened: Callable[..., Page], li: str) -> None:
    page = opened("/petitions?lang=en&to=2023-05&from=2023-02")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    fill_in(page, name=li, password=OTHER)
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    fill_in(page, name=li, password=PASSWORD)
    # Somebody else knows it.
    expect(page.get_by_role("heading", name="Change password")).to_be_visible()
    fill_in(page, password=PASSWORD, new=OTHER, again=OTHER)
    settle(page)
    expect(title(page)).to_contain_text("Petitions")
    expect(page.locator(".who")).to_have_text("李二")
    assert "from=2023-02" in page.url
    page.get_by_role("link", name="Change password").click()
    expect(page.get_by_role("heading", name="Change password")).to_be_visible()


def test_an_open_page_whose_session_ends_says_so_and_shows_nothing_else(opened: Callable[..., Page], li: str) -> None:
    page = opened("/cameras")
    fill_in(page, name=li, password=PASSWORD)
    fill_in(page, password=PASSWORD, new=OTHER, again=OTHER)
    settle(page)
    expect(title(page)).to_contain_text("雪亮监控")
    other = page.context.new_page()
    other.goto(page.url)
    settle(other)
    other.get_by_role("link", name="退出").click()
    other.get_by_role("button", name="退出", exact=True).click()
    expect(other.get_by_role("heading", name="登录")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_text("登录已结束，请重新登录。")
    expect(title(page)).to_have_count(0)
    expect(page.locator(".figure, .kpi, .navigation")).to_have_count(0)
    page.get_by_role("link", name="去登录").click()
    fill_in(page, name=li, password=OTHER)
    settle(page)
    expect(title(page)).to_contain_text("雪亮监控")


@pytest.fixture
def half_filled_in(with_accounts: Server, opened: Callable[..., Page]) -> Callable[[str], tuple[Page, Page]]:
    """The points form, half filled in by somebody whose session then ends, and the other tab where it has."""

    def fill(name: str) -> tuple[Page, Page]:
        engine = engine_for(with_accounts.database_url)
        for one in (name, f"other-{name}"):
            administering.add(engine, UNRESTRICTED, one, f"考评{one}", "evaluator", PASSWORD)
            with engine.begin() as connection:
                connection.execute(update(account).where(account.c.name == one).values(must_change=False))
        page = opened("/evaluation?scheme=three_rates&to=2023-07")
        fill_in(page, name=name, password=PASSWORD)
        settle(page)
        page.locator("[data-testid=stForm]").get_by_role("combobox", name="镇街").click()
        page.keyboard.type("香城")
        page.get_by_role("option", name="香城镇").click()
        page.get_by_label("分数（负为扣分）").fill("1.5")
        page.get_by_label("原因", exact=True).fill(f"防汛表扬 {name}")
        page.get_by_label("依据（文号、链接）").fill("县发 7 号")
        other = page.context.new_page()
        other.goto(with_accounts.url + "/sign-out")
        other.get_by_role("button", name="退出", exact=True).click()
        expect(other.get_by_role("heading", name="登录")).to_be_visible()
        expect(page.get_by_role("alert").filter(has_text="登录已结束")).to_be_visible()
        expect(title(page)).not_to_be_visible()
        expect(page.get_by_label("原因", exact=True)).not_to_be_visible()
        return page, other

    return fill


def test_what_was_typed_when_the_session_ended_is_still_there_and_is_sent(
    half_filled_in: Callable[[str], tuple[Page, Page]], with_accounts: Server
) -> None:
    page, other = half_filled_in("sun")
    fill_in(other, name="sun", password=PASSWORD)
    settle(other)
    expect(title(page)).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="登录已结束")).to_have_count(0)
    expect(page.get_by_label("原因", exact=True)).to_have_value("防汛表扬 sun")
    expect(page.get_by_label("依据（文号、链接）")).to_have_value("县发 7 号")
    page.get_by_role("button", name="记入").click()
    expect(page.get_by_text("已记入。")).to_be_visible()
    with engine_for(with_accounts.database_url).connect() as connection:
        query = select(evaluation_item, township.c.name).join(township)
        row = connection.execute(query.where(evaluation_item.c.reason == "防汛表扬 sun")).one()
    assert (row.name, row.points, row.evidence, row.entered_by) == ("香城镇", 1.5, "县发 7 号", "sun")


def test_who_signs_in_where_another_was_begins_anew(half_filled_in: Callable[[str], tuple[Page, Page]]) -> None:
    page, other = half_filled_in("qian")
    fill_in(other, name="other-qian", password=PASSWORD)
    settle(other)
    expect(page.locator(".who")).to_have_text("考评other-qian")
    expect(page.get_by_label("原因", exact=True)).to_have_value("")


def test_a_wall_goes_on_without_the_key_in_its_address(with_accounts: Server, opened: Callable[..., Page]) -> None:
    engine = engine_for(with_accounts.database_url)
    key = wall_keys.make_key(engine, UNRESTRICTED, "大厅")
    page = opened(f"/screen?key={key}&every=20")
    expect(page.locator("header")).to_be_visible()
    assert urlsplit(page.url).query == "every=20"
    with engine.connect() as connection:
        (row,) = wall_keys.keys(connection, UNRESTRICTED)
    wall_keys.revoke_key(engine, UNRESTRICTED, row["id"])
    page.goto(with_accounts.url + "/petitions")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sign_in_page_is_whole_in_both_themes(opened: Callable[..., Page], scheme: str, lang: str) -> None:
    page = opened(f"/sign-in?lang={lang}", scheme)
    fill_in(page, name="nobody", password=OTHER)
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.evaluate(_CUT) == []
    back = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert back == {"light": "rgb(243, 246, 249)", "dark": "rgb(14, 22, 32)"}[scheme]
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"sign-in-{lang}-{scheme}.png")


def test_it_works_without_scripts(browser: Browser, with_accounts: Server, li: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(with_accounts.url + "/petitions")
    fill_in(page, name=li, password=PASSWORD)
    expect(page.get_by_role("heading", name="更改口令")).to_be_visible()
    context.close()


def test_the_sign_in_page_loads_nothing_else(with_accounts: Server, opened: Callable[..., Page]) -> None:
    asked: list[str] = []
    page = opened("/sign-in")
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    assert asked == [with_accounts.url + "/sign-in"]
