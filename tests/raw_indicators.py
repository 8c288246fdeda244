"""Random facts, and every indicator counted from them a second time, from its stated rule.

A measure is a list of observations: a row for each thing looked at, with its township, month and further
dimensions, and what it adds. What was looked at and did not count adds 0; what was not looked at has no
row, so that a sum over nothing is "no data". Nothing here reads a rollup.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from operator import itemgetter
from random import Random
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Table, insert

from data_access.areas.cameras.tables import camera, camera_outage
from data_access.areas.grid.tables import grid_event
from data_access.areas.petitions.tables import petition
from data_access.areas.projects.tables import project, project_report
from data_access.areas.volunteers.tables import volunteer_activity, volunteer_team
from data_access.model.indicator import Indicator
from data_access.model.recorded import recorded_bits
from data_access.places.tables import grid, township, village
from data_access.registers import register_value
from data_access.schema import FACTS, metadata
from data_access.scope import Scope, month_end, month_offset, month_range, month_start

Row = dict[str, Any]

# Over a turn of the year and a 29 February.
FIRST, LAST = "2023-11", "2024-04"
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
TIMES = ("week", "weekday", "hour")
AREAS = ("petitions", "cameras", "volunteers", "projects", "grid")
TABLES = (township, village, grid, *FACTS, register_value)


# --- Random facts -----------------------------------------------------------------------------------


class World:
    """A small county whose rows lean towards edges: first and last seconds, exact limits, missing values.

    ``facts`` holds the rows by table name. No event is later than ``end``, the data's as-of moment; due
    dates and plans may be. ``add`` makes one row of a fact table in a township, or replaces ``old``.
    """

    def __init__(self, rng: Random, petitions: int = 60, others: int = 12) -> None:
        self.rng = rng
        self.numbers = itertools.count(1)
        self.facts: dict[str, list[Row]] = {table.name: [] for table in TABLES}
        self.end = datetime.max
        self.end = rng.choice((self.moment(month_start("2024-03")), month_start(LAST), month_end(LAST) - SECOND))
        self.townships = tuple(f"37088300{number}000" for number in range(1, rng.randint(3, 4) + 1))
        self.villages: dict[str, list[str]] = {}
        self.grids: dict[str, list[str]] = {}
        for number, code in enumerate(self.townships):
            self._put(township, code=code, name=f"镇{number}", kind="镇", residents=rng.choice((900, 20_000, 0, None)))
            self._add_places(code)
        for table in FACTS:
            # Some townships report nothing at all.
            active = [code for code in self.townships if rng.random() < 0.8]
            for _ in range((petitions if table is petition else others) if active else 0):
                self.add(table.name, rng.choice(active))
        for row in self.facts["township"]:
            self._add_past("township", row["code"], "", "residents")
        for row in self.facts["volunteer_team"]:
            self._add_past("volunteer_team", row["township_code"], row["team_id"], "members", "registered")
        for row in self.facts["grid"]:
            self._add_past("grid", row["township_code"], row["grid_code"], "workers")

    def moment(self, first: datetime | None = None) -> datetime:
        """Any second until the end; often the first or the last of a month."""
        first = first or month_start(FIRST)
        last = min(self.end, month_end(LAST) - SECOND)
        if self.rng.random() < 0.25:
            edge = month_start(self.rng.choice(month_range(FIRST, LAST))) - self.rng.choice((SECOND, 0 * SECOND))
            if first <= edge <= last:
                return edge
        return first + self.rng.randint(0, max(int((last - first) / SECOND), 0)) * SECOND

    def day(self, before: int = 0, after: int = 0) -> date:
        """Any day of the data, or so many days before and after them; often the first or the last of a month."""
        last = min(self.end, month_end(LAST) - SECOND)
        days = (last - month_start(FIRST)).days
        edge = month_start(self.rng.choice(month_range(FIRST, LAST))) - self.rng.choice((DAY, 0 * DAY))
        if self.rng.random() < 0.25 and edge <= last + after * DAY:
            return edge.date()
        return (month_start(FIRST) + self.rng.randint(-before, days + after) * DAY).date()

    def add(self, name: str, township_code: str, old: Row | None = None) -> Row | None:
        """A new row in a fact table (or new values for the row ``old``); None where it has no parent."""
        maker = getattr(self, f"_{name}", None)
        given = maker(township_code, old) if maker else None
        if given is None:
            return None
        table = metadata.tables[name]
        row = dict.fromkeys(table.c.keys()) | {"township_code": township_code} | given
        if telling := table.info.get("telling"):
            row |= self._as_recorded(table, telling)
        if old is not None:
            row |= {key.name: old[key.name] for key in table.primary_key}
            self.facts[name].remove(old)
        self.facts[name].append(row)
        return row

    def _as_recorded(self, table: Table, telling: tuple[str, ...]) -> Row:
        """What remains of a row where its source lacks some of the columns that say something by being empty."""
        lacks = [column for column in telling if self.rng.random() < 0.2]
        empty = dict.fromkeys(lacks)
        if "called_back" in lacks:
            empty |= {"resolved": None, "satisfied": None}
        return empty | {"recorded": recorded_bits(table, set(telling) - set(lacks))}

    def of(self, name: str, township_code: str) -> list[Row]:
        return [row for row in self.facts[name] if row["township_code"] == township_code]

    def write(self, connection: Connection) -> None:
        """The facts into an empty database."""
        for table in TABLES:
            if self.facts[table.name]:
                connection.execute(insert(table), self.facts[table.name])

    def _put(self, table: Any, **given: Any) -> None:
        self.facts[table.name].append(dict.fromkeys(table.c.keys()) | given)

    def _id(self) -> str:
        return f"N{next(self.numbers):05d}"

    def _sometimes(self, value: Any, chance: float = 0.5) -> Any:
        return value if self.rng.random() < chance else None

    def _until_end(self, value: datetime | None) -> datetime | None:
        return None if value is None or value > self.end else value

    def _pick(self, codes: Sequence[str]) -> str | None:
        return self.rng.choice((*codes, None))

    def _add_places(self, code: str) -> None:
        rng = self.rng
        self.villages[code] = [f"{code[:9]}{number:03d}" for number in range(1, rng.randint(0, 3) + 1)]
        for village_code in self.villages[code]:
            self._put(village, code=village_code, township_code=code, name=f"村{village_code}")
        self.grids[code] = []
        for number in range(rng.randint(0, 5)):
            parents = self.of("grid", code)
            is_micro = bool(parents) and rng.random() < 0.4
            self._put(
                grid,
                township_code=code,
                grid_code=f"G{number}",
                kind="微网格" if is_micro else "网格",
                village_code=self._pick(self.villages[code]),
                parent_code=self._sometimes(rng.choice(parents)["grid_code"], 0.8) if is_micro else None,
                workers=rng.choice((None, 0, 1, 2, 3)),
                opened_on=self._sometimes(self.day(30)),
                closed_on=self._sometimes(self.day(0, 20), 0.3),
            )
            self.grids[code].append(f"G{number}")

    def _add_past(self, name: str, code: str, row_code: str, *sizes: str) -> None:
        """What a register said before: up to two values, one after the other, each for some months."""
        since = self._sometimes("0001-01", 0.4)
        while since and since < LAST:
            until = self.rng.choice([month for month in month_range(FIRST, LAST) if month > since])
            values = {size: self.rng.choice((None, 7, 5_000)) for size in sizes}
            about = {"township_code": code, "table_name": name, "row_code": row_code, "batch_id": "B"}
            self._put(register_value, **about, since=since, until=until, **values)
            since = self._sometimes(until)

    def _petition(self, code: str, old: Row | None) -> Row:
        rng = self.rng
        received = self.moment()
        earlier = [row for row in self.of("petition", code) if row is not old]
        repeated = rng.choice(earlier) if earlier and rng.random() < 0.4 else None
        if repeated and repeated["closed_at"]:
            week = 7 * DAY
            received = repeated["closed_at"] + rng.choice((-SECOND, 0 * DAY, 2 * DAY, week, week + SECOND, 3 * week))
            received = min(received, self.end)
        due = rng.choice(
            (None, received + rng.randint(1, 40) * DAY, self.end, self.end + SECOND, self.moment(received))
        )
        closed = rng.choice((None, due, due and due + SECOND, received, self.moment(received), self.moment(received)))
        return {
            "case_no": self._id(),
            "channel": rng.choice((None, "12345", "来访")),
            "category_1": rng.choice((None, "城乡建设", "劳动")),
            "category_2": rng.choice((None, "供水")),
            "category_3": None,
            "title": rng.choice((None, "停水", "100%_停水", "欠薪")),
            "petitioner": rng.choice((None, "", "王", "李小明")),
            "village_code": self._pick(self.villages[code]),
            "grid_code": self._pick(self.grids[code]),
            "department": rng.choice((None, "", "水务局")),
            "status": rng.choice((None, "已办结", "办理中", "未办结", "甲类")),
            "received_at": received,
            "signed_at": self._until_end(rng.choice((None, received, received + DAY, received + DAY + SECOND))),
            "due_at": due,
            "replied_at": self._until_end(self._sometimes(received + DAY, 0.3)),
            "closed_at": self._until_end(None if closed and closed < received else closed),
            "called_back": rng.choice((None, True, True, False)),
            "resolved": rng.choice((None, True, False)),
            "satisfied": rng.choice((None, True, False)),
            "repeat_of": repeated and repeated["case_no"],
            "invalid_reason": self._sometimes("重复工单", 0.1),
        }

    def _camera(self, code: str, old: Row | None) -> Row:
        installed = self.day(30, 5)
        outages = [] if old is None else self._outages(code, old["camera_id"])
        if old and outages:
            # Nothing fails before it is there.
            installed = old["installed_on"]
        removed = installed + self.rng.randint(1, 150) * DAY
        return {
            "camera_id": self._id(),
            "village_code": self._pick(self.villages[code]),
            "kind": self.rng.choice((None, "枪机", "球机")),
            "installed_on": installed,
            "removed_on": self._sometimes(self.rng.choice((removed, removed.replace(day=1) + 31 * DAY)), 0.4),
        }

    def _outages(self, code: str, camera_id: str) -> list[Row]:
        return [row for row in self.of("camera_outage", code) if row["camera_id"] == camera_id]

    def _camera_outage(self, code: str, old: Row | None) -> Row | None:
        rng = self.rng
        cameras = self.of("camera", code)
        if old is not None:
            started, camera_id = old["started_at"], old["camera_id"]
        else:
            if not cameras:
                return None
            chosen = rng.choice(cameras)
            camera_id = chosen["camera_id"]
            started = self.moment(datetime.combine(chosen["installed_on"], time()))
            started = rng.choice((started, started, self.end))
            if started > self.end or started.date() < chosen["installed_on"]:
                return None
        midnight = month_end(f"{started:%Y-%m}")
        ended = rng.choice((None, started + 3 * HOUR, started + DAY, self.moment(started), midnight, midnight - SECOND))
        ended = self._until_end(ended)
        for other in self._outages(code, camera_id):
            # One camera is down once at a time.
            if (
                other is not old
                and started <= (other["ended_at"] or self.end)
                and other["started_at"] <= (ended or self.end)
            ):
                return None
        return {
            "camera_id": camera_id,
            "started_at": started,
            "ended_at": ended,
            "cause": rng.choice((None, "断电", "断网")),
        }

    def _volunteer_team(self, code: str, _old: Row | None) -> Row:
        founded = self.day(60)
        return {
            "team_id": self._id(),
            "name": "队",
            "kind": self.rng.choice((None, "网格志愿队", "文明实践")),
            "village_code": self._pick(self.villages[code]),
            "grid_code": self._pick([*self.grids[code], "unknown"]),
            "members": self._sometimes(self.rng.randint(0, 30), 0.8),
            "registered": self._sometimes(self.rng.randint(0, 20), 0.6),
            "founded_on": founded,
            "dissolved_on": self._sometimes(founded + self.rng.randint(1, 150) * DAY, 0.4),
        }

    def _volunteer_activity(self, code: str, _old: Row | None) -> Row | None:
        teams = self.of("volunteer_team", code)
        if not teams:
            return None
        return {
            "activity_id": self._id(),
            "team_id": self.rng.choice(teams)["team_id"],
            "held_on": self.day(),
            "kind": self.rng.choice((None, "巡河", "助老")),
            "participants": self._sometimes(self.rng.randint(1, 9), 0.8),
            "hours": self._sometimes(self.rng.randint(0, 40) / 4, 0.7),
        }

    def _project(self, code: str, _old: Row | None) -> Row:
        rng = self.rng
        start = self.day(60, 60)
        end = start + rng.choice((0, 1, 100, 100, 100, 365)) * DAY
        return {
            "project_id": self._id(),
            "name": "工程",
            "kind": rng.choice((None, "道路", "产业")),
            "village_code": self._pick(self.villages[code]),
            "department": rng.choice((None, "住建局")),
            "budget_yuan": rng.choice((None, 0, 5_000_000_000, 1_000_000)),
            "planned_start": start,
            "planned_end": end,
            "actual_start": self._sometimes(self.day(30, 0)),
            "actual_end": self._sometimes(self.day(0, 20), 0.2),
        }

    def _project_report(self, code: str, old: Row | None) -> Row | None:
        rng = self.rng
        taken = {(row["project_id"], row["month"]) for row in self.of("project_report", code)}
        free = [
            (row["project_id"], month)
            for row in self.of("project", code)
            for month in month_range(FIRST, f"{self.end:%Y-%m}")
            if (row["project_id"], month) not in taken
        ]
        if old is not None:
            free = [(old["project_id"], old["month"])]
        if not free:
            return None
        project_id, month = rng.choice(free)
        start = next(row for row in self.of("project", code) if row["project_id"] == project_id)["planned_start"]
        # Exactly ten points behind, where the work was planned to take a hundred days.
        behind = ((month_end(month) - DAY).date() - start).days - 10
        return {
            "project_id": project_id,
            "month": month,
            "stage": rng.choice((None, "在建", "完工")),
            "progress": rng.choice((0.0, 100.0, 33.3, min(max(behind, 0), 100), min(max(behind, 0), 100))),
            "invested_yuan": rng.choice((None, 0, 700_000, 3_000_000_000)),
        }

    def _grid_event(self, code: str, _old: Row | None) -> Row:
        reported = self.moment()
        return {
            "event_id": self._id(),
            "grid_code": self.rng.choice((*self.grids[code], *self.grids[code], "unknown")),
            "kind": self.rng.choice(("安全隐患", "矛盾纠纷", "民生")),
            "reported_at": reported,
            "due_at": self._sometimes(reported + 5 * DAY),
            "closed_at": self._until_end(self.rng.choice((None, self.moment(reported), self.moment(reported)))),
        }


# --- The recount ------------------------------------------------------------------------------------


def is_done(row: Row) -> bool:
    """Whether a case is closed, by its closing time or what its status says."""
    return row["closed_at"] is not None or row["status"] == "已办结"


def is_open(row: Row) -> bool:
    """Whether a case is known to be open: its source tells of closing, or its status says so."""
    tells = bool(row["recorded"] & recorded_bits(petition, ["closed_at"]))
    return not is_done(row) and (tells or row["status"] in ("办理中", "未办结"))


def as_of_from(facts: dict[str, list[Row]], area: str, *, by_register: bool = True) -> datetime | None:
    """Until when an area's facts reach: a day and a month until their last second; without any, its register."""
    times = {
        "petitions": [("petition", ("received_at", "signed_at", "replied_at", "closed_at"))],
        "cameras": [("camera_outage", ("started_at", "ended_at"))],
        "volunteers": [("volunteer_activity", ("held_on",))],
        "projects": [("project_report", ("month",))],
        "grid": [("grid_event", ("reported_at", "closed_at"))],
    }
    registers = {
        "cameras": [("camera", ("installed_on", "removed_on"))],
        "volunteers": [("volunteer_team", ("founded_on", "dissolved_on"))],
        "projects": [("project", ("actual_start", "actual_end"))],
        "grid": [("grid", ("opened_on", "closed_on"))],
    }
    has_facts = any(facts[name] for name, _ in times[area])
    moments = []
    for name, columns in times[area] if has_facts or not by_register else registers.get(area, ()):
        for row, column in itertools.product(facts[name], columns):
            match row[column]:
                case datetime() as moment:
                    moments.append(moment)
                case date() as day:
                    moments.append(datetime.combine(day, time(23, 59, 59)))
                case str(month):
                    moments.append(month_end(month) - SECOND)
    return max(moments, default=None)


