"""The tables that can be imported, declared as data: their columns, what headers mean, what rows must obey.

To add one, declare an :class:`ImportTable` and put it into ``TABLES``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any, Literal

from sqlalchemy import Connection, Table, insert, select

from data_access.importing.places import Places
from data_access.schema import petition, township, township_alias

# One row: database column -> value. A field without a column of its own stands under its name.
Values = dict[str, Any]
# A broken rule: the field's name, the rule in Chinese and in English.
Broken = tuple[str, str, str]


@dataclass(frozen=True)
class Field:
    """One of our columns, as a mapping names it.

    ``column`` is the table's column where its name differs. ``headers`` are what other systems call it, the
    best first. Messages mask the values of a ``private`` field. ``not_before`` names the moment that this
    one must not precede; ``not_in_future`` forbids moments after the import. A ``whole_day`` moment that is
    given as a date lasts to the end of that day.
    """

    name: str
    kind: Literal["free_text", "text", "code", "answer", "number", "moment", "township", "village"]
    headers: tuple[str, ...] = ()
    column: str = ""
    required: bool = False
    private: bool = False
    not_before: str | None = None
    not_in_future: bool = False
    whole_day: bool = False

    @property
    def key(self) -> str:
        """Its name in a row's values."""
        return self.column or self.name


def _nothing_broken(_values: Values, _places: Places) -> Iterator[Broken]:
    return iter(())


def _nothing_beside(_connection: Connection, _rows: Sequence[Values]) -> set[Any]:
    return set()


@dataclass(frozen=True)
class ImportTable:
    """A table that files can be loaded into.

    ``identity`` names the columns that tell rows apart; no two rows of a file may agree in them, nor in one
    of ``unique``. A row that stands under another township has moved here if ``same_when_moved`` agrees;
    ``left_behind`` are the columns that it loses then. ``complete`` makes values out of others, ``rule``
    yields what is wrong with a row beyond its fields' own rules. ``area`` has its rollups refreshed (None:
    every area). ``load_beside`` writes what
    belongs into other tables and returns the identities for which that changed anything.
    """

    name: str
    table: Table
    area: str | None
    identity: tuple[str, ...]
    fields: tuple[Field, ...]
    unique: tuple[str, ...] = ()
    same_when_moved: str = ""
    left_behind: tuple[str, ...] = ()
    complete: Callable[[Values], None] = lambda values: None
    rule: Callable[[Values, Places], Iterable[Broken]] = _nothing_broken
    load_beside: Callable[[Connection, Sequence[Values]], set[Any]] = _nothing_beside


# --- Petitions ------------------------------------------------------------------------------------


def _complete_petition(values: Values) -> None:
    received = values.get("received_at")
    for name in ("signed_at", "replied_at", "closed_at"):
        # A date alone says nothing of the time of day: on the day of receipt it means "after receipt".
        ended = values.get(name)
        if received and ended and ended.time() == time.min and ended.date() == received.date():
            values[name] = received
    # Who answered was asked: sources often give the answers only, and the rollups count those called back.
    answered = values.get("resolved") is not None or values.get("satisfied") is not None
    if answered and values.get("called_back") is None:
        values["called_back"] = True


