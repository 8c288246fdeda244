"""What people enter for an evaluation (points by hand, cases taken out) and the results that were published."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Engine, Table, func, insert, select, update

from data_access.database import begin_writing
from data_access.evaluation.schemes import Criterion, Scheme
from data_access.evaluation.scoring import Counts, Evaluation, Field, Floats
from data_access.indicators import INDICATORS, Indicator
from data_access.schema import evaluation_exclusion, evaluation_freeze, evaluation_item, petition


class RecordProblem(Exception):
    """What was entered cannot be kept. ``zh`` and ``en`` say why and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en


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


# --- Points by hand -------------------------------------------------------------------------------


def add_item(
    engine: Engine, scheme: str, month: str, township_code: str, points: float, *, reason: str, evidence: str, by: str
) -> str:
    """Give (or, below 0, take) points by hand; the id. Raises RecordProblem."""
    texts = _required(reason=reason, evidence=evidence, by=by)
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
    _add(engine, evaluation_item, row)
    return str(row["id"])


def items(connection: Connection, scheme: str, months: Sequence[str]) -> pd.DataFrame:
    """The points by hand of these months that stand: township_code, id, month, points, reason, evidence, entered_by,
    entered_at, in the order entered.
    """
    t = evaluation_item.c
    query = (
        select(t.township_code, t.id, t.month, t.points, t.reason, t.evidence, t.entered_by, t.entered_at)
        .where(t.scheme == scheme, t.month.in_(months), t.withdrawn_at.is_(None))
        .order_by(t.entered_at, t.id)
    )
    return pd.read_sql_query(query, connection)


# --- Exclusions -----------------------------------------------------------------------------------


def exclude_case(engine: Engine, month: str, case_no: str, *, reason: str, by: str) -> str:
    """Take a case out of a month's evaluation, under every scheme; the id. Raises RecordProblem."""
    texts = _required(case_no=case_no, reason=reason, by=by)
    with engine.connect() as connection:
        found = connection.scalars(select(petition.c.township_code).where(petition.c.case_no == texts["case_no"])).all()
        if not found:
            raise RecordProblem(
                "没有这个编号的诉求，请核对编号。", "There is no case with this number; check the number."
            )
        present = exclusions(connection, [month])
    if texts["case_no"] in set(present["case_no"]):
        raise RecordProblem("这件诉求本月已经剔除。", "This case is taken out of the month already.")
    row = {
        "id": uuid4().hex,
        "township_code": found[0],
        "month": month,
        "case_no": texts["case_no"],
        "reason": texts["reason"],
        "entered_by": texts["by"],
        "entered_at": datetime.now().replace(microsecond=0),
    }
    _add(engine, evaluation_exclusion, row)
    return str(row["id"])


def exclusions(connection: Connection, months: Sequence[str]) -> pd.DataFrame:
    """The cases taken out of these months: township_code, id, month, case_no, reason, entered_by, entered_at."""
    t = evaluation_exclusion.c
    query = (
        select(t.township_code, t.id, t.month, t.case_no, t.reason, t.entered_by, t.entered_at)
        .where(t.month.in_(months), t.withdrawn_at.is_(None))
        .order_by(t.entered_at, t.id)
    )
    return pd.read_sql_query(query, connection)


def withdraw_item(engine: Engine, township_code: str, item_id: str) -> None:
    """Take points by hand back; the row stays."""
    _withdraw(engine, evaluation_item, township_code, item_id)


def include_case(engine: Engine, township_code: str, exclusion_id: str) -> None:
    """Let a case count again; the row stays."""
    _withdraw(engine, evaluation_exclusion, township_code, exclusion_id)


def _add(engine: Engine, table: Table, row: dict[str, Any]) -> None:
    with engine.begin() as connection:
        begin_writing(connection)
        connection.execute(insert(table).values(row))


def _withdraw(engine: Engine, table: Table, township_code: str, row_id: str) -> None:
    with engine.begin() as connection:
        begin_writing(connection)
        connection.execute(
            update(table)
            .where(table.c.township_code == township_code, table.c.id == row_id, table.c.withdrawn_at.is_(None))
            .values(withdrawn_at=datetime.now().replace(microsecond=0))
        )


