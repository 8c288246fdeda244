"""What people enter for an evaluation (points by hand, cases taken out) and the results that were published."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, cast
from uuid import uuid4

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine, Row, Table, and_, func, insert, select, true, update

from data_access.access import UNRESTRICTED, Viewer, among
from data_access.areas.petitions.tables import petition
from data_access.audit.deeds import record, told_by
from data_access.audit.tables import deed
from data_access.database import begin_writing
from data_access.decisions.freezing import keep_verdicts
from data_access.evaluation.confirming import takes_two
from data_access.evaluation.finished import in_words, unfinished
from data_access.evaluation.schemes import Criterion, Scheme
from data_access.evaluation.scoring import Counts, Evaluation, Field, Floats
from data_access.evaluation.tables import evaluation_exclusion, evaluation_freeze, evaluation_item
from data_access.indicators import INDICATORS
from data_access.model.data_state import as_of_dates
from data_access.model.indicator import Indicator
from data_access.model.measured import UNREPORTED
from data_access.problems import Problem

# As much of a name as the tables keep beside what was entered; the audit log has all of it.
LONGEST_NAME = 64


class RecordProblem(Problem):
    """What was entered cannot be kept."""


def _required(**texts: str) -> dict[str, str]:
    names = {
        "reason": ("原因", "a reason"),
        "evidence": ("依据", "evidence"),
        "by": ("填报人", "who enters it"),
        "case_no": ("诉求编号", "a case number"),
    }
    for name, text in texts.items():
        if not text.strip():
            zh, en = names[name]
            raise RecordProblem(f"请填写{zh}。", f"Enter {en}.")
    return {name: text.strip() for name, text in texts.items()}


def _signature(by: Viewer, signed: str) -> str:
    """The name to keep, as much of it as is kept: whoever signed in cannot sign with another."""
    return (by.name if by.is_signed_in else signed)[:LONGEST_NAME]


# --- Points by hand -------------------------------------------------------------------------------


def add_item(
    engine: Engine,
    scheme: str,
    month: str,
    township_code: str,
    points: float,
    *,
    reason: str,
    evidence: str,
    by: Viewer,
    signed: str = "",
) -> str:
    """Give (or, below 0, take) points by hand; the id. ``signed``: the name of who has not signed in.

    Raises RecordProblem and NotAllowed.
    """
    by.require("evaluate")
    texts = _required(reason=reason, evidence=evidence, by=_signature(by, signed))
    if not math.isfinite(points) or points == 0 or abs(points) > 100:
        raise RecordProblem("加减分要在 −100 到 100 之间，不为 0。", "Points are between -100 and 100, and not 0.")
    row = {
        "id": uuid4().hex,
        "township_code": township_code,
        "month": month,
        "scheme": scheme,
        "points": points,
        "reason": texts["reason"],
        "evidence": texts["evidence"],
        "entered_by": texts["by"],
        "entered_at": datetime.now().replace(microsecond=0),
    }
    with engine.begin() as connection:
        begin_writing(connection)
        connection.execute(insert(evaluation_item).values(row))
        record(connection, by, "point-entered", _subject(row, township_code), after=row)
    return str(row["id"])


def items(connection: Connection, viewer: Viewer, scheme: str, months: Sequence[str]) -> pd.DataFrame:
    """The points by hand of these months that stand: township_code, id, month, points, reason, evidence, entered_by,
    entered_at, in the order entered.
    """
    t = evaluation_item.c
    query = (
        select(t.township_code, t.id, t.month, t.points, t.reason, t.evidence, t.entered_by, t.entered_at)
        .where(
            t.scheme == scheme,
            t.month.in_(months),
            t.withdrawn_at.is_(None),
            among(t.township_code, viewer.within(None)),
        )
        .order_by(t.entered_at, t.id)
    )
    return pd.read_sql_query(query, connection)


# --- Exclusions -----------------------------------------------------------------------------------


def exclude_case(
    engine: Engine,
    month: str,
    case_no: str,
    *,
    reason: str,
    by: Viewer,
    signed: str = "",
    township_code: str | None = None,
) -> str:
    """Take a case out of a month's evaluation, under every scheme; the id. ``signed``: the name of who has not signed in.

    ``township_code`` says whose case it is where several townships have the number. Raises NotAllowed and RecordProblem,
    also for a case that the month does not count.
    """
    by.require("evaluate")
    texts = _required(case_no=case_no, reason=reason, by=_signature(by, signed))
    c = petition.c
    with engine.begin() as connection:
        begin_writing(connection)
        found = connection.execute(
            select(c.township_code, c.received_at, c.due_at, c.closed_at).where(
                c.case_no == texts["case_no"],
                c.invalid_reason.is_(None),
                c.township_code == township_code if township_code else true(),
            )
        ).all()
        if not found:
            raise RecordProblem(
                "没有这个编号的诉求，请核对编号。", "There is no case with this number; check the number."
            )
        if len(found) > 1:
            raise RecordProblem(
                f"有 {len(found)} 个镇街的诉求用这个编号，请选镇街。",
                f"Cases of {len(found)} townships have this number; choose the township.",
            )
        (case,) = found
        if month not in {f"{time:%Y-%m}" for time in (case.received_at, case.due_at, case.closed_at) if time}:
            raise RecordProblem(
                f"这件诉求不计入 {month}：它的受理、到期、办结都不在这个月。",
                f"This case does not count in {month}: it was neither received nor due nor closed in it.",
            )
        present = exclusions(connection, UNRESTRICTED, [month])
        same = present[(present["township_code"] == case.township_code) & (present["case_no"] == texts["case_no"])]
        for first in same.itertuples():
            raise RecordProblem(
                f"这件诉求本月已经剔除：{first.entered_by} {first.entered_at:%Y-%m-%d %H:%M}。",
                f"This case is taken out of the month already, by {first.entered_by} at {first.entered_at:%Y-%m-%d %H:%M}.",
            )
        row = {
            "id": uuid4().hex,
            "township_code": case.township_code,
            "month": month,
            "case_no": texts["case_no"],
            "reason": texts["reason"],
            "entered_by": texts["by"],
            "entered_at": datetime.now().replace(microsecond=0),
        }
        connection.execute(insert(evaluation_exclusion).values(row))
        record(connection, by, "case-excluded", _subject(row, case.township_code), after=row)
    return str(row["id"])


def exclusions(connection: Connection, viewer: Viewer, months: Sequence[str]) -> pd.DataFrame:
    """The cases taken out of these months: township_code, id, month, case_no, reason, entered_by, entered_at."""
    t = evaluation_exclusion.c
    query = (
        select(t.township_code, t.id, t.month, t.case_no, t.reason, t.entered_by, t.entered_at)
        .where(
            t.month.in_(months),
            t.withdrawn_at.is_(None),
            among(t.township_code, viewer.within(None, "petitions")),
        )
        .order_by(t.entered_at, t.id)
    )
    return pd.read_sql_query(query, connection)


def withdraw_item(engine: Engine, township_code: str, item_id: str, *, by: Viewer) -> None:
    """Take points by hand back; the row stays. Raises RecordProblem where somebody did already, and NotAllowed."""
    _withdraw(engine, by, "point-withdrawn", evaluation_item, township_code, item_id)


def include_case(engine: Engine, township_code: str, exclusion_id: str, *, by: Viewer) -> None:
    """Let a case count again; the row stays. Raises RecordProblem where somebody did already, and NotAllowed."""
    _withdraw(engine, by, "case-included", evaluation_exclusion, township_code, exclusion_id)


def _withdraw(engine: Engine, by: Viewer, kind: str, table: Table, township_code: str, row_id: str) -> None:
    by.require("evaluate")
    stands = and_(table.c.township_code == township_code, table.c.id == row_id, table.c.withdrawn_at.is_(None))
    with engine.begin() as connection:
        begin_writing(connection)
        row = connection.execute(select(table).where(stands)).mappings().one_or_none()
        if row is None:
            was = select(table).where(table.c.township_code == township_code, table.c.id == row_id)
            gone = connection.execute(was).mappings().one_or_none()
            subject = _subject(gone, township_code) if gone else ""
            zh, en = told_by(connection, [kind], subject, "撤回", "withdrew it", saying=row_id)
            raise RecordProblem(f"这一条已经撤回：{zh}。", f"It is withdrawn already: {en}.")
        connection.execute(update(table).where(stands).values(withdrawn_at=datetime.now().replace(microsecond=0)))
        record(connection, by, kind, _subject(row, township_code), before=dict(row))


def _subject(row: Mapping[Any, Any], township_code: str) -> str:
    """What the audit log calls points or a case taken out."""
    return " ".join(filter(None, (row["month"], township_code, row.get("case_no"))))


# --- Frozen results -------------------------------------------------------------------------------


# A draft is shown for objections; what is final is the result.
Stage = Literal["draft", "final"]


@dataclass(frozen=True)
class Frozen:
    """A kept result. ``content``: scheme, month, inputs, items, exclusions, scores, and who froze it, when and why.

    ``is_intact`` says whether the content still has the SHA-256 that was stored with it, and the row says the same as it.
    """

    scheme: str
    month: str
    version: int
    frozen_at: datetime
    frozen_by: str
    reason: str
    content: dict[str, Any]
    sha256: str
    is_intact: bool

    @property
    def stage(self) -> Stage:
        """Whether it is a draft for objections or final, as all were that older versions froze."""
        return cast(Stage, self.content.get("frozen", {}).get("stage", "final"))

    @property
    def series(self) -> str:
        """The series of the scheme it was scored under."""
        return str(self.content.get("scheme", {}).get("series", self.scheme))

    @property
    def proposed_by(self) -> str:
        """Who proposed what another confirmed; empty where one person froze it."""
        return str(self.content.get("frozen", {}).get("proposed_by", ""))

    @property
    def objections_until(self) -> date:
        """The last day for objections to a draft."""
        days = self.content.get("scheme", {}).get("objection_days", 0)
        return self.frozen_at.date() + timedelta(days=days)

    @property
    def as_of(self) -> dict[str, datetime]:
        """Until when the data reached, by area; empty for those that older versions froze."""
        kept = self.content.get("frozen", {}).get("as_of", {})
        return {area: datetime.fromisoformat(moment) for area, moment in kept.items()}

    @property
    def items(self) -> pd.DataFrame:
        """The points by hand that counted: township_code, points, reason, evidence, entered_by."""
        columns = ["township_code", "points", "reason", "evidence", "entered_by"]
        return pd.DataFrame(self.content["items"], columns=columns)

    @property
    def exclusions(self) -> pd.DataFrame:
        """The cases that did not count: township_code, case_no, reason, entered_by."""
        return pd.DataFrame(self.content["exclusions"], columns=["township_code", "case_no", "reason", "entered_by"])


def freeze(
    engine: Engine,
    evaluation: Evaluation,
    by_hand: pd.DataFrame,
    excluded: pd.DataFrame,
    *,
    by: Viewer,
    signed: str = "",
    reason: str = "",
    stage: Stage = "final",
    now: datetime | None = None,
) -> Frozen:
    """Keep a month's result: scheme, inputs, scores, who keeps it, when and why, and a SHA-256 of all of it.

    What differs from the version before needs a reason. Raises RecordProblem, also for an unfinished month, while
    objections to the draft may still come and where it takes two persons (``proposals``), and NotAllowed. ``signed``: the
    name of who has not signed in. ``now`` is for tests.
    """
    by.require("evaluate")
    if takes_two():
        raise RecordProblem(
            "定版要两个人：请先提出，再由另一个人确认。",
            "Freezing takes two persons: propose it, and let another confirm it.",
        )
    texts = _required(by=_signature(by, signed))
    moment = (now or datetime.now()).replace(microsecond=0)
    with engine.begin() as connection:
        begin_writing(connection)
        found = candidate_of(connection, evaluation, by_hand, excluded, stage, reason, moment)
        return keep(connection, found, by, texts["by"], moment)


@dataclass(frozen=True)
class Candidate:
    """What would be frozen: the next version of a scheme's month. ``body``: its content but who freezes it and when."""

    scheme: Scheme
    month: str
    version: int
    stage: Stage
    reason: str
    body: Mapping[str, Any]
    as_of: Mapping[str, str]

    @property
    def sha256(self) -> str:
        """Of what does not depend on who freezes it and when: as long as it is the same, it is the same result."""
        told = {"version": self.version, "stage": self.stage, "reason": self.reason}
        return hashlib.sha256(_canonical({**self.body, "frozen": told}).encode()).hexdigest()

    @property
    def subject(self) -> str:
        """What the audit log calls it."""
        return f"{self.scheme.id} {self.month}"


