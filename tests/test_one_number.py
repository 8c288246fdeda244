"""What bears one name has one value on every surface: cards, wall, questions, lists, evaluation, attention."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import replace
from random import Random
from urllib.parse import urlencode

import pandas as pd
import pytest
from docx import Document
from openpyxl import load_workbook
from starlette.datastructures import QueryParams

from data_access import queries
from data_access.access import UNRESTRICTED
from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.lists import CaseFilter
from data_access.areas.projects import lists as project_lists
from data_access.database import engine_for
from data_access.evaluation.monthly import evaluate
from data_access.evaluation.schemes import load_schemes
from data_access.exploring.listing import Listing, row_batches
from data_access.exploring.questions import Question, plan, put_together, sums
from data_access.importing import import_file
from data_access.importing.tables import TABLES
from data_access.indicators import INDICATORS
from data_access.model.change import change_of
from data_access.queries import measure
from data_access.scope import Scope
from tests.counties import copied
from ui import text
from ui.asking.view import View
from ui.bulletin.files import files as files_of
from ui.bulletin.sentences import value_in_words
from ui.bulletin.told import bulletin
from ui.cards.attention import attention_items
from ui.cards.indicators import _cards, kpi_card
from ui.explore.answer import answered
from ui.explore.choice import Choice
from ui.explore.table import table_of
from ui.files.downloads import csv_bytes
from ui.screen.frames import content
from ui.screen.settings import SUBJECTS, settings
from ui.screen.small_counts import FEWEST_CASES
from ui.text import written_in

# By what facts tell these apart and no rollup does: the same figures from the facts
BY_FACTS = {
    "petitions": "department",
    "cameras": "camera_kind",
    "volunteers": "team_kind",
    "projects": "responsible",
    "grid": "event_kind",
}


@pytest.fixture(scope="module")
def running_url(sample_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample county with a few cases of the month after."""
    folder = tmp_path_factory.mktemp("running")
    url = copied(engine_for(sample_url), folder / "county.sqlite")
    file = folder / "september.csv"
    names = list(queries.county(engine_for(sample_url), UNRESTRICTED).names.values())
    rows = [f"S{day},{names[day]},2023-09-{day:02d} 09:00,2023-09-{day:02d} 18:00,热线" for day in range(1, 11)]
    file.write_text("\n".join(["工单编号,镇街,受理时间,办结时间,诉求来源", *rows]), "utf-8")
    import_file(engine_for(url), TABLES["petitions"], file, by=UNRESTRICTED)
    return url


@pytest.fixture(params=range(6))
def view(request: pytest.FixtureRequest, running_url: str, monkeypatch: pytest.MonkeyPatch) -> View:
    """A view of some townships and months, the unfinished one among them."""
    monkeypatch.setenv("DATABASE_URL", running_url)
    rng = Random(request.param)  # noqa: S311  # the same scopes every time
    county = queries.county(engine_for(running_url), UNRESTRICTED)
    codes = list(county.names)
    townships = tuple(sorted(rng.sample(codes, rng.choice((0, 1, 3)))))
    start, end = sorted(rng.sample(county.months[-10:], 2))
    if request.param == 0:
        start = end = county.months[-1]
    scope = Scope(UNRESTRICTED, townships or None, start, end)
    return View(county, request.param, "zh", scope, "year")


def test_cards_of_pages_and_wall(view: View, running_url: str) -> None:
    names = [view.county.names[code] for code in view.scope.townships or ()]
    query = [("street", name) for name in names] + [("from", view.scope.start), ("to", view.scope.end)]
    with written_in("zh"):
        wall = content(settings(QueryParams(urlencode(query))), UNRESTRICTED)
        for frame, subject in zip(wall["frames"], SUBJECTS.values(), strict=False):
            page = json.loads(_cards(view, subject.headlines))["cards"] if subject.headlines else []
            assert len(page) == len(frame["cards"])
            for on_page, on_wall in zip(page, frame["cards"], strict=True):
                assert on_page["name"] == on_wall["name"]
                if not on_wall["value"].startswith("少于"):
                    assert on_page["value"] == on_wall["value"], on_page["name"]


