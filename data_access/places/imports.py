"""How the registers of townships, villages and grids are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select

from data_access.model.import_table import Columns, Fault, Field, ImportTable, Values
from data_access.places.tables import grid, township, township_alias, village
from data_access.problems import Rule

if TYPE_CHECKING:
    from data_access.importing.places import Places

# The columns by which rows of every table say where they belong
TOWNSHIP = Field("township", "township", column="township_code", required=True)
VILLAGE = Field("village", "village", column="village_code", is_later=True)

# What the end of a name says of its kind, once the name of the office is off. Units are compared with those of their kind.
_KIND_OF = (
    ("街道", re.compile("街道|街道办|街办")),
    ("镇", re.compile("镇")),
    ("乡", re.compile("乡|苏木")),
    ("林场", re.compile("林场")),
    ("农场", re.compile("[农牧渔茶盐]场|[园艺种畜良]{2}场|垦殖场|养殖场|兵团|团场")),
    (
        "开发区",
        re.compile("开发区|高新区|新区|园区|产业园|工业园|示范区|度假区|保税区|试验区|集聚区|经济区|合作区|功能区"),
    ),
)
_OFFICE = re.compile("(.+?)(人民政府|政府|办事处|管理委员会|管委会)")
_KIND_OF_OFFICE = {"办事处": "办事处", "管理委员会": "开发区", "管委会": "开发区"}
_ANY_KIND = "其他"


def _kind_of(name: str) -> str | None:
    office = _OFFICE.fullmatch(name)
    own = office[1] if office else name
    for kind, endings in _KIND_OF:
        if re.search(f"(?:{endings.pattern})$", own):
            return kind
    return _KIND_OF_OFFICE.get(office[2]) if office else None


def _complete_township(columns: Columns) -> None:
    names = columns["name"]
    kinds = columns.get("kind", [None] * len(names))
    columns["kind"] = [kind or _kind_of(name or "") for kind, name in zip(kinds, names, strict=True)]


_NAME_TAKEN = Rule("name-taken", "这一名称已属于{owner}", "this name belongs to {owner}")
_VILLAGE_OF = Rule("village-of-other", "这个村居属于{owner}", "this village belongs to {owner}")
_IN_CIRCLE = Rule("grids-in-circle", "网格互为上级", "grids cannot be each other's parents")
_OWN_PARENT = Rule("grid-own-parent", "网格不能是自己的上级", "a grid cannot be its own parent")
_NO_GRID = Rule(
    "no-grid", "镇街没有这个网格，或它所在的行有问题", "the township has no such grid, or its row is rejected"
)


def _name_of(code: str | None, places: Places) -> str:
    return places.names.get(code or "", code or "")


def _township_rule(values: Values, places: Places) -> Iterator[Fault]:
    for field in ("name", "printed_alias"):
        code = values.get("code")
        owner = places.townships.get(values.get(field) or "", code)
        if owner != code:
            yield field, _NAME_TAKEN.broken(owner=_name_of(owner, places))


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
    "镇街名录",
    "Townships",
    township,
    # Townships and their residents are in the rollups of every area.
    area=None,
    identity=("code",),
    unique=("name", "printed_alias"),
    complete=_complete_township,
    made={"kind": _ANY_KIND},
    rule=_township_rule,
    load_beside=_load_aliases,
    fields=(
        Field("code", "code", required=True),
        Field("name", "text", required=True),
        Field("kind", "text"),
        Field("residents", "number"),
        Field("tile_row", "number"),
        Field("tile_column", "number"),
        Field("printed_alias", "text"),
    ),
)


def _village_rule(values: Values, places: Places) -> Iterator[Fault]:
    owner = places.village_townships.get(values.get("code") or "", values.get("township_code"))
    if values.get("township_code") is not None and owner != values["township_code"]:
        yield "code", _VILLAGE_OF.broken(owner=_name_of(owner, places))


VILLAGES = ImportTable(
    "villages",
    "村居名录",
    "Villages",
    village,
    # Villages are counted in the rollups of several areas.
    area=None,
    identity=("code",),
    rule=_village_rule,
    fields=(
        Field("code", "code", required=True),
        TOWNSHIP,
        Field("name", "text", required=True),
    ),
)


def _grids_together(rows: Sequence[tuple[int, Values]], places: Places) -> Iterator[tuple[int, Fault]]:
    """A grid's parent may stand in the file, before or after it; a rejected one takes its grids with it."""
    there = places.parents[grid.name]
    known = there | {(row["township_code"], row["grid_code"]) for _, row in rows}
    children: dict[tuple[str, str], list[tuple[int, Values]]] = {}
    parents = {
        (row["township_code"], row["grid_code"]): (row["township_code"], row["parent_code"])
        for _, row in rows
        if row.get("parent_code") is not None
    }
    in_circles = _in_circles(parents)
    missing: list[tuple[str, str]] = []
    for number, row in rows:
        parent = row.get("parent_code")
        if (row["township_code"], row["grid_code"]) in in_circles:
            rule = _OWN_PARENT if parent == row["grid_code"] else _IN_CIRCLE
            yield number, ("parent_code", rule.broken())
            missing.append((row["township_code"], row["grid_code"]))
        elif parent is not None:
            children.setdefault((row["township_code"], parent), []).append((number, row))
    missing = [place for place in missing if place not in there]
    missing += [place for place in children if place not in known]
    while missing:
        for number, row in children.pop(missing.pop(), ()):
            yield number, ("parent_code", _NO_GRID.broken())
            if (row["township_code"], row["grid_code"]) not in there:
                missing.append((row["township_code"], row["grid_code"]))


def _in_circles(parents: Mapping[tuple[str, str], tuple[str, str]]) -> set[tuple[str, str]]:
    """The grids from which the way up leads back to them."""
    found: set[tuple[str, str]] = set()
    seen: set[tuple[str, str]] = set()
    for place in parents:
        way: list[tuple[str, str]] = []
        on_way: set[tuple[str, str]] = set()
        while place in parents and place not in seen:
            way.append(place)
            on_way.add(place)
            seen.add(place)
            place = parents[place]
        if place in on_way:
            found.update(way[way.index(place) :])
    return found


GRIDS = ImportTable(
    "grids",
    "网格名录",
    "Grids",
    grid,
    # Teams and events are counted by grid.
    area=None,
    brings=("grids", "grid_workers"),
    identity=("grid_code", "township_code"),
    together=_grids_together,
    fields=(
        Field("grid_code", "code", required=True),
        TOWNSHIP,
        Field("name", "text"),
        Field("kind", "text", required=True, choices=("网格", "微网格")),
        Field("parent_code", "code"),
        VILLAGE,
        Field("workers", "number"),
        Field("opened_on", "date"),
        Field("closed_on", "date", not_before="opened_on"),
    ),
)