def candidate_of(
    connection: Connection,
    evaluation: Evaluation,
    by_hand: pd.DataFrame,
    excluded: pd.DataFrame,
    stage: Stage,
    reason: str,
    moment: datetime,
) -> Candidate:
    """What would be frozen now. In the transaction that ``begin_writing`` began; raises RecordProblem as :func:`freeze` does."""
    scheme, month = evaluation.scheme, evaluation.month
    as_of = as_of_dates(connection)
    if late := unfinished(scheme, month, as_of):
        zh, en = in_words(month, late)
        raise RecordProblem(f"{month} 未完，不能定版：{zh}。", f"{month} is unfinished and cannot be frozen: {en}.")
    _require_latest(connection, scheme, month, by_hand, excluded)
    body = _content(evaluation, by_hand, excluded)
    before = _latest(connection, scheme.id, month)
    _require_turn(scheme, before, stage, moment.date())
    reason = reason.strip()
    if before is None:
        reason = ""
    else:
        is_same = {name: before.content.get(name) for name in body} == json.loads(_canonical(body))
        if not is_same:
            _required(reason=reason)
        elif (before.stage, stage) != ("draft", "final"):
            when = f"{before.frozen_at:%Y-%m-%d %H:%M}"
            raise RecordProblem(
                f"{before.frozen_by} 已于 {when} 定为第 {before.version} 版，内容相同，没有要更正的。",
                f"{before.frozen_by} kept version {before.version} at {when}; it is equal, and there is nothing to correct.",
            )
    reached = {area: as_of[area].isoformat() for area in scheme.areas if area in as_of}
    return Candidate(scheme, month, 1 if before is None else before.version + 1, stage, reason, body, reached)


