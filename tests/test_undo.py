"""What a batch replaced is kept, told as history, and comes back when the batch is undone."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select, update

from data_access.access import UNRESTRICTED
from data_access.areas.cameras.tables import camera_outage
from data_access.areas.petitions.tables import petition
from data_access.areas.projects.tables import project
from data_access.areas.reports.tables import reported_indicator
from data_access.areas.volunteers.tables import volunteer_activity
from data_access.importing import import_file
from data_access.importing.history import history, key_of, key_text, row_of, row_text
from data_access.importing.tables import TABLES
from data_access.importing.undo import UndoProblem, batches, undo
from data_access.model.batches import import_batch, import_change
from data_access.model.data_state import data_state
from data_access.places.imports import TOWNSHIPS
from data_access.places.tables import township
from data_access.schema import ROLLUPS
from tests.counties import all_but_batches, rebuilt, three_townships
from tests.files import case, csv_file, load, loaded
from tests.raw_indicators import Row


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test of a county runs on both engines."""
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", ["sqlite", "postgresql"], indirect=True)


def assert_rollups_are_true(engine: Engine) -> dict[str, list[str]]:
    """What the database has, with rollups as a full rebuild makes them."""
    found = all_but_batches(engine)
    assert {table.name: found[table.name] for table in ROLLUPS} == rebuilt(engine)
    return found


def refused(engine: Engine, batch: str) -> str:
    """The Chinese sentence that refuses to undo the batch; nothing has changed then."""
    before = all_but_batches(engine)
    with pytest.raises(UndoProblem) as caught:
        undo(engine, batch, by=UNRESTRICTED)
    assert all_but_batches(engine) == before
    assert batch in caught.value.zh and batch in caught.value.en
    return caught.value.zh


# --- History --------------------------------------------------------------------------------------


def test_a_changed_case_keeps_its_history(engine: Engine) -> None:
    loaded(engine, [case(1, title="旧", channel="信访"), case(2)])
    second = loaded(engine, [case(1, title="新", closed_at="2023-05-09 10:00")])
    # The case moves, while the township that it moves to numbers a case of its own likewise.
    third = loaded(engine, [case(1, township="香城镇", satisfied="是")])
    other = loaded(engine, [case(1, received_at="2023-05-20", title="另一件")])
    with engine.connect() as connection:
        told = history(connection, petition, {"township_code": "100000002", "case_no": "A1"})
        unchanged = history(connection, petition, {"township_code": "100000001", "case_no": "A2"})
        namesake = history(connection, petition, {"township_code": "100000001", "case_no": "A1"})
        latest = connection.execute(select(petition).where(petition.c.batch_id == other)).all()
    assert [(change.batch, change.field, change.before, change.after) for change in told] == [
        (third, "township_code", "100000001", "100000002"),
        (third, "called_back", None, True),
        (third, "satisfied", None, True),
        (second, "title", "旧", "新"),
        (second, "closed_at", None, datetime(2023, 5, 9, 10)),
    ]
    assert all(isinstance(change.when, datetime) for change in told)
    assert (unchanged, namesake, len(latest)) == ([], [], 1)


def test_townships_keep_their_history(engine: Engine) -> None:
    key = {"code": "100000002"}
    first = loaded(engine, [{"code": "100000002", "name": "香城镇", "residents": 2100}], TOWNSHIPS)
    second = loaded(engine, [{"code": "100000002", "name": "香城新镇", "residents": 2100}], TOWNSHIPS)
    with engine.connect() as connection:
        told = history(connection, township, key)
    assert [(change.batch, *change[2:]) for change in told] == [
        (second, "name", "香城镇", "香城新镇"),
        (first, "residents", 2000, 2100),
    ]


