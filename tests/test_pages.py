"""Every page, in both languages, over scopes from everything to nothing, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert
from streamlit.testing.v1 import AppTest

from data_access import database
from data_access.schema import township

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    "overview": ("总览", "Overview"),
    "petitions": ("群众诉求", "Petitions"),
    "cameras": ("雪亮监控", "Cameras"),
    "volunteers": ("志愿队伍", "Volunteer teams"),
    "rural_projects": ("乡村项目", "Rural projects"),
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


def page(name: str, url: str, monkeypatch: pytest.MonkeyPatch, **parameters: list[str]) -> AppTest:
    """The page as the frame shows it with these query parameters."""
    monkeypatch.setenv("DATABASE_URL", url)
    app = AppTest.from_file(str(ROOT / "ui" / "frame.py"), default_timeout=60)
    for key, value in parameters.items():
        app.query_params[key] = value
    app.run()
    if name != "overview":
        app.switch_page(f"../pages/{name}.py").run()
    assert not app.exception
    return app


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
    assert len(app.metric) == 6
    assert all("nan" not in metric.value.lower() for metric in app.metric)
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
    on_time = next(metric for metric in app.metric if metric.label == "按期办结率")
    numerator, _, rest = on_time.help.split("本期：")[1].partition(" ÷ ")
    denominator, _, result = rest.partition(" = ")
    share = 100 * int(numerator.replace(",", "")) / int(denominator.replace(",", ""))
    assert f"{share:.1f}%" == result.strip() == on_time.value
    assert "办理期限" in on_time.help


def test_what_is_not_reported_is_not_zero(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("volunteers", sample_url, monkeypatch, street=["郭里镇"], **{"from": ["2023-08"]})
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["活动场次"] == shown["活跃队伍率"] == shown["服务时长"] == "—"
    assert shown["队伍数"] != "—"


def test_petitioners_are_masked_in_the_list(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("petitions", sample_url, monkeypatch, tab=["rows"])
    names = app.dataframe[0].value["诉求人"].dropna()
    assert len(names) > 100
    assert names.str.fullmatch(r".\*+").all()
    assert not {"电话", "phone", "正文", "text"} & set(app.dataframe[0].value.columns)


def test_the_list_has_its_own_filters(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("petitions", sample_url, monkeypatch, tab=["rows"], state=["overdue"])
    overdue = app.dataframe[0].value
    assert set(overdue["状态"]) == {"超期"}
    number = str(overdue["编号"].iloc[0])
    app.text_input(key="case search").set_value(number).run()
    assert app.dataframe[0].value["编号"].tolist() == [number]
    app.text_input(key="case search").set_value("没有这样的标题").run()
    assert "没有" in app.info[0].value


def test_reset_takes_everything_back(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page("petitions", sample_url, monkeypatch, street=["太平镇"], compare=["none"], **{"from": ["2023-07"]})
    app.button(key="reset").click().run()
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
    assert not app.metric