def _require_latest(
    connection: Connection, scheme: Scheme, month: str, by_hand: pd.DataFrame, excluded: pd.DataFrame
) -> None:
    """Raise RecordProblem where somebody has entered or withdrawn something since what is to be frozen was computed."""
    present = items(connection, UNRESTRICTED, scheme.id, [month]), exclusions(connection, UNRESTRICTED, [month])
    for entered, counted in zip(present, (by_hand, excluded), strict=True):
        if set(entered["id"]) == set(counted["id"]):
            continue
        t = deed.c
        kinds = ("point-entered", "point-withdrawn", "case-excluded", "case-included")
        last = connection.execute(
            select(t.done_by, t.done_at)
            .where(t.kind.in_(kinds), t.subject.startswith(f"{month} "))
            .order_by(t.number.desc())
            .limit(1)
        ).one_or_none()
        who = f"{last.done_by} {last.done_at:%Y-%m-%d %H:%M}" if last else ""
        raise RecordProblem(
            f"加减分或剔除的诉求刚有变动（{who}），得分已重算，没有定版；请看过再来。",
            f"Points or cases taken out have just changed ({who}); scores follow, and nothing was frozen. Look again first.",
        )


def keep(
    connection: Connection, found: Candidate, by: Viewer, name: str, moment: datetime, proposed_by: str = ""
) -> Frozen:
    """Freeze it, in the name of who does it, in the transaction that found it. ``proposed_by``: who proposed it, if another."""
    scheme, month = found.scheme, found.month
    who = {
        "by": name[:LONGEST_NAME],
        "at": moment.isoformat(),
        "version": found.version,
        "reason": found.reason,
        "stage": found.stage,
        "as_of": found.as_of,
        **({"proposed_by": proposed_by} if proposed_by else {}),
    }
    content = _canonical({**found.body, "frozen": who})
    row = {
        "scheme": scheme.id,
        "month": month,
        "version": found.version,
        "frozen_at": moment,
        "frozen_by": who["by"],
        "reason": found.reason,
        "content": content,
        "sha256": hashlib.sha256(content.encode()).hexdigest(),
    }
    connection.execute(insert(evaluation_freeze).values(row))
    # Whoever rewrites the result, and its SHA-256, cannot rewrite the deed that has it, too, without being seen.
    kept = {name: row[name] for name in ("scheme", "month", "version", "sha256", "frozen_by", "reason")}
    proposed = {"proposed_by": proposed_by} if proposed_by else {}
    record(connection, by, "frozen", found.subject, after={**kept, "stage": found.stage, **proposed})
    if found.stage == "final":
        keep_verdicts(connection, by, month, moment)
    frozen_now = _latest(connection, scheme.id, month)
    assert frozen_now is not None  # noqa: S101  # written above
    return frozen_now


