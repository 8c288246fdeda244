"""Four townships with two finished months of cases, and a scheme that tells them apart."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, delete, insert

from data_access.areas.petitions.tables import petition
from data_access.evaluation.schemes import Scheme
from data_access.model.recorded import recorded_bits
from data_access.places.tables import township
from data_access.rollups import refresh
from data_access.scope import month_end
from tests.counties import memory_engine
from tests.raw_indicators import SECOND
from tests.schemes import criterion, scheme_of

CODES = ("370883001", "370883002", "370883003", "370883004")
JULY, AUGUST, SEPTEMBER = "2024-07", "2024-08", "2024-09"
EARLY = datetime(2024, 9, 3)
# Everybody is held to the same two shares.
SCHEME: Scheme = scheme_of(criterion("on_time_rate", 50, "attain"), criterion("satisfaction_rate", 50, "attain"))


def load(engine: Engine, code: str, month: str, *, on_time: int, satisfied: int | None, of: int = 10) -> None:
    """The township's cases of a month instead of those it had; satisfied None: the source has no callbacks."""
    received, due, late = (datetime.fromisoformat(f"{month}-{day}") for day in ("02", "08", "10"))
    callbacks = ("called_back", "resolved", "satisfied")
    told = [name for name in petition.info["telling"] if satisfied is not None or name not in callbacks]
    rows = [
        {
            "township_code": code,
            "case_no": f"{code}-{month}-{number}",
            "received_at": received,
            "signed_at": received,
            "due_at": due,
            "closed_at": due if number < on_time else late,
            "called_back": None if satisfied is None else True,
            "satisfied": None if satisfied is None else number < satisfied,
            "recorded": recorded_bits(petition, told),
        }
        for number in range(of)
    ]
    with engine.begin() as connection:
        t = petition.c
        connection.execute(delete(petition).where(t.township_code == code, t.case_no.like(f"{code}-{month}-%")))
        if rows:
            connection.execute(insert(petition), rows)
        refresh(connection, "petitions", townships=[code])


def reach(engine: Engine, moment: datetime) -> None:
    with engine.begin() as connection:
        refresh(connection, "petitions", as_of=moment)


def four_townships() -> Engine:
    """Four townships with July and August, their order turned round between the two."""
    engine = memory_engine()
    with engine.begin() as connection:
        rows = [{"code": code, "name": f"镇{number}", "kind": "镇"} for number, code in enumerate(CODES)]
        connection.execute(insert(township), rows)
    for number, code in enumerate(CODES):
        load(engine, code, JULY, on_time=10 - number, satisfied=9)
        load(engine, code, AUGUST, on_time=6 + number, satisfied=9)
    reach(engine, month_end(AUGUST) - SECOND)
    return engine