def test_new_rows_cost_no_history(engine: Engine) -> None:
    loaded(engine, [case(n) for n in range(1, 29)])
    with engine.connect() as connection:
        assert connection.execute(select(import_change)).all() == []


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (
            petition,
            {
                "township_code": "1",
                "case_no": 'A"\\\n\x01😀',
                "text": "a\r\n\t'，",
                "received_at": datetime(2023, 5, 1, 8, 0, 1),
            }
            | {"called_back": True, "resolved": False, "satisfied": None, "batch_id": None},
        ),
        (
            camera_outage,
            {"township_code": "1", "camera_id": "007", "started_at": datetime(2023, 5, 1), "ended_at": None},
        ),
        (
            volunteer_activity,
            {"township_code": "1", "activity_id": "x", "held_on": date(2024, 2, 29), "hours": 0.1 + 0.2},
        ),
        (
            project,
            {"township_code": "1", "project_id": "p", "budget_yuan": 2**63 - 1, "planned_start": date(1999, 1, 1)},
        ),
    ],
)
def test_rows_come_back_exactly(table: Any, row: Row) -> None:
    again = row_of(table, row_text(row))
    assert [(name, type(value), value) for name, value in again.items()] == [
        (name, type(value), value) for name, value in row.items()
    ]
    key = {column.name: row[column.name] for column in table.primary_key.columns}
    assert key_of(table, {"township_code": "1", "row_key": key_text(table, row)}) == key


# --- Undo -----------------------------------------------------------------------------------------


def test_undo_restores_what_was_there(engine: Engine) -> None:
    states, done = [all_but_batches(engine)], []
    for rows in (
        [case(1, title="旧", village="东村", closed_at="2023-05-02"), case(2), case(3, due_at="2023-05-04")],
        # Changed, moved, new; and the data reach further.
        [case(1, title="新"), case(2, township="香城镇"), case(4, received_at="2023-08-20 10:00")],
        [case(4, received_at="2023-07-20 10:00"), case(2, township="钢山街道", closed_at="2023-06-30")],
    ):
        done.append(loaded(engine, rows))
        states.append(all_but_batches(engine))
    figures = []
    for batch in reversed(done):
        assert all_but_batches(engine) == states.pop()
        found = undo(engine, batch, by=UNRESTRICTED)
        figures.append((found.removed, found.restored))
        assert all_but_batches(engine) == states[-1]
        assert_rollups_are_true(engine)
    assert figures == [(0, 2), (1, 2), (3, 0)]
    with engine.connect() as connection:
        listed = batches(connection)
    assert [row["id"] for row in listed] == done[::-1]
    assert all(row["undone_at"] for row in listed)
    # What was undone can be loaded again.
    assert load(engine, [case(1)]).new == 1


def test_undo_of_a_batch_that_does_not_move_the_as_of_date(engine: Engine) -> None:
    """It refreshes the townships and months of the batch only; another township's must stay true too."""
    loaded(engine, [case(1, received_at="2023-08-20"), case(2, township="香城镇", due_at="2023-05-09")])
    before = all_but_batches(engine)
    batch = loaded(
        engine,
        [
            case(3, received_at="2023-03-01", closed_at="2023-06-05 10:00", due_at="2023-04-01"),
            case(2, township="峄山镇", due_at="2023-07-09"),
        ],
    )
    assert all_but_batches(engine)["data_state"] == before["data_state"]
    assert all_but_batches(engine)["petition_month"] != before["petition_month"]
    undo(engine, batch, by=UNRESTRICTED)
    assert all_but_batches(engine) == before
    assert_rollups_are_true(engine)


def test_undo_takes_townships_and_their_aliases_back(engine: Engine) -> None:
    first = all_but_batches(engine)
    rows = [
        {"code": "100000001", "name": "钢山新街道", "printed_alias": "钢山办"},
        # The name becomes free and is taken by another.
        {"code": "100000003", "name": "峄山新镇", "printed_alias": ""},
        {"code": "100000009", "name": "大柳镇", "printed_alias": "柳镇"},
    ]
    batch = loaded(engine, rows, TOWNSHIPS)
    second = all_but_batches(engine)
    taken = loaded(
        engine, [{"code": "100000010", "name": "钢山街道"}, {"code": "100000009", "name": "峄山镇"}], TOWNSHIPS
    )
    assert taken in refused(engine, batch)
    undo(engine, taken, by=UNRESTRICTED)
    assert all_but_batches(engine) == second
    done = undo(engine, batch, by=UNRESTRICTED)
    # Two townships and three rows new: one township, two aliases.
    assert (done.removed, done.restored) == (3, 2)
    assert all_but_batches(engine) == first