def _require_turn(scheme: Scheme, before: Frozen | None, stage: Stage, today: date) -> None:
    """A draft, then the days of objection, then the final result. Raises RecordProblem."""
    is_final = before is not None and before.stage == "final"
    if stage == "draft":
        if is_final:
            raise RecordProblem(
                "已经定版，不能再公示；要更正请写明原因，以新版定版。",
                "It is final already; supersede it by a further version with a reason.",
            )
    elif not is_final and scheme.objection_days:
        if before is None:
            raise RecordProblem(
                f"请先发布公示稿；公示 {scheme.objection_days} 天无异议后定版。",
                f"Publish a draft first; it can be final after {scheme.objection_days} days of objection.",
            )
        if today <= before.objections_until:
            raise RecordProblem(
                f"公示到 {before.objections_until:%Y-%m-%d} 为止，之后才能定版。",
                f"Objections may come until {before.objections_until:%Y-%m-%d}; it can be final after that.",
            )


def frozen(engine: Engine, viewer: Viewer, scheme: str, month: str) -> Frozen | None:
    """The latest kept version, draft or final; None before the first. Raises NotAllowed."""
    viewer.require_all()
    with engine.connect() as connection:
        return _latest(connection, scheme, month)


def kept_of_month(engine: Engine, viewer: Viewer, month: str) -> tuple[Frozen, ...]:
    """Every kept version of a month, under all schemes, in the order they were kept. Raises NotAllowed."""
    viewer.require_all()
    t = evaluation_freeze.c
    with engine.connect() as connection:
        rows = connection.execute(
            select(evaluation_freeze).where(t.month == month).order_by(t.frozen_at, t.scheme, t.version)
        ).all()
    return tuple(_read(row) for row in rows)


