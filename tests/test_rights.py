"""What each role may see and do: every role on every page, over cases of own and of other townships."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import Engine, and_, select
from starlette.datastructures import QueryParams

from data_access.access import CASE_AREAS, RIGHTS, UNRESTRICTED, NotAllowed, Viewer
from data_access.accounts.tables import role, role_right
from data_access.areas.petitions.lists import CaseFilter, petition_case_count, petition_cases
from data_access.areas.petitions.tables import petition
from data_access.cache import answer
from data_access.database import engine_for
from data_access.evaluation.records import exclude_case
from data_access.exploring.case_history import case_history
from data_access.exploring.common_causes import raised_again
from data_access.exploring.listing import Listing, listed_rows, row_batches, row_count
from data_access.exploring.questions import Question, plan, put_together, sums
from data_access.indicators import INDICATORS, QUESTION_INDICATORS
from data_access.persons import case_persons
from data_access.problems import Problem
from data_access.queries import county
from data_access.scope import Scope
from tests.counties import copied
from tests.page_contents import contents, page
from tests.roles import DEPARTMENTS, OWN, ROLES, VIEWERS
from ui.explore.matches import matches
from ui.files import row_exports
from ui.frame.pages import PAGES, first_page

ROOT = Path(__file__).resolve().parents[1]
PERIOD = ("2023-01", "2023-08")
# Of cases: of which townships and departments they may see them (None: of all)
SEEN = {name: one.of_cases().townships for name, one in VIEWERS.items()}
SEEN_DEPARTMENTS = {name: one.of_cases().departments for name, one in VIEWERS.items()}


def are_own(departments: Iterable[str | None], viewer: Viewer) -> bool:
    """Whether there are no cases of departments that the viewer may not see."""
    seen = SEEN_DEPARTMENTS[viewer.name]
    return seen is None or set(departments) <= seen


def test_the_schema_brings_these_roles(sample_engine: Engine) -> None:
    with sample_engine.connect() as connection:
        known = {code: set[str]() for code in connection.scalars(select(role.c.code))}
        for code, right in connection.execute(select(role_right)):
            known[code].add(right)
    assert known == ROLES


def test_every_page_has_a_rule() -> None:
    assert set(PAGES) == {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert {right for one in PAGES.values() for right in (one.right, one.or_right)} <= {None, *RIGHTS}


# Whoever looks at single cases may look at those of some departments alone.
of_cases = pytest.mark.parametrize("viewer", VIEWERS, indirect=True)


@pytest.fixture(params=ROLES)
def viewer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Viewer:
    who = VIEWERS[request.param]
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: who)
    return who


def locks(app: Any) -> list[str]:
    """What the page says may not be seen."""
    return [one.value for one in app.info if one.icon == ":material/lock:"]


# --- Pages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_to_whom_its_rule_lets_in(
    name: str, viewer: Viewer, sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page(name, sample_url, monkeypatch)
    right = PAGES[name].right
    shown = [element for kind in ("kpi_cards", "figure", "league_table") for element in contents(app, kind)]
    if right and not PAGES[name].opens_to(viewer):
        (words,) = locks(app)
        assert RIGHTS[right][0] in words
        assert not [*shown, *app.dataframe, *app.get("download_button"), *app.text_input]
    else:
        assert not locks(app)
    (navigation,) = contents(app, "navigation")
    paths = {one["path"] or first_page(viewer) for one in navigation["pages"]}
    assert paths == {name for name, one in PAGES.items() if one.opens_to(viewer)}


@of_cases
@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("petitions", {"tab": ["rows"], "state": ["all"]}),
        ("explore", {"count": ["received"], "by": ["month"], "rows": ["received"], "cell": ["month:2023-08"]}),
    ],
)
def test_a_list_of_cases_has_those_that_may_be_seen(
    name: str,
    parameters: dict[str, list[str]],
    viewer: Viewer,
    sample_url: str,
    sample_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = page(name, sample_url, monkeypatch, **parameters)
    seen = SEEN[viewer.name]
    tables = [one.value for one in app.dataframe if "编号" in "".join(map(str, one.value.columns))]
    if not viewer.may("cases"):
        assert len(locks(app)) == 1
        assert not tables
        return
    assert not locks(app)
    names = county(sample_engine, viewer).names
    (table,) = tables
    assert not table.empty
    assert set(table["镇街"]) <= {names[code] for code in (seen if seen is not None else names)}
    assert are_own(table["承办单位"], viewer)
    written = [one for one in app.button if "export" in (one.key or "")]
    at_once = [one for one in app.get("download_button") if one.proto.label == "下载 Excel"]
    assert bool(written or at_once) == viewer.may("export")


@of_cases
@pytest.mark.parametrize(
    ("township", "department"),
    [("370883103", "乡村振兴办公室"), ("370883103", "市公安局"), ("370883112", "乡村振兴办公室")],
)
def test_a_card_is_shown_of_a_case_that_may_be_seen(
    township: str,
    department: str,
    viewer: Viewer,
    sample_url: str,
    sample_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with sample_engine.connect() as connection:
        of_township = and_(petition.c.township_code == township, petition.c.department == department)
        case_no, petitioner, phone = connection.execute(
            select(petition.c.case_no, petition.c.petitioner, petition.c.phone)
            .where(of_township, petition.c.petitioner.is_not(None))
            .limit(1)
        ).one()
        seen = SEEN[viewer.name]
        may_see = (seen is None or township in seen) and are_own([department], viewer)
        assert (case_history(connection, (viewer, township, case_no)) is not None) == may_see
    app = page("petitions", sample_url, monkeypatch, tab=["rows"], state=["all"], case=[f"{township}/{case_no}"])
    sent = json.dumps(
        [str(one.value) for one in (*app.header, *app.markdown, *app.caption, *app.info)], ensure_ascii=False
    )
    assert (len(app.table) == 1) == may_see
    assert petitioner not in sent
    assert phone not in sent
    with pytest.raises(Problem if may_see and viewer.may("persons") else NotAllowed):
        # Without a reason nobody sees it.
        case_persons(sample_engine, viewer, township, case_no, "看" if may_see else "回访核实")
    if not may_see:
        assert len(locks(app)) == 1


# --- Reading ----------------------------------------------------------------------------------------


@of_cases
@pytest.mark.parametrize("state", ["all", "open", "pending", "overdue", "late", "closed", "dissatisfied"])
def test_the_count_of_a_list_is_of_its_rows(state: str, viewer: Viewer, sample_engine: Engine) -> None:
    scope, chosen = Scope(viewer, None, *PERIOD), CaseFilter(state)
    rows = petition_cases(sample_engine, scope, chosen, limit=100_000)
    assert len(rows) == petition_case_count(sample_engine, scope, chosen)
    seen = SEEN[viewer.name]
    assert seen is None or set(rows.get("township_code", ())) <= seen
    assert are_own(rows.get("department", ()), viewer)
    assert state != "all" or viewer.may("cases") != rows.empty


@of_cases
@pytest.mark.parametrize("code", ["received", "on_time_rate", "grid_events", "online_rate", "projects"])
def test_rows_behind_a_figure_are_of_cases_that_may_be_seen(code: str, viewer: Viewer, sample_engine: Engine) -> None:
    indicator = {**INDICATORS, **QUESTION_INDICATORS}[code]
    listing = Listing(indicator, Scope(viewer, None, "2023-08", "2023-08"))
    with sample_engine.connect() as connection:
        rows = listed_rows(connection, listing, limit=100_000)
        assert len(rows) == row_count(connection, listing)
    seen = SEEN[viewer.name] if indicator.area in CASE_AREAS else None
    townships = set(rows.get("township_code", ()))
    if indicator.area == "grid" and SEEN_DEPARTMENTS[viewer.name] is not None:
        # Events are of no department.
        assert not townships
    else:
        assert townships if seen is None else townships <= seen
    if indicator.area == "petitions":
        assert are_own(rows.get("department", ()), viewer)
        assert viewer.may("cases") != rows.empty


@of_cases
def test_cases_raised_again_are_such_that_may_be_seen(viewer: Viewer, sample_engine: Engine) -> None:
    with sample_engine.connect() as connection:
        rows = raised_again(connection, (Scope(viewer, None, *PERIOD), 100_000))
        numbers = {
            number: connection.scalar(select(petition.c.department).where(petition.c.case_no == number))
            for number in rows.get("again", ())
        }
    seen = SEEN[viewer.name]
    assert viewer.may("cases") != rows.empty
    assert seen is None or set(rows.get("township_code", ())) <= seen
    assert are_own(rows.get("department", ()), viewer)
    assert are_own(numbers.values(), viewer)


@of_cases
def test_an_export_has_rows_of_cases_that_may_be_seen(viewer: Viewer, sample_engine: Engine) -> None:
    listing = Listing(INDICATORS["received"], Scope(viewer, None, "2023-08", "2023-08"))
    with sample_engine.connect() as connection:
        rows = pd.concat([pd.DataFrame(), *row_batches(connection, listing, 200, 100_000)])
        assert len(rows) == row_count(connection, listing)
    seen = SEEN[viewer.name]
    assert viewer.may("cases") != rows.empty
    assert seen is None or set(rows.get("township_code", ())) <= seen
    assert are_own(rows.get("department", ()), viewer)


@of_cases
def test_figures_compare_all_and_words_looked_for_tell_of_own_cases_alone(
    viewer: Viewer, sample_engine: Engine
) -> None:
    indicator = INDICATORS["received"]
    kinds = county(sample_engine, viewer).kinds

    def values(by: str, text: str) -> set[str]:
        question = Question((indicator.code,), (by,), (), text)
        with sample_engine.connect() as connection:
            parts = plan(question, [indicator], Scope(viewer, None, *PERIOD), kinds)
            answers = [sums(connection, part) for part in parts]
        found = put_together(question, [indicator], parts, answers, {})[(by,)]
        return set(found.index[found["received:n"] > 0])

    assert len(values("township_code", "")) == 16
    seen, departments = SEEN[viewer.name], SEEN_DEPARTMENTS[viewer.name]
    if seen is None and departments is None:
        assert len(values("department", "")) > 10
    else:
        with pytest.raises(NotAllowed, match="单件"):
            values("department", "")
    if not viewer.may("cases"):
        with pytest.raises(NotAllowed, match="单件"):
            values("township_code", "灌溉")
        return
    found = values("township_code", "灌溉")
    assert found == seen if seen is not None and departments is None else found <= (seen or found)
    assert found
    assert are_own(values("department", "灌溉"), viewer)


@of_cases
def test_what_is_kept_for_one_is_not_anothers(viewer: Viewer, sample_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sample_url)
    whole = answer(petition_cases, Scope(Viewer(), None, *PERIOD), limit=500)
    own = answer(petition_cases, Scope(viewer, None, *PERIOD), limit=500)
    assert set(whole["department"]) > DEPARTMENTS
    assert are_own(own.get("department", ()), viewer)
    # How many are counted beside a name, too, when words are looked for
    given = QueryParams({"q": "市公安局", "text": "噪音", "count": "received", "from": PERIOD[0], "to": PERIOD[1]})
    counts = {
        one.name: [row["count"] for row in matches(given, one)["rows"] if row["name"] == "市公安局"]
        for one in (Viewer("all"), viewer)
    }
    assert counts["all"] != ["0 件"]
    if not are_own(["市公安局"], viewer) or not viewer.may("cases"):
        assert counts[viewer.name] in (["0 件"], [])


# --- Doing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("right", RIGHTS)
def test_who_has_not_a_right_is_told_which(right: str, viewer: Viewer) -> None:
    if viewer.may(right):
        viewer.require(right)
    else:
        with pytest.raises(NotAllowed, match=RIGHTS[right][0]):
            viewer.require(right)


def test_rows_leave_with_who_may_export(viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    if viewer.may("export"):
        return
    with pytest.raises(NotAllowed):
        row_exports.begin_export(
            None,  # type: ignore[arg-type]  # nothing is looked at before the right
            "a",
            "csv",
            "a",
            lambda _engine: 0,
            lambda _engine: iter(()),
            head=[],
        )


def test_who_may_evaluate_writes_and_everybody_reads_what_was_entered(
    viewer: Viewer, sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page("evaluation", sample_url, monkeypatch, scheme=["three_rates"])
    for records, label in (("items", "记入"), ("exclusions", "剔除"), ("freeze", "定版")):
        app.session_state["evaluation records"] = records
        app.run()
        assert not app.exception
        assert any(label in one.label for one in app.button) == viewer.may("evaluate")


def test_of_a_case_taken_out_its_number_is_told_to_who_may_see_it(
    viewer: Viewer, sample_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = copied(sample_engine, tmp_path / "county.sqlite")
    engine = engine_for(url)
    # Of a township that is not an official's
    found = select(petition.c.township_code, petition.c.case_no).where(
        petition.c.township_code.not_in(OWN),
        petition.c.received_at.between(datetime(2023, 8, 1), datetime(2023, 8, 20)),
    )
    with engine.connect() as connection:
        code, case_no = connection.execute(found.limit(1)).one()
    exclude_case(engine, "2023-08", case_no, reason="重复登记之因", by=UNRESTRICTED, signed="县办", township_code=code)
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: viewer)
    app = page("evaluation", url, monkeypatch, scheme=["three_rates"])
    app.session_state["evaluation records"] = "exclusions"
    app.run()
    words = " ".join(
        [
            *(one.value for one in (*app.header, *app.markdown, *app.caption)),
            *(way["label"] for way in contents(app, "way")),
        ]
    )
    is_seen = viewer.may("evaluate") or (
        viewer.may("cases") and SEEN[viewer.name] is None and SEEN_DEPARTMENTS[viewer.name] is None
    )
    assert (case_no in words, "重复登记之因" in words) == (is_seen, is_seen)
