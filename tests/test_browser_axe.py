"""Every page for everybody: axe-core finds nothing on it, in both themes and languages; keyboards and phones reach all of it."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy import select

from data_access.areas.petitions.tables import petition
from tests.browser import PATIENCE, ROOT, parameters, settle, until, upload
from tests.npm import NotInstalledError, installed
from tests.office import Office
from tests.walk import each_view
from ui.frame.pages import PAGES

# The standards that are kept, as axe names them, and what it calls good practice beside them
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What may look otherwise in the other theme
COLOURS = ["color-contrast", "link-in-text-block"]
# Of Streamlit's own markup, out of our reach. The link is the page's first, but axe looks for the others in the shadow
# trees below it, and takes it for no skip link.
OF_STREAMLIT = {("region", "[data-testid=stSkipToContent]")}


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core; tests alone have it."""
    try:
        return (installed(ROOT / "tests" / "axe") / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    except NotInstalledError as missing:
        pytest.fail(f"NO AXE: {missing}")


@pytest.fixture(scope="module")
def context(browser: Browser, office: Office) -> Iterator[BrowserContext]:
    """An administrator's browser: nobody sees more pages."""
    name, _, value = office.cookies["administrator"].partition("=")
    made = browser.new_context(viewport={"width": 1366, "height": 768}, color_scheme="light")
    made.set_default_timeout(PATIENCE)
    made.add_cookies([{"name": name, "value": value, "url": office.server.url}])
    yield made
    made.close()


@pytest.fixture(scope="module")
def page(context: BrowserContext, office: Office) -> Page:
    made = context.new_page()
    open_at(made, office, "/")
    return made


def open_at(page: Page, office: Office, path: str) -> None:
    page.goto(office.server.url + path)
    settle(page)


def violations(page: Page, axe: str, rules: list[str] | None = None) -> list[str]:
    """What axe finds by these rules, or by the standards: the rule, where, and what is wrong."""
    page.evaluate(axe)
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": STANDARDS}
    found: list[dict[str, Any]] = page.evaluate(
        """async ([only, excused]) => {
          const { violations } = await axe.run(document, { runOnly: only, resultTypes: ["violations"], elementRef: true });
          return violations.flatMap(({ id, nodes }) => nodes
            .filter(({ element }) => !excused.some(([rule, selector]) => rule === id && element.matches(selector)))
            .map(({ html, failureSummary }) => ({ id, html, failureSummary })));
        }""",
        [only, [list(one) for one in OF_STREAMLIT]],
    )
    return [f"{one['id']}: {one['html'][:200]} {one['failureSummary']}" for one in found]


def choose_language(page: Page, language: str) -> None:
    page.get_by_role("radio", name=language, exact=True).click()
    expect(page.locator(f"html[lang^={language}]")).to_be_attached()
    settle(page)
    # Where the program has failed there is nothing else to find.
    expect(page.get_by_test_id("stException")).to_have_count(0)


def choose_theme(page: Page, theme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=theme)
    expect(page.locator("html")).to_have_css("color-scheme", theme)


def follow(page: Page, name: str) -> None:
    """To a page by its link beside the one that is open; its figures may yet have to be drawn."""
    path = "" if name == "overview" else name
    page.locator(f".navigation nav a[href^='/{path}?'], .navigation nav a[href='/{path}']").click()
    link = page.locator(".navigation nav a[aria-current=page]")
    expect(link).to_have_attribute("href", re.compile(rf"^/{path}(\?|$)"))
    expect(page.locator('[data-test-script-state="notRunning"]')).to_be_visible()


def found_in_both_themes(page: Page, axe: str) -> list[str]:
    """What is wrong with what is open: all in the light theme, then the colours in the dark one."""
    choose_theme(page, "light")
    light = violations(page, axe)
    choose_theme(page, "dark")
    dark = violations(page, axe, COLOURS)
    choose_theme(page, "light")
    return [*light, *dark]


# --- Every page -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_no_page_shuts_anybody_out(name: str, page: Page, office: Office, axe: str) -> None:
    """Pages are gone to, and language and theme switched, as people do it: loading each look anew would take four times as long."""
    follow(page, name)
    settle(page)
    first, second = ("zh", "en") if page.locator("html[lang=zh-CN]").count() else ("en", "zh")
    found = {(first, "light"): violations(page, axe)}
    choose_theme(page, "dark")
    found[first, "dark"] = violations(page, axe, COLOURS)
    choose_language(page, second)
    found[second, "dark"] = violations(page, axe)
    choose_theme(page, "light")
    found[second, "light"] = violations(page, axe, COLOURS)
    assert {look: told for look, told in found.items() if told} == {}


# What is said to who does not see it and has no Chinese in it, by the names that it is said by
ENGLISH = """() => {
  const found = new Set(), names = ["aria-label", "title", "placeholder", "alt"];
  const look = (root) => root.querySelectorAll("*").forEach((element) => {
    for (const words of names.map((name) => element.getAttribute(name))) {
      if (/[A-Za-z]{2}/.test(words ?? "") && !/[\u4e00-\u9fff]/.test(words) && !element.closest("[aria-hidden=true]")) found.add(words);
    }
    if (element.shadowRoot) look(element.shadowRoot);
  });
  look(document);
  return [...found];
}"""


# --- What opens on a page -------------------------------------------------------------------------


def opened_explanation(page: Page, office: Office) -> Locator:
    open_at(page, office, "/?lang=zh")
    page.locator(".kpi .explain").first.focus()
    return page.locator(".explanation:popover-open")


def opened_table(page: Page, office: Office) -> Locator:
    open_at(page, office, "/grid?lang=zh")
    for button in page.get_by_role("button", name="看数据表").all():
        button.click()
    return page.locator(".figure-table.shown").last


def opened_townships(page: Page, office: Office) -> Locator:
    open_at(page, office, "/volunteers?lang=zh&street=北宿镇")
    page.get_by_role("combobox", name="镇街").click()
    return page.get_by_role("option", name="太平镇")


def opened_question(page: Page, office: Office) -> Locator:
    open_at(page, office, "/cameras?lang=zh")
    page.keyboard.press("/")
    page.keyboard.type("大束镇3月以来路灯不亮有几件")
    return page.locator(".found:popover-open .asked").first


def opened_popover(page: Page, office: Office) -> Locator:
    open_at(page, office, "/explore?lang=zh&count=received&by=township_code&by=channel")
    page.get_by_role("button", name="存为视图").click()
    return page.get_by_test_id("stPopoverBody")


def opened_list(page: Page, office: Office) -> Locator:
    open_at(page, office, "/petitions?lang=zh&tab=rows&state=overdue")
    return page.get_by_test_id("stDataFrame")


def opened_case(page: Page, office: Office) -> Locator:
    with office.engine.connect() as connection:
        code, number = connection.execute(select(petition.c.township_code, petition.c.case_no).limit(1)).one()
    open_at(page, office, f"/petitions?lang=zh&tab=rows&case={code}/{number}")
    return page.get_by_role("button", name="关闭", exact=True)


def opened_settings(page: Page, office: Office) -> Locator:
    open_at(page, office, "/settings?lang=zh")
    for subject in page.get_by_test_id("stMain").locator("summary").all():
        subject.click()
    settle(page)
    return page.get_by_test_id("stForm").first


def opened_preview(page: Page, office: Office) -> Locator:
    path = office.server.log.parent / "诉求.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [
            ["工单编号", "镇街", "受理时间", "渠道来源", "备注"],
            ["A1", "北宿镇", "2023-08-01", "热线", ""],
            ["A2", "某镇", "昨天", "热线", ""],
        ]
        csv.writer(file).writerows(rows)
    open_at(page, office, "/data_import?lang=zh")
    upload(page, path)
    return page.get_by_test_id("stMetric").first


