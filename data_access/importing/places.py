"""The places that rows may name: townships and villages by name, code or alias."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Literal, TypeVar

from rapidfuzz import fuzz, process
from sqlalchemy import Column, Connection, Engine, Table, insert, null, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from data_access.access import Viewer
from data_access.areas.cameras.tables import camera, camera_outage
from data_access.areas.projects.tables import project
from data_access.areas.reports.tables import reported_indicator
from data_access.areas.volunteers.tables import volunteer_team
from data_access.audit.deeds import record
from data_access.database import DatabaseProblem, begin_writing, refusal
from data_access.importing.problems import FileProblem, ValueProblem
from data_access.importing.values import code as code_in
from data_access.places.tables import grid, township, township_alias, village, village_alias
from data_access.settings.kept import kept_settings

# What rows of another table may refer to, the column that identifies it, and the one that names it.
_PARENTS: dict[Table, tuple[str, Column[str] | None]] = {
    camera: ("camera_id", None),
    grid: ("grid_code", grid.c.name),
    project: ("project_id", project.c.name),
    reported_indicator: ("code", reported_indicator.c.name_zh),
    volunteer_team: ("team_id", volunteer_team.c.name),
}
# How a place of each kind may end; a bare name may stand for it too. The longest ending comes first.
_TOWNSHIP_ENDINGS = (
    ("街道办事处", "街道办", "街道", "街办", "办事处"),
    ("镇人民政府", "镇政府", "镇"),
    ("乡人民政府", "乡政府", "乡"),
    ("管理委员会", "管委会"),
)
_VILLAGE_ENDINGS = (
    ("社区居民委员会", "社区居委会", "社区"),
    ("村民委员会", "村委会", "村"),
    ("居民委员会", "居委会", "居"),
)
_LONGEST_ALIAS = 64
# From here on names are so alike that one may be meant for the other.
_ALIKE = 60

_Key = TypeVar("_Key")
# When an outage began and ended (None: it lasts).
Outage = tuple[datetime, datetime | None]


@dataclass(frozen=True)
class Places:
    """What a word in a file means. A name or a code comes before an alias, and means one place only.

    Short forms are made from the official names, and mean something where no name, code or alias does and only
    one place can be meant.
    """

    townships: dict[str, str]  # name, code or alias -> township code
    villages: dict[tuple[str, str], str]  # (township code, name, code or alias) -> village code
    short_townships: dict[str, str] = field(default_factory=dict)
    short_villages: dict[tuple[str, str], str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # township code -> its name
    village_names: dict[str, tuple[str, ...]] = field(default_factory=dict)  # township code -> its villages
    village_townships: dict[str, str] = field(default_factory=dict)  # village code -> township code
    # Name of a table -> (township code, identifier) of its rows; no township where the table has none
    parents: dict[str, AbstractSet[tuple[str | None, str]]] = field(default_factory=dict)
    # Name of a table -> (township code, name) -> identifier, of those names that only one row of the township has
    named: dict[str, dict[tuple[str | None, str], str]] = field(default_factory=dict)
    # (township code, camera) -> its outages
    outages: dict[tuple[str, str], list[Outage]] = field(default_factory=dict)

    @property
    def township_names(self) -> tuple[str, ...]:
        """The townships' official names."""
        return tuple(self.names.values())

    def __bool__(self) -> bool:
        return bool(self.townships)


def read_places(connection: Connection, table: Table | None = None) -> Places:
    """The places in the database; with the table that is imported, also what its rows may refer to or overlap."""
    townships: dict[str, str] = dict(
        connection.execute(select(township_alias.c.alias, township_alias.c.township_code)).all()
    )
    names: dict[str, str] = dict(connection.execute(select(township.c.code, township.c.name)).all())
    for code, name in names.items():
        townships |= {code: code, name: code}
    county = kept_settings(connection).get("county_name", "")
    aliases = select(village_alias.c.township_code, village_alias.c.alias, village_alias.c.village_code)
    villages = {(owner, alias): code for owner, alias, code in connection.execute(aliases)}
    named: set[tuple[str, str]] = set()
    # Two villages of one name in one township are told apart by their codes only.
    namesakes: set[tuple[str, str]] = set()
    village_townships: dict[str, str] = {}
    village_names: dict[str, list[str]] = {}
    village_forms: list[tuple[str, set[tuple[str, str]]]] = []
    for code, township_code, name in connection.execute(
        select(village.c.code, village.c.township_code, village.c.name)
    ):
        if (township_code, name) in named:
            namesakes.add((township_code, name))
        named.add((township_code, name))
        villages |= {(township_code, name): code, (township_code, code): code}
        village_townships[code] = township_code
        village_names.setdefault(township_code, []).append(name)
        forms = _forms(name, _VILLAGE_ENDINGS, names[township_code])
        village_forms.append((code, {(township_code, form) for form in forms}))
    for namesake in namesakes:
        del villages[namesake]
    return Places(
        townships,
        villages,
        _of_one_place((code, _forms(name, _TOWNSHIP_ENDINGS, county)) for code, name in names.items()),
        _of_one_place(village_forms),
        names,
        {owner: tuple(found) for owner, found in village_names.items()},
        village_townships,
        *(({}, {}) if table is None else _read_parents(connection, table)),
        _read_outages(connection) if table is camera_outage else {},
    )


