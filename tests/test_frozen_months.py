"""What is frozen stays as it was, whatever is imported or changed later; and what cannot be frozen or ranked."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from sqlalchemy import Engine, update

from data_access.access import UNRESTRICTED, Viewer
from data_access.evaluation.finished import last_finished
from data_access.evaluation.monthly import course, evaluate, offered
from data_access.evaluation.records import Frozen, RecordProblem, Stage, differences, freeze, frozen
from data_access.evaluation.schemes import Scheme
from data_access.evaluation.tables import evaluation_freeze
from data_access.model.data_state import as_of_dates
from data_access.scope import month_end
from tests.finished_months import AUGUST, CODES, EARLY, JULY, SCHEME, SEPTEMBER, four_townships, load, reach
from tests.raw_indicators import SECOND


@pytest.fixture
def county() -> Iterator[Engine]:
    """Those townships, in memory."""
    engine = four_townships()
    yield engine
    engine.dispose()


def keep(
    engine: Engine, month: str, scheme: Scheme = SCHEME, stage: Stage = "final", now: datetime = EARLY, reason: str = ""
) -> Frozen:
    (found,) = evaluate(engine, UNRESTRICTED, scheme, [month])
    return freeze(
        engine, found.evaluation, found.items, found.exclusions, by=Viewer("县办"), stage=stage, now=now, reason=reason
    )


def test_a_frozen_month_is_compared_with_what_was_frozen(county: Engine) -> None:
    keep(county, JULY)
    keep(county, AUGUST)
    told = course(county, UNRESTRICTED, [SCHEME], SCHEME, AUGUST)
    was = told.previous
    assert was is not None
    assert was.place.tolist() == [1, 2, 3, 4]
    # July is corrected, which turns it round; and later August's scheme is changed.
    for number, code in enumerate(CODES):
        load(county, code, JULY, on_time=6 + number, satisfied=9)
    changed = replace(SCHEME, criteria=(replace(SCHEME.criteria[0], weight=100.0),))
    for schemes in ([SCHEME], [changed]):
        again = course(county, UNRESTRICTED, schemes, schemes[0], AUGUST)
        assert again.previous is not None
        np.testing.assert_array_equal(again.previous.place, was.place)
        np.testing.assert_array_equal(again.previous.score, was.score)
        np.testing.assert_array_equal(again.shown.score, told.shown.score)
        assert len(again.shown.criteria) == 2
    # A correction of July that is frozen after August does not change what August was compared with either.
    keep(county, JULY, now=datetime(2024, 9, 9), reason="更正")
    corrected = course(county, UNRESTRICTED, [SCHEME], SCHEME, AUGUST).previous
    assert corrected is not None
    np.testing.assert_array_equal(corrected.place, was.place)


def test_a_later_scheme_does_not_hide_a_frozen_month(county: Engine) -> None:
    keep(county, JULY)
    later = replace(SCHEME, first=SEPTEMBER)
    assert offered(county, UNRESTRICTED, [later], JULY) == (SCHEME,)
    assert offered(county, UNRESTRICTED, [later], AUGUST) == ()


def test_counts_that_change_without_points_are_differences(county: Engine) -> None:
    load(county, CODES[0], JULY, on_time=10, satisfied=10)
    kept = keep(county, JULY)
    load(county, CODES[0], JULY, on_time=6, satisfied=6, of=6)
    (now,) = evaluate(county, UNRESTRICTED, SCHEME, [JULY])
    found = differences(kept, now.evaluation)
    assert [tuple(row) for row in found[["what", "published", "now"]].to_numpy()] == [
        ("on_time_rate:n", 10, 6),
        ("on_time_rate:d", 10, 6),
        ("satisfaction_rate:n", 10, 6),
        ("satisfaction_rate:d", 10, 6),
    ]


def test_an_unfinished_month_is_neither_ranked_nor_frozen(county: Engine) -> None:
    for number, code in enumerate(CODES):
        load(county, code, SEPTEMBER, on_time=number, satisfied=9)
    reach(county, datetime(2024, 9, 12, 8))
    (month,) = evaluate(county, UNRESTRICTED, SCHEME, [SEPTEMBER])
    assert np.isnan(month.evaluation.place).all()
    assert set(month.evaluation.standing) == {"unfinished"}
    assert course(county, UNRESTRICTED, [SCHEME], SCHEME, SEPTEMBER).previous is None
    with pytest.raises(RecordProblem, match="只到 12 日"):
        keep(county, SEPTEMBER)
    with county.connect() as connection:
        as_of = as_of_dates(connection)
    assert last_finished(SCHEME, (JULY, AUGUST, SEPTEMBER), as_of) == AUGUST
    reach(county, month_end(SEPTEMBER) - SECOND)
    assert keep(county, SEPTEMBER).version == 1


def test_nobody_leaves_the_last_place_by_not_reporting(county: Engine) -> None:
    load(county, CODES[0], AUGUST, on_time=0, satisfied=0, of=0)
    (month,) = evaluate(county, UNRESTRICTED, SCHEME, [AUGUST])
    table = month.evaluation.table()
    assert table["code"].tolist() == [CODES[3], CODES[2], CODES[1], CODES[0]]
    assert table["standing"].tolist() == ["ranked"] * 3 + ["unreported"]
    (month,) = evaluate(county, UNRESTRICTED, replace(SCHEME, unreported="last"), [AUGUST])
    assert month.evaluation.place.tolist() == [4, 3, 2, 1]


def test_what_the_source_never_recorded_gives_no_points_and_no_place(county: Engine) -> None:
    load(county, CODES[3], AUGUST, on_time=10, satisfied=None)
    (month,) = evaluate(county, UNRESTRICTED, SCHEME, [AUGUST])
    found = month.evaluation
    assert found.absent[3].tolist() == ["", "unrecorded"]
    assert math.isnan(found.points[3, 1])
    assert found.standing.tolist() == ["ranked", "ranked", "ranked", "unrecorded"]
    (month,) = evaluate(county, UNRESTRICTED, replace(SCHEME, unrecorded="rest"), [AUGUST])
    assert month.evaluation.place.tolist() == [4, 3, 2, 1]
    assert month.evaluation.score[3] == pytest.approx(100)


def test_a_draft_waits_for_objections(county: Engine) -> None:
    scheme = replace(SCHEME, objection_days=5)
    with pytest.raises(RecordProblem, match="公示"):
        keep(county, JULY, scheme)
    draft = keep(county, JULY, scheme, "draft")
    assert (draft.stage, f"{draft.objections_until}") == ("draft", "2024-09-08")
    with pytest.raises(RecordProblem, match="2024-09-08"):
        keep(county, JULY, scheme, now=datetime(2024, 9, 8, 23))
    assert keep(county, JULY, scheme, now=datetime(2024, 9, 9)).stage == "final"


@pytest.mark.parametrize(
    "changed",
    [{"frozen_by": "乙"}, {"frozen_at": datetime(2024, 9, 4)}, {"reason": "别的"}, {"version": 2}],
    ids=lambda changed: next(iter(changed)),
)
def test_who_when_why_and_which_are_under_the_hash(county: Engine, changed: dict[str, object]) -> None:
    kept = keep(county, JULY)
    assert kept.is_intact
    assert json.dumps(kept.content["frozen"], ensure_ascii=False).count("县办") == 1
    with county.begin() as connection:
        connection.execute(update(evaluation_freeze).values(changed))
    tampered = frozen(county, UNRESTRICTED, SCHEME.id, JULY)
    assert tampered is not None
    assert not tampered.is_intact
