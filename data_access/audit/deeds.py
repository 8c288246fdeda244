"""Writes the audit log: each entry has the digest of the one before, so that no later change goes unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select

from data_access.access import Viewer
from data_access.audit.tables import deed
from data_access.places.coordinates import SYSTEMS

# The kinds of deeds, and what each is called
KINDS: Mapping[str, tuple[str, str]] = {
    "signed-in": ("登录", "Signed in"),
    "sign-in-failed": ("登录失败", "Sign-in failed"),
    "signed-out": ("退出", "Signed out"),
    "account-added": ("新建账号", "Account added"),
    "account-changed": ("更改账号", "Account changed"),
    "password-changed": ("更改口令", "Password changed"),
    "wall-key-made": ("新建墙屏密钥", "Wall key made"),
    "wall-key-revoked": ("作废墙屏密钥", "Wall key revoked"),
    "imported": ("导入", "Imported"),
    "undone": ("撤销导入", "Import undone"),
    "point-entered": ("记入加减分", "Points entered"),
    "point-withdrawn": ("撤回加减分", "Points withdrawn"),
    "case-excluded": ("剔除诉求", "Case taken out"),
    "case-included": ("恢复诉求", "Case taken back in"),
    "freeze-proposed": ("提出定版", "Freeze proposed"),
    "freeze-withdrawn": ("撤回提出的定版", "Proposal withdrawn"),
    "freeze-rejected": ("退回提出的定版", "Proposal rejected"),
    "frozen": ("定版或公示", "Frozen or published"),
    "decided": ("立督办", "Decision taken"),
    "decision-extended": ("督办延期", "Decision extended"),
    "decision-progress": ("督办进展", "Progress of a decision"),
    "decision-judged": ("督办判定", "Decision judged"),
    "decision-withdrawn": ("撤销督办", "Decision withdrawn"),
    "verdicts-kept": ("督办结果随月定版", "Verdicts kept with the month"),
    "exported": ("导出", "Exported"),
    "persons-shown": ("查看诉求人信息", "Petitioner shown"),
    "persons-forgotten": ("删除到期的诉求人信息", "Petitioners forgotten"),
    "view-saved": ("保存视图", "View saved"),
    "view-removed": ("删除视图", "View removed"),
    "setting-changed": ("更改设置", "Setting changed"),
    "figures-drafted": ("保存填报草稿", "Figures drafted"),
    "figures-submitted": ("提交填报", "Figures submitted"),
    "figures-returned": ("退回填报", "Figures returned"),
    "note-written": ("写注记", "Note written"),
    "note-changed": ("更改注记", "Note changed"),
    "note-removed": ("删去注记", "Note removed"),
    "record-trimmed": ("删去过期记录", "Record trimmed"),
}

# What deeds say before and after, by the names of the fields: what each is called, or with {} in it the words around a value
FIELDS: Mapping[str, tuple[str, str]] = {
    "full_name": ("姓名", "full name"),
    "role_code": ("角色", "role"),
    "is_locked": ("锁定", "locked"),
    "must_change": ("下次登录要改口令", "password to be changed"),
    "townships": ("镇街", "townships"),
    "departments": ("承办单位", "departments"),
    "password": ("口令", "password"),
    "everywhere": ("在所有电脑上退出", "everywhere"),
    "name": ("名称", "name"),
    "is_shared": ("公开", "shared"),
    "saved_by": ("保存人", "saved by"),
    "place": ("显示在", "shown"),
    "removed_at": ("删除时间", "removed at"),
    "table": ("表", "table"),
    "file": ("文件", "file"),
    "read": ("读取 {} 行", "{} rows read"),
    "new": ("新增 {} 行", "{} rows new"),
    "changed": ("变更 {} 行", "{} rows changed"),
    "unchanged": ("未变 {} 行", "{} rows unchanged"),
    "rejected": ("不合格 {} 行", "{} rows rejected"),
    "by": ("导入人", "loaded by"),
    "removed": ("删去 {} 行", "{} rows removed"),
    "restored": ("恢复 {} 行", "{} rows restored"),
    "format": ("格式", "format"),
    "rows": ("{} 行", "{} rows"),
    "question": ("内容", "content"),
    "reason": ("原因", "reason"),
    "cases": ("{} 件诉求", "{} cases"),
    "township_code": ("镇街", "township"),
    "village_code": ("村（社区）", "village"),
    "month": ("月份", "month"),
    "scheme": ("方案", "scheme"),
    "points": ("{} 分", "{} points"),
    "evidence": ("依据", "evidence"),
    "entered_by": ("填报人", "entered by"),
    "entered_at": ("填报时间", "entered at"),
    "case_no": ("诉求编号", "case"),
    "version": ("第 {} 版", "version {}"),
    "sha256": ("SHA-256", "SHA-256"),
    "frozen_by": ("定版人", "frozen by"),
    "proposed_by": ("提出人", "proposed by"),
    "stage": ("阶段", "stage"),
    "number": ("到第 {} 条", "up to deed {}"),
    "digest": ("摘要", "digest"),
    "frozen": ("仍记着的定版", "frozen months still told"),
    "columns": ("列对应", "columns"),
    "defaults": ("默认值", "defaults"),
    "formats": ("写法", "formats"),
    "meanings": ("词的含义", "meanings of words"),
    "overwritten": ("其中 {} 行像是别的事项", "{} of them about something else"),
    "example": ("如", "such as"),
    "county_name": ("县名", "county's name"),
    "sample": ("示例数据", "sample data"),
    "leagues": ("分组", "leagues"),
    "indicator": ("指标", "indicator"),
    "value": ("目标", "target"),
    "monthly": ("各月目标", "targets by month"),
    "first_month": ("起始月份", "from"),
    "document": ("依据文件", "document"),
    "content": ("方案", "scheme"),
    "event_kinds": ("网格事项", "kinds of events"),
    "persons_months": ("保存月数", "months kept"),
    "show": ("大屏画面", "frames"),
    "every": ("每屏 {} 秒", "{} seconds each"),
    "headers": ("表头", "headers"),
    "what": ("事项", "what"),
    "owner": ("承办", "owner"),
    "due_on": ("限期", "due"),
    "promised": ("承诺值", "promised"),
    "outcome": ("结果", "outcome"),
    "told": ("内容", "words"),
    "decisions": ("{} 件", "{} decisions"),
    "name_en": ("英文名", "English name"),
    "area": ("领域", "area"),
    "unit": ("单位", "unit"),
    "numerator_zh": ("分子", "numerator"),
    "numerator_en": ("分子英文名", "numerator in English"),
    "denominator_zh": ("分母", "denominator"),
    "denominator_en": ("分母英文名", "denominator in English"),
    "over_months": ("跨月", "over months"),
    "frequency": ("多久一报", "how often"),
    "due_day": ("次月 {} 日前报", "due on day {} of the next month"),
    "last_month": ("止月", "until"),
    "direction": ("方向", "better"),
    "contact": ("联系单位", "contact"),
    "source": ("来源", "source"),
    "counted_as": ("参考值", "suggested by"),
    "figures": ("填报的数", "figures"),
    "begins": ("开始", "begins"),
    "ends": ("结束", "ends"),
    "words": ("内容", "words"),
    "kind": ("类别", "kind"),
    "grid_bands": ("网格等次", "bands of grids"),
    "system": ("坐标系", "coordinate system"),
    "township_boundaries": ("{} 个镇街的边界", "boundaries of {} townships"),
    "village_boundaries": ("{} 个村（社区）的边界", "boundaries of {} villages"),
}
# How a figure that is reported by hand is asked for
OVER_MONTHS: Mapping[Any, tuple[str, str]] = {
    "sum": ("各月相加", "months add up"),
    "last": ("取期末数", "the last month's"),
}
FREQUENCIES: Mapping[Any, tuple[str, str]] = {"month": ("每月", "every month"), "once": ("只报一次", "once")}
DIRECTIONS: Mapping[Any, tuple[str, str]] = {
    "higher": ("越高越好", "more is better"),
    "lower": ("越低越好", "less is better"),
    "neither": ("不分好坏", "neither"),
}
# What some of their values are called
VALUES: Mapping[str, Mapping[Any, tuple[str, str]]] = {
    "stage": {"draft": ("公示稿", "draft"), "final": ("定版", "final")},
    "place": {"": ("只在自由筛选", "here only"), "overview": ("总览", "overview"), "screen": ("会议大屏", "screen")},
    "password": {"reset": ("重设", "reset")},
    "outcome": {"kept": ("兑现", "kept"), "partly": ("部分兑现", "partly kept"), "missed": ("未兑现", "not kept")},
    "over_months": OVER_MONTHS,
    "frequency": FREQUENCIES,
    "direction": DIRECTIONS,
    "system": {code: (system.zh, system.en) for code, system in SYSTEMS.items()},
}


def record(
    connection: Connection,
    by: Viewer,
    kind: str,
    subject: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Append a deed, of KINDS, in the transaction of the connection, which ``begin_writing`` has begun.

    So the deed stands exactly where what was done stands. ``before`` and ``after`` hold nothing that is secret or personal.
    """
    if kind not in KINDS:
        raise ValueError(kind)
    newest = select(deed.c.number, deed.c.digest).order_by(deed.c.number.desc()).limit(1)
    number, digest = connection.execute(newest).one_or_none() or (0, "")
    row = {
        "number": number + 1,
        # Servers differ in what they keep below a second.
        "done_at": datetime.now().replace(microsecond=0),
        "done_by": by.name[:120],
        "done_from": by.address[:64],
        "kind": kind,
        "subject": subject[:200],
        "before": None if before is None else canonical(before),
        "after": None if after is None else canonical(after),
        "previous_digest": digest,
    }
    connection.execute(insert(deed).values(**row, digest=digest_of(row)))


