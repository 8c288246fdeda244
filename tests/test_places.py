"""What words mean which place: official names, codes, confirmed aliases and short forms, in this order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from data_access.access import UNRESTRICTED
from data_access.database import DatabaseProblem, engine_for
from data_access.importing.places import (
    Places,
    keep_township_alias,
    keep_village_alias,
    read_places,
)
from data_access.importing.problems import FileProblem
from data_access.places.imports import GRIDS
from data_access.places.tables import grid, township, township_alias, village
from data_access.schema import metadata
from tests.counties import empty_file

TOWNSHIPS = {"1": "钢山街道", "2": "香城镇", "3": "北宿镇"}
VILLAGES = [
    ("11", "1", "东村"),
    ("12", "1", "西关社区"),
    ("13", "1", "前庄"),
    ("14", "1", "前庄"),
    ("21", "2", "东村"),
    ("22", "2", "东村村"),
    ("23", "2", "南屯居"),
]


@pytest.fixture
def county(tmp_path: Path) -> Engine:
    engine = empty_file(tmp_path / "county.sqlite")
    with engine.begin() as connection:
        kinds = [{"code": code, "name": name, "kind": name[2:]} for code, name in TOWNSHIPS.items()]
        connection.execute(insert(township), kinds)
        names = ("code", "township_code", "name")
        connection.execute(insert(village), [dict(zip(names, row, strict=True)) for row in VILLAGES])
        connection.execute(insert(township_alias).values(alias="老城", township_code="1"))
    return engine


def places_of(engine: Engine) -> Places:
    with engine.connect() as connection:
        return read_places(connection)


def meaning(engine: Engine, township_code: str, word: str) -> str | None:
    places = places_of(engine)
    key = (township_code, word)
    return places.villages.get(key) or places.short_villages.get(key)


def rows(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {table.name: list(map(tuple, connection.execute(select(table)))) for table in metadata.sorted_tables}


@pytest.mark.parametrize("word", ["东村村委会", "东村村民委员会", "东村", "11", "钢山街道东村村委会"])
def test_the_committee_of_a_village(county: Engine, word: str) -> None:
    assert meaning(county, "1", word) == "11"


@pytest.mark.parametrize("word", ["西关社区居委会", "西关社区居民委员会", "西关", "钢山街道西关社区居委会"])
def test_the_committee_of_a_community(county: Engine, word: str) -> None:
    assert meaning(county, "1", word) == "12"


def test_a_committee_that_may_be_of_two_villages_is_of_none(county: Engine) -> None:
    """东村村 has the committee 东村村委会 too."""
    assert meaning(county, "2", "东村村委会") is None
    assert meaning(county, "2", "东村村村委会") == "22"
    assert meaning(county, "2", "东村") == "21"
    assert meaning(county, "2", "南屯居居委会") == "23"


def test_a_confirmed_alias_is_kept_once(county: Engine) -> None:
    for _ in range(2):
        keep_village_alias(county, "1", " 东庄（新村） ", "11", by=UNRESTRICTED)
        keep_township_alias(county, "香城街", "2", by=UNRESTRICTED)
    found = rows(county)
    assert found["village_alias"] == [("1", "东庄（新村）", "11")]
    assert found["township_alias"] == [("老城", "1"), ("香城街", "2")]
    assert meaning(county, "1", "东庄（新村）") == "11"
    assert meaning(county, "2", "东庄（新村）") is None
    assert places_of(county).townships["香城街"] == "2"


def test_what_already_means_the_place_is_not_kept(county: Engine) -> None:
    before = rows(county)
    keep_village_alias(county, "1", "东村", "11", by=UNRESTRICTED)
    keep_township_alias(county, "钢山街道", "1", by=UNRESTRICTED)
    keep_township_alias(county, "老城", "1", by=UNRESTRICTED)
    assert rows(county) == before


def test_an_alias_stays_when_a_short_form_gets_a_second_meaning(county: Engine) -> None:
    keep_village_alias(county, "1", "西关", "12", by=UNRESTRICTED)
    with county.begin() as connection:
        connection.execute(insert(village).values(code="15", township_code="1", name="西关村"))
    assert meaning(county, "1", "西关") == "12"
    assert meaning(county, "1", "西关村") == "15"


def test_a_name_and_a_code_come_before_an_alias(county: Engine) -> None:
    keep_village_alias(county, "1", "后庄", "11", by=UNRESTRICTED)
    keep_village_alias(county, "1", "99", "11", by=UNRESTRICTED)
    with county.begin() as connection:
        connection.execute(insert(village).values(code="99", township_code="1", name="后庄"))
    assert meaning(county, "1", "后庄") == meaning(county, "1", "99") == "99"


@pytest.mark.parametrize(
    ("word", "village_code", "why"),
    [
        ("西关社区", "11", "已指 12"),
        ("西关", "11", "已指 12"),
        ("12", "11", "已指 12"),
        ("旧名", "12", "已指 11"),
        ("前庄", "13", "几个同名"),
        ("无", "11", "1 至 64 个字"),
        ("　", "11", "1 至 64 个字"),
        ("长" * 65, "11", "1 至 64 个字"),
        ("新名", "21", "没有 21"),
        ("新名", "88", "没有 88"),
    ],
)
def test_a_word_that_means_something_else_is_refused(county: Engine, word: str, village_code: str, why: str) -> None:
    keep_village_alias(county, "1", "旧名", "11", by=UNRESTRICTED)
    before = rows(county)
    with pytest.raises(FileProblem, match=why) as caught:
        keep_village_alias(county, "1", word, village_code, by=UNRESTRICTED)
    assert "\n" not in caught.value.zh + caught.value.en
    assert rows(county) == before


@pytest.mark.parametrize(
    ("word", "code", "why"),
    [
        ("香城镇", "1", "已指 2"),
        ("香城", "1", "已指 2"),
        ("2", "1", "已指 2"),
        ("老城", "2", "已指 1"),
        ("x", "9", "没有 9"),
    ],
)
def test_a_township_that_means_something_else_is_refused(county: Engine, word: str, code: str, why: str) -> None:
    before = rows(county)
    with pytest.raises(FileProblem, match=why):
        keep_township_alias(county, word, code, by=UNRESTRICTED)
    assert rows(county) == before


def test_of_two_at_once_the_second_sees_the_first(county: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The word was free when the second looked, and taken when it wrote."""
    from data_access.importing import places

    empty = places_of(county)
    keep_village_alias(county, "1", "新名", "11", by=UNRESTRICTED)
    answers = [empty]
    monkeypatch.setattr(places, "read_places", lambda at: answers.pop() if answers else read_places(at))
    with pytest.raises(FileProblem, match="已指 11"):
        keep_village_alias(county, "1", "新名", "12", by=UNRESTRICTED)
    answers.append(empty)
    keep_village_alias(county, "1", "新名", "11", by=UNRESTRICTED)
    assert rows(county)["village_alias"] == [("1", "新名", "11")]


