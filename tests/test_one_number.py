"""What bears one name has one value on every surface: cards, wall, questions, lists, evaluation, attention."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from urllib.parse import urlencode

import pandas as pd
import pytest
from starlette.datastructures import QueryParams

from data_access import queries
from data_access.database import engine_for
from data_access.evaluation.monthly import evaluate
from data_access.evaluation.schemes import load_schemes
from data_access.exploring.questions import Question, plan, put_together, sums
from data_access.importing import import_file
from data_access.importing.tables import TABLES
from data_access.indicators import INDICATORS
from data_access.queries import CaseFilter, measure
from data_access.scope import Scope
from tests.browser import copied
from ui import text
from ui.components import _cards, kpi_card
from ui.filters import View
from ui.overview_cards import attention_items
from ui.screen import FEWEST_CASES, SUBJECTS, content, settings
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
    names = list(queries.county(engine_for(sample_url)).names.values())
    rows = [f"S{day},{names[day]},2023-09-{day:02d} 09:00,2023-09-{day:02d} 18:00,热线" for day in range(1, 11)]
    file.write_text("\n".join(["工单编号,镇街,受理时间,办结时间,诉求来源", *rows]), "utf-8")
    import_file(engine_for(url), TABLES["petitions"], file)
    return url


@pytest.fixture(params=range(6))
def view(request: pytest.FixtureRequest, running_url: str, monkeypatch: pytest.MonkeyPatch) -> View:
    """A view of some townships and months, the unfinished one among them."""
    monkeypatch.setenv("DATABASE_URL", running_url)
    rng = Random(request.param)  # noqa: S311  # the same scopes every time
    county = queries.county(engine_for(running_url))
    codes = list(county.names)
    townships = tuple(sorted(rng.sample(codes, rng.choice((0, 1, 3)))))
    start, end = sorted(rng.sample(county.months[-10:], 2))
    if request.param == 0:
        start = end = county.months[-1]
    scope = Scope(townships, start, end)
    return View(county, request.param, "zh", scope, "year", scope.year_before())


def test_cards_of_pages_and_wall(view: View, running_url: str) -> None:
    names = [view.county.names[code] for code in view.scope.townships]
    query = [("street", name) for name in names] + [("from", view.scope.start), ("to", view.scope.end)]
    with written_in("zh"):
        wall = content(settings(QueryParams(urlencode(query))))
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
            assert queries.petition_case_count(engine, scope, CaseFilter(state)) == expected, state
    ages = queries.open_case_ages(engine, view.scope)
    for state, column in (("open", "open"), ("overdue", "overdue")):
        assert queries.petition_case_count(engine, view.scope, CaseFilter(state)) == ages[column].sum()
    assert queries.overdue_by_township(engine, view.scope)["overdue"].sum() == ages["overdue"].sum()


def test_what_needs_attention_is_what_the_lists_hold(view: View, running_url: str) -> None:
    engine = engine_for(running_url)
    with written_in("zh"):
        everywhere, on_wall = attention_items(view), attention_items(view, fewest_cases=FEWEST_CASES)
    overdue = queries.overdue_by_township(engine, view.scope)
    behind = queries.projects(engine, view.scope)["is_behind"].sum()
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
    [evaluated] = evaluate(engine, scheme, [month])
    for place, criterion in enumerate(scheme.criteria):
        scope = replace(view.scope, townships=(), start=month, end=month).narrowed(*criterion.where)
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
            change = text.change(indicator, float(now[indicator.code]), float(then[indicator.code]))
            if change is None or not indicator.comparable:
                assert pd.isna(now[indicator.code]) or "change" not in card
            else:
                assert card["change"] == text.with_arrow(change)