def _months(times: Iterable[datetime | date | None]) -> list[str | None]:
    return [None if moment is None else f"{moment:%Y-%m}" for moment in times]


@dataclass(frozen=True)
class Observed:
    """Rows of what was looked at: by which ``dimensions``, and what each adds to the ``measures`` (None: nothing)."""

    rows: list[Row]
    dimensions: frozenset[str]
    measures: tuple[str, ...]


class Recount:
    """Every indicator from the facts, as of each area's moment (an area without one has no data).

    ``registers_since``: the first month for which the sizes of registers are known; as the last that was finished at
    the as-of moment always is.
    """

    def __init__(
        self, facts: dict[str, list[Row]], as_of: dict[str, datetime], registers_since: str | None = None
    ) -> None:
        self.facts = facts
        self.as_of = as_of
        self.registers_since = registers_since
        self.kinds = {row["code"]: row["kind"] for row in facts["township"]}

    def __call__(self, indicators: Sequence[Indicator], scope: Scope, by: tuple[str, ...]) -> pd.DataFrame:
        """What ``queries.measure`` promises, indexed by the dimensions; rows without any data may be missing."""
        sources = {(indicator.source, indicator.over_months) for indicator in indicators}
        sums = {
            (source, over_months, number): _sums(observed, scope, by, over_months)
            for source, over_months in sources
            for number, observed in enumerate(getattr(self, source))
            if set(by) <= observed.dimensions
        }
        keys = sorted({key for found in sums.values() for key in found})
        counted = {
            (source, over_months, measure): np.array([found[key][place] if key in found else np.nan for key in keys])
            for (source, over_months, number), found in sums.items()
            for place, measure in enumerate(getattr(self, source)[number].measures)
        }
        index: pd.Index[Any] = pd.RangeIndex(1)
        if by:
            single = pd.Index([key[0] for key in keys], dtype=object, name=by[0])
            index = single if len(by) == 1 else pd.MultiIndex.from_tuples(keys, names=by)
        columns = {}
        for indicator in indicators:
            source = indicator.source, indicator.over_months
            numerator = columns[f"{indicator.code}:n"] = counted[*source, indicator.numerator]
            denominator = counted[*source, indicator.denominator] if indicator.denominator else numerator * np.nan
            columns[f"{indicator.code}:d"] = denominator
            per = np.where(denominator > 0, denominator, np.nan) if indicator.denominator else 1
            columns[indicator.code] = indicator.scale * numerator / per
            if indicator.known_by:
                columns[f"{indicator.code}:k"] = counted.get((*source, indicator.known_by), numerator * np.nan)
        return pd.DataFrame(columns, index=index)

    def _table(self, name: str) -> list[Row]:
        return self.facts[name]

    def _calendar(self, area: str, firsts: Iterable[str]) -> list[tuple[str, datetime, datetime]]:
        """Months from the area's first event to its as-of month: month, first second, last second."""
        as_of = self.as_of.get(area)
        if as_of is None:
            return []
        last = f"{as_of:%Y-%m}"
        months = month_range(min(firsts, default=last), last)
        return [(month, month_start(month), min(month_end(month) - SECOND, as_of)) for month in months]

    def _is_known(self, area: str, month: str) -> bool:
        """Whether the sizes of the area's register are known for the month."""
        finished = month_offset(f"{self.as_of[area] + SECOND:%Y-%m}", -1)
        return month >= min(finished, self.registers_since or finished)

    def _then(self, name: str, row: Row, month: str, size: str) -> int | None:
        """What a register said of a row in the month."""
        code = row["code"] if name == "township" else row["township_code"]
        row_code = {"township": "", "volunteer_team": row.get("team_id"), "grid": row.get("grid_code")}[name]
        for past in self._table("register_value"):
            if (past["township_code"], past["table_name"], past["row_code"]) == (code, name, row_code) and (
                past["since"] <= month < past["until"]
            ):
                return past[size]
        return row[size]

    def _residents(self, code: str, month: str) -> int | None:
        (row,) = (row for row in self._table("township") if row["code"] == code)
        # Nobody is not a population.
        return self._then("township", row, month, "residents") or None

    @staticmethod
    def _within(row: Row, name: str) -> str:
        """A code with its township, since other townships may have the same one."""
        return f"{row['township_code']}/{row[name]}" if row[name] else ""

    @staticmethod
    def _when(moment: datetime | date) -> Row:
        monday = moment - timedelta(days=moment.weekday())
        about: Row = {"month": f"{moment:%Y-%m}", "week": f"{monday:%Y-%m-%d}", "weekday": moment.isoweekday()}
        return {**about, "hour": moment.hour} if isinstance(moment, datetime) else about

    def _observed(self, rows: list[Row], dimensions: Sequence[str], measures: Sequence[str]) -> Observed:
        rows = [{**row, "league": self.kinds.get(row["township_code"])} for row in rows]
        return Observed(rows, frozenset(("township_code", "month", "league", *dimensions)), tuple(measures))

    # Petitions

    @cached_property
    def petition_month(self) -> list[Observed]:
        as_of = self.as_of.get("petitions", datetime.min)
        valid = [row for row in self._table("petition") if row["invalid_reason"] is None]
        received: list[Row] = []
        due: list[Row] = []
        closed: list[Row] = []
        for row in valid:
            arrived, done, limit, signed = (row[key] for key in ("received_at", "closed_at", "due_at", "signed_at"))
            tells = {name: bool(row["recorded"] & recorded_bits(petition, [name])) for name in petition.info["telling"]}
            says_done = row["status"] == "已办结"
            about = {"township_code": row["township_code"]}
            about |= {
                name: row[name] or ""
                for name in (
                    "channel",
                    "category_1",
                    "category_2",
                    "category_3",
                    "village_code",
                    "department",
                    "status",
                )
            }
            about["grid_code"] = self._within(row, "grid_code")
            about["is_repeat"] = "yes" if row["repeat_of"] is not None else "no"
            if limit is None:
                about["timeliness"] = "no_due"
            elif done is not None:
                about["timeliness"] = "on_time" if done <= limit else "late"
            elif is_open(row):
                about["timeliness"] = "overdue" if limit <= as_of else "pending"
            else:
                about["timeliness"] = "unknown"
            answer = row["satisfied"] if row["called_back"] is True else None
            about["satisfaction"] = {True: "yes", False: "no", None: "unknown"}[answer]
            # Nobody can be late for signing what came less than a day ago.
            unsigned = row["replied_at"] is None and done is None and as_of - arrived >= DAY
            received.append(
                about
                | {
                    **self._when(arrived),
                    "received": 1,
                    "completed": is_done(row),
                    "closing_known": is_done(row) or is_open(row),
                    "repeats": row["repeat_of"] is not None,
                    "sign_expected": tells["signed_at"] and (signed is not None or unsigned),
                    "signed_in_time": signed is not None and signed - arrived <= DAY,
                    "signing_recorded": tells["signed_at"],
                    "deadlines_recorded": tells["due_at"] and tells["closed_at"],
                    "closing_recorded": tells["closed_at"],
                    "callbacks_recorded": tells["called_back"],
                    "repeats_recorded": tells["repeat_of"],
                }
            )
            if limit is not None and limit <= as_of:
                due.append(
                    about
                    | {
                        **self._when(limit),
                        # A status says that a case is done, and not when.
                        "due": done is not None or (tells["closed_at"] and not says_done),
                        "closed_on_time": done is not None and done <= limit,
                        "overdue_open": is_open(row) if is_done(row) or is_open(row) else None,
                    }
                )
            if done is not None:
                again = (
                    other["received_at"] - done
                    for other in valid
                    if other["township_code"] == row["township_code"] and other["repeat_of"] == row["case_no"]
                )
                asked = row["called_back"] is True
                closed.append(
                    about
                    | {
                        **self._when(done),
                        "two_hours": min((done - arrived) // (2 * HOUR), 4380),
                        "closed": 1,
                        "called_back": asked,
                        "callbacks_due": tells["called_back"],
                        "reopenable": tells["repeat_of"],
                        "resolved_answers": asked and row["resolved"] is not None,
                        "resolved": asked and row["resolved"] is True,
                        "satisfied_answers": asked and row["satisfied"] is not None,
                        "satisfied": asked and row["satisfied"] is True,
                        "false_closed": tells["repeat_of"] and any(0 * DAY <= passed <= 7 * DAY for passed in again),
                        "handling_hours": (done - arrived) / HOUR,
                    }
                )
        named = (
            *("channel", "category_1", "category_2", "category_3", "village_code", "department", "status"),
            *("grid_code", "is_repeat", "timeliness", "satisfaction", *TIMES),
        )
        # From its first case on a township's people are among the county's.
        first: dict[str, str] = {}
        for row in received:
            first[row["township_code"]] = min(first.get(row["township_code"], "9"), row["month"])
        residents = [
            {"township_code": code, "month": month, "residents": self._residents(code, month)}
            for code, begun in sorted(first.items())
            for month in month_range(begun, f"{as_of:%Y-%m}")
        ]
        of_residents = [
            {"township_code": row["township_code"], "month": row["month"], "resident_cases": 1}
            for row in received
            if self._residents(row["township_code"], row["month"]) is not None
        ]
        return [
            self._observed(
                received,
                named,
                (
                    *("received", "completed", "closing_known", "repeats", "sign_expected", "signed_in_time"),
                    *("signing_recorded", "deadlines_recorded", "closing_recorded"),
                    *("callbacks_recorded", "repeats_recorded"),
                ),
            ),
            self._observed(due, named, ("due", "closed_on_time", "overdue_open")),
            self._observed(
                closed,
                (*named, "two_hours"),
                (
                    "closed",
                    "called_back",
                    "callbacks_due",
                    "reopenable",
                    "resolved_answers",
                    "resolved",
                    "satisfied_answers",
                    "satisfied",
                    "false_closed",
                    "handling_hours",
                ),
            ),
            self._observed(residents, (), ("residents",)),
            self._observed(of_residents, (), ("resident_cases",)),
        ]

    # Cameras

    @cached_property
    def camera_month(self) -> list[Observed]:
        cameras, outages = self._table(camera.name), self._table(camera_outage.name)
        as_of = self.as_of.get("cameras", datetime.min)
        stock: list[Row] = []
        villages: list[Row] = []
        covered: list[Row] = []
        for month, first, last in self._calendar("cameras", _months(row["started_at"] for row in outages)):
            for row in cameras:
                begins = max(datetime.combine(row["installed_on"], time()), first)
                ends = min(datetime.combine(row["removed_on"] or date.max, time()), last + SECOND)
                if begins >= ends:
                    continue
                failures = [
                    (outage["started_at"], outage["ended_at"] or datetime.max)
                    for outage in outages
                    if (outage["township_code"], outage["camera_id"]) == (row["township_code"], row["camera_id"])
                ]
                down = [max(min(until, ends) - max(since, begins), 0 * HOUR) for since, until in failures]
                is_there = ends == last + SECOND
                open_since = [since for since, until in failures if since <= last < until]
                stock.append(
                    {
                        "township_code": row["township_code"],
                        "month": month,
                        "camera_id": row["camera_id"],
                        "village_code": row["village_code"] or "",
                        "camera_kind": row["kind"] or "",
                        "cameras": is_there,
                        "watched": is_there and bool(outages),
                    }
                    | (
                        {
                            "working": is_there and not open_since,
                            "offline_24h": is_there
                            and any(min(month_end(month), as_of) - since > DAY for since in open_since),
                            "hours_due": (ends - begins) / HOUR,
                            "hours_up": (ends - begins - sum(down, 0 * HOUR)) / HOUR,
                            # A camera that is watched and does not fail is a count of 0.
                            "outages": 0,
                            "repairs": 0,
                            "repair_hours": 0,
                        }
                        if outages
                        # An inventory alone says nothing of what works.
                        else {}
                    )
                )
            # Villages of a township count once it has had a camera.
            watched = {row["township_code"] for row in cameras if row["installed_on"] <= last.date()}
            villages += [
                {"township_code": row["township_code"], "month": month, "villages": 1}
                for row in self._table("village")
                if row["township_code"] in watched
            ]
            here = [row for row in stock if row["month"] == month]
            for code in {row["township_code"] for row in here}:
                own = [row for row in here if row["township_code"] == code]
                seen = {row["village_code"] for row in own if row.get("working")}
                if outages and any(row["village_code"] for row in own):
                    covered.append({"township_code": code, "month": month, "villages_covered": len(seen - {""})})
        of_camera = {
            (row["township_code"], row["camera_id"]): {
                "village_code": row["village_code"] or "",
                "camera_kind": row["kind"] or "",
            }
            for row in cameras
        }
        began = [
            {
                "township_code": row["township_code"],
                **self._when(row["started_at"]),
                **of_camera[row["township_code"], row["camera_id"]],
                "cause": row["cause"] or "",
                "outages": 1,
            }
            for row in outages
        ]
        repaired = [
            {
                "township_code": row["township_code"],
                **self._when(row["ended_at"]),
                **of_camera[row["township_code"], row["camera_id"]],
                "cause": row["cause"] or "",
                "repairs": 1,
                "repair_hours": (row["ended_at"] - row["started_at"]) / HOUR,
            }
            for row in outages
            if row["ended_at"] is not None
        ]
        own = ("village_code", "camera_kind")
        return [
            self._observed(stock, own, ("cameras", "watched", "working", "offline_24h", "hours_due", "hours_up")),
            self._observed(villages, (), ("villages",)),
            self._observed(covered, (), ("villages_covered",)),
            self._observed(stock + began, (*own, "cause", *TIMES), ("outages",)),
            self._observed(stock + repaired, (*own, "cause", *TIMES), ("repairs", "repair_hours")),
        ]

    # Grids and volunteer teams

    @staticmethod
    def _exists(begins: date | None, ends: date | None, last: datetime) -> bool:
        """Whether it had begun and not ended by the month's last day."""
        return (begins is None or begins <= last.date()) and (ends is None or ends > last.date())

    def _grids(self, last: datetime) -> list[Row]:
        return [row for row in self._table(grid.name) if self._exists(row["opened_on"], row["closed_on"], last)]

    def _around(self, township_code: str, grid_code: str | None) -> str | None:
        """The grid around a micro-grid; any other is itself."""
        parents = {(row["township_code"], row["grid_code"]): row["parent_code"] for row in self._table(grid.name)}
        return parents.get((township_code, grid_code)) or grid_code

    @cached_property
    def volunteer_month(self) -> list[Observed]:
        activities = self._table(volunteer_activity.name)
        of_team = {
            (row["township_code"], row["team_id"]): {
                "team": self._within(row, "team_id"),
                "team_kind": row["kind"] or "",
                "village_code": row["village_code"] or "",
            }
            for row in self._table(volunteer_team.name)
        }
        held = [
            {
                "township_code": row["township_code"],
                **self._when(row["held_on"]),
                **of_team[row["township_code"], row["team_id"]],
                "kind": row["kind"] or "",
                "activity_kind": row["kind"] or "",
                "activities": 1,
                "hours": row["hours"],
            }
            for row in activities
        ]
        reporting = {(row["township_code"], row["month"]) for row in held}
        of_teams: dict[tuple[str, str, str], list[float | None]] = {}
        for row in activities:
            key = (row["township_code"], f"{row['held_on']:%Y-%m}", row["team_id"])
            of_teams.setdefault(key, []).append(row["hours"])
        timed = {key[:2] for key, hours in of_teams.items() if any(known is not None for known in hours)}
        teams: list[Row] = []
        team_months: list[Row] = []
        timed_months: list[Row] = []
        by_township: list[Row] = []
        registered: list[Row] = []
        grids: list[Row] = []
        for month, _, last in self._calendar("volunteers", [row["month"] for row in held]):
            in_use = {(row["township_code"], row["grid_code"]) for row in self._grids(last) if row["kind"] == "网格"}
            # A township takes part from its first team on.
            taking_part = {
                row["township_code"] for row in self._table("volunteer_team") if row["founded_on"] <= last.date()
            }
            grids += [
                {"township_code": row["township_code"], "month": month, "grids": row["kind"] == "网格"}
                for row in self._grids(last)
                if row["township_code"] in taking_part
            ]
            on_register = [
                row
                for row in self._table(volunteer_team.name)
                if self._exists(row["founded_on"], row["dissolved_on"], last)
            ]
            is_known = self._is_known("volunteers", month)
            for row in on_register:
                code = row["township_code"]
                about = {"township_code": code, "month": month, **of_team[code, row["team_id"]]}
                teams.append(
                    about
                    | {
                        "teams": 1,
                        "grid_teams": row["kind"] == "网格志愿队",
                        "members": self._then("volunteer_team", row, month, "members") if is_known else None,
                    }
                )
                own = of_teams.get((code, month, row["team_id"]), [])
                # A township that reported no activity has not reported inactive teams.
                if (code, month) in reporting:
                    team_months.append(about | {"team_months": 1, "active_team_months": bool(own)})
                if (code, month) in timed and None not in own:
                    timed_months.append(about | {"timed_team_months": 1, "timed_hours": sum(filter(None, own))})
            for code in taking_part:
                mine = [row for row in on_register if row["township_code"] == code]
                served = {(code, self._around(code, row["grid_code"])) for row in mine}
                about = {"township_code": code, "month": month}
                by_township.append(about | {"grids_covered": len(served & in_use)})
                sizes = [self._then("volunteer_team", row, month, "registered") for row in mine]
                people = self._residents(code, month)
                if is_known and people is not None and (not mine or any(size is not None for size in sizes)):
                    registered.append(about | {"registered": sum(filter(None, sizes)), "residents": people})
        own_dimensions = ("team", "team_kind", "village_code")
        return [
            self._observed(teams, own_dimensions, ("teams", "grid_teams", "members")),
            self._observed(team_months, own_dimensions, ("team_months", "active_team_months")),
            self._observed(timed_months, own_dimensions, ("timed_team_months", "timed_hours")),
            self._observed(by_township, (), ("grids_covered",)),
            self._observed(registered, (), ("registered", "residents")),
            self._observed(grids, (), ("grids",)),
            self._observed(
                held, (*own_dimensions, "kind", "activity_kind", "week", "weekday"), ("activities", "hours")
            ),
        ]

    @cached_property
    def grid_month(self) -> list[Observed]:
        events = self._table(grid_event.name)
        lies_in = {(row["township_code"], row["grid_code"]): row["village_code"] for row in self._table(grid.name)}

        def about_event(row: Row, time: str) -> Row:
            return {
                "township_code": row["township_code"],
                **self._when(row[time]),
                "kind": row["kind"],
                "event_kind": row["kind"],
                "grid_code": self._within(row, "grid_code"),
                "village_code": lies_in.get((row["township_code"], row["grid_code"])) or "",
            }

        def tells(row: Row, name: str) -> bool:
            return bool(row["recorded"] & recorded_bits(grid_event, [name]))

        reported = [
            about_event(row, "reported_at")
            | {
                "events": 1,
                "completed": row["closed_at"] is not None,
                "hazards": row["kind"] == "安全隐患",
                "disputes": row["kind"] == "矛盾纠纷" and tells(row, "closed_at"),
                "disputes_closed": row["kind"] == "矛盾纠纷" and row["closed_at"] is not None
                if tells(row, "closed_at")
                else None,
                "closing_recorded": tells(row, "closed_at"),
                "deadlines_recorded": tells(row, "closed_at") and tells(row, "due_at"),
            }
            for row in events
        ]
        closed = [about_event(row, "closed_at") | {"closed": 1} for row in events if row["closed_at"] is not None]
        due = [
            about_event(row, "due_at")
            | {"due": 1, "closed_on_time": row["closed_at"] is not None and row["closed_at"] <= row["due_at"]}
            for row in events
            if row["due_at"] is not None
            and row["due_at"] <= self.as_of.get("grid", datetime.min)
            and tells(row, "closed_at")
        ]
        reporting = {(row["township_code"], row["month"]) for row in reported}
        active = {
            (row["township_code"], f"{row['reported_at']:%Y-%m}", self._around(row["township_code"], row["grid_code"]))
            for row in events
        }
        grids: list[Row] = []
        grid_months: list[Row] = []
        villages: list[Row] = []
        for month, _, last in self._calendar("grid", [row["month"] for row in reported]):
            villages += [
                {"township_code": row["township_code"], "month": month, "villages": 1} for row in self._table("village")
            ]
            for row in self._grids(last):
                code = row["township_code"]
                about = {"township_code": code, "month": month}
                is_grid = row["kind"] == "网格"
                about["village_code"] = row["village_code"] or ""
                workers = self._then("grid", row, month, "workers") if self._is_known("grid", month) else None
                grids.append(about | {"grids": is_grid, "micro_grids": not is_grid, "workers": workers})
                if (code, month) in reporting:
                    is_quiet = is_grid and (code, month, row["grid_code"]) not in active
                    grid_months.append(about | {"grid_months": is_grid, "inactive_grid_months": is_quiet})
        measures = ("events", "completed", "hazards", "disputes", "disputes_closed")
        measures += ("closing_recorded", "deadlines_recorded")
        own = ("kind", "event_kind", "grid_code", "village_code", *TIMES)
        return [
            self._observed(reported, own, measures),
            self._observed(closed, own, ("closed",)),
            self._observed(due, own, ("due", "closed_on_time")),
            self._observed(grids, ("village_code",), ("grids", "micro_grids", "workers")),
            self._observed(grid_months, (), ("grid_months", "inactive_grid_months")),
            self._observed(villages, (), ("villages",)),
        ]

    # Projects

    @cached_property
    def project_month(self) -> list[Observed]:
        reports = self._table(project_report.name)
        register: list[Row] = []
        reported: list[Row] = []

        def by_day(measure: str, recorded: str, row: Row, column: str, today: date) -> Row:
            if not row["recorded"] & recorded_bits(project, [column]):
                return {measure: None, recorded: False}
            return {measure: row[column] is not None and row[column] <= today, recorded: True}

        for month, _, last in self._calendar("projects", [row["month"] for row in reports]):
            today = last.date()
            for row in self._table(project.name):
                mine = {
                    report["month"]: report
                    for report in reports
                    if (report["township_code"], report["project_id"]) == (row["township_code"], row["project_id"])
                }
                # On the register from its planned start or its first report, whichever comes first.
                if row["planned_start"] > today and min(mine, default="9") > month:
                    continue
                report = mine.get(month)
                about = {
                    "township_code": row["township_code"],
                    "month": month,
                    "kind": row["kind"] or "",
                    "project_kind": row["kind"] or "",
                    "stage": (report and report["stage"]) or "",
                    "village_code": row["village_code"] or "",
                    "responsible": row["department"] or "",
                    "over_budget": "unknown",
                    "is_behind": "unknown",
                }
                if report is not None:
                    is_late = report["progress"] - planned_share(row, today) < -10 or row["planned_end"] < today
                    is_behind = is_late and not (row["actual_end"] is not None and row["actual_end"] <= today)
                    about["is_behind"] = "yes" if is_behind else "no"
                    if report["invested_yuan"] is not None and row["budget_yuan"] is not None:
                        about["over_budget"] = "yes" if report["invested_yuan"] > row["budget_yuan"] else "no"
                register.append(
                    about
                    | {
                        "projects": 1,
                        **by_day("started", "starts_recorded", row, "actual_start", today),
                        **by_day("completed", "ends_recorded", row, "actual_end", today),
                        "reported": report is not None,
                    }
                )
                if report is None:
                    continue
                gap = report["progress"] - planned_share(row, today)
                both = row["budget_yuan"] and report["invested_yuan"] is not None
                reported.append(
                    about
                    | {
                        "behind": is_behind,
                        "gap_points": gap,
                        "done_points": report["progress"],
                        "planned_points": planned_share(row, today),
                        "budget_yuan": row["budget_yuan"] if both else None,
                        "invested_yuan": report["invested_yuan"] if both else None,
                    }
                )
        dimensions = (*("kind", "project_kind", "stage", "village_code", "responsible", "over_budget", "is_behind"),)
        return [
            self._observed(
                register,
                dimensions,
                ("projects", "started", "starts_recorded", "completed", "ends_recorded", "reported"),
            ),
            self._observed(
                reported,
                dimensions,
                ("behind", "gap_points", "done_points", "planned_points", "budget_yuan", "invested_yuan"),
            ),
        ]


def _sums(
    observed: Observed, scope: Scope, by: tuple[str, ...], over_months: str
) -> dict[tuple[Any, ...], list[float]]:
    """The measures of some observations over a scope, by what they are asked by; nothing observed is NaN."""
    wanted = [("month", month_range(scope.start, scope.end))]
    if "month" not in by and over_months == "last":
        wanted.append(("month", (scope.end,)))
    if scope.townships is not None:
        wanted.append(("township_code", scope.townships))
    for dimension, value in scope.where:
        # Where an observation has no such dimension, nobody asks for these measures.
        if dimension in observed.dimensions:
            wanted.append((dimension, value if isinstance(value, tuple) else (value,)))
    rows = [row for row in observed.rows if all(row.get(name) in values for name, values in wanted)]
    if "month" not in by and observed.measures == ("residents",):
        # People do not add up over months: every township counts once, as it was when last known.
        known = [row for row in rows if row["residents"] is not None]
        rows = list({row["township_code"]: row for row in sorted(known, key=itemgetter("month"))}.values())
    sums: dict[tuple[Any, ...], list[float]] = {} if by else {(): [np.nan] * len(observed.measures)}
    for row in rows:
        key = tuple(row.get(name) for name in by)
        # What has no such dimension is in no group.
        if None in key:
            continue
        found = sums.setdefault(key, [np.nan] * len(observed.measures))
        for place, measure in enumerate(observed.measures):
            value = row.get(measure)
            if value is not None:
                found[place] = float(value) if np.isnan(found[place]) else found[place] + value
    return sums


def planned_share(row: Row, today: date) -> float:
    """Percent of the planned time gone on a day."""
    start, end = row["planned_start"], row["planned_end"]
    if today <= start:
        return 0.0
    if today >= end:
        return 100.0
    return 100 * (today - start).days / (end - start).days
