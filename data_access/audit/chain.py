"""Whether the audit log is whole, and how old deeds leave it so that the rest still proves itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, select

from data_access.access import Viewer
from data_access.audit.deeds import digest_of, record
from data_access.audit.tables import deed
from data_access.evaluation.tables import evaluation_freeze
from data_access.problems import Problem
from data_access.scope import same_moment

# Rows in memory at a time
_CHUNK = 1_000
# The law asks for six months at least.
KEPT_MONTHS = 6


@dataclass(frozen=True)
class Chain:
    """What a look through the record found.

    ``count`` deeds follow each other up to the last one's ``number`` and ``digest``, or to where the chain is ``broken_at``
    (a deed's number), and ``problem`` says what is wrong. A published month that no deed has breaks no chain: then
    ``broken_at`` is None and there is a ``problem``.
    """

    count: int
    number: int
    digest: str
    broken_at: int | None = None
    problem: Problem | None = None


def verify(connection: Connection, viewer: Viewer, kept: str = "") -> Chain:
    """Look through the whole record. ``kept``: a digest that was written down elsewhere, which must still be in it.

    Without one, nobody can tell whether the latest deeds were cut off. Raises NotAllowed.
    """
    viewer.require("administer")
    count, number, digest = 0, 0, ""
    is_kept_found = not kept
    begins: tuple[int, str] | None = None
    left: tuple[int, str] | None = None
    published: dict[tuple[str, str, int], str] = {}
    rows = connection.execute(select(deed).order_by(deed.c.number), execution_options={"yield_per": _CHUNK}).mappings()
    for row in rows:
        if begins is None:
            # What came before it was either never there, or a later deed says that it was removed.
            begins = (row["number"] - 1, row["previous_digest"])
            number, digest = begins
        problem = _wrong(row, number, digest)
        if problem:
            return Chain(count, number, digest, number + 1 if row["number"] > number else row["number"], problem)
        count, number, digest = count + 1, row["number"], row["digest"]
        is_kept_found = is_kept_found or digest == kept
        told = json.loads(row["after"] or "{}")
        if row["kind"] == "frozen":
            published[told["scheme"], told["month"], told["version"]] = told["sha256"]
        if row["kind"] == "record-trimmed":
            left = (told["number"], told["digest"])
            is_kept_found = is_kept_found or kept == told["digest"]
            published = {(one, month, version): sha for one, month, version, sha in told["frozen"]} | published
    if begins not in (None, (0, ""), left):
        missing = Problem(
            f"操作记录第 {begins[0] if begins else 0} 条及以前的缺失。",
            f"Deed {begins[0] if begins else 0} and those before it are missing from the record.",
        )
        return Chain(0, 0, "", 1, missing)
    if not is_kept_found:
        lost = Problem(
            f"另存的摘要不在操作记录里：第 {number} 条以后的记录被截去，或整个记录被改写。",
            f"The digest kept elsewhere is not in the record: deeds after {number} were cut off, or all was rewritten.",
        )
        return Chain(count, number, digest, number + 1, lost)
    return Chain(count, number, digest, None, _rewritten(connection, published))


def _wrong(row: RowMapping, number: int, digest: str) -> Problem | None:
    """What is wrong with a deed that should follow the one of this number and digest."""
    if row["number"] != number + 1:
        return Problem(f"操作记录缺第 {number + 1} 条。", f"Deed {number + 1} is missing from the record.")
    if row["previous_digest"] != digest or row["digest"] != digest_of(dict(row)):
        return Problem(
            f"操作记录第 {row['number']} 条被改动、插入或调换过。",
            f"Deed {row['number']} of the record was changed, inserted or put elsewhere.",
        )
    return None


def _rewritten(connection: Connection, published: Mapping[tuple[str, str, int], str]) -> Problem | None:
    """What is wrong with the published months: each must be as the deed says that froze it, and each deed's be there."""
    t = evaluation_freeze.c
    rest = dict(published)
    for row in connection.execute(select(t.scheme, t.month, t.version, t.content, t.sha256)):
        deeds_sha = rest.pop((row.scheme, row.month, row.version), None)
        if not deeds_sha == row.sha256 == hashlib.sha256(row.content.encode()).hexdigest():
            return Problem(
                f"{row.month} 评比（{row.scheme}）第 {row.version} 版与定版时的记录不符，已被改动。",
                f"Version {row.version} of {row.month} ({row.scheme}) is not what its deed says: it was changed.",
            )
    for scheme, month, version in rest:
        return Problem(
            f"{month} 评比（{scheme}）第 {version} 版已被删去。",
            f"Version {version} of {month} ({scheme}) was removed.",
        )
    return None


def trim(connection: Connection, by: Viewer, before: date, today: date | None = None) -> int:
    """Remove the deeds done before a day, and record that; how many. In the transaction that ``begin_writing`` began.

    What they said of published months stays. Raises Problem for a day less than six months ago, or a record that is not
    whole, and NotAllowed. ``today`` is for tests.
    """
    by.require("administer")
    if before > months_ago(today or date.today(), KEPT_MONTHS):
        raise Problem(
            f"操作记录至少保存 {KEPT_MONTHS} 个月，不能删去 {before} 以前的。",
            f"The record is kept for {KEPT_MONTHS} months at least: what was done before {before} stays.",
        )
    if problem := verify(connection, by).problem:
        raise problem
    t = deed.c
    # Deeds go from the first on: what is left has to follow one that is known.
    first_kept = select(func.min(t.number)).where(t.done_at >= datetime.combine(before, time())).scalar_subquery()
    newest = select(func.max(t.number)).scalar_subquery()
    gone = t.number < func.coalesce(first_kept, newest + 1)
    last = connection.execute(select(t.number, t.digest).where(gone).order_by(t.number.desc()).limit(1)).one_or_none()
    if last is None:
        return 0
    told: dict[tuple[str, str, int], str] = {}
    old = connection.execute(
        select(t.kind, t.after).where(gone, t.kind.in_(("frozen", "record-trimmed"))).order_by(t.number)
    )
    for kind, after in old:
        said: dict[str, Any] = json.loads(after)
        if kind == "frozen":
            told[said["scheme"], said["month"], said["version"]] = said["sha256"]
        else:
            told = {(scheme, month, version): sha for scheme, month, version, sha in said["frozen"]} | told
    about = {"number": last.number, "digest": last.digest, "frozen": [[*key, sha] for key, sha in told.items()]}
    record(connection, by, "record-trimmed", f"{before}", after=about)
    count = connection.scalar(select(func.count()).where(t.number <= last.number))
    connection.execute(delete(deed).where(t.number <= last.number))
    return int(count or 0)


def months_ago(day: date, months: int) -> date:
    """The day so many months before; the month's last where it has no such day."""
    return same_moment(datetime.combine(day, time()), months).date()
