"""Nobody's name, telephone or words leave the server but to who may see them and said why: a walk by each role."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Download, Error, Page, Request, Response, WebSocket, expect
from sqlalchemy import Engine, literal, select, update
from sqlalchemy import text as sql
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from data_access.access import UNRESTRICTED
from data_access.accounts import administering
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.petitions.tables import petition
from data_access.audit.tables import deed
from data_access.database import new_engine
from data_access.importing import import_file
from data_access.places.tables import township
from data_access.rollups import refresh
from sample_data.build import build
from tests.browser import PATIENCE, Server, press_cell, settle, upload
from tests.counties import sqlite_url
from tests.files import csv_file, xlsx_file
from tests.raw_clients import cookie_of
from tests.roles import OWN, ROLES
from tests.walk import PATHS, each_part, each_view

# What stands in every case: a name, a telephone, a street, words, a place. Each column of texts has one of them and a number.
NAME, PHONE, STREET, SAID, LONGITUDE = "隐名氏", "1990007", "机密路", "密情如下", "117.31415926"
PRIVATE = (NAME, PHONE, STREET, SAID, LONGITUDE)
# As an address and as JSON may say it
FORMS = {form.encode() for one in PRIVATE for form in (one, quote(one), json.dumps(one)[1:-1])}
SECRET = "a key of thirty-two characters and more"  # noqa: S105  # of a server that ends with the test


@dataclass
class Heard:
    """All that left the server for a browser, or the browser for the server, by what it was."""

    pieces: list[tuple[str, bytes]] = field(default_factory=list)
    unread: list[Response] = field(default_factory=list)
    files: list[Download] = field(default_factory=list)
    runs: int = 0

    def listen(self, page: Page) -> None:
        """Hear what a page sends and gets from now on."""
        page.on("websocket", self._socket)
        page.on("request", self._request)
        page.on("response", lambda response: self.unread.append(response))
        page.on("console", self._console)
        page.on("download", lambda file: self.files.append(file))

    def _socket(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda sent: self.pieces.append(("frame sent", _bytes(sent))))
        socket.on("framereceived", lambda sent: self._received(_bytes(sent)))

    def _received(self, sent: bytes) -> None:
        self.pieces.append(("frame received", sent))
        with suppress(Exception):
            self.runs += ForwardMsg.FromString(sent).WhichOneof("type") == "script_finished"

    def _request(self, request: Request) -> None:
        self.pieces.append(("address", request.url.encode()))
        self.pieces.append(("sent", request.post_data_buffer or b""))

    def _console(self, message: ConsoleMessage) -> None:
        self.pieces.append(("console", message.text.encode()))

    def told(self) -> list[str]:
        """Where something private was, and forget the rest."""
        for response in self.unread:
            if "/static/" not in response.url:
                # Of one that leads elsewhere, or was a download, there is none.
                with suppress(Error):
                    self.pieces.append((f"body of {response.url}", response.body()))
        for file in self.files:
            self.pieces.append((f"file {file.suggested_filename}", Path(file.path()).read_bytes()))
        found = [what for what, piece in self.pieces for part in _parts(piece) if any(form in part for form in FORMS)]
        self.pieces, self.unread, self.files = [], [], []
        return found


def _bytes(sent: str | bytes) -> bytes:
    return sent.encode() if isinstance(sent, str) else sent


def _parts(piece: bytes) -> Iterator[bytes]:
    """What is in a file, in files within it too."""
    yield piece
    if piece.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(piece)) as file:
            for name in file.namelist():
                yield name.encode()
                yield from _parts(file.read(name))


# --- The county ---------------------------------------------------------------------------------------


@dataclass
class County:
    """A server, its database, and a case of a township that an official sees."""

    server: Server
    engine: Engine
    case: tuple[str, str]
    township: str

    def kept(self) -> list[str]:
        """Where something private is in what the server writes for those who run it."""
        with self.engine.connect() as connection:
            deeds = [repr(tuple(row)) for row in connection.execute(select(deed))]
        written = [self.server.log.read_text("utf-8", "replace"), *deeds]
        return [one for one in written if any(form in one.encode() for form in FORMS)]


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    folder = tmp_path_factory.mktemp("persons")
    url = sqlite_url(folder / "county.sqlite")
    build(url, petitions=4_000)
    engine = new_engine(url)
    number = sql("CAST(rowid AS TEXT)")
    with engine.begin() as connection:
        connection.execute(
            update(petition).values(
                petitioner=literal(NAME).op("||")(number),
                phone=literal(PHONE).op("||")(number),
                text=literal(f"{SAID}：{STREET}").op("||")(number),
                longitude=float(LONGITUDE),
                latitude=35.2,
                coordinate_system="WGS84",
            )
        )
        code, case_no, name, received = connection.execute(
            select(petition.c.township_code, petition.c.case_no, township.c.name, petition.c.received_at)
            .join(township, township.c.code == petition.c.township_code)
            .where(petition.c.township_code.in_(OWN), petition.c.invalid_reason.is_(None))
            .order_by(petition.c.received_at.desc())
            .limit(1)
        ).one()
        refresh(connection, "petitions")
    row = {"case_no": case_no, "township": name, "received_at": f"{received:%Y-%m-%d %H:%M:%S}", "phone": f"{PHONE}1"}
    # What it said before is kept, to be undone.
    import_file(engine, PETITIONS, csv_file(folder / "before.csv", [row]), by=UNRESTRICTED)
    with pytest.MonkeyPatch.context() as settings:
        for setting, value in {"DASHBOARD_SECRET": SECRET, "IDENTITY": "accounts", "DATABASE_URL": url}.items():
            settings.setenv(setting, value)
        server = Server(url, folder / "server.log")
        for role in ROLES:
            townships = OWN if role == "township_official" else ()
            administering.add(engine, UNRESTRICTED, role, role, role, None, townships)
        yield County(server, engine, (code, case_no), name)
        server.stop()
    engine.dispose()


# --- The walk -----------------------------------------------------------------------------------------


def go(page: Page, heard: Heard, path: str) -> None:
    """To another address, as a step in the browser's history leads there: without loading all anew."""
    runs = heard.runs
    page.evaluate("path => { history.pushState({}, '', path); dispatchEvent(new PopStateEvent('popstate')); }", path)
    while heard.runs == runs:
        page.wait_for_timeout(20)
    settle(page)


