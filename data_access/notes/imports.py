"""How files of notes are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from data_access.model.import_table import Columns, Fault, Field, ImportTable, Values
from data_access.notes.kept import is_in_order
from data_access.notes.tables import dated_note
from data_access.problems import Rule

if TYPE_CHECKING:
    from data_access.importing.places import Places

_ENDS_BEFORE = Rule("note-ends-before", "早于开始日期", "is before its beginning")


def _of_county(columns: Columns) -> None:
    """Without a township it is a note on the county."""
    townships = columns.get("township_code", [None] * len(columns["begins"]))
    columns["township_code"] = [code or "" for code in townships]


def _rule(values: Values, _places: Places) -> Iterator[Fault]:
    begins, ends = values.get("begins"), values.get("ends")
    if begins and ends and not is_in_order(begins, ends):
        yield "ends", _ENDS_BEFORE.broken()


NOTES = ImportTable(
    "notes",
    "事件注记",
    "Notes",
    dated_note,
    # They count in no figure.
    area="",
    identity=("note_no", "township_code"),
    is_log=True,
    never_changes=("words",),
    complete=_of_county,
    rule=_rule,
    fields=(
        Field("note_no", "code", required=True),
        Field("begins", "day_or_month", required=True),
        Field("ends", "day_or_month"),
        Field("township", "township", column="township_code"),
        Field("words", "text", required=True),
        Field("kind", "text"),
    ),
)