OPENED = (
    opened_explanation,
    opened_table,
    opened_townships,
    opened_question,
    opened_popover,
    opened_list,
    opened_case,
    opened_settings,
    opened_preview,
)


@pytest.mark.parametrize("opened", OPENED)
def test_nothing_that_opens_shuts_anybody_out(
    opened: Callable[[Page, Office], Locator], page: Page, office: Office, axe: str
) -> None:
    expect(opened(page, office)).to_be_visible()
    assert found_in_both_themes(page, axe) == []
    assert page.evaluate(ENGLISH) == []


def test_the_wall_shuts_nobody_out(context: BrowserContext, office: Office, axe: str) -> None:
    page = context.new_page()
    page.goto(f"{office.server.url}/screen?every=3600")
    expect(page.locator("header")).to_be_visible()
    found = {shown: violations(page, axe) for shown in each_view(page)}
    assert {shown: told for shown, told in found.items() if told} == {}
    page.emulate_media(reduced_motion="reduce")
    expect(page.locator(".countdown i")).to_have_css("animation-name", "none")
    page.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sign_in_page_shuts_nobody_out(language: str, browser: Browser, office: Office, axe: str) -> None:
    page = browser.new_page()
    page.goto(f"{office.server.url}/sign-in?lang={language}")
    light = violations(page, axe)
    page.emulate_media(color_scheme="dark")
    assert [*light, *violations(page, axe, COLOURS)] == []
    page.close()