def addresses(page: Page) -> list[str]:
    """What the browser's history has of private things."""
    kept = page.context.new_cdp_session(page).send("Page.getNavigationHistory")["entries"]
    return [one["url"] for one in kept if any(form in f"{one['url']} {one['title']}".encode() for form in FORMS)]


def save(page: Page, words: str) -> None:
    """Press a button that gives a file, if it is there."""
    button = page.get_by_role("button", name=words)
    if button.count():
        with page.expect_download():
            button.first.click()


@pytest.mark.parametrize("role", ROLES)
def test_a_walk_by_each_role_meets_nobody(role: str, county: County, browser: Browser) -> None:
    english = role == "evaluator"
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.set_default_timeout(PATIENCE)
    name, _, value = cookie_of(county.engine, role).partition("=")
    context.add_cookies([{"name": name, "value": value, "url": county.server.url}])
    page, heard = context.new_page(), Heard()
    heard.listen(page)
    page.goto(f"{county.server.url}/{'?lang=en' if english else ''}")
    settle(page)

    def to(path: str) -> None:
        go(page, heard, path + (f"{'&' if '?' in path else '?'}lang=en" if english else ""))

    key = "/".join(county.case)
    cases = [
        f"/petitions?{urlencode({'tab': 'rows', 'state': 'all', 'case': key})}",
        f"/explore?{urlencode({'count': 'received', 'rows': 'received', 'case': key})}",
    ]
    # Figures are the same to all of them, rows are not.
    whole = role in ("duty_officer", "administrator")
    for path in (*(path for path in PATHS if whole or "rows" in path or "look" in path), "/accounts", "/record"):
        to(path)
        assert heard.told() == [], path
    for path in cases:
        to(path)
        expect(page.get_by_role("button", name="Close" if english else "关闭", exact=True)).to_have_count(
            1 if "cases" in ROLES[role] else 0
        )
    to("/petitions?tab=rows&state=open")
    if "export" in ROLES[role]:
        for words in ("Excel", "CSV"):
            with page.expect_download():
                page.get_by_role("button", name=words).first.click()
        # Longer lists are written beside the page.
        to("/explore?count=received")
        page.get_by_role("button", name="Send on" if english else "发送").click()
        page.get_by_role("button", name="Answer, rows and notes" if english else "答案、明细和说明").click()
        page.keyboard.press("Escape")
        with page.expect_download():
            page.get_by_role("link", name=".xlsx").click()
    to("/evaluation")
    for _ in each_part(page):
        pass
    save(page, "Bulletin" if english else "下载月度通报")
    to("/record")
    save(page, "下载 Excel")
    save(page, "下载 CSV")
    assert heard.told() == []
    if "persons" in ROLES[role]:
        to(cases[0])
        page.get_by_role("textbox", name="原因").fill("回访核实")
        assert heard.told() == []
        page.get_by_role("button", name="查看", exact=True).click()
        expect(page.get_by_text(NAME)).to_be_visible()
        expect(page.get_by_text(STREET)).to_be_visible()
        expect(page.get_by_text(LONGITUDE)).to_be_visible()
        assert set(heard.told()) == {"frame received"}
        to("/petitions")
        assert heard.told() == []
        # The same case again, in the same session
        to(cases[1])
        assert set(heard.told()) == {"frame received"}
    page.goto(f"{county.server.url}/screen?every=3600")
    expect(page.locator("header")).to_be_visible()
    assert len(list(each_view(page))) > 3
    assert heard.told() == []
    assert addresses(page) == []
    context.close()
    assert county.kept() == []


