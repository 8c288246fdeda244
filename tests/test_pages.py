"""Every page, in both languages, over scopes from everything to nothing, without a browser."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, NullPool, create_engine, insert, select, update

from data_access import database
from data_access.database import begin_writing, engine_for
from data_access.evaluation.schemes import SHIPPED
from data_access.importing.interrupted import noted
from data_access.model.data_state import data_state
from data_access.places.tables import township
from tests.counties import copied
from tests.page_contents import cards, contents, page
from ui.cases import listing
from ui.files import row_exports
from ui.text import spelled

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    "overview": ("总览", "Overview"),
    "petitions": ("群众诉求", "Petitions"),
    "cameras": ("雪亮监控", "Cameras"),
    "volunteers": ("志愿队伍", "Volunteer teams"),
    "rural_projects": ("乡村项目", "Rural projects"),
    "grid": ("网格治理", "Grid governance"),
}

SCOPES: dict[str, dict[str, list[str]]] = {
    "everything": {},
    "one township": {"street": ["钢山街道"]},
    "one month": {"from": ["2023-05"], "to": ["2023-05"]},
    "a month one township did not report": {"street": ["郭里镇"], "from": ["2023-08"], "to": ["2023-08"]},
    "the first month, nothing before it": {"from": ["2022-01"], "to": ["2022-01"], "compare": ["previous"]},
    "every month, compared with nothing": {"from": ["2022-01"], "to": ["2023-08"], "compare": ["none"]},
    "from after to": {"from": ["2023-06"], "to": ["2023-03"]},
    "what does not exist": {"street": ["无此镇"], "from": ["1999-12"], "compare": ["x"], "lang": ["xx"]},
}


@pytest.mark.parametrize("tab", ["charts", "rows"])
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_in_every_scope(
    name: str, lang: str, scope: str, tab: str, sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page(name, sample_url, monkeypatch, **{"lang": [lang], "tab": [tab], **SCOPES[scope]})
    shown = PAGES[name][SCOPES[scope].get("lang", [lang]) == ["en"]]
    assert app.title[0].value == f"邹城市 · {shown}"
    shown_cards = cards(app)
    assert len(shown_cards) == 6
    assert all("nan" not in card["value"].lower() for card in shown_cards.values())
    assert not app.error


def test_the_filters_are_a_sentence(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("overview", sample_url, monkeypatch, street=["钢山街道", "千泉街道", "凫山街道"], compare=["none"])
    assert app.caption[0].value == "全部 3 个街道 · 2023年1月至8月 · 数据截至 2023-08-31"
    app = page("cameras", sample_url, monkeypatch, street=["北宿镇", "太平镇"], lang=["en"])
    assert app.caption[0].value == (
        "北宿镇, 太平镇 · Jan–Aug 2023 · compared with the year before (Jan–Aug 2022) · Data as of 2023-08-31"
    )


def test_a_figure_names_its_definition_and_counts(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("petitions", sample_url, monkeypatch, street=["钢山街道"])
    on_time = cards(app)["按期办结率"]
    numerator, _, rest = on_time["help"].split("本期：")[1].partition(" ÷ ")
    denominator, _, result = rest.partition(" = ")
    share = 100 * int(numerator.replace(",", "")) / int(denominator.replace(",", ""))
    assert f"{share:.1f}%" == result.strip() == on_time["value"]
    assert "办理期限" in on_time["help"]


def test_what_is_not_reported_is_not_zero(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("volunteers", sample_url, monkeypatch, street=["郭里镇"], **{"from": ["2023-08"]})
    shown = {name: card["value"] for name, card in cards(app).items()}
    assert shown["活动场次"] == shown["活跃队伍率"] == shown["服务时长"] == "—"
    assert shown["队伍数"] != "—"


def test_parts_of_a_month_that_was_not_reported_are_not_drawn_as_none(
    sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page("volunteers", sample_url, monkeypatch, street=["郭里镇"])
    stacks = [one["figure"] for one in contents(app, "figure") if one["figure"]["layout"].get("barmode") == "stack"]
    (stack,) = stacks
    assert {bar["y"][-1] for bar in stack["data"]} == {None}
    assert None not in {amount for bar in stack["data"] for amount in bar["y"][:-1]}


def test_the_league_table_leaves_out_who_did_not_report(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("overview", sample_url, monkeypatch, indicator=["active_team_rate"], **{"from": ["2023-08"]})
    (league,) = contents(app, "league_table")
    rows = {row["key"]: row for row in league["rows"]}
    assert len(rows) == 16
    assert rows["郭里镇"] == league["rows"][-1]
    assert rows["郭里镇"]["cells"] == ["—", "郭里镇", "未报", "—", ""]
    places = [row["sort"][0] for row in league["rows"][:-1]]
    assert places == sorted(places)
    values = [row["sort"][2] for row in league["rows"][:-1]]
    assert values == sorted(values, reverse=True)


def test_progress_of_an_unfinished_month_is_drawn_apart(
    sample_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = copied(sample_engine, tmp_path / "open.sqlite")
    engine = engine_for(url)
    with engine.begin() as connection:
        # A month with reports counts as finished when they are loaded; a source may yet say that it is not.
        connection.execute(update(data_state).where(data_state.c.area == "projects").values(as_of=datetime(2023, 8, 6)))
    engine.dispose()

    def curve(until: str) -> str:
        app = page("rural_projects", url, monkeypatch, **{"from": ["2023-01"], "to": [until]})
        (found,) = [content for content in contents(app, "figure") if "平均进度" in content["title"]]
        return json.dumps(found, ensure_ascii=False)

    assert "未完（至 6 日）" in curve("2023-08")
    assert "（8月未完，至 6 日）" in curve("2023-08")
    assert "未完" not in curve("2023-07")


def test_one_viewers_page_is_not_anothers(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was drawn for one language, township or comparison is kept, and not shown for another."""
    drawn = [
        [contents(app, name) for name in ("kpi_cards", "figure", "league_table", "attention")]
        for parameters in ({}, {"lang": ["en"]}, {"street": ["太平镇"]}, {"compare": ["none"]}, {"from": ["2023-02"]})
        for app in [page("overview", sample_url, monkeypatch, **parameters)]
    ]
    for number, one in enumerate(drawn):
        for other in drawn[:number]:
            # What needs attention does not depend on the comparison.
            assert all(here != there for here, there in zip(one[:3], other[:3], strict=True))
    again = page("overview", sample_url, monkeypatch)
    assert [contents(again, name) for name in ("kpi_cards", "figure", "league_table", "attention")] == drawn[0]