PETITIONS = ImportTable(
    "petitions",
    petition,
    area="petitions",
    identity=("case_no",),
    # Some townships number their own cases: the same number received at another time is another case.
    same_when_moved="received_at",
    left_behind=("village_code", "grid_code"),
    complete=_complete_petition,
    fields=(
        Field(
            "case_no",
            "code",
            ("工单编号", "留言编号", "案件编号", "诉求编号", "信访编号", "受理编号", "工单号", "编号"),
            required=True,
        ),
        Field("channel", "text", ("诉求渠道", "受理渠道", "来源渠道", "诉求来源", "渠道", "来源")),
        Field("category_1", "text", ("一级分类", "一级类别", "诉求类别", "诉求分类")),
        Field("category_2", "text", ("二级分类", "二级类别")),
        Field("category_3", "text", ("三级分类", "三级类别")),
        Field("title", "free_text", ("诉求标题", "工单标题", "留言主题", "标题", "主题")),
        Field("text", "free_text", ("诉求内容", "工单内容", "留言详情", "诉求详情", "内容"), private=True),
        Field(
            "petitioner",
            "text",
            ("诉求人", "留言用户", "信访人", "来电人", "反映人", "诉求人姓名", "姓名"),
            private=True,
        ),
        Field(
            "phone", "code", ("联系电话", "来电号码", "手机号码", "手机号", "手机", "电话", "联系方式"), private=True
        ),
        Field(
            "township",
            "township",
            ("镇街", "乡镇街道", "镇街名称", "所属镇街", "责任镇街", "承办镇街", "乡镇(街道)"),
            column="township_code",
            required=True,
        ),
        Field("village", "village", ("村居", "村(居)", "村社区", "所属村居", "村庄", "社区"), column="village_code"),
        Field("grid", "code", ("网格编号", "所属网格", "网格"), column="grid_code"),
        Field(
            "received_at",
            "moment",
            ("受理时间", "留言时间", "诉求时间", "来电时间", "登记时间"),
            required=True,
            not_in_future=True,
        ),
        Field("signed_at", "moment", ("签收时间",), not_before="received_at", not_in_future=True),
        Field(
            "due_at",
            "moment",
            ("办理期限", "办结期限", "办结时限", "截止时间", "到期时间"),
            not_before="received_at",
            whole_day=True,
        ),
        Field("replied_at", "moment", ("答复时间", "回复时间"), not_before="received_at", not_in_future=True),
        Field(
            "closed_at",
            "moment",
            ("办结时间", "实际办结时间", "结案时间"),
            not_before="received_at",
            not_in_future=True,
        ),
        Field("department", "text", ("承办单位", "责任单位", "办理单位", "承办部门", "处理部门")),
        Field("status", "text", ("工单状态", "办理状态", "状态")),
        Field("called_back", "answer", ("是否回访", "回访")),
        Field("resolved", "answer", ("是否解决", "解决情况")),
        Field("satisfied", "answer", ("是否满意", "满意情况", "满意度")),
        Field("repeat_of", "code", ("原工单编号", "重复工单编号", "关联工单编号")),
        Field("invalid_reason", "text", ("无效原因", "作废原因")),
    ),
)


# --- Townships ------------------------------------------------------------------------------------

_KINDS = ("街道", "镇", "乡")


def _complete_township(values: Values) -> None:
    name = values.get("name") or ""
    if values.get("kind") is None:
        values["kind"] = next((kind for kind in _KINDS if name.endswith((kind, f"{kind}办事处"))), None)


def _township_rule(values: Values, places: Places) -> Iterator[Broken]:
    if values["kind"] is None and values.get("name"):
        yield (
            "kind",
            "名称不以街道、镇、乡结尾时须给出类别",
            "a kind is needed where the name ends neither in 街道, 镇 nor 乡",
        )
    for field in ("name", "printed_alias"):
        code = values.get("code")
        owner = places.townships.get(values.get(field) or "", code)
        if owner != code:
            yield field, f"这一名称已属于镇街 {owner}", f"this name belongs to the township {owner}"


def _load_aliases(connection: Connection, rows: Sequence[Values]) -> set[Any]:
    """Add the aliases that are not there yet; returns their townships' codes. None is ever taken away."""
    wanted = {row["printed_alias"]: row["code"] for row in rows if row.get("printed_alias")}
    known = set(connection.scalars(select(township_alias.c.alias).where(township_alias.c.alias.in_(wanted))))
    new = [{"alias": alias, "township_code": code} for alias, code in wanted.items() if alias not in known]
    if new:
        connection.execute(insert(township_alias), new)
    return {(alias["township_code"],) for alias in new}


TOWNSHIPS = ImportTable(
    "townships",
    township,
    # Townships and their residents are in the rollups of every area.
    area=None,
    identity=("code",),
    unique=("name", "printed_alias"),
    complete=_complete_township,
    rule=_township_rule,
    load_beside=_load_aliases,
    fields=(
        Field("code", "code", ("镇街代码", "行政区划代码", "区划代码", "代码"), required=True),
        Field("name", "text", ("镇街名称", "镇街", "乡镇街道", "乡镇(街道)", "名称"), required=True),
        Field("kind", "text", ("类别", "类型", "镇街类型")),
        Field("residents", "number", ("常住人口", "人口")),
        Field("tile_row", "number"),
        Field("tile_column", "number"),
        Field("printed_alias", "text", ("别名", "曾用名")),
    ),
)

TABLES = {table.name: table for table in (PETITIONS, TOWNSHIPS)}