def _forms(name: str, kinds: Iterable[tuple[str, ...]], prefix: str) -> set[str]:
    """The other forms of a name: bare, with other endings of its kind, and each after what it belongs to."""
    endings = next((kind for kind in kinds if name.endswith(kind)), ())
    ending = next((ending for ending in endings if name.endswith(ending)), "")
    stem = name.removesuffix(ending)
    forms = {name, *(stem + other for other in endings)}
    # 东村村委会 for 东村: the ending comes after the whole name too.
    forms |= {name + other for other in endings if other != ending}
    # One character is no name.
    if len(stem) > 1:
        forms.add(stem)
    return forms | {prefix + form for form in forms}


def short_forms(kind: Literal["township", "village"], name: str, prefix: str) -> set[str]:
    """The other forms of the name of a township, or of a village; ``prefix``: what it belongs to."""
    return _forms(name, _TOWNSHIP_ENDINGS if kind == "township" else _VILLAGE_ENDINGS, prefix) - {name}


def _of_one_place(places: Iterable[tuple[str, AbstractSet[_Key]]]) -> dict[_Key, str]:
    """The place that each form means, where only one has it."""
    owners: dict[_Key, set[str]] = {}
    for code, forms in places:
        for form in forms:
            owners.setdefault(form, set()).add(code)
    return {form: next(iter(codes)) for form, codes in owners.items() if len(codes) == 1}


def keep_township_alias(engine: Engine, word: str, township_code: str, *, by: Viewer) -> None:
    """Remember that a word means a township, as somebody confirmed; again changes nothing.

    Raises FileProblem if the word means another place or nothing, and DatabaseProblem if the database refuses.
    """
    _keep_alias(engine, by, word, township_code)


def keep_village_alias(engine: Engine, township_code: str, word: str, village_code: str, *, by: Viewer) -> None:
    """Remember that a word means a village of the township, as somebody confirmed; again changes nothing.

    Raises FileProblem if the word means another place or nothing, and DatabaseProblem if the database refuses.
    """
    _keep_alias(engine, by, word, township_code, village_code)


def _keep_alias(engine: Engine, by: Viewer, word: str, township_code: str, village_code: str | None = None) -> None:
    by.require("import")
    try:
        try:
            _keep_in_one_transaction(engine, by, word, township_code, village_code)
        except IntegrityError:
            # Somebody kept the word, or removed the place, at the same moment; now that is seen.
            _keep_in_one_transaction(engine, by, word, township_code, village_code)
    except SQLAlchemyError as error:
        zh, en = refusal(error)
        raise DatabaseProblem(
            f"数据库没有记下这个别名：{zh}。",
            f"The database did not keep this alias: {en}.",
        ) from None


def _keep_in_one_transaction(
    engine: Engine, by: Viewer, word: str, township_code: str, village_code: str | None
) -> None:
    try:
        # As the cells of a file are read
        alias = code_in(word) or ""
    except ValueProblem:
        alias = ""
    if not 0 < len(alias) <= _LONGEST_ALIAS:
        raise FileProblem(
            "别名应为 1 至 64 个字，不能是“无”之类的词。", "An alias has 1 to 64 characters and means something."
        )
    with engine.begin() as connection:
        begin_writing(connection)
        places = read_places(connection)
        if village_code is None:
            is_there = township_code in places.townships.values()
            known, short = places.townships.get(alias), places.short_townships.get(alias)
            statement = insert(township_alias).values(alias=alias, township_code=township_code)
            owners = 1
        else:
            key = (township_code, alias)
            is_there = places.village_townships.get(village_code) == township_code
            known, short = places.villages.get(key), places.short_villages.get(key)
            statement = insert(village_alias).values(
                township_code=township_code, alias=alias, village_code=village_code
            )
            owners = places.village_names.get(township_code, ()).count(alias)
        code = village_code or township_code
        if not is_there:
            raise FileProblem(
                f"数据库里没有 {code}，别名没有记下。", f"There is no {code} in the database; the alias was not kept."
            )
        if (known or short or code) != code or owners > 1:
            raise FileProblem(
                f"“{alias}”已指 {known or short or '几个同名的村居'}，不能再指 {code}。",
                f"“{alias}” already means {known or short or 'several villages of that name'} and cannot mean {code}.",
            )
        if known is None:
            connection.execute(statement)
            meant = {"township_code": township_code, "village_code": village_code}
            record(connection, by, "setting-changed", f"alias {alias}", after=meant)


@lru_cache(maxsize=4096)
def suggestion(word: str, names: tuple[str, ...]) -> str | None:
    """The name most like a word, for a person to confirm. It is never used by itself."""
    best = process.extractOne(word[:64], names, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return best[0] if best else None


def _read_parents(
    connection: Connection, table: Table
) -> tuple[dict[str, AbstractSet[tuple[str | None, str]]], dict[str, dict[tuple[str | None, str], str]]]:
    parents: dict[str, AbstractSet[tuple[str | None, str]]] = {}
    named: dict[str, dict[tuple[str | None, str], str]] = {}
    for parent, (identifier, name) in _PARENTS.items():
        if identifier in table.c:
            owner = parent.c.get("township_code", null())
            found = connection.execute(select(owner, parent.c[identifier], null() if name is None else name)).all()
            parents[parent.name] = {(township_code, code) for township_code, code, _ in found}
            named[parent.name] = _of_one_place((code, {(owner, called)}) for owner, code, called in found if called)
    return parents, named


def _read_outages(connection: Connection) -> dict[tuple[str, str], list[Outage]]:
    columns = camera_outage.c
    outages: dict[tuple[str, str], list[Outage]] = {}
    for township_code, camera_id, started, ended in connection.execute(
        select(columns.township_code, columns.camera_id, columns.started_at, columns.ended_at)
    ):
        outages.setdefault((township_code, camera_id), []).append((started, ended))
    return outages