@pytest.mark.parametrize("area", BY_FACTS)
def test_questions_answered_by_rollups_and_by_facts(view: View, running_url: str, area: str) -> None:
    codes = [
        code
        for code, one in INDICATORS.items()
        if one.area == area and BY_FACTS[area] in _dimensions(code) and one.over_months != "period"
    ]
    assert codes
    with engine_for(running_url).connect() as connection:
        # What is compared by is whole: it does not begin before the data do.
        earlier = view.scope.year_before()
        for scope in (view.scope, *([earlier] if earlier.start >= view.county.months[0] else [])):
            indicators = [INDICATORS[code] for code in codes]
            question = Question(tuple(codes), (BY_FACTS[area],))
            parts = plan(question, indicators, scope, view.county.kinds)
            answer = put_together(question, indicators, parts, [sums(connection, part) for part in parts], {})[()]
            whole = measure(connection, indicators, scope).iloc[0]
            for code in codes:
                one = answer[code].iloc[0] if len(answer) else float("nan")
                told = [text.value(INDICATORS[code], float(value)) for value in (one, whole[code])]
                assert told[0] == told[1], (code, scope)


def _dimensions(code: str) -> tuple[str, ...]:
    from data_access.exploring.questions import dimensions_for

    return dimensions_for([INDICATORS[code]])


def test_lists_hold_as_many_cases_as_the_figures_say(view: View, running_url: str) -> None:
    engine = engine_for(running_url)
    for scope in (view.scope, view.scope.narrowed(("category_1", "城乡建设"))):
        found = measure(engine, [INDICATORS[code] for code in ("received", "completion_rate", "on_time_rate")], scope)
        received, done = (found[name].fillna(0).iloc[0] for name in ("received", "completion_rate:n"))
        late = (found["on_time_rate:d"] - found["on_time_rate:n"]).fillna(0).iloc[0]
        for state, expected in (("all", received), ("closed", done), ("late", late)):
            assert petition_lists.petition_case_count(engine, scope, CaseFilter(state)) == expected, state
    ages = petition_lists.open_case_ages(engine, view.scope)
    for state, column in (("open", "open"), ("overdue", "overdue")):
        assert petition_lists.petition_case_count(engine, view.scope, CaseFilter(state)) == ages[column].sum()
    assert petition_lists.overdue_by_township(engine, view.scope)["overdue"].sum() == ages["overdue"].sum()


def test_what_needs_attention_is_what_the_lists_hold(view: View, running_url: str) -> None:
    engine = engine_for(running_url)
    with written_in("zh"):
        everywhere, on_wall = attention_items(view), attention_items(view, fewest_cases=FEWEST_CASES)
    overdue = petition_lists.overdue_by_township(engine, view.scope)
    behind = project_lists.projects(engine, view.scope)["is_behind"].sum()
    for items in (everywhere, on_wall):
        by_name = {item["name"]: item for item in items}
        if len(overdue):
            assert f"最长已超 {overdue['longest_days'].max():.0f} 天" in by_name["petitions"]["detail"]
        if behind:
            assert f" {behind:,} 个" in by_name["projects"]["found"]
    card = measure(engine, [INDICATORS["behind"]], view.scope)["behind"].iloc[0]
    assert (0 if pd.isna(card) else card) == behind


def test_the_evaluation_counts_what_the_pages_count(view: View, running_url: str) -> None:
    engine = engine_for(running_url)
    scheme = load_schemes()[0]
    month = view.county.finished_month
    [evaluated] = evaluate(engine, UNRESTRICTED, scheme, [month])
    for place, criterion in enumerate(scheme.criteria):
        scope = replace(view.scope, townships=None, start=month, end=month).narrowed(*criterion.where)
        table = measure(engine, [criterion.indicator], scope, ("township_code",)).set_index("township_code")
        for own, code in enumerate(evaluated.complete.field.codes):
            value = evaluated.complete.values[own, place]  # noqa: PD011  # an array
            expected = table[criterion.indicator.code].get(code, float("nan"))
            assert text.value(criterion.indicator, float(value)) == text.value(criterion.indicator, float(expected))


def test_a_card_says_the_change_of_its_own_figure(view: View, running_url: str) -> None:
    assert view.compared is not None
    engine = engine_for(running_url)
    with written_in("zh"):
        for indicator in INDICATORS.values():
            now = measure(engine, [indicator], view.scope).iloc[0]
            then = measure(engine, [indicator], view.compared).iloc[0]
            card = kpi_card(indicator, now, then, pd.Series(dtype=float))
            change = change_of(indicator, float(now[indicator.code]), float(then[indicator.code]))
            if change is None or not indicator.comparable:
                assert pd.isna(now[indicator.code]) or "change" not in card
            else:
                assert card["change"] == text.change(indicator, change)


