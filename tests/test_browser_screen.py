"""The meeting-room screen in a browser: rotation, keys, sizes, outages, and that it lasts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, create_engine

from data_access.access import UNRESTRICTED
from data_access.areas.petitions.imports import PETITIONS
from data_access.importing import import_file
from tests.browser import FAULTS, Opener, Server, view, wall
from tests.counties import copied
from tests.postgresql_server import PostgreSQL


def expect_view(page: Page, name: str) -> None:
    expect(page.locator("main")).to_have_attribute("data-view", f"{name} ")


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (2560, 1440), (3840, 2160)], ids=str)
@pytest.mark.parametrize("query", ["?every=3600", "?every=3600&lang=en", "?every=3600&by=street&show=petitions"])
def test_every_view_fits_the_screen(browser: Browser, server: Server, size: tuple[int, int], query: str) -> None:
    page = wall(browser, server.url, query, width=size[0], height=size[1])
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    seen: dict[str, list[str]] = {}
    while view(page) not in seen:
        seen[view(page)] = page.evaluate(FAULTS)
        page.keyboard.press("ArrowRight")
    assert not {name: faults for name, faults in seen.items() if faults}
    assert len(seen) == (16 if "street" in query else 6)
    assert not problems
    page.context.close()


def test_rotation_and_keys(browser: Browser, server: Server) -> None:
    page = wall(browser, server.url, "?show=overview,cameras,evaluation&every=20", clock=True)
    expect_view(page, "overview")
    for following in ("cameras", "evaluation", "overview"):
        page.clock.run_for(20_000)
        expect_view(page, following)
    # Space pauses, and goes on at once.
    page.keyboard.press(" ")
    expect(page.locator(".state")).to_have_text("已暂停，一分钟无操作后继续")
    page.clock.run_for(59_000)
    expect_view(page, "overview")
    page.keyboard.press(" ")
    page.clock.run_for(20_000)
    expect_view(page, "cameras")
    # Arrows step, and wait for a minute.
    page.keyboard.press("ArrowRight")
    expect_view(page, "evaluation")
    page.keyboard.press("ArrowLeft")
    expect_view(page, "cameras")
    page.clock.run_for(59_000)
    expect_view(page, "cameras")
    page.clock.run_for(1_000 + 20_000)
    expect_view(page, "evaluation")
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement !== null")
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement === null")
    # So does a touch.
    page.mouse.click(400, 400)
    page.clock.run_for(59_000)
    expect_view(page, "evaluation")
    page.clock.run_for(1_000 + 20_000)
    expect_view(page, "overview")
    page.context.close()


def test_escape_leads_to_the_page_with_the_filters(open_page: Opener) -> None:
    page = open_page("/petitions?street=太平镇")
    page.get_by_role("link", name="会议大屏").evaluate("link => { link.target = '_self'; link.click() }")
    expect(page.locator("main header")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator("main")).to_have_attribute("data-view", "petitions 太平镇")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", level=1)).to_contain_text("群众诉求")
    assert "street=" in page.url


def test_what_is_new_is_there_after_a_night_and_marked(
    browser: Browser, serve: Callable[[str], Server], sample_engine: Engine, tmp_path: Path
) -> None:
    url = copied(sample_engine, tmp_path / "county.sqlite")
    host = serve(url).url
    page = wall(browser, host, "?every=86400&refresh=86400&show=petitions", clock=True)
    state = page.request.get(f"{host}/version").text()
    card = page.locator(".card", has_text="受理量")
    before = card.locator(".value").inner_text()
    engine = create_engine(url)
    file = tmp_path / "new.csv"
    file.write_text("工单编号,镇街,受理时间\nX1,太平镇,2023-08-01 08:00\n", "utf-8")
    import_file(engine, PETITIONS, file, by=UNRESTRICTED)
    engine.dispose()
    while page.request.get(f"{host}/version").text() == state:
        # The server looks at its database every two seconds.
        page.clock.run_for(10)
    # The computer slept: its timers stood still, its clock did not.
    page.clock.fast_forward(8 * 3600 * 1000)
    expect(card).to_have_class(re.compile("changed"))
    assert card.locator(".value").inner_text() != before
    page.context.close()


def test_a_wrong_address_is_told(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    page.goto(f"{server.url}/screen?show=weather")
    expect(page.locator(".problem")).to_contain_text("weather")
    page.close()


def test_the_first_answer_does_not_come(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    page.route("**/screen/content**", lambda route: route.fulfill(status=500, body="Internal Server Error"), times=1)
    page.goto(f"{server.url}/screen?show=overview")
    expect(page.locator(".problem")).to_contain_text("正在重试")
    expect(page.locator(".card").first).to_be_visible()
    page.close()


def test_the_server_goes_and_comes_back(browser: Browser, serve: Callable[[str], Server], sample_url: str) -> None:
    running = serve(sample_url)
    page = wall(browser, running.url, "?every=3600&refresh=1&show=overview")
    before = page.locator(".card").all_inner_texts()
    running.stop()
    expect(page.locator(".warning")).to_contain_text("数据截至")
    assert page.locator(".card").all_inner_texts() == before
    running.start_again()
    expect(page.locator(".warning")).to_be_hidden()
    assert page.locator(".card").all_inner_texts() == before
    page.context.close()


def test_the_database_goes_and_comes_back(
    browser: Browser, serve: Callable[[str], Server], postgresql: PostgreSQL, sample_database: str
) -> None:
    name = postgresql.create(sample_database)
    page = wall(browser, serve(postgresql.url(name)).url, "?every=3600&refresh=1&show=overview")
    before = page.locator(".card").all_inner_texts()
    postgresql.stop()
    try:
        expect(page.locator(".warning")).to_contain_text("数据库暂时连不上")
        expect(page.locator(".warning")).to_contain_text("数据截至")
        assert page.locator(".card").all_inner_texts() == before
    finally:
        postgresql.start()
    expect(page.locator(".warning")).to_be_hidden()
    assert page.locator(".card").all_inner_texts() == before
    page.context.close()


def test_it_lasts(browser: Browser, serve: Callable[[str], Server], sample_url: str) -> None:
    """The short form of ``python -m benchmarks.screen``."""
    running = serve(sample_url)
    page = wall(browser, running.url, "?every=0.1&refresh=1")
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    session = page.context.new_cdp_session(page)
    server = psutil.Process(running.process.pid)

    def used() -> tuple[int, int]:
        session.send("HeapProfiler.collectGarbage")
        return server.memory_info().rss, session.send("Runtime.getHeapUsage")["usedSize"]

    def turned(times: int) -> None:
        page.wait_for_function("times => Number(document.querySelector('main').dataset.turn) >= times", arg=times)

    turned(20)
    memory, heap = used()
    turned(100)
    memory_now, heap_now = used()
    assert memory_now < 1.03 * memory
    assert heap_now < 1.1 * heap
    assert not problems
    page.context.close()
