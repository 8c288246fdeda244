"""The dashboard in a real browser on a real server: deep links, clicks, going back, languages, themes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote

import pandas as pd
import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, create_engine, text

from tests.browser import SCREENSHOTS, Opener, Server, choose_township, click_mark, parameters, settle, title, value_of
from tests.counties import copied

PAGES = {
    "overview": "总览",
    "petitions": "群众诉求",
    "cameras": "雪亮监控",
    "volunteers": "志愿队伍",
    "rural_projects": "乡村项目",
    "grid": "网格治理",
}


# --- Deep links -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "heading"), PAGES.items())
def test_each_page_opens_cold_by_its_own_link_with_filters(
    path: str, heading: str, serve: Callable[[str], Server], sample_url: str, open_page: Opener
) -> None:
    fresh = serve(sample_url)
    street = quote("钢山街道")
    page = open_page(f"/{path}?street={street}&from=2023-03&to=2023-06&compare=previous", host=fresh.url)
    expect(title(page)).to_contain_text(heading)
    # Projects stand as they do at the end of the period.
    months = ("2023年6月", "2023年5月") if path == "rural_projects" else ("2023年3月至6月", "2022年11月至2023年2月")
    expect(page.get_by_text(f"钢山街道 · {months[0]} · 与上一时段（{months[1]}）相比")).to_be_visible()
    expect(page.locator(".kpi")).to_have_count(6)
    expect(page.locator(".figure .main-svg").first).to_be_visible()
    expect(page.get_by_text("示例数据，非真实业务数据")).to_be_visible()
    assert parameters(page)["street"] == ["钢山街道"]


def test_the_root_is_the_overview(open_page: Opener) -> None:
    expect(title(open_page("/"))).to_contain_text("总览")


def test_unknown_street_and_month_are_dropped(open_page: Opener) -> None:
    page = open_page(f"/petitions?street={quote('不存在镇')}&from=1999-01&compare=nonsense&lang=xx")
    expect(page.get_by_text("全部 16 个镇街 · 2023年1月至8月")).to_be_visible()
    expect(page.get_by_text("地址里的 compare、street、from 有不认识的内容，已略去。")).to_be_visible()
    # The address says what is shown.
    assert parameters(page) == {"from": ["2023-01"], "to": ["2023-08"]}


# --- Filters and clicks ---------------------------------------------------------------------------


def test_a_filter_changes_figures_charts_and_url(open_page: Opener) -> None:
    page = open_page("/petitions")
    before = value_of(page, "受理量")
    drawn = page.locator(".figure .main-svg").first.inner_html()
    choose_township(page, "北宿镇")
    expect(page.get_by_text("北宿镇 · 2023年1月至8月")).to_be_visible()
    settle(page)
    assert value_of(page, "受理量") != before
    assert page.locator(".figure .main-svg").first.inner_html() != drawn
    assert parameters(page)["street"] == ["北宿镇"]


def test_quick_picks_choose_a_kind_and_reset_takes_all_back(open_page: Opener) -> None:
    page = open_page("/?from=2023-05&compare=none")
    page.get_by_role("button", name="街道", exact=True).click()
    expect(page.get_by_text("全部 3 个街道 · 2023年5月至8月")).to_be_visible()
    assert len(parameters(page)["street"]) == 3
    page.get_by_role("button", name="重置筛选").click()
    expect(page.get_by_text("全部 16 个镇街 · 2023年1月至8月 · 与上年同期")).to_be_visible()
    page.wait_for_function("() => location.search === '?from=2023-01&to=2023-08'")


def test_filters_go_along_to_the_next_page_and_back(open_page: Opener) -> None:
    page = open_page(f"/?street={quote('唐村镇')}&compare=previous")
    page.get_by_role("link", name="雪亮监控").click()
    expect(title(page)).to_contain_text("雪亮监控")
    expect(page.get_by_text("唐村镇 · 2023年1月至8月 · 与上一时段")).to_be_visible()
    settle(page)
    assert parameters(page)["street"] == ["唐村镇"]
    assert parameters(page)["compare"] == ["previous"]
    page.go_back()
    expect(title(page)).to_contain_text("总览")
    expect(page.get_by_text("唐村镇 · 2023年1月至8月 · 与上一时段")).to_be_visible()


def test_a_click_on_a_tile_shows_that_township(open_page: Opener) -> None:
    page = open_page("/")
    click_mark(page.locator(".st-key-tile-map .bars .point path").first)
    page.wait_for_function("() => location.search.includes('street=')")
    settle(page)
    (name,) = parameters(page)["street"]
    expect(page.get_by_text(f"{name} · 2023年1月至8月")).to_be_visible()


def test_a_click_on_a_category_goes_one_level_down(open_page: Opener) -> None:
    page = open_page("/petitions")
    click_mark(page.locator(".st-key-category-pareto .bars .point path").first)
    chip = page.get_by_role("button", name="城乡建设")
    expect(chip).to_be_visible()
    settle(page)
    narrowed = value_of(page, "受理量")
    chip.click()
    expect(chip).to_have_count(0)
    settle(page)
    assert value_of(page, "受理量") != narrowed


def test_a_click_on_an_hour_lists_its_cases(open_page: Opener) -> None:
    page = open_page("/petitions")
    click_mark(page.locator(".st-key-week .bars .point path").nth(9))
    expect(page.get_by_role("button", name="周一 9 时受理")).to_be_visible()
    expect(page.locator('[data-testid="stDataFrame"]')).to_be_visible()
    assert parameters(page)["tab"] == ["rows"]


def test_what_needs_attention_leads_to_its_rows_every_time(open_page: Opener) -> None:
    page = open_page("/petitions")
    click_mark(page.locator(".st-key-category-pareto .bars .point path").first)
    expect(page.get_by_role("button", name="城乡建设")).to_be_visible()
    page.get_by_role("link", name="总览").click()
    expect(title(page)).to_contain_text("总览")
    settle(page)
    count = page.get_by_text("全部超期", exact=False).locator("xpath=self::*[contains(., '件')]").first.inner_text()
    number = "".join(character for character in count if character.isdigit())
    for _ in range(2):
        page.get_by_role("link", name="查看超期清单").click()
        expect(page.get_by_text(f"共 {number} 件")).to_be_visible()
        assert parameters(page)["state"] == ["overdue"]
        assert parameters(page)["tab"] == ["rows"]
        page.get_by_role("link", name="总览").click()
        expect(title(page)).to_contain_text("总览")


def test_the_silent_townships_are_shown_alone(open_page: Opener) -> None:
    page = open_page("/?from=2023-03")
    page.get_by_role("link", name="查看这些镇街").click()
    expect(title(page)).not_to_contain_text("总览")
    expect(page.get_by_text("郭里镇 · 2023年3月至8月")).to_be_visible()
    settle(page)
    assert parameters(page)["street"] == ["郭里镇"]
    assert parameters(page)["from"] == ["2023-03"]


def test_what_needs_attention_is_opened_under_the_filters(open_page: Opener) -> None:
    page = open_page(f"/?street={quote('太平镇')}&from=2023-03&compare=previous")
    page.get_by_role("link", name="查看超期清单").click()
    expect(title(page)).to_contain_text("群众诉求")
    expect(page.get_by_text("太平镇 · 2023年3月至8月 · 与上一时段")).to_be_visible()
    settle(page)
    assert parameters(page)["street"] == ["太平镇"]
    assert parameters(page)["state"] == ["overdue"]


def test_what_a_click_narrowed_is_in_the_address_and_back_takes_it_back(open_page: Opener) -> None:
    page = open_page("/petitions?from=2023-01&to=2023-08")
    entries = "history.length"
    before, begun = value_of(page, "受理量"), page.evaluate(entries)
    click_mark(page.locator(".st-key-channel-mix .bars .point path").first)
    page.wait_for_function("() => location.search.includes('channel=')")
    received = page.locator(".kpi", has_text="受理量").locator(".value").first
    expect(received).not_to_have_text(before)
    settle(page)
    narrowed = value_of(page, "受理量")
    assert page.evaluate(entries) == begun + 1
    page.reload()
    settle(page)
    assert value_of(page, "受理量") == narrowed
    # The months and the township in one step, though the address names each
    click_mark(page.locator(".st-key-petition-trend .point").first)
    page.wait_for_function("() => !location.search.includes('from=2023-01&to=2023-08')")
    settle(page)
    assert page.evaluate(entries) == begun + 2
    page.go_back()
    page.wait_for_function("() => location.search.includes('from=2023-01&to=2023-08')")
    expect(received).to_have_text(narrowed)
    page.go_back()
    page.wait_for_function("() => !location.search.includes('channel=')")
    settle(page)
    expect(page.locator(".st-key-clear-channel")).to_have_count(0)
    expect(received).to_have_text(before)
    assert page.evaluate(entries) == begun + 2


def test_a_way_to_rows_is_one_step_of_the_history(open_page: Opener) -> None:
    page = open_page("/?from=2023-01&to=2023-08")
    begun = page.evaluate("history.length")
    page.get_by_role("link", name="查看超期清单").click()
    expect(title(page)).to_contain_text("群众诉求")
    settle(page)
    assert page.evaluate("history.length") == begun + 1
    page.go_back()
    expect(title(page)).to_contain_text("总览")
    settle(page)
    assert parameters(page) == {"from": ["2023-01"], "to": ["2023-08"]}


def test_what_a_viewer_types_is_not_in_the_address(open_page: Opener) -> None:
    page = open_page("/petitions?tab=rows&from=2023-01&to=2023-08")
    page.get_by_label("编号或标题").fill("路灯")
    page.keyboard.press("Enter")
    expect(page.get_by_text("，显示前")).to_be_visible()
    settle(page)
    page.get_by_role("combobox", name="镇街").click()
    page.get_by_role("option", name="北宿镇").click()
    page.wait_for_function("() => location.search.includes('street=')")
    assert "路灯" not in unquote(page.url)


def test_an_english_download_is_english(open_page: Opener) -> None:
    page = open_page("/petitions?tab=rows&lang=en&state=overdue")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV", exact=True).click()
    table = pd.read_csv(waiting.value.path())
    assert list(table.columns[:3]) == ["Township", "Number", "Village"]
    assert len(table) > 0


# --- Language and theme ---------------------------------------------------------------------------


def test_the_language_switch_holds_on_every_page(open_page: Opener) -> None:
    page = open_page("/cameras")
    page.get_by_role("radio", name="en", exact=True).click()
    expect(title(page)).to_contain_text("Cameras")
    page.wait_for_function("() => location.search.includes('lang=en')")
    page.get_by_role("link", name="Petitions").click()
    expect(title(page)).to_contain_text("Petitions")
    expect(page.get_by_text("All 16 townships · Jan–Aug 2023")).to_be_visible()
    page.reload()
    settle(page)
    expect(title(page)).to_contain_text("Petitions")
    page.go_back()
    expect(title(page)).to_contain_text("Cameras")


def test_the_theme_switch_holds_on_every_page(open_page: Opener) -> None:
    page = open_page("/")
    background = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    light = page.evaluate(background)
    with page.expect_navigation():
        page.get_by_role("button", name="切换到深色").click()
    settle(page)
    dark = page.evaluate(background)
    assert dark != light
    page.goto(page.url.split("?")[0].rstrip("/") + "/volunteers")
    settle(page)
    assert page.evaluate(background) == dark


# --- The database away and back -------------------------------------------------------------------


def test_the_page_recovers_when_the_database_is_back(
    serve: Callable[[str], Server], sample_engine: Engine, open_page: Opener, tmp_path: Path
) -> None:
    # The folder goes, too: a file alone the server would make.
    place = tmp_path / "disk"
    place.mkdir()
    url = copied(sample_engine, place / "county.sqlite")
    away = place.rename(tmp_path / "away")
    page = open_page("/cameras", host=serve(url).url)
    expect(page.get_by_text("数据库暂时不能用")).to_be_visible()
    expect(page.get_by_text("找不到数据库文件")).to_be_visible()
    away.rename(place)
    expect(title(page)).to_contain_text("雪亮监控")
    expect(page.get_by_text("数据库暂时不能用")).to_have_count(0)


def test_a_newer_schema_is_said_without_a_traceback(
    serve: Callable[[str], Server], sample_engine: Engine, open_page: Opener, tmp_path: Path
) -> None:
    url = copied(sample_engine, tmp_path / "county.sqlite")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    running = serve(url)
    page = open_page("/", host=running.url)
    expect(page.get_by_text("比本程序新")).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)
    assert "比本程序新" in running.log.read_text("utf-8")


# --- Pictures for people --------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
@pytest.mark.parametrize("path", [*PAGES, "data_import"])
def test_screenshots(path: str, width: int, height: int, scheme: str, open_page: Opener) -> None:
    page = open_page(f"/{path}", width=width, height=height, scheme=scheme)
    lowest = page.get_by_role("button", name="重置筛选").bounding_box()
    needed = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": max(height, needed + 20)})
    settle(page)
    overflowing = page.evaluate(
        "document.querySelector('[data-testid=stMain]').scrollWidth"
        " - document.querySelector('[data-testid=stMain]').clientWidth"
    )
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{path}-{scheme}-{width}x{height}.png")
    assert overflowing <= 0
    assert needed <= 2.5 * height
    # All filters are in sight.
    assert lowest is not None
    assert lowest["y"] + lowest["height"] <= height


def test_the_english_sidebar_is_whole_too(open_page: Opener) -> None:
    page = open_page("/?lang=en")
    lowest = page.get_by_role("button", name="Reset filters").bounding_box()
    assert lowest is not None
    assert lowest["y"] + lowest["height"] <= 768
    entries = page.locator(".entry")
    # The current page's is in bold.
    entries.evaluate_all("entries => entries.forEach((entry) => entry.setAttribute('aria-current', 'page'))")
    cut = (
        "entries => entries.filter((entry) => entry.scrollWidth > entry.clientWidth).map((entry) => entry.textContent)"
    )
    assert entries.evaluate_all(cut) == []


# --- The evaluation -------------------------------------------------------------------------------


def test_a_row_of_the_evaluation_explains_its_township(open_page: Opener) -> None:
    page = open_page("/evaluation?scheme=three_rates")
    expect(title(page)).to_contain_text("月度评比")
    expect(page.get_by_text("未定版")).to_be_visible()
    page.locator(".league_table tr", has_text="太平镇").first.click()
    expect(page.get_by_text("太平镇 · 2023年8月")).to_be_visible()
    settle(page)
    assert parameters(page)["street"] == ["太平镇"]
    assert parameters(page)["scheme"] == ["three_rates"]
    expect(page.get_by_text("分怎样算出")).to_contain_text("太平镇")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="下载月度通报").click()
    assert waiting.value.suggested_filename.endswith("评比通报.zip")
    # The cases behind a criterion
    page.locator(".league_table tr", has_text="满意率").last.click()
    expect(title(page)).to_contain_text("群众诉求")
    settle(page)
    assert parameters(page)["state"] == ["dissatisfied"]
    assert parameters(page)["from"] == ["2023-08"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
@pytest.mark.parametrize("path", ["other_work", "evaluation"])
def test_longer_pages_fit_across(path: str, width: int, height: int, scheme: str, open_page: Opener) -> None:
    page = open_page(f"/{path}", width=width, height=height, scheme=scheme)
    expect(page.locator(".figure .main-svg").first).to_be_visible()
    overflowing = page.evaluate(
        "document.querySelector('[data-testid=stMain]').scrollWidth"
        " - document.querySelector('[data-testid=stMain]').clientWidth"
    )
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{path}-{scheme}-{width}x{height}.png")
    assert overflowing <= 0