def told_by(
    connection: Connection, kinds: Collection[str], subject: str, zh: str, en: str, *, saying: str = ""
) -> tuple[str, str]:
    """Who did the latest deed of these kinds to a subject, and when: ``zh`` and ``en`` say what, for whoever comes second.

    ``saying``: what the deed's content has, where a subject alone says too little.
    """
    t = deed.c
    query = select(t.done_by, t.done_at).where(t.subject == subject, t.kind.in_(kinds))
    if saying:
        query = query.where(or_(*(column.contains(saying, autoescape=True) for column in (t.before, t.after))))
    last = connection.execute(query.order_by(t.number.desc()).limit(1)).one_or_none()
    if last is None:
        return f"已被别人{zh}", f"somebody {en}"
    when = f"{last.done_at:%Y-%m-%d %H:%M}"
    return f"{last.done_by or '命令行'} 已于 {when} {zh}", f"{last.done_by or 'a command'} {en} at {when}"


def digest_of(row: Mapping[str, Any]) -> str:
    """The SHA-256 of a deed's columns but its digest; that of the deed before is among them."""
    told = {column.name: row[column.name] for column in deed.c if column.name != "digest"}
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def canonical(content: Mapping[str, Any]) -> str:
    """JSON that is the same text for the same content; moments in ISO 8601."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_text)


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
