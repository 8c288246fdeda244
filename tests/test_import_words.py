"""Columns and words of files that are called and written otherwise than ours: recognised, asked about once, kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select

from data_access.access import UNRESTRICTED, NotAllowed, Viewer
from data_access.areas.grid.imports import GRID_EVENTS
from data_access.areas.petitions.imports import PETITIONS
from data_access.areas.petitions.tables import petition
from data_access.areas.projects.tables import project_report
from data_access.areas.volunteers.imports import ACTIVITIES
from data_access.areas.volunteers.tables import volunteer_activity
from data_access.audit.tables import deed
from data_access.importing import import_file
from data_access.importing.__main__ import main
from data_access.importing.costs import costs
from data_access.importing.headers import county_headers, county_headers_file, keep_county_headers
from data_access.importing.mapping import ColumnMapping, plan_columns
from data_access.importing.problems import FileProblem
from data_access.importing.proposals import proposals
from data_access.importing.saved_mappings import save_mapping, saved_mapping
from data_access.importing.tables import TABLES
from data_access.importing.titles import titled_month, with_year
from data_access.places.imports import TOWNSHIPS
from data_access.places.tables import township, village
from tests.counties import on_both
from tests.files import csv_file, text_file
from tests.raw_indicators import Row


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMPORT_MAPPINGS", str(tmp_path / "mappings"))


def filled(header: str, table_name: str) -> dict[str, str]:
    """Our columns and the headers that fill them."""
    plan = plan_columns(
        header.split(","), TABLES[table_name], ColumnMapping(defaults={"township": "x", "grid_code": "x"})
    )
    return {source.field.name: source.header for source in plan.sources if source.header}


# --- Headers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "header", "fields"),
    [
        (
            "petitions",
            "案卷编号,所属街道,立案时间,问题来源,大类名称,小类名称,处置截止时间,结案时间,主责部门",
            "case_no township received_at channel category_1 category_2 due_at closed_at department",
        ),
        (
            "petitions",
            "流水号,来电日期,来电人姓名,主叫号码,事发镇街,行政村,问题描述,主办单位,办结日期,评价结果",
            "case_no received_at petitioner phone township village text department closed_at satisfied",
        ),
        (
            "petitions",
            "工单编号,诉求区域,事发地村居,受理时间,办理时限,实际反馈时间,解决结果,满意与否",
            "case_no township village received_at due_at replied_at resolved satisfied",
        ),
        ("projects", "项目编码,项目名称,所属乡镇,总投资（万元）,计划开工时间,计划竣工时间,实际开工,实际竣工", "project_id name township budget_yuan planned_start planned_end actual_start actual_end"),
        ("cameras", "摄像机国标编码,所属乡镇,投入使用日期,摄像机功能类型", "camera_id township installed_on kind"),
        ("volunteer_teams", "团队ID,团队名称,所在镇街,志愿者总人数,服务类型,组建时间", "team_id name township members kind founded_on"),
        ("volunteer_activities", "发起组织,所属街道,活动日期,实到人数（人）,服务总时长（小时）", "team_id township held_on participants hours"),
        ("project_reports", "项目名称,所属乡镇,报告月份,工程形象进度（%）", "project_id township month progress"),
        ("cameras", "国标编号,通道名称,所属乡镇,所属社区,建成时间", "camera_id place township village installed_on"),
        ("outages", "国标ID,乡镇,掉线时间,恢复在线时间", "camera_id township started_at ended_at"),
        ("volunteer_teams", "团体编号,团体名称,街镇,成员人数,组建日期", "team_id name township members founded_on"),
        ("volunteer_activities", "活动ID,团体编号,乡镇,活动开始时间,签到人数,总服务时长", "activity_id team_id township held_on participants hours"),
        ("grid_events", "任务号,单元网格,街道名称,问题类型,发现时间,处置完成时间", "event_id grid_code township kind reported_at closed_at"),
    ],
)  # fmt: skip
def test_headers_of_other_systems(table: str, header: str, fields: str) -> None:
    assert filled(header, table) == dict(zip(fields.split(), header.split(","), strict=True))


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_no_header_is_of_two_columns(table: object) -> None:
    titles = [title for ours in table.fields for title in (ours.name, *ours.headers)]  # type: ignore[attr-defined]
    assert len(titles) == len(set(titles))
    assert all(ours.headers for ours in table.fields)  # type: ignore[attr-defined]


def test_a_county_adds_its_own_headers(engine: Engine) -> None:
    header = "工单编号,镇街,受理时间,处置时间,销号时间"
    assert filled(header, "petitions")["closed_at"] == "处置时间"
    keep_county_headers(
        engine, {"petitions": {"closed_at": ("销号时间",), "replied_at": ("处置时间",)}}, by=UNRESTRICTED
    )
    found = filled(header, "petitions")
    # What the county says of a header comes before what is shipped.
    assert (found["closed_at"], found["replied_at"]) == ("销号时间", "处置时间")
    assert county_headers() == {"petitions": {"closed_at": ("销号时间",), "replied_at": ("处置时间",)}}
    with engine.connect() as connection:
        assert "销号时间" in connection.scalars(select(deed.c.after).where(deed.c.subject == "headers")).one()
    with pytest.raises(FileProblem, match=r"没有 petitions\.closed"):
        keep_county_headers(engine, {"petitions": {"closed": ("x",)}}, by=UNRESTRICTED)
    with pytest.raises(NotAllowed):
        keep_county_headers(engine, {}, by=Viewer("clerk", rights=frozenset({"import"})))
    county_headers_file().write_text("[petitions]\nclosed_at = 3\n", "utf-8")
    with pytest.raises(FileProblem, match="每行应形如"):
        filled(header, "petitions")


ROWS = [
    ("A-7", "甲山街道", "13912345678", "2025-03-01 08:00", "2025-03-02", "x"),
    ("A-9", "乙河镇", "13912345679", "2025-03-01 09:00", "2025-03-05", "y"),
]


def test_columns_are_proposed_by_what_they_hold() -> None:
    header = ("单据", "哪里", "打给谁", "何时", "办结日", "别的")
    rows = [(number, cells) for number, cells in enumerate(ROWS, 2)]
    found = {one.field.name: one.title for one in proposals(header, rows, PETITIONS, {})}
    assert found == {
        "case_no": "单据",
        "township": "哪里",
        "phone": "打给谁",
        "received_at": "何时",
        "closed_at": "办结日",
    }
    # What is taken is not proposed again; a running number is no number of cases.
    assert not {"township", "received_at"} & {
        one.field.name for one in proposals(header, rows, PETITIONS, {"township": "哪里", "received_at": "何时"})
    }
    counted = [(number, (str(number), *cells[1:])) for number, cells in enumerate(ROWS, 1)]
    assert "case_no" not in {one.field.name for one in proposals(header, counted, PETITIONS, {})}


def test_a_header_that_means_something_else_is_not_proposed() -> None:
    header = ("工单编号", "督办时间", "要求反馈的时间", "办理结束日期")
    rows = [(2, ("A1", "2025-03-01", "2025-03-05", "2025-03-04"))]
    found = {"case_no": "工单编号", "township": "x", "received_at": "y"}
    assert [(one.field.name, one.title) for one in proposals(header, rows, PETITIONS, found)] == [
        ("due_at", "要求反馈的时间"),
        ("closed_at", "办理结束日期"),
    ]
    reports, of_a_year = TABLES["project_reports"], ("本年累计完成投资（万元）",)
    assert proposals(of_a_year, [(2, ("5",))], reports, {"project_id": "x", "township": "y"}) == []


def test_the_command_says_which_lines_to_write(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = text_file(
        tmp_path / "a.csv", "工单编号,诉求标题,所在地方,受理日\nA1,x,钢山街道,2025-03-01\nA2,y,香城镇,2025-03-02\n"
    )
    assert main(["petitions", str(path), "--url", str(engine.url)]) == 1
    said = capsys.readouterr().err
    assert 'township = "所在地方"' in said and 'received_at = "受理日"' in said
    mapping = text_file(tmp_path / "m.toml", said[said.index("[columns]") :])
    assert main(["petitions", str(path), "--url", str(engine.url), "--mapping", str(mapping)]) == 0


# --- Words ----------------------------------------------------------------------------------------

ANSWERS: list[Row] = [
    {"工单编号": "V0", "镇街": "钢山街道", "受理时间": "2025-03-01", "是否解决": "已解决", "满意度": "比较满意"},
    {"工单编号": "V1", "镇街": "钢山街道", "受理时间": "2025-03-01", "是否解决": "部分解决", "满意度": "一般"},
    {"工单编号": "V2", "镇街": "钢山街道", "受理时间": "2025-03-01", "是否解决": "", "满意度": "未评价"},
]


@pytest.mark.parametrize(
    ("words", "suggestion"),
    [
        ("很满意 较满意 完全解决", "是"),
        ("不太满意 很不满意 暂未解决 差", "否"),
        # Nobody was reached, or said anything.
        ("未接通 无人接听 拒访 拒绝评价 空号 关机 不了解 未联系上", ""),
        ("一般 部分解决 正在解决 诉求不合理 默认好评 3星", None),
    ],
)
def test_what_an_answer_is_likely_to_mean(engine: Engine, tmp_path: Path, words: str, suggestion: str | None) -> None:
    rows: list[Row] = [ANSWERS[0] | {"工单编号": word, "满意度": word} for word in words.split()]
    asked = import_file(engine, PETITIONS, csv_file(tmp_path / "a.csv", rows), by=UNRESTRICTED)
    assert {word.word: word.suggestion for word in asked.unknown_words} == dict.fromkeys(words.split(), suggestion)


def test_answers_are_explained_once(engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = csv_file(tmp_path / "march.csv", ANSWERS)
    asked = import_file(engine, PETITIONS, path, by=UNRESTRICTED)
    assert asked.rejected == 2
    assert [(word.field, word.word, word.suggestion, word.is_refused) for word in asked.unknown_words] == [
        ("resolved", "部分解决", None, True),
        ("satisfied", "比较满意", "是", True),
        ("satisfied", "一般", None, True),
    ]
    # The command says how to write it down; nothing is loaded before.
    assert main(["petitions", str(path), "--url", str(engine.url)]) == 1
    said = capsys.readouterr().err
    assert "[values.satisfied]" in said and '"一般" = ""' in said
    mapping = ColumnMapping(meanings={"resolved": {"部分解决": "否"}, "satisfied": {"比较满意": "是", "一般": ""}})
    save_mapping(PETITIONS, list(ANSWERS[0]), mapping)
    # The next month's file has the same words: nobody is asked.
    april = csv_file(tmp_path / "april.csv", [row | {"工单编号": f"W{number}"} for number, row in enumerate(ANSWERS)])
    known = saved_mapping(PETITIONS, april)
    assert known is not None
    loaded = import_file(engine, PETITIONS, april, known.mapping, by=UNRESTRICTED)
    assert (loaded.new, loaded.rejected, loaded.unknown_words) == (3, 0, ())
    with engine.connect() as connection:
        found = connection.execute(select(petition.c.resolved, petition.c.satisfied).order_by(petition.c.case_no))
        assert [tuple(row) for row in found] == [(True, True), (False, None), (None, None)]


def test_a_meaning_must_mean_something(engine: Engine, tmp_path: Path) -> None:
    mapping = ColumnMapping(meanings={"satisfied": {"一般": "凑合"}})
    with pytest.raises(FileProblem, match="是否满意"):
        import_file(engine, PETITIONS, csv_file(tmp_path / "a.csv", ANSWERS), mapping, by=UNRESTRICTED)


def test_new_channels_and_statuses_are_shown_and_load(engine: Engine, tmp_path: Path) -> None:
    row: Row = {
        "case_no": "A1",
        "township": "钢山街道",
        "received_at": "2025-03-01",
        "channel": "热线",
        "status": "已办结",
    }
    first = import_file(engine, PETITIONS, csv_file(tmp_path / "a.csv", [row]), by=UNRESTRICTED)
    # Where there are no channels yet, none is new.
    assert first.unknown_words == ()
    path = csv_file(tmp_path / "b.csv", [row | {"case_no": "A2", "channel": "12345热线", "status": "销号"}])
    result = import_file(engine, PETITIONS, path, by=UNRESTRICTED, dry_run=True)
    assert [(word.word, word.suggestion, word.is_refused) for word in result.unknown_words] == [
        ("12345热线", "12345热线", False),
        ("销号", "销号", False),
    ]
    assert result.unknown_words[0].meanings == ("12345热线", "热线", "")
    mapping = ColumnMapping(meanings={"channel": {"12345热线": "热线"}, "status": {"销号": "已办结"}})
    result = import_file(engine, PETITIONS, path, mapping, by=UNRESTRICTED)
    assert (result.new, result.unknown_words) == (1, ())
    with engine.connect() as connection:
        found = connection.execute(
            select(petition.c.channel, petition.c.status).where(petition.c.case_no == "A2")
        ).one()
    assert tuple(found) == ("热线", "已办结")


def test_a_word_in_place_of_a_date(engine: Engine, tmp_path: Path) -> None:
    cases: list[Row] = [
        {"case_no": f"A{number}", "township": "钢山街道", "received_at": "2025-03-01", "closed_at": word}
        for number, word in enumerate(("未办结", "办理中", "尚未办结", "2025-03-02", ""))
    ]
    assert import_file(engine, PETITIONS, csv_file(tmp_path / "a.csv", cases), by=UNRESTRICTED).new == 5
    odd = csv_file(tmp_path / "b.csv", [cases[0] | {"case_no": "B1", "closed_at": "流转"}])
    result = import_file(engine, PETITIONS, odd, by=UNRESTRICTED)
    assert [(word.word, word.meanings) for word in result.unknown_words] == [("流转", ("",))]
    mapping = ColumnMapping(meanings={"closed_at": {"流转": ""}})
    assert import_file(engine, PETITIONS, odd, mapping, by=UNRESTRICTED).new == 1
    # Where a date is required, a word is none.
    odd = csv_file(tmp_path / "c.csv", [cases[0] | {"case_no": "B2", "received_at": "未受理"}])
    assert import_file(engine, PETITIONS, odd, by=UNRESTRICTED).rejected == 1


# --- Months, kinds, lengths -----------------------------------------------------------------------


def test_months_have_an_order(engine: Engine, tmp_path: Path) -> None:
    projects = "项目编号,镇街,项目名称,计划开工,计划竣工\nP1,钢山街道,路,2025-01-01,2025-12-31\n"
    import_file(engine, TABLES["projects"], text_file(tmp_path / "p.csv", projects), by=UNRESTRICTED)
    table = TABLES["project_reports"]
    for words, formats in (
        ("3/4/2025 0:00:00,30%\nP1,钢山街道,4/5/2025,40%", {"order": "mdy"}),
        ("05/2025,50%", {"month": "%m/%Y"}),
    ):
        path = text_file(tmp_path / "r.csv", f"项目编号,镇街,月份,形象进度\nP1,钢山街道,{words}\n")
        result = import_file(engine, table, path, ColumnMapping(formats=formats), by=UNRESTRICTED)
        assert not result.problems, result.problems
    with engine.connect() as connection:
        assert sorted(connection.scalars(select(project_report.c.month))) == ["2025-03", "2025-04", "2025-05"]
    unclear = text_file(tmp_path / "u.csv", "项目编号,镇街,月份,形象进度\nP1,钢山街道,3/4/2025,30%\n")
    with pytest.raises(FileProblem, match="月在前还是日在前"):
        import_file(engine, table, unclear, by=UNRESTRICTED)


@pytest.mark.parametrize(
    ("cell", "titled", "found"),
    [
        ("9月3日", "2023-09", "2023-09-03"),
        ("9月3日 8:05", "2023-09", "2023-09-03 8:05"),
        ("９／３", "2023-09", "2023-09-03"),
        ("9.30", "2023", "2023-09-30"),
        ("12月30日", "2024-01", "2023-12-30"),
        ("1月2日", "2023-12", "2024-01-02"),
        ("2022年9月3日", "2023-09", "2022年9月3日"),
        ("9/3/2022", "2023-09", "9/3/2022"),
        ("13月3日", "2023-09", "13月3日"),
    ],
)
def test_dates_without_a_year(cell: str, titled: str, found: str) -> None:
    assert with_year(cell, titled) == found


@pytest.mark.parametrize(
    ("texts", "month"),
    [
        (["二〇二四年十二月群众诉求"], "2024-12"),
        (["二○二四年十月", "2023年"], "2024-10"),
        (["二零二四年度"], "2024"),
        (["2023年9月群众诉求", "明细"], "2023-09"),
        (["", "Sheet1", "诉求202309"], "2023-09"),
        (["２０２３年度"], "2023"),
        (["2022—2023年"], "2023"),
        (["2022年9月与2023年9月对比"], ""),
        (["Sheet1", "13812345678"], ""),
    ],
)
def test_the_month_that_titles_name(texts: list[str], month: str) -> None:
    assert titled_month(texts) == month


def test_the_year_of_the_title_is_confirmed_once(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = "工单编号,镇街,受理时间\n"
    path = text_file(tmp_path / "a.csv", f"2023年9月群众诉求,,\n{table}A1,钢山街道,9月3日\nA2,钢山街道,8月31日 9:00\n")
    result = import_file(engine, PETITIONS, path, by=UNRESTRICTED)
    assert (result.rejected, result.undated, result.titled) == (2, 2, "2023-09")
    assert main(["petitions", str(path), "--url", str(engine.url)]) == 1
    assert 'year = "title"' in capsys.readouterr().err
    save_mapping(PETITIONS, ["工单编号", "镇街", "受理时间"], ColumnMapping(formats={"year": "title"}))
    october = text_file(tmp_path / "b.csv", f"2024年10月群众诉求,,\n{table}B1,钢山街道,10月3日\n")
    for file in (path, october):
        known = saved_mapping(PETITIONS, file)
        assert known is not None
        assert import_file(engine, PETITIONS, file, known.mapping, by=UNRESTRICTED).rejected == 0
    with engine.connect() as connection:
        assert sorted(f"{when:%Y-%m-%d %H}" for when in connection.scalars(select(petition.c.received_at))) == [
            "2023-08-31 09",
            "2023-09-03 00",
            "2024-10-03 00",
        ]
    # A year that somebody gave is of that file alone.
    save_mapping(PETITIONS, ["工单编号", "镇街", "受理时间"], ColumnMapping(formats={"year": "2023"}))
    known = saved_mapping(PETITIONS, october)
    assert known is not None and "year" not in known.mapping.formats


def test_units_that_are_no_townships(engine: Engine, tmp_path: Path) -> None:
    kinds = {
        "卯山街道": "街道",
        "卯山街道办事处": "街道",
        "辰河镇": "镇",
        "戊镇人民政府": "镇",
        "己回族民族乡": "乡",
        "丙园经济开发区": "开发区",
        "庚高新技术产业开发区管理委员会": "开发区",
        "辛水库管委会": "开发区",
        "丁国营林场": "林场",
        "壬农场": "农场",
        "癸办事处": "办事处",
        "子直属库": "街区",
    }
    rows: list[Row] = [{"code": str(900 + number), "name": name} for number, name in enumerate(kinds)]
    path = csv_file(tmp_path / "towns.csv", rows)
    # A default fills what neither the file nor the name says.
    result = import_file(engine, TOWNSHIPS, path, ColumnMapping(defaults={"kind": "街区"}), by=UNRESTRICTED)
    assert (result.new, result.rejected) == (len(kinds), 0)

    def found() -> dict[str, str]:
        with engine.connect() as connection:
            return dict(connection.execute(select(township.c.name, township.c.kind)).all())

    assert {name: found()[name] for name in kinds} == kinds
    # A file that says nothing of kinds leaves them as they are.
    assert import_file(engine, TOWNSHIPS, path, by=UNRESTRICTED).unchanged == len(kinds)
    other = csv_file(tmp_path / "other.csv", [{"code": "999", "name": "丑直属库"}])
    import_file(engine, TOWNSHIPS, other, by=UNRESTRICTED)
    assert found()["丑直属库"] == "其他"


@on_both
def test_texts_as_long_as_columns_hold(engine: Engine, tmp_path: Path) -> None:
    """They are in the keys of rollups, too."""
    words = {name: name[0] * 120 for name in ("channel", "category_1", "category_2", "category_3")} | {
        "status": "状" * 64
    }
    row: Row = {"case_no": "A1", "township": "钢山街道", "received_at": "2025-03-01", **words, "department": "局" * 200}
    assert import_file(engine, PETITIONS, csv_file(tmp_path / "a.csv", [row]), by=UNRESTRICTED).new == 1
    import_file(engine, TABLES["volunteer_teams"], text_file(tmp_path / "t.csv", TEAM), by=UNRESTRICTED)
    path = text_file(tmp_path / "log.csv", LOG.replace("配餐", "河道清理和植树" * 20))
    assert import_file(engine, ACTIVITIES, path, by=UNRESTRICTED).new == 2


def test_a_text_that_is_too_long_is_cut_with_consent(engine: Engine, tmp_path: Path) -> None:
    path = csv_file(
        tmp_path / "a.csv",
        [
            {
                "case_no": "A1",
                "township": "钢山街道",
                "received_at": "2025-03-01",
                "department": "局" * 300,
                "title": "题" * 600,
            }
        ],
    )
    assert import_file(engine, PETITIONS, path, by=UNRESTRICTED).rejected == 1
    mapping = ColumnMapping(formats={"cut": ["department", "title"]})
    assert import_file(engine, PETITIONS, path, mapping, by=UNRESTRICTED).new == 1
    with engine.connect() as connection:
        department, title = connection.execute(select(petition.c.department, petition.c.title)).one()
    assert (set(department), set(title), len(title)) == ({"局"}, {"题"}, 500)


# --- Numbers --------------------------------------------------------------------------------------


def serial(month: int, count: int = 3) -> list[Row]:
    return [
        {
            "序号": str(n),
            "镇街": "钢山街道",
            "受理时间": f"2025-{month:02d}-{n:02d} 08:00",
            "诉求标题": f"{month}月的第 {n} 件诉求",
        }
        for n in range(1, count + 1)
    ]


def test_a_running_number_overwrites_nothing(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping = text_file(tmp_path / "m.toml", '[columns]\ncase_no = "序号"\n')
    january, february = (csv_file(tmp_path / f"{month}.csv", serial(month)) for month in (1, 2))
    words = ["--mapping", str(mapping), "--url", str(engine.url)]
    assert main(["petitions", str(january), *words]) == 0
    assert main(["petitions", str(february), *words]) == 1
    assert "受理时间" in capsys.readouterr().err
    # The same file again, with a title corrected and a time of day told, is about the same cases.
    corrected = serial(1)
    corrected[0] |= {"诉求标题": "1月的第 1 件诉求（改）", "受理时间": "2025-01-01 09:30"}
    assert main(["petitions", str(csv_file(january, corrected)), *words]) == 0
    result = import_file(engine, PETITIONS, february, ColumnMapping({"case_no": "序号"}), by=UNRESTRICTED, dry_run=True)
    assert (result.changed, result.overwritten) == (3, 3)
    with engine.connect() as connection:
        assert {when.month for when in connection.scalars(select(petition.c.received_at))} == {1}
    assert main(["petitions", str(february), *words, "--overwrite"]) == 0
    with engine.connect() as connection:
        assert {when.month for when in connection.scalars(select(petition.c.received_at))} == {2}


TEAM = "队伍编号,镇街,队伍名称,成立日期\nT1,钢山街道,甲队,2024-01-01\n"
LOG = "活动日期,镇街,队伍编号,活动类型,服务时长\n2025-03-01,钢山街道,T1,配餐,2\n2025-03-01,钢山街道,T1,清扫,2.75\n"


def test_rows_without_numbers_are_never_doubled(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import_file(engine, TABLES["volunteer_teams"], text_file(tmp_path / "t.csv", TEAM), by=UNRESTRICTED)
    path = text_file(tmp_path / "log.csv", LOG)
    url = ["--url", str(engine.url)]
    assert main(["volunteer_activities", str(path), *url]) == 0
    assert "按每行的内容编号" in capsys.readouterr().out
    # Columns in another order, and another row: those that are there are known again.
    more = "镇街,活动日期,队伍编号,服务时长,活动类型\n钢山街道,2025/3/1,T1,2.0,配餐\n钢山街道,2025-03-02,T1,2,配餐\n"
    result = import_file(engine, ACTIVITIES, text_file(path, more), by=UNRESTRICTED)
    assert (result.new, result.changed, result.unchanged) == (1, 0, 1)
    # Equal rows: two, or one written twice?
    twice = text_file(path, LOG + "2025-03-01,钢山街道,T1,配餐,2\n" + "2025-03-05,钢山街道,T1,,坏\n" * 2)
    assert main(["volunteer_activities", str(twice), *url]) == 1
    said = capsys.readouterr().err
    assert "与第 2 行相同" in said and "--numbered once" in said
    once = import_file(
        engine, ACTIVITIES, twice, ColumnMapping(formats={"numbered": "once"}), by=UNRESTRICTED, good_only=True
    )
    # A row that cannot be read equals no other.
    assert (once.read, once.unchanged, once.new, once.rejected, once.equal_rows) == (5, 3, 0, 2, 1)
    each = ColumnMapping(formats={"numbered": "each"})
    result = import_file(engine, ACTIVITIES, twice, each, by=UNRESTRICTED, good_only=True)
    assert (result.new, result.unchanged) == (1, 2)
    assert import_file(engine, ACTIVITIES, twice, each, by=UNRESTRICTED, good_only=True).unchanged == 3
    with engine.connect() as connection:
        assert len(connection.scalars(select(volunteer_activity.c.activity_id)).all()) == 4


def test_an_event_without_a_number_is_the_same_when_it_is_closed(engine: Engine, tmp_path: Path) -> None:
    grids = "网格编号,镇街,网格名称,网格类型\nG1,钢山街道,一网格,网格\n"
    import_file(engine, TABLES["grids"], text_file(tmp_path / "g.csv", grids), by=UNRESTRICTED)
    log = "网格名称,镇街,类别,发现时间,办结时间\n一网格,钢山街道,矛盾纠纷,2025-03-01 08:00,{}\n"
    path = text_file(tmp_path / "log.csv", log.format("正在处理"))
    assert import_file(engine, GRID_EVENTS, path, by=UNRESTRICTED).new == 1
    closed = log.format("2025-03-05 10:00")
    assert import_file(engine, GRID_EVENTS, text_file(path, closed), by=UNRESTRICTED).changed == 1
    # Two that end otherwise are not one written twice.
    two = text_file(path, closed + "一网格,钢山街道,矛盾纠纷,2025-03-01 08:00,2025-03-09 10:00\n")
    once = ColumnMapping(formats={"numbered": "once"})
    assert import_file(engine, GRID_EVENTS, two, once, by=UNRESTRICTED).rejected == 1
    assert import_file(engine, GRID_EVENTS, two, ColumnMapping(formats={"numbered": "each"}), by=UNRESTRICTED).new == 1


def test_a_column_of_what_no_register_has_waits_for_it(engine: Engine, tmp_path: Path) -> None:
    """Without a list of villages, or of grids, nobody could load a file that names them."""
    header = "队伍编号,镇街,队伍名称,成立日期,网格编号"
    path = text_file(tmp_path / "t.csv", f"{header}\nT1,钢山街道,红队,2024-01-01,G1\n")
    result = import_file(engine, TABLES["volunteer_teams"], path, by=UNRESTRICTED)
    assert (result.new, result.unregistered) == (1, ("网格编号",))
    grids = "网格编号,镇街,网格名称,网格类型\nG1,钢山街道,一网格,网格\n"
    import_file(engine, TABLES["grids"], text_file(tmp_path / "g.csv", grids), by=UNRESTRICTED)
    result = import_file(engine, TABLES["volunteer_teams"], path, by=UNRESTRICTED)
    assert (result.changed, result.unregistered) == (1, ())
    # The county has villages: a wrong one is wrong.
    row: Row = {"case_no": "A1", "township": "钢山街道", "received_at": "2025-03-01", "village": "无此村"}
    path = csv_file(tmp_path / "a.csv", [row])
    assert import_file(engine, PETITIONS, path, by=UNRESTRICTED).rejected == 1
    with engine.begin() as connection:
        connection.execute(delete(village))
    result = import_file(engine, PETITIONS, path, by=UNRESTRICTED)
    assert (result.new, result.unregistered) == (1, ("village",))


def test_what_rows_belong_to_may_be_named(engine: Engine, tmp_path: Path) -> None:
    teams = "队伍编号,镇街,队伍名称,成立日期\n" + "".join(
        f"{number},{township},{name},2024-01-01\n"
        for number, township, name in (
            ("T1", "钢山街道", "红队"),
            ("T2", "香城镇", "红队"),
            ("T3", "香城镇", "蓝队"),
            ("T4", "香城镇", "蓝队"),
        )
    )
    import_file(engine, TABLES["volunteer_teams"], text_file(tmp_path / "t.csv", teams), by=UNRESTRICTED)
    log = "活动编号,镇街,团队名称,活动日期\nH1,钢山街道,红队,2025-03-01\nH2,香城镇,红队,2025-03-01\nH3,香城镇,T3,2025-03-01\nH4,香城镇,蓝队,2025-03-01\n"
    result = import_file(engine, ACTIVITIES, text_file(tmp_path / "log.csv", log), by=UNRESTRICTED, good_only=True)
    # Two teams of one name are told apart by their numbers only.
    assert [(problem.row, problem.field) for problem in result.problems] == [(5, "team_id")]
    with engine.connect() as connection:
        found = connection.execute(select(volunteer_activity.c.activity_id, volunteer_activity.c.team_id))
        assert sorted(map(tuple, found)) == [("H1", "T1"), ("H2", "T2"), ("H3", "T3")]


def test_a_column_that_may_hold_the_numbers_is_not_passed_over(engine: Engine, tmp_path: Path) -> None:
    header, *rows = LOG.splitlines()
    path = text_file(
        tmp_path / "a.csv", "\n".join([f"单据,{header}", *(f"D-{n * 7},{row}" for n, row in enumerate(rows))])
    )
    with pytest.raises(FileProblem, match="活动编号"):
        import_file(engine, ACTIVITIES, path, by=UNRESTRICTED)


# --- What is missing ------------------------------------------------------------------------------


def test_missing_columns_are_told_in_indicators(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = {
        cost.fields: [indicator.code for indicator in cost.indicators]
        for cost in costs(PETITIONS, {"status", "due_at"})
    }
    assert told[("closed_at",)] == ["closed", "on_time_rate", "overdue_open", "handling_days"]
    assert ("closed_at", "status") not in told and told[("signed_at",)] == ["signed_in_time_rate"]
    assert costs(GRID_EVENTS, {"closed_at", "due_at"}) == []
    row: Row = {"case_no": "A1", "township": "钢山街道", "received_at": "2025-03-01", "案件办结日期": "2025-03-02"}
    assert main(["petitions", str(csv_file(tmp_path / "a.csv", [row])), "--url", str(engine.url)]) == 0
    said = capsys.readouterr().out
    assert (
        said.index('closed_at = "案件办结日期"')
        < said.index("“办结时间”")
        < said.index("办结量、")
        < said.index("读取 1 行")
    )