@pytest.mark.parametrize("finished", [True, False])
def test_the_bulletins_files_say_what_the_pages_say(
    running_url: str, finished: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = engine_for(running_url)
    county = queries.county(engine, UNRESTRICTED)
    monkeypatch.setattr("ui.bulletin.files.pictures", lambda _told: {})
    told = bulletin(engine, UNRESTRICTED, county.finished_month if finished else county.months[-1])
    files = files_of(told)
    (book,) = [load_workbook(io.BytesIO(made)) for name, made in files.items() if name.endswith(".xlsx")]
    (document,) = [Document(io.BytesIO(made)) for name, made in files.items() if name.endswith(".docx")]
    paragraphs = [paragraph.text for paragraph in document.paragraphs]
    month = Scope(UNRESTRICTED, None, told.shown.month, told.shown.month)

    counts = {row[:2]: row[2:5] for row in book["分子分母"].iter_rows(min_row=5, values_only=True)}
    for criterion in told.shown.criteria:
        indicator, scope = criterion.indicator, month.narrowed(*criterion.where)
        field, position = told.shown.field, told.shown.criteria.index(criterion)
        late = [
            code for code, why in zip(field.codes, told.shown.absent[:, position], strict=True) if why == "unreported"
        ]
        others = tuple(code for code in field.codes if code not in late)
        whole = float("nan")
        if others:
            whole = float(measure(engine, [indicator], replace(scope, townships=others))[indicator.code].iloc[0])
        told_whole = f"{criterion.zh}{value_in_words(criterion, whole)}"
        if pd.isna(whole):
            assert f"{criterion.zh}：本月没有数据。" in paragraphs
        else:
            (line,) = [line for line in paragraphs if line.startswith(told_whole)]
            assert line.startswith(f"{told_whole}（不含未报的" if late else (f"{told_whole}，", f"{told_whole}。"))
        each = measure(engine, [indicator], scope, ("township_code",)).set_index("township_code")
        for code, name in ((code, county.names[code]) for code in others):
            in_file = [float("nan") if one is None else one for one in counts[name, criterion.zh]]
            row = each.loc[code] if code in each.index else pd.Series(dtype=float)
            on_pages = [row.get(f"{indicator.code}{part}", float("nan")) for part in (":n", ":d", "")]
            # Without a figure no counts are told.
            same = slice(2, 3) if pd.isna(on_pages[2]) or not indicator.is_ratio else slice(None)
            assert in_file[same] == pytest.approx(on_pages[same], nan_ok=True), (name, criterion.zh)

    shown = {row[2].value: (row[0].value, row[1].value) for row in book["得分"].iter_rows(min_row=5)}
    leagues = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    in_document = {row[1]: row[0] for table in leagues for row in table[1:] if table[0][0] == "名次"}
    assert in_document == {name: str(place) for name, (_, place) in shown.items()}
    assert any(isinstance(place, int) for _, place in shown.values()) == finished

    overdue = petition_lists.overdue_by_township(engine, month).set_index("township_code")["overdue"]
    behind = project_lists.projects(engine, month).query("is_behind")["township_code"].value_counts()
    handled = [row[1:] for row in book["需要办理"].iter_rows(min_row=4, values_only=True)]
    assert handled or not finished
    for name, matter, number in (row for row in book["需要办理"].iter_rows(min_row=5, values_only=True)):
        code = next(code for code, known in county.names.items() if known == name)
        if matter == "全部超期诉求":
            assert number.startswith(f"{overdue[code]} 件")
        if matter == "滞后项目":
            assert number == f"{behind[code]} 个"


def test_what_explore_sends_on_is_what_the_pages_say(view: View, running_url: str) -> None:
    engine = engine_for(running_url)
    with written_in("zh"):
        for code in (
            "received",
            "on_time_rate",
            "overdue_open",
            "online_rate",
            "projects",
            "grid_events",
            "service_hours",
        ):
            indicator = INDICATORS[code]
            sent = csv_bytes(table_of(answered(view, Choice((code,), ("township_code",)), lambda _step: None)))
            file = pd.read_csv(io.BytesIO(sent)).set_index("镇街").iloc[:, 0]
            each = measure(engine, [indicator], view.scope, ("township_code",)).set_index("township_code")[code]
            on_pages = {view.county.names[str(township)]: value for township, value in each.dropna().items()}
            assert file.drop("合计", errors="ignore").dropna().to_dict() == pytest.approx(on_pages), code
            rows = Listing(indicator, view.scope)
            with engine.connect() as connection:
                listed = Counter(
                    str(township)
                    for batch in row_batches(connection, rows, 5_000, 1_000_000)
                    for township in batch["township_code"]
                )
            if code in ("received", "on_time_rate", "overdue_open", "projects", "grid_events"):
                counted = measure(engine, [indicator], view.scope, ("township_code",)).set_index("township_code")
                expected = counted[f"{code}:d" if indicator.is_ratio else f"{code}:n"].fillna(0)
                assert listed == Counter(expected[expected > 0].astype(int).to_dict()), code