def _latest(connection: Connection, scheme: str, month: str) -> Frozen | None:
    t = evaluation_freeze.c
    newest = select(func.max(t.version)).where(t.scheme == scheme, t.month == month).scalar_subquery()
    row = connection.execute(
        select(evaluation_freeze).where(t.scheme == scheme, t.month == month, t.version == newest)
    ).one_or_none()
    return None if row is None else _read(row)


def _read(row: Row[Any]) -> Frozen:
    try:
        content = json.loads(row.content)
    except ValueError:
        content = {}
    is_intact = hashlib.sha256(row.content.encode()).hexdigest() == row.sha256
    told: tuple[Any, ...] = (row.scheme, row.month)
    kept: tuple[Any, ...] = (content.get("scheme", {}).get("id"), content.get("month"))
    # Before, who froze it, when and why stood beside what the SHA-256 is of.
    if signed := content.get("frozen"):
        told += (row.version, row.frozen_by, row.frozen_at.isoformat(), row.reason)
        kept += tuple(signed.get(name) for name in ("version", "by", "at", "reason"))
    return Frozen(
        row.scheme,
        row.month,
        row.version,
        row.frozen_at,
        row.frozen_by,
        row.reason,
        content,
        row.sha256,
        is_intact and told == kept,
    )


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 9)


def _content(evaluation: Evaluation, by_hand: pd.DataFrame, excluded: pd.DataFrame) -> dict[str, Any]:
    scheme = asdict(evaluation.scheme)
    for criterion in scheme["criteria"]:
        criterion["indicator"] = criterion["indicator"]["code"]
        criterion["target"] = _number(criterion["target"])
        # Which target it was counts, not where it came from; what older versions froze is written alike.
        del criterion["is_countys"]
        if not criterion["own_targets"]:
            del criterion["own_targets"]
    inputs, scores = {}, {}
    for own, code in enumerate(evaluation.field.codes):
        keys = [criterion.key for criterion in evaluation.criteria]
        inputs[code] = {
            key: [_number(evaluation.counts.n[own, position]), _number(evaluation.counts.d[own, position])]
            for position, key in enumerate(keys)
        }
        scores[code] = {
            "name": evaluation.field.names[own],
            "league": evaluation.field.leagues[own],
            "score": _number(evaluation.score[own]),
            "place": _number(evaluation.place[own]),
            "by_hand": _number(evaluation.field.by_hand[own]),
            "points": {key: _number(evaluation.points[own, position]) for position, key in enumerate(keys)},
            "absent": {
                key: str(evaluation.absent[own, position])
                for position, key in enumerate(keys)
                if evaluation.absent[own, position]
            },
        }
    return {
        "scheme": scheme,
        "month": evaluation.month,
        "inputs": inputs,
        "items": json.loads(by_hand.to_json(orient="records", date_format="iso", force_ascii=False)),
        "exclusions": json.loads(excluded.to_json(orient="records", date_format="iso", force_ascii=False)),
        "scores": scores,
    }