def test_a_later_change_of_a_grid_forbids_undo(engine: Engine) -> None:
    row = {"grid_code": "G1", "township": "钢山街道", "kind": "网格"}
    first = loaded(engine, [row | {"workers": "1"}], TABLES["grids"])
    # Another township has a grid of the same number.
    elsewhere = loaded(engine, [row | {"township": "香城镇", "workers": "9"}], TABLES["grids"])
    second = loaded(engine, [row | {"workers": "2"}], TABLES["grids"])
    assert second in refused(engine, first)
    undo(engine, elsewhere, by=UNRESTRICTED)
    undo(engine, second, by=UNRESTRICTED)
    undo(engine, first, by=UNRESTRICTED)


def test_names_that_changed_hands_in_one_batch(engine: Engine) -> None:
    before = all_but_batches(engine)
    rows = [
        {"code": "100000003", "name": "新镇", "kind": "镇"},
        {"code": "100000002", "name": "峄山镇", "kind": "镇"},
        {"code": "100000009", "name": "香城镇", "kind": "镇"},
    ]
    batches_done = [loaded(engine, [row], TOWNSHIPS) for row in rows]
    for batch in reversed(batches_done):
        undo(engine, batch, by=UNRESTRICTED)
    assert all_but_batches(engine) == before


def test_a_later_change_forbids_undo(engine: Engine) -> None:
    first = loaded(engine, [case(1), case(2), case(3)])
    second = loaded(engine, [case(1, title="新"), case(4)])
    third = loaded(engine, [case(2, township="香城镇")])
    assert f"先依次撤销：{third}、{second}" in refused(engine, first)
    undo(engine, second, by=UNRESTRICTED)
    assert f"先依次撤销：{third}。" in refused(engine, first)
    undo(engine, third, by=UNRESTRICTED)
    undo(engine, first, by=UNRESTRICTED)
    with engine.connect() as connection:
        assert connection.execute(select(petition)).all() == []


def test_a_number_that_was_given_again_forbids_undo(engine: Engine) -> None:
    loaded(engine, [case(1)])
    moved = loaded(engine, [case(1, township="香城镇")])
    again = loaded(engine, [case(1, received_at="2023-05-20")])
    assert again in refused(engine, moved)
    undo(engine, again, by=UNRESTRICTED)
    undo(engine, moved, by=UNRESTRICTED)


def test_cases_of_a_new_township_forbid_undo(engine: Engine) -> None:
    towns = loaded(engine, [{"code": "100000009", "name": "大柳镇"}], TOWNSHIPS)
    cases = loaded(engine, [case(1, township="大柳镇")])
    assert f"先依次撤销：{cases}" in refused(engine, towns)
    undo(engine, cases, by=UNRESTRICTED)
    undo(engine, towns, by=UNRESTRICTED)


def test_batches_that_do_not_touch_each_other_are_undone_in_any_order(engine: Engine) -> None:
    first = loaded(engine, [case(1), case(2, received_at="2023-08-01")])
    second = loaded(engine, [case(3), case(4, received_at="2023-06-01")])
    undo(engine, first, by=UNRESTRICTED)
    with engine.connect() as connection:
        assert connection.scalar(select(data_state.c.as_of)) == datetime(2023, 6, 1)
    assert_rollups_are_true(engine)
    undo(engine, second, by=UNRESTRICTED)
    assert_rollups_are_true(engine)


def test_what_cannot_be_undone(engine: Engine) -> None:
    assert "没有批次 X1" in refused(engine, "X1")
    batch = loaded(engine, [case(1)])
    undo(engine, batch, by=UNRESTRICTED)
    assert "已于" in refused(engine, batch)
    older = loaded(engine, [case(1)])
    with engine.begin() as connection:
        connection.execute(update(import_batch).where(import_batch.c.id == older).values(number=None))
    assert "没有留下历史" in refused(engine, older)


