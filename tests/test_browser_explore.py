"""自由筛选 in a real browser: the questions a meeting asks, by clicking; files, pictures, cases, the way back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlsplit

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine, create_engine, select

from data_access.access import UNRESTRICTED
from data_access.audit.tables import deed
from data_access.indicators import INDICATORS
from data_access.queries import measure
from data_access.scope import Scope
from tests.browser import SCREENSHOTS, Opener, Server, parameters, press_cell, settle, title, until
from tests.counties import copied

SIZES = {"1366": (1366, 768), "1920": (1920, 1080)}


class Clicks:
    """Counts what a viewer presses; typing is no click."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def find(self, typed: str, name: str, kind: str = "") -> None:
        """Type into the search box and press what it found."""
        box = self.page.get_by_test_id("stMain").locator(".search_box input")
        expect(box).to_be_visible()
        box.fill(typed)
        option = self.page.locator(".found li").filter(has=self.page.locator(".name", has_text=name))
        if kind:
            option = option.filter(has=self.page.locator(".kind", has_text=kind))
        before = self.page.url
        self.press(option.first)
        # What is typed next is asked of the question that this has made.
        until(lambda: self.page.url != before, self.page)
        settle(self.page)

    def press(self, what: Locator) -> None:
        what.click()
        self.count += 1
        settle(self.page)


def figures(page: Page) -> Locator:
    return page.locator(".answer_table tbody tr")


def test_street_lamps_of_a_town_since_june_by_village_with_the_late_ones(open_page: Opener, sample_url: str) -> None:
    clicks = Clicks(open_page("/explore"))
    page = clicks.page
    clicks.find("dsz", "大束镇", "镇街")
    clicks.find("ludeng", "路灯不亮")
    clicks.find("2023年3月", "2023年3月起")
    clicks.find("cun", "村（社区）", "按它分")
    expect(page.locator(".figure-drawing")).to_have_count(1)
    total = figures(page).first.locator("td").nth(1)
    scope = Scope(UNRESTRICTED, ("370883103",), "2023-03", "2023-08", (("category_3", "路灯不亮"),))
    count = measure(create_engine(sample_url), [INDICATORS["received"]], scope)["received"].iloc[0]
    expect(total).to_have_text(f"{count:,.0f}")
    clicks.press(total.locator("button"))
    expect(page.get_by_text(f"共 {count:,.0f} 条")).to_be_visible()
    assert clicks.count <= 6
    assert parameters(page)["rows"] == ["received"]
    # The link opens the same, in another browser.
    again = open_page(f"/explore?{urlsplit(page.url).query}")
    expect(again.get_by_text(f"共 {count:,.0f} 条")).to_be_visible()


def test_the_slowest_department_for_water_against_the_year_before(open_page: Opener) -> None:
    clicks = Clicks(open_page("/explore"))
    clicks.find("供水", "供水供热")
    clicks.find("pjblsc", "平均办理时长")
    clicks.find("承办单位", "承办单位", "按它分")
    expect(clicks.page.locator(".figure-title")).to_contain_text("平均办理时长：")
    expect(clicks.page.locator(".figure-title")).to_contain_text("最高")
    expect(clicks.page.locator(".answer_table thead")).to_contain_text("上年同期")
    assert clicks.count <= 6


def test_cameras_that_were_off_for_a_day_in_one_month_and_where(open_page: Opener) -> None:
    clicks = Clicks(open_page("/explore"))
    clicks.find("离线超", "曾离线超24小时")
    clicks.find("2023年7月", "2023年7月", "只看这个月")
    clicks.find("镇街", "镇街", "按它分")
    expect(figures(clicks.page)).to_have_count(17)
    assert clicks.count <= 6


def test_teams_that_did_nothing_for_three_months(open_page: Opener) -> None:
    clicks = Clicks(open_page("/explore"))
    clicks.find("无活动", "无活动队伍")
    clicks.find("最近3", "最近3个月")
    # Few stand there at once.
    expect(clicks.page.get_by_text("无活动队伍", exact=False).first).to_be_visible()
    expect(clicks.page.get_by_text(re.compile("^共 [0-9]+ 条$"))).to_be_visible()
    expect(clicks.page).to_have_url(re.compile("from=2023-06"))
    assert clicks.count <= 5


