"""The boxes in which one asks, beside a page and on the wall: by keyboard, while the server takes its time, in pinyin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser import FAULTS, Opener, Server, parameters, title, until, wall

ASKED = "大束镇3月以来路灯不亮有几件"
# What has the focus, through shadow trees
FOCUSED = """() => {
  let one = document.activeElement;
  while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  return one.getAttribute("aria-label") ?? one.textContent;
}"""


@pytest.fixture
def page(open_page: Opener) -> Page:
    made = open_page("/cameras")
    made.keyboard.press("/")
    expect(box(made)).to_be_focused()
    return made


def box(page: Page) -> Locator:
    return page.locator(".search_box input").first


def first(page: Page) -> Locator:
    return page.locator(".found:popover-open [role=option]").first


def test_what_was_typed_stays_beside_its_answer(page: Page) -> None:
    page.keyboard.type(ASKED)
    expect(first(page)).to_contain_text("大束镇")
    page.keyboard.press("Enter")
    expect(title(page)).to_contain_text("自由筛选")
    asked = page.get_by_test_id("stMain").locator(".search_box input")
    expect(asked).to_have_value(ASKED)
    # In no address; it goes once another question is asked.
    assert "几件" not in unquote(page.url)
    page.locator(".answer_table, .kpi").first.wait_for()
    page.get_by_role("button", name="重置筛选").click()
    expect(asked).to_have_value("")


def test_what_a_page_tells_leads_to_it_of_the_township_that_is_named(page: Page) -> None:
    page.keyboard.type("太平镇今天到期的有哪些")
    expect(first(page)).to_have_text("这句话有几种意思，请选一种")
    expect(page.locator(".found [role=option]:not(.quiet)").first).to_have_text("页面今日待办太平镇")
    # A question was understood in part: Enter alone leads nowhere.
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(title(page)).to_contain_text("今日待办")
    assert parameters(page)["street"] == ["太平镇"]
    page.keyboard.press("/")
    box(page).fill("督办")
    expect(first(page)).to_contain_text("页面")
    page.keyboard.press("Enter")
    expect(title(page)).to_contain_text("督办")


def test_an_answer_that_is_late_or_none_is_told_and_leads_there_when_it_comes(page: Page) -> None:
    # As something between them answers in its place
    page.route("**/find", lambda route: route.fulfill(body="<html>"))
    page.keyboard.type(ASKED)
    expect(first(page)).to_have_text("暂时查不到，请稍后再试")
    expect(first(page)).to_have_attribute("aria-disabled", "true")
    page.unroute("**/find")
    held: list[Route] = []
    page.route("**/find", lambda route: held.append(route))
    page.keyboard.type("？")
    expect(first(page)).to_have_text("正在准备…")
    expect(page.locator(".search_box [role=status]").first).to_have_text("正在准备…")
    page.keyboard.press("Enter")
    held[-1].continue_()
    expect(title(page)).to_contain_text("自由筛选")
    assert parameters(page)["street"] == ["大束镇"]


def test_letters_that_become_characters_are_no_words_and_their_enter_asks_nothing(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or "") if request.url.endswith("/find") else None)
    # It waits for no further letter, so that letters that are taken for words are asked for before they are characters.
    page.evaluate(
        "() => { const later = setTimeout; window.setTimeout = (call, ms, ...rest) => later(call, ms === 90 ? 0 : ms, ...rest); }"
    )
    keys = page.context.new_cdp_session(page)
    keys.send("Input.imeSetComposition", {"text": "dashu", "selectionStart": 5, "selectionEnd": 5})
    expect(box(page)).to_have_value("dashu")
    # As Enter comes from a keyboard whose letters an editor of pinyin has taken
    box(page).dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    keys.send("Input.insertText", {"text": "大束镇"})
    expect(first(page)).to_contain_text("大束镇")
    assert not [body for body in asked if "dashu" in body]
    assert page.url.split("?")[0].endswith("/cameras")


def test_escape_closes_the_list_then_leads_back_and_the_list_opens_again(open_page: Opener) -> None:
    page = open_page("/cameras")
    link = page.locator(".navigation nav a").first
    link.focus()
    page.keyboard.press("/")
    page.keyboard.type("物业 7月")
    lines = page.locator(".found:popover-open [role=option]:not(.quiet)")
    expect(lines.nth(3)).to_be_visible()
    expect(box(page)).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowUp")
    expect(lines.nth(3)).to_have_attribute("aria-selected", "true")
    assert box(page).get_attribute("aria-activedescendant") == lines.nth(3).get_attribute("id")
    page.keyboard.press("Escape")
    expect(lines).to_have_count(0)
    expect(box(page)).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    expect(lines.nth(3)).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    expect(box(page)).to_have_value("物业 7月")


def test_lines_signs_and_too_many_of_them(page: Page) -> None:
    page.evaluate(
        "(typed) => document.execCommand('insertText', false, typed)", f"😀 大束镇\n路灯不亮\n有几件{'，' * 200}龘齉"
    )
    chips = first(page).locator(".chip")
    expect(chips).to_have_text(["大束镇×", "三级类别：路灯不亮×", "受理量×"])
    expect(first(page).locator(".lost")).to_contain_text("一句话最多读 120 个字")
    chips.first.locator(".remove").click()
    expect(chips).to_have_count(2)
    assert box(page).input_value().startswith("😀 路灯不亮 有几件")


# --- The wall -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def room(browser: Browser, server: Server) -> Iterator[Page]:
    page = wall(browser, server.url, "?every=3600")
    yield page
    page.context.close()


def asking(room: Page, typed: str) -> Locator:
    room.keyboard.press("/")
    expect(room.get_by_role("combobox")).to_be_focused()
    room.keyboard.type(typed)
    room.keyboard.press("Enter")
    return room.locator("dialog.ask")


def test_the_room_asks_and_goes_back(room: Page) -> None:
    shown = room.locator("main").get_attribute("data-view")
    dialog = asking(room, "大束镇 哪个村路灯不亮最多 龘齉")
    expect(dialog).to_be_hidden()
    expect(room.locator("main")).to_have_attribute("data-view", re.compile("asked"))
    expect(room.locator("main")).to_contain_text("龘齉")
    assert "?every=3600" in room.url
    room.keyboard.press("Escape")
    expect(room.locator("main")).to_have_attribute("data-view", shown or "")


def test_a_long_question_pushes_nothing_off_the_wall(room: Page) -> None:
    asking(room, "大束镇、太平镇、唐村镇、香城镇 路灯不亮或者井盖破损 12345热线 3月到5月 重复的 超期的 各部门")
    expect(room.locator("main")).to_have_attribute("data-view", re.compile("asked"))
    expect(room.locator("h1")).to_contain_text("井盖破损")
    assert room.evaluate(FAULTS) == []


def test_the_room_chooses_one_of_several(room: Page) -> None:
    dialog = asking(room, "物业 7月")
    lines = dialog.get_by_role("option")
    expect(lines.nth(3)).to_be_visible()
    room.keyboard.press("ArrowDown")
    expect(lines.first).to_have_attribute("aria-selected", "true")
    expect(room.get_by_role("combobox")).to_have_attribute("aria-activedescendant", "reading-0")
    room.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(room.locator("main")).to_have_attribute("data-view", re.compile("asked"))
    room.keyboard.press("Escape")


def test_the_room_is_told_to_wait_and_nothing_comes_after_it_has_left(room: Page) -> None:
    shown = room.locator("main").get_attribute("data-view")
    held: list[Route] = []
    room.route("**/screen/ask", lambda route: held.append(route))
    dialog = asking(room, ASKED)
    expect(dialog.get_by_role("status")).to_have_text("正在准备…")
    until(lambda: bool(held), room)
    with room.expect_event("requestfailed"):
        room.keyboard.press("Escape")
    room.unroute("**/screen/ask")
    expect(dialog).to_be_hidden()
    expect(room.locator("main")).to_have_attribute("data-view", shown or "")
    dialog = asking(room, "龘齉")
    expect(dialog.get_by_role("status")).to_have_text("没有看懂，可换个说法")
    room.keyboard.press("Escape")
