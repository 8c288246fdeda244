"""The county's own map in a browser: areas are pressed, pointed at and gone through by keyboard as tiles are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine, and_, delete, func, select, update

from data_access.access import UNRESTRICTED
from data_access.areas.cameras.tables import camera
from data_access.areas.petitions.tables import petition
from data_access.database import engine_for
from data_access.places.boundaries import outlines
from data_access.places.tables import boundary
from tests.browser import Opener, Server, parameters, until
from tests.counties import copied
from tests.made_boundaries import give_boundaries
from tests.sheets import printed, squeezed

# Where the one point stands, and
POINT = """(drawing) => {
  const { x, y } = drawing.data.find(({ meta }) => meta === "points"), { xaxis, yaxis } = drawing._fullLayout;
  return { x: xaxis._offset + xaxis.d2p(x[0]), y: yaxis._offset + yaxis.d2p(y[0]) };
}"""
# where a place is named, in pixels from the upper left of the drawing
PLACE = """(drawing, key) => {
  const { customdata, x, y } = drawing.data.find(({ meta }) => meta === "places");
  const at = customdata.indexOf(key), { xaxis, yaxis } = drawing._fullLayout;
  return { x: xaxis._offset + xaxis.d2p(x[at]), y: yaxis._offset + yaxis.d2p(y[at]) };
}"""


@pytest.fixture(scope="module")
def mapped(sample_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    place = tmp_path_factory.mktemp("mapped")
    url = copied(sample_engine, place / "county.sqlite")
    engine = engine_for(url)
    give_boundaries(engine)
    with engine.begin() as connection:
        of_townships = {one.name: one for one in outlines(connection, UNRESTRICTED, "township")}
        own, other, alone = (of_townships[name] for name in ("香城镇", "唐村镇", "峄山镇"))
        cameras = select(func.min(camera.c.camera_id)).where(
            camera.c.township_code == own.code, camera.c.removed_on.is_(None)
        )
        connection.execute(
            update(camera)
            .where(camera.c.township_code == own.code, camera.c.camera_id == cameras.scalar_subquery())
            .values(place="东门", longitude=own.label[0], latitude=own.label[1], coordinate_system="CGCS2000")
        )
        for one in (other, alone):
            open_cases = and_(
                petition.c.township_code == one.code,
                petition.c.closed_at.is_(None),
                petition.c.invalid_reason.is_(None),
            )
            number = connection.scalar(select(func.min(petition.c.case_no)).where(open_cases))
            connection.execute(
                update(petition)
                .where(open_cases, petition.c.case_no == number)
                .values(longitude=one.label[0], latitude=one.label[1], coordinate_system="CGCS2000")
            )
        # Of this one the villages have no outlines.
        connection.execute(
            delete(boundary).where(boundary.c.level == "village", boundary.c.township_code == alone.code)
        )
    engine.dispose()
    running = Server(url, place / "server.log")
    yield running
    running.stop()


def drawing(page: Page) -> Locator:
    return page.locator(".st-key-tile-map .figure-drawing.areas")


def pointed_at(page: Page) -> Locator:
    return drawing(page).locator(".hoverlayer")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_areas_are_pressed_like_tiles(open_page: Opener, mapped: Server, scheme: str) -> None:
    # In August one township did not report its projects.
    page = open_page("/?indicator=schedule_gap&from=2023-08&to=2023-08", host=mapped.url, scheme=scheme)
    expect(drawing(page)).to_have_attribute("aria-label", re.compile("序时进度差.*方向键"))
    expect(drawing(page).locator(".fills path[style*='url(']")).to_have_count(1)
    drawing(page).hover(position=drawing(page).evaluate(PLACE, "郭里镇"))
    expect(pointed_at(page)).to_contain_text("郭里镇")
    drawing(page).hover(position={"x": 2, "y": 2})
    expect(pointed_at(page)).to_be_empty()
    drawing(page).click(position=drawing(page).evaluate(PLACE, "唐村镇"))
    until(lambda: parameters(page).get("street") == ["唐村镇"], page)


def test_the_villages_of_a_township_lead_to_their_cases(open_page: Opener, mapped: Server) -> None:
    page = open_page(f"/?street={quote('香城镇')}", host=mapped.url)
    told = page.locator(".st-key-tile-map .told")
    drawing(page).focus()
    page.keyboard.press("ArrowRight")
    expect(pointed_at(page)).to_contain_text("受理量")
    first = told.inner_text()
    page.keyboard.press("ArrowRight")
    expect(told).not_to_have_text(first)
    page.keyboard.press("End")
    expect(pointed_at(page)).to_contain_text("点击看这个镇街")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="村（社区）")).to_be_visible()
    asked = parameters(page)
    assert (asked["street"], asked["tab"], len(asked["village"])) == (["香城镇"], ["rows"], 1)


def test_all_villages_are_drawn_beside_the_ranking(open_page: Opener, mapped: Server) -> None:
    page = open_page("/petitions", host=mapped.url)
    page.get_by_role("button", name="地图").or_(page.get_by_role("radio", name="地图")).first.click()
    areas = page.locator(".st-key-village-ranking .figure-drawing.areas")
    expect(areas).to_be_visible()
    until(lambda: parameters(page).get("villages") == ["map"], page)
    expect(areas.locator(".fills path").first).to_be_attached()
    village = areas.evaluate("drawing => drawing.data.find(({ meta }) => meta === 'places').customdata[300]")
    areas.click(position=areas.evaluate(PLACE, village))
    until(lambda: parameters(page).get("village") == [village], page)
    assert parameters(page)["tab"] == ["rows"]


def test_a_camera_is_pointed_at_before_the_village_that_it_stands_in(open_page: Opener, mapped: Server) -> None:
    page = open_page(f"/cameras?street={quote('香城镇')}", host=mapped.url)
    areas = page.locator(".st-key-camera-map .figure-drawing.areas")
    areas.scroll_into_view_if_needed()
    expect(areas.locator(".fills path").first).to_be_attached()
    at = areas.evaluate(POINT)
    areas.hover(position={"x": at["x"] + 3, "y": at["y"]})
    expect(areas.locator(".hoverlayer")).to_contain_text("东门")
    areas.hover(position={"x": at["x"] + 12, "y": at["y"]})
    expect(areas.locator(".hoverlayer")).to_contain_text("个")


@pytest.mark.parametrize("street", ["唐村镇", "峄山镇"])
def test_an_open_case_is_pressed_on_the_map(street: str, open_page: Opener, mapped: Server) -> None:
    page = open_page(f"/?street={quote(street)}", host=mapped.url)
    expect(drawing(page)).to_have_attribute("aria-label", re.compile(f"{street}：截至数据日全部未结"))
    expect(drawing(page).locator(".fills path").first).to_be_attached()
    # Keys come to the villages, or the township, first, then to the cases.
    drawing(page).focus()
    page.keyboard.press("End")
    told = page.locator(".st-key-tile-map .told").inner_text()
    drawing(page).click(position=drawing(page).evaluate(POINT))
    until(lambda: "case" in parameters(page), page)
    (case,) = parameters(page)["case"]
    assert case.partition("/")[2] in told
    expect(page.get_by_role("heading", level=2).first).to_be_visible()


def test_the_map_is_on_the_first_sheet(open_page: Opener, mapped: Server) -> None:
    """A4 across has room for the cards and for the map below them."""
    page = open_page("/", host=mapped.url)
    title = page.locator(".st-key-tile-map .figure-title").inner_text().splitlines()[0]
    expect(drawing(page).locator(".fills path").first).to_be_attached()
    assert squeezed(title) in printed(page, "A4", across=True)[0]
