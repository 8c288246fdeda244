"""How files of petitions are read."""

from __future__ import annotations

from data_access.areas.petitions.closing import is_understood
from data_access.areas.petitions.tables import petition, petition_category_month
from data_access.model.import_table import Columns, Field, ImportTable, begin_on_that_day
from data_access.places.imports import TOWNSHIP, VILLAGE
from data_access.places.points import POINT


def _complete_petition(columns: Columns) -> None:
    begin_on_that_day(columns, "received_at", ("signed_at", "replied_at", "closed_at"))
    # Who answered was asked: sources often give the answers only, and the rollups count those called back.
    for answers in ("resolved", "satisfied"):
        if answers in columns:
            asked = columns.get("called_back", [None] * len(columns[answers]))
            pairs = zip(asked, columns[answers], strict=True)
            columns["called_back"] = [True if was is None and answer is not None else was for was, answer in pairs]


PETITIONS = ImportTable(
    "petitions",
    "群众诉求",
    "Petitions",
    petition,
    area="petitions",
    identity=("case_no",),
    # Some townships number their own cases: the same number received at another time is another case.
    same_when_moved="received_at",
    left_behind=("village_code", "grid_code"),
    never_changes=("received_at", "title"),
    complete=_complete_petition,
    fields=(
        Field("case_no", "code", required=True),
        Field("channel", "text", words=petition_category_month.c.channel),
        Field("category_1", "text"),
        Field("category_2", "text"),
        Field("category_3", "text"),
        Field("title", "free_text"),
        Field("text", "free_text"),
        Field("petitioner", "text"),
        Field("phone", "code"),
        TOWNSHIP,
        VILLAGE,
        Field("grid", "code", column="grid_code"),
        *POINT,
        Field("received_at", "moment", required=True, not_in_future=True),
        Field("signed_at", "moment", not_before="received_at", not_in_future=True),
        Field("due_at", "moment", not_before="received_at", whole_day=True),
        Field("replied_at", "moment", not_before="received_at", not_in_future=True),
        Field("closed_at", "moment", not_before="received_at", not_in_future=True),
        Field("department", "text", is_later=True),
        Field("status", "text", vocabulary=lambda: ("已办结", "办理中"), understood=is_understood, is_later=True),
        Field("called_back", "answer"),
        Field("resolved", "answer"),
        Field("satisfied", "answer"),
        Field("repeat_of", "code", is_later=True),
        Field("invalid_reason", "text", is_later=True),
    ),
)