# --- Frozen results -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Frozen:
    """A published result. ``content``: scheme, month, inputs, items, exclusions and scores.

    ``is_intact`` says whether the content still has the SHA-256 that was stored with it.
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


def freeze(
    engine: Engine,
    evaluation: Evaluation,
    by_hand: pd.DataFrame,
    excluded: pd.DataFrame,
    *,
    by: str,
    reason: str = "",
) -> Frozen:
    """Publish a month's result: scheme, inputs, scores and a SHA-256 of them.

    A month that is frozen already gets a further version, which needs a reason. Raises RecordProblem.
    """
    texts = _required(by=by)
    content = _canonical(_content(evaluation, by_hand, excluded))
    digest = hashlib.sha256(content.encode()).hexdigest()
    with engine.begin() as connection:
        begin_writing(connection)
        before = _latest(connection, evaluation.scheme.id, evaluation.month)
        if before is not None:
            _required(reason=reason)
            if before.sha256 == digest:
                raise RecordProblem(
                    f"与第 {before.version} 版相同，没有要更正的。",
                    f"Equal to version {before.version}; nothing to correct.",
                )
        row = {
            "scheme": evaluation.scheme.id,
            "month": evaluation.month,
            "version": 1 if before is None else before.version + 1,
            "frozen_at": datetime.now().replace(microsecond=0),
            "frozen_by": texts["by"],
            "reason": reason.strip() if before is not None else "",
            "content": content,
            "sha256": digest,
        }
        connection.execute(insert(evaluation_freeze).values(row))
        frozen_now = _latest(connection, evaluation.scheme.id, evaluation.month)
    assert frozen_now is not None  # noqa: S101  # written above
    return frozen_now


def frozen(engine: Engine, scheme: str, month: str) -> Frozen | None:
    """The latest published version, None before the first."""
    with engine.connect() as connection:
        return _latest(connection, scheme, month)


def _latest(connection: Connection, scheme: str, month: str) -> Frozen | None:
    t = evaluation_freeze.c
    newest = select(func.max(t.version)).where(t.scheme == scheme, t.month == month).scalar_subquery()
    row = connection.execute(
        select(evaluation_freeze).where(t.scheme == scheme, t.month == month, t.version == newest)
    ).one_or_none()
    if row is None:
        return None
    is_intact = hashlib.sha256(row.content.encode()).hexdigest() == row.sha256
    try:
        content = json.loads(row.content)
    except ValueError:
        content = {}
    return Frozen(
        row.scheme,
        row.month,
        row.version,
        row.frozen_at,
        row.frozen_by,
        row.reason,
        content,
        row.sha256,
        is_intact and bool(content),
    )


def _canonical(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 9)


def _content(evaluation: Evaluation, by_hand: pd.DataFrame, excluded: pd.DataFrame) -> dict[str, Any]:
    scheme = asdict(evaluation.scheme)
    for criterion in scheme["criteria"]:
        criterion["indicator"] = criterion["indicator"]["code"]
        criterion["target"] = _number(criterion["target"])
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
    """What has changed since a result was published: township_code, township, what (score, place or a criterion's
    key), published, now; NaN where there is none. Empty when nothing has.
    """
    rows = []
    current = _content(now, pd.DataFrame(), pd.DataFrame())["scores"]
    for code in sorted({*published.content["scores"], *current}):
        was, is_now = published.content["scores"].get(code, {}), current.get(code, {})
        pairs = {name: (was.get(name), is_now.get(name)) for name in ("score", "place", "by_hand")}
        keys = dict.fromkeys([*was.get("points", {}), *is_now.get("points", {})])
        pairs |= {key: (was.get("points", {}).get(key), is_now.get("points", {}).get(key)) for key in keys}
        name = is_now.get("name") or was.get("name")
        rows += [(code, name, what, *pair) for what, pair in pairs.items() if pair[0] != pair[1]]
    table = pd.DataFrame(rows, columns=["township_code", "township", "what", "published", "now"])
    return table.astype({"published": float, "now": float})


def published(version: Frozen, indicators: Mapping[str, Indicator] = INDICATORS) -> Evaluation:
    """The evaluation as it was published: its own scheme, counts, points, scores and places, none computed anew."""
    content = version.content
    given = content["scheme"]
    criteria = tuple(
        Criterion(
            **{
                **criterion,
                "indicator": indicators[criterion["indicator"]],
                "target": _array([criterion["target"]])[0],
                "where": tuple((name, value) for name, value in criterion["where"]),
            }
        )
        for criterion in given["criteria"]
    )
    leagues = tuple((name, tuple(members)) for name, members in given["leagues"])
    scheme = Scheme(**{**given, "criteria": criteria, "leagues": leagues})
    scores = content["scores"]
    codes, keys = tuple(scores), [criterion.key for criterion in criteria]

    def each(name: str) -> list[Any]:
        return [scores[code][name] for code in codes]

    counts = [[content["inputs"][code][key] for key in keys] for code in codes]
    both = _array(counts).reshape(len(codes), len(keys), 2)
    field = Field(codes, tuple(each("name")), tuple(each("league")), _array(each("by_hand")))
    as_counted = Counts(both[..., 0], both[..., 1])
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
    )


def _array(numbers: Any) -> Floats:
    """JSON's numbers, null as NaN."""
    return np.array(numbers, dtype=float)