def test_a_database_that_refuses_is_a_problem_in_words(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem, match="没有记下这个别名") as caught:
        keep_township_alias(
            engine_for(f"sqlite:///{(tmp_path / 'empty.sqlite').as_posix()}"), "某人", "1", by=UNRESTRICTED
        )
    assert "某人" not in str(caught.value)


# --- Grids and those above them -----------------------------------------------------------------------


def grids(*pairs: tuple[str, str | None]) -> list[tuple[int, dict[str, Any]]]:
    return [
        (number, {"township_code": "1", "grid_code": code, "parent_code": parent})
        for number, (code, parent) in enumerate(pairs, 2)
    ]


def test_a_rejected_grid_takes_those_below_it_with_it() -> None:
    there = Places({}, {}, parents={grid.name: {("1", "old"), ("2", "other")}})
    lines = grids(
        ("d", "c"), ("c", "b"), ("b", "missing"), ("ok", "old"), ("top", None), ("below", "top"), ("self", "self")
    )
    lines += grids(("under", "self"), ("x", "other"), ("old", "missing"), ("y", "old"))
    lines = [(number, row) for number, (_, row) in enumerate(lines, 2)]
    found = {number: fault.zh for number, (_, fault) in GRIDS.together(lines, there)}
    codes = {row["grid_code"]: found.get(number) for number, row in lines}
    assert {code for code, zh in codes.items() if zh} == {"d", "c", "b", "self", "under", "x", "old"}
    assert codes["self"] == "网格不能是自己的上级"
    assert codes["under"] == codes["d"] == "镇街没有这个网格，或它所在的行有问题"


def test_grids_in_a_circle_are_rejected_with_those_below() -> None:
    lines = grids(("a", "b"), ("b", "c"), ("c", "a"), ("below", "a"), ("ok", "old"), ("x", "old"), ("old", "y"))
    lines += [(number, row | {"township_code": "2"}) for number, row in grids(("a", "b"), ("b", None))]
    lines = [(number, row) for number, (_, row) in enumerate(lines, 2)]
    there = Places({}, {}, parents={grid.name: {("1", "old"), ("1", "y")}})
    found = {number: fault.zh for number, (_, fault) in GRIDS.together(lines, there)}
    above = "镇街没有这个网格，或它所在的行有问题"
    assert found == dict.fromkeys((2, 3, 4), "网格互为上级") | {5: above}