def test_petitioners_are_masked_in_the_list(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("petitions", sample_url, monkeypatch, tab=["rows"])
    names = app.dataframe[0].value["诉求人"].dropna()
    assert len(names) > 100
    assert names.str.fullmatch(r".\*+").all()
    assert not {"电话", "phone", "正文", "text"} & set(app.dataframe[0].value.columns)


def test_the_list_has_its_own_filters(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("petitions", sample_url, monkeypatch, tab=["rows"], state=["overdue"])
    overdue = app.dataframe[0].value
    assert set(overdue["是否按期"]) == {"未结已超期"}
    number = str(overdue["编号"].iloc[0])
    app.text_input(key="case search").set_value(number).run()
    assert app.dataframe[0].value["编号"].tolist() == [number]
    app.text_input(key="case search").set_value("没有这样的标题").run()
    assert "没有" in app.info[0].value


def test_cases_leave_as_they_were_listed_and_are_recorded(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded: list[dict[str, Any]] = []
    monkeypatch.setattr(row_exports, "record_export", lambda _engine, by, **entry: recorded.append({**entry, "by": by}))
    monkeypatch.setattr(listing, "ONE_CLICK_ROWS", 0)
    monkeypatch.setattr(listing, "BATCH_ROWS", 10)
    app = page("petitions", sample_url, monkeypatch, tab=["rows"], state=["overdue"])
    numbers = app.dataframe[0].value["编号"].tolist()
    # Several batches, and the last is not a whole one
    assert len(numbers) > 20
    app.text_input(key="case search").set_value("村").run()
    numbers = app.dataframe[0].value["编号"].tolist()
    app.button(key="export cases csv").click().run()
    export = app.session_state["export"]
    export.task.wait(60)
    assert export.task.outcome() == len(numbers)
    sent = pd.read_csv(export.path, dtype=str)
    assert sent["编号"].tolist() == numbers
    assert sent["诉求人"].dropna().str.fullmatch(r".\*+").all()
    (entry,) = recorded
    assert (entry["rows"], entry["format"]) == (len(numbers), "csv")
    assert "全部超期" in entry["question"]
    assert "村" not in entry["question"]


def test_a_chosen_case_is_in_the_address_until_the_list_is_another(
    sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page("petitions", sample_url, monkeypatch, tab=["rows"], state=["overdue"])
    row = app.dataframe[0].value.iloc[0]
    with engine_for(sample_url).connect() as connection:
        code = connection.scalar(select(township.c.code).where(township.c.name == row["镇街"]))
    app = page("petitions", sample_url, monkeypatch, tab=["rows"], state=["overdue"], case=[f"{code}/{row['编号']}"])
    assert any(row["标题"] in one.value for one in app.header)
    app.segmented_control(key="state").set_value("all").run()
    assert not app.header
    assert "case" not in app.query_params


def test_reset_takes_everything_back(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"street": ["太平镇"], "compare": ["none"], "from": ["2023-07"], "channel": ["信访"], "lang": ["zh"]}
    app = page("petitions", sample_url, monkeypatch, **asked)
    (filters,) = contents(app, "filters")
    left = {name: told for name, told in asked.items() if name not in filters["reset"]["asks"]}
    assert left == {"lang": ["zh"]}
    assert not any(filters["reset"]["asks"].values())
    app = page("petitions", sample_url, monkeypatch, **left)
    assert app.caption[0].value.startswith("全部 16 个镇街 · 2023年1月至8月 · 与上年同期")


def test_tables_without_rows_say_what_to_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{(tmp_path / 'empty.sqlite').as_posix()}"
    engine = database.engine_for(url)
    database.upgrade(engine)
    app = page("overview", url, monkeypatch)
    assert "还没有镇街" in app.info[0].value


def test_townships_without_data_say_what_to_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{(tmp_path / 'bare.sqlite').as_posix()}"
    engine = database.engine_for(url)
    database.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(insert(township).values(code="1", name="甲镇", kind="镇"))
    app = page("overview", url, monkeypatch)
    assert "还没有分月的数据" in app.info[0].value


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/county.sqlite", "not a url", "postgresql+nodriver://u:hunter2@h/d"]
)
def test_a_database_that_cannot_be_used_is_one_sentence(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("overview", url, monkeypatch)
    assert "DATABASE_URL" in app.error[0].value
    assert "hunter2" not in app.error[0].value
    assert not cards(app)


# --- The evaluation ---------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["all_areas", "four_parts", "three_rates"])
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_evaluation_in_every_scope(
    lang: str, scope: str, scheme: str, sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page("evaluation", sample_url, monkeypatch, **{"lang": [lang], "scheme": [scheme], **SCOPES[scope]})
    assert not app.error
    *leagues, formula = contents(app, "league_table")
    assert len(leagues) == 2
    assert sum(len(league["rows"]) for league in leagues) == 16
    assert len(formula["rows"]) == len(leagues[0]["columns"]) - 7
    assert not any("nan" in cell for league in leagues for row in league["rows"] for cell in row["cells"])


def test_what_was_not_reported_is_not_ranked(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("evaluation", sample_url, monkeypatch, street=["郭里镇"])
    rows = {row["key"]: row["cells"] for league in contents(app, "league_table")[:2] for row in league["rows"]}
    assert rows["郭里镇"][:3] == ["未报", "郭里镇", "—"]
    assert any("未排名" in caption.value for caption in app.caption)


def test_a_draft_is_published_before_the_result(
    tmp_path: Path, sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "county.sqlite"
    path.write_bytes(Path(sample_url.removeprefix("sqlite:///")).read_bytes())
    shipped = (SHIPPED / "three_rates.toml").read_text("utf-8")
    (tmp_path / "three_rates.toml").write_text(f"objection_days = 5\n{shipped}", "utf-8")
    monkeypatch.setenv("EVALUATION_SCHEMES", str(tmp_path))
    app = page("evaluation", f"sqlite:///{path.as_posix()}", monkeypatch, scheme=["three_rates"])
    app.session_state["evaluation records"] = "freeze"
    app.run()
    for label in ("确认定版", "确认发布", "确认定版"):
        next(field for field in app.text_input if field.label == "定版人").set_value("县办")
        next(button for button in app.button if button.label == label).click().run()
        assert not app.exception
        if label == "确认发布":
            assert any(caption.value.startswith("公示稿，") for caption in app.caption)
        else:
            assert "公示" in app.error[0].value


def test_a_month_is_entered_frozen_and_corrected(
    tmp_path: Path, sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "county.sqlite"
    path.write_bytes(Path(sample_url.removeprefix("sqlite:///")).read_bytes())
    app = page("evaluation", f"sqlite:///{path.as_posix()}", monkeypatch, scheme=["three_rates"], street=["太平镇"])

    def submit(label: str) -> None:
        next(button for button in app.button if button.label == label).click().run()
        assert not app.exception

    def score() -> str:
        return next(
            row["cells"][2]
            for league in contents(app, "league_table")
            for row in league["rows"]
            if row["key"] == "太平镇"
        )

    def show(records: str) -> None:
        app.session_state["evaluation records"] = records
        app.run()

    def write(label: str, value: str) -> None:
        next(field for field in app.text_input if field.label.startswith(label)).set_value(value)

    before = score()
    submit("记入")
    assert "请填写" in app.error[0].value or "加减分" in app.error[0].value
    changed = "张庄镇"
    township = next(box for box in app.selectbox if box.label == "镇街")
    township.select_index(township.options.index(spelled(changed)))
    app.number_input[0].set_value(1.5)
    write("原因", "表扬")
    write("依据", "县办〔2023〕8号")
    write("填报人", "甲")
    submit("记入")
    assert "已记入" in app.success[0].value
    rows = {row["key"]: row["cells"] for league in contents(app, "league_table")[:2] for row in league["rows"]}
    assert "+1.50" in rows[changed]
    show("freeze")
    write("定版人", "县办")
    submit("确认定版")
    assert any("已定版：第 1 版" in caption.value for caption in app.caption)
    assert score() == before
    show("items")
    submit("确认撤回")
    # The published result stays; what is different now is told.
    rows = {row["key"]: row["cells"] for league in contents(app, "league_table")[:2] for row in league["rows"]}
    assert "+1.50" in rows[changed]
    show("freeze")
    table = app.dataframe[0].value
    assert set(table["镇街"]) >= {changed}
    write("定版人", "县办")
    submit("确认定版")
    assert "原因" in app.error[0].value
    write("更正原因", "加分撤回")
    write("定版人", "县办")
    submit("确认定版")
    assert any("第 2 版" in caption.value for caption in app.caption)
    assert any("没有变化" in caption.value for caption in app.caption)


def test_points_entered_while_a_file_is_loaded_stay_in_the_form(
    tmp_path: Path, sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "county.sqlite"
    path.write_bytes(Path(sample_url.removeprefix("sqlite:///")).read_bytes())
    url = f"sqlite:///{path.as_posix()}"
    monkeypatch.setenv("IMPORT_MAPPINGS", str(tmp_path))
    app = page("evaluation", url, monkeypatch, scheme=["three_rates"])
    app.number_input[0].set_value(1.5)
    for label, value in (("原因", "表扬"), ("依据", "县办〔2023〕8号"), ("填报人", "甲")):
        next(field for field in app.text_input if field.label.startswith(label)).set_value(value)
    # Who would have to wait fails at once.
    engine = create_engine(url, connect_args={"timeout": 0}, poolclass=NullPool)
    monkeypatch.setattr("data_access.cache.reachable_engine", lambda: engine)
    other = create_engine(url)
    with noted(other, "petitions", "九月.csv"), other.connect() as connection:
        begin_writing(connection)
        next(button for button in app.button if button.label == "记入").click().run()
        connection.rollback()
    other.dispose()
    assert not app.exception
    assert "九月" in app.error[0].value
    assert "另一次写入" in app.error[0].value
    assert "口令" not in app.error[0].value
    assert next(field for field in app.text_input if field.label.startswith("原因")).value == "表扬"
    next(button for button in app.button if button.label == "记入").click().run()
    assert "已记入" in app.success[0].value


def test_what_gains_a_place_is_no_raw_markdown(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (gains,) = [
        one.value for one in page("evaluation", sample_url, monkeypatch).markdown if one.value.startswith("- **")
    ]
    assert "\\*" not in gains
    assert all(line.count("**") == 2 for line in gains.splitlines())
