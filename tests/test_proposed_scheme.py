"""A county that has petitions only gets a scheme that ranks its townships, and keeps it in the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, select, update

from data_access import database
from data_access.access import RIGHTS, UNRESTRICTED, NotAllowed, Viewer
from data_access.areas.petitions.tables import petition
from data_access.audit.tables import deed
from data_access.database import engine_for
from data_access.evaluation.monthly import evaluate
from data_access.evaluation.schemes import SchemeProblem, load_schemes, scheme_in, written
from data_access.model.recorded import recorded_bits
from data_access.queries import county
from data_access.rollups import refresh
from data_access.settings.changing import SettingProblem
from data_access.settings.kept import kept_schemes
from data_access.settings.schemes import proposed_scheme, remove_scheme, save_scheme
from tests.counties import copied, on_both
from tests.finished_months import AUGUST, four_townships
from tests.page_contents import page

WANG = Viewer("王某", "10.1.2.3")


@pytest.fixture(scope="module")
def made_once() -> Iterator[Engine]:
    engine = four_townships()
    yield engine
    engine.dispose()


@pytest.fixture
def four(made_once: Engine, tmp_path: Path) -> Iterator[Engine]:
    engine = engine_for(copied(made_once, tmp_path / "four.sqlite"))
    yield engine
    engine.dispose()


def without(engine: Engine, names: Sequence[str]) -> None:
    """As if no source had these columns."""
    told = [name for name in petition.info["telling"] if name not in names]
    with engine.begin() as connection:
        connection.execute(update(petition).values({"recorded": recorded_bits(petition, told), **dict.fromkeys(names)}))
        refresh(connection, "petitions")


@pytest.mark.parametrize(
    ("lacking", "expected"),
    [
        ((), {"signed_in_time_rate": 46, "satisfaction_rate": 54}),
        (("signed_at",), {"on_time_rate": 46, "satisfaction_rate": 54}),
        (
            ("signed_at", "called_back", "resolved", "satisfied"),
            {"on_time_rate": 33, "completion_rate": 33, "false_closure_rate": 34},
        ),
        (
            ("signed_at", "called_back", "resolved", "satisfied", "due_at"),
            {"completion_rate": 50, "false_closure_rate": 50},
        ),
    ],
)
def test_what_is_proposed_ranks_everybody(four: Engine, lacking: tuple[str, ...], expected: dict[str, float]) -> None:
    without(four, ["resolved", *lacking] if "resolved" not in lacking else lacking)
    scheme = proposed_scheme(four, UNRESTRICTED, county(four, UNRESTRICTED))
    assert scheme is not None
    assert {one.indicator.code: one.weight for one in scheme.criteria} == expected
    # As the form keeps it
    content = written(scheme)
    save_scheme(four, WANG, scheme.id, content)
    kept = {one.id: one for one in load_schemes(kept=kept_schemes(four))}[scheme.id]
    assert kept == scheme == scheme_in(scheme.id, content)
    (month,) = evaluate(four, UNRESTRICTED, kept, [AUGUST])
    assert set(month.evaluation.standing) == {"ranked"}


def test_without_petitions_nothing_is_proposed(empty_engine: Engine) -> None:
    assert proposed_scheme(empty_engine, UNRESTRICTED, county(empty_engine, UNRESTRICTED)) is None


SCHEME = """\
name = "一项"
from = "2023-01"
[[criteria]]
indicator = "on_time_rate"
weight = 100
rule = "deduct"
"""


@on_both
def test_a_scheme_is_kept_replaced_and_removed(engine: Engine) -> None:
    assert save_scheme(engine, WANG, "three_rates", SCHEME, seen=0)
    assert save_scheme(engine, WANG, "three_rates", SCHEME) is None
    assert [one.zh for one in load_schemes(kept=kept_schemes(engine)) if one.id == "three_rates"] == ["一项"]
    with pytest.raises(SettingProblem, match="王某 已于"):
        save_scheme(engine, Viewer("李某"), "three_rates", SCHEME.replace("一项", "两项"), seen=0)
    with pytest.raises(SchemeProblem, match="权重合计"):
        save_scheme(engine, WANG, "three_rates", SCHEME.replace("100", "90"))
    # Another one of the same series and months
    with pytest.raises(SchemeProblem, match="重叠"):
        save_scheme(engine, WANG, "other", SCHEME.replace("from", 'series = "three_rates"\nfrom'))
    with pytest.raises(SettingProblem, match="小写字母"):
        save_scheme(engine, WANG, "../x", SCHEME)
    with pytest.raises(NotAllowed):
        save_scheme(engine, Viewer("张某", rights=frozenset(RIGHTS) - {"administer"}), "three_rates", SCHEME)
    assert remove_scheme(engine, WANG, "three_rates")
    assert remove_scheme(engine, WANG, "three_rates") is None
    assert [one.zh for one in load_schemes(kept=kept_schemes(engine)) if one.id == "three_rates"] == ["三率考评"]
    with engine.connect() as connection:
        subjects = connection.scalars(select(deed.c.subject)).all()
    assert subjects == ["scheme three_rates"] * 2


def test_the_page_offers_first_what_has_data_and_says_where_to_get_a_scheme(
    made_once: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = copied(made_once, tmp_path / "four.sqlite")
    with engine_for(url).begin() as connection:
        command.stamp(database._alembic(connection), "head")
    app = page("evaluation", url, monkeypatch)
    # All areas stand first by name: of most of them there are no data.
    assert app.selectbox(key="scheme").value != "all_areas"
    app = page("evaluation", url, monkeypatch, scheme=["all_areas"])
    assert any("按现有数据拟一个方案" in one.value for one in app.info)
    engine = engine_for(url)
    scheme = proposed_scheme(engine, UNRESTRICTED, county(engine, UNRESTRICTED))
    assert scheme is not None
    save_scheme(engine, WANG, scheme.id, written(scheme))
    engine.dispose()
    app = page("evaluation", url, monkeypatch, scheme=[scheme.id])
    assert not app.info
