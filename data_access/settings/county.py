"""What the county is called, the leagues of its townships, and what sources call these."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Engine, delete, select

from data_access.access import Viewer
from data_access.places.tables import township, township_alias
from data_access.settings.changing import Changed, SettingProblem, changing
from data_access.settings.kept import kept_settings, leagues

# As long as names of townships
_LONGEST_NAME = 64


def _required_name(name: str, zh: str, en: str) -> str:
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise SettingProblem(
            f"{zh}要有 1 至 {_LONGEST_NAME} 个字，不能换行。", f"{en} has 1 to {_LONGEST_NAME} characters in one line."
        )
    return name


def name_county(engine: Engine, by: Viewer, name: str, *, is_sample: bool, seen: int | None = None) -> Changed | None:
    """Say what the county is called and whether its data are a sample. None: nothing is new.

    Raises SettingProblem, NotAllowed.
    """
    after = {"county_name": _required_name(name, "县名", "The county's name"), "sample": is_sample}
    with changing(engine, by, "county", seen) as change:
        now = kept_settings(change.connection)
        change.keep("county_name", after["county_name"])
        change.keep("sample", "1" if is_sample else None)
        named = {"county_name": now["county_name"]} if "county_name" in now else {}
        return change.told({**named, "sample": now.get("sample") == "1"}, after)


def set_leagues(engine: Engine, by: Viewer, named: Mapping[str, str], seen: int | None = None) -> Changed | None:
    """Put townships (by code) in leagues; those that are not named, or with an empty name, are in that of their kind.

    None: nothing is new. Raises SettingProblem, NotAllowed.
    """
    after = {code: _required_name(name, "组名", "A league's name") for code, name in named.items() if name.strip()}
    with changing(engine, by, "leagues", seen) as change:
        if unknown := set(after) - set(change.connection.scalars(select(township.c.code))):
            codes = "、".join(sorted(unknown))
            raise SettingProblem(f"没有镇街 {codes}。", f"There is no township {codes}.")
        before = leagues(kept_settings(change.connection))
        change.keep("leagues", after or None)
        differing = sorted(code for code in {*before, *after} if before.get(code) != after.get(code))
        was, now = ({code: side.get(code) for code in differing} for side in (before, after))
        return change.told({"leagues": was}, {"leagues": now})


def township_aliases(connection: Connection, by: Viewer) -> dict[str, str]:
    """What sources call townships besides their names: the township's code by alias. Raises NotAllowed."""
    by.require("administer")
    t = township_alias.c
    return dict(connection.execute(select(t.alias, t.township_code).order_by(t.township_code, t.alias)).all())


def remove_alias(engine: Engine, by: Viewer, alias: str) -> Changed | None:
    """No longer take a word for a township; None: it was none. What is loaded stays. Raises NotAllowed."""
    with changing(engine, by, f"alias {alias}") as change:
        is_it = township_alias.c.alias == alias
        code = change.connection.scalar(select(township_alias.c.township_code).where(is_it))
        change.connection.execute(delete(township_alias).where(is_it))
        return change.told({"township_code": code} if code else {}, {})