_TOWN = {"township": "钢山街道"}
EVERY_TABLE: tuple[tuple[str, Row], ...] = (
    ("villages", {"code": "100000001002", "name": "西村"} | _TOWN),
    ("grids", {"grid_code": "G1", "kind": "网格", "workers": "3", "village": "西村"} | _TOWN),
    ("grids", {"grid_code": "G2", "kind": "微网格", "parent_code": "G1"} | _TOWN),
    ("cameras", {"camera_id": "007", "installed_on": "2023-01-05", "village": "西村"} | _TOWN),
    ("outages", {"camera_id": "007", "started_at": "2023-02-01 10:00:07", "ended_at": "2023-02-03 11:11:11"} | _TOWN),
    ("volunteer_teams", {"team_id": "T1", "name": "一队", "founded_on": "2023-01-01", "members": "9"} | _TOWN),
    (
        "volunteer_activities",
        {"activity_id": "V1", "team_id": "T1", "held_on": "2023-02-02", "participants": "7", "hours": "10.1"} | _TOWN,
    ),
    (
        "projects",
        {"project_id": "P1", "name": "路", "planned_start": "2023-01-01", "planned_end": "2023-07-07"}
        | _TOWN
        | {"budget_yuan": "257.92万元"},
    ),
    ("project_reports", {"project_id": "P1", "month": "2023-02", "progress": "33.3%", "invested_yuan": "7"} | _TOWN),
    (
        "grid_events",
        {"event_id": "E1", "grid_code": "G1", "kind": "安全隐患", "reported_at": "2023-02-05 07:07:07"} | _TOWN,
    ),
    ("indicator_reports", {"code": "made_by_hand", "month": "2023-02", "numerator": "0.3"} | _TOWN),
    # What was there is changed, and the data of each area reach further.
    ("villages", {"code": "100000001002", "name": "西新村"} | _TOWN),
    ("grids", {"grid_code": "G1", "kind": "网格", "workers": "5", "opened_on": "2023-02-01"} | _TOWN),
    ("cameras", {"camera_id": "007", "installed_on": "2023-02-02"} | _TOWN),
    ("outages", {"camera_id": "007", "started_at": "2023-02-01 10:00:07", "ended_at": "2023-04-03 11:11:11"} | _TOWN),
    ("outages", {"camera_id": "007", "started_at": "2023-05-01 10:00:00"} | _TOWN),
    ("volunteer_teams", {"team_id": "T1", "name": "一队", "founded_on": "2023-01-01", "registered": "4"} | _TOWN),
    ("volunteer_activities", {"activity_id": "V1", "team_id": "T1", "held_on": "2023-04-04", "hours": "0.7"} | _TOWN),
    (
        "projects",
        {"project_id": "P1", "name": "新路", "planned_start": "2022-12-31", "planned_end": "2023-07-07"} | _TOWN,
    ),
    ("project_reports", {"project_id": "P1", "month": "2023-05", "progress": "66.6%", "stage": "在建"} | _TOWN),
    (
        "grid_events",
        {"event_id": "E1", "grid_code": "G2", "kind": "矛盾纠纷", "reported_at": "2023-01-05 07:07:07"}
        | _TOWN
        | {"closed_at": "2023-03-03 03:03:03"},
    ),
    ("indicator_reports", {"code": "made_by_hand", "month": "2023-02", "numerator": "0.1", "at_least": "是"} | _TOWN),
    ("notes", {"note_no": "N1", "begins": "2023-06-12", "words": "暴雨"} | _TOWN),
    ("notes", {"note_no": "N1", "begins": "2023-06-12", "words": "暴雨", "ends": "2023-06"} | _TOWN),
    ("notes", {"note_no": "N1", "begins": "2023-06-12", "words": "暴雨，全县"}),
)


def test_every_table_is_undone(engine: Engine) -> None:
    assert {name for name, _ in EVERY_TABLE} | {"townships", "petitions"} == set(TABLES)
    with engine.begin() as connection:
        names = {"area": "reports", "name_zh": "甲", "name_en": "A", "unit": "个", "over_months": "sum"}
        connection.execute(insert(reported_indicator).values(code="made_by_hand", **names))
    done = []
    for name, row in EVERY_TABLE:
        before = all_but_batches(engine)
        done.append((loaded(engine, [row], TABLES[name]), before))
        assert_rollups_are_true(engine)
    for batch, before in reversed(done):
        undo(engine, batch, by=UNRESTRICTED)
        assert all_but_batches(engine) == before


# --- Any sequence of loads ------------------------------------------------------------------------