def differences(published: Frozen, now: Evaluation) -> pd.DataFrame:
    """What has changed since a result was published: township_code, township, what, published, now; NaN where there is
    none. ``what``: score, place, by_hand, a criterion's key (its points), ``key:n`` or ``key:d``. Empty when nothing has.
    """
    rows = []
    current = _content(now, pd.DataFrame(), pd.DataFrame())
    for code in sorted({*published.content["scores"], *current["scores"]}):
        sides = [_figures(content, code) for content in (published.content, current)]
        names = [content["scores"].get(code, {}).get("name") for content in (current, published.content)]
        for what in dict.fromkeys(what for side in sides for what in side):
            pair = [side.get(what) for side in sides]
            if pair[0] != pair[1]:
                rows.append((code, names[0] or names[1], what, *pair))
    table = pd.DataFrame(rows, columns=["township_code", "township", "what", "published", "now"])
    return table.astype({"published": float, "now": float})


def _figures(content: dict[str, Any], code: str) -> dict[str, float | None]:
    """All figures that a content has of a township, by the names that ``differences`` gives them."""
    scores, inputs = content["scores"].get(code, {}), content["inputs"].get(code, {})
    figures = {name: scores.get(name) for name in ("score", "place", "by_hand")}
    for key, points in scores.get("points", {}).items():
        figures |= {key: points, f"{key}:n": inputs[key][0], f"{key}:d": inputs[key][1]}
    return figures


def scheme_of(version: Frozen, indicators: Mapping[str, Indicator] = INDICATORS) -> Scheme:
    """The scheme as it was when the result was kept. Raises KeyError where an indicator of it is no more."""
    given = version.content["scheme"]
    criteria = tuple(
        Criterion(
            **{
                **criterion,
                "indicator": indicators[criterion["indicator"]],
                "target": _array([criterion["target"]])[0],
                "where": tuple((name, value) for name, value in criterion["where"]),
                "own_targets": tuple((code, goal) for code, goal in criterion.get("own_targets", ())),
            }
        )
        for criterion in given["criteria"]
    )
    leagues = tuple((name, tuple(members)) for name, members in given["leagues"])
    return Scheme(**{**given, "criteria": criteria, "leagues": leagues})


def published(version: Frozen, indicators: Mapping[str, Indicator] = INDICATORS) -> Evaluation:
    """The evaluation as it was published: its own scheme, counts, points, scores and places, none computed anew."""
    content = version.content
    scheme = scheme_of(version, indicators)
    criteria = scheme.criteria
    scores = content["scores"]
    codes, keys = tuple(scores), [criterion.key for criterion in criteria]

    def each(name: str) -> list[Any]:
        return [scores[code][name] for code in codes]

    counts = [[content["inputs"][code][key] for key in keys] for code in codes]
    both = _array(counts).reshape(len(codes), len(keys), 2)
    field = Field(codes, tuple(each("name")), tuple(each("league")), _array(each("by_hand")))
    reasons = [[scores[code].get("absent", {}).get(key, UNREPORTED) for key in keys] for code in codes]
    as_counted = Counts(both[..., 0], both[..., 1], np.array(reasons).reshape(len(codes), len(keys)))
    score, place = _array(each("score")), _array(each("place"))
    return Evaluation(
        scheme,
        version.month,
        field,
        as_counted,
        as_counted.values(criteria),
        _array([[scores[code]["points"][key] for key in keys] for code in codes]).reshape(len(codes), len(keys)),
        score,
        place,
        ~np.isnan(score) & np.isnan(place) & np.array([league is not None for league in field.leagues], dtype=bool),
        as_counted.absences(criteria),
    )


def _array(numbers: Any) -> Floats:
    """JSON's numbers, null as NaN."""
    return np.array(numbers, dtype=float)