def test_a_file_that_fails_and_rows_that_are_refused_tell_of_nobody(
    county: County, browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.set_default_timeout(PATIENCE)
    name, _, value = cookie_of(county.engine, "clerk").partition("=")
    context.add_cookies([{"name": name, "value": value, "url": county.server.url}])
    page, heard = context.new_page(), Heard()
    heard.listen(page)
    page.goto(f"{county.server.url}/data_import")
    settle(page)
    header = ("工单编号", "镇街", "受理时间", "诉求人", "联系电话", "诉求内容", "经度", "坐标系")
    person = (f"{NAME}9", f"{PHONE}9", f"{SAID}：{STREET}9", LONGITUDE, "WGS84")
    _, case_no = county.case
    rows = [
        ("B1", county.township, "2023-08-01 08:00", *person),
        (case_no, county.township, "2023-08-01 08:00", *person),
        ("B2", county.township, "不详", *person),
        ("B3", county.township, "2023-08-01 08:00", NAME * 100, f"{PHONE}9" * 20, SAID, LONGITUDE, "WGS84"),
    ]
    damaged = xlsx_file(tmp_path / "damaged.xlsx", [header, *rows])
    damaged.write_bytes(damaged.read_bytes()[:-200] + NAME.encode())
    page.locator("input[type=file]").set_input_files(damaged)
    expect(page.get_by_test_id("stAlert").first).to_be_visible()
    upload(page, csv_file(tmp_path / "cases.csv", [dict(zip(header, row, strict=True)) for row in rows]))
    expect(page.get_by_text("2 行不合格")).to_be_visible()
    # What a database says of a statement names what was in it.
    with county.engine.begin() as connection:
        connection.execute(sql("CREATE TRIGGER broken BEFORE INSERT ON petition BEGIN SELECT RAISE(ABORT, 'no'); END"))
    page.get_by_text("确实要盖掉这 1 行").click()
    page.get_by_role("button", name="只装入合格的").click()
    expect(page.get_by_role("button", name="返回")).to_be_visible()
    with county.engine.begin() as connection:
        connection.execute(sql("DROP TRIGGER broken"))
    page.get_by_role("button", name="返回").click()
    page.get_by_role("button", name="只装入合格的").click()
    expect(page.get_by_text("已装入群众诉求")).to_be_visible()
    page.get_by_text("历次导入", exact=True).click()
    settle(page)
    press_cell(page.get_by_test_id("stDataFrame").first, 16, 50)
    settle(page)
    # What the browser itself sent is not told.
    assert set(heard.told()) <= {"sent"}
    assert addresses(page) == []
    context.close()
    assert county.kept() == []
