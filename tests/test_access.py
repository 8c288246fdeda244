"""Nothing is read without saying who looks, and whoever may see two townships sees nothing of the others anywhere."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, get_args, get_type_hints

import pandas as pd
import pytest
from sqlalchemy import Connection, Engine, select
from starlette.datastructures import QueryParams
from starlette.requests import Request

import data_access
from data_access import queries
from data_access.access import RIGHTS, UNRESTRICTED, NotAllowed, Viewer
from data_access.areas.cameras import lists as camera_lists
from data_access.areas.petitions import lists as petition_lists
from data_access.areas.petitions.lists import CaseFilter
from data_access.areas.petitions.tables import petition
from data_access.areas.projects import lists as project_lists
from data_access.audit.search import deeds
from data_access.evaluation.monthly import course, evaluate, offered
from data_access.evaluation.records import frozen, kept_of_month
from data_access.evaluation.schemes import load_schemes
from data_access.exploring import common_causes
from data_access.exploring.case_history import case_history
from data_access.exploring.finding import findable_values
from data_access.exploring.listing import Listing, listed_rows, names_of
from data_access.exploring.questions import Question, dimensions_for, plan, sums
from data_access.indicators import INDICATORS, QUESTION_INDICATORS
from data_access.places import lists as place_lists
from data_access.places.tables import village
from data_access.scope import Scope
from tests.asked import ARGUMENTS, QUERIES
from tests.page_contents import contents, in_a_loop, page
from ui.explore.matches import matches
from ui.files.exports import export_route, start_export
from ui.screen.frames import content
from ui.screen.settings import settings

# --- The door -------------------------------------------------------------------------------------

# What is under the door or behind it: the machinery that queries are made of, what only writes or copies, and where viewers
# come from (tests/test_accounts.py).
MACHINERY = {
    "accounts",
    "bulk_insert",
    "cache",
    "changing",
    "cluster",
    "commands",
    "copy",
    "data_state",
    "database",
    "importing",
    "imports",
    "migrations",
    "postgresql",
    "registers",
    "rollup",
    "rollups",
    "sql_functions",
}
# Of these the rows are no facts: versions, questions that whoever knows their link may open, and who did something that
# somebody else now comes second to, settings of the county; the last but one runs a query that whoever made it has narrowed.
OPEN = {
    "data_version",
    "saved_view_of",
    "told_by",
    "read_groups",
    "declared_by_hand",
    "kept_settings",
    "kept_targets",
    "kept_schemes",
    "definitions_in",
}
WRITES = {
    "save_view",
    "place_view",
    "remove_view",
    "record_export",
    "add_item",
    "exclude_case",
    "withdraw_item",
    "include_case",
    "freeze",
    "candidate_of",
}


def reading() -> Iterator[Callable[..., Any]]:
    """The public functions that are given a database and read from it."""
    for module in pkgutil.walk_packages(data_access.__path__, "data_access."):
        if MACHINERY.intersection(module.name.split(".")):
            continue
        loaded = importlib.import_module(module.name)
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            if function.__module__ != module.name or name.startswith("_") or name in WRITES:
                continue
            types = [parameter.annotation for parameter in inspect.signature(function).parameters.values()]
            # Not its own globals: of a context manager they are contextlib's.
            first = meant(types[0], vars(loaded)) if types else None
            if {Engine, Connection}.intersection([first, *(one for one in get_args(first) if isinstance(one, type))]):
                yield function


def meant(annotation: str, names: dict[str, Any]) -> Any:
    """What an annotation means; None for ``pd.Series[…]``, which only the type checker understands."""
    try:
        return get_type_hints(SimpleNamespace(__annotations__={"it": annotation}), names)["it"]
    except TypeError:
        return None


def says_who(hint: Any) -> bool:
    """Whether what has this type has a viewer."""
    if hint in (Scope, Viewer):
        return True
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        names = vars(sys.modules[hint.__module__])
        return any(says_who(meant(str(field.type), names)) for field in dataclasses.fields(hint))
    return any(map(says_who, get_args(hint)))


FUNCTIONS = {f"{function.__module__}.{function.__name__}": function for function in reading()}


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name.rpartition(".")[2] not in OPEN])
def test_nothing_reads_without_a_viewer(name: str) -> None:
    function = FUNCTIONS[name]
    required = [
        meant(parameter.annotation, function.__globals__)
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is inspect.Parameter.empty
    ]
    assert any(map(says_who, required))


def test_the_door_is_looked_for_where_queries_are() -> None:
    assert {"measure", "county", "petition_cases", "case_history", "sums", "listed_rows", "findable_values"} <= {
        name.rpartition(".")[2] for name in FUNCTIONS
    }


# --- What a viewer may see ------------------------------------------------------------------------

TWO = Viewer(townships=frozenset({"370883103", "370883114"}), rights=frozenset(RIGHTS) - {"persons"})
NOBODY = Viewer(townships=frozenset())
CAMERAS = Viewer(areas=frozenset({"cameras"}))
PERIOD = ("2023-01", "2023-08")
EVERY = {**INDICATORS, **QUESTION_INDICATORS}


@pytest.fixture(scope="module")
def others(sample_engine: Engine) -> dict[str, str]:
    """The townships that the viewer may not see, by code."""
    names = queries.county(sample_engine, UNRESTRICTED).names
    return {code: name for code, name in names.items() if code not in (TWO.townships or ())}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(None, ("370883103", "370883114")), (("370883114", "370883001"), ("370883114",)), (("370883001",), ()), ((), ())],
)
def test_a_scope_is_within_what_its_viewer_may_see(asked: tuple[str, ...] | None, expected: tuple[str, ...]) -> None:
    assert Scope(TWO, asked, *PERIOD).within() == expected
    assert Scope(UNRESTRICTED, asked, *PERIOD).within() == asked
    assert Scope(CAMERAS, asked, *PERIOD).within("cameras") == asked
    assert Scope(CAMERAS, asked, *PERIOD).within("petitions") == ()


def arguments(name: str, scope: Scope) -> list[Any]:
    given = ARGUMENTS.get(name, (scope,))
    return [scope if isinstance(one, Scope) else scope.viewer if isinstance(one, Viewer) else one for one in given]


# No township's rows, or none of the sample's; what boundaries are given is looked at in tests/test_county_map.py.
OTHERS = ("boundaries", "county", "data_version", "village_names")


@pytest.mark.parametrize("name", [name for name in QUERIES if name not in OTHERS])
def test_queries_give_no_rows_of_others(name: str, sample_engine: Engine) -> None:
    scope = Scope(TWO, None, *PERIOD)
    found = QUERIES[name](sample_engine, *arguments(name, scope))
    expected = QUERIES[name](
        sample_engine, *arguments(name, Scope(UNRESTRICTED, tuple(sorted(TWO.townships or ())), *PERIOD))
    )
    nobody = QUERIES[name](sample_engine, *arguments(name, Scope(NOBODY, None, *PERIOD)))
    if not isinstance(found, pd.DataFrame):
        assert str(found) == str(expected)
        assert str(found) != str(nobody)
        return
    if "petitioner" in found:
        assert found["petitioner"].isna().all()
        assert expected["petitioner"].notna().any()
        found, expected = found.drop(columns="petitioner"), expected.drop(columns="petitioner")
    if "township_code" in found:
        assert set(found["township_code"]) <= (TWO.townships or frozenset())
    # What is left out of a sum is told by what others reported.
    if name != "unreported":
        pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert nobody.empty or not nobody.select_dtypes("number").drop(columns="age", errors="ignore").to_numpy().any()


@pytest.mark.parametrize("state", ["all", "open", "pending", "overdue", "late", "closed", "dissatisfied"])
def test_a_search_finds_no_cases_of_others(state: str, sample_engine: Engine) -> None:
    chosen = CaseFilter(state, text="路灯")
    scope = Scope(TWO, None, *PERIOD)
    found = petition_lists.petition_cases(sample_engine, scope, chosen, limit=10_000)
    assert set(found["township_code"]) <= (TWO.townships or frozenset())
    assert petition_lists.petition_case_count(sample_engine, scope, chosen) == len(found)
    everywhere = petition_lists.petition_case_count(sample_engine, Scope(UNRESTRICTED, None, *PERIOD), chosen)
    assert everywhere > len(found) or not everywhere


def test_an_area_that_may_not_be_seen_has_nothing(sample_engine: Engine) -> None:
    scope = Scope(CAMERAS, None, *PERIOD)
    for indicator in INDICATORS.values():
        found = queries.measure(sample_engine, [indicator], scope)[indicator.code]
        assert found.notna().any() == (indicator.data_area == "cameras"), indicator.code
    assert len(camera_lists.cameras_offline(sample_engine, scope))
    assert petition_lists.petition_cases(sample_engine, scope).empty
    assert project_lists.projects(sample_engine, scope).empty
    assert set(queries.county(sample_engine, CAMERAS).as_of) == {"cameras"}


def test_names_of_others_are_not_found(sample_engine: Engine, others: dict[str, str]) -> None:
    assert set(queries.county(sample_engine, TWO).names) == TWO.townships
    with sample_engine.connect() as connection:
        found = findable_values(connection, TWO)
        elsewhere = tuple(connection.scalars(select(village.c.code).where(village.c.township_code.in_(others))))
        codes = {kind: {one.value for one in found if one.kind == kind} for kind in ("township_code", "village_code")}
        assert codes["township_code"] == TWO.townships
        assert codes["village_code"]
        assert not codes["village_code"] & set(elsewhere)
        assert not {one.value.partition("/")[0] for one in found if one.kind in ("team", "grid_code")} & set(others)
        assert names_of(connection, (TWO, "village_code", elsewhere)) == {}
    assert place_lists.village_names(sample_engine, TWO, elsewhere) == {}


def test_a_case_of_others_is_not_there(sample_engine: Engine) -> None:
    case = select(petition.c.township_code, petition.c.case_no).where(petition.c.petitioner != "").limit(1)
    with sample_engine.connect() as connection:
        own, other = (
            connection.execute(case.where(petition.c.township_code == code)).one()
            for code in ("370883103", "370883001")
        )
        assert case_history(connection, (TWO, *other)) is None
        assert case_history(connection, (CAMERAS, *other)) is None
        shown, whole = case_history(connection, (TWO, *own)), case_history(connection, (UNRESTRICTED, *own))
    assert shown is not None
    assert whole is not None
    assert shown.facts["petitioner"] is None
    assert whole.facts["petitioner"]


@pytest.mark.parametrize("code", EVERY)
def test_answers_and_rows_have_nothing_of_others(code: str, sample_engine: Engine) -> None:
    indicator = EVERY[code]
    # What the facts answer, where a rollup need not
    by = next(
        (name for name in ("week", "kind", "camera_kind", "team_kind") if name in dimensions_for([indicator])), "month"
    )
    question = Question((code,), ("township_code", by))
    scope = Scope(TWO, None, "2023-07", "2023-08")
    with sample_engine.connect() as connection:
        for part in plan(question, [indicator], scope, {}):
            found = sums(connection, part)
            if "township_code" in found:
                assert set(found["township_code"]) <= (TWO.townships or frozenset())
        rows = listed_rows(connection, Listing(indicator, scope), limit=5000)
    if len(rows):
        assert set(rows["township_code"]) <= (TWO.townships or frozenset())
        assert "petitioner" not in rows or rows["petitioner"].isna().all()


def test_common_causes_are_of_the_viewers_townships(sample_engine: Engine) -> None:
    looked = common_causes.Looked("township_code", "category_3", "month", Scope(TWO, None, *PERIOD))
    with sample_engine.connect() as connection:
        for part in common_causes.parts(looked, "2023-07"):
            assert set(common_causes.people(connection, part)["township_code"]) == TWO.townships
        again = common_causes.raised_again(connection, (Scope(TWO, None, *PERIOD), 5000))
    assert set(again["township_code"]) == TWO.townships


def test_an_evaluation_is_for_who_may_see_all(sample_engine: Engine) -> None:
    schemes = load_schemes()
    for ask in (
        lambda: offered(sample_engine, TWO, schemes, "2023-08"),
        lambda: evaluate(sample_engine, TWO, schemes[0], ["2023-08"]),
        lambda: course(sample_engine, TWO, schemes, schemes[0], "2023-08"),
        lambda: frozen(sample_engine, TWO, schemes[0].id, "2023-08"),
        lambda: kept_of_month(sample_engine, TWO, "2023-08"),
        lambda: deeds(sample_engine.connect(), TWO),
    ):
        with pytest.raises(NotAllowed):
            ask()


# --- What is shown --------------------------------------------------------------------------------


@pytest.fixture
def shown_to_two(monkeypatch: pytest.MonkeyPatch, sample_url: str) -> None:
    """Whoever comes may see the two townships only."""
    monkeypatch.setenv("DATABASE_URL", sample_url)
    monkeypatch.setattr("ui.asking.viewer._named", lambda *_: TWO)


PAGES = (
    "overview",
    "today",
    "petitions",
    "cameras",
    "volunteers",
    "rural_projects",
    "grid",
    "other_work",
    "evaluation",
    "explore",
    "warning",
    "notes",
)


@pytest.mark.parametrize("tab", ["charts", "rows"])
@pytest.mark.parametrize("name", PAGES)
def test_no_page_tells_of_others(
    name: str,
    tab: str,
    shown_to_two: None,
    sample_url: str,
    monkeypatch: pytest.MonkeyPatch,
    others: dict[str, str],
) -> None:
    # Somebody who may see all was here before, so that there is something kept that is not theirs.
    with monkeypatch.context() as everybody:
        everybody.setattr("ui.asking.viewer._named", lambda *_: UNRESTRICTED)
        whole = told(page(name, sample_url, everybody, tab=[tab], by=["township_code"]))
    own = told(page(name, sample_url, monkeypatch, tab=[tab], by=["township_code"]))
    assert [name for name in others.values() if name in own] == []
    assert own != whole
    assert any(name in whole for name in others.values())


def told(app: Any) -> str:
    """All that a page sends to the browser."""
    kinds = ("league_table", "figure", "kpi_cards", "attention", "answer_table", "tile_map", "navigation", "to_do")
    elements = [json.dumps(contents(app, kind), ensure_ascii=False) for kind in kinds]
    texts = [
        str(one.value) for one in [*app.header, *app.markdown, *app.caption, *app.info, *app.warning, *app.success]
    ]
    tables = [one.value.to_string() for one in app.dataframe]
    options = [str(one.options) for one in [*app.multiselect, *app.selectbox]]
    return "\n".join([*elements, *texts, *tables, *options])


@pytest.mark.parametrize("by", ["page", "street"])
def test_the_wall_tells_nothing_of_others(by: str, shown_to_two: None, others: dict[str, str]) -> None:
    wanted = settings(QueryParams(f"by={by}"))
    whole = json.dumps(content(wanted, UNRESTRICTED), ensure_ascii=False)
    own = json.dumps(content(wanted, TWO), ensure_ascii=False)
    assert all(name in whole for name in others.values())
    assert not any(name in own for name in others.values())


def test_the_search_box_finds_nothing_of_others(shown_to_two: None, others: dict[str, str]) -> None:
    for name in others.values():
        query = QueryParams({"q": name})
        assert any(row["name"] == name for row in matches(query, UNRESTRICTED)["rows"])
        assert not any(row["name"] == name for row in matches(query, TWO)["rows"])


def test_a_file_is_for_who_may_see_what_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    export = start_export("导出", "x.csv", TWO, lambda path, _: path.write_text("rows"), lambda _rows: None)
    export.task.wait(30)
    request = Request({"type": "http", "path_params": {"token": export.token}, "headers": [], "client": None})
    answers = {}
    for viewer in (CAMERAS, TWO):
        monkeypatch.setattr("ui.asking.viewer._named", lambda *_, viewer=viewer: viewer)
        answers[viewer] = in_a_loop(export_route.endpoint(request)).status_code
    assert answers == {CAMERAS: 404, TWO: 200}
