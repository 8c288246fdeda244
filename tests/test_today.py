"""What there is to do, counted by hand on a small county; on the page, and who is told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, insert, update

from data_access.access import UNRESTRICTED, Viewer
from data_access.areas.cameras.tables import camera, camera_outage
from data_access.areas.petitions.tables import petition
from data_access.areas.projects.tables import project, project_report
from data_access.decisions.records import Owner
from data_access.decisions.writing import Draft, decide
from data_access.places.tables import township
from data_access.rollups import refresh
from data_access.scope import Scope
from data_access.todo.registry import TO_DO, to_do_of
from data_access.todo.to_do import COLUMNS, of_own
from tests.browser import Opener, Server, parameters, settle
from tests.counties import on_both, sqlite_url, three_townships
from tests.page_contents import contents, page
from ui.frame.pages import first_page, page_name

ONE, TWO, THREE = "100000001", "100000002", "100000003"
# A Tuesday morning
AS_OF = datetime(2024, 3, 12, 10)
WATER, ROADS = "水务局", "交通局"
OFFICIAL = Viewer("official", rights=frozenset({"cases"}), case_townships=frozenset({TWO}))
OF_WATER = Viewer("of water", rights=frozenset({"cases"}), case_departments=frozenset({WATER}))
LOOKING = Viewer("looking", rights=frozenset())


def case(number: str, place: str, **given: Any) -> dict[str, Any]:
    told = {
        "due_at": None,
        "closed_at": None,
        "status": None,
        "department": None,
        "called_back": None,
        "recorded": None,
    }
    told |= {"satisfied": None, "repeat_of": None, "invalid_reason": None}
    return {"township_code": place, "case_no": number, "received_at": datetime(2024, 3, 1, 9), **told, **given}


CASES = [
    case("late", ONE, due_at=datetime(2024, 3, 10, 10), department=WATER),
    case("latest", ONE, due_at=datetime(2024, 3, 2, 10), department=ROADS),
    case("this second", TWO, due_at=AS_OF),
    case("today", ONE, due_at=datetime(2024, 3, 12, 18), department=WATER),
    case("tonight", TWO, due_at=datetime(2024, 3, 12, 23, 59, 59)),
    case("tomorrow", TWO, due_at=datetime(2024, 3, 13), department=WATER),
    case("in three days", TWO, due_at=datetime(2024, 3, 15, 23)),
    case("later", TWO, due_at=datetime(2024, 3, 16)),
    case("closed", ONE, due_at=datetime(2024, 3, 10), closed_at=datetime(2024, 3, 9)),
    case("said to be done", ONE, due_at=datetime(2024, 3, 10), status="已办结"),
    # More than are looked at first for one row
    *(case(f"done {n}", ONE, due_at=datetime(2024, 3, 2, 9), status="办结归档") for n in range(11)),
    case("deleted", ONE, due_at=datetime(2024, 3, 10), invalid_reason="重复录入"),
    # Whose source has neither due dates nor closings nor callbacks
    case("untold", THREE, recorded=0),
    # "closed" has not been called back either
    case(
        "angry", ONE, closed_at=datetime(2024, 2, 20), called_back=True, satisfied=False, department=WATER,
        received_at=datetime(2024, 2, 10),
    ),
    case("glad", ONE, closed_at=datetime(2024, 2, 20), called_back=True, satisfied=True),
    case("angry long ago", ONE, closed_at=datetime(2024, 1, 20), called_back=True, satisfied=False,
         received_at=datetime(2024, 1, 10)),
    case("closed wrongly", TWO, closed_at=datetime(2024, 3, 2), called_back=True, satisfied=True),
    case("again", TWO, received_at=datetime(2024, 3, 8), repeat_of="closed wrongly", due_at=datetime(2024, 4, 1)),
]  # fmt: skip
DOWN = {
    "a day": datetime(2024, 3, 11, 9),
    "18 hours": datetime(2024, 3, 11, 16),
    "24 hours": datetime(2024, 3, 11, 10),
    "17 hours": datetime(2024, 3, 11, 17),
}
# Planned from new year on; at the end of March 90 of 365 days are gone, 24.7 per cent.
PLANNED: dict[str, tuple[date, float | None, int | None]] = {
    "behind": (date(2024, 12, 31), 10, None),
    "near": (date(2024, 12, 31), 17, None),
    "on schedule": (date(2024, 12, 31), 20, None),
    "past its end": (date(2024, 3, 20), 95, None),
    "ends soon": (date(2024, 4, 15), None, None),
    "nobody knows": (date(2024, 3, 1), None, 0),
}


def fill(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(petition), CASES)
        cameras = [{"township_code": TWO, "camera_id": one, "installed_on": date(2024, 1, 1)} for one in DOWN]
        connection.execute(insert(camera), cameras)
        outages = [{"township_code": TWO, "camera_id": one, "started_at": since} for one, since in DOWN.items()]
        connection.execute(insert(camera_outage), outages)
        for name, (end, progress, recorded) in PLANNED.items():
            own = {"township_code": ONE, "project_id": name}
            plan = {"planned_start": date(2024, 1, 1), "planned_end": end, "department": ROADS, "recorded": recorded}
            connection.execute(insert(project), [{**own, "name": name, **plan}])
            if progress is not None:
                connection.execute(insert(project_report), [{**own, "month": "2024-03", "progress": progress}])
        for area in ("petitions", "cameras"):
            refresh(connection, area, as_of=AS_OF)
        refresh(connection, "projects", as_of=datetime(2024, 3, 31, 12))
    # They go by the newest data: of projects.
    for owner, due in ((Owner(ONE), 28), (Owner(TWO), 31), (Owner("", WATER), 32), (Owner("", WATER), 40)):
        due_on = date(2024, 3, 1) + timedelta(days=due - 1)
        decide(engine, Draft("修路灯", (owner,), date(2024, 3, 1), due_on), by=Viewer("王某"))


def scope(viewer: Viewer = UNRESTRICTED, month: str = "2024-02") -> Scope:
    return of_own(Scope(viewer, None, month, month))


def counts(engine: Engine, code: str, asked: Scope) -> dict[tuple[str, str | None, str], int]:
    found = TO_DO[code].counted(TO_DO[code].count(engine, asked))[list(COLUMNS)]
    found = found.astype(object).where(found.notna(), None)
    return {(row.township_code, row.department, row.urgency): row.count for row in found.itertuples(index=False)}  # type: ignore[misc]


def longest(engine: Engine, code: str) -> float:
    return float(TO_DO[code].counted(TO_DO[code].count(engine, scope()))["longest"].max())


EVERYTHING = {
    "cases_to_close": {
        (ONE, WATER, "late"): 1,
        (ONE, ROADS, "late"): 1,
        (TWO, "", "late"): 1,
        (ONE, WATER, "now"): 1,
        (TWO, "", "now"): 1,
        (TWO, WATER, "soon"): 1,
        (TWO, "", "soon"): 1,
    },
    "dissatisfied": {(ONE, WATER, "now"): 1},
    "not_called_back": {(ONE, "", "now"): 1},
    "raised_again": {(TWO, "", "now"): 1},
    "cameras_to_mend": {(TWO, None, "late"): 1, (TWO, None, "soon"): 2},
    "projects_to_speed_up": {(ONE, ROADS, "late"): 2, (ONE, ROADS, "soon"): 1},
    "projects_to_finish": {(ONE, ROADS, "late"): 1, (ONE, ROADS, "soon"): 1},
    "decisions": {(ONE, None, "late"): 1, (TWO, None, "now"): 1, ("", WATER, "soon"): 1},
    "areas_to_report": {(TWO, None, "late"): 1, (THREE, None, "late"): 1},
}


@on_both
def test_everything_to_do_is_counted_as_by_hand_and_has_its_rows(engine: Engine) -> None:
    fill(engine)
    for code, expected in EVERYTHING.items():
        assert counts(engine, code, scope()) == expected, code
        to_do = TO_DO[code]
        assert to_do.rows
        for urgency in to_do.told:
            rows = to_do.rows(engine, scope(), urgency, 100)
            assert len(rows) == sum(count for (_, _, of), count in expected.items() if of == urgency), (code, urgency)
    assert longest(engine, "cases_to_close") == 10
    assert longest(engine, "cameras_to_mend") == pytest.approx(25 / 24)
    assert longest(engine, "projects_to_speed_up") == pytest.approx(100 * 90 / 365 - 10)
    assert longest(engine, "projects_to_finish") == 11
    # The first due first, and no more than are asked for
    listed = TO_DO["cases_to_close"].rows
    assert listed
    assert listed(engine, scope(), "late", 100)["case_no"].tolist() == ["latest", "late", "this second"]
    assert listed(engine, scope(), "late", 1)["case_no"].tolist() == ["latest"]
    of_roads = scope().narrowed(("department", (ROADS,)))
    assert listed(engine, of_roads, "late", 100)["case_no"].tolist() == ["latest"]
    # --- Of one township, of one department, and of who may not see cases
    for code, expected in EVERYTHING.items():
        assert counts(engine, code, scope(OFFICIAL)) == {k: n for k, n in expected.items() if k[0] == TWO}, code
    told = {code for code, expected in EVERYTHING.items() if any(name for _, name, _ in expected)} | {
        "not_called_back",
        "raised_again",
    }
    assert {one.code for one in to_do_of(OF_WATER)} == told
    for code in told:
        own = {k: n for k, n in EVERYTHING[code].items() if k[1] == WATER}
        assert counts(engine, code, scope(OF_WATER)) == own, code
        rows = TO_DO[code].rows
        assert rows
        listed_own = [len(rows(engine, scope(OF_WATER), urgency, 100)) for urgency in TO_DO[code].told]
        assert sum(listed_own) == sum(own.values()), code
    assert counts(engine, "cases_to_close", scope(LOOKING)) == {(ONE, None, "late"): 2, (TWO, None, "late"): 1}
    assert counts(engine, "dissatisfied", scope(LOOKING)) == {(ONE, None, "now"): 1}
    assert listed(engine, scope(LOOKING), "late", 100).empty


@pytest.mark.parametrize("code", ["dissatisfied", "not_called_back", "raised_again"])
def test_a_part_of_a_list_is_its_first_rows(sample_engine: Engine, code: str) -> None:
    """Of cases closed in two months, the later of which fills a short list alone."""
    rows = TO_DO[code].rows
    assert rows
    whole = rows(sample_engine, scope(), "now", 5000)
    assert len(whole) == sum(counts(sample_engine, code, scope()).values())
    closed = whole["closed_at"].dt.strftime("%Y-%m")
    assert closed.is_monotonic_decreasing
    assert closed.nunique() == 2
    later = int((closed == closed.iloc[0]).sum())
    for most in (1, later - 1, later, later + 1):
        part = rows(sample_engine, scope(), "now", most)
        assert part["case_no"].tolist() == whole["case_no"].tolist()[:most]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("today")
    with three_townships(folder) as engine:
        fill(engine)
        with engine.begin() as connection:
            connection.execute(update(township).where(township.c.code == TWO).values(name="太平镇"))
        yield sqlite_url(folder / "county.sqlite")


def cells(app: Any) -> dict[str, list[Any]]:
    """What the page says of each thing to do, by urgency; None where it has no such."""
    (shown,) = contents(app, "to_do")
    return {
        row["name"]: [cell and (cell.get("words") or int(cell["count"])) for cell in row["cells"]]
        for row in shown["rows"]
    }


def test_the_page_tells_what_is_to_do_and_what_is_unknown(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("today", small, monkeypatch)
    assert cells(app) == {
        "到期诉求": [3, 2, 2],
        "回访不满意": [None, 1, None],
        "办结未回访": [None, 1, None],
        "七天内再次反映": [None, 1, None],
        "离线摄像机": [1, None, 2],
        "滞后项目": [2, None, 1],
        "项目完工": [1, 0, 1],
        "填报指标": [0, None, 0],
        "数据上报": [2, None, None],
        "督办事项": [1, 1, 1],
    }
    (shown,) = contents(app, "to_do")
    assert shown["rows"][0]["note"] == "1 个镇街不详"
    assert shown["rows"][0]["cells"][0]["label"] == "已超期，最长 10 天"
    # Of none there is no longest; only what is not known is "—".
    by_township = contents(app, "league_table")[0]
    longest = {row["key"]: row["cells"][-1] for row in by_township["rows"]}
    assert longest == {by_township["rows"][0]["key"]: "10", "太平镇": "", "峄山镇": "—"}
    # The most urgent is listed without being asked for.
    assert app.dataframe[0].value["编号"].tolist() == ["latest", "late", "this second"]
    unknown = cells(page("today", small, monkeypatch, street=["峄山镇"]))
    assert unknown["到期诉求"] == ["不详：来源没有办理期限和办结时间"] * 3
    assert unknown["数据上报"] == [1, None, None]
    shown = page("today", small, monkeypatch, todo=["cases_to_close"], when=["now"], department=[WATER], lang=["en"])
    assert cells(shown)["Cases due"] == [1, 1, 1]
    assert cells(shown)["Cameras down"][0] == "not told by department"
    assert shown.dataframe[0].value["Number"].tolist() == ["today"]
    wrong = page("today", small, monkeypatch, todo=["nothing"], when=["never"], department=["无此单位"])
    assert "todo" in wrong.warning[0].value + wrong.warning[-1].value
    assert cells(wrong)["到期诉求"] == [3, 2, 2]


def test_what_needs_attention_is_counted_alike(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (shown,) = contents(page("overview", small, monkeypatch, **{"from": ["2024-03"], "to": ["2024-03"]}), "attention")
    found = {item["name"]: item["found"] for item in shown["items"]}
    assert found["petitions"] == "截至数据日全部超期 3 件"
    assert found["cameras"] == "当前离线超 24 小时摄像机 1 个"
    assert found["projects"] == "滞后项目 2 个"
    assert shown["more"]["detail"] == "今天到期 2 件，三天内到期 2 件"


@pytest.mark.parametrize(("viewer", "first"), [(OFFICIAL, "today"), (OF_WATER, "today"), (LOOKING, "overview")])
def test_whoever_sees_to_some_sees_theirs_first(
    viewer: Viewer, first: str, small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: viewer)
    assert first_page(viewer) == first
    assert page_name(first) in page("", small, monkeypatch).title[0].value
    app = page("today", small, monkeypatch)
    (navigation,) = contents(app, "navigation")
    assert [one["path"] for one in navigation["pages"]].index("") == ["overview", "today"].index(first)
    expected = {
        "official": {
            "到期诉求": [1, 1, 2],
            "离线摄像机": [1, None, 2],
            "滞后项目": ["不详：当期没有数据", None, "不详：当期没有数据"],
        },
        "of water": {"到期诉求": [1, 1, 1], "滞后项目": [0, None, 0]},
        "looking": {"到期诉求": [3, *["只给可以查看诉求的人看"] * 2], "离线摄像机": [1, None, 2]},
    }[viewer.name]
    shown = cells(app)
    assert {name: shown[name] for name in expected} == expected
    assert ("离线摄像机" in shown) == (viewer is not OF_WATER)
    # Whose matters these are; of one township there is nothing to tell apart.
    assert app.caption[0].value.startswith("太平镇" if viewer is OFFICIAL else "全部 3 个镇街")
    tables = [table["title"].partition("按")[2] for table in contents(app, "league_table")]
    assert tables == {"official": ["承办单位"], "of water": ["镇街", "承办单位"], "looking": ["镇街"]}[viewer.name]
    others = page("today", small, monkeypatch, street=["钢山街道"])
    assert bool(others.info) == (viewer is OFFICIAL)


# --- In a browser -----------------------------------------------------------------------------------


def test_what_is_due_today_in_a_township_takes_three_presses(
    small: str, serve: Callable[[str], Server], open_page: Opener
) -> None:
    server = serve(small)
    page = open_page("/today", host=server.url)
    page.evaluate("() => { window.presses = 0; addEventListener('click', () => { window.presses += 1; }, true); }")
    page.get_by_role("combobox", name="镇街").click()
    page.get_by_role("option", name="太平镇").click()
    count = page.get_by_role("button", name="1 件 今天到期 · 到期诉求")
    count.click()
    expect(page.get_by_text("到期诉求：今天到期 1 件")).to_be_visible()
    settle(page)
    assert page.evaluate("() => window.presses") <= 3
    asked = parameters(page)
    assert (asked["street"], asked["todo"], asked["when"]) == (["太平镇"], ["cases_to_close"], ["now"])
    table = page.get_by_test_id("stDataFrame")
    expect(table.locator("[role=gridcell]", has_text="tonight")).to_be_attached()
    # Back where everything was
    page.go_back()
    expect(page.get_by_text("到期诉求：已超期 1 件")).to_be_visible()
