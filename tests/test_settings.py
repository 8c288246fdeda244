"""A county is set up without SQL: what is set holds, is on record, and is not written over unseen."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Engine, select

from data_access.access import RIGHTS, UNRESTRICTED, NotAllowed, Viewer
from data_access.audit.tables import deed
from data_access.importing.places import keep_township_alias, read_places
from data_access.queries import county, data_version
from data_access.settings import county as county_settings
from data_access.settings.changing import SettingProblem, last_changes
from tests.counties import on_both

WANG = Viewer("王某", "10.1.2.3")
LI = Viewer("李某", "10.1.2.4")


def seen(engine: Engine, subject: str) -> int:
    with engine.connect() as connection:
        changes = last_changes(connection, UNRESTRICTED)
    return changes[subject].number if subject in changes else 0


@on_both
def test_a_county_is_named_and_pages_see_it(engine: Engine) -> None:
    before = data_version(engine)
    changed = county_settings.name_county(engine, WANG, " 某县 ", is_sample=True, seen=0)
    assert changed is not None
    known = county(engine, UNRESTRICTED)
    assert (known.name, known.is_sample) == ("某县", True)
    assert data_version(engine) != before
    with engine.connect() as connection:
        last = last_changes(connection, UNRESTRICTED)["county"]
        told = connection.scalar(select(deed.c.after).where(deed.c.number == last.number))
    assert last.by == "王某"
    assert json.loads(told or "") == {"county_name": "某县", "sample": True}
    # The same again is no deed.
    assert county_settings.name_county(engine, LI, "某县", is_sample=True) is None
    assert seen(engine, "county") == last.number
    for name in ("", "  ", "县\n名", "县" * 65):
        with pytest.raises(SettingProblem, match="县名"):
            county_settings.name_county(engine, WANG, name, is_sample=False)


@on_both
def test_what_somebody_else_has_changed_since_is_not_written_over(engine: Engine) -> None:
    county_settings.name_county(engine, WANG, "甲县", is_sample=False, seen=0)
    with pytest.raises(SettingProblem, match="王某 已于"):
        county_settings.name_county(engine, LI, "乙县", is_sample=False, seen=0)
    assert county(engine, UNRESTRICTED).name == "甲县"
    assert county_settings.name_county(engine, LI, "乙县", is_sample=False, seen=seen(engine, "county"))


@on_both
def test_the_countys_leagues_come_before_kinds(engine: Engine) -> None:
    county_settings.set_leagues(engine, WANG, {"100000001": "城区", "100000002": "城区"}, seen=0)
    known = county(engine, UNRESTRICTED)
    assert known.kinds == {"城区": ("100000001", "100000002"), "镇": ("100000003",)}
    assert known.own_leagues == {"城区"}
    with pytest.raises(SettingProblem, match="没有镇街"):
        county_settings.set_leagues(engine, WANG, {"999999999": "城区"})
    county_settings.set_leagues(engine, WANG, {"100000001": " "})
    assert county(engine, UNRESTRICTED).kinds == {"街道": ("100000001",), "镇": ("100000002", "100000003")}


@on_both
def test_an_alias_is_taken_away(engine: Engine) -> None:
    keep_township_alias(engine, "城关", "100000001", by=WANG)
    with engine.connect() as connection:
        assert county_settings.township_aliases(connection, WANG)["城关"] == "100000001"
    assert county_settings.remove_alias(engine, WANG, "城关")
    assert county_settings.remove_alias(engine, WANG, "城关") is None
    with engine.connect() as connection:
        assert "城关" not in read_places(connection).townships
    assert seen(engine, "alias 城关")


def test_settings_are_for_administrators(empty_engine: Engine) -> None:
    other = Viewer("张某", rights=frozenset(RIGHTS) - {"administer"})
    with pytest.raises(NotAllowed):
        county_settings.name_county(empty_engine, other, "甲县", is_sample=False)
    with pytest.raises(NotAllowed):
        county_settings.set_leagues(empty_engine, other, {})
    with empty_engine.connect() as connection, pytest.raises(NotAllowed):
        county_settings.township_aliases(connection, other)