_PLACES = st.sampled_from(("钢山街道", "香城镇", "峄山镇"))
_TIMES = st.one_of(
    st.just(""),
    st.datetimes(datetime(2023, 5, 1), datetime(2023, 9, 30)).map(lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}"),
)
_CASE = st.fixed_dictionaries(
    {
        "case_no": st.sampled_from([f"A{n}" for n in range(6)]),
        "township": _PLACES,
        "received_at": st.sampled_from(("2023-01-30 08:00:07", "2023-04-11 09:10:11")),
        "title": st.sampled_from(("", "一", "二")),
        "closed_at": _TIMES,
        "due_at": _TIMES,
        "satisfied": st.sampled_from(("", "是", "否")),
        "repeat_of": st.sampled_from(("", "A1", "A2")),
    }
)
_TOWNSHIP = st.fixed_dictionaries(
    {
        "code": st.sampled_from(("100000001", "100000002", "100000009")),
        "residents": st.sampled_from(("", "500", "1500")),
        "printed_alias": st.sampled_from(("", "甲", "乙")),
    }
).map(
    lambda row: (
        row
        | {
            "name": f"第{row['code'][-1]}镇"
            if row["code"][-1] == "9"
            else "钢山街道"
            if row["code"][-1] == "1"
            else "香城镇"
        }
    )
)
_AMOUNT = st.sampled_from(("", "3", "40"))
_TEAM = st.fixed_dictionaries(
    {
        "team_id": st.sampled_from(("T1", "T2")),
        "township": _PLACES,
        "name": st.just("队"),
        "members": st.sampled_from(("", "50", "90")),
        "registered": _AMOUNT,
        "founded_on": st.sampled_from(("2023-01-01", "2023-06-01")),
    }
)
_ACTIVITY = st.fixed_dictionaries(
    {
        "activity_id": st.sampled_from(("V1", "V2", "V3")),
        "team_id": st.sampled_from(("T1", "T2")),
        "township": _PLACES,
        "held_on": st.dates(date(2023, 5, 1), date(2023, 9, 30)).map(str),
        "hours": _AMOUNT,
    }
)
_GRID = st.fixed_dictionaries(
    {"grid_code": st.sampled_from(("G1", "G2")), "township": _PLACES, "kind": st.just("网格"), "workers": _AMOUNT}
)
_EVENT = st.fixed_dictionaries(
    {
        "event_id": st.sampled_from(("E1", "E2")),
        "grid_code": st.sampled_from(("G1", "G2")),
        "township": _PLACES,
        "kind": st.just("民生"),
        "reported_at": st.dates(date(2023, 5, 1), date(2023, 9, 30)).map(str),
    }
)


def _rows(name: str, row: st.SearchStrategy[Row], key: str) -> st.SearchStrategy[tuple[str, list[Row]]]:
    rows = st.lists(row, min_size=1, max_size=3, unique_by=lambda one: (one[key], one["township"]))
    return st.tuples(st.just(name), rows)


_LOADS = st.lists(
    st.one_of(
        _rows("volunteer_teams", _TEAM, "team_id"),
        _rows("volunteer_activities", _ACTIVITY, "activity_id"),
        _rows("grids", _GRID, "grid_code"),
        _rows("grid_events", _EVENT, "event_id"),
        st.tuples(st.just("petitions"), st.lists(_CASE, min_size=1, max_size=5, unique_by=lambda row: row["case_no"])),
        st.tuples(
            st.just("townships"),
            st.lists(_TOWNSHIP, min_size=1, max_size=1),
        ),
    ),
    min_size=1,
    max_size=9,
)


@settings(
    max_examples=60 if os.environ.get("CI") == "true" else 20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(loads=_LOADS)
def test_any_loads_undone_in_reverse_leave_each_state_before(
    tmp_path: Path, loads: list[tuple[str, list[Row]]]
) -> None:
    # The same file for every example: its engine has compiled the statements already.
    with three_townships(tmp_path) as engine:
        done = []
        state = all_but_batches(engine)
        for name, rows in loads:
            batch = import_file(engine, TABLES[name], csv_file(tmp_path / "rows.csv", rows), by=UNRESTRICTED).batch
            if batch is None:
                # Nothing new, or an alias that is another's: nothing may have been written.
                assert all_but_batches(engine) == state
            else:
                done.append((batch, state))
                state = assert_rollups_are_true(engine)
        for batch, before in reversed(done):
            undo(engine, batch, by=UNRESTRICTED)
            assert all_but_batches(engine) == before