@pytest.fixture(scope="module")
def own_url(sample_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    return copied(sample_engine, tmp_path_factory.mktemp("explore") / "county.sqlite")


def test_projects_over_budget_and_behind_as_excel(
    serve: Callable[[str], Server], own_url: str, open_page: Opener, tmp_path: Path
) -> None:
    log = select(deed).where(deed.c.kind == "exported")
    with create_engine(own_url).connect() as connection:
        before = set(connection.execute(log).all())
    server = serve(own_url)
    clicks = Clicks(open_page("/explore", host=server.url))
    page = clicks.page
    clicks.find("项目数", "项目数", "数这个指标")
    clicks.find("超预算", "是否超预算：否")
    clicks.find("滞后", "是否滞后：是")
    expect(page.locator(".kpi .value")).to_have_text("9 个")
    clicks.press(page.get_by_role("button", name="发送"))
    clicks.press(page.get_by_role("button", name="答案、明细和说明"))
    with page.expect_download() as download:
        clicks.press(page.get_by_role("link", name="下载 自由筛选.xlsx"))
    assert clicks.count <= 6
    download.value.save_as(tmp_path / "projects.xlsx")
    book = openpyxl.load_workbook(tmp_path / "projects.xlsx")
    assert book.sheetnames == ["答案", "明细", "说明"]
    # Below the title, the filters, the as-of date and the headings
    assert book["明细"].max_row == 4 + 9
    assert "是否滞后" in book["说明"]["A1"].value
    with create_engine(own_url).connect() as connection:
        (entry,) = set(connection.execute(log).all()) - before
    told = json.loads(entry.after)
    assert (told["format"], told["rows"]) == ("xlsx", 9)


def test_a_chart_opens_its_question_and_back_keeps_the_filter(open_page: Opener) -> None:
    page = open_page(f"/petitions?street={quote('大束镇')}&from=2023-03")
    opener = page.locator(".figure-title").filter(has_text="为第一渠道").locator(".open")
    opener.click()
    expect(title(page)).to_contain_text("自由筛选")
    expect(page.locator(".answer_table thead")).to_contain_text("渠道")
    expect(page.get_by_text("大束镇 · 2023年3月至8月", exact=False).first).to_be_visible()
    assert parameters(page)["by"] == ["channel"]
    page.go_back()
    expect(title(page)).to_contain_text("群众诉求")
    assert parameters(page)["street"] == ["大束镇"]
    page.goto(page.url.split("/petitions")[0] + "/?from=2023-03")
    page.locator(".kpi .open", has_text="↗").nth(1).click()
    expect(title(page)).to_contain_text("自由筛选")
    expect(page.locator(".kpi")).to_contain_text("按期办结率")


def test_a_case_and_the_next_one(open_page: Opener) -> None:
    page = open_page(f"/explore?street={quote('大束镇')}&rows=received&is={quote('category_3:路灯不亮')}")
    press_cell(page.get_by_test_id("stDataFrame"), 14, 46)
    expect(page.get_by_text("第 1 件，共", exact=False)).to_be_visible()
    first = parameters(page)["case"]
    page.get_by_role("button", name="下一件").click()
    expect(page.get_by_text("第 2 件，共", exact=False)).to_be_visible()
    expect(page.get_by_test_id("stTableStyledTable")).to_contain_text("办理期限")
    assert parameters(page)["case"] != first
    again = open_page(f"/explore?{urlsplit(page.url).query}")
    expect(again.get_by_text("第 2 件，共", exact=False)).to_be_visible()


def test_a_picture_of_a_chart_is_recorded(
    serve: Callable[[str], Server], own_url: str, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page("/explore?by=channel&text=路灯", host=serve(own_url).url)
    with page.expect_download() as download:
        page.locator(".figure-title .open").click()
    download.value.save_as(tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
    assert download.value.suggested_filename == "自由筛选.png"
    exported = select(deed.c.after).where(deed.c.kind == "exported")
    engine = create_engine(own_url)

    def taken() -> list[tuple[str, int]]:
        with engine.connect() as connection:
            told = map(json.loads, connection.scalars(exported))
            return [(one["question"], one["rows"]) for one in told if one["format"] == "png"]

    until(lambda: len(taken()) == 1)
    ((question, rows),) = taken()
    assert "渠道" in question
    assert "路灯" not in question
    assert rows == 5
    engine.dispose()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_screenshots(open_page: Opener, size: str, scheme: str) -> None:
    width, height = SIZES[size]
    for name, query in {
        "names": "?by=department&count=received&count=handling_days",
        "two": "?by=category_1&by=month",
        "causes": "?look=causes",
    }.items():
        page = open_page(f"/explore{query}", width=width, height=height, scheme=scheme)
        # The sample is drawn by chance: nothing in it stands out, and the page says so.
        answer = page.get_by_text("明显超出平常") if name == "causes" else page.locator(".answer_table")
        expect(answer.first).to_be_visible()
        settle(page)
        page.screenshot(path=SCREENSHOTS / f"explore-{name}-{size}-{scheme}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_key_opens_the_box_and_a_sentence_leads_to_its_answer(open_page: Opener) -> None:
    page = open_page("/cameras?street=香城镇")
    page.keyboard.press("/")
    page.keyboard.type("近30天 大束镇 哪个村路灯不亮最多")
    first = page.locator(".found [role=option]").first
    expect(first.locator(".chip")).to_have_text(
        ["受理量", "大束镇×", "按村（社区）×", "三级类别：路灯不亮×", "从高到低排×"]
    )
    expect(first.locator(".lost")).to_contain_text("近30天")
    # A chip is taken off: its words leave the sentence.
    first.locator(".chip", has_text="大束镇").locator(".remove").click()
    expect(first.locator(".chip")).to_have_count(4)
    page.keyboard.press("Enter")
    expect(page.locator(".figure-drawing")).to_have_count(1)
    asked = parameters(page)
    assert (asked["by"], asked["is"], asked["order"]) == (["village_code"], ["category_3:路灯不亮"], ["high"])
    assert "street" not in asked
    expect(page.locator(".note .lost")).to_contain_text("近30天")
    page.go_back()
    until(lambda: parameters(page).get("street") == ["香城镇"], page)


def test_none_of_several_senses_is_taken_for_granted(open_page: Opener) -> None:
    page = open_page("/explore")
    expect(page.get_by_role("combobox", name="问一句话，或加条件")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("物业 7月")
    options = page.locator(".found [role=option]:not(.quiet)")
    expect(options.nth(3)).to_be_visible()
    page.keyboard.press("Enter")
    expect(options.nth(3)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    until(lambda: parameters(page).get("is") == ["category_2:物业管理"], page)