# --- Words in figures, which axe does not look at --------------------------------------------------

# The words on marks that are read badly, by the contrast of WCAG between them and what is drawn below them
FAINT = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => colour.map((one) => one / 255)
    .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = channels(getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor).slice(0, 3);
  const found = [], words = [...document.querySelectorAll(".bars .point text.bartext-inside")];
  for (const text of words) {
    const { fill, fillOpacity } = getComputedStyle(text.parentElement.querySelector("path"));
    const opacity = fill.startsWith("rgb") ? Number(fillOpacity) : 0;
    const below = ground.map((one, at) => one + ((channels(fill)[at] ?? 0) - one) * opacity);
    const [one, other] = [light(channels(getComputedStyle(text).fill).slice(0, 3)), light(below)].sort((a, b) => b - a);
    if ((one + 0.05) / (other + 0.05) < 4.5) found.push(text.textContent);
  }
  return words.length ? found : ["no words"];
}"""


@pytest.mark.parametrize("path", ["/?indicator=received", "/?indicator=on_time_rate", "/petitions?lang=zh"])
def test_words_on_marks_are_read_in_both_themes(path: str, page: Page, office: Office) -> None:
    open_at(page, office, path)
    until(lambda: page.evaluate(FAINT) == [], page)
    choose_theme(page, "dark")
    until(lambda: page.evaluate(FAINT) == [], page)
    choose_theme(page, "light")


# --- By keyboard, by ear and on a phone -----------------------------------------------------------


def test_streamlit_speaks_the_language_of_the_page(page: Page, office: Office) -> None:
    open_at(page, office, "/explore?lang=zh")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert page.evaluate(ENGLISH) == []
    expect(page.get_by_label("收起侧栏")).to_be_attached()
    choose_language(page, "en")
    expect(page.get_by_label("Collapse sidebar")).to_be_attached()
    expect(page.get_by_test_id("stSkipToContent")).to_have_text("Skip to main content")
    assert page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize(
    ("query", "language"), [("", "zh-CN"), ("?lang=zh", "zh-CN"), ("?lang=en", "en"), ("?lang=x", "zh-CN")]
)
@pytest.mark.parametrize("path", ["/grid", "/screen"])
def test_the_first_answer_names_its_language(
    path: str, query: str, language: str, context: BrowserContext, office: Office
) -> None:
    """Before any script has run."""
    html = context.request.get(f"{office.server.url}{path}{query}").text()
    assert re.findall("<html lang=[\"']([^\"']+)", html) == [language]


def test_the_first_key_leads_past_the_navigation(page: Page, office: Office) -> None:
    open_at(page, office, "/?lang=zh")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="跳到正文")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_the_keyboard_goes_on_from_the_townships(page: Page, office: Office) -> None:
    open_at(page, office, "/?lang=zh")
    page.get_by_role("combobox", name="镇街").focus()
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(page.get_by_role("button", name="全部", exact=True)).to_be_focused()


def test_the_keyboard_stays_where_it_chose(page: Page, office: Office) -> None:
    open_at(page, office, "/?lang=zh")
    townships = page.get_by_role("combobox", name="镇街")
    townships.focus()
    page.keyboard.type("dsz")
    page.keyboard.press("Enter")
    until(lambda: parameters(page).get("street") == ["大束镇"], page)
    settle(page)
    expect(townships).to_be_focused()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="去掉大束镇").press("Enter")
    until(lambda: "street" not in parameters(page), page)
    settle(page)
    expect(townships).to_be_focused()
    link = page.locator(".navigation nav a", has_text="雪亮监控")
    link.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("雪亮监控")
    settle(page)
    expect(link).to_be_focused()
    expect(link).to_have_attribute("aria-current", "page")


def test_a_row_of_a_table_is_chosen_by_key(page: Page, office: Office) -> None:
    open_at(page, office, "/?lang=zh")
    name = page.locator(".st-key-league tbody .name").first
    township = name.inner_text()
    name.focus()
    ring = page.locator(".st-key-league tbody tr").first.evaluate("(row) => getComputedStyle(row).outlineStyle")
    page.keyboard.press("Enter")
    until(lambda: parameters(page).get("street") == [township], page)
    assert ring == "solid"


def test_a_figure_says_its_data_and_is_clicked_by_key(page: Page, office: Office) -> None:
    open_at(page, office, "/petitions?lang=zh")
    chart = page.locator(".st-key-channel-mix .figure")
    # Of marks that can be pressed it is an application, whose arrow keys go from one to the next.
    expect(chart.get_by_role("application", name="第一渠道")).to_be_visible()
    marks = chart.locator(".bars .point path")
    rows = chart.locator(".figure-table tbody tr")
    expect(rows).to_have_count(marks.count())
    assert chart.locator(".figure-table thead th").all_text_contents() == ["名称", "受理量（件）"]
    name, amount = rows.first.locator("th, td").all_text_contents()
    assert int(amount.replace(",", "")) > 0
    # Nobody stops at buttons that are not to be seen.
    expect(rows.locator("button")).to_have_count(0)
    chart.get_by_role("button", name="看数据表").press("Enter")
    rows.first.get_by_role("button", name=name).press("Enter")
    until(lambda: parameters(page).get("channel") == [name], page)


def test_a_month_that_was_not_reported_is_told_in_the_table_of_a_figure(page: Page, office: Office) -> None:
    open_at(page, office, "/grid?lang=zh&street=郭里镇&from=2023-03")
    month = page.locator(".figure-table tbody tr", has_text="8月").first
    expect(month.locator("td").first).to_have_text("未报")


def test_an_explanation_goes_by_escape_and_the_focus_stays(page: Page, office: Office) -> None:
    open_at(page, office, "/?lang=zh")
    mark = page.locator(".kpi .explain").first
    mark.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".explanation:popover-open")).to_be_visible()
    assert mark.evaluate("(mark) => getComputedStyle(mark).outlineStyle") == "solid"
    page.keyboard.press("Escape")
    expect(page.locator(".explanation:popover-open")).to_have_count(0)
    expect(mark).to_be_focused()


# --- On a phone -----------------------------------------------------------------------------------

# What of our own a finger does not hit: less than 24 pixels high or wide
SMALL = """() => {
  const found = [];
  const look = (root) => root.querySelectorAll("*").forEach((element) => {
    const { width, height, right } = element.getBoundingClientRect();
    const isPressed = element.matches("a[href], button, select, input:not([type=checkbox], [type=file])"), isOurs = root !== document || element.closest(".figure");
    if (isPressed && isOurs && width && right > 0 && Math.min(width, height) < 23.9) found.push(element.outerHTML.slice(0, 120));
    if (element.shadowRoot) look(element.shadowRoot);
  });
  look(document);
  return found;
}"""
# What is wider than the screen without being scrolled in a frame of its own
WIDER = """() => {
  const found = [];
  const look = (parent, isClipped) => [...parent.children].forEach((element) => {
    const { overflowX, position } = getComputedStyle(element), { width, right } = element.getBoundingClientRect();
    if (!isClipped && width && right > innerWidth + 1 && position !== "fixed") found.push(element.outerHTML.slice(0, 120));
    const clips = isClipped || overflowX !== "visible";
    look(element, clips);
    if (element.shadowRoot) look(element.shadowRoot, clips);
  });
  look(document.querySelector("[data-testid=stMainBlockContainer]"), false);
  return found;
}"""


@pytest.fixture(scope="module")
def phone(browser: Browser, context: BrowserContext, office: Office) -> Iterator[Page]:
    made = browser.new_context(
        viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, storage_state=context.storage_state()
    )
    made.set_default_timeout(PATIENCE)
    page = made.new_page()
    yield page
    made.close()


def test_no_page_is_wider_than_a_phone_or_made_for_a_pointer(phone: Page, office: Office) -> None:
    open_at(phone, office, "/?lang=zh")
    wider = {}
    for name in PAGES:
        phone.get_by_test_id("stExpandSidebarButton").tap()
        follow(phone, name)
        # The sidebar has closed by itself.
        expect(phone.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "true")
        wider[name] = [*phone.evaluate(WIDER), *phone.evaluate(SMALL)]
    assert {name: found for name, found in wider.items() if found} == {}


def test_what_needs_attention_comes_first_on_a_phone(phone: Page, office: Office) -> None:
    open_at(phone, office, "/?lang=zh")
    box = phone.locator(".attention .item").first.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 844


def test_a_filter_chosen_on_a_phone_shows_the_page(phone: Page, office: Office) -> None:
    open_at(phone, office, "/?lang=zh")
    phone.get_by_test_id("stExpandSidebarButton").tap()
    phone.get_by_role("button", name="街道", exact=True).tap()
    expect(phone.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "true")
    expect(phone.get_by_text("全部 3 个街道")).to_be_visible()


def test_the_sidebar_has_one_width(context: BrowserContext, office: Office) -> None:
    page, widths = context.new_page(), []
    for path in ("/?lang=zh", "/grid?lang=en", "/settings?lang=en"):
        open_at(page, office, path)
        widths.append(page.get_by_test_id("stSidebar").evaluate("(sidebar) => sidebar.getBoundingClientRect().width"))
    page.close()
    assert widths == [236] * 3
