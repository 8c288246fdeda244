"""Cases in a real browser: a number opens its card from any page, a press on a row does, and the list stays as it was."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from sqlalchemy import Engine, select

from data_access.areas.petitions.tables import petition
from tests.browser import Opener, parameters, press_cell, settle, until


def press(page: Page, row: int) -> None:
    """Press the middle of a row of the list."""
    settle(page)
    press_cell(page.get_by_test_id("stDataFrame"), 300, 35 + 29 * row + 14)
    settle(page)


def test_a_number_opens_its_card_from_any_page(open_page: Opener, sample_engine: Engine) -> None:
    """Of a period that is not looked at, with two presses: into the box, and Enter."""
    with sample_engine.connect() as connection:
        early = select(petition.c.case_no, petition.c.title).where(petition.c.received_at < "2022-02-01").limit(1)
        number, title = connection.execute(early).one()
    page = open_page("/cameras?from=2023-08")
    presses = 0
    box = page.get_by_test_id("stSidebar").get_by_role("combobox", name="按编号打开诉求")
    box.click()
    presses += 1
    page.keyboard.type(number[:-1])
    expect(page.get_by_role("option", name="标题或名称含")).to_be_visible()
    page.keyboard.type(number[-1])
    # Enter may come before the answer does.
    page.keyboard.press("Enter")
    presses += 1
    card = page.get_by_role("heading", name=title)
    expect(card).to_be_visible()
    assert presses <= 3
    expect(page.get_by_text("不在下面的清单里")).to_be_visible()
    assert parameters(page)["case"][0].endswith(f"/{number}")
    # What was looked at goes along, and one step back leads there.
    assert parameters(page)["from"] == ["2023-08"]
    settle(page)

    page.get_by_test_id("stMain").get_by_role("button", name="关闭").click()
    expect(card).to_have_count(0)
    press(page, 3)
    expect(page.get_by_text("第 4 件，共", exact=False)).to_be_visible()
    page.get_by_role("button", name="下一件").click()
    expect(page.get_by_text("第 5 件，共", exact=False)).to_be_visible()
    settle(page)
    page.get_by_test_id("stMain").get_by_role("button", name="关闭").click()
    expect(page.get_by_text("第 5 件，共", exact=False)).to_have_count(0)
    settle(page)
    # The list is as it was: the same row opens its card again.
    press(page, 3)
    expect(page.get_by_text("第 4 件，共", exact=False)).to_be_visible()


def test_a_clerk_goes_from_case_to_case_by_key(open_page: Opener) -> None:
    """From the overview through a list to a card, the next, the first and back; what has the focus is never lost."""
    page = open_page("/")
    main = page.get_by_test_id("stMain")
    page.keyboard.press("Tab")
    main.get_by_role("link", name="查看超期清单").focus()
    page.keyboard.press("Enter")
    heading = main.get_by_role("heading", level=1)
    expect(heading).to_contain_text("群众诉求")
    expect(heading).to_be_focused()
    settle(page)
    rows = main.get_by_test_id("stDataFrame").locator("canvas").first
    rows.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("第 2 件，共", exact=False)).to_be_visible()
    settle(page)
    following, before = (main.get_by_role("button", name=name) for name in ("下一件", "上一件"))
    following.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("第 3 件，共", exact=False)).to_be_visible()
    settle(page)
    expect(following).to_be_focused()
    before.focus()
    for number in (2, 1):
        page.keyboard.press("Enter")
        expect(page.get_by_text(f"第 {number} 件，共", exact=False)).to_be_visible()
        settle(page)
    # Before the first there is none.
    expect(before).to_be_disabled()
    expect(following).to_be_focused()
    # On a busy machine what waits for the next frame may come before the browser has taken the focus away.
    close = main.get_by_role("button", name="关闭")
    following.evaluate("(it) => { window.requestAnimationFrame = (call) => call(); it.disabled = true; }")
    expect(close).to_be_focused()
    page.keyboard.press("Enter")
    expect(following).to_have_count(0)
    expect(rows).to_be_focused()
    settle(page)
    page.evaluate("() => { window.print = () => { document.title = 'printed'; }; }")
    main.get_by_role("button", name="打印").focus()
    page.keyboard.press("Enter")
    until(lambda: page.title() == "printed", page)
    # The title that a page begins with may be drawn again.
    heading.evaluate("(it) => { it.tabIndex = -1; it.focus(); it.replaceWith(it.cloneNode(true)); }")
    expect(heading).to_be_focused()
