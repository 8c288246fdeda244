"""A clerk loads files in the browser: columns, check, load, undo, and what other windows see of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine, create_engine, select

from data_access import database
from data_access.areas.petitions.tables import petition
from data_access.places.tables import township, township_alias
from tests.browser import Opener, Server, choose, counted, press_cell, settle, title, upload, value_of
from tests.counties import copied
from tests.files import september_cases


@pytest.fixture
def county(sample_engine: Engine, tmp_path: Path) -> str:
    return copied(sample_engine, tmp_path / "county.sqlite")


def ours(url: str) -> list[tuple[str, str]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(
            select(petition.c.case_no, petition.c.township_code).where(petition.c.case_no.like("S0%"))
        )
        rows = [(case_no, code) for case_no, code in found]
    engine.dispose()
    return rows


def test_a_file_is_mapped_checked_loaded_seen_and_undone(
    serve: Callable[[str], Server], county: str, open_page: Opener, tmp_path: Path
) -> None:
    host = serve(county).url
    other = open_page("/petitions", host=host)
    before = value_of(other, "受理量")
    page = open_page("/data_import", host=host)
    upload(page, september_cases(tmp_path / "九月.csv", 40))
    expect(page.get_by_text("还缺必填的列：工单编号")).to_be_visible()
    # Nobody's name, number or case stands on the page.
    for private in ("赵钱孙", "13812345678", "邻居漏水"):
        expect(page.get_by_text(private)).to_have_count(0)
    choose(page, "哪一列是工单编号", "流水")
    expect(page.get_by_text("1 行不合格")).to_be_visible()
    assert [counted(page, name) for name in ("读取", "新增", "变更", "未变", "不合格")] == [
        "40 行",
        "39 行",
        "0 行",
        "0 行",
        "1 行",
    ]
    expect(page.get_by_text("装入后，2023年9月的指标")).to_be_visible()
    assert counted(page, "受理量") == "39 件"
    assert not ours(county)
    with page.expect_download() as download:
        page.get_by_role("button", name="下载不合格的行").click()
    rejected = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes())).active
    assert [cell.value for cell in rejected[2]][:3] == ["S00039", "钢山街道", "不详"]
    page.get_by_role("button", name="只装入合格的 39 行").click()
    expect(page.get_by_text("已装入群众诉求：新增 39 行")).to_be_visible()
    assert len(ours(county)) == 39
    # The other window hears of September by itself, and goes on showing the months that it names.
    expect(other.get_by_text("数据截至 2023-09")).to_be_visible()
    settle(other)
    assert value_of(other, "受理量") == before
    page.get_by_text("历次导入", exact=True).click()
    settle(page)
    table = page.get_by_test_id("stDataFrame")
    expect(table.locator("[role=gridcell]", has_text="在用")).to_be_attached()
    press_cell(table, 16, 50)
    page.get_by_role("button", name="撤销这一批").click()
    page.get_by_role("button", name="确认撤销").click()
    expect(page.get_by_text("删去 39 行，恢复 0 行")).to_be_visible()
    assert not ours(county)
    expect(other.get_by_text("数据截至 2023-08-31")).to_be_visible()
    settle(other)
    assert value_of(other, "受理量") == before
    # This window, too, has heard of the write by itself, and goes on telling what was done.
    expect(page.get_by_text("删去 39 行，恢复 0 行")).to_be_visible()


def test_next_month_the_mapping_is_known(
    serve: Callable[[str], Server], county: str, open_page: Opener, tmp_path: Path
) -> None:
    host = serve(county).url
    page = open_page("/data_import", host=host)
    upload(page, september_cases(tmp_path / "九月.csv", 20))
    choose(page, "哪一列是工单编号", "流水")
    page.get_by_role("button", name="只装入合格的 19 行").click()
    expect(page.get_by_text("新增 19 行")).to_be_visible()
    page.get_by_role("button", name="再装一个文件").click()
    settle(page)
    upload(page, september_cases(tmp_path / "十月.csv", 30))
    expect(page.get_by_text("沿用")).to_be_visible()
    # One click.
    page.get_by_role("button", name="只装入合格的 10 行").click()
    expect(page.get_by_text("新增 10 行")).to_be_visible()


def test_a_name_like_a_known_one_is_confirmed_and_kept(
    serve: Callable[[str], Server], county: str, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page("/data_import", host=serve(county).url)
    upload(page, september_cases(tmp_path / "九月.csv", 5, township_name="大束真"))
    choose(page, "哪一列是工单编号", "流水")
    expect(page.get_by_text("没有合格的行可以装入")).to_be_visible()
    page.get_by_text("大束真 → 大束镇").click()
    page.get_by_role("button", name="记下 1 个别名").click()
    page.get_by_role("button", name="只装入合格的 4 行").click()
    expect(page.get_by_text("新增 4 行")).to_be_visible()
    engine = create_engine(county)
    with engine.connect() as connection:
        code = connection.scalar(select(township.c.code).where(township.c.name == "大束镇"))
        assert (
            connection.scalar(select(township_alias.c.township_code).where(township_alias.c.alias == "大束真")) == code
        )
    engine.dispose()
    assert {township_code for _, township_code in ours(county)} == {code}


def test_a_file_that_is_no_table_gets_one_sentence(
    serve: Callable[[str], Server], county: str, open_page: Opener, tmp_path: Path
) -> None:
    picture = tmp_path / "照片.xlsx"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    page = open_page("/data_import", host=serve(county).url)
    page.locator("input[type=file]").set_input_files(picture)
    expect(page.get_by_text("照片.xlsx 不是")).to_be_visible()
    expect(page.get_by_text("Traceback")).to_have_count(0)
    upload(page, september_cases(tmp_path / "九月.csv", 5))
    expect(page.get_by_text("还缺必填的列：工单编号")).to_be_visible()


@pytest.mark.parametrize(
    ("status", "words"),
    [(413, "文件超过 1 GB"), (429, "请先装入或放弃"), (507, "磁盘放不下"), (400, "上传没有完成，请再试一次")],
)
def test_an_upload_that_is_refused_says_why_and_what_to_do(
    browser: Browser, server: Server, tmp_path: Path, status: int, words: str
) -> None:
    page = browser.new_page()
    page.goto(f"{server.url}/data_import")
    settle(page)
    page.route("**/upload/*", lambda route: route.fulfill(status=status))
    page.locator("input[type=file]").set_input_files(september_cases(tmp_path / "九月.csv", 5))
    expect(page.locator("label span", has_text=words)).to_be_visible()
    # It can be tried again, and another one sent in its place.
    page.unroute("**/upload/*")
    upload(page, september_cases(tmp_path / "十月.csv", 5))
    upload(page, september_cases(tmp_path / "十一月.csv", 5))
    page.close()


def test_a_county_begins_with_its_townships(serve: Callable[[str], Server], open_page: Opener, tmp_path: Path) -> None:
    url = f"sqlite:///{(tmp_path / 'empty.sqlite').as_posix()}"
    engine = create_engine(url)
    database.upgrade(engine)
    engine.dispose()
    page = open_page("/", host=serve(url).url)
    expect(page.get_by_text("还没有镇街")).to_be_visible()
    page.get_by_text("打开数据导入").click()
    expect(title(page)).to_contain_text("数据导入")
    settle(page)
    choose(page, "装入哪张表", "镇街名录")
    towns = tmp_path / "镇街.csv"
    towns.write_text("代码,名称\n1,甲镇\n2,乙街道\n", "utf-8")
    upload(page, towns)
    page.get_by_role("button", name="装入 2 行").click()
    expect(page.get_by_text("已装入镇街名录：新增 2 行")).to_be_visible()
    page.get_by_role("button", name="再装一个文件").click()
    settle(page)
    choose(page, "装入哪张表", "群众诉求")
    upload(page, september_cases(tmp_path / "九月.csv", 5, township_name="甲镇"))
    choose(page, "哪一列是工单编号", "流水")
    page.get_by_role("button", name="只装入合格的 4 行").click()
    expect(page.get_by_text("新增 4 行")).to_be_visible()
    page.get_by_role("link", name="群众诉求").first.click()
    expect(page.get_by_text("全部 2 个镇街 · 2023年9月")).to_be_visible()
    settle(page)
    assert value_of(page, "受理量") == "4 件"
